//! What `serve`, `demo` and `healthy` have in common.

use anyhow::{Context as _, Result, anyhow};
use clap::builder::{PathBufValueParser, TypedValueParser};
use consent_server::api::Calls;
use consent_server::app::{App, retire_replaced};
use consent_server::bundle::Bundle;
use consent_server::cache::Cache;
use consent_server::clock::Clock;
use consent_server::data::{DataFolder, LockError};
use consent_server::keys::KeySource;
use consent_server::log::{Checked, log_key};
use consent_server::publish::{PublishError, Publisher, Sites};
use consent_server::store::SqliteStore;
use consent_server::url::BaseUrl;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// Where `serve` listens if nothing is said, and `healthy` asks.
pub(super) const LISTEN: &str = "127.0.0.1:8080";

/// Opens the data folder, publishes, and puts a server together.
pub(super) fn app(
    publish: impl FnOnce(&Publisher, &SqliteStore) -> Result<Sites, PublishError>,
    data: &DataFolder,
    url: BaseUrl,
    bundle: Bundle,
    keys: &KeySource,
    is_logged: bool,
) -> Result<(App, Arc<SqliteStore>, Publisher)> {
    data.make()?;
    // First of all: a start that is refused changes nothing.
    let lock = data.lock().map_err(|error| match &error {
        LockError::File(file) if file.is_denied() => {
            anyhow!(
                "{error}: give the data folder and all in it to the user that the server runs as"
            )
        }
        _ => error.into(),
    })?;
    let clock = Clock::system();
    let mut keys = keys.open(clock.now()).context("the signing keys")?;
    let store = Arc::new(
        SqliteStore::open(data)
            .with_context(|| format!("the database in {}", data.path().display()))?,
    );
    // No other server signs with them: the lock is ours.
    retire_replaced(&mut keys, &*store, clock.now())
        .context("when the keys before this one were retired")?;
    let (log, lock) = if is_logged {
        let key = log_key(data, clock.now()).context("the log's key")?;
        let log = Checked::new(lock, Arc::clone(&store) as _, data, key, &url);
        (Some(log.context("the log")?), None)
    } else {
        (None, Some(lock))
    };
    let publisher = Publisher::new(bundle, Cache::open(data));
    let sites = publish(&publisher, &store)?;
    let log = log.map(Checked::start).transpose().context("the log")?;
    let mut app =
        App::new(sites, Arc::clone(&store) as _, keys, clock, url)?.with_data(data.clone());
    if let Some(log) = log {
        app = app.with_log(log);
    }
    if let Some(lock) = lock {
        app = app.with_lock(lock);
    }
    Ok((app, store, publisher))
}

/// The browser's half: the one inside this program, or one that was just built.
pub(super) fn bundle(folder: Option<&PathBuf>) -> Result<Bundle> {
    Ok(match folder {
        Some(folder) => Bundle::from_folder(folder)?,
        None => Bundle::embedded()?,
    })
}

/// How far above the port of --listen that of staff is: the one between is where `consent witness` listens.
const ABOVE: u16 = 2;

/// Where staff are served: where it is said, else on this machine alone, beside the port of the others. Two servers that
/// listen apart do not meet there, and where any port will do for the one, any will for the other.
pub(super) fn staff_address(
    said: Option<SocketAddr>,
    listen: SocketAddr,
    listener: &TcpListener,
) -> Result<SocketAddr> {
    let beside = listener.local_addr()?.port().checked_add(ABOVE);
    let port = beside.filter(|_| listen.port() > 0).unwrap_or(0);
    Ok(said.unwrap_or_else(|| (Ipv4Addr::LOCALHOST, port).into()))
}

/// Reads a data folder from the command line.
pub(super) fn data_folder() -> impl TypedValueParser<Value = DataFolder> {
    PathBufValueParser::new().map(DataFolder::from)
}

pub(super) async fn listen(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("cannot listen on {address}: stop what uses this port, or choose another (0 takes any that is free)")
    })
}

/// How long calls that block may go on once the work is done: whatever must be stored is stored by then, and who is asked
/// about the log may take half a minute.
const AFTERWARDS: Duration = Duration::from_secs(1);

/// The most threads for what blocks: those of requests, and of the server's own chores.
const THREADS: usize = Calls::MOST + 24;

/// Runs async code on all cores.
pub(super) fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(THREADS)
        .build();
    let runtime = runtime.context("no threads for the server")?;
    let done = runtime.block_on(work);
    runtime.shutdown_timeout(AFTERWARDS);
    done
}
