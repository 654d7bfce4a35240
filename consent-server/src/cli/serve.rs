//! `consent serve`

use super::Answer;
use super::logging::{self, Format};
use super::parts::{LISTEN, block_on, bundle, data_folder, listen, staff_address};
use super::store::StoreArgs;
use anyhow::{Context as _, Result, bail};
use consent_server::data::DataFolder;
use consent_server::input;
use consent_server::keys::{KeySource, Secret};
use consent_server::limit::{Rate, Rates};
use consent_server::log::Vouchers;
use consent_server::outgoing::Address;
use consent_server::serve::{ConnectionLimits, answer, asked_to_stop, hear_hangups};
use consent_server::server::{Config, LogSettings, Server, SiteSource, StoreSource};
use consent_server::timestamp::Authorities;
use consent_server::url::BaseUrl;
use consent_server::witness::Endpoint;
use std::future::pending;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::Signal;

#[derive(Debug, clap::Args)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "a switch of the command line each"
)]
pub(super) struct Args {
    /// The folder of the sites' declarations (*.toml).
    #[arg(long, value_name = "DIR", env = "CONSENT_SITES")]
    sites: PathBuf,
    /// The folder of the database and the keys; made at the first start.
    #[arg(long, value_name = "DIR", env = "CONSENT_DATA", value_parser = data_folder())]
    data: DataFolder,
    #[command(flatten)]
    store: StoreArgs,
    /// The address to listen on.
    #[arg(
        long,
        value_name = "ADDRESS:PORT",
        env = "CONSENT_LISTEN",
        default_value = LISTEN
    )]
    listen: SocketAddr,
    /// The address on which the pages and routes for staff listen, and nobody else; if left out, 127.0.0.1 and the port
    /// two above that of --listen, like 8082.
    #[arg(long, value_name = "ADDRESS:PORT", env = "CONSENT_STAFF")]
    staff: Option<SocketAddr>,
    /// The URL under which staff reach their pages, like <https://consent-staff.example>: a host of its own, where no other
    /// pages are. If left out, http and the address of --staff.
    #[arg(long, value_name = "URL", env = "CONSENT_STAFF_URL")]
    staff_url: Option<BaseUrl>,
    /// The URL under which browsers reach this server, like <https://consent.example>; receipts name it as their issuer.
    #[arg(long, env = "CONSENT_URL")]
    url: BaseUrl,
    /// The address of a second listener, with /metrics for Prometheus; none if left out. Not for the open internet.
    #[arg(long, value_name = "ADDRESS:PORT", env = "CONSENT_METRICS")]
    metrics: Option<SocketAddr>,
    /// A file with the key that signs, instead of the newest in the data folder.
    #[arg(long, value_name = "FILE", env = "CONSENT_SIGNING_KEY_FILE")]
    signing_key: Option<PathBuf>,
    /// A proxy stands before the server and names clients in X-Forwarded-For; without one, anybody could.
    #[arg(
        long,
        env = "CONSENT_BEHIND_PROXY",
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_value_t = false,
        default_missing_value = "true",
        action = clap::ArgAction::Set
    )]
    behind_proxy: bool,
    /// Connections at a time; for more, those leave that have been waiting for their clients for longest. One address holds half
    /// of them at most.
    #[arg(
        long,
        value_name = "NUMBER",
        env = "CONSENT_CONNECTIONS",
        default_value_t = 4096
    )]
    connections: usize,
    /// Requests a second that one client may send in the long run, and five times as many at once; 0: no limit.
    /// Clients of this machine are not limited.
    #[arg(
        long,
        value_name = "RATE",
        env = "CONSENT_CLIENT_RATE",
        default_value_t = 10
    )]
    client_rate: u32,
    /// Records a second that one site takes in the long run, and five times as many at once; 0: no limit.
    #[arg(
        long,
        value_name = "RATE",
        env = "CONSENT_SITE_RATE",
        default_value_t = 0
    )]
    site_rate: u32,
    /// Write no log: receipts can then not be proven to be unchanged. Started without this again, the server gives all
    /// of them their places.
    #[arg(long, env = "CONSENT_NO_LOG")]
    no_log: bool,
    /// Give out no tiles of entries whose receipts are all gone, as looked for once a day after the proofs whose time is
    /// over. Only if your policy says how long the log's entries can be had: see docs/log.md.
    #[arg(long, env = "CONSENT_PRUNE_LOG", conflicts_with = "no_log")]
    prune_log: bool,
    /// A witness of the log: its key and its address, like "NAME+ID+KEY <https://witness.example>"; can be given again.
    #[arg(long, value_name = "KEY URL", conflicts_with = "no_log")]
    witness: Vec<Endpoint>,
    /// The address of an authority that gives the log timestamps (RFC 3161), like <https://tsa.example/tsr>.
    #[arg(
        long,
        value_name = "URL",
        env = "CONSENT_TIMESTAMPS",
        requires = "timestamp_authority",
        conflicts_with = "no_log"
    )]
    timestamps: Option<Address>,
    /// The authority's certificate or its root, in PEM.
    #[arg(long, value_name = "FILE", env = "CONSENT_TIMESTAMP_AUTHORITY")]
    timestamp_authority: Option<PathBuf>,
    /// How often witnesses and the authority are asked, in seconds.
    #[arg(
        long,
        value_name = "SECONDS",
        env = "CONSENT_VOUCH_EVERY",
        default_value_t = 3600
    )]
    vouch_every: u64,
    /// How the server's log is written, to stderr: text, or a JSON object a line.
    #[arg(
        long,
        value_name = "FORMAT",
        env = "CONSENT_LOG_FORMAT",
        default_value = "text"
    )]
    log_format: Format,
    /// Go on from what the machine's clock says now, although it says less than before, or far more. For one start: once
    /// the server runs, leave it out again.
    #[arg(long)]
    accept_clock: bool,
    /// Another build of the browser's half than the one inside this program.
    #[arg(long, value_name = "DIR", env = "CONSENT_BUNDLE_DIR", hide = true)]
    bundle: Option<PathBuf>,
    /// Write all settings and who sets them (command line, environment, file, default) to stdout, and end.
    #[arg(long)]
    show_config: bool,
}

