//! The nouns of consent, and the proofs of it. No clock, no randomness, no network, no disk: time and entropy are arguments.
//!
//! The data goes one way:
//!
//! ```text
//! site.toml ─▶ Site ─▶ Notice ─▶ (banner) ─▶ Decision ─▶ Record ─▶ Receipt
//!              what an   what a    what the     what was   signed
//!              owner     visitor   visitor      decided,   proof
//!              declares  is shown  did          until when
//! ```
//!
//! | step | module | feature |
//! | --- | --- | --- |
//! | what an owner declares | [`site`] | `site` |
//! | what a visitor is shown, and what is agreed to | [`publication`], [`notice`], [`scope`] | `site`, `json` |
//! | what the visitor did | [`decision`] | |
//! | a decision made durable | [`record`], [`cookie`] | |
//! | the record signed | [`receipt`], [`key`] | `receipt` |
//! | the receipt in a log that nobody can rewrite | [`merkle`] | `digest` |
//! | what that log says of itself | [`note`], [`checkpoint`], [`cosignature`], [`tlog_proof`], [`witness`] | `log` |
//! | all that proves it, in one file | [`evidence`], [`archive`] | `evidence` |
//!
//! Beside the line:
//!
//! | for | module | feature |
//! | --- | --- | --- |
//! | services that ask "may I?" | [`backend`] | `receipt` |
//! | owners who use what many sites use: the facts about it | [`catalogue`] | `site` |
//! | owners who change a declaration: what visitors read otherwise, and whether they are asked again | [`changes`] | `site` |
//! | owners and their lawyers: what law and guidelines say of a declaration | [`check`] | `site` |
//! | those who want a record in the words of a standard | [`formats`] | `site` |
//! | visitors: the notice's own words, in their language | [`i18n`] | `site` |
//! | whoever reads what strangers wrote: JSON in which nothing can be understood in two ways | [`json`] | `json` |
//! | browsers: going on under one's own consent id | [`holder`] | `digest` |
//!
//! And beneath it: [`id`], [`language`], [`time`], [`digest`], and [`canonical`] (`json`) for what is hashed.
//!
//! # The whole way
//!
#![cfg_attr(all(feature = "receipt", feature = "site"), doc = "```")]
#![cfg_attr(not(all(feature = "receipt", feature = "site")), doc = "```ignore")]
//! use consent_core::backend::Verifier;
//! use consent_core::decision::{Act, Decision, Source};
//! use consent_core::digest::Digest;
//! use consent_core::id::{ConsentId, RecordId};
//! use consent_core::key::{KeySet, SigningKey};
//! use consent_core::publication::{Bundle, Publication};
//! use consent_core::receipt::{Expectations, Receipt, Signer};
//! use consent_core::record::Record;
//! use consent_core::site::Site;
//! use consent_core::time::UnixSeconds;
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//!
//! // What an owner declares. Whatever is wrong is found at once, each with its line and with advice.
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
//! category = "analytics"
//! name = "Counter"
//! provider = "Counter Ltd"
//! country = "GB"
//! purpose = "Counts visits, page by page."
//! policy = "https://counter.example/privacy"
//! "#;
//! let site = Site::parse("site.toml", text).map_err(|wrong| wrong[0].to_string())?;
//!
//! // What a visitor is shown: a notice in each language, each with its digest, and the scope of what they agree to.
//! let bundle = Bundle { gate: "__MANIFEST__ __PARTS__", parts: &[].into(), styles: &[].into(), digest: Digest::of(b"the banner's code") };
//! let published = Publication::new(site, &bundle);
//! let language = "en".parse()?;
//! let notice = &published.notices[&language];
//! assert!(notice.preferences.contains("Counts visits, page by page."));
//!
//! // What the visitor does, in the banner.
//! let decision = Decision {
//!     act: Act::AcceptAll,
//!     source: Source::Banner,
//!     choices: [("analytics".parse()?, true)].into_iter().collect(),
//!     services: [].into_iter().collect(),
//! };
//! published.scope.check(&decision, None)?;
//!
//! // The decision made durable. The banner gives the time and the randomness.
//! let now = UnixSeconds::from_rfc3339("2026-11-22T03:08:11Z")?;
//! let record = Record {
//!     id: RecordId::v7(1_795_316_891_000, [1; 10]),
//!     site: published.site.id.clone(),
//!     subject: ConsentId::from_random([2; 16]),
//!     decision,
//!     decided_at: now,
//!     expires_at: now.plus_months(published.site.valid),
//!     scope: published.scope.digest(),
//!     notice: notice.digest,
//!     language,
//!     previous: None,
//!     gpc: false,
//! };
//! assert_eq!(record.expires_at.to_rfc3339(), "2027-12-22T03:08:11Z");
//!
//! // What travels: the server reads it strictly, and signs it.
//! let received = Record::from_json(record.to_json().as_bytes())?;
//! let key = SigningKey::from_seed(&[7; 32]); // real seeds are random
//! let keys: KeySet = [key.public_key()].into_iter().collect();
//! let receipt = Signer::new(key, "https://consent.example").sign(&received, now);
//!
//! // The proof: whoever has the published keys can check it, as of any moment.
//! let proof = Receipt::verify(&receipt, &keys, &Expectations::at(now))?;
//! assert_eq!(proof.record(), &record);
//! assert!(Receipt::verify(&receipt, &keys, &Expectations::at(record.expires_at)).is_err());
//!
//! // The use of it: a backend asks before it counts.
//! let verifier = Verifier::new("https://consent.example", record.site.clone(), keys).scope(record.scope);
//! let consent = verifier.consent(&format!("__Host-eu-consent={receipt}"), now);
//! assert!(consent.allows("analytics"));
//! # Ok(())
//! # }
//! ```
//!
//! # Features
//!
//! | feature | what it adds | who needs it |
//! | --- | --- | --- |
//! | none | ids, the calendar, decisions, records, the cookie | the banner |
//! | `digest` | SHA-256, the log's tree, [`holder`] | those who only hash |
//! | `log` | signed notes, checkpoints, proofs | witnesses |
//! | `json` | reading records, strict and canonical JSON, scopes | servers and backends |
//! | `receipt` | keys, receipts, [`backend`] | servers, backends, auditors |
//! | `site` | declarations, notices, [`catalogue`], [`check`], [`formats`] | servers and build tools |
//! | `evidence` (default) | evidence files | servers and auditors |
//! | `tower` | a layer that finds each visitor's consent | backends on tower |
//! | `axum` | an extractor of it | backends on axum |
//!
//! Without features the crate needs no standard library, only `alloc`: it also builds for targets that have none
//! (`cargo check -p consent-core --no-default-features --target thumbv7em-none-eabi`). `json` and all that builds on it
//! use `std`.
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;
#[cfg(any(test, feature = "json"))]
extern crate std;

