//! A site in every language that there are texts in: what its visitors are sent, and under which tags.
#![cfg(feature = "site")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use consent_core::digest::Digest;
use consent_core::i18n::{Strings, fill, languages};
use consent_core::publication::{Bundle, MANIFEST_PLACE, PARTS_PLACE, Publication};
use consent_core::site::{Lifetime, Site, Unit};
use serde_json::Value;

fn strings(tag: &str) -> &'static Strings<'static> {
    Strings::of(&tag.parse().unwrap()).unwrap()
}

fn publish(languages: &[&str]) -> Publication {
    declared(languages, "")
}

/// The site with more in its declaration.
fn declared(languages: &[&str], more: &str) -> Publication {
    let text = format!(
        r#"
        id = "shop"
        name = "The shop"
        languages = {languages:?}
        origins = ["https://shop.example"]
        controller = {{ name = "Shop Ltd", address = "1 High Street, York", contact = "privacy@shop.example", authority = {{ name = "ICO", url = "https://ico.org.uk/" }} }}
        processor = {{ name = "Host Ltd", contact = "https://host.example/privacy" }}
        policy = {{ url = "/cookies", updated = 2026-03-01 }}
        data = {{ retention = "25 months" }}
        [services.counter]
        category = "analytics"
        name = "Counter"
        provider = "Counter Ltd"
        country = "GB"
        purpose = "Counts visits."
        policy = "https://counter.example/privacy"
        cookies = [{{ name = "count", lifetime = "2 days", purpose = "Counts." }}]
        {more}
        "#
    );
    let site = Site::parse("shop.toml", &text).unwrap_or_else(|wrong| panic!("{}", wrong[0]));
    let bundle = Bundle {
        gate: &format!("gate({MANIFEST_PLACE}, [{PARTS_PLACE}])"),
        parts: &BTreeMap::new(),
        styles: &[("first".to_owned(), "p { color: black }".to_owned())].into(),
        digest: Digest::of(b"bundle"),
    };
    Publication::new(site, &bundle)
}

fn manifest(publication: &Publication) -> Value {
    serde_json::from_str(&publication.manifest).unwrap()
}

#[test]
fn every_language_is_published_with_nothing_left_to_fill_in() {
    let all: Vec<_> = languages().collect();
    let publication = publish(&all);
    assert_eq!(publication.notices.len(), all.len());
    for (language, notice) in &publication.notices {
        // What stands in place of frames, and the dates of a choice, are filled in by the banner.
        let html = [&*notice.first_layer, &*notice.preferences].concat();
        let html = html.split("<template").next().unwrap();
        let form = format!(" data-date=\"{}\"", strings(language.as_str()).date);
        let html = html.replace(&form, "");
        assert!(!html.contains(['{', '}']), "{language}: {html}");
        let file = &publication.files[language];
        let is_rtl = ["ar", "he"].contains(&language.as_str());
        let direction = if is_rtl { "rtl" } else { "ltr" };
        assert!(
            file.contains(&format!("lang=\"{language}\" dir=\"{direction}\"")),
            "{language}"
        );
        for said in [
            "Shop Ltd",
            "privacy@shop.example",
            "Host Ltd",
            ">ICO<",
            "Counter Ltd",
            "2026",
        ] {
            assert!(html.contains(said), "{language}: {said} is not said");
        }
    }
}

#[test]
fn countries_are_named_and_no_code_is_shown() {
    let all: Vec<_> = languages().collect();
    for (language, notice) in &publish(&all).notices {
        let name = strings(language.as_str()).country("GB").unwrap();
        let shown = [&*notice.first_layer, &*notice.preferences].concat();
        // In the details of the service, and for placeholders.
        assert_eq!(shown.matches(name).count(), 2, "{language}: {name}");
        assert!(!shown.contains("GB"), "{language}: {shown}");
    }
}

