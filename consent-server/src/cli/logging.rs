//! The server log, to stderr: what the program says of itself while it runs, the access log too. It has nothing to do with the signed
//! log of receipts, which is `consent_server::log`.

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

/// Begins the server log. `CONSENT_LOG` sets how much, as in `CONSENT_LOG=debug`, which adds the access log.
pub(super) fn start(default: &str, format: Format) {
    let filter = EnvFilter::try_from_env("CONSENT_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr);
    match format {
        Format::Text => lines.with_ansi(is_coloured()).init(),
        Format::Json => lines.json().flatten_event(true).with_ansi(false).init(),
    }
}

/// Colours are for eyes: not for files and pipes, and not where <https://no-color.org> says so.
fn is_coloured() -> bool {
    let says_no = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    io::stderr().is_terminal() && !says_no
}
