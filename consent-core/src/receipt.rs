//! Receipts: records signed by the server, as compact JWS (RFC 7515) with the claims of a JWT (RFC 7519).
//!
//! ```
//! use consent_core::key::{KeySet, SigningKey};
//! use consent_core::receipt::{Expectations, Receipt, Signer};
//! # use consent_core::record::Record;
//! # let json = r#"{"act":"refuse_all","aud":"shop","choices":{"analytics":false},"dat":1795316891,"exp":1829444891,"jti":"01a20139-bd78-7101-8101-010101010101","lang":"fr","notice":"BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ","scope":"AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM","src":"banner","sub":"AgICAgICAgICAgICAgICAg"}"#;
//! # let record = Record::from_json(json.as_bytes())?;
//! # let now = record.decided_at;
//! let key = SigningKey::from_seed(&[7; 32]); // real seeds are random
//! let keys: KeySet = [key.public_key()].into_iter().collect();
//! let text = Signer::new(key, "https://consent.example").sign(&record, now);
//!
//! let receipt = Receipt::verify(&text, &keys, &Expectations::at(now))?;
//! assert_eq!(receipt.record(), &record);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use core::fmt;

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use crate::digest::Digest;
use crate::id::SiteId;
use crate::json;
use crate::key::{End, KeyId, KeySet, SigningKey};
use crate::note::Sign;
use crate::record::{Claims, Record};
use crate::scope::MAX_RECEIPT_LEN;
use crate::time::{Months, UnixSeconds};

/// The `typ` of a receipt (RFC 8725 §3.11 asks for an explicit one).
pub const TYPE: &str = "consent-receipt+jwt";

/// The longest text that is looked at: no cookie is longer.
const MAX_READ_LEN: usize = 4096;

/// How far a verifier's clock may be behind the signer's, in seconds.
const LEEWAY: i64 = 60;

/// A receipt that was verified: the only way to have one is [`Receipt::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    record: Record,
    issuer: String,
    issued_at: UnixSeconds,
    key: KeyId,
}

impl Receipt {
    /// Checks a receipt, step by step, in the order of [`Step::ALL`].
    pub fn verify(
        text: &str,
        keys: &KeySet,
        expect: &Expectations<'_>,
    ) -> Result<Self, VerifyError> {
        UnverifiedReceipt::parse(text)?.verify(keys, expect)
    }

    /// What was decided.
    #[must_use]
    pub const fn record(&self) -> &Record {
        &self.record
    }

    /// The base URL of the server that signed (claim `iss`).
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// When it was signed, by the server's clock (claim `iat`).
    #[must_use]
    pub const fn issued_at(&self) -> UnixSeconds {
        self.issued_at
    }

    /// The key that signed (`kid`).
    #[must_use]
    pub const fn key(&self) -> KeyId {
        self.key
    }
}

/// What a verifier wants to be true. What is `None` is not looked at.
#[derive(Clone, Copy, Debug)]
pub struct Expectations<'a> {
    /// The moment at which the choice must stand: now, or for an auditor the date in question.
    pub at: UnixSeconds,
    /// The base URL of the server.
    pub issuer: Option<&'a str>,
    /// The site.
    pub site: Option<&'a SiteId>,
    /// What was to be agreed to.
    pub scope: Option<Digest>,
}

impl Expectations<'_> {
    /// Expects the choice to stand at this moment, and nothing else.
    #[must_use]
    pub const fn at(at: UnixSeconds) -> Self {
        Self {
            at,
            issuer: None,
            site: None,
            scope: None,
        }
    }
}

/// One step of the check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Three parts of base64url, a header, and the claims of a record.
    Form,
    /// The algorithm and the type.
    Type,
    /// The key is in the set, and had not ended when this was signed.
    Key,
    /// The key has signed these bytes.
    Signature,
    /// The server that signed.
    Issuer,
    /// The site.
    Audience,
    /// The choice stands at the moment in question.
    Time,
    /// What was agreed to.
    Scope,
}

impl Step {
    /// The steps, in the order they are taken.
    pub const ALL: [Self; 8] = [
        Self::Form,
        Self::Type,
        Self::Key,
        Self::Signature,
        Self::Issuer,
        Self::Audience,
        Self::Time,
        Self::Scope,
    ];

