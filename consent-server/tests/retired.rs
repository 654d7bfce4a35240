//! A site whose declaration was moved away: its proofs stay in reach of staff, purges and erasures.

use crate::support;
use consent_core::id::{ConsentId, RecordId};
use consent_core::receipt::UnverifiedReceipt;
use consent_core::time::UnixSeconds;
use consent_server::bundle::Bundle;
use consent_server::data::DataFolder;
use consent_server::day::Day;
use consent_server::declarations::Written;
use consent_server::folder::Folder;
use consent_server::keys::Keys;
use consent_server::publish::Sites;
use consent_server::store::{Counted, NewRow, Store, StoreAddress};
use serde_json::Value;
use std::path::{Path, PathBuf};
use support::process::{Process, run};

const SUBJECT: &str = "AgICAgICAgICAgICAgICAg";

fn token(data: &Path, arguments: &[&str]) -> String {
    let data = data.to_str().unwrap();
    let output = run(&[&["token", "create", "--data", data], arguments].concat());
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder().http_status_as_error(false);
    // A login answers with a page to go to: its cookie is wanted.
    config.max_redirects(0).build().into()
}

struct Staff {
    url: String,
    token: String,
}

impl Staff {
    fn get(&self, path: &str) -> (u16, String) {
        let asked = agent()
            .get(format!("{}{path}", self.url))
            .header("authorization", format!("Bearer {}", self.token));
        let mut answer = asked.call().unwrap();
        let body = answer.body_mut().read_to_vec().unwrap();
        (
            answer.status().as_u16(),
            String::from_utf8_lossy(&body).into_owned(),
        )
    }

    fn post(&self, path: &str, body: &str) -> (u16, String) {
        let asked = agent()
            .post(format!("{}{path}", self.url))
            .header("authorization", format!("Bearer {}", self.token));
        let mut answer = asked.send(body).unwrap();
        (
            answer.status().as_u16(),
            answer.body_mut().read_to_string().unwrap(),
        )
    }

    /// A page, as somebody sees it who is logged in.
    fn page(&self, path: &str) -> (u16, String) {
        let login = agent()
            .post(format!("{}/admin/login", self.url))
            .header("origin", &self.url)
            .send_form([("token", &*self.token)])
            .unwrap();
        let cookie = login.headers()["set-cookie"].to_str().unwrap().to_owned();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let asked = agent().get(format!("{}{path}", self.url));
        let mut page = asked.header("cookie", cookie).call().unwrap();
        let text = page.body_mut().read_to_string().unwrap();
        (page.status().as_u16(), text)
    }
}

/// Two sites, and receipts of the one that goes.
struct Two {
    folder: tempfile::TempDir,
    server: Process,
    records: Vec<Value>,
}

