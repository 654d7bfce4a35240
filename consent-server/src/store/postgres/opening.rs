//! How a database is opened: for the one server that takes records, beside it, or for a look.

use super::error::{PostgresError, at};
use super::migrate::{self, Format};
use super::runtime::Runtime;
use super::session::{Session, Target};
use super::tls::connector;
use super::url::PostgresUrl;
use crate::store::StoreError;
use std::sync::Arc;

/// Of sessions that write. A paused process lets go of its locks; plans are made once, and read no table whole because it was
/// empty when they were made.
const WRITING: &str = "SET default_transaction_isolation = 'read committed';
    SET client_min_messages = warning;
    SET idle_in_transaction_session_timeout = '2s';
    SET statement_timeout = 0;
    SET plan_cache_mode = force_generic_plan;
    SET enable_seqscan = off;
    SET enable_hashjoin = off;
    SET enable_mergejoin = off;
    SET jit = off";

/// Of sessions that read.
const READING: &str = "SET default_transaction_isolation = 'read committed';
    SET default_transaction_read_only = on;
    SET client_min_messages = warning;
    SET jit = off";

/// Of the session that looks at everything as it is at one moment.
const INSPECTING: &str = "SET client_min_messages = warning;
    SET jit = off;
    BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Where sessions come from.
pub(super) struct Source {
    pub(super) runtime: Arc<Runtime>,
    url: PostgresUrl,
    tls: tokio_postgres_rustls::MakeRustlsConnect,
}

impl Source {
    pub(super) fn of(url: &PostgresUrl) -> Result<Self, StoreError> {
        Ok(Self {
            runtime: Arc::new(Runtime::start().map_err(PostgresError::from)?),
            url: url.clone(),
            tls: connector(url.may_use_tls())?,
        })
    }

    pub(super) fn writing(&self) -> Target {
        self.target(WRITING)
    }

    pub(super) fn reading(&self) -> Target {
        self.target(READING)
    }

    pub(super) fn inspecting(&self) -> Target {
        self.target(INSPECTING)
    }

    fn target(&self, settings: &'static str) -> Target {
        Target {
            url: self.url.clone(),
            tls: self.tls.clone(),
            settings,
            fence: None,
        }
    }

    /// Does something with a session of its own, before there is a store.
    pub(super) fn once<T>(
        &self,
        target: &Target,
        work: impl AsyncFnOnce(&mut Session) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let done = self.runtime.wait(async {
            let mut session = Session::begin(target).await?;
            work(&mut session).await
        });
        done.map_err(|error| at(error, &self.url))
    }
}

/// Who opens a database, and so what may be changed in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opening {
    /// The server: tables are made or upgraded.
    ForServer,
    /// A command beside it: made, and never upgraded under its hands.
    Beside,
    /// The same, where there must be some.
    Existing,
}

/// Makes or upgrades what may be, and refuses what is not of the newest format then.
pub(super) async fn settle(
    session: &mut Session,
    url: &PostgresUrl,
    opening: Opening,
) -> Result<(), StoreError> {
    let (at, known) = (url.to_string(), Format::KNOWN);
    match (migrate::format(session).await?, opening) {
        (Format::Newest, _) => Ok(()),
        (Format::Newer(found), _) => Err(PostgresError::Newer { at, found, known }.into()),
        (Format::None, Opening::Existing) => Err(PostgresError::Missing(at).into()),
        (Format::Older(found), Opening::Beside | Opening::Existing) => {
            Err(PostgresError::Older { at, found, known }.into())
        }
        (Format::None, Opening::Beside) | (_, Opening::ForServer) => {
            migrate::to_newest(session, &at).await
        }
    }
}
