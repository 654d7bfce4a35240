//! Walks a TOML document and gathers everything that is wrong in it, each with its place.
//!
//! Where a site's file has a base, the two are read as one, layer upon layer: each item knows which file it comes from.

use core::ops::Range;
use core::str::FromStr;

use alloc::borrow::ToOwned as _;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::diagnostic::{Fault, did_you_mean};
use super::document::{BASE, Document, OWN, Spot};

/// A value, and where it stands.
#[derive(Clone)]
pub(super) struct Item<'d> {
    document: &'d Document<'d>,
    pub(super) key: String,
    spot: Spot,
    /// Where it is first named: what the base declares comes before what the site adds.
    pub(super) rank: Rank,
    value: &'d DeValue<'d>,
    /// Whether it is the catalogue's: it stands where the declaration names that.
    is_known: bool,
    /// The tables of this key beneath it, where there are any.
    beneath: Vec<Layer<'d>>,
}

/// A table of one source; several lie upon each other, and are read as one.
#[derive(Clone)]
struct Layer<'d> {
    source: usize,
    table: &'d DeTable<'d>,
    /// Where the declaration names the catalogue's service, if it is the catalogue's.
    named: Option<Spot>,
}

/// The order of items over both files.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    is_own: bool,
    start: usize,
}

impl<'d> Item<'d> {
    pub(super) fn report(&self, fault: Fault) {
        self.document.report(&self.spot, &self.key, fault);
    }

    /// Keeps a good value; reports a fault and keeps nothing.
    pub(super) fn keep<T>(&self, read: Result<T, Fault>) -> Option<T> {
        read.map_err(|fault| self.report(fault)).ok()
    }

    /// Whether it is the catalogue's.
    pub(super) fn is_known(&self) -> bool {
        self.is_known
    }

    /// Whether it stands in the file that the site shares with others.
    pub(super) fn is_shared(&self) -> bool {
        self.spot.source == BASE
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
            let spot = if self.is_known {
                self.spot.clone()
            } else {
                Spot {
                    source: self.spot.source,
                    span: value.span(),
                }
            };
            self.document.stands(&key, &spot);
            Item {
                document: self.document,
                key,
                spot,
                rank: self.rank,
                value: value.get_ref(),
                is_known: self.is_known,
                beneath: Vec::new(),
            }
        };
        Ok(array.iter().enumerate().map(item).collect())
    }

    pub(super) fn table(&self) -> Result<Table<'d>, Fault> {
        let table = self.value.as_table().ok_or_else(|| self.wrong("a table"))?;
        let mut layers = Vec::from([Layer {
            source: self.spot.source,
            table,
            named: self.is_known.then(|| self.spot.clone()),
        }]);
        layers.extend(self.beneath.iter().cloned());
        Ok(Table {
            document: self.document,
            path: self.key.clone(),
            spot: self.spot.clone(),
            layers,
            known: Vec::new(),
        })
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
    spot: Spot,
    /// The site's own table, the base's, the catalogue's: those that there are, in this order.
    layers: Vec<Layer<'d>>,
    known: Vec<&'static str>,
}

impl<'d> Table<'d> {
    pub(super) fn root(
        document: &'d Document<'d>,
        own: &'d Spanned<DeTable<'d>>,
        base: Option<&'d Spanned<DeTable<'d>>>,
    ) -> Self {
        let layer = |source, root: &'d Spanned<DeTable<'d>>| Layer {
            source,
            table: root.get_ref(),
            named: None,
        };
        let mut layers = Vec::from([layer(OWN, own)]);
        layers.extend(base.map(|base| layer(BASE, base)));
        let (source, span) = (OWN, 0..0);
        Self {
            document,
            path: String::new(),
            spot: Spot { source, span },
            layers,
            known: Vec::new(),
        }
    }

    /// Puts the catalogue's table beneath all others; `named` is the value that names it.
    pub(super) fn put_beneath(&mut self, table: &'d DeTable<'d>, named: &Item<'d>) {
        self.layers.push(Layer {
            source: named.spot.source,
            table,
            named: Some(named.spot.clone()),
        });
    }

    pub(super) fn get(&mut self, key: &'static str) -> Option<Item<'d>> {
        self.known.push(key);
        self.item(key)
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
        if !self
            .layers
            .iter()
            .any(|layer| layer.table.contains_key(key))
        {
            self.known.push(key);
            self.report(key, Fault::new("is missing", advice));
            return None;
        }
        self.optional(key, read)
    }

    /// Reports a fault of a key of this table that has no place of its own.
    pub(super) fn report(&self, key: &str, fault: Fault) {
        let spot = self.document.place_of_missing(&self.spot);
        self.document.report(&spot, &self.path_of(key), fault);
    }

    /// Every entry, in the order of the base and then of the site's own file.
    pub(super) fn entries(&self) -> Vec<(String, Item<'d>)> {
        let names = self.layers.iter().flat_map(|layer| layer.table.keys());
        let names: BTreeSet<&'d str> = names.map(|name| name.get_ref().as_ref()).collect();
        let item = |name: &'d str| Some((name.to_owned(), self.item(name)?));
        let mut entries: Vec<_> = names.into_iter().filter_map(item).collect();
        entries.sort_by_key(|(_, item)| item.rank);
        entries
    }

    /// An entry: the site's own value before the base's and the catalogue's, and all of them where they are tables.
    fn item(&self, name: &str) -> Option<Item<'d>> {
        let entry = |layer: &'_ Layer<'d>| {
            let (name, value) = layer.table.get_key_value(name)?;
            Some((layer.clone(), name.span(), value))
        };
        let entries: Vec<_> = self.layers.iter().filter_map(entry).collect();
        let (layer, name_span, value) = entries.first()?;
        let mut in_files = entries.iter().filter(|(layer, ..)| layer.named.is_none());
        let (first, first_span, _) = in_files.next_back().unwrap_or(&entries[0]);
        let beneath = entries.iter().skip(1).map_while(|(layer, _, value)| {
            let table = value.get_ref().as_table()?;
            let layer = layer.clone();
            Some(Layer { table, ..layer })
        });
        // A table's own span may lie elsewhere in the file: its name is what a person looks for.
        let is_table = value.get_ref().is_table();
        let span = if is_table {
            name_span.clone()
        } else {
            value.span()
        };
        let here = Spot {
            source: layer.source,
            span,
        };
        let (key, spot) = (self.path_of(name), layer.named.clone().unwrap_or(here));
        self.document.stands(&key, &spot);
        Some(Item {
            document: self.document,
            key,
            spot,
            rank: Rank {
                is_own: first.source == OWN,
                start: first_span.start,
            },
            value: value.get_ref(),
            is_known: layer.named.is_some(),
            beneath: beneath.collect(),
        })
    }

    /// Reports the keys that nobody asked for, each in the file that has it.
    pub(super) fn finish(self) {
        #[cfg(test)]
        self.document
            .known
            .borrow_mut()
            .insert(self.path.clone(), self.known.clone());
        // A test reads the catalogue's own keys.
        for layer in self.layers.iter().filter(|layer| layer.named.is_none()) {
            for name in layer.table.keys() {
                self.check_key(layer.source, name.get_ref(), name.span());
            }
        }
    }

    fn check_key(&self, source: usize, name: &str, span: Range<usize>) {
        if self.known.contains(&name) {
            return;
        }
        let advice = did_you_mean(name, self.known.iter().copied())
            .unwrap_or_else(|| format!("known here: {}", self.known.join(", ")));
        self.document.report(
            &Spot { source, span },
            &self.path_of(name),
            Fault::new("is not a known key", advice),
        );
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }
}
