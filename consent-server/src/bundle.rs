//! The browser's half: the gate, the banner and their style, as `consent-wasm/dist` holds them.

use consent_core::canonical::Value;
use consent_core::digest::Digest;
use consent_core::publication::{self, MANIFEST_PLACE, PARTS_PLACE};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// The files that publishing needs, and what the build put in them.
const FILES: [(&str, &[u8]); 11] = [
    ("banner.js", include_bytes!("../embedded/bundle/banner.js")),
    (
        "banner.wasm",
        include_bytes!("../embedded/bundle/banner.wasm"),
    ),
    (
        "declaration.js",
        include_bytes!("../embedded/bundle/declaration.js"),
    ),
    ("gate.js", include_bytes!("../embedded/bundle/gate.js")),
    ("log.js", include_bytes!("../embedded/bundle/log.js")),
    (
        "parts.json",
        include_bytes!("../embedded/bundle/parts.json"),
    ),
    (
        "placeholder.js",
        include_bytes!("../embedded/bundle/placeholder.js"),
    ),
    ("plain.js", include_bytes!("../embedded/bundle/plain.js")),
    (
        "preferences.js",
        include_bytes!("../embedded/bundle/preferences.js"),
    ),
    (
        "styles.json",
        include_bytes!("../embedded/bundle/styles.json"),
    ),
    (
        "template.js",
        include_bytes!("../embedded/bundle/template.js"),
    ),
];

const BUILD: &str = include_str!("../embedded/bundle/build.json");

/// The browser's half, with its files checked against its build record.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// The digest that notices and publications name.
    pub digest: Digest,
    /// The canonical list of files that it is the digest of.
    pub list: String,
    /// The parts of the gate that not every site uses, by name.
    parts: BTreeMap<String, String>,
    /// The parts of the notice's style sheets, by name.
    styles: BTreeMap<String, String>,
    files: BTreeMap<&'static str, Vec<u8>>,
}

/// What pages load from the folder of a publication, besides the notices.
const LOADED: [&str; 8] = [
    "banner.js",
    "banner.wasm",
    "declaration.js",
    "log.js",
    "placeholder.js",
    "plain.js",
    "preferences.js",
    "template.js",
];

/// Why a bundle cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// A file cannot be read.
    #[error("{}: {source}: build it with `cargo xtask dist`", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// `build.json` is not a build record.
    #[error("build.json of the banner's bundle: {0}: build it again with `cargo xtask dist`")]
    Record(String),
    /// A file is not the one that was built.
    #[error(
        "{0} is not the file that build.json names: build the bundle again with `cargo xtask dist`"
    )]
    Changed(String),
    /// The gate has no place for the manifest or the parts.
    #[error(
        "gate.js must hold {MANIFEST_PLACE} and {PARTS_PLACE} once: build the bundle again with `cargo xtask dist`"
    )]
    Gate,
}

#[derive(Deserialize)]
struct BuildRecord {
    bundle: String,
    files: BTreeMap<String, String>,
}

impl Bundle {
    /// The bundle inside this program.
    pub fn embedded() -> Result<Self, BundleError> {
        Self::check(
            BUILD,
            FILES
                .into_iter()
                .map(|(name, bytes)| (name, bytes.to_vec()))
                .collect(),
        )
    }

    /// A bundle in a folder: one that was just rebuilt.
    pub fn from_folder(folder: &Path) -> Result<Self, BundleError> {
        let read = |name: &str| {
            let path = folder.join(name);
            crate::input::read(&path, crate::input::PART)
                .map_err(|source| BundleError::File { path, source })
        };
        let build = String::from_utf8_lossy(&read("build.json")?).into_owned();
        let files = FILES
            .iter()
            .map(|(name, _)| Ok((*name, read(name)?)))
            .collect::<Result<_, _>>()?;
        Self::check(&build, files)
    }

    /// The names and contents of the files.
    pub fn files(&self) -> impl Iterator<Item = (&'static str, &[u8])> {
        self.files.iter().map(|(name, bytes)| (*name, &**bytes))
    }

    /// What pages load besides the gate and the notices: names and contents.
    pub fn loaded(&self) -> impl Iterator<Item = (&'static str, &[u8])> {
        self.files().filter(|(name, _)| LOADED.contains(name))
    }

    /// What publishing a site takes.
    #[must_use]
    pub fn for_publication(&self) -> publication::Bundle<'_> {
        publication::Bundle {
            gate: self.text("gate.js"),
            parts: &self.parts,
            styles: &self.styles,
            digest: self.digest,
        }
    }

    /// A text file of the bundle.
    fn text(&self, name: &str) -> &str {
        self.files
            .get(name)
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .unwrap_or("")
    }

    fn check(build: &str, files: BTreeMap<&'static str, Vec<u8>>) -> Result<Self, BundleError> {
        let record: BuildRecord =
            serde_json::from_str(build).map_err(|error| BundleError::Record(error.to_string()))?;
        for (name, bytes) in &files {
            if record.files.get(*name) != Some(&Digest::of(bytes).to_text()) {
                return Err(BundleError::Changed((*name).to_owned()));
            }
        }
        let list = Value::object(
            record
                .files
                .iter()
                .map(|(name, digest)| (&**name, &**digest)),
        );
        if list.digest().to_text() != record.bundle {
            return Err(BundleError::Record(
                "`bundle` is not the digest of `files`".into(),
            ));
        }
        let texts = |name: &str| {
            let texts = files.get(name).map_or(&[][..], |bytes| bytes);
            serde_json::from_slice(texts)
                .map_err(|error| BundleError::Record(format!("{name}: {error}")))
        };
        let (parts, styles) = (texts("parts.json")?, texts("styles.json")?);
        let bundle = Self {
            digest: list.digest(),
            list: list.to_json(),
            parts,
            styles,
            files,
        };
        let gate = bundle.text("gate.js");
        if gate.matches(MANIFEST_PLACE).count() == 1 && gate.matches(PARTS_PLACE).count() == 1 {
            Ok(bundle)
        } else {
            Err(BundleError::Gate)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_bundle_is_what_its_build_record_says() {
        assert!(Bundle::embedded().is_ok(), "{:?}", Bundle::embedded());
    }

    #[test]
    fn a_file_that_was_changed_after_the_build_is_refused() {
        let mut files: BTreeMap<_, _> = FILES
            .into_iter()
            .map(|(name, bytes)| (name, bytes.to_vec()))
            .collect();
        files
            .entry("styles.json")
            .and_modify(|bytes| bytes.push(b' '));
        let error = Bundle::check(BUILD, files).unwrap_err();
        assert!(
            error.to_string().starts_with("styles.json is not the file"),
            "{error}"
        );
    }

    #[test]
    fn a_folder_without_a_bundle_says_how_to_build_one() {
        let folder = tempfile::tempdir().unwrap();
        let error = Bundle::from_folder(folder.path()).unwrap_err();
        assert!(error.to_string().contains("cargo xtask dist"), "{error}");
    }
}
