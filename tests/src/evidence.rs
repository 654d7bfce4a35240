//! Random evidence files, and ways to tamper with them. The same number makes the same file.

mod odd;
mod random;
mod tampering;

pub use odd::odd_files;
pub use random::Random;
pub use tampering::{Tampering, tamper};

use std::collections::BTreeMap;

use consent_core::checkpoint::Checkpoint;
use consent_core::cosignature::Cosigner;
use consent_core::decision::{Act, Choices, Decision, Source};
use consent_core::digest::Digest;
use consent_core::evidence::{Logged, Material, assemble};
use consent_core::id::{ConsentId, RecordId};
use consent_core::key::{KeySet, SigningKey};
use consent_core::merkle::{self, Node};
use consent_core::note::{NoteKey, NoteSigner};
use consent_core::notice::Notice;
use consent_core::publication::{Bundle, Publication};
use consent_core::receipt::Signer;
use consent_core::record::Record;
use consent_core::site::Site;
use consent_core::time::UnixSeconds;
use consent_core::tlog_proof::TlogProof;

const STYLES: &str = include_str!("../../consent-wasm/dist/styles.json");
const ISSUER: &str = "https://consent.example";
const ORIGIN: &str = "consent.example/log";

/// The keys of the server: one signs receipts, another, which came after it, seals.
pub(crate) const RECEIPT_SEED: [u8; 32] = [7; 32];
pub(crate) const SEAL_SEED: [u8; 32] = [8; 32];

/// The five sites, published.
#[derive(Debug)]
pub struct Sites(Vec<(Site, Vec<Notice>)>);

impl Sites {
    /// Reads and renders them.
    ///
    /// # Panics
    /// When one of the examples is broken.
    #[must_use]
    pub fn published() -> Self {
        let texts = [
            include_str!("../../examples/sites/lacassagne.toml"),
            include_str!("../../examples/sites/cryostem.toml"),
            include_str!("../../examples/sites/mast.toml"),
            include_str!("../../examples/sites/carians.toml"),
            include_str!("../../examples/sites/cime.toml"),
        ];
        let styles: BTreeMap<String, String> = serde_json::from_str(STYLES).unwrap_or_default();
        let publish = |text| {
            let site = Site::parse("site.toml", text).unwrap_or_else(|wrong| panic!("{wrong:?}"));
            let bundle = Bundle {
                gate: "__MANIFEST__ __PARTS__",
                parts: &BTreeMap::new(),
                styles: &styles,
                digest: Digest::of(b"the program"),
            };
            let published = Publication::new(site.clone(), &bundle);
            let notice = |language| published.notices[language].clone();
            let notices = site.languages.iter().map(notice).collect();
            (site, notices)
        };
        Self(texts.map(publish).into())
    }
}

/// The server's public keys.
#[must_use]
pub fn server_keys() -> KeySet {
    let keys = [RECEIPT_SEED, SEAL_SEED].map(|seed| SigningKey::from_seed(&seed).public_key());
    keys.into_iter().collect()
}

/// The log's key.
#[must_use]
pub fn log_key() -> NoteKey {
    log().key().clone()
}

fn log() -> NoteSigner {
    NoteSigner::from_seed(name(ORIGIN), &[5; 32])
}

fn name(text: &str) -> consent_core::note::KeyName {
    text.parse().unwrap_or_else(|_| unreachable!("a good name"))
}

/// Makes an evidence file: of any site, language, act and choice, in a log of any size or in none.
///
/// # Panics
/// When the library refuses what it must take.
#[must_use]
pub fn make(sites: &Sites, random: &mut Random) -> Vec<u8> {
    let (site, notices) = &sites.0[random.below(sites.0.len())];
    let notice = &notices[random.below(notices.len())];
    let record = record(site, notice, random);
    let receipt = Signer::new(SigningKey::from_seed(&RECEIPT_SEED), ISSUER)
        .sign(&record, after(record.decided_at, random.below(100)));
    let keys = server_keys();
    let proof = (random.below(4) > 0).then(|| proof(&receipt, random));
    let key = log_key();
    let logged = proof.as_ref().map(|(proof, witnesses)| Logged {
        proof,
        log: &key,
        witnesses,
        timestamp: None,
    });
    let notice_json = notice.value.to_json();
    let scope_json = site.scope().to_value().to_json();
    let material = Material {
        receipt: &receipt,
        notice: notice_json.as_bytes(),
        scope: scope_json.as_bytes(),
        keys: &keys,
        site: (random.below(2) == 0).then_some(site),
        log: logged,
    };
    let seal = Signer::new(SigningKey::from_seed(&SEAL_SEED), ISSUER);
    assemble(&material, &seal).expect("good material")
}

