//! What an owner declares: one web property of one controller, its categories, services and cookies.
//!
//! The format is that of [`schema`], which editors read too; several sites can share a [`Base`]. Whatever is wrong is
//! found at once, each with its file, line, column, key, and what to do:
//!
//! ```
//! let text = r#"
//! id = "shop"
//! name = "The shop"
//! languages = ["en"]
//! origins = ["https://shop.example"]
//! [controller]
//! name = "Shop Ltd"
//! address = "1 High Street, York"
//! contact = "privacy@shop.example"
//! [policy]
//! url = "https://shop.example/cookies"
//! updated = 2026-03-01
//! [services.counter]
//! category = "analitics"
//! name = "Counter"
//! provider = "Counter Ltd"
//! country = "GB"
//! purpose = "Counts visits."
//! policy = "https://counter.example/privacy"
//! "#;
//! let wrong = consent_core::site::Site::parse("shop.toml", text).unwrap_err();
//! assert_eq!(
//!     wrong[0].to_string(),
//!     "shop.toml:14:12: services.counter.category: there is no category \"analitics\"; did you mean `analytics`?"
//! );
//! ```

mod appearance;
mod base;
mod categories;
mod choice;
mod colour;
mod controller;
mod cookie;
mod cookies;
mod data;
mod declaration;
mod diagnostic;
mod document;
mod frames;
mod languages;
mod like;
mod localized;
mod markup;
mod node;
mod policy;
mod processor;
mod proof;
mod reader;
mod root;
mod schema;
mod services;
mod signals;
mod texts;
mod time_zone;
mod values;

pub use crate::lifetime::{Lifetime, LifetimeError, Unit};
pub use crate::storage::StorageKind;
pub use appearance::{Appearance, Layout, Side, Theme};
pub use base::Base;
pub use categories::Category;
pub use colour::{Colour, ColourError, Colours, Role};
pub use controller::{Authority, Controller};
pub use cookies::Cookie;
pub use declaration::Declaration;
pub use diagnostic::{Diagnostic, Place, Places};
pub use localized::Localized;
pub(crate) use markup::usual_names;
pub use markup::{Dialect, Markup};
pub use policy::Policy;
pub use processor::Processor;
pub use proof::{AtEnd, ProofRetention};
pub use root::Site;
pub use schema::{base_schema, schema};
pub use services::Service;
pub use signals::{GOOGLE_TYPES, Grants, Signals};
pub use texts::Texts;
pub use time_zone::{TimeZone, TimeZoneError};
