//! The check of an evidence file, step by step.

use core::fmt;

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use super::signed::{as_signed, claims};
use super::{agreed, log, names, page, sums};
use crate::archive::Archive;
use crate::checkpoint::SignedCheckpoint;
use crate::digest::Digest;
use crate::id::SiteId;
use crate::key::{KeySet, PublicKey};
use crate::note::NoteKey;
use crate::receipt::{Receipt, VerifyError};
use crate::time::UnixSeconds;

/// What a verifier brings along. What is `None` is taken from the evidence file, or not looked at.
#[derive(Clone, Copy, Debug, Default)]
pub struct Trust<'a> {
    /// The server's public keys, got by another way than the evidence file.
    pub keys: Option<&'a KeySet>,
    /// The moment at which the choice must have stood; the moment of its signing if left out.
    pub at: Option<UnixSeconds>,
    /// The site that it must be of.
    pub site: Option<&'a SiteId>,
    /// The log's key, got by another way than the evidence file.
    pub log: Option<&'a NoteKey>,
    /// The keys of the witnesses that are trusted, likewise. Those that only the file names do not count.
    pub witnesses: &'a [NoteKey],
    /// A checkpoint of the log that the verifier holds.
    pub held: Option<&'a SignedCheckpoint>,
    /// The proof that the smaller of the two checkpoints is the beginning of the larger.
    pub consistency: Option<&'a [Digest]>,
}

/// One step of the check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EvidenceStep {
    /// A zip archive of the one form, with the files that belong in it.
    Form,
    /// Each file has the digest that `SHA256SUMS` names.
    Digests,
    /// The keys come from elsewhere than the file itself, and are well-formed; the file says of their ends what those say.
    Keys,
    /// `SHA256SUMS` is signed by one of the keys, which is not revoked.
    Seal,
    /// The receipt: its form, its type, its key, which had not ended when it signed, its signature.
    Receipt,
    /// The record beside it says the same, and is of the site in question.
    Record,
    /// The choice stood at the moment in question.
    Time,
    /// The notice is the one that was shown, and the page shows it.
    Notice,
    /// What was asked is what the record answers.
    Scope,
    /// The receipt is in the log, whose key comes from elsewhere than the file itself.
    Logged,
    /// Witnesses have seen that log.
    Witnessed,
    /// It is the log that the verifier has seen.
    Consistent,
}

impl EvidenceStep {
    /// The steps, in the order they are taken.
    pub const ALL: [Self; 12] = [
        Self::Form,
        Self::Digests,
        Self::Keys,
        Self::Seal,
        Self::Receipt,
        Self::Record,
        Self::Time,
        Self::Notice,
        Self::Scope,
        Self::Logged,
        Self::Witnessed,
        Self::Consistent,
    ];

    /// The step's name in verdicts.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Digests => "digests",
            Self::Keys => "keys",
            Self::Seal => "seal",
            Self::Receipt => "receipt",
            Self::Record => "record",
            Self::Time => "time",
            Self::Notice => "notice",
            Self::Scope => "scope",
            Self::Logged => "logged",
            Self::Witnessed => "witnessed",
            Self::Consistent => "consistent",
        }
    }
}

impl fmt::Display for EvidenceStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What one step found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepTaken {
    /// Which step.
    pub step: EvidenceStep,
    /// What it found.
    pub outcome: Outcome,
}

/// What came of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As it must be; what was seen.
    Passed(String),
    /// Not as it must be; why.
    Failed(String),
    /// Not looked at; why.
    NotChecked(String),
}

/// The last word on what was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every step that was taken passed, with keys that the verifier trusts.
    Valid,
    /// Nothing in it contradicts the rest, but it was checked against nothing that the verifier trusts: anybody can have made it.
    Unproven,
    /// A step failed.
    NotValid,
}

impl Verdict {
    /// As machines read it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Unproven => "unproven",
            Self::NotValid => "not_valid",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Valid => "valid",
            Self::Unproven => {
                "unproven: consistent in itself, but checked against no key that you trust"
            }
            Self::NotValid => "not valid",
        })
    }
}

/// What a check found.
#[derive(Clone, Debug)]
pub struct Report {
    /// All steps, in their order. The first that fails ends the check.
    pub findings: Vec<StepTaken>,
    /// The receipt, if the check came to it. To be believed only if the verdict is [`Verdict::Valid`].
    pub receipt: Option<Receipt>,
}

