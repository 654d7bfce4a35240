//! Sums of the rows that nothing else proves. A statement that writes such a row leaves its sum out; [`add`] makes it, before
//! the transaction ends. Whose sum was wrong before keeps a wrong one, of no bytes: a change by hand is not made good by the
//! next change that is none.

use super::session::{Session, Values, get};
use super::sql::{Sql, statements};
use crate::store::StoreError;
use crate::store::row_sum::{LENGTH, RowSum, Value};
use bytes::BytesMut;
use std::error::Error;
use std::fmt::Write as _;
use std::ops::ControlFlow;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Column, Row};

statements! {
    SITES = "SELECT number, id, sum FROM sites";
    NEW_SITES = "SELECT number, id FROM sites WHERE sum IS NULL";
    SUM_SITE = "UPDATE sites SET sum = $1 WHERE number = $2";
    REMOVED = "SELECT site, first, last, sum FROM removed";
    NEW_REMOVED = "SELECT site, first, last FROM removed WHERE sum IS NULL";
    SUM_REMOVED = "UPDATE removed SET sum = $1 WHERE site = $2 AND first = $3";
    ARTEFACTS = "SELECT digest, kind, site, kept_at, place, sum FROM artefacts";
    NEW_ARTEFACTS = "SELECT digest, kind, site, kept_at, place FROM artefacts WHERE sum IS NULL";
    SUM_ARTEFACT = "UPDATE artefacts SET sum = $1 WHERE digest = $2 AND kind = $3 AND site = $4";
    PUBLISHED = "SELECT site, declaration, sum FROM published";
    NEW_PUBLISHED = "SELECT site, declaration FROM published WHERE sum IS NULL";
    SUM_PUBLISHED = "UPDATE published SET sum = $1 WHERE site = $2";
    TOKENS = "SELECT hash, role, sites, label, created_at, expires_at, used_on, sum FROM tokens";
    NEW_TOKENS = "SELECT hash, role, sites, label, created_at, expires_at, used_on FROM tokens WHERE sum IS NULL";
    SUM_TOKEN = "UPDATE tokens SET sum = $1 WHERE hash = $2";
    HOLDS = "SELECT site, reason, since, sum FROM holds";
    NEW_HOLDS = "SELECT site, reason, since FROM holds WHERE sum IS NULL";
    SUM_HOLD = "UPDATE holds SET sum = $1 WHERE site = $2";
    TALLIES = "SELECT site, month, act, granted, count, sum FROM tallies";
    NEW_TALLIES = "SELECT site, month, act, granted, count FROM tallies WHERE sum IS NULL";
    SUM_TALLY = "UPDATE tallies SET sum = $1 WHERE site = $2 AND month = $3 AND act = $4 AND granted = $5";
    LINES = "SELECT seq, at, who, token, role, action, site, filter, rows, manifest, sum FROM audit";
    NEW_LINES = "SELECT seq, at, who, token, role, action, site, filter, rows, manifest FROM audit WHERE sum IS NULL";
    SUM_LINE = "UPDATE audit SET sum = $1 WHERE seq = $2";
    TOKEN = "SELECT hash, role, sites, label, created_at, expires_at, used_on, sum FROM tokens WHERE hash = $1";
    HOLD = "SELECT site, reason, since, sum FROM holds WHERE site = $1";
    LAST_PUBLISHED = "SELECT site, declaration, sum FROM published WHERE site = ANY($1)";
    REMOVED_FROM = "SELECT site, first, last, sum FROM removed WHERE site = $1 AND first = $2";
    TALLY = "SELECT site, month, act, granted, count, sum FROM tallies WHERE site = $1 AND month = $2 AND act = $3 AND granted = $4";
    LINE = "SELECT seq, at, who, token, role, action, site, filter, rows, manifest, sum FROM audit WHERE seq = $1";
    LINES_OF_RECORDS = "SELECT seq, at, who, token, role, action, site, filter, rows, manifest, sum FROM audit
        WHERE filter = ANY($1) AND filter LIKE 'record=%'";
    LINES_OF_SUBJECT = "SELECT seq, at, who, token, role, action, site, filter, rows, manifest, sum FROM audit
        WHERE site = $1 AND filter LIKE '%subject=sha256:%' AND strpos(filter, $2) > 0";
    MOMENT = "SELECT what, at, sum FROM moments WHERE what = $1";
    MOMENTS = "SELECT what, at, sum FROM moments";
    NEW_MOMENTS = "SELECT what, at FROM moments WHERE sum IS NULL";
    SUM_MOMENT = "UPDATE moments SET sum = $1 WHERE what = $2";
}

/// A table whose rows have sums.
pub(super) struct Table {
    name: &'static str,
    /// How many columns, the first ones, find a row.
    key: usize,
    /// All that is summed, and the sum.
    all: Sql,
    /// The rows without a sum.
    new: Sql,
    /// Gives a row, by its key, the sum.
    put: Sql,
}

impl Table {
    const fn new(name: &'static str, key: usize, [all, new, put]: [Sql; 3]) -> Self {
        Self {
            name,
            key,
            all,
            new,
            put,
        }
    }

    /// What it is called in the database.
    #[cfg(test)]
    pub(super) const fn name(&self) -> &'static str {
        self.name
    }
}

pub(super) const OF_SITES: Table = Table::new("sites", 1, [SITES, NEW_SITES, SUM_SITE]);
pub(super) const OF_REMOVED: Table = Table::new("removed", 2, [REMOVED, NEW_REMOVED, SUM_REMOVED]);
pub(super) const OF_ARTEFACTS: Table =
    Table::new("artefacts", 3, [ARTEFACTS, NEW_ARTEFACTS, SUM_ARTEFACT]);
