//! `languages`: those of the notice, the default first.

use alloc::format;
use alloc::vec::Vec;

use super::diagnostic::Fault;
use super::node::{SchemaNode, list};
use super::reader::Item;
use super::values::each;
use crate::i18n::{self, Strings, primaries};
use crate::language::Language;

pub(super) fn read(item: &Item<'_>) -> Result<Vec<Language>, Fault> {
    let languages: Vec<Language> = each(item, |item| {
        let language: Language = item.parsed()?;
        if Strings::of(&language).is_none() {
            let known: Vec<_> = i18n::languages().collect();
            return Err(Fault::new(
                format!("the notice has no texts in \"{language}\""),
                format!("use one of {}", known.join(", ")),
            ));
        }
        Ok(language)
    })?;
    if languages.is_empty() {
        return Err(Fault::new("is empty", "name at least one language"));
    }
    Ok(languages)
}

pub(super) fn schema() -> SchemaNode {
    let known = primaries();
    let tag = format!("^({})(-[A-Za-z0-9]{{2,8}})*$", known.join("|"));
    let about = "The languages of the notice, the default first.";
    list(about, SchemaNode::string().with("pattern", tag)).with("minItems", 1)
}
