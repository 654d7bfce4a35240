//! Two years of records: in several languages, with each act, on every day.

use crate::fixture::{Fixture, URL};
use anyhow::{Context as _, Result};
use consent_core::decision::{Act, Choices, Source};
use consent_core::id::{ConsentId, RecordId};
use consent_core::key::SigningKey;
use consent_core::receipt::Signer;
use consent_core::record::Record;
use consent_core::time::{Months, UnixSeconds};
use consent_server::clock::Clock;
use consent_server::day::Day;
use consent_server::intake::to_row;
use consent_server::store::{NewRow, Store};

const DAYS: i32 = 730;
const BATCH: u64 = 10_000;
const LANGUAGES: [&str; 5] = ["fr", "en", "de", "it", "ar"];
const ACTS: [(Act, bool); 6] = [
    (Act::AcceptAll, true),
    (Act::RefuseAll, false),
    (Act::Custom, true),
    (Act::AcceptAll, true),
    (Act::Withdraw, false),
    (Act::Dismiss, false),
];

/// The first of the days, as in addresses.
pub(crate) fn first() -> String {
    today().plus(-DAYS).to_iso()
}

/// The last of them.
pub(crate) fn last() -> String {
    today().to_iso()
}

fn today() -> Day {
    Day::in_utc(Clock::system().now().get())
}

/// Stores so many signed receipts, and answers a record and a consent id from their middle.
pub(crate) fn fill(
    fixture: &Fixture,
    store: &dyn Store,
    rows: u64,
) -> Result<(RecordId, ConsentId)> {
    let signer = Signer::new(SigningKey::from_seed(&[7; 32]), URL);
    let begin = 86_400 * i64::from(today().plus(-DAYS).number());
    let span = 86_400 * u64::try_from(DAYS)?;
    let mut middle = None;
    for start in (0..rows).step_by(usize::try_from(BATCH)?) {
        let end = rows.min(start + BATCH);
        let batch = (start..end).map(|number| {
            // As evenly as a multiplication allows.
            let offset = u64::try_from(u128::from(number) * u128::from(span) / u128::from(rows))?;
            let at = UnixSeconds::new(begin + i64::try_from(offset)?)?;
            let record = made(fixture, number, at)?;
            if number == rows / 2 {
                middle = Some((record.id, record.subject));
            }
            let receipt = signer.sign(&record, at);
            Ok(to_row(record, at, Day::in_utc(at.get()), receipt).committed()?)
        });
        let batch: Vec<NewRow> = batch.collect::<Result<_>>()?;
        store.append(&batch)?;
        if end.is_multiple_of(500_000) {
            eprintln!("{end} rows stored beforehand");
        }
    }
    middle.context("no rows")
}

fn made(fixture: &Fixture, number: u64, at: UnixSeconds) -> Result<Record> {
    let mut record = fixture.record();
    let pick = usize::try_from(number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40)?;
    let (act, granted) = ACTS[pick % ACTS.len()];
    let mut tail = [0; 10];
    tail[2..].copy_from_slice(&number.to_be_bytes());
    record.id = RecordId::v7(at.get().unsigned_abs() * 1000, tail);
    record.decision.act = act;
    record.decision.source = if pick % 7 == 0 {
        Source::Preferences
    } else {
        Source::Banner
    };
    record.decision.choices = Choices::from_iter([
        ("analytics".parse()?, granted),
        ("social".parse()?, granted && act != Act::Custom),
    ]);
    record.language = LANGUAGES[pick % LANGUAGES.len()].parse()?;
    record.decided_at = at;
    record.expires_at = at.plus_months(Months::THIRTEEN);
    Ok(record)
}
