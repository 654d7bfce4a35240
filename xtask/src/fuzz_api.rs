//! `cargo xtask fuzz-api`: schemathesis asks a real server whatever docs/openapi.json allows, and more that it does not.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use serde_json::{Value, json};

use crate::workspace::Workspace;
use crate::{command, install, steps};

/// What is served meanwhile.
const SITE: &str = "lacassagne";

/// What a bad answer is: an error of the server's own, or anything that the description does not tell.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";

/// Sends at least so many requests; fails when one is answered wrongly, or the server panics or ends.
pub(crate) fn fuzz(workspace: &Workspace, requests: u64, seed: u32) -> anyhow::Result<()> {
    let python = install::python_with(
        workspace,
        "python-fuzz",
        &workspace.own().join("requirements-fuzz.txt"),
        "schemathesis, which makes requests from an OpenAPI description",
    )?;
    let folder = tempfile::tempdir()?;
    let server = Server::start(workspace, folder.path())?;
    let whole = server.description(workspace)?;
    let doors = [
        ("openapi.json", &server.address, false),
        ("openapi-staff.json", &server.staff, true),
    ];
    let mut asked = Vec::new();
    for (name, address, of_staff) in doors {
        let description = folder.path().join(name);
        fs::write(&description, behind(&whole, of_staff)?.to_string())?;
        asked.push((description, address, of_staff));
    }

    let mut sent = 0;
    for round in 0.. {
        // Each second round at the door of staff.
        let (description, address, of_staff) = &asked[usize::from(round % 2 == 1)];
        let mut run = Command::new(python.with_file_name("schemathesis"));
        run.arg("run").arg(description);
        run.args(["--url", &format!("http://{address}")]);
        // One worker: two at once have broken the compiler of Python 3.11, of which schemathesis makes its checks.
        run.args([
            "--checks",
            CHECKS,
            "--workers",
            "1",
            "--continue-on-failure",
        ]);
        run.args([
            "--phases",
            "examples,coverage,fuzzing",
            "--warnings",
            "off",
            "--no-color",
        ]);
        run.args([
            "--generation-database",
            "none",
            "--suppress-health-check",
            "all",
        ]);
        run.args(["--seed", &(seed + round).to_string()]);
        // A reload renders every site anew: enough of them to see that it holds, once.
        let examples = if round < 2 { "20" } else { "600" };
        run.args(["--max-examples", examples]);
        if round > 1 && *of_staff {
            run.args(["--exclude-path", "/v1/admin/reload"]);
        }
        // Every third round asks as a stranger.
        if round % 3 != 2 {
            run.args([
                "--header",
                &format!("Authorization: Bearer {}", server.token),
            ]);
        }
        let answered = command::run(run.current_dir(folder.path()));
        sent = server.sent()?;
        eprintln!("── {sent} requests so far");
        answered.with_context(|| format!("seed {}", seed + round))?;
        if sent >= requests {
            break;
        }
    }
    server.end()?;
    println!(
        "{sent} requests: no answer with 5xx, none that the description does not tell, no panic"
    );
    Ok(())
}

struct Server {
    child: Child,
    address: String,
    staff: String,
    metrics: String,
    token: String,
    log: std::path::PathBuf,
}

