//! The configurations in `examples/proxies`, in the proxies that they are for, before the real server.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use consent_tests::cookies;
use consent_tests::listener::Listener;
use consent_tests::port::free_port;
use consent_tests::server::Server;
use consent_tests::{http, tool, wait};
use tempfile::TempDir;

/// The addresses that the examples are written with: the proxy, the consent server, the application.
const WRITTEN: [&str; 3] = ["127.0.0.1:8000", "127.0.0.1:8080", "127.0.0.1:3000"];

#[test]
fn nginx_passes_on_what_was_agreed_to_and_nothing_else() -> Result<()> {
    gates("nginx/analytics.conf", |config, folder| {
        let whole = folder.join("nginx.conf");
        let at = folder.display();
        let text = format!(
            "daemon off; pid {at}/pid; error_log {at}/error.log; events {{}}
             http {{ access_log off; client_body_temp_path {at}/1; proxy_temp_path {at}/2; fastcgi_temp_path {at}/3;
             uwsgi_temp_path {at}/4; scgi_temp_path {at}/5; include {}; }}",
            config.display()
        );
        std::fs::write(&whole, text)?;
        let mut nginx = Command::new(tool::nginx());
        nginx
            .arg("-p")
            .arg(folder)
            .arg("-c")
            .arg(whole)
            .arg("-e")
            .arg(folder.join("error.log"));
        Ok((nginx, 403))
    })
}

#[test]
fn caddy_passes_on_what_was_agreed_to_and_nothing_else() -> Result<()> {
    gates("caddy/Caddyfile", |config, folder| {
        // Its administration would listen on a fixed port.
        let text = std::fs::read_to_string(config)?;
        std::fs::write(config, format!("{{\n\tadmin off\n}}\n{text}"))?;
        let mut caddy = Command::new(tool::caddy());
        caddy
            .args(["run", "--adapter", "caddyfile", "--config"])
            .arg(config);
        for home in ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"] {
            caddy.env(home, folder);
        }
        Ok((caddy, 502))
    })
}

/// `command` makes the proxy's command from its configuration and a folder of its own, and says what it answers while
/// the consent server is away.
fn gates(
    example: &str,
    command: impl FnOnce(&Path, &Path) -> Result<(Command, u16)>,
) -> Result<()> {
    let mut server = Server::start()?;
    let application = Listener::start()?;
    let folder = tempfile::tempdir()?;
    let address = format!("127.0.0.1:{}", free_port()?);
    let consent = server.url.trim_start_matches("http://").to_owned();
    let ours = [&address, &consent, &application.address];
    let config = configured(&folder, example, ours)?;
    let (command, away) = command(&config, folder.path())?;
    let _proxy = Proxy::start(command, &address)?;

    for sent in cookies::all(&server)? {
        let (status, body) = ask(&address, "/analytics/page", &sent.header)?;
        let calls = application.calls();
        if sent.grants {
            ensure!(
                (status, &*body) == (200, "here"),
                "{}: {status} {body}",
                sent.what
            );
            ensure!(calls == ["GET /analytics/page"], "{}: {calls:?}", sent.what);
        } else {
            ensure!(status == 403, "{}: {status} {body}", sent.what);
            ensure!(calls.is_empty(), "{}: {calls:?}", sent.what);
        }
    }
    // What needs no consent is for everybody.
    let (status, _) = ask(&address, "/page", "")?;
    ensure!(status == 200 && application.calls() == ["GET /page"]);

    let agreed = cookies::all(&server)?.swap_remove(0);
    server.stop()?;
    let (status, _) = ask(&address, "/analytics/page", &agreed.header)?;
    ensure!(status == away, "the server is away: {status}");
    ensure!(application.calls().is_empty());
    ensure!(ask(&address, "/page", "")?.0 == 200);
    Ok(())
}

fn ask(address: &str, path: &str, cookie: &str) -> Result<(u16, String)> {
    http::status_with(&format!("http://{address}{path}"), &[("cookie", cookie)])
}

/// A copy of an example with the addresses of this test.
fn configured(folder: &TempDir, example: &str, ours: [&String; 3]) -> Result<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../examples/proxies")
        .join(example);
    let mut text = std::fs::read_to_string(source)?;
    for (written, ours) in WRITTEN.into_iter().zip(ours) {
        ensure!(text.contains(written), "{example} does not name {written}");
        text = text.replace(written, ours);
    }
    let copy = folder
        .path()
        .join(Path::new(example).file_name().context("a file")?);
    std::fs::write(&copy, text)?;
    Ok(copy)
}

/// A running proxy. It ends with this value.
struct Proxy(Child);

impl Proxy {
    fn start(mut command: Command, address: &str) -> Result<Self> {
        let name = command.get_program().display().to_string();
        let process = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| {
                format!("{name} does not start: is it installed? Run `cargo xtask test`")
            })?;
        let mut proxy = Self(process);
        wait::until(&mut proxy.0, &name, || {
            std::net::TcpStream::connect(address).is_ok()
        })?;
        Ok(proxy)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // nginx passes a polite signal on to its workers, and would leave them behind at another.
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}
