//! `[data]`: how long the data collected under consent are kept, where the site says so as a whole.

use super::lifetime::Lifetime;
use super::node::{Node, optional, reference, table};
use super::reader::{Item, Table};

pub(super) fn read(mut table: Table<'_>) -> Option<Lifetime> {
    let retention = table.optional("retention", Item::parsed);
    table.finish();
    retention
}

pub(super) fn schema() -> Node {
    let about = "For services that do not say it themselves.";
    table(
        "How long the data collected under consent are kept.",
        [optional("retention", reference("lifetime", about))],
    )
}
