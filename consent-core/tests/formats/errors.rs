//! What cannot be told, and what is said about it.

use consent_core::decision::Act;
use consent_core::digest::Digest;
use consent_core::formats::{FormatError, dpv, kantara};
use consent_core::scope::DecisionError;
use consent_core::time::UnixSeconds;

use crate::{library, record, sites};

#[test]
fn a_consent_receipt_needs_a_consent() {
    for site in sites() {
        for act in Act::ALL.iter().filter(|act| !act.can_grant()) {
            let record = record(&site, *act, "fr");
            let error = kantara(&record, &site, record.decided_at).unwrap_err();
            assert_eq!(error, FormatError::NothingGiven(*act));
            assert!(error.to_string().contains("use `dpv`"), "{error}");
        }
    }
    // A custom choice can refuse everything too.
    let site = library();
    let mut refused = record(&site, Act::RefuseAll, "fr");
    refused.decision.act = Act::Custom;
    assert_eq!(
        kantara(&refused, &site, refused.decided_at),
        Err(FormatError::NothingGiven(Act::Custom))
    );
}

#[test]
fn a_consent_receipt_is_of_a_consent_that_stands() {
    let site = library();
    let record = record(&site, Act::AcceptAll, "fr");
    let last = UnixSeconds::new(record.expires_at.get() - 1).unwrap();
    assert!(kantara(&record, &site, last).is_ok());
    let error = kantara(&record, &site, record.expires_at).unwrap_err();
    assert_eq!(error, FormatError::Expired(record.expires_at));
    assert!(
        error.to_string().contains("2027-12-22T03:08:11Z"),
        "{error}"
    );
}

#[test]
fn a_record_is_only_told_with_the_declaration_that_was_answered() {
    let site = library();
    let good = record(&site, Act::Custom, "fr");
    let both = |record: &_, at| {
        let error = dpv(record, &site, at).unwrap_err();
        assert_eq!(kantara(record, &site, at), Err(error.clone()));
        error
    };

    let mut other = good.clone();
    other.site = "lacassagne".parse().unwrap();
    let error = both(&other, good.decided_at);
    assert!(
        error
            .to_string()
            .contains("hand in the declaration of \"lacassagne\"")
    );

    let mut other = good.clone();
    other.scope = Digest::of(b"older");
    assert_eq!(
        both(&other, good.decided_at),
        FormatError::Scope(other.scope)
    );

    let mut other = good.clone();
    other.language = "de".parse().unwrap();
    assert_eq!(
        both(&other, good.decided_at),
        FormatError::Language(other.language)
    );

    let mut other = good.clone();
    other.decision.choices = Vec::new().into_iter().collect();
    assert_eq!(
        both(&other, good.decided_at),
        FormatError::Decision(DecisionError::MissingChoice("analytics".parse().unwrap()))
    );

    let before = UnixSeconds::new(good.decided_at.get() - 1).unwrap();
    assert_eq!(both(&good, before), FormatError::NotYet(good.decided_at));
}
