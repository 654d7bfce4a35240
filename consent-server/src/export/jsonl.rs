//! JSON Lines: the claims of a receipt, the receipt itself, and its place in its site's order of acceptance.

use super::ExportError;
use crate::store::Row;
use consent_core::receipt::{VerifyError, signed_claims};
use std::io::Write;

/// The claims are copied as they were signed, not written anew: what stands in the file is what the signature covers.
pub(super) fn write(row: &Row, to: &mut impl Write) -> Result<(), ExportError> {
    let claims = signed_claims(&row.receipt).map_err(|error| match error {
        VerifyError::Parts(_) => ExportError::of(row, &"it has no claims"),
        error => ExportError::of(row, &error),
    })?;
    let open = claims
        .strip_suffix(b"}")
        .ok_or_else(|| ExportError::of(row, &"its claims are no object"))?;
    to.write_all(open)?;
    writeln!(to, ",\"receipt\":\"{}\",\"seq\":{}}}", row.receipt, row.seq)?;
    Ok(())
}
