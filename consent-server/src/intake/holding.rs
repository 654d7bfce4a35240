//! Under which consent id a record goes on, or begins.

use crate::clock::random;
use crate::store::{Store, StoreError};
use consent_core::decision::Act;
use consent_core::holder::HolderSecret;
use consent_core::id::{ConsentId, RecordId};
use consent_core::receipt::UnverifiedReceipt;
use consent_core::record::Record;

/// Whose a record is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// The consent id that the receipt names.
    pub subject: ConsentId,
    /// The secret that the sender's browser is to keep.
    pub secret: HolderSecret,
    /// The record that this one replaces: stored, at this site, under the same consent id.
    pub previous: Option<RecordId>,
    /// Whether there may be records of this consent id from before.
    pub continues: bool,
}

/// Settles under which consent id a record is stored.
///
/// It goes on under one only for who holds its secret: with the cookie, or because the secret itself still stands in
/// `sub` (the answer to the first record has not come yet). Whoever else names a record as replaced goes on under the consent id
/// that they hold at this site: a cookie that somebody planted names a record of its author's, and must not part a browser from
/// its own. Who holds none begins anew. In both cases the receipt does not say that anything was replaced; whoever names no
/// record begins with the secret that they have sent.
pub fn settle(
    store: &dyn Store,
    sent: &Record,
    held: &[HolderSecret],
) -> Result<Holding, StoreError> {
    let previous = match sent.previous {
        Some(id) => subject_of(store, sent, id)?,
        None => None,
    };
    let proven = by_cookie(sent, held).or_else(|| {
        let previous = previous?;
        let secret = HolderSecret::begun_with(sent.subject);
        (secret.consent_id(&sent.site) == previous).then_some((previous, secret))
    });
    if let Some((subject, secret)) = proven {
        return Ok(Holding {
            subject,
            secret,
            previous: sent.previous.filter(|_| previous == Some(subject)),
            continues: true,
        });
    }
    match held.first().filter(|_| sent.previous.is_some()) {
        Some(secret) => Ok(held_at(sent, secret.clone())),
        None => begun(sent, held),
    }
}

/// Whose a record can have been when it came first, as far as its sender can show. One that began anew beside a `prev` is
/// nobody's then: its secret went out once, and all that is sent again is in receipts.
pub fn candidates(sent: &Record, held: &[HolderSecret]) -> impl Iterator<Item = Holding> {
    let begun = HolderSecret::begun_with(sent.subject);
    held.iter()
        .cloned()
        .chain([begun])
        .map(|secret| held_at(sent, secret))
}

/// Under the consent id of a secret, without saying what is replaced.
fn held_at(sent: &Record, secret: HolderSecret) -> Holding {
    Holding {
        subject: secret.consent_id(&sent.site),
        secret,
        previous: None,
        continues: true,
    }
}

fn by_cookie(sent: &Record, held: &[HolderSecret]) -> Option<(ConsentId, HolderSecret)> {
    let mut held = held.iter();
    let secret = held.find(|secret| secret.consent_id(&sent.site) == sent.subject)?;
    Some((sent.subject, secret.clone()))
}

fn begun(sent: &Record, held: &[HolderSecret]) -> Result<Holding, StoreError> {
    // A `sub` beside a `prev` is in receipts already, perhaps in somebody else's hands: no secret, and nothing to make one from.
    let secret = match sent.previous {
        None => HolderSecret::begun_with(sent.subject),
        Some(_) => HolderSecret::from_random(random()?),
    };
    let subject = secret.consent_id(&sent.site);
    // Whoever has its cookie has begun with this secret before: an erasure must find both.
    let is_again = held
        .iter()
        .any(|held| held.consent_id(&sent.site) == subject);
    Ok(Holding {
        subject,
        secret,
        previous: None,
        // A withdrawal takes back something, whatever its sender can show.
        continues: is_again || sent.decision.act == Act::Withdraw,
    })
}

/// The consent id of a stored record of the same site.
fn subject_of(
    store: &dyn Store,
    sent: &Record,
    id: RecordId,
) -> Result<Option<ConsentId>, StoreError> {
    let row = store.row(&sent.site, id)?;
    let receipt = row
        .as_ref()
        .and_then(|row| UnverifiedReceipt::parse(&row.receipt).ok());
    Ok(receipt.map(|receipt| receipt.record().subject))
}
