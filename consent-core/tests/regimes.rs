//! The five real regimes of `examples/sites`, from the file to what a visitor is shown.
#![cfg(feature = "site")]

use std::collections::BTreeMap;
use std::path::Path;

use consent_core::digest::Digest;
use consent_core::publication::{Bundle, MANIFEST_PLACE, PARTS_PLACE, Publication};
use consent_core::site::Site;

const REGIMES: [&str; 5] = ["lacassagne", "cryostem", "mast", "carians", "cime"];

fn declaration(id: &str) -> String {
    let sites = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/sites");
    std::fs::read_to_string(sites.join(id).with_extension("toml")).unwrap()
}

fn site(id: &str) -> Site {
    let file = format!("{id}.toml");
    Site::parse(&file, &declaration(id)).unwrap_or_else(|wrong| {
        panic!(
            "{}",
            wrong
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("\n")
        )
    })
}

fn publish(site: Site) -> Publication {
    let bundle = Bundle {
        gate: &format!("gate({MANIFEST_PLACE}, [{PARTS_PLACE}])"),
        parts: &BTreeMap::new(),
        styles: &[("first".to_owned(), "p { color: black }".to_owned())].into(),
        digest: Digest::of(b"bundle"),
    };
    Publication::new(site, &bundle)
}

#[test]
fn each_regime_is_accepted_and_published_in_its_languages() {
    for id in REGIMES {
        let published = publish(site(id));
        assert_eq!(published.site.id.as_str(), id);
        let mut languages: Vec<_> = published
            .notices
            .keys()
            .map(consent_core::language::Language::as_str)
            .collect();
        languages.sort_unstable();
        assert_eq!(languages, ["en", "fr"], "{id}");
        for (language, file) in &published.files {
            let notice = &published.notices[language];
            assert!(file.contains(&notice.first_layer));
            assert!(file.contains(&notice.digest.to_text()));
            assert!(published.preferences[language].contains(&notice.preferences));
        }
        assert_eq!(published.gate, format!("gate({}, [])", published.manifest));
    }
}

#[test]
fn each_regime_asks_about_social_and_analytics_and_never_about_operation() {
    for id in REGIMES {
        let scope = site(id).scope();
        let asked: Vec<_> = scope
            .categories
            .keys()
            .map(consent_core::id::CategoryId::as_str)
            .collect();
        assert!(
            asked.contains(&"social") && asked.contains(&"analytics"),
            "{id}: {asked:?}"
        );
        assert!(!asked.contains(&"operation"), "{id}: {asked:?}");
        assert!(site(id).exempt_names().contains("operation"), "{id}");
    }
}

#[test]
fn a_category_can_be_declared_and_unused() {
    for id in ["cryostem", "carians"] {
        let site = site(id);
        let advertising = site
            .categories
            .iter()
            .find(|c| c.id.as_str() == "advertising")
            .unwrap();
        assert!(!advertising.is_asked(), "{id}");
        let published = publish(site.clone());
        let english = &published.notices[&"en".parse().unwrap()].preferences;
        assert!(english.contains("No service on this site"), "{id}");
        assert!(!published.manifest.contains("advertising"), "{id}");
    }
}

#[test]
fn refusing_and_accepting_are_the_same_kind_of_button_and_every_switch_is_off() {
    for id in REGIMES {
        for notice in publish(site(id)).notices.values() {
            for (html, actions) in [
                (&notice.first_layer, ["refuse", "accept", "choose"]),
                (&notice.preferences, ["refuse", "accept", "save"]),
            ] {
                // Nothing tells them apart that a style sheet of ours or of the page could take hold of.
                let parts: Vec<_> = html
                    .split("<button type=\"button\" part=\"button\"")
                    .collect();
                let answers: Vec<_> = parts[1..]
                    .iter()
                    .filter(|part| part.starts_with(" data-consent-action"))
                    .map(|part| part.split('"').nth(1).unwrap())
                    .collect();
                assert_eq!(answers, actions, "{id}");
                assert!(!html.contains(" checked"), "{id}");
                assert!(html.contains("type=\"checkbox\""), "{id}");
            }
        }
    }
}