/// The version of this crate: another one may render the same declaration otherwise.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

mod base64url;
pub mod cookie;
pub mod decision;
pub mod digest;
#[cfg(feature = "digest")]
pub mod holder;
pub mod id;
pub mod language;
#[cfg(feature = "digest")]
pub mod merkle;
mod number;
pub mod record;
pub mod time;

#[cfg(feature = "log")]
pub mod checkpoint;
#[cfg(feature = "log")]
pub mod cosignature;
#[cfg(feature = "log")]
pub mod note;
#[cfg(feature = "log")]
pub mod tlog_proof;
#[cfg(feature = "log")]
pub mod witness;

#[cfg(feature = "json")]
pub mod canonical;
#[cfg(feature = "json")]
pub mod json;
#[cfg(feature = "json")]
pub mod scope;

#[cfg(feature = "receipt")]
pub mod backend;
#[cfg(feature = "receipt")]
pub mod key;
#[cfg(feature = "receipt")]
pub mod receipt;

#[cfg(feature = "evidence")]
pub mod archive;
#[cfg(feature = "evidence")]
pub mod evidence;

#[cfg(feature = "site")]
pub mod catalogue;
#[cfg(feature = "site")]
pub mod changes;
#[cfg(feature = "site")]
pub mod check;
#[cfg(feature = "site")]
pub mod formats;
#[cfg(feature = "site")]
pub mod i18n;
#[cfg(feature = "site")]
mod lifetime;
#[cfg(feature = "site")]
mod look;
#[cfg(feature = "site")]
pub mod notice;
#[cfg(feature = "site")]
pub mod publication;
#[cfg(feature = "site")]
mod render;
#[cfg(feature = "site")]
pub mod site;
#[cfg(feature = "site")]
mod storage;
