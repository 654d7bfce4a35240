//! `consent diff`

use super::parts::data_folder;
use super::store::StoreArgs;
use super::{Answer, say};
use anyhow::{Context as _, Result, bail};
use consent_core::changes::Changes;
use consent_core::site::{Diagnostic, Site};
use consent_server::data::DataFolder;
use consent_server::declarations::read_files;
use consent_server::published_declarations;
use std::path::{Path, PathBuf};

/// Say what a changed declaration does: what visitors will read otherwise, whether everybody is asked again and why, and what
/// becomes another thing than was agreed to without asking anybody.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Args {
    /// The declaration as it was.
    #[arg(required = true, value_name = "OLD")]
    first: Option<PathBuf>,
    /// The declaration as it will be.
    #[arg(required_unless_present = "data", value_name = "NEW")]
    second: Option<PathBuf>,
    /// A server's data folder: NEW alone is compared with what its site has published last. Works while the server runs.
    #[arg(long, value_name = "DIR", value_parser = data_folder())]
    data: Option<DataFolder>,
    #[command(flatten)]
    store: StoreArgs,
    /// What becomes another thing without asking anybody is meant so: exit code 0.
    #[arg(long)]
    accept: bool,
    /// Write one JSON object, for scripts.
    #[arg(long)]
    json: bool,
}

const AFTER_HELP: &str = "\
With --json, stdout is one object: {\"asks_again\", \"scopes\": [old, new], \"changes\": [{\"key\", \"languages\", \"effect\", \"old\", \"new\"}]}.
An effect is asks-again, meaning (another thing than was agreed to), wording or unread (visitors do not read it).

Exit codes: 0 fine, 1 something becomes another thing than was agreed to and nobody is asked, 2 a declaration cannot be read.";

impl Args {
    pub(super) fn data(&self) -> Option<&DataFolder> {
        self.data.as_ref()
    }
}

pub(super) fn run(args: &Args) -> Result<Answer> {
    let (old, new) = match (&args.first, &args.second, &args.data) {
        (Some(old), Some(new), None) => (read(old)?, read(new)?),
        (Some(new), None, Some(data)) => {
            let new = read(new)?;
            (published(data, &args.store, &new)?, new)
        }
        _ => bail!("give two declarations, or one and --data"),
    };
    let changes = Changes::between(&old, &new);
    if args.json {
        say(changes.to_json())?;
    } else {
        let mut heading = "";
        for (said, change) in changes.told() {
            if said != heading {
                say(format_args!("{}:", capitalised(said)))?;
                heading = said;
            }
            say(format_args!("  {change}"))?;
        }
    }
    let unasked = changes.unasked().count();
    let [before, after] = changes.scopes;
    if changes.all.is_empty() {
        eprintln!("Nothing changes.");
    } else if changes.ask_again() {
        eprintln!("Everybody is asked again: the scope was {before}, and is {after}.");
    } else if unasked == 0 {
        eprintln!("Nobody is asked again.");
    } else if args.accept {
        eprintln!("Nobody is asked again, as was accepted.");
    } else {
        eprintln!(
            "Nobody is asked again, and {unasked} of these is not what was agreed to: raise `revision` to ask, or say --accept."
        );
    }
    let is_fine = unasked == 0 || args.accept;
    Ok(if is_fine { Answer::Yes } else { Answer::No })
}

fn read(path: &Path) -> Result<Site> {
    let read = read_files(std::slice::from_ref(&path.to_owned()))?;
    let declared = read.into_iter().next().context("no declaration was read")?;
    let lines = |wrong: Vec<Diagnostic>| {
        let lines: Vec<_> = wrong.iter().map(ToString::to_string).collect();
        anyhow::Error::msg(lines.join("\n"))
    };
    Ok(declared.read.map_err(lines)?.site)
}

/// What the site has published last.
fn published(data: &DataFolder, store: &StoreArgs, new: &Site) -> Result<Site> {
    let store = store
        .of(data)?
        .open_existing()
        .context("no published declarations")?;
    let last = published_declarations::last(&*store, &new.id)?;
    last.with_context(|| format!("{} has published nothing here", new.id))
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}
