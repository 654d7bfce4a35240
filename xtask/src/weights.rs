//! What each part of the module weighs: bytes of code, by the crate and module that it comes from.
//!
//! The module is the one that browsers load, but for the names of its functions, which are kept to tell them apart.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use wasm_bindgen_cli_support::Bindgen;
use wasmparser::{ImportSectionReader, KnownCustom, Name, Parser, Payload, TypeRef};

use crate::budgets::Part;
use crate::bundle::module;
use crate::toolchain::Toolchain;
use crate::workspace::Workspace;
use crate::{command, install};

/// Crates whose modules are told apart.
const OURS: [&str; 2] = ["consent_core", "consent_wasm"];

/// Builds the module and prints what its parts weigh.
pub(crate) fn print(workspace: &Workspace) -> anyhow::Result<()> {
    let toolchain = Toolchain::find()?;
    let node_modules = install::npm(workspace)?;
    let compiled = module::compile(workspace, &toolchain)?;
    let scratch = tempfile::tempdir()?;
    let named = named(&compiled, &node_modules, scratch.path())?;
    let weights = Weights::of(&fs::read(named)?)?;

    println!(
        "{:>8} {:>6} {:>9}  part of the WASM",
        "bytes", "share", "functions"
    );
    let all = weights.code.values().map(|(bytes, _)| bytes).sum::<usize>() + weights.data;
    let share = |bytes: usize| {
        let per_mille = bytes * 1000 / all.max(1);
        format!("{}.{}%", per_mille / 10, per_mille % 10)
    };
    let mut parts: Vec<_> = weights.code.iter().collect();
    parts.sort_by_key(|(part, (bytes, _))| (Reverse(*bytes), *part));
    for (part, (bytes, functions)) in parts {
        println!("{bytes:>8} {:>6} {functions:>9}  {part}", share(*bytes));
    }
    println!(
        "{:>8} {:>6} {:>9}  data: texts, tables",
        weights.data,
        share(weights.data),
        ""
    );
    let shipped = Part::of(
        "banner.wasm",
        &fs::read(workspace.dist().join("banner.wasm"))?,
    )?;
    println!(
        "{all:>8} of code and data; what is inlined into a function counts there. The committed banner.wasm: {} bytes, {} with brotli.",
        shipped.raw, shipped.brotli
    );
    Ok(())
}

/// The glue and the passes of the bundle, with the names kept.
fn named(compiled: &Path, node_modules: &Path, scratch: &Path) -> anyhow::Result<PathBuf> {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(compiled)
        .out_name("named")
        .typescript(false);
    bindgen.web(true)?.omit_default_module_path(true);
    bindgen
        .generate(scratch)
        .context("wasm-bindgen could not bind the module")?;
    let small = scratch.join("small.wasm");
    let mut wasm_opt = Command::new("node");
    wasm_opt
        .arg(node_modules.join("binaryen/bin/wasm-opt"))
        .arg(scratch.join("named_bg.wasm"))
        .arg("-o")
        .arg(&small)
        .args(["-g", "-Oz", "--converge"]);
    command::run(&mut wasm_opt)?;
    Ok(small)
}

/// Bytes and functions of code by part, and bytes of data.
struct Weights {
    code: BTreeMap<String, (usize, usize)>,
    data: usize,
}

impl Weights {
    fn of(module: &[u8]) -> anyhow::Result<Self> {
        let (mut bodies, mut names, mut imported, mut data) = (Vec::new(), BTreeMap::new(), 0, 0);
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::ImportSection(section) => imported = functions(section)?,
                Payload::CodeSectionEntry(body) => bodies.push(body.range().len()),
                Payload::DataSection(section) => data = section.range().len(),
                Payload::CustomSection(section) => {
                    if let KnownCustom::Name(section) = section.as_known() {
                        for part in section {
                            if let Name::Function(functions) = part? {
                                for function in functions {
                                    let function = function?;
                                    names.insert(function.index, function.name);
                                }
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        let mut code = BTreeMap::<String, (usize, usize)>::new();
        for (index, bytes) in (imported..).zip(bodies) {
            let name = names.get(&index).context("a function without a name")?;
            let (sum, count) = code.entry(part(name)).or_default();
            *sum += bytes;
            *count += 1;
        }
        Ok(Self { code, data })
    }
}

/// How many functions a module imports: its own are counted after them.
fn functions(section: ImportSectionReader<'_>) -> anyhow::Result<u32> {
    let mut count = 0;
    for import in section.into_imports() {
        if matches!(import?.ty, TypeRef::Func(_)) {
            count += 1;
        }
    }
    Ok(count)
}

/// The crate that a function comes from, and for our own crates the module too.
fn part(name: &str) -> String {
    let is_path = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':');
    let name = without_hashes(name);
    // `<a::b::C as d::E>::f`, `core::ptr::drop_in_place::<a::b::C>`: what it is about comes first.
    let mut paths = name.split(|c| !is_path(c));
    let path = paths.find(|path| path.trim_matches(':').contains("::"));
    let mut steps = path
        .unwrap_or_default()
        .split("::")
        .filter(|step| !step.is_empty());
    match (steps.next(), steps.next()) {
        (Some(ours), Some(module)) if OURS.contains(&ours) => format!("{ours}::{module}"),
        (Some(other), Some(_)) => other.into(),
        // What the glue calls, with all that was put into it, and what the compiler makes, have no path.
        _ => format!("`{name}`"),
    }
}

/// A name without the hash behind each crate, as in `core[0123abcd]::fmt`.
fn without_hashes(name: &str) -> String {
    let mut pieces = name.split('[');
    let mut plain: String = pieces.next().unwrap_or_default().into();
    for piece in pieces {
        match piece.split_once(']') {
            Some((hash, rest)) if hash.chars().all(|c| c.is_ascii_hexdigit()) => plain += rest,
            _ => plain.extend(["[", piece]),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_told_by_the_path_that_it_is_about() {
        for (name, expected) in [
            (
                "<consent_core[38cf]::record::Record>::to_json",
                "consent_core::record",
            ),
            (
                "consent_core::record::Record::to_json",
                "consent_core::record",
            ),
            (
                "<consent_core::id::SiteId as core::str::FromStr>::from_str::h0",
                "consent_core::id",
            ),
            (
                "<&alloc::string::String as core::fmt::Write>::write_str",
                "alloc",
            ),
            (
                "core::ptr::drop_in_place::<consent_core::record::Record>",
                "core",
            ),
            ("<[u8] as alloc[1]::borrow::ToOwned>::to_owned", "alloc"),
            ("memcpy", "`memcpy`"),
        ] {
            assert_eq!(part(name), expected, "{name}");
        }
    }
}
