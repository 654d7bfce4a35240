//! A folder of declarations: those that are fit to be published, and what is wrong with the others. One file does not stop
//! the others.

use crate::cores;
use crate::declarations::{Declared, Unreadable, Written, read_each};
use crate::last::Last;
use crate::store::{Store, StoreError};
use consent_core::check::{Finding, Severity, check};
use consent_core::id::SiteId;
use consent_core::site::Diagnostic;
use consent_core::time::UnixSeconds;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// What a folder of declarations holds.
#[derive(Debug, Default)]
pub struct Folder {
    /// What is declared well.
    pub sites: Vec<Written>,
    /// The files that are not published.
    pub refused: Vec<Refused>,
}

/// A file that is not published as it is.
#[derive(Clone, Debug)]
pub struct Refused {
    /// The file.
    pub file: PathBuf,
    /// What is wrong, in the order of the file.
    pub wrong: Vec<Wrong>,
    /// The site that is served as this file declared it last; `None`: nothing of this file is served.
    pub served: Option<SiteId>,
}

/// One thing for which a file is refused. `Display` writes it on one line, with what to do.
#[derive(Clone, Debug)]
pub enum Wrong {
    /// It cannot be read. With what the system said.
    Unreadable(PathBuf, String),
    /// Its format.
    Format(Diagnostic),
    /// Unlawful, or very likely so.
    Law(Box<Finding>),
    /// Other files declare a site of the same id.
    Twice(PathBuf, SiteId, Vec<PathBuf>),
}

/// Why a folder cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The system refused.
    #[error("{}: {source}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A folder without declarations.
    #[error("{}: no file ends in .toml: write one with `consent init`", .0.display())]
    NoSites(PathBuf),
}

impl Folder {
    /// Reads every `*.toml` of a folder, in the order of their names; hidden files are none. Those that others name as
    /// their base are no sites. Of two with one id, neither is chosen.
    pub fn read(folder: &Path, today: UnixSeconds) -> Result<Self, FolderError> {
        let paths = declarations_in(folder)?;
        let (mut sites, mut refused) = (Vec::new(), Vec::new());
        let all = read_each(&paths);
        let findings = cores::each(&all, |(_, read)| match read {
            Ok(Declared {
                read: Ok(declaration),
                ..
            }) => check(declaration, today),
            _ => Vec::new(),
        });
        for ((path, read), findings) in all.into_iter().zip(findings) {
            match written(&path, read, findings) {
                Ok(site) => sites.push(site),
                Err(wrong) => refused.push(Refused::new(path, wrong)),
            }
        }
        let mut files: BTreeMap<SiteId, Vec<PathBuf>> = BTreeMap::new();
        for site in &sites {
            let same = files.entry(site.site.id.clone()).or_default();
            same.extend(site.file.clone());
        }
        let (sites, twice) = sites
            .into_iter()
            .partition::<Vec<_>, _>(|site| files[&site.site.id].len() < 2);
        refused.extend(twice.into_iter().filter_map(|site| {
            let (file, id) = (site.file?, site.site.id);
            let others = files[&id].iter().filter(|other| **other != file);
            let wrong = Wrong::Twice(file.clone(), id.clone(), others.cloned().collect());
            Some(Refused::new(file, vec![wrong]))
        }));
        refused.sort_by(|one, other| one.file.cmp(&other.file));
        Ok(Self { sites, refused })
    }

    /// Refuses what `consent check` finds to be unlawful, too.
    #[must_use]
    pub fn judged(self) -> Self {
        let Self { sites, mut refused } = self;
        let is_fit = |site: &Written| site.findings.iter().all(|found| !is_error(found));
        let (sites, unlawful) = sites.into_iter().partition::<Vec<_>, _>(is_fit);
        refused.extend(unlawful.into_iter().filter_map(|site| {
            let errors = site.findings.into_iter().filter(is_error);
            let wrong = errors.map(|found| Wrong::Law(Box::new(found))).collect();
            Some(Refused::new(site.file?, wrong))
        }));
        refused.sort_by(|one, other| one.file.cmp(&other.file));
        Self { sites, refused }
    }

