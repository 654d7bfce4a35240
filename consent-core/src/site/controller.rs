//! `[controller]`: who answers for the site.

use alloc::string::String;

use super::node::{SchemaNode, optional, reference, required, table, text};
use super::reader::{Item, Table};
use super::values::url;

/// Who answers for a site (GDPR art. 13(1)(a) and (b)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Controller {
    /// Name.
    pub name: String,
    /// Postal address.
    pub address: String,
    /// E-mail address or URL.
    pub contact: String,
    /// E-mail address, URL or name of the data protection officer.
    pub data_protection_officer: Option<String>,
    /// Where to complain.
    pub authority: Option<Authority>,
}

/// A supervisory authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    /// Name.
    pub name: String,
    /// URL.
    pub url: String,
}

pub(super) fn read(mut table: Table<'_>) -> Option<Controller> {
    let name = table.required("name", "name the controller", Item::string);
    let address = table.required(
        "address",
        "write the controller's postal address",
        Item::string,
    );
    let contact = table.required("contact", "write an e-mail address or a URL", Item::string);
    let data_protection_officer = table.optional("data_protection_officer", Item::string);
    let authority = table
        .optional("authority", Item::table)
        .and_then(|mut table| {
            let name = table.required("name", "name the authority", Item::string);
            let url = table.required("url", "write its URL", url);
            table.finish();
            Some(Authority {
                name: name?,
                url: url?,
            })
        });
    table.finish();
    Some(Controller {
        name: name?,
        address: address?,
        contact: contact?,
        data_protection_officer,
        authority,
    })
}

pub(super) fn schema() -> SchemaNode {
    let authority = table(
        "Where visitors can complain.",
        [
            required("name", text("Its name.")),
            required("url", reference("url", "Its address.")),
        ],
    );
    table(
        "Who answers for the site.",
        [
            required("name", text("Its name.")),
            required("address", text("Its postal address.")),
            required("contact", text("An e-mail address or a URL.")),
            optional(
                "data_protection_officer",
                text("How to reach the data protection officer."),
            ),
            optional("authority", authority),
        ],
    )
}
