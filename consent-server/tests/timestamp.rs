//! Timestamps of an authority that is made with `openssl` on the spot.

use crate::support;
use consent_server::outgoing::Client;
use consent_server::timestamp::{
    Authorities, StampError, Timestamp, TimestampError, stamp, verify,
};
use support::authority::{Authority, openssl};

const MESSAGE: &[u8] = b"consent.example/log\n9\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

fn ask(url: &str, trusted: &Authorities) -> Result<(Vec<u8>, Timestamp), StampError> {
    let address = url.parse().unwrap();
    let client = Client::to([&address]).unwrap();
    stamp(&client, &address, MESSAGE, trusted)
}

#[test]
fn an_authoritys_answer_is_had_and_checked_and_openssl_agrees() {
    let authority = Authority::rsa();
    let (trusted, root) = (
        authority.trusted(),
        std::fs::read(authority.path("root.pem")).unwrap(),
    );
    let before = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let (answer, timestamp) = ask(&authority.serve(), &trusted).unwrap();
    assert_eq!(timestamp.authority, "CN=Clock");
    assert!(timestamp.at.get().unsigned_abs().abs_diff(before) < 30);
    assert_eq!(verify(&answer, MESSAGE, &trusted), Ok(timestamp));
    assert_eq!(
        verify(&answer, b"another", &trusted),
        Err(TimestampError::OtherMessage)
    );

    let folder = tempfile::tempdir().unwrap();
    for (name, content) in [
        ("a.tsr", &answer[..]),
        ("root.pem", &root),
        ("checkpoint.txt", MESSAGE),
    ] {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    openssl(
        folder.path(),
        "ts -verify -data checkpoint.txt -in a.tsr -CAfile root.pem",
    );
}

#[test]
fn no_flipped_bit_of_what_is_signed_passes_and_no_stranger_does() {
    let authority = Authority::new(
        "ec -pkeyopt ec_paramgen_curve:P-256",
        "extendedKeyUsage = critical,timeStamping\n",
    );
    let question = consent_server::timestamp::request(MESSAGE, [7; 8]).unwrap();
    let (answer, trusted) = (authority.answer(&question), authority.trusted());
    let good = verify(&answer, MESSAGE, &trusted).unwrap();
    for bit in 0..answer.len() * 8 {
        let mut flipped = answer.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        // Bits around what is signed, such as certificates that are not needed, may flip: never to another verdict.
        if let Ok(timestamp) = verify(&flipped, MESSAGE, &trusted) {
            assert_eq!(timestamp, good, "bit {bit}");
        }
    }
    let stranger = Authority::new(
        "ec -pkeyopt ec_paramgen_curve:P-384",
        "extendedKeyUsage = critical,timeStamping\n",
    );
    assert!(verify(&stranger.answer(&question), MESSAGE, &stranger.trusted()).is_ok());
    assert_eq!(
        verify(&answer, MESSAGE, &stranger.trusted()),
        Err(TimestampError::Certificate(
            "it comes from none that is trusted"
        ))
    );
    assert!(matches!(
        verify(b"nonsense", MESSAGE, &trusted),
        Err(TimestampError::Form(_))
    ));
    let refused = ask("http://127.0.0.1:1/", &trusted);
    assert!(matches!(refused, Err(StampError::Away(_))));
    assert!(Authorities::from_pem(b"").is_err());
}
