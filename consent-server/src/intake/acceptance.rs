//! What makes a record acceptable, and when one that comes again is the same.

use super::holding::Holding;
use crate::publish::Published;
use crate::store::{ArtefactKind, Store, StoreError};
use consent_core::decision::Act;
use consent_core::receipt::UnverifiedReceipt;
use consent_core::record::Record;
use consent_core::scope::DecisionError;
use consent_core::time::{Months, UnixSeconds};
use serde::Deserialize;

/// How far the time in a record's id may be ahead of the server's clock: further than browsers' clocks are wrong, and no
/// further than any choice lasts.
const AHEAD: Months = Months::THIRTEEN;

/// Why a record is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unacceptable {
    /// The notice or the scope is not one that is published now.
    #[error(
        "the notice that was shown is no longer the current one: show the current one and ask again"
    )]
    NoticeOutdated,
    /// The decision does not answer what was asked.
    #[error(transparent)]
    Decision(#[from] DecisionError),
    /// The site's banner has no such act.
    #[error("the site, as it is declared, has no way to do `{0}`")]
    ImpossibleAct(Act),
    /// The choice would have ended already.
    #[error("a choice made at that time would have ended by now: ask again")]
    Ended,
    /// The time in the record's id is none at which a choice can have been made that stands now.
    #[error("the time in `jti` is more than 13 months away: make the id when the decision is made")]
    IdTime,
    /// The record says that it replaces itself.
    #[error("`prev` is the record's own id: it names the record that this one replaces")]
    ReplacesItself,
}

/// Whether a record names the scope in force, and a notice that this site has shown for it, now or before.
///
/// A notice changes with every reworded sentence, and records can arrive late: those words are kept, and prove the choice.
pub fn was_shown(store: &dyn Store, site: &Published, record: &Record) -> Result<bool, StoreError> {
    #[derive(Deserialize)]
    struct Kept {
        language: String,
        scope: String,
    }
    if record.scope != site.scope_digest {
        return Ok(false);
    }
    if is_shown_now(site, record) {
        return Ok(true);
    }
    let kept = store.artefact(Some(&site.id), ArtefactKind::Notice, &record.notice)?;
    let kept = kept.and_then(|json| serde_json::from_slice::<Kept>(&json).ok());
    Ok(kept.is_some_and(|kept| {
        kept.language == record.language.as_str() && kept.scope == record.scope.to_text()
    }))
}

/// Whether a record names the scope in force and the notice that is shown now: then nothing has to be looked up.
#[must_use]
pub fn is_shown_now(site: &Published, record: &Record) -> bool {
    record.scope == site.scope_digest && site.notices.get(&record.language) == Some(&record.notice)
}

/// Checks a record against what is published, and settles its times: nobody decides in the future, and the site, not
/// the browser, says how long a choice stands.
pub fn accept(
    site: &Published,
    mut record: Record,
    was_shown: bool,
    now: UnixSeconds,
) -> Result<Record, Unacceptable> {
    // First of all: an answer to an older notice may name what is no longer asked, and people are to be asked again.
    if !was_shown {
        return Err(Unacceptable::NoticeOutdated);
    }
    site.scope.check(&record.decision, record.previous)?;
    // A banner that was shown before may have had what today's has not.
    if is_shown_now(site, &record) && !site.can(record.decision.act) {
        return Err(Unacceptable::ImpossibleAct(record.decision.act));
    }
    record.decided_at = record.decided_at.min(now);
    record.expires_at = record.decided_at.plus_months(site.valid);
    if record.expires_at <= now {
        return Err(Unacceptable::Ended);
    }
    Ok(record)
}

/// Checks the ids that a record was sent with: of several choices the newest stands, and that is told by their ids.
pub fn check_ids(sent: &Record, now: UnixSeconds) -> Result<(), Unacceptable> {
    if sent.previous == Some(sent.id) {
        return Err(Unacceptable::ReplacesItself);
    }
    let made = i64::try_from(sent.id.unix_millis() / 1000).unwrap_or(i64::MAX);
    let made = UnixSeconds::new(made).map_err(|_| Unacceptable::IdTime)?;
    if made > now.plus_months(AHEAD) || made.plus_months(AHEAD) < now {
        return Err(Unacceptable::IdTime);
    }
    Ok(())
}

/// Whether a record that came again is the one that a receipt was given for, and whose it then is.
///
/// The receipt goes only to whoever can have sent the record the first time: who knows nothing but what receipts say
/// does not get it.
#[must_use]
pub fn repeats(
    receipt: &UnverifiedReceipt<'_>,
    again: &Record,
    holdings: impl IntoIterator<Item = Holding>,
) -> Option<Holding> {
    let stored = receipt.record();
    // The times were settled when it was accepted: settled for that moment again, they must be the same.
    let settled = Record {
        decided_at: again.decided_at.min(receipt.issued_at()),
        expires_at: stored.expires_at,
        subject: stored.subject,
        previous: stored.previous,
        ..again.clone()
    };
    let may_replace = stored.previous.is_none() || stored.previous == again.previous;
    if *stored != settled || !may_replace {
        return None;
    }
    let mut holdings = holdings.into_iter();
    holdings.find(|holding| holding.subject == stored.subject)
}
