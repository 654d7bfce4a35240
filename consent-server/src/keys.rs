//! The signing keys in the data folder: one file each, readable by its owner only.
//!
//! Who reads such a file can sign receipts in this server's name. Nothing here ever prints one.

use crate::clock::{RandomError, random};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use consent_core::cosignature::Cosigner;
use consent_core::key::{KeyId, KeySet, PublicKey, SigningKey};
use consent_core::note::{Algorithm, KeyName, NoteKey, NoteSigner};
use consent_core::receipt::Signer;
use consent_core::time::UnixSeconds;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// The folder of the keys in the data folder.
const FOLDER: &str = "keys";

/// The file of the key that signs the log's checkpoints; by its name no key of receipts.
const LOG_KEY: &str = "log.key";

/// How the names of public halves end.
const PUBLIC: &str = "jwks";

/// How the names of files end that are being written.
const UNFINISHED: &str = "new";

/// Any of these bits lets somebody else than the owner at the file.
const OTHERS: u32 = 0o077;

/// The keys of a server: one signs, and all are published.
#[derive(Debug)]
pub struct Keys {
    newest: StoredKey,
    older: Vec<StoredKey>,
    /// Those whose private halves are or were kept elsewhere.
    elsewhere: Vec<PublicKey>,
}

/// Where the key that signs comes from.
#[derive(Debug)]
pub enum KeySource {
    /// The newest in the data folder.
    Data(PathBuf),
    /// A file outside the data folder, which keeps the public half alone.
    File {
        /// The data folder.
        data: PathBuf,
        /// The file.
        file: PathBuf,
    },
    /// A text from the environment.
    Text {
        /// The data folder.
        data: PathBuf,
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
    /// Reads the keys; makes the first one if there is none in the data folder, and none comes from elsewhere.
    pub fn open(&self, now: UnixSeconds) -> Result<Keys, KeysError> {
        if let Self::Data(data) = self {
            return Keys::open(data, now);
        }
        self.read()
    }

    /// Reads the keys.
    pub fn read(&self) -> Result<Keys, KeysError> {
        match self {
            Self::Data(data) => Keys::read(data),
            Self::File { data, file } => Keys::elsewhere(data, read_key(file)?),
            Self::Text { data, jwk } => {
                Keys::elsewhere(data, parse_key(Path::new("CONSENT_SIGNING_KEY"), &jwk.0)?)
            }
        }
    }
}

/// A key and when it was made.
#[derive(Debug)]
pub struct StoredKey {
    /// The half that is published.
    pub public: PublicKey,
    /// When it was made.
    pub created: UnixSeconds,
    pair: Ed25519KeyPair,
}

/// Why the keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The system refused.
    #[error("{}: {source}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others than the owner can read it.
    #[error(
        "others than its owner can get at {0}: run `chmod {1} {0}`, and if somebody may have read it, make a new key"
    )]
    Exposed(String, &'static str),
    /// Not a key file.
    #[error("{}: not a key file of this program ({reason}): restore it from a backup", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// What is wrong; never the content.
        reason: &'static str,
    },
    /// There is none, and none is to be made.
    #[error("there is no key in {}: is this the data folder of a server that has run?", .0.display())]
    None(PathBuf),
    /// No randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
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

impl Keys {
    /// Reads the keys of a data folder, making the first one if there is none.
    pub fn open(data: &Path, now: UnixSeconds) -> Result<Self, KeysError> {
        let folder = data.join(FOLDER);
        make_private_folder(&folder)?;
        match Self::read(data) {
            Err(KeysError::None(_)) => {
                create_dated(&folder, now)?;
                Self::read(data)
            }
            read => read,
        }
    }

    /// Reads the keys of a data folder.
    pub fn read(data: &Path) -> Result<Self, KeysError> {
        let folder = data.join(FOLDER);
        if !folder.exists() {
            return Err(KeysError::None(folder));
        }
        refuse_exposed(&folder, "700")?;
        let (mut older, elsewhere) = read_all(&folder)?;
        let newest = older.pop().ok_or(KeysError::None(folder))?;
        Ok(Self {
            newest,
            older,
            elsewhere,
        })
    }

