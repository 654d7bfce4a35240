//! A table for people: plain words in the reader's language, one column a category, times of the site's time zone.

use super::csv::{harmless, to_io};
use super::{ExportError, ExportRequest};
use crate::published_declarations;
use crate::store::{Row, Store, StoreError};
use crate::texts::{ReaderLanguage, TableTexts};
use ::csv::{QuoteStyle, Terminator, WriterBuilder};
use consent_core::decision::Decision;
use consent_core::id::{CategoryId, RecordId, ServiceId};
use consent_core::language::Language;
use consent_core::receipt::UnverifiedReceipt;
use consent_core::site::{Localized, Site, TimeZone};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// By this mark, Excel knows that letters are UTF-8.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// What the site's declarations call its categories and services, and where they live who look after it.
#[derive(Debug, Default)]
pub(super) struct Names {
    zone: TimeZone,
    categories: Vec<(CategoryId, String)>,
    services: BTreeMap<ServiceId, String>,
}

impl Names {
    /// In every declaration that is kept: older receipts speak of what is declared no longer. The newest name counts.
    pub(super) fn of(
        store: &dyn Store,
        asked: &ExportRequest,
        reader: ReaderLanguage,
    ) -> Result<Self, StoreError> {
        let kept = published_declarations::all(store, &asked.selection.filter.site)?;
        let from_newest = asked.declared.iter().chain(&kept);
        Ok(Self::from_newest(from_newest, reader))
    }

    fn from_newest<'s>(declared: impl Iterator<Item = &'s Site>, reader: ReaderLanguage) -> Self {
        let mut names = Self::default();
        for (place, site) in declared.enumerate() {
            if place == 0 {
                names.zone = site.time_zone.clone();
            }
            let in_words = |text: &Localized| in_words(site, text, reader).to_owned();
            for category in site.asked() {
                if !names.categories.iter().any(|(id, _)| *id == category.id) {
                    let title = in_words(&category.title);
                    names.categories.push((category.id.clone(), title));
                }
                for service in &category.services {
                    let name = || in_words(&service.name);
                    let known = names.services.entry(service.id.clone());
                    known.or_insert_with(name);
                }
            }
        }
        names
    }
}

/// A text of the site in the reader's language, or in the site's first where it does not speak the reader's.
fn in_words<'s>(site: &Site, text: &'s Localized, reader: ReaderLanguage) -> &'s str {
    let reads = |language: &&Language| language.as_str() == reader.tag();
    let language = site.languages.iter().find(reads);
    let language = language.or_else(|| site.languages.first());
    language.map_or("", |language| text.get(language))
}

pub(super) struct Writer<W: Write> {
    to: ::csv::Writer<W>,
    texts: &'static TableTexts,
    names: Names,
}

impl<W: Write> Writer<W> {
    pub(super) fn new(
        mut to: W,
        reader: ReaderLanguage,
        names: Names,
    ) -> Result<Self, ExportError> {
        let texts = &reader.texts().table;
        to.write_all(BYTE_ORDER_MARK)?;
        // Without quotes where none are needed: some take what is quoted for text, dates too.
        let to = WriterBuilder::new()
            .quote_style(QuoteStyle::Necessary)
            .delimiter(texts.separator)
            .terminator(Terminator::CRLF)
            .from_writer(to);
        let mut table = Self { to, texts, names };
        let titles = table.titles();
        table.write(titles)?;
        Ok(table)
    }

    pub(super) fn row(
        &mut self,
        row: &Row,
        receipt: &UnverifiedReceipt<'_>,
    ) -> Result<(), ExportError> {
        let (texts, names) = (self.texts, &self.names);
        let record = receipt.record();
        let decision = &record.decision;
        let local = |moment| names.zone.local(moment);
        let mut fields = vec![
            row.seq.to_string(),
            local(receipt.issued_at()),
            local(record.decided_at),
            texts.act(decision.act).to_owned(),
            texts.source(decision.source).to_owned(),
        ];
        fields.extend(names.categories.iter().map(|(id, _)| {
            let choice = decision.choices.get(id);
            choice.map_or(String::new(), |granted| texts.answer(granted).to_owned())
        }));
        fields.extend([
            names.beside(decision, true),
            names.beside(decision, false),
            local(record.expires_at),
            record.language.to_string(),
            texts.answer(record.gpc).to_owned(),
            record.subject.to_text(),
            record.id.to_text(),
            record.previous.map(RecordId::to_text).unwrap_or_default(),
        ]);
        self.write(fields)
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }

