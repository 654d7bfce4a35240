//! What is replaced as a whole while requests are served: sites, keys.

use std::sync::{Arc, PoisonError, RwLock};

/// A value that one request keeps to, whatever is put in its place meanwhile.
#[derive(Debug, Default)]
pub struct Live<T>(RwLock<Arc<T>>);

impl<T> Live<T> {
    /// Begins with this value.
    pub fn new(value: T) -> Self {
        Self(RwLock::new(Arc::new(value)))
    }

    /// The value as it is now.
    #[must_use]
    pub fn get(&self) -> Arc<T> {
        // The lock is held only to copy or replace a pointer: a panic elsewhere leaves a good value.
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another in its place, from the next request on.
    pub fn set(&self, value: T) {
        let value = Arc::new(value);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_keeps_to_what_it_began_with() {
        let live = Live::new("old");
        let began = live.get();
        live.set("new");
        assert_eq!((*began, *live.get()), ("old", "new"));
    }
}
