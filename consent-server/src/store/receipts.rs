//! Receipts as they are stored, apart from what travels over the wire.

use super::{Commitment, Counted, StoreError};
use crate::clock::RandomError;
use consent_core::decision::Act;
use consent_core::id::{ConsentId, RecordId, SiteId};
use consent_core::time::UnixSeconds;

/// A receipt to be stored, with the columns that filters need.
#[derive(Clone, Debug)]
pub struct NewRow {
    /// The record id.
    pub id: RecordId,
    /// The site.
    pub site: SiteId,
    /// The consent id.
    pub subject: ConsentId,
    /// Whether there may be receipts of this consent id from before: a look for what came later finds those alone.
    pub continues: bool,
    /// What the counts of its day say of it.
    pub counted: Counted,
    /// When the visitor decided.
    pub decided_at: UnixSeconds,
    /// When the server accepted it.
    pub received_at: UnixSeconds,
    /// When the choice ends.
    pub expires_at: UnixSeconds,
    /// The signed receipt.
    pub receipt: String,
    /// What ties it to its leaf in the log; `None`: it gets its place there later, or with a commitment that the backend makes.
    pub commitment: Option<Commitment>,
}

impl NewRow {
    /// The row with a place in the log.
    pub fn committed(self) -> Result<Self, RandomError> {
        let commitment = Some(Commitment::to(&self.receipt)?);
        Ok(Self { commitment, ..self })
    }
}

/// What became of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Appended {
    /// It is stored.
    Stored,
    /// Its record id was stored before, with this receipt.
    Exists(String),
}

/// A stored receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its place in its site's order of acceptance, from 1 on.
    pub seq: i64,
    /// The signed receipt.
    pub receipt: String,
}

/// Which receipts to read: those of one site that fit everything that is said.
#[derive(Clone, Debug)]
pub struct Filter {
    /// The site.
    pub site: SiteId,
    /// Accepted at this moment or later.
    pub from: Option<UnixSeconds>,
    /// Accepted before this moment.
    pub to: Option<UnixSeconds>,
    /// What the visitor did.
    pub act: Option<Act>,
    /// The consent id.
    pub subject: Option<ConsentId>,
}

impl Filter {
    /// All receipts of a site.
    #[must_use]
    pub const fn all(site: SiteId) -> Self {
        Self {
            site,
            from: None,
            to: None,
            act: None,
            subject: None,
        }
    }
}

/// What was found in one stretch of a site's receipts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stretch {
    /// The receipts, in the order of acceptance.
    pub rows: Vec<Row>,
    /// The place after which the next stretch begins; `None`: this was the last.
    pub next: Option<i64>,
}

/// Receipts, in the order of their acceptance. Calls block.
pub trait Receipts: Send + Sync + 'static {
    /// Stores a batch in one transaction. On `Ok` every row is durable, and the answers are in the batch's order.
    ///
    /// A row whose record id is already there, from an earlier batch or from earlier in this one, is not stored again.
    fn append(&self, batch: &[NewRow]) -> Result<Vec<Appended>, StoreError>;

    /// One receipt of a site.
    fn row(&self, site: &SiteId, id: RecordId) -> Result<Option<Row>, StoreError>;

    /// One receipt, of whichever site it is.
    fn find(&self, id: RecordId) -> Result<Option<String>, StoreError>;

    /// A site's receipts of a consent id that may have had others before them ([`NewRow::continues`]), the oldest first.
    fn continued(&self, site: &SiteId, subject: ConsentId) -> Result<Vec<Row>, StoreError>;

    /// Whether a site has a receipt of this consent id whose record is later than this one, by their ids.
    fn has_later(
        &self,
        site: &SiteId,
        subject: ConsentId,
        id: RecordId,
    ) -> Result<bool, StoreError>;

    /// Looks through one stretch of a site's receipts, after a place, for at most `limit` that the filter lets through.
    ///
    /// A stretch can hold none of them and not be the last: so no call takes long, however rare they are.
    fn page(&self, filter: &Filter, after: i64, limit: u32) -> Result<Stretch, StoreError>;

    /// A site's newest receipts, newest first.
    fn latest(&self, site: &SiteId, limit: u32) -> Result<Vec<Row>, StoreError>;

    /// The latest moment at which a receipt that is stored was received, by the clock of then. Looks at all of them.
    fn last_received(&self) -> Result<Option<UnixSeconds>, StoreError>;

    /// How many receipts a site has of each act.
    fn counts(&self, site: &SiteId) -> Result<Vec<(String, u64)>, StoreError>;
}
