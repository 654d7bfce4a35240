//! What publishing costs most, kept from one start to the next: files with their compressed forms, and of which files a
//! publication consists.
//!
//! Each entry is named by what it was made from, and read only if it is whole. All of it can be made anew: a folder that
//! was deleted, is damaged or cannot be written costs time and nothing else.

use crate::data::{DataFolder, durable, private};
use crate::sha256::AwsLc;
use crate::static_file::{CODERS, StaticFile};
use axum::body::Bytes;
use consent_core::digest::Digest;
use consent_core::merkle::TreeHasher as _;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Read as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// The two parts of the cache.
const FILES: &str = "files";
const PUBLICATIONS: &str = "publications";

/// No entry is as long.
const MAX_LEN: u64 = 64 << 20;

/// Before the bytes of an entry: the digest of its name and of them.
const HEAD: usize = 32;

/// In the place of a length: a form that a file does not have.
const NONE: u32 = u32::MAX;

/// A folder of entries, or none.
#[derive(Debug, Default)]
pub struct Cache {
    folder: Option<PathBuf>,
    /// Whether it was told that nothing can be written.
    told: AtomicBool,
    /// Tells apart what is being written.
    writes: AtomicU64,
}

/// Of which files a publication consists, by their digests.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Listed {
    /// The publication's.
    pub(crate) digest: String,
    /// The notices', by language.
    pub(crate) notices: BTreeMap<String, String>,
    /// The gate alone.
    pub(crate) gate: String,
    /// The gate with the notice of a language; in the order of the site's languages.
    pub(crate) ahead: Vec<(String, String)>,
    /// The files of its folder, by name.
    pub(crate) files: BTreeMap<String, String>,
}

impl Cache {
    /// One that keeps nothing.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// That of a data folder; one that keeps nothing if it cannot be made.
    #[must_use]
    pub fn open(data: &DataFolder) -> Self {
        let folder = data.cache();
        let made = [FILES, PUBLICATIONS].map(|part| private::make_folder(&folder.join(part)));
        match made.into_iter().collect::<Result<(), _>>() {
            Ok(()) => Self {
                folder: Some(folder),
                ..Self::default()
            },
            Err(error) => {
                tracing::warn!(%error, "what is compressed is not kept for the next start");
                Self::none()
            }
        }
    }

    /// A file of this digest, with its compressed forms.
    pub(crate) fn file(&self, content_type: &'static str, digest: Digest) -> Option<StaticFile> {
        let entry = self.read(FILES, &name_of_file(&digest))?;
        let [identity, gzip, brotli] = unpack(&entry)?;
        Some(StaticFile::ready(
            content_type,
            digest,
            identity?,
            gzip,
            brotli,
        ))
    }

    /// Keeps a file.
    pub(crate) fn keep_file(&self, file: &StaticFile) {
        self.write(FILES, &name_of_file(file.digest()), &pack(file.forms()));
    }

    /// The publication that was made from what this is the digest of.
    pub(crate) fn publication(&self, inputs: &Digest) -> Option<Listed> {
        let entry = self.read(PUBLICATIONS, &inputs.to_hex())?;
        serde_json::from_slice(&entry).ok()
    }

    /// Keeps a publication.
    pub(crate) fn keep_publication(&self, inputs: &Digest, listed: &Listed) {
        if let Ok(text) = serde_json::to_vec(listed) {
            self.write(PUBLICATIONS, &inputs.to_hex(), &text);
        }
    }

    /// Deletes all other entries: what nobody publishes any more.
    pub(crate) fn keep_only(&self, files: &BTreeSet<Digest>, publications: &BTreeSet<Digest>) {
        let files = files.iter().map(name_of_file).collect();
        let publications = publications.iter().map(|inputs| inputs.to_hex()).collect();
        for (part, names) in [(FILES, files), (PUBLICATIONS, publications)] {
            self.sweep(part, &names);
        }
    }

