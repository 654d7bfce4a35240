//! Which member of staff asks: by token, or by the session of somebody who logged in with one.

use super::same_origin::{foreign, is_own};
use super::trail::note_record;
use crate::api::bearer::bearer;
use crate::api::{Problem, with_store};
use crate::app::App;
use crate::auth::{self, Role, SiteSet, Staff};
use crate::retired::{Kept, Retired};
use axum::http::HeaderMap;
use consent_core::id::{RecordId, SiteId};

/// The site that the address names, for a member of staff who may do this for it. Who may not is not told what there is.
pub(super) async fn enter(
    app: &App,
    headers: &HeaderMap,
    role: Role,
    site: &str,
) -> Result<(Staff, Kept), Problem> {
    let staff = who(app, headers).await?;
    let id: SiteId = site.parse().map_err(|_| Problem::UnknownSite)?;
    if !staff.may(role, &id) {
        return Err(Problem::Forbidden);
    }
    let site = kept(app, id).await?.ok_or(Problem::UnknownSite)?;
    Ok((staff, site))
}

/// The same for one record, which is written down as this action.
pub(super) async fn enter_for_record(
    app: &App,
    headers: &HeaderMap,
    site: &str,
    record: &str,
    action: &str,
) -> Result<(Kept, RecordId), Problem> {
    let (staff, site) = enter(app, headers, Role::Viewer, site).await?;
    let id: RecordId = record.parse().map_err(|_| Problem::NotFound)?;
    note_record(app, &staff, action, site.id(), id).await?;
    Ok((site, id))
}

/// The member of staff who asks, if they run the server: an administrator of every site.
pub(super) async fn operator(app: &App, headers: &HeaderMap) -> Result<Staff, Problem> {
    let staff = who(app, headers).await?;
    if staff.role == Role::Admin && staff.sites == SiteSet::All {
        Ok(staff)
    } else {
        Err(Problem::NotOperator)
    }
}

/// The member of staff who asks. A token comes before a session, and beside one a session counts for nothing.
pub(super) async fn who(app: &App, headers: &HeaderMap) -> Result<Staff, Problem> {
    let staff = match bearer(headers) {
        Some(token) => by_token(app, token.to_owned()).await?,
        // What a page of others fetches is nobody's, though the browser sends the cookie along.
        None if !is_own(app, headers) => return Err(foreign(app)),
        None => by_session(app, headers).await?,
    };
    staff.ok_or(Problem::Unauthorized)
}

pub(crate) async fn by_token(app: &App, token: String) -> Result<Option<Staff>, Problem> {
    let now = app.clock.now();
    with_store(app, move |store| auth::identify(store, &token, now)).await
}

/// Whoever is logged in, as their token says now: without it, nobody is.
pub(crate) async fn by_session(app: &App, headers: &HeaderMap) -> Result<Option<Staff>, Problem> {
    let now = app.clock.now();
    let tokens = app.sessions.tokens(headers, now, app.staff_url.is_https());
    if tokens.is_empty() {
        return Ok(None);
    }
    with_store(app, move |store| {
        for token in tokens {
            if let Some(staff) = auth::recognise(store, &token, now)? {
                return Ok(Some(staff));
            }
        }
        Ok(None)
    })
    .await
}

/// A site that is served, or was.
pub(crate) async fn kept(app: &App, id: SiteId) -> Result<Option<Kept>, Problem> {
    if let Some(site) = app.serving().sites.get(id.as_str()) {
        return Ok(Some(Kept::Served(site.clone())));
    }
    let retired = with_store(app, move |store| Retired::find(store, &id)).await?;
    Ok(retired.map(|site| Kept::Retired(Box::new(site))))
}
