//! Build and test chores. `cargo xtask --help` lists them.

mod bench;
mod bits;
mod budgets;
mod bundle;
mod command;
mod deny;
mod digest;
mod dist;
mod evidence;
mod fuzz;
mod fuzz_api;
mod install;
mod soak;
mod sources;
mod steps;
mod toolchain;
mod weights;
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
    /// Measure, in a release build; what is after the name goes to the measurement: cargo xtask bench server --rows 10000000
    Bench {
        /// What to measure
        subject: bench::Subject,
        /// Options of the measurement; --help lists them
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        options: Vec<String>,
    },
    /// Make random evidence files, tamper with half of them, and compare our verdicts with those of the Python verifier
    Evidence {
        /// How many files
        #[arg(long, default_value_t = 10_000)]
        files: u32,
    },
    /// Flip every bit of a small database, one at a time, and list what `consent fsck` found, by page and table
    Bits {
        /// Only every n-th bit; odd, or some bits of a byte never get their turn
        #[arg(long, default_value_t = 1)]
        every: u32,
        /// Only in places with this in their name, as an earlier run listed them
        #[arg(long, default_value = "")]
        within: String,
    },
    /// Search for inputs that break a law of consent-core, with libFuzzer
    Fuzz {
        /// canonical, cookie, receipt, record or site; all of them if left out
        target: Option<String>,
        /// How long to search, for each target
        #[arg(long, default_value_t = 60)]
        seconds: u32,
    },
    /// Send a server whatever docs/openapi.json allows, and what it does not, with `schemathesis`
    FuzzApi {
        /// At least so many requests
        #[arg(long, default_value_t = 100_000)]
        requests: u64,
        /// The first round's seed: to repeat a run
        #[arg(long, default_value_t = 1)]
        seed: u32,
    },
    /// Kill a server at random points under load, and see that nothing acknowledged is lost or doubled
    Soak {
        /// How often
        #[arg(long, default_value_t = 100)]
        kills: u32,
    },
    /// Take pictures of the notice in every layout, for people to look at
    Screenshots {
        /// The folder to write
        #[arg(default_value = "target/screenshots")]
        folder: std::path::PathBuf,
        /// Where the contact sheets go; docs/pictures has those of the documentation
        #[arg(long)]
        sheets: Option<std::path::PathBuf>,
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
        Chore::Bench { subject, options } => bench::bench(&workspace, *subject, options),
        Chore::Evidence { files } => evidence::compare(&workspace, *files),
        Chore::Bits { every, within } => bits::flip(&workspace, *every, within),
        Chore::Fuzz { target, seconds } => fuzz::fuzz(&workspace, target.as_deref(), *seconds),
        Chore::FuzzApi { requests, seed } => fuzz_api::fuzz(&workspace, *requests, *seed),
        Chore::Soak { kills } => soak::soak(&workspace, *kills),
        Chore::Screenshots { folder, sheets } => {
            steps::screenshots(&workspace, folder, sheets.as_deref())
        }
        Chore::Test => steps::test(&workspace),
    }
}
