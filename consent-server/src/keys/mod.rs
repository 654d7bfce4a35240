//! The signing keys in the data folder: one file each, readable by its owner only.
//!
//! Who reads such a file can sign receipts in this server's name. Nothing here ever prints one.
//!
//! | file | what it says |
//! | --- | --- |
//! | `TIME.jwk` | a key with its private half |
//! | `ID.jwks` | the public half of one that is kept elsewhere |
//! | `ID.retired.jwks` | when the server stopped signing with a key; written once, by the server that stopped |
//! | `ID.revoked.TIME.jwks` | since when a key may be in other hands; written by `consent keys revoke` |
//!
//! No file is ever changed. Of several ends of one key the earliest counts, whatever the order in which they were written.

mod error;
mod source;
mod stored;

pub use error::KeysError;
pub use source::{KeySource, Secret};
pub use stored::StoredKey;
pub(crate) use stored::refuse_exposed;

use crate::data::{DataFolder, FileError, Lock, durable, private};
use crate::input;
use aws_lc_rs::signature::KeyPair as _;
use consent_core::cosignature::Cosigner;
use consent_core::key::{KeyId, KeySet, PublicKey, Revocation, Term};
use consent_core::note::KeyName;
use consent_core::receipt::Signer;
use consent_core::time::UnixSeconds;
use std::path::{Path, PathBuf};

/// How the names of public halves end.
const PUBLIC: &str = "jwks";

/// The keys of a server: one signs, and all are published.
#[derive(Debug)]
pub struct Keys {
    signing: StoredKey,
    /// The others whose private halves are here, the oldest first.
    others: Vec<StoredKey>,
    /// The public halves of all, those that are or were kept elsewhere too, and when each has ended.
    public: KeySet,
    folder: PathBuf,
}

impl Keys {
    /// Reads the keys of a data folder, making one if there is none that can sign.
    pub fn open(data: &DataFolder, now: UnixSeconds) -> Result<Self, KeysError> {
        let folder = data.keys();
        private::make_folder(&folder)?;
        match Self::read(data) {
            Err(KeysError::None(_)) => create_dated(&folder, now)?,
            Ok(keys) if keys.term().is_open() => return Ok(keys),
            Ok(keys) => create_dated(&folder, now.max(after(keys.signing.created)))?,
            Err(error) => return Err(error),
        }
        Self::read(data)?.able_to_sign()
    }

    /// Reads the keys of a data folder, to check with them.
    pub fn read(data: &DataFolder) -> Result<Self, KeysError> {
        let folder = data.keys();
        if !folder.exists() {
            return Err(KeysError::None(folder));
        }
        refuse_exposed(&folder, "700")?;
        let (mut private, public) = read_all(&folder)?;
        let is_open = |stored: &StoredKey| {
            let term = public.term(&stored.public.id().to_string());
            term.is_some_and(Term::is_open)
        };
        let place = private.iter().rposition(is_open);
        let Some(place) = place.or(private.len().checked_sub(1)) else {
            return Err(KeysError::None(folder));
        };
        Ok(Self {
            signing: private.remove(place),
            others: private,
            public,
            folder,
        })
    }

    /// The keys of a data folder, with one from elsewhere that signs. Its public half is kept for as long as proofs live.
    fn elsewhere(data: &DataFolder, signing: StoredKey) -> Result<Self, KeysError> {
        let folder = data.keys();
        private::make_folder(&folder)?;
        refuse_exposed(&folder, "700")?;
        let set = [signing.public.clone()].into_iter().collect::<KeySet>();
        let path = folder.join(format!("{}.{PUBLIC}", signing.public.id()));
        if !path.exists() {
            durable::create(&path, set.to_jwks().as_bytes())?;
        }
        let (mut others, public) = read_all(&folder)?;
        others.retain(|stored| stored.public.id() != signing.public.id());
        Ok(Self {
            signing,
            others,
            public,
            folder,
        })
    }

