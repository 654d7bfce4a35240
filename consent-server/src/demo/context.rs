//! What the demo's pages are rendered with.

use consent_core::site::Site;
use std::collections::BTreeMap;

/// What the demo's pages need to know.
#[derive(Debug)]
pub struct Demo {
    /// The sites, by id.
    pub sites: BTreeMap<String, Site>,
    /// Where the third parties are.
    pub third_party_url: String,
    /// Where the pages for staff are.
    pub staff_url: String,
    /// The data folder, for the commands that the index shows.
    pub data: String,
}
