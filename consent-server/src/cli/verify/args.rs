//! What is to be verified, and against what.

use crate::cli::export::moment;
use consent_core::id::SiteId;
use consent_core::time::UnixSeconds;
use std::path::PathBuf;

/// Check a receipt, a cookie, an export or an evidence file, step by step; needs no server.
///
/// The last line is the verdict: "valid"; "not valid"; or "unproven", of what agrees with itself and was checked against no
/// key that you trust: anybody can have made it.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 valid, 1 not valid, 2 the command could not run, 3 unproven. With --json, `verdict` is valid, not_valid or unproven, and `valid` is true of the first alone."
)]
pub(in crate::cli) struct Args {
    /// A file with a receipt, the value of a cookie, an export as JSON Lines, or an evidence file; - reads stdin.
    #[arg(value_name = "FILE|-")]
    pub(super) file: PathBuf,
    /// The server's public keys, as it serves them at /.well-known/jwks.json. An evidence file brings its own, which prove
    /// less.
    #[arg(long, value_name = "JWKS", conflicts_with = "data")]
    pub(super) keys: Option<PathBuf>,
    /// The server's data folder, instead of --keys.
    #[arg(long, value_name = "DIR")]
    pub(super) data: Option<PathBuf>,
    /// The moment at which the choice must stand. Left out, it is now; for exports and evidence the moment of signing.
    #[arg(long, value_name = "DATE", value_parser = moment)]
    pub(super) at: Option<UnixSeconds>,
    /// The site it must be for.
    #[arg(long)]
    pub(super) site: Option<SiteId>,
    /// The notice that must have been shown, as the server serves it by its digest.
    #[arg(long, value_name = "FILE")]
    pub(super) notice: Option<PathBuf>,
    /// The proof that a receipt is in the log (*.tlog-proof).
    #[arg(long, value_name = "FILE")]
    pub(super) proof: Option<PathBuf>,
    /// Keys of notes, one a line: the log's first, then those of the witnesses that are trusted.
    #[arg(long, value_name = "FILE")]
    pub(super) log_keys: Option<PathBuf>,
    /// A checkpoint of the log that was kept from earlier, or got from somebody else.
    #[arg(long, value_name = "FILE")]
    pub(super) checkpoint: Option<PathBuf>,
    /// A copy of the log's tiles (the folder with tile/ in it), to compare with a checkpoint of another size.
    #[arg(long, value_name = "DIR", requires = "checkpoint")]
    pub(super) tiles: Option<PathBuf>,
    /// The certificate of the authority that gives timestamps, or its root, in PEM.
    #[arg(long, value_name = "FILE")]
    pub(super) authority: Option<PathBuf>,
    /// The manifest of an export; the one beside the file, if there is one and no other is given.
    #[arg(long, value_name = "FILE")]
    pub(super) manifest: Option<PathBuf>,
    /// The name of the site's cookie, for a header with several; eu-consent if left out.
    #[arg(long, value_name = "NAME")]
    pub(super) cookie: Option<String>,
    /// Look at what a record says that nobody has signed, as cookies are until the server has answered. It stays unproven.
    #[arg(long)]
    pub(super) unsigned: bool,
    /// Write the verdict as JSON.
    #[arg(long)]
    pub(super) json: bool,
}
