use super::*;
use crate::cosignature::Cosigner;
use crate::time::UnixSeconds;
use proptest::prelude::*;

const ORIGIN: &str = "log.example/shop";

fn log(seed: u8) -> NoteSigner {
    NoteSigner::from_seed(ORIGIN.parse().unwrap(), &[seed; 32])
}

/// The text of the example of C2SP tlog-checkpoint v1.0.0.
#[test]
fn the_example_of_the_standard_is_read_and_written_back() {
    let text =
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    let checkpoint: Checkpoint = text.parse().unwrap();
    assert_eq!(checkpoint.origin(), "example.com/behind-the-sofa");
    assert_eq!(checkpoint.size(), 20_852_163);
    assert_eq!(checkpoint.root().as_bytes()[..3], [0x0A, 0xC5, 0x18]);
    assert_eq!(checkpoint.to_string(), text);
    let extended = alloc::format!("{text}more\n");
    let checkpoint: Checkpoint = extended.parse().unwrap();
    assert_eq!(checkpoint.extensions(), ["more"]);
    assert_eq!(checkpoint.to_string(), extended);
}

/// A checkpoint of a public staging log of certificates, of 23 May 2026, with the published keys of the log and of witnesses.
#[test]
fn the_checkpoint_of_a_public_log_verifies_with_its_witnesses() {
    let note = "arche2025h1.staging.ct.transparency.dev\n1432088532\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n\n\
        \u{2014} arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=\n\
        \u{2014} arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=\n\
        \u{2014} transparency.dev/DEV:witness-little-garden 2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ2rhIgcqoXHAwVkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==\n\
        \u{2014} witness1.smartit.nu/witness1 pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3u5hNI7TOQtmJbqmNWVuE0tgh0XwzdZsDsUAQ==\n\
        \u{2014} remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==\n\
        \u{2014} witness.stagemole.eu Z/euoAAAAABqEiEgw0i+7g2ENfDAWHmtRzCfKTHSDwYDJA2NmKeGi9Y8FtEyOUvVr+AJmIY/2TUFucgKi7lI7cUiOvKFYe/TmN9DAg==\n";
    let log = "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f".parse().unwrap();
    let witnesses = [
        "transparency.dev/DEV:witness-little-garden+d8042a87+BCtusOxINQNUTN5Oj8HObRkh2yHf/MwYaGX4CPdiVEPM",
        "witness1.smartit.nu/witness1+a48c820f+BPSFWg9G6KPiO7QPryYO5Xq4oYJJ+kAvLKLSimDhoxMO",
        "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
        "witness.stagemole.eu+67f7aea0+BEqSG3yu9YrmcM3BHvQYTxwFj3uSWakQepafafpUqklv",
    ]
    .map(|key| key.parse().unwrap());
    let signed = SignedCheckpoint::parse(note).unwrap();
    assert_eq!(signed.to_string(), note);
    let seen = signed.verify(&log, &witnesses).unwrap();
    assert_eq!(seen.checkpoint.size(), 1_432_088_532);
    let moments: Vec<_> = crate::cosignature::moments(&seen.witnesses)
        .into_iter()
        .map(UnixSeconds::get)
        .collect();
    assert_eq!(moments, [1_779_573_024; 4]);
}

#[test]
fn what_is_no_checkpoint_is_refused_by_name() {
    let root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
    for (text, error) in [
        ("", CheckpointError::Lines),
        ("a\n1\n", CheckpointError::Lines),
        (&alloc::format!("a\n1\n{root}"), CheckpointError::Lines),
        (&alloc::format!("\n1\n{root}\n"), CheckpointError::Lines),
        (&alloc::format!("a\n1\n{root}\n\n"), CheckpointError::Lines),
        (&alloc::format!("a\n01\n{root}\n"), CheckpointError::Size),
        (&alloc::format!("a\n+1\n{root}\n"), CheckpointError::Size),
        (
            &alloc::format!("a\n18446744073709551616\n{root}\n"),
            CheckpointError::Size,
        ),
        ("a\n1\nAAAA\n", CheckpointError::Root),
        // The same bytes with other bits behind them.
        (
            &alloc::format!("a\n1\n{}\n", root.replace("2I=", "2J=")),
            CheckpointError::Root,
        ),
    ] {
        assert_eq!(text.parse::<Checkpoint>(), Err(error), "{text:?}");
    }
    let root = Digest::of(b"");
    assert_eq!(Checkpoint::new("", 0, root), Err(CheckpointError::Origin));
    assert_eq!(
        Checkpoint::new("a\nb", 0, root),
        Err(CheckpointError::Origin)
    );
}

