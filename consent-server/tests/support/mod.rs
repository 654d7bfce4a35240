//! A server in the test's own process, and records to send to it.
#![allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    reason = "each test file uses its part of this"
)]

pub mod authority;
pub mod cluster;
pub mod organisation;
pub mod page;
pub mod process;
pub mod stored;
pub mod tls;
pub mod witness;
mod wrapped;

// One way for all tests of the workspace.
#[path = "../../../tests/src/compressed.rs"]
pub mod compressed;
#[path = "../../../tests/src/port.rs"]
pub mod port;
#[path = "../../../tests/src/skipped.rs"]
pub mod skipped;

pub use wrapped::{Gate, Wrapped};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use compressed::Compressed;
use consent_core::holder::HolderSecret;
use consent_core::id::RecordId;
use consent_core::site::Site;
use consent_core::time::UnixSeconds;
use consent_server::app::App;
use consent_server::auth::{Role, SiteSet, Token};
use consent_server::clock::Clock;
use consent_server::data::DataFolder;
use consent_server::limit::Rates;
use consent_server::server::{Config, SiteSource, StoreSource};
use consent_server::store::{Filter, Store, StoreAddress, StoredToken};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tempfile::TempDir;
use tower::ServiceExt as _;

/// 22 November 2026, 03:08:11 UTC.
pub const NOW: i64 = 1_795_316_891;

pub const URL: &str = "https://consent.example";

/// Where staff open their pages.
pub const STAFF: &str = "https://staff.example";

const SHOP: &str = include_str!("shop.toml");

pub struct Server {
    pub running: consent_server::Server,
    pub app: App,
    pub router: Router,
    pub store: Arc<dyn Store>,
    pub data: TempDir,
    clock: Arc<AtomicI64>,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Server {
    /// Two sites, `shop` and `library`, with the same declaration.
    pub fn start() -> Self {
        Self::start_with(SHOP, |store| store)
    }

    pub fn start_with(shop: &str, wrap: impl FnOnce(Arc<dyn Store>) -> Arc<dyn Store>) -> Self {
        let data = tempfile::tempdir().unwrap();
        Self::open(data, shop, wrap)
    }

    /// The same, with other settings.
    pub fn start_as(settings: impl FnOnce(Config) -> Config) -> Self {
        let data = tempfile::tempdir().unwrap();
        Self::open_as(data, SHOP, |store| store, settings)
    }

    /// The same, with limits on what one client and one site may send.
    pub fn start_with_rates(rates: Rates) -> Self {
        Self::start_as(|config| Config { rates, ..config })
    }

    /// The same, with the pages for staff at another address.
    pub fn start_with_staff_at(url: &str) -> Self {
        let staff_url = url.parse().unwrap();
        Self::start_as(|config| Config {
            staff_url,
            ..config
        })
    }

    pub fn open(
        data: TempDir,
        shop: &str,
        wrap: impl FnOnce(Arc<dyn Store>) -> Arc<dyn Store>,
    ) -> Self {
        Self::open_as(data, shop, wrap, |config| config)
    }

    pub fn open_as(
        data: TempDir,
        shop: &str,
        wrap: impl FnOnce(Arc<dyn Store>) -> Arc<dyn Store>,
        settings: impl FnOnce(Config) -> Config,
    ) -> Self {
        Self::open_then(data, shop, NOW, wrap, settings)
    }

    /// A server of this folder that is started at this time.
    pub fn open_at(data: TempDir, shop: &str, seconds: i64) -> Self {
        Self::open_then(data, shop, seconds, |store| store, |config| config)
    }

    fn open_then(
        data: TempDir,
        shop: &str,
        seconds: i64,
        wrap: impl FnOnce(Arc<dyn Store>) -> Arc<dyn Store>,
        settings: impl FnOnce(Config) -> Config,
    ) -> Self {
        let seconds = Arc::new(AtomicI64::new(seconds));
        let told = Arc::clone(&seconds);
        let clock = Clock::new(move || UnixSeconds::new(told.load(Ordering::Relaxed)).unwrap());
        let folder = DataFolder::at(data.path());
        let store = StoreAddress::of(&folder).open().unwrap();
        let library = shop.replace("id = \"shop\"", "id = \"library\"");
        let sites = [shop, &library].map(|text| Site::parse("shop.toml", text).unwrap());
        let sites = SiteSource::Given(sites.into());
        let config = Config {
            store: StoreSource::Opened(wrap(Arc::clone(&store) as _)),
            clock,
            ..Config::new(folder, sites, URL.parse().unwrap(), STAFF.parse().unwrap())
        };
        let compressed = Compressed::lend(Path::new(process::PROGRAM), data.path());
        let running = consent_server::Server::open(settings(config)).unwrap();
        compressed.keep();
        Self {
            router: running.router(),
            app: running.app().clone(),
            running,
            store,
            data,
            clock: seconds,
        }
    }

    pub fn set_time(&self, seconds: i64) {
        self.clock.store(seconds, Ordering::Relaxed);
    }

    /// Sets the clock, and has the operator say that it is right.
    pub fn accept_time(&self, seconds: i64) {
        self.set_time(seconds);
        self.app.accept_clock().unwrap();
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        send(self.router.clone(), request).await
    }

    /// The listener for staff.
    pub fn staff(&self) -> Door<'_> {
        Door(self)
    }

