//! What is known of a service: the keys that a declaration has for it.

use core::fmt::Display;
use core::str::FromStr;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::known_text::KnownText;
use crate::lifetime::Lifetime;
use crate::storage::StorageKind;

/// What is known of a service, in the keys of a declaration.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownService {
    /// The category that it usually belongs to.
    pub category: String,
    /// The name that visitors know it by.
    pub name: KnownText,
    /// The company behind it. None where the site itself runs it: the owner then says who, where, and under which policy.
    pub provider: Option<String>,
    /// The provider's country, as ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// What it is for, in a line.
    pub purpose: KnownText,
    /// URL of the provider's policy.
    pub policy: Option<String>,
    /// How long the provider keeps data, where it says so itself.
    #[serde(default, deserialize_with = "some_lifetime")]
    pub retention: Option<Lifetime>,
    /// The hosts it contacts.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Why it needs no consent; there exactly in `operation`.
    pub exempt: Option<KnownText>,
    /// What it stores.
    #[serde(default)]
    pub cookies: Vec<KnownCookie>,
}

/// Something that a known service stores in browsers.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownCookie {
    /// Its name, or a pattern in which `*` stands for any characters.
    pub name: String,
    /// Where it is stored.
    #[serde(default = "cookie", deserialize_with = "kind")]
    pub kind: StorageKind,
    /// How long it lives.
    #[serde(deserialize_with = "lifetime")]
    pub lifetime: Lifetime,
    /// What it is for.
    pub purpose: KnownText,
    /// The third party's domain, when it is not the page's own.
    pub domain: Option<String>,
    /// Whether scripts cannot see it.
    #[serde(default)]
    pub http_only: bool,
}

const fn cookie() -> StorageKind {
    StorageKind::Cookie
}

fn kind<'de, D: Deserializer<'de>>(from: D) -> Result<StorageKind, D::Error> {
    let text = String::deserialize(from)?;
    let known = StorageKind::WORDS.iter().find(|(word, _)| *word == text);
    known
        .map(|(_, kind)| *kind)
        .ok_or_else(|| D::Error::custom(format!("\"{text}\" is no kind of storage")))
}

fn lifetime<'de, D: Deserializer<'de>>(from: D) -> Result<Lifetime, D::Error> {
    parsed(&String::deserialize(from)?)
}

fn some_lifetime<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Lifetime>, D::Error> {
    lifetime(from).map(Some)
}

fn parsed<T: FromStr<Err: Display>, E: serde::de::Error>(text: &str) -> Result<T, E> {
    text.parse()
        .map_err(|error| E::custom(format!("\"{text}\" {error}")))
}
