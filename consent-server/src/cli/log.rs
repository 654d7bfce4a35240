//! `consent log`

use super::parts::data_folder;
use super::store::StoreArgs;
use super::{Answer, say};
use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use consent_core::checkpoint::SignedCheckpoint;
use consent_core::note::NoteKey;
use consent_core::tlog_proof::TlogProof;
use consent_server::clock::Clock;
use consent_server::data::DataFolder;
use consent_server::log::{
    Vouched, Voucher, last_signed, log_key, prove, prune, read_log_key, renew,
};
use consent_server::url::BaseUrl;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Begin a log with a new name, when the database is older than what was signed, or the last checkpoint is lost.
    /// Proofs of the old log stay valid; what the database has lost stays lost. Prints the new name.
    Renew(Renew),
    /// Make the proof of an entry that is not stored any more, and print it: of a receipt in an archive, whose line has
    /// its place and its salt.
    Proof(Proof),
    /// Give out no tiles of entries whose receipts are all gone, and show the minimum index; the server may run. Nothing
    /// is deleted, and proofs for what is stored are still made. Only if your policy says so.
    Prune(Prune),
}

#[derive(Debug, clap::Args)]
pub(super) struct Proof {
    /// The server's data folder; the server may run.
    #[arg(long, value_name = "DIR", env = "CONSENT_DATA", value_parser = data_folder())]
    data: DataFolder,
    #[command(flatten)]
    store: StoreArgs,
    /// The entry's place, as `place` in the archive.
    #[arg(long, value_name = "NUMBER")]
    place: u64,
    /// The salt that its leaf was made with, as `salt` in the archive.
    #[arg(long, value_name = "BASE64URL")]
    salt: String,
}

#[derive(Debug, clap::Args)]
pub(super) struct Prune {
    /// The server's data folder.
    #[arg(long, value_name = "DIR", env = "CONSENT_DATA", value_parser = data_folder())]
    data: DataFolder,
    #[command(flatten)]
    store: StoreArgs,
    /// Change nothing; only tell what the minimum index would be.
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Renew {
    /// The server's data folder; the server must be stopped.
    #[arg(long, value_name = "DIR", env = "CONSENT_DATA", value_parser = data_folder())]
    data: DataFolder,
    #[command(flatten)]
    store: StoreArgs,
    /// The URL of the server; needed only if neither the database nor the last checkpoint has the log's name.
    #[arg(long, env = "CONSENT_URL")]
    url: Option<BaseUrl>,
}

impl Command {
    pub(super) fn data(&self) -> &DataFolder {
        match self {
            Self::Renew(args) => &args.data,
            Self::Proof(args) => &args.data,
            Self::Prune(args) => &args.data,
        }
    }
}

pub(super) fn run(command: &Command) -> Result<Answer> {
    match command {
        Command::Renew(args) => begin_anew(args),
        Command::Prune(args) => raise_minimum(args),
        Command::Proof(args) => make_proof(args),
    }
}

fn make_proof(args: &Proof) -> Result<Answer> {
    let store = args.store.of(&args.data)?.open_existing()?;
    let salt = URL_SAFE_NO_PAD.decode(&args.salt);
    let salt: [u8; 32] = salt
        .ok()
        .and_then(|salt| salt.try_into().ok())
        .context("--salt must be 32 bytes in base64url, as the archive has it")?;
    let last = last_signed(&args.data)?.context("there is no log yet")?;
    // The nearer to the entry, the more its time says.
    let voucher = match key_of(&args.data, &last)? {
        Some(log) => vouched(&Vouched::of(&args.data), args.place, &log)?,
        None => None,
    };
    let checkpoint = voucher.map_or(last, |voucher| voucher.checkpoint);
    let size = checkpoint.unverified().size();
    if args.place >= size {
        eprintln!(
            "The log has {size} signed entries: there is none at place {}.",
            args.place
        );
        return Ok(Answer::No);
    }
    let hashes = prove(&*store, args.place, size)?;
    let proof = TlogProof::of_receipt(&salt, args.place, hashes, checkpoint);
    say(proof.to_string().trim_end())?;
    eprintln!("Check it with `consent verify RECEIPT --proof FILE --log-keys FILE`.");
    Ok(Answer::Yes)
}

/// The key of the log that signed this; `None` without the server's keys.
pub(super) fn key_of(data: &DataFolder, checkpoint: &SignedCheckpoint) -> Result<Option<NoteKey>> {
    let Some(key) = read_log_key(data)? else {
        return Ok(None);
    };
    let name = checkpoint.unverified().origin().parse()?;
    let signer = key.into_note_signer(name);
    let signer = signer.context("the log's key is none that notes can have")?;
    Ok(Some(signer.key().clone()))
}

/// What others say of an entry; tells people which files were passed over.
pub(super) fn vouched(shelf: &Vouched, place: u64, log: &NoteKey) -> Result<Option<Voucher>> {
    let covering = shelf.covering(place, log)?;
    for error in covering.damaged {
        eprintln!("Passed over: {error}");
    }
    Ok(covering.voucher)
}

fn raise_minimum(args: &Prune) -> Result<Answer> {
    let store = args.store.of(&args.data)?.open_existing()?;
    let signed = last_signed(&args.data)?.map_or(0, |last| last.unverified().size());
    let raised = prune(&*store, signed, args.dry_run)?;
    let minimum = match raised {
        Some(minimum) => minimum,
        None => store.log_state()?.minimum,
    };
    say(minimum)?;
    eprintln!(
        "{} Of the {signed} signed entries, those from {minimum} on are given out.",
        match (raised, args.dry_run) {
            (None, _) => "Nothing to prune.",
            (Some(_), true) => "Nothing was changed.",
            (Some(_), false) => "Pruned.",
        }
    );
    Ok(Answer::Yes)
}

fn begin_anew(args: &Renew) -> Result<Answer> {
    // Where a key is, a server has run, and its database may be what was lost.
    let store = match read_log_key(&args.data).context("the log's key")? {
        Some(_) => args.store.of(&args.data)?.open_beside()?,
        None => args.store.of(&args.data)?.open_existing()?,
    };
    let key = log_key(&args.data, Clock::system().now()).context("the log's key")?;
    let shelf = Vouched::of(&args.data);
    let witnesses = shelf.witnesses().unwrap_or_default();
    let name = renew(&*store, &args.data, key, args.url.as_ref())?;
    say(&name)?;
    let vkey = last_signed(&args.data)?
        .map(|last| key_of(&args.data, &last))
        .transpose()?
        .flatten();
    eprintln!("{}", what_to_tell(&witnesses, vkey.as_ref()));
    Ok(Answer::Yes)
}

/// A log with a new name is unknown to everybody: who must hear of it, and what.
fn what_to_tell(witnesses: &[NoteKey], vkey: Option<&NoteKey>) -> String {
    let names: Vec<_> = witnesses.iter().map(|key| key.name().to_string()).collect();
    let names = match names.as_slice() {
        [] => "any witness".to_owned(),
        names => names.join(", "),
    };
    let line = vkey.map_or_else(
        || "what /log/vkey answers once the server runs".into(),
        ToString::to_string,
    );
    format!(
        "Nobody knows the log by this name yet. --witness of this server stays as it is. But {names} will answer 404, and\n\
         nobody vouches for the log, until the operator there has added this line to the file that --logs names, beside the\n\
         old one, and has restarted the witness:\n{line}\nAuditors need the same line."
    )
}
