//! The statements that tell which sites there ever were, and what each has published last.

use crate::store::StoreError;
use consent_core::digest::Digest;
use consent_core::id::SiteId;
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};

pub(super) fn note(
    connection: &mut Connection,
    declarations: &[(SiteId, Digest)],
) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    {
        // A start that changes nothing writes nothing.
        let mut note = transaction.prepare_cached(
            "INSERT INTO published (site, declaration) VALUES (?1, ?2)
             ON CONFLICT DO UPDATE SET declaration = excluded.declaration WHERE declaration <> excluded.declaration",
        )?;
        for (site, digest) in declarations {
            note.execute(params![site.as_str(), digest.as_bytes()])?;
        }
    }
    transaction.commit()?;
    Ok(())
}

pub(super) fn last(connection: &Connection, site: &SiteId) -> Result<Option<Digest>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT declaration FROM published WHERE site = ?1")?;
    let found = statement.query_row([site.as_str()], |row| row.get(0));
    Ok(found.optional()?.map(Digest::from_bytes))
}

pub(super) fn sites(connection: &Connection) -> Result<Vec<SiteId>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT id FROM sites UNION SELECT site FROM published ORDER BY 1")?;
    let ids = statement.query_map([], |row| row.get::<_, String>(0))?;
    ids.map(|id| id?.parse().map_err(|_| StoreError::Corrupt("site")))
        .collect()
}
