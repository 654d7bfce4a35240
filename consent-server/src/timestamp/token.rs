//! The answer of an authority, and its check.

use super::chain::{self, Verifier};
use super::{Authorities, TimestampError};
use aws_lc_rs::digest::{self, SHA256, SHA384, SHA512};
use cms::cert::CertificateChoices;
use cms::content_info::ContentInfo;
use cms::signed_data::{SignedData, SignerIdentifier, SignerInfo};
use consent_core::digest::Digest;
use consent_core::time::UnixSeconds;
use der::asn1::OctetString;
use der::oid::ObjectIdentifier;
use der::oid::db::rfc5911::{ID_CONTENT_TYPE, ID_MESSAGE_DIGEST, ID_SIGNED_DATA};
use der::oid::db::rfc5912::{ID_SHA_256, ID_SHA_384, ID_SHA_512};
use der::{Decode as _, Encode as _};
use x509_cert::Certificate;
use x509_cert::ext::pkix::SubjectKeyIdentifier;
use x509_tsp::{TimeStampResp, TstInfo};

/// id-ct-TSTInfo (RFC 3161 §2.4.2).
const ID_CT_TST_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");

/// What an authority said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timestamp {
    /// When the message existed.
    pub at: UnixSeconds,
    /// Who says so: the subject of the certificate.
    pub authority: String,
}

/// Checks the answer of an authority (a `TimeStampResp`) about a message. Whether a certificate was revoked is not looked at.
pub fn verify(
    response: &[u8],
    message: &[u8],
    trusted: &Authorities,
) -> Result<Timestamp, TimestampError> {
    let answer = Answer::read(response, message)?;
    let signer = answer.signer()?;
    let certificates = certificates(&answer.data);
    let certificate = certificates
        .iter()
        .chain(trusted.iter())
        .find(|certificate| is_of(certificate, &signer.sid));
    let certificate = certificate.ok_or(TimestampError::NoCertificate)?;
    check_signature(signer, answer.content.as_bytes(), certificate)?;
    chain::verify(certificate, &certificates, trusted, answer.at)?;
    Ok(Timestamp {
        at: answer.at,
        authority: certificate.tbs_certificate.subject.to_string(),
    })
}

/// Whether an answer is whole and about a message, and the time in it. Whose it is, is not looked at: the signature is
/// checked with the certificate that it brings, if it brings one.
pub fn about(response: &[u8], message: &[u8]) -> Result<UnixSeconds, TimestampError> {
    let answer = Answer::read(response, message)?;
    let signer = answer.signer()?;
    let certificates = certificates(&answer.data);
    let mut own = certificates.iter();
    if let Some(certificate) = own.find(|certificate| is_of(certificate, &signer.sid)) {
        check_signature(signer, answer.content.as_bytes(), certificate)?;
    }
    Ok(answer.at)
}

/// What an authority has signed about a message; who, is not known yet.
struct Answer {
    data: SignedData,
    content: OctetString,
    at: UnixSeconds,
}

impl Answer {
    fn read(response: &[u8], message: &[u8]) -> Result<Self, TimestampError> {
        let form = |error: der::Error| TimestampError::Form(error.to_string());
        let response = TimeStampResp::from_der(response).map_err(form)?;
        let token: ContentInfo = response.time_stamp_token.ok_or(TimestampError::Refused)?;
        if token.content_type != ID_SIGNED_DATA {
            return Err(TimestampError::Form("not signed data".into()));
        }
        let data: SignedData = token.content.decode_as().map_err(form)?;
        if data.encap_content_info.econtent_type != ID_CT_TST_INFO {
            return Err(TimestampError::Form(
                "the signed data is no timestamp".into(),
            ));
        }
        let content = data.encap_content_info.econtent.as_ref();
        let content = content.ok_or_else(|| TimestampError::Form("it is empty".into()))?;
        let content: OctetString = content.decode_as().map_err(form)?;
        let info = TstInfo::from_der(content.as_bytes()).map_err(form)?;
        let imprint = &info.message_imprint;
        if imprint.hash_algorithm.oid != ID_SHA_256 {
            return Err(TimestampError::Algorithm(imprint.hash_algorithm.oid));
        }
        if imprint.hashed_message.as_bytes() != Digest::of(message).as_bytes() {
            return Err(TimestampError::OtherMessage);
        }
        let seconds = info.gen_time.to_unix_duration().as_secs();
        let at = i64::try_from(seconds)
            .ok()
            .and_then(|at| UnixSeconds::new(at).ok());
        let at = at.ok_or_else(|| TimestampError::Form("its time".into()))?;
        Ok(Self { data, content, at })
    }

    fn signer(&self) -> Result<&SignerInfo, TimestampError> {
        match self.data.signer_infos.0.as_slice() {
            [signer] => Ok(signer),
            _ => Err(TimestampError::Form("it has not one signer".into())),
        }
    }
}

fn certificates(data: &SignedData) -> Vec<Certificate> {
    let all = data.certificates.iter().flat_map(|set| set.0.iter());
    all.filter_map(|choice| match choice {
        CertificateChoices::Certificate(certificate) => Some(certificate.clone()),
        CertificateChoices::Other(_) => None,
    })
    .collect()
}

fn is_of(certificate: &Certificate, id: &SignerIdentifier) -> bool {
    let certificate = &certificate.tbs_certificate;
    match id {
        SignerIdentifier::IssuerAndSerialNumber(id) => {
            certificate.issuer == id.issuer && certificate.serial_number == id.serial_number
        }
        SignerIdentifier::SubjectKeyIdentifier(id) => {
            let own = certificate.get::<SubjectKeyIdentifier>();
            own.is_ok_and(|own| own.is_some_and(|(_, own)| own == *id))
        }
    }
}

/// RFC 5652 §5.4: the signature is over the signed attributes, one of which is the digest of the content.
fn check_signature(
    signer: &SignerInfo,
    content: &[u8],
    certificate: &Certificate,
) -> Result<(), TimestampError> {
    let form = |error: der::Error| TimestampError::Form(error.to_string());
    let attributes = signer
        .signed_attrs
        .as_ref()
        .ok_or(TimestampError::Signature)?;
    let value = |oid: ObjectIdentifier| {
        let mut found = attributes.iter().filter(|attribute| attribute.oid == oid);
        let attribute = found
            .next()
            .filter(|attribute| attribute.values.len() == 1)?;
        attribute.values.get(0)
    };
    let kind = value(ID_CONTENT_TYPE).ok_or(TimestampError::Signature)?;
    if kind.decode_as::<ObjectIdentifier>().map_err(form)? != ID_CT_TST_INFO {
        return Err(TimestampError::Signature);
    }
    let named = value(ID_MESSAGE_DIGEST).ok_or(TimestampError::Signature)?;
    let named: OctetString = named.decode_as().map_err(form)?;
    let algorithm = match signer.digest_alg.oid {
        ID_SHA_256 => &SHA256,
        ID_SHA_384 => &SHA384,
        ID_SHA_512 => &SHA512,
        other => return Err(TimestampError::Algorithm(other)),
    };
    if named.as_bytes() != digest::digest(algorithm, content).as_ref() {
        return Err(TimestampError::Signature);
    }
    // As a set, not with the tag that it has inside the signer's information.
    let attributes = attributes.to_der().map_err(form)?;
    let key = &certificate.tbs_certificate.subject_public_key_info;
    Verifier::of(key, signer.signature_algorithm.oid, signer.digest_alg.oid)?
        .verify(&attributes, signer.signature.as_bytes())
}
