//! What an auditor holds of a log, and what it says about a receipt.

use super::{Args, read_text};
use anyhow::{Context as _, Result, bail};
use consent_core::checkpoint::SignedCheckpoint;
use consent_core::digest::Digest;
use consent_core::evidence;
use consent_core::merkle::{self, TileReader};
use consent_core::note::NoteKey;
use consent_core::tlog_proof::TlogProof;
use consent_server::verdict::StepVerdict;
use std::path::Path;

/// The keys that an auditor trusts, and the checkpoint that they hold.
pub(super) struct Trusted {
    /// The log's first, then those of witnesses.
    pub(super) keys: Vec<NoteKey>,
    pub(super) held: Option<SignedCheckpoint>,
}

impl Trusted {
    /// What the options name; nothing if they name nothing of a log.
    pub(super) fn read(args: &Args) -> Result<Option<Self>> {
        let keys = match &args.log_keys {
            Some(file) => read_keys(file)?,
            None => Vec::new(),
        };
        let held = args
            .checkpoint
            .as_deref()
            .map(read_checkpoint)
            .transpose()?;
        Ok((!keys.is_empty() || held.is_some()).then_some(Self { keys, held }))
    }

    pub(super) fn witnesses(&self) -> &[NoteKey] {
        self.keys.get(1..).unwrap_or_default()
    }

    /// The proof that the smaller of two checkpoints is the beginning of the larger, from a copy of the tiles.
    pub(super) fn consistency(
        &self,
        args: &Args,
        shown: &SignedCheckpoint,
    ) -> Result<Option<Vec<Digest>>> {
        let (Some(held), Some(folder)) = (&self.held, &args.tiles) else {
            return Ok(None);
        };
        let sizes = [held, shown].map(|checkpoint| checkpoint.unverified().size());
        let (old, new) = (sizes[0].min(sizes[1]), sizes[0].max(sizes[1]));
        if old == new {
            return Ok(None);
        }
        let mut tiles = TileReader::new(new, |tile| {
            std::fs::read(folder.join("tile").join(tile.path()))
        });
        let proof = merkle::consistency_proof(old, new, |node| tiles.node(node));
        let proof = proof.with_context(|| format!("the tiles in {}", folder.display()))?;
        Ok(Some(proof))
    }
}

/// Whether the receipt is in the log, as the proof of `--proof` says.
pub(super) fn logged(args: &Args, receipt: &str) -> Result<Option<StepVerdict>> {
    let Some((proof, log)) = proof(args)? else {
        return Ok(None);
    };
    Ok(Some(StepVerdict::of(
        "logged",
        evidence::included(&proof, receipt, &log).map(drop),
    )))
}

/// Whether the proof's checkpoint is of the log that the auditor has seen.
pub(super) fn consistent(args: &Args) -> Result<Option<StepVerdict>> {
    let (Some((proof, log)), Some(trusted)) = (proof(args)?, Trusted::read(args)?) else {
        return Ok(None);
    };
    let Some(held) = &trusted.held else {
        return Ok(None);
    };
    let hashes = trusted.consistency(args, &proof.checkpoint)?;
    Ok(Some(match evidence::consistent(held, &proof.checkpoint, &log, hashes.as_deref()) {
        Ok(Some(_)) => StepVerdict::of("consistent", Ok(())),
        Ok(None) => StepVerdict::not_checked("consistent", Some("the two checkpoints differ in size: give a copy of the log's tiles with --tiles".into())),
        Err(why) => StepVerdict::of("consistent", Err(why)),
    }))
}

fn proof(args: &Args) -> Result<Option<(TlogProof, NoteKey)>> {
    let Some(file) = &args.proof else {
        return Ok(None);
    };
    let proof = read_text(file)?
        .parse()
        .with_context(|| file.display().to_string())?;
    let Some(keys) = &args.log_keys else {
        bail!("whose log? Give its key with --log-keys");
    };
    Ok(Some((proof, read_keys(keys)?.remove(0))))
}

fn read_checkpoint(file: &Path) -> Result<SignedCheckpoint> {
    SignedCheckpoint::parse(&read_text(file)?).with_context(|| file.display().to_string())
}

/// Never empty.
fn read_keys(file: &Path) -> Result<Vec<NoteKey>> {
    let text = read_text(file)?;
    let keys: Result<Vec<NoteKey>, _> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.trim().parse())
        .collect();
    let keys = keys.with_context(|| file.display().to_string())?;
    if keys.is_empty() {
        bail!(
            "{} has no key in it: one a line, the log's first",
            file.display()
        );
    }
    Ok(keys)
}
