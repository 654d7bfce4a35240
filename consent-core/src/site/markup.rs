//! How a site's pages mark what is held back, and how far the gate goes to find it.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use super::categories::Category;
use super::node::{Part, SchemaNode, described, flag, list, optional, table};
use super::reader::{Item, Table};
use super::values::known;
use crate::id::CategoryId;

/// How the gate finds what it holds back. What is off costs a page nothing.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a key of the declaration"
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Markup {
    /// Whether what is not marked up is stopped as well, where it goes to a host that a service declares.
    pub block: bool,
    /// Whether a frame that is held back is replaced by a line that says who would be contacted and why.
    pub placeholders: bool,
    /// Whether shadow roots are searched too.
    pub shadow_roots: bool,
    /// Whether the site's own buttons and switches work, too. They do in any case where it draws its own first layer.
    pub actions: bool,
    /// Whether a page of the site has a `<consent-declaration>`.
    pub declaration: bool,
    /// Other tools whose attributes the pages carry.
    pub dialects: Vec<Dialect>,
    /// What those tools call a category or service, and what this site calls it.
    pub names: BTreeMap<String, String>,
}

/// A tool whose attributes are read like our own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dialect {
    /// `data-cookieconsent`, `data-cookieblock-src`.
    Cookiebot,
    /// `data-name` with `type="text/plain"` or `data-src`.
    Klaro,
    /// `data-purpose`, and `type="opt-in"` with `data-name`.
    Orejime,
    /// `data-category` with several names, or with `!` for what runs upon a refusal.
    Orestbida,
}

impl Dialect {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Cookiebot, Self::Klaro, Self::Orejime, Self::Orestbida];

    /// The name in declarations, and of the gate's part.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cookiebot => "cookiebot",
            Self::Klaro => "klaro",
            Self::Orejime => "orejime",
            Self::Orestbida => "orestbida",
        }
    }
}

impl Default for Markup {
    fn default() -> Self {
        Self {
            block: false,
            placeholders: true,
            shadow_roots: false,
            actions: false,
            declaration: false,
            dialects: Vec::new(),
            names: BTreeMap::new(),
        }
    }
}

/// A `[markup]` table, read; its names are checked when the categories are known.
pub(super) struct UncheckedMarkup<'d> {
    markup: Markup,
    names: Vec<Item<'d>>,
}

pub(super) fn read(mut table: Table<'_>) -> UncheckedMarkup<'_> {
    let default = Markup::default();
    let mut flag = |key, otherwise| {
        let value = table.optional(key, Item::boolean);
        value.unwrap_or(otherwise)
    };
    let block = flag("block", default.block);
    let placeholders = flag("placeholders", default.placeholders);
    let shadow_roots = flag("shadow_roots", default.shadow_roots);
    let actions = flag("actions", default.actions);
    let declaration = flag("declaration", default.declaration);
    let dialects = table.optional("dialects", |item| {
        let words = Dialect::ALL.map(|dialect| (dialect.as_str(), dialect));
        let items = item.list()?;
        Ok(items
            .iter()
            .filter_map(|item| item.keep(item.one_of(&words)))
            .collect())
    });
    let mut dialects: Vec<Dialect> = dialects.unwrap_or_default();
    dialects.sort();
    dialects.dedup();
    let entries = table.optional("names", Item::table);
    let entries = entries.map_or_else(Vec::new, |table| table.entries());
    table.finish();
    let texts = entries
        .iter()
        .filter_map(|(theirs, ours)| Some((theirs.clone(), ours.keep(ours.string())?)));
    UncheckedMarkup {
        markup: Markup {
            block,
            placeholders,
            shadow_roots,
            actions,
            declaration,
            dialects,
            names: texts.collect(),
        },
        names: entries.into_iter().map(|(_, item)| item).collect(),
    }
}

impl UncheckedMarkup<'_> {
    /// The markup, once the categories are known.
    pub(super) fn checked(self, categories: &[Category]) -> Markup {
        let used = || categories.iter().filter(|c| c.is_exempt() || c.is_asked());
        let ids = used().map(|category| category.id.as_str());
        let services = used().flat_map(|category| &category.services);
        let names: Vec<&str> = ids
            .chain(services.map(|service| service.id.as_str()))
            .collect();
        for item in &self.names {
            if !item
                .string()
                .is_ok_and(|name| name == CategoryId::OPERATION)
            {
                known(item, &names, "category or service");
            }
        }
        self.markup
    }
}

/// What the other tools' own names mean where a site does not say.
pub(crate) fn usual_names(markup: &Markup, categories: &[Category]) -> BTreeMap<String, String> {
    const USUAL: [(&str, &str); 8] = [
        ("necessary", CategoryId::OPERATION),
        ("functional", "preferences"),
        ("functionality", "preferences"),
        ("statistics", "analytics"),
        ("performance", "analytics"),
        ("marketing", "advertising"),
        ("ads", "advertising"),
        ("targeting", "advertising"),
    ];
    let is_used = |id: &str| {
        let mut asked = categories.iter().filter(|c| c.is_asked());
        id == CategoryId::OPERATION || asked.any(|category| category.id.as_str() == id)
    };
    let usual = USUAL.iter().filter(|(_, ours)| is_used(ours));
    let mut names: BTreeMap<String, String> = usual
        .map(|(theirs, ours)| ((*theirs).into(), (*ours).into()))
        .collect();
    names.extend(markup.names.clone());
    names
}

pub(super) fn schema() -> SchemaNode {
    let block = flag(
        "Whether what is not marked up is stopped as well, where it goes to a host of a service that visitors are asked about.",
    );
    let placeholders =
        flag("Whether a frame that is held back is replaced by who would be contacted and why.");
    let shadow_roots = flag("Whether elements inside shadow roots are held back and released too.");
    let actions = flag("Whether the pages have buttons and switches of their own for the choice.");
    let declaration =
        flag("Whether a page has the list of cookies and services, <consent-declaration>.");
    let dialect = SchemaNode::string().with("enum", Part::list(Dialect::ALL.map(Dialect::as_str)));
    let names = described(
        "object",
        "What those tools call a category or service, and what this file calls it.",
    );
    table(
        "How the pages mark what is held back.",
        [
            optional("block", block.with("default", false)),
            optional("placeholders", placeholders.with("default", true)),
            optional("shadow_roots", shadow_roots.with("default", false)),
            optional("actions", actions.with("default", false)),
            optional("declaration", declaration.with("default", false)),
            optional(
                "dialects",
                list("Other tools whose attributes the pages carry.", dialect),
            ),
            optional(
                "names",
                names.with("additionalProperties", SchemaNode::string()),
            ),
        ],
    )
}
