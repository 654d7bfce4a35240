//! `[data]`: how long the data collected under consent are kept, where the site says so as a whole.

use super::node::{SchemaNode, optional, reference, table};
use super::reader::Table;
use super::values;
use crate::lifetime::Lifetime;

pub(super) fn read(mut table: Table<'_>) -> Option<Lifetime> {
    let retention = table.optional("retention", values::kept);
    table.finish();
    retention
}

pub(super) fn schema() -> SchemaNode {
    let about = "For services that do not say it themselves.";
    table(
        "How long the data collected under consent are kept.",
        [optional("retention", reference("span", about))],
    )
}
