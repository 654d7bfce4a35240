//! base64url without padding (RFC 4648 §5), for ids, digests and cookies.
//!
//! The banner carries this: a general library costs it a kilobyte and a half of what it may weigh in all.

use alloc::string::String;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Writes bytes as text.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    let (mut bits, mut held) = (0, 0);
    for byte in bytes {
        bits = bits << 8 | u32::from(*byte);
        held += 8;
        while held >= 6 {
            held -= 6;
            text.push(letter(bits >> held));
        }
    }
    if held > 0 {
        text.push(letter(bits << (6 - held)));
    }
    text
}

/// Reads text that stands for exactly `N` bytes; each value has one spelling.
pub(crate) fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let mut places = bytes.iter_mut();
    let (mut bits, mut held) = (0, 0);
    for letter in text.bytes() {
        bits = bits << 6 | u32::from(value(letter)?);
        held += 6;
        if held >= 8 {
            held -= 8;
            *places.next()? = (bits >> held).to_le_bytes()[0];
        }
    }
    // What is left over must be the zeros that fill the last letter.
    let is_whole = places.next().is_none() && held < 6 && bits & ((1 << held) - 1) == 0;
    is_whole.then_some(bytes)
}

fn letter(bits: u32) -> char {
    char::from(ALPHABET[(bits & 63) as usize])
}

fn value(letter: u8) -> Option<u8> {
    Some(match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'-' => 62,
        b'_' => 63,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use proptest::prelude::*;

    #[test]
    fn the_vectors_of_rfc_4648() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg"),
            ("fo", "Zm8"),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg"),
        ] {
            assert_eq!(encode(bytes.as_bytes()), text);
        }
        assert_eq!(decode::<3>("Zm9v"), Some(*b"foo"));
        for bad in ["Zm9", "Zm9vY", "Zm9vYg", "Zm9=", "Zm9+", "Zm 9v", ""] {
            assert_eq!(decode::<3>(bad), None, "{bad}");
        }
        // The same byte with other bits behind it.
        assert_eq!((decode::<1>("Zg"), decode::<1>("Zh")), (Some(*b"f"), None));
    }

    proptest! {
        #[test]
        fn what_a_general_library_writes_is_written_and_read(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            prop_assert_eq!(encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes));
        }

        #[test]
        fn only_what_a_general_library_reads_is_read(text in "[A-Za-z0-9_=+-]{20,23}") {
            let theirs = URL_SAFE_NO_PAD.decode(&text).ok().and_then(|bytes| <[u8; 16]>::try_from(bytes).ok());
            prop_assert_eq!(decode::<16>(&text), theirs);
        }
    }
}
