//! Signed notes (C2SP signed-note v1.0.0): a text, and the signatures of any number of keys below it.
//!
//! ```
//! use consent_core::note::{Note, NoteError, NoteKey, NoteSigner};
//!
//! let signer = NoteSigner::from_seed("log.example/shop".parse()?, &[7; 32]); // real seeds are random
//! let mut note = Note::new("What is signed.\n")?;
//! note.sign(&signer);
//! let written = note.to_string();
//!
//! // Whoever has the verifier key, one line of text, can check the note.
//! let key: NoteKey = signer.key().to_string().parse()?;
//! let read = Note::parse(&written)?;
//! assert_eq!(read.verify(&[key])?[0].key.name().as_str(), "log.example/shop");
//!
//! // A stranger's key checks nothing.
//! let stranger = NoteSigner::from_seed("log.example/shop".parse()?, &[8; 32]);
//! assert_eq!(read.verify(&[stranger.key().clone()]), Err(NoteError::NoKnownKey));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use core::fmt;

use alloc::string::String;
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::time::UnixSeconds;

mod cosigned;
mod key;

pub(crate) use cosigned::message;
#[cfg(feature = "receipt")]
pub(crate) use key::Sign;
pub use key::{Algorithm, KeyName, KeyNameError, NoteKey, NoteKeyError, NoteSigner};

/// What begins the line of a signature: an em dash and a space.
const DASH: &str = "\u{2014} ";

/// A note. Nothing in its text is to be believed before [`Note::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<NoteSignature>,
}

/// One line of signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteSignature {
    name: KeyName,
    id: u32,
    bytes: Vec<u8>,
}

/// A signature that was verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signed<'a> {
    /// Whose it is.
    pub key: &'a NoteKey,
    /// When it says it was made: cosignatures do, plain signatures do not.
    pub at: Option<UnixSeconds>,
}

/// Why a text is not a note, or not one to be believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Longer than [`Note::MAX_LEN`].
    #[error("a note has at most {} bytes", Note::MAX_LEN)]
    TooLong,
    /// A control character other than the end of a line.
    #[error("a note holds no control characters")]
    Control,
    /// The text does not end its last line, or is empty.
    #[error("the text of a note ends with the end of a line")]
    Text,
    /// No empty line with signatures below it.
    #[error("a note has an empty line, and signatures below it")]
    NoSignatures,
    /// More than [`Note::MAX_SIGNATURES`].
    #[error("a note has at most {} signatures", Note::MAX_SIGNATURES)]
    TooManySignatures,
    /// A line below the text that is not a signature; the first is 1.
    #[error("line {0} below the text of the note is not a signature")]
    Signature(usize),
    /// A key that is known has not signed this text.
    #[error("the signature of {0} is not over this text")]
    Wrong(KeyName),
    /// None of the keys that are known has signed.
    #[error("no key that is known has signed the note")]
    NoKnownKey,
}

impl Note {
    /// The longest note that is read, in bytes.
    pub const MAX_LEN: usize = 1 << 20;
    /// The most signatures that are read. The standard asks for room for 16.
    pub const MAX_SIGNATURES: usize = 100;

    /// A note that nobody has signed yet. The text must end with the end of a line.
    pub fn new(text: &str) -> Result<Self, NoteError> {
        check_characters(text)?;
        if text.is_empty() || !text.ends_with('\n') {
            return Err(NoteError::Text);
        }
        Ok(Self {
            text: text.into(),
            signatures: Vec::new(),
        })
    }

    /// Reads a note, strictly: what is read is written back byte for byte.
    pub fn parse(note: &str) -> Result<Self, NoteError> {
        check_characters(note)?;
        // The text may hold empty lines, the signatures none: the last one is between them.
        let cut = note.rfind("\n\n").ok_or(NoteError::NoSignatures)?;
        let (text, signatures) = (&note[..=cut], &note[cut + 2..]);
        let lines = signatures
            .strip_suffix('\n')
            .ok_or(NoteError::NoSignatures)?;
        let mut note = Self::new(text)?;
        for (place, line) in lines.split('\n').enumerate() {
            if place == Self::MAX_SIGNATURES {
                return Err(NoteError::TooManySignatures);
            }
            let signature = NoteSignature::parse(line);
            note.signatures
                .push(signature.ok_or(NoteError::Signature(place + 1))?);
        }
        Ok(note)
    }

    /// The text that is signed, with the end of its last line.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signatures, of known and unknown keys alike.
    #[must_use]
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Adds a signature that somebody made elsewhere.
    pub fn add(&mut self, signature: NoteSignature) {
        self.signatures.push(signature);
    }

    /// Signs the text.
    pub fn sign(&mut self, signer: &NoteSigner) {
        let signature = signer.sign(self.text.as_bytes());
        self.add(NoteSignature::new(signer.key(), &signature));
    }

    /// Checks the signatures of the keys that are known; those of others are passed over.
    ///
    /// One wrong signature of a known key spoils the note, and so does the lack of any.
    pub fn verify<'k>(&self, keys: &'k [NoteKey]) -> Result<Vec<Signed<'k>>, NoteError> {
        let mut verified = Vec::new();
        for signature in &self.signatures {
            let Some(key) = keys.iter().find(|key| signature.is_of(key)) else {
                continue;
            };
            let at = match key.algorithm() {
                Algorithm::Ed25519 => key
                    .has_signed(self.text.as_bytes(), &signature.bytes)
                    .then_some(None),
                Algorithm::Cosignature => {
                    cosigned::verify(key, &self.text, &signature.bytes).map(Some)
                }
            };
            let at = at.ok_or_else(|| NoteError::Wrong(key.name().clone()))?;
            verified.push(Signed { key, at });
        }
        if verified.is_empty() {
            Err(NoteError::NoKnownKey)
        } else {
            Ok(verified)
        }
    }
}

fn check_characters(text: &str) -> Result<(), NoteError> {
    if text.len() > Note::MAX_LEN {
        Err(NoteError::TooLong)
    } else if text.bytes().any(|byte| byte < b' ' && byte != b'\n') {
        Err(NoteError::Control)
    } else {
        Ok(())
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        f.write_str("\n")?;
        self.signatures
            .iter()
            .try_for_each(|signature| writeln!(f, "{signature}"))
    }
}

impl NoteSignature {
    pub(crate) fn new(key: &NoteKey, bytes: &[u8]) -> Self {
        Self {
            name: key.name().clone(),
            id: key.id(),
            bytes: bytes.into(),
        }
    }

    /// Reads one line of signature, without the end of the line.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let (name, signature) = line.strip_prefix(DASH)?.split_once(' ')?;
        let bytes = STANDARD.decode(signature).ok()?;
        let (id, bytes) = bytes.split_first_chunk()?;
        if bytes.is_empty() {
            return None;
        }
        Some(Self {
            name: name.parse().ok()?,
            id: u32::from_be_bytes(*id),
            bytes: bytes.into(),
        })
    }

    /// The name of the key that it claims to be of.
    #[must_use]
    pub const fn name(&self) -> &KeyName {
        &self.name
    }

    /// Whether it claims to be of this key.
    #[must_use]
    pub fn is_of(&self, key: &NoteKey) -> bool {
        self.id == key.id() && self.name == *key.name()
    }
}

impl fmt::Display for NoteSignature {
    /// The line, without its end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = self.id.to_be_bytes().to_vec();
        bytes.extend_from_slice(&self.bytes);
        write!(f, "{DASH}{} {}", self.name, STANDARD.encode(bytes))
    }
}

#[cfg(test)]
mod tests;
