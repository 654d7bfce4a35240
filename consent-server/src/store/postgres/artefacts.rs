//! The statements of what was published.

use super::log;
use super::session::{Session, Values, get};
use super::sql::statements;
use super::sums;
use crate::store::{Artefact, ArtefactKind, StoreError, leaf_of_artefact};
use consent_core::digest::Digest;
use consent_core::id::SiteId;
use consent_core::time::UnixSeconds;
use std::collections::BTreeSet;

statements! {
    /// Those of these digests that are there, of whatever kind and site.
    THERE = "SELECT digest, kind, site FROM artefacts WHERE digest = ANY($1)";
    KEEP = "INSERT INTO artefacts (digest, kind, site, content, kept_at, place)
        SELECT * FROM unnest($1::bytea[], $2::text[], $3::text[], $4::bytea[], $5::int8[], $6::int8[])
        ON CONFLICT (digest, kind, site) DO NOTHING";
    CONTENT = "SELECT content FROM artefacts WHERE digest = $1 AND kind = $2 AND site = $3";
    CONTENT_BETWEEN = "SELECT content FROM artefacts WHERE digest BETWEEN $1 AND $2 AND kind = $3 AND site = $4 LIMIT 1";
    OF_SITE = "SELECT digest, content, kept_at FROM artefacts WHERE site = $1 AND kind = $2 ORDER BY digest";
    PLACE = "SELECT place FROM artefacts WHERE digest = $1 AND kind = $2 AND site = $3";
    NOTE_PUBLISHED = "INSERT INTO published (site, declaration) VALUES ($1, $2)
        ON CONFLICT (site) DO UPDATE SET declaration = excluded.declaration, sum = CASE WHEN octet_length(published.sum) = 0 THEN published.sum END
        WHERE published.declaration <> excluded.declaration";
    LAST_PUBLISHED = "SELECT declaration FROM published WHERE site = $1";
    SITES = "SELECT id FROM sites UNION SELECT site FROM published";
}

/// A digest, a kind and a site: what an artefact is found by.
type Key = (Vec<u8>, String, String);

/// How a site stands in a row.
fn column(site: Option<&SiteId>) -> &str {
    site.map_or("", SiteId::as_str)
}

pub(super) async fn keep(session: &mut Session, artefacts: &[Artefact]) -> Result<(), StoreError> {
    if artefacts.is_empty() {
        return Ok(());
    }
    session.begin_transaction().await?;
    // Whoever keeps the same waits here, and finds it kept.
    let first = log::lock_next(session).await?;
    let digests: Vec<&[u8]> = artefacts
        .iter()
        .map(|kept| &kept.digest.as_bytes()[..])
        .collect();
    let mut there = keys(session, &digests).await?;
    let mut new: Vec<&Artefact> = Vec::new();
    for artefact in artefacts {
        let key = (
            artefact.digest.as_bytes().to_vec(),
            artefact.kind.as_str().to_owned(),
            column(artefact.site.as_ref()).to_owned(),
        );
        if there.insert(key) {
            new.push(artefact);
        }
    }
    let mut leaves = Vec::new();
    let mut places: Vec<Option<i64>> = Vec::new();
    for artefact in &new {
        let is_logged = artefact.kind != ArtefactKind::File;
        places.push(is_logged.then(|| first + i64::try_from(leaves.len()).unwrap_or(i64::MAX)));
        if is_logged {
            let site = column(artefact.site.as_ref());
            leaves.push(leaf_of_artefact(artefact.kind, site, &artefact.digest));
        }
    }
    let digests: Vec<&[u8]> = new.iter().map(|kept| &kept.digest.as_bytes()[..]).collect();
    let kinds: Vec<&str> = new.iter().map(|kept| kept.kind.as_str()).collect();
    let sites: Vec<&str> = new.iter().map(|kept| column(kept.site.as_ref())).collect();
    let contents: Vec<&[u8]> = new.iter().map(|kept| &kept.content[..]).collect();
    let kept_at: Vec<i64> = new.iter().map(|kept| kept.kept_at.get()).collect();
    session
        .execute(
            KEEP,
            &[&digests, &kinds, &sites, &contents, &kept_at, &places],
        )
        .await?;
    sums::add(session, &sums::OF_ARTEFACTS).await?;
    log::add(session, first, &leaves).await?;
    session.commit().await
}

async fn keys(session: &mut Session, digests: &[&[u8]]) -> Result<BTreeSet<Key>, StoreError> {
    let rows = session.rows(THERE, &[&digests]).await?;
    let keys = rows
        .iter()
        .map(|row| Ok((get(row, 0)?, get(row, 1)?, get(row, 2)?)));
    keys.collect()
}