    pub async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(request("GET", path, headers, Body::empty()))
            .await
    }

    pub async fn post(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        self.send(request("POST", path, headers, body.into())).await
    }

    /// Sends a record as a page of the server's own origin would.
    pub async fn record(&self, site: &str, record: &Value) -> Answer {
        let path = format!("/v1/sites/{site}/consents");
        self.post(
            &path,
            &[("content-type", "application/json")],
            record.to_string(),
        )
        .await
    }

    /// A record that fits what `site` publishes, told apart by its number.
    pub fn example(&self, site: &str, number: u8) -> Value {
        let serving = self.app.serving();
        let published = serving.sites.get(site).unwrap();
        let id = RecordId::v7(NOW.unsigned_abs() * 1000, [number; 10]);
        json!({
            "act": "custom",
            "aud": site,
            "choices": { "analytics": true, "social": false },
            "dat": NOW - 5,
            "exp": NOW + 1000,
            "jti": id.to_text(),
            "lang": "en",
            "notice": published.notices[&"en".parse().unwrap()].to_text(),
            "scope": published.scope_digest.to_text(),
            "src": "banner",
            "sub": "AgICAgICAgICAgICAgICAg",
        })
    }

    /// The name of the cookie that holds the choice at `shop`.
    pub fn cookie_name(&self) -> String {
        let serving = self.app.serving();
        let shop = serving.sites.get("shop").unwrap();
        shop.cookie.name_on(self.app.url.is_https()).to_owned()
    }

    /// A token that the server knows.
    pub fn token(&self, role: Role, sites: &[&str], expires_at: Option<i64>) -> String {
        staff_token(&*self.store, role, sites, expires_at)
    }

    /// How many receipts are stored, of all sites.
    pub fn stored(&self) -> usize {
        ["shop", "library"]
            .into_iter()
            .map(|site| receipts(&*self.store, site).len())
            .sum()
    }

    /// Ends as a server does that is told to stop: what waits is stored and in the log. Answers with its data folder.
    pub async fn end(self) -> TempDir {
        let Self { running, data, .. } = self;
        running.stop().await;
        data
    }

    /// The server after a restart with another declaration.
    pub async fn reopen(self, shop: &str) -> Self {
        let data = self.end().await;
        Self::open(data, shop, |store| store)
    }
}

async fn send(router: Router, request: Request<Body>) -> Answer {
    let response = router.oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    // A body that ends with an error keeps what came before it.
    let body = body
        .collect()
        .await
        .map(|body| body.to_bytes().to_vec())
        .unwrap_or_default();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body,
    }
}

/// What listens for staff.
pub struct Door<'a>(&'a Server);