    /// Makes a new key that signs from the next start or reload on; answers its id. The others are retired by the server
    /// that stops signing with them, when it does.
    pub fn rotate(data: &DataFolder, now: UnixSeconds) -> Result<KeyId, KeysError> {
        // Of two that change the keys at once the second waits. Where folders cannot be locked, keys still never overwrite each other.
        let _alone = Lock::wait_for_folder(&data.keys())?;
        // A clock that was set back must not make a key that is older than the one it replaces.
        let newest = Self::read(data)?.iter().map(|stored| stored.created).max();
        create_dated(
            &data.keys(),
            newest.map_or(now, |newest| now.max(after(newest))),
        )?;
        Ok(Self::read(data)?.signing())
    }

    /// Writes down that what this key signed from a moment on does not count. A server knows it from its next start or reload
    /// on. Whether it may still sign is the caller's to find out.
    pub fn revoke(&self, id: &str, revocation: Revocation) -> Result<KeyId, KeysError> {
        let Some(key) = self.public.get(id) else {
            return Err(KeysError::Unknown(id.into(), self.folder.clone()));
        };
        let id = key.id();
        let time = file_time(revocation.since);
        let mut set = self.public.only(&[id]);
        set.revoke(id, revocation);
        let path = self.folder.join(format!("{id}.revoked.{time}.{PUBLIC}"));
        if !path.exists() {
            durable::create(&path, set.to_jwks().as_bytes())?;
        }
        Ok(id)
    }

    /// The others that have no retirement yet.
    #[must_use]
    pub fn replaced(&self) -> Vec<KeyId> {
        let ids = self.public.keys().map(PublicKey::id);
        let is_open = |id: &KeyId| {
            let term = self.public.term(&id.to_string());
            term.is_some_and(|term| term.retired.is_none())
        };
        ids.filter(|id| *id != self.signing() && is_open(id))
            .collect()
    }

    /// Writes down, for good, that the others sign nothing from this moment on: for a server that has stopped signing with
    /// them, and has signed nothing with them at that moment or later.
    pub fn retire_replaced(&mut self, at: UnixSeconds) -> Result<(), KeysError> {
        for id in self.replaced() {
            let mut set = self.public.only(&[id]);
            set.retire(id, at);
            let path = self.folder.join(format!("{id}.retired.{PUBLIC}"));
            durable::create(&path, set.to_jwks().as_bytes())?;
            self.public.retire(id, at);
        }
        Ok(())
    }

    /// Refuses a key that has ended.
    pub fn able_to_sign(self) -> Result<Self, KeysError> {
        let id = self.signing();
        let term = self.term();
        match (&term.revoked, term.retired) {
            (None, None) => Ok(self),
            (Some(_), _) => Err(KeysError::Revoked(id)),
            (None, Some(at)) => Err(KeysError::Retired(id, at)),
        }
    }

    /// The id of the key that signs.
    #[must_use]
    pub const fn signing(&self) -> KeyId {
        self.signing.public.id()
    }

    fn term(&self) -> Term {
        let term = self.public.term(&self.signing().to_string());
        term.cloned().unwrap_or_default()
    }

    /// All keys whose private halves are here: the one that signs, then the others, the newest first.
    pub fn iter(&self) -> impl Iterator<Item = &StoredKey> {
        std::iter::once(&self.signing).chain(self.others.iter().rev())
    }

    /// The public halves, and when each has ended.
    #[must_use]
    pub const fn published(&self) -> &KeySet {
        &self.public
    }

    /// The same, to be kept.
    #[must_use]
    pub fn public(&self) -> KeySet {
        self.public.clone()
    }

    /// Cosigns, as a witness of this name. `None` if the key is none that notes can have.
    #[must_use]
    pub fn into_cosigner(self, name: KeyName) -> Option<Cosigner> {
        let bytes = self.signing.pair.public_key().as_ref().try_into().ok()?;
        Cosigner::with(name, &bytes, self.signing.signing())
    }

