//! The partitions of receipts: one a month, by the time in the record id.

use super::session::{Session, get};
use super::sql::{Sql, statements};
use crate::store::StoreError;
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// How many months are made ahead of the one that it is: no record waits for one to be made.
const AHEAD: i64 = 3;

const MILLIS_OF_DAY: u64 = 86_400_000;

statements! {
    /// Who changes the tables has this row: one process at a time.
    LOCK_TABLES = "SELECT format FROM meta WHERE one = 1 FOR UPDATE";
    PARTITIONS = "SELECT child.relname FROM pg_inherits JOIN pg_class AS child ON child.oid = pg_inherits.inhrelid
        JOIN pg_class AS parent ON parent.oid = pg_inherits.inhparent
        WHERE parent.relname = 'receipts' AND parent.relkind = 'p' AND pg_table_is_visible(parent.oid)";
}

/// A month, counted from year 0 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Month(i64);

impl Month {
    /// The month of a moment, in milliseconds since 1970.
    pub(super) fn of(unix_millis: u64) -> Self {
        // Days to a civil date, in eras of 400 years that begin with March.
        let days = i64::try_from(unix_millis / MILLIS_OF_DAY).unwrap_or(i64::MAX / 2) + 719_468;
        let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
        let of_year = day - (365 * year + year / 4 - year / 100);
        let from_march = (5 * of_year + 2) / 153;
        Self((era * 400 + year) * 12 + from_march + 2)
    }

    /// Its first millisecond.
    fn begin(self) -> i64 {
        let from_march = self.0 - 2;
        let (year, month) = (from_march.div_euclid(12), from_march.rem_euclid(12));
        let (era, year) = (year.div_euclid(400), year.rem_euclid(400));
        let day = year * 365 + year / 4 - year / 100 + (153 * month + 2) / 5;
        (era * 146_097 + day - 719_468) * 86_400_000
    }

    fn after(self, months: i64) -> Self {
        Self(self.0 + months)
    }

    /// The name of its partition.
    fn partition(self) -> String {
        format!("receipts_{:04}_{:02}", self.0 / 12, self.0 % 12 + 1)
    }

    /// The month of a partition.
    fn named(partition: &str) -> Option<Self> {
        let (year, month) = partition.strip_prefix("receipts_")?.split_once('_')?;
        let (year, month): (i64, i64) = (year.parse().ok()?, month.parse().ok()?);
        (1..=12)
            .contains(&month)
            .then(|| Self(year * 12 + month - 1))
    }

    /// The smallest record id of it, as text.
    fn bound(self) -> String {
        // 48 bits, the first of an UUID of version 7.
        let begin = self.begin().clamp(0, (1 << 48) - 1);
        let digits = format!("{begin:012x}");
        let (high, low) = digits.split_at(8);
        format!("{high}-{low}-0000-0000-000000000000")
    }
}

/// The months that there are partitions for, as far as this process knows.
#[derive(Debug, Default)]
pub(super) struct Months(Mutex<BTreeSet<Month>>);

impl Months {
    /// Makes what is missing of these months; and, if it is this one, of the next ones.
    pub(super) async fn make(
        &self,
        session: &mut Session,
        months: &BTreeSet<Month>,
        now: Month,
    ) -> Result<(), StoreError> {
        let is_known = |month: &Month| self.lock().contains(month);
        if months.iter().all(is_known) {
            return Ok(());
        }
        session.begin_transaction().await?;
        session.one(LOCK_TABLES, &[]).await?;
        let mut there = partitions(session).await?;
        let mut wanted = months.clone();
        if months.contains(&now) {
            wanted.extend((0..=AHEAD).map(|months| now.after(months)));
        }
        for month in wanted {
            if there.insert(month) {
                session.client().batch_execute(&definition(month)).await?;
            }
        }
        session.commit().await?;
        *self.lock() = there;
        Ok(())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeSet<Month>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Attached, not made in its place: that would keep everybody off the receipts.
fn definition(month: Month) -> String {
    let (name, from, to) = (month.partition(), month.bound(), month.after(1).bound());
    format!(
        "CREATE TABLE {name} (LIKE receipts INCLUDING ALL);
         ALTER TABLE receipts ATTACH PARTITION {name} FOR VALUES FROM ('{from}') TO ('{to}')"
    )
}

async fn partitions(session: &mut Session) -> Result<BTreeSet<Month>, StoreError> {
    let rows = session.rows(PARTITIONS, &[]).await?;
    let mut months = BTreeSet::new();
    for row in rows {
        months.extend(Month::named(get(&row, 0)?));
    }
    Ok(months)
}

/// What takes the bytes of deleted receipts out of the pages.
pub(super) const VACUUM: Sql = Sql::new("VACUUM receipts, audit");

#[cfg(test)]
mod tests {
    use super::*;
    use consent_core::id::RecordId;
    use consent_core::time::UnixSeconds;

    #[test]
    fn a_month_begins_where_the_calendar_says() {
        for (moment, name) in [
            ("1970-01-01T00:00:00Z", "receipts_1970_01"),
            ("2024-02-29T23:59:59Z", "receipts_2024_02"),
            ("2024-03-01T00:00:00Z", "receipts_2024_03"),
            ("2026-11-30T23:59:59Z", "receipts_2026_11"),
            ("2026-12-01T00:00:00Z", "receipts_2026_12"),
            ("2100-03-01T00:00:00Z", "receipts_2100_03"),
        ] {
            let seconds = UnixSeconds::from_rfc3339(moment).unwrap().get();
            let month = Month::of(seconds.unsigned_abs() * 1000);
            assert_eq!(month.partition(), name);
            assert_eq!(Month::named(name), Some(month));
            let begin = UnixSeconds::new(month.begin() / 1000).unwrap().to_rfc3339();
            assert_eq!(begin, format!("{}-01T00:00:00Z", &moment[..7]));
        }
    }

    #[test]
    fn the_record_ids_of_a_month_lie_between_its_bounds() {
        let month = Month::of(1_795_316_891_000);
        for (millis, is_in) in [
            (month.begin() - 1, false),
            (month.begin(), true),
            (month.after(1).begin() - 1, true),
            (month.after(1).begin(), false),
        ] {
            for random in [[0; 10], [255; 10]] {
                let id = RecordId::v7(millis.unsigned_abs(), random).to_text();
                let bounds = month.bound()..month.after(1).bound();
                assert_eq!(bounds.contains(&id), is_in, "{id} {bounds:?}");
            }
        }
    }
}
