//! The statements of a site's places: its number, its next place, and those that were emptied.

use super::session::{Session, Values, get};
use super::sql::statements;
use super::sums;
use crate::store::StoreError;
use consent_core::id::SiteId;
use tokio_postgres::Row;

statements! {
    NUMBER = "SELECT number FROM sites WHERE id = $1";
    /// Under the lock of the log's counter: two sites never get one number.
    LAST_NUMBER = "SELECT coalesce(max(number), 0) FROM sites";
    ADD_SITE = "INSERT INTO sites (id, number) VALUES ($1, $2)";
    EMPTIED_BEFORE = "SELECT first, last FROM removed WHERE site = $1 AND first < $2 ORDER BY first DESC LIMIT 1";
    FORGET_EMPTIED = "DELETE FROM removed WHERE site = $1 AND first = $2 RETURNING last";
    EMPTY = "INSERT INTO removed (site, first, last) VALUES ($1, $2, $3) ON CONFLICT (site, first) DO UPDATE SET last = excluded.last, sum = CASE WHEN octet_length(removed.sum) = 0 THEN removed.sum END";
    COUNT_REMOVED = "UPDATE sites SET gone = gone + $2, tallied = tallied + $3, continued_gone = continued_gone + $4 WHERE number = $1";
}

/// The number of a site, if it has ever had a receipt.
pub(super) async fn number(
    session: &mut Session,
    site: &SiteId,
) -> Result<Option<i32>, StoreError> {
    let row = session.row(NUMBER, &[&site.as_str()]).await?;
    row.map(|row| get(&row, 0)).transpose()
}

/// Gives a site its number. The log's counter must be locked.
pub(super) async fn add_site(session: &mut Session, site: &SiteId) -> Result<i32, StoreError> {
    let last: i32 = get(&session.one(LAST_NUMBER, &[]).await?, 0)?;
    let number = last + 1;
    session
        .execute(ADD_SITE, &[&site.as_str(), &number])
        .await?;
    sums::add(session, &sums::OF_SITES).await?;
    Ok(number)
}

/// Writes down that these places of a site are empty, and rightly so: beside those that were before, or between two of them,
/// they make one row with them. The site must be locked.
pub(super) async fn empty(
    session: &mut Session,
    site: i32,
    places: &[i64],
) -> Result<(), StoreError> {
    let mut places = places.to_vec();
    places.sort_unstable();
    for run in places.chunk_by(|one, next| one + 1 == *next) {
        let (mut first, mut last) = match *run {
            [] => continue,
            [only] => (only, only),
            [first, .., last] => (first, last),
        };
        let stretch = |row: &Row| Ok::<(i64, i64), StoreError>((get(row, 0)?, get(row, 1)?));
        let before = session.row(EMPTIED_BEFORE, &[&site, &first]).await?;
        let before = before.as_ref().map(stretch).transpose()?;
        if let Some((start, _)) = before.filter(|(_, end)| end + 1 == first) {
            first = start;
        }
        let after = session.row(FORGET_EMPTIED, &[&site, &(last + 1)]).await?;
        if let Some(after) = after {
            last = get(&after, 0)?;
        }
        let key: &Values<'_> = &[&site, &first];
        sums::keep_wrong(session, &sums::OF_REMOVED, sums::REMOVED_FROM, key).await?;
        session.execute(EMPTY, &[&site, &first, &last]).await?;
    }
    sums::add(session, &sums::OF_REMOVED).await
}

/// Counts receipts of a site that were removed, and how many of them live on in tallies; adds up the places of those that
/// continued a consent id. The site must be locked.
pub(super) async fn count_removed(
    session: &mut Session,
    site: i32,
    gone: i64,
    tallied: i64,
    continued: i64,
) -> Result<(), StoreError> {
    session
        .execute(COUNT_REMOVED, &[&site, &gone, &tallied, &continued])
        .await?;
    Ok(())
}
