//! `consent token`

use super::parts::data_folder;
use super::store::StoreArgs;
use super::{Answer, known, say};
use anyhow::{Context as _, Result, anyhow, bail};
use consent_core::id::SiteId;
use consent_core::time::UnixSeconds;
use consent_server::auth::{Role, SiteSet, Token};
use consent_server::clock::Clock;
use consent_server::data::DataFolder;
use consent_server::store::{Actor, StoredToken, deeds};
use serde_json::json;
use std::path::PathBuf;

/// A year, if nothing else is said.
const DEFAULT_DAYS: i64 = 365;

const DAY: i64 = 86_400;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Make a token and write it to stdout. It is shown this once: the server keeps its hash alone.
    Create(Create),
    /// Tell which tokens there are, whose, and when each was used last: one a line, with tabs between.
    List(List),
    /// Take a token away: whoever is logged in with it is so no longer, at once.
    Revoke(Revoke),
}

#[derive(Debug, clap::Args)]
pub(super) struct List {
    /// The form.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The server's data folder.
    #[arg(long, value_name = "DIR", env = "CONSENT_DATA", value_parser = data_folder())]
    data: DataFolder,
    #[command(flatten)]
    store: StoreArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people, with a line of headings.
    Text,
    /// For programs.
    Json,
}

#[derive(Debug, clap::Args)]
pub(super) struct Revoke {
    /// The token, by what `consent token list` and the audit trail call it: the first characters of its hash.
    #[arg(value_name = "ID", allow_hyphen_values = true)]
    id: String,
    /// The server's data folder.
    #[arg(long, value_name = "DIR", env = "CONSENT_DATA", value_parser = data_folder())]
    data: DataFolder,
    #[command(flatten)]
    store: StoreArgs,
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
    /// The token is for a site that is not known here yet. Without this a name that nobody knows is an error.
    #[arg(long, requires = "sites")]
    undeclared: bool,
    /// The folder of the sites' declarations: a site that was declared there counts as known before it has published anything.
    #[arg(long = "sites", value_name = "DIR", env = "CONSENT_SITES")]
    declarations: Option<PathBuf>,
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
    #[arg(long, value_name = "DIR", env = "CONSENT_DATA", value_parser = data_folder())]
    data: DataFolder,
    #[command(flatten)]
    store: StoreArgs,
}

impl Command {
    pub(super) fn data(&self) -> &DataFolder {
        match self {
            Self::Create(args) => &args.data,
            Self::List(args) => &args.data,
            Self::Revoke(args) => &args.data,
        }
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
    match command {
        Command::Create(args) => create(args),
        Command::List(args) => list(&args),
        Command::Revoke(args) => revoke(&args),
    }
}

fn create(args: Create) -> Result<Answer> {
    let address = args.store.of(&args.data)?;
    args.data.make()?;
    let store = address.open_beside().context("the database")?;
    if !args.undeclared {
        for site in &args.sites {
            known::check(&*store, args.declarations.as_deref(), site).map_err(|error| {
                anyhow!("{error}. A token for a site that is still to come takes --undeclared")
            })?;
        }
    }
    let token = Token::generate()?;
    let expires_at = args.expires.map_or_else(|| in_days(DEFAULT_DAYS), Ok)?;
    let stored = StoredToken {
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
        used_on: None,
    };
    let operator = Actor::operator("command line", stored.created_at);
    deeds::add_token(&*store, &stored, &operator)?;
    say(token.reveal())?;
    eprintln!(
        "It ends at {}, works at once, and cannot be shown again.",
        expires_at.to_rfc3339()
    );
    Ok(Answer::Yes)
}

fn list(args: &List) -> Result<Answer> {
    let store = args
        .store
        .of(&args.data)?
        .open_existing()
        .context("no tokens to list")?;
    let mut tokens = store.tokens()?;
    tokens.sort_by_key(|token| token.created_at);
    match args.format {
        Format::Json => {
            let tokens: Vec<_> = tokens.iter().map(to_json).collect();
            say(serde_json::to_string_pretty(&tokens)?)?;
        }
        Format::Text => {
            say("ID\tLABEL\tROLE\tSITES\tCREATED\tENDS\tLAST USED")?;
            for token in &tokens {
                say(to_line(token))?;
            }
        }
    }
    Ok(Answer::Yes)
}

fn to_line(token: &StoredToken) -> String {
    let sites = match &token.sites {
        SiteSet::All => "every site".to_owned(),
        SiteSet::Some(sites) => {
            let names: Vec<&str> = sites.iter().map(SiteId::as_str).collect();
            names.join(" ")
        }
    };
    let ends = match token.expires_at {
        None => "never".to_owned(),
        Some(end) if end <= Clock::system().now() => format!("{} (ended)", day(end)),
        Some(end) => day(end),
    };
    let used = token.used_on.map_or_else(|| "never".to_owned(), day);
    let fields = [
        token.id(),
        // Whoever named it cannot begin another line, nor colour this one.
        token.label.replace(char::is_control, " "),
        token.role.to_string(),
        sites,
        day(token.created_at),
        ends,
        used,
    ];
    fields.join("\t")
}

fn to_json(token: &StoredToken) -> serde_json::Value {
    let sites = match &token.sites {
        SiteSet::All => None,
        SiteSet::Some(sites) => Some(sites.iter().map(SiteId::as_str).collect::<Vec<_>>()),
    };
    json!({
        "id": token.id(),
        "hash": token.hash.to_text(),
        "label": token.label,
        "role": token.role.as_str(),
        // `null`: every site.
        "sites": sites,
        "created_at": token.created_at.to_rfc3339(),
        "expires_at": token.expires_at.map(UnixSeconds::to_rfc3339),
        "used_on": token.used_on.map(day),
    })
}

/// As in `2026-11-22`.
fn day(moment: UnixSeconds) -> String {
    moment.to_rfc3339().chars().take(10).collect()
}

fn revoke(args: &Revoke) -> Result<Answer> {
    let store = args
        .store
        .of(&args.data)?
        .open_existing()
        .context("no tokens to revoke")?;
    let mut meant = store.tokens()?;
    meant.retain(|token| !args.id.is_empty() && token.hash.to_text().starts_with(&args.id));
    let token = match &meant[..] {
        [] => {
            eprintln!(
                "There is no token {}: `consent token list` tells which there are.",
                args.id
            );
            return Ok(Answer::No);
        }
        [token] => token,
        several => {
            let ids: Vec<String> = several.iter().map(|token| token.hash.to_text()).collect();
            bail!(
                "{} tokens begin with {}: give more of the one that you mean, as they are\n{}",
                several.len(),
                args.id,
                ids.join("\n")
            );
        }
    };
    let operator = Actor::operator("command line", Clock::system().now());
    if !deeds::revoke_token(&*store, token, &operator)? {
        eprintln!("Somebody else has revoked it meanwhile.");
        return Ok(Answer::No);
    }
    eprintln!(
        "Revoked: {}, {} of \"{}\". It opens nothing from now on, and neither do the sessions of it.",
        token.id(),
        token.role,
        token.label.replace(char::is_control, " ")
    );
    Ok(Answer::Yes)
}
