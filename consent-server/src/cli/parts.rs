//! What `serve`, `demo` and `healthy` have in common.

use anyhow::{Context as _, Result};
use clap::builder::{PathBufValueParser, TypedValueParser};
use consent_server::bundle::{Bundle, BundleError};
use consent_server::calls::Calls;
use consent_server::data::DataFolder;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;
use tokio::net::TcpListener;

/// Where `serve` listens if nothing is said, and `healthy` asks.
pub(super) const LISTEN: &str = "127.0.0.1:8080";

/// The browser's half, if it is another one than that inside this program.
pub(super) fn bundle(folder: Option<&PathBuf>) -> Result<Option<Bundle>, BundleError> {
    folder.map(|folder| Bundle::from_folder(folder)).transpose()
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