impl Door<'_> {
    pub async fn send(&self, request: Request<Body>) -> Answer {
        send(self.0.running.staff_router(), request).await
    }

    pub async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(request("GET", path, headers, Body::empty()))
            .await
    }

    pub async fn post(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        self.send(request("POST", path, headers, body.into())).await
    }

    /// Sends a form as one of the pages for staff does.
    pub async fn form(&self, path: &str, headers: &[(&str, &str)], form: &str) -> Answer {
        let own = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("origin", STAFF),
        ];
        self.post(path, &[&own, headers].concat(), form.to_owned())
            .await
    }

    pub async fn log_in(&self, token: &str) -> Answer {
        self.form("/admin/login", &[], &format!("token={token}"))
            .await
    }

    /// Erases a consent id as a program does.
    pub async fn erase(&self, site: &str, subject: &str, token: &str) -> Answer {
        let path = format!("/v1/sites/{site}/erasures");
        let bearer = format!("Bearer {token}");
        let body = json!({ "subject": subject }).to_string();
        self.post(&path, &[("authorization", &bearer)], body).await
    }
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The cookie that it sets, as browsers send it back.
    pub fn cookie(&self) -> String {
        let set = self.header("set-cookie").unwrap();
        set.split(';').next().unwrap().to_owned()
    }

    pub fn code(&self) -> String {
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json"),
            "{}",
            self.text()
        );
        let problem = self.json();
        assert_eq!(problem["status"], self.status.as_u16());
        for member in ["type", "title", "detail"] {
            assert!(
                problem[member]
                    .as_str()
                    .is_some_and(|text| !text.is_empty()),
                "{member}: {problem}"
            );
        }
        problem["code"].as_str().unwrap().to_owned()
    }
}

pub fn request(method: &str, path: &str, headers: &[(&str, &str)], body: Body) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        // As bytes: others' cookies may hold any.
        let value = axum::http::HeaderValue::from_bytes(value.as_bytes()).unwrap();
        request = request.header(*name, value);
    }
    request.body(body).unwrap()
}

/// The consent id of a record that begins with the secret in its `sub`.
pub fn consent_id(record: &Value) -> String {
    let site = record["aud"].as_str().unwrap().parse().unwrap();
    secret(record).consent_id(&site).to_text()
}

/// The cookie by which the browser that sent such a record is known.
pub fn holder(record: &Value) -> String {
    let value = secret(record).to_cookie_value();
    format!("__Secure-eu-consent-holder={value}")
}

fn secret(record: &Value) -> HolderSecret {
    HolderSecret::begun_with(record["sub"].as_str().unwrap().parse().unwrap())
}

/// A token that a store knows.
pub fn staff_token(
    store: &dyn Store,
    role: Role,
    sites: &[&str],
    expires_at: Option<i64>,
) -> String {
    let token = Token::generate().unwrap();
    let sites = match sites {
        [] => SiteSet::All,
        sites => SiteSet::Some(sites.iter().map(|site| site.parse().unwrap()).collect()),
    };
    let stored = StoredToken {
        hash: token.hash(),
        role,
        sites,
        label: "J. <Dupont>".into(),
        created_at: UnixSeconds::new(NOW).unwrap(),
        expires_at: expires_at.map(|end| UnixSeconds::new(end).unwrap()),
        used_on: None,
    };
    store.add_token(&stored).unwrap();
    token.reveal().to_owned()
}

pub fn receipts(store: &dyn Store, site: &str) -> Vec<String> {
    let filter = Filter::all(site.parse().unwrap());
    let (mut receipts, mut after) = (Vec::new(), Some(0));
    while let Some(place) = after {
        let stretch = store.page(&filter, place, 10_000).unwrap();
        receipts.extend(stretch.rows.into_iter().map(|row| row.receipt));
        after = stretch.next;
    }
    receipts
}

pub fn shop() -> &'static str {
    SHOP
}

pub fn write_site(folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join("shop.toml"), SHOP).unwrap();
}
