//! What was published: each thing is what its digest says, and at its place in the log.

use super::{Check, FsckError, Stage};
use crate::store::{ArtefactKind, leaf_of_artefact};
use consent_core::digest::Digest;
use consent_core::publication::folder_digest;
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::path::Path;

/// Files by name, each with its digest.
type List = BTreeMap<String, String>;

type Bundles = Vec<(Digest, List)>;

pub(super) fn check(check: &mut Check<'_>) -> Result<(), FsckError> {
    let connection = check.connection;
    let bundles = bundles(connection)?;
    let mut statement =
        connection.prepare("SELECT digest, kind, site, content, leaf FROM artefacts")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let digest: Vec<u8> = row.get(0)?;
        let (kind, site): (String, String) = (row.get(1)?, row.get(2)?);
        let content: Vec<u8> = row.get(3)?;
        let leaf: Option<i64> = row.get(4)?;
        let Ok(digest) = <[u8; 32]>::try_from(digest).map(Digest::from_bytes) else {
            check.found(
                format!("{kind} of site \"{site}\""),
                "its digest has not 32 bytes",
            )?;
            continue;
        };
        let name = match &*site {
            "" => format!("{kind} {digest}"),
            site => format!("{kind} {digest} of site {site}"),
        };
        check.counted(Stage::Artefacts, 1);
        if kind == ArtefactKind::Publication.as_str() {
            check_publication(check, &name, &digest, &content, &bundles)?;
        } else if Digest::of(&content) != digest {
            check.found(&name, "its content has another digest")?;
        }
        match (ArtefactKind::of(&kind), leaf) {
            (None, _) => check.found(&name, "is of no known kind")?,
            (Some(ArtefactKind::File), None) => {}
            (Some(ArtefactKind::File), Some(_)) => {
                check.found(&name, "files have no place in the log")?;
            }
            (Some(_), None) => check.found(&name, "has no place in the log")?,
            (Some(kind), Some(place)) => {
                let leaf = leaf_of_artefact(kind, &site, &digest);
                check.check_leaf(&name, place, &leaf)?;
            }
        }
    }
    Ok(())
}

/// The list of a publication's files. Its digest is over the notices' files and the bundle that the others are from.
fn check_publication(
    check: &mut Check<'_>,
    name: &str,
    digest: &Digest,
    list: &[u8],
    bundles: &Bundles,
) -> Result<(), FsckError> {
    let Ok(files) = serde_json::from_slice::<List>(list) else {
        return check.found(name, "is not a list of files");
    };
    let (notices, of_bundle): (List, List) = files
        .into_iter()
        .partition(|(file, _)| Path::new(file).extension() == Some("html".as_ref()));
    let made_of = bundles
        .iter()
        .find(|(bundle, _)| folder_digest(bundle, notices.clone().into_iter()) == *digest);
    let Some((_, bundle)) = made_of else {
        return check.found(
            name,
            "its content has another digest, or its bundle is not kept",
        );
    };
    let mut find = check.connection.prepare_cached(
        "SELECT 1 FROM artefacts WHERE digest = ?1 AND kind = 'file' AND site = ''",
    )?;
    for (file, digest) in &of_bundle {
        if bundle.get(file) != Some(digest) {
            check.found(name, format!("its file {file} is not that of its bundle"))?;
        }
    }
    for (file, digest) in notices.iter().chain(&of_bundle) {
        let parsed: Option<Digest> = digest.parse().ok();
        let is_kept = match parsed {
            Some(digest) => find.exists([digest.as_bytes()])?,
            None => false,
        };
        if !is_kept {
            check.found(name, format!("its file {file} is not kept"))?;
        }
    }
    Ok(())
}

/// The bundles that are kept, by their digests.
fn bundles(connection: &Connection) -> Result<Bundles, FsckError> {
    let mut statement =
        connection.prepare("SELECT digest, content FROM artefacts WHERE kind = 'bundle'")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut bundles = Vec::new();
    for row in rows {
        let (digest, content): ([u8; 32], Vec<u8>) = row?;
        if let Ok(list) = serde_json::from_slice(&content) {
            bundles.push((Digest::from_bytes(digest), list));
        }
    }
    Ok(bundles)
}
