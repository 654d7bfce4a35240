//! A server as a whole: put together, run, and stopped, by the command line, by tests, and in programs of others.

mod chores;
mod config;
mod opening;

pub use config::{Config, LogSettings, SiteSource, StoreSource};
pub use opening::OpenError;

use crate::app::App;
use crate::reload::{ReloadError, Reloaded};
use crate::{api, router};
use axum::Router;
use tokio::sync::watch;

/// A server whose parts are in order: the data folder is its own, the log goes on from what was signed last, and the sites
/// are published.
///
/// Its routers answer as soon as it is there; [`run`](Self::run) does what is to be done beside, and
/// [`stop`](Self::stop) is the end.
///
/// ```no_run
/// use consent_server::data::DataFolder;
/// use consent_server::server::{Config, Server, SiteSource};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let config = Config::new(
///     DataFolder::at("data"),
///     SiteSource::Folder("sites".into()),
///     "https://www.example.org/consent".parse()?,
///     "https://consent-staff.example.org".parse()?,
/// );
/// let consent = Server::open(config)?;
/// let app = axum::Router::new().nest("/consent", consent.router());
/// let chores = tokio::spawn(consent.clone().run());
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
/// axum::serve(listener, app).await?;
/// consent.stop().await;
/// chores.await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Server {
    app: App,
    log: Option<LogSettings>,
    stopping: watch::Sender<bool>,
}

impl Server {
    /// Puts a server together. Nothing is changed in the data folder of a server that is refused because of its
    /// declarations, its address, or another server that runs there. Blocks.
    ///
    /// # Errors
    ///
    /// What is missing or wrong, and what to do about it.
    pub fn open(config: Config) -> Result<Self, OpenError> {
        let (app, log) = opening::open(config)?;
        Ok(Self {
            app,
            log,
            stopping: watch::Sender::new(false),
        })
    }

    /// The routes for visitors, pages and backends, to be served at the path of [`Config::url`], alone or nested in another
    /// router.
    ///
    /// [`serve`](crate::serve::answer) limits what clients may do: how long a head and a body may take, and how many
    /// connections there are. Where somebody else serves, that is theirs to limit. [`Config::rates`] then counts by
    /// [`ConnectInfo`](axum::extract::ConnectInfo), or by a [`Client`](crate::limit::Client) that a layer of theirs puts into
    /// each request's extensions, as it must be behind a proxy; without either, clients are not told apart and not limited.
    pub fn router(&self) -> Router {
        router::public(&self.app)
    }

    /// The pages and routes for staff, for a listener and an origin of their own.
    pub fn staff_router(&self) -> Router {
        router::for_staff(&self.app)
    }

    /// `/metrics`, `/healthz` and `/readyz`, for a listener that only operators reach.
    pub fn metrics_router(&self) -> Router {
        api::metrics(&self.app)
    }

    /// What its requests share.
    #[must_use]
    pub const fn app(&self) -> &App {
        &self.app
    }

    /// Reads the folder of sites and the keys again, and serves them from the next request on. Blocks.
    ///
    /// # Errors
    ///
    /// Why nothing was changed; one broken file does not stop the others, and is told in the answer.
    pub fn reload(&self) -> Result<Reloaded, ReloadError> {
        self.app.reload()
    }

    /// Does what a server does beside answering, until it is stopped: ends the proofs whose time is over, takes what was
    /// erased out of the files, asks others to vouch for the log, watches the clock.
    pub async fn run(self) {
        let chores = chores::start(&self.app, self.log.as_ref());
        let mut stopping = self.stopping.subscribe();
        // An error means that nobody is left who could stop it.
        let _ = stopping.wait_for(|is_stopping| *is_stopping).await;
        drop(chores);
    }

    /// Ends it, once nothing is answered any more: when this returns, every answered record is durable and has its place in
    /// the log, and no accepted one is unanswered.
    pub async fn stop(self) {
        self.stopping.send_replace(true);
        let app = self.app;
        let stop = move || {
            app.intake.stop();
            if let Err(error) = app.write_time() {
                tracing::warn!(%error, "the time of the last signature is not written down");
            }
            // After the last record: nothing waits for its place when this ends.
            if let Some(log) = app.log() {
                log.stop();
            }
        };
        if tokio::task::spawn_blocking(stop).await.is_err() {
            tracing::error!("the records that waited may not have been stored");
        }
    }
}
