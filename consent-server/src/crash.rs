//! Places where a test can kill the process, to see what a crash there leaves behind. Release builds have none.

/// Kills the process, as `kill -9` does, if the environment says `CONSENT_CRASH=name`, or `name:3` for the third time.
#[cfg(debug_assertions)]
pub(crate) fn point(name: &str) {
    use std::sync::atomic::{AtomicU32, Ordering};
    static LEFT: AtomicU32 = AtomicU32::new(0);
    let Ok(wanted) = std::env::var("CONSENT_CRASH") else {
        return;
    };
    let (wanted, time) = wanted.split_once(':').unwrap_or((&wanted, "1"));
    if wanted != name {
        return;
    }
    let passed = LEFT.fetch_add(1, Ordering::SeqCst) + 1;
    if Ok(passed) == time.parse() {
        let own = std::process::id().to_string();
        let _ = std::process::Command::new("kill")
            .args(["-KILL", &own])
            .status();
        loop {
            std::thread::park();
        }
    }
}

/// Nothing.
#[cfg(not(debug_assertions))]
pub(crate) const fn point(_name: &str) {}
