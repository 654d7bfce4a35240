use super::*;
use crate::checkpoint::Checkpoint;
use crate::note::NoteSigner;
use alloc::string::{String, ToString as _};
use proptest::prelude::*;

fn checkpoint(size: u64) -> SignedCheckpoint {
    let log = NoteSigner::from_seed("log.example/shop".parse().unwrap(), &[1; 32]);
    let checkpoint = Checkpoint::new("log.example/shop", size, Digest::of(b"root")).unwrap();
    checkpoint.sign(&log).unwrap()
}

/// The lines above the checkpoint are those of the example of C2SP tlog-proof v1, which elides its signatures.
#[test]
fn the_example_of_the_standard_is_read_and_written_back() {
    let text = alloc::format!(
        "c2sp.org/tlog-proof@v1\nextra YWdlLXYx\nindex 73894\n\
         gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\nB95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=\n\n{}",
        checkpoint(109_482)
    );
    let proof: TlogProof = text.parse().unwrap();
    assert_eq!(proof.extra.as_deref(), Some(&b"age-v1"[..]));
    assert_eq!((proof.index, proof.hashes.len()), (73_894, 2));
    assert_eq!(proof.checkpoint.unverified().size(), 109_482);
    assert_eq!(proof.to_string(), text);
}

#[test]
fn what_is_no_proof_is_refused_by_name() {
    let good = TlogProof {
        extra: Some(alloc::vec![1, 2, 3]),
        index: 5,
        hashes: alloc::vec![Digest::of(b"a"), Digest::of(b"b")],
        checkpoint: checkpoint(9),
    }
    .to_string();
    let hash = hash_to_base64(Digest::of(b"a"));
    for (from, to, error) in [
        ("@v1", "@v2", TlogProofError::Header),
        ("extra AQID", "extra AQ", TlogProofError::Extra),
        ("index 5", "index 05", TlogProofError::Index),
        ("index 5\n", "", TlogProofError::Index),
        (hash.as_str(), "AAAA", TlogProofError::Hash(1)),
        ("\n\nlog.example", "\nlog.example", TlogProofError::Hash(3)),
        (
            "\n9\n",
            "\n09\n",
            TlogProofError::Checkpoint(CheckpointError::Size),
        ),
    ] {
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good, "{from}");
        assert_eq!(bad.parse::<TlogProof>().unwrap_err(), error, "{from}");
    }
    let long = good.replacen(&hash, &[hash.as_str(); 64].join("\n"), 1);
    assert_eq!(
        long.parse::<TlogProof>(),
        Err(TlogProofError::TooManyHashes)
    );
    let cut: String = good.split_inclusive('\n').take(3).collect();
    assert_eq!(cut.parse::<TlogProof>(), Err(TlogProofError::NoCheckpoint));
}

proptest! {
    #[test]
    fn whatever_is_written_is_read_back(
        extra in prop::option::of(prop::collection::vec(any::<u8>(), 0..40)),
        index: u64,
        hashes in prop::collection::vec(any::<[u8; 32]>(), 0..20),
    ) {
        let hashes = hashes.into_iter().map(Digest::from_bytes).collect();
        let proof = TlogProof { extra, index, hashes, checkpoint: checkpoint(9) };
        prop_assert_eq!(proof.to_string().parse(), Ok(proof));
    }
}
