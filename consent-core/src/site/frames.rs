//! `[frames]`: in whose frames visitors are asked.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::diagnostic::Fault;
use super::node::{SchemaNode, list, optional, table};
use super::reader::{Item, Table};
use super::values::{each, origin};

pub(super) fn read(mut table: Table<'_>) -> Vec<String> {
    let ancestors = table.optional("ancestors", |item| each(item, ancestor));
    table.finish();
    ancestors.unwrap_or_default()
}

/// An origin as browsers write it: they compare letter by letter.
fn ancestor(item: &Item<'_>) -> Result<String, Fault> {
    let text = origin(item)?;
    if text.contains('*') {
        return Err(Fault::new(
            format!("\"{text}\" names no one site"),
            "list each origin by itself",
        ));
    }
    let lower = text.to_lowercase();
    let usual_port = if lower.starts_with("https:") {
        ":443"
    } else {
        ":80"
    };
    let written = lower.strip_suffix(usual_port).unwrap_or(&lower);
    if text == written {
        Ok(text)
    } else {
        Err(Fault::new(
            format!("\"{text}\" is not how browsers write it"),
            format!("write \"{written}\""),
        ))
    }
}

pub(super) fn schema() -> SchemaNode {
    let ancestor = SchemaNode::string().with("pattern", "^https?://[^/?#@ *A-Z]+$");
    let about = "The origins of other sites that may hold the pages in frames, like \"https://partner.example\".";
    table(
        "In whose frames visitors are asked.",
        [optional("ancestors", list(about, ancestor))],
    )
}
