//! What a gate must know of its site.

use core::cmp::Reverse;

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use super::folder::folder_name;
use crate::canonical::Value;
use crate::digest::Digest;
use crate::i18n::also_known;
use crate::id::CategoryId;
use crate::language::Language;
use crate::scope::Scope;
use crate::site::{GOOGLE_TYPES, Grants, Signals, Site, usual_names};

/// How much of the scope's digest the gate compares, in characters: 48 bits.
const SCOPE_LEN: usize = 8;

/// The gate's manifest. Its keys are short because every page view pays for them:
///
/// | key | |
/// | --- | --- |
/// | `v` `p` | beginning of the scope's digest, folder of the publication |
/// | `l` | languages, and other tags that mean them, in the order to try them; the default last |
/// | `k` | names of the cookie, on http and on https |
/// | `c` | each category and service that is asked about, with its category; 1 for what is always allowed |
/// | `b` | label of the re-open button by language; absent when the site has its own |
/// | `a` `g` | what other tools are told; what Global Privacy Control refuses |
/// | `r` | after how many months those who refused everything are asked again; absent where that is when the choice ends |
/// | `f` | the other sites in whose frames people are asked |
/// | `h` | the services of the hosts that are stopped without a mark |
/// | `n` | what other tools' names mean |
/// | `w` | 0: no page is loaded again |
/// | `u` | `"."` where no server takes records |
pub(super) fn manifest(site: &Site, scope: &Scope, digest: Digest, is_static: bool) -> String {
    let mut names: BTreeMap<&str, Value> = site
        .exempt_names()
        .into_iter()
        .map(|name| (name, 1u32.into()))
        .collect();
    for category in site.asked() {
        let services = category.services.iter().map(|service| service.id.as_str());
        for name in services.chain([category.id.as_str()]) {
            names.insert(name, category.id.as_str().into());
        }
    }
    // The longest first: `pt-BR` before `pt`.
    let also = also_known(&site.languages);
    let tags = || {
        let own = site.languages.iter().map(|language| (language, language));
        own.chain(also.iter().map(|(tag, language)| (tag, *language)))
    };
    let mut languages: Vec<&str> = tags().map(|(tag, _)| tag.as_str()).collect();
    let default = site.languages.first().map(Language::as_str);
    // Of those that are equally long, no two mean the same tag: the default may as well be the last.
    languages.sort_by_key(|language| (Reverse(language.len()), Some(*language) == default));
    if languages.last().copied() != default {
        languages.extend(default);
    }
    let scope = scope.digest().to_text();
    let mut members = alloc::vec![
        ("v", Value::from(&scope[..SCOPE_LEN])),
        ("p", folder_name(&digest).into()),
        ("l", Value::array(languages)),
        (
            "k",
            Value::array([false, true].map(|secure| site.cookie.name_on(secure))),
        ),
        ("c", Value::object(names)),
    ];
    if site.appearance.reopen.is_some() {
        let label = |language: &Language| site.strings(language).reopen;
        let labels = tags().map(|(tag, language)| (tag.as_str(), label(language)));
        members.push(("b", Value::object(labels)));
    }
    let signals = vendors(&site.signals);
    if !signals.is_empty() {
        members.push(("a", Value::object(signals)));
    }
    let refused = &site.signals.global_privacy_control;
    if !refused.is_empty() {
        members.push(("g", Value::array(refused.iter().map(CategoryId::as_str))));
    }
    if site.ask_again < site.valid {
        members.push(("r", u32::from(site.ask_again.get()).into()));
    }
    if !site.frame_ancestors.is_empty() {
        let ancestors = site.frame_ancestors.iter().map(String::as_str);
        members.push(("f", Value::array(ancestors)));
    }
    if site.markup.block {
        members.push(("h", Value::object(hosts(site))));
    }
    if !site.markup.dialects.is_empty() {
        let names = usual_names(&site.markup, &site.categories);
        let names = names.iter().map(|(theirs, ours)| (&**theirs, &**ours));
        members.push(("n", Value::object(names)));
    }
    if !site.reload {
        members.push(("w", 0u32.into()));
    }
    if is_static {
        members.push(("u", ".".into()));
    }
    // A gate may also be written into a page: nothing in it may end a script element.
    Value::object(members).to_json().replace('<', "\\u003c")
}

/// What each vendor's signal depends on.
fn vendors(signals: &Signals) -> Vec<(&'static str, Value)> {
    let grants = |grants: &Grants, types: &[&'static str]| {
        let of = |kind: &&'static str| {
            let name = grants.get(kind).map_or("", String::as_str);
            (*kind, Value::from(name))
        };
        Value::object(types.iter().map(of))
    };
    let both = ["ad_storage", "analytics_storage"];
    let with = |name, value: Option<Value>| Some((name, value?));
    [
        with(
            "google",
            signals
                .google_consent_mode
                .as_ref()
                .map(|g| grants(g, &GOOGLE_TYPES)),
        ),
        with(
            "uet",
            signals
                .microsoft_uet
                .as_ref()
                .map(|g| grants(g, &both[..1])),
        ),
        with(
            "clarity",
            signals.microsoft_clarity.as_ref().map(|g| grants(g, &both)),
        ),
        with("matomo", signals.matomo.as_deref().map(Value::from)),
        with("meta", signals.meta_pixel.as_deref().map(Value::from)),
        with("layer", signals.data_layer.as_deref().map(Value::from)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The hosts that visitors are asked about, with the service that declares each first.
fn hosts(site: &Site) -> BTreeMap<&str, Value> {
    let mut hosts = BTreeMap::new();
    for service in site.asked().flat_map(|category| &category.services) {
        for host in &service.hosts {
            let service = || Value::from(service.id.as_str());
            hosts.entry(host.as_str()).or_insert_with(service);
        }
    }
    hosts
}
