//! A validator that is driven by a table: one row for each field of a format.

use consent_core::time::UnixSeconds;
use serde_json::Value;

/// One field.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    /// Its name in the standard.
    pub(crate) field: &'static str,
    /// Where it stands: names with `/` between them, `[]` for each element of a list.
    pub(crate) place: &'static str,
    /// What stands there.
    pub(crate) kind: Kind,
    /// Whether it must.
    pub(crate) must: Must,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// A string that is not empty.
    Text,
    /// A whole number, 0 or more.
    Seconds,
    Flag,
    List,
    Object,
    /// Exactly this string.
    Exactly(&'static str),
    /// A moment in ISO 8601, UTC.
    Moment,
    /// An object, or a list of objects, all of one of these types.
    AllOf(&'static [&'static str]),
    /// An object, or a list of objects, one of which is of this type.
    OneOf(&'static str),
    /// A string, or a list of strings, one of which is this.
    Holds(&'static str),
    /// An absolute IRI or a prefixed name, a list of them, or an object that says why there is none.
    Iris,
    /// An object that has a type, or says why there is none; or a string.
    Told,
}

#[derive(Clone, Copy)]
pub(crate) enum Must {
    Be,
    MayBe,
    /// Exactly where another member beside it is `true`.
    BeIf(&'static str),
}

/// Everything that a document lacks or has wrong.
pub(crate) fn check(document: &Value, rows: &[Row]) -> Vec<String> {
    let mut wrong = Vec::new();
    for row in rows {
        let (parents, name) = row.place.rsplit_once('/').unwrap_or(("", row.place));
        let parents = at(document, parents);
        if parents.is_empty() {
            wrong.push(format!("{}: nothing stands at {}", row.field, row.place));
        }
        for parent in parents {
            for found in children(parent, name) {
                let required = match row.must {
                    Must::Be => true,
                    Must::MayBe => false,
                    Must::BeIf(flag) => parent[flag] == true,
                };
                match found {
                    Some(value) if !is(value, row.kind) => {
                        wrong.push(format!("{}: {value} is not {:?}", row.field, row.kind));
                    }
                    Some(_) if matches!(row.must, Must::BeIf(_)) && !required => {
                        wrong.push(format!("{}: must not be here", row.field));
                    }
                    None if required => {
                        wrong.push(format!("{}: is missing at {}", row.field, row.place));
                    }
                    _ => {}
                }
            }
        }
    }
    wrong
}

/// The values at a place.
pub(crate) fn at<'a>(document: &'a Value, place: &str) -> Vec<&'a Value> {
    let names = place.split('/').filter(|name| !name.is_empty());
    names.fold(vec![document], |values, name| {
        values
            .iter()
            .flat_map(|value| children(value, name))
            .flatten()
            .collect()
    })
}

/// The elements of a list (of one element, where there is none around it), or one member.
fn children<'a>(value: &'a Value, name: &str) -> Vec<Option<&'a Value>> {
    match (name, value) {
        ("[]", Value::Array(list)) => list.iter().map(Some).collect(),
        ("[]", value) => vec![Some(value)],
        (name, value) => vec![value.get(name)],
    }
}

/// A value as a list: JSON-LD knows no difference between one and a list of one.
pub(crate) fn list(value: &Value) -> &[Value] {
    match value {
        Value::Array(list) => list,
        value => std::slice::from_ref(value),
    }
}

fn is(value: &Value, kind: Kind) -> bool {
    let text = |value: &Value| value.as_str().is_some_and(|text| !text.trim().is_empty());
    let has_type = |value: &Value, wanted: &str| list(&value["@type"]).iter().any(|t| t == wanted);
    let unknown = |value: &Value| value["dpv:hasApplicability"] == "dpv:NotAvailable";
    match kind {
        Kind::Text => text(value),
        Kind::Seconds => value.as_u64().is_some(),
        Kind::Flag => value.is_boolean(),
        Kind::List => value.is_array(),
        Kind::Object => value.is_object(),
        Kind::Exactly(wanted) => value == wanted,
        Kind::Moment => value
            .as_str()
            .is_some_and(|text| text.ends_with('Z') && UnixSeconds::from_rfc3339(text).is_ok()),
        Kind::AllOf(types) => {
            !list(value).is_empty()
                && list(value)
                    .iter()
                    .all(|value| types.iter().any(|wanted| has_type(value, wanted)))
        }
        Kind::OneOf(wanted) => list(value).iter().any(|value| has_type(value, wanted)),
        Kind::Holds(wanted) => list(value).iter().any(|value| value == wanted),
        Kind::Iris => {
            let iri = |value: &Value| {
                text(value) && value.as_str().is_some_and(|text| text.contains(':'))
            };
            !list(value).is_empty() && list(value).iter().all(|value| iri(value) || unknown(value))
        }
        Kind::Told => text(value) || unknown(value) || text(&value["@type"]),
    }
}

/// Takes each required field away, and breaks each, and sees to it that the check names it.
pub(crate) fn assert_that_the_check_can_fail(document: &Value, rows: &[Row]) {
    assert_eq!(check(document, rows), [""; 0]);
    for row in rows {
        let (parents, name) = row.place.rsplit_once('/').unwrap_or(("", row.place));
        if name == "[]" || at(document, row.place).is_empty() {
            assert!(
                matches!(row.must, Must::MayBe) || name == "[]",
                "{}",
                row.field
            );
            continue;
        }
        let named = |document: &Value| {
            let wrong = check(document, rows);
            assert!(
                wrong.iter().any(|wrong| wrong.starts_with(row.field)),
                "{} {wrong:?}",
                row.field
            );
        };
        let mut broken = document.clone();
        edit(&mut broken, parents, &mut |parent| {
            if parent.get(name).is_some() {
                parent[name] = Value::Null;
            }
        });
        named(&broken);
        if !matches!(row.must, Must::MayBe) {
            let mut without = document.clone();
            edit(&mut without, parents, &mut |parent| {
                parent.as_object_mut().map(|parent| parent.remove(name));
            });
            named(&without);
        }
    }
}

fn edit(value: &mut Value, place: &str, change: &mut impl FnMut(&mut Value)) {
    let (name, rest) = place.split_once('/').unwrap_or((place, ""));
    match (name, value) {
        ("", value) => change(value),
        ("[]", Value::Array(list)) => list.iter_mut().for_each(|value| edit(value, rest, change)),
        ("[]", value) => edit(value, rest, change),
        (name, value) => {
            if let Some(value) = value.get_mut(name) {
                edit(value, rest, change);
            }
        }
    }
}
