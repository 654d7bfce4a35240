use alloc::format;

use super::EvidenceStep as Step;
use super::*;
use crate::decision::{Act, Decision, Source};
use crate::digest::Digest;
use crate::id::{ConsentId, RecordId};
use crate::key::{Revocation, SigningKey};
use crate::look::Look;
use crate::notice::Notice;
use crate::record::Record;
use crate::time::UnixSeconds;

const ISSUER: &str = "https://consent.example";

pub(crate) struct Case {
    pub(crate) site: Site,
    pub(crate) keys: KeySet,
    receipt: String,
    notice: String,
    scope: String,
}

impl Case {
    fn new(act: Act) -> Self {
        let text = include_str!("../../tests/golden/site.toml");
        let site = Site::parse("site.toml", text).unwrap_or_else(|wrong| panic!("{wrong:?}"));
        let language = site.languages[0].clone();
        let styles = [("first".into(), "p{color:red}".into())].into();
        let look = Look::new(&site.appearance, &styles);
        let notice = Notice::new(&site, &language, &look, Digest::of(b"bundle"));
        let now = UnixSeconds::from_rfc3339("2026-11-22T03:08:11Z").unwrap();
        let record = Record {
            id: RecordId::v7(1_795_316_891_000, [1; 10]),
            site: site.id.clone(),
            subject: ConsentId::from_random([2; 16]),
            decision: Decision {
                act,
                source: Source::Banner,
                choices: site
                    .scope()
                    .categories
                    .into_keys()
                    .map(|id| (id, act == Act::AcceptAll))
                    .collect(),
                services: [].into_iter().collect(),
            },
            decided_at: now,
            expires_at: now.plus_months(site.valid),
            scope: site.scope().digest(),
            notice: notice.digest,
            language,
            previous: None,
            gpc: false,
        };
        Self {
            receipt: Signer::new(SigningKey::from_seed(&[7; 32]), ISSUER).sign(&record, now),
            keys: [7, 8, 9]
                .map(|seed| SigningKey::from_seed(&[seed; 32]).public_key())
                .into_iter()
                .collect(),
            notice: notice.value.to_json(),
            scope: site.scope().to_value().to_json(),
            site,
        }
    }

    fn material(&self) -> Material<'_> {
        Material {
            receipt: &self.receipt,
            notice: self.notice.as_bytes(),
            scope: self.scope.as_bytes(),
            keys: &self.keys,
            site: Some(&self.site),
            log: None,
        }
    }

    fn zip(&self) -> Vec<u8> {
        assemble(&self.material(), &seal(8)).unwrap()
    }

    /// An evidence file with other contents, sealed all the same.
    fn changed(&self, change: impl FnOnce(&mut Archive)) -> Vec<u8> {
        let mut archive = Archive::from_zip(&self.zip()).unwrap();
        change(&mut archive);
        let sums = sums::write(
            "01a20139-bd78-7101-8101-010101010101".parse().unwrap(),
            &archive,
        );
        archive.insert(names::SEAL, seal(8).sign_bytes(sums.as_bytes()).to_vec());
        archive.insert(names::SUMS, sums.into_bytes());
        archive.to_zip()
    }
}

fn seal(seed: u8) -> Signer {
    Signer::new(SigningKey::from_seed(&[seed; 32]), ISSUER)
}

#[test]
fn an_evidence_file_is_made_verified_and_made_again_byte_for_byte() {
    for act in [Act::AcceptAll, Act::RefuseAll] {
        let case = Case::new(act);
        let zip = case.zip();
        assert_eq!(zip, case.zip());
        let trust = Trust {
            keys: Some(&case.keys),
            site: Some(&case.site.id),
            ..Trust::default()
        };
        let report = verify(&zip, &trust);
        assert_eq!(report.failed(), None);
        let passed = report
            .findings
            .iter()
            .filter(|finding| matches!(finding.outcome, Outcome::Passed(_)));
        assert_eq!(passed.count(), 9);
        // Without keys from elsewhere it says so.
        assert_eq!(report.verdict(), Verdict::Valid);
        let alone = verify(&zip, &Trust::default());
        assert_eq!(alone.verdict(), Verdict::Unproven);
        assert!(matches!(alone.findings[2].outcome, Outcome::NotChecked(_)));
        let archive = Archive::from_zip(&zip).unwrap();
        assert_eq!(archive.get(names::KANTARA).is_some(), act == Act::AcceptAll);
        let page = core::str::from_utf8(archive.get(names::PAGE).unwrap()).unwrap();
        assert!(page.contains("p{color:red}") && page.contains("data-consent-action=\"refuse\""));
    }
}

