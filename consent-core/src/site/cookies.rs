//! `services.*.cookies`: what a service stores in the browser. How the choice's own cookie is set is in
//! [`cookie`](super::cookie).

use alloc::format;
use alloc::string::String;

use super::diagnostic::Fault;
use super::localized::Localized;
use super::node::{SchemaNode, flag, localized, optional, reference, required, table, words};
use super::reader::Item;
use super::values::host;
use crate::language::Language;
use crate::lifetime::Lifetime;
use crate::storage::StorageKind;

/// Something stored in the visitor's browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cookie {
    /// Its name, or a pattern in which `*` stands for any characters.
    pub name: String,
    /// Where it is stored.
    pub kind: StorageKind,
    /// How long it lives.
    pub lifetime: Lifetime,
    /// What it is for.
    pub purpose: Localized,
    /// The third party's domain, when it is not the page's own.
    pub domain: Option<String>,
    /// Whether scripts cannot see it: only the server that set it deletes it.
    pub http_only: bool,
}

/// Reads one thing that a service stores. `of_service` is what the service is for: the catalogue's cookies are for that in
/// languages that it has no text in.
pub(super) fn read(
    item: &Item<'_>,
    languages: &[Language],
    of_service: Option<&Localized>,
) -> Result<Option<Cookie>, Fault> {
    let mut table = item.table()?;
    let name = table.required(
        "name",
        "write its name, or a pattern with *",
        name_or_pattern,
    );
    let kind = table.optional("kind", |item| item.one_of(&StorageKind::WORDS));
    let lifetime = table.required(
        "lifetime",
        "write how long it lives, like \"13 months\"",
        Item::parsed,
    );
    let purpose = table.required("purpose", "say in a line what it is for", |item| {
        if item.is_known() {
            Localized::read_known(item, languages, of_service)
        } else {
            Localized::read(item, languages)
        }
    });
    let domain = table.optional("domain", host);
    let http_only = table.optional("http_only", Item::boolean);
    table.finish();
    // What is missing was reported; the others are still read.
    let (Some(name), Some(lifetime), Some(purpose)) = (name, lifetime, purpose) else {
        return Ok(None);
    };
    let kind = kind.unwrap_or(StorageKind::Cookie);
    Ok(Some(Cookie {
        name,
        kind,
        lifetime,
        purpose,
        domain,
        http_only: http_only.unwrap_or(false),
    }))
}

fn name_or_pattern(item: &Item<'_>) -> Result<String, Fault> {
    let name = item.string()?;
    let fixed = name.chars().filter(|c| *c != '*').count();
    if name.contains(char::is_whitespace) || name.len() > 100 {
        Err(Fault::new(
            format!("\"{name}\" is not a name"),
            "write up to 100 characters, no spaces",
        ))
    } else if fixed < 2 {
        // Withdrawal deletes what matches: such a pattern would delete everything.
        Err(Fault::new(
            format!("\"{name}\" matches too much"),
            "write at least two characters beside *",
        ))
    } else {
        Ok(name)
    }
}

pub(super) fn schema() -> SchemaNode {
    let kinds = StorageKind::WORDS.map(|(word, _)| word);
    let name = SchemaNode::string()
        .with(
            "description",
            "Its name, or a pattern with * for any characters.",
        )
        .with("pattern", r"^\**[^\s*]\**[^\s*]\S*$")
        .with("maxLength", 100);
    let http_only = flag("Whether scripts cannot see it: only the server that set it deletes it.");
    table(
        "A cookie, or a key of the browser's storage.",
        [
            required("name", name),
            optional(
                "kind",
                words("Where it is stored.", &kinds).with("default", "cookie"),
            ),
            required("lifetime", reference("lifetime", "How long it lives.")),
            required("purpose", localized("What it is for, in a line.")),
            optional("domain", reference("host", "The third party's domain.")),
            optional("http_only", http_only.with("default", false)),
        ],
    )
}
