//! Whom the operating system trusts to say who a server is.

use super::Address;
use rustls::RootCertStore;
use rustls_native_certs::CertificateResult;
use std::env;
use std::path::Path;
use ureq::tls::Certificate;

/// What names others than the system's; read by `rustls-native-certs`.
const VARIABLES: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];

/// There is nobody to trust.
#[derive(Debug, thiserror::Error)]
#[error(
    "{address} cannot be asked: no certificate of an authority to check https with was found in {place}{reasons}; install the system's (on Debian the package ca-certificates), or set SSL_CERT_FILE to a PEM file with those of your own"
)]
pub struct RootsError {
    address: Address,
    place: String,
    reasons: String,
}

/// The certificates of the system's authorities, or of those that the environment names instead.
pub(super) fn of_system(address: &Address) -> Result<Vec<Certificate<'static>>, RootsError> {
    let CertificateResult { certs, errors, .. } = rustls_native_certs::load_native_certs();
    // Those that are no certificates are passed over when https is spoken, and would be missed only then.
    let (usable, _) = RootCertStore::empty().add_parsable_certificates(certs.iter().cloned());
    if usable == 0 {
        let reasons = errors.iter().map(|error| format!(" ({error})"));
        let reasons: Vec<_> = reasons.collect();
        return Err(RootsError {
            address: address.clone(),
            place: place(),
            reasons: reasons.concat(),
        });
    }
    for error in errors {
        tracing::warn!(%error, "a certificate of those to check https with cannot be read");
    }
    let owned = certs
        .iter()
        .map(|der| Certificate::from_der(der).to_owned());
    Ok(owned.collect())
}

fn place() -> String {
    let set = VARIABLES.iter().filter_map(|name| {
        let path = env::var_os(name)?;
        Some(format!("{name}={}", Path::new(&path).display()))
    });
    let set: Vec<_> = set.collect();
    if set.is_empty() {
        return "the system".to_owned();
    }
    set.join(" and ")
}
