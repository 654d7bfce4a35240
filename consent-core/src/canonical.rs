//! The canonical form of JSON (RFC 8785), and digests of it.
//!
//! Hashed objects hold only strings, booleans, integers below 2^32, arrays and objects: a part of the I-JSON (RFC 7493)
//! that RFC 8785 is about. The types of this module hold nothing else, so the form has no number formatting to get
//! wrong, and cannot fail. Texts are taken as they are: nothing is normalised (RFC 8785 §3.1).

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::digest::Digest;

/// A JSON value that can be hashed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `true` or `false`.
    Bool(bool),
    /// An integer from 0 to 2^32 - 1; RFC 8785 §3.2.2.3 has room up to 2^53.
    Integer(u32),
    /// A string.
    String(String),
    /// Values in their order.
    Array(Vec<Self>),
    /// Values by name.
    Object(BTreeMap<Name, Self>),
}

/// The name of a member, ordered by UTF-16 code units as RFC 8785 §3.2.3 asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(String);

impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.encode_utf16().cmp(other.0.encode_utf16())
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Value {
    /// An object of these members; of two with one name the later counts.
    pub fn object<N: Into<String>, V: Into<Self>>(
        members: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        Self::Object(
            members
                .into_iter()
                .map(|(name, value)| (Name(name.into()), value.into()))
                .collect(),
        )
    }

    /// An array of these values.
    pub fn array<V: Into<Self>>(values: impl IntoIterator<Item = V>) -> Self {
        Self::Array(values.into_iter().map(Into::into).collect())
    }

    /// The canonical text.
    ///
    /// ```
    /// use consent_core::canonical::Value;
    /// let value = Value::object([("b", Value::from("é")), ("a", Value::array([true, false]))]);
    /// assert_eq!(value.to_json(), r#"{"a":[true,false],"b":"é"}"#);
    /// ```
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut json = String::new();
        self.write(&mut json);
        json
    }

    /// The digest of the canonical text.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.to_json().as_bytes())
    }

    fn write(&self, json: &mut String) {
        match self {
            Self::Bool(true) => json.push_str("true"),
            Self::Bool(false) => json.push_str("false"),
            Self::Integer(number) => json.push_str(&number.to_string()),
            Self::String(text) => write_string(text, json),
            Self::Array(values) => {
                json.push('[');
                for (place, value) in values.iter().enumerate() {
                    if place > 0 {
                        json.push(',');
                    }
                    value.write(json);
                }
                json.push(']');
            }
            Self::Object(members) => {
                json.push('{');
                for (place, (name, value)) in members.iter().enumerate() {
                    if place > 0 {
                        json.push(',');
                    }
                    write_string(&name.0, json);
                    json.push(':');
                    value.write(json);
                }
                json.push('}');
            }
        }
    }
}

/// RFC 8785 §3.2.2.2.
fn write_string(text: &str, json: &mut String) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    json.push('"');
    // What needs no escape, most of a text, is copied in one go; what does is ASCII, so it never cuts a character.
    let mut plain = 0;
    for (place, byte) in text.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        json.push_str(&text[plain..place]);
        plain = place + 1;
        match byte {
            b'"' => json.push_str("\\\""),
            b'\\' => json.push_str("\\\\"),
            8 => json.push_str("\\b"),
            b'\t' => json.push_str("\\t"),
            b'\n' => json.push_str("\\n"),
            12 => json.push_str("\\f"),
            b'\r' => json.push_str("\\r"),
            _ => {
                json.push_str("\\u00");
                json.push(char::from(HEX[usize::from(byte >> 4)]));
                json.push(char::from(HEX[usize::from(byte & 15)]));
            }
        }
    }
    json.push_str(&text[plain..]);
    json.push('"');
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Integer(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::String(value.into())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::String(value)
    }
}

impl From<Digest> for Value {
    fn from(value: Digest) -> Self {
        Self::String(value.to_text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The sorting example of RFC 8785 §3.2.3: by UTF-16 code units, an emoji comes before U+FB33.
    #[test]
    fn members_are_sorted_by_utf_16_code_units() {
        let names = [
            "\u{20ac}",
            "\r",
            "\u{fb33}",
            "1",
            "\u{1f600}",
            "\u{80}",
            "\u{f6}",
        ];
        let value = Value::object(names.map(|name| (name, true)));
        assert_eq!(
            value.to_json(),
            "{\"\\r\":true,\"1\":true,\"\u{80}\":true,\"\u{f6}\":true,\"\u{20ac}\":true,\"\u{1f600}\":true,\"\u{fb33}\":true}"
        );
    }

    #[test]
    fn strings_escape_only_what_json_requires() {
        let value = Value::from("\u{20ac}$\u{f}\nA'B\"\\\u{2028}/\u{7f}");
        assert_eq!(
            value.to_json(),
            "\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\u{2028}/\u{7f}\""
        );
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            any::<u32>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
                prop::collection::vec((any::<String>(), inner), 0..6).prop_map(Value::object),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_form_agrees_with_another_implementation(value in any_value()) {
            let json = value.to_json();
            let parsed: serde_json::Value = serde_json::from_str(&json).unwrap();
            prop_assert_eq!(serde_json_canonicalizer::to_string(&parsed).unwrap(), json);
        }
    }
}
