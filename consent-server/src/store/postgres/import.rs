//! What is stored elsewhere, put into a new database with its numbers and places. It can be interrupted and begun again: what is
//! there already stays, and no server opens the database before all of it is.

use super::error::PostgresError;
use super::fence::LOG;
use super::lease::{self, Lease};
use super::log::{PUT_TILES, key};
use super::month::{Month, Months};
use super::opening::{Opening, Source, settle};
use super::pool::Pool;
use super::session::{Session, Values, get};
use super::sql::statements;
use super::tenure::{Tenure, holder};
use super::url::PostgresUrl;
use super::uuid::Uuid;
use super::{artefacts, removal, statistics, sums, tokens};
use crate::store::inspection::{
    InspectedArtefact, InspectedLog, InspectedReceipt, InspectedSite, InspectedWaiting, PLACE_BITS,
};
use crate::store::{
    Counts, Direction, Hold, Moment, StoreError, StoredAccess, StoredToken, Tally, numbers,
};
use consent_core::digest::Digest;
use consent_core::id::{RecordId, SiteId};
use consent_core::time::UnixSeconds;
use std::collections::BTreeSet;

statements! {
    IS_MOVING = "SELECT 1 FROM moments WHERE what = 'moving'";
    MARK = "INSERT INTO moments (what, at) VALUES ('moving', 0) ON CONFLICT (what) DO NOTHING";
    UNMARK = "DELETE FROM moments WHERE what = 'moving'";
    IS_USED = "SELECT 1 FROM log_next WHERE next > 0 UNION SELECT 1 FROM audit UNION SELECT 1 FROM tokens UNION SELECT 1 FROM sites LIMIT 1";
    LAST_RECEIPT = "SELECT site, seq FROM receipts ORDER BY site DESC, seq DESC LIMIT 1";
    ADD_SITE = "INSERT INTO sites (id, number, tallied, gone) VALUES ($1, $2, $3, $4)
        ON CONFLICT (id) DO UPDATE SET number = excluded.number, tallied = excluded.tallied, gone = excluded.gone, sum = NULL";
    SET_PLACE = "INSERT INTO site_next (site, next, continued) VALUES ($1, $2, $3)
        ON CONFLICT (site) DO UPDATE SET next = excluded.next, continued = excluded.continued";
    ADD_REMOVED = "INSERT INTO removed (site, first, last) VALUES ($1, $2, $3) ON CONFLICT (site, first) DO UPDATE SET last = excluded.last, sum = NULL";
    ADD_RECEIPTS = "INSERT INTO receipts (record_id, site, seq, place, subject, act, continues, decided_at, received_at, expires_at, salt, receipt, day_shift)
        SELECT * FROM unnest($1::uuid[], $2::int4[], $3::int8[], $4::int8[], $5::uuid[], $6::int2[], $7::bool[], $8::int8[], $9::int8[], $10::int8[], $11::bytea[], $12::text[], $13::int2[])
        ON CONFLICT (record_id) DO NOTHING";
    ADD_ARTEFACT = "INSERT INTO artefacts (digest, kind, site, content, kept_at, place) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (digest, kind, site) DO NOTHING";
    ADD_TOKEN = "INSERT INTO tokens (hash, role, sites, label, created_at, expires_at, used_on) VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (hash) DO NOTHING";
    SET_TALLY = "INSERT INTO tallies (site, month, act, granted, count) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (site, month, act, granted) DO UPDATE SET count = excluded.count, sum = NULL";
    ADD_LINE = "INSERT INTO audit (seq, at, who, token, role, action, site, filter, rows, manifest)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (seq) DO NOTHING";
    SET_MOMENT = "INSERT INTO moments (what, at) VALUES ($1, $2) ON CONFLICT (what) DO UPDATE SET at = excluded.at, sum = NULL";
    ADD_WAITING = "INSERT INTO log_waiting (log, first, hashes) VALUES ($1, $2, $3) ON CONFLICT (log, first) DO NOTHING";
    SET_TREE = "UPDATE log_tree SET origin = $2, size = $3, minimum = $4 WHERE log = $1";
    SET_NEXT = "UPDATE log_next SET next = $2 WHERE log = $1";
    SET_NEXT_LINE = "UPDATE audit_next SET next = (SELECT coalesce(max(seq), 0) + 1 FROM audit) WHERE one = 1";
}

