//! Two servers side by side, under load in turns of a second: what slows the machine down for longer meets both.

use crate::fixture::Fixture;
use crate::process::Process;
use crate::{Args, load, micros};
use anyhow::Result;
use std::path::Path;
use std::time::Duration;

/// How long a turn lasts. A commit of the log's tree is due twice in it.
const TURN: Duration = Duration::from_secs(1);

/// After a turn: time to put into the log's tree what came last.
const REST: Duration = Duration::from_millis(700);

/// What came of one turn of each.
pub(crate) struct Pair {
    /// Receipts a second of the one, as a share of the other's.
    pub(crate) rate: f64,
    /// The processor time of a receipt of the other, server and generator together, as a share of the one's.
    pub(crate) cost: f64,
}

/// Measures one server as a share of another.
pub(crate) fn measure(
    args: &Args,
    fixture: &Fixture,
    folder: &Path,
    one: (&Path, &[&str]),
    other: (&Path, &[&str]),
) -> Result<Vec<Pair>> {
    let start = |name: &str, (program, options): (&Path, &[&str])| {
        Process::start(program, fixture, &folder.join(name), options)
    };
    let (one, other) = (start("one", one)?, start("other", other)?);
    let turn = |server: &Process| {
        let at_start = server.processor_time()?;
        let load = load::run(
            fixture,
            server.address,
            server.notice,
            args.connections,
            TURN,
        )?;
        std::thread::sleep(REST);
        let cost = micros(at_start, server.processor_time()?, load.answered());
        anyhow::Ok((load.rate(), cost + load.cost))
    };
    let mut pairs = Vec::new();
    for pair in 1..=args.pairs {
        // Which goes first changes from pair to pair.
        let (of_one, of_other) = if pair % 2 == 0 {
            let of_one = turn(&one)?;
            (of_one, turn(&other)?)
        } else {
            let of_other = turn(&other)?;
            (turn(&one)?, of_other)
        };
        pairs.push(Pair {
            rate: of_one.0 / of_other.0,
            cost: of_other.1 / of_one.1,
        });
    }
    one.stop()?;
    other.stop()?;
    Ok(pairs)
}
