//! Asking others over HTTP and HTTPS: witnesses, and authorities for timestamps.

mod address;
mod roots;
mod shown;

pub use address::{Address, AddressError};
pub use roots::RootsError;
pub(crate) use shown::shown;

use rustls::CertificateError;
use rustls::crypto::aws_lc_rs;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use ureq::http::header::LOCATION;
use ureq::tls::{RootCerts, TlsConfig};

/// What asks others. Each request has a connection of its own.
#[derive(Clone, Debug)]
pub struct Client(TlsConfig);

/// How much one answer may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// From the first byte sent to the last of the answer.
    pub(crate) time: Duration,
    /// Of the answer's body.
    pub(crate) bytes: u64,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

/// Why nothing came back.
#[derive(Debug, thiserror::Error)]
pub enum AwayError {
    /// Nobody who is trusted says who it is.
    #[error(
        "its certificate comes from nobody whom this machine trusts; if that is an authority of your own, set SSL_CERT_FILE to a PEM file with its certificate and start again"
    )]
    Stranger,
    /// It is somebody else.
    #[error(
        "its certificate is for another name than the address has; ask by the name that it is for: {}",
        shown(&.0.to_string())
    )]
    OtherName(CertificateError),
    /// It sends on to somewhere else. That is not followed: who is asked is the operator's to say.
    #[error("it sends on to {}; give that address, if it is theirs", shown(.0))]
    Moved(String),
    /// Anything else.
    #[error("{}", shown(&.0.to_string()))]
    Http(#[source] ureq::Error),
}

impl Client {
    /// One for these addresses. If one of them is https, whom the system trusts is read now, and kept.
    pub fn to<'a>(addresses: impl IntoIterator<Item = &'a Address>) -> Result<Self, RootsError> {
        let https = addresses.into_iter().find(|address| address.is_https());
        let roots = https.map_or_else(|| Ok(Vec::new()), roots::of_system)?;
        // Given here and not set for the process, which may have another of its own.
        let provider = Arc::new(aws_lc_rs::default_provider());
        let tls = TlsConfig::builder()
            .unversioned_rustls_crypto_provider(provider)
            .root_certs(RootCerts::new_with_certs(&roots));
        Ok(Self(tls.build()))
    }

    /// Posts a body. Blocks.
    pub(crate) fn post(
        &self,
        url: &str,
        content_type: &str,
        body: &[u8],
        limits: Limits,
    ) -> Result<Answer, AwayError> {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(limits.time))
            .max_redirects(0)
            // Not those of the environment, which would see and change what is asked.
            .proxy(None)
            .tls_config(self.0.clone())
            .build()
            .into();
        let mut response = agent.post(url).content_type(content_type).send(body)?;
        let status = response.status();
        if let Some(location) = response.headers().get(LOCATION)
            && status.is_redirection()
        {
            let location = String::from_utf8_lossy(location.as_bytes());
            return Err(AwayError::Moved(location.into_owned()));
        }
        let body = response.body_mut().with_config().limit(limits.bytes);
        Ok(Answer {
            status: status.as_u16(),
            body: body.read_to_vec()?,
        })
    }
}

impl From<ureq::Error> for AwayError {
    fn from(error: ureq::Error) -> Self {
        match certificate_error(&error) {
            // The second: an authority with the name of one that is trusted, and another key.
            Some(CertificateError::UnknownIssuer | CertificateError::BadSignature) => {
                Self::Stranger
            }
            Some(
                name @ (CertificateError::NotValidForName
                | CertificateError::NotValidForNameContext { .. }),
            ) => Self::OtherName(name.clone()),
            _ => Self::Http(error),
        }
    }
}

/// What is wrong with a certificate comes wrapped as what went wrong with reading.
fn certificate_error(error: &ureq::Error) -> Option<&CertificateError> {
    let tls = match error {
        ureq::Error::Rustls(tls) => tls,
        ureq::Error::Io(error) => io::Error::get_ref(error)?.downcast_ref()?,
        _ => return None,
    };
    match tls {
        rustls::Error::InvalidCertificate(error) => Some(error),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::time::Instant;

    const LIMITS: Limits = Limits {
        time: Duration::from_secs(2),
        bytes: 10,
    };

    /// What is made of an answer; a server that is done with it keeps the connection open.
    fn post(answer: &'static str) -> Result<Answer, AwayError> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = [0; 4096];
            assert_ne!(stream.read(&mut asked).unwrap(), 0);
            stream.write_all(answer.as_bytes()).unwrap();
            while stream.read(&mut asked).is_ok_and(|length| length > 0) {}
        });
        let address: Address = address.parse().unwrap();
        let client = Client::to([&address]).unwrap();
        client.post(address.as_str(), "text/plain", b"?", LIMITS)
    }

    #[test]
    fn an_answer_is_taken_whatever_its_status_and_within_its_limits() {
        let answer = post("HTTP/1.1 409 Conflict\r\ncontent-length: 2\r\n\r\n17").unwrap();
        assert_eq!((answer.status, &*answer.body), (409, &b"17"[..]));
        let long = post("HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n01234567890");
        let limit = |error: &ureq::Error| matches!(error, ureq::Error::BodyExceedsLimit(10));
        assert!(
            matches!(&long, Err(AwayError::Http(error)) if limit(error)),
            "{long:?}"
        );
        let begun = Instant::now();
        let slow = post("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n0123");
        let late = |error: &ureq::Error| matches!(error, ureq::Error::Timeout(_));
        assert!(
            matches!(&slow, Err(AwayError::Http(error)) if late(error)),
            "{slow:?}"
        );
        assert!(begun.elapsed() < LIMITS.time * 5, "{:?}", begun.elapsed());
    }

    #[test]
    fn where_it_sends_on_to_is_shown_as_one_line() {
        let to = format!("http://a/\u{1b}[31m{}", "x".repeat(300));
        let said = AwayError::Moved(to).to_string();
        assert!(said.contains("http://a/\\u{1b}[31mxxx"), "{said}");
        assert!(said.len() < 300, "{said}");
    }

    #[test]
    fn nobody_is_sent_on() {
        let moved = post(
            "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
        );
        assert!(
            matches!(&moved, Err(AwayError::Moved(to)) if to == "http://127.0.0.1:1/"),
            "{moved:?}"
        );
    }
}
