//! `consent demo`

use super::parts::{app, block_on, bundle, listen};
use super::{Answer, say, start_logging};
use anyhow::{Context as _, Result};
use consent_server::auth::{Role, SiteSet, Token};
use consent_server::clock::{Clock, random};
use consent_server::demo::{self, Demo, third_party};
use consent_server::keys::KeySource;
use consent_server::serve::{Connections, asked_to_stop, serve};
use consent_server::store::{SqliteStore, Store as _, StoredToken};
use serde_json::json;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The port of the demo; 0 takes any that is free.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The port of the pretend third parties; 0 takes any that is free.
    #[arg(long, default_value_t = 0)]
    third_party_port: u16,
    /// Where the database, the keys and demo.json go; a fresh temporary folder if left out.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Another build of the browser's half than the one inside this program.
    #[arg(long, value_name = "DIR", env = "CONSENT_BUNDLE_DIR", hide = true)]
    bundle: Option<PathBuf>,
}

impl Args {
    pub(super) fn data(&self) -> Option<&Path> {
        self.data.as_deref()
    }
}

pub(super) fn run(args: Args) -> Result<Answer> {
    start_logging("warn");
    let data = match args.data {
        Some(data) => data,
        None => std::env::temp_dir().join(format!(
            "consent-demo-{:016x}",
            u64::from_ne_bytes(random()?)
        )),
    };
    block_on(async {
        let listener = listen(local(args.port))
            .await
            .context("the demo's pages (--port)")?;
        let third_listener = listen(local(args.third_party_port))
            .await
            .context("the third parties (--third-party-port)")?;
        let port = listener.local_addr()?.port();
        // Another host name than the pages', as third parties have: their cookies are third-party cookies.
        let third_party_url = format!("http://localhost:{}", third_listener.local_addr()?.port());
        let url = format!("http://127.0.0.1:{port}");

        let sites = demo::sites().context("the declarations inside this program")?;
        let ids: Vec<String> = sites.iter().map(|site| site.id.to_string()).collect();
        let by_id = sites
            .iter()
            .map(|site| (site.id.to_string(), site.clone()))
            .collect();
        let (app, store) = app(
            sites,
            &data,
            url.parse()?,
            &bundle(args.bundle.as_ref())?,
            &KeySource::Data(data.clone()),
            true,
        )?;
        let app = app.with_own_origin(format!("http://localhost:{port}"));
        let token = staff_token(&store)?;
        write_description(&data, &url, &token, &third_party_url, &ids)?;

        let demo = Demo {
            sites: by_id,
            third_party_url: third_party_url.clone(),
            data: data.display().to_string(),
        };
        let router = demo::router(&app, Arc::new(demo));
        let third_parties = third_party::router(&third_party_url, Clock::system());
        tokio::spawn(async move { axum::serve(third_listener, third_parties).await });
        introduce(&url, &third_party_url, &data, &token, &ids)?;
        serve(
            app,
            router,
            listener,
            Connections::default(),
            asked_to_stop(),
        )
        .await?;
        eprintln!("Stopped. The receipts are still in {}.", data.display());
        Ok(Answer::Yes)
    })
}

fn local(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

fn staff_token(store: &SqliteStore) -> Result<Token> {
    let token = Token::generate()?;
    store.add_token(&StoredToken {
        hash: token.hash(),
        role: Role::Admin,
        sites: SiteSet::All,
        label: "Demo staff".into(),
        created_at: Clock::system().now(),
        expires_at: None,
    })?;
    Ok(token)
}

/// For scripts that drive the demo. It holds the token, so only its owner may read it.
fn write_description(
    data: &Path,
    url: &str,
    token: &Token,
    third_party_url: &str,
    ids: &[String],
) -> Result<()> {
    let pages = ids
        .iter()
        .map(|id| json!({ "id": id, "page": format!("{url}/demo/{id}/") }));
    let description = json!({
        "url": url,
        "token": token.reveal(),
        "third_party_url": third_party_url,
        "sites": pages.collect::<Vec<_>>(),
    });
    let path = data.join("demo.json");
    let text = serde_json::to_string_pretty(&description)? + "\n";
    // A file of an earlier run is replaced whole: a script that waits for it never reads half of one.
    let fresh = data.join("demo.json.new");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&fresh)?;
    file.write_all(text.as_bytes())?;
    std::fs::rename(&fresh, &path).with_context(|| format!("{}", path.display()))
}

fn introduce(
    url: &str,
    third_party_url: &str,
    data: &Path,
    token: &Token,
    ids: &[String],
) -> Result<()> {
    let data = data.display();
    say("Five sites to click on:")?;
    for id in ids {
        say(format_args!("  {url}/demo/{id}/"))?;
    }
    say(format_args!("All of them, and what to try:  {url}/"))?;
    say(format_args!(
        "What the third parties saw:    {third_party_url}/"
    ))?;
    say(format_args!("Staff log in at                {url}/admin"))?;
    say(format_args!(
        "  with this token              {}",
        token.reveal()
    ))?;
    say(format_args!(
        "Export the proofs with         consent export --data {data} --site lacassagne --format csv"
    ))?;
    say(format_args!("Everything is kept in          {data}"))?;
    say("Press Ctrl+C to stop.")?;
    Ok(())
}
