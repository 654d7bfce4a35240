use super::*;
use crate::checkpoint::{Checkpoint, SignedCheckpoint};
use crate::cosignature::Cosigner;
use crate::merkle;
use crate::note::{NoteKey, NoteSigner};
use crate::tlog_proof::TlogProof;

const ORIGIN: &str = "consent.example/log";

struct Log {
    signer: NoteSigner,
    witness: Cosigner,
    leaves: Vec<Digest>,
}

impl Log {
    /// The receipt is entry 5 of 11.
    fn with(receipt: &str) -> Self {
        let mut leaves: Vec<Digest> = (0..11).map(|n: u8| Digest::of(&[n])).collect();
        leaves[5] = merkle::leaf_hash(merkle::receipt_entry(&[4; 32], receipt).as_bytes());
        Self {
            signer: NoteSigner::from_seed(ORIGIN.parse().unwrap(), &[5; 32]),
            witness: Cosigner::from_seed("witness.example".parse().unwrap(), &[6; 32]),
            leaves,
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "as sources of hashes are")]
    fn node(&self, node: merkle::Node) -> Result<Digest, core::convert::Infallible> {
        let range = usize::try_from(node.first()).unwrap()..usize::try_from(node.end()).unwrap();
        Ok(merkle::root_of(&self.leaves[range]))
    }

    fn checkpoint(&self, size: usize) -> SignedCheckpoint {
        let root = merkle::root_of(&self.leaves[..size]);
        Checkpoint::new(ORIGIN, size as u64, root)
            .unwrap()
            .sign(&self.signer)
            .unwrap()
    }

    fn proof(&self) -> TlogProof {
        let mut checkpoint = self.checkpoint(11);
        let at = UnixSeconds::from_rfc3339("2026-11-22T03:08:13Z").unwrap();
        checkpoint.add(self.witness.cosign(checkpoint.note(), at));
        TlogProof {
            extra: Some([4; 32].into()),
            index: 5,
            hashes: merkle::inclusion_proof(5, 11, |node| self.node(node)).unwrap(),
            checkpoint,
        }
    }
}

fn outcome(report: &Report, step: Step) -> &Outcome {
    &report
        .findings
        .iter()
        .find(|finding| finding.step == step)
        .unwrap()
        .outcome
}

#[test]
fn the_proof_of_the_log_is_carried_and_checked() {
    let case = Case::new(Act::AcceptAll);
    let log = Log::with(&case.receipt);
    let witnesses = [log.witness.key().clone()];
    let proof = log.proof();
    let logged = Logged {
        proof: &proof,
        log: log.signer.key(),
        witnesses: &witnesses,
        timestamp: None,
    };
    let zip = assemble(
        &Material {
            log: Some(logged),
            ..case.material()
        },
        &seal(8),
    )
    .unwrap();
    // A proof by the log's own key alone shows that the file agrees with itself.
    let alone = verify(
        &zip,
        &Trust {
            keys: Some(&case.keys),
            ..Trust::default()
        },
    );
    assert_eq!(alone.verdict(), Verdict::Valid);
    assert!(matches!(
        outcome(&alone, Step::Logged),
        Outcome::NotChecked(why) if why.contains("--log-keys")
    ));
    // Nor does the log's key alone make anything valid: summary and receipt hang on the others.
    let keyless = verify(
        &zip,
        &Trust {
            log: Some(log.signer.key()),
            witnesses: &witnesses,
            ..Trust::default()
        },
    );
    assert_eq!(keyless.verdict(), Verdict::Unproven);
    let (held, same) = (log.checkpoint(7), log.checkpoint(11));
    let consistency = merkle::consistency_proof(7, 11, |node| log.node(node)).unwrap();
    let trust = Trust {
        keys: Some(&case.keys),
        log: Some(log.signer.key()),
        witnesses: &witnesses,
        held: Some(&held),
        consistency: Some(&consistency),
        ..Trust::default()
    };
    let report = verify(&zip, &trust);
    assert_eq!(report.failed(), None);
    for step in Step::ALL {
        assert!(
            matches!(outcome(&report, step), Outcome::Passed(_)),
            "{step}"
        );
    }
    assert_eq!(
        outcome(&report, Step::Witnessed),
        &Outcome::Passed("witness.example at 2026-11-22T03:08:13Z".into())
    );
    let seen = verify(
        &zip,
        &Trust {
            held: Some(&same),
            consistency: None,
            ..trust
        },
    );
    assert_eq!(
        outcome(&seen, Step::Consistent),
        &Outcome::Passed("the same tree".into())
    );
    let unknown = verify(
        &zip,
        &Trust {
            consistency: None,
            ..trust
        },
    );
    assert!(matches!(
        outcome(&unknown, Step::Consistent),
        Outcome::NotChecked(_)
    ));
}

