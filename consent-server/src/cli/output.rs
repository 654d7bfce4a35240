//! What is written to stdout.

use std::fmt;
use std::io::{self, Write as _};

/// Writes a line of data.
pub(super) fn say(line: impl fmt::Display) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{line}")
}
