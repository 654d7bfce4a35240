//! A look at everything in the database, which changes nothing.

use super::error::PostgresError;
use super::error::at;
use super::fence::LOG;
use super::opening::{Opening, Source, settle};
use super::session::{Session, get};
use super::sql::statements;
use super::url::PostgresUrl;
use super::uuid::Uuid;
use super::{log, statistics, sums};
use crate::store::inspection::{
    Damage, InspectedArtefact, InspectedLine, InspectedLog, InspectedReceipt, InspectedSite,
    InspectedTile, InspectedToken, InspectedWaiting, Inspection, PLACE_BITS,
};
use crate::store::{Counts, Direction, StoreError, numbers};
use consent_core::digest::Digest;
use consent_core::merkle::Tile;
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};
use tokio_postgres::Row;

/// How many artefacts, and how many lines of the trail, are read in one go.
const ARTEFACTS: i64 = 50;
const LINES: i64 = 1000;

/// The tables, for a look at each page of theirs.
const TABLES: [&str; 20] = [
    "artefacts",
    "audit",
    "audit_next",
    "choice_counts",
    "decision_counts",
    "holds",
    "leases",
    "log_next",
    "log_tiles",
    "log_tree",
    "log_waiting",
    "meta",
    "moments",
    "published",
    "receipts",
    "removed",
    "site_next",
    "sites",
    "tallies",
    "tokens",
];

statements! {
    LOG_ROW = "SELECT log_tree.origin, log_next.next, log_tree.size, log_tree.minimum FROM log_tree JOIN log_next ON log_next.log = log_tree.log WHERE log_tree.log = $1";
    GONE = "SELECT coalesce(sum(gone), 0)::int8 FROM sites";
    TILES = "SELECT level, index, length(hashes)::int8 FROM log_tiles WHERE log = $1";
    WAITING = "SELECT first, hashes FROM log_waiting WHERE log = $1 ORDER BY first";
    ARTEFACTS_AFTER = "SELECT digest, kind, site, content, place, kept_at FROM artefacts
        WHERE (digest, kind, site) > ($1, $2, $3) AND ($4::text IS NULL OR kind = $4) ORDER BY digest, kind, site LIMIT $5";
    HAS_FILE = "SELECT 1 FROM artefacts WHERE digest = $1 AND kind = 'file' AND site = ''";
    SHOWN = "SELECT kind, site, digest FROM artefacts WHERE kind IN ('notice', 'scope')";
    LOGGED_ARTEFACTS = "SELECT count(*) FROM artefacts WHERE place IS NOT NULL";
    SITES = "SELECT sites.number, sites.id, coalesce(site_next.next, 1), sites.tallied, coalesce(site_next.continued, 0) - sites.continued_gone
        FROM sites LEFT JOIN site_next ON site_next.site = sites.number";
    RECEIPTS_AFTER = "SELECT site, seq, record_id, subject, act, decided_at, received_at, expires_at, receipt, place, salt, continues, day_shift
        FROM receipts WHERE (site, seq) > ($1, $2) ORDER BY site, seq LIMIT $3";
    REMOVED_OF = "SELECT first, last FROM removed WHERE site = $1 AND first <= $3 AND last >= $2 ORDER BY first";
    REMOVED = "SELECT site, first, last FROM removed ORDER BY site, first";
    TALLIES = "SELECT site, sum(count)::int8 FROM tallies GROUP BY site";
    HELD = "SELECT site FROM holds";
    TOKENS = "SELECT hash, role, label, created_at FROM tokens";
    PUBLISHED = "SELECT site FROM published";
    LINES_COUNTED = "SELECT (SELECT next FROM audit_next WHERE one = 1) - 1, count(*), coalesce(max(seq), 0) FROM audit";
    LINES_AFTER = "SELECT seq, at, action, site, rows, filter FROM audit WHERE seq > $1 AND action IN ($2, $3) ORDER BY seq LIMIT $4";
}

