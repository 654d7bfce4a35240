//! `consent services`

use super::{Answer, declaring, say};
use anyhow::Result;
use consent_core::catalogue::{Catalogue, CatalogueEntry, KnownCookie, KnownText};
use consent_core::i18n::Strings;
use consent_core::site::Lifetime;
use std::fmt::Write as _;
use std::io;

/// List the services of the catalogue, or search them; one that is found is shown, with what to write.
///
/// The catalogue holds what sites use most: who provides it, what it is for, the hosts that it contacts, what it stores and
/// for how long, and how a page marks it up. A declaration takes all that from it with `like = "NAME"`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A name, or any words that describe it, in English or French.
    words: Vec<String>,
}

pub(super) fn run(args: &Args) -> Result<Answer> {
    let catalogue = Catalogue::built_in();
    let typed = args.words.join(" ");
    if typed.trim().is_empty() {
        list(catalogue.iter())?;
        eprintln!(
            "One of them: consent services NAME. Into a declaration: consent add NAME site.toml"
        );
        return Ok(Answer::Yes);
    }
    if let Some(entry) = catalogue.find(&typed) {
        say(shown(entry))?;
        return Ok(Answer::Yes);
    }
    let found: Vec<_> = catalogue.search(&typed).collect();
    match found.as_slice() {
        [] => {
            eprintln!(
                "Nothing found for \"{typed}\". Write it by hand: its provider's documentation says what it stores."
            );
            return Ok(Answer::No);
        }
        [entry] => say(shown(entry))?,
        several => list(several.iter().copied())?,
    }
    Ok(Answer::Yes)
}

fn list<'e>(entries: impl Iterator<Item = &'e CatalogueEntry>) -> io::Result<()> {
    for entry in entries {
        let service = &entry.service;
        let name = service.name.get("en").unwrap_or_default();
        say(format_args!(
            "{:<24} {:<12} {name}",
            entry.id, service.category
        ))?;
    }
    Ok(())
}

/// All that is known of a service, and what to write.
fn shown(entry: &CatalogueEntry) -> String {
    let service = &entry.service;
    let english = |text: &KnownText| text.get("en").unwrap_or_default().to_owned();
    let mut text = format!(
        "{} ({})\n{}\n\n",
        english(&service.name),
        entry.id,
        english(&service.purpose)
    );
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(text, "{name:<11} {value}");
    };
    match (&service.provider, &service.country, &service.policy) {
        (Some(provider), Some(country), Some(policy)) => {
            line("provider", &format!("{provider}, {country}"));
            line("policy", policy);
        }
        _ => line("provider", "you: it runs on your own server"),
    }
    line("category", &service.category);
    if let Some(exempt) = &service.exempt {
        line("exempt", &english(exempt));
    }
    if let Some(retention) = service.retention {
        line("retention", &lifetime(retention));
    }
    if !service.hosts.is_empty() {
        line("hosts", &service.hosts.join(", "));
    }
    line(
        "facts from",
        &format!("{} ({})", entry.source, entry.checked),
    );
    if !service.cookies.is_empty() {
        text += "\nStores:\n\n";
    }
    for cookie in &service.cookies {
        let _ = writeln!(text, "  {}", stored(cookie));
    }
    let recommendation = &entry.recommendation;
    text += "\nIn the declaration:\n\n";
    text += &indented(&declaring::table(entry));
    if let Some(signals) = &recommendation.signals {
        let _ = write!(text, "\n{}", indented(signals));
    }
    if let Some(html) = &recommendation.html {
        let _ = write!(text, "\nIn the page:\n\n{}", indented(html));
    }
    if let Some(note) = &recommendation.note {
        let _ = write!(text, "\n{note}\n");
    }
    text.trim_end().into()
}

fn stored(cookie: &KnownCookie) -> String {
    let lifetime = lifetime(cookie.lifetime);
    let at = cookie
        .domain
        .as_deref()
        .map(|domain| format!(" at {domain}"));
    let purpose = cookie.purpose.get("en").unwrap_or_default();
    format!(
        "{}{}: {lifetime}. {purpose}",
        cookie.name,
        at.unwrap_or_default()
    )
}

/// In words; terminals and those who search them want plain spaces.
fn lifetime(lifetime: Lifetime) -> String {
    Strings::ENGLISH.lifetime(lifetime).replace('\u{a0}', " ")
}

fn indented(text: &str) -> String {
    let lines = text.trim().lines();
    lines.fold(String::new(), |all, line| all + "  " + line + "\n")
}