/// A few hundred bits here; `cargo xtask evidence` takes every one.
#[test]
fn flipped_bits_are_found_and_named() {
    let zip = Case::new(Act::AcceptAll).zip();
    let bits = zip.len() * 8;
    for bit in (0..bits).step_by(bits / 400) {
        let mut flipped = zip.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let report = verify(&flipped, &Trust::default());
        let (step, why) = report
            .failed()
            .unwrap_or_else(|| panic!("bit {bit} of {bits} is not found"));
        assert!(step == Step::Form && !why.is_empty(), "{step}: {why}");
    }
}

#[test]
fn each_lie_fails_at_the_step_that_is_there_for_it() {
    let case = Case::new(Act::AcceptAll);
    let other = Case::new(Act::RefuseAll);
    let replace = |name: &'static str, content: &[u8]| {
        let content = content.to_vec();
        case.changed(move |archive| archive.insert(name, content))
    };
    let strange = SigningKey::from_seed(&[1; 32]).public_key();
    let strangers: KeySet = [strange.clone()].into_iter().collect();
    let mut unsealed = Archive::from_zip(&case.zip()).unwrap();
    unsealed.insert(names::SUMMARY_EN, b"Everything was refused.".to_vec());
    let unlisted = unsealed.to_zip();
    let sums = sums::write(
        "01a20139-bd78-7101-8101-010101010101".parse().unwrap(),
        &unsealed,
    );
    unsealed.insert(names::SUMS, sums.into_bytes());
    let reworded = case
        .notice
        .replacen("\"html\":\"", "\"html\":\"Free money. ", 1);
    assert_ne!(reworded, case.notice);
    for (zip, step, says) in [
        (b"PK".to_vec(), Step::Form, "not a zip"),
        (
            case.changed(|archive| drop(archive.remove(names::PAGE))),
            Step::Form,
            "notice.html is missing",
        ),
        (
            replace("more.txt", b""),
            Step::Form,
            "more.txt does not belong",
        ),
        (unlisted, Step::Digests, "summary.en.html is not the file"),
        (replace(names::JWKS, b"{}"), Step::Keys, "jwks"),
        (
            replace(names::RECEIPT_KEY, strange.to_pem().as_bytes()),
            Step::Keys,
            "receipt.pem",
        ),
        (unsealed.to_zip(), Step::Seal, "signature"),
        (replace(names::RECEIPT, b"a.b.c"), Step::Receipt, "form"),
        (
            replace(names::RECEIPT, other.receipt.as_bytes()),
            Step::Record,
            "not what the receipt says",
        ),
        (
            replace(names::RECORD, b"{}"),
            Step::Record,
            "not what the receipt says",
        ),
        (
            replace(names::NOTICE, reworded.as_bytes()),
            Step::Notice,
            "digest",
        ),
        (
            replace(names::PAGE, b"<p>other"),
            Step::Notice,
            "notice.html",
        ),
        (replace(names::SCOPE, b"{}"), Step::Scope, "digest"),
    ] {
        let report = verify(&zip, &Trust::default());
        let (failed, why) = report.failed().unwrap_or_else(|| panic!("{says}"));
        assert_eq!(failed, step, "{why}");
        assert!(why.contains(says), "{why}");
        assert_eq!(report.findings.len(), Step::ALL.len());
        assert_eq!(report.verdict(), Verdict::NotValid);
    }
    let failed = |trust: Trust<'_>| verify(&case.zip(), &trust).failed().map(|(step, _)| step);
    assert_eq!(
        failed(Trust {
            keys: Some(&strangers),
            ..Trust::default()
        }),
        Some(Step::Seal)
    );
    let at = |text| Trust {
        at: UnixSeconds::from_rfc3339(text).ok(),
        ..Trust::default()
    };
    assert_eq!(failed(at("2026-11-22T03:08:10Z")), Some(Step::Time));
    assert_eq!(failed(at("2026-12-24")), None);
    assert_eq!(failed(at("2028-01-01")), Some(Step::Time));
    let elsewhere = "elsewhere".parse().unwrap();
    assert_eq!(
        failed(Trust {
            site: Some(&elsewhere),
            ..Trust::default()
        }),
        Some(Step::Record)
    );
}

