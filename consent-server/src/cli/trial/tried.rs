//! A declaration that is tried: what is wrong in it, or all that its banner needs.

use consent_core::check::{Finding, check};
use consent_core::cookie::CookieSettings;
use consent_core::publication::{Publication, folder_name};
use consent_core::site::{Diagnostic, Site, Theme};
use consent_server::bundle::Bundle;
use consent_server::clock::Clock;
use consent_server::declarations::{Declared, Unreadable, read_files};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// In which colours the banner is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Look {
    /// As the declaration says.
    #[default]
    Declared,
    /// In the light theme.
    Light,
    /// In the dark one.
    Dark,
}

impl Look {
    pub(super) const ALL: [(Self, &'static str); 3] = [
        (Self::Declared, "declared"),
        (Self::Light, "light"),
        (Self::Dark, "dark"),
    ];

    pub(super) fn as_str(self) -> &'static str {
        let all = Self::ALL.iter().find(|(look, _)| *look == self);
        all.map_or("declared", |(_, name)| name)
    }
}

/// One version of the file.
#[derive(Debug)]
pub(super) struct Tried {
    /// One more with each change.
    pub(super) version: u64,
    /// The words that it was made from, its base's too; of a file that cannot be read, why.
    source: String,
    /// What is to be shown.
    pub(super) outcome: Outcome,
}

#[derive(Debug)]
pub(super) enum Outcome {
    /// Why there is no banner.
    Broken(Vec<String>),
    /// The banner in each look, and what `consent check` finds.
    Shown {
        looks: BTreeMap<Look, BannerFiles>,
        findings: Vec<Finding>,
    },
}

/// What a page loads in one look.
#[derive(Debug)]
pub(super) struct BannerFiles {
    publication: Publication,
    gate: String,
    by_name: BTreeMap<String, Vec<u8>>,
}

impl Tried {
    /// Reads the file.
    ///
    /// # Errors
    /// Where it cannot be read; what is wrong in it is an outcome.
    pub(super) fn read(file: &Path, bundle: &Bundle, version: u64) -> Result<Self, Unreadable> {
        let mut read = read_files(std::slice::from_ref(&file.to_owned()))?;
        let declared = read.pop();
        let source = declared.as_ref().map(source).unwrap_or_default();
        let outcome = match declared.map(|declared| declared.read) {
            Some(Ok(declaration)) => {
                let findings = check(&declaration, Clock::system().now());
                shown(&declaration.site, findings, bundle)
            }
            Some(Err(wrong)) => broken(&wrong),
            None => Outcome::Broken(Vec::new()),
        };
        Ok(Self {
            version,
            source,
            outcome,
        })
    }

    /// Reads the file once more; nothing if it says what it said before.
    pub(super) fn read_again(file: &Path, bundle: &Bundle, before: &Self) -> Option<Self> {
        let version = before.version + 1;
        let now = match read_files(std::slice::from_ref(&file.to_owned())) {
            Ok(read) => read.last().map(source).unwrap_or_default(),
            Err(error) => error.to_string(),
        };
        if now == before.source {
            return None;
        }
        let read = Self::read(file, bundle, version);
        Some(read.unwrap_or_else(|error| Self {
            version,
            source: error.to_string(),
            outcome: Outcome::Broken(Vec::from([error.to_string()])),
        }))
    }

    fn files(&self, look: Look) -> Option<&BannerFiles> {
        match &self.outcome {
            Outcome::Broken(_) => None,
            Outcome::Shown { looks, .. } => looks.get(&look),
        }
    }

    /// The site, where it can be shown.
    pub(super) fn site(&self) -> Option<&Site> {
        Some(&self.files(Look::Declared)?.publication.site)
    }

    /// `consent.js`.
    pub(super) fn gate(&self, look: Look) -> Option<&str> {
        Some(&self.files(look)?.gate)
    }

    /// A file of the folder that the gate names.
    pub(super) fn file(&self, look: Look, folder: &str, name: &str) -> Option<&[u8]> {
        let files = self.files(look)?;
        let is_its = folder_name(&files.publication.digest) == folder;
        let file = files.by_name.get(name).filter(|_| is_its);
        file.map(Vec::as_slice)
    }
}

fn source(declared: &Declared) -> String {
    let base = declared.text.base.as_deref().unwrap_or_default();
    // A base that is not there is no text, and is said.
    let wrong = match &declared.read {
        Ok(_) => String::new(),
        Err(wrong) => wrong.iter().map(ToString::to_string).collect(),
    };
    format!("{}\0{base}\0{wrong}", declared.text.own)
}

fn broken(wrong: &[Diagnostic]) -> Outcome {
    Outcome::Broken(wrong.iter().map(ToString::to_string).collect())
}

fn shown(site: &Site, findings: Vec<Finding>, bundle: &Bundle) -> Outcome {
    let look = |(look, _): (Look, _)| {
        let mut site = site.clone();
        // Its pages are elsewhere than here.
        site.cookie = CookieSettings::new("/".into(), None);
        match look {
            Look::Declared => {}
            Look::Light => site.appearance.theme = Theme::Light,
            Look::Dark => site.appearance.theme = Theme::Dark,
        }
        let publication = Publication::new(site, &bundle.for_publication());
        let own = publication.notice_files();
        let own = own.map(|(name, html)| (name, html.as_bytes().to_vec()));
        let loaded = bundle.loaded();
        let loaded = loaded.map(|(name, bytes)| (name.to_owned(), bytes.to_vec()));
        let by_name = loaded.chain(own).collect();
        let gate = publication.static_gate(&bundle.for_publication());
        let files = BannerFiles {
            publication,
            gate,
            by_name,
        };
        (look, files)
    };
    Outcome::Shown {
        looks: Look::ALL.into_iter().map(look).collect(),
        findings,
    }
}
