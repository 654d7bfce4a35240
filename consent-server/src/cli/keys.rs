//! `consent keys`

use super::parts::data_folder;
use super::store::StoreArgs;
use super::{Answer, export::moment, say};
use anyhow::{Context as _, Result, bail, ensure};
use consent_core::key::{Revocation, Term};
use consent_core::time::UnixSeconds;
use consent_server::clock::Clock;
use consent_server::data::{DataFolder, Lock};
use consent_server::keys::Keys;
use consent_server::store::{Actor, StoreAddress};

/// The longest reason, in characters: everybody who fetches the keys gets it.
const LONGEST_REASON: usize = 200;

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List the public keys: id, when made, and whether it signs.
    List {
        /// The server's data folder.
        #[arg(long, value_name = "DIR", env = "CONSENT_DATA", value_parser = data_folder())]
        data: DataFolder,
        /// Write the JWK set that verifiers need instead.
        #[arg(long)]
        jwks: bool,
    },
    /// Make a new key and write its id. A running server signs with it once it is told to reload (SIGHUP), and then retires
    /// the key before it: that one stays published, and nothing it signs later verifies.
    Rotate {
        /// The server's data folder.
        #[arg(long, value_name = "DIR", env = "CONSENT_DATA", value_parser = data_folder())]
        data: DataFolder,
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Say that a key may be in other hands: what it signed from a moment on does not verify any more. Not for the key that
    /// signs: `consent keys rotate` and a reload come first.
    Revoke(Revoke),
}

#[derive(Debug, clap::Args)]
pub(super) struct Revoke {
    /// The key, as `consent keys list` names it.
    #[arg(value_name = "KEY ID", allow_hyphen_values = true)]
    key: String,
    /// The moment from which on its signatures do not count: 2026-01-31 or 2026-01-31T10:00:00Z. Left out, none of its
    /// signatures counts, not even of receipts that were given out honestly: whoever has a key can write any date.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    since: Option<UnixSeconds>,
    /// Why. It is published with the keys.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// The server's data folder.
    #[arg(long, value_name = "DIR", env = "CONSENT_DATA", value_parser = data_folder())]
    data: DataFolder,
    #[command(flatten)]
    store: StoreArgs,
}

impl Command {
    pub(super) fn data(&self) -> &DataFolder {
        match self {
            Self::List { data, .. } | Self::Rotate { data, .. } => data,
            Self::Revoke(args) => &args.data,
        }
    }
}

pub(super) fn run(command: &Command) -> Result<Answer> {
    match command {
        Command::List { data, jwks } => list(data, *jwks),
        Command::Rotate { data, store } => rotate(data, &store.of(data)?),
        Command::Revoke(args) => revoke(args),
    }
}

fn list(data: &DataFolder, jwks: bool) -> Result<Answer> {
    let keys = Keys::read(data)?;
    if jwks {
        say(keys.published().to_jwks())?;
        return Ok(Answer::Yes);
    }
    let made = |id: &str| {
        let stored = keys
            .iter()
            .find(|stored| stored.public.id().to_string() == id);
        stored.map_or_else(|| "elsewhere".into(), |stored| stored.created.to_rfc3339())
    };
    let ids = keys.published().keys().map(|key| key.id().to_string());
    let mut lines: Vec<_> = ids.map(|id| (made(&id), id)).collect();
    // The newest first.
    lines.sort_by(|one, two| two.cmp(one));
    for (made, id) in lines {
        say(format_args!("{id}\t{made}\t{}", state(&keys, &id)))?;
    }
    Ok(Answer::Yes)
}