fn moment(seconds: i64) -> UnixSeconds {
    UnixSeconds::new(seconds).unwrap()
}

fn id(seed: u8) -> crate::key::KeyId {
    SigningKey::from_seed(&[seed; 32]).id()
}

/// When the receipt of every case is signed.
const SIGNED: i64 = 1_795_316_891;

#[test]
fn the_ends_of_keys_bind_evidence_whoever_says_them() {
    let case = Case::new(Act::AcceptAll);
    let with = |change: &dyn Fn(&mut KeySet)| {
        let mut keys = case.keys.clone();
        change(&mut keys);
        keys
    };
    let failed = |zip: &[u8], keys: Option<&KeySet>| {
        let report = verify(
            zip,
            &Trust {
                keys,
                ..Trust::default()
            },
        );
        report.failed().map(|(step, _)| step)
    };
    let revoked = |seed, since| {
        with(&|keys| {
            keys.revoke(
                id(seed),
                Revocation {
                    since: moment(since),
                    reason: None,
                },
            );
        })
    };
    let retired = |seed, at| with(&|keys| keys.retire(id(seed), moment(at)));
    let before = case.zip();
    for (keys, step) in [
        (retired(7, SIGNED + 1), None),
        (retired(7, SIGNED), Some(Step::Receipt)),
        // A seal has no date, and a key that was only retired was nobody else's.
        (retired(8, 1), None),
        (revoked(7, SIGNED + 1), None),
        (revoked(7, SIGNED), Some(Step::Receipt)),
        (revoked(7, 0), Some(Step::Receipt)),
        (revoked(8, SIGNED + 1_000_000), Some(Step::Seal)),
        (revoked(9, 0), None),
    ] {
        assert_eq!(failed(&before, Some(&keys)), step, "{keys:?}");
    }
    // Made after the retirement, it says so itself.
    let after = |at| {
        let keys = retired(7, at);
        let material = Material {
            keys: &keys,
            ..case.material()
        };
        assemble(&material, &seal(8))
    };
    assert!(matches!(after(SIGNED), Err(EvidenceError::Receipt(_))));
    let zip = after(SIGNED + 10).unwrap();
    assert_eq!(failed(&zip, Some(&retired(7, SIGNED + 10))), None);
    // The keys that were given are older than the file.
    assert_eq!(failed(&zip, Some(&case.keys)), None);
    for forged in [SIGNED + 9, SIGNED + 11] {
        assert_eq!(failed(&zip, Some(&retired(7, forged))), Some(Step::Keys));
    }
    // Whoever has the old key and seals with it cannot give it more time than the published keys do.
    let jwks = |keys: &KeySet| keys.only(&[id(7), id(8)]).to_jwks().into_bytes();
    let longer = case.changed(|archive| archive.insert(names::JWKS, jwks(&retired(7, SIGNED + 1))));
    assert_eq!(failed(&longer, None), None);
    assert_eq!(failed(&longer, Some(&retired(7, SIGNED))), Some(Step::Keys));
    let ended = case.changed(|archive| archive.insert(names::JWKS, jwks(&retired(7, SIGNED))));
    assert_eq!(failed(&ended, None), Some(Step::Receipt));
    assert_eq!(failed(&ended, Some(&case.keys)), Some(Step::Receipt));
}

