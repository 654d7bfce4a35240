//! Files served from memory, compressed once.

use crate::preference::preferences;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use consent_core::digest::Digest;
use std::io::Write as _;

/// What makes the compressed forms: with other coders or settings, other forms.
pub(crate) const CODERS: &str = "gzip 9, brotli 11";

/// A file with its compressed forms.
#[derive(Clone, Debug)]
pub struct StaticFile {
    content_type: &'static str,
    /// The file's digest, in each form's entity tag.
    digest: Digest,
    identity: Bytes,
    gzip: Option<Bytes>,
    brotli: Option<Bytes>,
}

/// How long browsers may use a file without asking again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caching {
    /// Forever: its address holds its digest.
    Immutable,
    /// Minutes: its address stays while its content changes.
    Short,
    /// The same, but by this browser alone.
    ShortPrivate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coding {
    Identity,
    Gzip,
    Brotli,
}

impl StaticFile {
    /// Compresses a file. A form that is not smaller is left out.
    #[must_use]
    pub fn new(content_type: &'static str, content: Vec<u8>) -> Self {
        let smaller = |bytes: Vec<u8>| (bytes.len() < content.len()).then(|| Bytes::from(bytes));
        let gzip = gzip(&content).ok().and_then(smaller);
        let brotli = brotli(&content).ok().and_then(smaller);
        Self {
            content_type,
            digest: Digest::of(&content),
            gzip,
            brotli,
            identity: content.into(),
        }
    }

    /// A file whose forms were made before: its bytes, `gzip`, `brotli`.
    pub(crate) const fn ready(
        content_type: &'static str,
        digest: Digest,
        identity: Bytes,
        gzip: Option<Bytes>,
        brotli: Option<Bytes>,
    ) -> Self {
        Self {
            content_type,
            digest,
            identity,
            gzip,
            brotli,
        }
    }

    /// Its bytes, and its compressed forms: `gzip`, `brotli`.
    pub(crate) fn forms(&self) -> [Option<&Bytes>; 3] {
        [
            Some(&self.identity),
            self.gzip.as_ref(),
            self.brotli.as_ref(),
        ]
    }

    /// What it is served as.
    pub(crate) const fn content_type(&self) -> &'static str {
        self.content_type
    }

    /// Leaves a file as it is: for those that are asked for too seldom to be worth compressing.
    #[must_use]
    pub fn uncompressed(content_type: &'static str, content: Vec<u8>) -> Self {
        let digest = Digest::of(&content);
        Self {
            content_type,
            digest,
            gzip: None,
            brotli: None,
            identity: content.into(),
        }
    }

    /// The file's digest.
    #[must_use]
    pub const fn digest(&self) -> &Digest {
        &self.digest
    }

    /// The bytes, uncompressed.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.identity
    }

    /// Answers a `GET`: 304 when the browser has this very file, else the smallest form it takes.
    #[must_use]
    pub fn respond(&self, request: &HeaderMap, caching: Caching) -> Response {
        let (coding, bytes) = self.choose(request);
        let tag = format!("\"{}{}\"", self.digest, coding.suffix());
        let fresh = request
            .get_all(header::IF_NONE_MATCH)
            .iter()
            .any(|known| names_tag(known, &tag));
        let mut response = if fresh {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            Body::from(bytes.clone()).into_response()
        };
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, caching.header());
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            headers.insert(header::ETAG, tag);
        }
        // Pages of any origin load these files: they are public and the same for everybody.
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_ORIGIN,
            HeaderValue::from_static("*"),
        );
        headers.insert(
            "cross-origin-resource-policy",
            HeaderValue::from_static("cross-origin"),
        );
        headers.insert(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        );
        if !fresh {
            headers.insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static(self.content_type),
            );
            if let Some(name) = coding.name() {
                headers.insert(header::CONTENT_ENCODING, name);
            }
        }
        response
    }

    fn choose(&self, request: &HeaderMap) -> (Coding, &Bytes) {
        if let Some(bytes) = self.brotli.as_ref().filter(|_| accepts(request, "br")) {
            (Coding::Brotli, bytes)
        } else if let Some(bytes) = self.gzip.as_ref().filter(|_| accepts(request, "gzip")) {
            (Coding::Gzip, bytes)
        } else {
            (Coding::Identity, &self.identity)
        }
    }
}

