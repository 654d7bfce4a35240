//! Reading a record from JSON that came from outside.

use core::fmt;
use core::marker::PhantomData;
use core::str::FromStr;

use alloc::string::{String, ToString};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};

use super::Record;
use crate::decision::{Act, Choices, Decision, Source};
use crate::digest::Digest;
use crate::id::{CategoryId, ConsentId, RecordId, ServiceId, SiteId};
use crate::json;
use crate::language::Language;
use crate::time::UnixSeconds;

/// Why bytes are not a record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// Longer than [`Record::MAX_JSON_LEN`].
    #[error("a record has at most {} bytes of JSON", Record::MAX_JSON_LEN)]
    TooLong,
    /// Not JSON.
    #[error("not JSON: {0}")]
    Syntax(String),
    /// JSON, but not a record: a claim is missing, unknown, twice there, or not of its form.
    #[error("not a record: {0}")]
    Form(String),
}

impl Record {
    /// The longest JSON that is read, in bytes.
    pub const MAX_JSON_LEN: usize = 4096;

    /// Reads the JSON that [`Record::to_json`] writes, in any order of names and with any white space.
    ///
    /// Strict: unknown names, names given twice, and `iss` and `iat` (which only a receipt has) are errors.
    pub fn from_json(json: &[u8]) -> Result<Self, RecordError> {
        let claims = Claims::from_json(json)?;
        if claims.iss.is_some() || claims.iat.is_some() {
            return Err(RecordError::Form(
                "`iss` and `iat` belong to receipts".into(),
            ));
        }
        Ok(claims.into_record())
    }

    /// Reads the cookie value that [`Record::to_cookie_value`] writes.
    pub fn from_cookie_value(value: &str) -> Result<Self, RecordError> {
        let json = URL_SAFE_NO_PAD
            .decode(value)
            .map_err(|error| RecordError::Syntax(error.to_string()))?;
        Self::from_json(&json)
    }
}

/// The claims of a record or a receipt, as they travel.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Claims {
    #[serde(deserialize_with = "text")]
    act: Act,
    #[serde(deserialize_with = "text")]
    aud: SiteId,
    #[serde(deserialize_with = "choices")]
    choices: Choices<CategoryId>,
    #[serde(deserialize_with = "seconds")]
    dat: UnixSeconds,
    #[serde(deserialize_with = "seconds")]
    exp: UnixSeconds,
    #[serde(default)]
    gpc: bool,
    #[serde(default, deserialize_with = "some_seconds")]
    pub(crate) iat: Option<UnixSeconds>,
    #[serde(default, deserialize_with = "some_text")]
    pub(crate) iss: Option<String>,
    #[serde(deserialize_with = "text")]
    jti: RecordId,
    #[serde(deserialize_with = "text")]
    lang: Language,
    #[serde(deserialize_with = "text")]
    notice: Digest,
    #[serde(default, deserialize_with = "some_text")]
    prev: Option<RecordId>,
    #[serde(deserialize_with = "text")]
    scope: Digest,
    #[serde(default, deserialize_with = "choices")]
    services: Choices<ServiceId>,
    #[serde(deserialize_with = "text")]
    src: Source,
    #[serde(deserialize_with = "text")]
    sub: ConsentId,
}

impl Claims {
    pub(crate) fn from_json(text: &[u8]) -> Result<Self, RecordError> {
        if text.len() > Record::MAX_JSON_LEN {
            return Err(RecordError::TooLong);
        }
        json::object(text).map_err(|error| match error.classify() {
            serde_json::error::Category::Data => RecordError::Form(error.to_string()),
            _ => RecordError::Syntax(error.to_string()),
        })
    }

    pub(crate) fn into_record(self) -> Record {
        Record {
            id: self.jti,
            site: self.aud,
            subject: self.sub,
            decision: Decision {
                act: self.act,
                source: self.src,
                choices: self.choices,
                services: self.services,
            },
            decided_at: self.dat,
            expires_at: self.exp,
            scope: self.scope,
            notice: self.notice,
            language: self.lang,
            previous: self.prev,
            gpc: self.gpc,
        }
    }
}

fn text<'de, D: Deserializer<'de>, T: FromStr<Err: fmt::Display>>(from: D) -> Result<T, D::Error> {
    struct Text<T>(PhantomData<T>);

    impl<T: FromStr<Err: fmt::Display>> Visitor<'_> for Text<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
            text.parse()
                .map_err(|error| E::custom(format_args!("{text:.60?} {error}")))
        }
    }

    from.deserialize_str(Text(PhantomData))
}

fn some_text<'de, D: Deserializer<'de>, T: FromStr<Err: fmt::Display>>(
    from: D,
) -> Result<Option<T>, D::Error> {
    text(from).map(Some)
}

fn seconds<'de, D: Deserializer<'de>>(from: D) -> Result<UnixSeconds, D::Error> {
    UnixSeconds::new(i64::deserialize(from)?).map_err(de::Error::custom)
}

