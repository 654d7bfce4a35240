//! The backends in `examples/`, in five languages: each calls an analytics service for visitors who agreed to it, and for
//! nobody else, and goes on while the consent server is away.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use consent_tests::cookies::{self, SITE};
use consent_tests::listener::Listener;
use consent_tests::port::free_port;
use consent_tests::server::Server;
use consent_tests::skipped::{not_here, not_installed};
use consent_tests::{http, tool, wait};

#[test]
fn axum() -> Result<()> {
    gates_analytics(Command::new(tool::example("axum-backend")?))
}

#[test]
fn jose_in_node() -> Result<()> {
    let folder = example("verify-in-node");
    ensure!(
        folder.join("node_modules/jose").exists(),
        "jose is not installed: run `cargo xtask test`, or `npm ci` in {}",
        folder.display()
    );
    let mut node = Command::new("node");
    node.arg(folder.join("server.js"));
    gates_analytics(node)
}

#[test]
fn pyjwt_in_python() -> Result<()> {
    let mut python = Command::new(tool::python());
    python.arg(example("verify-in-python").join("server.py"));
    gates_analytics(python)
}

#[test]
fn firebase_jwt_in_php() -> Result<()> {
    let folder = example("verify-in-php");
    if !is_there("php") {
        not_here("examples/verify-in-php", "there is no PHP on this machine");
        return Ok(());
    }
    for file in ["Consent.php", "index.php"] {
        let lint = Command::new("php")
            .arg("-l")
            .arg(folder.join(file))
            .output()?;
        ensure!(
            lint.status.success(),
            "{}",
            String::from_utf8_lossy(&lint.stdout)
        );
    }
    if !folder.join("vendor/autoload.php").exists() {
        let why = "its packages are not installed (`composer install` there)";
        // With composer, `cargo xtask test` installs them.
        let say = if is_there("composer") {
            not_installed
        } else {
            not_here
        };
        say("examples/verify-in-php", why);
        return Ok(());
    }
    let keys = tempfile::tempdir()?;
    let mut php = Command::new("php");
    php.env("CONSENT_KEYS", keys.path().join("jwks.json"));
    let port = free_port()?;
    php.args(["-S", &format!("127.0.0.1:{port}")]);
    php.arg(folder.join("index.php"));
    gates_analytics_on(port, php)
}

#[test]
fn golang_jwt_in_go() -> Result<()> {
    // Where Debian's packages put the library.
    const DEBIAN: &str = "/usr/share/gocode/src/github.com/golang-jwt/jwt";
    if !is_there("go") {
        not_here("examples/verify-in-go", "there is no Go on this machine");
        return Ok(());
    }
    let folder_of_program = tempfile::tempdir()?;
    let program = folder_of_program.path().join("verify-in-go");
    let folder = example("verify-in-go");
    let mut build = Command::new("go");
    build
        .current_dir(&folder)
        .args(["build", "-o"])
        .arg(&program);
    if Path::new(DEBIAN).exists() {
        let module = std::fs::read_to_string(folder.join("go.mod"))?;
        let module = format!("{module}\nreplace github.com/golang-jwt/jwt/v4 => {DEBIAN}\n");
        let here = folder_of_program.path().join("go.mod");
        std::fs::write(&here, module)?;
        build.arg("-modfile").arg(here);
    }
    let output = build.output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(said.contains("dial tcp"), "go build: {said}");
        not_here("examples/verify-in-go", "its packages cannot be had here");
        return Ok(());
    }
    gates_analytics(Command::new(program))
}

fn gates_analytics(backend: Command) -> Result<()> {
    gates_analytics_on(free_port()?, backend)
}

fn gates_analytics_on(port: u16, backend: Command) -> Result<()> {
    let mut server = Server::start()?;
    let analytics = Listener::start()?;
    let backend = Backend::start(port, backend, &server, &analytics)?;
    let sent = cookies::all(&server)?;
    ensure!(sent.iter().filter(|sent| sent.grants).count() == 11 && sent.len() > 30);

    for (place, sent) in sent.iter().enumerate() {
        let page = format!("/page-{place}");
        let said = http::get_with(
            &format!("{}{page}", backend.url),
            &[("cookie", &sent.header)],
        )?;
        let expected = if sent.grants {
            "counted"
        } else {
            "not counted: "
        };
        ensure!(said.starts_with(expected), "{}: {said}", sent.what);
        let calls = analytics.calls();
        let expected = usize::from(sent.grants);
        ensure!(calls.len() == expected, "{}: {calls:?}", sent.what);
        if place == 0 {
            // It has the keys now, and asks for nothing more.
            server.stop()?;
        }
    }
    Ok(())
}

/// A running example. It ends with this value.
struct Backend {
    url: String,
    process: Child,
}

impl Backend {
    fn start(
        port: u16,
        mut command: Command,
        server: &Server,
        analytics: &Listener,
    ) -> Result<Self> {
        let address = format!("127.0.0.1:{port}");
        let process = command
            .env("CONSENT_URL", &server.url)
            .env("CONSENT_SITE", SITE)
            .env(
                "ANALYTICS_URL",
                format!("http://{}/collect", analytics.address),
            )
            .env("PORT", port.to_string())
            .stdout(Stdio::null())
            .spawn()
            .with_context(|| format!("{} does not start", command.get_program().display()))?;
        let mut backend = Self {
            url: format!("http://{address}"),
            process,
        };
        wait::until(&mut backend.process, "the backend", || {
            std::net::TcpStream::connect(&address).is_ok()
        })?;
        Ok(backend)
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        // It may have ended already, which is as good.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../examples")
        .join(name)
}

fn is_there(program: &str) -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths).any(|folder| folder.join(program).exists())
}
