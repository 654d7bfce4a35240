//! What a check finds, and who hears it.

use super::place::Place;
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Where.
    pub place: String,
    /// What.
    pub wrong: String,
}

/// What was looked at.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Examined {
    /// Things that were checked, by the part they belong to.
    pub counts: BTreeMap<&'static str, u64>,
    /// How long each part took, in seconds.
    pub seconds: BTreeMap<&'static str, f64>,
    /// How many entries the log has.
    pub entries: u64,
    /// The minimum index: tiles before it are kept, and not given out.
    pub minimum: u64,
    /// Its root in base64url, recomputed from the leaves; empty if that was not reached.
    pub root: String,
}

/// What tells people how the check goes.
pub trait Watcher {
    /// Something is wrong.
    fn found(&mut self, finding: Finding) -> std::io::Result<()>;

    /// The check has come this far: so many things of this part since its beginning, and the time that took.
    fn reached(&mut self, place: Place, count: u64, took: Duration) -> std::io::Result<()>;
}
