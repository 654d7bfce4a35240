//! What operators watch, as `OpenMetrics` text. No label tells people apart: routes as declared, statuses, outcomes.

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Metric, Registry, Unit};
use std::fmt;
use std::time::Duration;

/// The media type of the text.
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// All that is counted.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<Request, Counter>,
    latency: Family<Route, Histogram, fn() -> Histogram>,
    receipts: Family<Outcome, Counter>,
    batch: Histogram,
    commit: Histogram,
    waiting: Gauge,
    database: Gauge,
    log_entries: Gauge,
    log_waiting: Gauge,
    delay: Histogram,
    unsigned: Counter,
    refused_files: Gauge,
}

/// What became of a record that was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is durable.
    Stored,
    /// It was durable before.
    Repeated,
    /// The storage failed.
    Failed,
    /// There was no room for it.
    Overloaded,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    method: String,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

/// From a quarter of a millisecond to eight seconds.
fn seconds() -> Histogram {
    Histogram::new(exponential_buckets(0.000_25, 2.0, 16))
}

/// Puts a figure on the list, with its unit or without.
fn listed<M: Metric + Clone>(
    registry: &mut Registry,
    name: &str,
    unit: Option<Unit>,
    help: &str,
    figure: M,
) -> M {
    match unit {
        Some(unit) => registry.register_with_unit(name, help, unit, figure.clone()),
        None => registry.register(name, help, figure.clone()),
    }
    figure
}

impl Default for Metrics {
    fn default() -> Self {
        let mut list = Registry::with_prefix("consent");
        Self {
            requests: listed(
                &mut list,
                "requests",
                None,
                "Answered requests",
                Family::default(),
            ),
            latency: listed(
                &mut list,
                "request",
                Some(Unit::Seconds),
                "From the head of a request to the head of its answer",
                Family::new_with_constructor(seconds),
            ),
            receipts: listed(
                &mut list,
                "records",
                None,
                "Records that were checked, by what became of them",
                Family::default(),
            ),
            batch: listed(
                &mut list,
                "commit_records",
                None,
                "Records that were committed together",
                Histogram::new(exponential_buckets(1.0, 2.0, 11)),
            ),
            commit: listed(
                &mut list,
                "commit",
                Some(Unit::Seconds),
                "How long a commit took, until it was on the disk",
                seconds(),
            ),
            waiting: listed(
                &mut list,
                "queue_records",
                None,
                "Signed records that wait for their commit",
                Gauge::default(),
            ),
            delay: listed(
                &mut list,
                "record_delay",
                Some(Unit::Seconds),
                "From the decision, by the visitor's clock, to its acceptance: what waited unsent in a browser came late",
                // From a second to half a year.
                Histogram::new(exponential_buckets(1.0, 4.0, 13)),
            ),
            unsigned: listed(
                &mut list,
                "signing_errors",
                None,
                "Signatures that did not verify with the published keys, tried when readiness is asked for, once a second at most",
                Counter::default(),
            ),
            database: listed(
                &mut list,
                "database",
                Some(Unit::Bytes),
                "The database and its log",
                Gauge::default(),
            ),
            log_entries: listed(
                &mut list,
                "log_entries",
                None,
                "Entries of the log that are signed",
                Gauge::default(),
            ),
            log_waiting: listed(
                &mut list,
                "log_waiting_entries",
                None,
                "Entries of the log that are stored and not signed yet",
                Gauge::default(),
            ),
            refused_files: listed(
                &mut list,
                "refused_declarations",
                None,
                "Files of the folder of sites that are not published as they are, because something in them is wrong",
                Gauge::default(),
            ),
            registry: list,
        }
    }
}

impl Metrics {
    /// A request was answered.
    pub(crate) fn answered(&self, method: &str, route: &str, status: u16, took: Duration) {
        // Methods can be made up; each would be a line of its own forever.
        let method = match method {
            "GET" | "HEAD" | "POST" | "DELETE" | "OPTIONS" => method,
            _ => "other",
        };
        let request = Request {
            method: method.to_owned(),
            route: route.to_owned(),
            status,
        };
        self.requests.get_or_create(&request).inc();
        let route = Route {
            route: request.route,
        };
        self.latency
            .get_or_create(&route)
            .observe(took.as_secs_f64());
    }

    /// A record was accepted so many seconds after its decision.
    pub(crate) fn accepted(&self, delay: i64) {
        self.delay
            .observe(f64::from(i32::try_from(delay).unwrap_or(i32::MAX)));
    }

    /// So many files of the folder of sites are refused.
    pub(crate) fn refused_files(&self, count: usize) {
        self.refused_files
            .set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// What was signed does not verify.
    pub(crate) fn signed_wrongly(&self) {
        self.unsigned.inc();
    }

    /// So many records met this fate.
    pub(crate) fn records(&self, fate: Fate, count: u64) {
        let outcome = match fate {
            Fate::Stored => "stored",
            Fate::Repeated => "repeated",
            Fate::Failed => "storage_failed",
            Fate::Overloaded => "overloaded",
        };
        self.receipts
            .get_or_create(&Outcome { outcome })
            .inc_by(count);
    }

    /// A commit of so many records ended.
    pub(crate) fn committed(&self, records: usize, took: Duration) {
        self.batch
            .observe(f64::from(u32::try_from(records).unwrap_or(u32::MAX)));
        self.commit.observe(took.as_secs_f64());
    }

    /// The log has so many signed entries, and so many that wait for it.
    pub(crate) fn logged(&self, signed: u64, waiting: u64) {
        let gauge = |count| i64::try_from(count).unwrap_or(i64::MAX);
        self.log_entries.set(gauge(signed));
        self.log_waiting.set(gauge(waiting));
    }

    /// The text, with what is measured only when somebody asks.
    #[must_use]
    pub fn text(&self, waiting: usize, database: u64) -> String {
        self.waiting.set(i64::try_from(waiting).unwrap_or(i64::MAX));
        self.database
            .set(i64::try_from(database).unwrap_or(i64::MAX));
        let mut text = String::new();
        // Writing to a `String` does not fail.
        let _: fmt::Result = text::encode(&mut text, &self.registry);
        text
    }
}
