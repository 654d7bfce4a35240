//! `cargo xtask bench`: measurements that people run, and read with the machine in mind.

mod banner;

use clap::ValueEnum;

use crate::workspace::Workspace;

/// What can be measured.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum What {
    /// The banner beside others from npm, in Chromium: --rounds N
    Banner,
}

/// Builds, and measures.
pub(crate) fn run(workspace: &Workspace, what: What, options: &[String]) -> anyhow::Result<()> {
    match what {
        What::Banner => banner::bench(workspace, options),
    }
}
