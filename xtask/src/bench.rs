//! `cargo xtask bench`: figures, each measured here and now.

use crate::command;
use crate::weights;
use crate::workspace::Workspace;

/// What can be measured.
#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum Subject {
    /// How fast consent-core signs, verifies and reads, and what its parts weigh in the WASM
    Core,
}

pub(crate) fn bench(workspace: &Workspace, subject: Subject) -> anyhow::Result<()> {
    match subject {
        Subject::Core => {
            let mut cargo = command::cargo(workspace.root());
            cargo.args([
                "bench",
                "--quiet",
                "--package",
                "consent-core",
                "--bench",
                "core",
            ]);
            command::run(&mut cargo)?;
            println!();
            weights::print(workspace)
        }
    }
}
