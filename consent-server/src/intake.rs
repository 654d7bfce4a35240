//! How a checked record becomes a durable receipt: signed where its request runs, committed in groups by one thread.
//!
//! The queue between is bounded. The writer takes whatever waits, commits it in one transaction, answers each, and
//! never waits for more: under light load a record is committed alone, under heavy load a commit is shared by many.
//!
//! Before that, a record must be acceptable ([`acceptance`]), and be somebody's ([`holding`]).

pub mod acceptance;
pub mod holding;

use crate::day::Day;
use crate::live::Live;
use crate::metrics::{Fate, Metrics};
use crate::problem::Problem;
use crate::repeats;
use crate::store::{Appended, Counted, NewRow, Store, StoreError};
use consent_core::decision::{Act, Choices, Decision, Source};
use consent_core::digest::Digest;
use consent_core::id::{ConsentId, RecordId};
use consent_core::key::KeySet;
use consent_core::receipt::{Expectations, Receipt, Signer};
use consent_core::record::Record;
use consent_core::time::{Months, UnixSeconds};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// How many signed records may wait for their commit.
const QUEUE: usize = 4096;

/// How many are committed together at most: bounds a transaction's memory and time.
const BATCH: usize = 1024;

/// Takes checked records in.
#[derive(Debug)]
pub struct Intake {
    signer: Live<Signer>,
    /// The latest moment at which anything was signed, in Unix seconds.
    signed: AtomicI64,
    /// `None` once the server is stopping.
    queue: RwLock<Option<mpsc::Sender<Waiting>>>,
    writer: Mutex<Option<JoinHandle<()>>>,
    failed: Arc<Mutex<Option<(Instant, Problem)>>>,
    metrics: Arc<Metrics>,
    is_logged: bool,
}

/// How long a failed write makes the server unready, unless a later one succeeds: long enough for whoever watches to see.
const UNREADY: Duration = Duration::from_secs(10);

/// What became of a record. Whatever it is, it is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It was stored, with this receipt.
    Stored(String),
    /// Its id was there before, with this receipt.
    Exists(String),
}

/// Why a record was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IntakeError {
    /// The queue is full, or the server is shutting down.
    #[error("no room for another record")]
    Full,
    /// The storage failed; the log has the reason.
    #[error("the storage failed")]
    Storage,
}

struct Waiting {
    row: NewRow,
    answer: oneshot::Sender<Result<Taken, IntakeError>>,
}

impl Intake {
    /// Starts the thread that writes. `is_logged`: each receipt gets a place in the log.
    pub fn start(
        signer: Signer,
        store: Arc<dyn Store>,
        metrics: Arc<Metrics>,
        is_logged: bool,
    ) -> std::io::Result<Self> {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let failed = Arc::<Mutex<Option<(Instant, Problem)>>>::default();
        let failures = Arc::clone(&failed);
        let counted = Arc::clone(&metrics);
        let writer = std::thread::Builder::new()
            .name("writer".into())
            .spawn(move || write(waiting, &*store, &failures, &counted))?;
        Ok(Self {
            signer: Live::new(signer),
            signed: AtomicI64::new(0),
            queue: RwLock::new(Some(queue)),
            writer: Mutex::new(Some(writer)),
            failed,
            metrics,
            is_logged,
        })
    }

    /// Signs with another key, from the next record on. Once this returns, no record is signed with the one before; the answer
    /// is no earlier than any that was.
    pub fn sign_with(&self, signer: Signer) -> UnixSeconds {
        // Whoever signs a record holds the queue.
        let _nobody_signs = self.queue.write().unwrap_or_else(PoisonError::into_inner);
        self.signer.set(signer);
        UnixSeconds::new(self.signed.load(Ordering::Acquire)).unwrap_or(UnixSeconds::EPOCH)
    }

    /// What signs, as of now.
    #[must_use]
    pub fn signer(&self) -> Arc<Signer> {
        self.signer.get()
    }

    /// Whether what is signed verifies with these keys: signs a record of nobody's, which is kept nowhere.
    #[must_use]
    pub fn signs_for(&self, keys: &KeySet, at: UnixSeconds) -> bool {
        let (Ok(site), Ok(language)) = ("probe".parse(), "en".parse()) else {
            return false;
        };
        let nobody = Record {
            id: RecordId::v7(0, [0; 10]),
            site,
            subject: ConsentId::from_random([0; 16]),
            decision: Decision {
                act: Act::RefuseAll,
                source: Source::Api,
                choices: Choices::default(),
                services: Choices::default(),
            },
            decided_at: at,
            expires_at: at.plus_months(Months::THIRTEEN),
            scope: Digest::from_bytes([0; 32]),
            notice: Digest::from_bytes([0; 32]),
            language,
            previous: None,
            gpc: false,
        };
        let receipt = self.signer.get().sign(&nobody, at);
        let signs = Receipt::verify(&receipt, keys, &Expectations::at(at)).is_ok();
        if !signs {
            self.metrics.signed_wrongly();
        }
        signs
    }

    /// How many signed records wait for their commit.
    #[must_use]
    pub fn waiting(&self) -> usize {
        let queue = self.queue.read().unwrap_or_else(PoisonError::into_inner);
        queue
            .as_ref()
            .map_or(0, |queue| queue.max_capacity() - queue.capacity())
    }

