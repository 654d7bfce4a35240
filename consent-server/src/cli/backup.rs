//! `consent backup`

use super::parts::data_folder;
use super::store::StoreArgs;
use super::{Answer, say};
use anyhow::{Context as _, Result, bail, ensure};
use consent_server::clock::Clock;
use consent_server::data::{DataFolder, durable, private};
use consent_server::keys;
use consent_server::log::Vouched;
use consent_server::store::{Moment, Store, StoreError};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The server's data folder.
    #[arg(long, value_name = "DIR", env = "CONSENT_DATA", value_parser = data_folder())]
    data: DataFolder,
    #[command(flatten)]
    store: StoreArgs,
    /// The folder to make: a data folder, all but the log's last checkpoint.
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
}

impl Args {
    pub(super) fn data(&self) -> &DataFolder {
        &self.data
    }
}

pub(super) fn run(args: &Args) -> Result<Answer> {
    let name = args.to.display();
    refuse_taken(&args.to)?;
    let store = args
        .store
        .of(&args.data)?
        .open_existing()
        .context("nothing to back up")?;
    let unfinished = begin(&args.to)?;
    // Looked at again: who makes that folder has the unfinished one first, and another may have been done since.
    let copied = refuse_taken(&args.to)
        .and_then(|()| copy(&*store, &args.data, &DataFolder::at(&*unfinished)));
    if let Err(error) = copied {
        // Half a backup is none.
        let _ = fs::remove_dir_all(&unfinished);
        return Err(error);
    }
    durable::rename(&unfinished, &args.to).with_context(|| {
        format!(
            "{} is whole, and cannot be named {name}",
            unfinished.display()
        )
    })?;
    store
        .set_moment(Moment::BackedUp, Clock::system().now())
        .context("the backup is done, and not written down as the last")?;
    say(&name)?;
    eprintln!(
        "It holds the signing keys: keep it as secret as the data folder. Archives are not in it.\n\
         Nor is log/checkpoint, which says how far the log was signed: to start a server on this copy, take that file\n\
         from the data folder that was in use last, or run `consent log renew` if it is lost."
    );
    Ok(Answer::Yes)
}

fn refuse_taken(to: &Path) -> Result<()> {
    ensure!(
        !to.exists(),
        "{} is there already: give the name of a folder to be made",
        to.display()
    );
    Ok(())
}

/// Makes the folder that the backup is written into: it gets its name when it is whole, and it is made by one command alone.
fn begin(to: &Path) -> Result<PathBuf> {
    let name = to.file_name().context("--to names no folder")?;
    let mut name = name.to_owned();
    name.push(".unfinished");
    private::make_folder(parent(to))?;
    let unfinished = to.with_file_name(name);
    match private::make_new_folder(&unfinished) {
        Err(error) if error.source.kind() == ErrorKind::AlreadyExists => bail!(
            "{0} is there: another backup is being written, or one was cut short; if none runs, delete {0}",
            unfinished.display()
        ),
        made => made?,
    }
    Ok(unfinished)
}

fn copy(store: &dyn Store, data: &DataFolder, to: &DataFolder) -> Result<()> {
    Vouched::of(data)
        .copy_to(to)
        .context("what witnesses and authorities said of the log")?;
    match store.copy_to(&to.database()) {
        Err(StoreError::CopiedByOthers(tools)) => eprintln!(
            "The keys, and what others said of the log, are in it; the database is not: copy it with {tools}. A database \
             that was brought back from a copy needs `consent log renew` before the server starts on it."
        ),
        copied => {
            copied.with_context(|| format!("the database, into {}", to.path().display()))?;
        }
    }
    // After the database: no receipt of the copy is without its key, even when one was made meanwhile.
    keys::copy(data, to).context("the keys")?;
    Ok(durable::sync(to.path())?)
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}
