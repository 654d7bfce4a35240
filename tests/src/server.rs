//! A consent server with the example sites and a key that the test holds, so that it can make receipts that no server
//! would.

use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use consent_core::key::SigningKey;
use serde_json::json;
use tempfile::TempDir;

use crate::{http, tool, wait};

const SEED: [u8; 32] = [42; 32];

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
        let address = format!("127.0.0.1:{}", free_port()?);
        let url = format!("http://{address}");
        let sites = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/sites");
        let process = Command::new(tool::consent()?)
            .args(["serve", "--listen", &address, "--url", &url, "--sites"])
            .arg(sites)
            .arg("--data")
            .arg(data.path().join("data"))
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

/// A port that nobody listens on now.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
