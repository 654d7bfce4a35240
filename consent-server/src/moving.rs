//! A store that moves from `SQLite` to `PostgreSQL`, with all its numbers and places.
//!
//! Proven afterwards as everything that is stored is: by signatures, by the root that was signed, by counts.

use crate::data::{DataFolder, FileError, LockError, durable};
use crate::fsck::{Finding, FsckError, Place, Watcher, examine};
use crate::input;
use crate::keys::KeysError;
use crate::log::read_log_key;
use crate::staff::SiteSet;
use crate::store::inspection::{Damage, InspectedReceipt, Inspection};
use crate::store::{
    AccessFilter, Direction, Moment, PostgresImport, PostgresUrl, Store, StoreAddress, StoreError,
};
use consent_core::key::KeySet;
use consent_core::merkle::Tile;
use consent_core::note::{NoteKey, NoteSigner};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Duration;

/// How many receipts, artefacts and lines are put in together.
const RECEIPTS: u32 = 1000;
const ARTEFACTS: usize = 50;
const LINES: u32 = 1000;

/// Why a store has not moved.
#[derive(Debug, thiserror::Error)]
pub enum MoveError {
    /// A server runs on it.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// One of the two stores.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The check could not run.
    #[error("the check of what was moved")]
    Check(#[from] FsckError),
    /// What has arrived is not what was sent.
    #[error(
        "{place}: {wrong}. Nothing was changed in the data folder; make the database anew, and move again"
    )]
    Wrong {
        /// Where.
        place: String,
        /// What.
        wrong: String,
    },
    /// What is there was spoilt before: it is not carried on.
    #[error(
        "{place}: {wrong}. Nothing was moved; `consent fsck` tells all that is wrong, and a backup has what was there"
    )]
    Spoilt {
        /// Where.
        place: String,
        /// What.
        wrong: String,
    },
    /// It was moved before, and servers go on elsewhere.
    #[error(
        "the receipts of {} have moved to {to} already: two databases that go on from one log would contradict each other", .folder.display()
    )]
    Gone {
        /// The data folder.
        folder: PathBuf,
        /// Where they are.
        to: String,
    },
    /// The key of the log.
    #[error("the log's key")]
    LogKey(#[source] KeysError),
    /// The file of before.
    #[error(transparent)]
    File(#[from] FileError),
}

/// What has moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// Receipts that are there now.
    pub receipts: u64,
    /// Entries of the log.
    pub entries: u64,
}

/// Moves what is in the data folder of a server that is stopped. `told` hears how many receipts are there. In the end the
/// file of before has another name, so that no server goes on with it.
pub fn move_all(
    data: &DataFolder,
    to: &PostgresUrl,
    keys: &KeySet,
    told: &mut dyn FnMut(u64),
) -> Result<Moved, MoveError> {
    let _alone = data.lock()?;
    let (database, set_aside) = (data.database(), data.moved_database());
    if !data.has_moved() {
        return move_from(data, &PostgresImport::begin(to)?, to, keys, told);
    }
    // A move that was interrupted at its very end, or one that came to it.
    let said = input::read(&data.moved_to(), input::TEXT);
    let said = said.map(|said| String::from_utf8_lossy(&said).trim().to_owned());
    let is_to = said.as_ref().map_or(true, |said| *said == to.to_string());
    let import = if is_to {
        PostgresImport::resume(to)?
    } else {
        None
    };
    let Some(import) = import else {
        return Err(MoveError::Gone {
            folder: data.path().to_owned(),
            to: said.unwrap_or_else(|_| "PostgreSQL".to_owned()),
        });
    };
    durable::rename(&set_aside, &database)?;
    let moved = move_from(data, &import, to, keys, told);
    if moved.is_err() && database.exists() {
        durable::rename(&database, &set_aside)?;
    }
    moved
}

fn move_from(
    data: &DataFolder,
    import: &PostgresImport,
    to: &PostgresUrl,
    keys: &KeySet,
    told: &mut dyn FnMut(u64),
) -> Result<Moved, MoveError> {
    let from = StoreAddress::of(data);
    let store = from.open_existing()?;
    // Receipts of before there was a log get their places first.
    while store.adopt()? {}
    let view = from.inspect()?;
    check(&*view)?;
    let signer = signer(data, &*view)?;
    let copy = Copy {
        store: &*store,
        view: &*view,
        import,
    };
    let receipts = copy.receipts(told)?;
    crate::fault::point("receipts-moved");
    copy.published()?;
    copy.people()?;
    copy.log()?;
    let entries = view.log()?.next.unsigned_abs();
    drop(view);

    let moved = Moved { receipts, entries };
    prove(data, to, keys, signer.as_ref().map(NoteSigner::key), moved)?;
    drop(store);
    durable::write(&data.moved_to(), format!("{to}\n").as_bytes())?;
    // Before a server opens the other: two that go on from one log would contradict each other.
    durable::rename(&data.database(), &data.moved_database())?;
    crate::fault::point("database-set-aside");
    import.finish()?;
    Ok(moved)
}

/// What the backend finds wrong with its rows: with sums of their own in the new database, they would look sound there.
fn check(view: &dyn Inspection) -> Result<(), MoveError> {
    let mut first = None;
    view.damage(&mut |damage| {
        first = Some(damage);
        ControlFlow::Break(())
    })?;
    match first {
        Some(Damage { place, wrong }) => Err(MoveError::Spoilt { place, wrong }),
        None => Ok(()),
    }
}