    /// The keys of a data folder, with one from elsewhere that signs. Its public half is kept for as long as proofs live.
    fn elsewhere(data: &Path, newest: StoredKey) -> Result<Self, KeysError> {
        let folder = data.join(FOLDER);
        make_private_folder(&folder)?;
        refuse_exposed(&folder, "700")?;
        let set = [newest.public.clone()].into_iter().collect::<KeySet>();
        let path = folder.join(format!("{}.{PUBLIC}", newest.public.id()));
        if !path.exists() {
            write_new(&folder, &path, &set.to_jwks())?;
        }
        let (older, elsewhere) = read_all(&folder)?;
        Ok(Self {
            newest,
            older,
            elsewhere,
        })
    }

    /// Makes a new key that signs from the next start or reload on; answers its id.
    pub fn rotate(data: &Path, now: UnixSeconds) -> Result<KeyId, KeysError> {
        let _alone = alone(&data.join(FOLDER))?;
        let newest = Self::read(data)?.newest.created;
        // A clock that was set back must not make a key that is older than the one it replaces.
        let after = UnixSeconds::new(newest.get() + 1).unwrap_or(now);
        create_dated(&data.join(FOLDER), now.max(after))?;
        Ok(Self::read(data)?.newest.public.id())
    }

    /// The id of the key that signs.
    #[must_use]
    pub const fn signing(&self) -> KeyId {
        self.newest.public.id()
    }

    /// All keys, the newest first.
    pub fn iter(&self) -> impl Iterator<Item = &StoredKey> {
        std::iter::once(&self.newest).chain(self.older.iter().rev())
    }

    /// The public halves.
    #[must_use]
    pub fn public(&self) -> KeySet {
        let stored = self.iter().map(|stored| stored.public.clone());
        stored.chain(self.elsewhere.iter().cloned()).collect()
    }

    /// Cosigns with the newest, as a witness of this name. `None` if the key is none that notes can have.
    #[must_use]
    pub fn into_cosigner(self, name: KeyName) -> Option<Cosigner> {
        let pair = self.newest.pair;
        let bytes = pair.public_key().as_ref().try_into().ok()?;
        Cosigner::with(name, &bytes, move |message| {
            let mut signature = [0; 64];
            signature.copy_from_slice(pair.sign(message).as_ref());
            signature
        })
    }

    /// Signs with the newest, for the server of this base URL.
    #[must_use]
    pub fn into_signer(self, issuer: &str) -> Signer {
        let StoredKey { public, pair, .. } = self.newest;
        Signer::with(public.id(), issuer, move |message| {
            let mut signature = [0; 64];
            signature.copy_from_slice(pair.sign(message).as_ref());
            signature
        })
    }
}

impl StoredKey {
    /// Signs notes under a name. `None` if the key is none that notes can have.
    #[must_use]
    pub fn into_note_signer(self, name: KeyName) -> Option<NoteSigner> {
        let bytes = self.pair.public_key().as_ref().try_into().ok()?;
        let key = NoteKey::new(name, Algorithm::Ed25519, &bytes)?;
        let sign = move |message: &[u8]| {
            let mut signature = [0; 64];
            signature.copy_from_slice(self.pair.sign(message).as_ref());
            signature
        };
        Some(NoteSigner::with(key, sign))
    }
}

/// The key that signs the log's checkpoints. It is made once, and stays: witnesses know it.
pub fn log_key(data: &Path, now: UnixSeconds) -> Result<StoredKey, KeysError> {
    let folder = data.join(FOLDER);
    make_private_folder(&folder)?;
    refuse_exposed(&folder, "700")?;
    let path = folder.join(LOG_KEY);
    if !path.exists() {
        // Before the key: one without this has signed already.
        crate::log::note_new(data)?;
        create(&folder, &path, now)?;
    }
    read_key(&path)
}

/// The key that signs the log's checkpoints, if it was made.
pub fn read_log_key(data: &Path) -> Result<Option<StoredKey>, KeysError> {
    let path = data.join(FOLDER).join(LOG_KEY);
    if path.exists() {
        read_key(&path).map(Some)
    } else {
        Ok(None)
    }
}

/// Copies the keys of a data folder into another, which has none yet.
pub fn copy(data: &Path, to: &Path) -> Result<(), KeysError> {
    let (from, to) = (data.join(FOLDER), to.join(FOLDER));
    refuse_exposed(&from, "700")?;
    make_private_folder(&to)?;
    for entry in std::fs::read_dir(&from).map_err(at(&from))? {
        let path = entry.map_err(at(&from))?.path();
        let Some(name) = path.file_name() else {
            continue;
        };
        if path.extension().is_some_and(|ending| ending == UNFINISHED) {
            continue;
        }
        let text = std::fs::read_to_string(&path).map_err(at(&path))?;
        write_new(&to, &to.join(name), &text)?;
    }
    Ok(())
}

