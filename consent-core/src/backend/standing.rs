//! Which of several cookies count.

use alloc::vec::Vec;
use core::cmp::Reverse;

use crate::cookie;
use crate::digest::Digest;
use crate::id::{ConsentId, RecordId, SiteId};
use crate::time::UnixSeconds;

/// A value as it claims to be. Nothing in it is to be believed yet.
struct Claimed<'a> {
    value: &'a str,
    subject: ConsentId,
    order: Order,
}

/// Ids begin with the time; of one record, what the server has signed comes after what it has not.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Order {
    id: RecordId,
    is_signed: bool,
}

/// The newest value of each consent id, the newest of all first: of those that are a choice at this site, on this scope,
/// which has not ended. None may be skipped because it does not verify: a choice that is not signed yet is a choice.
pub(super) fn newest<'a>(
    values: &[&'a str],
    site: &SiteId,
    scope: Option<Digest>,
    now: UnixSeconds,
) -> Vec<&'a str> {
    let mut newest: Vec<Claimed<'_>> = Vec::new();
    for value in values {
        let Some(record) = cookie::claimed(value) else {
            continue;
        };
        let is_of_another = scope.is_some_and(|scope| scope != record.scope);
        if record.site != *site || record.expires_at <= now || is_of_another {
            continue;
        }
        let claimed = Claimed {
            value,
            subject: record.subject,
            order: Order {
                id: record.id,
                is_signed: value.contains('.'),
            },
        };
        let known = newest
            .iter_mut()
            .find(|known| known.subject == claimed.subject);
        match known {
            Some(known) if known.order < claimed.order => *known = claimed,
            Some(_) => {}
            None => newest.push(claimed),
        }
    }
    newest.sort_by_key(|claimed| Reverse(claimed.order));
    newest.into_iter().map(|claimed| claimed.value).collect()
}
