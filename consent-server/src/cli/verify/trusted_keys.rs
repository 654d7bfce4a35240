//! The keys that receipts are checked with.

use super::{Args, read_text};
use anyhow::{Context as _, Result, anyhow, bail};
use consent_core::key::KeySet;
use consent_server::data::DataFolder;
use consent_server::keys::Keys;

pub(super) fn keys(args: &Args) -> Result<KeySet> {
    match (&args.keys, &args.data) {
        (Some(file), _) if file.to_string_lossy().contains("://") => bail!(
            "--keys takes a file: fetch it first, as in `curl -o jwks.json {}`, and look where it comes from",
            file.display()
        ),
        (Some(file), _) => {
            KeySet::from_jwks(&read_text(file)?).with_context(|| file.display().to_string())
        }
        (None, Some(data)) => Ok(Keys::read(&DataFolder::at(&**data))?.public()),
        (None, None) => Err(anyhow!(
            "whose keys? Give --keys with the server's keys, as it serves them at /.well-known/jwks.json, or --data"
        )),
    }
}
