//! How fast the core signs, verifies and reads. `cargo xtask bench core` runs it.
//!
//! Each round measures everything once, one after another, so that a busy machine slows all of them alike; medians are of
//! all rounds, and ratios are of the same rounds.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use consent_core::backend::Verifier;
use consent_core::canonical::Value;
use consent_core::digest::Digest;
use consent_core::key::{KeySet, SigningKey};
use consent_core::publication::{Bundle, Publication};
use consent_core::receipt::{Signer, UnverifiedReceipt};
use consent_core::record::Record;
use consent_core::site::Site;
use ed25519_dalek::{Signature, Signer as _};

const ROUNDS: usize = 15;
const SLICE: Duration = Duration::from_millis(60);
const CHECK: &str = "Ed25519 check alone";
const CONSENT: &str = "Cookie header to consent";
const SIGNATURE: &str = "Ed25519 signature alone";
const SIGN: &str = "Record to receipt";
const SEED: [u8; 32] = [7; 32];
const ISSUER: &str = "https://consent.example";
const SITE: &str = include_str!("../../examples/sites/lacassagne.toml");

/// What is measured: its name, and one call of it.
type Task<'a> = (&'static str, Box<dyn Fn() + 'a>);

/// What the calls work on.
struct Things {
    record: Record,
    signer: Signer,
    receipt: String,
    verifier: Verifier,
    header: String,
    site: Site,
    notice: Value,
    bare: ed25519_dalek::SigningKey,
    bare_signature: Signature,
}

const BUNDLE: Bundle<'_> = Bundle {
    gate: "__MANIFEST__, __PARTS__",
    parts: &BTreeMap::new(),
    styles: &BTreeMap::new(),
    digest: Digest::from_bytes([0; 32]),
};

fn main() {
    let things = Things::new();
    let tasks: Vec<_> = [things.checks(), things.signatures(), things.readings()]
        .into_iter()
        .flatten()
        .collect();
    let rounds: Vec<Vec<f64>> = (0..ROUNDS)
        .map(|_| tasks.iter().map(|(_, task)| seconds_each(task)).collect())
        .collect();
    let column = |name: &str| {
        let place = tasks.iter().position(|(other, _)| *other == name);
        let place = place.expect("a task of this name");
        rounds.iter().map(move |round| round[place])
    };

    println!(
        "{:<26} {:>12} {:>12}",
        "one thread", "per second", "µs each"
    );
    for (name, _) in &tasks {
        let each = median(column(name));
        println!("{name:<26} {:>12.0} {:>12.2}", each.recip(), each * 1e6);
    }
    let ratio = |one, other| {
        median(
            column(one)
                .zip(column(other))
                .map(|(one, other)| one / other),
        )
    };
    println!(
        "\nFrom the header to consent takes {:.3} times the Ed25519 check alone.",
        ratio(CONSENT, CHECK)
    );
    println!(
        "From the record to the receipt takes {:.3} times the Ed25519 signature alone.",
        ratio(SIGN, SIGNATURE)
    );
    println!(
        "The notice is {} bytes of JSON, the declaration {} bytes.",
        things.notice.to_json().len(),
        SITE.len()
    );
    println!(
        "Medians of {ROUNDS} interleaved rounds, {} ms each.",
        SLICE.as_millis()
    );
}

impl Things {
    fn new() -> Self {
        let site = Site::parse("lacassagne.toml", SITE).expect("the example is good");
        let published = Publication::new(site.clone(), &BUNDLE);
        let notice = published.notices.into_values().next().expect("a language");
        let record = Record::from_json(RECORD.as_bytes()).expect("the record is good");
        let signer = Signer::new(SigningKey::from_seed(&SEED), ISSUER);
        let receipt = signer.sign(&record, record.decided_at);
        let key = SigningKey::from_seed(&SEED).public_key();
        let keys: KeySet = [key].into_iter().collect();
        let verifier = Verifier::new(ISSUER, record.site.clone(), keys).scope(record.scope);
        let header = format!("session=0123456789abcdef; __Host-eu-consent={receipt}; theme=dark");
        let consent = verifier.consent(&header, record.decided_at);
        assert!(consent.allows("analytics"), "{consent:?}");
        let bare = ed25519_dalek::SigningKey::from_bytes(&SEED);
        let bare_signature = bare.sign(signed_part(&receipt));
        Self {
            record,
            signer,
            receipt,
            verifier,
            header,
            site,
            notice: notice.value,
            bare,
            bare_signature,
        }
    }

    fn checks(&self) -> Vec<Task<'_>> {
        let key = self.bare.verifying_key();
        let check = move || {
            let signed = signed_part(black_box(&self.receipt));
            black_box(key.verify_strict(signed, &self.bare_signature)).expect("signed");
        };
        let consent = || {
            let consent = self
                .verifier
                .consent(black_box(&self.header), self.record.decided_at);
            black_box(consent);
        };
        let form = || {
            black_box(UnverifiedReceipt::parse(black_box(&self.receipt))).expect("a receipt");
        };
        vec![
            (CHECK, Box::new(check)),
            (CONSENT, Box::new(consent)),
            ("  of that, the form", Box::new(form)),
        ]
    }

    fn signatures(&self) -> Vec<Task<'_>> {
        let signature = || {
            black_box(self.bare.sign(signed_part(black_box(&self.receipt))));
        };
        let sign = || {
            let record = black_box(&self.record);
            black_box(self.signer.sign(record, record.decided_at));
        };
        vec![(SIGNATURE, Box::new(signature)), (SIGN, Box::new(sign))]
    }

    fn readings(&self) -> Vec<Task<'_>> {
        let record = || {
            black_box(Record::from_json(black_box(RECORD.as_bytes()))).expect("a record");
        };
        let canonical = || {
            black_box(black_box(&self.notice).to_json());
        };
        let site = || {
            black_box(Site::parse("site.toml", black_box(SITE))).expect("a site");
        };
        let publish = || {
            black_box(Publication::new(black_box(self.site.clone()), &BUNDLE));
        };
        vec![
            ("Record from JSON", Box::new(record)),
            ("Notice to canonical JSON", Box::new(canonical)),
            ("Site from site.toml", Box::new(site)),
            ("Site published", Box::new(publish)),
        ]
    }
}

/// What the signature is over.
fn signed_part(receipt: &str) -> &[u8] {
    let (signed, _) = receipt.rsplit_once('.').expect("three parts");
    signed.as_bytes()
}

/// How long one call takes: the median of many short batches, so that being interrupted does not count.
fn seconds_each(task: &dyn Fn()) -> f64 {
    const CALLS: u32 = 4;
    let start = Instant::now();
    let mut batches = Vec::new();
    while start.elapsed() < SLICE {
        let batch = Instant::now();
        for _ in 0..CALLS {
            task();
        }
        batches.push(batch.elapsed().as_secs_f64() / f64::from(CALLS));
    }
    median(batches.into_iter())
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

const RECORD: &str = r#"{"act":"custom","aud":"lacassagne","choices":{"analytics":true,"social":false},"dat":1795316891,"exp":1829444891,"jti":"01a20139-bd78-7101-8101-010101010101","lang":"fr","notice":"BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ","scope":"AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM","services":{"youtube":true},"src":"banner","sub":"AgICAgICAgICAgICAgICAg"}"#;
