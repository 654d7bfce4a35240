//! Authorities for certificates, made with `openssl` on the spot, and nginx as the end of https before a server of ours.

use super::authority::openssl;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// An authority that says who a server is.
pub struct CertificateAuthority(TempDir);

/// A certificate with its key.
pub struct Identity {
    certificate: PathBuf,
    key: PathBuf,
}

impl CertificateAuthority {
    pub fn new(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        openssl(
            folder.path(),
            &format!(
                "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 30 -subj /CN={name}"
            ),
        );
        Self(folder)
    }

    /// Its own certificate.
    pub fn path(&self) -> PathBuf {
        self.0.path().join("ca.pem")
    }

    /// `names`: as `subjectAltName` wants them.
    pub fn identity(&self, names: &str) -> Identity {
        let folder = self.0.path();
        std::fs::write(folder.join("names"), format!("subjectAltName = {names}\n")).unwrap();
        let name = names.replace(|letter: char| !letter.is_ascii_alphanumeric(), "-");
        openssl(
            folder,
            &format!(
                "req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {name}.key -out {name}.csr -subj /CN=End"
            ),
        );
        openssl(
            folder,
            &format!(
                "x509 -req -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out {name}.pem -days 20 -extfile names"
            ),
        );
        Identity {
            certificate: folder.join(format!("{name}.pem")),
            key: folder.join(format!("{name}.key")),
        }
    }
}

impl Identity {
    /// The file of the certificate, and that of its key.
    pub fn files(&self) -> [&Path; 2] {
        [&self.certificate, &self.key]
    }
}

/// nginx on a port of 127.0.0.1. It ends with this value.
pub struct End {
    child: Child,
    _folder: TempDir,
}

impl End {
    /// Speaks this version of TLS, such as `TLSv1.3`, under this identity, and passes on to the host of a URL.
    pub fn start(port: u16, version: &str, identity: &Identity, to: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        let path = at.join("nginx.conf");
        let host = to.trim_start_matches("http://").split('/').next().unwrap();
        let text = format!(
            "daemon off; master_process off; pid {at}/pid; error_log {at}/error.log; events {{}}
             http {{ access_log off; client_body_temp_path {at}/1; proxy_temp_path {at}/2; fastcgi_temp_path {at}/3;
             uwsgi_temp_path {at}/4; scgi_temp_path {at}/5;
             server {{ listen 127.0.0.1:{port} ssl; ssl_protocols {version};
             ssl_certificate {certificate}; ssl_certificate_key {key};
             location / {{ proxy_pass http://{host}; }} }} }}",
            at = at.display(),
            certificate = identity.certificate.display(),
            key = identity.key.display(),
        );
        std::fs::write(&path, text).unwrap();
        let child = start(at, &path);
        let mut end = Self {
            child,
            _folder: folder,
        };
        let deadline = Instant::now() + Duration::from_mins(2);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = end.child.try_wait().unwrap();
            assert!(
                ended.is_none() && Instant::now() < deadline,
                "nginx: {ended:?}"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        end
    }
}

impl Drop for End {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `CONSENT_NGINX`, or the one on the path.
fn start(folder: &Path, configuration: &Path) -> Child {
    let nginx = std::env::var_os("CONSENT_NGINX").unwrap_or_else(|| "nginx".into());
    let started = Command::new(nginx)
        .arg("-p")
        .arg(folder)
        .arg("-c")
        .arg(configuration)
        .arg("-e")
        .arg(folder.join("error.log"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    started.expect("nginx does not start: is it installed? Run `cargo xtask test`")
}
