//! Keys that sign receipts, and the published set that checks them (Ed25519: RFC 8032, RFC 8037).
//!
//! A server has one key that signs, and publishes it beside its retired ones for as long as a receipt names them. Each key of
//! the set has a [`Term`]: what it signed when that was over does not count, whoever signed it.
//!
//! ```
//! use consent_core::key::{KeySet, KeySetError, SigningKey};
//! use consent_core::time::UnixSeconds;
//!
//! let [old, new] = [[7; 32], [8; 32]].map(|seed| SigningKey::from_seed(&seed)); // real seeds are random
//! let mut published: KeySet = [old.public_key(), new.public_key()].into_iter().collect();
//! published.retire(old.id(), UnixSeconds::from_rfc3339("2026-11-22T10:08:11Z")?);
//! let jwks = published.to_jwks();
//! assert!(jwks.contains(r#""exp":1795342091"#));
//! assert_eq!(KeySet::from_jwks(&jwks)?, published);
//! assert_eq!(published.get(&new.id().to_string()), Some(&new.public_key()));
//! assert_eq!(KeySet::from_jwks(r#"{"keys":[]}"#), Err(KeySetError::Empty));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use core::fmt;

use alloc::collections::BTreeMap;
use alloc::collections::btree_map::Entry;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::Signer as _;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::json;
use crate::time::UnixSeconds;

/// An Ed25519 key that signs. Its secret is never printed.
pub struct SigningKey {
    secret: ed25519_dalek::SigningKey,
    id: KeyId,
}

/// An Ed25519 key that checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    key: ed25519_dalek::VerifyingKey,
    id: KeyId,
}

/// Names a key: its RFC 7638 thumbprint (`kid`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(Digest);

/// Until when what a key signs counts. Both ends are of the whole seconds of `iat`: what was signed in that second is after it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Term {
    /// From this moment on the server has signed nothing with it (`exp`, as in the historical keys of `OpenID` Federation 1.0).
    pub retired: Option<UnixSeconds>,
    /// It is in other hands, or may be (JWK `revoked`).
    pub revoked: Option<Revocation>,
}

/// Since when a key may be in other hands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// What it signed from this moment on does not count (`revoked_at`). The epoch: nothing that it has ever signed does.
    pub since: UnixSeconds,
    /// In the words of who revoked it (`reason`).
    pub reason: Option<String>,
}

/// What ended a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It was retired.
    Retired(UnixSeconds),
    /// It was revoked.
    Revoked(UnixSeconds),
}

/// The public keys that a verifier trusts, current and retired: a JWK set (RFC 7517 §5).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeySet(BTreeMap<String, Published>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Published {
    key: PublicKey,
    term: Term,
}

/// Why a text is not a key set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeySetError {
    /// Not a JSON object with a list of `keys`.
    #[error("not a JWK set: {0}")]
    Form(String),
    /// An Ed25519 key whose `x` is not one.
    #[error("key {0} of the set is not an Ed25519 public key")]
    Key(usize),
    /// A `kid` that is not the key's RFC 7638 thumbprint.
    #[error("key {0} of the set has a `kid` that is not its thumbprint")]
    Thumbprint(usize),
    /// An `exp` or a `revoked` that says no moment.
    #[error(
        "key {0} of the set has an end that is no moment: `exp` and `revoked_at` are whole Unix seconds"
    )]
    End(usize),
    /// No key that can check receipts.
    #[error("the set holds no Ed25519 key")]
    Empty,
}