    pub(super) fn get_ref(&self) -> &W {
        self.to.get_ref()
    }

    fn titles(&self) -> Vec<String> {
        let (texts, names) = (self.texts, &self.names);
        let timed = |title: &str| title.replace("{zone}", names.zone.name());
        let mut titles = vec![
            texts.number.to_owned(),
            timed(texts.received),
            timed(texts.decided),
            texts.decision.to_owned(),
            texts.place.to_owned(),
        ];
        titles.extend(names.categories.iter().map(|(id, title)| {
            let is_alone = names
                .categories
                .iter()
                .filter(|(_, other)| other == title)
                .count()
                == 1;
            if is_alone {
                title.clone()
            } else {
                format!("{title} ({id})")
            }
        }));
        titles.extend([
            texts.also_accepted.to_owned(),
            texts.also_refused.to_owned(),
            timed(texts.valid_until),
            texts.language.to_owned(),
            texts.gpc.to_owned(),
            texts.consent_id.to_owned(),
            texts.reference.to_owned(),
            texts.replaces.to_owned(),
        ]);
        titles
    }

    fn write(&mut self, fields: Vec<String>) -> Result<(), ExportError> {
        let fields = fields
            .into_iter()
            .map(|field| harmless(in_one_cell(&field)));
        self.to.write_record(fields).map_err(to_io)?;
        Ok(())
    }
}

/// A text that stays in one cell, whichever separator the reader's spreadsheet believes in: what an owner calls a service
/// must not become a column, and what follows no formula.
fn in_one_cell(text: &str) -> String {
    text.replace([',', ';', '\t'], " ·")
}

impl Names {
    /// What has no column of its own and was granted, or refused: services that differ from their category, and
    /// categories of which no declaration is kept.
    fn beside(&self, decision: &Decision, granted: bool) -> String {
        let services = decision.services.iter();
        let services = services
            .filter(|(_, choice)| *choice == granted)
            .map(|(id, _)| self.services.get(id).map_or(id.as_str(), String::as_str));
        let categories = decision.choices.iter();
        let categories = categories
            .filter(|(id, choice)| {
                *choice == granted && !self.categories.iter().any(|(known, _)| known == id)
            })
            .map(|(id, _)| id.as_str());
        categories.chain(services).collect::<Vec<_>>().join(" · ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOP: &str = include_str!("../../tests/support/shop.toml");

    #[test]
    fn what_is_declared_no_longer_keeps_its_column_and_its_name() {
        let (start, _) = SHOP.split_once("[services.counter]").unwrap();
        let (_, videos) = SHOP.split_once("[services.videos]").unwrap();
        let fewer = format!("{start}[services.films]{videos}").replace("\"Videos\"", "\"Films\"");
        let declared = [&*fewer, SHOP].map(|text| Site::parse("site.toml", text).unwrap());
        let names = Names::from_newest(declared.iter(), ReaderLanguage::Fr);
        let titles: Vec<_> = names.categories.iter().map(|(_, title)| &**title).collect();
        assert_eq!(titles, ["Réseaux sociaux et médias", "Mesure d’audience"]);
        let services: Vec<_> = names.services.values().map(String::as_str).collect();
        assert_eq!(services, ["Counter", "Films", "Videos"]);
    }

    #[test]
    fn no_name_leaves_its_cell_whatever_the_separator() {
        for name in ["Counter;=1+1", "Counter,=1+1", "Counter\t=1+1"] {
            assert_eq!(in_one_cell(name), "Counter ·=1+1");
        }
    }

    #[test]
    fn what_nobody_declares_is_told_by_its_id() {
        let mut names = Names::default();
        let decision = Decision {
            act: consent_core::decision::Act::Custom,
            source: consent_core::decision::Source::Banner,
            choices: [
                ("ads".parse().unwrap(), true),
                ("social".parse().unwrap(), false),
            ]
            .into_iter()
            .collect(),
            services: [("films".parse().unwrap(), true)].into_iter().collect(),
        };
        assert_eq!(names.beside(&decision, true), "ads · films");
        assert_eq!(names.beside(&decision, false), "social");
        names
            .categories
            .push(("social".parse().unwrap(), "Social".into()));
        assert_eq!(names.beside(&decision, false), "");
    }
}
