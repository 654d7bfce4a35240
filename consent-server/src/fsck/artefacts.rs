//! What was published: each thing is what its digest says, and at its place in the log.

use super::error::FsckError;
use super::examination::Examination;
use super::place::Stage;
use super::published;
use crate::store::inspection::{InspectedArtefact, Inspection};
use crate::store::{ArtefactKind, leaf_of_artefact};
use consent_core::digest::Digest;
use consent_core::publication::folder_digest;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;

/// Files by name, each with its digest.
type List = BTreeMap<String, String>;

type Bundles = Vec<(Digest, List)>;

pub(super) fn examine(examination: &mut Examination<'_>) -> Result<(), FsckError> {
    let view = examination.view;
    let bundles = bundles(view)?;
    let mut checked = Ok(());
    view.artefacts(None, &mut |artefact| {
        checked = examine_one(examination, &artefact, &bundles);
        match checked {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    })?;
    checked?;
    published::examine(examination)
}

fn examine_one(
    examination: &mut Examination<'_>,
    artefact: &InspectedArtefact,
    bundles: &Bundles,
) -> Result<(), FsckError> {
    let InspectedArtefact {
        kind,
        site,
        content,
        place,
        ..
    } = artefact;
    let Ok(digest) = <[u8; 32]>::try_from(&artefact.digest[..]).map(Digest::from_bytes) else {
        return examination.found(
            format!("{kind} of site \"{site}\""),
            "its digest has not 32 bytes",
        );
    };
    let name = match &**site {
        "" => format!("{kind} {digest}"),
        site => format!("{kind} {digest} of site {site}"),
    };
    examination.counted(Stage::Artefacts, 1);
    if kind == ArtefactKind::Publication.as_str() {
        examine_publication(examination, &name, &digest, content, bundles)?;
    } else if Digest::of(content) != digest {
        examination.found(&name, "its content has another digest")?;
    }
    match (ArtefactKind::of(kind), *place) {
        (None, _) => examination.found(&name, "is of no known kind"),
        (Some(ArtefactKind::File), None) => Ok(()),
        (Some(ArtefactKind::File), Some(_)) => {
            examination.found(&name, "files have no place in the log")
        }
        (Some(_), None) => examination.found(&name, "has no place in the log"),
        (Some(kind), Some(place)) => {
            let leaf = leaf_of_artefact(kind, site, &digest);
            examination.examine_leaf(&name, place, &leaf)
        }
    }
}

/// The list of a publication's files. Its digest is over the notices' files and the bundle that the others are from.
fn examine_publication(
    examination: &mut Examination<'_>,
    name: &str,
    digest: &Digest,
    list: &[u8],
    bundles: &Bundles,
) -> Result<(), FsckError> {
    let Ok(files) = serde_json::from_slice::<List>(list) else {
        return examination.found(name, "is not a list of files");
    };
    let (notices, of_bundle): (List, List) = files
        .into_iter()
        .partition(|(file, _)| Path::new(file).extension() == Some("html".as_ref()));
    let made_of = bundles
        .iter()
        .find(|(bundle, _)| folder_digest(bundle, notices.clone().into_iter()) == *digest);
    let Some((_, bundle)) = made_of else {
        return examination.found(
            name,
            "its content has another digest, or its bundle is not kept",
        );
    };
    for (file, digest) in &of_bundle {
        if bundle.get(file) != Some(digest) {
            examination.found(name, format!("its file {file} is not that of its bundle"))?;
        }
    }
    for (file, digest) in notices.iter().chain(&of_bundle) {
        let parsed: Option<Digest> = digest.parse().ok();
        let is_kept = match parsed {
            Some(digest) => examination.view.has_file(&digest)?,
            None => false,
        };
        if !is_kept {
            examination.found(name, format!("its file {file} is not kept"))?;
        }
    }
    Ok(())
}

/// The bundles that are kept, by their digests.
fn bundles(view: &dyn Inspection) -> Result<Bundles, FsckError> {
    let mut bundles = Vec::new();
    view.artefacts(Some(ArtefactKind::Bundle.as_str()), &mut |bundle| {
        let digest = <[u8; 32]>::try_from(bundle.digest).map(Digest::from_bytes);
        if let (Ok(digest), Ok(list)) = (digest, serde_json::from_slice(&bundle.content)) {
            bundles.push((digest, list));
        }
        ControlFlow::Continue(())
    })?;
    Ok(bundles)
}
