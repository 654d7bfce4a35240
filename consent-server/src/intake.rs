//! How a checked record becomes a durable receipt: signed on one thread, committed in groups by another.
//!
//! Both queues are bounded. The writer takes whatever waits, commits it in one transaction, answers each, and
//! never waits for more: under light load a record is committed alone, under heavy load a commit is shared by many.

use crate::store::{Appended, NewRow, Store};
use consent_core::receipt::Signer;
use consent_core::record::Record;
use consent_core::time::UnixSeconds;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot};

/// How many records may wait for their signature, and again how many for their commit.
const QUEUE: usize = 2048;

/// How many are committed together at most: bounds a transaction's memory and time.
const BATCH: usize = 1024;

/// Takes checked records in.
#[derive(Debug)]
pub struct Intake {
    queue: mpsc::Sender<Message>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

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

enum Message {
    Record(Box<Checked>),
    Stop,
}

struct Checked {
    record: Record,
    at: UnixSeconds,
    answer: Answer,
}

type Answer = oneshot::Sender<Result<Taken, IntakeError>>;

impl Intake {
    /// Starts the two threads.
    pub fn start(signer: Signer, store: Arc<dyn Store>) -> std::io::Result<Self> {
        let (queue, checked) = mpsc::channel(QUEUE);
        let (to_commit, rows) = mpsc::channel(QUEUE);
        let sign = move || sign(checked, &to_commit, &signer);
        let write = move || write(rows, &*store);
        let threads = vec![
            std::thread::Builder::new()
                .name("signer".into())
                .spawn(sign)?,
            std::thread::Builder::new()
                .name("writer".into())
                .spawn(write)?,
        ];
        Ok(Self {
            queue,
            threads: Mutex::new(threads),
        })
    }

    /// Signs and stores a record, and answers when it is durable. `at` is the time of signing.
    pub async fn take(&self, record: Record, at: UnixSeconds) -> Result<Taken, IntakeError> {
        let (answer, answered) = oneshot::channel();
        let message = Message::Record(Box::new(Checked { record, at, answer }));
        self.queue
            .try_send(message)
            .map_err(|_| IntakeError::Full)?;
        // The answer is dropped only when the threads stopped before this record's turn.
        answered.await.unwrap_or(Err(IntakeError::Full))
    }

    /// Refuses new records, finishes those that wait, and returns when the last is durable. Blocks.
    pub fn stop(&self) {
        // An error means that the threads have stopped already.
        let _ = self.queue.blocking_send(Message::Stop);
        let threads =
            std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a thread that signs or writes records has panicked");
            }
        }
    }
}

fn sign(
    mut checked: mpsc::Receiver<Message>,
    to_commit: &mpsc::Sender<(NewRow, Answer)>,
    signer: &Signer,
) {
    while let Some(message) = checked.blocking_recv() {
        match message {
            Message::Record(checked) => {
                let Checked { record, at, answer } = *checked;
                let receipt = signer.sign(&record, at);
                if to_commit
                    .blocking_send((to_row(record, at, receipt), answer))
                    .is_err()
                {
                    return;
                }
            }
            // Closed to new ones; those that were accepted before still come.
            Message::Stop => checked.close(),
        }
    }
}

/// The row of a record and its receipt, signed at this moment.
#[must_use]
pub fn to_row(record: Record, at: UnixSeconds, receipt: String) -> NewRow {
    NewRow {
        id: record.id,
        site: record.site,
        subject: record.subject,
        act: record.decision.act,
        decided_at: record.decided_at,
        received_at: at,
        expires_at: record.expires_at,
        receipt,
    }
}

fn write(mut rows: mpsc::Receiver<(NewRow, Answer)>, store: &dyn Store) {
    let mut waiting = Vec::with_capacity(BATCH);
    while rows.blocking_recv_many(&mut waiting, BATCH) > 0 {
        let (batch, answers): (Vec<NewRow>, Vec<Answer>) = waiting.drain(..).unzip();
        match store.append(&batch) {
            Ok(appended) => {
                for ((row, answer), appended) in batch.into_iter().zip(answers).zip(appended) {
                    // A client that went away does not hear of it; its record is stored all the same.
                    let _ = answer.send(Ok(match appended {
                        Appended::Stored => Taken::Stored(row.receipt),
                        Appended::Exists(first) => Taken::Exists(first),
                    }));
                }
            }
            Err(error) => {
                tracing::error!(%error, records = batch.len(), "records were not stored");
                for answer in answers {
                    let _ = answer.send(Err(IntakeError::Storage));
                }
            }
        }
    }
}