/// A database that is being filled.
#[derive(Debug)]
pub struct PostgresImport {
    writer: Pool,
    months: Months,
    _tenure: Tenure,
}

/// Refuses a database that is being filled.
pub(super) async fn check_whole(
    session: &mut Session,
    url: &PostgresUrl,
) -> Result<(), StoreError> {
    match session.row(IS_MOVING, &[]).await? {
        Some(_) => Err(PostgresError::Unfinished(url.to_string()).into()),
        None => Ok(()),
    }
}

impl PostgresImport {
    /// Begins to fill a database that is new, or goes on with one. Nobody else may have it.
    pub fn begin(url: &PostgresUrl) -> Result<Self, StoreError> {
        let source = Source::of(url)?;
        let at = url.to_string();
        let lease: Lease = source.once(&source.writing(), async |session| {
            settle(session, url, Opening::ForServer).await?;
            let lease = lease::take(session, &at, &holder()).await?;
            if session.row(IS_MOVING, &[]).await?.is_none() {
                if session.row(IS_USED, &[]).await?.is_some() {
                    return Err(PostgresError::Used(at.clone()).into());
                }
                session.begin_transaction().await?;
                session.execute(MARK, &[]).await?;
                sums::add(session, &sums::OF_MOMENTS).await?;
                session.commit().await?;
            }
            Ok(lease)
        })?;
        Ok(Self {
            writer: Pool::new(
                source.runtime.clone(),
                source.writing().fenced(Some(lease.fence())),
                1,
            ),
            months: Months::default(),
            _tenure: Tenure::begin(&source, lease),
        })
    }