/// What has signed the log. Without a name there is none to check.
fn signer(data: &DataFolder, view: &dyn Inspection) -> Result<Option<NoteSigner>, MoveError> {
    let name = view.log()?.origin.and_then(|origin| origin.parse().ok());
    let key = read_log_key(data).map_err(MoveError::LogKey)?;
    Ok(key
        .zip(name)
        .and_then(|(key, name)| key.into_note_signer(name)))
}

struct Copy<'a> {
    store: &'a dyn Store,
    view: &'a dyn Inspection,
    import: &'a PostgresImport,
}

impl Copy<'_> {
    /// From the last one on that is there; answers how many there are.
    fn receipts(&self, told: &mut dyn FnMut(u64)) -> Result<u64, MoveError> {
        self.import
            .sites(&self.view.sites()?, self.view.log()?.gone)?;
        self.import.removed(&self.view.all_removed()?)?;
        for direction in [Direction::In, Direction::Out] {
            let counts = self.view.daily_counts(direction)?;
            self.import.daily_counts(&counts, direction)?;
        }
        let there = self.import.last()?;
        let (mut after, mut count) = (0, 0);
        loop {
            let receipts = self.view.receipts(after, RECEIPTS)?;
            let Some(last) = receipts.last() else {
                return Ok(count);
            };
            after = last.key;
            count += receipts.len() as u64;
            let new = receipts.partition_point(|receipt: &InspectedReceipt| receipt.key <= there);
            if let Some(new @ [_, ..]) = receipts.get(new..) {
                self.import.receipts(new)?;
                told(count);
            }
        }
    }

    fn published(&self) -> Result<(), MoveError> {
        let (mut some, mut put) = (Vec::new(), Ok(()));
        self.view.artefacts(None, &mut |artefact| {
            some.push(artefact);
            if some.len() >= ARTEFACTS {
                put = self.import.artefacts(&std::mem::take(&mut some));
            }
            match put {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            }
        })?;
        put?;
        self.import.artefacts(&some)?;
        let mut last = Vec::new();
        for site in self.store.sites()? {
            if let Some(digest) = self.store.last_published(&site)? {
                last.push((site, digest));
            }
        }
        Ok(self.import.published(&last)?)
    }

    /// What staff have and did, and what keeps receipts or is left of them.
    fn people(&self) -> Result<(), MoveError> {
        self.import.tokens(&self.store.tokens()?)?;
        for hold in self.store.holds()? {
            self.import.hold(&hold)?;
        }
        for site in self.store.known_sites()? {
            for (tally, count) in self.store.tallies(&site)? {
                self.import.tally(&site, &tally, count)?;
            }
        }
        for which in [Moment::Signed, Moment::Purged, Moment::BackedUp] {
            if let Some(at) = self.store.moment(which)? {
                self.import.moment(which, at)?;
            }
        }
        let everything = AccessFilter {
            sites: SiteSet::All,
            from: None,
            to: None,
        };
        let mut after = 0;
        loop {
            let lines = self.store.trail(&everything, after, LINES)?;
            let Some(last) = lines.last() else {
                return Ok(());
            };
            after = last.seq;
            let mut told = Vec::new();
            for line in lines {
                let manifest = match &line.access.site {
                    Some(site) => self.store.manifest(site, line.seq)?,
                    None => None,
                };
                told.push((line, manifest));
            }
            self.import.lines(&told)?;
        }
    }

    fn log(&self) -> Result<(), MoveError> {
        for tile in Tile::of_tree(self.view.log()?.size.unsigned_abs()) {
            let hashes = self.view.tile(tile)?;
            let hashes = hashes.ok_or(StoreError::Corrupt("tile"))?;
            self.import.tile(tile.level(), tile.index(), &hashes)?;
        }
        for waiting in self.view.waiting()? {
            self.import.waiting(&waiting)?;
        }
        Ok(self.import.log(&self.view.log()?)?)
    }
}

/// Checks everything in the database, and that it is as much as there was.
fn prove(
    data: &DataFolder,
    to: &PostgresUrl,
    keys: &KeySet,
    log_key: Option<&NoteKey>,
    moved: Moved,
) -> Result<(), MoveError> {
    let mut first = First(None);
    let address = StoreAddress::Postgres(to.clone());
    let checked = examine(data, &address, keys, log_key, Place::default(), &mut first);
    if let Some(Finding { place, wrong }) = first.0 {
        return Err(MoveError::Wrong { place, wrong });
    }
    let arrived = checked?;
    let receipts = arrived.counts.get("receipts").copied().unwrap_or_default();
    for (place, sent, there) in [
        ("receipts", moved.receipts, receipts),
        ("log", moved.entries, arrived.entries),
    ] {
        if sent != there {
            let (place, wrong) = (
                place.to_owned(),
                format!("{sent} were sent, and {there} are there"),
            );
            return Err(MoveError::Wrong { place, wrong });
        }
    }
    Ok(())
}

/// Keeps the first finding, and ends there.
struct First(Option<Finding>);

impl Watcher for First {
    fn found(&mut self, finding: Finding) -> std::io::Result<()> {
        self.0 = Some(finding);
        Err(std::io::Error::other(
            "what was moved is not what was there",
        ))
    }

    fn reached(&mut self, _: Place, _: u64, _: Duration) -> std::io::Result<()> {
        Ok(())
    }
}
