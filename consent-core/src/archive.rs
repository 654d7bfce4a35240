//! A zip archive in one form: the same files always make the same bytes, and every bit of those bytes counts.
//!
//! The files are in the order of their names, stored without compression, without dates, rights or comments
//! (APPNOTE.TXT 6.3.10: §4.3.7 local header, §4.3.12 central directory, §4.3.16 end). Any zip program opens it.
//!
//! ```
//! use consent_core::archive::{Archive, ArchiveError};
//!
//! let mut archive = Archive::default();
//! archive.insert("b.txt", b"two".to_vec());
//! archive.insert("a.txt", b"one".to_vec());
//! let mut zip = archive.to_zip();
//! assert_eq!(Archive::from_zip(&zip)?, archive);
//!
//! let last = zip.len() - 1; // the length of the comment, which is not there
//! zip[last] ^= 1;
//! assert_eq!(Archive::from_zip(&zip), Err(ArchiveError::Form(last)));
//! # Ok::<(), ArchiveError>(())
//! ```

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

/// Files by name, in the order of their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Archive(BTreeMap<String, Vec<u8>>);

/// Why bytes are not an archive of this form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveError {
    /// Longer than [`Archive::MAX_LEN`].
    #[error("longer than {} bytes", Archive::MAX_LEN)]
    TooLong,
    /// Not a zip archive, or cut short.
    #[error("not a zip archive, or cut short, at byte {0}")]
    Cut(usize),
    /// A name that is not plain ASCII.
    #[error("the name of a file at byte {0} is not a plain path")]
    Name(usize),
    /// A file whose content is not what its checksum says.
    #[error("the content of {0} is not what its checksum says")]
    Content(String),
    /// A bit that is not as this form wants it.
    #[error("byte {0} of the archive is not as it was written")]
    Form(usize),
}

/// Versions of the format: 1.0, files without compression.
const VERSION: u16 = 10;
/// 1 January 1980, the first day that the format can name.
const DATE: u16 = 0x21;
const LOCAL: [u8; 4] = *b"PK\x03\x04";
const CENTRAL: [u8; 4] = *b"PK\x01\x02";
const END: [u8; 4] = *b"PK\x05\x06";
/// The bytes of a local header before the name.
const LOCAL_LEN: usize = 30;

impl Archive {
    /// The longest archive that is read, in bytes.
    pub const MAX_LEN: usize = 64 << 20;

    /// Puts a file in, instead of one of the same name. Names are ASCII paths with `/`, and short.
    pub fn insert(&mut self, name: &str, content: Vec<u8>) {
        debug_assert!(is_plain(name.as_bytes()), "{name}");
        self.0.insert(name.into(), content);
    }

    /// A file's content.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.0.get(name).map(Vec::as_slice)
    }

    /// Takes a file out.
    pub fn remove(&mut self, name: &str) -> Option<Vec<u8>> {
        self.0.remove(name)
    }

    /// The files, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(name, content)| (&**name, &**content))
    }

    /// The archive as bytes.
    #[must_use]
    pub fn to_zip(&self) -> Vec<u8> {
        let (mut zip, mut central) = (Vec::new(), Vec::new());
        for (name, content) in self.iter() {
            let start = length(zip.len());
            let mut about = Vec::new();
            // Version, flags, method, time, date.
            for number in [VERSION, 0, 0, 0, DATE] {
                about.extend_from_slice(&number.to_le_bytes());
            }
            for number in [
                crc32fast::hash(content),
                length(content.len()),
                length(content.len()),
            ] {
                about.extend_from_slice(&number.to_le_bytes());
            }
            about.extend_from_slice(&count(name.len()).to_le_bytes());
            // No extra field.
            about.extend_from_slice(&[0; 2]);
            for part in [&LOCAL, &about[..], name.as_bytes(), content] {
                zip.extend_from_slice(part);
            }
            central.extend_from_slice(&CENTRAL);
            central.extend_from_slice(&VERSION.to_le_bytes());
            central.extend_from_slice(&about);
            // No comment, first disk, no attributes.
            central.extend_from_slice(&[0; 10]);
            central.extend_from_slice(&start.to_le_bytes());
            central.extend_from_slice(name.as_bytes());
        }
        let start = length(zip.len());
        zip.extend_from_slice(&central);
        zip.extend_from_slice(&END);
        // First disk, twice.
        zip.extend_from_slice(&[0; 4]);
        for _ in 0..2 {
            zip.extend_from_slice(&count(self.0.len()).to_le_bytes());
        }
        zip.extend_from_slice(&length(central.len()).to_le_bytes());
        zip.extend_from_slice(&start.to_le_bytes());
        // No comment.
        zip.extend_from_slice(&[0; 2]);
        zip
    }

    /// Reads an archive of this form, and no other: one bit that differs is an error.
    pub fn from_zip(zip: &[u8]) -> Result<Self, ArchiveError> {
        if zip.len() > Self::MAX_LEN {
            return Err(ArchiveError::TooLong);
        }
        let mut archive = Self::default();
        let mut place = 0;
        let mut broken = None;
        while let Some(header) = zip.get(place..place + LOCAL_LEN)
            && header.starts_with(&LOCAL)
        {
            let number = |at: usize| {
                u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
            };
            let name_len = usize::from(u16::from_le_bytes([header[26], header[27]]));
            // What is longer than memory is longer than the archive.
            let len = usize::try_from(number(18)).unwrap_or(usize::MAX);
            let start = place + LOCAL_LEN;
            let name = zip
                .get(start..start + name_len)
                .filter(|name| is_plain(name));
            let name = name.and_then(|name| core::str::from_utf8(name).ok());
            let name = name.ok_or(ArchiveError::Name(start))?;
            let start = start + name_len;
            let end = start.checked_add(len).ok_or(ArchiveError::Cut(place))?;
            let content = zip.get(start..end).ok_or(ArchiveError::Cut(place))?;
            if crc32fast::hash(content) != number(14) && broken.is_none() {
                broken = Some(name);
            }
            archive.insert(name, content.to_vec());
            place = end;
        }
        if archive.0.is_empty() {
            return Err(ArchiveError::Cut(0));
        }
        if let Some(name) = broken {
            return Err(ArchiveError::Content(name.into()));
        }
        let expected = archive.to_zip();
        let same = zip
            .iter()
            .zip(&expected)
            .take_while(|(a, b)| a == b)
            .count();
        if same < zip.len().max(expected.len()) {
            return Err(ArchiveError::Form(same));
        }
        Ok(archive)
    }
}

