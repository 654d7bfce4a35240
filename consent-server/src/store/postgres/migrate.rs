//! Brings a database to the newest format, one numbered file at a time.

use super::error::PostgresError;
use super::session::{Session, get};
use super::sql::statements;
use super::statistics;
use super::sums;
use super::uuid::Uuid;
use crate::clock::random;
use crate::store::StoreError;
use tokio_postgres::error::SqlState;

/// In order; a released one never changes. `meta.format` counts those that were applied.
const MIGRATIONS: &[&str] = &[
    include_str!("../../../migrations/postgres/001_all.sql"),
    include_str!("../../../migrations/postgres/002_daily_counts.sql"),
    include_str!("../../../migrations/postgres/003_row_sums.sql"),
    include_str!("../../../migrations/postgres/004_no_act_counts.sql"),
    include_str!("../../../migrations/postgres/005_continued_places.sql"),
];

/// The format from which on decisions are counted by day: what that takes stands in the receipts alone.
const WITH_DAILY_COUNTS: usize = 2;

/// The format from which on rows have sums.
const WITH_ROW_SUMS: usize = 3;

/// The table that all processes meet at, before there is any other.
const META: &str = "CREATE TABLE IF NOT EXISTS meta (
    one     int4 PRIMARY KEY CHECK (one = 1),
    format  int4 NOT NULL,
    cluster uuid NOT NULL                           -- made once: a process that finds another is not where it was
)";

statements! {
    BEGIN_META = "INSERT INTO meta (one, format, cluster) VALUES (1, 0, $1) ON CONFLICT (one) DO NOTHING";
    LOCK_META = "SELECT format FROM meta WHERE one = 1 FOR UPDATE";
    SET_FORMAT = "UPDATE meta SET format = $1 WHERE one = 1";
}

/// Asked for before there is a table; so it cannot be prepared with those that name it.
const HAS_META: &str =
    "SELECT 1 FROM pg_class WHERE relname = 'meta' AND relkind = 'r' AND pg_table_is_visible(oid)";

/// What `IF NOT EXISTS` answers when another's table comes between its look and its making: by the step at which it comes.
const MADE_MEANWHILE: [SqlState; 3] = [
    SqlState::UNIQUE_VIOLATION,
    SqlState::DUPLICATE_TABLE,
    SqlState::DUPLICATE_OBJECT,
];

const FORMAT: &str = "SELECT format FROM meta WHERE one = 1";

/// How the tables of a database stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// There are none.
    None,
    /// They are of an earlier format.
    Older(usize),
    /// As this program makes them.
    Newest,
    /// Of a later format.
    Newer(usize),
}

impl Format {
    /// The newest.
    pub(super) const KNOWN: usize = MIGRATIONS.len();

    fn of(stored: i32) -> Result<Self, StoreError> {
        let applied = usize::try_from(stored).map_err(|_| StoreError::Corrupt("format number"))?;
        Ok(match applied {
            0 => Self::None,
            applied if applied < Self::KNOWN => Self::Older(applied),
            applied if applied == Self::KNOWN => Self::Newest,
            applied => Self::Newer(applied),
        })
    }
}

/// Changes nothing.
pub(super) async fn format(session: &Session) -> Result<Format, StoreError> {
    let client = session.client();
    if client.query_opt(HAS_META, &[]).await?.is_none() {
        return Ok(Format::None);
    }
    match client.query_opt(FORMAT, &[]).await? {
        Some(row) => Format::of(get(&row, 0)?),
        None => Ok(Format::None),
    }
}

/// Under the lock of `meta`: two processes that start together must not both migrate.
pub(super) async fn to_newest(session: &mut Session, at: &str) -> Result<(), StoreError> {
    make_meta(session).await?;
    session.begin_transaction().await?;
    let cluster = Uuid(random()?);
    session.execute(BEGIN_META, &[&cluster]).await?;
    let format: i32 = get(&session.one(LOCK_META, &[]).await?, 0)?;
    let applied = match Format::of(format)? {
        Format::None => 0,
        Format::Older(applied) => applied,
        Format::Newest => Format::KNOWN,
        Format::Newer(found) => {
            let (at, known) = (at.to_owned(), Format::KNOWN);
            return Err(PostgresError::Newer { at, found, known }.into());
        }
    };
    for migration in MIGRATIONS.iter().skip(applied) {
        session.client().batch_execute(migration).await?;
    }
    if (1..WITH_DAILY_COUNTS).contains(&applied) {
        statistics::count_all(session).await?;
    }
    if (1..WITH_ROW_SUMS).contains(&applied) {
        for table in &sums::TABLES {
            sums::add(session, table).await?;
        }
    }
    let newest = i32::try_from(Format::KNOWN).map_err(|_| StoreError::Corrupt("format number"))?;
    session.execute(SET_FORMAT, &[&newest]).await?;
    session.commit().await
}

/// Two that make it at the same time get in each other's way, although both ask whether it is there.
async fn make_meta(session: &Session) -> Result<(), StoreError> {
    if format(session).await? != Format::None {
        return Ok(());
    }
    match session.client().batch_execute(META).await {
        Err(error)
            if error
                .code()
                .is_some_and(|code| MADE_MEANWHILE.contains(code)) =>
        {
            Ok(())
        }
        made => Ok(made?),
    }
}
