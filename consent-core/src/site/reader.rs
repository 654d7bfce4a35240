//! Walks a TOML document and gathers everything that is wrong in it, each with its place.

use core::cell::RefCell;
use core::ops::Range;
use core::str::FromStr;

use alloc::borrow::ToOwned as _;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::diagnostic::{Diagnostic, Fault, Place, Places, did_you_mean};

/// One document, and what was found wrong in it so far.
pub(super) struct Document<'a> {
    file: &'a str,
    text: &'a str,
    found: RefCell<Vec<Diagnostic>>,
    places: RefCell<BTreeMap<String, Range<usize>>>,
    /// The keys that each table was asked for, by its path: the schema must list the same.
    #[cfg(test)]
    known: RefCell<BTreeMap<String, Vec<&'static str>>>,
}

impl<'a> Document<'a> {
    pub(super) fn new(file: &'a str, text: &'a str) -> Self {
        Self {
            file,
            text,
            found: RefCell::default(),
            places: RefCell::default(),
            #[cfg(test)]
            known: RefCell::default(),
        }
    }

    /// The keys that each table was asked for, by its path.
    #[cfg(test)]
    pub(super) fn known_keys(self) -> BTreeMap<String, Vec<&'static str>> {
        self.known.into_inner()
    }

    /// Parses the text; syntax errors are gathered like all others.
    pub(super) fn parse(&self) -> Spanned<DeTable<'a>> {
        let (root, errors) = DeTable::parse_recoverable(self.text);
        for error in errors {
            let fault = Fault::new(error.message(), "mend the TOML syntax (https://toml.io)");
            self.report(&error.span().unwrap_or(0..0), "", fault);
        }
        root
    }

    pub(super) fn report(&self, span: &Range<usize>, key: &str, fault: Fault) {
        let diagnostic = Diagnostic::new(self.file, self.text, span, key, fault);
        self.found.borrow_mut().push(diagnostic);
    }

    /// What was found wrong, in the order of the file, and where each key stands.
    pub(super) fn finish(self) -> (Vec<Diagnostic>, Places) {
        let mut found = self.found.into_inner();
        found.sort();
        found.dedup();
        let place = |span: &Range<usize>| Place::of(self.text, span);
        let places = self.places.into_inner();
        let keys = places
            .iter()
            .map(|(key, span)| (key.clone(), place(span)))
            .collect();
        (
            found,
            Places {
                file: self.file.into(),
                keys,
            },
        )
    }
}

/// A value, and where it stands.
#[derive(Clone)]
pub(super) struct Item<'d> {
    document: &'d Document<'d>,
    pub(super) key: String,
    pub(super) span: Range<usize>,
    value: &'d DeValue<'d>,
}

impl<'d> Item<'d> {
    pub(super) fn report(&self, fault: Fault) {
        self.document.report(&self.span, &self.key, fault);
    }

    /// Keeps a good value; reports a fault and keeps nothing.
    pub(super) fn keep<T>(&self, read: Result<T, Fault>) -> Option<T> {
        read.map_err(|fault| self.report(fault)).ok()
    }

    pub(super) fn is_string(&self) -> bool {
        self.value.is_str()
    }

    pub(super) fn string(&self) -> Result<String, Fault> {
        let text = self
            .value
            .as_str()
            .ok_or_else(|| self.wrong("text in quotes"))?;
        if text.trim().is_empty() {
            return Err(Fault::new("is empty", "write the text, or remove the key"));
        }
        Ok(text.trim().to_owned())
    }

    pub(super) fn parsed<T: FromStr<Err: ToString>>(&self) -> Result<T, Fault> {
        let text = self.string()?;
        text.parse().map_err(|error: T::Err| {
            Fault::new(
                format!("\"{text}\" is not valid"),
                format!("it {}", error.to_string()),
            )
        })
    }

    /// One of a few words.
    pub(super) fn one_of<T: Copy>(&self, words: &[(&str, T)]) -> Result<T, Fault> {
        let text = self.string()?;
        words
            .iter()
            .find(|(word, _)| *word == text)
            .map(|(_, value)| *value)
            .ok_or_else(|| {
                let names: Vec<_> = words
                    .iter()
                    .map(|(word, _)| format!("\"{word}\""))
                    .collect();
                Fault::new(
                    format!("\"{text}\" is not known here"),
                    format!("use {}", names.join(" or ")),
                )
            })
    }

    pub(super) fn boolean(&self) -> Result<bool, Fault> {
        self.value
            .as_bool()
            .ok_or_else(|| self.wrong("true or false"))
    }

    pub(super) fn integer(&self, range: Range<u32>) -> Result<u32, Fault> {
        let number = self
            .value
            .as_integer()
            .ok_or_else(|| self.wrong("a whole number"))?;
        let digits = number.as_str().replace('_', "");
        let value = u32::from_str_radix(&digits, number.radix()).ok();
        value.filter(|value| range.contains(value)).ok_or_else(|| {
            Fault::new(
                format!("{number} is out of range"),
                format!("use a number from {} to {}", range.start, range.end - 1),
            )
        })
    }

