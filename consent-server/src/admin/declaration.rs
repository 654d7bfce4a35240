//! What law and guidelines say of what a site declares: the findings of the checker, as of today.

use super::page::{frame, of_site};
use super::visit::Visit;
use crate::api::{Problem, with_store};
use crate::app::App;
use crate::published_declarations;
use crate::retired::Kept;
use crate::texts::DeclarationTexts;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use consent_core::check::{Finding, Severity, check};
use maud::{Markup, html};

/// `GET /admin/sites/{site}/declaration`
pub(crate) async fn get(
    State(app): State<App>,
    Path(site): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let root = "../../../";
    let visit = match Visit::of(&app, &headers, query.as_deref(), root).await? {
        Ok(visit) => visit,
        Err(login) => return Ok(login),
    };
    let Some(site) = visit.site(&app, &site).await? else {
        return Ok(visit.missing(&app, root));
    };
    let (id, now) = (site.id().clone(), app.clock.now());
    let read = with_store(&app, move |store| {
        let declaration = published_declarations::last_with_places(store, &id)?;
        Ok(declaration.map(|declaration| check(&declaration, now)))
    });
    let mut findings = read.await?;
    if let Some(findings) = &mut findings {
        findings.sort_by_key(|finding| weight(finding.rule.severity));
    }
    let page = page(&visit, &site, findings.as_deref());
    Ok(visit.answer(&app, StatusCode::OK, &page))
}

/// The gravest first.
const fn weight(severity: Severity) -> u8 {
    match severity {
        Severity::Error => 0,
        Severity::Warning => 1,
        Severity::Advice => 2,
    }
}

/// `findings`: `None` if the text of the declaration is not kept.
fn page(visit: &Visit, site: &Kept, findings: Option<&[Finding]>) -> Markup {
    let (reader, texts) = (&visit.reader, visit.reader.declaration());
    let root = "../../../";
    let content = html! {
        (of_site(reader, site, root, texts.declaration))
        p { (texts.what_this_is) " " a href="notices" { (reader.notices().title) } }
        @match findings {
            None => p.empty { (texts.not_kept) },
            Some([]) => section.verdict data-verdict="valid" { h2 { (texts.nothing_found) } p { (texts.nothing_found_hint) } },
            Some(findings) => {
                p.hint { (texts.in_english) }
                @for finding in findings { (one(texts, finding)) }
            }
        }
    };
    frame(
        reader,
        texts.declaration,
        root,
        Some(&visit.staff),
        &content,
    )
}

fn one(texts: &DeclarationTexts, finding: &Finding) -> Markup {
    let Finding { rule, found } = finding;
    let word = match rule.severity {
        Severity::Error => texts.error,
        Severity::Warning => texts.warning,
        Severity::Advice => texts.advice,
    };
    html! {
        article.entry data-rule=(rule.id) {
            h2.no[rule.severity == Severity::Error] { (word) }
            p lang="en" { (found.problem) }
            p lang="en" { "→ " (found.advice) }
            p.hint lang="en" { (rule.source) }
            p.hint {
                @if !found.key.is_empty() { code { (found.key) } " · " }
                (texts.line.replace("{number}", &found.line.to_string())) " · " code { (rule.id) }
            }
        }
    }
}
