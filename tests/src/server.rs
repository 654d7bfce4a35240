//! A consent server with the example sites and a key that the test holds, so that it can make receipts that no server
//! would.

use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use consent_core::key::{KeySet, Revocation, SigningKey};
use consent_core::time::UnixSeconds;
use serde_json::json;
use tempfile::TempDir;

use crate::compressed::Compressed;
use crate::port::free_port;
use crate::{http, tool, wait};

const SEED: [u8; 32] = [42; 32];

/// A key that it signed with until two days ago.
pub const RETIRED: [u8; 32] = [43; 32];

/// One that was stolen then.
pub const REVOKED: [u8; 32] = [44; 32];

/// A running server. It ends with this value.
pub struct Server {
    /// Its base URL, the issuer of its receipts.
    pub url: String,
    process: Child,
    _data: TempDir,
}

impl Server {
    /// Starts it on a free port.
    pub fn start() -> Result<Self> {
        let data = tempfile::tempdir()?;
        let key = data.path().join("key.json");
        let jwk = json!({
            "kty": "OKP", "crv": "Ed25519", "kid": Self::key().id().to_string(), "created": 0,
            "d": URL_SAFE_NO_PAD.encode(SEED),
        });
        let mut file = std::fs::OpenOptions::new();
        let mut file = file.create_new(true).write(true).mode(0o600).open(&key)?;
        file.write_all(jwk.to_string().as_bytes())?;
        write_ended_keys(&data.path().join("data/keys"))?;
        let address = format!("127.0.0.1:{}", free_port()?);
        let url = format!("http://{address}");
        let sites = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/sites");
        let compressed = Compressed::lend(&tool::consent()?, &data.path().join("data"));
        let process = serve(&address, &url, &sites, &data.path().join("data"))?
            .arg("--signing-key")
            .arg(key)
            .stderr(Stdio::null())
            .spawn()
            .context("the consent server does not start")?;
        let mut server = Self {
            url,
            process,
            _data: data,
        };
        let ready = format!("{}/readyz", server.url);
        wait::until(&mut server.process, "the consent server", || {
            http::get(&ready, None).is_ok()
        })?;
        compressed.keep();
        Ok(server)
    }

    /// The key that it signs with.
    #[must_use]
    pub fn key() -> SigningKey {
        SigningKey::from_seed(&SEED)
    }

    /// The same for what is no receipt.
    #[must_use]
    pub fn secret() -> ed25519_dalek::SigningKey {
        ed25519_dalek::SigningKey::from_bytes(&SEED)
    }

    /// Ends it while others still ask for it.
    pub fn stop(&mut self) -> Result<()> {
        self.process.kill()?;
        self.process.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already, which is as good.
        let _ = self.stop();
    }
}

/// A command that serves sites to visitors at `address`, and to staff at whatever is free.
pub fn serve(address: &str, url: &str, sites: &Path, data: &Path) -> Result<Command> {
    let mut command = Command::new(tool::consent()?);
    command.args(["serve", "--listen", address, "--staff", "127.0.0.1:0"]);
    command.args(["--url", url, "--sites"]).arg(sites);
    command.arg("--data").arg(data);
    Ok(command)
}

/// The public halves of keys that the server has signed with before.
fn write_ended_keys(folder: &Path) -> Result<()> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let ended = UnixSeconds::new(i64::try_from(now)? - 172_800)?;
    let [retired, revoked] =
        [RETIRED, REVOKED].map(|seed| SigningKey::from_seed(&seed).public_key());
    let mut keys: KeySet = [retired.clone(), revoked.clone()].into_iter().collect();
    keys.retire(retired.id(), ended);
    let reason = None;
    let since = ended;
    keys.revoke(revoked.id(), Revocation { since, reason });
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    Ok(std::fs::write(folder.join("ended.jwks"), keys.to_jwks())?)
}
