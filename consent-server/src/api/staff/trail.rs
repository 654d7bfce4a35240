//! Writes into the trail what staff see or take.

use crate::api::{Problem, with_store};
use crate::app::App;
use crate::auth::Staff;
use crate::store::Actor;
use consent_core::id::{RecordId, SiteId};

/// Writes an access down before it happens; answers the line's place. What cannot be written down does not happen.
pub(crate) async fn note(
    app: &App,
    staff: &Staff,
    action: &str,
    site: Option<&SiteId>,
    filter: String,
    rows: Option<u64>,
) -> Result<i64, Problem> {
    let access = Actor::staff(staff, app.clock.now()).access(action, site, filter, rows);
    with_store(app, move |store| store.note(&access)).await
}

/// The same for an access to one record, which the line names for as long as the record is there.
pub(super) async fn note_record(
    app: &App,
    staff: &Staff,
    action: &str,
    site: &SiteId,
    record: RecordId,
) -> Result<(), Problem> {
    let actor = Actor::staff(staff, app.clock.now());
    let access = actor.access(action, Some(site), String::new(), Some(1));
    with_store(app, move |store| store.note_record(&access, record)).await?;
    Ok(())
}