fn some_seconds<'de, D: Deserializer<'de>>(from: D) -> Result<Option<UnixSeconds>, D::Error> {
    seconds(from).map(Some)
}

fn choices<'de, D, Id>(from: D) -> Result<Choices<Id>, D::Error>
where
    D: Deserializer<'de>,
    Id: Ord + FromStr<Err: fmt::Display> + fmt::Display,
{
    struct Names<Id>(PhantomData<Id>);

    impl<'de, Id: Ord + FromStr<Err: fmt::Display> + fmt::Display> Visitor<'de> for Names<Id> {
        type Value = Choices<Id>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object of names with true or false")
        }

        fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Choices<Id>, M::Error> {
            let mut all = Choices::default();
            while let Some(Key(id)) = map.next_key::<Key<Id>>()? {
                if !all.insert(id, map.next_value()?) {
                    return Err(de::Error::custom("a name is there twice"));
                }
            }
            Ok(all)
        }
    }

    struct Key<Id>(Id);

    impl<'de, Id: FromStr<Err: fmt::Display>> Deserialize<'de> for Key<Id> {
        fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
            text(from).map(Self)
        }
    }

    from.deserialize_map(Names(PhantomData))
}

#[cfg(test)]
mod tests {
    use super::super::tests::example;
    use super::*;
    use alloc::format;

    #[test]
    fn a_record_reads_back() {
        let mut record = example();
        assert_eq!(
            Record::from_json(record.to_json().as_bytes()),
            Ok(record.clone())
        );
        record.previous = Some(record.id);
        record.gpc = true;
        record.decision.services = Choices::default();
        assert_eq!(
            Record::from_json(record.to_json().as_bytes()),
            Ok(record.clone())
        );
        assert_eq!(
            Record::from_cookie_value(&record.to_cookie_value()),
            Ok(record)
        );
        for other in ["a.b.c", "=", "", "e30"] {
            assert!(Record::from_cookie_value(other).is_err(), "{other}");
        }
    }

    #[test]
    fn what_is_written_is_canonical() {
        let json = example().to_json();
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(serde_json_canonicalizer::to_string(&value).unwrap(), json);
    }

    #[test]
    fn each_broken_claim_is_an_error_that_names_it() {
        let good = example().to_json();
        for (from, to, says) in [
            (
                "\"act\":\"custom\"",
                "\"act\":\"accept\"",
                "\"accept\" is not one of the names",
            ),
            (
                "\"aud\":\"lacassagne\"",
                "\"aud\":\"La Cassagne\"",
                "a-z, 0-9",
            ),
            (
                "\"analytics\":true",
                "\"analytics\":\"yes\"",
                "expected a boolean",
            ),
            ("\"social\":false", "\"analytics\":false", "twice"),
            ("\"dat\":1795316891", "\"dat\":-1", "since 1970"),
            ("\"dat\":1795316891", "\"dat\":1795316891.5", "expected i64"),
            ("\"dat\":1795316891,", "", "missing field `dat`"),
            (
                "\"dat\":1795316891,",
                "\"dat\":1795316891,\"dat\":1795316891,",
                "duplicate field",
            ),
            (
                "\"lang\":\"fr\"",
                "\"lang\":\"fr\",\"ip\":\"::1\"",
                "unknown field `ip`",
            ),
            (
                "\"lang\":\"fr\"",
                "\"lang\":\"fr\",\"iss\":\"https://a.example\"",
                "receipts",
            ),
            (
                "\"lang\":\"fr\"",
                "\"lang\":\"fr\",\"iss\":null",
                "a string",
            ),
            (
                "\"services\":{\"youtube\":true}",
                "\"services\":[]",
                "an object of names",
            ),
            ("\"sub\":\"AgIC", "\"sub\":\"!gIC", "22 characters"),
        ] {
            let broken = good.replacen(from, to, 1);
            assert_ne!(broken, good, "{from}");
            match Record::from_json(broken.as_bytes()) {
                Err(RecordError::Form(message)) => assert!(message.contains(says), "{message}"),
                other => panic!("{to}: {other:?}"),
            }
        }
        assert!(matches!(
            Record::from_json(b"{"),
            Err(RecordError::Syntax(_))
        ));
        assert!(matches!(
            Record::from_json(b"{} {}"),
            Err(RecordError::Form(_))
        ));
        let claims: serde_json::Map<_, _> = serde_json::from_str(&good).unwrap();
        let values = claims
            .into_iter()
            .map(|(_, value)| value)
            .collect::<serde_json::Value>();
        assert!(matches!(
            Record::from_json(values.to_string().as_bytes()),
            Err(RecordError::Form(_))
        ));
        let long = format!("{good}{}", " ".repeat(Record::MAX_JSON_LEN));
        assert_eq!(
            Record::from_json(long.as_bytes()),
            Err(RecordError::TooLong)
        );
    }
}
