//! The log as outsiders see it: checkpoints, tiles, proofs; and what is left of it when receipts go.

use crate::support;
use axum::http::StatusCode;
use consent_core::checkpoint::SignedCheckpoint;
use consent_core::digest::Digest;
use consent_core::merkle::{self, Tile, TileReader, verify_consistency, verify_inclusion};
use consent_core::note::NoteKey;
use consent_core::tlog_proof::TlogProof;
use consent_server::auth::Role;
use consent_server::store::{ArtefactKind, leaf_of, leaf_of_artefact};
use serde_json::Value;
use support::{Server, shop};

async fn key(server: &Server) -> NoteKey {
    let answer = server.get("/log/vkey", &[]).await;
    assert_eq!(answer.status, StatusCode::OK);
    answer.text().trim().parse().unwrap()
}

/// The last checkpoint, with a signature that was verified.
async fn checkpoint(server: &Server) -> SignedCheckpoint {
    let answer = server.get("/log/checkpoint", &[]).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(
        answer.header("content-type"),
        Some("text/plain; charset=utf-8")
    );
    let signed = SignedCheckpoint::parse(&answer.text()).unwrap();
    signed.verify(&key(server).await, &[]).unwrap();
    signed
}

/// Waits until so many entries are signed.
async fn grown_to(server: &Server, size: u64) -> SignedCheckpoint {
    server.app.log().unwrap().covering(size - 1).await.unwrap();
    checkpoint(server).await
}

/// All tiles of a tree, as a monitor fetches them.
async fn leaves(server: &Server, size: u64) -> Vec<Digest> {
    let mut leaves = Vec::new();
    for tile in Tile::of_tree(size) {
        let answer = server.get(&format!("/log/tile/{tile}"), &[]).await;
        assert_eq!(answer.status, StatusCode::OK, "{tile}");
        assert_eq!(answer.body.len(), usize::from(tile.width()) * 32);
        assert_eq!(
            answer.header("content-type"),
            Some("application/octet-stream")
        );
        assert!(
            answer
                .header("cache-control")
                .unwrap()
                .contains("immutable")
        );
        if tile.level() == 0 {
            leaves.extend(
                answer
                    .body
                    .chunks(32)
                    .map(|hash| Digest::from_bytes(hash.try_into().unwrap())),
            );
        }
    }
    leaves
}

/// Sends a record; its receipt.
async fn receipt(server: &Server, record: &Value) -> String {
    let answer = server.record("shop", record).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    answer.json()["receipt"].as_str().unwrap().to_owned()
}

fn proof_path(record: &Value) -> String {
    let id = record["jti"].as_str().unwrap();
    format!("/v1/sites/shop/consents/{id}/proof")
}

async fn proof(server: &Server, record: &Value, receipt: &str) -> TlogProof {
    let bearer = format!("Bearer {receipt}");
    let answer = server
        .get(&proof_path(record), &[("authorization", &bearer)])
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.text().parse().unwrap()
}

/// What an auditor does with a receipt, its proof, and the log's key.
async fn verifies(server: &Server, receipt: &str, proof: &TlogProof) {
    let key = key(server).await;
    let seen = proof.checkpoint.verify(&key, &[]).unwrap();
    let salt = proof.extra.as_deref().unwrap().try_into().unwrap();
    let (size, root) = (seen.checkpoint.size(), seen.checkpoint.root());
    verify_inclusion(
        proof.index,
        size,
        &leaf_of(salt, receipt),
        &proof.hashes,
        &root,
    )
    .unwrap();
}

