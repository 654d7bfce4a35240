//! All that is kept of one consent id at one site.

use crate::published_declarations;
use crate::retired::Kept;
use crate::store::{ArtefactKind, Filter, Hold, Store, StoreError};
use consent_core::digest::Digest;
use consent_core::id::ConsentId;
use consent_core::receipt::UnverifiedReceipt;
use consent_core::record::Record;
use consent_core::site::Site;
use consent_core::time::UnixSeconds;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// How many records a page shows at most. A browser has a handful; who sends thousands under one id is shown the newest.
pub(super) const MOST: usize = 100;

/// How many receipts are read in one go.
const STRETCH: u32 = 1000;

/// The history of a consent id.
pub(super) struct History {
    pub(super) site: Kept,
    pub(super) subject: ConsentId,
    /// How many records there are, also those that are not shown.
    pub(super) total: u64,
    /// How many of them cannot be read.
    pub(super) unreadable: u64,
    /// The newest first, by when the visitor decided.
    pub(super) entries: Vec<Entry>,
    /// The legal hold that its site is under.
    pub(super) hold: Option<Hold>,
}

/// One record of a history.
pub(super) struct Entry {
    pub(super) record: Record,
    pub(super) received: UnixSeconds,
    /// What the site declared when this was chosen, if it is known.
    pub(super) declared: Option<Arc<Site>>,
    /// Its place in the log.
    pub(super) place: Option<u64>,
    /// Whether the words that were shown are kept.
    pub(super) has_words: bool,
}

impl History {
    /// `None`: the site keeps nothing of this consent id.
    pub(super) fn read(
        store: &dyn Store,
        site: Kept,
        subject: ConsentId,
    ) -> Result<Option<Self>, StoreError> {
        let filter = Filter {
            subject: Some(subject),
            ..Filter::all(site.id().clone())
        };
        let (mut total, mut unreadable) = (0, 0);
        let mut newest: VecDeque<(Record, UnixSeconds)> = VecDeque::new();
        let mut after = Some(0);
        while let Some(place) = after {
            let stretch = store.page(&filter, place, STRETCH)?;
            for row in stretch.rows {
                total += 1;
                let Ok(receipt) = UnverifiedReceipt::parse(&row.receipt) else {
                    unreadable += 1;
                    continue;
                };
                newest.push_back((receipt.record().clone(), receipt.issued_at()));
                if newest.len() > MOST {
                    newest.pop_front();
                }
            }
            after = stretch.next;
        }
        if total == 0 {
            return Ok(None);
        }
        let mut newest = Vec::from(newest);
        newest.sort_by_key(|(record, _)| std::cmp::Reverse(record.id));
        let mut published = Published::default();
        let entries = newest.into_iter().map(|(record, received)| {
            let logged = store.logged(&record.site, record.id)?;
            let (declared, has_words) = published.of(store, &record, received)?;
            Ok(Entry {
                place: logged.map(|logged| logged.place),
                record,
                received,
                declared,
                has_words,
            })
        });
        let entries = entries.collect::<Result<_, StoreError>>()?;
        let hold = store.held(site.id())?;
        Ok(Some(Self {
            site,
            subject,
            total,
            unreadable,
            entries,
            hold,
        }))
    }
}

/// What was published when something was chosen: most records of a history are of a few notices.
#[derive(Default)]
struct Published(BTreeMap<Digest, (Option<Arc<Site>>, bool)>);

impl Published {
    fn of(
        &mut self,
        store: &dyn Store,
        record: &Record,
        received: UnixSeconds,
    ) -> Result<(Option<Arc<Site>>, bool), StoreError> {
        if let Some(known) = self.0.get(&record.notice) {
            return Ok(known.clone());
        }
        let declared = published_declarations::of_record(store, record, received)?;
        let kept = store.artefact(Some(&record.site), ArtefactKind::Notice, &record.notice)?;
        let found = (declared.map(Arc::new), kept.is_some());
        self.0.insert(record.notice, found.clone());
        Ok(found)
    }
}
