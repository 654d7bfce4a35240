//! Compares two declarations key by key. Every field of a site is named here: a new one is compared, or does not compile.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::change::{Change, Effect};
use crate::i18n::{Strings, names};
use crate::language::Language;
use crate::lifetime::Lifetime;
use crate::site::{Category, Controller, Cookie, Localized, Service, Site};

pub(super) fn compare(old: &Site, new: &Site) -> Vec<Change> {
    let mut comparison = Comparison {
        languages: new
            .languages
            .iter()
            .filter(|language| old.languages.contains(language))
            .collect(),
        found: Vec::new(),
    };
    comparison.sites(old, new);
    comparison.found
}

struct Comparison<'s> {
    /// Those of both declarations.
    languages: Vec<&'s Language>,
    found: Vec<Change>,
}

impl Comparison<'_> {
    fn sites(&mut self, old: &Site, new: &Site) {
        let Site {
            id,
            name,
            languages,
            origins,
            revision,
            time_zone,
            controller,
            processor,
            policy,
            valid,
            ask_again,
            reload,
            proof,
            data_retention,
            cookie,
            frame_ancestors,
            appearance,
            markup,
            signals,
            texts: _,
            categories,
        } = old;
        self.value("id", id, &new.id, Effect::AsksAgain);
        self.text("name", name, &new.name, Effect::Wording);
        let tags = |all: &[Language]| {
            all.iter()
                .map(Language::as_str)
                .collect::<Vec<_>>()
                .join(", ")
        };
        let [old_tags, new_tags] = [languages, &new.languages].map(|all| tags(all));
        self.value("languages", &old_tags, &new_tags, Effect::Wording);
        self.unread("origins", origins == &new.origins);
        self.value("revision", revision, &new.revision, Effect::AsksAgain);
        self.unread("time_zone", time_zone == &new.time_zone);
        self.controllers(controller, &new.controller);
        let name_of = |site: &Site| {
            site.processor
                .as_ref()
                .map(|processor| processor.name.clone())
        };
        self.pair(
            "processor.name",
            name_of(old),
            name_of(new),
            Effect::Meaning,
        );
        let is_same = name_of(old) != name_of(new) || processor == &new.processor;
        self.unread("processor.contact", is_same);
        self.text("policy.url", &policy.url, &new.policy.url, Effect::Wording);
        self.unread("policy.updated", policy.updated == new.policy.updated);
        let effect = grows(valid < &new.valid);
        self.value("choice.valid_months", valid, &new.valid, effect);
        self.unread("choice.ask_again_months", ask_again == &new.ask_again);
        self.unread("choice.reload", reload == &new.reload);
        let effect = grows(proof.years < new.proof.years);
        self.value("proof.years", &proof.years, &new.proof.years, effect);
        self.unread("proof.at_end", proof.at_end == new.proof.at_end);
        self.kept("data.retention", *data_retention, new.data_retention);
        self.unread("cookie", cookie == &new.cookie);
        self.unread("frame_ancestors", frame_ancestors == &new.frame_ancestors);
        self.unread("appearance", appearance == &new.appearance);
        self.unread("markup", markup == &new.markup);
        self.unread("signals", signals == &new.signals);
        self.own_texts(old, new);
        self.categories(categories, &new.categories);
        self.services(old, new);
    }

    fn controllers(&mut self, old: &Controller, new: &Controller) {
        let Controller {
            name,
            address,
            contact,
            data_protection_officer,
            authority,
        } = old;
        self.value("controller.name", name, &new.name, Effect::AsksAgain);
        self.value("controller.address", address, &new.address, Effect::Wording);
        self.value("controller.contact", contact, &new.contact, Effect::Wording);
        self.pair(
            "controller.data_protection_officer",
            data_protection_officer.clone(),
            new.data_protection_officer.clone(),
            Effect::Wording,
        );
        let [old, new] = [authority, &new.authority].map(|authority| {
            let shown = authority.as_ref();
            shown.map(|authority| format!("{}, {}", authority.name, authority.url))
        });
        self.pair("controller.authority", old, new, Effect::Wording);
    }

    /// The words of the notice itself, with the site's own in their place.
    fn own_texts(&mut self, old: &Site, new: &Site) {
        for (name, _) in names() {
            let text = |site: &Site, language: &Language| {
                let strings = site.strings(language);
                String::from(strings.get(name).unwrap_or_default())
            };
            self.in_languages(&format!("texts.{name}"), Effect::Wording, |language| {
                [text(old, language), text(new, language)]
            });
        }
    }

    fn categories(&mut self, old: &[Category], new: &[Category]) {
        let used = |all: &'_ [Category], id: &Category| {
            let mut all = all.iter();
            all.any(|category| category.id == id.id && !category.services.is_empty())
        };
        for category in old.iter().filter(|category| used(old, category)) {
            let key = format!("categories.{}", category.id);
            let Some(after) = new
                .iter()
                .find(|after| after.id == category.id && used(new, after))
            else {
                self.gone(key, self.shown(&category.title), effect_in(category));
                continue;
            };
            let (title, description) = (format!("{key}.title"), format!("{key}.description"));
            self.text(&title, &category.title, &after.title, Effect::Wording);
            let effect = if category.is_exempt() {
                Effect::Wording
            } else {
                Effect::Meaning
            };
            self.text(
                &description,
                &category.description,
                &after.description,
                effect,
            );
        }
        for category in new
            .iter()
            .filter(|category| used(new, category) && !used(old, category))
        {
            let key = format!("categories.{}", category.id);
            self.added(key, self.shown(&category.title), effect_in(category));
        }
    }

    fn services(&mut self, old: &Site, new: &Site) {
        for (category, service) in services(old) {
            let key = format!("services.{}", service.id);
            let after = services(new).find(|(_, after)| after.id == service.id);
            let Some((after_category, after)) = after else {
                // What is no longer done needs nobody's word where nobody was asked for it.
                let effect = match effect_in(category) {
                    Effect::Meaning => Effect::Wording,
                    effect => effect,
                };
                self.gone(key, self.shown(&service.name), effect);
                continue;
            };
            let effect = effect_in(category).min(effect_in(after_category));
            let moved = [category, after_category].map(|category| category.id.as_str());
            self.value(&format!("{key}.category"), moved[0], moved[1], effect);
            self.service(&key, service, after, effect);
        }
        for (category, service) in services(new) {
            if !services(old).any(|(_, before)| before.id == service.id) {
                let shown = format!(
                    "{} ({}, {})",
                    self.shown(&service.name),
                    service.provider,
                    service.country
                );
                self.added(
                    format!("services.{}", service.id),
                    shown,
                    effect_in(category),
                );
            }
        }
    }

    /// `of_provider`: what another provider does.
    fn service(&mut self, key: &str, old: &Service, new: &Service, of_provider: Effect) {
        let Service {
            id: _,
            like: _,
            name,
            provider,
            country,
            purpose,
            policy,
            retention,
            hosts,
            exempt,
            cookies,
        } = old;
        let at = |name: &str| format!("{key}.{name}");
        self.text(&at("name"), name, &new.name, Effect::Wording);
        self.value(&at("provider"), provider, &new.provider, of_provider);
        self.value(&at("country"), country, &new.country, Effect::Meaning);
        self.text(&at("purpose"), purpose, &new.purpose, Effect::Meaning);
        self.text(&at("policy"), policy, &new.policy, Effect::Wording);
        self.kept(&at("retention"), *retention, new.retention);
        self.unread(&at("hosts"), hosts == &new.hosts);
        if let (Some(exempt), Some(after)) = (exempt, &new.exempt) {
            self.text(&at("exempt"), exempt, after, Effect::Wording);
        }
        for cookie in cookies {
            let key = cookie_key(key, cookie);
            match new.cookies.iter().find(|after| is_same(cookie, after)) {
                Some(after) => self.cookie(&key, cookie, after),
                None => self.gone(key, self.shown(&cookie.purpose), Effect::Wording),
            }
        }
        for cookie in &new.cookies {
            if !cookies.iter().any(|before| is_same(before, cookie)) {
                let shown = format!(
                    "{} ({})",
                    self.shown(&cookie.purpose),
                    lifetime(cookie.lifetime)
                );
                self.added(cookie_key(key, cookie), shown, Effect::Meaning);
            }
        }
    }

    fn cookie(&mut self, key: &str, old: &Cookie, new: &Cookie) {
        let effect = grows(new.lifetime.is_longer_than(old.lifetime));
        let [before, after] = [old, new].map(|cookie| lifetime(cookie.lifetime));
        self.value(&format!("{key}.lifetime"), &before, &after, effect);
        let purpose = format!("{key}.purpose");
        self.text(&purpose, &old.purpose, &new.purpose, Effect::Meaning);
        self.unread(&format!("{key}.http_only"), old.http_only == new.http_only);
    }

    /// How long data are kept: no end that is said is longer than any.
    fn kept(&mut self, key: &str, old: Option<Lifetime>, new: Option<Lifetime>) {
        let effect = grows(match (old, new) {
            (Some(old), Some(new)) => new.is_longer_than(old),
            (Some(_), None) => true,
            (None, _) => false,
        });
        self.pair(key, old.map(lifetime), new.map(lifetime), effect);
    }

    fn text(&mut self, key: &str, old: &Localized, new: &Localized, effect: Effect) {
        self.in_languages(key, effect, |language| {
            [old, new].map(|text| text.get(language).into())
        });
    }

    /// Languages with the same texts are one change.
    fn in_languages(
        &mut self,
        key: &str,
        effect: Effect,
        texts: impl Fn(&Language) -> [String; 2],
    ) {
        let mut found: Vec<Change> = Vec::new();
        for language in &self.languages {
            let [old, new] = texts(language).map(Some);
            if old == new {
                continue;
            }
            if let Some(same) = found
                .iter_mut()
                .find(|said| said.old == old && said.new == new)
            {
                same.languages.push((*language).clone());
                continue;
            }
            found.push(Change {
                key: key.into(),
                languages: Vec::from([(*language).clone()]),
                old,
                new,
                effect,
            });
        }
        for change in &mut found {
            if change.languages.len() == self.languages.len() {
                change.languages.clear();
            }
        }
        self.found.extend(found);
    }

    fn value<T: ToString + PartialEq + ?Sized>(
        &mut self,
        key: &str,
        old: &T,
        new: &T,
        effect: Effect,
    ) {
        self.pair(key, Some(old.to_string()), Some(new.to_string()), effect);
    }

    fn pair(&mut self, key: &str, old: Option<String>, new: Option<String>, effect: Effect) {
        if old != new {
            self.push(key.into(), old, new, effect);
        }
    }

    fn unread(&mut self, key: &str, is_same: bool) {
        if !is_same {
            self.push(key.into(), None, None, Effect::Unread);
        }
    }

    fn added(&mut self, key: String, shown: String, effect: Effect) {
        self.push(key, None, Some(shown), effect);
    }

    fn gone(&mut self, key: String, shown: String, effect: Effect) {
        self.push(key, Some(shown), None, effect);
    }

    fn push(&mut self, key: String, old: Option<String>, new: Option<String>, effect: Effect) {
        self.found.push(Change {
            key,
            languages: Vec::new(),
            old,
            new,
            effect,
        });
    }

    /// In the first language of both.
    fn shown(&self, text: &Localized) -> String {
        let language = self.languages.first();
        language.map_or_else(String::new, |language| text.get(language).into())
    }
}