    /// Signs for the server of this base URL.
    #[must_use]
    pub fn into_signer(self, issuer: &str) -> Signer {
        self.signer(issuer)
    }

    /// The same, while the keys are still needed.
    #[must_use]
    pub fn signer(&self, issuer: &str) -> Signer {
        Signer::with(self.signing(), issuer, self.signing.signing())
    }
}

/// Copies the keys of a data folder into another, which has none yet.
pub fn copy(data: &DataFolder, to: &DataFolder) -> Result<(), KeysError> {
    let (from, to) = (data.keys(), to.keys());
    refuse_exposed(&from, "700")?;
    private::make_folder(&to)?;
    for entry in std::fs::read_dir(&from).map_err(FileError::at(&from))? {
        let path = entry.map_err(FileError::at(&from))?.path();
        let Some(name) = path.file_name() else {
            continue;
        };
        // What a writer was killed over.
        if name.to_string_lossy().ends_with(".part") {
            continue;
        }
        let text = input::read_text(&path, input::TEXT).map_err(FileError::at(&path))?;
        durable::create(&to.join(name), text.as_bytes())?;
    }
    Ok(())
}

fn create_dated(folder: &Path, now: UnixSeconds) -> Result<(), KeysError> {
    StoredKey::create(&folder.join(format!("{}.jwk", file_time(now))), now)
}

fn file_time(moment: UnixSeconds) -> String {
    moment.to_rfc3339().replace(':', "-")
}

/// The next second; that of the last there is is itself.
fn after(moment: UnixSeconds) -> UnixSeconds {
    UnixSeconds::new(moment.get() + 1).unwrap_or(moment)
}

/// The keys with private halves, the newest last, and the public halves of all with their ends.
fn read_all(folder: &Path) -> Result<(Vec<StoredKey>, KeySet), KeysError> {
    let (mut private, mut public) = (Vec::<StoredKey>::new(), KeySet::default());
    for entry in std::fs::read_dir(folder).map_err(FileError::at(folder))? {
        let path = entry.map_err(FileError::at(folder))?.path();
        let name = path.to_string_lossy();
        if name.ends_with(PUBLIC) {
            let text = input::read_text(&path, input::TEXT).map_err(FileError::at(&path))?;
            let set = KeySet::from_jwks(&text).map_err(|_| KeysError::Broken {
                path: path.clone(),
                reason: "not a JWK set",
            })?;
            public.merge(set);
        } else if path.extension().is_some_and(|extension| extension == "jwk") {
            private.push(StoredKey::read(&path)?);
        }
    }
    public.merge(private.iter().map(|stored| stored.public.clone()).collect());
    private.sort_by_key(|key| (key.created, key.public.id()));
    Ok((private, public))
}

#[cfg(test)]
mod tests {
    use super::*;
    use consent_core::receipt::{Expectations, Receipt};
    use std::os::unix::fs::PermissionsExt as _;

    fn now(seconds: i64) -> UnixSeconds {
        UnixSeconds::new(seconds).unwrap()
    }

    fn at(folder: &tempfile::TempDir) -> DataFolder {
        DataFolder::at(folder.path())
    }

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    fn only_file(folder: &Path) -> PathBuf {
        std::fs::read_dir(folder)
            .unwrap()
            .next()
            .unwrap()
            .unwrap()
            .path()
    }

    #[test]
    fn the_first_start_makes_a_key_that_only_its_owner_reads() {
        let data = tempfile::tempdir().unwrap();
        let first = Keys::open(&at(&data), now(100)).unwrap();
        let folder = at(&data).keys();
        assert_eq!(mode(&folder), 0o700);
        assert_eq!(mode(&only_file(&folder)), 0o600);
        let second = Keys::open(&at(&data), now(200)).unwrap();
        assert_eq!(second.public(), first.public());
        assert_eq!(second.iter().count(), 1);
    }

