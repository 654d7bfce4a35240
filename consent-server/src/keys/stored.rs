//! A key file: its form, its reading and its making.

use super::KeysError;
use crate::clock::random;
use crate::data::private::is_exposed;
use crate::data::{FileError, durable};
use crate::input;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use consent_core::key::{PublicKey, SigningKey};
use consent_core::note::{Algorithm, KeyName, NoteKey, NoteSigner};
use consent_core::time::UnixSeconds;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::Arc;

/// A key and when it was made.
#[derive(Debug)]
pub struct StoredKey {
    /// The half that is published.
    pub public: PublicKey,
    /// When it was made.
    pub created: UnixSeconds,
    pub(super) pair: Arc<Ed25519KeyPair>,
}

/// A private JWK (RFC 8037 §2).
#[derive(Serialize, Deserialize)]
struct PrivateJwk {
    kty: String,
    crv: String,
    kid: String,
    d: String,
    created: i64,
}

impl StoredKey {
    /// Signs notes under a name. `None` if the key is none that notes can have.
    #[must_use]
    pub fn into_note_signer(self, name: KeyName) -> Option<NoteSigner> {
        let bytes = self.pair.public_key().as_ref().try_into().ok()?;
        let key = NoteKey::new(name, Algorithm::Ed25519, &bytes)?;
        Some(NoteSigner::with(key, self.signing()))
    }

    /// Signs messages.
    pub(super) fn signing(&self) -> impl Fn(&[u8]) -> [u8; 64] + Send + Sync + use<> {
        let pair = Arc::clone(&self.pair);
        move |message| {
            let mut signature = [0; 64];
            signature.copy_from_slice(pair.sign(message).as_ref());
            signature
        }
    }

    /// Makes a key file. One that is there stays as it is, and is an error.
    pub(crate) fn create(path: &Path, now: UnixSeconds) -> Result<(), KeysError> {
        let seed = random::<32>()?;
        let jwk = PrivateJwk {
            kty: "OKP".into(),
            crv: "Ed25519".into(),
            kid: SigningKey::from_seed(&seed).id().to_string(),
            d: URL_SAFE_NO_PAD.encode(seed),
            created: now.get(),
        };
        let text = serde_json::to_string_pretty(&jwk).unwrap_or_default() + "\n";
        // On the disk before it signs.
        Ok(durable::create(path, text.as_bytes())?)
    }

    /// Reads a key file.
    pub(crate) fn read(path: &Path) -> Result<Self, KeysError> {
        refuse_exposed(path, "600")?;
        let text = input::read_text(path, input::TEXT).map_err(FileError::at(path))?;
        Self::parse(path, &text)
    }

    /// Reads the text of a key file. `path` is named in errors.
    pub(super) fn parse(path: &Path, text: &str) -> Result<Self, KeysError> {
        let broken = |reason| KeysError::Broken {
            path: path.to_owned(),
            reason,
        };
        let jwk: PrivateJwk =
            serde_json::from_str(text).map_err(|_| broken("not a private JWK"))?;
        if jwk.kty != "OKP" || jwk.crv != "Ed25519" {
            return Err(broken("not an Ed25519 key"));
        }
        let mut seed = [0; 32];
        let length = URL_SAFE_NO_PAD
            .decode_slice(&jwk.d, &mut seed)
            .map_err(|_| broken("`d` is not base64url"))?;
        if length != seed.len() {
            return Err(broken("`d` is not 32 bytes"));
        }
        let public = SigningKey::from_seed(&seed).public_key();
        if public.id().to_string() != jwk.kid {
            return Err(broken("`kid` is not the thumbprint of the key"));
        }
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed)
            .map_err(|_| broken("`d` is not an Ed25519 key"))?;
        let created =
            UnixSeconds::new(jwk.created).map_err(|_| broken("`created` is not a time"))?;
        Ok(Self {
            public,
            created,
            pair: Arc::new(pair),
        })
    }
}

/// Refuses what others than its owner can get at; `mode` is what it should have.
pub(crate) fn refuse_exposed(path: &Path, mode: &'static str) -> Result<(), KeysError> {
    if is_exposed(path)? {
        Err(KeysError::Exposed(path.display().to_string(), mode))
    } else {
        Ok(())
    }
}
