//! Each file of the catalogue is whole, and `like` takes from it what a declaration does not say.
#![cfg(feature = "site")]

use std::collections::BTreeSet;
use std::path::Path;

use consent_core::catalogue::{Catalogue, CatalogueEntry, KnownText};
use consent_core::check::{Severity, check};
use consent_core::id::ServiceId;
use consent_core::site::{Base, Declaration, Lifetime, Service, Unit};
use consent_core::time::UnixSeconds;

fn top(languages: &str) -> String {
    format!(
        r#"
id = "shop"
name = "The shop"
languages = [{languages}]
origins = ["https://shop.example"]
[controller]
name = "Shop Ltd"
address = "1 High Street, York"
contact = "privacy@shop.example"
[policy]
url = "https://shop.example/cookies"
updated = 2026-03-01
"#
    )
}

fn service(languages: &str, keys: &str) -> Result<Service, Vec<String>> {
    let text = top(languages) + "[services.it]\n" + keys;
    let declared = Declaration::parse("site.toml", &text);
    let site = declared
        .map_err(|wrong| wrong.iter().map(ToString::to_string).collect::<Vec<_>>())?
        .site;
    let mut services = site.categories.into_iter().flat_map(|c| c.services);
    Ok(services.next().unwrap())
}

/// What an owner writes at least to have a service of the catalogue.
fn declaration_of(entry: &CatalogueEntry) -> String {
    let id = entry.id;
    let mut text = top("\"en\", \"fr\"") + &format!("[services.{id}]\nlike = \"{id}\"\n");
    if entry.is_self_hosted() {
        text += "provider = \"Shop Ltd\"\ncountry = \"FR\"\npolicy = \"https://shop.example/cookies\"\n";
    }
    text + "[data]\nretention = \"13 months\"\n"
}

fn texts(entry: &CatalogueEntry) -> Vec<&KnownText> {
    let service = &entry.service;
    let cookies = service.cookies.iter().map(|cookie| &cookie.purpose);
    let mut texts: Vec<_> = cookies.collect();
    texts.extend([&service.name, &service.purpose]);
    texts.extend(&service.exempt);
    texts
}

#[test]
fn every_file_is_in_the_catalogue_under_its_name_and_in_order() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("services");
    let files: BTreeSet<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let ids: Vec<_> = Catalogue::built_in().iter().map(|entry| entry.id).collect();
    let named: BTreeSet<_> = ids.iter().map(|id| format!("{id}.toml")).collect();
    assert_eq!(files, named, "name each file in src/catalogue/files.rs");
    assert!(ids.is_sorted(), "{ids:?}");
}

#[test]
fn every_file_says_in_english_and_french_what_the_service_is_and_where_the_facts_are_from() {
    for entry in Catalogue::built_in().iter() {
        let id = entry.id;
        assert!(id.parse::<ServiceId>().is_ok(), "{id}");
        assert!(
            entry.source.starts_with("https://"),
            "{id}: {}",
            entry.source
        );
        assert!(
            entry.checked.as_str() >= "2026-11-01",
            "{id}: {}",
            entry.checked
        );
        assert!(
            entry.words.iter().all(|word| !word.trim().is_empty()),
            "{id}"
        );
        for text in texts(entry) {
            for language in ["en", "fr"] {
                let text = text.get(language).unwrap_or_default();
                assert!(!text.trim().is_empty(), "{id}: no text in {language}");
                assert_eq!(text.trim(), text, "{id}");
            }
        }
        let service = &entry.service;
        let purposes = ["en", "fr"].map(|language| service.purpose.get(language));
        assert_ne!(
            purposes[0], purposes[1],
            "{id}: the purpose is not translated"
        );
        let policy = service.policy.as_deref();
        assert!(
            policy.is_none_or(|url| url.starts_with("https://")),
            "{id}: {policy:?}"
        );
        // Who runs it, where, and under which policy: all known, or all the owner's to say.
        let said = [&service.provider, &service.country, &service.policy].map(Option::is_some);
        assert!(said == [true; 3] || said == [false; 3], "{id}: {said:?}");
    }
}

