//! What may be wrong with a timestamp.

use der::oid::ObjectIdentifier;

/// Why an answer is no timestamp of a message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimestampError {
    /// Not the bytes of an answer.
    #[error("not a timestamp of RFC 3161: {0}")]
    Form(String),
    /// The authority refused.
    #[error("the authority has given no timestamp")]
    Refused,
    /// Of something else.
    #[error("the timestamp is of another message")]
    OtherMessage,
    /// Signed in a way that is not known here.
    #[error("the timestamp is signed with an algorithm that is not known here ({0})")]
    Algorithm(ObjectIdentifier),
    /// The certificate that signed is not in it.
    #[error("the certificate that signed the timestamp is not in it")]
    NoCertificate,
    /// The signature is wrong.
    #[error("the signature of the timestamp is wrong")]
    Signature,
    /// The certificate is not one for timestamps, or not of a trusted authority.
    #[error("the authority's certificate: {0}")]
    Certificate(&'static str),
}
