//! `docs/receipt.md`: its example is a receipt, and says what the page says.
#![cfg(feature = "receipt")]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use consent_core::key::KeySet;
use consent_core::merkle::{leaf_hash, receipt_entry};
use consent_core::receipt::{Expectations, Receipt};
use consent_core::time::UnixSeconds;

const PAGE: &str = include_str!("../../docs/receipt.md");

/// The fenced blocks: a receipt, a key set, its claims, a salt, an entry and a leaf.
fn blocks() -> Vec<&'static str> {
    PAGE.split("\n```")
        .skip(1)
        .step_by(2)
        .filter_map(|block| block.split_once('\n'))
        .map(|(_, block)| block)
        .collect()
}

#[test]
fn the_example_verifies_and_says_what_the_page_says() {
    let [receipt, keys, claims, ..] = blocks()[..] else {
        panic!("the blocks of the page")
    };
    let keys = KeySet::from_jwks(keys).unwrap();
    assert_eq!(keys.to_jwks(), blocks()[1]);
    let at = UnixSeconds::from_rfc3339("2026-11-22T03:08:11Z").unwrap();
    let verified = Receipt::verify(receipt, &keys, &Expectations::at(at)).unwrap();
    let signed = URL_SAFE_NO_PAD.decode(receipt.split('.').nth(1).unwrap());
    assert_eq!(String::from_utf8(signed.unwrap()).unwrap(), claims);
    let record = verified.record();
    assert_eq!(record.decided_at.to_rfc3339(), "2026-11-22T03:08:10Z");
    assert_eq!(record.expires_at.to_rfc3339(), "2027-12-22T03:08:10Z");
}

#[test]
fn the_page_names_every_claim_of_the_example() {
    let claims: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(blocks()[2]).unwrap();
    let mut tables = PAGE.split("\n\n");
    let table = tables.find(|part| part.contains("\n| `act`")).unwrap();
    let rows: Vec<&str> = table
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .collect();
    for claim in claims.keys() {
        assert!(rows.contains(&claim.as_str()), "{claim}");
    }
    assert_eq!(rows.len(), claims.len() + 2, "`prev` and `gpc` besides");
}

#[test]
fn the_leaf_is_that_of_the_page() {
    let blocks = blocks();
    let hex = |bytes: &[u8]| {
        bytes
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<Vec<_>>()
            .concat()
    };
    let salt: [u8; 32] = std::array::from_fn(|n| u8::try_from(n).unwrap());
    assert_eq!(blocks[3], hex(&salt));
    let entry = receipt_entry(&salt, blocks[0]);
    let leaf = leaf_hash(entry.as_bytes());
    assert_eq!(
        blocks[4],
        format!("{}\n{}", hex(entry.as_bytes()), hex(leaf.as_bytes()))
    );
}
