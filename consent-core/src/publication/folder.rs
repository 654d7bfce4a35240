//! The folder of a publication's immutable files.

use alloc::string::String;

use crate::digest::Digest;

/// The length of a folder's name, in characters: 96 bits, which nobody can aim at.
pub const FOLDER_LEN: usize = 16;

/// The name of a publication's folder: the beginning of its digest, because every page view pays for it.
#[must_use]
pub fn folder_name(publication: &Digest) -> String {
    let mut name = publication.to_text();
    name.truncate(FOLDER_LEN);
    name
}
