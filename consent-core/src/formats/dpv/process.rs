//! What each service does once it is granted.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Value, json};

use super::entities::{Recipients, recipient_name};
use super::{Answer, not_available};
use crate::site::{Category, Cookie, Lifetime, Service, StorageKind, Unit};

impl<'a> Answer<'a> {
    pub(super) fn process(
        &self,
        category: &Category,
        service: &Service,
        known: &Recipients<'_>,
    ) -> Value {
        let recipient = match known.place(service) {
            Some(place) => recipient_name(place),
            None if self.is_controller(service) => "controller".into(),
            None => "processor".into(),
        };
        let retention = service.retention.or(self.site.data_retention);
        let stored = service.cookies.iter().map(|cookie| self.stored(cookie));
        let mut personal_data: Vec<_> = stored.collect();
        if personal_data.is_empty() {
            personal_data.push(json!({
                "@type": "dpv:PersonalData",
                "skos:broader": "dpv:CollectedPersonalData",
                "dpv:hasApplicability": "dpv:NotAvailable",
            }));
        }
        json!({
            "@id": self.process_iri(service),
            "@type": "dpv:Process",
            "dct:identifier": service.id.as_str(),
            "dct:title": self.text(&service.name),
            "dpv:hasPurpose": {
                "@type": "dpv:Purpose",
                "dct:identifier": category.id.as_str(),
                "dct:title": self.text(&category.title),
                "dct:description": self.text(&service.purpose),
            },
            "dpv:hasLegalBasis": ["dpv:ExpressedConsent", "eu-gdpr:A6-1-a"],
            "dpv:hasPersonalData": personal_data,
            "dpv:hasDataController": self.iri("controller"),
            "dpv:hasRecipient": self.iri(&recipient),
            "dpv:hasNotice": {
                "@type": "dpv:PrivacyNotice",
                "dct:language": self.record.language.as_str(),
                "schema:url": self.url(&service.policy),
            },
            "dpv:hasStorageCondition": [
                { "@type": "dpv:StorageLocation", "dpv:hasLocation": not_available() },
                { "@type": "dpv:StorageDuration", "dpv:hasDuration": duration(retention) },
            ],
        })
    }

    pub(super) fn process_iri(&self, service: &Service) -> String {
        self.iri(&format!("service-{}", service.id))
    }

    fn stored(&self, cookie: &'a Cookie) -> Value {
        let technology = match cookie.kind {
            StorageKind::Cookie => "tech:Cookie",
            StorageKind::LocalStorage | StorageKind::SessionStorage => "tech:LocalStorage",
        };
        json!({
            "@type": "dpv:PersonalData",
            "skos:broader": "dpv:CollectedPersonalData",
            "dct:identifier": cookie.name,
            "dct:description": self.text(&cookie.purpose),
            "dpv:isImplementedUsingTechnology": technology,
            "dpv:hasStorageCondition": [
                { "@type": "dpv:StorageLocation", "dpv:hasLocation": "tech:Device" },
                { "@type": "dpv:StorageDuration", "dpv:hasDuration": duration(Some(cookie.lifetime)) },
            ],
        })
    }
}

/// A lifetime in ISO 8601, or in the words of the vocabulary.
fn duration(lifetime: Option<Lifetime>) -> Value {
    let Some(lifetime) = lifetime else {
        return json!({ "@type": "dpv:IndeterminateDuration" });
    };
    let (count, unit) = match lifetime {
        Lifetime::Session => {
            return json!({ "@type": "dpv:UntilEventDuration", "rdf:value": "the browser is closed" });
        }
        Lifetime::Persistent => {
            return json!({ "@type": "dpv:UntilEventDuration", "rdf:value": "somebody deletes it" });
        }
        Lifetime::For(count, unit) => (count, unit),
    };
    let value = match unit {
        Unit::Minute => format!("PT{count}M"),
        Unit::Hour => format!("PT{count}H"),
        Unit::Day => format!("P{count}D"),
        Unit::Month => format!("P{count}M"),
        Unit::Year => format!("P{count}Y"),
    };
    json!({ "@type": "dpv:TemporalDuration", "rdf:value": value })
}
