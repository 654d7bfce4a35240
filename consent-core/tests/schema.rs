//! The JSON Schema of `site.toml`: checked in, and of one mind with the reader.
#![cfg(feature = "site")]

use std::path::{Path, PathBuf};

use consent_core::site::{Base, Declaration, Site, base_schema, schema};
use jsonschema::Validator;
use serde_json::Value;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn validator() -> Validator {
    validator_of(&schema())
}

fn validator_of(schema: &str) -> Validator {
    let schema: Value = serde_json::from_str(schema).unwrap();
    assert!(jsonschema::draft202012::meta::is_valid(&schema));
    jsonschema::draft202012::new(&schema).unwrap()
}

/// A declaration as editors hand it to a schema: dates are strings.
fn json(value: &toml::Value) -> Value {
    match value {
        toml::Value::String(text) => text.as_str().into(),
        toml::Value::Integer(number) => (*number).into(),
        toml::Value::Float(number) => (*number).into(),
        toml::Value::Boolean(flag) => (*flag).into(),
        toml::Value::Datetime(moment) => moment.to_string().into(),
        toml::Value::Array(list) => list.iter().map(json).collect(),
        toml::Value::Table(table) => table
            .iter()
            .map(|(key, value)| (key.clone(), json(value)))
            .collect(),
    }
}

fn parse(text: &str) -> toml::Value {
    toml::Value::Table(text.parse().unwrap())
}

/// What the schema says against a declaration.
fn said(validator: &Validator, declaration: &toml::Value) -> Vec<String> {
    let document = json(declaration);
    validator
        .iter_errors(&document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

/// What the reader says against it.
fn read(declaration: &toml::Value) -> Vec<String> {
    let text = toml::to_string(declaration).unwrap();
    let wrong = Site::parse("site.toml", &text).err().unwrap_or_default();
    wrong.iter().map(ToString::to_string).collect()
}

fn everything() -> toml::Value {
    parse(&std::fs::read_to_string(folder("tests/golden/site.toml")).unwrap())
}

#[test]
fn the_checked_in_schemas_are_the_generated_ones() {
    for (name, schema) in [
        ("site.schema.json", schema()),
        ("base.schema.json", base_schema()),
    ] {
        let path = folder(name);
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, &schema).unwrap();
        }
        let checked_in = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            checked_in == schema,
            "consent-core/{name} is out of date: UPDATE=1 cargo test -p consent-core --test schema"
        );
    }
}

/// A base without a site is good, and so is a site that leaves everything to it.
#[test]
fn what_is_demanded_may_stand_in_either_file() {
    let (site_schema, base_schema) = (validator(), validator_of(&base_schema()));
    let mut shared = everything();
    let id = shared.as_table_mut().unwrap().remove("id").unwrap();
    let own = |more: &str| parse(&format!("base = \"base.toml\"\nid = {id}\n{more}"));
    let empty = toml::Value::Table(toml::Table::new());
    let part = own("[services.video]\nname = \"Films\"\n[controller]\nname = \"Town\"");
    let read = |site: &toml::Value, base: &toml::Value| {
        let [site, base] = [site, base].map(|value| toml::to_string(value).unwrap());
        let declaration = Declaration::parse_with_base("site.toml", &site, |file| {
            let file = file.into();
            Ok(Base { file, text: base })
        });
        declaration.is_ok()
    };
    for (site, base, is_good) in [
        (&own(""), &shared, true),
        (&part, &shared, true),
        (&part, &empty, false),
    ] {
        assert_eq!(said(&site_schema, site), [""; 0]);
        assert_eq!(said(&base_schema, base), [""; 0]);
        assert_eq!(read(site, base), is_good, "{site} {base}");
    }
    // A list is not put together from two files: what its items need is demanded all the same.
    let half = own("[[services.video.cookies]]\nname = \"half\"");
    assert!(!said(&site_schema, &half).is_empty() && !read(&half, &shared));
    // What is misspelt, or belongs elsewhere, is seen in both.
    for more in ["revison = 2", "[services.video]\nprovder = \"x\""] {
        assert!(!said(&site_schema, &own(more)).is_empty(), "{more}");
        assert!(!said(&base_schema, &parse(more)).is_empty(), "{more}");
    }
    for more in ["id = \"a\"", "base = \"a.toml\""] {
        assert!(!said(&base_schema, &parse(more)).is_empty(), "{more}");
    }
}

#[test]
fn every_declaration_that_is_read_is_valid() {
    let validator = validator();
    let mut read = 0;
    for place in ["../examples/sites", "tests/broken", "tests/golden"] {
        for entry in std::fs::read_dir(folder(place)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "toml") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            if Site::parse("site.toml", &text).is_ok() {
                let said = said(&validator, &parse(&text));
                assert_eq!(said, [""; 0], "{}", path.display());
                read += 1;
            }
        }
    }
    assert!(read > 25, "{read}");
}

