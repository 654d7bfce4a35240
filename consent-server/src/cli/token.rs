//! `consent token`

use super::{Answer, say};
use anyhow::{Context as _, Result, anyhow};
use consent_core::id::SiteId;
use consent_core::time::UnixSeconds;
use consent_server::auth::{Role, SiteSet, Token};
use consent_server::clock::Clock;
use consent_server::keys::make_private_folder;
use consent_server::store::{Access, SqliteStore, Store as _, StoredToken};
use std::path::{Path, PathBuf};

/// A year, if nothing else is said.
const DEFAULT_DAYS: i64 = 365;

const DAY: i64 = 86_400;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Make a token and write it to stdout. It is shown this once: the server keeps its hash alone.
    Create(Create),
}

#[derive(Debug, clap::Args)]
pub(super) struct Create {
    /// viewer (sees decisions), exporter (exports them too) or admin.
    #[arg(long)]
    role: Role,
    /// A site the token is for; may be given several times.
    #[arg(
        long = "site",
        value_name = "SITE",
        required_unless_present = "all_sites",
        conflicts_with = "all_sites"
    )]
    sites: Vec<SiteId>,
    /// The token is for every site of the server, later ones included.
    #[arg(long)]
    all_sites: bool,
    /// When it ends: a date like 2027-01-31, or a number of days like 90d. A year from now if left out.
    #[arg(long, value_name = "DATE|DAYS", value_parser = end)]
    expires: Option<UnixSeconds>,
    /// Whose it is, as shown on the staff pages.
    #[arg(long, default_value = "Staff")]
    label: String,
    /// The server's data folder.
    #[arg(long, value_name = "DIR", env = "CONSENT_DATA")]
    data: PathBuf,
}

impl Command {
    pub(super) fn data(&self) -> &Path {
        let Self::Create(args) = self;
        &args.data
    }
}

fn end(text: &str) -> Result<UnixSeconds> {
    let days = text
        .strip_suffix('d')
        .and_then(|days| days.parse::<u16>().ok());
    let end = match days {
        Some(days) => in_days(i64::from(days)).ok(),
        None => UnixSeconds::from_rfc3339(text).ok(),
    };
    let end =
        end.ok_or_else(|| anyhow!("must be a date like 2027-01-31, or a number of days like 90d"))?;
    if end > Clock::system().now() {
        Ok(end)
    } else {
        Err(anyhow!("lies in the past"))
    }
}

fn in_days(days: i64) -> Result<UnixSeconds> {
    Ok(UnixSeconds::new(Clock::system().now().get() + days * DAY)?)
}

pub(super) fn run(command: Command) -> Result<Answer> {
    let Command::Create(args) = command;
    make_private_folder(&args.data)?;
    let store = SqliteStore::open(&args.data).context("the database")?;
    let token = Token::generate()?;
    let expires_at = args.expires.map_or_else(|| in_days(DEFAULT_DAYS), Ok)?;
    let sites = if args.all_sites {
        "every site".to_owned()
    } else {
        let names: Vec<&str> = args.sites.iter().map(SiteId::as_str).collect();
        names.join(" ")
    };
    store.note(&Access {
        at: Clock::system().now(),
        who: "command line".into(),
        token: String::new(),
        role: "operator".into(),
        action: "create_token".into(),
        site: None,
        filter: format!("role={} sites={sites} label={}", args.role, args.label),
        rows: Some(0),
    })?;
    store.add_token(&StoredToken {
        hash: token.hash(),
        role: args.role,
        sites: if args.all_sites {
            SiteSet::All
        } else {
            SiteSet::Some(args.sites.into_iter().collect())
        },
        label: args.label,
        created_at: Clock::system().now(),
        expires_at: Some(expires_at),
    })?;
    say(token.reveal())?;
    eprintln!(
        "It ends at {}, works at once, and cannot be shown again.",
        expires_at.to_rfc3339()
    );
    Ok(Answer::Yes)
}