#[test]
fn people_are_asked_again_exactly_when_what_they_agree_to_changes() {
    let text = declaration("lacassagne");
    let scope = |text: &str| {
        let site = Site::parse("lacassagne.toml", text);
        site.unwrap_or_else(|wrong| panic!("{wrong:?}"))
            .scope()
            .digest()
    };
    let change = |from: &str, to: &str| {
        let changed = text.replace(from, to);
        assert_ne!(changed, text, "{from}");
        scope(&changed)
    };
    let before = scope(&text);
    assert_ne!(change("revision = 1", "revision = 2"), before);
    assert_ne!(
        change("[controller]\nname = \"", "[controller]\nname = \"New "),
        before
    );
    assert_ne!(
        change("services.google-analytics", "services.another"),
        before
    );
    assert_eq!(change("[\"en\", \"fr\"]", "[\"fr\", \"en\"]"), before);
    assert_eq!(change("updated = 20", "updated = 19"), before);
}

#[test]
fn what_an_owner_writes_is_escaped() {
    let text = declaration("lacassagne").replacen(
        "name = \"Google Analytics\"",
        "name = \"<script>&\\\"</script>\"",
        1,
    );
    let published = publish(Site::parse("lacassagne.toml", &text).unwrap());
    let files = published
        .files
        .values()
        .chain(published.preferences.values());
    for file in files {
        assert!(!file.contains("<script"));
    }
    for file in published.preferences.values() {
        assert!(file.contains("&lt;script&gt;&amp;"));
    }
}

/// Breaks a good file in one place, and looks at what is said about it.
#[test]
fn a_broken_file_is_refused_with_line_key_and_advice() {
    let text = declaration("lacassagne");
    for (from, to, key, says) in [
        (
            "revision = 1",
            "revison = 1",
            "revison",
            "did you mean `revision`?",
        ),
        ("revision = 1", "revision = 0", "revision", "out of range"),
        (
            "revision = 1",
            "revision = \"1\"",
            "revision",
            "write a whole number",
        ),
        (
            "valid_months = 13",
            "valid_months = 14",
            "choice.valid_months",
            "1 to 13 months",
        ),
        (
            "[\"en\", \"fr\"]",
            "[\"en\", \"fr\", \"tlh\"]",
            "languages[2]",
            "use one of",
        ),
        (
            "category = \"analytics\"",
            "category = \"analitics\"",
            "services.google-analytics.category",
            "did you mean `analytics`?",
        ),
        (
            "category = \"analytics\"",
            "category = \"operation\"",
            "services.google-analytics.exempt",
            "say why it needs no consent",
        ),
        (
            "[services.google-analytics]",
            "[services.analytics]",
            "services.analytics",
            "\"analytics\" is a category",
        ),
        (
            "[services.google-analytics]",
            "[services.social]",
            "services.social",
            "\"social\" is a category",
        ),
        (
            "country = ",
            "land = ",
            "services.consent-choice.country",
            "is missing",
        ),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from}");
        let line = text[..text.find(from).unwrap()].matches('\n').count() + 1;
        let wrong = Site::parse("x.toml", &changed).expect_err(to);
        let found = wrong
            .iter()
            .find(|w| w.key == key && w.to_string().contains(says));
        let found = found.unwrap_or_else(|| panic!("{to}: {wrong:#?}"));
        if !says.contains("missing") && !says.contains("say why") {
            assert_eq!(found.line, line, "{found}");
        }
        assert!(
            found
                .to_string()
                .starts_with(&format!("x.toml:{}:{}: {key}", found.line, found.column))
        );
    }
}

#[test]
fn everything_wrong_is_found_at_once_and_broken_toml_too() {
    let text = declaration("lacassagne")
        .replacen("revision = 1", "revison = 1", 1)
        .replacen("valid_months = 13", "valid_months = 99", 1)
        + "\n[controller]\nname = \n";
    let wrong = Site::parse("x.toml", &text).unwrap_err();
    assert!(wrong.len() >= 4, "{wrong:#?}");
    assert!(wrong.is_sorted_by_key(|w| w.line));
    assert!(
        Site::parse("x.toml", "")
            .unwrap_err()
            .iter()
            .any(|w| w.key == "id")
    );
}

#[test]
fn a_site_whose_receipts_would_not_fit_a_cookie_is_refused() {
    let text = declaration("lacassagne");
    let service = text.split("[services.facebook]").nth(1).unwrap();
    let service = service.split("[[").next().unwrap();
    let many: Vec<_> = (0..20)
        .map(|n| format!("[services.service-number-{n}]{service}"))
        .collect();
    let wrong = Site::parse("x.toml", &format!("{text}\n{}", many.concat())).unwrap_err();
    assert!(wrong[0].problem.contains("1200 is the most"), "{wrong:?}");
}
