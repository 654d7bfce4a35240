//! `consent evidence`

use super::log::{key_of, vouched};
use super::parts::data_folder;
use super::serve::key_source;
use super::store::StoreArgs;
use super::{Answer, say};
use anyhow::{Context as _, Result, anyhow, ensure};
use consent_core::evidence::{Logged, Trust, verify};
use consent_core::id::{RecordId, SiteId};
use consent_core::note::NoteKey;
use consent_core::receipt::UnverifiedReceipt;
use consent_core::tlog_proof::TlogProof;
use consent_server::clock::Clock;
use consent_server::data::{DataFolder, durable};
use consent_server::evidence::{Office, file_name, gather};
use consent_server::folder::{Folder, said_once};
use consent_server::log::{self, Vouched};
use consent_server::store::{Access, Store};
use std::io::Write as _;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The record: what the receipt calls `jti`, and exports too.
    #[arg(value_name = "RECORD ID")]
    record: RecordId,
    /// The server's data folder.
    #[arg(long, value_name = "DIR", env = "CONSENT_DATA", value_parser = data_folder())]
    data: DataFolder,
    #[command(flatten)]
    store: StoreArgs,
    /// The folder of the sites' declarations, for the names that visitors saw and for the formats of Kantara and DPV: only
    /// for records of a database that has not kept their declaration.
    #[arg(long, value_name = "DIR", env = "CONSENT_SITES")]
    sites: Option<PathBuf>,
    /// A file with the key that signs, instead of the newest in the data folder.
    #[arg(long, value_name = "FILE", env = "CONSENT_SIGNING_KEY_FILE")]
    signing_key: Option<PathBuf>,
    /// The file to write, or - for stdout; SITE-RECORD.evidence.zip if left out.
    #[arg(short, long, value_name = "FILE|-")]
    output: Option<PathBuf>,
}

impl Args {
    pub(super) fn data(&self) -> &DataFolder {
        &self.data
    }
}

pub(super) fn run(args: Args) -> Result<Answer> {
    let store = args
        .store
        .of(&args.data)?
        .open_existing()
        .context("no receipts to prove")?;
    let Some(receipt) = store.find(args.record)? else {
        eprintln!(
            "There is no record {}. Was it erased, or has its time ended?",
            args.record
        );
        return Ok(Answer::No);
    };
    let site = UnverifiedReceipt::parse(&receipt)?.record().site.clone();
    let name = file_name(&site, &args.record.to_text());
    let file = args.output.unwrap_or_else(|| PathBuf::from(name));
    // Before the trail tells of a file that was never made.
    ensure!(
        file.symlink_metadata().is_err() || file == Path::new("-"),
        "{} is there already: name another file with --output",
        file.display()
    );
    let now = Clock::system().now();
    let folder = args.sites.as_deref().map(|sites| Folder::read(sites, now));
    let folder = folder
        .transpose()
        .context("the declarations of the sites")?
        .unwrap_or_default();
    // Those of other sites are nothing to this receipt; and its own may have been kept.
    for wrong in said_once(&folder.refused) {
        eprintln!("Passed over: {wrong}");
    }
    let sites = folder.sites;
    let data = args.data.clone();
    let keys = key_source(args.data, args.signing_key)
        .read()
        .context("the signing keys")?;
    let public = keys.published();
    let access = Access {
        at: Clock::system().now(),
        who: "command line".into(),
        token: String::new(),
        role: "operator".into(),
        action: "evidence".into(),
        site: Some(site.clone()),
        filter: String::new(),
        rows: Some(1),
    };
    store.note_record(&access, args.record)?;
    let proof = prove(&*store, &data, &site, args.record)?;
    let office = Office {
        keys: public,
        // The issuer is in the receipt already.
        seal: &keys.signer(""),
        log: proof.as_ref().map(|proven| Logged {
            proof: &proven.proof,
            log: &proven.log,
            witnesses: &proven.witnesses,
            timestamp: proven.timestamp.as_deref(),
        }),
        declaration: sites
            .iter()
            .map(|written| &written.site)
            .find(|declared| declared.id == site),
    };
    let zip = gather(&*store, &receipt, &office)?;
    let report = verify(
        &zip,
        &Trust {
            keys: Some(public),
            ..Trust::default()
        },
    );
    if let Some((step, why)) = report.failed() {
        return Err(anyhow!(
            "the evidence does not verify ({step}: {why}): run `consent fsck`"
        ));
    }
    if file == Path::new("-") {
        std::io::stdout().lock().write_all(&zip)?;
    } else {
        // What somebody has chosen is for its owner's eyes only.
        durable::create(&file, &zip)?;
        say(file.display())?;
        eprintln!("It verifies. Check it with `consent verify`, or as its README.txt says.");
    }
    Ok(Answer::Yes)
}

/// What the log says, and others of it.
struct Proven {
    proof: TlogProof,
    log: NoteKey,
    witnesses: Vec<NoteKey>,
    timestamp: Option<Vec<u8>>,
}

/// The proof that the record is in the log: as others have vouched for it soon after, or as it was signed last.
fn prove(
    store: &dyn Store,
    data: &DataFolder,
    at: &SiteId,
    record: RecordId,
) -> Result<Option<Proven>> {
    let Some(latest) = log::last_signed(data)? else {
        return Ok(None);
    };
    let Some(log) = key_of(data, &latest)? else {
        return Ok(None);
    };
    let size = latest.unverified().size();
    let Some(found) = store.logged(at, record)?.filter(|found| found.place < size) else {
        eprintln!(
            "The record is not in the signed log yet, and its evidence comes without that proof. While the server runs, it is a second later."
        );
        return Ok(None);
    };
    let shelf = Vouched::of(data);
    let (checkpoint, timestamp) = match vouched(&shelf, found.place, &log)? {
        Some(voucher) => (voucher.checkpoint, voucher.timestamp),
        None => (latest, None),
    };
    let hashes = log::prove(store, found.place, checkpoint.unverified().size())?;
    let proof = TlogProof::of_receipt(&found.salt, found.place, hashes, checkpoint);
    Ok(Some(Proven {
        proof,
        log,
        witnesses: shelf.witnesses()?,
        timestamp,
    }))
}
