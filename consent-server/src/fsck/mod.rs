//! Whether everything that is stored is what was stored: `consent fsck`.
//!
//! What proves itself is proven: receipts by their signatures, artefacts by their digests, leaves by salt and receipt, the
//! tree by its root, the root by the signed checkpoint. The rest carries sums. Bits that mean nothing, in free pages and
//! counters of the file, are not looked at.

mod artefacts;
mod file;
mod gaps;
mod receipts;
mod tiles;
mod vouched;

pub(crate) use file::schema;

use crate::data::DataFolder;
use crate::log::{LogError, Vouched, last_signed};
use crate::store::{SqliteStore, StoreError};
use consent_core::checkpoint::SignedCheckpoint;
use consent_core::digest::Digest;
use consent_core::key::KeySet;
use consent_core::note::NoteKey;
use rusqlite::Connection;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::time::{Duration, Instant};
use tiles::Leaves;

/// The parts of the check, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// The database file, its indexes, and the sums of rows.
    File,
    /// What was published.
    Artefacts,
    /// The tree and the signed checkpoint.
    Tiles,
    /// What others said of the log.
    Vouched,
    /// The receipts.
    Receipts,
}

impl Stage {
    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Artefacts => "artefacts",
            Self::Tiles => "tiles",
            Self::Vouched => "vouched",
            Self::Receipts => "receipts",
        }
    }
}

const STAGES: [Stage; 5] = [
    Stage::File,
    Stage::Artefacts,
    Stage::Tiles,
    Stage::Vouched,
    Stage::Receipts,
];

/// Where a check begins: everything before was checked by an earlier run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// In which part.
    pub stage: Stage,
    /// After how many of its things: tiles, or the key of a receipt.
    pub after: u64,
}

impl Default for Place {
    fn default() -> Self {
        Self {
            stage: Stage::File,
            after: 0,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.stage.as_str(), self.after)
    }
}

/// The text is no place of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be as an earlier run printed it, like receipts:1099511640000")]
pub struct PlaceError;

impl FromStr for Place {
    type Err = PlaceError;

    fn from_str(text: &str) -> Result<Self, PlaceError> {
        let (stage, after) = text.split_once(':').unwrap_or((text, "0"));
        let stage = STAGES.into_iter().find(|known| known.as_str() == stage);
        Ok(Self {
            stage: stage.ok_or(PlaceError)?,
            after: after.parse().map_err(|_| PlaceError)?,
        })
    }
}

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
pub struct Checked {
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

/// Why a check could not run.
#[derive(Debug, thiserror::Error)]
pub enum FsckError {
    /// The storage cannot be opened, or is of another format.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The folder of the log.
    #[error(transparent)]
    Log(#[from] LogError),
    /// Whoever reads the findings went away.
    #[error(transparent)]
    Told(#[from] std::io::Error),
}

/// What tells people how the check goes.
pub trait Watcher {
    /// Something is wrong.
    fn found(&mut self, finding: Finding) -> std::io::Result<()>;

    /// The check has come this far: so many things of this part since its beginning, and the time that took.
    fn reached(&mut self, place: Place, count: u64, took: Duration) -> std::io::Result<()>;
}

/// Checks a data folder with these keys, from a place on. Nothing is changed.
pub fn check(
    data: &DataFolder,
    keys: &KeySet,
    log_key: Option<&NoteKey>,
    from: Place,
    watcher: &mut dyn Watcher,
) -> Result<Checked, FsckError> {
    // Before the database: a server that runs may sign meanwhile, but never what is not committed before.
    let kept = last_signed(data);
    let shelf = Vouched::of(data);
    let vouched = shelf.sizes()?;
    let connection = SqliteStore::inspect(data)?;
    // One view of the whole database, whatever a server writes meanwhile.
    connection.execute_batch("BEGIN; SELECT size FROM log")?;
    let mut check = Check {
        connection: &connection,
        kept: Some(kept),
        keys,
        log_key,
        watcher,
        checked: Checked::default(),
        leaves: None,
    };
    for stage in STAGES {
        if stage < from.stage {
            continue;
        }
        let after = if stage == from.stage { from.after } else { 0 };
        let began = Instant::now();
        let ran = match stage {
            Stage::File => file::check(&mut check),
            Stage::Artefacts => artefacts::check(&mut check),
            Stage::Tiles => tiles::check(&mut check, after),
            Stage::Vouched => vouched::check(&mut check, &shelf, &vouched),
            Stage::Receipts => receipts::check(&mut check, after),
        };
        match ran {
            // What the database cannot read is a finding like any other; the other parts may be whole.
            Err(FsckError::Store(error)) => check.found(stage.as_str(), error)?,
            ran => ran?,
        }
        let took = began.elapsed().as_secs_f64();
        check.checked.seconds.insert(stage.as_str(), took);
    }
    Ok(check.checked)
}

/// A check that runs.
struct Check<'a> {
    connection: &'a Connection,
    /// The checkpoint that was signed last, until it was looked at.
    kept: Option<Result<Option<SignedCheckpoint>, LogError>>,
    keys: &'a KeySet,
    log_key: Option<&'a NoteKey>,
    watcher: &'a mut dyn Watcher,
    checked: Checked,
    /// Which places of the log are taken, and by what leaf.
    leaves: Option<Leaves>,
}

impl Check<'_> {
    fn found(
        &mut self,
        place: impl fmt::Display,
        wrong: impl fmt::Display,
    ) -> Result<(), FsckError> {
        Ok(self.watcher.found(Finding {
            place: place.to_string(),
            wrong: wrong.to_string(),
        })?)
    }

    fn counted(&mut self, stage: Stage, count: u64) {
        *self.checked.counts.entry(stage.as_str()).or_default() += count;
    }

    /// Says when a place of the log has another leaf than it must, or was taken before.
    fn check_leaf(
        &mut self,
        owner: &dyn fmt::Display,
        place: i64,
        leaf: &Digest,
    ) -> Result<(), FsckError> {
        if self.leaves.is_none() {
            self.leaves = Some(Leaves::open(self.connection)?);
        }
        let Some(leaves) = &mut self.leaves else {
            return Ok(());
        };
        if let Some(wrong) = leaves.wrong(self.connection, place, leaf)? {
            self.found(owner, wrong)?;
        }
        Ok(())
    }
}

impl From<rusqlite::Error> for FsckError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}
