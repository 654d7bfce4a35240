//! `services.*.like`: the service of the catalogue that a service takes from whatever it does not say itself.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::diagnostic::{Fault, did_you_mean};
use super::node::{SchemaNode, words};
use super::reader::Item;
use crate::catalogue::{Catalogue, CatalogueEntry};

pub(super) fn read(item: &Item<'_>) -> Result<&'static CatalogueEntry, Fault> {
    let id = item.string()?;
    let catalogue = Catalogue::built_in();
    catalogue.find(&id).ok_or_else(|| {
        Fault::new(
            format!("the catalogue has no service \"{id}\""),
            did_you_mean(&id, ids()).unwrap_or_else(|| instead(catalogue, &id)),
        )
    })
}

/// What was meant, perhaps; people write names as they know them.
fn instead(catalogue: &Catalogue, id: &str) -> String {
    let found = catalogue.search(id).take(3);
    let found: Vec<_> = found.map(|entry| format!("`{}`", entry.id)).collect();
    if found.is_empty() {
        "`consent services` lists all that it has; without `like`, write what you know of it".into()
    } else {
        format!("did you mean {}?", found.join(" or "))
    }
}

fn ids() -> impl Iterator<Item = &'static str> {
    Catalogue::built_in().iter().map(|entry| entry.id)
}

pub(super) fn schema() -> SchemaNode {
    let ids: Vec<_> = ids().collect();
    words(
        "The service of the catalogue that all comes from which is not said here.",
        &ids,
    )
}