impl Report {
    /// The last word.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let is_trusted = self.findings.iter().any(|finding| {
            finding.step == EvidenceStep::Keys && matches!(finding.outcome, Outcome::Passed(_))
        });
        match (self.failed(), is_trusted) {
            (Some(_), _) => Verdict::NotValid,
            (None, true) => Verdict::Valid,
            (None, false) => Verdict::Unproven,
        }
    }

    /// The step that failed, and why.
    #[must_use]
    pub fn failed(&self) -> Option<(EvidenceStep, &str)> {
        self.findings
            .iter()
            .find_map(|finding| match &finding.outcome {
                Outcome::Failed(why) => Some((finding.step, &**why)),
                _ => None,
            })
    }
}

/// The checkpoint in an evidence file, if it has one that can be read. Not to be believed before [`verify`].
#[must_use]
pub fn checkpoint_in(zip: &[u8]) -> Option<SignedCheckpoint> {
    let archive = Archive::from_zip(zip).ok()?;
    Some(log::read(&archive).ok()??.proof.checkpoint)
}

/// The text of the checkpoint in an evidence file, and the timestamp of it (RFC 3161), if it has one.
#[must_use]
pub fn timestamp_in(zip: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let mut archive = Archive::from_zip(zip).ok()?;
    Some((
        archive.remove(names::CHECKPOINT)?,
        archive.remove(names::TIMESTAMP)?,
    ))
}

/// Checks an evidence file.
#[must_use]
pub fn verify(zip: &[u8], trust: &Trust<'_>) -> Report {
    let mut check = Check {
        findings: Vec::new(),
        receipt: None,
    };
    // Whatever fails is the last finding: the rest stands on it.
    let _ = check.run(zip, trust);
    for step in &EvidenceStep::ALL[check.findings.len()..] {
        let outcome = Outcome::NotChecked("an earlier step failed".into());
        check.findings.push(StepTaken {
            step: *step,
            outcome,
        });
    }
    Report {
        findings: check.findings,
        receipt: check.receipt,
    }
}

struct Check {
    findings: Vec<StepTaken>,
    receipt: Option<Receipt>,
}

/// The check ends here.
struct Ended;

impl Check {
    fn note(&mut self, step: EvidenceStep, outcome: Outcome) {
        self.findings.push(StepTaken { step, outcome });
    }

    /// Notes what a step found, and ends the check if it failed.
    fn take<T>(
        &mut self,
        step: EvidenceStep,
        found: Result<(T, String), String>,
    ) -> Result<T, Ended> {
        match found {
            Ok((value, seen)) => {
                self.note(step, Outcome::Passed(seen));
                Ok(value)
            }
            Err(why) => {
                self.note(step, Outcome::Failed(why));
                Err(Ended)
            }
        }
    }

    fn run(&mut self, zip: &[u8], trust: &Trust<'_>) -> Result<(), Ended> {
        let archive = self.take(EvidenceStep::Form, form(zip))?;
        let id = self.take(
            EvidenceStep::Digests,
            sums::check(&archive).map(|id| (id, format!("{} files", archive.iter().count()))),
        )?;
        let own = keys(&archive);
        let keys = match (own, trust.keys) {
            (Ok(own), Some(keys)) => self.take(EvidenceStep::Keys, agree(&own, keys))?,
            (Ok(own), None) => {
                let why =
                    "taken from the file itself: compare them with those that the server publishes";
                self.note(EvidenceStep::Keys, Outcome::NotChecked(why.into()));
                own
            }
            (Err(why), _) => self.take(EvidenceStep::Keys, Err(why))?,
        };
        self.take(EvidenceStep::Seal, seal(&archive, &keys))?;
        let text = text(&archive, names::RECEIPT);
        let receipt = self.take(EvidenceStep::Receipt, receipt(&archive, text, &keys))?;
        self.receipt = Some(receipt.clone());
        let record = receipt.record();
        self.take(
            EvidenceStep::Record,
            same_record(&archive, text, &receipt, id == record.id, trust.site),
        )?;
        self.take(EvidenceStep::Time, time(&receipt, trust.at))?;
        let shown = agreed::notice(record, archive.get(names::NOTICE).unwrap_or_default());
        let shown = shown.and_then(|shown| {
            if archive.get(names::PAGE) == Some(page::of(&shown, &record.id.to_text()).as_bytes()) {
                Ok(((), format!("{} in {}", record.notice, record.language)))
            } else {
                Err("notice.html does not show notice.json".into())
            }
        });
        self.take(EvidenceStep::Notice, shown)?;
        let asked = agreed::scope(record, archive.get(names::SCOPE).unwrap_or_default());
        self.take(
            EvidenceStep::Scope,
            asked.map(|scope| (scope, record.scope.to_text())),
        )?;
        self.log(&archive, text, trust)
    }