#[test]
fn every_file_makes_a_declaration_that_breaks_no_rule() {
    let today = UnixSeconds::from_rfc3339("2026-11-29").unwrap();
    for entry in Catalogue::built_in().iter() {
        let id = entry.id;
        let text = declaration_of(entry) + entry.recommendation.signals.as_deref().unwrap_or("");
        let declared = Declaration::parse("site.toml", &text);
        let declaration = declared.unwrap_or_else(|wrong| panic!("{id}: {}", wrong[0]));
        let findings = check(&declaration, today);
        let error = findings
            .iter()
            .find(|finding| finding.rule.severity == Severity::Error);
        assert!(error.is_none(), "{id}: {}", error.unwrap());
        let categories = declaration.site.categories;
        let service = &categories[0].services[0];
        assert_eq!(service.like, Some(id));
        assert_eq!(service.cookies.len(), entry.service.cookies.len(), "{id}");
    }
}

#[test]
fn what_a_page_is_to_write_names_the_service_and_loads_nothing_by_itself() {
    for entry in Catalogue::built_in().iter() {
        let id = entry.id;
        let Some(html) = &entry.recommendation.html else {
            continue;
        };
        let mark = format!("data-service=\"{id}\"");
        let elements = html.split('<').skip(1).filter(|element| {
            let loads = ["script", "iframe", "img", "link"];
            loads.iter().any(|name| element.starts_with(name))
        });
        let mut marked = 0;
        for element in elements {
            let tag = element.split('>').next().unwrap();
            assert!(tag.contains(&mark), "{id}: <{tag}>");
            let is_held = tag.contains("type=\"text/plain\"")
                || !tag.contains(" src=\"") && !tag.contains(" href=\"");
            assert!(is_held, "{id}: <{tag}>");
            marked += 1;
        }
        assert!(marked > 0, "{id}: {html}");
    }
}

#[test]
fn search_finds_by_names_and_by_what_people_call_a_service_even_misspelt() {
    let found = |typed: &str| {
        let entries = Catalogue::built_in().search(typed);
        entries.map(|entry| entry.id).collect::<Vec<_>>()
    };
    assert_eq!(found("ga4"), ["google-analytics"]);
    assert_eq!(found("Google Analytics")[0], "google-analytics");
    assert_eq!(found("analytics google")[0], "google-analytics");
    assert_eq!(found("yuotube"), ["youtube"]);
    assert_eq!(found("metapixel"), ["meta-pixel"]);
    assert_eq!(found("facebook pixel")[0], "meta-pixel");
    assert_eq!(found("nothing-of-the-kind"), [""; 0]);
    assert_eq!(found("  "), [""; 0]);
}

#[test]
fn like_takes_everything_from_the_catalogue_and_what_stands_beside_it_wins() {
    let known = service("\"en\", \"fr\"", "like = \"google-analytics\"").unwrap();
    assert_eq!(known.provider, "Google Ireland Limited");
    assert_eq!(
        known.purpose.get(&"fr".parse().unwrap()),
        "Compte les visites et montre quelles pages sont lues."
    );
    assert_eq!(known.cookies[0].lifetime, Lifetime::For(2, Unit::Year));
    assert_eq!(known.retention, None);
    let keys = "like = \"google-analytics\"\nretention = \"13 months\"\nname = \"Counts\"\npurpose.fr = \"Compte.\"\ncookies = []";
    let own = service("\"en\", \"fr\"", keys).unwrap();
    assert_eq!(own.retention, Some(Lifetime::For(13, Unit::Month)));
    assert_eq!(own.name.get(&"en".parse().unwrap()), "Counts");
    assert_eq!(own.purpose.get(&"fr".parse().unwrap()), "Compte.");
    assert_eq!(
        own.purpose.get(&"en".parse().unwrap()),
        known.purpose.get(&"en".parse().unwrap())
    );
    assert_eq!(own.cookies, []);
}

