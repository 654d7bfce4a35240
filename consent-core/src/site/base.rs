//! What several sites share: one publisher's file beneath the files of many practitioners.

use core::ops::Range;

use alloc::format;
use alloc::string::String;

use toml::Spanned;
use toml::de::DeTable;

use super::diagnostic::Fault;
use super::document::{BASE, Document, OWN, Spot};
use super::node::{SchemaNode, text};

/// A file that others name as their `base`, as [`Declaration::parse_with_base`](super::Declaration::parse_with_base)
/// is given it.
///
/// It holds whatever keys of a `site.toml` its sites have in common, but for `id` and `base`, and is no site itself.
/// Where a site and its base both have a key, the site's value stands; tables merge key by key; lists and single
/// values are replaced whole. What the base declares comes first in the notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    /// The name that is shown in errors.
    pub file: String,
    /// What is in it.
    pub text: String,
}

/// The base that a site's file names, and where; none where it names none.
pub(super) fn find(
    document: &Document<'_>,
    root: &Spanned<DeTable<'_>>,
    read: impl FnOnce(&str) -> Result<Base, String>,
) -> Result<Option<(Base, Range<usize>)>, ()> {
    let Some(value) = root.get_ref().get("base") else {
        return Ok(None);
    };
    let span = value.span();
    let named = name(value.get_ref().as_str());
    let found = named.and_then(|name| {
        let unreadable = |why| {
            Fault::new(
                format!("\"{name}\" cannot be read: {why}"),
                "write the path of a file, as seen from this one",
            )
        };
        read(name).map_err(unreadable)
    });
    match found {
        Ok(base) => Ok(Some((base, span))),
        Err(fault) => {
            let source = OWN;
            document.report(&Spot { source, span }, "base", fault);
            Err(())
        }
    }
}

fn name(text: Option<&str>) -> Result<&str, Fault> {
    let advice = "write the path of a file, as seen from this one, like \"publisher.toml\"";
    match text {
        None => Err(Fault::new("is no path", advice)),
        Some(path) if path.trim().is_empty() => Err(Fault::new("is empty", advice)),
        Some(path) if path.starts_with(['/', '\\']) || path.contains(':') => Err(Fault::new(
            format!("\"{path}\" is no relative path"),
            advice,
        )),
        Some(path) => Ok(path),
    }
}

/// Reports what only a site's own file may say.
pub(super) fn check(document: &Document<'_>, root: &Spanned<DeTable<'_>>) {
    for (key, problem, advice) in [
        (
            "id",
            "does not belong into a base",
            "each site has an id of its own: write it into the site's file",
        ),
        (
            "base",
            "does not belong into a base",
            "a base has no base of its own: put what both say into one file",
        ),
    ] {
        if let Some((name, _)) = root.get_ref().get_key_value(key) {
            let (source, span) = (BASE, name.span());
            document.report(&Spot { source, span }, key, Fault::new(problem, advice));
        }
    }
}

pub(super) fn schema() -> SchemaNode {
    text("A file whose keys stand where this one has none; its path, as seen from this file.")
}