impl Args {
    pub(super) fn data(&self) -> &DataFolder {
        &self.data
    }
}

pub(super) fn run(args: Args) -> Result<Answer> {
    logging::start("info", args.log_format);
    let log = log_settings(&args)?;
    let connections = ConnectionLimits {
        behind_proxy: args.behind_proxy,
        ..ConnectionLimits::fitting(args.connections)
    };
    block_on(async {
        let hangups = hear_hangups();
        // Before the keys and the database are touched: a second server on one port should change nothing.
        let listener = listen(args.listen).await?;
        let staff_address = staff_address(args.staff, args.listen, &listener)?;
        let staff_listener = listen(staff_address).await.context("--staff")?;
        let staff_address = staff_listener.local_addr()?;
        let metrics = match args.metrics {
            Some(address) => Some(listen(address).await.context("--metrics")?),
            None => None,
        };
        let staff_url = staff_url(args.staff_url, staff_address)?;
        let server = Server::open(Config {
            store: StoreSource::Address(args.store.of(&args.data)?),
            keys: key_source(args.data.clone(), args.signing_key),
            log,
            rates: Rates::new(Rate::of(args.client_rate), Rate::of(args.site_rate)),
            accepts_clock: args.accept_clock,
            bundle: bundle(args.bundle.as_ref())?,
            ..Config::new(
                args.data,
                SiteSource::Folder(args.sites),
                args.url,
                staff_url,
            )
        })?;
        tell(&server, listener.local_addr()?, staff_address);
        if let Some(listener) = metrics {
            tracing::info!(metrics = %listener.local_addr()?, "serving metrics");
            let router = server.metrics_router();
            tokio::spawn(answer(router, listener, ConnectionLimits::few(), pending()));
        }
        tokio::spawn(server.clone().run());
        tokio::spawn(reload_when_asked(server.clone(), hangups));
        // A listener of its own has room of its own: a flood of visitors keeps no staff out.
        let few = ConnectionLimits {
            behind_proxy: connections.behind_proxy,
            ..ConnectionLimits::few()
        };
        let staff = answer(server.staff_router(), staff_listener, few, asked_to_stop());
        let staff = tokio::spawn(staff);
        answer(server.router(), listener, connections, asked_to_stop()).await?;
        server.stop().await;
        staff.await.context("the listener of staff")??;
        tracing::info!("stopped; everything accepted is stored");
        Ok(Answer::Yes)
    })
}

