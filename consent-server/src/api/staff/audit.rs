//! `GET /v1/audit`: who of the staff saw or took what.

use super::door::who;
use super::trail::note;
use crate::api::extract::{Params, moment};
use crate::api::{Problem, json, with_store};
use crate::app::App;
use crate::auth::{Role, SiteSet, Staff};
use crate::store::{AccessFilter, StoredAccess};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use consent_core::id::SiteId;
use serde::Deserialize;

/// Lines in one answer, if nothing else is asked for, and at most.
const LIMIT: u32 = 100;
const MOST: u32 = 1000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    site: Option<String>,
    from: Option<String>,
    to: Option<String>,
    after: Option<i64>,
    limit: Option<u32>,
}

pub(super) async fn get(
    State(app): State<App>,
    Params(question): Params<Question>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let staff = who(&app, &headers).await?;
    let filter = AccessFilter {
        sites: visible(&staff, question.site.as_deref())?,
        from: moment("from", question.from.as_deref())?,
        to: moment("to", question.to.as_deref())?,
    };
    let limit = question.limit.unwrap_or(LIMIT).clamp(1, MOST);
    let after = question.after.unwrap_or(0);
    note(&app, &staff, "read_audit", None, String::new(), Some(0)).await?;
    let lines = with_store(&app, move |store| store.trail(&filter, after, limit)).await?;
    let next = lines
        .last()
        .filter(|_| lines.len() == limit as usize)
        .map(|line| line.seq);
    let lines: Vec<_> = lines.into_iter().map(to_json).collect();
    let document = serde_json::json!({ "entries": lines, "next": next });
    Ok(json(document.to_string()))
}

/// The sites whose trail this administrator may read, narrowed to one if they ask for it.
fn visible(staff: &Staff, site: Option<&str>) -> Result<SiteSet, Problem> {
    if staff.role < Role::Admin {
        return Err(Problem::Forbidden);
    }
    let Some(site) = site else {
        return Ok(staff.sites.clone());
    };
    let site: SiteId = site
        .parse()
        .map_err(|error| Problem::InvalidQuery(format!("`site` {error}")))?;
    if staff.sites.contains(&site) {
        Ok(SiteSet::Some([site].into()))
    } else {
        Err(Problem::Forbidden)
    }
}

fn to_json(line: StoredAccess) -> serde_json::Value {
    let StoredAccess { seq, access } = line;
    serde_json::json!({
        "seq": seq,
        "at": access.at.to_rfc3339(),
        "who": access.who,
        "token": access.token,
        "role": access.role,
        "action": access.action,
        "site": access.site.map(|site| site.to_string()),
        "filter": access.filter,
        "rows": access.rows,
    })
}
