//! A check from its first part to its last.

use super::check::Check;
use super::error::FsckError;
use super::place::{Place, STAGES, Stage};
use super::report::{Checked, Watcher};
use super::{artefacts, receipts, standing, tiles, vouched};
use crate::data::DataFolder;
use crate::log::{Vouched, last_signed};
use crate::store::StoreAddress;
use consent_core::key::KeySet;
use consent_core::note::NoteKey;
use std::ops::ControlFlow;
use std::time::Instant;

/// Checks a store and the data folder of its server with these keys, from a place on. Nothing is changed.
pub fn check(
    data: &DataFolder,
    store: &StoreAddress,
    keys: &KeySet,
    log_key: Option<&NoteKey>,
    from: Place,
    watcher: &mut dyn Watcher,
) -> Result<Checked, FsckError> {
    // Before the database: a server that runs may sign meanwhile, but never what is not committed before.
    let kept = last_signed(data);
    let shelf = Vouched::of(data);
    let vouched = shelf.sizes()?;
    let view = store.inspect()?;
    let mut check = Check {
        view: &*view,
        kept: Some(kept),
        keys,
        log_key,
        watcher,
        checked: Checked::default(),
        leaves: None,
    };
    for stage in STAGES {
        if stage < from.stage {
            continue;
        }
        let after = if stage == from.stage { from.after } else { 0 };
        let began = Instant::now();
        let ran = match stage {
            Stage::File => storage(&mut check),
            Stage::Trail => standing::check(&mut check),
            Stage::Artefacts => artefacts::check(&mut check),
            Stage::Tiles => tiles::check(&mut check, after),
            Stage::Vouched => vouched::check(&mut check, &shelf, &vouched),
            Stage::Receipts => receipts::check(&mut check, after),
        };
        match ran {
            // What the database cannot read is a finding like any other; the other parts may be whole.
            Err(FsckError::Store(error)) => check.found(stage.as_str(), error)?,
            ran => ran?,
        }
        let took = began.elapsed().as_secs_f64();
        check.checked.seconds.insert(stage.as_str(), took);
    }
    Ok(check.checked)
}

/// What the backend finds wrong with itself.
fn storage(check: &mut Check<'_>) -> Result<(), FsckError> {
    let view = check.view;
    let mut told = Ok(());
    let rows = view.damage(&mut |damage| {
        told = check.found(damage.place, damage.wrong);
        match told {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    })?;
    check.counted(Stage::File, rows);
    told
}
