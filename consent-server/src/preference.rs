//! What a client would rather have: names with weights, as `Accept-Language` and `Accept-Encoding` list them
//! (RFC 9110 §12.4.2).

use axum::http::{HeaderMap, HeaderName};

/// The weight of what has none.
const MOST: u16 = 1000;

/// One name of such a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Preference<'a> {
    pub(crate) name: &'a str,
    /// In thousandths, which is as fine as weights are.
    pub(crate) weight: u16,
}

/// All that a request's header lists and that can be read, in its order.
pub(crate) fn preferences(
    request: &HeaderMap,
    header: HeaderName,
) -> impl Iterator<Item = Preference<'_>> {
    request
        .get_all(header)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(Preference::read)
}

impl<'a> Preference<'a> {
    fn read(item: &'a str) -> Option<Self> {
        let (name, weight) = match item.split_once(';') {
            Some((name, weight)) => (name, weight_of(weight.trim())?),
            None => (item, MOST),
        };
        let name = name.trim();
        (!name.is_empty()).then_some(Self { name, weight })
    }

    /// A weight of 0 means "not this".
    pub(crate) const fn is_acceptable(&self) -> bool {
        self.weight > 0
    }
}

/// Reads `q=0.5`: from 0 to 1, with three digits at most.
fn weight_of(text: &str) -> Option<u16> {
    let (q, value) = text.split_once('=')?;
    let (whole, digits) = value.split_once('.').unwrap_or((value, ""));
    let is_weight = q.eq_ignore_ascii_case("q")
        && matches!(whole, "0" | "1")
        && digits.len() <= 3
        && digits.bytes().all(|digit| digit.is_ascii_digit());
    if !is_weight {
        return None;
    }
    let thousandths: u16 = format!("{whole}{digits:0<3}").parse().ok()?;
    (thousandths <= MOST).then_some(thousandths)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderValue, header};

    fn read(values: &[&'static str]) -> Vec<(String, u16)> {
        let mut request = HeaderMap::new();
        for value in values {
            request.append(header::ACCEPT_LANGUAGE, HeaderValue::from_static(value));
        }
        preferences(&request, header::ACCEPT_LANGUAGE)
            .map(|one| (one.name.to_owned(), one.weight))
            .collect()
    }

    #[test]
    fn weights_are_read_as_they_may_be_written() {
        for (text, weight) in [
            ("en", 1000),
            ("en;q=1", 1000),
            ("en;q=1.", 1000),
            ("en;q=1.000", 1000),
            ("en;q=0.5", 500),
            ("en; q=0.5", 500),
            ("en ;\tq=0.5 ", 500),
            ("en;Q=0.05", 50),
            ("en;q=0.007", 7),
            ("en;q=0.", 0),
            ("en;q=0", 0),
            ("en;q=0.000", 0),
        ] {
            assert_eq!(read(&[text]), [("en".to_owned(), weight)], "{text}");
        }
    }

    #[test]
    fn what_is_no_weight_takes_its_name_with_it() {
        for text in [
            "en;q=1.001",
            "en;q=2",
            "en;q=0.1234",
            "en;q=.5",
            "en;q=",
            "en;q",
            "en;q=-0",
            "en;q=+1",
            "en;q= 1",
            "en;q=1e0",
            "en;q=NaN",
            "en;q=0.5;q=1",
            "en;level=1",
            "en;",
            ";q=1",
            "",
        ] {
            assert_eq!(read(&[text]), [], "{text}");
        }
    }

    #[test]
    fn lists_may_come_in_several_lines_and_have_holes() {
        let all = read(&["fr;q=0.5, , en", "ja"]);
        let names: Vec<_> = all.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["fr", "en", "ja"]);
    }

    #[test]
    fn nothing_weighs_less_than_what_is_not_wanted() {
        let [no, yes] = ["en;q=0", "en;q=0.001"].map(|text| Preference::read(text).unwrap());
        assert!(!no.is_acceptable());
        assert!(yes.is_acceptable());
    }
}
