//! The texts that a declaration is read from, and what was found wrong in them.

use core::cell::RefCell;
use core::ops::Range;

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use toml::Spanned;
use toml::de::DeTable;

use super::diagnostic::{Diagnostic, Fault, Lines, Places};

/// A file's name and text.
#[derive(Clone, Copy)]
pub(super) struct SourceFile<'a> {
    pub(super) file: &'a str,
    pub(super) text: &'a str,
}

/// A place in one of a document's sources.
#[derive(Clone)]
pub(super) struct Spot {
    /// [`OWN`] or [`BASE`].
    pub(super) source: usize,
    pub(super) span: Range<usize>,
}

/// The site's own file.
pub(super) const OWN: usize = 0;
/// The file that it shares with other sites.
pub(super) const BASE: usize = 1;

/// A site's file and perhaps its base, and what was found wrong in them so far.
pub(super) struct Document<'a> {
    sources: Vec<SourceFile<'a>>,
    /// Where the site's file names its base.
    base: Range<usize>,
    found: RefCell<Vec<(usize, Diagnostic)>>,
    places: RefCell<BTreeMap<String, Spot>>,
    /// The keys that each table was asked for, by its path: the schema must list the same.
    #[cfg(test)]
    pub(super) known: RefCell<BTreeMap<String, Vec<&'static str>>>,
}

impl<'a> Document<'a> {
    pub(super) fn new(own: SourceFile<'a>) -> Self {
        Self {
            sources: Vec::from([own]),
            base: 0..0,
            found: RefCell::default(),
            places: RefCell::default(),
            #[cfg(test)]
            known: RefCell::default(),
        }
    }

    /// Puts a base beneath the site's own file, which names it at `span`.
    pub(super) fn put_beneath(&mut self, base: SourceFile<'a>, span: Range<usize>) {
        self.sources.push(base);
        self.base = span;
    }

    pub(super) fn has_base(&self) -> bool {
        self.sources.len() > BASE
    }

    /// Parses one of the texts; syntax errors are gathered like all others.
    pub(super) fn parse(&self, source: usize) -> Spanned<DeTable<'a>> {
        let text = self.sources.get(source).map_or("", |source| source.text);
        let (root, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let fault = Fault::new(error.message(), "mend the TOML syntax (https://toml.io)");
            let span = error.span().unwrap_or(0..0);
            self.report(&Spot { source, span }, "", fault);
        }
        root
    }

    pub(super) fn report(&self, spot: &Spot, key: &str, fault: Fault) {
        let Some(SourceFile { file, text }) = self.sources.get(spot.source) else {
            return;
        };
        let diagnostic = Diagnostic::new(file, Lines::of(text).place(&spot.span), key, fault);
        self.found.borrow_mut().push((spot.source, diagnostic));
    }

    /// The place of what is missing from a table: in the site's file, for a base cannot know what each site adds.
    pub(super) fn place_of_missing(&self, table: &Spot) -> Spot {
        if table.source == OWN {
            return table.clone();
        }
        Spot {
            source: OWN,
            span: self.base.clone(),
        }
    }

    pub(super) fn stands(&self, key: &str, spot: &Spot) {
        self.places.borrow_mut().insert(key.into(), spot.clone());
    }

    /// What was found wrong, in the order of the site's file and then of its base, and where each key stands.
    pub(super) fn finish(self) -> (Vec<Diagnostic>, Places) {
        let mut found = self.found.into_inner();
        found.sort();
        found.dedup();
        let found = found.into_iter().map(|(_, diagnostic)| diagnostic);
        let lines: Vec<_> = self.sources.iter().map(|s| Lines::of(s.text)).collect();
        let place = |spot: Spot| (spot.source, lines[spot.source].place(&spot.span));
        let keys = self.places.into_inner().into_iter();
        let places = Places {
            files: self.sources.iter().map(|s| s.file.into()).collect(),
            keys: keys.map(|(key, spot)| (key, place(spot))).collect(),
        };
        (found.collect(), places)
    }
}