#[test]
fn a_language_that_the_catalogue_lacks_is_asked_for_once_and_serves_the_cookies_too() {
    let wrong = service("\"de\", \"en\"", "like = \"google-analytics\"").unwrap_err();
    assert_eq!(
        wrong,
        [
            "site.toml:14:8: services.it.purpose: has no text in de: the catalogue has none; \
          write `purpose = { de = \"…\" }` beside `like`"
        ]
    );
    let keys = "like = \"google-analytics\"\npurpose = { de = \"Zählt Besuche.\" }";
    let german = service("\"de\", \"en\"", keys).unwrap();
    let [de, en] = ["de", "en"].map(|tag| tag.parse().unwrap());
    assert_eq!(german.purpose.get(&de), "Zählt Besuche.");
    assert_eq!(german.cookies[0].purpose.get(&de), "Zählt Besuche.");
    assert_eq!(german.cookies[0].purpose.get(&en), "Tells visitors apart.");
}

#[test]
fn the_catalogues_french_is_that_of_every_region() {
    let known = service(
        "\"fr-CA\", \"fr\"",
        "like = \"youtube\"\npurpose.fr-CA = \"Nos films.\"",
    )
    .unwrap();
    let [canada, france] = ["fr-CA", "fr"].map(|tag| tag.parse().unwrap());
    assert_eq!(known.purpose.get(&canada), "Nos films.");
    assert_eq!(
        known.purpose.get(&france),
        "Diffuse des vidéos sur nos pages."
    );
    let known = service("\"fr-CA\"", "like = \"youtube\"").unwrap();
    assert_eq!(
        known.purpose.get(&canada),
        "Diffuse des vidéos sur nos pages."
    );
}

#[test]
fn an_unknown_service_is_said_to_be_so_with_the_one_that_was_meant() {
    let wrong = |id: &str| service("\"en\"", &format!("like = \"{id}\"")).unwrap_err();
    let problem =
        |id| format!("site.toml:14:8: services.it.like: the catalogue has no service \"{id}\"; ");
    assert_eq!(
        wrong("yuotube"),
        [problem("yuotube") + "did you mean `youtube`?"]
    );
    assert_eq!(
        wrong("fbevents"),
        [problem("fbevents") + "did you mean `meta-pixel`?"]
    );
    let none =
        "`consent services` lists all that it has; without `like`, write what you know of it";
    assert_eq!(wrong("abacus"), [problem("abacus") + none]);
}

#[test]
fn categories_of_the_catalogue_have_words_in_english_and_french_and_are_the_owners_to_name_in_others()
 {
    let known = service("\"en\", \"fr\"", "like = \"meta-pixel\"").unwrap();
    assert_eq!(known.id.as_str(), "it");
    let german = "like = \"meta-pixel\"\npurpose.de = \"Wirbt.\"";
    assert_eq!(
        service("\"de\", \"en\"", german).unwrap_err(),
        [
            "site.toml:14:8: services.it.category: the library has no words for category \"advertising\" in de; \
          declare it as [categories.advertising] with a title and a description"
        ]
    );
}

#[test]
fn a_base_may_name_the_service_and_its_sites_say_more() {
    let base = top("\"en\", \"de\"").replace("id = \"shop\"\n", "");
    let base = base + "[services.films]\nlike = \"youtube\"\npurpose.de = \"Zeigt Filme.\"\n";
    let own = "base = \"base.toml\"\nid = \"shop\"\nlanguages = [\"en\"]\n[services.films]\nprovider = \"Films Ltd\"\n";
    let read = |_: &str| {
        Ok(Base {
            file: "base.toml".into(),
            text: base.clone(),
        })
    };
    let declaration = Declaration::parse_with_base("site.toml", own, read).unwrap();
    let service = &declaration.site.categories[0].services[0];
    assert_eq!(service.provider, "Films Ltd");
    assert_eq!(
        service.purpose.get(&"en".parse().unwrap()),
        "Plays videos on our pages."
    );
    assert_eq!(
        declaration.places.file("services.films.country"),
        "base.toml"
    );
    assert_eq!(
        declaration.places.file("services.films.provider"),
        "site.toml"
    );
}
