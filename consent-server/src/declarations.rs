//! Declarations of sites, read from files. A file that another names as its `base` is part of that one, and no site itself.

use crate::cores;
use crate::input;
use consent_core::check::Finding;
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
    /// In which file, if in one.
    pub file: Option<PathBuf>,
    /// What law and guidelines say about it.
    pub findings: Vec<Finding>,
}

impl From<Site> for Written {
    fn from(site: Site) -> Self {
        Self {
            site,
            text: None,
            file: None,
            findings: Vec::new(),
        }
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

/// No declaration is as long, with a logo in it and texts in every language: 4 MiB. What is longer is something else.
const MAX_LEN: u64 = 4 << 20;

/// Reads declarations, with the bases that they name. Files that are the base of another one here are left out.
pub fn read_files(paths: &[PathBuf]) -> Result<Vec<Declared>, Unreadable> {
    let all = read_each(paths).into_iter().map(|(_, declared)| declared);
    all.collect()
}

/// The same, each for itself; with its path.
pub(crate) fn read_each(paths: &[PathBuf]) -> Vec<(PathBuf, Result<Declared, Unreadable>)> {
    let all = cores::each(paths, |path| read_file(path));
    let bases: BTreeSet<PathBuf> = all
        .iter()
        .filter_map(|read| read.as_ref().ok()?.base.clone())
        .collect();
    let declared = paths.iter().zip(all).filter_map(|(path, read)| {
        let declared = match read {
            Ok(Place { path, .. }) if bases.contains(&path) => return None,
            Ok(Place { declared, .. }) => Ok(declared),
            Err(source) => Err(Unreadable {
                path: path.clone(),
                source,
            }),
        };
        Some((path.clone(), declared))
    });
    declared.collect()
}

/// A declaration, and where it and its base really are.
struct Place {
    path: PathBuf,
    base: Option<PathBuf>,
    declared: Declared,
}

fn read_file(path: &Path) -> io::Result<Place> {
    let file = path.display().to_string();
    let own = input::read_text(path, MAX_LEN)?;
    let (mut base, mut shared) = (None, None);
    let read = Declaration::parse_with_base(&file, &own, |name| {
        let (path, found) = read_base(path, name).map_err(|error| error.to_string())?;
        base = Some(path);
        shared = Some(found.text.clone());
        Ok(found)
    });
    let text = Text { own, base: shared };
    Ok(Place {
        path: path.canonicalize()?,
        base,
        declared: Declared { file, read, text },
    })
}

/// The base that a file names, by a path as seen from that file.
fn read_base(file: &Path, name: &str) -> io::Result<(PathBuf, Base)> {
    let path = file.with_file_name(name);
    let base = Base {
        file: path.display().to_string(),
        text: input::read_text(&path, MAX_LEN)?,
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

    #[test]
    fn what_is_no_declaration_is_refused_before_it_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("folder.toml")).unwrap();
        std::fs::File::create(at("huge.toml"))
            .unwrap()
            .set_len(1 << 30)
            .unwrap();
        std::os::unix::fs::symlink("loop.toml", at("loop.toml")).unwrap();
        std::fs::write(at("bytes.toml"), [0xff, 0xfe]).unwrap();
        let mut fifo = std::process::Command::new("mkfifo");
        assert!(fifo.arg(at("pipe.toml")).status().unwrap().success());
        std::os::unix::fs::symlink("/dev/zero", at("zero.toml")).unwrap();
        for (name, said) in [
            ("folder.toml", "folder"),
            ("huge.toml", "4 MiB"),
            ("loop.toml", "symbolic links"),
            ("bytes.toml", "UTF-8"),
            ("pipe.toml", "named pipe"),
            ("zero.toml", "4 MiB"),
            ("gone.toml", "No such file"),
        ] {
            let error = read_files(&[at(name)]).unwrap_err().to_string();
            assert!(error.contains(name) && error.contains(said), "{error}");
            // As the base of another it is that one's fault.
            let other = at("site.toml");
            std::fs::write(&other, format!("base = \"{name}\"\n")).unwrap();
            let declared = read_files(&[other]).unwrap();
            let wrong = declared[0].read.as_ref().unwrap_err();
            assert!(wrong[0].problem.contains(said), "{wrong:?}");
        }
    }
}
