//! A site's file laid upon a base: what stands, and where errors are said to be.
#![cfg(feature = "site")]

use std::path::{Path, PathBuf};

use consent_core::check::{check, to_sarif};
use consent_core::site::{Base, Declaration, Diagnostic, Place, Site};
use consent_core::time::UnixSeconds;
use proptest::prelude::*;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn everything() -> String {
    std::fs::read_to_string(folder("tests/golden/site.toml")).unwrap()
}

/// A site's file over a base's text.
fn over(own: &str, base: &str) -> Result<Declaration, Vec<Diagnostic>> {
    let own = format!("base = \"base.toml\"\n{own}");
    Declaration::parse_with_base("site.toml", &own, |file| {
        assert_eq!(file, "base.toml");
        Ok(Base {
            file: file.into(),
            text: base.into(),
        })
    })
}

fn lines(wrong: &[Diagnostic]) -> Vec<String> {
    wrong.iter().map(ToString::to_string).collect()
}

/// What is declared, whatever the order of categories and services, which two files give together.
fn unordered(mut site: Site) -> Site {
    for category in &mut site.categories {
        category.services.sort_by(|a, b| a.id.cmp(&b.id));
    }
    site.categories.sort_by(|a, b| a.id.cmp(&b.id));
    site
}

/// The keys of a table that owners do not choose, with all they hold: each may stand in either file.
fn movable(table: &toml::Table, path: &[String], all: &mut Vec<Vec<String>>) {
    for (key, value) in table {
        let path = [path, std::slice::from_ref(key)].concat();
        if let Some(table) = value.as_table() {
            movable(table, &path, all);
        } else if key != "id" || path.len() > 1 {
            all.push(path);
        }
    }
}

/// Puts a value at a path, with the tables that hold it.
fn put(table: &mut toml::Table, path: &[String], value: toml::Value) {
    let [parents @ .., key] = path else { return };
    let inner = parents.iter().fold(table, |table, name| {
        let inner = table.entry(name).or_insert(toml::Table::new().into());
        inner.as_table_mut().unwrap()
    });
    inner.insert(key.clone(), value);
}

fn at(table: &toml::Table, path: &[String]) -> toml::Value {
    let (first, rest) = path.split_first().unwrap();
    let value = &table[first];
    rest.iter().fold(value, |value, key| &value[key]).clone()
}

proptest! {
    /// However the keys of a site are dealt out over two files, the same is declared.
    #[test]
    fn each_key_may_stand_in_either_file(seed in prop::collection::vec(0_u8..3, 200)) {
        let alone = Site::parse("site.toml", &everything()).unwrap();
        let whole: toml::Table = everything().parse().unwrap();
        let mut all = Vec::new();
        movable(&whole, &[], &mut all);
        prop_assert!(all.len() > 60 && all.len() < seed.len());
        let (mut own, mut base) = (toml::Table::new(), toml::Table::new());
        put(&mut own, &["id".into()], whole["id"].clone());
        for (path, place) in all.iter().zip(&seed) {
            let value = at(&whole, path);
            if *place != 0 {
                put(&mut own, path, value.clone());
            }
            match place {
                0 => put(&mut base, path, value),
                // The site's own value stands: nobody reads this one.
                1 => put(&mut base, path, 0.5.into()),
                _ => {}
            }
        }
        let merged = over(&own.to_string(), &base.to_string());
        let merged = merged.map_err(|wrong| TestCaseError::fail(lines(&wrong).join("\n")))?;
        prop_assert_eq!(unordered(merged.site), unordered(alone));
    }
}

#[test]
fn over_an_empty_base_a_file_says_what_it_says_alone() {
    let alone = Site::parse("site.toml", &everything()).unwrap();
    assert_eq!(over(&everything(), "").unwrap().site, alone);
}

#[test]
fn under_an_almost_empty_file_a_base_says_it_all_in_its_own_order() {
    let alone = Site::parse("site.toml", &everything()).unwrap();
    let base = everything().replacen("id = \"library\"\n", "", 1);
    assert_eq!(over("id = \"library\"", &base).unwrap().site, alone);
}

