//! `consent build`
#![allow(
    clippy::disallowed_methods,
    reason = "what is published is everybody's, and the same command makes it anew"
)]

use super::parts::bundle;
use super::{Answer, say};
use anyhow::{Context as _, Result};
use consent_core::check::{Severity, check};
use consent_core::publication::{Publication, folder_name};
use consent_core::site::Declaration;
use consent_server::bundle::Bundle;
use consent_server::clock::Clock;
use consent_server::declarations::read_files;
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The site's declaration.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The folder to write, to be put on the site's own host. What earlier builds wrote stays, for pages that are open.
    #[arg(long, value_name = "DIR", default_value = "consent")]
    out: PathBuf,
    /// Another build of the browser's half than the one inside this program.
    #[arg(long, value_name = "DIR", env = "CONSENT_BUNDLE_DIR", hide = true)]
    bundle: Option<PathBuf>,
}

pub(super) fn run(args: &Args) -> Result<Answer> {
    let declared = read_files(std::slice::from_ref(&args.file))?.pop();
    let site = match declared.context("no declaration")?.read {
        Ok(declaration) if !is_lawful(&declaration, &args.file) => return Ok(Answer::No),
        Ok(declaration) => declaration.site,
        Err(wrong) => {
            for diagnostic in wrong {
                eprintln!("{diagnostic}");
            }
            return Ok(Answer::No);
        }
    };
    let bundle = bundle(args.bundle.as_ref())?.map_or_else(Bundle::embedded, Ok)?;
    let publication = Publication::new(site, &bundle.for_publication());
    let folder = args.out.join(folder_name(&publication.digest));
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;

    for (name, bytes) in bundle.loaded() {
        write(&folder, name, bytes)?;
    }
    for (name, html) in publication.notice_files() {
        write(&folder, &name, html)?;
    }
    // What the digests in records are the digests of: to be kept for as long as anybody may ask.
    write(
        &folder,
        "scope.json",
        publication.scope.to_value().to_json(),
    )?;
    for (language, notice) in &publication.notices {
        let name = format!("notice.{language}.json");
        write(&folder, &name, notice.value.to_json())?;
    }
    write(&folder, "bundle.json", &bundle.list)?;
    for language in publication.notices.keys() {
        let name = format!("declaration.{language}.html");
        write(&args.out, &name, publication.declaration(language))?;
    }
    // Last: from here on, pages ask for the others.
    let gate = publication.static_gate(&bundle.for_publication());
    let script = write(&args.out, "consent.js", gate)?;
    say(script.display())?;
    eprintln!(
        "Put {0} on the site's own host, and this first into each page's head:\n    <script src=\"/{0}/consent.js\"></script>",
        args.out.file_name().unwrap_or_default().to_string_lossy()
    );
    Ok(Answer::Yes)
}

/// Whether `consent check` finds no error; tells what it finds, as a server does.
fn is_lawful(declaration: &Declaration, file: &Path) -> bool {
    let findings = check(declaration, Clock::system().now());
    let of = |severity| {
        let found = findings.iter();
        found.filter(move |found| found.rule.severity == severity)
    };
    for error in of(Severity::Error) {
        eprintln!("{error}");
    }
    let warnings = of(Severity::Warning).count();
    if warnings > 0 {
        let file = file.display();
        eprintln!("Warnings: {warnings}; see them with `consent check {file}`");
    }
    of(Severity::Error).next().is_none()
}

fn write(folder: &Path, name: &str, content: impl AsRef<[u8]>) -> Result<PathBuf> {
    let path = folder.join(name);
    fs::write(&path, content).with_context(|| format!("{} was not written", path.display()))?;
    Ok(path)
}