    #[test]
    fn the_newest_signs_and_all_are_published() {
        let data = tempfile::tempdir().unwrap();
        let first = Keys::open(&at(&data), now(100)).unwrap().signing.public;
        create_dated(&at(&data).keys(), now(200)).unwrap();
        let keys = Keys::open(&at(&data), now(300)).unwrap();
        assert_eq!(keys.public().keys().count(), 2);
        assert!(keys.public().get(&first.id().to_string()).is_some());
        assert_ne!(keys.into_signer("https://a.example").key(), first.id());
    }

    #[test]
    fn what_a_key_signs_verifies_with_its_published_half() {
        let data = tempfile::tempdir().unwrap();
        let keys = Keys::open(&at(&data), now(100)).unwrap();
        let public = keys.public();
        let record = crate::store::conformance::record(1, "shop", 200);
        let receipt = keys
            .into_signer("https://a.example")
            .sign(&record, now(200));
        let expect = Expectations::at(now(200));
        assert!(Receipt::verify(&receipt, &public, &expect).is_ok());
    }

    #[test]
    fn a_new_key_signs_even_when_the_clock_was_set_back() {
        let data = tempfile::tempdir().unwrap();
        let first = Keys::open(&at(&data), now(100)).unwrap().signing();
        let second = Keys::rotate(&at(&data), now(50)).unwrap();
        let keys = Keys::open(&at(&data), now(300)).unwrap();
        assert_ne!(first, second);
        assert_eq!(keys.signing(), second);
        assert_eq!(keys.public().keys().count(), 2);
    }

