//! The origin of staff's pages is nobody else's: whatever runs on it can do what they can.

use crate::declarations::Written;
use crate::url::BaseUrl;
use consent_core::id::SiteId;

/// Others have pages on the origin of staff.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SharedOrigin {
    /// Visitors' half of the server, and perhaps the pages of its sites.
    #[error(
        "--staff-url {0} shares the origin {origin} with --url: scripts of its pages could do what staff can. Give staff a host of their own", origin = .0.origin()
    )]
    Url(BaseUrl),
    /// A declared site.
    #[error(
        "--staff-url {staff} shares the origin {origin} with site \"{site}\": scripts of its pages could do what staff can. Give staff a host of their own", origin = .staff.origin()
    )]
    Site {
        /// Where staff are.
        staff: BaseUrl,
        /// The site.
        site: SiteId,
    },
}

/// Refuses an origin for staff that others have, too.
pub fn keep_apart(staff: &BaseUrl, url: &BaseUrl, sites: &[Written]) -> Result<(), SharedOrigin> {
    if staff.origin() == url.origin() {
        return Err(SharedOrigin::Url(staff.clone()));
    }
    keep_apart_from(staff, sites)
}

/// The same of declared sites alone.
pub(crate) fn keep_apart_from(staff: &BaseUrl, sites: &[Written]) -> Result<(), SharedOrigin> {
    let shares = |written: &&Written| {
        let mut origins = written.site.origins.iter();
        origins.any(|origin| origin == staff.origin())
    };
    match sites.iter().find(shares) {
        None => Ok(()),
        Some(Written { site, .. }) => Err(SharedOrigin::Site {
            staff: staff.clone(),
            site: site.id.clone(),
        }),
    }
}