    /// The step's name in verdicts.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Type => "type",
            Self::Key => "key",
            Self::Signature => "signature",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::Time => "time",
            Self::Scope => "scope",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a text is not a valid receipt. [`VerifyError::step`] tells how far the check came.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// Longer than any cookie.
    #[error("longer than {MAX_READ_LEN} bytes")]
    TooLong,
    /// Not three parts between two dots.
    #[error("a receipt has three parts between two dots, this has {0}")]
    Parts(usize),
    /// A part that is not base64url without padding.
    #[error("the {0} is not base64url without padding")]
    Base64(&'static str),
    /// The header is not one of a receipt: it may hold `alg`, `kid` and `typ`, once each.
    #[error("the header is not that of a receipt: {0}")]
    Header(String),
    /// The claims are not those of a receipt.
    #[error("the claims are not those of a receipt: {0}")]
    Claims(String),
    /// Another algorithm than Ed25519.
    #[error("the algorithm is {0:?}, not \"EdDSA\" or \"Ed25519\"")]
    Algorithm(String),
    /// Another type of token.
    #[error("the type is {0:?}, not \"{TYPE}\"")]
    Type(String),
    /// A key that is not in the set.
    #[error("the key {0:?} is not in the key set")]
    Key(String),
    /// A key that the server did not sign with any more.
    #[error("the key {id:?} was retired at {at}, before this was signed", id = .0, at = .1.to_rfc3339())]
    Retired(String, UnixSeconds),
    /// A key that was, or may have been, in other hands.
    #[error("the key {id:?} is revoked: {what}", id = .0, what = since(*.1))]
    Revoked(String, UnixSeconds),
    /// The key has not signed these bytes.
    #[error("the signature is not that of the key over this text")]
    Signature,
    /// Another server.
    #[error("signed by {0:?}, which is not the expected server")]
    Issuer(String),
    /// Another site.
    #[error("given at site \"{0}\", which is not the expected one")]
    Audience(SiteId),
    /// Not yet signed at the moment in question.
    #[error("signed only at {}", .0.to_rfc3339())]
    NotYet(UnixSeconds),
    /// No longer standing at the moment in question.
    #[error("the choice ended at {}", .0.to_rfc3339())]
    Expired(UnixSeconds),
    /// Something else was agreed to.
    #[error("what was agreed to (scope {0}) is not the expected scope")]
    Scope(Digest),
}

impl VerifyError {
    /// The step that failed.
    #[must_use]
    pub const fn step(&self) -> Step {
        match self {
            Self::TooLong
            | Self::Parts(_)
            | Self::Base64(_)
            | Self::Header(_)
            | Self::Claims(_) => Step::Form,
            Self::Algorithm(_) | Self::Type(_) => Step::Type,
            Self::Key(_) | Self::Retired(..) | Self::Revoked(..) => Step::Key,
            Self::Signature => Step::Signature,
            Self::Issuer(_) => Step::Issuer,
            Self::Audience(_) => Step::Audience,
            Self::NotYet(_) | Self::Expired(_) => Step::Time,
            Self::Scope(_) => Step::Scope,
        }
    }
}

/// What a revocation takes away.
fn since(moment: UnixSeconds) -> String {
    if moment == UnixSeconds::EPOCH {
        "no signature of it counts".into()
    } else {
        alloc::format!(
            "what it signed from {} on does not count",
            moment.to_rfc3339()
        )
    }
}

/// A text that has the form of a receipt. Nothing in it is to be believed yet.
#[derive(Clone, Debug)]
pub struct UnverifiedReceipt<'a> {
    signed: &'a str,
    signature: [u8; 64],
    header: Header,
    record: Record,
    issuer: String,
    issued_at: UnixSeconds,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    kid: String,
    typ: String,
}

