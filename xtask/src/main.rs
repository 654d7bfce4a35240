//! Build and test chores. `cargo xtask --help` lists them.

mod bench;
mod budgets;
mod bundle;
mod command;
mod dist;
mod install;
mod sources;
mod steps;
mod toolchain;
mod workspace;

use std::process::ExitCode;

use clap::Parser;

use crate::workspace::Workspace;

/// Build and test chores.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Chore {
    /// Build consent-wasm/dist from source
    Wasm,
    /// The same; with --check, only compare
    Dist {
        /// Rebuild elsewhere, and fail when consent-wasm/dist was not made from this source
        #[arg(long)]
        check: bool,
    },
    /// Print each byte budget and what is spent on what; exit with 1 when one is exceeded
    Budgets,
    /// Measure; what is after the name goes to the measurement: cargo xtask bench banner --rounds 5
    Bench {
        /// What to measure
        what: bench::What,
        /// Options of the measurement
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        options: Vec<String>,
    },
    /// Install what the tests need, rebuild the bundle, check everything, run every test
    Test,
}

fn main() -> ExitCode {
    match run(&Chore::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            // The whole chain, and no backtrace: what failed is a program or a check, not this code.
            eprintln!("error: {problem:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(chore: &Chore) -> anyhow::Result<()> {
    let workspace = Workspace::find()?;
    match chore {
        Chore::Dist { check: true } => dist::check(&workspace).map(|_| ()),
        Chore::Wasm | Chore::Dist { .. } => dist::build(&workspace),
        Chore::Budgets => budgets::check(&workspace),
        Chore::Bench { what, options } => bench::run(&workspace, *what, options),
        Chore::Test => steps::test(&workspace),
    }
}