/// The paths of all keys that a format has a say about: not the ids and languages that owners choose.
fn keys(value: &toml::Value, path: &[String], all: &mut Vec<Vec<String>>) {
    let deeper = |key: &str| {
        let mut path = path.to_vec();
        path.push(key.into());
        path
    };
    match value {
        toml::Value::Table(table) => {
            let is_localized = table.contains_key("en") && table.contains_key("fr");
            let is_map = matches!(path, [name] if name == "categories" || name == "services");
            for (key, value) in table.iter().filter(|_| !is_localized) {
                if !is_map {
                    all.push(deeper(key));
                }
                keys(value, &deeper(key), all);
            }
        }
        toml::Value::Array(list) => {
            for (place, value) in list.iter().enumerate() {
                keys(value, &deeper(&place.to_string()), all);
            }
        }
        _ => {}
    }
}

/// The table that holds a key, and the key.
fn parent<'a>(root: &'a mut toml::Value, path: &'a [String]) -> (&'a mut toml::Table, &'a str) {
    let (key, parents) = path.split_last().unwrap();
    let table = parents.iter().fold(root, |value, name| match value {
        toml::Value::Array(list) => &mut list[name.parse::<usize>().unwrap()],
        value => &mut value[name.as_str()],
    });
    (table.as_table_mut().unwrap(), key)
}

#[test]
fn schema_and_reader_agree_on_which_keys_must_be_there() {
    let (validator, everything) = (validator(), everything());
    let mut all = Vec::new();
    keys(&everything, &[], &mut all);
    let (mut must, mut may) = (0, 0);
    for path in &all {
        let mut without = everything.clone();
        let (table, key) = parent(&mut without, path);
        table.remove(key);
        let (said, read) = (said(&validator, &without), read(&without));
        // Services, signals and names refer to what is then gone: only the reader sees that.
        let is_referred_to =
            matches!(&path[..], [only] if only == "categories" || only == "services");
        assert_eq!(
            said.is_empty(),
            read.is_empty() || is_referred_to,
            "without {}\nschema: {said:?}\nreader: {read:?}",
            path.join(".")
        );
        if said.is_empty() {
            may += 1;
        } else {
            must += 1;
        }
    }
    assert!(must > 40 && may > 20, "{must} {may}");
}

#[test]
fn schema_and_reader_agree_on_unknown_keys_in_every_table() {
    let (validator, everything) = (validator(), everything());
    let mut all = Vec::new();
    keys(&everything, &[], &mut all);
    for path in &all {
        let mut more = everything.clone();
        let (table, _) = parent(&mut more, path);
        table.insert("unheard-of".into(), true.into());
        let path = path.join(".");
        assert!(!said(&validator, &more).is_empty(), "beside {path}");
        assert!(!read(&more).is_empty(), "beside {path}");
    }
}

#[test]
fn schema_and_reader_agree_on_values() {
    let list = |text: &str| toml::Value::Array(vec![text.into()]);
    let none = || toml::Value::Array(Vec::new());
    agree_on([
        ("id", "a".into(), true),
        ("id", "A".into(), false),
        ("id", "-a".into(), false),
        ("id", "a-1".into(), true),
        ("id", "a".repeat(41).into(), false),
        ("name", "One for all".into(), true),
        ("name", " ".into(), false),
        ("languages", none(), false),
        ("languages", list("tlh"), false),
        ("origins", none(), false),
        ("origins", list("http://localhost:8080"), true),
        ("origins", list("https://a.example/"), false),
        ("revision", 0.into(), false),
        ("revision", "1".into(), false),
        ("time_zone", "America/Port-au-Prince".into(), true),
        ("time_zone", "UTC".into(), true),
        ("time_zone", "+01:00".into(), false),
        ("time_zone", "CET-1CEST,M3".into(), false),
        ("controller", "Town".into(), false),
        ("controller.authority.url", "cnil.fr".into(), false),
        ("policy.url", "privacy".into(), false),
        ("policy.url", "https://a.example/privacy".into(), true),
        ("policy.updated", 2026.into(), false),
        ("choice.valid_months", 14.into(), false),
        ("choice.valid_months", 0.into(), false),
        ("choice.ask_again_months", 5.into(), false),
        ("choice.ask_again_months", 13.into(), true),
        ("proof.keep_years", 31.into(), false),
        ("proof.keep_years", 30.into(), true),
        ("proof.at_end", "burn".into(), false),
        ("data.retention", "0 days".into(), false),
        ("data.retention", "1 day".into(), true),
        ("data.retention", "2 weeks".into(), false),
        ("data.retention", "persistent".into(), false),
        ("cookie.name", "a b".into(), false),
        ("cookie.name", "a=b".into(), false),
        ("cookie.name", "a:b".into(), true),
        ("cookie.path", "a".into(), false),
        ("cookie.path", "/a:b/".into(), true),
        ("cookie.domain", "https://a.example".into(), false),
        ("cookie.domain", ".a.example".into(), true),
        (
            "frames.ancestors",
            vec!["https://*.a.example"].into(),
            false,
        ),
        ("frames.ancestors", vec!["https://A.example"].into(), false),
        ("frames.ancestors", vec!["https://a.example/"].into(), false),
        (
            "frames.ancestors",
            vec!["https://a.example:8443"].into(),
            true,
        ),
        ("appearance.reopen", "top".into(), false),
        ("appearance.reopen", "none".into(), true),
        ("appearance.close_button", "yes".into(), false),
        ("appearance.layout", "bar-top".into(), true),
        ("appearance.layout", "wall".into(), false),
        ("appearance.theme", "night".into(), false),
        ("appearance.light.ink", "#fff".into(), true),
        ("appearance.light.ink", "#ffff".into(), false),
        ("appearance.dark.ink", "white".into(), false),
        ("appearance.font", "Georgia, 'PT Serif'".into(), true),
        ("appearance.font", "x;color:red".into(), false),
        ("appearance.font", " , ".into(), false),
        ("appearance.font_size", 11.into(), false),
        ("appearance.radius", 41.into(), false),
        ("appearance.button_radius", 0.into(), true),
        ("appearance.logo", "/images/logo.png".into(), true),
        ("appearance.logo", "//cdn.example/logo.png".into(), false),
        (
            "appearance.logo",
            "data:image/svg+xml;base64,PHN2Zy8+".into(),
            true,
        ),
        ("appearance.logo", "data:text/html;base64,AA".into(), false),
    ]);
}

