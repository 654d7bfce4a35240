//! A declaration changes; the evidence of what was decided before still names who asked then, and why.

use crate::support;
use consent_core::archive::Archive;
use serde_json::Value;
use std::path::Path;
use support::Server;
use support::process::{Process, run};

/// The shop's declaration in two files: the controller stands in the base.
fn write(sites: &Path, shop: &str) {
    let (start, rest) = shop.split_once("[controller]").unwrap();
    let (controller, end) = rest.split_once("[policy]").unwrap();
    let own = format!("base = \"publisher.toml\"\n{start}[policy]{end}");
    std::fs::write(sites.join("shop.toml"), own).unwrap();
    let base = format!("[controller]{controller}");
    std::fs::write(sites.join("publisher.toml"), base).unwrap();
}

fn evidence(data: &Path, record: &Value) -> Archive {
    let id = record["jti"].as_str().unwrap();
    let made = run(&["evidence", id, "--data", data.to_str().unwrap(), "-o", "-"]);
    let said = String::from_utf8_lossy(&made.stderr);
    assert_eq!(made.status.code(), Some(0), "{said}");
    Archive::from_zip(&made.stdout).unwrap()
}

#[tokio::test]
async fn evidence_shows_the_declaration_of_its_time() {
    let folder = tempfile::tempdir().unwrap();
    let (sites, data) = (folder.path().join("sites"), folder.path().join("data"));
    std::fs::create_dir(&sites).unwrap();
    write(&sites, support::shop());
    let record = Server::start().example("shop", 1);
    let server = Process::serve(&sites, &data);
    let answer = ureq::post(format!("{}/v1/sites/shop/consents", server.url))
        .content_type("application/json")
        .send(record.to_string())
        .unwrap();
    assert_eq!(answer.status(), 201);
    drop(server);
    let before = evidence(&data, &record);

    // Another controller, another purpose, asked anew. The base is gone.
    let changed = support::shop()
        .replace("Shop & Sons Ltd", "New Owners plc")
        .replace("Counts visits.", "Sells visits.")
        .replace("revision = 1", "revision = 2");
    std::fs::remove_file(sites.join("publisher.toml")).unwrap();
    std::fs::write(sites.join("shop.toml"), changed).unwrap();
    drop(Process::serve(&sites, &data));

    let after = evidence(&data, &record);
    for (file, name) in [
        ("formats/dpv.json", "Shop & Sons Ltd"),
        ("formats/kantara.json", "Shop & Sons Ltd"),
        ("summary.en.html", "The &lt;Shop&gt;"),
    ] {
        let [was, is] =
            [&before, &after].map(|zip| zip.get(file).unwrap_or_else(|| panic!("{file}")));
        let text = String::from_utf8_lossy(is);
        assert!(text.contains(name), "{file}: {text}");
        // The summary also tells the log's size, which has grown.
        assert!(was == is || file == "summary.en.html", "{file}: {text}");
    }
    let fsck = run(&["fsck", "--data", data.to_str().unwrap()]);
    assert_eq!(String::from_utf8_lossy(&fsck.stdout), "");
}