/// A database, as it was when this was opened.
pub(crate) struct PostgresInspection {
    url: PostgresUrl,
    view: Mutex<Session>,
    // Last: it drives the session.
    source: Source,
}

impl PostgresInspection {
    pub(crate) fn open(url: &PostgresUrl) -> Result<Self, StoreError> {
        let source = Source::of(url)?;
        source.once(&source.reading(), async |session| {
            settle(session, url, Opening::Existing).await
        })?;
        let begun = source.runtime.wait(async {
            let mut session = Session::begin(&source.inspecting()).await?;
            // The view is of the moment of its first statement.
            session.one(LOG_ROW, &[&LOG]).await?;
            Ok(session)
        });
        let view = begun.map_err(|error| at(error, url))?;
        Ok(Self {
            url: url.clone(),
            view: Mutex::new(view),
            source,
        })
    }

    fn look<T>(
        &self,
        look: impl AsyncFnOnce(&mut Session) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut view = self.view.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = self.source.runtime.wait(look(&mut view));
        seen.map_err(|error| at(error, &self.url))
    }

    fn rows<T>(
        &self,
        sql: super::sql::Sql,
        values: &super::session::Values<'_>,
        to: impl FnMut(&Row) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let rows = self.look(async |session| session.rows(sql, values).await)?;
        rows.iter().map(to).collect()
    }

