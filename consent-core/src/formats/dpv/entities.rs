//! Who is concerned: the controller, its processor, the providers, the authority.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Value, json};

use super::{Answer, location, not_available};
use crate::formats::Contact;
use crate::site::Service;

/// Everybody but the controller and the processor who provides a service: name and country, each pair once.
pub(super) struct Recipients<'a>(Vec<(&'a str, &'a str)>);

impl Recipients<'_> {
    pub(super) fn place(&self, service: &Service) -> Option<usize> {
        let wanted = (&*service.provider, &*service.country);
        self.0.iter().position(|known| *known == wanted)
    }
}

impl<'a> Answer<'a> {
    pub(super) fn recipients(&self) -> Recipients<'a> {
        let mut recipients = Recipients(Vec::new());
        for (_, service, _) in self.services() {
            let is_own = self.is_controller(service) || self.is_processor(service);
            if !is_own && recipients.place(service).is_none() {
                recipients.0.push((&service.provider, &service.country));
            }
        }
        recipients
    }

    pub(super) fn entities(&self, recipients: &Recipients<'_>) -> Vec<Value> {
        let controller = &self.site.controller;
        let mut member = self.entity("controller", "dpv:DataController", &controller.name);
        member["dpv:hasContact"] = controller.contact.as_str().into();
        member["dpv:hasAddress"] = controller.address.as_str().into();
        member["schema:contactPoint"] = json!([
            contact_point(&controller.contact),
            { "@type": "schema:PostalAddress", "schema:streetAddress": controller.address },
        ]);
        if let Some(officer) = &controller.data_protection_officer {
            member["dpv:hasDataProtectionOfficer"] = json!({
                "@type": "dpv:DataProtectionOfficer",
                "dpv:hasContact": officer,
                "schema:contactPoint": contact_point(officer),
            });
        }
        let mut entities = Vec::from([member]);
        if let Some(processor) = &self.site.processor {
            let mut member = self.entity("processor", "dpv:DataProcessor", &processor.name);
            member["dpv:hasContact"] = processor.contact.as_str().into();
            member["dpv:hasAddress"] = not_available();
            member["schema:contactPoint"] = contact_point(&processor.contact);
            entities.push(member);
        }
        for (place, (provider, country)) in recipients.0.iter().enumerate() {
            let mut member = self.entity(&recipient_name(place), "dpv:ThirdParty", provider);
            member["dpv:hasContact"] = not_available();
            member["dpv:hasAddress"] = not_available();
            member["dpv:hasCountry"] = location(country);
            entities.push(member);
        }
        if let Some(authority) = &controller.authority {
            let mut member = self.entity("authority", "dpv:Authority", &authority.name);
            member["dpv:hasContact"] = authority.url.as_str().into();
            member["dpv:hasAddress"] = not_available();
            member["schema:contactPoint"] = contact_point(&authority.url);
            entities.push(member);
        }
        entities
    }

    fn entity(&self, part: &str, role: &str, name: &str) -> Value {
        let iri = self.iri(part);
        json!({
            "@id": iri,
            "@type": ["dpv:LegalEntity", role],
            "dct:identifier": iri,
            "dpv:hasIdentifier": iri,
            "dpv:hasName": name,
        })
    }
}

pub(super) fn recipient_name(place: usize) -> String {
    format!("recipient-{}", place + 1)
}

fn contact_point(contact: &str) -> Value {
    let (member, text) = match Contact::of(contact) {
        Contact::Email(text) => ("schema:email", text),
        Contact::Url(text) => ("schema:url", text),
        Contact::Other(text) => ("schema:description", text),
    };
    json!({ "@type": "schema:ContactPoint", member: text })
}
