//! A sample of each tool, in the shape of its documentation, becomes a declaration.

use super::*;
use consent_core::site::{Declaration, Site};

/// The declaration, with something in place of each …, and what is left.
fn imported(text: &str) -> (String, Site, Vec<String>) {
    let mut draft = read(text, None).unwrap();
    let written = writing::written(&mut draft);
    let filled = written
        .replace(
            "origins = [\"…\"]",
            "origins = [\"https://www.site.example\"]",
        )
        .replace("url = \"…\"", "url = \"https://www.site.example/policy\"")
        .replace("country = \"…\"", "country = \"FR\"")
        .replace("policy = \"…\"", "policy = \"https://policy.example/\"")
        .replace("lifetime = \"…\"", "lifetime = \"1 day\"");
    let read = Declaration::parse("site.toml", &filled);
    let site = read
        .unwrap_or_else(|wrong| panic!("{written}\n{wrong:#?}"))
        .site;
    let left = draft
        .left
        .iter()
        .map(|left| format!("{}: {}", left.what, left.why));
    (written, site, left.collect())
}

/// Category, id, and what of the catalogue it is like.
fn services(site: &Site) -> Vec<(String, String, Option<&'static str>)> {
    let each = site.categories.iter().flat_map(|category| {
        let services = category.services.iter();
        services.map(|service| {
            (
                category.id.to_string(),
                service.id.to_string(),
                service.like,
            )
        })
    });
    each.filter(|(_, id, _)| id != "consent-choice").collect()
}