impl Caching {
    const fn header(self) -> HeaderValue {
        match self {
            Self::Immutable => HeaderValue::from_static("public, max-age=31536000, immutable"),
            Self::Short => {
                HeaderValue::from_static("public, max-age=300, stale-while-revalidate=86400")
            }
            Self::ShortPrivate => {
                HeaderValue::from_static("private, max-age=300, stale-while-revalidate=86400")
            }
        }
    }
}

impl Coding {
    const fn name(self) -> Option<HeaderValue> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some(HeaderValue::from_static("gzip")),
            Self::Brotli => Some(HeaderValue::from_static("br")),
        }
    }

    const fn suffix(self) -> &'static str {
        match self {
            Self::Identity => "",
            Self::Gzip => ".gz",
            Self::Brotli => ".br",
        }
    }
}

/// Whether `Accept-Encoding` names a coding with a weight above 0 (RFC 9110 §12.5.3); `*` is not taken as a wish for it.
fn accepts(request: &HeaderMap, coding: &str) -> bool {
    preferences(request, header::ACCEPT_ENCODING)
        .any(|one| one.name.eq_ignore_ascii_case(coding) && one.is_acceptable())
}

fn names_tag(header: &HeaderValue, tag: &str) -> bool {
    let Ok(text) = header.to_str() else {
        return false;
    };
    text.split(',')
        .map(str::trim)
        .any(|known| known == "*" || known.trim_start_matches("W/") == tag)
}

fn gzip(content: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(content)?;
    encoder.finish()
}

fn brotli(mut content: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut compressed = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: 11,
        size_hint: content.len(),
        ..Default::default()
    };
    brotli::BrotliCompress(&mut content, &mut compressed, &parameters)?;
    Ok(compressed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> StaticFile {
        StaticFile::new(
            "text/javascript; charset=utf-8",
            b"let choice = 1; ".repeat(50),
        )
    }

    fn asking(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())])
    }

    fn encoding_for(accept: &str) -> String {
        let response = file().respond(&asking(header::ACCEPT_ENCODING, accept), Caching::Short);
        let encoding = response.headers().get(header::CONTENT_ENCODING);
        encoding
            .map_or("identity", |value| value.to_str().unwrap())
            .to_owned()
    }

    #[test]
    fn the_smallest_form_that_the_browser_takes() {
        for (accept, encoding) in [
            ("gzip, deflate, br, zstd", "br"),
            ("gzip, deflate", "gzip"),
            ("br;q=0, gzip;q=0.5", "gzip"),
            ("BR;q=1.0", "br"),
            ("br; q=0.0, gzip; q=0", "identity"),
            ("zstd", "identity"),
            ("", "identity"),
            ("br;q=nonsense", "identity"),
            ("br;q=2, gzip;q=0.5000", "identity"),
            ("br ; Q=0, gzip ; Q=0.001", "gzip"),
        ] {
            assert_eq!(encoding_for(accept), encoding, "{accept}");
        }
    }

    #[test]
    fn each_form_has_its_own_tag_and_a_known_one_is_not_sent_again() {
        let file = file();
        let plain = file.respond(&HeaderMap::new(), Caching::Immutable);
        let tag = plain.headers()[header::ETAG].clone();
        let again = file.respond(
            &asking(header::IF_NONE_MATCH, tag.to_str().unwrap()),
            Caching::Immutable,
        );
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(again.headers()[header::VARY], "Accept-Encoding");
        let mut brotli = asking(header::ACCEPT_ENCODING, "br");
        brotli.insert(header::IF_NONE_MATCH, tag);
        assert_eq!(
            file.respond(&brotli, Caching::Immutable).status(),
            StatusCode::OK
        );
    }

    #[test]
    fn compression_that_does_not_help_is_left_out() {
        let tiny = StaticFile::new("text/plain", b"a".to_vec());
        let response = tiny.respond(&asking(header::ACCEPT_ENCODING, "br, gzip"), Caching::Short);
        assert!(!response.headers().contains_key(header::CONTENT_ENCODING));
    }

    #[test]
    fn what_is_compressed_is_the_file() {
        use std::io::Read as _;
        let file = file();
        let mut unpacked = Vec::new();
        let gzip = file.gzip.as_ref().unwrap();
        flate2::read::GzDecoder::new(&gzip[..])
            .read_to_end(&mut unpacked)
            .unwrap();
        assert_eq!(unpacked, file.bytes());
        unpacked.clear();
        let brotli = file.brotli.as_ref().unwrap();
        brotli::BrotliDecompress(&mut &brotli[..], &mut unpacked).unwrap();
        assert_eq!(unpacked, file.bytes());
    }
}
