//! Byte budgets: what pages load, and what it is spent on.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use consent_core::publication::{Bundle, Publication};
use consent_core::site::Site;
use serde::Deserialize;

use crate::bundle;
use crate::workspace::Workspace;

/// The site that the budgets are measured with.
const SITE: &str = "examples/sites/lacassagne.toml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Budgets {
    budget: Vec<Budget>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Budget {
    name: String,
    limit: usize,
    aim: Option<usize>,
    reason: String,
}

/// One part of what is loaded.
pub(crate) struct Part {
    name: String,
    pub(crate) raw: usize,
    gzip: usize,
    pub(crate) brotli: usize,
}

/// Prints each budget and what is spent on what; fails when one is exceeded.
pub(crate) fn check(workspace: &Workspace) -> anyhow::Result<()> {
    check_bundle(workspace, &workspace.dist())
}

/// The same for a bundle in another folder.
pub(crate) fn check_bundle(workspace: &Workspace, folder: &Path) -> anyhow::Result<()> {
    let budgets = fs::read_to_string(workspace.own().join("budgets.toml"))?;
    let budgets: Budgets = toml::from_str(&budgets).context("xtask/budgets.toml")?;
    let publication = publish(workspace, folder)?;

    let gate = Part::of("gate with its manifest", publication.gate.as_bytes())?;
    let notices = publication.files.iter().map(|(language, file)| {
        Part::of(&format!("notice and style ({language})"), file.as_bytes())
    });
    let notice = largest(notices)?;
    let script = Part::of(
        "banner.js: loader and glue",
        &fs::read(folder.join("banner.js"))?,
    )?;
    let module = Part::of("banner.wasm", &fs::read(folder.join("banner.wasm"))?)?;
    let style = publication.files.values().find_map(|file| {
        let (style, _) = file.split_once("</style>")?;
        Some(Part::of("(of which the style alone)", style.as_bytes()))
    });
    let style = style.context("a notice without a style")??;
    let later = publication
        .preferences
        .values()
        .map(|file| Part::of("preferences and their style", file.as_bytes()));
    let later = largest(later)?;
    let later_script = Part::of("preferences.js", &fs::read(folder.join("preferences.js"))?)?;

    let mut exceeded = Vec::new();
    for budget in &budgets.budget {
        let parts: Vec<&Part> = match budget.name.as_str() {
            "gate" => vec![&gate],
            "first visit" => vec![&gate, &script, &module, &notice],
            "preferences" => vec![&later_script, &later],
            other => bail!("xtask/budgets.toml: nothing measures {other:?}"),
        };
        let spent: usize = parts.iter().map(|part| part.brotli).sum();
        let aim = budget
            .aim
            .map_or_else(String::new, |aim| format!(" (aim {aim})"));
        println!(
            "{}: {spent} of {} bytes of brotli{aim}\n  {}",
            budget.name, budget.limit, budget.reason
        );
        println!("  {:>9} {:>9} {:>9}", "raw", "gzip", "brotli");
        let details = if budget.name == "first visit" {
            vec![&style]
        } else {
            Vec::new()
        };
        for part in parts.into_iter().chain(details) {
            println!(
                "  {:>9} {:>9} {:>9}  {}",
                part.raw, part.gzip, part.brotli, part.name
            );
        }
        if spent > budget.limit {
            exceeded.push(format!(
                "{}: {} bytes over",
                budget.name,
                spent - budget.limit
            ));
        }
    }
    if !exceeded.is_empty() {
        bail!("over budget: {}", exceeded.join("; "));
    }
    Ok(())
}

/// Each visitor gets one language; the largest counts.
fn largest(parts: impl Iterator<Item = anyhow::Result<Part>>) -> anyhow::Result<Part> {
    let parts = parts.collect::<anyhow::Result<Vec<_>>>()?;
    let largest = parts.into_iter().max_by_key(|part| part.brotli);
    largest.context("the site has no language")
}

fn publish(workspace: &Workspace, folder: &Path) -> anyhow::Result<Publication> {
    let read = |name: &str| {
        fs::read_to_string(folder.join(name))
            .with_context(|| format!("cannot read {name}; run: cargo xtask wasm"))
    };
    let text = fs::read_to_string(workspace.root().join(SITE))
        .with_context(|| format!("cannot read {SITE}"))?;
    let site = Site::parse(SITE, &text).map_err(|problems| {
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("{}", problems.join("\n"))
    })?;
    let gate = read("gate.js")?;
    let parts = serde_json::from_str(&read("parts.json")?)?;
    let styles = serde_json::from_str(&read("styles.json")?)?;
    let digest = bundle::read(folder)?.bundle.parse()?;
    Ok(Publication::new(
        site,
        &Bundle {
            gate: &gate,
            parts: &parts,
            styles: &styles,
            digest,
        },
    ))
}

impl Part {
    pub(crate) fn of(name: &str, bytes: &[u8]) -> anyhow::Result<Self> {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        gzip.write_all(bytes)?;
        let parameters = brotli::enc::BrotliEncoderParams {
            quality: 11,
            size_hint: bytes.len(),
            ..Default::default()
        };
        let mut brotli = Vec::new();
        brotli::BrotliCompress(&mut &*bytes, &mut brotli, &parameters)?;
        Ok(Self {
            name: name.into(),
            raw: bytes.len(),
            gzip: gzip.finish()?.len(),
            brotli: brotli.len(),
        })
    }
}