#[tokio::test]
async fn what_is_published_is_in_the_log_and_so_is_every_receipt() {
    let server = Server::start();
    let published = checkpoint(&server).await;
    // Two sites with two languages: the bundle, and a scope, a publication and two notices each.
    assert_eq!(published.unverified().origin(), "consent.example/log");
    let first = published.unverified().size();
    let place = |kind, digest: &Digest| {
        let shop = "shop".parse().unwrap();
        server
            .store
            .logged_artefact(Some(&shop), kind, digest)
            .unwrap()
            .unwrap()
    };
    let stored = leaves(&server, first).await;
    assert_eq!(merkle::root_of(&stored), published.unverified().root());
    let serving = server.app.serving();
    let site = serving.sites.get("shop").unwrap();
    let mut artefacts = vec![
        (ArtefactKind::Scope, site.scope_digest),
        (ArtefactKind::Publication, site.digest),
    ];
    artefacts.extend(
        site.notices
            .values()
            .map(|digest| (ArtefactKind::Notice, *digest)),
    );
    for (kind, digest) in artefacts {
        let place = usize::try_from(place(kind, &digest)).unwrap();
        assert_eq!(stored[place], leaf_of_artefact(kind, "shop", &digest));
    }

    let mut kept = Vec::new();
    for number in 0..5 {
        let record = server.example("shop", number);
        let receipt = receipt(&server, &record).await;
        kept.push((record, receipt));
    }
    let grown = grown_to(&server, first + 5).await;
    for (place, (record, receipt)) in kept.iter().enumerate() {
        let proof = proof(&server, record, receipt).await;
        assert_eq!(proof.index, first + place as u64);
        verifies(&server, receipt, &proof).await;
        // Neither another receipt nor another salt.
        let key = key(&server).await;
        let root = proof
            .checkpoint
            .verify(&key, &[])
            .unwrap()
            .checkpoint
            .root();
        let leaf = leaf_of(&[0; 32], receipt);
        let entries = proof.checkpoint.unverified().size();
        assert!(verify_inclusion(proof.index, entries, &leaf, &proof.hashes, &root).is_err());
    }
    // The older tree is the beginning of the newer one.
    let all = leaves(&server, first + 5).await;
    assert_eq!(merkle::root_of(&all), grown.unverified().root());
    let mut reader = TileReader::new(first + 5, |tile| {
        Ok::<_, ()>(server.store.tile(tile).unwrap().unwrap())
    });
    let consistency =
        merkle::consistency_proof(first, first + 5, |node| reader.node(node)).unwrap();
    let (old, new) = (published.unverified().root(), grown.unverified().root());
    verify_consistency(first, first + 5, &old, &new, &consistency).unwrap();
}

#[tokio::test]
async fn a_proof_is_for_whoever_has_the_receipt_and_for_staff() {
    let server = Server::start();
    let record = server.example("shop", 1);
    let receipt = receipt(&server, &record).await;
    let path = proof_path(&record);
    assert_eq!(server.get(&path, &[]).await.code(), "unauthorized");
    let other = server.example("shop", 2);
    let others = support_receipt(&server, &other).await;
    let bearer = format!("Bearer {others}");
    assert_eq!(
        server
            .get(&path, &[("authorization", &bearer)])
            .await
            .code(),
        "unauthorized"
    );
    let staff = format!("Bearer {}", server.token(Role::Viewer, &["shop"], None));
    let staff = [("authorization", &*staff)];
    let answer = server.staff().get(&path, &staff).await;
    assert_eq!(answer.status, StatusCode::OK);
    verifies(&server, &receipt, &answer.text().parse().unwrap()).await;
    let nowhere = path.replace("/shop/", "/library/");
    let everywhere = format!("Bearer {}", server.token(Role::Viewer, &[], None));
    assert_eq!(
        server
            .staff()
            .get(&nowhere, &[("authorization", &everywhere)])
            .await
            .code(),
        "not_found"
    );
}

async fn support_receipt(server: &Server, record: &Value) -> String {
    receipt(server, record).await
}

