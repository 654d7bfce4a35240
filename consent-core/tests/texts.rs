//! `docs/texts.md` lists what a site can say in its own words, as the library says it.
#![cfg(feature = "site")]

use std::fmt::Write as _;
use std::path::Path;

use consent_core::i18n::{Strings, names};

#[test]
fn the_page_of_texts_lists_every_one_and_its_room() {
    const HEAD: &str = "| name | in English | room |\n| --- | --- | --- |\n";
    let english = Strings::of(&"en".parse().unwrap()).unwrap();
    let mut table = HEAD.to_owned();
    for (name, place) in names() {
        let (text, room) = (english.get(name).unwrap(), place.most_columns());
        writeln!(table, "| `{name}` | {text} | {room} |").unwrap();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/texts.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(HEAD).unwrap();
    let after = rest.split_once("\n\n").map_or("", |(_, after)| after);
    let page_now = format!("{before}{table}\n{after}");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &page_now).unwrap();
    }
    assert!(
        page == page_now || std::env::var_os("UPDATE").is_some(),
        "docs/texts.md is out of date: UPDATE=1 cargo test -p consent-core --test texts"
    );
}