impl SigningKey {
    /// The key of a 32-byte seed, which must come from a cryptographic source of randomness.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let secret = ed25519_dalek::SigningKey::from_bytes(seed);
        let id = KeyId::of(&secret.verifying_key());
        Self { secret, id }
    }

    /// The key's name.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// The half that can be published.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        PublicKey {
            key: self.secret.verifying_key(),
            id: self.id,
        }
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.secret.sign(message).to_bytes()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl PublicKey {
    /// The key's name.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// Reads the 32 bytes of RFC 8032 §5.1.5; `None` when they are not a point of the curve, or a weak one.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 32]) -> Option<Self> {
        let key = ed25519_dalek::VerifyingKey::from_bytes(bytes).ok()?;
        if key.is_weak() {
            None
        } else {
            Some(Self {
                id: KeyId::of(&key),
                key,
            })
        }
    }

    /// `SubjectPublicKeyInfo` (RFC 8410 §4) in PEM, as `openssl` reads it.
    #[must_use]
    pub fn to_pem(&self) -> String {
        // SEQUENCE { SEQUENCE { OID 1.3.101.112 }, BIT STRING }
        let mut der = b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00".to_vec();
        der.extend_from_slice(self.key.as_bytes());
        let base64 = base64::engine::general_purpose::STANDARD.encode(der);
        alloc::format!("-----BEGIN PUBLIC KEY-----\n{base64}\n-----END PUBLIC KEY-----\n")
    }

    pub(crate) fn has_signed(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        let signature = ed25519_dalek::Signature::from_bytes(signature);
        self.key.verify_strict(message, &signature).is_ok()
    }

    fn x(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.key.as_bytes())
    }
}

impl KeyId {
    /// RFC 7638 §3 with the members of RFC 8037 §2.
    fn of(key: &ed25519_dalek::VerifyingKey) -> Self {
        let x = URL_SAFE_NO_PAD.encode(key.as_bytes());
        let json = alloc::format!("{{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"{x}\"}}");
        Self(Digest::of(json.as_bytes()))
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Term {
    /// What had ended the key at this moment, if anything had.
    #[must_use]
    pub fn end_at(&self, moment: UnixSeconds) -> Option<End> {
        let revoked = self.revoked.as_ref().map(|revoked| revoked.since);
        match (revoked, self.retired) {
            (Some(since), _) if since <= moment => Some(End::Revoked(since)),
            (_, Some(at)) if at <= moment => Some(End::Retired(at)),
            _ => None,
        }
    }

    /// Whether it has no end yet: such a key may sign.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.retired.is_none() && self.revoked.is_none()
    }

    /// Of two that are told of one key, the earlier ends count: who says more knows more, and nobody gains by an earlier end.
    fn meet(&mut self, other: Self) {
        self.retired = match (self.retired, other.retired) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        self.revoked = match (self.revoked.take(), other.revoked) {
            (Some(one), Some(two)) if two.since < one.since => Some(two),
            (one, two) => one.or(two),
        };
    }
}

impl KeySet {
    /// The key of this name.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&PublicKey> {
        self.0.get(id).map(|published| &published.key)
    }

    /// Until when what the key of this name signs counts.
    #[must_use]
    pub fn term(&self, id: &str) -> Option<&Term> {
        self.0.get(id).map(|published| &published.term)
    }

    /// The keys, in the order of their names.
    pub fn keys(&self) -> impl Iterator<Item = &PublicKey> {
        self.0.values().map(|published| &published.key)
    }

    /// From this moment on, what this key signs does not count. A key that is not in the set stays out of it.
    pub fn retire(&mut self, id: KeyId, at: UnixSeconds) {
        self.end(
            id,
            Term {
                retired: Some(at),
                revoked: None,
            },
        );
    }

    /// This key is in other hands, or may be. A key that is not in the set stays out of it.
    pub fn revoke(&mut self, id: KeyId, revocation: Revocation) {
        self.end(
            id,
            Term {
                retired: None,
                revoked: Some(revocation),
            },
        );
    }

    fn end(&mut self, id: KeyId, term: Term) {
        if let Some(published) = self.0.get_mut(&id.to_string()) {
            published.term.meet(term);
        }
    }

    /// Takes the keys of another set in. Of a key in both, the earlier ends count.
    pub fn merge(&mut self, other: Self) {
        for published in other.0.into_values() {
            self.add(published);
        }
    }

    /// Those of these names.
    #[must_use]
    pub fn only(&self, ids: &[KeyId]) -> Self {
        let named = ids.iter().map(KeyId::to_string);
        let found = named.filter_map(|id| Some((id.clone(), self.0.get(&id)?.clone())));
        Self(found.collect())
    }

    /// The same keys as if none were revoked: to see whether what is stored is what was signed, whatever it is worth now.
    #[must_use]
    pub fn unrevoked(&self) -> Self {
        let mut keys = self.clone();
        for published in keys.0.values_mut() {
            published.term.revoked = None;
        }
        keys
    }

