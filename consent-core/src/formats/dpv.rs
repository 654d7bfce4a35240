//! ISO/IEC TS 27560:2023 consent record, as JSON-LD in terms of the W3C Data Privacy Vocabulary (DPV).

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Value, json};

use super::{Answer, FormatError};
use crate::record::Record;
use crate::site::Site;
use crate::time::UnixSeconds;

mod entities;
mod process;
mod states;

/// A record as an ISO/IEC TS 27560 consent record, in JSON-LD after the [DPV-27560 guide], as of a moment (`dct:date`).
///
/// Each service that was asked about is a `dpv:Process`; `dpv:hasConsentStatus` says which of them came into which state
/// and when (`dpv:isIndicatedAtTime`): of two states of one process the later counts.
///
/// | what happened | state |
/// | --- | --- |
/// | granted | `dpv:ConsentGiven`; from the end of the choice on `dpv:ConsentExpired` follows it |
/// | refused by choice, or by a privacy signal | `dpv:ConsentRefused`, at any later moment too: the end of a refusal gives nothing |
/// | the notice closed without choosing | `dpv:ConsentRefused`: no positive act is a refusal (CNIL guidelines 2020-091, §26-27) |
/// | withdrawn | `dpv:ConsentWithdrawn` for all, granted before or not: the record in `dct:replaces` tells which were |
///
/// What the standard requires and a declaration may leave open:
///
/// | field | what stands there |
/// | --- | --- |
/// | jurisdiction | the country of a service that the controller provides itself; else `dpv:NotAvailable` |
/// | `pii_type` | `dpv:CollectedPersonalData`, for each thing stored in the browser; with none declared, `dpv:NotAvailable` beside it |
/// | storage location | the visitor's device for what is stored there; `dpv:NotAvailable` for what providers collect |
/// | retention period | that of the service, or of the site; else `dpv:IndeterminateDuration` |
/// | address and contact of a provider | `dpv:NotAvailable`; its country and its policy are known |
/// | rights | to withdraw, and to complain where an authority is declared: the others are the law's, not the record's |
///
/// Not told: `purpose_type`, because no declaration maps categories to a taxonomy of purposes.
///
/// [DPV-27560 guide]: https://w3id.org/dpv/guides/consent-27560
pub fn dpv(record: &Record, site: &Site, at: UnixSeconds) -> Result<Value, FormatError> {
    let answer = Answer::new(record, site, at)?;
    let recipients = answer.recipients();
    let processes = answer
        .services()
        .map(|(category, service, _)| answer.process(category, service, &recipients));
    let mut document = json!({
        "@context": context(),
        "@id": format!("urn:uuid:{}", record.id),
        "@type": "dpv:ConsentRecord",
        "dct:conformsTo": "https://w3id.org/dpv/schema/dpv-27560#record",
        "dct:identifier": record.id.to_text(),
        "dct:date": at.to_rfc3339(),
        "dpv:hasIdentifier": record.id.to_text(),
        "dpv:hasScope": { "@type": "dpv:Scope", "dct:identifier": record.scope.to_text() },
        "dpv:hasDataSubject": {
            "@id": answer.iri("subject"),
            "@type": "dpv:DataSubject",
            "dct:identifier": record.subject.to_text(),
        },
        "dpv:hasNotice": answer.notices(),
        "dpv:hasProcess": processes.collect::<Vec<_>>(),
        "dpv:hasDataController": answer.iri("controller"),
        "dpv:hasJurisdiction": answer.jurisdiction(),
        "dpv:hasEntity": answer.entities(&recipients),
        "dpv:hasConsentControl": {
            "@type": ["dpv:ProvideConsent", "dpv:WithdrawConsent"],
            "dct:description": "The preferences dialog opens from every page of the site.",
            "dpv:isExercisedAt": site.origins,
        },
        "dpv:hasRight": answer.rights(),
        "dpv:hasConsentStatus": answer.states(at),
    });
    if let Some(previous) = record.previous {
        document["dct:replaces"] = format!("urn:uuid:{previous}").into();
    }
    if site.processor.is_some() {
        document["dpv:hasDataProcessor"] = answer.iri("processor").into();
    }
    if site.controller.authority.is_some() {
        document["dpv:hasAuthority"] = answer.iri("authority").into();
    }
    Ok(document)
}

/// The names used, and which members hold IRIs.
fn context() -> Value {
    let mut context = json!({
        "dct": "http://purl.org/dc/terms/",
        "dpv": "https://w3id.org/dpv#",
        "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
        "loc": "https://w3id.org/dpv/loc#",
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "schema": "https://schema.org/",
        "skos": "http://www.w3.org/2004/02/skos/core#",
        "tech": "https://w3id.org/dpv/tech#",
    });
    for member in [
        "dct:conformsTo",
        "dct:replaces",
        "dpv:hasApplicability",
        "dpv:hasAuthority",
        "dpv:hasCountry",
        "dpv:hasDataController",
        "dpv:hasDataProcessor",
        "dpv:hasJurisdiction",
        "dpv:hasLegalBasis",
        "dpv:hasLocation",
        "dpv:hasRecipient",
        "dpv:isApplicableFor",
        "dpv:isExercisedAt",
        "dpv:isImplementedUsingTechnology",
        "dpv:isIndicatedBy",
        "schema:url",
        "skos:broader",
    ] {
        context[member] = json!({ "@type": "@id" });
    }
    context
}

fn not_available() -> Value {
    json!({ "dpv:hasApplicability": "dpv:NotAvailable" })
}

impl Answer<'_> {
    fn iri(&self, part: &str) -> String {
        format!("urn:uuid:{}#{part}", self.record.id)
    }

    fn notices(&self) -> Value {
        let (year, month, day) = self.site.policy.updated;
        let shown = json!({
            "@id": self.iri("notice"),
            "@type": "dpv:ConsentNotice",
            "dct:identifier": self.record.notice.to_text(),
            "dct:language": self.record.language.as_str(),
        });
        let policy = json!({
            "@type": "dpv:PrivacyNotice",
            "dct:date": format!("{year:04}-{month:02}-{day:02}"),
            "dct:language": self.record.language.as_str(),
            "schema:url": self.url(&self.site.policy.url),
        });
        json!([shown, policy])
    }

    fn jurisdiction(&self) -> Value {
        self.country().map_or_else(not_available, location)
    }

    fn rights(&self) -> Vec<Value> {
        let mut rights = Vec::from([json!({
            "@type": ["dpv:DataSubjectRight", "eu-gdpr:A7-3"],
            "dct:title": "Right to withdraw consent",
            "dpv:isExercisedAt": self.site.origins,
        })]);
        if let Some(authority) = &self.site.controller.authority {
            rights.push(json!({
                "@type": ["dpv:DataSubjectRight", "eu-gdpr:A77"],
                "dct:title": "Right to lodge a complaint with a supervisory authority",
                "dpv:isExercisedAt": authority.url,
            }));
        }
        rights
    }
}

fn location(country: &str) -> Value {
    format!("loc:{country}").into()
}
