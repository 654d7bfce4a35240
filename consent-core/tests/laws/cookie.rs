//! A `Cookie` header grants nothing but what a receipt in it grants.
//!
//! `<receipt>` stands for a valid receipt, `<record>` for the same record unsigned: so the search goes on behind the
//! signature.

use std::sync::LazyLock;

use consent_core::backend::{Refusal, Verifier};
use consent_core::cookie::{DEFAULT_NAME, from_header};
use consent_core::key::{KeySet, SigningKey};
use consent_core::receipt::{Signer, Step};
use consent_core::record::Record;

const ISSUER: &str = "https://consent.example";
const RECORD: &str = r#"{"act":"custom","aud":"shop","choices":{"analytics":true,"social":false},"dat":1795316891,"exp":1829444891,"jti":"01a20139-bd78-7101-8101-010101010101","lang":"fr","notice":"BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ","scope":"AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM","services":{"youtube":true},"src":"banner","sub":"AgICAgICAgICAgICAgICAg"}"#;

struct Known {
    record: Record,
    receipt: String,
    verifier: Verifier,
}

static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let record = Record::from_json(RECORD.as_bytes()).unwrap();
    let key = SigningKey::from_seed(&[7; 32]);
    let keys: KeySet = [key.public_key()].into_iter().collect();
    Known {
        receipt: Signer::new(key, ISSUER).sign(&record, record.decided_at),
        verifier: Verifier::new(ISSUER, record.site.clone(), keys).cookie_name(DEFAULT_NAME),
        record,
    }
});

pub(crate) fn holds(data: &[u8]) {
    let Ok(header) = core::str::from_utf8(data) else {
        return;
    };
    let Known {
        record,
        receipt,
        verifier,
    } = &*KNOWN;
    let now = record.decided_at;
    let header = header.replace("<receipt>", receipt);
    let header = header.replace("<record>", &record.to_cookie_value());

    let consent = verifier.consent(&header, now);
    assert!(consent.allows("operation") && !consent.allows("unheard-of"));
    assert!(!consent.allows("social"));
    let first = from_header(&header, DEFAULT_NAME).next();
    match (consent.receipt(), consent.refusal()) {
        (Some(found), None) => {
            assert_eq!(found.record(), record);
            assert!(from_header(&header, DEFAULT_NAME).any(|value| value == receipt));
            assert!(consent.allows("analytics") && consent.allows_service("youtube", "social"));
            let ended = verifier.consent(&header, record.expires_at);
            assert!(!ended.allows("analytics"));
            assert!(
                from_header(&header, DEFAULT_NAME).count() > 1
                    || matches!(ended.refusal(), Some(Refusal::Invalid(error)) if error.step() == Step::Time)
            );
        }
        (None, Some(refusal)) => {
            assert!(!consent.allows("analytics") && !consent.allows_service("youtube", "social"));
            assert_eq!(*refusal == Refusal::NoCookie, first.is_none());
        }
        (receipt, refusal) => panic!("{receipt:?} and {refusal:?}"),
    }
    for value in from_header(&header, DEFAULT_NAME) {
        assert!(header.contains(value) && !value.contains(';'), "{value:?}");
    }
    // Other cookies, before and behind, change nothing.
    for beside in [
        format!("a=b; {header}"),
        format!("{header}; a=b"),
        format!("{header};{DEFAULT_NAME}-2={receipt}"),
    ] {
        assert_eq!(verifier.consent(&beside, now), consent, "{beside:?}");
    }
}
