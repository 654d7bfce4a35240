//! A member of staff, who asks the server itself: no network is measured.

use anyhow::{Context as _, Result};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use consent_server::Server;
use consent_server::auth::{Role, SiteSet, Token};
use consent_server::clock::Clock;
use consent_server::store::{Store, StoredToken};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

/// Where staff log in.
pub(crate) const STAFF: &str = "https://staff.example";

/// Whoever is logged in.
pub(crate) struct Member<'a> {
    server: &'a Server,
    cookie: String,
}

impl<'a> Member<'a> {
    pub(crate) async fn log_in(server: &'a Server, store: &dyn Store) -> Result<Self> {
        let token = Token::generate()?;
        store.add_token(&StoredToken {
            hash: token.hash(),
            role: Role::Admin,
            sites: SiteSet::All,
            label: "measuring".to_owned(),
            created_at: Clock::system().now(),
            expires_at: None,
            used_on: None,
        })?;
        let form = format!("token={}", token.reveal());
        let login = request("/admin/login", "", Some(&form))?;
        let answer = server.staff_router().oneshot(login).await?;
        let cookie = answer.headers().get(header::SET_COOKIE);
        let cookie = cookie.context("no session")?.to_str()?;
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        Ok(Self { server, cookie })
    }

    /// Asks for a page, or sends a form.
    pub(crate) async fn ask(
        &self,
        path: &str,
        form: Option<&str>,
    ) -> Result<(StatusCode, axum::body::Bytes)> {
        let asked = request(path, &self.cookie, form)?;
        let answer = self.server.staff_router().oneshot(asked).await?;
        let (parts, body) = answer.into_parts();
        Ok((parts.status, body.collect().await?.to_bytes()))
    }
}

fn request(path: &str, cookie: &str, form: Option<&str>) -> Result<Request<Body>> {
    let method = if form.is_some() { "POST" } else { "GET" };
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::COOKIE, cookie)
        .header(header::ORIGIN, STAFF)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    Ok(request.body(Body::from(form.unwrap_or_default().to_owned()))?)
}
