//! A stage for one scenario: pages as a site's owner writes them, a real consent server behind the site's own host, and a
//! third party that remembers who asked it for what.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::compressed::Compressed;
use crate::port::free_port;
use crate::{server, tool};

/// What is wrong with the consent server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    #[default]
    None,
    /// Nobody answers for records.
    Away,
    /// It answers after three seconds.
    Slow,
    /// It answers records with a page in HTML, and says that all is well.
    Nonsense,
    /// It takes each record, and its answer gets lost.
    Deaf,
    /// The banner's files are not there, as behind an ad blocker.
    Blocked,
    /// WebAssembly is not there.
    NoWasm,
}

/// A page, with the headers that it is sent with.
#[derive(Clone, Debug, Default)]
struct Page {
    body: Vec<u8>,
    headers: HeaderMap,
}

/// What all parts of the stage share.
#[derive(Default)]
struct Props {
    pages: Mutex<BTreeMap<String, Page>>,
    fault: Mutex<Fault>,
    posts: Mutex<Vec<String>>,
    forms: Mutex<usize>,
    seen: Mutex<Vec<String>>,
    console: Mutex<Vec<String>>,
    server: String,
    third: String,
}

/// The stage. Its servers end with it.
pub struct Stage {
    /// The site's own host.
    pub url: String,
    /// The third party's host.
    pub third: String,
    props: Arc<Props>,
    server: Child,
    folder: TempDir,
}

/// The declaration that scenarios start from: `analytics` with `counter` and `tester`, `social` with `player`.
const SITE: &str = include_str!("stage/site.toml");

