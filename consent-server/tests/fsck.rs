//! `consent fsck` names what is wrong, and where. That it finds every bit: `bits.rs`.

use crate::support;
use axum::http::StatusCode;
use consent_core::digest::Digest;
use consent_core::receipt::UnverifiedReceipt;
use consent_core::time::UnixSeconds;
use consent_server::auth::Role;
use consent_server::data::DataFolder;
use consent_server::store::StoreAddress;
use std::fmt::Write as _;
use support::Server;
use support::process::run;
use support::stored::Stored;

#[tokio::test]
async fn a_sound_folder_has_nothing_wrong() {
    let folder = Stored::new().await;
    assert_eq!(folder.examine().unwrap(), []);
    let data = folder.folder().to_str().unwrap();
    let output = run(&["fsck", "--data", data, "--json"]);
    assert_eq!(output.status.code(), Some(0));
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["ok"], true);
    assert_eq!(document["checked"]["counts"]["receipts"], 4);
    for from in ["artefacts", "tiles:1", "receipts:1099511627778"] {
        assert_eq!(
            run(&["fsck", "--data", data, "--from", from]).status.code(),
            Some(0),
            "{from}"
        );
    }
    assert_eq!(
        run(&["fsck", "--data", data, "--from", "elsewhere"])
            .status
            .code(),
        Some(2)
    );
    assert_eq!(run(&["fsck", "--data", "/nowhere"]).status.code(), Some(2));
}

