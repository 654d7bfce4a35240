//! Keys of notes: their names, their ids, and the line of text that publishes one.

use core::fmt;
use core::str::FromStr;

use alloc::boxed::Box;
use alloc::string::{String, ToString};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};

use crate::digest::Digest;

/// The name of a key: not empty, with no space and no `+`. A URL without its scheme, as a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyName(Box<str>);

/// The text is not the name of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the name of a key is not empty, and has no space, no control character and no '+'")]
pub struct KeyNameError;

impl KeyName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KeyName {
    type Err = KeyNameError;

    fn from_str(text: &str) -> Result<Self, KeyNameError> {
        let is_bad = |c: char| c.is_whitespace() || c.is_control() || c == '+';
        if text.is_empty() || text.contains(is_bad) {
            Err(KeyNameError)
        } else {
            Ok(Self(text.into()))
        }
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a key signs, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Algorithm {
    /// Ed25519 over the text of the note (type 0x01 of signed-note): logs.
    Ed25519,
    /// Ed25519 over the text and the time (type 0x04, tlog-cosignature v1): witnesses.
    Cosignature,
}

impl Algorithm {
    const fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 0x01,
            Self::Cosignature => 0x04,
        }
    }
}

/// A key that checks notes; its written form is the `vkey` of signed-note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteKey {
    name: KeyName,
    algorithm: Algorithm,
    key: VerifyingKey,
    id: u32,
}

/// Why a text is not the key of a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteKeyError {
    /// Not a name, an id and a key between two `+`.
    #[error(
        "a verifier key is a name, an id of 8 hexadecimal digits and a key in base64, with '+' between them"
    )]
    Form,
    /// Not a name.
    #[error(transparent)]
    Name(#[from] KeyNameError),
    /// Another kind of key.
    #[error("keys of type {0} are not known here, only Ed25519 (1) and Ed25519 cosignatures (4)")]
    Algorithm(u8),
    /// Not a point of the curve, or a weak one.
    #[error("not an Ed25519 public key")]
    Key,
    /// The id is not that of the name and the key: one of them was mistyped.
    #[error("the id of the verifier key is not that of its name and its key")]
    Id,
}

impl NoteKey {
    /// The key of this name and these 32 bytes (RFC 8032 §5.1.5); `None` when they are no key, or a weak one.
    #[must_use]
    pub fn new(name: KeyName, algorithm: Algorithm, bytes: &[u8; 32]) -> Option<Self> {
        let key = VerifyingKey::from_bytes(bytes).ok()?;
        (!key.is_weak()).then(|| Self::of(name, algorithm, key))
    }

    fn of(name: KeyName, algorithm: Algorithm, key: VerifyingKey) -> Self {
        let mut hashed = name.as_str().as_bytes().to_vec();
        hashed.extend_from_slice(&[b'\n', algorithm.byte()]);
        hashed.extend_from_slice(key.as_bytes());
        let digest = Digest::of(&hashed);
        let [a, b, c, d, ..] = *digest.as_bytes();
        Self {
            name,
            algorithm,
            key,
            id: u32::from_be_bytes([a, b, c, d]),
        }
    }

    /// The key's name.
    #[must_use]
    pub const fn name(&self) -> &KeyName {
        &self.name
    }

    /// The four bytes that tell keys of one name apart. No proof of anything: anybody can make a key with the id of another.
    #[must_use]
    pub const fn id(&self) -> u32 {
        self.id
    }

    /// What the key signs.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    pub(crate) fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        ed25519_dalek::Signature::from_slice(signature)
            .is_ok_and(|signature| self.key.verify_strict(message, &signature).is_ok())
    }
}

impl FromStr for NoteKey {
    type Err = NoteKeyError;

    fn from_str(text: &str) -> Result<Self, NoteKeyError> {
        let (name, rest) = text.split_once('+').ok_or(NoteKeyError::Form)?;
        // Base64 has a `+` too: only the first two count.
        let (id, key) = rest.split_once('+').ok_or(NoteKeyError::Form)?;
        let name: KeyName = name.parse()?;
        let key = STANDARD.decode(key).map_err(|_| NoteKeyError::Form)?;
        let (algorithm, key) = key.split_first().ok_or(NoteKeyError::Form)?;
        let algorithm = match algorithm {
            0x01 => Algorithm::Ed25519,
            0x04 => Algorithm::Cosignature,
            other => return Err(NoteKeyError::Algorithm(*other)),
        };
        let key = key.try_into().map_err(|_| NoteKeyError::Key)?;
        let key = Self::new(name, algorithm, key).ok_or(NoteKeyError::Key)?;
        if id == alloc::format!("{:08x}", key.id) {
            Ok(key)
        } else {
            Err(NoteKeyError::Id)
        }
    }
}

impl fmt::Display for NoteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = alloc::vec![self.algorithm.byte()];
        bytes.extend_from_slice(self.as_bytes());
        write!(
            f,
            "{}+{:08x}+{}",
            self.name,
            self.id,
            STANDARD.encode(bytes)
        )
    }
}

/// The Ed25519 signature of a message.
pub(crate) type Sign = dyn Fn(&[u8]) -> [u8; 64] + Send + Sync;

/// Signs notes with one key. Its secret is never printed.
pub struct NoteSigner {
    key: NoteKey,
    sign: Box<Sign>,
}

impl NoteSigner {
    /// The plain Ed25519 key of a 32-byte seed, which must come from a cryptographic source of randomness.
    #[must_use]
    pub fn from_seed(name: KeyName, seed: &[u8; 32]) -> Self {
        Self::of_seed(name, Algorithm::Ed25519, seed)
    }

    pub(crate) fn of_seed(name: KeyName, algorithm: Algorithm, seed: &[u8; 32]) -> Self {
        let secret = SigningKey::from_bytes(seed);
        Self {
            key: NoteKey::of(name, algorithm, secret.verifying_key()),
            sign: Box::new(move |message| secret.sign(message).to_bytes()),
        }
    }

    /// Signs with a function that makes the Ed25519 signatures of this key: a faster implementation, or a device that
    /// does not give its key away.
    #[must_use]
    pub fn with(key: NoteKey, sign: impl Fn(&[u8]) -> [u8; 64] + Send + Sync + 'static) -> Self {
        Self {
            key,
            sign: Box::new(sign),
        }
    }

    /// The half that can be published.
    #[must_use]
    pub const fn key(&self) -> &NoteKey {
        &self.key
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        (self.sign)(message)
    }
}

impl fmt::Debug for NoteSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key: String = self.key.to_string();
        f.debug_struct("NoteSigner")
            .field("key", &key)
            .finish_non_exhaustive()
    }
}
