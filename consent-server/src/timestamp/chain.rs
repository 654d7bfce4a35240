//! From an authority's certificate to one that is trusted.

use super::TimestampError;
use aws_lc_rs::signature as sig;
use consent_core::time::UnixSeconds;
use der::Encode as _;
use der::oid::ObjectIdentifier;
use der::oid::db::rfc5280::ID_KP_TIME_STAMPING;
use der::oid::db::rfc5912::{
    ECDSA_WITH_SHA_256, ECDSA_WITH_SHA_384, ID_EC_PUBLIC_KEY, ID_SHA_256, ID_SHA_384, ID_SHA_512,
    RSA_ENCRYPTION, SECP_256_R_1, SECP_384_R_1, SHA_256_WITH_RSA_ENCRYPTION,
    SHA_384_WITH_RSA_ENCRYPTION, SHA_512_WITH_RSA_ENCRYPTION,
};
use x509_cert::Certificate;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage};
use x509_cert::spki::SubjectPublicKeyInfoOwned;

/// No authority has more certificates between it and its root.
const MAX_DEPTH: usize = 6;

/// The certificates of the authorities that are trusted: roots, or the authority's own.
#[derive(Clone, Debug)]
pub struct Authorities(Vec<Certificate>);

/// Not certificates.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not certificates in PEM: {0}")]
pub struct AuthoritiesError(String);

impl Authorities {
    /// Reads certificates, one after another, in PEM.
    pub fn from_pem(pem: &[u8]) -> Result<Self, AuthoritiesError> {
        // The reader of PEM must not be given nothing.
        if pem.trim_ascii().is_empty() {
            return Err(AuthoritiesError("there is none".into()));
        }
        let all = Certificate::load_pem_chain(pem)
            .map_err(|error| AuthoritiesError(error.to_string()))?;
        if all.is_empty() {
            return Err(AuthoritiesError("there is none".into()));
        }
        Ok(Self(all))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Certificate> {
        self.0.iter()
    }
}

/// Whether this certificate may sign timestamps, and is or comes from a trusted one, all valid at that moment.
pub(super) fn verify(
    certificate: &Certificate,
    others: &[Certificate],
    trusted: &Authorities,
    at: UnixSeconds,
) -> Result<(), TimestampError> {
    let wrong = TimestampError::Certificate;
    // RFC 3161 §2.3: that use alone, and critical.
    let usage = certificate.tbs_certificate.get::<ExtendedKeyUsage>();
    if !matches!(usage, Ok(Some((true, usage))) if usage.0 == [ID_KP_TIME_STAMPING]) {
        return Err(wrong("it is not one for timestamps alone"));
    }
    let mut current = certificate;
    for _ in 0..MAX_DEPTH {
        let validity = &current.tbs_certificate.validity;
        let [from, to] =
            [validity.not_before, validity.not_after].map(|time| time.to_unix_duration().as_secs());
        if !(from..=to).contains(&at.get().unsigned_abs()) {
            return Err(wrong("it, or one above it, was not valid at that time"));
        }
        if trusted.iter().any(|root| root == current) {
            return Ok(());
        }
        let issuer = trusted
            .iter()
            .chain(others)
            .find(|issuer| has_issued(issuer, current));
        current = issuer.ok_or(wrong("it comes from none that is trusted"))?;
    }
    Err(wrong("the way to a trusted one is too long"))
}

fn has_issued(issuer: &Certificate, certificate: &Certificate) -> bool {
    let is_authority = issuer.tbs_certificate.get::<BasicConstraints>();
    if issuer.tbs_certificate.subject != certificate.tbs_certificate.issuer
        || issuer == certificate
        || !matches!(is_authority, Ok(Some((_, constraints))) if constraints.ca)
    {
        return false;
    }
    let Ok(signed) = certificate.tbs_certificate.to_der() else {
        return false;
    };
    let algorithm = certificate.signature_algorithm.oid;
    let key = &issuer.tbs_certificate.subject_public_key_info;
    let Some(signature) = certificate.signature.as_bytes() else {
        return false;
    };
    Verifier::of(key, algorithm, algorithm)
        .is_ok_and(|verifier| verifier.verify(&signed, signature).is_ok())
}

/// A key and the algorithm it was used with.
pub(super) struct Verifier<'a> {
    key: &'a [u8],
    algorithm: &'static dyn sig::VerificationAlgorithm,
}

impl<'a> Verifier<'a> {
    /// `digest` tells which, where the algorithm does not.
    pub(super) fn of(
        key: &'a SubjectPublicKeyInfoOwned,
        algorithm: ObjectIdentifier,
        digest: ObjectIdentifier,
    ) -> Result<Self, TimestampError> {
        let curve = || {
            key.algorithm
                .parameters
                .as_ref()
                .and_then(|oid| oid.decode_as::<ObjectIdentifier>().ok())
        };
        let is_elliptic = key.algorithm.oid == ID_EC_PUBLIC_KEY;
        let found: Option<&'static dyn sig::VerificationAlgorithm> = match (algorithm, digest) {
            (SHA_256_WITH_RSA_ENCRYPTION, _) | (RSA_ENCRYPTION, ID_SHA_256) => {
                Some(&sig::RSA_PKCS1_2048_8192_SHA256)
            }
            (SHA_384_WITH_RSA_ENCRYPTION, _) | (RSA_ENCRYPTION, ID_SHA_384) => {
                Some(&sig::RSA_PKCS1_2048_8192_SHA384)
            }
            (SHA_512_WITH_RSA_ENCRYPTION, _) | (RSA_ENCRYPTION, ID_SHA_512) => {
                Some(&sig::RSA_PKCS1_2048_8192_SHA512)
            }
            (ECDSA_WITH_SHA_256, _) => match curve() {
                Some(SECP_256_R_1) => Some(&sig::ECDSA_P256_SHA256_ASN1),
                Some(SECP_384_R_1) => Some(&sig::ECDSA_P384_SHA256_ASN1),
                _ => None,
            },
            (ECDSA_WITH_SHA_384, _) => match curve() {
                Some(SECP_256_R_1) => Some(&sig::ECDSA_P256_SHA384_ASN1),
                Some(SECP_384_R_1) => Some(&sig::ECDSA_P384_SHA384_ASN1),
                _ => None,
            },
            _ => None,
        };
        let is_ecdsa = matches!(algorithm, ECDSA_WITH_SHA_256 | ECDSA_WITH_SHA_384);
        let found = found.filter(|_| is_ecdsa == is_elliptic);
        let algorithm = found.ok_or(TimestampError::Algorithm(algorithm))?;
        let key = key
            .subject_public_key
            .as_bytes()
            .ok_or(TimestampError::Certificate("its key"))?;
        Ok(Self { key, algorithm })
    }

    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), TimestampError> {
        let key = sig::UnparsedPublicKey::new(self.algorithm, self.key);
        key.verify(message, signature)
            .map_err(|_| TimestampError::Signature)
    }
}
