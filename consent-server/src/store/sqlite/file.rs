//! The database file: its pages and indexes, its tables, and the sums of rows that nothing else proves.

use super::schema::{newest, schema};
use super::subjects;
use crate::data::FileError;
use crate::store::StoreError;
use crate::store::inspection::Damage;
use rusqlite::Connection;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read as _;
use std::ops::ControlFlow;

/// Tables whose rows prove themselves, or are counted again.
const PROVEN: [&str; 6] = [
    "records",
    "log_tiles",
    "log_waiting",
    "subjects",
    "decision_counts",
    "choice_counts",
];

/// How many faults `SQLite` lists at most.
const MOST_FAULTS: u32 = 1000;

/// What the file begins with, by place, besides counters and sizes: the same in every database of this program.
/// <https://www.sqlite.org/fileformat2.html#the_database_header>
const HEADER: [(usize, &[u8], &str); 7] = [
    (0, b"SQLite format 3\0", "the mark of a database"),
    (20, &[0, 64, 32, 32], "shares of pages"),
    (44, &[0, 0, 0, 4], "the format of its tables"),
    (48, &[0; 8], "sizes that are not used"),
    (56, &[0, 0, 0, 1], "the encoding of texts"),
    (64, &[0; 8], "settings that are not used"),
    (72, &[0; 20], "free room"),
];

/// Who hears what is wrong, until they have heard enough.
struct Listener<'a> {
    told: &'a mut dyn FnMut(Damage) -> ControlFlow<()>,
    has_enough: bool,
}

impl Listener<'_> {
    fn hear(&mut self, place: impl Into<String>, wrong: impl Into<String>) {
        if self.has_enough {
            return;
        }
        let (place, wrong) = (place.into(), wrong.into());
        self.has_enough = (self.told)(Damage { place, wrong }).is_break();
    }
}

/// Tells what is wrong, and answers how many rows were looked at.
pub(super) fn check(
    connection: &Connection,
    told: &mut dyn FnMut(Damage) -> ControlFlow<()>,
) -> Result<u64, StoreError> {
    let mut listener = Listener {
        told,
        has_enough: false,
    };
    header(connection, &mut listener)?;
    let mut pages = connection.prepare(&format!("PRAGMA integrity_check({MOST_FAULTS})"))?;
    let faults = pages.query_map([], |row| row.get::<_, String>(0))?;
    for fault in faults {
        match fault? {
            fine if fine == "ok" => {}
            fault => listener.hear("database file", fault),
        }
    }
    let expected = newest()?;
    let found = schema(connection)?;
    for (name, sql) in expected.difference(&found) {
        listener.hear(format!("table or index {name}"), format!("is not `{sql}`"));
    }
    for (name, _) in found.difference(&expected) {
        if !expected.iter().any(|(known, _)| known == name) {
            let place = format!("table or index {name}");
            listener.hear(place, "is none that this program made");
        }
    }
    let rows = sums(connection, &expected, &mut listener)?;
    trail(connection, &mut listener)?;
    subjects::check(connection, &mut |place, wrong| listener.hear(place, wrong))?;
    Ok(rows)
}

/// `SQLite` passes over most of these bytes, until a later version gives them a meaning.
fn header(connection: &Connection, listener: &mut Listener<'_>) -> Result<(), StoreError> {
    let Some(path) = connection.path() else {
        return Ok(());
    };
    let mut start = [0; 100];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut start));
    read.map_err(|source| FileError {
        path: path.into(),
        source,
    })?;
    // A new file is filled in from what was written beside it.
    let beside = std::fs::metadata(format!("{path}-wal"));
    let is_new = beside.is_ok_and(|beside| beside.len() > 0) && start[44..60] == [0; 16];
    for (at, expected, what) in HEADER {
        let is_unwritten = is_new && (44..60).contains(&at);
        if !is_unwritten && !start[at..].starts_with(expected) {
            listener.hear(
                format!("database file, byte {at}"),
                format!("{what}: they are not {expected:?}"),
            );
        }
    }
    // A copy that was never opened for writing has 1 and 1.
    if !matches!(start[18..20], [2, 2] | [1, 1]) {
        listener.hear(
            "database file, byte 18",
            format!("versions for writing and reading: {:?}", &start[18..20]),
        );
    }
    Ok(())
}

/// Answers how many rows have one.
fn sums(
    connection: &Connection,
    expected: &BTreeSet<(String, String)>,
    listener: &mut Listener<'_>,
) -> Result<u64, StoreError> {
    let mut looked_at = 0;
    let tables = expected
        .iter()
        .filter(|(_, definition)| definition.starts_with("table on "))
        .map(|(name, _)| name.as_str())
        .filter(|name| !name.starts_with("sqlite_") && !PROVEN.contains(name));
    for table in tables {
        let mut columns = connection.prepare("SELECT name FROM pragma_table_info(?1)")?;
        let columns = columns.query_map([table], |row| row.get::<_, String>(0))?;
        let columns: Vec<String> = columns.collect::<Result<_, _>>()?;
        let has_sum = columns.iter().any(|column| column == "sum");
        // Contents have a digest.
        let summed = columns
            .iter()
            .filter(|column| !matches!(column.as_str(), "sum" | "content"));
        let summed: Vec<String> = summed.map(|column| format!("\"{column}\"")).collect();
        if !has_sum {
            listener.hear(
                format!("table {table}"),
                "has no sums: its rows are not checked",
            );
            continue;
        }
        let list = summed.join(", ");
        let shown = summed
            .join(" || ' ' || ")
            .replace("\"hash\"", "hex(\"hash\")");
        let shown = shown.replace("\"digest\"", "hex(\"digest\")");
        let mut wrong = connection.prepare(&format!(
            "SELECT coalesce({shown}, '') FROM {table} WHERE sum IS NOT row_sum({list})"
        ))?;
        let rows = wrong.query_map([], |row| {
            Ok(String::from_utf8_lossy(row.get_ref(0)?.as_bytes()?).into_owned())
        })?;
        for row in rows {
            listener.hear(
                format!("table {table}, row \"{}\"", row?),
                "its values are not those that were written",
            );
        }
        let count = connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| {
            row.get::<_, i64>(0)
        })?;
        looked_at += count.unsigned_abs();
    }
    Ok(looked_at)
}

/// The trail's lines are numbered without a gap, and `SQLite` keeps the last number.
fn trail(connection: &Connection, listener: &mut Listener<'_>) -> Result<(), StoreError> {
    let (count, last, kept): (i64, i64, i64) = connection.query_row(
        "SELECT count(*), coalesce(max(seq), 0),
            coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'audit'), 0) FROM audit",
        [],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    if count != last {
        let wrong = format!("{last} lines were written, and {count} are there");
        listener.hear("table audit", wrong);
    }
    if kept != last {
        let wrong = format!("the last line of the trail is {last}, not {kept}");
        listener.hear("table sqlite_sequence", wrong);
    }
    Ok(())
}
