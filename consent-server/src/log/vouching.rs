//! Asking others to vouch for the log.

use super::tiles::fetch;
use super::vouched::has_cosigned;
use super::{Log, LogError, Vouched, Voucher};
use crate::outgoing::{Address, Client, RootsError};
use crate::timestamp::{self, Authorities, StampError, stamp};
use crate::witness::{AskError, Endpoint, ask};
use consent_core::checkpoint::SignedCheckpoint;
use consent_core::merkle::{TileReader, consistency_proof};

/// Who is asked.
#[derive(Debug)]
pub struct Vouchers {
    witnesses: Vec<Endpoint>,
    authority: Option<(Address, Authorities)>,
    client: Client,
}

/// Why somebody did not vouch.
#[derive(Debug, thiserror::Error)]
pub enum VouchError {
    /// A witness.
    #[error("{0}: {1}")]
    Witness(String, AskError),
    /// The authority.
    #[error("{0}: {1}")]
    Authority(String, StampError),
    /// What they said could not be kept.
    #[error(transparent)]
    Keep(#[from] LogError),
}

/// What came of asking.
#[derive(Debug, Default)]
pub struct Asked {
    /// Who vouches for the last checkpoint, now or since before, by name.
    pub vouched: Vec<String>,
    /// Who does not.
    pub failed: Vec<VouchError>,
}

impl VouchError {
    /// Whether somebody has seen more of the log, or another one.
    #[must_use]
    pub const fn is_contradiction(&self) -> bool {
        matches!(
            self,
            Self::Witness(_, AskError::SetBack(_) | AskError::Forked(_))
        )
    }
}

impl Vouchers {
    /// `authority`: its address, and the certificates that its answers are checked with. Reads whom the system trusts, if
    /// somebody is asked over https.
    pub fn new(
        witnesses: Vec<Endpoint>,
        authority: Option<(Address, Authorities)>,
    ) -> Result<Self, RootsError> {
        let stamps = authority.iter().map(|(address, _)| address);
        let client = Client::to(witnesses.iter().map(|witness| &witness.url).chain(stamps))?;
        Ok(Self {
            witnesses,
            authority,
            client,
        })
    }

    /// The names of all who are asked.
    pub fn names(&self) -> impl Iterator<Item = String> {
        let witnesses = self.witnesses.iter();
        let witnesses = witnesses.map(|witness| witness.key.name().to_string());
        let authority = self.authority.iter().map(|(url, _)| url.to_string());
        witnesses.chain(authority)
    }

    /// Whether nobody is asked.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.witnesses.is_empty() && self.authority.is_none()
    }
}

impl Log {
    /// What others say of it.
    #[must_use]
    pub const fn vouched(&self) -> &Vouched {
        &self.vouched
    }

    /// Asks those who have not vouched for the last checkpoint yet. Blocks for as long as they take.
    pub fn ask_to_vouch(&self, vouchers: &Vouchers) -> Result<Asked, LogError> {
        let latest = self.latest();
        let size = latest.unverified().size();
        let known = self.vouched.last()?;
        if size == 0 || size < known {
            return Ok(Asked::default());
        }
        let mut voucher = Voucher {
            checkpoint: SignedCheckpoint::clone(&latest),
            timestamp: None,
        };
        if size == known {
            self.go_on_from_kept(&mut voucher, vouchers)?;
        }
        let (mut asked, mut is_new) = (Asked::default(), false);
        for witness in &vouchers.witnesses {
            let name = witness.key.name().to_string();
            if has_cosigned(&voucher.checkpoint, &witness.key) {
                asked.vouched.push(name);
                continue;
            }
            let prove = |old, new| {
                let mut reader = TileReader::new(new, |tile| fetch(&*self.store, tile));
                let proof = consistency_proof(old, new, |node| reader.node(node));
                proof.map_err(|error| error.to_string().into())
            };
            match ask(&vouchers.client, witness, &latest, known, prove) {
                Ok(signature) => {
                    voucher.checkpoint.add(signature);
                    asked.vouched.push(name);
                    is_new = true;
                }
                Err(error) => asked.failed.push(VouchError::Witness(name, error)),
            }
        }
        if let Some((url, trusted)) = &vouchers.authority {
            let text = latest.note().text().as_bytes();
            let kept = voucher.timestamp.as_deref();
            if kept.is_none_or(|kept| timestamp::verify(kept, text, trusted).is_err()) {
                match stamp(&vouchers.client, url, text, trusted) {
                    Ok((answer, _)) => {
                        voucher.timestamp = Some(answer);
                        asked.vouched.push(url.to_string());
                        is_new = true;
                    }
                    Err(error) => {
                        let error = VouchError::Authority(url.to_string(), error);
                        asked.failed.push(error);
                    }
                }
            } else {
                asked.vouched.push(url.to_string());
            }
        }
        if is_new {
            self.vouched.keep(&voucher, &vouchers.witnesses)?;
        }
        Ok(asked)
    }

    /// Takes over what was said of this checkpoint before. What is damaged is asked for anew.
    fn go_on_from_kept(&self, voucher: &mut Voucher, vouchers: &Vouchers) -> Result<(), LogError> {
        let size = voucher.checkpoint.unverified().size();
        let mut keys = self.vouched.witnesses()?;
        keys.extend(vouchers.witnesses.iter().map(|witness| witness.key.clone()));
        match self.vouched.read(size, &self.key, &keys) {
            Ok((kept, _)) if kept.checkpoint.unverified() == voucher.checkpoint.unverified() => {
                *voucher = kept;
                Ok(())
            }
            Ok(_) => Err(self
                .vouched
                .wrong(size, "it is of another tree than the log's")),
            Err(LogError::Vouched { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
