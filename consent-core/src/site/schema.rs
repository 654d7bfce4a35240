//! The format of a `site.toml` as a JSON Schema, for editors.
//!
//! The reader is the law: it also knows what refers to what, and says what to do. The schema lists the same keys (a test
//! compares them), so that an editor completes and explains them.

use alloc::string::String;

use super::node::{Part, SchemaNode};
use super::{colour, localized, root, values};

mod demands;

/// The format of a `site.toml` as a JSON Schema (draft 2020-12).
///
/// It is checked in as `consent-core/site.schema.json`. Editors with a TOML language server take it from a first line:
///
/// ```toml
/// #:schema ./site.schema.json
/// ```
///
/// Where a file names a base, the schema demands no keys: the reader knows what the two lack together.
#[must_use]
pub fn schema() -> String {
    let (about, demands) = demands::split(root::schema());
    let has_base = SchemaNode::new([("required", Part::list(["base"]))]);
    let root = about.with("if", has_base).with("else", demands);
    document("site.toml: the declaration of a site", root)
}

/// The format of a [`Base`](super::Base), for editors as well; checked in as `consent-core/base.schema.json`.
#[must_use]
pub fn base_schema() -> String {
    let (mut about, _) = demands::split(root::schema());
    for (name, part) in &mut about.0 {
        if let ("properties", Part::Node(keys)) = (*name, part) {
            keys.0.retain(|(key, _)| !matches!(*key, "id" | "base"));
        }
    }
    document("What the declarations of several sites share", about)
}

fn document(title: &str, about: SchemaNode) -> String {
    let mut root = SchemaNode::new([
        (
            "$schema",
            "https://json-schema.org/draft/2020-12/schema".into(),
        ),
        ("title", title.into()),
    ]);
    root.0.extend(about.0);
    root.add("$defs", definitions());
    serde_json::to_string_pretty(&root).unwrap_or_default() + "\n"
}

/// What several keys have in common.
fn definitions() -> SchemaNode {
    SchemaNode::new([
        ("localized", localized::schema().into()),
        ("localizedUrl", localized::url_schema_in_languages().into()),
        ("url", values::url_schema().into()),
        ("colour", colour::schema().into()),
        ("host", values::host_schema().into()),
        ("lifetime", values::lifetime_schema().into()),
        ("span", values::span_schema().into()),
    ])
}

#[cfg(test)]
mod tests {
    use alloc::collections::{BTreeMap, BTreeSet};
    use alloc::format;
    use alloc::string::ToString;
    use alloc::vec::Vec;

    use serde_json::Value;

    use super::super::declaration::known_keys;
    use super::*;

    type Keys = BTreeMap<String, BTreeSet<String>>;

    /// The keys of each table of the schema, by its path: `*` stands for any id, `[]` for any place in a list.
    fn keys_of_schema(root: &Value, node: &Value, path: &str, keys: &mut Keys) {
        if let Some(name) = node["$ref"].as_str() {
            let target = root.pointer(name.trim_start_matches('#')).unwrap();
            return keys_of_schema(root, target, path, keys);
        }
        let is_map = node["additionalProperties"].is_object();
        for (name, child) in node["properties"].as_object().into_iter().flatten() {
            let of_parent = |path: &str| match path {
                "" => name.clone(),
                path => format!("{path}.{name}"),
            };
            if is_map {
                keys_of_schema(root, child, &format!("{path}.*"), keys);
            } else {
                keys.entry(path.into()).or_default().insert(name.clone());
                keys_of_schema(root, child, &of_parent(path), keys);
            }
        }
        if is_map {
            keys_of_schema(
                root,
                &node["additionalProperties"],
                &format!("{path}.*"),
                keys,
            );
        }
        if node["items"].is_object() {
            keys_of_schema(root, &node["items"], &format!("{path}[]"), keys);
        }
    }

    /// The path of a table in a file, in the words of the schema.
    fn general(path: &str) -> String {
        let mut parts: Vec<_> = path.split('.').map(ToString::to_string).collect();
        if matches!(&*parts[0], "categories" | "services") {
            parts[1] = "*".into();
        }
        let path = parts.join(".");
        match path.split_once('[') {
            Some((list, _)) => format!("{list}[]"),
            None => path,
        }
    }

    #[test]
    fn the_keys_that_the_reader_knows_are_those_of_the_schema() {
        let everything = include_str!("../../tests/golden/site.toml");
        let mut read = Keys::new();
        for (path, keys) in known_keys(everything) {
            let known = read.entry(general(&path)).or_default();
            known.extend(keys.into_iter().map(ToString::to_string));
        }
        let schema: Value = serde_json::from_str(&schema()).unwrap();
        let mut listed = Keys::new();
        keys_of_schema(&schema, &schema, "", &mut listed);
        assert_eq!(listed, read);
        assert!(read.len() > 10 && read["services.*.cookies[]"].contains("lifetime"));
    }
}
