//! ISO/IEC TS 27560:2023 through the W3C Data Privacy Vocabulary: the fields that the standard and its DPV guide require.

use std::collections::BTreeSet;

use consent_core::decision::Act;
use consent_core::formats::dpv;
use consent_core::record::Record;
use consent_core::site::Site;
use consent_core::time::UnixSeconds;
use serde_json::Value;

use crate::table::{Kind, Must, Row, assert_that_the_check_can_fail, at, check, list};
use crate::{assert_golden, library, record, sites};

const fn row(field: &'static str, place: &'static str, kind: Kind, must: Must) -> Row {
    Row {
        field,
        place,
        kind,
        must,
    }
}

const STATES: &[&str] = &[
    "dpv:ConsentGiven",
    "dpv:ConsentRefused",
    "dpv:ConsentWithdrawn",
    "dpv:ConsentExpired",
];
const STORAGE: &[&str] = &["dpv:StorageLocation", "dpv:StorageDuration"];
const ROLES: &[&str] = &[
    "dpv:DataController",
    "dpv:DataProcessor",
    "dpv:ThirdParty",
    "dpv:Authority",
];
const DURATIONS: &[&str] = &[
    "dpv:TemporalDuration",
    "dpv:UntilTimeDuration",
    "dpv:UntilEventDuration",
    "dpv:IndeterminateDuration",
    "dpv:EndlessDuration",
];

#[rustfmt::skip]
const FIELDS: &[Row] = &[
    row("schema_version", "dct:conformsTo", Kind::Exactly("https://w3id.org/dpv/schema/dpv-27560#record"), Must::Be),
    row("record_id", "dct:identifier", Kind::Text, Must::Be),
    row("record_id", "dpv:hasIdentifier", Kind::Text, Must::Be),
    row("pii_principal_id", "dpv:hasDataSubject", Kind::OneOf("dpv:DataSubject"), Must::Be),
    row("pii_principal_id", "dpv:hasDataSubject/dct:identifier", Kind::Text, Must::Be),
    row("privacy_notice", "dpv:hasNotice", Kind::OneOf("dpv:ConsentNotice"), Must::Be),
    row("privacy_notice", "dpv:hasNotice", Kind::OneOf("dpv:PrivacyNotice"), Must::Be),
    row("language", "dpv:hasNotice/[]/dct:language", Kind::Text, Must::Be),
    row("purposes", "dpv:hasProcess", Kind::AllOf(&["dpv:Process"]), Must::Be),
    row("purposes", "dpv:hasProcess/[]/dpv:hasPurpose", Kind::AllOf(&["dpv:Purpose"]), Must::Be),
    row("purposes", "dpv:hasProcess/[]/dpv:hasPurpose/dct:description", Kind::Text, Must::Be),
    row("purpose_type", "dpv:hasProcess/[]/dpv:hasPurpose/skos:broader", Kind::Iris, Must::MayBe),
    row("lawful_basis", "dpv:hasProcess/[]/dpv:hasLegalBasis", Kind::Holds("eu-gdpr:A6-1-a"), Must::Be),
    row("pii_information", "dpv:hasProcess/[]/dpv:hasPersonalData", Kind::AllOf(&["dpv:PersonalData"]), Must::Be),
    row("pii_type", "dpv:hasProcess/[]/dpv:hasPersonalData/[]/skos:broader", Kind::Iris, Must::Be),
    row("pii_controllers", "dpv:hasDataController", Kind::Iris, Must::Be),
    row("pii_controllers", "dpv:hasProcess/[]/dpv:hasDataController", Kind::Iris, Must::Be),
    row("collection_method", "dpv:hasProcess/[]/dpv:hasDataSource", Kind::Told, Must::MayBe),
    row("processing_method", "dpv:hasProcess/[]/dpv:hasProcessing", Kind::Told, Must::MayBe),
    row("storage", "dpv:hasProcess/[]/dpv:hasStorageCondition", Kind::AllOf(STORAGE), Must::Be),
    row("storage_locations", "dpv:hasProcess/[]/dpv:hasStorageCondition", Kind::OneOf("dpv:StorageLocation"), Must::Be),
    row("storage_locations", "dpv:hasProcess/[]/dpv:hasStorageCondition/[]/dpv:hasLocation", Kind::Iris, Must::MayBe),
    row("retention_period", "dpv:hasProcess/[]/dpv:hasStorageCondition", Kind::OneOf("dpv:StorageDuration"), Must::Be),
    row("retention_period", "dpv:hasProcess/[]/dpv:hasStorageCondition/[]/dpv:hasDuration", Kind::AllOf(DURATIONS), Must::MayBe),
    row("jurisdiction", "dpv:hasJurisdiction", Kind::Iris, Must::Be),
    row("recipient_third_parties", "dpv:hasProcess/[]/dpv:hasRecipient", Kind::Iris, Must::Be),
    row("withdrawal_method", "dpv:hasConsentControl/@type", Kind::Holds("dpv:WithdrawConsent"), Must::Be),
    row("withdrawal_method", "dpv:hasConsentControl/dpv:isExercisedAt", Kind::Iris, Must::Be),
    row("privacy_rights", "dpv:hasRight", Kind::AllOf(&["dpv:DataSubjectRight"]), Must::Be),
    row("privacy_rights", "dpv:hasRight/[]/dpv:isExercisedAt", Kind::Iris, Must::Be),
    row("authority_party", "dpv:hasAuthority", Kind::Iris, Must::MayBe),
    row("party id", "dpv:hasEntity/[]/dct:identifier", Kind::Text, Must::Be),
    row("party id", "dpv:hasEntity/[]/dpv:hasIdentifier", Kind::Text, Must::Be),
    row("party name", "dpv:hasEntity/[]/dpv:hasName", Kind::Text, Must::Be),
    row("party address", "dpv:hasEntity/[]/dpv:hasAddress", Kind::Told, Must::Be),
    row("party contact", "dpv:hasEntity/[]/dpv:hasContact", Kind::Told, Must::Be),
    row("party type", "dpv:hasEntity", Kind::AllOf(ROLES), Must::Be),
    row("event_time", "dpv:hasConsentStatus/[]/dpv:isIndicatedAtTime", Kind::Moment, Must::Be),
    row("validity_duration", "dpv:hasConsentStatus/[]/dpv:hasDuration", Kind::AllOf(DURATIONS), Must::Be),
    row("entity_id", "dpv:hasConsentStatus/[]/dpv:isIndicatedBy", Kind::Iris, Must::Be),
    row("event_type", "dpv:hasProcess/[]/dpv:hasLegalBasis", Kind::Holds("dpv:ExpressedConsent"), Must::Be),
    row("event_state", "dpv:hasConsentStatus", Kind::AllOf(STATES), Must::Be),
    row("expression method", "dpv:hasConsentStatus/[]/dpv:hasIndicationMethod", Kind::Text, Must::MayBe),
];