    fn add(&mut self, published: Published) {
        match self.0.entry(published.key.id().to_string()) {
            Entry::Vacant(place) => {
                place.insert(published);
            }
            Entry::Occupied(mut there) => there.get_mut().term.meet(published.term),
        }
    }

    /// Reads a JWK set. Keys of other kinds are passed over: they cannot have signed a receipt.
    pub fn from_jwks(text: &str) -> Result<Self, KeySetError> {
        #[derive(Deserialize)]
        struct Set {
            keys: Vec<json::OnlyObject<Jwk>>,
        }
        #[derive(Deserialize)]
        struct Jwk {
            kty: String,
            crv: Option<String>,
            x: Option<String>,
            kid: Option<String>,
            exp: Option<Said<i64>>,
            revoked: Option<Said<json::OnlyObject<Revoked>>>,
        }
        let set: Set =
            json::whole(text.as_bytes()).map_err(|error| KeySetError::Form(error.to_string()))?;
        let mut keys = Self::default();
        for (place, json::OnlyObject(jwk)) in set.keys.into_iter().enumerate() {
            if jwk.kty != "OKP" || jwk.crv.as_deref() != Some("Ed25519") {
                continue;
            }
            let mut bytes = [0; 32];
            let decoded = URL_SAFE_NO_PAD.decode_slice(jwk.x.as_deref().unwrap_or(""), &mut bytes);
            let key = decoded
                .ok()
                .filter(|len| *len == 32)
                .and_then(|_| PublicKey::from_bytes(&bytes));
            let key = key.ok_or(KeySetError::Key(place))?;
            let id = key.id().to_string();
            if jwk.kid.as_ref().is_some_and(|kid| *kid != id) {
                return Err(KeySetError::Thumbprint(place));
            }
            let term = read_term(jwk.exp.as_ref(), jwk.revoked).ok_or(KeySetError::End(place))?;
            keys.add(Published { key, term });
        }
        if keys.0.is_empty() {
            Err(KeySetError::Empty)
        } else {
            Ok(keys)
        }
    }

    /// Writes the JWK set. Keys carry no `alg`: some libraries skip a key whose `alg` they do not know, and both names
    /// (`EdDSA`, `Ed25519`) are in use. Of `exp` and `revoked`, a library that does not know them takes no notice.
    #[must_use]
    pub fn to_jwks(&self) -> String {
        #[derive(Serialize)]
        struct Set<'a> {
            keys: Vec<Jwk<'a>>,
        }
        #[derive(Serialize)]
        struct Jwk<'a> {
            kty: &'static str,
            crv: &'static str,
            x: String,
            kid: String,
            #[serde(rename = "use")]
            usage: &'static str,
            #[serde(skip_serializing_if = "Option::is_none")]
            exp: Option<i64>,
            #[serde(skip_serializing_if = "Option::is_none")]
            revoked: Option<Revoked<'a>>,
        }
        #[derive(Serialize)]
        struct Revoked<'a> {
            revoked_at: i64,
            #[serde(skip_serializing_if = "Option::is_none")]
            reason: Option<&'a str>,
        }
        let keys = self.0.values().map(|Published { key, term }| Jwk {
            kty: "OKP",
            crv: "Ed25519",
            x: key.x(),
            kid: key.id().to_string(),
            usage: "sig",
            exp: term.retired.map(UnixSeconds::get),
            revoked: term.revoked.as_ref().map(|revoked| Revoked {
                revoked_at: revoked.since.get(),
                reason: revoked.reason.as_deref(),
            }),
        });
        serde_json::to_string(&Set {
            keys: keys.collect(),
        })
        .unwrap_or_default()
    }
}

/// A member of a key: of keys of other kinds it may be anything.
#[derive(Deserialize)]
#[serde(untagged)]
enum Said<T> {
    Right(T),
    Wrong(IgnoredAny),
}

#[derive(Deserialize)]
struct Revoked {
    #[serde(rename = "revoked_at")]
    since: i64,
    reason: Option<String>,
}