impl Server {
    fn start(workspace: &Workspace, folder: &Path) -> anyhow::Result<Self> {
        let root = workspace.root();
        command::run(command::cargo(root).args(["build", "--quiet", "-p", "consent-server"]))?;
        let program = steps::program(root)?;
        let (sites, data) = (folder.join("sites"), folder.join("data"));
        fs::create_dir(&sites)?;
        let declaration = format!("{SITE}.toml");
        fs::copy(
            root.join("examples/sites").join(&declaration),
            sites.join(&declaration),
        )?;
        let mut token = Command::new(&program);
        token.args([
            "token",
            "create",
            "--role",
            "admin",
            "--all-sites",
            "--data",
        ]);
        let token = command::read(token.arg(&data).stderr(Stdio::null()))?
            .trim()
            .to_owned();
        let log = folder.join("log");
        let child = Command::new(&program)
            .args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--metrics",
                "127.0.0.1:0",
            ])
            .args(["--url", "https://consent.example", "--sites"])
            .arg(&sites)
            .arg("--data")
            .arg(&data)
            .env("NO_COLOR", "1")
            .stderr(File::create(&log)?)
            .spawn()?;
        let mut server = Self {
            child,
            address: String::new(),
            staff: String::new(),
            metrics: String::new(),
            token,
            log,
        };
        for _ in 0..300 {
            std::thread::sleep(Duration::from_millis(100));
            let said = fs::read_to_string(&server.log)?;
            let found = |mark: &str| {
                let (_, rest) = said.split_once(mark)?;
                rest.split_whitespace().next().map(str::to_owned)
            };
            let found = (found("address="), found("staff="), found("metrics="));
            if let (Some(address), Some(staff), Some(metrics)) = found {
                (server.address, server.staff, server.metrics) = (address, staff, metrics);
                return Ok(server);
            }
        }
        bail!(
            "the server did not start:\n{}",
            fs::read_to_string(&server.log)?
        )
    }

    /// docs/openapi.json, with what this server has, so that requests come further than "no such site".
    fn description(&self, workspace: &Workspace) -> anyhow::Result<Value> {
        let text = fs::read_to_string(workspace.root().join("docs/openapi.json"))?;
        let mut document: Value = serde_json::from_str(&text)?;
        let gate = get(&self.address, &format!("/s/{SITE}/consent.js"))?;
        let publication = after(&gate, "\"p\":\"")?;
        let notice = get(&self.address, &format!("/s/{SITE}/{publication}/fr.html"))?;
        let schemas = &mut document["components"]["schemas"];
        schemas["SiteId"] = json!({ "enum": [SITE, "nowhere"] });
        schemas["Digest"]["examples"] = json!([publication]);
        let record = &mut schemas["Record"]["properties"];
        record["aud"] = json!({ "const": SITE });
        record["lang"] = json!({ "const": "fr" });
        record["scope"] = json!({ "const": after(&notice, "data-scope=\"")? });
        record["notice"] = json!({ "const": after(&notice, "data-notice=\"")? });
        record["choices"] = json!({
            "type": "object",
            "required": ["analytics", "social"],
            "additionalProperties": false,
            "properties": { "analytics": { "type": "boolean" }, "social": { "type": "boolean" } },
        });
        Ok(document)
    }

    /// How many requests the server has answered, by its own count; an error when one was answered with 5xx.
    fn sent(&self) -> anyhow::Result<u64> {
        let metrics = get(&self.metrics, "/metrics")?;
        let lines = metrics
            .lines()
            .filter(|line| line.starts_with("consent_requests_total"));
        let mut sent = 0;
        for line in lines {
            let (labels, count) = line.rsplit_once(' ').context("a metric without a value")?;
            ensure!(!labels.contains("status=\"5"), "the server failed: {line}");
            sent += count.parse::<u64>()?;
        }
        Ok(sent)
    }

    fn end(mut self) -> anyhow::Result<()> {
        ensure!(self.child.try_wait()?.is_none(), "the server has ended");
        let said = fs::read_to_string(&self.log)?;
        ensure!(
            !said.contains("panicked"),
            "the server has panicked:\n{said}"
        );
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What of a description answers at one of the two doors.
fn behind(whole: &Value, of_staff: bool) -> anyhow::Result<Value> {
    let mut document = whole.clone();
    let paths = document["paths"].as_object_mut().context("no paths")?;
    paths.retain(|_, item| match item["servers"].as_array() {
        Some(servers) => {
            let mut urls = servers.iter().map(|server| &server["url"]);
            urls.any(|url| (url == "{staff}") == of_staff)
        }
        None => !of_staff,
    });
    for item in paths.values_mut() {
        item.as_object_mut().context("no path")?.remove("servers");
    }
    Ok(document)
}

fn get(address: &str, path: &str) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    ensure!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
    Ok(answer)
}

fn after(text: &str, mark: &str) -> anyhow::Result<String> {
    let (_, rest) = text
        .split_once(mark)
        .with_context(|| format!("no {mark}"))?;
    Ok(rest.split('"').next().unwrap_or_default().to_owned())
}
