//! What each site published last is written down: the terms of its proofs once it is retired.

use super::error::FsckError;
use super::examination::Examination;
use crate::store::ArtefactKind;
use std::collections::BTreeSet;
use std::ops::ControlFlow;

/// A declaration is kept before it is written down as the last one, and a site takes receipts only after both.
pub(super) fn examine(examination: &mut Examination<'_>) -> Result<(), FsckError> {
    let view = examination.view;
    let mut declared = BTreeSet::new();
    let kind = ArtefactKind::Declaration.as_str();
    view.artefacts(Some(kind), &mut |artefact| {
        declared.insert(artefact.site);
        ControlFlow::Continue(())
    })?;
    let published = view.published()?;
    for site in view.sites()? {
        if declared.contains(&site.id) && !published.contains(&site.id) {
            examination.found(
                format!("site {}", site.id),
                "its declarations are kept, and nothing says which it published last",
            )?;
        }
    }
    Ok(())
}