/// `None` if it is none: a set that is misread must not give a key more time than it has.
fn read_term(
    exp: Option<&Said<i64>>,
    revoked: Option<Said<json::OnlyObject<Revoked>>>,
) -> Option<Term> {
    let moment = |seconds: i64| UnixSeconds::new(seconds).ok();
    let retired = match exp {
        Some(Said::Right(exp)) => Some(moment(*exp)?),
        Some(Said::Wrong(_)) => return None,
        None => None,
    };
    let revoked = match revoked {
        Some(Said::Right(json::OnlyObject(revoked))) => Some(Revocation {
            since: moment(revoked.since)?,
            reason: revoked.reason,
        }),
        Some(Said::Wrong(_)) => return None,
        None => None,
    };
    Some(Term { retired, revoked })
}

impl FromIterator<PublicKey> for KeySet {
    fn from_iter<I: IntoIterator<Item = PublicKey>>(keys: I) -> Self {
        let mut set = Self::default();
        for key in keys {
            set.add(Published {
                key,
                term: Term::default(),
            });
        }
        set
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// RFC 8037 appendix A.1.
    pub(crate) fn rfc_8037() -> SigningKey {
        let seed = URL_SAFE_NO_PAD
            .decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
            .unwrap();
        SigningKey::from_seed(&seed.try_into().unwrap())
    }

    #[test]
    fn the_key_of_rfc_8037_has_its_thumbprint_and_its_signature() {
        let key = rfc_8037();
        assert_eq!(
            key.public_key().x(),
            "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
        );
        assert_eq!(
            key.id().to_string(),
            "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
        );
        let signed = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
        let signature = key.sign(signed);
        assert_eq!(
            URL_SAFE_NO_PAD.encode(signature),
            "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
        );
        assert!(key.public_key().has_signed(signed, &signature));
        assert!(!key.public_key().has_signed(b"other", &signature));
    }

    #[test]
    fn a_set_reads_back_and_passes_over_other_kinds_of_key() {
        let set: KeySet = [
            rfc_8037().public_key(),
            SigningKey::from_seed(&[1; 32]).public_key(),
        ]
        .into_iter()
        .collect();
        assert_eq!(KeySet::from_jwks(&set.to_jwks()), Ok(set.clone()));
        let with_rsa = set.to_jwks().replace(
            "{\"keys\":[",
            "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"AQAB\"},",
        );
        assert_eq!(KeySet::from_jwks(&with_rsa), Ok(set));
    }

    #[test]
    fn broken_sets_say_which_key() {
        let set: KeySet = [rfc_8037().public_key()].into_iter().collect();
        let good = set.to_jwks();
        let weak = URL_SAFE_NO_PAD.encode([0; 32]);
        for (bad, error) in [
            (
                good.replace("\"x\":\"11q", "\"x\":\"!!q"),
                KeySetError::Key(0),
            ),
            (
                good.replace("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", &weak),
                KeySetError::Key(0),
            ),
            (
                good.replace("\"kid\":\"k", "\"kid\":\"j"),
                KeySetError::Thumbprint(0),
            ),
            ("{\"keys\":[]}".into(), KeySetError::Empty),
        ] {
            assert_eq!(KeySet::from_jwks(&bad), Err(error), "{bad}");
        }
        let array = |set: &str| set.replacen('{', "[", 1).replace("\"keys\":", "");
        let passed_over = |member| good.replacen('{', member, 1);
        for form in [
            String::from("[]"),
            alloc::format!("{}]", array(&good).trim_end_matches('}')),
            "{\"keys\":[[\"OKP\",\"Ed25519\"]]}".into(),
            passed_over("{\"x\":1,\"x\":1,"),
            passed_over("{\"x\":\"\\ud800\","),
        ] {
            let read = KeySet::from_jwks(&form);
            assert!(
                matches!(read, Err(KeySetError::Form(_))),
                "{form}: {read:?}"
            );
        }
    }

    fn at(seconds: i64) -> UnixSeconds {
        UnixSeconds::new(seconds).unwrap()
    }

    fn since(seconds: i64, reason: Option<&str>) -> Revocation {
        Revocation {
            since: at(seconds),
            reason: reason.map(String::from),
        }
    }

    #[test]
    fn the_ends_of_keys_are_in_the_set_and_read_back() {
        let key = rfc_8037().public_key();
        let mut set: KeySet = [key.clone()].into_iter().collect();
        set.retire(key.id(), at(200));
        set.revoke(key.id(), since(100, Some("a laptop was stolen")));
        let jwks = set.to_jwks();
        assert!(jwks.ends_with(
            ",\"use\":\"sig\",\"exp\":200,\"revoked\":{\"revoked_at\":100,\"reason\":\"a laptop was stolen\"}}]}"
        ));
        assert_eq!(KeySet::from_jwks(&jwks), Ok(set.clone()));
        let term = set.term(&key.id().to_string()).unwrap();
        assert_eq!(
            [99, 100, 300].map(|moment| term.end_at(at(moment))),
            [
                None,
                Some(End::Revoked(at(100))),
                Some(End::Revoked(at(100)))
            ]
        );
        let retired = Term {
            retired: Some(at(200)),
            revoked: Some(since(300, None)),
        };
        assert_eq!(
            [199, 200].map(|moment| retired.end_at(at(moment))),
            [None, Some(End::Retired(at(200)))]
        );
    }

    #[test]
    fn of_two_ends_of_one_key_the_earlier_counts() {
        let key = rfc_8037().public_key();
        let plain: KeySet = [key.clone()].into_iter().collect();
        let [mut early, mut late] = [plain.clone(), plain.clone()];
        early.retire(key.id(), at(100));
        early.revoke(key.id(), since(10, None));
        late.retire(key.id(), at(101));
        late.revoke(key.id(), since(11, Some("x")));
        for (mut one, two) in [
            (early.clone(), late.clone()),
            (late.clone(), early.clone()),
            (plain.clone(), early.clone()),
            (early.clone(), plain),
        ] {
            one.merge(two);
            assert_eq!(one, early);
        }
        // A set that names a key twice must not let the second unsay the first.
        let both = early.to_jwks().replace("]}", ",") + &late.to_jwks()["{\"keys\":[".len()..];
        assert_eq!(KeySet::from_jwks(&both), Ok(early));
    }

    #[test]
    fn an_end_that_is_no_moment_spoils_the_set() {
        let key = rfc_8037().public_key();
        let mut set: KeySet = [key.clone()].into_iter().collect();
        set.retire(key.id(), at(200));
        set.revoke(key.id(), since(100, None));
        let good = set.to_jwks();
        for (from, to) in [
            ("\"exp\":200", "\"exp\":200.0"),
            ("\"exp\":200", "\"exp\":\"200\""),
            ("\"exp\":200", "\"exp\":-1"),
            ("\"exp\":200", "\"exp\":99999999999999"),
            ("\"exp\":200", "\"exp\":true"),
            ("\"revoked_at\":100", "\"revoked_at\":1e2"),
            ("\"revoked_at\":100", "\"since\":100"),
            ("{\"revoked_at\":100}", "[100,null]"),
            ("{\"revoked_at\":100}", "100"),
            ("{\"revoked_at\":100}", "true"),
            ("{\"revoked_at\":100}", "{\"revoked_at\":100,\"reason\":7}"),
        ] {
            let bad = good.replace(from, to);
            assert_ne!(bad, good);
            assert_eq!(KeySet::from_jwks(&bad), Err(KeySetError::End(0)), "{bad}");
        }
        let twice = good.replace("{\"revoked_at\"", "{\"revoked_at\":999,\"revoked_at\"");
        let read = KeySet::from_jwks(&twice);
        assert!(matches!(read, Err(KeySetError::Form(_))), "{read:?}");
        let more = good.replace("{\"revoked_at\"", "{\"by\":{},\"revoked_at\"");
        assert_eq!(KeySet::from_jwks(&more), Ok(set.clone()));
        let other = good.replace("\"keys\":[", "\"keys\":[{\"kty\":\"RSA\",\"exp\":\"x\"},");
        assert_eq!(KeySet::from_jwks(&other), Ok(set));
    }

    #[test]
    fn the_secret_is_not_in_debug_output() {
        let text = alloc::format!("{:?}", SigningKey::from_seed(&[7; 32]));
        assert!(!text.contains('7') || !text.contains("7, 7"), "{text}");
        assert!(text.starts_with("SigningKey { id: KeyId("), "{text}");
    }
}