    fn log(&mut self, archive: &Archive, receipt: &str, trust: &Trust<'_>) -> Result<(), Ended> {
        let part = match log::read(archive) {
            Ok(Some(part)) => part,
            Ok(None) => {
                for step in [
                    EvidenceStep::Logged,
                    EvidenceStep::Witnessed,
                    EvidenceStep::Consistent,
                ] {
                    self.note(
                        step,
                        Outcome::NotChecked("the file holds no proof of a log".into()),
                    );
                }
                return Ok(());
            }
            Err(why) => return self.take(EvidenceStep::Logged, Err(why)),
        };
        let key = trust.log.unwrap_or(&part.log);
        let seen = log::included(&part.proof, receipt, key);
        match (seen, trust.log) {
            (Ok(seen), None) => {
                let why = format!(
                    "{seen}, by the log key in the file: give the key that the log publishes with --log-keys"
                );
                self.note(EvidenceStep::Logged, Outcome::NotChecked(why));
            }
            (seen, _) => self.take(EvidenceStep::Logged, seen.map(|seen| ((), seen)))?,
        }
        self.witnesses(&part, key, trust.witnesses)?;
        match trust.held {
            None => self.perhaps(
                EvidenceStep::Consistent,
                Ok(None),
                "no checkpoint was given to compare with",
            ),
            Some(held) => {
                let found = log::consistent(held, &part.proof.checkpoint, key, trust.consistency);
                self.perhaps(
                    EvidenceStep::Consistent,
                    found,
                    "the two checkpoints differ in size, and no proof of consistency was given",
                )
            }
        }
    }

    fn witnesses(
        &mut self,
        part: &log::LoggedPart,
        key: &NoteKey,
        trusted: &[NoteKey],
    ) -> Result<(), Ended> {
        let not_before = self.receipt.as_ref().map(Receipt::issued_at);
        let seen_by =
            |witnesses| log::witnessed(&part.proof.checkpoint, key, witnesses, not_before);
        // Whom the file names itself is nobody, but what is in it must be right.
        let claimed = match seen_by(&part.witnesses) {
            Err(why) => return self.take(EvidenceStep::Witnessed, Err(why)),
            Ok(claimed) => claimed,
        };
        let otherwise = claimed.map_or_else(
            || "nobody that is known has cosigned".into(),
            |claimed| {
                format!("named only by the file: {claimed}; give the keys of witnesses that you trust with --log-keys")
            },
        );
        self.perhaps(EvidenceStep::Witnessed, seen_by(trusted), &otherwise)
    }

    /// Notes what a step found, if there was anything to find.
    fn perhaps(
        &mut self,
        step: EvidenceStep,
        found: Result<Option<String>, String>,
        otherwise: &str,
    ) -> Result<(), Ended> {
        match found {
            Ok(None) => {
                self.note(step, Outcome::NotChecked(otherwise.into()));
                Ok(())
            }
            Ok(Some(seen)) => self.take(step, Ok(((), seen))),
            Err(why) => self.take(step, Err(why)),
        }
    }
}

fn form(zip: &[u8]) -> Result<(Archive, String), String> {
    let archive = Archive::from_zip(zip).map_err(|error| error.to_string())?;
    if let Some(missing) = names::REQUIRED
        .iter()
        .find(|name| archive.get(name).is_none())
    {
        return Err(format!("{missing} is missing"));
    }
    let is_known = |name: &str| names::REQUIRED.contains(&name) || names::OPTIONAL.contains(&name);
    if let Some((name, _)) = archive.iter().find(|(name, _)| !is_known(name)) {
        return Err(format!("{name} does not belong in an evidence file"));
    }
    Ok((archive, format!("{} bytes", zip.len())))
}

fn keys(archive: &Archive) -> Result<KeySet, String> {
    let jwks = text(archive, names::JWKS);
    let keys = KeySet::from_jwks(jwks).map_err(|error| format!("{}: {error}", names::JWKS))?;
    for name in [names::RECEIPT_KEY, names::SEAL_KEY] {
        if !keys.keys().any(|key| key.to_pem() == text(archive, name)) {
            return Err(format!("{name} is not one of {}", names::JWKS));
        }
    }
    Ok(keys)
}