impl Two {
    fn serve() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (sites, data) = (folder.path().join("sites"), folder.path().join("data"));
        support::write_site(&sites);
        let library = support::shop().replace("id = \"shop\"", "id = \"library\"");
        std::fs::write(sites.join("library.toml"), library).unwrap();
        let server = Process::serve(&sites, &data);
        let page = support::page::Page::open(&server.url);
        let records: Vec<Value> = (1..=3).map(|number| page.record(number)).collect();
        for record in &records {
            assert_eq!(page.send(record), Some(201));
        }
        Self {
            folder,
            server,
            records,
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn staff(&self, arguments: &[&str]) -> Staff {
        Staff {
            url: self.server.staff.clone(),
            token: token(&self.data(), arguments),
        }
    }

    /// Moves the shop's declaration away, and has the server look.
    fn retire(&self) {
        std::fs::remove_file(self.folder.path().join("sites/shop.toml")).unwrap();
        let operator = self.staff(&["--role", "admin", "--all-sites"]);
        let (status, answer) = operator.post("/v1/admin/reload", "");
        assert_eq!(status, 200, "{answer}");
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(answer["gone"], serde_json::json!(["shop"]));
    }
}

#[test]
fn staff_reach_a_retired_site_and_others_do_not() {
    let two = Two::serve();
    two.retire();
    let of_shop = two.staff(&["--role", "admin", "--site", "shop"]);
    let elsewhere = two.staff(&["--role", "admin", "--site", "library"]);
    let id = two.records[0]["jti"].as_str().unwrap();

    let (_, home) = of_shop.page("/admin");
    assert!(
        home.contains("admin/sites/shop") && home.contains("retired"),
        "{home}"
    );
    assert!(!home.contains("library"), "{home}");
    let (_, home) = elsewhere.page("/admin");
    assert!(
        !home.contains("sites/shop") && !home.contains("retired"),
        "{home}"
    );
    let (status, page) = of_shop.page("/admin/sites/shop");
    assert_eq!(status, 200, "{page}");
    // As it was declared last.
    for word in [
        "The &lt;Shop&gt;",
        "Shop &amp; Sons Ltd",
        "retired",
        id,
        "value=\"analytics\"",
        "value=\"fr\"",
    ] {
        assert!(page.contains(word), "{word}: {page}");
    }
    assert_eq!(elsewhere.page("/admin/sites/shop").0, 404);

    let export = "/v1/sites/shop/export?format=jsonl";
    let (status, lines) = of_shop.get(export);
    assert_eq!((status, lines.lines().count()), (200, 3), "{lines}");
    assert_eq!(elsewhere.get(export).0, 403);
    for end in ["", "/proof", "/evidence"] {
        let path = format!("/v1/sites/shop/consents/{id}{end}");
        let (status, answer) = of_shop.get(&path);
        assert_eq!(status, 200, "{path}: {answer}");
        assert_eq!(elsewhere.get(&path).0, 403, "{path}");
    }
    // Nobody is served there, and a site that never was is none.
    assert_eq!(
        support::page::status(&format!("{}/s/shop/consent.js", two.server.url)),
        404
    );
    let operator = two.staff(&["--role", "admin", "--all-sites"]);
    assert_eq!(operator.get("/v1/sites/nowhere/export?format=csv").0, 404);
    assert_eq!(operator.page("/admin/sites/nowhere").0, 404);

    let subject = support::consent_id(&two.records[0]);
    let body = format!("{{\"subject\":\"{subject}\"}}");
    let erasures = "/v1/sites/shop/erasures";
    assert_eq!(elsewhere.post(erasures, &body).0, 403);
    assert_eq!(
        of_shop.post(erasures, &body),
        (200, "{\"erased\":3}".into())
    );
    assert_eq!(of_shop.get(export), (200, String::new()));
}

/// Publishes a declaration of the shop as the only one, at a time; and one with other terms from now on.
fn publish(store: &dyn Store, folder: &Path, terms: &str, at: i64) {
    let text = support::shop().replace("\n[controller]", &format!("\n{terms}\n[controller]"));
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join("shop.toml"), text).unwrap();
    let at = UnixSeconds::new(at).unwrap();
    let sites: Vec<Written> = Folder::read(folder, at).unwrap().sites;
    Sites::publish(sites, &Bundle::embedded().unwrap(), store, at).unwrap();
}

/// The server's day, and a receipt whose choice ended three years before it.
fn old_receipt(store: &dyn Store, data: &Path) {
    let now = consent_server::clock::Clock::system().now().get();
    let (received, ended) = (now - 4 * 31_557_600, now - 3 * 31_557_600);
    let moment = |seconds| UnixSeconds::new(seconds).unwrap();
    let id = RecordId::v7(received.unsigned_abs() * 1000, [9; 10]);
    let record = serde_json::json!({
        "act": "accept_all", "aud": "shop", "choices": { "analytics": true, "social": true },
        "dat": received, "exp": ended, "jti": id.to_text(), "lang": "en",
        "notice": "BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ",
        "scope": "AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM",
        "src": "banner", "sub": SUBJECT,
    });
    let record = consent_core::record::Record::from_json(record.to_string().as_bytes()).unwrap();
    let signer = Keys::open(&DataFolder::at(data), moment(1))
        .unwrap()
        .into_signer(support::URL);
    let row = NewRow {
        id,
        site: "shop".parse().unwrap(),
        subject: SUBJECT.parse::<ConsentId>().unwrap(),
        continues: false,
        counted: Counted::of(&record, Day::in_utc(received)),
        decided_at: moment(received),
        received_at: moment(received),
        expires_at: moment(ended),
        receipt: signer.sign(&record, moment(received)),
        commitment: None,
    };
    assert!(UnverifiedReceipt::parse(&row.receipt).is_ok());
    store.append(&[row]).unwrap();
}

