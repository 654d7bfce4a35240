//! Who asks: staff by token or session, visitors by a receipt.

use super::audit::note;
use super::{Problem, with_store};
use crate::app::App;
use crate::auth::{self, Role, SiteSet, Staff};
use crate::publish::Published;
use axum::http::{HeaderMap, header};
use consent_core::id::{RecordId, SiteId};
use consent_core::receipt::{Expectations, UnverifiedReceipt};
use consent_core::record::Record;

/// The credentials of `Authorization: Bearer …`.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, credentials) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| credentials.trim())
}

/// The record whose receipt is presented in place of a token, if this server has signed it for this site.
pub(super) fn presented(app: &App, site: &Published, headers: &HeaderMap) -> Option<Record> {
    let text = bearer(headers).filter(|text| text.contains('.'))?;
    let receipt = UnverifiedReceipt::parse(text).ok()?;
    // An ended choice still proves who asks, so the receipt is checked as of the moment it was signed.
    let expect = Expectations {
        site: Some(&site.id),
        ..Expectations::at(receipt.issued_at())
    };
    let receipt = receipt.verify(&app.serving().keys, &expect).ok()?;
    Some(receipt.record().clone())
}

/// Lets two kinds of people see a record: whoever presents its own receipt, and staff, which is written down as this action.
pub(super) async fn may_see(
    app: &App,
    headers: &HeaderMap,
    site: &Published,
    id: RecordId,
    action: &str,
) -> Result<(), Problem> {
    if presented(app, site, headers).is_some_and(|record| record.id == id) {
        return Ok(());
    }
    staff_may_see(app, headers, site, id, action).await
}

/// Lets staff see a record, which is written down as this action.
pub(super) async fn staff_may_see(
    app: &App,
    headers: &HeaderMap,
    site: &Published,
    id: RecordId,
    action: &str,
) -> Result<(), Problem> {
    let staff = staff(app, headers, Role::Viewer, &site.id).await?;
    let asked = format!("record={}", id.to_text());
    note(app, &staff, action, Some(&site.id), asked, Some(1)).await?;
    Ok(())
}

/// The member of staff who asks, if they may do this for this site.
pub(super) async fn staff(
    app: &App,
    headers: &HeaderMap,
    role: Role,
    site: &SiteId,
) -> Result<Staff, Problem> {
    let staff = who(app, headers).await?;
    if staff.may(role, site) {
        Ok(staff)
    } else {
        Err(Problem::Forbidden)
    }
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

pub(super) async fn who(app: &App, headers: &HeaderMap) -> Result<Staff, Problem> {
    let staff = match bearer(headers) {
        Some(token) => by_token(app, token.to_owned()).await?,
        None => app.sessions.staff(headers, app.clock.now()),
    };
    staff.ok_or(Problem::Unauthorized)
}

pub(crate) async fn by_token(app: &App, token: String) -> Result<Option<Staff>, Problem> {
    let now = app.clock.now();
    with_store(app, move |store| auth::identify(store, &token, now)).await
}
