//! JSON in which no name is there twice: of two, one would be believed and the other read.

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;

/// An object, with all that is in it.
#[derive(Debug)]
pub(super) struct Unique(pub(super) Map<String, Value>);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match One::deserialize(from)? {
            One(Value::Object(map)) => Ok(Self(map)),
            One(_) => Err(de::Error::custom("not an object")),
        }
    }
}

struct One(Value);

impl<'de> Deserialize<'de> for One {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(AnyOf).map(Self)
    }
}

struct AnyOf;

impl<'de> Visitor<'de> for AnyOf {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Value, S::Error> {
        let mut all = Vec::new();
        while let Some(One(value)) = seq.next_element()? {
            all.push(value);
        }
        Ok(all.into())
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Value, M::Error> {
        let mut all = Map::new();
        while let Some((name, One(value))) = map.next_entry::<String, One>()? {
            if all.contains_key(&name) {
                return Err(de::Error::custom(format_args!("`{name}` is there twice")));
            }
            all.insert(name, value);
        }
        Ok(all.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_there_twice_however_deep_and_however_it_is_written() {
        let read = |json| serde_json::from_str::<Unique>(json);
        let sound = r#"{"a":1e15,"b":[{"c":-1,"d":null}],"e":{"a":"\u0061","f":true}}"#;
        let value: Value = serde_json::from_str(sound).unwrap();
        assert_eq!(Value::Object(read(sound).unwrap().0), value);
        for twice in [
            r#"{"a":1000000000000000.0,"a":1e15}"#,
            r#"{"a":{"b":true,"\u0062":true}}"#,
            r#"{"a":[{"b":1,"b":1}]}"#,
        ] {
            let error = read(twice).unwrap_err().to_string();
            assert!(error.contains("is there twice"), "{twice}: {error}");
        }
        assert!(read("[]").is_err());
    }
}
