//! A checksum over the values of a row, for rows that nothing else proves: what was changed in them, by hand or by chance,
//! shows. Who knows how it is made can make it anew: against them there is the log.

use consent_core::digest::Digest;

/// Bytes of a sum: enough for damage by chance.
pub(super) const LENGTH: usize = 8;

/// A value of a row.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value<'a> {
    Null,
    Integer(i64),
    Real(f64),
    Text(&'a [u8]),
    Bytes(&'a [u8]),
}

/// A sum that is being made, value by value.
#[derive(Default)]
pub(super) struct RowSum(Vec<u8>);

impl RowSum {
    /// Each value counts with its kind and its length: no two rows are written alike.
    pub(super) fn add(&mut self, value: Value<'_>) {
        let number;
        let (kind, bytes): (u8, &[u8]) = match value {
            Value::Null => (0, &[]),
            Value::Integer(integer) => {
                number = integer.to_be_bytes();
                (1, &number)
            }
            Value::Real(real) => {
                number = real.to_be_bytes();
                (2, &number)
            }
            Value::Text(bytes) => (3, bytes),
            Value::Bytes(bytes) => (4, bytes),
        };
        self.0.push(kind);
        self.0
            .extend_from_slice(&(bytes.len() as u64).to_be_bytes());
        self.0.extend_from_slice(bytes);
    }

    /// The first bytes of the SHA-256 of all that was added.
    pub(super) fn finish(self) -> [u8; LENGTH] {
        let mut sum = [0; LENGTH];
        sum.copy_from_slice(&Digest::of(&self.0).as_bytes()[..LENGTH]);
        sum
    }
}
