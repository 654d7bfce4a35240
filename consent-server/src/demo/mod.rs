//! Sites to try it on: one for each regime of `examples/sites`, and a second server that plays the third parties.

mod context;
mod gated;
pub mod history;
mod index;
mod page;
mod story;
pub mod third_party;

pub use context::Demo;

use crate::publish::PublishError;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use consent_core::cookie::CookieSettings;
use consent_core::language::Language;
use consent_core::site::Site;
use serde::Deserialize;
use std::sync::Arc;

/// The declarations of the demo's sites.
const DECLARATIONS: [(&str, &str); 5] = [
    (
        "examples/sites/carians.toml",
        include_str!("../../embedded/sites/carians.toml"),
    ),
    (
        "examples/sites/cime.toml",
        include_str!("../../embedded/sites/cime.toml"),
    ),
    (
        "examples/sites/cryostem.toml",
        include_str!("../../embedded/sites/cryostem.toml"),
    ),
    (
        "examples/sites/lacassagne.toml",
        include_str!("../../embedded/sites/lacassagne.toml"),
    ),
    (
        "examples/sites/mast.toml",
        include_str!("../../embedded/sites/mast.toml"),
    ),
];

/// The five sites. Their cookies' paths are their pages': on one host they would share a choice otherwise.
pub fn sites() -> Result<Vec<Site>, PublishError> {
    let parse = |(file, text)| Site::parse(file, text).map_err(PublishError::Declarations);
    let mut sites = DECLARATIONS
        .into_iter()
        .map(parse)
        .collect::<Result<Vec<_>, _>>()?;
    on_one_host(&mut sites);
    Ok(sites)
}

fn on_one_host(sites: &mut [Site]) {
    for site in sites {
        site.cookie = CookieSettings::new(format!("/demo/{}/", site.id), None);
    }
}

/// The demo's pages, to stand beside a server's routes.
pub fn pages(demo: Arc<Demo>) -> Router {
    Router::new()
        .route("/", get(index))
        .route("/demo/{site}/", get(page))
        .route("/demo/{site}/style.css", get(style))
        .with_state(demo)
}

async fn index(State(demo): State<Arc<Demo>>) -> Response {
    shown(index::index(&demo).into_string())
}

#[derive(Deserialize)]
struct Shown {
    lang: Option<String>,
}

async fn page(
    State(demo): State<Arc<Demo>>,
    Path(id): Path<String>,
    Query(query): Query<Shown>,
) -> Response {
    let site = demo.sites.get(&id);
    let Some((site, story)) = site.and_then(|site| Some((site, story::of(&id)?))) else {
        return (StatusCode::NOT_FOUND, "no such demo page\n").into_response();
    };
    let wanted: Option<Language> = query.lang.and_then(|lang| lang.parse().ok());
    let wanted = wanted.as_ref().filter(|lang| site.languages.contains(lang));
    let Some(language) = wanted.or(site.languages.first()) else {
        return (StatusCode::NOT_FOUND, "a site without languages\n").into_response();
    };
    shown(page::page(&demo, site, story, language).into_string())
}

async fn style(Path(id): Path<String>) -> Response {
    let Some(story) = story::of(&id) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let css = [include_str!("style/base.css"), story.style].concat();
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], css).into_response()
}

fn shown(html: String) -> Response {
    ([(header::CACHE_CONTROL, "no-cache")], Html(html)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn every_example_has_a_page_in_each_of_its_languages_with_everything_optional_held_back() {
        for site in sites().unwrap() {
            let story = story::of(site.id.as_str()).unwrap();
            let demo = Demo {
                sites: BTreeMap::new(),
                third_party_url: "http://localhost:9".into(),
                staff_url: "http://localhost:8".into(),
                data: "data".into(),
            };
            for language in &site.languages {
                let html = page::page(&demo, &site, story, language).into_string();
                assert!(html.contains(&format!("<html lang=\"{language}\">")));
                for category in site.asked() {
                    for service in &category.services {
                        assert!(
                            html.contains(&format!("data-service=\"{}\"", service.id)),
                            "{}",
                            service.id
                        );
                    }
                }
                assert!(
                    !html.contains(" src=\"http://localhost:9/social"),
                    "an iframe is not held back"
                );
                assert!(
                    !html.contains("<script src=\"http://localhost:9"),
                    "a script is not held back"
                );
            }
        }
    }
}