/// How the log is kept, if it is.
fn log_settings(args: &Args) -> Result<Option<LogSettings>> {
    let authority = match (&args.timestamps, &args.timestamp_authority) {
        (Some(url), Some(file)) => {
            let pem = input::read(file, input::TEXT).with_context(|| file.display().to_string())?;
            let trusted = Authorities::from_pem(&pem);
            let trusted = trusted.with_context(|| file.display().to_string())?;
            Some((url.clone(), trusted))
        }
        // The command line asks for it; a file's settings are each for itself.
        (Some(url), None) => bail!(
            "timestamps of {url} cannot be checked: name the authority's certificate or its root, in PEM, in --timestamp-authority"
        ),
        (None, _) => None,
    };
    if args.no_log {
        return Ok(None);
    }
    Ok(Some(LogSettings {
        vouchers: Some(Arc::new(Vouchers::new(args.witness.clone(), authority)?)),
        vouch_every: Duration::from_secs(args.vouch_every.max(1)),
        is_pruned: args.prune_log,
    }))
}

fn tell(server: &Server, address: SocketAddr, staff: SocketAddr) {
    let app = server.app();
    let serving = app.serving();
    let (sites, made) = (serving.sites.iter().count(), serving.sites.made());
    tracing::info!(
        sites,
        rendered = made.rendered,
        compressed = made.compressed,
        %address,
        url = %app.url,
        %staff,
        staff_url = %app.staff_url,
        "serving"
    );
}

/// Where staff are reached: as it is said, or at the very address.
fn staff_url(said: Option<BaseUrl>, address: SocketAddr) -> Result<BaseUrl> {
    if let Some(url) = said {
        return Ok(url);
    }
    if address.ip().is_unspecified() {
        tracing::warn!(
            listening = %address,
            "staff cannot log in with a browser until it is said at which address they reach this: --staff-url"
        );
    }
    Ok(format!("http://{address}").parse()?)
}

/// A file comes before the environment's text, and both before the data folder.
pub(super) fn key_source(data: DataFolder, file: Option<PathBuf>) -> KeySource {
    match (file, std::env::var("CONSENT_SIGNING_KEY")) {
        (Some(file), _) => KeySource::File { data, file },
        (None, Ok(jwk)) => KeySource::Text {
            data,
            jwk: Secret(jwk),
        },
        (None, Err(_)) => KeySource::Data(data),
    }
}

/// Reads sites and keys again at each SIGHUP, for as long as the server runs.
async fn reload_when_asked(server: Server, hangups: Option<Signal>) {
    let Some(mut hangups) = hangups else { return };
    while hangups.recv().await.is_some() {
        let server = server.clone();
        match tokio::task::spawn_blocking(move || server.reload()).await {
            Ok(Ok(reloaded)) => tracing::info!(
                sites = reloaded.sites,
                changed = reloaded.changed.len(),
                gone = reloaded.gone.len(),
                rendered = reloaded.rendered,
                refused = reloaded.refused.len(),
                key = reloaded.key,
                "reloaded"
            ),
            Ok(Err(error)) => tracing::error!(%error, "not reloaded"),
            Err(error) => tracing::error!(%error, "a reload has panicked"),
        }
    }
}