fn expect(site: &Site, expected: &[(&str, &str, Option<&'static str>)]) {
    let mut found = services(site);
    found.sort();
    let found: Vec<_> = found
        .iter()
        .map(|(category, id, like)| (&**category, &**id, *like))
        .collect();
    let mut expected = expected.to_vec();
    expected.sort();
    assert_eq!(found, expected);
}

fn assert_left(left: &[String], words: &[&str]) {
    for words in words {
        assert!(
            left.iter().any(|left| left.contains(words)),
            "{words}: {left:#?}"
        );
    }
}

#[test]
fn of_cookieconsent() {
    let (text, site, left) = imported(include_str!("samples/orestbida.js"));
    expect(
        &site,
        &[
            ("analytics", "google-analytics", Some("google-analytics")),
            ("analytics", "analytics-service", None),
            ("advertising", "newsletter-box", None),
            ("comfort", "youtube", Some("youtube")),
        ],
    );
    assert_eq!(site.revision, 2);
    assert_eq!(site.valid.get(), 6);
    assert!(text.contains("dialects = [\"orestbida\"]"), "{text}");
    assert!(text.contains("\"ga\" = \"google-analytics\""), "{text}");
    assert!(
        text.contains("en = \"Plays films in our pages.\""),
        "{text}"
    );
    assert_left(
        &left,
        &[
            "onConsent: is code",
            "guiOptions: is the look",
            "ga.onAccept: is code",
            "language.translations.fr: is not in this file",
            "\"Newsletter box\" in pages: has a space",
            "/^(_ga|_gid)/: is a regular expression",
        ],
    );
}

#[test]
fn of_klaro() {
    let (text, site, left) = imported(include_str!("samples/klaro.js"));
    expect(
        &site,
        &[
            ("operation", "session", None),
            ("analytics", "matomo", Some("matomo")),
            ("reading", "book-viewer", None),
        ],
    );
    assert_eq!(site.valid.get(), 12);
    assert!(text.contains("languages = [\"de\", \"en\"]"), "{text}");
    assert!(
        text.contains("title = { de = \"Lesen\", en = \"Reading\" }"),
        "{text}"
    );
    assert!(
        text.contains("purpose = { de = \"Zählt Besuche.\" }"),
        "{text}"
    );
    assert!(
        text.contains("purpose = { de = \"Zeigt Bücher.\", en = \"Shows books.\" }"),
        "{text}"
    );
    assert!(
        text.contains("url = \"https://library.example/privacy\""),
        "{text}"
    );
    assert!(text.contains("\"bookViewer\" = \"book-viewer\""), "{text}");
    assert_left(
        &left,
        &[
            "matomo.callback: is code",
            "`social` was left out",
            "cookie piwik_ignore of matomo",
            "mtm_[a-z]+",
        ],
    );
    assert!(
        !left.iter().any(|left| left.contains("bookViewer:")),
        "{left:#?}"
    );
}

#[test]
fn of_orejime() {
    let (text, site, left) = imported(include_str!("samples/orejime.html"));
    expect(
        &site,
        &[
            ("operation", "session", None),
            ("analytics", "plausible", Some("plausible")),
            ("analytics", "compteur", None),
            ("social", "vimeo", Some("vimeo")),
        ],
    );
    assert_eq!(site.valid.get(), 6);
    assert!(text.contains("languages = [\"fr\"]"), "{text}");
    assert!(text.contains("name = \"cpt_*\""), "{text}");
    assert!(text.contains("\"mesure\" = \"analytics\""), "{text}");
    assert_left(
        &left,
        &["vimeo.default: has no counterpart", "cookie.name: is ours"],
    );
}

#[test]
fn of_tarteaucitron() {
    let (text, site, left) = imported(include_str!("samples/tarteaucitron.html"));
    expect(
        &site,
        &[
            ("analytics", "google-analytics", Some("google-analytics")),
            ("functional", "meteo", None),
            ("social", "youtube", Some("youtube")),
        ],
    );
    assert!(text.contains("name = \"Météo de la mairie\""), "{text}");
    // The gate does not read its marks.
    assert!(!text.contains("dialects"), "{text}");
    assert_left(
        &left,
        &[
            "tarteaucitron.user",
            "meteo.js: is code",
            "init.orientation: is the look",
            "/vie-privee: is relative",
        ],
    );
}

#[test]
fn of_cookiebot() {
    let page = include_str!("samples/cookiebot.html");
    let script = r#"CookieConsentDialog.cookieTableNecessary = [["CookieConsent","Cookiebot","Stores the choice","1 year","HTTP Cookie","1","",""],["basket","shop.example","Holds what is to be bought","Session","HTML Local Storage","2","",""]];
        CookieConsentDialog.cookieTablePreference = [];
        CookieConsentDialog.cookieTableStatistics = [["_ga","Google","Tells visitors apart","2 years","HTTP Cookie","1","",""],["rate#","Ratings &amp; Co","Counts ratings","2 weeks","HTTP Cookie","1","",""]];
        CookieConsentDialog.cookieTableAdvertising = [["pixel.gif","Adverts Ltd","Counts views","Session","Pixel Tracker","5","",""],["ad_id","Adverts Ltd","Follows visitors","Persistent","HTTP Cookie","1","",""]];
        CookieConsentDialog.cookieTableUnclassified = [["what","shop.example","Pending","1 day","HTTP Cookie","1","",""]];"#;
    for source in [page, script] {
        let (text, site, left) = imported(source);
        expect(
            &site,
            &[
                ("operation", "shop-example", None),
                ("analytics", "google-analytics", Some("google-analytics")),
                ("analytics", "ratings-co", None),
                ("advertising", "adverts-ltd", None),
            ],
        );
        assert!(
            text.contains("kind = \"local-storage\"\nlifetime = \"session\""),
            "{text}"
        );
        assert!(
            text.contains("name = \"rate*\"\nlifetime = \"14 days\""),
            "{text}"
        );
        assert!(text.contains("provider = \"Ratings & Co\""), "{text}");
        assert!(text.contains("\"statistics\" = \"analytics\""), "{text}");
        assert!(
            !left
                .iter()
                .any(|left| left.contains("Adverts Ltd\" in pages")),
            "{left:#?}"
        );
        assert_left(
            &left,
            &[
                "CookieConsent: holds the choice",
                "what: of shop.example is in no category",
                "pixel.gif: of Adverts Ltd is a request",
                "automatic blocking",
            ],
        );
    }
}

#[test]
fn of_nothing_that_is_known() {
    for text in [
        "",
        "{}",
        "const a = { b: 1 };",
        "{\"categories\": 3}",
        "tarteaucitron",
        "klaroConfig = load()",
    ] {
        assert!(
            read(text, None).is_none_or(|draft| draft.services.is_empty()),
            "{text}"
        );
    }
}
