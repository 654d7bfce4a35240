//! The house in order: every public module is in the crate's table, and every type has a name of its own.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

#[test]
fn the_crates_page_names_every_public_module() {
    let text = fs::read_to_string(src().join("lib.rs")).unwrap();
    let (page, code) = text.split_once("# The whole way").unwrap();
    let public = code
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    let missing: Vec<_> = public
        .filter(|module| !page.contains(&format!("[`{module}`]")))
        .collect();
    assert!(
        missing.is_empty(),
        "consent-core/src/lib.rs: put {missing:?} into the tables at its top"
    );
}

/// Two types of one name send whoever searches for one of them to the other.
#[test]
fn no_two_types_have_one_name() {
    let mut places: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    each_source(&src(), &mut |path, text| {
        for name in text.lines().filter_map(type_name) {
            places.entry(name.into()).or_default().push(path.into());
        }
    });
    assert!(places.len() > 100, "{}", places.len());
    let twice: Vec<_> = places
        .iter()
        .filter(|(_, places)| places.len() > 1)
        .collect();
    assert!(
        twice.is_empty(),
        "give each a name that says the difference: {twice:#?}"
    );
}

/// The type that a line declares, outside of functions.
fn type_name(line: &str) -> Option<&str> {
    let line = line.strip_prefix("pub").unwrap_or(line);
    let line = ["(crate)", "(super)"]
        .iter()
        .find_map(|reach| line.strip_prefix(reach))
        .unwrap_or(line);
    let name = ["struct ", "enum ", "trait ", "type "]
        .iter()
        .find_map(|kind| line.trim_start().strip_prefix(kind))
        .filter(|_| !line.starts_with("  "))?;
    name.split(|c: char| !c.is_alphanumeric()).next()
}

fn each_source(folder: &Path, read: &mut impl FnMut(&Path, &str)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is_test = path.file_stem().is_some_and(|stem| stem == "tests");
        if path.is_dir() && !is_test {
            each_source(&path, read);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !is_test {
            read(&path, &fs::read_to_string(&path).unwrap());
        }
    }
}
