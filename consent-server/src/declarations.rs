//! Declarations of sites, read from files. A file that another names as its `base` is part of that one, and no site itself.

use crate::input;
use consent_core::site::{Base, Declaration, Diagnostic, Site};
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

/// What is written in a file, and in its base.
#[derive(Clone, Debug)]
pub struct Text {
    /// The site's own.
    pub own: String,
    /// The base's, if it names one.
    pub base: Option<String>,
}

/// A site that was read from a file.
#[derive(Clone, Debug)]
pub struct Written {
    /// What is declared.
    pub site: Site,
    /// In which words; `None` if they are not known, and cannot be kept.
    pub text: Option<Text>,
}

impl From<Site> for Written {
    fn from(site: Site) -> Self {
        Self { site, text: None }
    }
}

/// A file, and what it declares or what is wrong with it (in it, or in its base).
#[derive(Debug)]
pub struct Declared {
    /// The file's name, as it was given.
    pub file: String,
    /// What it declares.
    pub read: Result<Declaration, Vec<Diagnostic>>,
    /// Its text.
    pub text: Text,
}

/// A file that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{}: {source}", path.display())]
pub struct Unreadable {
    /// The file.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

/// Reads declarations, with the bases that they name. Files that are the base of another one here are left out.
pub fn read_files(paths: &[PathBuf]) -> Result<Vec<Declared>, Unreadable> {
    let mut bases = BTreeSet::new();
    let mut all = Vec::new();
    for path in paths {
        let unreadable = |source| Unreadable {
            path: path.clone(),
            source,
        };
        let file = path.display().to_string();
        let own = input::read_text(path, input::TEXT).map_err(unreadable)?;
        let mut shared = None;
        let read = Declaration::parse_with_base(&file, &own, |name| {
            let (path, base) = read_base(path, name).map_err(|error| error.to_string())?;
            bases.insert(path);
            shared = Some(base.text.clone());
            Ok(base)
        });
        let path = path.canonicalize().map_err(unreadable)?;
        let text = Text { own, base: shared };
        all.push((path, Declared { file, read, text }));
    }
    let is_site = |(path, declared)| (!bases.contains(&path)).then_some(declared);
    Ok(all.into_iter().filter_map(is_site).collect())
}

/// The base that a file names, by a path as seen from that file.
fn read_base(file: &Path, name: &str) -> io::Result<(PathBuf, Base)> {
    let path = file.with_file_name(name);
    let base = Base {
        file: path.display().to_string(),
        text: input::read_text(&path, input::TEXT)?,
    };
    Ok((path.canonicalize()?, base))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLISHER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/publisher");

    fn paths(names: &[&str]) -> Vec<PathBuf> {
        let path = |name: &&str| Path::new(PUBLISHER).join(name);
        names.iter().map(path).collect()
    }

    fn ids(names: &[&str]) -> Vec<String> {
        let all = read_files(&paths(names)).unwrap();
        let id = |declared: Declared| declared.read.unwrap().site.id.to_string();
        all.into_iter().map(id).collect()
    }

    #[test]
    fn a_base_is_no_site_whatever_the_order_of_the_files() {
        let files = ["glycines.toml", "ormes.toml", "publisher.toml"];
        assert_eq!(ids(&files), ["glycines", "ormes"]);
        assert_eq!(ids(&["publisher.toml", "ormes.toml"]), ["ormes"]);
        assert_eq!(ids(&["ormes.toml"]), ["ormes"]);
        assert_eq!(
            ids(&["../publisher/publisher.toml", "ormes.toml"]),
            ["ormes"]
        );
    }

    #[test]
    fn a_base_that_nobody_names_is_not_passed_over_in_silence() {
        let alone = read_files(&paths(&["publisher.toml"])).unwrap();
        let wrong = alone[0].read.as_ref().unwrap_err();
        let id = wrong.iter().find(|wrong| wrong.key == "id").unwrap();
        assert!(id.advice.contains("base"), "{id}");
    }

    #[test]
    fn a_base_that_is_not_there_is_said_with_what_the_system_says() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("site.toml");
        std::fs::write(&path, "base = \"gone.toml\"\nid = \"a\"\n").unwrap();
        let all = read_files(&[path]).unwrap();
        let wrong = all[0].read.as_ref().unwrap_err();
        assert!(wrong.len() == 1 && wrong[0].line == 1, "{wrong:?}");
        assert!(wrong[0].problem.contains("No such file"), "{wrong:?}");
    }
}
