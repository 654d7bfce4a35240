//! `row_sum`, the function of the database's triggers.

use crate::store::row_sum::{RowSum, Value};
use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::ValueRef;

/// Makes the function known to a connection.
pub(super) fn register(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function("row_sum", -1, flags, |values| {
        let mut sum = RowSum::default();
        for value in 0..values.len() {
            sum.add(match values.get_raw(value) {
                ValueRef::Null => Value::Null,
                ValueRef::Integer(integer) => Value::Integer(integer),
                ValueRef::Real(real) => Value::Real(real),
                ValueRef::Text(text) => Value::Text(text),
                ValueRef::Blob(bytes) => Value::Bytes(bytes),
            });
        }
        Ok(sum.finish().to_vec())
    })
}
