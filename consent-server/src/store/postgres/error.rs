//! What can be wrong with a database on a server, in words for whoever runs it.

use super::url::PostgresUrl;
use crate::store::StoreError;
use std::fmt::Write as _;
use tokio_postgres::error::SqlState;

/// What is wrong with the database.
#[derive(Debug, thiserror::Error)]
pub(super) enum PostgresError {
    /// The database refused, or the connection broke.
    #[error("the database: {}", words(.0))]
    Database(#[from] tokio_postgres::Error),
    /// No answer in time.
    #[error("the database does not answer")]
    Silent,
    /// The answer came with a warning: what was to be stored may be on one machine alone.
    #[error("the database has answered with a warning, so nothing counts as stored")]
    Warned,
    /// Fewer rows were stored than were sent: somebody stores the same without the lock.
    #[error("the database has stored a part of what it was sent, so nothing counts as stored")]
    InDoubt,
    /// The database cannot be reached.
    #[error(
        "{at} cannot be reached ({reason}): does PostgreSQL run there, and may this machine connect to it?"
    )]
    Away {
        /// Its address, without the password.
        at: String,
        /// What was tried and seen.
        reason: String,
    },
    /// There is a database, and it does not let this program in.
    #[error(
        "{at} lets nobody in by this URL ({reason}): look at the user, the password and the name of the database in it"
    )]
    Locked {
        /// Its address, without the password.
        at: String,
        /// The database's own words.
        reason: String,
    },
    /// Nothing was ever stored there.
    #[error("{0} holds no receipts: is this the database of a server that has run?")]
    Missing(String),
    /// The tables were made by an earlier version of this program.
    #[error(
        "{at} has format {found}, and this program needs {known}: start the server on it once, which upgrades it"
    )]
    Older {
        /// Its address.
        at: String,
        /// Its format.
        found: usize,
        /// The format needed.
        known: usize,
    },
    /// The tables were made by a later version of this program.
    #[error(
        "{at} has format {found}, and this program knows formats up to {known}: run the newer version that upgraded it"
    )]
    Newer {
        /// Its address.
        at: String,
        /// Its format.
        found: usize,
        /// The newest format known here.
        known: usize,
    },
    /// The database may lose what it has answered for.
    #[error(
        "{at} runs with {setting} = off, and would lose records that were answered for: set {setting} = on in postgresql.conf, or for the role, and start again"
    )]
    MayLose {
        /// Its address.
        at: String,
        /// The setting.
        setting: &'static str,
    },
    /// A move into it has not come to its end.
    #[error("a move into {0} was begun, and has not come to its end: run `consent move` again")]
    Unfinished(String),
    /// It is not new.
    #[error("{0} holds something already: move into a database that is new")]
    Used(String),
    /// Another process has the lease.
    #[error(
        "another server runs on {at} ({holder}): one server at a time takes records into a database. Stop that one first"
    )]
    Served {
        /// Its address.
        at: String,
        /// Who.
        holder: String,
    },
    /// Nobody to trust.
    #[error(
        "no certificate of an authority to check the database's with was found{0}: install the system's (on Debian the package ca-certificates), set SSL_CERT_FILE to a PEM file with that of your own, or put sslmode=disable into the URL where nobody else is on the network"
    )]
    NoRoots(String),
    /// TLS cannot be spoken.
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// No thread.
    #[error("no thread for the database: {0}")]
    Threads(#[from] std::io::Error),
}

impl PostgresError {
    /// The reason of this kind behind an error of the contract.
    pub(super) fn of(error: &StoreError) -> Option<&Self> {
        match error {
            StoreError::Backend(reason) => reason.downcast_ref(),
            _ => None,
        }
    }

    /// Whether nothing was ever stored there.
    pub(super) const fn is_empty(&self) -> bool {
        matches!(self, Self::Missing(_))
    }

    /// Whether the same may succeed on another connection: what was asked was not wrong.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Silent | Self::Warned | Self::InDoubt | Self::Away { .. } => true,
            Self::Database(error) => error.code().is_none_or(passes),
            _ => false,
        }
    }
}

/// The kinds of refusals that are about the moment: a database that stops, starts, follows another or has no room for one more
/// connection, and a transaction that met another.
fn passes(code: &SqlState) -> bool {
    let of_the_moment = [
        SqlState::READ_ONLY_SQL_TRANSACTION,
        SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
        SqlState::LOCK_NOT_AVAILABLE,
        SqlState::TOO_MANY_CONNECTIONS,
    ];
    // Connections, rolled back transactions, the operator's interventions.
    let of_the_class = ["08", "40", "57"];
    of_the_moment.contains(code)
        || of_the_class
            .iter()
            .any(|class| code.code().starts_with(class))
}

impl From<PostgresError> for StoreError {
    fn from(error: PostgresError) -> Self {
        Self::Backend(Box::new(error))
    }
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        PostgresError::from(error).into()
    }
}

/// Says where the database is that cannot be reached or lets nobody in: its own words do not tell.
pub(super) fn at(error: StoreError, url: &PostgresUrl) -> StoreError {
    let (at, Some(PostgresError::Database(database))) =
        (url.to_string(), PostgresError::of(&error))
    else {
        return error;
    };
    let reason = words(database);
    match database.code() {
        None => PostgresError::Away { at, reason }.into(),
        // Invalid authorization, an unknown database.
        Some(code) if code.code().starts_with("28") || *code == SqlState::INVALID_CATALOG_NAME => {
            PostgresError::Locked { at, reason }.into()
        }
        Some(code) if passes(code) => PostgresError::Away { at, reason }.into(),
        Some(_) => error,
    }
}

/// The words of an error and of what is behind it, once each.
fn words(error: &tokio_postgres::Error) -> String {
    if let Some(refused) = error.as_db_error() {
        let mut words = refused.message().to_owned();
        if let Some(hint) = refused.hint() {
            // Writing to a `String` does not fail.
            let _ = write!(words, " ({hint})");
        }
        return words;
    }
    let mut words = error.to_string();
    let mut behind = std::error::Error::source(error);
    while let Some(cause) = behind {
        let cause_words = cause.to_string();
        if !words.contains(&cause_words) {
            let _ = write!(words, ": {cause_words}");
        }
        behind = cause.source();
    }
    words
}