    /// Goes on with a database that was begun to be filled; `None` if there is no such one, and then nothing is changed in it.
    pub fn resume(url: &PostgresUrl) -> Result<Option<Self>, StoreError> {
        let source = Source::of(url)?;
        let is_moving = source.once(&source.reading(), async |session| {
            settle(session, url, Opening::Existing).await?;
            Ok(session.row(IS_MOVING, &[]).await?.is_some())
        });
        match is_moving {
            Ok(true) => Self::begin(url).map(Some),
            Ok(false) => Ok(None),
            Err(error) if PostgresError::of(&error).is_some_and(PostgresError::is_empty) => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// The key of the last receipt that is there: they are to come in the order of their keys.
    pub fn last(&self) -> Result<i64, StoreError> {
        let last = self
            .writer
            .with(async |session| session.row(LAST_RECEIPT, &[]).await)?;
        let Some(row) = last else { return Ok(0) };
        let (site, seq): (i32, i64) = (get(&row, 0)?, get(&row, 1)?);
        Ok(i64::from(site) << PLACE_BITS | seq)
    }

    /// Receipts, each with a place in the log.
    pub fn receipts(&self, receipts: &[InspectedReceipt]) -> Result<(), StoreError> {
        let columns = Columns::of(receipts)?;
        let months: BTreeSet<Month> = columns.months.iter().copied().collect();
        self.writer.with(async |session| {
            // None of them is this month of a clock: nothing is made ahead.
            self.months.make(session, &months, Month::of(0)).await?;
            columns.insert(session).await
        })
    }

    /// The sites, and how many entries of the log are of receipts that were removed.
    pub fn sites(&self, sites: &[InspectedSite], gone: i64) -> Result<(), StoreError> {
        // Their sum counts; which site they were of is not known of those that were removed before anybody counted.
        let gone = std::iter::once(gone).chain(std::iter::repeat(0));
        self.in_transaction(async |session| {
            for (site, gone) in sites.iter().zip(gone) {
                let number = number(site.number)?;
                session
                    .execute(ADD_SITE, &[&site.id, &number, &site.tallied, &gone])
                    .await?;
                let place: &Values<'_> = &[&number, &site.next, &site.continued];
                session.execute(SET_PLACE, place).await?;
            }
            sums::add(session, &sums::OF_SITES).await
        })
    }

    /// The places that were emptied.
    pub fn removed(&self, removed: &[(i64, i64, i64)]) -> Result<(), StoreError> {
        self.in_transaction(async |session| {
            for (site, first, last) in removed {
                session
                    .execute(ADD_REMOVED, &[&number(*site)?, first, last])
                    .await?;
            }
            sums::add(session, &sums::OF_REMOVED).await
        })
    }

    /// What was published.
    pub fn artefacts(&self, artefacts: &[InspectedArtefact]) -> Result<(), StoreError> {
        self.in_transaction(async |session| {
            for kept in artefacts {
                session
                    .execute(
                        ADD_ARTEFACT,
                        &[
                            &kept.digest,
                            &kept.kind,
                            &kept.site,
                            &kept.content,
                            &kept.kept_at,
                            &kept.place,
                        ],
                    )
                    .await?;
            }
            sums::add(session, &sums::OF_ARTEFACTS).await
        })
    }

    /// What each site has published last.
    pub fn published(&self, declarations: &[(SiteId, Digest)]) -> Result<(), StoreError> {
        self.writer
            .with(async |session| artefacts::note_published(session, declarations).await)
    }

    /// The staff tokens.
    pub fn tokens(&self, all: &[StoredToken]) -> Result<(), StoreError> {
        self.in_transaction(async |session| {
            for token in all {
                tokens::put(session, ADD_TOKEN, token).await?;
            }
            sums::add(session, &sums::OF_TOKENS).await
        })
    }

    /// A legal hold.
    pub fn hold(&self, hold: &Hold) -> Result<(), StoreError> {
        self.writer
            .with(async |session| removal::hold(session, hold).await)
    }

    /// What is left of a site's anonymised receipts.
    pub fn tally(&self, site: &SiteId, tally: &Tally, count: u64) -> Result<(), StoreError> {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let Tally {
            month,
            act,
            granted,
        } = tally;
        self.in_transaction(async |session| {
            session
                .execute(SET_TALLY, &[&site.as_str(), month, act, granted, &count])
                .await?;
            sums::add(session, &sums::OF_TALLIES).await
        })
    }

    /// How many decisions of each day came, or went.
    pub fn daily_counts(&self, counts: &Counts, direction: Direction) -> Result<(), StoreError> {
        self.in_transaction(async |session| statistics::set(session, counts, direction).await)
    }

    /// Lines of the trail, each with its manifest.
    pub fn lines(&self, lines: &[(StoredAccess, Option<String>)]) -> Result<(), StoreError> {
        self.in_transaction(async |session| {
            for (StoredAccess { seq, access }, manifest) in lines {
                let rows = access.rows.and_then(|rows| i64::try_from(rows).ok());
                session
                    .execute(
                        ADD_LINE,
                        &[
                            seq,
                            &access.at.get(),
                            &access.who,
                            &access.token,
                            &access.role,
                            &access.action,
                            &access.site.as_ref().map(SiteId::as_str),
                            &access.filter,
                            &rows,
                            manifest,
                        ],
                    )
                    .await?;
            }
            sums::add(session, &sums::OF_TRAIL).await
        })
    }

    /// When something happened last.
    pub fn moment(&self, which: Moment, at: UnixSeconds) -> Result<(), StoreError> {
        self.in_transaction(async |session| {
            session
                .execute(SET_MOMENT, &[&which.as_str(), &at.get()])
                .await?;
            sums::add(session, &sums::OF_MOMENTS).await
        })
    }

    /// A tile of the log.
    pub fn tile(&self, level: u8, index: u64, hashes: &[u8]) -> Result<(), StoreError> {
        let (levels, indexes, hashes) = ([i16::from(level)], [key(index)?], [hashes]);
        self.in_transaction(async |session| {
            session
                .execute(
                    PUT_TILES,
                    &[&LOG, &&levels[..], &&indexes[..], &&hashes[..]],
                )
                .await?;
            Ok(())
        })
    }

    /// Leaves that wait for their tiles.
    pub fn waiting(&self, waiting: &InspectedWaiting) -> Result<(), StoreError> {
        self.in_transaction(async |session| {
            session
                .execute(ADD_WAITING, &[&LOG, &waiting.first, &waiting.hashes])
                .await?;
            Ok(())
        })
    }

    /// Where the log and the trail stand.
    pub fn log(&self, log: &InspectedLog) -> Result<(), StoreError> {
        self.in_transaction(async |session| {
            session
                .execute(SET_TREE, &[&LOG, &log.origin, &log.size, &log.minimum])
                .await?;
            session.execute(SET_NEXT, &[&LOG, &log.next]).await?;
            session.execute(SET_NEXT_LINE, &[]).await?;
            Ok(())
        })
    }

    /// All is there: from now on a server opens it.
    pub fn finish(&self) -> Result<(), StoreError> {
        self.in_transaction(async |session| {
            session.execute(UNMARK, &[]).await?;
            Ok(())
        })
    }

    fn in_transaction(
        &self,
        work: impl AsyncFnOnce(&mut Session) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.writer.with(async |session| {
            session.begin_transaction().await?;
            work(session).await?;
            session.commit().await
        })
    }
}

/// Receipts, column by column.
#[derive(Default)]
struct Columns<'a> {
    months: Vec<Month>,
    ids: Vec<Uuid>,
    sites: Vec<i32>,
    seqs: Vec<i64>,
    places: Vec<i64>,
    subjects: Vec<Uuid>,
    acts: Vec<i16>,
    continues: Vec<bool>,
    decided: Vec<i64>,
    received: Vec<i64>,
    expires: Vec<i64>,
    salts: Vec<&'a [u8]>,
    receipts: Vec<&'a str>,
    shifts: Vec<i16>,
}

impl<'a> Columns<'a> {
    fn of(receipts: &'a [InspectedReceipt]) -> Result<Self, StoreError> {
        let mut columns = Self::default();
        for receipt in receipts {
            let id = uuid(&receipt.record_id, "record id")?;
            let record =
                RecordId::from_bytes(id.0).map_err(|_| StoreError::Corrupt("record id"))?;
            let act = receipt
                .act
                .parse()
                .map_err(|_| StoreError::Corrupt("act"))?;
            columns.months.push(Month::of(record.unix_millis()));
            columns.ids.push(id);
            columns.sites.push(number(receipt.site())?);
            columns.seqs.push(receipt.place());
            columns.places.push(
                receipt
                    .leaf
                    .ok_or(StoreError::Corrupt("receipt without a place in the log"))?,
            );
            columns.subjects.push(uuid(&receipt.subject, "consent id")?);
            columns.acts.push(numbers::of_act(act));
            columns.continues.push(receipt.continues.is_some());
            columns.decided.push(receipt.decided_at);
            columns.received.push(receipt.received_at);
            columns.expires.push(receipt.expires_at);
            columns.salts.push(
                receipt
                    .salt
                    .as_deref()
                    .ok_or(StoreError::Corrupt("receipt without a salt"))?,
            );
            columns.receipts.push(&receipt.receipt);
            columns
                .shifts
                .push(i16::try_from(receipt.day_shift).unwrap_or(0));
        }
        Ok(columns)
    }

    async fn insert(&self, session: &mut Session) -> Result<(), StoreError> {
        session.begin_transaction().await?;
        session
            .execute(
                ADD_RECEIPTS,
                &[
                    &self.ids,
                    &self.sites,
                    &self.seqs,
                    &self.places,
                    &self.subjects,
                    &self.acts,
                    &self.continues,
                    &self.decided,
                    &self.received,
                    &self.expires,
                    &self.salts,
                    &self.receipts,
                    &self.shifts,
                ],
            )
            .await?;
        session.commit().await
    }
}

fn uuid(stored: &[u8], what: &'static str) -> Result<Uuid, StoreError> {
    let bytes = stored.try_into();
    bytes.map(Uuid).map_err(|_| StoreError::Corrupt(what))
}

fn number(site: i64) -> Result<i32, StoreError> {
    i32::try_from(site).map_err(|_| StoreError::Corrupt("number of a site"))
}
