//! One receipt and all that proves it, out of the storage and into one file.

use crate::bundle::Bundle;
use crate::published_declarations;
use crate::store::{ArtefactKind, Store, StoreError};
use consent_core::digest::Digest;
use consent_core::evidence::{self, EvidenceError, Logged, Material};
use consent_core::id::SiteId;
use consent_core::key::KeySet;
use consent_core::publication::Publication;
use consent_core::receipt::{Signer, UnverifiedReceipt, VerifyError};
use consent_core::record::Record;
use consent_core::site::Site;

/// Why there is no evidence file.
#[derive(Debug, thiserror::Error)]
pub enum GatherError {
    /// The storage.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What the storage holds does not fit together.
    #[error("{0}: run `consent fsck`, and restore the database from a backup")]
    Evidence(EvidenceError),
    /// The key that signed the receipt is revoked.
    #[error("{0}: such a receipt proves nothing any more")]
    Revoked(VerifyError),
    /// The stored receipt cannot be read.
    #[error("the stored receipt: {0}: restore the database from a backup")]
    Receipt(#[from] VerifyError),
    /// What was shown or asked is not kept.
    #[error("the {0} {1} that the receipt names is not in the database: restore it from a backup")]
    Gone(&'static str, Digest),
}

/// What a server brings to an evidence file, besides what it stores.
#[derive(Clone, Copy, Debug)]
pub struct Office<'a> {
    /// The public keys.
    pub keys: &'a KeySet,
    /// Signs the list of digests.
    pub seal: &'a Signer,
    /// The site's declaration as it is now: for receipts of before declarations were kept, and of use only if it still
    /// makes the notice that the visitor saw.
    pub declaration: Option<&'a Site>,
    /// What the log says about the receipt.
    pub log: Option<Logged<'a>>,
}

/// Makes the evidence file of a stored receipt.
pub fn gather(
    store: &dyn Store,
    receipt: &str,
    office: &Office<'_>,
) -> Result<Vec<u8>, GatherError> {
    let unverified = UnverifiedReceipt::parse(receipt)?;
    let record = unverified.record();
    let kept = |kind: ArtefactKind, digest: Digest| {
        let found = store.artefact(Some(&record.site), kind, &digest)?;
        found.ok_or(GatherError::Gone(kind.as_str(), digest))
    };
    let notice = kept(ArtefactKind::Notice, record.notice)?;
    let scope = kept(ArtefactKind::Scope, record.scope)?;
    let kept_declaration =
        published_declarations::of_record(store, record, unverified.issued_at())?;
    let material = Material {
        receipt,
        notice: &notice,
        scope: &scope,
        keys: office.keys,
        site: kept_declaration
            .as_ref()
            .or(office.declaration.filter(|site| would_show(site, record))),
        log: office.log,
    };
    evidence::assemble(&material, office.seal).map_err(|error| match error {
        EvidenceError::Receipt(error @ VerifyError::Revoked(..)) => GatherError::Revoked(error),
        error => GatherError::Evidence(error),
    })
}

/// What the file is called.
#[must_use]
pub fn file_name(site: &SiteId, record: &str) -> String {
    format!("{site}-{record}.evidence.zip")
}

/// Whether a declaration makes the very notice of a record: its texts are not in the scope, and others were never shown.
fn would_show(site: &Site, record: &Record) -> bool {
    let Ok(bundle) = Bundle::embedded() else {
        return false;
    };
    let made = Publication::new(site.clone(), &bundle.for_publication());
    let notice = made.notices.get(&record.language);
    site.id == record.site && notice.is_some_and(|notice| notice.digest == record.notice)
}