#[test]
fn lists_are_replaced_and_what_the_site_adds_comes_last() {
    let base = everything().replacen("id = \"library\"\n", "", 1);
    let own = "id = \"library\"\norigins = [\"https://other.example\"]\n\
        [services.another]\ncategory = \"social\"\nname = \"Another\"\nprovider = \"Another SA\"\ncountry = \"FR\"\n\
        purpose = \"Shows a map of the town.\"\npolicy = \"/privacy\"\n[services.video]\nprovider = \"Another SA\"\n";
    let site = over(own, &base).unwrap().site;
    assert_eq!(site.origins, ["https://other.example"]);
    let social = site.categories.iter().find(|c| c.id.as_str() == "social");
    let services = &social.unwrap().services;
    let last = services.last().unwrap();
    assert_eq!(
        (last.id.as_str(), &*last.provider),
        ("another", "Another SA")
    );
    let video = services.iter().find(|s| s.id.as_str() == "video").unwrap();
    assert!(video.provider == "Another SA" && !video.cookies.is_empty());
}

const SITE: &str =
    "id = \"a\"\nname = \"A\"\norigins = [\"https://a.example\"]\n[controller]\nname = \"A Ltd\"\n";
const BASE: &str = "languages = [\"en\"]\n[controller]\naddress = \"1 Street, York\"\ncontact = \"a@a.example\"\n\
    [policy]\nurl = \"/privacy\"\nupdated = 2026-03-01\n";

#[test]
fn what_is_wrong_is_said_of_the_file_that_has_it() {
    assert_eq!(over(SITE, BASE).unwrap().site.controller.name, "A Ltd");
    for (own, base, says) in [
        // A misspelt key in the base; what is then missing could stand in the site's file.
        (
            SITE.to_owned(),
            BASE.replace("contact", "contakt"),
            &[
                "site.toml:5:2: controller.contact: is missing; write an e-mail address or a URL",
                "base.toml:4:1: controller.contakt: is not a known key; did you mean `contact`?",
            ][..],
        ),
        // What the base's table lacks, the site's file does: it is said where that names its base.
        (
            SITE.to_owned(),
            BASE.replace("url = \"/privacy\"\n", ""),
            &["site.toml:1:8: policy.url: is missing; write the policy's URL"],
        ),
        (
            SITE.replace("origins", "origin"),
            BASE.replace("2026-03-01", "\"2026\""),
            &[
                "site.toml:1:1: origins: is missing; list where the pages live, like [\"https://www.example.org\"]",
                "site.toml:4:1: origin: is not a known key; did you mean `origins`?",
                "base.toml:7:11: policy.updated: is of type string; write a date such as 2026-03-01, without quotes",
            ],
        ),
        (
            SITE.to_owned(),
            format!("id = \"b\"\nbase = \"c.toml\"\n{BASE}"),
            &[
                "base.toml:1:1: id: does not belong into a base; each site has an id of its own: write it into the site's file",
                "base.toml:2:1: base: does not belong into a base; a base has no base of its own: put what both say into one file",
            ],
        ),
        // Texts in a language that the site does not speak are left out; what is no language at all is not.
        (
            SITE.to_owned(),
            BASE.replace(
                "\"/privacy\"",
                "{ en = \"/privacy\", fr = \"/vie\", ef = \"/\" }",
            ),
            &[
                "base.toml:6:44: policy.url.ef: \"ef\" is not a language of this site; the site's `languages` are en",
            ],
        ),
        (
            format!("{SITE}[choice]\nvalid_months = 14\n"),
            format!("{BASE}[proof\n"),
            &[
                "site.toml:8:16: choice.valid_months: 14 is out of range; a choice is valid for 1 to 13 months; CNIL calls 6 good practice",
                "base.toml:8:7: unclosed table, expected `]`; mend the TOML syntax (https://toml.io)",
            ],
        ),
    ] {
        assert_eq!(
            lines(&over(&own, &base).unwrap_err()),
            says,
            "{own}\n{base}"
        );
    }
}

