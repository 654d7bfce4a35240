//! How far an export has come, for people at a terminal.

use consent_server::export::Exported;
use std::io::{self, IsTerminal as _, Write};
use std::time::{Duration, Instant};

/// How often the line is written anew.
const EVERY: Duration = Duration::from_millis(200);

/// A line on the terminal, written over and over. Nothing where stderr is no terminal.
pub(super) struct Progress<W: Write = io::Stderr> {
    to: Option<W>,
    newest: i64,
    began: Instant,
    shown: Option<Instant>,
}

impl Progress {
    /// Until the receipt at this place.
    pub(super) fn new(newest: i64) -> Self {
        let to = io::stderr();
        Self::on(to.is_terminal().then_some(to), newest)
    }
}

impl<W: Write> Progress<W> {
    fn on(to: Option<W>, newest: i64) -> Self {
        Self {
            to,
            newest,
            began: Instant::now(),
            shown: None,
        }
    }

    pub(super) fn show(&mut self, written: &Exported) {
        let is_early = |shown: Instant| shown.elapsed() < EVERY;
        let Some(to) = self
            .to
            .as_mut()
            .filter(|_| !self.shown.is_some_and(is_early))
        else {
            return;
        };
        self.shown = Some(Instant::now());
        let line = line(written, self.newest, self.began.elapsed());
        // What cannot be shown is no reason to stop.
        let _ = write!(to, "\r{line}\x1b[K").and_then(|()| to.flush());
    }

    /// Leaves an empty line for what comes after.
    pub(super) fn end(&mut self) {
        if self.shown.is_some()
            && let Some(to) = &mut self.to
        {
            let _ = write!(to, "\r\x1b[K").and_then(|()| to.flush());
        }
    }
}

fn line(written: &Exported, newest: i64, took: Duration) -> String {
    let share = written.seen.saturating_mul(100) / newest.max(1);
    let megabytes = written.bytes / 1_000_000;
    format!(
        "{} % · {} receipts · {megabytes} MB · {} s",
        share.clamp(0, 100),
        written.receipts,
        took.as_secs()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_is_told_now_and_then_and_left_clean() {
        let mut told = Vec::new();
        let mut progress = Progress::on(Some(&mut told), 200);
        let written = Exported {
            receipts: 40,
            bytes: 3_100_000,
            seen: 50,
            ..Exported::default()
        };
        progress.show(&written);
        progress.show(&Exported {
            seen: 60,
            ..written
        });
        progress.end();
        let told = String::from_utf8(told).unwrap();
        assert_eq!(told, "\r25 % · 40 receipts · 3 MB · 0 s\x1b[K\r\x1b[K");
    }

    #[test]
    fn where_there_is_no_terminal_nothing_is_told() {
        let mut progress = Progress::<Vec<u8>>::on(None, 1);
        progress.show(&Exported::default());
        progress.end();
        assert!(progress.shown.is_none());
    }
}
