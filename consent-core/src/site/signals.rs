//! What other tools are told about a choice, and what a browser's own signal means on a site.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::categories::Category;
use super::diagnostic::Fault;
use super::node::{SchemaNode, list, optional, slug_pattern, table, text};
use super::reader::{Item, Table};
use super::values::known;
use crate::id::CategoryId;

/// The consent types of Google Consent Mode v2 that a site can tie to a choice. `security_storage` is always granted.
pub const GOOGLE_TYPES: [&str; 6] = [
    "ad_personalization",
    "ad_storage",
    "ad_user_data",
    "analytics_storage",
    "functionality_storage",
    "personalization_storage",
];

/// What a vendor's consent types depend on: the category or service that grants each. What is not named stays denied.
pub type Grants = BTreeMap<&'static str, String>;

/// Whom the gate tells about a choice, and whose signals it hears. What is absent costs a page nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signals {
    /// Google Consent Mode v2: [`GOOGLE_TYPES`].
    pub google_consent_mode: Option<Grants>,
    /// Microsoft UET: `ad_storage`.
    pub microsoft_uet: Option<Grants>,
    /// Microsoft Clarity: `ad_storage` and `analytics_storage`.
    pub microsoft_clarity: Option<Grants>,
    /// The category or service that lets Matomo track.
    pub matomo: Option<String>,
    /// The category or service that lets Meta's pixel run.
    pub meta_pixel: Option<String>,
    /// The name of the event that is pushed into `dataLayer` for a tag manager.
    pub data_layer: Option<String>,
    /// The categories that Global Privacy Control refuses, unless the visitor has chosen with it on.
    pub global_privacy_control: Vec<CategoryId>,
}

/// A `[signals]` table, read; its names are checked when the categories are known.
pub(super) struct UncheckedSignals<'d> {
    signals: Signals,
    names: Vec<Item<'d>>,
    refused: Vec<Item<'d>>,
}

pub(super) fn read<'d>(mut table: Table<'d>) -> UncheckedSignals<'d> {
    let mut names = Vec::new();
    let mut grants = |table: Option<Table<'d>>, types: &[&'static str]| {
        let mut table = table?;
        let mut grants = Grants::new();
        for kind in types {
            if let Some(item) = table.get(kind)
                && let Some(name) = item.keep(item.string())
            {
                grants.insert(kind, name);
                names.push(item);
            }
        }
        table.finish();
        Some(grants)
    };
    let google = table.optional("google_consent_mode", Item::table);
    let google_consent_mode = grants(google, &GOOGLE_TYPES);
    let uet = table.optional("microsoft_uet", Item::table);
    let microsoft_uet = grants(uet, &["ad_storage"]);
    let clarity = table.optional("microsoft_clarity", Item::table);
    let microsoft_clarity = grants(clarity, &["ad_storage", "analytics_storage"]);
    let mut name = |item: Option<Item<'d>>| {
        let item = item?;
        let name = item.keep(item.string())?;
        names.push(item);
        Some(name)
    };
    let matomo = name(table.get("matomo"));
    let meta_pixel = name(table.get("meta_pixel"));
    let data_layer = table.optional("data_layer", event);
    let mut refused = Vec::new();
    let global_privacy_control = table
        .optional("global_privacy_control", |item| {
            let mut ids = Vec::new();
            for item in item.list()? {
                ids.extend(item.keep(item.parsed()));
                refused.push(item);
            }
            Ok(ids)
        })
        .unwrap_or_default();
    table.finish();
    UncheckedSignals {
        signals: Signals {
            google_consent_mode,
            microsoft_uet,
            microsoft_clarity,
            matomo,
            meta_pixel,
            data_layer,
            global_privacy_control,
        },
        names,
        refused,
    }
}

impl UncheckedSignals<'_> {
    /// The signals, once it is known what visitors are asked about.
    pub(super) fn checked(self, categories: &[Category]) -> Signals {
        let asked = || categories.iter().filter(|category| category.is_asked());
        let ids: Vec<&str> = asked().map(|category| category.id.as_str()).collect();
        let services = asked().flat_map(|category| &category.services);
        let names: Vec<&str> = services.map(|service| service.id.as_str()).collect();
        for item in &self.refused {
            known(item, &ids, "category");
        }
        let both: Vec<&str> = ids.iter().chain(&names).copied().collect();
        for item in &self.names {
            known(item, &both, "category or service");
        }
        self.signals
    }
}

fn event(item: &Item<'_>) -> Result<String, Fault> {
    let name = item.string()?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':');
    if name.len() <= 40 && name.chars().all(is_plain) {
        Ok(name)
    } else {
        Err(Fault::new(
            format!("\"{name}\" is not the name of an event"),
            "use up to 40 letters, digits, `_`, `-`, `.` or `:`".to_string(),
        ))
    }
}

pub(super) fn schema() -> SchemaNode {
    let grants = |about: &str, types: &[&'static str]| {
        let of =
            |kind: &&'static str| optional(kind, text("The category or service that grants it."));
        table(about, types.iter().map(of))
    };
    let event = text("The name of the event, like \"consent\".").with("maxLength", 40);
    let refused = SchemaNode::string().with("pattern", slug_pattern());
    table(
        "Whom the pages tell about a choice, and whose signals they hear.",
        [
            optional(
                "google_consent_mode",
                grants(
                    "Google Consent Mode v2; what is not named stays denied.",
                    &GOOGLE_TYPES,
                ),
            ),
            optional("microsoft_uet", grants("Microsoft UET.", &["ad_storage"])),
            optional(
                "microsoft_clarity",
                grants("Microsoft Clarity.", &["ad_storage", "analytics_storage"]),
            ),
            optional(
                "matomo",
                text("The category or service that lets Matomo track."),
            ),
            optional(
                "meta_pixel",
                text("The category or service that lets Meta's pixel run."),
            ),
            optional("data_layer", event),
            optional(
                "global_privacy_control",
                list(
                    "The categories that Global Privacy Control refuses.",
                    refused,
                ),
            ),
        ],
    )
}
