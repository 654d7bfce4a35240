//! Where a command finds the receipts.

use anyhow::{Context as _, Result};
use consent_server::data::DataFolder;
use consent_server::store::StoreAddress;
use std::convert::Infallible;
use std::str::FromStr;

/// What all commands ask for that open the receipts.
#[derive(Debug, clap::Args)]
#[allow(
    clippy::doc_markdown,
    reason = "the help of a command shows it as it is"
)]
pub(super) struct StoreArgs {
    /// The PostgreSQL database that the receipts are in, like <postgres://consent@db.example/consent>; if left out, they are in
    /// the data folder. Better in the environment if it has a password: everybody on a machine can read command lines.
    #[arg(
        long = "store",
        id = "store",
        value_name = "URL",
        env = "CONSENT_DATABASE_URL",
        hide_env_values = true,
        hide_default_value = true
    )]
    url: Option<Url>,
}

/// The address of a database as it was given. It is read where it is used: the command line would print what it cannot read, the password too.
#[derive(Clone)]
pub(super) struct Url(String);

impl Url {
    /// The address. `option`: what it was given for.
    pub(super) fn address(&self, option: &'static str) -> Result<StoreAddress> {
        let address = self.0.parse();
        address.with_context(|| format!("{option} (CONSENT_DATABASE_URL)"))
    }
}

impl StoreArgs {
    /// Where the receipts of the server with this data folder are.
    pub(super) fn of(&self, data: &DataFolder) -> Result<StoreAddress> {
        if let Some(url) = &self.url {
            return url.address("--store");
        }
        let address = StoreAddress::of(data);
        address.check_here()?;
        Ok(address)
    }
}

/// How a value of `--store` is shown.
pub(super) fn shown(url: &str) -> String {
    let address = url.parse::<StoreAddress>();
    address.map_or_else(|error| error.to_string(), |address| address.to_string())
}

impl FromStr for Url {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

impl std::fmt::Debug for Url {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&shown(&self.0))
    }
}
