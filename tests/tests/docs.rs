//! The pages for website owners say what is so: declarations are read, links lead somewhere, commands exist.
//!
//! Every `toml` block of `docs/` is checked. One that begins with `id` is a whole declaration; any other is put into [`BASE`], where its
//! tables take the place of those of the same name.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use anyhow::{Context as _, Result, ensure};
use consent_core::check::{Severity, check};
use consent_core::i18n::languages;
use consent_core::site::{Declaration, schema};
use consent_core::time::UnixSeconds;
use consent_tests::tool;

/// What fragments are put into: the site that the pages speak of.
const BASE: &str = include_str!("docs/base.toml");

static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests).to_owned()
});

/// A page, with its path from the root.
struct Page {
    path: PathBuf,
    text: String,
}

/// A fenced block.
struct Block<'p> {
    line: usize,
    language: &'p str,
    text: String,
}

fn pages() -> Result<Vec<Page>> {
    let mut paths = ["README.md", "SECURITY.md"].map(PathBuf::from).to_vec();
    for entry in std::fs::read_dir(ROOT.join("docs"))? {
        let name = entry?.file_name();
        if Path::new(&name)
            .extension()
            .is_some_and(|extension| extension == "md")
        {
            paths.push(Path::new("docs").join(name));
        }
    }
    paths.sort();
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(ROOT.join(&path))?;
        Ok(Page { path, text })
    };
    paths.into_iter().map(read).collect()
}

