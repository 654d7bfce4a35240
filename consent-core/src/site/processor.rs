//! `[processor]`: who runs the site for its controller.

use alloc::string::String;

use super::node::{SchemaNode, required, table, text};
use super::reader::{Item, Table};

/// Who runs a site for its controller (GDPR art. 28).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Processor {
    /// Name.
    pub name: String,
    /// E-mail address or URL.
    pub contact: String,
}

pub(super) fn read(mut table: Table<'_>) -> Option<Processor> {
    let name = table.required("name", "name the company that runs the site", Item::string);
    let contact = table.required("contact", "write an e-mail address or a URL", Item::string);
    table.finish();
    Some(Processor {
        name: name?,
        contact: contact?,
    })
}

pub(super) fn schema() -> SchemaNode {
    table(
        "Who runs the site for the controller.",
        [
            required("name", text("Its name.")),
            required("contact", text("An e-mail address or a URL.")),
        ],
    )
}
