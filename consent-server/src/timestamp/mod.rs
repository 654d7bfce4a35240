//! Timestamps (RFC 3161): an authority that nobody here runs says that some bytes existed at a moment.
//!
//! The bytes are the text of a checkpoint, so one timestamp is one of every receipt that the log then had. Answers are kept
//! as they came, and checked without a network, by us or with `openssl ts -verify`.

mod chain;
mod client;
mod error;
mod token;

pub use chain::{Authorities, AuthoritiesError};
pub use client::{StampError, stamp};
pub use error::TimestampError;
pub use token::{Timestamp, about, verify};

use cms::cert::x509::spki::AlgorithmIdentifier;
use consent_core::digest::Digest;
use der::asn1::{Any, Int, OctetString};
use der::oid::db::rfc5912::ID_SHA_256;
use der::{Encode as _, Tag};
use x509_tsp::{MessageImprint, TimeStampReq, TspVersion};

/// What is sent to an authority (RFC 3161 §2.4.1): the SHA-256 of a message, with a nonce, and the wish for its certificate.
/// `None` when it cannot be encoded, which no input makes happen.
#[must_use]
pub fn request(message: &[u8], nonce: [u8; 8]) -> Option<Vec<u8>> {
    // Positive, and without a byte that DER would leave out.
    let mut nonce = nonce;
    nonce[0] = nonce[0] & 0x7F | 0x40;
    let request = TimeStampReq {
        version: TspVersion::V1,
        message_imprint: MessageImprint {
            hash_algorithm: AlgorithmIdentifier {
                oid: ID_SHA_256,
                parameters: Some(Any::new(Tag::Null, Vec::new()).ok()?),
            },
            hashed_message: OctetString::new(Digest::of(message).as_bytes().as_slice()).ok()?,
        },
        req_policy: None,
        nonce: Some(Int::new(&nonce).ok()?),
        cert_req: true,
        extensions: None,
    };
    request.to_der().ok()
}