impl Page {
    fn blocks(&self) -> Vec<Block<'_>> {
        let mut blocks = Vec::new();
        let mut open: Option<Block<'_>> = None;
        for (number, line) in self.text.lines().enumerate() {
            if let Some(language) = line.strip_prefix("```") {
                match open.take() {
                    Some(block) => blocks.push(block),
                    None => {
                        open = Some(Block {
                            line: number + 1,
                            language,
                            text: String::new(),
                        });
                    }
                }
            } else if let Some(block) = &mut open {
                block.text += line;
                block.text += "\n";
            }
        }
        blocks
    }

    /// Everything outside of fenced blocks.
    fn prose(&self) -> String {
        let mut inside = false;
        let lines = self.text.lines().filter(|line| {
            let is_fence = line.starts_with("```");
            inside ^= is_fence;
            !inside && !is_fence
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}

#[test]
fn declarations_are_read_and_break_no_rule() -> Result<()> {
    let today = UnixSeconds::from_rfc3339("2026-11-22")?;
    let mut checked = 0;
    for page in pages()? {
        for block in page.blocks().iter().filter(|b| b.language == "toml") {
            let place = format!("{}:{}", page.path.display(), block.line);
            let whole = if block.text.starts_with("id = ") {
                block.text.clone()
            } else {
                put_into(BASE, &block.text)
            };
            let declaration = Declaration::parse("site.toml", &whole).map_err(|wrong| {
                let wrong: Vec<_> = wrong.iter().map(ToString::to_string).collect();
                anyhow::anyhow!("{place}: {}\n{whole}", wrong.join("\n"))
            })?;
            let mut errors = check(&declaration, today)
                .into_iter()
                .filter(|finding| finding.rule.severity == Severity::Error);
            if let Some(error) = errors.next() {
                anyhow::bail!("{place}: {error}");
            }
            checked += 1;
        }
    }
    ensure!(checked > 10, "only {checked} declarations were found");
    Ok(())
}

/// A declaration with a fragment in it: the fragment's keys and tables instead of those of the same name.
fn put_into(base: &str, fragment: &str) -> String {
    let [mut top, tables] = halves(base);
    let [new_top, new_tables] = halves(fragment);
    let key = |line: &str| line.split(['=', ' ']).next().unwrap_or("").to_owned();
    let named: BTreeSet<String> = new_top.lines().map(key).collect();
    let kept: Vec<&str> = top
        .lines()
        .filter(|line| !named.contains(&key(line)))
        .collect();
    top = kept.join("\n");
    let header = |line: &str| line.starts_with('[').then(|| line.trim().to_owned());
    let headers: BTreeSet<String> = new_tables.lines().filter_map(header).collect();
    let mut kept = String::new();
    let mut keep = true;
    for line in tables.lines() {
        if let Some(header) = header(line) {
            keep = !headers.contains(&header);
        }
        if keep {
            kept += line;
            kept += "\n";
        }
    }
    [top, new_top, kept, new_tables].join("\n")
}

/// What stands before the first table, and the rest.
fn halves(text: &str) -> [String; 2] {
    let start = if text.starts_with('[') {
        0
    } else {
        text.find("\n[").map_or(text.len(), |end| end + 1)
    };
    let (top, tables) = text.split_at(start);
    [top.to_owned(), tables.to_owned()]
}

#[test]
fn links_lead_somewhere() -> Result<()> {
    let mut followed = 0;
    for page in pages()? {
        let folder = ROOT.join(&page.path);
        let folder = folder.parent().context("no folder")?;
        let prose = page.prose();
        for part in prose.split("](").skip(1) {
            let target = part.split(')').next().unwrap_or("");
            if target.starts_with("https://") {
                continue;
            }
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let path = if file.is_empty() {
                ROOT.join(&page.path)
            } else {
                folder.join(file)
            };
            ensure!(
                path.exists(),
                "{}: \"{target}\" is not there",
                page.path.display()
            );
            if !heading.is_empty() {
                let text = std::fs::read_to_string(&path)?;
                let mut headings = text.lines().filter(|line| line.starts_with('#'));
                ensure!(
                    headings.any(|line| anchor(line) == heading),
                    "{}: \"{target}\": no such heading",
                    page.path.display()
                );
            }
            followed += 1;
        }
    }
    ensure!(followed > 20, "only {followed} links were found");
    Ok(())
}

/// What a heading is called in addresses.
fn anchor(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    text.chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

#[test]
fn commands_and_their_options_exist() -> Result<()> {
    let mut tried = 0;
    for page in pages()? {
        let shells = |block: &&Block<'_>| matches!(block.language, "sh" | "console");
        for block in page.blocks().iter().filter(shells) {
            for line in block.text.lines() {
                let line = line.trim_start_matches("$ ");
                let line = line.split(" #").next().unwrap_or(line);
                let Some(words) = line.strip_prefix("consent ") else {
                    continue;
                };
                takes(words).with_context(|| format!("{}: {line}", page.path.display()))?;
                tried += 1;
            }
        }
    }
    ensure!(tried > 5, "only {tried} commands were found");
    Ok(())
}

/// Checks that the command takes the options: its help names each.
fn takes(words: &str) -> Result<()> {
    let words: Vec<&str> = words.split_whitespace().collect();
    let count = match words.as_slice() {
        ["token" | "keys", ..] => 2,
        _ => 1,
    };
    let (command, rest) = words.split_at(count.min(words.len()));
    let output = Command::new(tool::consent()?)
        .args(command)
        .arg("--help")
        .output()?;
    ensure!(output.status.success(), "no such command");
    let help = String::from_utf8(output.stdout)?;
    let known: BTreeSet<&str> = help
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
        .collect();
    for word in rest.iter().filter(|word| word.starts_with("--")) {
        let option = word.split('=').next().unwrap_or(word);
        ensure!(known.contains(option), "there is no {option}");
    }
    Ok(())
}

#[test]
fn the_policy_for_contents_is_the_one_that_browsers_were_tried_with() -> Result<()> {
    let scenario = std::fs::read_to_string(ROOT.join("tests/tests/scenarios/failing.rs"))?;
    let tried = scenario
        .split("const POLICY: &str = \"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .context("no policy in the scenarios")?;
    // Without what the scenario's own page needs: its scripts, its third party, and the icon that browsers ask for.
    let ours = tried
        .replace(" 'nonce-ear' 'nonce-page'", "")
        .replace(" {third}", "")
        .replace("; img-src 'self'", "");
    let page = std::fs::read_to_string(ROOT.join("docs/csp.md"))?;
    ensure!(page.contains(&ours), "docs/csp.md does not name: {ours}");
    Ok(())
}

#[test]
fn the_number_of_languages_is_right() -> Result<()> {
    let page = std::fs::read_to_string(ROOT.join("docs/install.md"))?;
    let said = format!("in {} languages", languages().count());
    ensure!(page.contains(&said), "docs/install.md does not say: {said}");
    Ok(())
}

#[test]
fn every_key_of_a_declaration_is_explained() -> Result<()> {
    let page = std::fs::read_to_string(ROOT.join("docs/declaration.md"))?
        + &*std::fs::read_to_string(ROOT.join("docs/texts.md"))?;
    let schema: serde_json::Value = serde_json::from_str(&schema())?;
    let mut keys = BTreeSet::new();
    keys_of(&schema, &mut keys);
    ensure!(keys.len() > 50, "only {} keys were found", keys.len());
    for key in keys {
        ensure!(
            page.contains(&format!("`{key}`")),
            "docs/declaration.md does not explain `{key}`"
        );
    }
    Ok(())
}

fn keys_of(node: &serde_json::Value, keys: &mut BTreeSet<String>) {
    match node {
        serde_json::Value::Object(members) => {
            for (name, value) in members {
                if let ("properties", Some(properties)) = (&**name, value.as_object()) {
                    keys.extend(properties.keys().cloned());
                    properties.values().for_each(|value| keys_of(value, keys));
                } else {
                    keys_of(value, keys);
                }
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| keys_of(item, keys)),
        _ => {}
    }
}