#[test]
fn who_refuses_is_told_when_the_question_comes_back_where_that_is_sooner() {
    for (choice, is_told) in [("", false), ("[choice]\nask_again_months = 6", true)] {
        let publication = declared(&["en", "pl"], choice);
        let first = |tag: &str| &publication.notices[&tag.parse().unwrap()].first_layer;
        for (tag, said) in [
            ("en", "again after 6\u{a0}months."),
            ("pl", ": 6\u{a0}miesięcy."),
        ] {
            assert_eq!(first(tag).contains(said), is_told, "{}", first(tag));
        }
    }
}

#[test]
fn addresses_are_links_and_names_are_not() {
    let publication = publish(&["en"]);
    let html = &publication.notices[&"en".parse().unwrap()].preferences;
    for said in [
        "Contact: <a href=\"mailto:privacy@shop.example\">privacy@shop.example</a>.",
        "Processor: Host Ltd (<a href=\"https://host.example/privacy\"",
        "Controller: Shop Ltd, 1 High Street, York.",
    ] {
        assert!(html.contains(said), "{said}: {html}");
    }
}

/// What a notice says of every unit of time, and the sentences that it says it in: for whoever reads a language.
/// `UPDATE=1 cargo test -p consent-core --test languages` writes it anew.
#[test]
fn durations_read_as_people_say_them() {
    const UNITS: [Unit; 5] = [Unit::Minute, Unit::Hour, Unit::Day, Unit::Month, Unit::Year];
    let mut said = String::new();
    for tag in languages() {
        let strings = strings(tag);
        writeln!(said, "{tag}").unwrap();
        for unit in UNITS {
            let forms = [1, 2, 5, 13, 21].map(|count| strings.lifetime(Lifetime::For(count, unit)));
            writeln!(said, "  {}", forms.join(" | ")).unwrap();
        }
        for count in [1, 2, 5, 13] {
            let months = strings.month_count(count);
            let sentences = [strings.lasts, strings.asked_again, strings.collected_kept];
            let sentences =
                sentences.map(|text| fill(text, &[("months", &months), ("time", &months)]));
            writeln!(said, "  {}", sentences.join(" | ")).unwrap();
        }
    }
    let said = said.replace('\u{a0}', "·");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/durations.txt");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &said).unwrap();
    }
    assert_eq!(said, std::fs::read_to_string(&path).unwrap());
}

/// The files that a gate may ask for are there, and each is the notice of the language that it stands for.
#[test]
fn other_tags_lead_to_the_notice_that_serves_them() {
    let publication = publish(&["en", "nb", "pt-BR", "zh-Hans", "zh-Hant"]);
    let manifest = manifest(&publication);
    let listed = manifest["l"].as_array().unwrap();
    let listed: Vec<&str> = listed.iter().filter_map(Value::as_str).collect();
    assert_eq!(listed.last(), Some(&"en"));
    for tag in &listed {
        assert!(
            publication.files.contains_key(&tag.parse().unwrap()),
            "{tag}"
        );
        assert!(
            manifest["b"][tag].is_string(),
            "the button has no label in {tag}"
        );
    }
    for (tag, language) in [
        ("no", "nb"),
        ("nn", "nb"),
        ("pt", "pt-BR"),
        ("zh", "zh-Hans"),
        ("zh-TW", "zh-Hant"),
        ("zh-HK", "zh-Hant"),
    ] {
        assert!(listed.contains(&tag), "{tag} is not in {listed:?}");
        let file = &publication.files[&tag.parse().unwrap()];
        assert_eq!(
            file,
            &publication.files[&language.parse().unwrap()],
            "{tag}"
        );
        assert!(file.contains(&format!("lang=\"{language}\"")));
    }
    assert_eq!(publication.notices.len(), 5);
}

#[test]
fn most_sites_load_no_more_than_their_own_tags() {
    let manifest = manifest(&publish(&["fr", "en", "de"]));
    assert_eq!(
        manifest["l"],
        serde_json::json!(["en", "de", "fr"]),
        "the default is the last"
    );
    let manifest = self::manifest(&publish(&["pt-BR", "en"]));
    assert_eq!(
        manifest["l"].as_array().and_then(|tags| tags.last()),
        Some(&"pt-BR".into())
    );
}
