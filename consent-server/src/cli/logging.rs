//! The log, to stderr.

use std::io::{self, IsTerminal as _};
use tracing_subscriber::EnvFilter;

/// How lines are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs: a JSON object a line.
    Json,
}

/// Begins to log. `CONSENT_LOG` sets how much, as in `CONSENT_LOG=debug`.
pub(super) fn start(default: &str, format: Format) {
    let filter = EnvFilter::try_from_env("CONSENT_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr);
    match format {
        Format::Text => log.with_ansi(is_coloured()).init(),
        Format::Json => log.json().flatten_event(true).with_ansi(false).init(),
    }
}

/// Colours are for eyes: not for files and pipes, and not where <https://no-color.org> says so.
fn is_coloured() -> bool {
    let says_no = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    io::stderr().is_terminal() && !says_no
}