#[tokio::test]
async fn what_is_wrong_is_named_with_its_place() {
    let whole = Stored::new().await;
    let copy = std::fs::read(whole.database()).unwrap();
    let tamper = |statement: &str, place: &str, wrong: &str| {
        std::fs::write(whole.database(), &copy).unwrap();
        whole.change(statement);
        let findings = whole.examine().unwrap();
        let is_named = findings
            .iter()
            .any(|found| found.place.contains(place) && found.wrong.contains(wrong));
        assert!(is_named, "{statement}: {findings:?}");
        let output = run(&["fsck", "--data", whole.folder().to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(1));
        assert!(String::from_utf8(output.stdout).unwrap().contains(place));
    };
    let receipt = "receipt 2 of site shop";
    let seq = "(2 | (1 << 40))";
    tamper(
        &format!("UPDATE records SET act = 'refuse_all' WHERE seq = {seq}"),
        receipt,
        "column act",
    );
    tamper(
        &format!("UPDATE records SET subject = x'00' WHERE seq = {seq}"),
        receipt,
        "column subject",
    );
    tamper(
        &format!("UPDATE records SET receipt = replace(receipt, '.', '.A') WHERE seq = {seq}"),
        receipt,
        "",
    );
    tamper(
        &format!("UPDATE records SET salt = zeroblob(32) WHERE seq = {seq}"),
        receipt,
        "does not make the leaf",
    );
    tamper(
        &format!("UPDATE records SET leaf = leaf + 1 WHERE seq = {seq}"),
        receipt,
        "does not make the leaf",
    );
    tamper(
        &format!("UPDATE records SET leaf = NULL WHERE seq = {seq}"),
        receipt,
        "no place in the log",
    );
    tamper(
        &format!("UPDATE records SET seq = seq + 70 WHERE seq = {seq}"),
        "receipt 72 of site shop",
        "after the last place",
    );
    tamper(
        "UPDATE artefacts SET content = x'00' WHERE kind = 'notice' AND site = 'shop'",
        "of site shop",
        "another digest",
    );
    tamper(
        "UPDATE log_tiles SET hashes = zeroblob(length(hashes))",
        "log/checkpoint",
        "another root",
    );
    // The receipt of this leaf is gone: nothing else would tell.
    tamper(
        "UPDATE log_waiting SET hashes = zeroblob(32) WHERE sum IS NOT NULL",
        "table log_waiting",
        "do not make its sum",
    );
    tamper(
        "DELETE FROM artefacts WHERE kind = 'file'",
        "publication",
        "is not kept",
    );
    tamper("DROP INDEX artefacts_unlogged", "artefacts_unlogged", "");
}

/// A folder that is tampered with again and again.
struct Tampered {
    stored: Stored,
    sound: Vec<u8>,
}

impl Tampered {
    async fn new() -> Self {
        let stored = Stored::new().await;
        let sound = std::fs::read(stored.database()).unwrap();
        Self { stored, sound }
    }

    /// Takes what is there now for sound.
    fn keep(&mut self) {
        self.stored.change("PRAGMA wal_checkpoint(TRUNCATE)");
        self.sound = std::fs::read(self.stored.database()).unwrap();
    }

    /// What is found after changes, in words: each by somebody who makes sums fit, or who does not.
    fn found(&self, changes: &[(bool, &str)]) -> Vec<String> {
        std::fs::write(self.stored.database(), &self.sound).unwrap();
        for (is_knowing, change) in changes {
            if *is_knowing {
                self.stored.change_knowingly(change);
            } else {
                self.stored.change(change);
            }
        }
        let findings = self.stored.examine().unwrap().into_iter();
        findings
            .map(|finding| format!("{}: {}", finding.place, finding.wrong))
            .collect()
    }
}

/// Places 1, 2 and 4 of the shop have receipts; 3 was erased, 5 anonymised, 6 purged. The library has one.
const SHOP: &str = "seq >> 40 = 1";
const LIBRARY: &str = "seq >> 40 = 2";

#[tokio::test]
async fn a_receipt_that_was_deleted_by_hand_is_missed() {
    let folder = Tampered::new().await;
    let lacking = |site: &str, count: u32, places: &str| {
        let words = match count {
            1 => "1 receipt is missing that nothing says it was".to_owned(),
            count => format!("{count} receipts are missing that nothing says they were"),
        };
        format!("site {site}: {words} erased or purged: {places}")
    };
    let delete = |which: &str| format!("DELETE FROM records WHERE {which}");
    for (change, expected) in [
        (
            delete(&format!("{SHOP} AND seq & 255 = 2")),
            lacking("shop", 1, "place 2"),
        ),
        // Of the beginning; of the end; all that a site has.
        (
            delete(&format!("{SHOP} AND seq & 255 < 4")),
            lacking("shop", 2, "places 1 to 2"),
        ),
        (
            delete(&format!("{SHOP} AND seq & 255 = 4")),
            lacking("shop", 1, "place 4"),
        ),
        (delete(SHOP), lacking("shop", 3, "places 1 to 2, place 4")),
        (delete(LIBRARY), lacking("library", 1, "place 1")),
        (delete("1"), lacking("library", 1, "place 1")),
        // What says that one was erased went instead.
        (
            "DELETE FROM removed".into(),
            lacking("shop", 3, "place 3, places 5 to 6"),
        ),
    ] {
        let findings = folder.found(&[(false, &change)]);
        assert!(findings.contains(&expected), "{change}: {findings:#?}");
    }
}

#[tokio::test]
async fn whoever_hides_a_deletion_is_found_by_another_count() {
    let folder = Tampered::new().await;
    let delete = format!("DELETE FROM records WHERE {LIBRARY}");
    let log = "1 receipts or publications are missing";
    for (change, expected) in [
        ("UPDATE sites SET next = 1 WHERE number = 2", log),
        ("DELETE FROM sites WHERE number = 2", log),
        (
            "INSERT INTO removed (site, first, last) VALUES (2, 1, 1)",
            "site library: 1 of its receipts were removed, and the trail says 0",
        ),
        (
            "INSERT INTO removed (site, first, last) VALUES (2, 1, 1); UPDATE log SET gone = gone + 1",
            "site library: 1 of its receipts were removed, and the trail says 0",
        ),
    ] {
        let findings = folder.found(&[(false, &delete), (true, change)]);
        assert!(
            findings.iter().any(|found| found.contains(expected)),
            "{change}: {findings:#?}"
        );
    }
    // Without the function, the triggers refuse; with the triggers gone, the sum is wrong.
    let findings = folder.found(&[
        (false, &delete),
        (
            false,
            "DROP TRIGGER sites_sum_update; UPDATE sites SET next = 1 WHERE number = 2",
        ),
    ]);
    assert!(
        findings
            .iter()
            .any(|found| found.starts_with("table sites, row")),
        "{findings:#?}"
    );
}

#[tokio::test]
async fn a_receipt_that_was_moved_is_missed_where_it_was() {
    let folder = Tampered::new().await;
    let moved = "UPDATE records SET seq = (2 << 40) | 2 WHERE seq = (1 << 40) | 2;
        UPDATE sites SET next = 3 WHERE number = 2";
    let findings = folder.found(&[(true, moved)]);
    let has = |words: &str| findings.iter().any(|found| found.contains(words));
    assert!(has("site shop: 1 receipt is missing"), "{findings:#?}");
    assert!(has("receipt 2 of site library"), "{findings:#?}");
    // Into the place of one that was erased.
    let again = "UPDATE records SET seq = seq + 1 WHERE seq = (1 << 40) | 2";
    let findings = folder.found(&[(false, again)]);
    let again = "site shop: has receipts again that were erased or purged: place 3";
    assert!(findings.contains(&again.to_owned()), "{findings:#?}");
}

#[tokio::test]
async fn a_tally_that_was_deleted_or_changed_is_missed() {
    let folder = Tampered::new().await;
    for (change, there) in [
        ("DELETE FROM tallies", 0),
        ("UPDATE tallies SET count = 2", 2),
        ("UPDATE tallies SET site = 'library'", 0),
    ] {
        let findings = folder.found(&[(true, change)]);
        let expected =
            format!("site shop: 1 of its receipts were anonymised, and its tallies count {there}");
        assert!(findings.contains(&expected), "{change}: {findings:#?}");
    }
    let both = "DELETE FROM tallies; UPDATE sites SET tallied = 0";
    let findings = folder.found(&[(true, both)]);
    let expected = "site shop: 0 of its receipts were anonymised, and the trail says 1";
    assert!(findings.contains(&expected.to_owned()), "{findings:#?}");
}

#[tokio::test]
async fn a_receipt_that_no_longer_continues_another_is_missed() {
    let server = Server::start();
    let first = server.record("shop", &server.example("shop", 1)).await;
    assert_eq!(first.status, StatusCode::CREATED);
    let holder = first.headers.get_all("set-cookie").iter();
    let holder = holder.filter_map(|set| set.to_str().ok()?.split(';').next());
    let holder: Vec<&str> = holder.collect();
    let receipt = first.json()["receipt"].as_str().unwrap().to_owned();
    let claims = UnverifiedReceipt::parse(&receipt).unwrap().record().clone();
    let mut second = server.example("shop", 2);
    second["sub"] = claims.subject.to_text().into();
    second["prev"] = claims.id.to_text().into();
    let headers = [
        ("content-type", "application/json"),
        ("cookie", &*holder.join("; ")),
    ];
    let path = "/v1/sites/shop/consents";
    let second = server.post(path, &headers, second.to_string()).await;
    assert_eq!(second.status, StatusCode::CREATED);
    let data = server.end().await;
    let database = rusqlite::Connection::open(DataFolder::at(data.path()).database()).unwrap();
    let code = || {
        run(&["fsck", "--data", data.path().to_str().unwrap()])
            .status
            .code()
    };
    let change = |statement: &str| assert_eq!(database.execute(statement, []), Ok(1));
    assert_eq!(code(), Some(0));
    change("UPDATE records SET continues = NULL WHERE continues = 1");
    assert_eq!(code(), Some(1));
    // Another does in its place: so their number is right.
    change("UPDATE records SET continues = 1 WHERE seq & 255 = 1");
    assert_eq!(code(), Some(1));
    change("UPDATE records SET continues = NULL WHERE seq & 255 = 1");
    change("UPDATE records SET continues = 1 WHERE seq & 255 = 2");
    assert_eq!(code(), Some(0));
    drop(database);
    let server = Server::open(data, support::shop(), |store| store);
    let token = server.token(Role::Admin, &["shop"], None);
    let subject = claims.subject.to_text();
    let erased = server.staff().erase("shop", &subject, &token).await;
    assert_eq!(erased.json()["erased"], 2);
    let data = server.end().await;
    let code = run(&["fsck", "--data", data.path().to_str().unwrap()])
        .status
        .code();
    assert_eq!(code, Some(0));
}

#[tokio::test]
async fn what_was_changed_by_hand_is_not_made_good_by_what_the_program_changes_next() {
    let stored = Stored::new().await;
    let database = rusqlite::Connection::open(stored.database()).unwrap();
    let trigger = "SELECT sql FROM sqlite_schema WHERE name = 'tokens_sum_update'";
    let trigger: String = database.query_row(trigger, [], |row| row.get(0)).unwrap();
    let by_hand = "DROP TRIGGER tokens_sum_update; UPDATE tokens SET role = 'admin'";
    database
        .execute_batch(&format!("{by_hand}; {trigger}"))
        .unwrap();
    drop(database);
    let is_named = || {
        let findings = stored.examine().unwrap();
        findings
            .iter()
            .any(|found| found.place.starts_with("table tokens, row"))
    };
    assert!(is_named());
    let store = StoreAddress::of(&DataFolder::at(stored.folder()))
        .open()
        .unwrap();
    let day = UnixSeconds::new(1_800_000_000).unwrap();
    for token in store.tokens().unwrap() {
        store.use_token(&token.hash, day).unwrap();
    }
    drop(store);
    assert!(is_named());
}

#[tokio::test]
async fn counts_of_a_day_are_those_of_its_receipts() {
    let folder = Tampered::new().await;
    for change in [
        "UPDATE decision_counts SET count = count + 1 WHERE site = 2",
        "DELETE FROM decision_counts WHERE site = 2",
        "UPDATE choice_counts SET granted = 1 - granted WHERE site = 2 AND id = (SELECT min(id) FROM choice_counts)",
        "UPDATE records SET day_shift = 1 WHERE seq >> 40 = 2",
    ] {
        let findings = folder.found(&[(true, change)]);
        assert!(!findings.is_empty(), "{change}");
        for found in findings {
            let is_said = found.starts_with("site library: its counts of 20")
                && found.ends_with(" are not those of its receipts");
            assert!(is_said, "{change}: {found}");
        }
    }
}

#[tokio::test]
async fn a_hold_stands_as_the_trail_tells() {
    let folder = Tampered::new().await;
    let put = "INSERT INTO holds (site, reason, since) VALUES ('shop', 'case 14', 1)";
    for (change, expected) in [
        (
            "DELETE FROM holds",
            "site library: is under no legal hold, and line 2 of the trail says that it is",
        ),
        (
            put,
            "site shop: is under a legal hold, and line 8 of the trail says that it was lifted",
        ),
        (
            "INSERT INTO holds (site, reason, since) VALUES ('kiosk', 'case 14', 1)",
            "site kiosk: is under a legal hold, and no line of the trail says so",
        ),
    ] {
        assert_eq!(folder.found(&[(true, change)]), [expected], "{change}");
    }
    // A line that was never completed says that nobody knows.
    let open = "UPDATE audit SET rows = NULL WHERE action = 'lift_hold'";
    assert_eq!(folder.found(&[(true, open), (true, put)]), [""; 0]);
    let again = "INSERT INTO audit (at, who, token, role, action, site, filter)
        VALUES (1, 'x', '', 'operator', 'hold', 'library', 'case 12')";
    let gone = folder.found(&[(true, again), (false, "DELETE FROM holds")]);
    assert_eq!(gone.len(), 1, "{gone:?}");
}

/// As SQL writes it.
fn blob(digest: &Digest) -> String {
    let mut hex = String::new();
    for byte in digest.as_bytes() {
        // Writing to a `String` does not fail.
        let _ = write!(hex, "{byte:02x}");
    }
    format!("x'{hex}'")
}

#[tokio::test]
async fn a_token_that_was_added_or_taken_away_by_hand_is_found() {
    let mut folder = Tampered::new().await;
    let data = folder.stored.folder().to_str().unwrap().to_owned();
    let token = |arguments: &[&str]| {
        let output = run(&[&["token"], arguments, &["--data", &data]].concat());
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let create = || {
        let secret = token(&["create", "--role", "admin", "--all-sites"]);
        let hash = Digest::of(secret.trim().as_bytes());
        (hash, hash.to_text().chars().take(8).collect::<String>())
    };
    let ((kept, id), (_, revoked)) = (create(), create());
    token(&["revoke", &revoked]);
    folder.keep();
    assert_eq!(folder.found(&[]), [""; 0]);
    // Those of the folder were made without a line, as by an older version: nothing is said of them.
    let gone = folder.found(&[(false, "DELETE FROM tokens")]);
    let [gone] = &gone[..] else {
        panic!("{gone:?}");
    };
    let expected = format!("token {id}: is not there, and line ");
    assert!(gone.starts_with(&expected), "{gone}");
    let stranger = Digest::of(b"by hand");
    let change = format!(
        "UPDATE tokens SET hash = {} WHERE hash = {}",
        blob(&stranger),
        blob(&kept)
    );
    let findings = folder.found(&[(true, &change)]);
    let there = findings
        .iter()
        .any(|found| found.ends_with(": is there, and no line of the trail says that it was made"));
    assert!(there && findings.len() == 2, "{findings:?}");
    let swapped = format!(
        "UPDATE audit SET action = 'revoke_token' WHERE action = 'create_token' AND filter GLOB 'token={id}*'"
    );
    let findings = folder.found(&[(true, &swapped)]);
    assert!(
        findings.len() == 1 && findings[0].ends_with("says that it was revoked"),
        "{findings:?}"
    );
}

#[tokio::test]
async fn a_site_whose_last_publication_is_forgotten_is_found() {
    let folder = Tampered::new().await;
    let kept = "INSERT INTO artefacts (digest, kind, site, content, kept_at)
        SELECT digest, 'declaration', 'shop', content, 1 FROM artefacts WHERE kind = 'notice' AND site = 'shop'";
    let forgotten =
        "site shop: its declarations are kept, and nothing says which it published last";
    let words = |changes: &[(bool, &str)]| {
        let findings = folder.found(changes);
        findings.iter().filter(|found| *found == forgotten).count()
    };
    assert_eq!(words(&[(true, kept)]), 0);
    assert_eq!(words(&[(true, kept), (false, "DELETE FROM published")]), 1);
}

#[tokio::test]
async fn a_check_that_goes_on_later_misses_what_comes_after() {
    let stored = Stored::new().await;
    stored.change(&format!(
        "DELETE FROM records WHERE {SHOP} AND seq & 255 IN (1, 4)"
    ));
    let missing = |from: &str| {
        let findings = stored.check_from(from.parse().unwrap()).unwrap();
        let missing = findings.into_iter().map(|found| found.wrong);
        missing
            .filter(|wrong| wrong.contains("missing that nothing"))
            .collect::<Vec<_>>()
    };
    let after = (1_u64 << 40) | 2;
    let [wrong] = <[String; 1]>::try_from(missing(&format!("receipts:{after}"))).unwrap();
    assert!(wrong.ends_with(": place 4"), "{wrong}");
    let [wrong] = <[String; 1]>::try_from(missing("receipts:0")).unwrap();
    assert!(wrong.ends_with(": place 1, place 4"), "{wrong}");
    let data = stored.folder().to_str().unwrap();
    let output = run(&["fsck", "--data", data]);
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains("site shop: 2 receipts are missing"), "{told}");
}

#[tokio::test]
async fn a_flipped_bit_of_the_checkpoint_is_found_wherever_it_is() {
    let folder = Stored::new().await;
    let file = folder.folder().join("log/checkpoint");
    let sound = std::fs::read(&file).unwrap();
    let tiles = "tiles".parse().unwrap();
    // A bit of each byte, each time another one.
    for byte in 0..sound.len() {
        let bit = byte * 8 + byte % 8;
        let mut damaged = sound.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        std::fs::write(&file, damaged).unwrap();
        let findings = folder.check_from(tiles).unwrap();
        assert!(
            findings.iter().any(|found| found.place == "log/checkpoint"),
            "bit {bit}: {findings:?}"
        );
    }
}

#[tokio::test]
async fn a_definition_that_reads_the_same_and_is_another_is_found() {
    for (change, name) in [
        (
            "tbl_name = CAST(tbl_name AS BLOB)",
            "sqlite_autoindex_records_1",
        ),
        ("rootpage = 1", "log_sum_update"),
    ] {
        let stored = Stored::new().await;
        stored.change(&format!(
            "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET {change} WHERE name = '{name}'"
        ));
        let wrong = stored.first_wrong().unwrap();
        assert!(wrong.contains(name), "{wrong}");
    }
}