    #[test]
    fn a_key_from_elsewhere_leaves_its_public_half() {
        let (data, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let own = Keys::open(&at(&data), now(100)).unwrap().signing();
        let elsewhere = Keys::open(&at(&other), now(50)).unwrap().signing();
        let file = only_file(&at(&other).keys());
        let text = std::fs::read_to_string(&file).unwrap();
        let data_folder = at(&data);
        for source in [
            KeySource::File {
                data: data_folder.clone(),
                file: file.clone(),
            },
            KeySource::Text {
                data: data_folder.clone(),
                jwk: Secret(text),
            },
        ] {
            assert!(!format!("{source:?}").contains("\"d\""));
            let keys = source.open(now(200)).unwrap();
            assert_eq!(keys.signing(), elsewhere);
            assert_eq!(keys.public().keys().count(), 2);
        }
        // Later without it: what it has signed can still be checked.
        let keys = KeySource::Data(data_folder).open(now(300)).unwrap();
        assert_eq!(keys.signing(), own);
        assert!(keys.public().get(&elsewhere.to_string()).is_some());
    }

    fn end(keys: &Keys, id: KeyId) -> Option<UnixSeconds> {
        keys.published().term(&id.to_string()).unwrap().retired
    }

    #[test]
    fn whoever_stops_signing_with_a_key_retires_it_for_good() {
        let data = tempfile::tempdir().unwrap();
        let first = Keys::open(&at(&data), now(100)).unwrap().signing();
        // Two rotations before a server hears of either: neither key has ended, for one of them may be signing.
        let second = Keys::rotate(&at(&data), now(200)).unwrap();
        let third = Keys::rotate(&at(&data), now(200)).unwrap();
        let mut keys = Keys::open(&at(&data), now(200)).unwrap();
        assert_eq!(keys.signing(), third);
        assert_eq!(end(&keys, first), None);
        keys.retire_replaced(now(300)).unwrap();
        for keys in [&keys, &Keys::read(&at(&data)).unwrap()] {
            let ends = [first, second, third].map(|id| end(keys, id));
            assert_eq!(ends, [Some(now(300)), Some(now(300)), None]);
            assert_eq!(keys.replaced(), []);
        }
        // Later starts and reloads change nothing in it.
        let mut keys = Keys::open(&at(&data), now(900)).unwrap();
        keys.retire_replaced(now(900)).unwrap();
        assert_eq!(end(&keys, first), Some(now(300)));
        // A copy knows it, too.
        let copied = tempfile::tempdir().unwrap();
        copy(&at(&data), &at(&copied)).unwrap();
        let copied = Keys::read(&at(&copied)).unwrap();
        assert_eq!(copied.public(), keys.public());
    }

    #[test]
    fn a_key_from_elsewhere_retires_and_is_retired_like_any_other() {
        let (data, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let own = Keys::open(&at(&data), now(100)).unwrap().signing();
        let elsewhere = Keys::open(&at(&other), now(50)).unwrap().signing();
        let source = KeySource::File {
            data: at(&data),
            file: only_file(&at(&other).keys()),
        };
        let mut keys = source.open(now(200)).unwrap();
        keys.retire_replaced(now(200)).unwrap();
        assert_eq!(
            [own, elsewhere].map(|id| end(&keys, id)),
            [Some(now(200)), None]
        );
        // Without it, there is none left that could sign: a new one is made.
        let back = KeySource::Data(at(&data));
        let mut keys = back.open(now(300)).unwrap();
        assert!(![own, elsewhere].contains(&keys.signing()));
        keys.retire_replaced(now(300)).unwrap();
        assert_eq!(end(&keys, elsewhere), Some(now(300)));
        // And none that was retired signs again.
        let error = source.open(now(400)).unwrap_err();
        assert!(matches!(error, KeysError::Retired(id, at) if id == elsewhere && at == now(300)));
        assert!(error.to_string().contains("consent keys rotate"));
    }

    #[test]
    fn a_revoked_key_does_not_sign_and_its_earliest_revocation_counts() {
        let data = tempfile::tempdir().unwrap();
        let keys = Keys::open(&at(&data), now(100)).unwrap();
        let first = keys.signing();
        let revocation = |since| Revocation {
            since: now(since),
            reason: Some("stolen".into()),
        };
        for since in [500, 400, 450, 400] {
            let revoked = keys.revoke(&first.to_string(), revocation(since));
            assert_eq!(revoked.unwrap(), first);
        }
        assert!(matches!(
            keys.revoke("nobody", revocation(1)),
            Err(KeysError::Unknown(..))
        ));
        let read = Keys::read(&at(&data)).unwrap();
        assert_eq!(read.term().revoked, Some(revocation(400)));
        assert!(matches!(read.able_to_sign(), Err(KeysError::Revoked(id)) if id == first));
        let keys = Keys::open(&at(&data), now(50)).unwrap();
        assert_ne!(keys.signing(), first);
        assert_eq!(keys.replaced(), [first]);
    }

    #[test]
    fn a_key_that_others_can_read_is_refused_with_the_command_to_run() {
        let data = tempfile::tempdir().unwrap();
        drop(Keys::open(&at(&data), now(100)).unwrap());
        let file = only_file(&at(&data).keys());
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
        let message = Keys::open(&at(&data), now(100)).unwrap_err().to_string();
        assert!(
            message.contains(&format!("chmod 600 {}", file.display())),
            "{message}"
        );
    }

    #[test]
    fn a_broken_key_file_is_an_error_that_does_not_print_it() {
        let data = tempfile::tempdir().unwrap();
        drop(Keys::open(&at(&data), now(100)).unwrap());
        let file = only_file(&at(&data).keys());
        let text = std::fs::read_to_string(&file).unwrap();
        let secret: serde_json::Value = serde_json::from_str(&text).unwrap();
        let secret = secret["d"].as_str().unwrap().to_owned();
        for broken in [
            text.replace("\"kid\": \"", "\"kid\": \"x"),
            text.replace(&secret, &secret[1..]),
        ] {
            std::fs::write(&file, broken).unwrap();
            let message = Keys::open(&at(&data), now(100)).unwrap_err().to_string();
            assert!(message.contains("restore it from a backup"), "{message}");
            assert!(!message.contains(&secret[1..]), "{message}");
        }
    }
}
