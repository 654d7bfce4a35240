//! How many receipts of each act a site has: counted as they come, and, apart from that, as they go. So whoever stores waits for
//! nobody who removes.

use super::session::{Session, get};
use super::sql::statements;
use crate::store::{StoreError, numbers};
use consent_core::decision::Act;
use std::collections::BTreeMap;
use tokio_postgres::Row;

statements! {
    ADD_STORED = "INSERT INTO acts_stored (site, act, count) SELECT * FROM unnest($1::int4[], $2::int2[], $3::int8[])
        ON CONFLICT (site, act) DO UPDATE SET count = acts_stored.count + excluded.count";
    ADD_REMOVED = "INSERT INTO acts_removed (site, act, count) SELECT * FROM unnest($1::int4[], $2::int2[], $3::int8[])
        ON CONFLICT (site, act) DO UPDATE SET count = acts_removed.count + excluded.count";
    STORED_OF = "SELECT act, count FROM acts_stored WHERE site = $1";
    REMOVED_OF = "SELECT act, count FROM acts_removed WHERE site = $1";
    STORED = "SELECT site, act, count FROM acts_stored";
    REMOVED = "SELECT site, act, count FROM acts_removed";
}

/// Receipts by the number of their site and that of their act; in this order in each statement, so that nobody waits for
/// another in a circle.
#[derive(Debug, Default)]
pub(super) struct ActCounts(BTreeMap<(i32, i16), i64>);

impl ActCounts {
    pub(super) fn count(&mut self, site: i32, act: i16) {
        *self.0.entry((site, act)).or_default() += 1;
    }

    /// The values of [`ADD_STORED`] and [`ADD_REMOVED`].
    pub(super) fn columns(&self) -> (Vec<i32>, Vec<i16>, Vec<i64>) {
        let rows = self.0.iter();
        let mut columns = (Vec::new(), Vec::new(), Vec::new());
        for ((site, act), count) in rows {
            columns.0.push(*site);
            columns.1.push(*act);
            columns.2.push(*count);
        }
        columns
    }
}

impl FromIterator<((i32, i16), i64)> for ActCounts {
    fn from_iter<I: IntoIterator<Item = ((i32, i16), i64)>>(counts: I) -> Self {
        Self(counts.into_iter().collect())
    }
}

/// Counts what was removed. Its site must be locked.
pub(super) async fn add_removed(
    session: &mut Session,
    counts: &ActCounts,
) -> Result<(), StoreError> {
    let (sites, acts, counts) = counts.columns();
    session
        .execute(ADD_REMOVED, &[&sites, &acts, &counts])
        .await?;
    Ok(())
}

pub(super) async fn of_site(
    session: &mut Session,
    site: i32,
) -> Result<Vec<(String, u64)>, StoreError> {
    // In this order: what is removed meanwhile was stored before.
    let removed = session.rows(REMOVED_OF, &[&site]).await?;
    let stored = session.rows(STORED_OF, &[&site]).await?;
    let mut counts: BTreeMap<Act, i64> = BTreeMap::new();
    for (rows, sign) in [(removed, -1), (stored, 1)] {
        for row in &rows {
            *counts.entry(numbers::act(get(row, 0)?)?).or_default() += sign * get::<i64>(row, 1)?;
        }
    }
    let mut counts: Vec<_> = counts
        .into_iter()
        .filter(|(_, count)| *count != 0)
        .map(|(act, count)| (act.as_str().to_owned(), count.unsigned_abs()))
        .collect();
    counts.sort();
    Ok(counts)
}

/// Adds the rows of [`STORED`] or takes off those of [`REMOVED`].
pub(super) fn sum_up(
    counts: &mut BTreeMap<(i64, String), i64>,
    rows: &[Row],
    sign: i64,
) -> Result<(), StoreError> {
    for row in rows {
        let site: i32 = get(row, 0)?;
        let of = (
            i64::from(site),
            numbers::act(get(row, 1)?)?.as_str().to_owned(),
        );
        *counts.entry(of).or_default() += sign * get::<i64>(row, 2)?;
    }
    Ok(())
}
