//! Records in the formats of others, against tables of what those formats require.
#![cfg(feature = "site")]

use std::path::Path;

use consent_core::decision::{Act, Decision, Source};
use consent_core::digest::Digest;
use consent_core::id::{ConsentId, RecordId};
use consent_core::record::Record;
use consent_core::site::Site;
use consent_core::time::UnixSeconds;
use serde_json::Value;

mod dpv;
mod errors;
mod kantara;
mod table;

const REGIMES: [&str; 5] = ["lacassagne", "cryostem", "mast", "carians", "cime"];

fn read(path: &str) -> Site {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let text = std::fs::read_to_string(&path).unwrap();
    let file = path.display().to_string();
    Site::parse(&file, &text).unwrap_or_else(|wrong| panic!("{wrong:#?}"))
}

/// The five regimes, and the declaration with every key that there is.
fn sites() -> Vec<Site> {
    let regimes = REGIMES.map(|id| read(&format!("../examples/sites/{id}.toml")));
    regimes.into_iter().chain([library()]).collect()
}

fn library() -> Site {
    read("tests/golden/site.toml")
}

/// What a visitor of this site decides by this act: a choice differs from category to category where it can.
fn record(site: &Site, act: Act, language: &str) -> Record {
    let scope = site.scope();
    let decided_at = UnixSeconds::from_rfc3339("2026-11-22T03:08:11Z").unwrap();
    let granted = |place: usize| match act {
        Act::AcceptAll => true,
        Act::Custom => place % 2 == 1,
        Act::RefuseAll | Act::Dismiss | Act::Withdraw | Act::Signal => false,
    };
    let choices = scope.categories.keys().enumerate();
    let mut decision = Decision {
        act,
        source: match act {
            Act::Custom | Act::Withdraw => Source::Preferences,
            Act::Signal => Source::Signal,
            Act::AcceptAll | Act::RefuseAll | Act::Dismiss => Source::Banner,
        },
        choices: choices
            .map(|(place, id)| (id.clone(), granted(place)))
            .collect(),
        services: Vec::new().into_iter().collect(),
    };
    if act == Act::Custom {
        // One service goes its own way, in a category that has others.
        let own = scope
            .categories
            .iter()
            .find(|(_, services)| services.len() > 1);
        let (category, services) = own.unwrap();
        let by_category = decision.choices.get(category).unwrap();
        let service = services.keys().next().unwrap();
        assert!(decision.services.insert(service.clone(), !by_category));
    }
    let millis = decided_at.get().unsigned_abs() * 1000;
    Record {
        id: RecordId::v7(millis, [1; 10]),
        site: site.id.clone(),
        subject: ConsentId::from_random([2; 16]),
        decision,
        decided_at,
        expires_at: decided_at.plus_months(site.valid),
        scope: scope.digest(),
        notice: Digest::of(b"notice"),
        language: language.parse().unwrap(),
        previous: (act == Act::Withdraw).then(|| RecordId::v7(millis - 1, [3; 10])),
        gpc: act == Act::Signal,
    }
}

/// Compares with the checked-in vector.
fn assert_golden(name: &str, value: &Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name);
    if std::env::var_os("UPDATE").is_some() {
        let text = serde_json::to_string_pretty(value).unwrap() + "\n";
        std::fs::write(&path, text).unwrap();
    }
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let golden: Value = serde_json::from_str(&text).unwrap_or_default();
    assert_eq!(
        *value, golden,
        "{name} differs; if it should: UPDATE=1 cargo test -p consent-core --test formats"
    );
}