    fn sweep(&self, part: &str, names: &BTreeSet<String>) {
        let Some(folder) = &self.folder else { return };
        let entries = fs::read_dir(folder.join(part)).into_iter().flatten();
        for entry in entries.flatten() {
            let is_kept = entry
                .file_name()
                .to_str()
                .is_some_and(|n| names.contains(n));
            if !is_kept {
                // It is in nobody's way.
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    /// An entry, if it is there and whole.
    fn read(&self, part: &str, name: &str) -> Option<Bytes> {
        let path = self.folder.as_ref()?.join(part).join(name);
        let mut bytes = Vec::new();
        let file = File::open(path).ok()?;
        file.take(MAX_LEN).read_to_end(&mut bytes).ok()?;
        let bytes = Bytes::from(bytes);
        let (head, entry) = bytes.split_at_checked(HEAD)?;
        let is_whole = digest(name, entry).as_bytes() == head;
        is_whole.then(|| bytes.slice(HEAD..))
    }

    fn write(&self, part: &str, name: &str, entry: &[u8]) {
        let Some(folder) = &self.folder else { return };
        let path = folder.join(part).join(name);
        let number = self.writes.fetch_add(1, Ordering::Relaxed);
        // Not synced: an entry that a power cut has spoiled is made anew.
        let digest = digest(name, entry);
        let content: [&[u8]; 2] = [digest.as_bytes(), entry];
        let written = durable::write_unsynced(&path, &format!("{number}.new"), &content);
        if let Err(error) = written
            && !self.told.swap(true, Ordering::Relaxed)
        {
            tracing::warn!(%error, "what is compressed is not kept for the next start");
        }
    }
}

fn digest(name: &str, entry: &[u8]) -> Digest {
    AwsLc::sha256(&[name.as_bytes(), entry])
}

/// Other coders make other entries.
fn name_of_file(digest: &Digest) -> String {
    AwsLc::sha256(&[CODERS.as_bytes(), digest.as_bytes()]).to_hex()
}

/// The lengths of the forms, and the forms.
fn pack(forms: [Option<&Bytes>; 3]) -> Vec<u8> {
    let length = |form: &Bytes| u32::try_from(form.len()).unwrap_or(NONE);
    let lengths = forms.map(|form| form.map_or(NONE, length).to_le_bytes());
    let mut packed = lengths.concat();
    for form in forms.into_iter().flatten() {
        packed.extend_from_slice(form);
    }
    packed
}

fn unpack(packed: &Bytes) -> Option<[Option<Bytes>; 3]> {
    let (lengths, _) = packed.as_chunks::<4>();
    let mut place = 3 * 4;
    let mut forms = [None, None, None];
    for (form, length) in forms.iter_mut().zip(lengths.get(..3)?) {
        let length = u32::from_le_bytes(*length);
        if length != NONE {
            let end = place + usize::try_from(length).ok()?;
            *form = (end <= packed.len()).then(|| packed.slice(place..end));
            place = end;
        }
    }
    (place == packed.len()).then_some(forms)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn file() -> StaticFile {
        StaticFile::new("text/html; charset=utf-8", b"<p>words</p>".repeat(90))
    }

    fn only_entry(data: &Path) -> PathBuf {
        let mut entries = fs::read_dir(data.join("cache/files")).unwrap();
        entries.next().unwrap().unwrap().path()
    }

    #[test]
    fn a_file_comes_back_as_it_was_and_only_under_its_own_digest() {
        let data = tempfile::tempdir().unwrap();
        let cache = Cache::open(&DataFolder::at(data.path()));
        let file = file();
        cache.keep_file(&file);
        let read = Cache::open(&DataFolder::at(data.path()))
            .file("text/html; charset=utf-8", *file.digest());
        assert_eq!(read.unwrap().forms(), file.forms());
        let other = Digest::of(b"other");
        assert!(cache.file("text/html; charset=utf-8", other).is_none());
        // Under another's name it is as good as damaged.
        let there = only_entry(data.path());
        fs::rename(&there, there.with_file_name(name_of_file(&other))).unwrap();
        assert!(cache.file("text/html; charset=utf-8", other).is_none());
    }

    #[test]
    fn whatever_byte_is_damaged_the_entry_is_not_used() {
        let data = tempfile::tempdir().unwrap();
        let cache = Cache::open(&DataFolder::at(data.path()));
        let file = file();
        cache.keep_file(&file);
        let path = only_entry(data.path());
        let whole = fs::read(&path).unwrap();
        let is_used = |bytes: &[u8]| {
            fs::write(&path, bytes).unwrap();
            cache
                .file("text/html; charset=utf-8", *file.digest())
                .is_some()
        };
        for place in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[place] ^= 1;
            assert!(!is_used(&damaged), "byte {place}");
        }
        for length in [0, 1, HEAD, HEAD + 11, HEAD + 12, whole.len() - 1] {
            assert!(!is_used(&whole[..length]), "{length} bytes");
        }
        assert!(is_used(&whole));
    }

    #[test]
    fn what_is_published_no_longer_goes_and_so_does_what_a_crash_left() {
        let data = tempfile::tempdir().unwrap();
        let cache = Cache::open(&DataFolder::at(data.path()));
        let (kept, gone) = (file(), StaticFile::new("text/plain", b"gone".repeat(90)));
        cache.keep_file(&kept);
        cache.keep_file(&gone);
        fs::write(data.path().join("cache/files/7.new"), "half").unwrap();
        cache.keep_only(&BTreeSet::from([*kept.digest()]), &BTreeSet::new());
        let left: Vec<_> = fs::read_dir(data.path().join("cache/files"))
            .unwrap()
            .collect();
        assert_eq!(left.len(), 1);
        assert!(cache.file("text/html", *kept.digest()).is_some());
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_no_reason_to_stop() {
        let data = tempfile::tempdir().unwrap();
        fs::write(data.path().join("cache"), "a file").unwrap();
        let cache = Cache::open(&DataFolder::at(data.path()));
        cache.keep_file(&file());
        assert!(cache.file("text/html", *file().digest()).is_none());
    }
}