#[test]
fn what_does_not_belong_together_makes_no_evidence() {
    let case = Case::new(Act::AcceptAll);
    let wrong = |material: Material<'_>| assemble(&material, &seal(8)).unwrap_err();
    let good = case.material();
    assert!(matches!(
        wrong(Material {
            notice: b"{}",
            ..good
        }),
        EvidenceError::Artefact(_)
    ));
    assert!(matches!(
        wrong(Material {
            scope: b"{}",
            ..good
        }),
        EvidenceError::Artefact(_)
    ));
    assert!(matches!(
        wrong(Material {
            receipt: "a.b.c",
            ..good
        }),
        EvidenceError::Receipt(_)
    ));
    assert_eq!(assemble(&good, &seal(1)), Err(EvidenceError::SealKey));
}

/// Sealed by the server's own key, and its receipt names it: what a notice does to the reader's browser is still no choice
/// of its author.
#[test]
fn no_notice_gets_out_of_its_place_on_the_page() {
    let case = Case::new(Act::AcceptAll);
    let refused = |from: &str, to: &str| {
        let notice = case.notice.replacen(from, to, 1);
        assert_ne!(notice, case.notice, "{to}");
        let mut record = UnverifiedReceipt::parse(&case.receipt)
            .unwrap()
            .record()
            .clone();
        record.notice = Digest::of(notice.as_bytes());
        let signer = Signer::new(SigningKey::from_seed(&[7; 32]), ISSUER);
        let receipt = signer.sign(&record, record.decided_at);
        let material = Material {
            receipt: &receipt,
            notice: notice.as_bytes(),
            ..case.material()
        };
        match assemble(&material, &seal(8)) {
            Err(EvidenceError::Artefact(why)) => why,
            other => panic!("{to}: {:?}", other.map(|zip| zip.len())),
        }
    };
    let gone = "<meta http-equiv=refresh content=0;url=https://elsewhere.example/>";
    let bundle = format!("\"bundle\":\"{}", Digest::of(b"bundle"));
    for to in [&*format!("\"bundle\":\"-->{gone}"), "\"bundle\":\""] {
        assert!(refused(&bundle, to).contains("not a digest"));
    }
    for html in [
        gone,
        "</div></template><META http-equiv=refresh>",
        "<link rel=preconnect href=https://elsewhere.example/>",
        "<base href=https://elsewhere.example/>",
        "<!--",
        "<p/><script>",
        "<p",
        "<",
    ] {
        let why = refused("\"html\":\"", &format!("\"html\":\"{html}"));
        assert!(why.contains("no notice holds"), "{html}: {why}");
    }
    let why = refused("\"style\":\"", &format!("\"style\":\"</STYLE>{gone}"));
    assert!(why.contains("no style"), "{why}");
    assert!(refused("<summary>", "<summary onclick>x</summary><svg>").contains("<svg>"));
}

fn summaries(zip: &[u8]) -> [String; 2] {
    let archive = Archive::from_zip(zip).unwrap();
    [names::SUMMARY_EN, names::SUMMARY_FR]
        .map(|name| String::from_utf8(archive.get(name).unwrap().to_vec()).unwrap())
}

#[test]
fn the_summary_tells_moments_in_words_and_who_provides_the_services() {
    let case = Case::new(Act::AcceptAll);
    let scope = case.site.scope();
    let moments = [
        "22\u{a0}November 2026 at 03:08:11 UTC",
        "22\u{a0}novembre 2026 à 03\u{a0}h\u{a0}08\u{a0}min\u{a0}11\u{a0}s UTC",
    ];
    for (page, moment) in summaries(&case.zip()).iter().zip(moments) {
        let exact = "2026-11-22T03:08:11Z";
        let time = format!("<time datetime=\"{exact}\" title=\"{exact}\">{moment}</time>");
        // In the sentence, when it was decided, and when it was signed.
        assert_eq!(page.matches(&time).count(), 3, "{page}");
        assert_eq!(page.matches(exact).count(), 6);
        assert_eq!(page.matches("<main>").count(), 1);
        for (service, provider) in scope.categories.values().flatten() {
            assert!(page.contains(&format!("({provider})</li>")), "{service}");
        }
    }
}

mod log;
