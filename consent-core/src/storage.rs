//! Where in a browser something is stored.

/// Where something is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StorageKind {
    /// A cookie.
    Cookie,
    /// The browser's local storage.
    LocalStorage,
    /// The browser's session storage.
    SessionStorage,
}

impl StorageKind {
    /// The words for each in a declaration.
    pub(crate) const WORDS: [(&'static str, Self); 3] = [
        ("cookie", Self::Cookie),
        ("local-storage", Self::LocalStorage),
        ("session-storage", Self::SessionStorage),
    ];
}
