//! Keys that sign receipts, and the published set that checks them (Ed25519: RFC 8032, RFC 8037).
//!
//! A server has one key that signs, and publishes it beside its retired ones for as long as a receipt names them.
//!
//! ```
//! use consent_core::key::{KeySet, KeySetError, SigningKey};
//!
//! let [old, new] = [[7; 32], [8; 32]].map(|seed| SigningKey::from_seed(&seed)); // real seeds are random
//! let published: KeySet = [old.public_key(), new.public_key()].into_iter().collect();
//! let jwks = published.to_jwks();
//! assert_eq!(KeySet::from_jwks(&jwks)?, published);
//! assert_eq!(published.get(&new.id().to_string()), Some(&new.public_key()));
//! assert_eq!(KeySet::from_jwks(r#"{"keys":[]}"#), Err(KeySetError::Empty));
//! # Ok::<(), KeySetError>(())
//! ```

use core::fmt;

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::Signer as _;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;

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

/// The public keys that a verifier trusts, current and retired: a JWK set (RFC 7517 §5).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeySet(BTreeMap<String, PublicKey>);

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

impl KeySet {
    /// The key of this name.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&PublicKey> {
        self.0.get(id)
    }

    /// The keys, in the order of their names.
    pub fn keys(&self) -> impl Iterator<Item = &PublicKey> {
        self.0.values()
    }

    /// Reads a JWK set. Keys of other kinds are passed over: they cannot have signed a receipt.
    pub fn from_jwks(json: &str) -> Result<Self, KeySetError> {
        #[derive(Deserialize)]
        struct Set {
            keys: Vec<Jwk>,
        }
        #[derive(Deserialize)]
        struct Jwk {
            kty: String,
            crv: Option<String>,
            x: Option<String>,
            kid: Option<String>,
        }
        let set: Set =
            serde_json::from_str(json).map_err(|error| KeySetError::Form(error.to_string()))?;
        let mut keys = BTreeMap::new();
        for (place, jwk) in set.keys.iter().enumerate() {
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
            keys.insert(id, key);
        }
        if keys.is_empty() {
            Err(KeySetError::Empty)
        } else {
            Ok(Self(keys))
        }
    }

    /// Writes the JWK set. Keys carry no `alg`: some libraries skip a key whose `alg` they do not know, and both names
    /// (`EdDSA`, `Ed25519`) are in use.
    #[must_use]
    pub fn to_jwks(&self) -> String {
        #[derive(Serialize)]
        struct Set {
            keys: Vec<Jwk>,
        }
        #[derive(Serialize)]
        struct Jwk {
            kty: &'static str,
            crv: &'static str,
            x: String,
            kid: String,
            #[serde(rename = "use")]
            usage: &'static str,
        }
        let keys = self.keys().map(|key| Jwk {
            kty: "OKP",
            crv: "Ed25519",
            x: key.x(),
            kid: key.id().to_string(),
            usage: "sig",
        });
        serde_json::to_string(&Set {
            keys: keys.collect(),
        })
        .unwrap_or_default()
    }
}

impl FromIterator<PublicKey> for KeySet {
    fn from_iter<I: IntoIterator<Item = PublicKey>>(keys: I) -> Self {
        Self(
            keys.into_iter()
                .map(|key| (key.id().to_string(), key))
                .collect(),
        )
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
        assert!(matches!(KeySet::from_jwks("[]"), Err(KeySetError::Form(_))));
    }

    #[test]
    fn the_secret_is_not_in_debug_output() {
        let text = alloc::format!("{:?}", SigningKey::from_seed(&[7; 32]));
        assert!(!text.contains('7') || !text.contains("7, 7"), "{text}");
        assert!(text.starts_with("SigningKey { id: KeyId("), "{text}");
    }
}
