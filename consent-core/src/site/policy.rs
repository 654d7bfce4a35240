//! `[policy]`: the policy that the notice links to.

use super::localized::Localized;
use super::node::{SchemaNode, reference, required, table};
use super::reader::{Item, Table};
use crate::language::Language;

/// The site's policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// URL.
    pub url: Localized,
    /// Year, month and day of its last update.
    pub updated: (u16, u8, u8),
}

pub(super) fn read(mut table: Table<'_>, languages: &[Language]) -> Option<Policy> {
    let url = table.required("url", "write the policy's URL", |item| {
        Localized::read_urls(item, languages)
    });
    let updated = table.required(
        "updated",
        "write the date of its last update, like 2026-03-01",
        Item::date,
    );
    table.finish();
    Some(Policy {
        url: url?,
        updated: updated?,
    })
}

pub(super) fn schema() -> SchemaNode {
    let updated = SchemaNode::string()
        .with(
            "description",
            "The day of its last update, without quotes, like 2026-03-01.",
        )
        .with("format", "date");
    table(
        "The policy that the notice links to.",
        [
            required("url", reference("localizedUrl", "Its address.")),
            required("updated", updated),
        ],
    )
}
