//! A check that runs, as its parts see it.

use super::error::FsckError;
use super::leaves::Leaves;
use super::place::Stage;
use super::report::{Examined, Finding, Watcher};
use crate::log::LogError;
use crate::store::Inspection;
use consent_core::checkpoint::SignedCheckpoint;
use consent_core::digest::Digest;
use consent_core::key::KeySet;
use consent_core::note::NoteKey;
use std::fmt;

/// A check that runs.
pub(super) struct Examination<'a> {
    pub(super) view: &'a dyn Inspection,
    /// The checkpoint that was signed last, until it was looked at.
    pub(super) kept: Option<Result<Option<SignedCheckpoint>, LogError>>,
    pub(super) keys: &'a KeySet,
    pub(super) log_key: Option<&'a NoteKey>,
    pub(super) watcher: &'a mut dyn Watcher,
    pub(super) checked: Examined,
    /// Which places of the log are taken, and by what leaf.
    pub(super) leaves: Option<Leaves>,
}

impl Examination<'_> {
    pub(super) fn found(
        &mut self,
        place: impl fmt::Display,
        wrong: impl fmt::Display,
    ) -> Result<(), FsckError> {
        Ok(self.watcher.found(Finding {
            place: place.to_string(),
            wrong: wrong.to_string(),
        })?)
    }

    pub(super) fn counted(&mut self, stage: Stage, count: u64) {
        *self.checked.counts.entry(stage.as_str()).or_default() += count;
    }

    /// Says when a place of the log has another leaf than it must, or was taken before.
    pub(super) fn examine_leaf(
        &mut self,
        owner: &dyn fmt::Display,
        place: i64,
        leaf: &Digest,
    ) -> Result<(), FsckError> {
        if self.leaves.is_none() {
            self.leaves = Some(Leaves::open(self.view)?);
        }
        let Some(leaves) = &mut self.leaves else {
            return Ok(());
        };
        if let Some(wrong) = leaves.wrong(self.view, place, leaf)? {
            self.found(owner, wrong)?;
        }
        Ok(())
    }
}