/// Letters, digits and `-._`, in parts between `/`; no part is empty, or begins with a dot.
fn is_plain(name: &[u8]) -> bool {
    let is_letter = |b: &u8| b.is_ascii_alphanumeric() || b"-._".contains(b);
    name.len() <= 100
        && name.split(|b| *b == b'/').all(|part| {
            part.first().is_some_and(|first| *first != b'.') && part.iter().all(is_letter)
        })
}

/// Evidence is far below the four gigabytes that the format can count.
fn length(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

fn count(files: usize) -> u16 {
    u16::try_from(files).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn example() -> Archive {
        let mut archive = Archive::default();
        archive.insert("SHA256SUMS", b"sums".to_vec());
        archive.insert("keys/a.pem", Vec::new());
        archive.insert("notice.html", b"<p>hello".to_vec());
        archive
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_found() {
        let zip = example().to_zip();
        assert_eq!(Archive::from_zip(&zip), Ok(example()));
        for bit in 0..zip.len() * 8 {
            let mut flipped = zip.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(Archive::from_zip(&flipped).is_err(), "bit {bit}");
        }
        for end in 0..zip.len() {
            assert!(Archive::from_zip(&zip[..end]).is_err(), "cut at {end}");
        }
        let mut longer = zip.clone();
        longer.push(0);
        assert_eq!(
            Archive::from_zip(&longer),
            Err(ArchiveError::Form(zip.len()))
        );
    }

    #[test]
    fn a_changed_content_is_named() {
        let mut zip = example().to_zip();
        let place = zip.windows(5).position(|part| part == b"hello").unwrap();
        zip[place] = b'j';
        assert_eq!(
            Archive::from_zip(&zip),
            Err(ArchiveError::Content("notice.html".into()))
        );
    }

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        for bad in [
            "",
            "/etc/passwd",
            "../a",
            "a/../b",
            ".a",
            "a//b",
            "a\\b",
            "a b",
            "é",
            "a/",
        ] {
            assert!(!is_plain(bad.as_bytes()), "{bad}");
        }
        let mut zip = example().to_zip();
        zip[LOCAL_LEN] = b'/';
        assert_eq!(Archive::from_zip(&zip), Err(ArchiveError::Name(LOCAL_LEN)));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(files in prop::collection::btree_map("[a-z0-9]{1,8}(/[a-z0-9]{1,8})?", prop::collection::vec(any::<u8>(), 0..200), 1..8)) {
            let archive = Archive(files);
            prop_assert_eq!(Archive::from_zip(&archive.to_zip()), Ok(archive));
        }

        #[test]
        fn whatever_is_read_is_written_back(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut zip = LOCAL.to_vec();
            zip.extend(bytes);
            prop_assert!(Archive::from_zip(&zip).is_err());
        }
    }
}