#[test]
fn a_base_that_cannot_be_read_is_wrong_where_it_is_named_and_nothing_else_is() {
    let text = format!("revison = 2\nbase = \"shared.toml\"\n{SITE}");
    let wrong = Declaration::parse_with_base("site.toml", &text, |_| Err("it is locked".into()));
    assert_eq!(
        lines(&wrong.unwrap_err()),
        [
            "site.toml:2:8: base: \"shared.toml\" cannot be read: it is locked; write the path of a file, as seen from this one"
        ]
    );
    let wrong = Declaration::parse("site.toml", &text).unwrap_err();
    assert!(
        wrong[0].problem.contains("only this text was given"),
        "{wrong:?}"
    );
    for path in [
        "\"/etc/a.toml\"",
        "\" \"",
        "3",
        "'C:\\a.toml'",
        "\"https://a.example/a.toml\"",
    ] {
        let text = format!("base = {path}\n{SITE}");
        let wrong = Declaration::parse_with_base("site.toml", &text, |_| unreachable!());
        let wrong = wrong.unwrap_err();
        assert_eq!(
            (wrong.len(), &*wrong[0].key, wrong[0].line),
            (1, "base", 1),
            "{path}"
        );
    }
}

#[test]
fn each_key_has_its_place_in_its_own_file() {
    let places = over(SITE, BASE).unwrap().places;
    for (key, file, line, column) in [
        ("id", "site.toml", 2, 6),
        ("base", "site.toml", 1, 8),
        ("controller", "site.toml", 5, 2),
        ("controller.name", "site.toml", 6, 8),
        ("controller.address", "base.toml", 3, 11),
        ("policy", "base.toml", 5, 2),
        ("policy.url.en", "base.toml", 6, 7),
        ("languages[0]", "base.toml", 1, 14),
        ("services.none", "site.toml", 1, 1),
    ] {
        assert_eq!(places.of(key), Place { line, column }, "{key}");
        assert_eq!(places.file(key), file, "{key}");
    }
}

#[test]
fn findings_name_the_file_too_those_of_the_site_first() {
    let today = UnixSeconds::from_rfc3339("2028-01-01").unwrap();
    let own = SITE.replace("https://a", "http://a");
    let found = check(&over(&own, BASE).unwrap(), today);
    let places: Vec<_> = found
        .iter()
        .map(|f| (f.rule.id, &*f.found.file, f.found.line))
        .collect();
    assert!(
        places.contains(&("plain-http", "site.toml", 4)),
        "{places:?}"
    );
    assert_eq!(
        places.last(),
        Some(&("stale-policy", "base.toml", 7)),
        "{places:?}"
    );
    let sarif: serde_json::Value = serde_json::from_str(&to_sarif(&[], &found)).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let place = &results.last().unwrap()["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "base.toml");
    assert_eq!(place["region"]["startLine"], 7);
}

#[test]
fn the_practices_of_the_example_share_their_publisher_and_stay_themselves() {
    let practice = |name: &str| {
        let path = folder("../examples/publisher").join(name);
        let text = std::fs::read_to_string(&path).unwrap();
        let read = |file: &str| {
            let text = std::fs::read_to_string(path.with_file_name(file)).unwrap();
            let file = file.into();
            Ok(Base { file, text })
        };
        let declaration = Declaration::parse_with_base(name, &text, read);
        declaration
            .unwrap_or_else(|wrong| panic!("{:#?}", lines(&wrong)))
            .site
    };
    let (glycines, ormes) = (practice("glycines.toml"), practice("ormes.toml"));
    assert_eq!(glycines.processor, ormes.processor);
    assert_ne!(glycines.controller.name, ormes.controller.name);
    assert_ne!(glycines.scope().digest(), ormes.scope().digest());
    assert_eq!(glycines.languages.len(), 1);
    let asked = |site: &Site| site.asked().map(|c| c.id.to_string()).collect::<Vec<_>>();
    assert_eq!(asked(&glycines), ["social"]);
    assert_eq!(asked(&ormes), ["social", "analytics"]);
}