#[test]
fn a_checkpoint_is_believed_only_from_its_log() {
    let checkpoint = Checkpoint::new(ORIGIN, 3, Digest::of(b"root")).unwrap();
    let mut signed = checkpoint.sign(&log(1)).unwrap();
    let (witness, stranger) = (
        Cosigner::from_seed("w.example/1".parse().unwrap(), &[9; 32]),
        Cosigner::from_seed("w.example/2".parse().unwrap(), &[8; 32]),
    );
    let at = UnixSeconds::new(1_795_316_891).unwrap();
    signed.add(stranger.cosign(signed.note(), at));
    signed.add(witness.cosign(signed.note(), at));
    let read = SignedCheckpoint::parse(&signed.to_string()).unwrap();
    assert_eq!(read, signed);

    let (key, witnesses) = (log(1).key().clone(), [witness.key().clone()]);
    let seen = read.verify(&key, &witnesses).unwrap();
    assert_eq!(seen.checkpoint, &checkpoint);
    assert_eq!(crate::cosignature::moments(&seen.witnesses), [at]);

    assert_eq!(
        read.verify(log(2).key(), &[]),
        Err(CheckpointError::NotByLog)
    );
    let other = NoteSigner::from_seed("log.example/other".parse().unwrap(), &[1; 32]);
    assert_eq!(
        read.verify(other.key(), &[]),
        Err(CheckpointError::OtherLog(ORIGIN.into()))
    );
    // A cosignature over another checkpoint.
    let mut later = Checkpoint::new(ORIGIN, 4, Digest::of(b"root"))
        .unwrap()
        .sign(&log(1))
        .unwrap();
    later.add(witness.cosign(signed.note(), at));
    assert!(matches!(
        later.verify(&key, &witnesses),
        Err(CheckpointError::Note(NoteError::Wrong(_)))
    ));
}

proptest! {
    #[test]
    fn whatever_is_written_is_read_back(origin in "[^\\p{Cc}]{1,40}", size: u64, root: [u8; 32]) {
        let checkpoint = Checkpoint::new(&origin, size, Digest::from_bytes(root)).unwrap();
        prop_assert_eq!(checkpoint.to_string().parse(), Ok(checkpoint));
    }

    #[test]
    fn a_cosignature_holds_its_time(seconds in 0i64..4_000_000_000, bit in 0usize..(76 * 8)) {
        let witness = Cosigner::from_seed("w.example".parse().unwrap(), &[9; 32]);
        let checkpoint = Checkpoint::new(ORIGIN, 3, Digest::of(b"root")).unwrap();
        let mut note = Note::new(&checkpoint.to_string()).unwrap();
        let at = UnixSeconds::new(seconds).unwrap();
        let line = witness.cosign(&note, at);
        note.add(line.clone());
        let keys = [witness.key().clone()];
        prop_assert_eq!(note.verify(&keys).unwrap()[0].at, Some(at));

        // Any flipped bit of id, time or signature spoils it.
        let line = line.to_string();
        let (start, blob) = line.rsplit_once(' ').unwrap();
        let mut blob = STANDARD.decode(blob).unwrap();
        blob[bit / 8] ^= 1 << (bit % 8);
        let flipped = alloc::format!("{start} {}", STANDARD.encode(blob));
        let mut note = Note::new(note.text()).unwrap();
        note.add(NoteSignature::parse(&flipped).unwrap());
        prop_assert!(note.verify(&keys).is_err());
    }
}