impl<'a> UnverifiedReceipt<'a> {
    /// Takes the first step: the form.
    pub fn parse(text: &'a str) -> Result<Self, VerifyError> {
        if text.len() > MAX_READ_LEN {
            return Err(VerifyError::TooLong);
        }
        let parts: Vec<&str> = text.split('.').collect();
        let [header, claims, signature] = parts[..] else {
            return Err(VerifyError::Parts(parts.len()));
        };
        let header = decode("header", header)?;
        let header =
            json::object(&header).map_err(|error| VerifyError::Header(error.to_string()))?;
        let claims = Claims::from_json(&decode("claims", claims)?)
            .map_err(|error| VerifyError::Claims(error.to_string()))?;
        let missing = |name| VerifyError::Claims(alloc::format!("missing field `{name}`"));
        let issuer = claims.iss.clone().ok_or_else(|| missing("iss"))?;
        let issued_at = claims.iat.ok_or_else(|| missing("iat"))?;
        let record = claims.into_record();
        check_times(&record, issued_at)?;
        let signature = decode("signature", signature)?
            .try_into()
            .map_err(|_| VerifyError::Base64("64-byte signature"))?;
        // `parts` has shown that there are two dots, so this cut is before the signature.
        let signed = text.rsplit_once('.').map_or("", |(signed, _)| signed);
        Ok(Self {
            signed,
            signature,
            header,
            record,
            issuer,
            issued_at,
        })
    }

    /// The record that the text claims.
    #[must_use]
    pub const fn record(&self) -> &Record {
        &self.record
    }

    /// The base URL of the server that the text claims to be from.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The key that the text claims to be signed with.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.header.kid
    }

    /// When the text claims to have been signed.
    #[must_use]
    pub const fn issued_at(&self) -> UnixSeconds {
        self.issued_at
    }

    /// Takes the other steps.
    pub fn verify(self, keys: &KeySet, expect: &Expectations<'_>) -> Result<Receipt, VerifyError> {
        if !matches!(&*self.header.alg, "EdDSA" | "Ed25519") {
            return Err(VerifyError::Algorithm(self.header.alg));
        }
        // Media types have no case (RFC 7515 §4.1.9).
        if !self.header.typ.eq_ignore_ascii_case(TYPE) {
            return Err(VerifyError::Type(self.header.typ));
        }
        let Some(key) = keys.get(&self.header.kid) else {
            return Err(VerifyError::Key(self.header.kid));
        };
        let term = keys.term(&self.header.kid);
        match term.and_then(|term| term.end_at(self.issued_at)) {
            None => {}
            Some(End::Retired(at)) => return Err(VerifyError::Retired(self.header.kid, at)),
            Some(End::Revoked(at)) => return Err(VerifyError::Revoked(self.header.kid, at)),
        }
        if !key.has_signed(self.signed.as_bytes(), &self.signature) {
            return Err(VerifyError::Signature);
        }
        let record = self.record;
        if expect.issuer.is_some_and(|issuer| issuer != self.issuer) {
            return Err(VerifyError::Issuer(self.issuer));
        }
        if expect.site.is_some_and(|site| *site != record.site) {
            return Err(VerifyError::Audience(record.site));
        }
        if self.issued_at.get() > expect.at.get() + LEEWAY {
            return Err(VerifyError::NotYet(self.issued_at));
        }
        if record.expires_at <= expect.at {
            return Err(VerifyError::Expired(record.expires_at));
        }
        if expect.scope.is_some_and(|scope| scope != record.scope) {
            return Err(VerifyError::Scope(record.scope));
        }
        Ok(Receipt {
            record,
            issuer: self.issuer,
            issued_at: self.issued_at,
            key: key.id(),
        })
    }
}

/// Decided before it was signed, and for 13 calendar months at most: what no server signs, none may have signed.
fn check_times(record: &Record, issued_at: UnixSeconds) -> Result<(), VerifyError> {
    let (from, until) = (record.decided_at, record.expires_at);
    let wrong = if from > issued_at {
        "`dat` is after `iat`"
    } else if until <= from {
        "`exp` is not after `dat`"
    } else if until > from.plus_months(Months::THIRTEEN) {
        "`exp` is more than 13 calendar months after `dat`"
    } else {
        return Ok(());
    };
    Err(VerifyError::Claims(wrong.into()))
}

/// The claims of a receipt, byte for byte as they were signed. Whether they are claims, and who signed them, is not looked at.
pub fn signed_claims(receipt: &str) -> Result<Vec<u8>, VerifyError> {
    let claims = receipt.split('.').nth(1);
    decode("claims", claims.ok_or(VerifyError::Parts(1))?)
}

fn decode(part: &'static str, text: &str) -> Result<Vec<u8>, VerifyError> {
    URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| VerifyError::Base64(part))
}

