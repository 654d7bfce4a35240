//! The transaction that stores a batch: places are fixed at its commit, in the order of commits.
//!
//! Three trips, two of them under the lock of the log's counter.

use super::error::PostgresError;
use super::fence::LOG;
use super::month::{Month, Months};
use super::session::{Session, get};
use super::sql::statements;
use super::uuid::Uuid;
use super::{log, place, statistics};
use crate::store::{
    Appended, Commitment, Counting, Direction, NewRow, StoreError, numbers, shift_of,
};
use consent_core::id::{RecordId, SiteId};
use futures_util::future::{TryFutureExt as _, try_join, try_join4, try_join5};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use tokio_postgres::Row;

statements! {
    /// A snapshot of its own, after the lock: it sees all that was stored before. The bounds spare it the other months.
    KNOWN = "SELECT record_id, receipt FROM receipts WHERE record_id = ANY($1) AND record_id BETWEEN $2 AND $3";
    SITES = "SELECT sites.id, sites.number, site_next.next FROM sites JOIN site_next ON site_next.site = sites.number WHERE sites.id = ANY($1)";
    INSERT = "INSERT INTO receipts (record_id, site, seq, place, subject, act, continues, decided_at, received_at, expires_at, salt, receipt, day_shift)
        SELECT * FROM unnest($1::uuid[], $2::int4[], $3::int8[], $4::int8[], $5::uuid[], $6::int2[], $7::bool[], $8::int8[], $9::int8[], $10::int8[], $11::bytea[], $12::text[], $13::int2[])
        ON CONFLICT (record_id) DO NOTHING";
    NEXT_PLACES = "INSERT INTO site_next (site, next, continued) SELECT * FROM unnest($1::int4[], $2::int8[], $3::int8[])
        ON CONFLICT (site) DO UPDATE SET next = excluded.next, continued = site_next.continued + excluded.continued";
}

/// Makes the partitions that a batch needs.
pub(super) async fn prepare(
    session: &mut Session,
    months: &Months,
    batch: &[NewRow],
    now: Month,
) -> Result<(), StoreError> {
    let needed: BTreeSet<Month> = batch
        .iter()
        .map(|row| Month::of(row.id.unix_millis()))
        .collect();
    months.make(session, &needed, now).await
}

/// Stores a batch of which no row need be new. `is_again`: it may have been stored by this process, which then did not hear so.
pub(super) async fn append(
    session: &mut Session,
    batch: &[NewRow],
    is_again: bool,
) -> Result<Vec<Appended>, StoreError> {
    let ids: Vec<Uuid> = batch
        .iter()
        .map(id)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let (Some(least), Some(greatest)) = (ids.first(), ids.last()) else {
        return Ok(Vec::new());
    };
    let sites: BTreeSet<&SiteId> = batch.iter().map(|row| &row.site).collect();
    let names: Vec<&str> = sites.iter().map(|site| site.as_str()).collect();

    let lock = session.prepared(log::LOCK_NEXT).await?;
    let known = session.prepared(KNOWN).await?;
    let find_sites = session.prepared(SITES).await?;
    let beginning = session.beginning().await?;
    let client = session.client();
    let (known_values, names) = ([&ids as _, least as _, greatest as _], [&names as _]);
    // One trip: what is sent together runs in this order.
    let (_begun, next, known, found) = try_join4(
        beginning.run(session),
        client.query_one(&lock, &[&LOG]).err_into(),
        client.query(&known, &known_values).err_into(),
        client.query(&find_sites, &names).err_into(),
    )
    .await?;
    let first_receipts = first_receipts(&known)?;
    let mut shelves = shelves(session, &sites, &found).await?;

    let mut taken = Taken::after(get(&next, 0)?);
    let answers = taken.take_all(batch, first_receipts, &mut shelves, is_again)?;
    let reached = taken.next();
    taken.store(session, &shelves).await?;
    crate::fault::point("records-written");
    session.commit().await?;
    session.has_reached(reached);
    crate::fault::point("records-committed");
    Ok(answers)
}

fn id(row: &NewRow) -> Uuid {
    Uuid(*row.id.as_bytes())
}

fn first_receipts(known: &[Row]) -> Result<HashMap<Uuid, String>, StoreError> {
    let known = known.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?)));
    known.collect()
}

/// The number of a site, its next place, and the sum of the places of those of a batch that continue a consent id.
struct Shelf {
    number: i32,
    next: i64,
    continued: i64,
}

/// Those of a batch. Made where there are none.
async fn shelves(
    session: &mut Session,
    sites: &BTreeSet<&SiteId>,
    found: &[Row],
) -> Result<BTreeMap<String, Shelf>, StoreError> {
    let mut shelves = BTreeMap::new();
    for row in found {
        let shelf = Shelf {
            number: get(row, 1)?,
            next: get(row, 2)?,
            continued: 0,
        };
        shelves.insert(get(row, 0)?, shelf);
    }
    for site in sites {
        if !shelves.contains_key(site.as_str()) {
            let number = place::add_site(session, site).await?;
            let shelf = Shelf {
                number,
                next: 1,
                continued: 0,
            };
            shelves.insert(site.as_str().to_owned(), shelf);
        }
    }
    Ok(shelves)
}

/// The rows of a batch that are stored, with their places.
struct Taken<'a> {
    first: i64,
    leaves: Vec<u8>,
    rows: Vec<TakenRow<'a>>,
}

struct TakenRow<'a> {
    row: &'a NewRow,
    site: i32,
    seq: i64,
    place: i64,
    salt: [u8; 32],
}

