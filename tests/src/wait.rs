//! Waiting for programs to be ready.

use std::process::Child;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// Waits until a program is ready; it must not end before.
pub fn until(process: &mut Child, name: &str, mut is_ready: impl FnMut() -> bool) -> Result<()> {
    let start = Instant::now();
    while start.elapsed() < Duration::from_mins(2) {
        if let Some(status) = process.try_wait()? {
            bail!("{name} ended with {status}");
        }
        if is_ready() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    bail!("{name} was not ready in two minutes")
}
