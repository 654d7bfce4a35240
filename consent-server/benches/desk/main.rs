//! How long the server takes for each page of the desk, and for one person's history, in a site with years of records.
#![allow(
    clippy::disallowed_methods,
    reason = "a measurement makes its own files"
)]

#[path = "../server/fixture.rs"]
#[allow(dead_code, reason = "the other measurements use all of it")]
mod fixture;
mod member;
mod years;

use anyhow::{Context as _, Result};
use axum::http::StatusCode;
use clap::Parser as _;
use consent_core::id::{ConsentId, RecordId, SiteId};
use consent_server::Server;
use consent_server::data::{DataFolder, private};
use consent_server::server::{Config, SiteSource, StoreSource};
use consent_server::store::StoreAddress;
use fixture::{Fixture, URL};
use member::{Member, STAFF};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Measures each page of the desk.
#[derive(clap::Parser)]
struct Args {
    /// How many receipts, of two years.
    #[arg(long, default_value_t = 1_000_000)]
    rows: u64,
    /// How often each page is asked for.
    #[arg(long, default_value_t = 50)]
    rounds: usize,
    /// Where the database goes; it must be a real disk.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// `cargo bench` passes it.
    #[arg(long, hide = true)]
    bench: bool,
}

#[tokio::main]
async fn main() -> Result<()> {
    let args = Args::parse();
    let folder = match &args.folder {
        Some(folder) => tempfile::tempdir_in(folder),
        None => tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")),
    };
    let folder = folder.context("a folder for the database")?;
    let fixture = Fixture::new(folder.path())?;
    let data = folder.path().join("data");
    private::make_folder(&data)?;
    let data = DataFolder::at(&data);
    let store = StoreAddress::of(&data).open()?;
    let (record, person) = years::fill(&fixture, &*store, args.rows)?;
    let sites = SiteSource::Folder(fixture.sites.clone());
    let config = Config {
        store: StoreSource::Opened(Arc::clone(&store)),
        ..Config::new(data, sites, URL.parse()?, STAFF.parse()?)
    };
    let server = Server::open(config)?;
    let member = Member::log_in(&server, &*store).await?;
    println!("{} receipts of two years in one site\n", args.rows);
    println!("| page | median, ms | slowest, ms | KB |\n| --- | --- | --- | --- |");
    for page in pages(&fixture.site, record, person) {
        print(&page, &member, args.rounds).await?;
    }
    Ok(())
}

/// A page, and what it is asked with.
struct Page {
    name: &'static str,
    path: String,
    /// A form that is sent; `None`: it is only asked for.
    form: Option<String>,
}

fn pages(site: &SiteId, record: RecordId, person: ConsentId) -> Vec<Page> {
    let asked = |name, path: String| Page {
        name,
        path,
        form: None,
    };
    let proof = |name, form: String| Page {
        name,
        path: "/admin/proof".to_owned(),
        form: Some(form),
    };
    let site = format!("/admin/sites/{site}");
    vec![
        asked("all sites", "/admin".to_owned()),
        asked("a site, the last thirty days", site.clone()),
        asked(
            "a site, two years by month",
            format!(
                "{site}?from={}&to={}&step=month",
                years::first(),
                years::last()
            ),
        ),
        asked(
            "a site, two years by week",
            format!(
                "{site}?from={}&to={}&step=week",
                years::first(),
                years::last()
            ),
        ),
        asked("its notices", format!("{site}/notices")),
        proof(
            "one proof, by a record id",
            format!("asked={}", record.to_text()),
        ),
        proof(
            "one proof, by a consent id",
            format!("asked={}", person.to_text()),
        ),
    ]
}

async fn print(page: &Page, member: &Member<'_>, rounds: usize) -> Result<()> {
    let (mut times, mut bytes): (Vec<Duration>, usize) = (Vec::new(), 0);
    for _ in 0..rounds {
        let began = Instant::now();
        let (status, body) = member.ask(&page.path, page.form.as_deref()).await?;
        times.push(began.elapsed());
        anyhow::ensure!(status == StatusCode::OK, "{}: {status}", page.path);
        bytes = body.len();
    }
    times.sort_unstable();
    let millis = |time: Option<&Duration>| time.map_or(0.0, |time| time.as_secs_f64() * 1e3);
    println!(
        "| {} | {:.1} | {:.1} | {} |",
        page.name,
        millis(times.get(times.len() / 2)),
        millis(times.last()),
        bytes / 1000,
    );
    Ok(())
}
