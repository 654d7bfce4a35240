//! `consent hold`

use super::parts::data_folder;
use super::store::StoreArgs;
use super::{Answer, known, say};
use anyhow::{Context as _, Result};
use consent_core::id::SiteId;
use consent_server::clock::Clock;
use consent_server::data::DataFolder;
use consent_server::store::{Actor, Hold, Store, deeds};
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The site.
    #[arg(long, required_unless_present = "list", conflicts_with = "list")]
    site: Option<SiteId>,
    /// Why nothing of it may be deleted.
    #[arg(
        long,
        required_unless_present_any = ["lift", "list"],
        conflicts_with_all = ["lift", "list"]
    )]
    reason: Option<String>,
    /// End the hold.
    #[arg(long, conflicts_with = "list")]
    lift: bool,
    /// Write the sites under a hold, since when and why, a line each.
    #[arg(long)]
    list: bool,
    /// The server's data folder.
    #[arg(long, value_name = "DIR", env = "CONSENT_DATA", value_parser = data_folder())]
    data: DataFolder,
    #[command(flatten)]
    store: StoreArgs,
    /// The folder of the sites' declarations: a site that was declared there counts as known before it has published anything.
    #[arg(long, value_name = "DIR", env = "CONSENT_SITES")]
    sites: Option<PathBuf>,
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
        .context("the database")?;
    let Some(site) = args.site else {
        return list(&*store);
    };
    known::check(&*store, args.sites.as_deref(), &site)?;
    let now = Clock::system().now();
    let operator = Actor::operator("command line", now);
    if !args.lift {
        let hold = Hold {
            site: site.clone(),
            reason: args.reason.unwrap_or_default(),
            since: now,
        };
        deeds::hold(&*store, &hold, &operator)?;
        eprintln!("Nothing of site \"{site}\" is deleted until the hold is lifted.");
        return Ok(Answer::Yes);
    }
    if deeds::lift(&*store, &site, &operator)? {
        eprintln!("The hold is lifted.");
        Ok(Answer::Yes)
    } else {
        eprintln!("There was no hold.");
        Ok(Answer::No)
    }
}

fn list(store: &dyn Store) -> Result<Answer> {
    let holds = store.holds()?;
    for hold in &holds {
        say(format_args!(
            "{}\t{}\t{}",
            hold.site,
            hold.since.to_rfc3339(),
            // Whoever wrote it cannot begin another line, nor colour this one.
            hold.reason.replace(char::is_control, " ")
        ))?;
    }
    if holds.is_empty() {
        eprintln!("No site is under a hold.");
    }
    Ok(Answer::Yes)
}
