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
//!
//! Beside the line stand [`backend`], for services that ask "may I?", and [`check`], for owners and their lawyers.
//!
//! Without features the crate is what the banner carries: ids, the calendar, decisions and records.
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;
#[cfg(any(test, feature = "json"))]
extern crate std;

pub mod cookie;
pub mod decision;
pub mod digest;
pub mod id;
pub mod language;
pub mod record;
pub mod time;

#[cfg(feature = "json")]
pub mod canonical;
#[cfg(feature = "json")]
pub mod scope;

#[cfg(feature = "receipt")]
pub mod backend;
#[cfg(feature = "receipt")]
pub mod key;
#[cfg(feature = "receipt")]
pub mod receipt;

#[cfg(feature = "site")]
pub mod check;
#[cfg(feature = "site")]
pub mod i18n;
#[cfg(feature = "site")]
pub mod notice;
#[cfg(feature = "site")]
pub mod publication;
#[cfg(feature = "site")]
mod render;
#[cfg(feature = "site")]
pub mod site;
