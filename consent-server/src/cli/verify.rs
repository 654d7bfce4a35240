//! `consent verify`

use super::{Answer, export::moment, say};
use anyhow::{Context as _, Result};
use consent_core::id::SiteId;
use consent_core::key::KeySet;
use consent_core::receipt::Expectations;
use consent_core::time::UnixSeconds;
use consent_server::clock::Clock;
use consent_server::keys::Keys;
use consent_server::verdict::verdict;
use std::io::Read as _;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A file with a receipt in it; - reads stdin.
    #[arg(value_name = "FILE|-")]
    file: PathBuf,
    /// The server's public keys, as it serves them at /.well-known/jwks.json.
    #[arg(
        long,
        value_name = "JWKS",
        required_unless_present = "data",
        conflicts_with = "data"
    )]
    keys: Option<PathBuf>,
    /// The server's data folder, instead of --keys.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The moment at which the choice must stand; now if left out.
    #[arg(long, value_name = "DATE", value_parser = moment)]
    at: Option<UnixSeconds>,
    /// The site it must be for.
    #[arg(long)]
    site: Option<SiteId>,
    /// Write the verdict as JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<Answer> {
    let keys = match (&args.keys, &args.data) {
        (Some(file), _) => {
            KeySet::from_jwks(&read(file)?).with_context(|| file.display().to_string())?
        }
        (None, data) => Keys::read(data.as_deref().unwrap_or(Path::new(".")))?.public(),
    };
    let text = read(&args.file)?;
    let at = args.at.unwrap_or_else(|| Clock::system().now());
    let expect = Expectations {
        site: args.site.as_ref(),
        ..Expectations::at(at)
    };
    let verdict = verdict(text.trim(), &keys, &expect);
    if args.json {
        say(serde_json::to_string(&verdict)?)?;
    } else {
        for step in &verdict.steps {
            let reason = step.reason.as_deref().unwrap_or_default();
            say(format!(
                "{:<10} {:<12} {reason}",
                step.step,
                step.result.replace('_', " ")
            )
            .trim_end())?;
        }
        say(if verdict.valid { "valid" } else { "not valid" })?;
    }
    Ok(if verdict.valid {
        Answer::Yes
    } else {
        Answer::No
    })
}

fn read(path: &Path) -> Result<String> {
    let mut text = String::new();
    if path.as_os_str() == "-" {
        std::io::stdin()
            .read_to_string(&mut text)
            .context("stdin")?;
    } else {
        text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    }
    Ok(text)
}
