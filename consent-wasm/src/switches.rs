//! The switches of the preferences dialog: one for each category, one for each service.

use consent_core::decision::Choices;
use consent_core::id::{CategoryId, ServiceId};
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::{Element, HtmlInputElement};

use crate::notice::{CATEGORIES, SERVICES, each, says};

const CATEGORY: &str = "data-category";
const SERVICE: &str = "data-service";
const OF: &str = "data-of";

/// A switch was turned: a category takes its services with it, and follows them when they all agree.
#[wasm_bindgen]
pub fn follow(notice: &Element, turned: &HtmlInputElement) {
    let on = turned.checked();
    if let Some(category) = turned.get_attribute(CATEGORY) {
        each(notice, SERVICES, &mut |service| {
            if says(service, OF, &category) {
                service.set_checked(on);
            }
        });
    } else if let Some(category) = turned.get_attribute(OF) {
        let mut all_agree = true;
        each(notice, SERVICES, &mut |service| {
            all_agree &= service.checked() == on || !says(service, OF, &category);
        });
        each(notice, CATEGORIES, &mut |switch| {
            if all_agree && says(switch, CATEGORY, &category) {
                switch.set_checked(on);
            }
        });
    }
}

/// Turns every switch.
pub(crate) fn turn_all(notice: &Element, on: bool) {
    each(notice, "input", &mut |switch| switch.set_checked(on));
}

/// The choice for each category, and the services that differ from theirs.
pub(crate) fn read(notice: &Element) -> (Choices<CategoryId>, Choices<ServiceId>) {
    let mut categories = Choices::default();
    let mut services = Choices::default();
    each(notice, CATEGORIES, &mut |switch| {
        let on = switch.checked();
        let Some(category) = switch.get_attribute(CATEGORY) else {
            return;
        };
        each(notice, SERVICES, &mut |service| {
            if service.checked() != on
                && says(service, OF, &category)
                && let Some(Ok(id)) = service.get_attribute(SERVICE).map(|id| id.parse())
            {
                services.insert(id, !on);
            }
        });
        if let Ok(id) = category.parse() {
            categories.insert(id, on);
        }
    });
    (categories, services)
}
