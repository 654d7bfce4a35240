//! `consent import`

mod cookiebot;
mod draft;
mod klaro;
mod orejime;
mod orestbida;
mod script;
mod tarteaucitron;
mod writing;

use super::{Answer, say};
use anyhow::{Context as _, Result, bail};
use consent_server::data::Unfinished;
use consent_server::input;
use draft::Draft;
use std::io::Write as _;
use std::path::PathBuf;

/// Write a declaration from another tool's configuration. Services that the catalogue knows are taken from there.
///
/// A file is read as data, and nothing in it is run: a script, a page with the script in it, JSON, or for Cookiebot the
/// declaration as it stands in a page, or the script cc.js that has it. What does not carry over is listed, with what to do.
/// What the configuration does not say stands as … in the declaration, and `consent check` names it.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The other tool's configuration.
    file: PathBuf,
    /// The declaration to write.
    #[arg(default_value = "site.toml")]
    to: PathBuf,
    /// The tool; if left out, whichever the file is of.
    #[arg(long, value_enum)]
    from: Option<Tool>,
}

/// A tool whose configuration is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Tool {
    /// `CookieConsent` by orestbida, version 3.
    Orestbida,
    /// Klaro.
    Klaro,
    /// Orejime, versions 2 and 3.
    Orejime,
    /// tarteaucitron.
    Tarteaucitron,
    /// Cookiebot.
    Cookiebot,
}

/// No configuration is as long: 4 MiB.
const MAX_LEN: u64 = 4 << 20;

impl Tool {
    /// In the order in which a file is tried: first those that have marks of their own.
    const ALL: [(Self, &str); 5] = [
        (Self::Tarteaucitron, "tarteaucitron"),
        (Self::Orejime, "orejime"),
        (Self::Klaro, "klaro"),
        (Self::Cookiebot, "cookie"),
        (Self::Orestbida, "categories"),
    ];

    fn read(self, text: &str) -> Option<Draft> {
        match self {
            Self::Orestbida => orestbida::read(text),
            Self::Klaro => klaro::read(text),
            Self::Orejime => orejime::read(text),
            Self::Tarteaucitron => tarteaucitron::read(text),
            Self::Cookiebot => cookiebot::read(text),
        }
    }
}

pub(super) fn run(args: &Args) -> Result<Answer> {
    let name = args.file.display();
    let text = input::read_text(&args.file, MAX_LEN).with_context(|| name.to_string())?;
    let Some(mut draft) = read(&text, args.from) else {
        bail!(
            "{name}: there is no configuration of a tool that is known here. Name the tool with --from, and give the file that has its object"
        );
    };
    let (services, known) = (draft.services.len(), writing::count_known(&draft.services));
    let declaration = writing::written(&mut draft);
    let mut file = Unfinished::begin_for_all(&args.to)?;
    let to = args.to.display();
    file.write_all(declaration.as_bytes())
        .with_context(|| to.to_string())?;
    file.finish()?;
    say(&to)?;
    if !draft.left.is_empty() {
        eprintln!("Not carried over:");
    }
    for left in &draft.left {
        eprintln!("  {}: {}", left.what, left.why);
    }
    eprintln!(
        "Services: {services}; known to the catalogue: {known}. Now write what stands as …, and run: consent check {to}"
    );
    Ok(Answer::Yes)
}

fn read(text: &str, from: Option<Tool>) -> Option<Draft> {
    if let Some(tool) = from {
        return tool.read(text);
    }
    let lower = text.to_lowercase();
    let likely = Tool::ALL.iter().filter(|(_, mark)| lower.contains(mark));
    likely
        .map(|(tool, _)| tool)
        .find_map(|tool| tool.read(text))
}

#[cfg(test)]
mod tests;
