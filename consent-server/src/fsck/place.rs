//! How far a check has come.

use std::fmt;
use std::str::FromStr;

/// The parts of the check, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// The database file, its indexes, and the sums of rows.
    File,
    /// What the trail tells of holds and tokens.
    Trail,
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
            Self::Trail => "trail",
            Self::Artefacts => "artefacts",
            Self::Tiles => "tiles",
            Self::Vouched => "vouched",
            Self::Receipts => "receipts",
        }
    }
}

/// All of them.
pub(super) const STAGES: [Stage; 6] = [
    Stage::File,
    Stage::Trail,
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
