//! Kantara Consent Receipt v1.1.0: the fields and types of its JSON Schema (draft 6 of 2017-11-17).

use consent_core::decision::Act;
use consent_core::formats::kantara;
use serde_json::Value;

use crate::table::{Kind, Must, Row, assert_that_the_check_can_fail, at, check};
use crate::{assert_golden, library, record, sites};

const fn row(field: &'static str, place: &'static str, kind: Kind, must: Must) -> Row {
    Row {
        field,
        place,
        kind,
        must,
    }
}

#[rustfmt::skip]
const FIELDS: &[Row] = &[
    row("version", "version", Kind::Exactly("KI-CR-v1.1.0"), Must::Be),
    row("jurisdiction", "jurisdiction", Kind::Text, Must::Be),
    row("consentTimestamp", "consentTimestamp", Kind::Seconds, Must::Be),
    row("collectionMethod", "collectionMethod", Kind::Text, Must::Be),
    row("consentReceiptID", "consentReceiptID", Kind::Text, Must::Be),
    row("publicKey", "publicKey", Kind::Text, Must::MayBe),
    row("language", "language", Kind::Text, Must::MayBe),
    row("piiPrincipalId", "piiPrincipalId", Kind::Text, Must::Be),
    row("piiControllers", "piiControllers", Kind::List, Must::Be),
    row("piiController", "piiControllers/[]/piiController", Kind::Text, Must::Be),
    row("onBehalf", "piiControllers/[]/onBehalf", Kind::Flag, Must::MayBe),
    row("contact", "piiControllers/[]/contact", Kind::Text, Must::Be),
    row("address", "piiControllers/[]/address", Kind::Object, Must::Be),
    row("streetAddress", "piiControllers/[]/address/streetAddress", Kind::Text, Must::MayBe),
    row("addressCountry", "piiControllers/[]/address/addressCountry", Kind::Text, Must::MayBe),
    row("email", "piiControllers/[]/email", Kind::Text, Must::Be),
    row("phone", "piiControllers/[]/phone", Kind::Text, Must::Be),
    row("piiControllerUrl", "piiControllers/[]/piiControllerUrl", Kind::Text, Must::MayBe),
    row("policyUrl", "policyUrl", Kind::Text, Must::Be),
    row("services", "services", Kind::List, Must::Be),
    row("service", "services/[]/service", Kind::Text, Must::Be),
    row("purposes", "services/[]/purposes", Kind::List, Must::Be),
    row("purpose", "services/[]/purposes/[]/purpose", Kind::Text, Must::MayBe),
    row("primaryPurpose", "services/[]/purposes/[]/primaryPurpose", Kind::Flag, Must::MayBe),
    row("consentType", "services/[]/purposes/[]/consentType", Kind::Text, Must::Be),
    row("purposeCategory", "services/[]/purposes/[]/purposeCategory", Kind::List, Must::Be),
    row("purposeCategory[]", "services/[]/purposes/[]/purposeCategory/[]", Kind::Text, Must::Be),
    row("piiCategory", "services/[]/purposes/[]/piiCategory", Kind::List, Must::Be),
    row("piiCategory[]", "services/[]/purposes/[]/piiCategory/[]", Kind::Text, Must::Be),
    row("termination", "services/[]/purposes/[]/termination", Kind::Text, Must::Be),
    row("thirdPartyDisclosure", "services/[]/purposes/[]/thirdPartyDisclosure", Kind::Flag, Must::Be),
    row("thirdPartyName", "services/[]/purposes/[]/thirdPartyName", Kind::Text, Must::BeIf("thirdPartyDisclosure")),
    row("sensitive", "sensitive", Kind::Flag, Must::Be),
    row("spiCat", "spiCat", Kind::List, Must::Be),
];

fn receipt(act: Act) -> Value {
    let site = library();
    let record = record(&site, act, "en");
    kantara(&record, &site, record.decided_at).unwrap()
}

#[test]
fn every_field_is_there_for_every_site_language_and_act_that_grants() {
    for site in sites() {
        for act in Act::ALL.iter().filter(|act| act.can_grant()) {
            for language in &site.languages {
                let record = record(&site, *act, language.as_str());
                let receipt = kantara(&record, &site, record.decided_at).unwrap();
                assert_eq!(check(&receipt, FIELDS), [""; 0], "{} {act}", site.id);
            }
        }
    }
}

#[test]
fn the_check_names_each_field_that_is_taken_away_or_broken() {
    assert_that_the_check_can_fail(&receipt(Act::AcceptAll), FIELDS);
}

#[test]
fn only_what_was_granted_is_a_purpose() {
    for site in sites() {
        let record = record(&site, Act::Custom, "fr");
        let receipt = kantara(&record, &site, record.decided_at).unwrap();
        let categories = at(&receipt, "services/[]/purposes/[]/purposeCategory/[]");
        let services = site.asked().flat_map(|category| &category.services);
        let granted = services.filter(|service| {
            let category = site
                .asked()
                .find(|category| category.services.iter().any(|s| s.id == service.id));
            let by_category = record.decision.choices.get(&category.unwrap().id);
            let own = record.decision.services.get(&service.id);
            own.or(by_category).unwrap()
        });
        let granted: Vec<_> = granted
            .map(|service| service.purpose.get(&record.language))
            .collect();
        let told = at(&receipt, "services/[]/purposes/[]/purpose");
        assert!(!granted.is_empty());
        assert_eq!(told, granted, "{}", site.id);
        assert!(
            !categories
                .iter()
                .any(|c| c.as_str().unwrap().starts_with("operation"))
        );
    }
}

#[test]
fn what_is_not_known_is_said_to_be_not_known() {
    let receipt = receipt(Act::AcceptAll);
    let controller = &receipt["piiControllers"][0];
    assert_eq!(controller["phone"], "N/A");
    assert_eq!(controller["email"], "dpo@library.example");
    assert_eq!(
        controller["piiControllerUrl"],
        "https://library.example/contact"
    );
    assert_eq!(receipt["jurisdiction"], "FR");
    assert_eq!(receipt["policyUrl"], "https://library.example/en/privacy");
    // A controller that provides no service in its own name has no known country, and no e-mail address here.
    let mut site = library();
    site.controller.name = "Region of Exampleland".into();
    site.controller.data_protection_officer = None;
    let record = record(&site, Act::AcceptAll, "en");
    let receipt = kantara(&record, &site, record.decided_at).unwrap();
    assert_eq!(receipt["piiControllers"][0]["email"], "N/A");
    assert_eq!(receipt["jurisdiction"], "N/A");
    assert!(
        receipt["piiControllers"][0]["address"]
            .get("addressCountry")
            .is_none()
    );
}

#[test]
fn a_controller_and_its_processor_are_no_third_parties() {
    let receipt = receipt(Act::AcceptAll);
    let third = |text: &str| {
        let purposes = at(&receipt, "services/[]/purposes/[]");
        let purpose = purposes.iter().find(|p| p["purpose"] == text).unwrap();
        purpose.get("thirdPartyName").cloned()
    };
    assert_eq!(third("Remembers the size of letters."), None);
    assert_eq!(third("Counts visits, page by page."), None);
    assert_eq!(third("Plays recorded readings."), Some("Video Ltd".into()));
}

#[test]
fn the_golden_vector() {
    assert_golden("kantara.json", &receipt(Act::Custom));
}
