//! Sites that a command names: a name that nobody knows is a slip of the pen, and what it was meant to do would not be done.

use anyhow::{Result, bail};
use consent_core::id::SiteId;
use consent_server::clock::Clock;
use consent_server::folder::Folder;
use consent_server::store::Store;
use std::collections::BTreeSet;
use std::path::Path;

/// Refuses a site that is neither known to the store, with receipts, publications or a hold, nor declared now.
pub(super) fn check(store: &dyn Store, declared: Option<&Path>, site: &SiteId) -> Result<()> {
    let mut known = store.known_sites()?;
    if known.contains(site) {
        return Ok(());
    }
    match declared.map(|folder| Folder::read(folder, Clock::system().now())) {
        Some(Ok(folder)) => {
            let sites = folder.sites.into_iter();
            known.extend(sites.map(|written| written.site.id));
        }
        Some(Err(error)) => eprintln!("The declarations are passed over: {error}"),
        None => {}
    }
    if known.contains(site) {
        return Ok(());
    }
    bail!("there is no site \"{site}\"{}", instead(site, &known))
}

/// What was meant, perhaps.
fn instead(site: &SiteId, known: &BTreeSet<SiteId>) -> String {
    let names: Vec<&str> = known.iter().map(SiteId::as_str).collect();
    if names.is_empty() {
        return ": none is known here yet; a server that has published it knows it, and --sites names the folder of declarations".into();
    }
    let list = names.join(", ");
    let distances = names
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(name, site.as_str()), name));
    // Half of a name that is another is another name.
    let near = distances
        .min()
        .filter(|(distance, name)| *distance <= 2.max(name.len() / 3));
    match near {
        Some((_, name)) => format!("; did you mean \"{name}\"? Known are: {list}"),
        None => format!(". Known are: {list}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_offered_and_all_are_listed() {
        let known = ["clinique-12", "nice", "strasbourg"];
        let known = known.map(|id| id.parse().unwrap()).into();
        let told = |site: &str| instead(&site.parse().unwrap(), &known);
        assert_eq!(
            told("nicw"),
            "; did you mean \"nice\"? Known are: clinique-12, nice, strasbourg"
        );
        assert!(told("strassburg").starts_with("; did you mean \"strasbourg\"?"));
        assert!(told("clinique-21").starts_with("; did you mean \"clinique-12\"?"));
        assert_eq!(
            told("elsewhere"),
            ". Known are: clinique-12, nice, strasbourg"
        );
        assert!(instead(&"nice".parse().unwrap(), &BTreeSet::new()).contains("--sites"));
    }
}