    /// Why the last write failed, if it did so a moment ago.
    #[must_use]
    pub fn failing(&self) -> Option<Problem> {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, problem) = failed.as_ref()?;
        (at.elapsed() < UNREADY).then(|| problem.clone())
    }

    /// Signs and stores a record, and answers when it is durable. `continues`: there may be others of its consent id from
    /// before. `at` is the time of signing, and `day` that of the site's own calendar.
    pub async fn take(
        &self,
        record: Record,
        continues: bool,
        at: UnixSeconds,
        day: Day,
    ) -> Result<Taken, IntakeError> {
        let answered = self.enqueue(record, continues, at, day).inspect_err(|_| {
            self.metrics.records(Fate::Overloaded, 1);
        })?;
        // The answer is dropped only when the writer has panicked: the record may be stored or not.
        answered.await.unwrap_or(Err(IntakeError::Storage))
    }

    fn enqueue(
        &self,
        record: Record,
        continues: bool,
        at: UnixSeconds,
        day: Day,
    ) -> Result<oneshot::Receiver<Result<Taken, IntakeError>>, IntakeError> {
        let queue = self.queue.read().unwrap_or_else(PoisonError::into_inner);
        let queue = queue.as_ref().ok_or(IntakeError::Full)?;
        // A place first: what is refused costs no signature.
        let place = queue.try_reserve().map_err(|_| IntakeError::Full)?;
        self.metrics.accepted(at.get() - record.decided_at.get());
        self.signed.fetch_max(at.get(), Ordering::AcqRel);
        let receipt = self.signer.get().sign(&record, at);
        let mut row = NewRow {
            continues,
            ..to_row(record, at, day, receipt)
        };
        if self.is_logged {
            // Here and not where it is committed: requests run side by side, commits one after the other.
            row = row.committed().map_err(|error| {
                repeats::tell("a record was not stored", &error);
                IntakeError::Storage
            })?;
        }
        let (answer, answered) = oneshot::channel();
        place.send(Waiting { row, answer });
        Ok(answered)
    }

    /// Refuses new records, finishes those that wait, and returns when the last is durable. Blocks.
    pub fn stop(&self) {
        // The writer ends once it has all that was sent before the sender went.
        drop(
            self.queue
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
        let writer = self
            .writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if writer.is_some_and(|writer| writer.join().is_err()) {
            tracing::error!("the thread that writes records has panicked");
        }
    }
}

/// What outsiders hear of a storage that takes no records.
pub(crate) const fn unavailable(error: &StoreError) -> Problem {
    match error {
        StoreError::Superseded => Problem::Superseded,
        _ => Problem::StorageUnavailable,
    }
}

/// The row of a record and its receipt, signed at this moment, which was on this day of the site's calendar.
#[must_use]
pub fn to_row(record: Record, at: UnixSeconds, day: Day, receipt: String) -> NewRow {
    NewRow {
        counted: Counted::of(&record, day),
        continues: record.previous.is_some(),
        id: record.id,
        site: record.site,
        subject: record.subject,
        decided_at: record.decided_at,
        received_at: at,
        expires_at: record.expires_at,
        receipt,
        commitment: None,
    }
}

fn write(
    mut waiting: mpsc::Receiver<Waiting>,
    store: &dyn Store,
    failed: &Mutex<Option<(Instant, Problem)>>,
    metrics: &Metrics,
) {
    let mut batch = Vec::with_capacity(BATCH);
    let (mut rows, mut answers) = (Vec::with_capacity(BATCH), Vec::with_capacity(BATCH));
    while waiting.blocking_recv_many(&mut batch, BATCH) > 0 {
        // When every processor is busy, the requests that are ready to run go first, and share this commit; when one is
        // idle, this costs a microsecond.
        std::thread::yield_now();
        while batch.len() < BATCH
            && let Ok(more) = waiting.try_recv()
        {
            batch.push(more);
        }
        for Waiting { row, answer } in batch.drain(..) {
            rows.push(row);
            answers.push(answer);
        }
        let began = Instant::now();
        let appended = store.append(&rows);
        metrics.committed(rows.len(), began.elapsed());
        *failed.lock().unwrap_or_else(PoisonError::into_inner) = appended
            .as_ref()
            .err()
            .map(|error| (Instant::now(), unavailable(error)));
        match appended {
            Ok(appended) => {
                let repeated = appended.iter().filter(|row| **row != Appended::Stored);
                let repeated = repeated.count() as u64;
                metrics.records(Fate::Stored, appended.len() as u64 - repeated);
                metrics.records(Fate::Repeated, repeated);
                let all = rows.drain(..).zip(answers.drain(..)).zip(appended);
                for ((row, answer), appended) in all {
                    // A client that went away does not hear of it; its record is stored all the same.
                    let _ = answer.send(Ok(match appended {
                        Appended::Stored => Taken::Stored(row.receipt),
                        Appended::Exists(first) => Taken::Exists(first),
                    }));
                }
            }
            Err(error) => {
                metrics.records(Fate::Failed, rows.len() as u64);
                repeats::tell("records were not stored", &error);
                rows.clear();
                for answer in answers.drain(..) {
                    let _ = answer.send(Err(IntakeError::Storage));
                }
            }
        }
    }
}
