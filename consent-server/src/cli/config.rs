//! Settings from a file: what stands there is the default of the option of that name, so the command line and the
//! environment come before it.

use super::store;
use anyhow::{Context as _, Result, bail};
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};
use consent_server::input;
use std::error::Error as _;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};

/// The environment's name for the file.
pub(super) const VARIABLE: &str = "CONSENT_CONFIG";

/// What a file sets, by the names of options.
#[derive(Debug, Default)]
pub(super) struct Settings(Vec<(String, String)>);

/// The file that the command line names, else the environment.
pub(super) fn file(arguments: &[OsString]) -> Option<PathBuf> {
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match word.to_str() {
            Some("--") => break,
            Some("--config") => return words.next().map(PathBuf::from),
            Some(word) => {
                if let Some(file) = word.strip_prefix("--config=") {
                    return Some(file.into());
                }
            }
            None => {}
        }
    }
    std::env::var_os(VARIABLE).map(PathBuf::from)
}

impl Settings {
    /// Reads a file. Each of its keys must be an option of `consent serve` that is also an environment variable.
    pub(super) fn read(path: &Path, serve: &Command) -> Result<Self> {
        let text = input::read_text(path, input::TEXT)
            .with_context(|| format!("the configuration {}", path.display()))?;
        let at = |offset: usize| {
            let before = text.get(..offset).unwrap_or(&text);
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
            format!("{}:{line}:{column}", path.display())
        };
        let table = DeTable::parse(&text).map_err(|error| {
            let place = at(error.span().map_or(0, |span| span.start));
            anyhow::anyhow!("{place}: {}", error.message())
        })?;
        let mut settings = Vec::new();
        for (key, value) in table.get_ref() {
            let (name, place) = (key.get_ref(), at(key.span().start));
            let Some(option) = options(serve).find(|option| option.get_long() == Some(name)) else {
                let known: Vec<_> = options(serve).filter_map(Arg::get_long).collect();
                bail!(
                    "{place}: {name}: not known here: there are {}",
                    known.join(", ")
                );
            };
            let text = match value.get_ref() {
                DeValue::String(text) => text.to_string(),
                DeValue::Integer(number) => number.as_str().to_owned(),
                DeValue::Boolean(truth) => truth.to_string(),
                _ => bail!("{place}: {name}: must be a text, a number, true or false"),
            };
            let text = as_seen_from(path, option, text);
            if let Some(problem) = problem(option, &text) {
                bail!("{}: {name}: {problem}", at(value.span().start));
            }
            settings.push((name.to_string(), text));
        }
        Ok(Self(settings))
    }

    /// Makes them the defaults of a command's options, and of its subcommands'.
    pub(super) fn apply(&self, mut command: Command) -> Command {
        for (name, value) in &self.0 {
            let has = |arg: &Arg| arg.get_long() == Some(name) && arg.get_env().is_some();
            let id = command.get_arguments().find(|arg| has(arg));
            if let Some(id) = id.map(|arg| arg.get_id().clone()) {
                command =
                    command.mut_arg(id, |arg| arg.required(false).default_value(value.clone()));
            }
        }
        let below: Vec<_> = command
            .get_subcommands()
            .map(|sub| sub.get_name().to_owned())
            .collect();
        below.into_iter().fold(command, |command, name| {
            command.mut_subcommand(name, |sub| self.apply(sub))
        })
    }

    /// All settings of `consent serve` with their values, and who says so: a configuration file that says the same.
    pub(super) fn shown(&self, serve: &Command, matches: &ArgMatches) -> String {
        let mut lines = Vec::new();
        for option in options(serve) {
            let (id, name) = (
                option.get_id().as_str(),
                option.get_long().unwrap_or_default(),
            );
            let Some(values) = matches.get_raw(id) else {
                lines.push(format!("# {name} is not set"));
                continue;
            };
            let value: Vec<_> = values.map(|value| value.to_string_lossy()).collect();
            let mut value = value.join(" ");
            if option.is_hide_env_values_set() {
                value = store::shown(&value);
            }
            let is_plain = matches!(&*value, "true" | "false") || value.parse::<u64>().is_ok();
            let value = if is_plain {
                value
            } else {
                format!("{value:?}")
            };
            let source = match matches.value_source(id) {
                Some(ValueSource::CommandLine) => "command line",
                Some(ValueSource::EnvVariable) => "environment",
                _ if self.0.iter().any(|(set, _)| set == name) => "file",
                _ => "default",
            };
            lines.push(format!("{name} = {value} # {source}"));
        }
        if std::env::var_os("CONSENT_SIGNING_KEY").is_some() {
            lines.push("# CONSENT_SIGNING_KEY is set, and not shown".to_owned());
        }
        lines.join("\n")
    }
}

/// What a file may set.
fn options(serve: &Command) -> impl Iterator<Item = &Arg> {
    let shown = |arg: &&Arg| arg.get_env().is_some_and(|name| name != VARIABLE);
    serve
        .get_arguments()
        .filter(shown)
        .filter(|arg| !arg.is_hide_set())
}

/// Files and folders are named as seen from the file that names them.
fn as_seen_from(file: &Path, option: &Arg, text: String) -> String {
    let names = option.get_value_names().unwrap_or_default();
    if !names.iter().any(|name| matches!(&**name, "DIR" | "FILE")) {
        return text;
    }
    let folder = file.parent().unwrap_or(Path::new(""));
    folder.join(text).to_string_lossy().into_owned()
}

/// Why a text is no value of an option: what the command line would say of it.
fn problem(option: &Arg, text: &str) -> Option<String> {
    if !option.get_action().takes_values() {
        let is_truth = matches!(text, "true" | "false");
        return (!is_truth).then(|| "must be true or false".to_owned());
    }
    let name = option.get_long().unwrap_or_default().to_owned();
    // Its values alone: what it needs or excludes beside it is not there.
    let alone = Arg::new(option.get_id())
        .long(name.clone())
        .action(option.get_action().clone())
        .value_parser(option.get_value_parser().clone());
    let probe = Command::new("consent").arg(alone);
    let error = probe
        .try_get_matches_from(["consent".to_owned(), format!("--{name}={text}")])
        .err()?;
    let reason = error.source().map(ToString::to_string);
    Some(reason.unwrap_or_else(|| format!("`{text}` is no value of it")))
}
