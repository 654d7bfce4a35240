//! A site in every language that there are texts in: what its visitors are sent, and under which tags.
#![cfg(feature = "site")]

use std::collections::BTreeMap;

use consent_core::digest::Digest;
use consent_core::i18n::languages;
use consent_core::publication::{Bundle, MANIFEST_PLACE, PARTS_PLACE, Publication};
use consent_core::site::Site;
use serde_json::Value;

fn publish(languages: &[&str]) -> Publication {
    let text = format!(
        r#"
        id = "shop"
        name = "The shop"
        languages = {languages:?}
        origins = ["https://shop.example"]
        controller = {{ name = "Shop Ltd", address = "1 High Street, York", contact = "privacy@shop.example", authority = {{ name = "ICO", url = "https://ico.org.uk/" }} }}
        processor = {{ name = "Host Ltd", contact = "privacy@host.example" }}
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
        // What stands in place of frames is filled in by the banner.
        let html = [&*notice.first_layer, &*notice.preferences].concat();
        let html = html.split("<template").next().unwrap();
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
