//! What we sign, compute and say, checked by other languages' own libraries.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use consent_core::time::{Months, UnixSeconds};
use consent_tests::tool;

mod backends;
mod intl;

#[test]
fn dateutil_ends_choices_at_the_same_second_on_every_day_of_2024_to_2031() -> Result<()> {
    const DAY: i64 = 86_400;
    let first = UnixSeconds::from_rfc3339("2024-01-01T00:00:00Z")?.get();
    let last = UnixSeconds::from_rfc3339("2031-12-31T00:00:00Z")?.get();
    // Midnight, the last second of the day, and a moment between.
    let decided: Vec<i64> = (first..=last)
        .step_by(86_400)
        .flat_map(|midnight| [midnight, midnight + 30_000, midnight + DAY - 1])
        .collect();
    assert_eq!(decided.len(), 2922 * 3);

    let mut command = Command::new(tool::python());
    command.arg(script("thirteen_months").with_extension("py"));
    let theirs = output_of(command, decided.iter().map(ToString::to_string))?;
    assert_eq!(theirs.len(), decided.len());
    for (decided, theirs) in decided.into_iter().zip(theirs) {
        let ours = UnixSeconds::new(decided)?.plus_months(Months::THIRTEEN);
        assert_eq!(ours.get().to_string(), theirs, "decided at {decided}");
    }
    Ok(())
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("other-languages")
        .join(name)
}

fn output_of(mut command: Command, lines: impl Iterator<Item = String>) -> Result<Vec<String>> {
    let program = command.get_program().to_owned();
    let mut process = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("{} does not start", OsStr::new(&program).display()))?;
    let input = lines.collect::<Vec<_>>().join("\n") + "\n";
    let mut stdin = process.stdin.take().context("piped")?;
    // Written beside the reading, so that neither side waits for the other.
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = process.wait_with_output()?;
    ensure!(
        output.status.success(),
        "{} failed: is it installed? Run `cargo xtask test`",
        program.display()
    );
    writer
        .join()
        .map_err(|_| anyhow::anyhow!("the writer panicked"))??;
    Ok(String::from_utf8(output.stdout)?
        .lines()
        .map(ToOwned::to_owned)
        .collect())
}
