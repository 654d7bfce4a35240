//! What schemas are made of.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Serialize, Serializer};

use crate::id::SLUG_MAX_LEN;

/// A key of a table, whether it must be there, and what it holds.
pub(super) struct SchemaKey(&'static str, bool, SchemaNode);

pub(super) fn required(name: &'static str, holds: SchemaNode) -> SchemaKey {
    SchemaKey(name, true, holds)
}

pub(super) fn optional(name: &'static str, holds: SchemaNode) -> SchemaKey {
    SchemaKey(name, false, holds)
}

/// A table with these keys and no others.
pub(super) fn table(about: &str, keys: impl IntoIterator<Item = SchemaKey>) -> SchemaNode {
    let mut must = Vec::new();
    let mut properties = SchemaNode(Vec::new());
    for SchemaKey(name, is_required, holds) in keys {
        if is_required {
            must.push(name);
        }
        properties.add(name, holds);
    }
    let mut table = described("object", about);
    if !must.is_empty() {
        table.add("required", Part::list(must));
    }
    table
        .with("properties", properties)
        .with("additionalProperties", false)
}

/// A table whose keys are ids.
pub(super) fn map(about: &str, each: SchemaNode) -> SchemaNode {
    described("object", about)
        .with(
            "propertyNames",
            SchemaNode::new([("pattern", slug_pattern().into())]),
        )
        .with("additionalProperties", each)
}

pub(super) fn list(about: &str, each: SchemaNode) -> SchemaNode {
    described("array", about).with("items", each)
}

pub(super) fn text(about: &str) -> SchemaNode {
    described("string", about).with("pattern", r"\S")
}

pub(super) fn slug(about: &str) -> SchemaNode {
    described("string", about).with("pattern", slug_pattern())
}

pub(super) fn slug_pattern() -> String {
    format!("^[a-z0-9]([a-z0-9-]{{0,{}}}[a-z0-9])?$", SLUG_MAX_LEN - 2)
}

pub(super) fn words(about: &str, words: &[&str]) -> SchemaNode {
    described("string", about).with("enum", Part::list(words.iter().copied()))
}

pub(super) fn whole(about: &str, least: u32, most: u32) -> SchemaNode {
    described("integer", about)
        .with("minimum", least)
        .with("maximum", most)
}

pub(super) fn flag(about: &str) -> SchemaNode {
    described("boolean", about)
}

pub(super) fn localized(about: &str) -> SchemaNode {
    reference("localized", about)
}

pub(super) fn reference(name: &str, about: &str) -> SchemaNode {
    SchemaNode::reference(name).with("description", about)
}

pub(super) fn described(kind: &str, about: &str) -> SchemaNode {
    SchemaNode::new([("type", kind.into()), ("description", about.into())])
}

/// A JSON object whose members keep their order, which is that of the file: editors show it.
#[derive(Clone)]
pub(super) struct SchemaNode(pub(super) Vec<(&'static str, Part)>);

#[derive(Clone, Serialize)]
#[serde(untagged)]
pub(super) enum Part {
    Text(String),
    Number(u32),
    Flag(bool),
    List(Vec<Part>),
    Node(SchemaNode),
}

impl SchemaNode {
    pub(super) fn new(members: impl IntoIterator<Item = (&'static str, Part)>) -> Self {
        Self(members.into_iter().collect())
    }

    pub(super) fn string() -> Self {
        Self::new([("type", "string".into())])
    }

    pub(super) fn reference(name: &str) -> Self {
        Self::new([("$ref", format!("#/$defs/{name}").into())])
    }

    pub(super) fn with(mut self, name: &'static str, part: impl Into<Part>) -> Self {
        self.add(name, part);
        self
    }

    pub(super) fn add(&mut self, name: &'static str, part: impl Into<Part>) {
        self.0.push((name, part.into()));
    }
}

impl Serialize for SchemaNode {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|(name, part)| (name, part)))
    }
}

impl Part {
    pub(super) fn list<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        Self::List(texts.into_iter().map(Self::from).collect())
    }
}

impl From<&str> for Part {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Part {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<u32> for Part {
    fn from(number: u32) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Part {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<SchemaNode> for Part {
    fn from(node: SchemaNode) -> Self {
        Self::Node(node)
    }
}