    /// The lines of the trail are numbered without a gap, and the last number is counted apart.
    fn trail(
        &self,
        told: &mut dyn FnMut(Damage) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, StoreError> {
        let row = self.look(async |session| session.one(LINES_COUNTED, &[]).await)?;
        let (written, there, last): (i64, i64, i64) = (get(&row, 0)?, get(&row, 1)?, get(&row, 2)?);
        let wrong = if last > written {
            format!("the last line is numbered {last}, and {written} are counted")
        } else if there != written {
            format!("{written} lines were written, and {there} are there")
        } else {
            return Ok(ControlFlow::Continue(()));
        };
        let place = "table audit".to_owned();
        Ok(told(Damage { place, wrong }))
    }

    fn names(&self, sql: super::sql::Sql) -> Result<BTreeSet<String>, StoreError> {
        let names = self.rows(sql, &[], |row| get(row, 0))?;
        Ok(names.into_iter().collect())
    }
}

impl Inspection for PostgresInspection {
    /// Reads every page: with checksums on, the database says which ones were spoilt.
    fn damage(&self, told: &mut dyn FnMut(Damage) -> ControlFlow<()>) -> Result<u64, StoreError> {
        let mut looked_at = 0;
        if self.trail(told)?.is_break() {
            return Ok(looked_at);
        }
        for table in &sums::TABLES {
            let mut is_enough = false;
            let mut tell = |place| {
                let wrong = "its values are not those that were written".to_owned();
                let told = told(Damage { place, wrong });
                is_enough = told.is_break();
                told
            };
            let found = self.look(async |session| sums::wrong(session, table, &mut tell).await);
            // Told of below, by its page.
            if !found.as_ref().is_err_and(is_damage) {
                found?;
            }
            if is_enough {
                return Ok(looked_at);
            }
        }
        for table in TABLES {
            // Each with a session of its own: after what it is to find, none is of use.
            let counted = self.source.once(&self.source.reading(), async |session| {
                let count = format!("SELECT count(*) FROM {table}");
                let row = session.client().query_one(&count, &[]).await?;
                get::<i64>(&row, 0)
            });
            match counted {
                Ok(rows) => looked_at += rows.unsigned_abs(),
                Err(error) if is_damage(&error) => {
                    let place = format!("table {table}");
                    let wrong = format!("{error}. Restore it from a backup");
                    if told(Damage { place, wrong }).is_break() {
                        break;
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(looked_at)
    }

    fn log(&self) -> Result<InspectedLog, StoreError> {
        let (row, gone) = self.look(async |session| {
            let row = session.one(LOG_ROW, &[&LOG]).await?;
            Ok((row, session.one(GONE, &[]).await?))
        })?;
        Ok(InspectedLog {
            origin: get(&row, 0)?,
            next: get(&row, 1)?,
            size: get(&row, 2)?,
            minimum: get(&row, 3)?,
            gone: get(&gone, 0)?,
            looked: None,
        })
    }

    fn tile(&self, tile: Tile) -> Result<Option<Vec<u8>>, StoreError> {
        self.look(async |session| log::tile(session, tile).await)
    }

    fn tiles(&self) -> Result<Vec<InspectedTile>, StoreError> {
        self.rows(TILES, &[&LOG], |row| {
            let (level, index): (i16, i64) = (get(row, 0)?, get(row, 1)?);
            let at = u8::try_from(level).ok().zip(u64::try_from(index).ok());
            Ok(InspectedTile {
                name: format!("row {level}/{index} of table log_tiles"),
                at,
                bytes: get(row, 2)?,
            })
        })
    }

    fn waiting(&self) -> Result<Vec<InspectedWaiting>, StoreError> {
        self.rows(WAITING, &[&LOG], |row| {
            let first: i64 = get(row, 0)?;
            Ok(InspectedWaiting {
                name: format!("row {first} of table log_waiting"),
                first,
                hashes: get(row, 1)?,
                // The pages have sums, the rows have none.
                is_sound: true,
            })
        })
    }

    fn artefacts(
        &self,
        kind: Option<&str>,
        each: &mut dyn FnMut(InspectedArtefact) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let (mut digest, mut of_kind, mut site) = (Vec::new(), String::new(), String::new());
        loop {
            let values: &super::session::Values<'_> =
                &[&digest, &of_kind, &site, &kind, &ARTEFACTS];
            let found = self.rows(ARTEFACTS_AFTER, values, |row| {
                Ok(InspectedArtefact {
                    digest: get(row, 0)?,
                    kind: get(row, 1)?,
                    site: get(row, 2)?,
                    content: get(row, 3)?,
                    place: get(row, 4)?,
                    kept_at: get(row, 5)?,
                })
            })?;
            let Some(last) = found.last() else {
                return Ok(());
            };
            (digest, of_kind, site) = (last.digest.clone(), last.kind.clone(), last.site.clone());
            for artefact in found {
                if each(artefact).is_break() {
                    return Ok(());
                }
            }
        }
    }

    fn has_file(&self, digest: &Digest) -> Result<bool, StoreError> {
        let digest = &digest.as_bytes()[..];
        let found = self.look(async |session| session.row(HAS_FILE, &[&digest]).await)?;
        Ok(found.is_some())
    }

    fn shown(&self) -> Result<BTreeSet<(String, String, [u8; 32])>, StoreError> {
        let shown = self.rows(SHOWN, &[], |row| {
            let digest: &[u8] = get(row, 2)?;
            let digest = digest.try_into();
            let digest = digest.map_err(|_| StoreError::Corrupt("digest"))?;
            Ok((get(row, 0)?, get(row, 1)?, digest))
        })?;
        Ok(shown.into_iter().collect())
    }

    fn logged_artefacts(&self) -> Result<i64, StoreError> {
        let row = self.look(async |session| session.one(LOGGED_ARTEFACTS, &[]).await)?;
        get(&row, 0)
    }

    fn sites(&self) -> Result<Vec<InspectedSite>, StoreError> {
        self.rows(SITES, &[], |row| {
            Ok(InspectedSite {
                number: get::<i32>(row, 0)?.into(),
                id: get(row, 1)?,
                next: get(row, 2)?,
                tallied: get(row, 3)?,
                continued: get(row, 4)?,
            })
        })
    }

    fn receipts(&self, after: i64, limit: u32) -> Result<Vec<InspectedReceipt>, StoreError> {
        let place = after & ((1 << PLACE_BITS) - 1);
        let site = i32::try_from(after >> PLACE_BITS).unwrap_or(i32::MAX);
        self.rows(RECEIPTS_AFTER, &[&site, &place, &i64::from(limit)], receipt)
    }

    fn removed(&self, site: i64, first: i64, last: i64) -> Result<Vec<(i64, i64)>, StoreError> {
        let site = i32::try_from(site).unwrap_or(i32::MAX);
        self.rows(REMOVED_OF, &[&site, &first, &last], |row| {
            Ok((get(row, 0)?, get(row, 1)?))
        })
    }

    fn all_removed(&self) -> Result<Vec<(i64, i64, i64)>, StoreError> {
        self.rows(REMOVED, &[], |row| {
            Ok((get::<i32>(row, 0)?.into(), get(row, 1)?, get(row, 2)?))
        })
    }

    fn tallies(&self) -> Result<Vec<(String, i64)>, StoreError> {
        self.rows(TALLIES, &[], |row| Ok((get(row, 0)?, get(row, 1)?)))
    }

    fn daily_counts(&self, direction: Direction) -> Result<Counts, StoreError> {
        self.look(async |session| statistics::all(session, direction).await)
    }

    fn held(&self) -> Result<BTreeSet<String>, StoreError> {
        self.names(HELD)
    }

    fn tokens(&self) -> Result<Vec<InspectedToken>, StoreError> {
        self.rows(TOKENS, &[], |row| {
            Ok(InspectedToken {
                hash: get(row, 0)?,
                role: get(row, 1)?,
                label: get(row, 2)?,
                created_at: get(row, 3)?,
            })
        })
    }

    fn published(&self) -> Result<BTreeSet<String>, StoreError> {
        self.names(PUBLISHED)
    }

    fn told(
        &self,
        actions: [&str; 2],
        each: &mut dyn FnMut(InspectedLine) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        let [one, other] = actions;
        let mut after = 0;
        loop {
            let lines = self.rows(LINES_AFTER, &[&after, &one, &other, &LINES], |row| {
                Ok(InspectedLine {
                    number: get(row, 0)?,
                    at: get(row, 1)?,
                    action: get(row, 2)?,
                    site: get(row, 3)?,
                    rows: get(row, 4)?,
                    filter: get(row, 5)?,
                })
            })?;
            let Some(last) = lines.last() else {
                return Ok(());
            };
            after = last.number;
            for line in lines {
                if each(line).is_break() {
                    return Ok(());
                }
            }
        }
    }
}

fn receipt(row: &Row) -> Result<InspectedReceipt, StoreError> {
    let (site, seq): (i32, i64) = (get(row, 0)?, get(row, 1)?);
    let (id, subject): (Uuid, Uuid) = (get(row, 2)?, get(row, 3)?);
    let stored: i16 = get(row, 4)?;
    let continues: bool = get(row, 11)?;
    Ok(InspectedReceipt {
        key: i64::from(site) << PLACE_BITS | seq,
        record_id: id.0.to_vec(),
        subject: subject.0.to_vec(),
        // What is no act is shown as it is there.
        act: numbers::act(stored).map_or_else(|_| stored.to_string(), |act| act.to_string()),
        decided_at: get(row, 5)?,
        received_at: get(row, 6)?,
        expires_at: get(row, 7)?,
        receipt: get(row, 8)?,
        leaf: Some(get(row, 9)?),
        salt: Some(get(row, 10)?),
        continues: continues.then_some(1),
        day_shift: get::<i16>(row, 12)?.into(),
    })
}

/// Whether the database has found its own files spoilt: class XX of its codes.
fn is_damage(error: &StoreError) -> bool {
    matches!(
        PostgresError::of(error),
        Some(PostgresError::Database(database)) if database.code().is_some_and(|code| code.code().starts_with("XX"))
    )
}