#[test]
fn schema_and_reader_agree_on_values_of_services() {
    let list = |text: &str| toml::Value::Array(vec![text.into()]);
    let none = || toml::Value::Array(Vec::new());
    agree_on([
        ("services.events.like", "openstreet".into(), false),
        ("services.events.like", "vimeo".into(), true),
        ("services.video.category", "Social".into(), false),
        ("services.video.category", "operation".into(), false),
        ("services.choice.category", "social".into(), false),
        ("services.video.country", "ie".into(), false),
        ("services.video.policy", "ftp://a.example".into(), false),
        ("services.video.country", "UK".into(), false),
        ("services.video.country", "GR".into(), true),
        ("services.video.retention", "13 months".into(), true),
        ("services.video.retention", "session".into(), false),
        ("services.video.hosts", list("https://a.example"), false),
        ("services.video.hosts", none(), true),
        ("services.video.exempt", "Because.".into(), false),
        ("services.video.cookies.0.name", "*a*".into(), false),
        ("services.video.cookies.0.name", "*a*b*".into(), true),
        ("services.video.cookies.0.name", "a b".into(), false),
        ("services.video.cookies.0.kind", "flash".into(), false),
        ("services.video.cookies.0.lifetime", "13".into(), false),
        ("services.video.cookies.0.domain", "A.example".into(), false),
    ]);
}

/// Puts a value in a place of the declaration, and asks both whether that is good.
fn agree_on<const CASES: usize>(cases: [(&str, toml::Value, bool); CASES]) {
    let (validator, everything) = (validator(), everything());
    for (path, value, is_good) in cases {
        let mut changed = everything.clone();
        let names: Vec<_> = path.split('.').map(ToString::to_string).collect();
        let (table, key) = parent(&mut changed, &names);
        let case = format!("{path} = {value}");
        table.insert(key.into(), value);
        let (said, read) = (said(&validator, &changed), read(&changed));
        assert_eq!(said.is_empty(), is_good, "{case}: schema: {said:?}");
        assert_eq!(read.is_empty(), is_good, "{case}: reader: {read:?}");
    }
}

#[test]
fn the_defaults_of_the_schema_are_those_of_the_reader() {
    let schema: Value = serde_json::from_str(&schema()).unwrap();
    let everything = everything();
    let mut explicit = everything.clone();
    let mut implicit = everything;
    let mut count = 0;
    for place in [
        "revision",
        "time_zone",
        "choice.valid_months",
        "choice.reload",
        "proof.keep_years",
        "proof.at_end",
        "cookie.path",
        "appearance.reopen",
        "appearance.layout",
        "appearance.theme",
        "appearance.font_size",
        "appearance.radius",
        "appearance.button_radius",
        "appearance.close_button",
        "markup.block",
        "markup.placeholders",
        "markup.shadow_roots",
        "markup.actions",
        "markup.declaration",
    ] {
        let pointer = format!("/properties/{}/default", place.replace('.', "/properties/"));
        let default = schema.pointer(&pointer).unwrap();
        let default = match default {
            Value::Number(number) => number.as_i64().unwrap().into(),
            Value::Bool(flag) => (*flag).into(),
            other => toml::Value::from(other.as_str().unwrap()),
        };
        let names: Vec<_> = place.split('.').map(ToString::to_string).collect();
        let (table, key) = parent(&mut explicit, &names);
        table.insert(key.into(), default);
        let (table, key) = parent(&mut implicit, &names);
        table.remove(key);
        count += 1;
    }
    let site = |declaration| Site::parse("site.toml", &toml::to_string(declaration).unwrap());
    assert_eq!(site(&explicit), site(&implicit));
    assert!(site(&explicit).is_ok());
    let in_text = serde_json::to_string(&schema).unwrap();
    // Two more: the kind of a cookie, and whether scripts see it.
    assert_eq!(in_text.matches("\"default\":").count(), count + 2);
}
