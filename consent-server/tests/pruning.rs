//! Pruning: the beginning of the log is no longer given out once its receipts are gone, and everything else still holds.

use crate::support;
use axum::http::StatusCode;
use consent_core::digest::Digest;
use consent_core::merkle::verify_inclusion;
use consent_core::tlog_proof::TlogProof;
use consent_server::data::DataFolder;
use consent_server::log::{last_signed, prune};
use consent_server::store::{ArtefactKind, leaf_of, leaf_of_artefact};
use support::Server;
use support::process::run;
use support::stored::remove;

async fn minimum(server: &Server) -> String {
    let answer = server.get("/log/minimum-index", &[]).await;
    assert_eq!(answer.status, StatusCode::OK);
    answer.text()
}

async fn status(server: &Server, tile: &str) -> StatusCode {
    let answer = server.get(&format!("/log/tile/{tile}"), &[]).await;
    answer.status
}

/// Erases the first of two receipts that are 600 entries apart.
async fn with_a_gap(server: &Server) -> (Digest, String) {
    let first = server.example("shop", 1);
    assert_eq!(
        server.record("shop", &first).await.status,
        StatusCode::CREATED
    );
    // Those of others, long gone.
    let gone: Vec<Digest> = (0..600_u32)
        .map(|number| Digest::of(&number.to_be_bytes()))
        .collect();
    server.store.add_leaves(&gone).unwrap();
    let second = server.record("shop", &server.example("shop", 2)).await;
    let receipt = second.json()["receipt"].as_str().unwrap().to_owned();
    let log = server.app.log().unwrap();
    log.covering(600).await.unwrap();
    // As long as the first is there, all of the log is given out.
    assert_eq!(log.prune().unwrap(), None);
    remove(server, 1, None);
    let notice = server.app.serving().sites.get("shop").unwrap().notices[&"en".parse().unwrap()];
    (notice, receipt)
}

#[tokio::test]
async fn tiles_before_the_first_receipt_are_not_given_out_and_all_proofs_hold() {
    let server = Server::start();
    let (notice, receipt) = with_a_gap(&server).await;
    let log = server.app.log().unwrap();
    let size = log.latest().unverified().size();
    assert_eq!(minimum(&server).await, "0\n");
    assert_eq!(status(&server, "0/000").await, StatusCode::OK);

    let data = server.data.path().to_str().unwrap();
    let output = run(&["log", "prune", "--data", data, "--dry-run"]);
    assert_eq!(output.stdout, b"512\n");
    assert_eq!(minimum(&server).await, "0\n");
    // The server runs meanwhile.
    let output = run(&["log", "prune", "--data", data]);
    assert_eq!(
        (output.status.code(), &*output.stdout),
        (Some(0), &b"512\n"[..])
    );
    assert_eq!(minimum(&server).await, "512\n");
    for tile in ["0/000", "0/001", "0/000.p/3"] {
        assert_eq!(status(&server, tile).await, StatusCode::NOT_FOUND, "{tile}");
    }
    let last = format!("0/002.p/{}", size - 512);
    for tile in [&*last, "1/000.p/2"] {
        assert_eq!(status(&server, tile).await, StatusCode::OK, "{tile}");
    }
    assert_eq!(log.prune().unwrap(), None);

    // The living receipt, as its owner gets the proof.
    let bearer = format!("Bearer {receipt}");
    let id = server.example("shop", 2)["jti"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/v1/sites/shop/consents/{id}/proof");
    let answer = server.get(&path, &[("authorization", &bearer)]).await;
    let proof: TlogProof = answer.text().parse().unwrap();
    let seen = proof.checkpoint.verify(log.key(), &[]).unwrap();
    let salt = proof.extra.as_deref().unwrap().try_into().unwrap();
    let (size, root) = (seen.checkpoint.size(), seen.checkpoint.root());
    let leaf = leaf_of(salt, &receipt);
    verify_inclusion(proof.index, size, &leaf, &proof.hashes, &root).unwrap();
    // The notice it was shown is before the minimum index, and kept for as long as a receipt names it.
    let shop = "shop".parse().unwrap();
    let place = log.logged_artefact(Some(&shop), ArtefactKind::Notice, &notice);
    let place = place.unwrap().unwrap();
    assert!(place < 512);
    let hashes = log.prove(place, size).unwrap();
    let leaf = leaf_of_artefact(ArtefactKind::Notice, "shop", &notice);
    verify_inclusion(place, size, &leaf, &hashes, &root).unwrap();

    let output = run(&["fsck", "--data", data]);
    // Nothing but the entries that this test has made of nothing.
    let found = String::from_utf8(output.stdout).unwrap();
    assert_eq!(found.lines().count(), 1, "{found}");
    let missing = "600 receipts or publications are missing";
    assert!(found.contains(missing), "{found}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("given out from 512 on"), "{said}");
}

#[tokio::test]
async fn a_receipt_before_the_minimum_index_is_found_and_an_empty_store_prunes_nothing() {
    let server = Server::start();
    let (_, _) = with_a_gap(&server).await;
    let store = &server.store;
    let signed = last_signed(&DataFolder::at(server.data.path()))
        .unwrap()
        .unwrap();
    let signed = signed.unverified().size();
    // Never beyond what is signed.
    assert_eq!(prune(&**store, 300, true).unwrap(), Some(256));
    remove(&server, 2, None);
    assert_eq!(prune(&**store, signed, false).unwrap(), None);
    let answer = server.record("shop", &server.example("shop", 3)).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    let data = server.end().await;
    for (minimum, wrong) in [
        (1000, "is before the minimum index 1000"),
        (1_000_000, "is beyond its"),
    ] {
        let store = consent_server::store::StoreAddress::of(&DataFolder::at(data.path()))
            .open()
            .unwrap();
        let tampered = rusqlite::Connection::open(data.path().join("consent.db")).unwrap();
        tampered
            .execute_batch(&format!(
                "DROP TRIGGER log_sum_update; UPDATE log SET minimum = {minimum};"
            ))
            .unwrap();
        drop((tampered, store));
        let output = run(&["fsck", "--data", data.path().to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(1));
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(said.contains(wrong), "{said}");
        let again = rusqlite::Connection::open(data.path().join("consent.db")).unwrap();
        again
            .execute_batch("CREATE TRIGGER log_sum_update AFTER UPDATE ON log BEGIN SELECT 1; END")
            .unwrap();
    }
}
