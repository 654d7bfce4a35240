//! Kantara Consent Receipt v1.1.0.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Value, json};

use super::{Answer, Contact, FormatError, NOT_KNOWN};
use crate::record::Record;
use crate::site::{Category, Cookie, Service, Site, StorageKind};
use crate::time::UnixSeconds;

/// A consent as a [Kantara Consent Receipt v1.1.0], as of a moment: what was granted, and nothing that was refused.
///
/// The format knows only consents given. A record that grants nothing is [`FormatError::NothingGiven`], and one whose
/// time is over is [`FormatError::Expired`]; [`dpv`](super::dpv()) tells those. Services that need no consent are not in it.
///
/// What the standard requires and a declaration may leave open:
///
/// | field | what stands there |
/// | --- | --- |
/// | `jurisdiction` | the country of a service that the controller provides itself; `N/A` where it provides none |
/// | `piiControllers[].email` | the controller's contact, or its data protection officer, if one is an e-mail address; else `N/A` |
/// | `piiControllers[].phone` | `N/A`: declarations have no telephone numbers |
/// | `piiControllers[].address` | the whole address as its `streetAddress`: declarations have it as one text |
/// | `purposes[].piiCategory` | the names of what is stored in the browser; `N/A` where the declaration names none |
/// | `sensitive`, `spiCat` | `false` and none: a declaration names no special category of data |
///
/// Beside the standard's fields stand `notice` and `scope`, the digests that the receipt names, and
/// `piiControllers[].address.addressCountry` where `jurisdiction` is known.
///
/// [Kantara Consent Receipt v1.1.0]: https://kantarainitiative.org/file-downloads/consent-receipt-specification-v1-1-0/
pub fn kantara(record: &Record, site: &Site, at: UnixSeconds) -> Result<Value, FormatError> {
    let answer = Answer::new(record, site, at)?;
    let purposes: Vec<Value> = answer
        .services()
        .filter(|(_, _, granted)| *granted)
        .map(|(category, service, _)| answer.purpose(category, service))
        .collect();
    if purposes.is_empty() {
        return Err(FormatError::NothingGiven(record.decision.act));
    }
    if at >= record.expires_at {
        return Err(FormatError::Expired(record.expires_at));
    }
    Ok(json!({
        "version": "KI-CR-v1.1.0",
        "jurisdiction": answer.country().unwrap_or(NOT_KNOWN),
        "consentTimestamp": record.decided_at.get(),
        "collectionMethod": answer.method(),
        "consentReceiptID": record.id.to_text(),
        "language": record.language.as_str(),
        "piiPrincipalId": record.subject.to_text(),
        "piiControllers": [answer.controller()],
        "policyUrl": answer.url(&site.policy.url),
        "services": [{ "service": answer.text(&site.name), "purposes": purposes }],
        "sensitive": false,
        "spiCat": [],
        "notice": record.notice.to_text(),
        "scope": record.scope.to_text(),
    }))
}

impl Answer<'_> {
    fn controller(&self) -> Value {
        let controller = &self.site.controller;
        let officer = controller.data_protection_officer.as_deref();
        let contacts = [Some(&*controller.contact), officer];
        let email = contacts.into_iter().flatten().find_map(email);
        let mut member = json!({
            "piiController": controller.name,
            "contact": officer.unwrap_or(&controller.contact),
            "address": { "streetAddress": controller.address },
            "email": email.unwrap_or(NOT_KNOWN),
            "phone": NOT_KNOWN,
        });
        if let Some(country) = self.country() {
            member["address"]["addressCountry"] = country.into();
        }
        if let Contact::Url(url) = Contact::of(&controller.contact) {
            member["piiControllerUrl"] = url.into();
        }
        member
    }

    fn purpose(&self, category: &Category, service: &Service) -> Value {
        let is_disclosed = !self.is_controller(service) && !self.is_processor(service);
        let mut member = json!({
            "purpose": self.text(&service.purpose),
            "purposeCategory": [format!("{} - {}", category.id, self.text(&category.title))],
            "consentType": "EXPLICIT",
            "piiCategory": stored(service),
            // What a site cannot do without needs no consent.
            "primaryPurpose": false,
            "termination": format!("withdrawal, or {}", self.record.expires_at.to_rfc3339()),
            "thirdPartyDisclosure": is_disclosed,
        });
        if is_disclosed {
            member["thirdPartyName"] = (&*service.provider).into();
        }
        member
    }
}

fn email(text: &str) -> Option<&str> {
    match Contact::of(text) {
        Contact::Email(email) => Some(email),
        Contact::Url(_) | Contact::Other(_) => None,
    }
}

fn stored(service: &Service) -> Vec<String> {
    if service.cookies.is_empty() {
        return [NOT_KNOWN.into()].into();
    }
    let name = |cookie: &Cookie| {
        let kind = match cookie.kind {
            StorageKind::Cookie => "cookie",
            StorageKind::LocalStorage => "local storage",
            StorageKind::SessionStorage => "session storage",
        };
        format!("{kind} - {}", cookie.name)
    };
    service.cookies.iter().map(name).collect()
}