fn services(site: &Site) -> impl Iterator<Item = (&Category, &Service)> {
    site.categories.iter().flat_map(|category| {
        let services = category.services.iter();
        services.map(move |service| (category, service))
    })
}

/// What it does that something of this category comes, or has another provider: of what is exempt, nobody is asked.
fn effect_in(category: &Category) -> Effect {
    if category.is_asked() {
        Effect::AsksAgain
    } else {
        Effect::Meaning
    }
}

fn grows(does: bool) -> Effect {
    if does {
        Effect::Meaning
    } else {
        Effect::Wording
    }
}

fn is_same(one: &Cookie, other: &Cookie) -> bool {
    let place = |cookie: &Cookie| (cookie.kind, cookie.domain.clone());
    one.name == other.name && place(one) == place(other)
}

fn cookie_key(service: &str, cookie: &Cookie) -> String {
    format!("{service}.cookies.{}", cookie.name)
}

/// As a declaration writes it.
fn lifetime(lifetime: Lifetime) -> String {
    Strings::ENGLISH.lifetime(lifetime).replace('\u{a0}', " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::changes::Changes;

    const SITE: &str = r#"
id = "shop"
name = "The shop"
languages = ["en", "fr"]
origins = ["https://shop.example"]
revision = 1
[controller]
name = "Shop Ltd"
address = "1 High Street, York"
contact = "privacy@shop.example"
[policy]
url = "https://shop.example/cookies"
updated = 2026-03-01
[data]
retention = "2 years"
[categories.analytics]
title = "Counting"
description = { en = "Counts visits.", fr = "Compte les visites." }
[services.session]
category = "operation"
name = "Session"
provider = "Shop Ltd"
country = "GB"
purpose = "Keeps the basket."
policy = "https://shop.example/privacy"
exempt = "The basket needs it."
[services.counter]
category = "analytics"
name = "Counter"
provider = "Counter Ltd"
country = "GB"
purpose = { en = "Counts readers.", fr = "Compte les lecteurs." }
policy = "https://counter.example/privacy"
hosts = ["counter.example"]
cookies = [
  { name = "_c", lifetime = "13 months", purpose = "Tells visitors apart." },
]
[services.heat]
category = "analytics"
name = "Heat"
provider = "Heat SAS"
country = "FR"
purpose = "Shows clicks."
policy = "https://heat.example/privacy"
"#;

    fn site(text: &str) -> Site {
        Site::parse("site.toml", text).unwrap_or_else(|wrong| panic!("{wrong:?}"))
    }

    /// The changes from one text to another, each with its effect; asked again exactly if one of them says so.
    fn changes(from: &str, to: &str) -> Vec<String> {
        let changes = Changes::between(&site(from), &site(to));
        let says_so = changes.with(Effect::AsksAgain).next().is_some();
        assert_eq!(changes.ask_again(), says_so, "{changes:?}");
        let lines = changes.all.iter();
        lines
            .map(|change| format!("{}: {change}", change.effect.as_str()))
            .collect()
    }

    fn edited(from: &str, to: &str) -> Vec<String> {
        assert_eq!(SITE.matches(from).count(), 1, "{from}");
        changes(SITE, &SITE.replace(from, to))
    }

    #[test]
    fn the_same_declaration_changes_nothing() {
        assert_eq!(changes(SITE, SITE), [""; 0]);
        assert_eq!(
            changes(SITE, &format!("# In other words.\n{SITE}")),
            [""; 0]
        );
    }

    #[test]
    fn what_was_agreed_to_asks_again() {
        for (from, to, said) in [
            ("revision = 1", "revision = 2", "revision: \"1\" → \"2\""),
            (
                "name = \"Shop Ltd\"\na",
                "name = \"Shops plc\"\na",
                "controller.name: \"Shop Ltd\" → \"Shops plc\"",
            ),
            (
                "provider = \"Heat SAS\"",
                "provider = \"Warm SAS\"",
                "services.heat.provider: \"Heat SAS\" → \"Warm SAS\"",
            ),
            (
                "id = \"shop\"",
                "id = \"store\"",
                "id: \"shop\" → \"store\"",
            ),
        ] {
            assert_eq!(edited(from, to), [format!("asks-again: {said}")]);
        }
        let without = SITE.split("[services.heat]").next().unwrap();
        assert_eq!(
            changes(SITE, without),
            ["asks-again: services.heat is gone: \"Heat\""]
        );
        assert_eq!(
            changes(without, SITE),
            ["asks-again: services.heat is new: \"Heat (Heat SAS, FR)\""]
        );
        let moved = SITE.replace(
            "category = \"analytics\"\nname = \"Heat\"",
            "category = \"social\"\nname = \"Heat\"",
        );
        assert_eq!(
            changes(SITE, &moved),
            [
                "asks-again: categories.social is new: \"Social networks and media\"",
                "asks-again: services.heat.category: \"analytics\" → \"social\"",
            ]
        );
    }

    #[test]
    fn another_meaning_asks_nobody_and_is_told_apart() {
        for (from, to, said) in [
            (
                "en = \"Counts readers.\"",
                "en = \"Shows adverts.\"",
                "services.counter.purpose (en): \"Counts readers.\" → \"Shows adverts.\"",
            ),
            (
                "country = \"FR\"",
                "country = \"US\"",
                "services.heat.country: \"FR\" → \"US\"",
            ),
            (
                "\"13 months\"",
                "\"2 years\"",
                "services.counter.cookies._c.lifetime: \"13 months\" → \"2 years\"",
            ),
            (
                "\"Tells visitors apart.\"",
                "\"Follows them.\"",
                "services.counter.cookies._c.purpose: \"Tells visitors apart.\" → \"Follows them.\"",
            ),
            (
                "cookies = [",
                "cookies = [ { name = \"_d\", lifetime = \"1 day\", purpose = \"Counts.\" },",
                "services.counter.cookies._d is new: \"Counts. (1 day)\"",
            ),
            (
                "retention = \"2 years\"",
                "",
                "data.retention is gone: \"2 years\"",
            ),
            (
                "en = \"Counts visits.\"",
                "en = \"Profiles you.\"",
                "categories.analytics.description (en): \"Counts visits.\" → \"Profiles you.\"",
            ),
            (
                "provider = \"Shop Ltd\"",
                "provider = \"Baskets Inc.\"",
                "services.session.provider: \"Shop Ltd\" → \"Baskets Inc.\"",
            ),
        ] {
            assert_eq!(edited(from, to), [format!("meaning: {said}")]);
        }
        let more = "[services.chat]\ncategory = \"operation\"\nname = \"Chat\"\nprovider = \"Chat Inc.\"\ncountry = \"US\"\npurpose = \"Answers.\"\npolicy = \"https://chat.example/\"\nexempt = \"Asked for.\"\n";
        let added = changes(SITE, &format!("{SITE}{more}"));
        assert_eq!(
            added,
            ["meaning: services.chat is new: \"Chat (Chat Inc., US)\""]
        );
    }

    #[test]
    fn words_and_what_becomes_less_are_read_otherwise_only() {
        for (from, to, said) in [
            (
                "name = \"The shop\"",
                "name = \"Our shop\"",
                "wording: name: \"The shop\" → \"Our shop\"",
            ),
            (
                "title = \"Counting\"",
                "title = { en = \"Counting\", fr = \"Mesure\" }",
                "wording: categories.analytics.title (fr): \"Counting\" → \"Mesure\"",
            ),
            (
                "\"13 months\"",
                "\"6 months\"",
                "wording: services.counter.cookies._c.lifetime: \"13 months\" → \"6 months\"",
            ),
            (
                "exempt = \"The basket needs it.\"",
                "exempt = \"Asked for.\"",
                "wording: services.session.exempt: \"The basket needs it.\" → \"Asked for.\"",
            ),
            (
                "[\"counter.example\"]",
                "[\"c.counter.example\"]",
                "unread: services.counter.hosts is another",
            ),
            (
                "[data]",
                "[appearance]\nradius = 3\n[data]",
                "unread: appearance is another",
            ),
        ] {
            assert_eq!(edited(from, to), [said]);
        }
        let own = SITE.replace(
            "[data]",
            "[texts]\nintro = { fr = \"{controller} demande.\" }\n[data]",
        );
        let said = changes(SITE, &own);
        assert!(
            said[0].starts_with("wording: texts.intro (fr): \"") && said.len() == 1,
            "{said:?}"
        );
        let english = SITE
            .replace("[\"en\", \"fr\"]", "[\"en\"]")
            .replace(", fr = \"Compte les visites.\"", "")
            .replace(", fr = \"Compte les lecteurs.\"", "");
        let said = changes(SITE, &english);
        assert_eq!(said, ["wording: languages: \"en, fr\" → \"en\""]);
    }

    #[test]
    fn meaning_is_unasked_only_where_nobody_is_asked() {
        let advertising = SITE.replace("en = \"Counts readers.\"", "en = \"Shows adverts.\"");
        let unasked = |to: &str| Changes::between(&site(SITE), &site(to)).unasked().count();
        assert_eq!(unasked(&advertising), 1);
        assert_eq!(
            unasked(&advertising.replace("revision = 1", "revision = 2")),
            0
        );
    }
}
