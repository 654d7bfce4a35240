//! `consent fsck` names what is wrong, and where. That it finds every bit: `bits.rs`.

mod support;

use support::process::run;
use support::stored::Stored;

#[tokio::test]
async fn a_sound_folder_has_nothing_wrong() {
    let folder = Stored::new().await;
    assert_eq!(folder.check().unwrap(), []);
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
        let findings = whole.check().unwrap();
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