/// Makes a folder that only its owner can look into. One that is there already is left as it is.
pub fn make_private_folder(folder: &Path) -> Result<(), KeysError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(at(folder))
}

/// Of two that change the keys at once the second waits, until the first lets go of this. Where folders cannot be locked,
/// keys still never overwrite each other.
fn alone(folder: &Path) -> Result<File, KeysError> {
    let locked = File::open(folder).map_err(at(folder))?;
    let _ = locked.lock();
    Ok(locked)
}

fn create_dated(folder: &Path, now: UnixSeconds) -> Result<(), KeysError> {
    let name = now.to_rfc3339().replace(':', "-");
    create(folder, &folder.join(format!("{name}.jwk")), now)
}

fn create(folder: &Path, path: &Path, now: UnixSeconds) -> Result<(), KeysError> {
    let seed = random::<32>()?;
    let jwk = PrivateJwk {
        kty: "OKP".into(),
        crv: "Ed25519".into(),
        kid: SigningKey::from_seed(&seed).id().to_string(),
        d: URL_SAFE_NO_PAD.encode(seed),
        created: now.get(),
    };
    let text = serde_json::to_string_pretty(&jwk).unwrap_or_default() + "\n";
    write_new(folder, path, &text)
}

fn write_new(folder: &Path, path: &Path, text: &str) -> Result<(), KeysError> {
    // Half a key would keep every later start from reading the folder: it gets its name when it is whole.
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(format!(".{}.{UNFINISHED}", std::process::id()));
    let unfinished = PathBuf::from(unfinished);
    // The mode holds from the first byte on.
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&unfinished)
        .map_err(at(&unfinished))?;
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.sync_all());
    crate::crash::point("key-written");
    let named = written.and_then(|()| name_new(&unfinished, path));
    if let Err(error) = named {
        let _ = std::fs::remove_file(&unfinished);
        return Err(at(path)(error));
    }
    // The folder too, or a power cut could take away the key that has signed already.
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(at(folder))
}

/// Gives a file another name, unless that is taken: a key is never overwritten.
fn name_new(from: &Path, to: &Path) -> io::Result<()> {
    match std::fs::hard_link(from, to) {
        Ok(()) => std::fs::remove_file(from),
        // A file system without second names.
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists && !to.exists() => {
            std::fs::rename(from, to)
        }
        Err(error) => Err(error),
    }
}

/// The keys with private halves, the newest last, and those without.
fn read_all(folder: &Path) -> Result<(Vec<StoredKey>, Vec<PublicKey>), KeysError> {
    let (mut private, mut public) = (Vec::new(), Vec::new());
    for entry in std::fs::read_dir(folder).map_err(at(folder))? {
        let path = entry.map_err(at(folder))?.path();
        let name = path.to_string_lossy();
        if name.ends_with(PUBLIC) {
            let text = std::fs::read_to_string(&path).map_err(at(&path))?;
            let set = KeySet::from_jwks(&text).map_err(|_| KeysError::Broken {
                path: path.clone(),
                reason: "not a JWK set",
            })?;
            public.extend(set.keys().cloned());
        } else if path.extension().is_some_and(|extension| extension == "jwk") {
            private.push(read_key(&path)?);
        }
    }
    private.sort_by_key(|key| (key.created, key.public.id()));
    Ok((private, public))
}

fn read_key(path: &Path) -> Result<StoredKey, KeysError> {
    refuse_exposed(path, "600")?;
    let text = std::fs::read_to_string(path).map_err(at(path))?;
    parse_key(path, &text)
}

fn parse_key(path: &Path, text: &str) -> Result<StoredKey, KeysError> {
    let broken = |reason| KeysError::Broken {
        path: path.to_owned(),
        reason,
    };
    let jwk: PrivateJwk = serde_json::from_str(text).map_err(|_| broken("not a private JWK"))?;
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
    let created = UnixSeconds::new(jwk.created).map_err(|_| broken("`created` is not a time"))?;
    Ok(StoredKey {
        public,
        created,
        pair,
    })
}

