//! `consent serve`

use super::parts::{app, block_on, listen};
use super::{Answer, start_logging};
use anyhow::{Context as _, Result};
use consent_server::publish::read_folder;
use consent_server::serve::{asked_to_stop, serve};
use consent_server::url::BaseUrl;
use std::net::SocketAddr;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder of the sites' declarations (*.toml).
    #[arg(long, value_name = "DIR", env = "CONSENT_SITES")]
    sites: PathBuf,
    /// The folder of the database and the keys; made at the first start.
    #[arg(long, value_name = "DIR", env = "CONSENT_DATA")]
    data: PathBuf,
    /// The address to listen on.
    #[arg(
        long,
        value_name = "ADDRESS:PORT",
        env = "CONSENT_LISTEN",
        default_value = "127.0.0.1:8080"
    )]
    listen: SocketAddr,
    /// The URL under which browsers reach this server, like <https://consent.example>; receipts name it as their issuer.
    #[arg(long, env = "CONSENT_URL")]
    url: BaseUrl,
    /// Another build of the browser's half than the one inside this program.
    #[arg(long, value_name = "DIR", env = "CONSENT_BUNDLE_DIR", hide = true)]
    bundle: Option<PathBuf>,
}

pub(super) fn run(args: Args) -> Result<Answer> {
    start_logging("info");
    let sites = read_folder(&args.sites).context("the declarations of the sites")?;
    let count = sites.len();
    block_on(async {
        // Before the keys and the database are touched: a second server on one port should change nothing.
        let listener = listen(args.listen).await?;
        let (app, _) = app(sites, &args.data, args.url, args.bundle.as_ref())?;
        tracing::info!(sites = count, address = %listener.local_addr()?, url = %app.url, "serving");
        let router = app.router();
        serve(app, router, listener, asked_to_stop()).await?;
        tracing::info!("stopped; everything accepted is stored");
        Ok(Answer::Yes)
    })
}
