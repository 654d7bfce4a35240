//! JSON of the kinds that are hashed has one canonical text, which two implementations agree on.

use consent_core::canonical::Value;
use consent_core::digest::Digest;
use serde_json::Value as Json;

pub(crate) fn holds(data: &[u8]) {
    let Ok(json) = serde_json::from_slice::<Json>(data) else {
        return;
    };
    let Some(value) = hashable(&json, false) else {
        return;
    };
    let text = value.to_json();
    assert_eq!(
        serde_json_canonicalizer::to_string(&json).unwrap(),
        text,
        "another implementation writes something else"
    );
    let read: Json = serde_json::from_str(&text).unwrap();
    assert_eq!(read, json, "what is written reads back");
    let again = hashable(&read, true).unwrap();
    assert_eq!(again, value, "members given in another order are the same");
    assert_eq!(again.to_json(), text, "there is one text");
    assert_eq!(value.digest(), Digest::of(text.as_bytes()));
}

/// The value, where it holds only what is hashed.
fn hashable(json: &Json, from_the_end: bool) -> Option<Value> {
    let inner = |json| hashable(json, from_the_end);
    Some(match json {
        Json::Bool(flag) => (*flag).into(),
        Json::String(text) => text.as_str().into(),
        Json::Number(number) => u32::try_from(number.as_u64()?).ok()?.into(),
        Json::Array(list) => Value::array(list.iter().map(inner).collect::<Option<Vec<_>>>()?),
        Json::Object(members) => {
            let member = |(name, json)| Some((name, inner(json)?));
            let mut members: Vec<(&String, Value)> =
                members.iter().map(member).collect::<Option<_>>()?;
            if from_the_end {
                members.reverse();
            }
            Value::object(members)
        }
        Json::Null => return None,
    })
}