    /// Sites whose files are refused go on as they were published last: their visitors are still asked, and can still
    /// withdraw. Unless another file declares the site now.
    pub fn going_on(mut self, last: &Last, store: &dyn Store) -> Result<Self, StoreError> {
        let mut taken: BTreeSet<SiteId> = self.sites.iter().map(|s| s.site.id.clone()).collect();
        for refused in &mut self.refused {
            let Some(site) = last.written(&refused.file, store)? else {
                continue;
            };
            if taken.insert(site.site.id.clone()) {
                refused.served = Some(site.site.id.clone());
                self.sites.push(site);
            }
        }
        Ok(self)
    }
}

impl Refused {
    const fn new(file: PathBuf, wrong: Vec<Wrong>) -> Self {
        let served = None;
        Self {
            file,
            wrong,
            served,
        }
    }

    /// What became of it, in a sentence.
    #[must_use]
    pub fn outcome(&self) -> String {
        let file = self.file.display();
        match &self.served {
            Some(site) => format!(
                "{file} is refused: site \"{site}\" goes on as it was published last; mend the file and reload"
            ),
            None => format!(
                "{file} is refused: nothing of it is served; mend the file and reload, or restart"
            ),
        }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(path, said) => write!(
                f,
                "{}: cannot be read ({said}): make it a file that the server's user can read, or take it out of the folder",
                path.display()
            ),
            Self::Format(diagnostic) => diagnostic.fmt(f),
            Self::Law(finding) => {
                let text = finding.to_string();
                let mut lines = text.lines().map(str::trim);
                write!(f, "{}", lines.next().unwrap_or_default())?;
                lines.try_for_each(|source| write!(f, " ({source})"))
            }
            Self::Twice(file, site, others) => {
                let others: Vec<_> = others.iter().map(|o| o.display().to_string()).collect();
                write!(
                    f,
                    "{}: declares site \"{site}\", and so does {}: give each site an id of its own",
                    file.display(),
                    others.join(", ")
                )
            }
        }
    }
}

/// The texts of what is wrong, each once: a fault of a base is one of each of its sites.
#[must_use]
pub fn said_once(refused: &[Refused]) -> Vec<String> {
    let mut said = BTreeSet::new();
    let all = refused.iter().flat_map(|refused| &refused.wrong);
    all.map(ToString::to_string)
        .filter(|text| said.insert(text.clone()))
        .collect()
}

fn declarations_in(folder: &Path) -> Result<Vec<PathBuf>, FolderError> {
    let failed = |source| FolderError::Folder {
        path: folder.to_owned(),
        source,
    };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let is_hidden = path
            .file_name()
            .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        // An editor's lock is one, as in `.#site.toml`.
        if !is_hidden && path.extension().is_some_and(|ending| ending == "toml") {
            paths.push(path);
        }
    }
    if paths.is_empty() {
        return Err(FolderError::NoSites(folder.to_owned()));
    }
    paths.sort();
    Ok(paths)
}

fn written(
    path: &Path,
    read: Result<Declared, Unreadable>,
    findings: Vec<Finding>,
) -> Result<Written, Vec<Wrong>> {
    let Declared { read, text, .. } = read.map_err(|Unreadable { path, source }| {
        let said = source.to_string();
        vec![Wrong::Unreadable(path, said)]
    })?;
    let format = |wrong: Vec<Diagnostic>| wrong.into_iter().map(Wrong::Format).collect::<Vec<_>>();
    let declaration = read.map_err(format)?;
    Ok(Written {
        findings,
        site: declaration.site,
        text: Some(text),
        file: Some(path.to_owned()),
    })
}

fn is_error(finding: &Finding) -> bool {
    finding.rule.severity == Severity::Error
}
