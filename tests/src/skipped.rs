//! What a test says that did not run, because something is not on this machine. The test passes, and this must not go unseen.

use std::io::Write as _;

/// For what people install by hand, if they want it.
pub fn not_here(what: &str, why: &str) {
    // Past the test runner, which would keep it to itself. Where nobody reads, nobody misses it.
    let _ = writeln!(std::io::stderr(), "SKIPPED {what}: {why}");
}

/// For what `cargo xtask test` installs.
///
/// # Panics
///
/// Where the variable `CI` is set: what is missing there, something failed to install.
pub fn not_installed(what: &str, why: &str) {
    let is_ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty());
    assert!(
        !is_ci,
        "{what} must run where CI is set: {why}. Run `cargo xtask test`"
    );
    not_here(what, why);
}
