//! What operators watch, as `OpenMetrics` text. No label tells people apart: routes as declared, statuses, outcomes, the
//! operator's own sites and witnesses.

use crate::timeline::WrongClock;
use consent_core::time::UnixSeconds;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::metrics::info::Info;
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
    alarms: Alarms,
}

/// What alarms look at, beside that.
#[derive(Debug)]
struct Alarms {
    refused: Family<Code, Counter>,
    strange_origins: Family<OfSite, Counter>,
    sites: Family<State, Gauge>,
    clock: Family<How, Gauge>,
    checkpoint: Gauge,
    vouched: Family<By, Gauge>,
    set_back: Gauge,
    purged: Gauge,
    backed_up: Gauge,
    disk_free: Gauge,
    memory: Gauge,
}

/// What is measured only when somebody asks. What cannot be found out keeps its last value.
#[derive(Clone, Copy, Debug, Default)]
pub struct Measured {
    /// Signed records that wait for their commit.
    pub waiting: usize,
    /// The database and its log, in bytes.
    pub database: u64,
    /// Sites that are served, and those that have receipts and are not.
    pub sites: Option<(usize, usize)>,
    /// Why the clock is not believed.
    pub clock: Option<WrongClock>,
    /// When the log was signed last.
    pub checkpoint: Option<UnixSeconds>,
    /// When the proofs whose time was over were ended last.
    pub purged: Option<UnixSeconds>,
    /// When `consent backup` ran last.
    pub backed_up: Option<UnixSeconds>,
    /// What the disk of the data folder has left for the server's user, in bytes.
    pub disk_free: Option<u64>,
    /// What the process has in memory, in bytes.
    pub memory: Option<u64>,
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
    method: &'static str,
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

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Code {
    code: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfSite {
    site: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct State {
    state: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct How {
    how: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct By {
    by: String,
}

/// Why a record may be refused: each is there before the first one is.
const REFUSALS: [&str; 22] = [
    "body_too_large",
    "clock_ahead",
    "clock_set_back",
    "decision_expired",
    "impossible_act",
    "incomplete_body",
    "inconsistent_act",
    "invalid_record",
    "malformed_json",
    "missing_choice",
    "notice_outdated",
    "origin_not_allowed",
    "overloaded",
    "record_conflict",
    "request_timeout",
    "storage_unavailable",
    "too_many_requests",
    "unknown_category",
    "unknown_service",
    "unknown_site",
    "unsupported_media_type",
    "wrong_site",
];

const OUTCOMES: [Fate; 4] = [Fate::Stored, Fate::Repeated, Fate::Failed, Fate::Overloaded];

const STATES: [&str; 3] = ["served", "retired", "refused"];

const CLOCKS: [&str; 2] = ["set_back", "ahead"];

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
        let version = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
        list.register("build", "The program", version);
        let metrics = Self {
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
            alarms: Alarms::listed(&mut list),
            registry: list,
        };
        metrics.begin();
        metrics
    }
}

impl Alarms {
    fn listed(list: &mut Registry) -> Self {
        Self {
            refused: listed(
                list,
                "refused_records",
                None,
                "Records that were answered with a problem, by its code",
                Family::default(),
            ),
            strange_origins: listed(
                list,
                "strange_origins",
                None,
                "Requests of pages on origins that the site does not declare",
                Family::default(),
            ),
            sites: listed(
                list,
                "sites",
                None,
                "Sites: served; retired, with receipts and not served any more; refused, as their declaration is wrong",
                Family::default(),
            ),
            clock: listed(
                list,
                "clock_wrong",
                None,
                "1 while the machine's clock is not believed and no receipt is signed",
                Family::default(),
            ),
            checkpoint: listed(
                list,
                "log_checkpoint_timestamp",
                Some(Unit::Seconds),
                "When the log was signed last",
                Gauge::default(),
            ),
            vouched: listed(
                list,
                "vouched_timestamp",
                Some(Unit::Seconds),
                "When a witness or the authority for timestamps was last known to vouch for all that is signed",
                Family::default(),
            ),
            set_back: listed(
                list,
                "log_set_back",
                None,
                "1 since a witness said that the log was set back, copied or forked",
                Gauge::default(),
            ),
            purged: listed(
                list,
                "purge_timestamp",
                Some(Unit::Seconds),
                "When the proofs whose time was over were last ended, of every site",
                Gauge::default(),
            ),
            backed_up: listed(
                list,
                "backup_timestamp",
                Some(Unit::Seconds),
                "When `consent backup` was last done",
                Gauge::default(),
            ),
            disk_free: listed(
                list,
                "disk_free",
                Some(Unit::Bytes),
                "What the disk of the data folder has left for the server",
                Gauge::default(),
            ),
            memory: listed(
                list,
                "memory",
                Some(Unit::Bytes),
                "What the process has in memory",
                Gauge::default(),
            ),
        }
    }
}

impl Metrics {
    /// Everything that can happen is there, at zero, before it does: an increase from nothing is no increase.
    fn begin(&self) {
        for fate in OUTCOMES {
            self.records(fate, 0);
        }
        for code in REFUSALS {
            drop(self.alarms.refused.get_or_create(&Code { code }));
        }
        for state in STATES {
            drop(self.alarms.sites.get_or_create(&State { state }));
        }
        for how in CLOCKS {
            drop(self.alarms.clock.get_or_create(&How { how }));
        }
    }

    /// These sites are served from now on.
    pub(crate) fn serve<'a>(&self, sites: impl Iterator<Item = &'a str>) {
        for site in sites {
            let site = site.to_owned();
            drop(self.alarms.strange_origins.get_or_create(&OfSite { site }));
        }
    }

    /// So many files of the folder of sites are wrong, and their sites not served as they say.
    pub(crate) fn refused_sites(&self, count: usize) {
        self.set_sites("refused", count);
    }

    fn set_sites(&self, state: &'static str, count: usize) {
        self.alarms
            .sites
            .get_or_create(&State { state })
            .set(gauge(count as u64));
    }

    /// A record was answered with a problem.
    pub(crate) fn refused(&self, code: &'static str) {
        self.alarms.refused.get_or_create(&Code { code }).inc();
    }

    /// A page on an origin that the site does not declare has asked.
    pub(crate) fn strange_origin(&self, site: &str) {
        let site = site.to_owned();
        self.alarms
            .strange_origins
            .get_or_create(&OfSite { site })
            .inc();
    }

    /// These are asked to vouch for the log.
    pub(crate) fn expect(&self, vouchers: impl Iterator<Item = String>) {
        for by in vouchers {
            drop(self.alarms.vouched.get_or_create(&By { by }));
        }
    }

    /// One of them vouches for what is signed now.
    pub(crate) fn vouched(&self, by: &str, at: UnixSeconds) {
        let by = by.to_owned();
        self.alarms.vouched.get_or_create(&By { by }).set(at.get());
    }

    /// A witness contradicts the log: that does not pass by itself.
    pub(crate) fn contradicted(&self) {
        self.alarms.set_back.set(1);
    }

    /// A request was answered.
    pub(crate) fn answered(&self, method: &str, route: &str, status: u16, took: Duration) {
        // Methods can be made up; each would be a line of its own forever.
        let known = ["GET", "HEAD", "POST", "DELETE", "OPTIONS"];
        let known = known.into_iter().find(|known| *known == method);
        let request = Request {
            method: known.unwrap_or("other"),
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
        self.log_entries.set(gauge(signed));
        self.log_waiting.set(gauge(waiting));
    }

    /// The text, with what is measured only when somebody asks.
    #[must_use]
    pub fn text(&self, measured: &Measured) -> String {
        self.waiting.set(gauge(measured.waiting as u64));
        self.database.set(gauge(measured.database));
        if let Some((served, retired)) = measured.sites {
            self.set_sites("served", served);
            self.set_sites("retired", retired);
        }
        for how in CLOCKS {
            let is_so = matches!(
                (how, measured.clock),
                ("set_back", Some(WrongClock::SetBack { .. }))
                    | ("ahead", Some(WrongClock::Ahead { .. }))
            );
            self.alarms
                .clock
                .get_or_create(&How { how })
                .set(i64::from(is_so));
        }
        let times = [
            (&self.alarms.checkpoint, measured.checkpoint),
            (&self.alarms.purged, measured.purged),
            (&self.alarms.backed_up, measured.backed_up),
        ];
        for (figure, at) in times {
            if let Some(at) = at {
                figure.set(at.get());
            }
        }
        let bytes = [
            (&self.alarms.disk_free, measured.disk_free),
            (&self.alarms.memory, measured.memory),
        ];
        for (figure, bytes) in bytes {
            if let Some(bytes) = bytes {
                figure.set(gauge(bytes));
            }
        }
        let mut text = String::new();
        // Writing to a `String` does not fail.
        let _: fmt::Result = text::encode(&mut text, &self.registry);
        text
    }
}

fn gauge(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