/// So many services more for a declaration, in all of its categories, with names of different lengths. Most need no consent and ids are
/// short: a receipt must have room for all that people are asked about.
#[must_use]
pub fn many_services(count: usize) -> String {
    let service = |number: usize| {
        let name = ["Widgets", "Kommunikationsdatenverarbeitung"][number % 2];
        let category = match number % 7 {
            0 => "category = \"social\"",
            1 => "category = \"analytics\"",
            _ => "category = \"operation\"\nexempt = \"The page needs it.\"",
        };
        format!(
            "[services.m{number}]\n{category}\nname = \"{name} {number}\"\nprovider = \"{name} Ltd\"\ncountry = \"GB\"
             purpose = \"Shows number {number}.\"\npolicy = \"https://more.example/{number}\"
             cookies = [{{ name = \"_more_{number}\", lifetime = \"1 year\", purpose = \"Remembers number {number}.\" }}]\n"
        )
    };
    (0..count).map(service).collect()
}

/// What pages tell of their own console, for the engines whose drivers do not.
const EAR: &str = include_str!("stage/ear.js");

impl Stage {
    /// A stage with more in its site's declaration. `{third}` stands for the third party's host name and port.
    pub async fn with(more: &str) -> Result<Self> {
        Self::on("127.0.0.1", more).await
    }

    /// The same under a host name of its own.
    pub async fn on(host: &str, more: &str) -> Result<Self> {
        Self::declared(host, &[SITE, more].join("\n")).await
    }

    /// The same in other languages than English and French: a list as in a declaration.
    pub async fn in_languages(list: &str, more: &str) -> Result<Self> {
        let site = SITE.replace(r#"["en", "fr"]"#, list);
        Self::declared("127.0.0.1", &[&site, more].join("\n")).await
    }

    async fn declared(host: &str, declaration: &str) -> Result<Self> {
        let site = TcpListener::bind("127.0.0.1:0").await?;
        let third = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{host}:{}", site.local_addr()?.port());
        let third_url = format!("http://localhost:{}", third.local_addr()?.port());
        let folder = tempfile::tempdir()?;
        let declaration = declaration.replace("{origin}", &url);
        std::fs::create_dir(folder.path().join("sites"))?;
        std::fs::write(folder.path().join("sites/stage.toml"), declaration)?;
        let (server, server_url) = serve(folder.path(), &url).await?;
        let props = Arc::new(Props {
            server: server_url,
            third: third_url.clone(),
            ..Props::default()
        });
        let pages = Router::new().fallback(page).with_state(Arc::clone(&props));
        let third_party = Router::new()
            .fallback(third_party)
            .with_state(Arc::clone(&props));
        tokio::spawn(async move { axum::serve(site, pages).await });
        tokio::spawn(async move { axum::serve(third, third_party).await });
        Ok(Self {
            url,
            third: third_url,
            props,
            server,
            folder,
        })
    }

    /// Puts a page on the stage, with the gate in its head; answers with its address. `{third}` stands for the third party.
    #[must_use]
    pub fn page(&self, path: &str, body: &str) -> String {
        self.page_with(path, "", body, &[])
    }

    /// The same with more in the head, before the gate, and with headers.
    #[must_use]
    pub fn page_with(
        &self,
        path: &str,
        head: &str,
        body: &str,
        headers: &[(&str, &str)],
    ) -> String {
        let gate = r#"<script src="/s/stage/consent.js"></script>"#;
        self.raw_page(path, &format!("{head}{gate}"), body, headers)
    }

    /// A page whose head is as given.
    #[must_use]
    pub fn raw_page(&self, path: &str, head: &str, body: &str, headers: &[(&str, &str)]) -> String {
        let html = format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Stage</title>\
             <script nonce=\"ear\">{EAR}</script>{head}</head><body><h1>A page</h1>{body}</body></html>"
        );
        let headers = headers.iter().filter_map(|(name, value)| {
            Some((
                name.parse::<HeaderName>().ok()?,
                HeaderValue::from_str(value).ok()?,
            ))
        });
        let page = Page {
            body: html.replace("{third}", &self.third).into_bytes(),
            headers: headers.collect(),
        };
        lock(&self.props.pages).insert(path.to_owned(), page);
        format!("{}{path}", self.url)
    }

    /// Puts a file on the stage, with the type that its name says.
    pub fn file(&self, path: &str, content: &[u8]) {
        let mut page = Page {
            body: content.to_vec(),
            headers: HeaderMap::new(),
        };
        page.headers
            .insert(header::CONTENT_TYPE, HeaderValue::from_static(kind(path)));
        lock(&self.props.pages).insert(path.to_owned(), page);
    }

    /// Breaks something, or mends it.
    pub fn suffers(&self, fault: Fault) {
        *lock(&self.props.fault) = fault;
    }

    /// The paths that the third party was asked for, in order.
    #[must_use]
    pub fn seen(&self) -> Vec<String> {
        lock(&self.props.seen).clone()
    }

    /// Whether the third party was asked for a path.
    #[must_use]
    pub fn saw(&self, path: &str) -> bool {
        lock(&self.props.seen).iter().any(|seen| seen == path)
    }

    /// The records that were posted, whatever was answered.
    #[must_use]
    pub fn posts(&self) -> Vec<String> {
        lock(&self.props.posts).clone()
    }

    /// How many forms were sent to pages of the site.
    #[must_use]
    pub fn forms(&self) -> usize {
        *lock(&self.props.forms)
    }

    /// The records that the server keeps, oldest first: lines of the export.
    pub fn records(&self) -> Result<Vec<serde_json::Value>> {
        let export = Command::new(tool::consent()?)
            .args(["export", "--site", "stage", "--format", "jsonl", "--data"])
            .arg(self.folder.path().join("data"))
            .output()?;
        ensure!(
            export.status.success(),
            "{}",
            String::from_utf8_lossy(&export.stderr)
        );
        let lines = String::from_utf8(export.stdout)?;
        lines
            .lines()
            .map(|line| Ok(serde_json::from_str(line)?))
            .collect()
    }

    /// The acts of those records.
    pub fn acts(&self) -> Result<Vec<String>> {
        let acts = self.records()?.into_iter();
        Ok(acts
            .map(|row| row["act"].as_str().unwrap_or_default().to_owned())
            .collect())
    }

    /// Builds the site as files for a static host, and serves them under `/static/`.
    pub fn build(&self) -> Result<()> {
        let built = Command::new(tool::consent()?)
            .arg("build")
            .arg(self.folder.path().join("sites/stage.toml"))
            .arg("--out")
            .arg(self.folder.path().join("static"))
            .output()?;
        ensure!(
            built.status.success(),
            "{}",
            String::from_utf8_lossy(&built.stderr)
        );
        for entry in walk(&self.folder.path().join("static"))? {
            let name = entry
                .strip_prefix(self.folder.path())?
                .display()
                .to_string();
            self.file(&format!("/{name}"), &std::fs::read(&entry)?);
        }
        Ok(())
    }

    /// Everything that pages told of their consoles.
    #[must_use]
    pub fn console(&self) -> Vec<String> {
        lock(&self.props.console).clone()
    }

    /// No page has had anything to complain about.
    pub fn ends_quietly(&self) -> Result<()> {
        let console = self.console();
        ensure!(
            console.is_empty(),
            "the console is not empty:\n{}",
            console.join("\n")
        );
        Ok(())
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // It may have ended already, which is as good.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Every file below a folder.
fn walk(folder: &Path) -> Result<Vec<std::path::PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(walk(&path)?);
        } else {
            files.push(path);
        }
    }
    Ok(files)
}

/// A consent server on a port of its own, for browsers that reach it under `url`.
async fn serve(folder: &Path, url: &str) -> Result<(Child, String)> {
    let address = format!("127.0.0.1:{}", free_port()?);
    let (sites, data) = (folder.join("sites"), folder.join("data"));
    let compressed = Compressed::lend(&tool::consent()?, &data);
    let mut server = server::serve(&address, url, &sites, &data)?
        .stderr(Stdio::piped())
        .spawn()
        .context("the consent server does not start")?;
    let start = Instant::now();
    while start.elapsed() < Duration::from_mins(2) {
        if let Some(status) = server.try_wait()? {
            let mut said = String::new();
            std::io::Read::read_to_string(
                &mut server.stderr.take().context("no stderr")?,
                &mut said,
            )?;
            bail!("the consent server ended with {status}: {said}");
        }
        if tokio::net::TcpStream::connect(&address).await.is_ok() {
            // Read to the end, so that it never waits for room in the pipe.
            if let Some(mut stderr) = server.stderr.take() {
                std::thread::spawn(move || std::io::copy(&mut stderr, &mut std::io::sink()));
            }
            compressed.keep();
            return Ok((server, format!("http://{address}")));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    bail!("the consent server did not listen within two minutes")
}

/// The site's own host: its pages, and what it hands on to the consent server.
async fn page(State(props): State<Arc<Props>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    if path == "/console" {
        let body = axum::body::to_bytes(request.into_body(), 1 << 20)
            .await
            .unwrap_or_default();
        lock(&props.console).push(String::from_utf8_lossy(&body).into_owned());
        return StatusCode::NO_CONTENT.into_response();
    }
    if path == "/favicon.ico" {
        return StatusCode::NO_CONTENT.into_response();
    }
    if path.starts_with("/s/") || path.starts_with("/v1/") {
        return hand_on(&props, request).await;
    }
    if request.method() == Method::POST {
        *lock(&props.forms) += 1;
    }
    let Some(page) = lock(&props.pages).get(&path).cloned() else {
        return (StatusCode::NOT_FOUND, "no such page").into_response();
    };
    let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    let mut response = (kind, page.body).into_response();
    response.headers_mut().extend(page.headers);
    response
}

async fn hand_on(props: &Props, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let fault = *lock(&props.fault);
    let is_gate = path.ends_with("/consent.js");
    if (fault == Fault::Blocked && path.starts_with("/s/") && !is_gate)
        || (fault == Fault::NoWasm && path.ends_with("/banner.wasm"))
    {
        return (StatusCode::FORBIDDEN, "blocked").into_response();
    }
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20)
        .await
        .unwrap_or_default();
    if parts.method == Method::POST {
        lock(&props.posts).push(String::from_utf8_lossy(&body).into_owned());
        match fault {
            Fault::Away => return (StatusCode::BAD_GATEWAY, "nobody").into_response(),
            Fault::Nonsense => {
                let kind = [(header::CONTENT_TYPE, "text/html")];
                return (StatusCode::CREATED, kind, "<h1>Welcome</h1>").into_response();
            }
            Fault::Slow => tokio::time::sleep(Duration::from_secs(3)).await,
            _ => {}
        }
    }
    let target = format!("{}{path}", props.server);
    let answer = tokio::task::spawn_blocking(move || forward(&target, &parts, &body)).await;
    match answer {
        Ok(Ok(_)) if fault == Fault::Deaf => (StatusCode::BAD_GATEWAY, "lost").into_response(),
        Ok(Ok(answer)) => answer,
        _ => (StatusCode::BAD_GATEWAY, "the consent server is gone").into_response(),
    }
}

fn forward(target: &str, parts: &axum::http::request::Parts, body: &Bytes) -> Result<Response> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into();
    let mut request = axum::http::Request::builder()
        .method(parts.method.clone())
        .uri(target);
    let passed_on = [
        "content-type",
        "cookie",
        "origin",
        "referer",
        "if-none-match",
        "accept-encoding",
    ];
    for name in passed_on {
        if let Some(value) = parts.headers.get(name) {
            request = request.header(name, value);
        }
    }
    let mut answer = agent.run(request.body(body.to_vec())?)?;
    let content = answer
        .body_mut()
        .with_config()
        .limit(1 << 24)
        .read_to_vec()?;
    let mut response = Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        if !["content-length", "transfer-encoding", "connection"].contains(&name.as_str()) {
            response = response.header(name, value);
        }
    }
    Ok(response.body(Body::from(content))?)
}

/// The third party: it tracks as much as it is allowed to.
async fn third_party(State(props): State<Arc<Props>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    lock(&props.seen).push(path.clone());
    let query = request.uri().query().unwrap_or_default().to_owned();
    if let Some(wait) = query
        .strip_prefix("wait=")
        .and_then(|wait| wait.parse().ok())
    {
        tokio::time::sleep(Duration::from_millis(wait)).await;
    }
    let name = path
        .trim_start_matches('/')
        .split('.')
        .next()
        .unwrap_or_default()
        .to_owned();
    let body = match path.rsplit_once('.').map(|(_, kind)| kind) {
        _ if path.starts_with("/missing") => return StatusCode::NOT_FOUND.into_response(),
        Some("js") => format!("(window.ran ??= []).push('{name}');"),
        Some("css") => format!("body {{ --{name}: 1 }}"),
        Some("gif") => "GIF89a".to_owned(),
        _ => format!(
            "<!doctype html><title>{name}</title><p>{name} of {}",
            props.third
        ),
    };
    let headers = [
        (header::CONTENT_TYPE, kind(&path)),
        (header::CACHE_CONTROL, "no-store"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    (headers, body).into_response()
}

fn kind(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, kind)| kind) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("gif") => "image/gif",
        Some("svg") => "image/svg+xml",
        Some("wasm") => "application/wasm",
        _ => "text/html; charset=utf-8",
    }
}
