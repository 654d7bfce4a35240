//! `SHA256SUMS`: the digest of each other file of the archive, as `sha256sum -c` reads it.

use core::fmt::Write as _;

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;

use super::names;
use crate::archive::Archive;
use crate::digest::Digest;
use crate::id::RecordId;

/// What the first line begins with. A comment for `sha256sum`; to a key, the sign that this is no receipt and no note.
pub(super) const HEADER: &str = "# consent-evidence/v1 ";

/// The text: a line that names the record, then the files in the order of their names.
pub(super) fn write(record: RecordId, archive: &Archive) -> String {
    let mut text = format!("{HEADER}{record}\n");
    for (name, content) in archive.iter().filter(|(name, _)| is_listed(name)) {
        let _ = writeln!(text, "{}  {name}", Digest::of(content).to_hex());
    }
    text
}

/// Says what in an archive does not fit its sums. The files that must be there are there.
pub(super) fn check(archive: &Archive) -> Result<RecordId, String> {
    let text = archive.get(names::SUMS).unwrap_or_default();
    let text = core::str::from_utf8(text).map_err(|_| "SHA256SUMS is not text")?;
    let mut lines = text.lines();
    let record = lines.next().and_then(|line| line.strip_prefix(HEADER));
    let record = record.and_then(|id| id.parse().ok());
    let record = record.ok_or_else(|| {
        format!("SHA256SUMS does not begin with `{HEADER}` and the id of a record")
    })?;
    let listed: BTreeMap<&str, &str> = lines
        .filter_map(|line| line.split_once("  "))
        .map(|(sum, name)| (name, sum))
        .collect();
    let expected = write(record, archive);
    for line in expected.lines().skip(1) {
        let Some((sum, name)) = line.split_once("  ") else {
            continue;
        };
        match listed.get(name) {
            None => return Err(format!("{name} is not in SHA256SUMS")),
            Some(other) if *other != sum => {
                return Err(format!("{name} is not the file that SHA256SUMS names"));
            }
            Some(_) => {}
        }
    }
    if text == expected {
        Ok(record)
    } else {
        Err("SHA256SUMS names other files than these, or in another order".into())
    }
}

fn is_listed(name: &str) -> bool {
    name != names::SUMS && name != names::SEAL
}
