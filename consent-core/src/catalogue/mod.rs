//! The services that sites really use, with the facts about them, so that an owner need not look them up.
//!
//! Each is a file of `consent-core/services/`, compiled in; `like = "youtube"` in a declaration takes from it whatever the
//! declaration does not say itself.
//!
//! ```
//! use consent_core::catalogue::Catalogue;
//!
//! let catalogue = Catalogue::built_in();
//! let youtube = catalogue.find("youtube").expect("it is among them");
//! assert_eq!(youtube.service.provider.as_deref(), Some("Google Ireland Limited"));
//! let found: Vec<_> = catalogue.search("pixel facebook").map(|entry| entry.id).collect();
//! assert_eq!(found[0], "meta-pixel");
//! ```

mod collection;
mod entry;
mod files;
mod known_service;
mod known_text;
mod search;
mod words;

pub use collection::Catalogue;
pub use entry::{CatalogueEntry, CatalogueError, Recommendation};
pub use known_service::{KnownCookie, KnownService};
pub use known_text::KnownText;
pub use words::category_words;
