//! A declaration is read or refused, with places that are in its text; one that is read can be checked and published.
//!
//! A line `# base` divides the site's file from its base.

use std::collections::BTreeMap;

use consent_core::check::check;
use consent_core::digest::Digest;
use consent_core::publication::{Bundle, MANIFEST_PLACE, PARTS_PLACE, Publication};
use consent_core::site::{Base, Declaration, Diagnostic, Site};
use consent_core::time::UnixSeconds;

const FILES: [&str; 2] = ["site.toml", "base.toml"];

pub(crate) fn holds(data: &[u8]) {
    let Ok(text) = core::str::from_utf8(data) else {
        return;
    };
    let (own, base) = match text.split_once("\n# base\n") {
        Some((own, base)) => (own, Some(base)),
        None => (text, None),
    };
    match read(own, base) {
        Ok(declaration) => {
            stands(&declaration, [own, base.unwrap_or("")]);
            if base.is_none() {
                reads_back(own, &declaration.site);
            }
        }
        Err(wrong) => is_said_well(&wrong, [own, base.unwrap_or("")]),
    }
}

fn read(own: &str, base: Option<&str>) -> Result<Declaration, Vec<Diagnostic>> {
    Declaration::parse_with_base(FILES[0], own, |_| {
        let base = base.ok_or("there is none")?;
        Ok(Base {
            file: FILES[1].into(),
            text: base.into(),
        })
    })
}

fn is_said_well(wrong: &[Diagnostic], texts: [&str; 2]) {
    assert!(!wrong.is_empty(), "refused without a reason");
    let place = |wrong: &Diagnostic| (file(&wrong.file), wrong.line, wrong.column);
    assert!(wrong.is_sorted_by_key(place), "{wrong:?}");
    for wrong in wrong {
        is_inside(texts[file(&wrong.file)], wrong.line, wrong.column);
        assert!(
            !wrong.problem.is_empty() && !wrong.advice.is_empty(),
            "{wrong:?}"
        );
    }
}

fn stands(declaration: &Declaration, texts: [&str; 2]) {
    let site = &declaration.site;
    for finding in check(declaration, UnixSeconds::new(1_795_316_891).unwrap()) {
        is_inside(
            texts[file(&finding.found.file)],
            finding.found.line,
            finding.found.column,
        );
        assert!(!finding.found.problem.is_empty() && !finding.found.advice.is_empty());
    }
    let bundle = Bundle {
        gate: &format!("{MANIFEST_PLACE}{PARTS_PLACE}"),
        parts: &BTreeMap::new(),
        styles: &BTreeMap::new(),
        digest: Digest::of(b""),
    };
    let published = Publication::new(site.clone(), &bundle);
    assert_eq!(published.notices.len(), site.languages.len());
    for notice in published.notices.values() {
        for html in [&notice.first_layer, &notice.preferences] {
            assert!(
                !html.contains("<script") && !html.contains(" checked"),
                "{html}"
            );
        }
    }
    let manifest: serde_json::Value = serde_json::from_str(&published.manifest).unwrap();
    assert!(manifest.is_object());
    assert!(!published.manifest.contains('<'), "{}", published.manifest);
    assert_eq!(published.scope.digest(), site.scope().digest());
}

/// Written anew by a TOML library, which sorts the keys, the same is declared in another order.
fn reads_back(text: &str, site: &Site) {
    let Ok(table) = text.parse::<toml::Table>() else {
        return;
    };
    let again = read(&table.to_string(), None);
    let again = again
        .unwrap_or_else(|wrong| panic!("{table}: {wrong:?}"))
        .site;
    assert_eq!(unordered(again), unordered(site.clone()));
}

fn unordered(mut site: Site) -> Site {
    for category in &mut site.categories {
        category.services.sort_by(|a, b| a.id.cmp(&b.id));
    }
    site.categories.sort_by(|a, b| a.id.cmp(&b.id));
    site
}

fn file(name: &str) -> usize {
    FILES.iter().position(|file| *file == name).unwrap()
}

fn is_inside(text: &str, line: usize, column: usize) {
    let found = text.split('\n').nth(line - 1);
    let found = found.unwrap_or_else(|| panic!("line {line} of {text:?}"));
    assert!(
        (1..=found.chars().count() + 1).contains(&column),
        "column {column} of {found:?}"
    );
}
