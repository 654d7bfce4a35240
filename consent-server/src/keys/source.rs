//! Where the key that signs comes from.

use super::stored::StoredKey;
use super::{Keys, KeysError};
use crate::data::DataFolder;
use consent_core::time::UnixSeconds;
use std::fmt;
use std::path::{Path, PathBuf};

/// Where the key that signs comes from.
#[derive(Debug)]
pub enum KeySource {
    /// The newest in the data folder that has not ended.
    Data(DataFolder),
    /// A file outside the data folder, which keeps the public half alone.
    File {
        /// The data folder.
        data: DataFolder,
        /// The file.
        file: PathBuf,
    },
    /// A text from the environment.
    Text {
        /// The data folder.
        data: DataFolder,
        /// The private JWK. Never printed.
        jwk: Secret,
    },
}

/// A text that is not printed.
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl KeySource {
    /// Reads the keys, to sign with them; makes one if none in the data folder can sign, and none comes from elsewhere.
    pub fn open(&self, now: UnixSeconds) -> Result<Keys, KeysError> {
        if let Self::Data(data) = self {
            return Keys::open(data, now);
        }
        self.read()?.able_to_sign()
    }

    /// Reads the keys.
    pub fn read(&self) -> Result<Keys, KeysError> {
        match self {
            Self::Data(data) => Keys::read(data),
            Self::File { data, file } => Keys::elsewhere(data, StoredKey::read(file)?),
            Self::Text { data, jwk } => Keys::elsewhere(
                data,
                StoredKey::parse(Path::new("CONSENT_SIGNING_KEY"), &jwk.0)?,
            ),
        }
    }
}
