//! A web site that serves its own consent: the banner, the records and the proofs are under `/consent` of the same address.

use std::env;
use std::net::SocketAddr;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::response::Html;
use axum::routing::get;
use consent_server::data::DataFolder;
use consent_server::limit::{Rate, Rates};
use consent_server::serve::asked_to_stop;
use consent_server::server::{Config, Server, SiteSource};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<()> {
    let listener = TcpListener::bind(setting("LISTEN")?).await?;
    let staff_listener = TcpListener::bind(setting("STAFF")?).await?;
    // Where browsers see the two: a proxy with https stands before them in earnest.
    let url = format!("http://{}", listener.local_addr()?);
    let staff_url = format!("http://{}", staff_listener.local_addr()?);

    let consent = Server::open(Config {
        rates: Rates::new(Rate::of(10), Rate::of(0)),
        ..Config::new(
            DataFolder::at(setting("DATA")?),
            SiteSource::Folder(setting("SITES")?.into()),
            format!("{url}/consent").parse()?,
            staff_url.parse()?,
        )
    })?;
    let app = Router::new()
        .route("/", get(home))
        .nest("/consent", consent.router());
    println!("{url}/ (staff: {staff_url}/admin)");

    // Ends proofs, forgets what was erased, watches the clock.
    let chores = tokio::spawn(consent.clone().run());
    // Staff have an origin of their own: no script of the site's pages can do what they can.
    let staff = axum::serve(staff_listener, consent.staff_router());
    let staff = tokio::spawn(staff.with_graceful_shutdown(asked_to_stop()).into_future());
    // With the addresses of clients, by which one of them is kept from sending too much.
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, app)
        .with_graceful_shutdown(asked_to_stop())
        .await?;
    staff.await??;
    // Everything that was answered is durable, and in the log.
    consent.stop().await;
    chores.await?;
    Ok(())
}

async fn home() -> Html<String> {
    let site = env::var("SITE").unwrap_or_else(|_| "my-site".into());
    Html(format!(
        r#"<!doctype html><html lang="en"><title>A page</title><link rel="icon" href="data:,">
<script src="/consent/s/{site}/consent.js"></script>
<h1>A page of my own</h1>
<script type="text/plain" data-category="analytics">document.querySelector("h1").textContent = "Counted"</script>"#
    ))
}

fn setting(name: &str) -> Result<String> {
    env::var(name).with_context(|| format!("{name} is not set"))
}
