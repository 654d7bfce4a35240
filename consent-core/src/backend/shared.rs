//! A verifier whose keys can be replaced while requests are served.

use std::sync::{PoisonError, RwLock};

use alloc::sync::Arc;

use super::Verifier;
use crate::key::KeySet;

/// A verifier that many requests share, and whose keys can be replaced while they are served.
///
/// Clones share one verifier. Give one to the layer, and keep one for the task that fetches the key set:
///
/// ```
/// # use consent_core::backend::{SharedVerifier, Verifier};
/// # use consent_core::key::{KeySet, SigningKey};
/// # let keys = |seed| -> KeySet { [SigningKey::from_seed(&[seed; 32]).public_key()].into_iter().collect() };
/// # let (yesterday, fetched) = (keys(1), keys(2).to_jwks());
/// let verifier = SharedVerifier::from(Verifier::new("https://consent.example", "shop".parse()?, yesterday));
/// let for_the_layer = verifier.clone();
///
/// // Later, and again every day. A set that does not read leaves the keys as they are.
/// verifier.set_keys(KeySet::from_jwks(&fetched)?);
/// # assert_eq!(*for_the_layer.verifier(), *verifier.verifier());
/// # assert!(for_the_layer.verifier().keys().get(&SigningKey::from_seed(&[2; 32]).id().to_string()).is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct SharedVerifier(Arc<RwLock<Arc<Verifier>>>);

impl SharedVerifier {
    /// The verifier as it is now: one request keeps to it, whatever is replaced meanwhile.
    #[must_use]
    pub fn verifier(&self) -> Arc<Verifier> {
        // What is behind the lock is replaced as a whole: a panic elsewhere leaves a good verifier.
        let current = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&current)
    }

    /// Replaces the keys, from the next request on.
    pub fn set_keys(&self, keys: KeySet) {
        let mut current = self.0.write().unwrap_or_else(PoisonError::into_inner);
        Arc::make_mut(&mut current).set_keys(keys);
    }
}

impl From<Verifier> for SharedVerifier {
    fn from(verifier: Verifier) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(verifier))))
    }
}