/// Signs the records of one server with one key.
pub struct Signer {
    key: KeyId,
    sign: Box<Sign>,
    /// The first part of every receipt, and its dot.
    header: String,
    /// The issuer, as JSON.
    issuer: String,
}

impl Signer {
    /// Signs with this key for the server of this base URL.
    #[must_use]
    pub fn new(key: SigningKey, issuer: &str) -> Self {
        Self::with(key.id(), issuer, move |message| key.sign(message))
    }

    /// Signs with a function that makes the Ed25519 signatures of this key: a faster implementation, or a device that
    /// does not give its key away.
    #[must_use]
    pub fn with(
        key: KeyId,
        issuer: &str,
        sign: impl Fn(&[u8]) -> [u8; 64] + Send + Sync + 'static,
    ) -> Self {
        let header = alloc::format!("{{\"alg\":\"EdDSA\",\"kid\":\"{key}\",\"typ\":\"{TYPE}\"}}");
        Self {
            key,
            sign: Box::new(sign),
            header: URL_SAFE_NO_PAD.encode(header) + ".",
            issuer: serde_json::Value::from(issuer).to_string(),
        }
    }

    /// The key's name.
    #[must_use]
    pub const fn key(&self) -> KeyId {
        self.key
    }

    /// Signs something else than a receipt. What is signed must not look like one: two parts of base64url and a dot.
    #[cfg(feature = "evidence")]
    pub(crate) fn sign_bytes(&self, bytes: &[u8]) -> [u8; 64] {
        (self.sign)(bytes)
    }

    /// Signs a record, at a moment by the server's clock.
    #[must_use]
    pub fn sign(&self, record: &Record, at: UnixSeconds) -> String {
        let mut receipt = String::with_capacity(MAX_RECEIPT_LEN);
        receipt.push_str(&self.header);
        URL_SAFE_NO_PAD.encode_string(record.claims(Some((&self.issuer, at))), &mut receipt);
        let signature = (self.sign)(receipt.as_bytes());
        receipt.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut receipt);
        receipt
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("key", &self.key)
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Revocation;
    use crate::key::tests::rfc_8037;
    use crate::record::tests::example;
    use proptest::prelude::*;

    const ISSUER: &str = "https://consent.example";

    fn signed() -> (String, KeySet, Expectations<'static>) {
        let record = example();
        let keys = [rfc_8037().public_key()].into_iter().collect();
        let text = Signer::new(rfc_8037(), ISSUER).sign(&record, record.decided_at);
        let expect = Expectations {
            issuer: Some(ISSUER),
            scope: Some(record.scope),
            ..Expectations::at(record.decided_at)
        };
        (text, keys, expect)
    }

    /// Signs any header and claims, to see what a verifier does with them.
    fn forge(header: &str, claims: &str) -> String {
        let signed = [header, claims]
            .map(|part| URL_SAFE_NO_PAD.encode(part))
            .join(".");
        let signature = URL_SAFE_NO_PAD.encode(rfc_8037().sign(signed.as_bytes()));
        alloc::format!("{signed}.{signature}")
    }

    fn parts(text: &str) -> (String, String) {
        let parts: Vec<_> = text.split('.').collect();
        let part = |n: usize| String::from_utf8(URL_SAFE_NO_PAD.decode(parts[n]).unwrap()).unwrap();
        (part(0), part(1))
    }

    #[test]
    fn a_receipt_is_verified_and_holds_its_record() {
        let (text, keys, expect) = signed();
        let receipt = Receipt::verify(&text, &keys, &expect).unwrap();
        assert_eq!(receipt.record(), &example());
        assert_eq!(receipt.issuer(), ISSUER);
        assert_eq!(receipt.issued_at(), example().decided_at);
        assert_eq!(receipt.key(), rfc_8037().id());
        assert!(text.len() <= 900, "{} bytes", text.len());
    }

    #[test]
    fn the_header_is_this_and_the_claims_are_those_of_the_record_with_issuer_and_time() {
        let (header, claims) = parts(&signed().0);
        assert_eq!(
            header,
            "{\"alg\":\"EdDSA\",\"kid\":\"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k\",\"typ\":\"consent-receipt+jwt\"}"
        );
        let expected = example().to_json().replace(
            "\"jti\"",
            "\"iat\":1795316891,\"iss\":\"https://consent.example\",\"jti\"",
        );
        assert_eq!(claims, expected);
    }

