//! Holds and tokens come and go with a line of the trail each, and `consent fsck` compares what stands with these lines.
//!
//! A line is written before the deed, and completed after it: one that was never completed says that nobody knows.

use super::{Actor, Hold, Store, StoreError, StoredToken};
use consent_core::id::SiteId;

/// What the trail calls it: a site was put under a legal hold.
pub(crate) const HOLD: &str = "hold";
/// The hold was lifted.
pub(crate) const LIFT: &str = "lift_hold";
/// A token was made.
pub(crate) const CREATE_TOKEN: &str = "create_token";
/// A token was taken away.
pub(crate) const REVOKE_TOKEN: &str = "revoke_token";

/// How the lines of tokens begin since they name them.
const TOKEN: &str = "token=";

/// Puts a site under a legal hold.
pub fn hold(store: &dyn Store, hold: &Hold, actor: &Actor) -> Result<(), StoreError> {
    let filter = hold.reason.clone();
    told(store, actor, HOLD, Some(&hold.site), filter, || {
        store.hold(hold)
    })
}

/// Ends a legal hold; whether there was one.
pub fn lift(store: &dyn Store, site: &SiteId, actor: &Actor) -> Result<bool, StoreError> {
    told(store, actor, LIFT, Some(site), String::new(), || {
        store.lift(site)
    })
}

/// Adds a staff token.
pub fn add_token(store: &dyn Store, token: &StoredToken, actor: &Actor) -> Result<(), StoreError> {
    // The label comes last: whoever chooses it cannot name another token.
    let filter = format!(
        "{TOKEN}{} role={} sites={} label={}",
        token.id(),
        token.role,
        token.sites.to_column().as_deref().unwrap_or("every site"),
        token.label
    );
    told(store, actor, CREATE_TOKEN, None, filter, || {
        store.add_token(token)
    })
}

/// Takes a staff token away; whether it was there.
pub fn revoke_token(
    store: &dyn Store,
    token: &StoredToken,
    actor: &Actor,
) -> Result<bool, StoreError> {
    let (id, role, label) = (token.id(), token.role, &token.label);
    let filter = format!("{TOKEN}{id} role={role} label={label}");
    told(store, actor, REVOKE_TOKEN, None, filter, || {
        store.revoke_token(&token.hash)
    })
}

/// Which token a line is about; `None` of lines from before tokens were named.
pub(crate) fn named_token(filter: &str) -> Option<&str> {
    let id = filter.strip_prefix(TOKEN)?.split(' ').next()?;
    (!id.is_empty()).then_some(id)
}

/// Whether a line from before tokens were named can be about the making of this one.
pub(crate) fn may_mean(filter: &str, role: &str, label: &str) -> bool {
    let sites_and_label = filter.strip_prefix(&format!("role={role} sites="));
    sites_and_label.is_some_and(|rest| rest.ends_with(&format!(" label={label}")))
}

fn told<T>(
    store: &dyn Store,
    actor: &Actor,
    action: &str,
    site: Option<&SiteId>,
    filter: String,
    deed: impl FnOnce() -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let line = store.note(&actor.access(action, site, filter, None))?;
    let done = deed()?;
    store.settle(line, 0, None)?;
    Ok(done)
}
