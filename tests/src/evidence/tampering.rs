//! Ways to tamper with an evidence file, from the careless to those of somebody who has the server's own key.

use super::{Random, SEAL_SEED, odd};
use consent_core::archive::Archive;
use consent_core::digest::Digest;
use consent_core::key::SigningKey;
use ed25519_dalek::Signer as _;
use std::fmt::Write as _;

/// What was done to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tampering {
    /// One bit is flipped.
    Bit,
    /// Bytes are cut off, or added.
    Length,
    /// A file inside has another byte, or its name another file's content; the archive is written anew.
    Inside,
    /// The same, and the list of digests is written anew.
    Listed,
    /// The same, and it is sealed, by another key that the file brings along.
    StrangeKey,
    /// The same, and it is sealed by the server's own key. What the server itself may reword, such as the summary, may then
    /// be other words; all else must still fit together.
    OwnKey,
    /// The server's own keys sign a receipt, and seal a file, that no server of ours makes.
    Odd(&'static str),
}

impl Tampering {
    const ALL: [Self; 7] = [
        Self::Bit,
        Self::Length,
        Self::Inside,
        Self::Listed,
        Self::StrangeKey,
        Self::OwnKey,
        Self::Odd(""),
    ];
}

/// Tampers with a file in a random place; `other` is another evidence file, to take parts from.
///
/// # Panics
/// When `zip` is no evidence file.
#[must_use]
pub fn tamper(zip: &[u8], other: &[u8], random: &mut Random) -> (Tampering, Vec<u8>) {
    loop {
        let tampering = Tampering::ALL[random.below(Tampering::ALL.len())];
        if tampering == Tampering::Odd("") {
            let (what, tampered) = odd::make(zip, random);
            return (Tampering::Odd(what), tampered);
        }
        let tampered = tampered(tampering, zip, other, random);
        if tampered != zip {
            return (tampering, tampered);
        }
    }
}

fn tampered(tampering: Tampering, zip: &[u8], other: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = zip.to_vec();
    match tampering {
        Tampering::Bit => {
            let place = random.below(bytes.len());
            bytes[place] ^= 1 << random.below(8);
            return bytes;
        }
        Tampering::Length => {
            let place = random.below(bytes.len());
            if random.below(2) == 0 {
                bytes.truncate(place);
            } else {
                bytes.insert(place, b'x');
            }
            return bytes;
        }
        _ => {}
    }
    let mut archive = Archive::from_zip(zip).expect("good evidence");
    let other = Archive::from_zip(other).expect("good evidence");
    change(&mut archive, &other, random);
    match tampering {
        Tampering::Listed => list(&mut archive),
        Tampering::StrangeKey => {
            let key = SigningKey::from_seed(&[1; 32]).public_key();
            let set = [key.clone()]
                .into_iter()
                .collect::<consent_core::key::KeySet>();
            let ours = archive.get("keys/jwks.json").unwrap_or_default().to_vec();
            let ours = String::from_utf8_lossy(&ours).into_owned();
            let both = ours.replacen(
                "{\"keys\":[",
                &(set.to_jwks().trim_end_matches("]}").to_owned() + ","),
                1,
            );
            archive.insert("keys/jwks.json", both.into_bytes());
            archive.insert("keys/seal.pem", key.to_pem().into_bytes());
            seal(&mut archive, &[1; 32]);
        }
        Tampering::OwnKey => seal(&mut archive, &SEAL_SEED),
        _ => {}
    }
    archive.to_zip()
}

/// Changes one of the files that must fit the others.
fn change(archive: &mut Archive, other: &Archive, random: &mut Random) {
    let names: Vec<String> = archive
        .iter()
        .map(|(name, _)| name.to_owned())
        .filter(|name| !name.starts_with("SHA256"))
        .collect();
    let name = &names[random.below(names.len())];
    let content = archive.get(name).unwrap_or_default().to_vec();
    match (random.below(8), other.get(name)) {
        (0, Some(content)) => archive.insert(name, content.to_vec()),
        (1, _) => drop(archive.remove(name)),
        _ if content.is_empty() => archive.insert(name, b"x".to_vec()),
        (choice, _) => {
            let mut content = content;
            let place = random.below(content.len());
            match choice {
                2 => drop(content.remove(place)),
                3 => content.insert(place, b"0A+= \n\"{\xC3"[random.below(9)]),
                4 => content.truncate(place),
                _ => content[place] ^= 1 << random.below(8),
            }
            archive.insert(name, content);
        }
    }
}

/// Writes the digests anew, as `docs/evidence.md` says.
fn list(archive: &mut Archive) {
    let before = archive.get("SHA256SUMS").unwrap_or_default();
    let mut sums = String::from_utf8_lossy(before)
        .lines()
        .next()
        .unwrap_or_default()
        .to_owned()
        + "\n";
    for (name, content) in archive
        .iter()
        .filter(|(name, _)| !name.starts_with("SHA256SUMS"))
    {
        for byte in Digest::of(content).as_bytes() {
            let _ = write!(sums, "{byte:02x}");
        }
        let _ = writeln!(sums, "  {name}");
    }
    archive.insert("SHA256SUMS", sums.into_bytes());
}

pub(super) fn seal(archive: &mut Archive, seed: &[u8; 32]) {
    list(archive);
    let signature = ed25519_dalek::SigningKey::from_bytes(seed)
        .sign(archive.get("SHA256SUMS").unwrap_or_default());
    archive.insert("SHA256SUMS.sig", signature.to_bytes().to_vec());
}
