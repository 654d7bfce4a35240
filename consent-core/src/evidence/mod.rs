//! Evidence files: one zip archive with a receipt and all that proves it, for people who trust neither the server nor the
//! site's owner, and for years in which neither may be there any more.
//!
//! [`assemble`] puts one together, the same bytes for the same things; [`verify`] checks one, step by step. What is in it,
//! and how to check it by other means, is in `docs/evidence.md`.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::archive::Archive;
use crate::digest::Digest;
use crate::formats::{self, FormatError};
use crate::key::KeySet;
use crate::receipt::{Expectations, Signer, UnverifiedReceipt, VerifyError};
use crate::site::Site;

mod agreed;
mod guide;
mod log;
pub(crate) mod names;
mod page;
mod signed;
mod summary;
mod sums;
mod verify;

pub use log::{Logged, consistent, included, not_before, witnessed};
pub use verify::{
    EvidenceStep, Outcome, Report, StepTaken, Trust, Verdict, checkpoint_in, timestamp_in, verify,
};

/// What an evidence file is made of.
#[derive(Clone, Copy, Debug)]
pub struct Material<'a> {
    /// The receipt.
    pub receipt: &'a str,
    /// The notice that it names, as it was hashed.
    pub notice: &'a [u8],
    /// The scope that it names, as it was hashed.
    pub scope: &'a [u8],
    /// The server's public keys: at least the one that signed the receipt, and the one that seals.
    pub keys: &'a KeySet,
    /// The site's declaration as it was when the visitor chose, if it is known: the record is then also told in the words of
    /// Kantara and DPV, and the summary has the names that the visitor saw.
    pub site: Option<&'a Site>,
    /// What the log says about the receipt, if there is one.
    pub log: Option<Logged<'a>>,
}

/// Why no evidence file was made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceError {
    /// The receipt does not verify.
    #[error("the receipt: {0}")]
    Receipt(#[from] VerifyError),
    /// The notice or the scope is not the one that the receipt names.
    #[error("{0}")]
    Artefact(String),
    /// The record cannot be told in a standard's words.
    #[error("the declaration of the site: {0}")]
    Format(#[from] FormatError),
    /// The proof does not show the receipt in the log.
    #[error("the log's proof: {0}")]
    Log(String),
    /// The key that seals is not among the server's.
    #[error("the key that seals the evidence is not one of the server's public keys")]
    SealKey,
}

/// Makes an evidence file. The same material and the same key make the same bytes.
///
/// `seal` signs the digests of all the files, so that nobody can reword the summary; it is the key that signs receipts now.
pub fn assemble(material: &Material<'_>, seal: &Signer) -> Result<Vec<u8>, EvidenceError> {
    let mut archive = contents(material, seal)?;
    let id = UnverifiedReceipt::parse(material.receipt)?.record().id;
    let sums = sums::write(id, &archive);
    archive.insert(names::SEAL, seal.sign_bytes(sums.as_bytes()).to_vec());
    archive.insert(names::SUMS, sums.into_bytes());
    Ok(archive.to_zip())
}

/// A notice as a page, as evidence files hold it, under its own digest: what visitors saw, for a browser that has nothing else.
/// It loads and runs nothing; whoever serves it had better say so in its headers, too.
pub fn notice_page(notice: &[u8]) -> Result<String, EvidenceError> {
    let shown = agreed::shown(notice).map_err(EvidenceError::Artefact)?;
    Ok(page::of(&shown, &Digest::of(notice).to_text()))
}

fn contents(material: &Material<'_>, seal: &Signer) -> Result<Archive, EvidenceError> {
    let unverified = UnverifiedReceipt::parse(material.receipt)?;
    let at = unverified.issued_at();
    let receipt = unverified.verify(material.keys, &Expectations::at(at))?;
    let record = receipt.record();
    let notice = agreed::notice(record, material.notice).map_err(EvidenceError::Artefact)?;
    let scope = agreed::scope(record, material.scope).map_err(EvidenceError::Artefact)?;

    let key = |id: String| material.keys.get(&id).ok_or(EvidenceError::SealKey);
    let (receipt_key, seal_key) = (
        key(receipt.key().to_string())?,
        key(seal.key().to_string())?,
    );
    // With what is known of their ends: a later one in a copy of this file shows beside the published keys.
    let keys = material.keys.only(&[receipt_key.id(), seal_key.id()]);

    let mut archive = Archive::default();
    let mut add = |name, content: String| archive.insert(name, content.into_bytes());
    add(names::RECEIPT, material.receipt.into());
    add(names::RECORD, signed::claims(material.receipt)?);
    add(names::PAGE, page::of(&notice, &record.id.to_text()));
    add(names::JWKS, keys.to_jwks());
    add(names::RECEIPT_KEY, receipt_key.to_pem());
    add(names::SEAL_KEY, seal_key.to_pem());
    if let Some(site) = material.site {
        add(
            names::DPV,
            lines(&formats::dpv(record, site, record.decided_at)?),
        );
        match formats::kantara(record, site, record.decided_at) {
            Ok(kantara) => add(names::KANTARA, lines(&kantara)),
            // It knows only consents given.
            Err(FormatError::NothingGiven(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    if let Some(logged) = &material.log {
        log::included(logged.proof, material.receipt, logged.log).map_err(EvidenceError::Log)?;
        logged.put_into(&mut archive);
    }
    let mut add = |name, content: String| archive.insert(name, content.into_bytes());
    let told = summary::Told {
        receipt: &receipt,
        notice: &notice,
        scope: &scope,
        site: material.site,
        log: material.log,
    };
    add(names::SUMMARY_EN, told.english());
    add(names::SUMMARY_FR, told.french());
    let timestamp = material.log.and_then(|logged| logged.timestamp);
    add(names::GUIDE, guide::text(&receipt, timestamp));
    archive.insert(names::NOTICE, material.notice.to_vec());
    archive.insert(names::SCOPE, material.scope.to_vec());
    Ok(archive)
}

fn lines(value: &serde_json::Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}

#[cfg(test)]
mod tests;
