//! A receipt verifies only if the key has signed it, and what verifies says what its record says.
//!
//! Two lines of input are a header and claims, which are signed with a key that is trusted: so the search goes on
//! behind the signature. Anything else is the text of a receipt.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use consent_core::key::{KeySet, SigningKey};
use consent_core::receipt::{
    Expectations, Receipt, Signer, Step, TYPE, UnverifiedReceipt, VerifyError,
};
use consent_core::time::{Months, UnixSeconds};
use ed25519_dalek::Signer as _;
use serde_json::Value;

const SEED: [u8; 32] = [7; 32];

pub(crate) fn holds(data: &[u8]) {
    let Ok(text) = core::str::from_utf8(data) else {
        return;
    };
    match text.split_once('\n') {
        Some((header, claims)) => signed(header, claims),
        None => unsigned(text),
    }
}

/// A text that nobody has signed.
fn unsigned(text: &str) {
    let now = UnixSeconds::new(1_795_316_891).unwrap();
    let verified = Receipt::verify(text, &TRUSTED, &Expectations::at(now));
    match UnverifiedReceipt::parse(text) {
        Ok(parsed) => {
            super::record::reads_back(parsed.record());
            if let Err(error) = &verified {
                assert!(error.step() > Step::Form, "{error}");
            }
        }
        Err(error) => {
            assert_eq!(error.step(), Step::Form);
            assert_eq!(verified, Err(error));
        }
    }
    if let Ok(receipt) = verified {
        stands(text, &receipt);
    }
}

/// A header and claims, signed with a trusted key whatever they are.
fn signed(header: &str, claims: &str) {
    let body = [header, claims]
        .map(|part| URL_SAFE_NO_PAD.encode(part))
        .join(".");
    let signature = SECRET.sign(body.as_bytes());
    let text = format!("{body}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()));
    let Ok(parsed) = UnverifiedReceipt::parse(&text) else {
        return;
    };
    super::record::reads_back(parsed.record());
    let at = parsed.issued_at();
    match Receipt::verify(&text, &TRUSTED, &Expectations::at(at)) {
        Ok(receipt) => {
            let header: Value = serde_json::from_str(header).unwrap();
            let [alg, kid, typ] = ["alg", "kid", "typ"].map(|name| header[name].as_str().unwrap());
            assert!(alg == "EdDSA" || alg == "Ed25519", "{alg}");
            assert!(typ.eq_ignore_ascii_case(TYPE), "{typ}");
            assert_eq!(kid, receipt.key().to_string());
            assert_eq!(header.as_object().unwrap().len(), 3, "{header}");
            stands(&text, &receipt);
        }
        // The signature is good, and nothing else was expected than that the choice stands.
        Err(error) => assert!(
            matches!(error.step(), Step::Type | Step::Key | Step::Time),
            "{error}"
        ),
    }
}

static TRUSTED: LazyLock<KeySet> = LazyLock::new(|| set_of(SEED));
static OTHER: LazyLock<KeySet> = LazyLock::new(|| set_of([8; 32]));
static SECRET: LazyLock<ed25519_dalek::SigningKey> =
    LazyLock::new(|| ed25519_dalek::SigningKey::from_bytes(&SEED));

fn set_of(seed: [u8; 32]) -> KeySet {
    let key = SigningKey::from_seed(&seed).public_key();
    [key].into_iter().collect()
}

/// The laws of what was verified.
fn stands(text: &str, receipt: &Receipt) {
    let (record, at) = (receipt.record(), receipt.issued_at());
    let expect = Expectations {
        issuer: Some(receipt.issuer()),
        site: Some(&record.site),
        scope: Some(record.scope),
        ..Expectations::at(at)
    };
    assert_eq!(
        Receipt::verify(text, &TRUSTED, &expect).as_ref(),
        Ok(receipt)
    );
    let other = Receipt::verify(text, &OTHER, &expect);
    assert_eq!(other.unwrap_err().step(), Step::Key);
    let ended = Expectations::at(record.expires_at);
    let error = Receipt::verify(text, &TRUSTED, &ended).unwrap_err();
    assert!(matches!(
        error,
        VerifyError::Expired(_) | VerifyError::NotYet(_)
    ));
    // Signed anew it is the same receipt, written in the one way, and no change goes unseen.
    let signer = Signer::new(SigningKey::from_seed(&SEED), receipt.issuer());
    let again = signer.sign(record, at);
    if again.len() <= 4096 {
        assert_eq!(
            Receipt::verify(&again, &TRUSTED, &expect).as_ref(),
            Ok(receipt)
        );
        let later = signer.sign(record, at.plus_months(Months::THIRTEEN));
        assert_ne!(later, again);
    }
    let mut changed = text.to_owned();
    let last = changed.pop();
    changed.push(if last == Some('A') { 'B' } else { 'A' });
    let changed = Receipt::verify(&changed, &TRUSTED, &expect);
    assert!(matches!(
        changed.unwrap_err().step(),
        Step::Form | Step::Signature
    ));
}
