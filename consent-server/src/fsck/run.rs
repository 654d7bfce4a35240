//! A check from its first part to its last.

use super::error::FsckError;
use super::examination::Examination;
use super::place::{Place, STAGES, Stage};
use super::report::{Examined, Watcher};
use super::{artefacts, holds_and_tokens, receipts, tiles, vouched};
use crate::data::DataFolder;
use crate::log::{Vouched, last_signed};
use crate::store::StoreAddress;
use consent_core::key::KeySet;
use consent_core::note::NoteKey;
use std::ops::ControlFlow;
use std::time::Instant;

/// Checks a store and the data folder of its server with these keys, from a place on. Nothing is changed.
pub fn examine(
    data: &DataFolder,
    store: &StoreAddress,
    keys: &KeySet,
    log_key: Option<&NoteKey>,
    from: Place,
    watcher: &mut dyn Watcher,
) -> Result<Examined, FsckError> {
    // Before the database: a server that runs may sign meanwhile, but never what is not committed before.
    let kept = last_signed(data);
    let shelf = Vouched::of(data);
    let vouched = shelf.sizes()?;
    let view = store.inspect()?;
    let mut examination = Examination {
        view: &*view,
        kept: Some(kept),
        keys,
        log_key,
        watcher,
        checked: Examined::default(),
        leaves: None,
    };
    for stage in STAGES {
        if stage < from.stage {
            continue;
        }
        let after = if stage == from.stage { from.after } else { 0 };
        let began = Instant::now();
        let ran = match stage {
            Stage::File => storage(&mut examination),
            Stage::Trail => holds_and_tokens::examine(&mut examination),
            Stage::Artefacts => artefacts::examine(&mut examination),
            Stage::Tiles => tiles::examine(&mut examination, after),
            Stage::Vouched => vouched::examine(&mut examination, &shelf, &vouched),
            Stage::Receipts => receipts::examine(&mut examination, after),
        };
        match ran {
            // What the database cannot read is a finding like any other; the other parts may be whole.
            Err(FsckError::Store(error)) => examination.found(stage.as_str(), error)?,
            ran => ran?,
        }
        let took = began.elapsed().as_secs_f64();
        examination.checked.seconds.insert(stage.as_str(), took);
    }
    Ok(examination.checked)
}

/// What the backend finds wrong with itself.
fn storage(examination: &mut Examination<'_>) -> Result<(), FsckError> {
    let view = examination.view;
    let mut told = Ok(());
    let rows = view.damage(&mut |damage| {
        told = examination.found(damage.place, damage.wrong);
        match told {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    })?;
    examination.counted(Stage::File, rows);
    told
}