fn purged(folder: &Path, options: &[&str]) -> (Option<i32>, String, String) {
    let (sites, data) = (folder.join("left"), folder.join("data"));
    std::fs::create_dir_all(&sites).unwrap();
    let library = support::shop().replace("id = \"shop\"", "id = \"library\"");
    std::fs::write(sites.join("library.toml"), library).unwrap();
    let (sites, data) = (sites.to_str().unwrap(), data.to_str().unwrap());
    let output = run(&[&["purge", "--sites", sites, "--data", data], options].concat());
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

const YEARS_5: &str = "[proof]\nkeep_years = 5\nat_end = \"delete\"\n";
const YEARS_2: &str = "[proof]\nkeep_years = 2\nat_end = \"anonymise\"\n";

#[test]
fn a_purge_covers_a_retired_site_with_the_terms_it_published_last() {
    let folder = tempfile::tempdir().unwrap();
    let (data, sites) = (folder.path().join("data"), folder.path().join("sites"));
    std::fs::create_dir(&data).unwrap();
    let store = StoreAddress::of(&DataFolder::at(&data)).open().unwrap();
    old_receipt(&*store, &data);
    let shop = "shop".parse().unwrap();
    // There and back again: the newest artefact is not what was in force last.
    publish(&*store, &sites, YEARS_2, 100);
    publish(&*store, &sites, YEARS_5, 200);
    let (code, stdout, stderr) = purged(folder.path(), &["--dry-run"]);
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(stdout, "library\tdelete\t0\nshop\tdelete\t0\n");
    publish(&*store, &sites, YEARS_2, 300);
    let (code, stdout, stderr) = purged(folder.path(), &["--dry-run"]);
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(stdout, "library\tdelete\t0\nshop\tanonymise\t1\n");
    assert_eq!(store.latest(&shop, 10).unwrap().len(), 1);
    let (code, stdout, _) = purged(folder.path(), &[]);
    assert_eq!(code, Some(0));
    assert_eq!(stdout, "library\tdelete\t0\nshop\tanonymise\t1\n");
    assert_eq!(store.latest(&shop, 10).unwrap().len(), 0);
    assert_eq!(store.tallies(&shop).unwrap().values().sum::<u64>(), 1);
    // It was deleted as the terms say, and the database is sound.
    let fsck = run(&["fsck", "--data", data.to_str().unwrap()]);
    let found = String::from_utf8_lossy(&fsck.stdout);
    assert!(!found.contains("published"), "{found}");
}

#[test]
fn a_site_whose_terms_nobody_knows_is_told_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let store = StoreAddress::of(&DataFolder::at(&data)).open().unwrap();
    old_receipt(&*store, &data);
    let (code, stdout, stderr) = purged(folder.path(), &[]);
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(stdout, "library\tdelete\t0\nshop\tunknown\t0\n");
    assert!(stderr.contains("\"shop\""), "{stderr}");
    assert_eq!(store.latest(&"shop".parse().unwrap(), 10).unwrap().len(), 1);
}

#[test]
fn a_retired_site_can_be_held_and_comes_back() {
    let two = Two::serve();
    two.retire();
    let data = two.data();
    let data = data.to_str().unwrap();
    let held = run(&[
        "hold", "--site", "shop", "--reason", "a case", "--data", data,
    ]);
    assert!(held.status.success());
    let of_shop = two.staff(&["--role", "admin", "--site", "shop"]);
    let body = format!("{{\"subject\":\"{SUBJECT}\"}}");
    assert_eq!(of_shop.post("/v1/sites/shop/erasures", &body).0, 409);
    support::write_site(&two.folder.path().join("sites"));
    let operator = two.staff(&["--role", "admin", "--all-sites"]);
    assert_eq!(operator.post("/v1/admin/reload", "").0, 200);
    assert!(!of_shop.page("/admin").1.contains("retired"));
}