/// The names of DPV 2.3 and its extensions that records use; they are its names, letter by letter.
#[rustfmt::skip]
const VOCABULARY: &[&str] = &[
    "dpv:Authority", "dpv:CollectedPersonalData", "dpv:ConsentExpired", "dpv:ConsentGiven", "dpv:ConsentNotice",
    "dpv:ConsentRecord", "dpv:ConsentRefused", "dpv:ConsentWithdrawn", "dpv:DataController", "dpv:DataProcessor",
    "dpv:DataProtectionOfficer", "dpv:DataSubject", "dpv:DataSubjectRight", "dpv:EndlessDuration",
    "dpv:ExpressedConsent", "dpv:IndeterminateDuration", "dpv:LegalEntity", "dpv:NotAvailable", "dpv:PersonalData",
    "dpv:PrivacyNotice", "dpv:Process", "dpv:ProvideConsent", "dpv:Purpose", "dpv:Scope", "dpv:StorageDuration",
    "dpv:StorageLocation", "dpv:TemporalDuration", "dpv:ThirdParty", "dpv:UntilEventDuration",
    "dpv:UntilTimeDuration", "dpv:WithdrawConsent", "dpv:hasAddress", "dpv:hasApplicability", "dpv:hasAuthority",
    "dpv:hasConsentControl", "dpv:hasConsentStatus", "dpv:hasContact", "dpv:hasCountry", "dpv:hasDataController",
    "dpv:hasDataProcessor", "dpv:hasDataProtectionOfficer", "dpv:hasDataSubject", "dpv:hasDuration", "dpv:hasEntity",
    "dpv:hasIdentifier", "dpv:hasIndicationMethod", "dpv:hasJurisdiction", "dpv:hasLegalBasis", "dpv:hasLocation",
    "dpv:hasName", "dpv:hasNotice", "dpv:hasPersonalData", "dpv:hasProcess", "dpv:hasPurpose", "dpv:hasRecipient",
    "dpv:hasRight", "dpv:hasScope", "dpv:hasStorageCondition", "dpv:isApplicableFor", "dpv:isExercisedAt",
    "dpv:isImplementedUsingTechnology", "dpv:isIndicatedAtTime", "dpv:isIndicatedBy",
    "eu-gdpr:A6-1-a", "eu-gdpr:A7-3", "eu-gdpr:A77", "tech:Cookie", "tech:Device", "tech:LocalStorage",
];

fn every_record(mut each: impl FnMut(&Site, &Record, UnixSeconds)) {
    for site in sites() {
        for act in Act::ALL {
            for language in &site.languages {
                let record = record(&site, *act, language.as_str());
                each(&site, &record, record.decided_at);
                each(&site, &record, record.expires_at);
            }
        }
    }
}

#[test]
fn every_field_is_there_for_every_site_language_act_and_state() {
    every_record(|site, record, at| {
        let document = dpv(record, site, at).unwrap();
        let act = record.decision.act;
        assert_eq!(check(&document, FIELDS), [""; 0], "{} {act}", site.id);
    });
}

