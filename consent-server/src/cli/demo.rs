//! `consent demo`

use super::logging::{self, Format};
use super::parts::{block_on, bundle, data_folder, listen, staff_address};
use super::{Answer, say};
use anyhow::{Context as _, Result};
use consent_server::auth::{Role, SiteSet, Token};
use consent_server::clock::{Clock, random};
use consent_server::data::{DataFolder, durable};
use consent_server::demo::history::{self, History};
use consent_server::demo::{self, Demo, third_party};
use consent_server::serve::{ConnectionLimits, answer, asked_to_stop};
use consent_server::server::{Config, Server, SiteSource};
use consent_server::store::{Actor, Store, StoredToken, deeds};
use consent_server::url::BaseUrl;
use serde_json::json;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The port of the demo; 0 takes any that is free.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The port of the pages for staff; two above --port if left out.
    #[arg(long)]
    staff_port: Option<u16>,
    /// The port of the pretend third parties; 0 takes any that is free.
    #[arg(long, default_value_t = 0)]
    third_party_port: u16,
    /// Where the database, the keys and demo.json go; a fresh temporary folder if left out.
    #[arg(long, value_name = "DIR", value_parser = data_folder())]
    data: Option<DataFolder>,
    /// Fills an empty folder with two years of made-up decisions first, for the pages for staff; the same ones for the same
    /// SEED, a number.
    #[arg(long, value_name = "SEED", num_args = 0..=1, require_equals = true, default_missing_value = "1")]
    history: Option<u64>,
    /// Another build of the browser's half than the one inside this program.
    #[arg(long, value_name = "DIR", env = "CONSENT_BUNDLE_DIR", hide = true)]
    bundle: Option<PathBuf>,
}

impl Args {
    pub(super) fn data(&self) -> Option<&DataFolder> {
        self.data.as_ref()
    }
}

pub(super) fn run(args: Args) -> Result<Answer> {
    logging::start("warn", Format::Text);
    let data = match args.data {
        Some(data) => data,
        None => DataFolder::at(std::env::temp_dir().join(format!(
            "consent-demo-{:016x}",
            u64::from_ne_bytes(random()?)
        ))),
    };
    block_on(async {
        let listener = listen(local(args.port))
            .await
            .context("the demo's pages (--port)")?;
        let asked = args.staff_port.map(local);
        let staff_address = staff_address(asked, local(args.port), &listener)?;
        let staff_listener = listen(staff_address)
            .await
            .context("the pages for staff (--staff-port)")?;
        let third_listener = listen(local(args.third_party_port))
            .await
            .context("the third parties (--third-party-port)")?;
        let port = listener.local_addr()?.port();
        // Another host name than the pages', as third parties have: their cookies are third-party cookies.
        let third_party_url = format!("http://localhost:{}", third_listener.local_addr()?.port());
        let url = format!("http://127.0.0.1:{port}");
        let staff_port = staff_listener.local_addr()?.port();
        let staff_url = format!("http://127.0.0.1:{staff_port}");

        if let Some(seed) = args.history {
            make_up(&data, &url.parse()?, seed)?;
        }
        let sites = demo::sites().context("the declarations inside this program")?;
        let ids: Vec<String> = sites.iter().map(|site| site.id.to_string()).collect();
        let by_id = sites
            .iter()
            .map(|site| (site.id.to_string(), site.clone()))
            .collect();
        let server = Server::open(Config {
            own_origins: vec![format!("http://localhost:{port}")],
            staff_origins: vec![format!("http://localhost:{staff_port}")],
            bundle: bundle(args.bundle.as_ref())?,
            ..Config::new(
                data.clone(),
                SiteSource::Given(sites),
                url.parse()?,
                staff_url.parse()?,
            )
        })?;
        let token = staff_token(&*server.app().store)?;
        let facts = Facts {
            url: &url,
            staff_url: &staff_url,
            third_party_url: &third_party_url,
            token: &token,
            ids: &ids,
        };
        write_description(&data, &facts)?;

        let demo = Demo {
            sites: by_id,
            third_party_url: third_party_url.clone(),
            staff_url: staff_url.clone(),
            data: data.path().display().to_string(),
        };
        let router = server.router().merge(demo::pages(Arc::new(demo)));
        let third_parties = third_party::router(&third_party_url, Clock::system());
        tokio::spawn(async move { axum::serve(third_listener, third_parties).await });
        introduce(&data, &facts)?;
        let connections = ConnectionLimits::fitting(4096);
        tokio::spawn(server.clone().run());
        let staff = server.staff_router();
        let staff = answer(
            staff,
            staff_listener,
            ConnectionLimits::few(),
            asked_to_stop(),
        );
        let staff = tokio::spawn(staff);
        answer(router, listener, connections, asked_to_stop()).await?;
        server.stop().await;
        staff.await.context("the listener of staff")??;
        eprintln!(
            "Stopped. The receipts are still in {}.",
            data.path().display()
        );
        Ok(Answer::Yes)
    })
}

/// A past for an empty folder.
fn make_up(data: &DataFolder, url: &BaseUrl, seed: u64) -> Result<()> {
    let history = History {
        url,
        seed,
        days: history::DAYS,
        now: Clock::system().now(),
    };
    let count = history.write_to(data).context("--history")?;
    eprintln!("Made up {count} decisions.");
    Ok(())
}

fn local(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

fn staff_token(store: &dyn Store) -> Result<Token> {
    let token = Token::generate()?;
    let stored = StoredToken {
        hash: token.hash(),
        role: Role::Admin,
        sites: SiteSet::All,
        label: "Demo staff".into(),
        created_at: Clock::system().now(),
        expires_at: None,
        used_on: None,
    };
    let operator = Actor::operator("demo", stored.created_at);
    deeds::add_token(store, &stored, &operator)?;
    Ok(token)
}

/// What there is, and where.
struct Facts<'a> {
    url: &'a str,
    staff_url: &'a str,
    third_party_url: &'a str,
    token: &'a Token,
    ids: &'a [String],
}

/// For scripts that drive the demo. It holds the token, so only its owner may read it.
fn write_description(data: &DataFolder, facts: &Facts<'_>) -> Result<()> {
    let Facts {
        url,
        staff_url,
        third_party_url,
        token,
        ids,
    } = facts;
    let pages = ids
        .iter()
        .map(|id| json!({ "id": id, "page": format!("{url}/demo/{id}/") }));
    let description = json!({
        "url": url,
        "staff_url": staff_url,
        "token": token.reveal(),
        "third_party_url": third_party_url,
        "sites": pages.collect::<Vec<_>>(),
    });
    let text = serde_json::to_string_pretty(&description)? + "\n";
    // Replaced whole: a script that waits for it never reads half of one.
    Ok(durable::write(&data.demo(), text.as_bytes())?)
}

fn introduce(data: &DataFolder, facts: &Facts<'_>) -> Result<()> {
    let Facts {
        url,
        staff_url,
        third_party_url,
        token,
        ids,
    } = facts;
    let data = data.path().display();
    say("Five sites to click on:")?;
    for id in *ids {
        say(format_args!("  {url}/demo/{id}/"))?;
    }
    say(format_args!("All of them, and what to try:  {url}/"))?;
    say(format_args!(
        "What the third parties saw:    {third_party_url}/"
    ))?;
    say(format_args!(
        "Staff log in at                {staff_url}/admin"
    ))?;
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
