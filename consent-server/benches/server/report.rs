//! The figures, as people read them.

use crate::ceiling::Ceiling;
use crate::load::Load;
use crate::pairs::Pair;
use crate::process::Memory;

/// What came of one load on one server.
pub(crate) struct Served {
    pub(crate) load: Load,
    pub(crate) memory: Memory,
    /// Microseconds of the server's processor time a receipt.
    pub(crate) cost: f64,
}

/// All measurements, a place each round.
pub(crate) struct Report {
    pub(crate) ceilings: Vec<Ceiling>,
    pub(crate) empty: Vec<Served>,
    pub(crate) full: Vec<Served>,
    connections: usize,
    rows: u64,
}

impl Report {
    pub(crate) fn new(connections: usize, rows: u64) -> Self {
        Self {
            ceilings: Vec::new(),
            empty: Vec::new(),
            full: Vec::new(),
            connections,
            rows,
        }
    }

    pub(crate) fn print(&self) {
        println!(
            "{} keep-alive connections, {} rounds; medians, and (lowest to highest)",
            self.connections,
            self.ceilings.len()
        );
        let ceilings: Vec<f64> = self.ceilings.iter().map(|ceiling| ceiling.rate).collect();
        let costs: Vec<f64> = self.ceilings.iter().map(|ceiling| ceiling.cost).collect();
        println!("ceiling: parse, sign, group commit, nothing else");
        line("  durable receipts", &ceilings, "/s");
        line("  processor time a receipt", &costs, " µs");
        Self::served("empty database", &self.empty);
        println!(
            "  of the ceiling                    {}",
            percent(&ratios(&rates(&self.empty), &ceilings))
        );
        if self.rows > 0 {
            Self::served(&format!("{} rows stored before", self.rows), &self.full);
            println!(
                "  of the empty database's rate      {}",
                percent(&ratios(&rates(&self.full), &rates(&self.empty)))
            );
        }
    }

    fn served(name: &str, served: &[Served]) {
        println!("server, {name}");
        line("  durable receipts", &rates(served), "/s");
        for share in [50, 99] {
            let latencies: Vec<f64> = served
                .iter()
                .map(|served| served.load.latency(share))
                .collect();
            line(&format!("  latency p{share}"), &latencies, " ms");
        }
        let costs: Vec<f64> = served.iter().map(|served| served.cost).collect();
        line("  processor time a receipt", &costs, " µs");
        let costs: Vec<f64> = served.iter().map(|served| served.load.cost).collect();
        line("  and of the load generator's", &costs, " µs");
        let memory = |field: fn(&Memory) -> u64| {
            let highest = served.iter().map(|served| field(&served.memory)).max();
            highest.unwrap_or_default() / 1024
        };
        println!(
            "  memory                            {} MB resident after the load, {} MB at most",
            memory(|memory| memory.resident),
            memory(|memory| memory.peak)
        );
    }
}

/// One server as a share of another, in many short turns: the middle half stands in brackets.
pub(crate) fn pairs(name: &str, pairs: &[Pair]) {
    let shares = |share: fn(&Pair) -> f64| {
        let shares = sorted(&pairs.iter().map(share).collect::<Vec<_>>());
        let at = |part: usize| shares[(shares.len() - 1) * part / 4] * 100.0;
        format!("{:.1} % ({:.1} to {:.1})", at(2), at(1), at(3))
    };
    println!(
        "{name}, {} pairs of turns; medians, and (middle half)",
        pairs.len()
    );
    println!(
        "  of its rate                       {}",
        shares(|pair| pair.rate)
    );
    println!(
        "  by processor time                 {}",
        shares(|pair| pair.cost)
    );
}

fn rates(served: &[Served]) -> Vec<f64> {
    served.iter().map(|served| served.load.rate()).collect()
}

fn ratios(of: &[f64], to: &[f64]) -> Vec<f64> {
    of.iter().zip(to).map(|(of, to)| of / to).collect()
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values
}

fn line(name: &str, values: &[f64], unit: &str) {
    let values = sorted(values);
    let precision = if unit == "/s" { 0 } else { 2 };
    println!(
        "{name:<35} {:.precision$}{unit} ({:.precision$} to {:.precision$})",
        values[values.len() / 2],
        values[0],
        values[values.len() - 1]
    );
}

fn percent(ratios: &[f64]) -> String {
    let ratios = sorted(ratios);
    format!(
        "{:.0} % ({:.0} to {:.0})",
        ratios[ratios.len() / 2] * 100.0,
        ratios[0] * 100.0,
        ratios[ratios.len() - 1] * 100.0
    )
}
