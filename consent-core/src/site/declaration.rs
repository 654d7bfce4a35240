//! From the text of a `site.toml`, and of its base, to a [`Site`].

use alloc::string::String;
use alloc::vec::Vec;

use super::base::{self, Base};
use super::diagnostic::{Diagnostic, Places};
use super::document::{BASE, Document, OWN, SourceFile};
use super::reader::Table;
use super::root::{self, Site};

/// A `site.toml` that was read: the site, and where in the file each of its keys stands.
#[derive(Clone, Debug)]
pub struct Declaration {
    /// What is declared.
    pub site: Site,
    /// Where.
    pub places: Places,
}

impl Declaration {
    /// Reads a `site.toml` that stands alone. Everything that is wrong is found at once, in the order of the file.
    pub fn parse(file: &str, text: &str) -> Result<Self, Vec<Diagnostic>> {
        let alone = |_: &str| Err("only this text was given".into());
        Self::parse_with_base(file, text, alone)
    }

    /// Reads a `site.toml` that may begin with `base = "publisher.toml"`: what it does not say itself, it takes from
    /// there.
    ///
    /// `read` is asked for the base by the path in the file, which is relative to it, or says why there is none.
    /// Errors and [`Places`] name the file that a key stands in; what is missing is reported in the site's own.
    ///
    /// ```
    /// use consent_core::site::{Base, Declaration};
    ///
    /// let practice = r#"
    /// base = "publisher.toml"
    /// id = "practice"
    /// name = "The practice"
    /// origins = ["https://practice.example"]
    /// [controller]
    /// name = "Dr Example"
    /// "#;
    /// let publisher = r#"
    /// languages = ["en"]
    /// [controller]
    /// address = "1 High Street, York"
    /// contact = "privacy@publisher.example"
    /// [policy]
    /// url = "https://publisher.example/cookies"
    /// updated = 2026-03-01
    /// "#;
    /// let declaration = Declaration::parse_with_base("practice.toml", practice, |path| {
    ///     assert_eq!(path, "publisher.toml");
    ///     Ok(Base { file: path.into(), text: publisher.into() })
    /// })
    /// .map_err(|wrong| wrong[0].to_string())?;
    /// assert_eq!(declaration.site.controller.name, "Dr Example");
    /// assert_eq!(declaration.site.controller.contact, "privacy@publisher.example");
    /// assert_eq!(declaration.places.file("controller.contact"), "publisher.toml");
    /// # Ok::<(), String>(())
    /// ```
    pub fn parse_with_base(
        file: &str,
        text: &str,
        read: impl FnOnce(&str) -> Result<Base, String>,
    ) -> Result<Self, Vec<Diagnostic>> {
        read_with_base(SourceFile { file, text }, read)
    }
}

impl Site {
    /// Reads a `site.toml`, like [`Declaration::parse`].
    pub fn parse(file: &str, text: &str) -> Result<Self, Vec<Diagnostic>> {
        Declaration::parse(file, text).map(|declaration| declaration.site)
    }
}

fn read_with_base(
    own: SourceFile<'_>,
    read_base: impl FnOnce(&str) -> Result<Base, String>,
) -> Result<Declaration, Vec<Diagnostic>> {
    // The base's text is there before the document that borrows it.
    let shared;
    let mut document = Document::new(own);
    let top = document.parse(OWN);
    match base::find(&document, &top, read_base) {
        Ok(None) => {}
        Ok(Some((found, span))) => {
            shared = found;
            let Base { file, text } = &shared;
            document.put_beneath(SourceFile { file, text }, span);
        }
        // Without it, everything that it holds would be said to be missing.
        Err(()) => return Err(document.finish().0),
    }
    let beneath = document.has_base().then(|| document.parse(BASE));
    if let Some(beneath) = &beneath {
        base::check(&document, beneath);
    }
    let site = root::read(Table::root(&document, &top, beneath.as_ref()));
    let (found, places) = document.finish();
    match site {
        Some(site) if found.is_empty() => Ok(Declaration { site, places }),
        _ => Err(found),
    }
}

/// The keys that each table of a document is asked for, by its path.
#[cfg(test)]
pub(super) fn known_keys(text: &str) -> alloc::collections::BTreeMap<String, Vec<&'static str>> {
    let file = "site.toml";
    let document = Document::new(SourceFile { file, text });
    let top = document.parse(OWN);
    root::read(Table::root(&document, &top, None));
    document.known.into_inner()
}