#[tokio::test]
async fn a_tile_is_answered_only_as_far_as_it_was_signed() {
    let server = Server::start();
    let size = checkpoint(&server).await.unverified().size();
    for missing in [
        format!("0/000.p/{}", size + 1),
        "0/000".into(),
        "0/001.p/1".into(),
        "1/000.p/1".into(),
        "entries/000".into(),
        "0/0".into(),
        "..%2f..%2fetc".into(),
    ] {
        let answer = server.get(&format!("/log/tile/{missing}"), &[]).await;
        assert_eq!(answer.code(), "not_found", "{missing}");
    }
    // A monitor that is behind still gets the narrower tile.
    let answer = server.get("/log/tile/0/000.p/1", &[]).await;
    assert_eq!(answer.body.len(), 32);
}

#[tokio::test]
async fn a_log_goes_on_after_a_restart_under_its_name() {
    let server = Server::start();
    let record = server.example("shop", 1);
    let receipt = receipt(&server, &record).await;
    let before = proof(&server, &record, &receipt).await;
    let key_before = key(&server).await;
    let server = server
        .reopen(&shop().replace("purpose = \"", "purpose = \"Newly: "))
        .await;
    assert_eq!(key(&server).await, key_before);
    let after = checkpoint(&server).await;
    let size = before.checkpoint.unverified().size();
    assert!(
        after.unverified().size() > size,
        "the new notices are entries"
    );
    verifies(&server, &receipt, &before).await;
    verifies(&server, &receipt, &proof(&server, &record, &receipt).await).await;
}

#[tokio::test]
async fn what_was_erased_leaves_a_whole_tree_that_says_nothing() {
    let server = Server::start();
    let (mine, theirs) = (server.example("shop", 1), server.example("shop", 2));
    let mut theirs = theirs;
    theirs["sub"] = "BwcHBwcHBwcHBwcHBwcHBw".into();
    let my_receipt = receipt(&server, &mine).await;
    let their_receipt = receipt(&server, &theirs).await;
    let my_proof = proof(&server, &mine, &my_receipt).await;
    let before = grown_to(&server, my_proof.index + 2).await;
    let salt = my_proof.extra.clone().unwrap();

    let admin = server.token(Role::Admin, &["shop"], None);
    let answer = server
        .staff()
        .erase("shop", &support::consent_id(&mine), &admin)
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());

    // The leaf is where it was, the tree is what it was, and the other's proof verifies.
    let size = before.unverified().size();
    let all = leaves(&server, size).await;
    let place = usize::try_from(my_proof.index).unwrap();
    let my_leaf = leaf_of(salt.as_slice().try_into().unwrap(), &my_receipt);
    assert_eq!(all[place], my_leaf);
    assert_eq!(merkle::root_of(&all), before.unverified().root());
    verifies(
        &server,
        &their_receipt,
        &proof(&server, &theirs, &their_receipt).await,
    )
    .await;
    // Whoever kept their own receipt and proof can still show them.
    verifies(&server, &my_receipt, &my_proof).await;
    let staff = format!("Bearer {}", server.token(Role::Viewer, &["shop"], None));
    assert_eq!(
        server
            .staff()
            .get(&proof_path(&mine), &[("authorization", &staff)])
            .await
            .code(),
        "not_found"
    );

    // In all files of the data folder there is neither the receipt nor the salt nor any id of the person.
    let data = server.end().await;
    let mut files = 0;
    let mut read = |path: &std::path::Path| {
        let bytes = std::fs::read(path).unwrap();
        files += 1;
        let has = |wanted: &[u8]| bytes.windows(wanted.len()).any(|window| window == wanted);
        assert!(!has(&salt), "{} has the salt", path.display());
        assert!(
            !has(my_receipt.as_bytes()),
            "{} has the receipt",
            path.display()
        );
        assert!(!has(&[2; 16]), "{} has the consent id", path.display());
        has(my_leaf.as_bytes())
    };
    assert!(read(&data.path().join("consent.db")), "the leaf is there");
    for name in ["consent.db-wal", "log/checkpoint"] {
        let path = data.path().join(name);
        if path.exists() {
            read(&path);
        }
    }
    assert!(files >= 2);
}
