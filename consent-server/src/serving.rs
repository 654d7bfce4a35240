//! What is served now, and replaced as a whole: a request keeps to what it began with.

use crate::publish::{Published, Sites};
use crate::url::BaseUrl;
use consent_core::backend::Verifier;
use consent_core::id::SiteId;
use consent_core::key::KeySet;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Sites and keys that belong together.
#[derive(Debug)]
pub struct Serving {
    /// The sites, as published.
    pub sites: Sites,
    /// The public keys.
    pub keys: KeySet,
    /// The keys as a JWK set, ready to be sent.
    pub jwks: String,
    /// What checks the visitors of each site.
    pub verifiers: BTreeMap<SiteId, Verifier>,
}

impl Serving {
    /// These sites and keys, of the server at this address.
    #[must_use]
    pub fn new(sites: Sites, keys: KeySet, url: &BaseUrl) -> Self {
        let verifier = |site: &Arc<Published>| {
            let verifier = Verifier::new(url.as_str(), site.id.clone(), keys.clone())
                .cookie_name(site.cookie.name_on(url.is_https()))
                .scope(site.scope_digest);
            (site.id.clone(), verifier)
        };
        Self {
            verifiers: sites.iter().map(verifier).collect(),
            jwks: keys.to_jwks(),
            sites,
            keys,
        }
    }
}