fn refuse_exposed(path: &Path, mode: &'static str) -> Result<(), KeysError> {
    let permissions = std::fs::metadata(path).map_err(at(path))?.permissions();
    if permissions.mode() & OTHERS == 0 {
        Ok(())
    } else {
        Err(KeysError::Exposed(path.display().to_string(), mode))
    }
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> KeysError {
    move |source| KeysError::File {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use consent_core::receipt::{Expectations, Receipt};

    fn now(seconds: i64) -> UnixSeconds {
        UnixSeconds::new(seconds).unwrap()
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
        let first = Keys::open(data.path(), now(100)).unwrap();
        let folder = data.path().join(FOLDER);
        assert_eq!(mode(&folder), 0o700);
        assert_eq!(mode(&only_file(&folder)), 0o600);
        let second = Keys::open(data.path(), now(200)).unwrap();
        assert_eq!(second.public(), first.public());
        assert_eq!(second.iter().count(), 1);
    }

    #[test]
    fn the_newest_signs_and_all_are_published() {
        let data = tempfile::tempdir().unwrap();
        let first = Keys::open(data.path(), now(100)).unwrap().newest.public;
        create_dated(&data.path().join(FOLDER), now(200)).unwrap();
        let keys = Keys::open(data.path(), now(300)).unwrap();
        assert_eq!(keys.public().keys().count(), 2);
        assert!(keys.public().get(&first.id().to_string()).is_some());
        assert_ne!(keys.into_signer("https://a.example").key(), first.id());
    }

    #[test]
    fn what_a_key_signs_verifies_with_its_published_half() {
        let data = tempfile::tempdir().unwrap();
        let keys = Keys::open(data.path(), now(100)).unwrap();
        let public = keys.public();
        let record = crate::store::story::record(1, "shop", 200);
        let receipt = keys
            .into_signer("https://a.example")
            .sign(&record, now(200));
        let expect = Expectations::at(now(200));
        assert!(Receipt::verify(&receipt, &public, &expect).is_ok());
    }

    #[test]
    fn a_new_key_signs_even_when_the_clock_was_set_back() {
        let data = tempfile::tempdir().unwrap();
        let first = Keys::open(data.path(), now(100)).unwrap().signing();
        let second = Keys::rotate(data.path(), now(50)).unwrap();
        let keys = Keys::open(data.path(), now(300)).unwrap();
        assert_ne!(first, second);
        assert_eq!(keys.signing(), second);
        assert_eq!(keys.public().keys().count(), 2);
    }

    #[test]
    fn a_key_from_elsewhere_leaves_its_public_half() {
        let (data, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let own = Keys::open(data.path(), now(100)).unwrap().signing();
        let elsewhere = Keys::open(other.path(), now(50)).unwrap().signing();
        let file = only_file(&other.path().join(FOLDER));
        let text = std::fs::read_to_string(&file).unwrap();
        let data_folder = data.path().to_owned();
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

    #[test]
    fn a_key_that_others_can_read_is_refused_with_the_command_to_run() {
        let data = tempfile::tempdir().unwrap();
        drop(Keys::open(data.path(), now(100)).unwrap());
        let file = only_file(&data.path().join(FOLDER));
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
        let message = Keys::open(data.path(), now(100)).unwrap_err().to_string();
        assert!(
            message.contains(&format!("chmod 600 {}", file.display())),
            "{message}"
        );
    }

    #[test]
    fn a_broken_key_file_is_an_error_that_does_not_print_it() {
        let data = tempfile::tempdir().unwrap();
        drop(Keys::open(data.path(), now(100)).unwrap());
        let file = only_file(&data.path().join(FOLDER));
        let text = std::fs::read_to_string(&file).unwrap();
        let secret: serde_json::Value = serde_json::from_str(&text).unwrap();
        let secret = secret["d"].as_str().unwrap().to_owned();
        for broken in [
            text.replace("\"kid\": \"", "\"kid\": \"x"),
            text.replace(&secret, &secret[1..]),
        ] {
            std::fs::write(&file, broken).unwrap();
            let message = Keys::open(data.path(), now(100)).unwrap_err().to_string();
            assert!(message.contains("restore it from a backup"), "{message}");
            assert!(!message.contains(&secret[1..]), "{message}");
        }
    }
}
