//! Places where a test can stop this process, or have the system refuse: to see what is left behind. Release builds have none.

use std::io;

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

/// The same, and in unit tests fails where they say so.
#[cfg(not(test))]
#[allow(clippy::unnecessary_wraps, reason = "tests have it fail")]
pub(crate) fn fallible_point(name: &str) -> io::Result<()> {
    point(name);
    Ok(())
}

#[cfg(test)]
thread_local! {
    static FAILING: std::cell::RefCell<Option<String>> = const { std::cell::RefCell::new(None) };
}

/// The same, and fails where [`failing`] says so.
#[cfg(test)]
pub(crate) fn fallible_point(name: &str) -> io::Result<()> {
    point(name);
    let fails = FAILING.with_borrow(|failing| failing.as_deref() == Some(name));
    if fails {
        Err(io::Error::other(format!("failed at {name}, for a test")))
    } else {
        Ok(())
    }
}

/// Does something of which one step fails, on this thread.
#[cfg(test)]
pub(crate) fn failing<T>(name: &str, act: impl FnOnce() -> T) -> T {
    FAILING.set(Some(name.to_owned()));
    let done = act();
    FAILING.set(None);
    done
}