pub(super) const OF_PUBLISHED: Table =
    Table::new("published", 1, [PUBLISHED, NEW_PUBLISHED, SUM_PUBLISHED]);
pub(super) const OF_TOKENS: Table = Table::new("tokens", 1, [TOKENS, NEW_TOKENS, SUM_TOKEN]);
pub(super) const OF_HOLDS: Table = Table::new("holds", 1, [HOLDS, NEW_HOLDS, SUM_HOLD]);
pub(super) const OF_TALLIES: Table = Table::new("tallies", 4, [TALLIES, NEW_TALLIES, SUM_TALLY]);
pub(super) const OF_TRAIL: Table = Table::new("audit", 1, [LINES, NEW_LINES, SUM_LINE]);
pub(super) const OF_MOMENTS: Table = Table::new("moments", 1, [MOMENTS, NEW_MOMENTS, SUM_MOMENT]);

pub(super) const TABLES: [Table; 9] = [
    OF_SITES,
    OF_REMOVED,
    OF_ARTEFACTS,
    OF_PUBLISHED,
    OF_TOKENS,
    OF_HOLDS,
    OF_TALLIES,
    OF_TRAIL,
    OF_MOMENTS,
];

/// Gives the rows that this transaction has written their sums.
pub(super) async fn add(session: &mut Session, table: &Table) -> Result<(), StoreError> {
    for row in session.rows(table.new, &[]).await? {
        put(session, table, &row, &sum(&row, row.len())?).await?;
    }
    Ok(())
}

async fn put(
    session: &mut Session,
    table: &Table,
    row: &Row,
    sum: &[u8],
) -> Result<(), StoreError> {
    let key = key(row, table)?;
    let mut values: Vec<&(dyn ToSql + Sync)> = vec![&sum];
    values.extend(key.iter().map(|part| part as &(dyn ToSql + Sync)));
    session.execute(table.put, &values).await?;
    Ok(())
}

/// Marks those of the rows that are about to be changed whose sums are wrong already.
pub(super) async fn keep_wrong(
    session: &mut Session,
    table: &Table,
    select: Sql,
    values: &Values<'_>,
) -> Result<(), StoreError> {
    for row in session.rows(select, values).await? {
        if !is_right(&row)? {
            put(session, table, &row, &[]).await?;
        }
    }
    Ok(())
}

/// The rows of a table whose values are not those that were written, each by its key.
pub(super) async fn wrong(
    session: &mut Session,
    table: &Table,
    told: &mut dyn FnMut(String) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    session
        .each(table.all, |row| {
            if is_right(row)? {
                return Ok(ControlFlow::Continue(()));
            }
            let key: Vec<String> = key(row, table)?.iter().map(Part::shown).collect();
            let key = key.join(" ");
            Ok(told(format!("table {}, row \"{key}\"", table.name)))
        })
        .await
}

/// Whether the last column is the sum of the others.
fn is_right(row: &Row) -> Result<bool, StoreError> {
    let summed = row.len() - 1;
    let stored: Option<&[u8]> = get(row, summed)?;
    Ok(stored == Some(&sum(row, summed)?[..]))
}

fn sum(row: &Row, columns: usize) -> Result<[u8; LENGTH], StoreError> {
    let mut sum = RowSum::default();
    for column in 0..columns {
        sum.add(value(row, column)?);
    }
    Ok(sum.finish())
}

fn value(row: &Row, column: usize) -> Result<Value<'_>, StoreError> {
    let value = match *row.columns().get(column).map_or(&Type::VOID, Column::type_) {
        Type::INT4 => get::<Option<i32>>(row, column)?.map(|number| Value::Integer(number.into())),
        Type::INT8 => get::<Option<i64>>(row, column)?.map(Value::Integer),
        Type::TEXT => get::<Option<&str>>(row, column)?.map(|text| Value::Text(text.as_bytes())),
        Type::BYTEA => get::<Option<&[u8]>>(row, column)?.map(Value::Bytes),
        _ => return Err(StoreError::Corrupt("type of a column")),
    };
    Ok(value.unwrap_or(Value::Null))
}

fn key<'r>(row: &'r Row, table: &Table) -> Result<Vec<Part<'r>>, StoreError> {
    (0..table.key)
        .map(|column| value(row, column).map(Part))
        .collect()
}

/// A column of a key.
#[derive(Debug)]
struct Part<'a>(Value<'a>);

impl Part<'_> {
    fn shown(&self) -> String {
        match self.0 {
            Value::Null => String::new(),
            Value::Integer(number) => number.to_string(),
            Value::Real(number) => number.to_string(),
            Value::Text(text) => String::from_utf8_lossy(text).into_owned(),
            Value::Bytes(bytes) => bytes.iter().fold(String::new(), |mut text, byte| {
                let _ = write!(text, "{byte:02x}");
                text
            }),
        }
    }
}

impl ToSql for Part<'_> {
    fn to_sql(
        &self,
        of: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self.0 {
            Value::Null => return Ok(IsNull::Yes),
            Value::Integer(number) if *of == Type::INT4 => {
                return i32::try_from(number)?.to_sql(of, out);
            }
            Value::Integer(number) => return number.to_sql(of, out),
            Value::Real(number) => return number.to_sql(of, out),
            Value::Text(bytes) | Value::Bytes(bytes) => out.extend_from_slice(bytes),
        }
        Ok(IsNull::No)
    }

    fn accepts(of: &Type) -> bool {
        [Type::INT4, Type::INT8, Type::TEXT, Type::BYTEA].contains(of)
    }

    to_sql_checked!();
}
