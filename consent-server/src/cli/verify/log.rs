//! What an auditor holds of a log, and what it says about a receipt.

use super::{Args, read_text};
use anyhow::{Context as _, Result, anyhow, bail};
use consent_core::checkpoint::{Checkpoint, SignedCheckpoint};
use consent_core::digest::Digest;
use consent_core::evidence;
use consent_core::merkle::{self, HASH_BYTES, ReadError, Subtree, Tile, TileReader};
use consent_core::note::NoteKey;
use consent_core::receipt::UnverifiedReceipt;
use consent_core::tlog_proof::TlogProof;
use consent_server::input;
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
        let larger = if sizes[0] == new { held } else { shown };
        let proof = proof_of_tiles(old, larger.unverified(), folder)
            .with_context(|| format!("the tiles in {}", folder.display()))?;
        Ok(Some(proof))
    }
}

/// The proof that the tree over the first `old` entries is the beginning of a larger one, out of a copy of its tiles.
///
/// Each hash of it is led to the root of the larger checkpoint first: the log is not to blame for a copy that is damaged.
fn proof_of_tiles(old: u64, larger: &Checkpoint, folder: &Path) -> Result<Vec<Digest>> {
    let (size, root) = (larger.size(), larger.root());
    let mut tiles = TileReader::new(size, |tile| tile_in(folder, tile));
    let mut used = Vec::new();
    let proof = merkle::consistency_proof(old, size, |node| {
        let hash = tiles.node(node)?;
        used.push((node, hash));
        Ok::<_, ReadError<std::io::Error>>(hash)
    })?;
    for (node, hash) in used {
        let part = Subtree::new(node.first(), node.end()).context("not a part of a tree")?;
        let path = merkle::subtree_consistency_proof(part, size, |node| tiles.node(node))?;
        merkle::verify_subtree_consistency(part, size, &hash, &root, &path).map_err(|_| {
            anyhow!(
                "do not lead to the root of the checkpoint of size {size}: this copy is damaged, or of another log; fetch it again"
            )
        })?;
    }
    Ok(proof)
}

/// A tile out of a copy that may have been made later, when the tile was wider.
fn tile_in(folder: &Path, tile: Tile) -> std::io::Result<Vec<u8>> {
    let path = |tile: Tile| folder.join("tile").join(tile.path());
    let whole = tile
        .wider()
        .find_map(|wider| input::read(&path(wider), input::TEXT).ok());
    let mut bytes = whole.ok_or_else(|| {
        std::io::Error::other(format!(
            "neither {} nor a wider one can be read",
            path(tile).display()
        ))
    })?;
    bytes.truncate(usize::from(tile.width()) * HASH_BYTES);
    Ok(bytes)
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

/// Who else has seen the checkpoint of `--proof`, of the witnesses that `--log-keys` names.
pub(super) fn witnessed(args: &Args, receipt: &str) -> Result<Option<StepVerdict>> {
    const STEP: &str = "witnessed";
    let (Some((proof, log)), Some(trusted)) = (proof(args)?, Trusted::read(args)?) else {
        return Ok(None);
    };
    let signed_at = UnverifiedReceipt::parse(receipt).map(|receipt| receipt.issued_at());
    let found = evidence::witnessed(&proof.checkpoint, &log, trusted.witnesses(), signed_at.ok());
    Ok(Some(match found {
        Ok(Some(seen)) => StepVerdict::passed(STEP, seen),
        Ok(None) => {
            StepVerdict::not_checked(STEP, Some("nobody that is known has cosigned".into()))
        }
        Err(why) => StepVerdict::of(STEP, Err(why)),
    }))
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
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::parse)
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
