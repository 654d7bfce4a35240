//! Reading JSON so that no two readers can understand it differently (RFC 8259 §4, RFC 7493).

use alloc::collections::BTreeSet;
use alloc::string::String;
use core::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserialize, DeserializeOwned, Deserializer, MapAccess, SeqAccess, Visitor};

/// What is read from an object alone: readers that serde derives also take an array of the values, in the order of the fields.
pub struct OnlyObject<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OnlyObject<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Members<T>(core::marker::PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = OnlyObject<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, members: M) -> Result<OnlyObject<T>, M::Error> {
                T::deserialize(MapAccessDeserializer::new(members)).map(OnlyObject)
            }
        }

        from.deserialize_map(Members(core::marker::PhantomData))
    }
}

/// Reads an object of a request or a token.
///
/// # Errors
///
/// What is wrong, and where: also an array where the object should be.
///
/// ```
/// #[derive(serde::Deserialize)]
/// struct Point { x: i64, y: i64 }
///
/// let point: Point = consent_core::json::object(br#"{"x":1,"y":2}"#).unwrap();
/// assert_eq!((point.x, point.y), (1, 2));
/// assert!(consent_core::json::object::<Point>(b"[1,2]").is_err());
/// ```
pub fn object<T: DeserializeOwned>(json: &[u8]) -> Result<T, serde_json::Error> {
    serde_json::from_slice(json).map(|OnlyObject(read)| read)
}

/// Reads an object of a file whose other members anybody may have written: also in what is passed over, no name is
/// there twice, texts are Unicode, and numbers are in range.
///
/// # Errors
///
/// What is wrong, and where.
///
/// ```
/// #[derive(serde::Deserialize)]
/// struct Point { x: i64 }
///
/// assert!(consent_core::json::whole::<Point>(br#"{"x":1,"z":1}"#).is_ok());
/// assert!(consent_core::json::whole::<Point>(br#"{"x":1,"z":1,"z":2}"#).is_err());
/// ```
pub fn whole<T: DeserializeOwned>(json: &[u8]) -> Result<T, serde_json::Error> {
    let Unambiguous = serde_json::from_slice(json)?;
    object(json)
}

/// A value that has been walked through, and dropped.
struct Unambiguous;

impl<'de> Deserialize<'de> for Unambiguous {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Walk;

        impl<'de> Visitor<'de> for Walk {
            type Value = Unambiguous;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_unit<E: de::Error>(self) -> Result<Unambiguous, E> {
                Ok(Unambiguous)
            }

            fn visit_bool<E: de::Error>(self, _: bool) -> Result<Unambiguous, E> {
                Ok(Unambiguous)
            }

            fn visit_i64<E: de::Error>(self, _: i64) -> Result<Unambiguous, E> {
                Ok(Unambiguous)
            }

            fn visit_u64<E: de::Error>(self, _: u64) -> Result<Unambiguous, E> {
                Ok(Unambiguous)
            }

            fn visit_f64<E: de::Error>(self, _: f64) -> Result<Unambiguous, E> {
                Ok(Unambiguous)
            }

            fn visit_str<E: de::Error>(self, _: &str) -> Result<Unambiguous, E> {
                Ok(Unambiguous)
            }

            fn visit_seq<S: SeqAccess<'de>>(self, mut values: S) -> Result<Unambiguous, S::Error> {
                while let Some(Unambiguous) = values.next_element()? {}
                Ok(Unambiguous)
            }

            fn visit_map<M: MapAccess<'de>>(self, mut members: M) -> Result<Unambiguous, M::Error> {
                let mut names = BTreeSet::new();
                while let Some((name, Unambiguous)) = members.next_entry::<String, _>()? {
                    if let Some(twice) = names.replace(name) {
                        return Err(de::Error::custom(format_args!(
                            "`{twice:.60}` is there twice"
                        )));
                    }
                }
                Ok(Unambiguous)
            }
        }

        from.deserialize_any(Walk)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Named {
        name: String,
        #[serde(default)]
        inner: Vec<Inner>,
    }

    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Inner {
        on: bool,
    }

    #[test]
    fn an_array_is_no_object() {
        for array in [r#"["a",[]]"#, r#" ["a"]"#, "[]", r#"[{"name":"a"}]"#] {
            assert!(object::<Named>(array.as_bytes()).is_err(), "{array}");
            assert!(whole::<Named>(array.as_bytes()).is_err(), "{array}");
        }
        let read = object::<Named>(br#"{"name":"a","inner":[{"on":true}]}"#).unwrap();
        assert!(read.inner[0].on);
    }

    #[test]
    fn what_is_passed_over_is_read_in_one_way_too() {
        for odd in [
            r#"{"name":"a","x":1,"x":1}"#,
            r#"{"name":"a","x":{"y":[{"z":1,"\u007a":1}]}}"#,
            r#"{"name":"a","x":1e15,"x":1000000000000000.0}"#,
            r#"{"name":"a","x":"\ud800"}"#,
            r#"{"name":"a","\udc00":1}"#,
            r#"{"name":"a","x":1e999}"#,
            r#"{"name":"a"} {}"#,
        ] {
            assert!(whole::<Named>(odd.as_bytes()).is_err(), "{odd}");
        }
        let long = alloc::format!(r#"{{"name":"a","x":{}}}"#, "9".repeat(5000));
        assert!(whole::<Named>(long.as_bytes()).is_err());
        let plain = r#"{"name":"a","x":[null,true,-1,1,0.5,"é",{"y":1}],"z":{"y":1}}"#;
        assert!(whole::<Named>(plain.as_bytes()).is_ok());
    }
}
