//! How connections to the database are encrypted.

use super::error::PostgresError;
use rustls::crypto::aws_lc_rs;
use rustls::{ClientConfig, RootCertStore};
use rustls_native_certs::CertificateResult;
use std::sync::Arc;
use tokio_postgres_rustls::MakeRustlsConnect;

/// TLS that checks the database's certificate and its name: with the system's authorities, or with those that `SSL_CERT_FILE`
/// and `SSL_CERT_DIR` name. `is_needed`: whether a connection goes over a network.
pub(super) fn connector(is_needed: bool) -> Result<MakeRustlsConnect, PostgresError> {
    let mut roots = RootCertStore::empty();
    if is_needed {
        let CertificateResult { certs, errors, .. } = rustls_native_certs::load_native_certs();
        let (usable, _) = roots.add_parsable_certificates(certs);
        if usable == 0 {
            let reasons = errors.iter().map(|error| format!(" ({error})"));
            return Err(PostgresError::NoRoots(reasons.collect()));
        }
    }
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}