#[test]
fn the_check_names_each_field_that_is_taken_away_or_broken() {
    let site = library();
    let record = record(&site, Act::Custom, "en");
    let document = dpv(&record, &site, record.expires_at).unwrap();
    assert_that_the_check_can_fail(&document, FIELDS);
}

#[test]
fn every_name_is_one_of_the_vocabulary_and_every_part_that_is_named_is_there() {
    let mut used = BTreeSet::new();
    every_record(|site, record, at| {
        let document = dpv(record, site, at).unwrap();
        let (mut names, mut ids) = (BTreeSet::new(), BTreeSet::new());
        walk(&document, &mut names, &mut ids);
        let base = format!("urn:uuid:{}", record.id);
        for name in &names {
            let is_part = name.starts_with(&base);
            assert!(!is_part || ids.contains(name), "{name} is not described");
            let vocabulary = ["dpv:", "eu-gdpr:", "tech:"];
            if vocabulary.iter().any(|prefix| name.starts_with(prefix)) {
                assert!(VOCABULARY.contains(&name.as_str()), "{name}");
                used.insert(name.clone());
            }
        }
    });
    let used: Vec<_> = used.iter().map(String::as_str).collect();
    assert_eq!(used, VOCABULARY, "the list holds what is used");
}

/// Gathers the names of members, the strings without spaces, and the ids of the parts that are described.
fn walk(value: &Value, names: &mut BTreeSet<String>, ids: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members.iter().filter(|(name, _)| *name != "@context") {
                names.insert(name.clone());
                if name == "@id" {
                    ids.insert(value.as_str().unwrap().into());
                }
                walk(value, names, ids);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| walk(value, names, ids)),
        Value::String(text) if !text.contains(' ') => {
            names.insert(text.clone());
        }
        _ => {}
    }
}

/// The state of each process after all events.
fn states(document: &Value) -> Vec<(&str, &str)> {
    let processes = at(document, "dpv:hasProcess/[]");
    let state = |process: &Value| {
        let events = list(&document["dpv:hasConsentStatus"]);
        let last = events
            .iter()
            .rfind(|event| list(&event["dpv:isApplicableFor"]).contains(&process["@id"]));
        last.unwrap()["@type"][0].as_str().unwrap()
    };
    processes
        .iter()
        .map(|process| (process["dct:identifier"].as_str().unwrap(), state(process)))
        .collect()
}

#[test]
fn each_act_leads_to_its_state_and_the_end_of_the_choice_only_to_expiry_of_what_was_given() {
    for (act, during, after) in [
        (Act::AcceptAll, "dpv:ConsentGiven", "dpv:ConsentExpired"),
        (Act::RefuseAll, "dpv:ConsentRefused", "dpv:ConsentRefused"),
        (Act::Dismiss, "dpv:ConsentRefused", "dpv:ConsentRefused"),
        (Act::Signal, "dpv:ConsentRefused", "dpv:ConsentRefused"),
        (
            Act::Withdraw,
            "dpv:ConsentWithdrawn",
            "dpv:ConsentWithdrawn",
        ),
    ] {
        for site in sites() {
            let record = record(&site, act, "en");
            let last = UnixSeconds::new(record.expires_at.get() - 1).unwrap();
            for (at, expected) in [
                (record.decided_at, during),
                (last, during),
                (record.expires_at, after),
            ] {
                let document = dpv(&record, &site, at).unwrap();
                for (service, state) in states(&document) {
                    assert_eq!(state, expected, "{} {act} {service}", site.id);
                }
            }
        }
    }
}

#[test]
fn a_custom_choice_has_a_state_for_each_service() {
    let site = library();
    let record = record(&site, Act::Custom, "en");
    let document = dpv(&record, &site, record.decided_at).unwrap();
    // preferences is granted; social is refused, but one of its services.
    assert_eq!(
        states(&document),
        [
            ("reading", "dpv:ConsentGiven"),
            ("hosted-counter", "dpv:ConsentRefused"),
            ("video", "dpv:ConsentRefused"),
            ("events", "dpv:ConsentGiven"),
        ]
    );
}

#[test]
fn the_golden_vectors() {
    let site = library();
    for (name, act, is_over) in [
        ("given", Act::AcceptAll, false),
        ("chosen", Act::Custom, false),
        ("expired", Act::Custom, true),
        ("refused", Act::RefuseAll, false),
        ("dismissed", Act::Dismiss, false),
        ("withdrawn", Act::Withdraw, false),
        ("signal", Act::Signal, false),
    ] {
        let record = record(&site, act, "en");
        let at = if is_over {
            record.expires_at
        } else {
            record.decided_at
        };
        let document = dpv(&record, &site, at).unwrap();
        assert_golden(&format!("dpv-{name}.json"), &document);
    }
}