impl<'a> Taken<'a> {
    fn after(next: i64) -> Self {
        Self {
            first: next,
            leaves: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// The log's next place.
    fn next(&self) -> i64 {
        self.first + i64::try_from(self.rows.len()).unwrap_or(i64::MAX)
    }

    /// Gives places to what is new; what is known costs none.
    fn take_all(
        &mut self,
        batch: &'a [NewRow],
        mut first_receipts: HashMap<Uuid, String>,
        shelves: &mut BTreeMap<String, Shelf>,
        is_again: bool,
    ) -> Result<Vec<Appended>, StoreError> {
        let mut answers = Vec::with_capacity(batch.len());
        for row in batch {
            if let Some(first) = first_receipts.get(&id(row)) {
                let is_ours = is_again && *first == row.receipt;
                answers.push(if is_ours {
                    Appended::Stored
                } else {
                    Appended::Exists(first.clone())
                });
                continue;
            }
            let own = shelves
                .get_mut(row.site.as_str())
                .ok_or(StoreError::Corrupt("list of sites"))?;
            let Commitment { salt, leaf } = match &row.commitment {
                Some(commitment) => commitment.clone(),
                // The log is always on here: it costs no second look at the row.
                None => Commitment::to(&row.receipt)?,
            };
            self.rows.push(TakenRow {
                row,
                site: own.number,
                seq: own.next,
                place: self.next(),
                salt,
            });
            self.leaves.extend_from_slice(leaf.as_bytes());
            if row.continues {
                own.continued += own.next;
            }
            own.next += 1;
            first_receipts.insert(id(row), row.receipt.clone());
            answers.push(Appended::Stored);
        }
        Ok(answers)
    }

    /// Also where nothing is new: that what was known is on a standby, too, is said by a commit that writes.
    async fn store(
        mut self,
        session: &mut Session,
        shelves: &BTreeMap<String, Shelf>,
    ) -> Result<(), StoreError> {
        let next = self.next();
        if self.rows.is_empty() {
            session.execute(log::SET_NEXT, &[&LOG, &next]).await?;
            return Ok(());
        }
        // Two batches in the order of their ids never wait for each other in a circle.
        self.rows.sort_unstable_by_key(|taken| id(taken.row));
        let rows = &self.rows[..];
        let ids = column(rows, |taken| id(taken.row));
        let sites = column(rows, |taken| taken.site);
        let seqs = column(rows, |taken| taken.seq);
        let places = column(rows, |taken| taken.place);
        let subjects = column(rows, |taken| Uuid(*taken.row.subject.as_bytes()));
        let acts = column(rows, |taken| numbers::of_act(taken.row.counted.act));
        let continues = column(rows, |taken| taken.row.continues);
        let decided = column(rows, |taken| taken.row.decided_at.get());
        let received = column(rows, |taken| taken.row.received_at.get());
        let expires = column(rows, |taken| taken.row.expires_at.get());
        let salts = column(rows, |taken| &taken.salt[..]);
        let receipts = column(rows, |taken| &*taken.row.receipt);
        let shifts = column(rows, |taken| {
            shift_of(taken.row.received_at.get(), taken.row.counted.day)
        });
        let numbers: Vec<i32> = shelves.values().map(|shelf| shelf.number).collect();
        let next_places: Vec<i64> = shelves.values().map(|shelf| shelf.next).collect();
        let places_continued: Vec<i64> = shelves.values().map(|shelf| shelf.continued).collect();

        let mut daily = Counting::default();
        for taken in rows {
            daily.count(taken.site.into(), &taken.row.counted);
        }
        let daily = daily.counts();
        let daily = statistics::Columns::of(&daily, Direction::In)?;

        let insert = session.prepared(INSERT).await?;
        let add_decisions = session.prepared(statistics::ADD_DECISIONS).await?;
        let add_choices = session.prepared(statistics::ADD_CHOICES).await?;
        let wait = session.prepared(log::ADD_WAITING).await?;
        let set_next = session.prepared(log::SET_NEXT).await?;
        let set_places = session.prepared(NEXT_PLACES).await?;
        let client = session.client();
        let values: [&(dyn tokio_postgres::types::ToSql + Sync); 13] = [
            &ids, &sites, &seqs, &places, &subjects, &acts, &continues, &decided, &received,
            &expires, &salts, &receipts, &shifts,
        ];
        let (of_decisions, of_choices) = (daily.decisions(), daily.choices());
        let count = try_join(
            client.execute(&add_decisions, &of_decisions),
            client.execute(&add_choices, &of_choices),
        );
        let (inserted, _, _, _, _) = try_join5(
            client.execute(&insert, &values),
            count,
            client.execute(&wait, &[&LOG, &self.first, &self.leaves]),
            client.execute(&set_next, &[&LOG, &next]),
            client.execute(&set_places, &[&numbers, &next_places, &places_continued]),
        )
        .await?;
        if inserted != self.rows.len() as u64 {
            // Not on one PostgreSQL; where several make up one, an insert can be in doubt. The batch is taken again.
            return Err(PostgresError::InDoubt.into());
        }
        Ok(())
    }
}

/// One column of all rows.
fn column<'a, 'b, T>(
    rows: &'b [TakenRow<'a>],
    column: impl FnMut(&'b TakenRow<'a>) -> T,
) -> Vec<T> {
    rows.iter().map(column).collect()
}

/// The record id of a row.
pub(super) fn record_id(stored: Uuid) -> Result<RecordId, StoreError> {
    RecordId::from_bytes(stored.0).map_err(|_| StoreError::Corrupt("record id"))
}