fn record(site: &Site, notice: &Notice, random: &mut Random) -> Record {
    let scope = site.scope();
    let act = Act::ALL[random.below(Act::ALL.len())];
    let mut choices = Choices::default();
    let mut services = Choices::default();
    for (category, providers) in &scope.categories {
        let granted = match act {
            Act::AcceptAll => true,
            Act::Custom => random.below(2) == 0,
            _ => false,
        };
        choices.insert(category.clone(), granted);
        for service in providers.keys() {
            if act == Act::Custom && random.below(4) == 0 {
                services.insert(service.clone(), !granted);
            }
        }
    }
    let decided_at = after(
        UnixSeconds::EPOCH,
        1_700_000_000 + random.below(100_000_000),
    );
    let mut id = |place: u64| RecordId::v7(1_795_316_891_000 + place, random.bytes());
    Record {
        id: id(0),
        previous: (act == Act::Signal || act == Act::Withdraw).then(|| id(1)),
        site: site.id.clone(),
        subject: ConsentId::from_random(random.bytes()),
        decision: Decision {
            act,
            source: Source::ALL[random.below(Source::ALL.len())],
            choices,
            services,
        },
        decided_at,
        expires_at: decided_at.plus_months(site.valid),
        scope: scope.digest(),
        notice: notice.digest,
        language: notice.language.clone(),
        gpc: random.below(5) == 0,
    }
}

fn proof(receipt: &str, random: &mut Random) -> (TlogProof, Vec<NoteKey>) {
    let size = 1 + random.below(600);
    let index = random.below(size);
    let salt: [u8; 32] = random.bytes();
    let mut leaves: Vec<Digest> = (0..size)
        .map(|_| Digest::from_bytes(random.bytes()))
        .collect();
    leaves[index] = merkle::leaf_hash(merkle::receipt_entry(&salt, receipt).as_bytes());
    let node = |node: Node| -> Result<Digest, std::convert::Infallible> {
        let [first, end] =
            [node.first(), node.end()].map(|place| usize::try_from(place).unwrap_or(usize::MAX));
        Ok(merkle::root_of(&leaves[first..end]))
    };
    let hashes = merkle::inclusion_proof(index as u64, size as u64, node);
    let checkpoint = Checkpoint::new(ORIGIN, size as u64, merkle::root_of(&leaves));
    let mut checkpoint = checkpoint
        .and_then(|checkpoint| checkpoint.sign(&log()))
        .expect("a good checkpoint");
    let mut witnesses = Vec::new();
    for number in 0..random.below(3) {
        let witness =
            Cosigner::from_seed(name(&format!("witness.example/{number}")), &random.bytes());
        let at = after(UnixSeconds::EPOCH, 1_900_000_000 + random.below(1000));
        checkpoint.add(witness.cosign(checkpoint.note(), at));
        // Of some, the verifier has no key.
        if random.below(4) > 0 {
            witnesses.push(witness.key().clone());
        }
    }
    let proof = TlogProof {
        extra: Some(salt.into()),
        index: index as u64,
        hashes: hashes.expect("in the tree"),
        checkpoint,
    };
    (proof, witnesses)
}

fn after(moment: UnixSeconds, seconds: usize) -> UnixSeconds {
    let seconds = i64::try_from(seconds).unwrap_or(0);
    UnixSeconds::new(moment.get() + seconds).unwrap_or(moment)
}
