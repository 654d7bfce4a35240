//! The notice in the page: its attributes and its switches. `consent-core` renders it; the loader adds what it knows.

use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlInputElement};

/// The switches of the categories.
pub(crate) const CATEGORIES: &str = "input[data-category]";
/// The switches of the services.
pub(crate) const SERVICES: &str = "input[data-service]";

/// Visits the switches that a selector finds, in the order of the notice.
///
/// The visitor is a trait object: one loop in the module, instead of one for each caller.
pub(crate) fn each(notice: &Element, selector: &str, visit: &mut dyn FnMut(&HtmlInputElement)) {
    if let Ok(found) = notice.query_selector_all(selector) {
        for place in 0..found.length() {
            if let Some(node) = found.item(place) {
                visit(node.unchecked_ref());
            }
        }
    }
}

/// The value of an attribute, where it has one.
pub(crate) fn attribute(element: &Element, name: &str) -> Option<String> {
    element.get_attribute(name).filter(|text| !text.is_empty())
}

/// Whether an attribute has this value.
pub(crate) fn says(element: &Element, name: &str, value: &str) -> bool {
    element.get_attribute(name).as_deref() == Some(value)
}