#[test]
fn other_keys_and_another_history_are_told_apart() {
    let case = Case::new(Act::AcceptAll);
    let log = Log::with(&case.receipt);
    let witnesses = [log.witness.key().clone()];
    let proof = log.proof();
    let logged = Logged {
        proof: &proof,
        log: log.signer.key(),
        witnesses: &witnesses,
        timestamp: None,
    };
    let zip = assemble(
        &Material {
            log: Some(logged),
            ..case.material()
        },
        &seal(8),
    )
    .unwrap();
    let consistency = merkle::consistency_proof(7, 11, |node| log.node(node)).unwrap();
    let trust = Trust {
        log: Some(log.signer.key()),
        witnesses: &witnesses,
        ..Trust::default()
    };
    let (stranger, strange) = (
        NoteSigner::from_seed(ORIGIN.parse().unwrap(), &[1; 32]),
        [
            Cosigner::from_seed("witness.example".parse().unwrap(), &[1; 32])
                .key()
                .clone(),
        ],
    );
    let report = verify(
        &zip,
        &Trust {
            log: Some(stranger.key()),
            ..trust
        },
    );
    assert_eq!(report.failed().unwrap().0, Step::Logged);
    let report = verify(
        &zip,
        &Trust {
            witnesses: &strange,
            ..trust
        },
    );
    assert!(matches!(
        outcome(&report, Step::Witnessed),
        Outcome::NotChecked(_)
    ));
    let mut forked = Log::with(&case.receipt);
    forked.leaves[0] = Digest::of(b"another history");
    for (size, consistency) in [(11, None), (7, Some(&consistency[..]))] {
        let held = forked.checkpoint(size);
        let report = verify(
            &zip,
            &Trust {
                held: Some(&held),
                consistency,
                ..trust
            },
        );
        let (step, why) = report.failed().unwrap();
        assert!(
            step == Step::Consistent && why.contains("two trees"),
            "{why}"
        );
    }
}

#[test]
fn what_the_log_does_not_hold_fails_at_the_log() {
    let case = Case::new(Act::AcceptAll);
    let log = Log::with(&case.receipt);
    let (good, key) = (log.proof(), log.signer.key());
    let lie = |change: &dyn Fn(&mut TlogProof)| {
        let mut proof = good.clone();
        change(&mut proof);
        let logged = Logged {
            proof: &proof,
            log: key,
            witnesses: &[],
            timestamp: None,
        };
        let made = assemble(
            &Material {
                log: Some(logged),
                ..case.material()
            },
            &seal(8),
        );
        assert!(matches!(made, Err(EvidenceError::Log(_))));
        let zip = case.changed(|archive| logged.put_into(archive));
        let report = verify(&zip, &Trust::default());
        let (step, why) = report
            .failed()
            .map(|(step, why)| (step, String::from(why)))
            .unwrap();
        assert_eq!(step, Step::Logged, "{why}");
        why
    };
    assert!(lie(&|proof| proof.extra = None).contains("salt"));
    assert!(lie(&|proof| proof.extra = Some([3; 32].into())).contains("root"));
    assert!(lie(&|proof| proof.index = 4).contains("root"));
    assert!(lie(&|proof| proof.hashes.truncate(2)).contains("hash"));
    assert!(lie(&|proof| proof.checkpoint = Log::with("another").checkpoint(11)).contains("root"));
    let part = case.changed(|archive| archive.insert(names::PROOF, good.to_string().into_bytes()));
    assert!(
        verify(&part, &Trust::default())
            .failed()
            .unwrap()
            .1
            .contains("some are missing")
    );
}

#[test]
fn the_summary_names_who_has_seen_the_log() {
    let case = Case::new(Act::AcceptAll);
    let log = Log::with(&case.receipt);
    let (proof, witnesses) = (log.proof(), [log.witness.key().clone()]);
    let made = |witnesses: &[NoteKey], timestamp| {
        let logged = Logged {
            proof: &proof,
            log: log.signer.key(),
            witnesses,
            timestamp,
        };
        let material = Material {
            log: Some(logged),
            ..case.material()
        };
        summaries(&assemble(&material, &seal(8)).unwrap())
    };
    // The moment of an answer comes before those in its certificates.
    let answer = b"\x30\x82\x18\x0f20261122030814Z\x18\x0f20361122030814Z";
    let [english, french] = made(&witnesses, Some(answer));
    assert!(english.contains("witness.example says that it saw this state of the log on 22\u{a0}November 2026 at 03:08:13 UTC"));
    assert!(french.contains(
        "witness.example dit avoir vu cet état du journal le 22\u{a0}novembre 2026 à 03\u{a0}h\u{a0}08\u{a0}min\u{a0}13\u{a0}s UTC"
    ));
    assert!(english.contains("attests, in log/timestamp.tsr, that it saw this state of the log on 22\u{a0}November 2026 at 03:08:14 UTC"));
    assert!(
        french.contains("avoir vu cet état du journal le 22\u{a0}novembre 2026 à 03\u{a0}h\u{a0}08\u{a0}min\u{a0}14\u{a0}s UTC")
    );
    for page in made(&[], Some(b"\x18\x0fno time at all")) {
        assert!(!page.contains("witness.example") && !page.contains("timestamp.tsr"));
    }
}