pub(super) async fn content(
    session: &mut Session,
    site: Option<&SiteId>,
    kind: ArtefactKind,
    digest: &Digest,
) -> Result<Option<Vec<u8>>, StoreError> {
    let (digest, kind) = (&digest.as_bytes()[..], kind.as_str());
    let row = session
        .row(CONTENT, &[&digest, &kind, &column(site)])
        .await?;
    row.map(|row| get(&row, 0)).transpose()
}

/// By the digest, which the table's key begins with.
pub(super) async fn content_between(
    session: &mut Session,
    site: &SiteId,
    kind: ArtefactKind,
    (least, greatest): &(Digest, Digest),
) -> Result<Option<Vec<u8>>, StoreError> {
    let (least, greatest) = (&least.as_bytes()[..], &greatest.as_bytes()[..]);
    let (kind, site) = (kind.as_str(), site.as_str());
    let row = session
        .row(CONTENT_BETWEEN, &[&least, &greatest, &kind, &site])
        .await?;
    row.map(|row| get(&row, 0)).transpose()
}

pub(super) async fn missing(
    session: &mut Session,
    artefacts: &[(Option<&SiteId>, ArtefactKind, Digest)],
) -> Result<BTreeSet<Digest>, StoreError> {
    let digests: Vec<&[u8]> = artefacts
        .iter()
        .map(|(_, _, digest)| &digest.as_bytes()[..])
        .collect();
    let there = keys(session, &digests).await?;
    let is_missing = |(site, kind, digest): &&(Option<&SiteId>, ArtefactKind, Digest)| {
        let (kind, site) = (kind.as_str().to_owned(), column(*site).to_owned());
        !there.contains(&(digest.as_bytes().to_vec(), kind, site))
    };
    let missing = artefacts.iter().filter(is_missing);
    Ok(missing.map(|(_, _, digest)| *digest).collect())
}

pub(super) async fn of_site(
    session: &mut Session,
    site: &SiteId,
    kind: ArtefactKind,
) -> Result<Vec<Artefact>, StoreError> {
    let rows = session
        .rows(OF_SITE, &[&site.as_str(), &kind.as_str()])
        .await?;
    let mut artefacts = Vec::new();
    for row in rows {
        artefacts.push(Artefact {
            digest: digest(get(&row, 0)?)?,
            kind,
            site: Some(site.clone()),
            content: get(&row, 1)?,
            kept_at: UnixSeconds::new(get(&row, 2)?)
                .map_err(|_| StoreError::Corrupt("time of an artefact"))?,
        });
    }
    Ok(artefacts)
}

/// The place of an artefact in the log.
pub(super) async fn place(
    session: &mut Session,
    site: Option<&SiteId>,
    kind: ArtefactKind,
    digest: &Digest,
) -> Result<Option<u64>, StoreError> {
    let (digest, kind) = (&digest.as_bytes()[..], kind.as_str());
    let row = session.row(PLACE, &[&digest, &kind, &column(site)]).await?;
    let place: Option<i64> = row.map_or(Ok(None), |row| get(&row, 0))?;
    place.map(log::count).transpose()
}

pub(super) async fn note_published(
    session: &mut Session,
    declarations: &[(SiteId, Digest)],
) -> Result<(), StoreError> {
    session.begin_transaction().await?;
    let sites: Vec<&str> = declarations.iter().map(|(site, _)| site.as_str()).collect();
    let of_sites: &Values<'_> = &[&sites];
    sums::keep_wrong(session, &sums::OF_PUBLISHED, sums::LAST_PUBLISHED, of_sites).await?;
    for (site, digest) in declarations {
        let digest = &digest.as_bytes()[..];
        session
            .execute(NOTE_PUBLISHED, &[&site.as_str(), &digest])
            .await?;
    }
    sums::add(session, &sums::OF_PUBLISHED).await?;
    session.commit().await
}

pub(super) async fn last_published(
    session: &mut Session,
    site: &SiteId,
) -> Result<Option<Digest>, StoreError> {
    let row = session.row(LAST_PUBLISHED, &[&site.as_str()]).await?;
    row.map(|row| digest(get(&row, 0)?)).transpose()
}

/// In the order of their ids, whatever the database's order of texts is.
pub(super) async fn sites(session: &mut Session) -> Result<Vec<SiteId>, StoreError> {
    let mut sites = BTreeSet::new();
    for row in session.rows(SITES, &[]).await? {
        let id: &str = get(&row, 0)?;
        sites.insert(id.parse().map_err(|_| StoreError::Corrupt("site"))?);
    }
    Ok(sites.into_iter().collect())
}

fn digest(stored: &[u8]) -> Result<Digest, StoreError> {
    let bytes = stored.try_into();
    bytes
        .map(Digest::from_bytes)
        .map_err(|_| StoreError::Corrupt("digest"))
}
