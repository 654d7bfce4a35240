//! A receipt as of its own signing.

use alloc::string::{String, ToString as _};

use crate::key::KeySet;
use crate::receipt::{Expectations, Receipt, UnverifiedReceipt, VerifyError, signed_claims};

/// The claims of a receipt as a text, byte for byte as they were signed.
pub(super) fn claims(receipt: &str) -> Result<String, VerifyError> {
    let bytes = signed_claims(receipt)?;
    String::from_utf8(bytes).map_err(|error| VerifyError::Claims(error.to_string()))
}

/// A receipt that was verified as of its own signing, for what is told about it.
pub(super) fn as_signed(receipt: &str, keys: &KeySet) -> Result<Receipt, VerifyError> {
    let unverified = UnverifiedReceipt::parse(receipt)?;
    let at = unverified.issued_at();
    unverified.verify(keys, &Expectations::at(at))
}