    #[test]
    fn the_longest_receipt_of_a_scope_is_known_beforehand() {
        let scope = crate::scope::tests::example();
        let mut record = example();
        record.decision = crate::decision::Decision {
            act: crate::decision::Act::RefuseAll,
            source: crate::decision::Source::Placeholder,
            choices: scope
                .categories
                .keys()
                .map(|id| (id.clone(), false))
                .collect(),
            services: [("facebook".parse().unwrap(), false)].into_iter().collect(),
        };
        record.language = "zh-Hant".parse().unwrap();
        record.previous = Some(record.id);
        record.gpc = true;
        let now = record.decided_at;
        let signer = Signer::new(rfc_8037(), ISSUER);
        let by_service = signer.sign(&record, now).len();
        record.decision.services = crate::decision::Choices::default();
        let by_category = signer.sign(&record, now).len();
        assert_eq!(
            scope.longest_receipts(ISSUER.len()),
            [by_category, by_service]
        );
    }

    #[test]
    fn an_auditor_asks_about_a_date() {
        let (text, keys, mut expect) = signed();
        let decided = example().decided_at;
        let ends = decided.plus_months(Months::THIRTEEN);
        let moment = |seconds| UnixSeconds::new(seconds).unwrap();
        expect.at = moment(ends.get() - 1);
        assert!(Receipt::verify(&text, &keys, &expect).is_ok());
        expect.at = ends;
        assert_eq!(
            Receipt::verify(&text, &keys, &expect),
            Err(VerifyError::Expired(ends))
        );
        expect.at = moment(decided.get() - LEEWAY);
        assert!(Receipt::verify(&text, &keys, &expect).is_ok());
        expect.at = moment(decided.get() - LEEWAY - 1);
        assert_eq!(
            Receipt::verify(&text, &keys, &expect),
            Err(VerifyError::NotYet(decided))
        );
    }

    #[test]
    fn a_choice_begins_before_it_is_signed_and_ends_within_thirteen_months() {
        let keys = [rfc_8037().public_key()].into_iter().collect();
        let signer = Signer::new(rfc_8037(), ISSUER);
        let from = example().decided_at;
        let moment = |seconds| UnixSeconds::new(from.get() + seconds).unwrap();
        let longest = from.plus_months(Months::THIRTEEN).get() - from.get();
        for (signed, until, wrong) in [
            (0, 1, None),
            (9, longest, None),
            (
                9,
                longest + 1,
                Some("`exp` is more than 13 calendar months after `dat`"),
            ),
            (0, 0, Some("`exp` is not after `dat`")),
            (0, -1, Some("`exp` is not after `dat`")),
            (-1, longest, Some("`dat` is after `iat`")),
        ] {
            let record = Record {
                expires_at: moment(until),
                ..example()
            };
            let text = signer.sign(&record, moment(signed));
            let found = Receipt::verify(&text, &keys, &Expectations::at(from)).err();
            assert_eq!(found, wrong.map(|wrong| VerifyError::Claims(wrong.into())));
        }
    }

