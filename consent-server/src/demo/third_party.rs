//! The third parties of the demo: they track as much as they are allowed to, and tell everything they saw.

use axum::Router;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use maud::{DOCTYPE, PreEscaped, html};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::clock::Clock;

/// How many requests are remembered.
const REMEMBERED: usize = 10_000;

/// A transparent GIF of one pixel.
const PIXEL: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

#[derive(Clone)]
struct ThirdParty {
    url: Arc<str>,
    log: Arc<Mutex<VecDeque<Entry>>>,
    clock: Clock,
}

/// A request that was seen.
#[derive(Serialize)]
struct Entry {
    at: String,
    method: String,
    path: String,
    referrer: Option<String>,
}

/// The server that plays the third parties, reached under `url`.
pub fn router(url: &str, clock: Clock) -> Router {
    let state = ThirdParty {
        url: url.into(),
        log: Arc::default(),
        clock,
    };
    let watched = Router::new()
        .route("/analytics.js", get(analytics))
        .route("/collect", get(collect).post(collect))
        .route("/social/{service}", get(social))
        .route("/pixel.gif", get(pixel))
        .fallback(async || StatusCode::NOT_FOUND)
        .layer(axum::middleware::from_fn_with_state(
            state.clone(),
            remember,
        ));
    Router::new()
        .route("/", get(show))
        .route("/favicon.ico", get(async || StatusCode::NO_CONTENT))
        .route("/log", get(log).delete(clear).options(preflight))
        .with_state(state.clone())
        .merge(watched.with_state(state))
}

impl ThirdParty {
    fn log(&self) -> MutexGuard<'_, VecDeque<Entry>> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn remember(State(third): State<ThirdParty>, request: Request, next: Next) -> Response {
    let referrer = request
        .headers()
        .get(header::REFERER)
        .and_then(|value| value.to_str().ok());
    let entry = Entry {
        at: third.clock.now().to_rfc3339(),
        method: request.method().to_string(),
        path: request.uri().to_string(),
        referrer: referrer.map(str::to_owned),
    };
    {
        let mut log = third.log();
        if log.len() == REMEMBERED {
            log.pop_front();
        }
        log.push_back(entry);
    }
    let mut response = next.run(request).await;
    // Every use of these is to be seen, so none may come from a cache.
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[derive(Deserialize)]
struct Tag {
    #[serde(default)]
    id: String,
    sets: Option<String>,
}

async fn analytics(State(third): State<ThirdParty>, Query(tag): Query<Tag>) -> Response {
    let names = tag.sets.unwrap_or_else(|| format!("_ga,_ga_{}", tag.id));
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    let names: Vec<&str> = names
        .split(',')
        .filter(|name| !name.is_empty() && name.chars().all(is_plain))
        .collect();
    let settings = serde_json::json!({ "home": &*third.url, "id": tag.id, "names": names });
    let script = include_str!("analytics.js").replace("__SETTINGS__", &settings.to_string());
    (
        [(header::CONTENT_TYPE, "text/javascript; charset=utf-8")],
        script,
    )
        .into_response()
}

async fn collect() -> impl IntoResponse {
    (
        [(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")],
        StatusCode::NO_CONTENT,
    )
}

async fn pixel() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "image/gif")], PIXEL)
}

async fn social(Path(service): Path<String>) -> Response {
    let is_slug = service
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && service.len() <= 40;
    if !is_slug {
        return StatusCode::NOT_FOUND.into_response();
    }
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                title { (service) }
                link rel="icon" href="data:,";
                style { (PreEscaped(include_str!("style/widget.css"))) }
            }
            body data-service=(service) {
                p.mark { (service.chars().next().unwrap_or('?').to_ascii_uppercase()) }
                p { strong { (service) } br; "1,204 people like this." br; small { "This widget has set a cookie." } }
            }
        }
    };
    let cookie = format!("{service}_visitor=demo; Max-Age=7776000; Path=/; SameSite=None; Secure");
    ([(header::SET_COOKIE, cookie)], Html(page.into_string())).into_response()
}

async fn log(State(third): State<ThirdParty>) -> impl IntoResponse {
    let json = serde_json::to_string(&*third.log()).unwrap_or_default();
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, json)
}

async fn clear(State(third): State<ThirdParty>) -> impl IntoResponse {
    third.log().clear();
    (
        [(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")],
        StatusCode::NO_CONTENT,
    )
}

async fn preflight() -> impl IntoResponse {
    let headers = [
        (
            header::ACCESS_CONTROL_ALLOW_ORIGIN,
            HeaderValue::from_static("*"),
        ),
        (
            header::ACCESS_CONTROL_ALLOW_METHODS,
            HeaderValue::from_static(Method::DELETE.as_str()),
        ),
    ];
    (headers, StatusCode::NO_CONTENT)
}

async fn show() -> Html<String> {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "What the third parties saw" }
                link rel="icon" href="data:,";
                style { (PreEscaped(include_str!("style/index.css"))) }
            }
            body {
                section.panel data-third="" {
                    h1 { "What the third parties saw" }
                    p { "This server plays the analytics provider, the social networks and the advertisers of the demo pages. "
                        "Every request that reaches it stands here." }
                    ol.log data-empty="Nothing so far." { li { "Nothing so far." } }
                    p { button type="button" data-clear { "Clear" } }
                }
                script { (PreEscaped(include_str!("panel.js"))) }
            }
        }
    };
    Html(page.into_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    async fn ask(router: &Router, method: Method, path: &str) -> (Response, String) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("referer", "http://a.example/");
        let response = router
            .clone()
            .oneshot(request.body(Body::empty()).unwrap())
            .await
            .unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        (
            Response::from_parts(parts, Body::empty()),
            String::from_utf8_lossy(&body).into_owned(),
        )
    }

    #[tokio::test]
    async fn everything_is_logged_but_the_log() {
        let router = router("http://localhost:9", Clock::system());
        let (_, script) = ask(&router, Method::GET, "/analytics.js?id=X1").await;
        assert!(script.contains(r#"["_ga","_ga_X1"]"#), "{script}");
        ask(&router, Method::POST, "/collect?id=X1").await;
        let (widget, _) = ask(&router, Method::GET, "/social/facebook").await;
        assert!(widget.headers().contains_key(header::SET_COOKIE));
        let (image, _) = ask(&router, Method::GET, "/pixel.gif").await;
        assert_eq!(image.headers()[header::CONTENT_TYPE], "image/gif");
        ask(&router, Method::GET, "/log").await;
        let (_, log) = ask(&router, Method::GET, "/log").await;
        let log: serde_json::Value = serde_json::from_str(&log).unwrap();
        let seen: Vec<_> = log
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["path"].as_str().unwrap())
            .collect();
        assert_eq!(
            seen,
            [
                "/analytics.js?id=X1",
                "/collect?id=X1",
                "/social/facebook",
                "/pixel.gif"
            ]
        );
        assert_eq!(log[0]["referrer"], "http://a.example/");
        ask(&router, Method::DELETE, "/log").await;
        assert_eq!(ask(&router, Method::GET, "/log").await.1, "[]");
    }

    #[tokio::test]
    async fn a_script_takes_no_code_from_its_address() {
        let router = router("http://localhost:9", Clock::system());
        let (_, script) = ask(
            &router,
            Method::GET,
            "/analytics.js?id=%22;alert(1)//&sets=a;b,_ok",
        )
        .await;
        assert!(script.contains(r#""id":"\";alert(1)//""#), "{script}");
        assert!(script.contains(r#""names":["_ok"]"#), "{script}");
    }
}
