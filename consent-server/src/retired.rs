//! Sites that are served no longer, and whose proofs are kept: staff, purges and erasures reach them as before.

use crate::publish::Published;
use crate::published_declarations;
use crate::store::{Store, StoreError};
use consent_core::id::SiteId;
use consent_core::site::{ProofRetention, Site};
use std::sync::Arc;

/// A site that was published or has receipts, and is served no longer.
#[derive(Clone, Debug)]
pub struct Retired {
    /// Its id.
    pub id: SiteId,
    /// What its owner declared last; `None` if that is not kept, or no longer understood.
    pub declaration: Option<Site>,
}

impl Retired {
    /// A site by its id; `None` if there never was one. Whether it is served still, the storage does not know.
    pub fn find(store: &dyn Store, id: &SiteId) -> Result<Option<Self>, StoreError> {
        let is_known = store.sites()?.contains(id);
        is_known.then(|| Self::read(store, id.clone())).transpose()
    }

    /// All sites but those that are served.
    pub fn all(
        store: &dyn Store,
        is_served: impl Fn(&SiteId) -> bool,
    ) -> Result<Vec<Self>, StoreError> {
        let sites = store.sites()?.into_iter();
        sites
            .filter(|id| !is_served(id))
            .map(|id| Self::read(store, id))
            .collect()
    }

    fn read(store: &dyn Store, id: SiteId) -> Result<Self, StoreError> {
        let declaration = published_declarations::last(store, &id)?;
        Ok(Self { id, declaration })
    }

    /// How long its proofs are kept, and then: as it was said last.
    #[must_use]
    pub fn proof(&self) -> Option<ProofRetention> {
        self.declaration.as_ref().map(|site| site.proof)
    }
}

/// A site that staff may ask about: one that is served, or a retired one.
#[derive(Clone, Debug)]
pub enum Kept {
    /// Served now.
    Served(Arc<Published>),
    /// Served no longer.
    Retired(Box<Retired>),
}

impl Kept {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> &SiteId {
        match self {
            Self::Served(site) => &site.id,
            Self::Retired(site) => &site.id,
        }
    }

    /// What its owner declares, or declared last.
    #[must_use]
    pub fn declaration(&self) -> Option<&Site> {
        match self {
            Self::Served(site) => Some(&site.declaration),
            Self::Retired(site) => site.declaration.as_ref(),
        }
    }

    /// Its name in its default language; its id if no name is known.
    #[must_use]
    pub fn name(&self) -> &str {
        let declared = self.declaration().and_then(|site| {
            let default = site.languages.first()?;
            Some(site.name.get(default))
        });
        declared.unwrap_or(self.id().as_str())
    }

    /// The controller's name, if it is known.
    #[must_use]
    pub fn controller(&self) -> Option<&str> {
        self.declaration().map(|site| &*site.controller.name)
    }

    /// Whether it is served no longer.
    #[must_use]
    pub const fn is_retired(&self) -> bool {
        matches!(self, Self::Retired(_))
    }
}