    #[test]
    fn each_step_that_fails_is_named() {
        let (text, keys, expect) = signed();
        let (header, claims) = parts(&text);
        let other_site = "carians".parse().unwrap();
        let fails = |text: &str, expect: &Expectations<'_>| {
            Receipt::verify(text, &keys, expect).unwrap_err()
        };
        let values = |object: &str| {
            let object: serde_json::Map<_, _> = serde_json::from_str(object).unwrap();
            object
                .into_iter()
                .map(|(_, value)| value)
                .collect::<serde_json::Value>()
                .to_string()
        };
        let swap = |from: &str, to: &str| forge(&header.replacen(from, to, 1), &claims);
        for (text, step) in [
            (String::new(), Step::Form),
            (text.replacen('.', "", 1), Step::Form),
            (alloc::format!("{text}="), Step::Form),
            (alloc::format!("{text}.{text}"), Step::Form),
            ("a".repeat(MAX_READ_LEN + 1), Step::Form),
            (forge(&header, "{}"), Step::Form),
            (
                forge(&header, &claims.replace("\"iat\":1795316891,", "")),
                Step::Form,
            ),
            (
                forge(
                    &header,
                    &claims.replace(
                        "\"act\":\"custom\",",
                        "\"act\":\"custom\",\"act\":\"custom\",",
                    ),
                ),
                Step::Form,
            ),
            (swap("{", "{\"crit\":[\"b64\"],"), Step::Form),
            (swap("{", "{\"jwk\":{},"), Step::Form),
            (swap("{", "{\"alg\":\"EdDSA\","), Step::Form),
            (forge(&values(&header), &claims), Step::Form),
            (forge(&header, &values(&claims)), Step::Form),
            (swap("\"EdDSA\"", "\"none\""), Step::Type),
            (swap("\"EdDSA\"", "\"HS256\""), Step::Type),
            (swap("consent-receipt+jwt", "JWT"), Step::Type),
            (swap("\"kPr", "\"kPs"), Step::Key),
            (text.replacen("eyJhY3Qi", "eyJhY3Qg", 1), Step::Form),
            (
                forge(&header, &claims).replacen(
                    &text[text.len() - 60..text.len() - 50],
                    "AAAAAAAAAA",
                    1,
                ),
                Step::Signature,
            ),
        ] {
            assert_eq!(fails(&text, &expect).step(), step, "{text}");
        }
        assert_eq!(
            fails(
                &text,
                &Expectations {
                    issuer: Some("https://other.example"),
                    ..expect
                }
            )
            .step(),
            Step::Issuer
        );
        assert_eq!(
            fails(
                &text,
                &Expectations {
                    site: Some(&other_site),
                    ..expect
                }
            )
            .step(),
            Step::Audience
        );
        assert_eq!(
            fails(
                &text,
                &Expectations {
                    scope: Some(Digest::from_bytes([9; 32])),
                    ..expect
                }
            )
            .step(),
            Step::Scope
        );
    }

    #[test]
    fn what_was_signed_when_its_key_had_ended_does_not_verify() {
        let (text, keys, expect) = signed();
        let (id, signed_at) = (rfc_8037().id(), example().decided_at);
        let moment = |seconds| UnixSeconds::new(signed_at.get() + seconds).unwrap();
        let revocation = |since| Revocation {
            since,
            reason: None,
        };
        let key = id.to_string();
        // In the second in which it ended, too: `iat` has no smaller parts.
        for (after, is_ended) in [(-1, true), (0, true), (1, false)] {
            let end = moment(after);
            let mut retired = keys.clone();
            retired.retire(id, end);
            let found = Receipt::verify(&text, &retired, &expect).err();
            let error = VerifyError::Retired(key.clone(), end);
            assert_eq!(found, is_ended.then_some(error));
            let mut revoked = keys.clone();
            revoked.revoke(id, revocation(end));
            let found = Receipt::verify(&text, &revoked, &expect).err();
            let error = VerifyError::Revoked(key.clone(), end);
            assert_eq!(found, is_ended.then_some(error));
        }
        let mut never = keys.clone();
        never.revoke(id, revocation(UnixSeconds::EPOCH));
        let error = Receipt::verify(&text, &never, &expect).unwrap_err();
        assert_eq!(error.step(), Step::Key);
        assert!(error.to_string().contains("no signature of it counts"));
        // A moment in the past that is asked about makes no difference.
        let past = Expectations {
            at: moment(-1),
            ..expect
        };
        let mut retired = keys;
        retired.retire(id, signed_at);
        assert!(Receipt::verify(&text, &retired, &past).is_err());
    }

    #[test]
    fn the_newer_name_of_the_algorithm_and_any_case_of_the_type_are_accepted() {
        let (text, keys, expect) = signed();
        let (header, claims) = parts(&text);
        for header in [
            header.replace("EdDSA", "Ed25519"),
            header.replace("consent-", "Consent-"),
        ] {
            assert!(
                Receipt::verify(&forge(&header, &claims), &keys, &expect).is_ok(),
                "{header}"
            );
        }
    }

    proptest! {
        #[test]
        fn one_changed_character_is_found(place in 0usize..800, to in "[A-Za-z0-9_-]") {
            let (text, keys, expect) = signed();
            let place = place % text.len();
            let mut changed = text.clone();
            changed.replace_range(place..=place, &to);
            prop_assume!(changed != text);
            prop_assert!(Receipt::verify(&changed, &keys, &expect).is_err());
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            let (_, keys, expect) = signed();
            prop_assert!(Receipt::verify(&text, &keys, &expect).is_err());
        }
    }
}
