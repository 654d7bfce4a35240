//! The scripts and the styles, made small.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;

use crate::command;

/// What makes a script or a style small. Every browser with `<dialog>` knows this much of the language.
const SMALL: [&str; 5] = [
    "--minify",
    "--legal-comments=none",
    "--charset=utf8",
    "--log-level=warning",
    "--target=es2021,safari15.4",
];

/// What stands around a part of the gate, so that it is a whole script by itself.
const PART: [&str; 2] = ["__PART__(", ");"];

/// The tool that makes scripts small. It gives the names that end in `_` short ones, the same in every script of one build.
pub(crate) struct Esbuild {
    program: PathBuf,
    names: PathBuf,
}

impl Esbuild {
    pub(crate) fn new(node_modules: &Path, scratch: &Path) -> anyhow::Result<Self> {
        let names = scratch.join("names.json");
        fs::write(&names, "{}")?;
        Ok(Self {
            program: node_modules.join(".bin/esbuild"),
            names,
        })
    }

    /// Makes one script or style small, by itself.
    pub(crate) fn minify(&self, file: &Path) -> anyhow::Result<Vec<u8>> {
        let mut command = self.command();
        command.arg(file);
        Ok(command::read(&mut command)?.into_bytes())
    }

    /// Makes one module of a script and of what it imports; `aliases` name files that do not lie beside it.
    pub(crate) fn bundle(
        &self,
        entry: &Path,
        aliases: &[(&str, &Path)],
    ) -> anyhow::Result<Vec<u8>> {
        self.join(entry, "esm", aliases)
    }

    fn join(
        &self,
        entry: &Path,
        format: &str,
        aliases: &[(&str, &Path)],
    ) -> anyhow::Result<Vec<u8>> {
        let mut command = self.command();
        command
            .arg(entry)
            .args(["--bundle", "--loader:.css=text"])
            .arg(format!("--format={format}"));
        for (name, file) in aliases {
            // A style goes into the script as it is, and so has to be small before.
            let file = if file.extension().is_some_and(|extension| extension == "css") {
                let small = self.names.with_file_name(name);
                fs::write(&small, self.minify(file)?.trim_ascii_end())?;
                small
            } else {
                file.to_path_buf()
            };
            command.arg(format!("--alias:{name}={}", file.display()));
        }
        self.once_more(&command::read(&mut command)?, format)
    }

    /// Modules are made small one by one; over the whole, their declarations become one. The names that end in `_` have been
    /// shortened, and a second time they would no longer be the same in every script.
    fn once_more(&self, script: &str, format: &str) -> anyhow::Result<Vec<u8>> {
        let joined = self.names.with_file_name("joined.js");
        fs::write(&joined, script)?;
        let mut command = Command::new(&self.program);
        command
            .args(SMALL)
            .arg(format!("--format={format}"))
            .arg(&joined);
        Ok(command::read(&mut command)?.into_bytes())
    }

    /// A part of the gate that is made of modules: a function as text.
    pub(crate) fn joined_part(
        &self,
        entry: &Path,
        aliases: &[(&str, &Path)],
    ) -> anyhow::Result<String> {
        let script = String::from_utf8(self.join(entry, "iife", aliases)?)?;
        Ok(format!("(gate)=>{{{}}}", script.trim_end()))
    }

    /// The parts of the gate, each a function, as one JSON object by their names: those of a folder, and `more`.
    pub(crate) fn parts(
        &self,
        folder: &Path,
        more: BTreeMap<String, String>,
    ) -> anyhow::Result<Vec<u8>> {
        let mut files: Vec<PathBuf> = fs::read_dir(folder)?
            .map(|entry| Ok(entry?.path()))
            .collect::<std::io::Result<_>>()?;
        files.sort();
        let mut parts = more;
        for file in files {
            let script = String::from_utf8(self.bundle(&file, &[])?)?;
            let function = part(&script).with_context(|| {
                let [before, after] = PART;
                format!(
                    "{} must be one call: {before}(gate) => {{ … }}{after}",
                    file.display()
                )
            })?;
            let name = file.file_stem().unwrap_or_default().to_string_lossy();
            parts.insert(name.into_owned(), function);
        }
        Ok((serde_json::to_string_pretty(&parts)? + "\n").into_bytes())
    }

    /// The style sheets of a folder as one JSON object by their names: publishing puts a site's together.
    pub(crate) fn styles(&self, folder: &Path) -> anyhow::Result<Vec<u8>> {
        let mut styles = BTreeMap::new();
        for entry in fs::read_dir(folder)? {
            let file = entry?.path();
            let style = String::from_utf8(self.minify(&file)?)?;
            let name = file.file_stem().unwrap_or_default().to_string_lossy();
            styles.insert(name.into_owned(), style.trim_end().to_owned());
        }
        Ok((serde_json::to_string_pretty(&styles)? + "\n").into_bytes())
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(SMALL)
            .arg("--mangle-props=_$")
            .arg(format!("--mangle-cache={}", self.names.display()));
        command
    }
}

/// The function that a part is, with what it imports inside.
fn part(script: &str) -> Option<String> {
    let (imported, call) = script.trim_end().split_once(PART[0])?;
    let function = call.strip_suffix(PART[1])?;
    let (parameter, body) = function.split_once("=>{")?;
    Some(format!("{parameter}=>{{{imported}{body}"))
}