/// What the folder says of a key; which one a running server has in its memory, it does not say.
fn state(keys: &Keys, id: &str) -> String {
    let open = keys.published().keys().map(|key| key.id().to_string());
    let is_open = |id: &String| keys.published().term(id).is_some_and(Term::is_open);
    let is_alone = open.filter(is_open).count() == 1;
    match keys.published().term(id) {
        Some(Term {
            revoked: Some(revoked),
            ..
        }) => {
            let since = match revoked.since {
                UnixSeconds::EPOCH => "altogether".into(),
                since => format!("since {}", since.to_rfc3339()),
            };
            let reason = revoked
                .reason
                .as_deref()
                .map(|reason| format!(": {reason}"));
            format!("revoked {since}{}", reason.unwrap_or_default())
        }
        Some(Term {
            retired: Some(at), ..
        }) => format!("retired {}", at.to_rfc3339()),
        _ if is_alone => "signs".into(),
        _ if keys.signing().to_string() == id => "signs after the next start or reload".into(),
        _ => "is retired at the next start or reload, unless it signs then".into(),
    }
}

fn rotate(data: &DataFolder, store: &StoreAddress) -> Result<Answer> {
    let now = Clock::system().now();
    // A folder without keys is not the one that was meant: nothing is noted there.
    let before = Keys::read(data)?.signing();
    note(store, "rotate_key", format!("replaces={before}"), now)?;
    say(Keys::rotate(data, now)?)?;
    eprintln!(
        "A running server signs with it after: kill -HUP its process id. It then retires {before}: what that key signs later\n\
         does not verify. If it may be in other hands, revoke it after that: consent keys revoke {before}"
    );
    Ok(Answer::Yes)
}

fn revoke(args: &Revoke) -> Result<Answer> {
    let now = Clock::system().now();
    let keys = Keys::read(&args.data)?;
    let key = args.key.trim();
    ensure!(
        args.since.is_none_or(|since| since <= now),
        "--since lies in the future: a key that signs until then is rotated then"
    );
    if let Some(reason) = &args.reason {
        ensure!(
            reason.chars().count() <= LONGEST_REASON && !reason.chars().any(char::is_control),
            "--reason must be one line of at most {LONGEST_REASON} characters: it is published with the keys"
        );
    }
    // Held until it is written: a server that starts meanwhile waits for nobody, but is told to.
    let _stopped = may_be_revoked(&keys, key, &args.data)?;
    let revocation = Revocation {
        since: args.since.unwrap_or(UnixSeconds::EPOCH),
        reason: args.reason.clone(),
    };
    let since = args.since.map(UnixSeconds::to_rfc3339);
    let filter = format!(
        "key={key} since={} reason={}",
        since.as_deref().unwrap_or("ever"),
        args.reason.as_deref().unwrap_or_default()
    );
    note(&args.store.of(&args.data)?, "revoke_key", filter, now)?;
    say(keys.revoke(key, revocation)?)?;
    eprintln!(
        "{} A running server says so after: kill -HUP its process id.\n\
         Evidence files that this key sealed do not verify either: make them anew (`consent evidence`).",
        match since {
            Some(since) => format!("What it signed from {since} on does not verify any more."),
            None =>
                "Nothing that it has signed verifies any more, honest receipts included.".into(),
        }
    );
    Ok(Answer::Yes)
}

/// Refuses for a key that signs, or may: its next receipts would be worth nothing.
fn may_be_revoked(keys: &Keys, key: &str, data: &DataFolder) -> Result<Option<Lock>> {
    let Some(term) = keys.published().term(key) else {
        // Said by who writes it.
        return Ok(None);
    };
    if term.retired.is_some() {
        return Ok(None);
    }
    if keys.signing().to_string() == key && term.is_open() {
        bail!(
            "this is the key that signs: make a new one first (`consent keys rotate`), have the server reload (kill -HUP), and revoke this one then"
        );
    }
    match data.lock() {
        Ok(lock) => Ok(Some(lock)),
        Err(_) => bail!(
            "a server runs and may be signing with this key: have it reload first (kill -HUP), so that it signs with the new one and retires this"
        ),
    }
}

/// The trail's line, where there is a database.
fn note(at: &StoreAddress, action: &str, filter: String, now: UnixSeconds) -> Result<()> {
    if at.is_there() {
        let store = at.open_existing().context("the audit trail")?;
        let operator = Actor::operator("command line", now);
        store.note(&operator.access(action, None, filter, Some(0)))?;
    }
    Ok(())
}