/// The keys that were given, with the ends that the file knows of besides. A retirement is written once: of two moments, one is
/// made up.
fn agree(own: &KeySet, given: &KeySet) -> Result<(KeySet, String), String> {
    for key in own.keys() {
        let id = key.id().to_string();
        let retired = |set: &KeySet| set.term(&id).and_then(|term| term.retired);
        if let (Some(said), Some(known)) = (retired(own), retired(given))
            && said != known
        {
            return Err(format!(
                "{} says that the key {id} was retired at {}, and the keys that were given say {}",
                names::JWKS,
                said.to_rfc3339(),
                known.to_rfc3339()
            ));
        }
    }
    let ids: Vec<_> = given.keys().map(PublicKey::id).collect();
    let mut keys = given.clone();
    keys.merge(own.only(&ids));
    Ok((keys, "those that were given".into()))
}

fn seal(archive: &Archive, keys: &KeySet) -> Result<((), String), String> {
    let sums = archive.get(names::SUMS).unwrap_or_default();
    let seal = archive
        .get(names::SEAL)
        .and_then(|seal| seal.try_into().ok());
    let seal: &[u8; 64] = seal.ok_or("SHA256SUMS.sig is not 64 bytes")?;
    let pem = text(archive, names::SEAL_KEY);
    let key = keys.keys().find(|key| key.to_pem() == pem);
    let key = key.ok_or_else(|| {
        format!(
            "{} is none of the keys that were given: if they are older than this file, get those that the server publishes now",
            names::SEAL_KEY
        )
    })?;
    let id = key.id().to_string();
    // A seal has no date: whoever has the key can have made it.
    if keys.term(&id).is_some_and(|term| term.revoked.is_some()) {
        return Err(format!(
            "the key {id}, which sealed this file, is revoked: ask the server for a new one"
        ));
    }
    if key.has_signed(sums, seal) {
        Ok(((), format!("key {id}")))
    } else {
        Err("SHA256SUMS.sig is not the key's signature of SHA256SUMS".into())
    }
}

fn receipt(
    archive: &Archive,
    text_of_it: &str,
    keys: &KeySet,
) -> Result<(Receipt, String), String> {
    let receipt =
        as_signed(text_of_it, keys).map_err(|error| format!("{}: {error}", error.step()))?;
    let key = keys.get(&receipt.key().to_string());
    if key.is_none_or(|key| key.to_pem() != text(archive, names::RECEIPT_KEY)) {
        return Err(format!(
            "{} is not the key that signed the receipt",
            names::RECEIPT_KEY
        ));
    }
    let seen = format!("signed by {} with key {}", receipt.issuer(), receipt.key());
    Ok((receipt, seen))
}

fn same_record(
    archive: &Archive,
    receipt_text: &str,
    receipt: &Receipt,
    is_listed: bool,
    site: Option<&SiteId>,
) -> Result<((), String), String> {
    let record = receipt.record();
    if !is_listed {
        return Err("SHA256SUMS is of another record".into());
    }
    if claims(receipt_text).ok().as_deref() != Some(text(archive, names::RECORD)) {
        return Err("record.json is not what the receipt says".into());
    }
    if let Some(site) = site
        && *site != record.site
    {
        return Err(VerifyError::Audience(record.site.clone()).to_string());
    }
    Ok(((), format!("{} of site {}", record.id, record.site)))
}

fn time(receipt: &Receipt, at: Option<UnixSeconds>) -> Result<((), String), String> {
    let record = receipt.record();
    let at = at.unwrap_or(receipt.issued_at());
    if at < receipt.issued_at() {
        return Err(VerifyError::NotYet(receipt.issued_at()).to_string());
    }
    if record.expires_at <= at {
        return Err(VerifyError::Expired(record.expires_at).to_string());
    }
    let (from, to) = (
        receipt.issued_at().to_rfc3339(),
        record.expires_at.to_rfc3339(),
    );
    Ok((
        (),
        format!("stands from {from} to {to}, unless a later choice replaced it"),
    ))
}

/// A file as text; empty if it is none, which nothing compares to.
fn text<'a>(archive: &'a Archive, name: &str) -> &'a str {
    let bytes = archive.get(name).unwrap_or_default();
    core::str::from_utf8(bytes).unwrap_or_default()
}
