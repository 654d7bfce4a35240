use super::*;
use alloc::string::ToString;
use proptest::prelude::*;

/// The example of C2SP signed-note v1.0.0, "Verifier keys" and "Example".
const C2SP: (&str, &str) = (
    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
    "This is an example message.\n\n\u{2014} example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n",
);

/// The example of golang.org/x/mod/sumdb/note.
const GO: (&str, &str) = (
    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n",
);

fn signer(seed: u8) -> NoteSigner {
    NoteSigner::from_seed("log.example/shop".parse().unwrap(), &[seed; 32])
}

#[test]
fn the_notes_of_others_verify() {
    for (key, note) in [C2SP, GO] {
        let key: NoteKey = key.parse().unwrap();
        let read = Note::parse(note).unwrap();
        let expected = Signed {
            key: &key,
            at: None,
        };
        assert_eq!(
            read.verify(core::slice::from_ref(&key)),
            Ok(alloc::vec![expected])
        );
        assert_eq!(read.to_string(), note);
        let other = note.replacen("is", "iz", 1);
        let error = Note::parse(&other)
            .unwrap()
            .verify(core::slice::from_ref(&key))
            .unwrap_err();
        assert_eq!(error, NoteError::Wrong(key.name().clone()));
    }
}

#[test]
fn a_verifier_key_has_one_spelling_and_finds_mistypings() {
    for text in [C2SP.0, GO.0] {
        assert_eq!(text.parse::<NoteKey>().unwrap().to_string(), text);
        for place in 0..text.len() {
            let mut broken = text.as_bytes().to_vec();
            broken[place] = if broken[place] == b'b' { b'c' } else { b'b' };
            let broken = String::from_utf8(broken).unwrap();
            assert!(broken.parse::<NoteKey>().is_err(), "{broken}");
            assert!(text[..place].parse::<NoteKey>().is_err());
        }
    }
    let of_witness =
        crate::cosignature::Cosigner::from_seed("w.example".parse().unwrap(), &[1; 32]);
    let text = of_witness.key().to_string();
    assert_eq!(text.parse(), Ok(of_witness.key().clone()));
    // Type 2, ECDSA.
    assert_eq!(
        "a+00000000+AgAA".parse::<NoteKey>(),
        Err(NoteKeyError::Algorithm(2))
    );
    for bad in ["", " ", "a b", "a+b", "a\u{a0}b", "a\n"] {
        assert_eq!(bad.parse::<KeyName>(), Err(KeyNameError), "{bad:?}");
    }
}

#[test]
fn strangers_are_passed_over_and_one_wrong_signature_of_a_known_key_spoils_all() {
    let (ours, other) = (signer(1), signer(2));
    let mut note = Note::new("One.\n\nTwo.\n").unwrap();
    note.sign(&other);
    note.sign(&ours);
    let keys = [ours.key().clone()];
    let note = Note::parse(&note.to_string()).unwrap();
    assert_eq!(note.text(), "One.\n\nTwo.\n");
    assert_eq!(note.verify(&keys).unwrap().len(), 1);
    assert_eq!(note.verify(&[]), Err(NoteError::NoKnownKey));

    let mut spoilt = note.clone();
    spoilt.add(NoteSignature::new(ours.key(), &[7; 64]));
    assert_eq!(
        spoilt.verify(&keys),
        Err(NoteError::Wrong(ours.key().name().clone()))
    );
    // A signature of another length, by the same name and id.
    let mut short = note.clone();
    short.add(NoteSignature::new(ours.key(), &[7; 10]));
    assert!(short.verify(&keys).is_err());
}

#[test]
fn what_is_no_note_is_refused_by_name() {
    let good = C2SP.1;
    let line = good.split_once("\n\n").unwrap().1;
    for (bad, error) in [
        ("", NoteError::NoSignatures),
        ("One.\n", NoteError::NoSignatures),
        ("One.\n\n", NoteError::NoSignatures),
        (good.trim_end(), NoteError::NoSignatures),
        ("One.\tTwo.\n\n", NoteError::Control),
        (&alloc::format!("{good}nonsense\n"), NoteError::Signature(2)),
        (&good.replace('\u{2014}', "-"), NoteError::Signature(1)),
        (&good.replace("Uw2Q", "Uw2!"), NoteError::Signature(1)),
        (
            &good.replace("example.com/foo ", "example.com+foo "),
            NoteError::Signature(1),
        ),
        ("One.\n\n\u{2014} a AAAAAA==\n", NoteError::Signature(1)),
        (
            &alloc::format!("One.\n\n{}", line.repeat(101)),
            NoteError::TooManySignatures,
        ),
        (&"a".repeat(Note::MAX_LEN + 1), NoteError::TooLong),
    ] {
        assert_eq!(Note::parse(bad), Err(error), "{bad:.60?}");
    }
    assert_eq!(Note::new("no end"), Err(NoteError::Text));
    assert_eq!(Note::new(""), Err(NoteError::Text));
}

proptest! {
    #[test]
    fn what_is_signed_is_read_back_and_verified(text in "([^\\p{Cc}]{0,20}\n){1,5}", seeds in prop::collection::vec(0u8..4, 1..4)) {
        let mut note = Note::new(&text).unwrap();
        for seed in &seeds {
            note.sign(&signer(*seed));
        }
        let read = Note::parse(&note.to_string()).unwrap();
        prop_assert_eq!(&read, &note);
        let keys: Vec<_> = (0..4).map(|seed| signer(seed).key().clone()).collect();
        prop_assert_eq!(read.verify(&keys).unwrap().len(), seeds.len());
    }

    #[test]
    fn whatever_is_read_is_written_back(text in "(\\PC{0,12}\n){0,3}\n(\u{2014} [a-z ]{0,4} [A-Za-z0-9+/]{0,12}={0,2}\n){0,2}") {
        if let Ok(note) = Note::parse(&text) {
            prop_assert_eq!(note.to_string(), text);
        }
    }

    #[test]
    fn one_flipped_bit_is_found(place in 0usize..1000, bit in 0u8..8) {
        let mut note = Note::new("log.example/shop\n3\nroot\n").unwrap();
        note.sign(&signer(1));
        let mut bytes = note.to_string().into_bytes();
        let place = place % bytes.len();
        bytes[place] ^= 1 << bit;
        let verdict = String::from_utf8(bytes).ok().and_then(|text| {
            Note::parse(&text).ok()?.verify(&[signer(1).key().clone()]).ok().map(|all| all.len())
        });
        prop_assert_eq!(verdict, None);
    }
}
