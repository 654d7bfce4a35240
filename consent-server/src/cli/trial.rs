//! `consent try`

mod page;
mod shown;
mod tried;

use super::parts::{block_on, bundle, listen};
use super::{Answer, say};
use anyhow::{Context as _, Result};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use consent_server::bundle::Bundle;
use consent_server::serve::{ConnectionLimits, answer, asked_to_stop};
use serde::Deserialize;
use shown::Shown;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tried::{Look, Tried};

/// Show a declaration's banner on a sample page, anew after each save; with what is wrong in it, by file and line.
///
/// It listens on this machine alone, contacts nobody and keeps nothing: choices stay in the browser that tries it.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The declaration.
    #[arg(default_value = "site.toml")]
    file: PathBuf,
    /// The port to listen on; 0 takes any that is free.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Another build of the browser's half than the one inside this program.
    #[arg(long, value_name = "DIR", env = "CONSENT_BUNDLE_DIR", hide = true)]
    bundle: Option<PathBuf>,
}

/// How often the file is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// How long a page waits for a change before it asks again.
const WAIT: Duration = Duration::from_secs(20);

type Current = watch::Receiver<Arc<Tried>>;

pub(super) fn run(args: &Args) -> Result<Answer> {
    let bundle = bundle(args.bundle.as_ref())?.map_or_else(Bundle::embedded, Ok)?;
    // A file that is not there is a slip of the pen; one that goes away later is shown as a fault.
    let first = Tried::read(&args.file, &bundle, 1).context("the declaration")?;
    let (changes, current) = watch::channel(Arc::new(first));
    let file = args.file.clone();
    block_on(async {
        let listener = listen((Ipv4Addr::LOCALHOST, args.port).into())
            .await
            .context("the page (--port)")?;
        let port = listener.local_addr()?.port();
        let look = tokio::spawn(look_at(file, bundle, changes));
        say(format_args!("http://127.0.0.1:{port}/"))?;
        eprintln!(
            "Shows {} anew after each save. Press Ctrl+C to stop.",
            args.file.display()
        );
        let limits = ConnectionLimits::few();
        answer(routes(current), listener, limits, asked_to_stop()).await?;
        look.abort();
        Ok(Answer::Yes)
    })
}

/// Reads the file again and again, and makes its pages anew when its words are others.
async fn look_at(file: PathBuf, bundle: Bundle, changes: watch::Sender<Arc<Tried>>) {
    let bundle = Arc::new(bundle);
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let (file, bundle) = (file.clone(), Arc::clone(&bundle));
        let before = Arc::clone(&changes.borrow());
        let read = move || Tried::read_again(&file, &bundle, &before);
        if let Ok(Some(tried)) = tokio::task::spawn_blocking(read).await
            && changes.send(Arc::new(tried)).is_err()
        {
            return;
        }
    }
}

fn routes(current: Current) -> Router {
    Router::new()
        .route("/", get(index))
        .route("/page", get(sample))
        .route("/held/{service}", get(held))
        .route("/changed", get(changed))
        .route("/{look}/consent.js", get(gate))
        .route("/{look}/{folder}/{file}", get(file))
        .with_state(current)
}

async fn index(State(current): State<Current>, Query(shown): Query<Shown>) -> Response {
    let tried = Arc::clone(&current.borrow());
    html(page::index(&tried, &shown).into_string())
}

async fn sample(State(current): State<Current>, Query(shown): Query<Shown>) -> Response {
    let tried = Arc::clone(&current.borrow());
    let Some(site) = tried.site() else {
        return missing();
    };
    let Some(language) = shown.language(&site.languages) else {
        return missing();
    };
    let mut response = html(page::sample(site, language, &shown).into_string());
    if shown.afresh {
        let name = site.cookie.name_on(false);
        let gone = format!("{name}=; Path=/; Max-Age=0");
        if let Ok(gone) = HeaderValue::from_str(&gone) {
            response.headers_mut().insert(header::SET_COOKIE, gone);
        }
    }
    response
}

async fn held(Path(service): Path<String>) -> Response {
    html(page::held(&service).into_string())
}

#[derive(Deserialize)]
struct Since {
    since: u64,
}

/// Answers as soon as there is another version than the page has: 200; or 204 after a while.
async fn changed(
    State(mut current): State<Current>,
    Query(Since { since }): Query<Since>,
) -> Response {
    let other = current.wait_for(|tried| tried.version != since);
    let status = match tokio::time::timeout(WAIT, other).await {
        Ok(Ok(_)) => StatusCode::OK,
        _ => StatusCode::NO_CONTENT,
    };
    status.into_response()
}

async fn gate(State(current): State<Current>, Path(look): Path<Look>) -> Response {
    let tried = Arc::clone(&current.borrow());
    match tried.gate(look) {
        Some(script) => typed("consent.js", script.to_owned().into_bytes()),
        None => missing(),
    }
}

async fn file(
    State(current): State<Current>,
    Path((look, folder, name)): Path<(Look, String, String)>,
) -> Response {
    let tried = Arc::clone(&current.borrow());
    match tried.file(look, &folder, &name) {
        Some(bytes) => typed(&name, bytes.to_vec()),
        None => missing(),
    }
}

fn html(text: String) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Html(text)).into_response()
}

fn typed(name: &str, bytes: Vec<u8>) -> Response {
    let kind = match name.rsplit('.').next() {
        Some("js") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        _ => "text/html; charset=utf-8",
    };
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, bytes).into_response()
}

fn missing() -> Response {
    (StatusCode::NOT_FOUND, "not here\n").into_response()
}