    /// A date without a time, as (year, month, day).
    pub(super) fn date(&self) -> Result<(u16, u8, u8), Fault> {
        let moment = self
            .value
            .as_datetime()
            .filter(|moment| moment.time.is_none());
        let date = moment.and_then(|moment| moment.date);
        let date = date.ok_or_else(|| self.wrong("a date such as 2026-03-01, without quotes"))?;
        Ok((date.year, date.month, date.day))
    }

    pub(super) fn list(&self) -> Result<Vec<Self>, Fault> {
        let array = self
            .value
            .as_array()
            .ok_or_else(|| self.wrong("a list in [ ]"))?;
        let item = |(place, value): (usize, &'d Spanned<DeValue<'d>>)| {
            let key = format!("{}[{place}]", self.key);
            self.document
                .places
                .borrow_mut()
                .insert(key.clone(), value.span());
            Item {
                document: self.document,
                key,
                span: value.span(),
                value: value.get_ref(),
            }
        };
        Ok(array.iter().enumerate().map(item).collect())
    }

    pub(super) fn table(&self) -> Result<Table<'d>, Fault> {
        let table = self.value.as_table().ok_or_else(|| self.wrong("a table"))?;
        Ok(Table::new(
            self.document,
            self.key.clone(),
            self.span.clone(),
            table,
        ))
    }

    fn wrong(&self, expected: &str) -> Fault {
        Fault::new(
            format!("is of type {}", self.value.type_str()),
            format!("write {expected}"),
        )
    }
}

/// A table whose keys are taken one by one; [`Table::finish`] reports those that nobody asked for.
pub(super) struct Table<'d> {
    document: &'d Document<'d>,
    path: String,
    span: Range<usize>,
    entries: &'d DeTable<'d>,
    known: Vec<&'static str>,
}

impl<'d> Table<'d> {
    pub(super) fn root(document: &'d Document<'d>, table: &'d Spanned<DeTable<'d>>) -> Self {
        Self::new(document, String::new(), 0..0, table.get_ref())
    }

    fn new(
        document: &'d Document<'d>,
        path: String,
        span: Range<usize>,
        table: &'d DeTable<'d>,
    ) -> Self {
        Self {
            document,
            path,
            span,
            entries: table,
            known: Vec::new(),
        }
    }

    pub(super) fn get(&mut self, key: &'static str) -> Option<Item<'d>> {
        self.known.push(key);
        self.entries()
            .into_iter()
            .find(|(name, _)| name == key)
            .map(|(_, item)| item)
    }

    /// The value of a key that may be missing.
    pub(super) fn optional<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&Item<'d>) -> Result<T, Fault>,
    ) -> Option<T> {
        let item = self.get(key)?;
        item.keep(read(&item))
    }

    /// The value of a key that must be there.
    pub(super) fn required<T>(
        &mut self,
        key: &'static str,
        advice: &str,
        read: impl FnOnce(&Item<'d>) -> Result<T, Fault>,
    ) -> Option<T> {
        if !self.entries.contains_key(key) {
            self.known.push(key);
            self.report(key, Fault::new("is missing", advice));
            return None;
        }
        self.optional(key, read)
    }

    /// Reports a fault of a key of this table that has no place of its own.
    pub(super) fn report(&self, key: &str, fault: Fault) {
        self.document.report(&self.span, &self.path_of(key), fault);
    }

    /// Every entry, in the order of the file.
    pub(super) fn entries(&self) -> Vec<(String, Item<'d>)> {
        let mut entries: Vec<_> = self.entries.iter().collect();
        entries.sort_by_key(|(name, _)| name.span().start);
        let item = |(name, value): (&'d Spanned<_>, &'d Spanned<DeValue<'d>>)| {
            let name_text: &str = AsRef::<str>::as_ref(name.get_ref());
            // A table's own span may lie elsewhere in the file: its name is what a person looks for.
            let span = if value.get_ref().is_table() {
                name.span()
            } else {
                value.span()
            };
            let key = self.path_of(name_text);
            let places = &self.document.places;
            places.borrow_mut().insert(key.clone(), span.clone());
            (
                name_text.to_owned(),
                Item {
                    document: self.document,
                    key,
                    span,
                    value: value.get_ref(),
                },
            )
        };
        entries.into_iter().map(item).collect()
    }

    /// Reports the keys that nobody asked for.
    pub(super) fn finish(self) {
        #[cfg(test)]
        self.document
            .known
            .borrow_mut()
            .insert(self.path.clone(), self.known.clone());
        for (name, span) in self
            .entries
            .keys()
            .map(|name| (name.get_ref(), name.span()))
        {
            if self.known.iter().any(|known| known == name) {
                continue;
            }
            let advice = did_you_mean(name, self.known.iter().copied())
                .unwrap_or_else(|| format!("known here: {}", self.known.join(", ")));
            self.document.report(
                &span,
                &self.path_of(name),
                Fault::new("is not a known key", advice),
            );
        }
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }
}
