//! What several tables hold: each kind of value with its reading and its part of the schema.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::diagnostic::{Fault, did_you_mean};
use super::node::{Part, SchemaNode};
use super::reader::Item;
use crate::lifetime::Lifetime;

pub(super) fn each<'d, T>(
    item: &Item<'d>,
    read: impl Fn(&Item<'d>) -> Result<T, Fault>,
) -> Result<Vec<T>, Fault> {
    Ok(item
        .list()?
        .iter()
        .filter_map(|item| item.keep(read(item)))
        .collect())
}

pub(super) fn id<T: core::str::FromStr<Err: core::fmt::Display>>(name: &str) -> Result<T, Fault> {
    name.parse()
        .map_err(|error| Fault::new(format!("\"{name}\" is not an id"), format!("it {error}")))
}

pub(super) fn origin(item: &Item<'_>) -> Result<String, Fault> {
    let text = item.string()?;
    let host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    if host.is_some_and(|host| !host.is_empty() && !host.contains(['/', '?', '#', '@', ' '])) {
        Ok(text)
    } else {
        Err(Fault::new(
            format!("\"{text}\" is not an origin"),
            "write scheme and host only, like \"https://www.example.org\"",
        ))
    }
}

pub(super) fn host(item: &Item<'_>) -> Result<String, Fault> {
    let text = item.string()?;
    let labels = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    };
    if text.split('.').all(labels) {
        Ok(text)
    } else {
        Err(Fault::new(
            format!("\"{text}\" is not a host"),
            "write the name alone, in lower case, like \"www.example.org\"",
        ))
    }
}

pub(super) fn host_schema() -> SchemaNode {
    SchemaNode::string().with("pattern", r"^[a-z0-9-]+(\.[a-z0-9-]+)*$")
}

pub(super) fn url(item: &Item<'_>) -> Result<String, Fault> {
    let text = item.string()?;
    check_url(&text)?;
    Ok(text)
}

pub(super) fn check_url(text: &str) -> Result<(), Fault> {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let is_url = rest.is_some_and(|rest| !rest.is_empty()) || text.starts_with('/');
    if is_url && !text.contains(char::is_whitespace) {
        Ok(())
    } else {
        Err(Fault::new(
            format!("\"{text}\" is not a URL"),
            "begin it with https:// (or / for a page of the site)",
        ))
    }
}

pub(super) fn url_schema() -> SchemaNode {
    SchemaNode::string().with("pattern", r"^(https?://\S+|/\S*)$")
}

/// Reports a name that visitors are not asked about: nothing could ever grant or refuse it.
pub(super) fn known(item: &Item<'_>, names: &[&str], what: &str) {
    let Ok(name) = item.string() else { return };
    if names.contains(&&*name) {
        return;
    }
    let advice = did_you_mean(&name, names.iter().copied())
        .unwrap_or_else(|| format!("use one of {}", names.join(", ")));
    item.report(Fault::new(
        format!("visitors are asked about no {what} \"{name}\""),
        advice,
    ));
}

/// How long data are kept: what a browser decides says nothing of what a provider has.
pub(super) fn kept(item: &Item<'_>) -> Result<Lifetime, Fault> {
    match item.parsed()? {
        Lifetime::Session | Lifetime::Persistent => Err(Fault::new(
            "a browser's session, or what visitors delete, is no end of what is collected elsewhere",
            "write a number of minutes, hours, days, months or years such as \"13 months\"",
        )),
        time @ Lifetime::For(..) => Ok(time),
    }
}

/// The schema of what [`kept`] reads.
pub(super) fn span_schema() -> SchemaNode {
    SchemaNode::string()
        .with("pattern", format!("^{SPAN}$"))
        .with("examples", Part::list(["13 months"]))
}

const SPAN: &str = "0*[1-9][0-9]* (minute|hour|day|month|year)s?";

/// How long something is kept. It is read with [`Item::parsed`].
pub(super) fn lifetime_schema() -> SchemaNode {
    SchemaNode::string()
        .with("pattern", format!("^(session|persistent|{SPAN})$"))
        .with(
            "examples",
            Part::list(["session", "persistent", "13 months"]),
        )
}
