//! A record that is read is written in one way, and what is written is read as the same record.

use consent_core::record::{Record, RecordError};

pub(crate) fn holds(data: &[u8]) {
    let record = match Record::from_json(data) {
        Ok(record) => record,
        Err(error) => {
            assert_eq!(
                error == RecordError::TooLong,
                data.len() > Record::MAX_JSON_LEN
            );
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    reads_back(&record);
    let json: serde_json::Value = serde_json::from_slice(data).unwrap();
    let spaced = serde_json::to_vec_pretty(&json).unwrap();
    if spaced.len() <= Record::MAX_JSON_LEN {
        assert_eq!(
            Record::from_json(&spaced).as_ref(),
            Ok(&record),
            "spaces and order do not count"
        );
    }
    // What a scope refuses, it refuses in words.
    assert!(record.site.as_str().len() <= 40);
}

/// The laws of the written forms.
pub(crate) fn reads_back(record: &Record) {
    let text = record.to_json();
    assert_eq!(Record::from_json(text.as_bytes()).as_ref(), Ok(record));
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json_canonicalizer::to_string(&json).unwrap(), text);
    let cookie = record.to_cookie_value();
    assert!(!cookie.contains(['.', ';', '=', ' ', '"']), "{cookie}");
}
