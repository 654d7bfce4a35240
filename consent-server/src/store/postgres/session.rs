//! A connection, with the statements that it has prepared.

use super::error::PostgresError;
use super::fence::{Fence, LEASE, LOG, STILL_HELD};
use super::sql::Sql;
use super::url::PostgresUrl;
use crate::store::StoreError;
use futures_util::TryStreamExt as _;
use futures_util::future::try_join;
use std::collections::HashMap;
use std::future::poll_fn;
use std::ops::ControlFlow;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio_postgres::error::Severity;
use tokio_postgres::types::{FromSql, ToSql};
use tokio_postgres::{AsyncMessage, Client, Connection, Row, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

/// What statements are given.
pub(super) type Values<'a> = [&'a (dyn ToSql + Sync)];

/// How a session is begun: where, and for what.
#[derive(Clone)]
pub(super) struct Target {
    pub(super) url: PostgresUrl,
    pub(super) tls: MakeRustlsConnect,
    /// What is set before anything else.
    pub(super) settings: &'static str,
    /// In which epoch it writes; `None`: beside the one that takes records.
    pub(super) fence: Option<Fence>,
}

impl Target {
    /// The same, for the holder of a lease.
    pub(super) fn fenced(mut self, fence: Option<Fence>) -> Self {
        self.fence = fence;
        self
    }
}

/// A connection to the database.
pub(super) struct Session {
    client: Client,
    prepared: HashMap<Sql, Statement>,
    fence: Option<Fence>,
    /// Whether the database has warned since this was last asked.
    has_warned: Arc<AtomicBool>,
}

impl Session {
    pub(super) async fn begin(target: &Target) -> Result<Self, StoreError> {
        let (client, connection) = target.url.config().connect(target.tls.clone()).await?;
        let has_warned = Arc::default();
        tokio::spawn(drive(connection, Arc::clone(&has_warned)));
        client.batch_execute(target.settings).await?;
        Ok(Self {
            client,
            prepared: HashMap::new(),
            fence: target.fence.clone(),
            has_warned,
        })
    }

    /// Whether it is of no more use.
    pub(super) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// What sends several statements together.
    pub(super) const fn client(&self) -> &Client {
        &self.client
    }

    /// A statement, prepared at its first use.
    pub(super) async fn prepared(&mut self, sql: Sql) -> Result<Statement, StoreError> {
        if let Some(statement) = self.prepared.get(&sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql.text()).await?;
        self.prepared.insert(sql, statement.clone());
        Ok(statement)
    }

    /// The rows that a statement answers with.
    pub(super) async fn rows(
        &mut self,
        sql: Sql,
        values: &Values<'_>,
    ) -> Result<Vec<Row>, StoreError> {
        let statement = self.prepared(sql).await?;
        Ok(self.client.query(&statement, values).await?)
    }

    /// Each row that a statement answers with, as they come: for more than memory should hold.
    pub(super) async fn each(
        &mut self,
        sql: Sql,
        mut with: impl FnMut(&Row) -> Result<ControlFlow<()>, StoreError>,
    ) -> Result<(), StoreError> {
        let statement = self.prepared(sql).await?;
        let none: [&(dyn ToSql + Sync); 0] = [];
        let mut rows = pin!(self.client.query_raw(&statement, none).await?);
        while let Some(row) = rows.try_next().await? {
            if with(&row)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// The row that a statement answers with, if it does.
    pub(super) async fn row(
        &mut self,
        sql: Sql,
        values: &Values<'_>,
    ) -> Result<Option<Row>, StoreError> {
        let statement = self.prepared(sql).await?;
        Ok(self.client.query_opt(&statement, values).await?)
    }

    /// The row that a statement always answers with.
    pub(super) async fn one(&mut self, sql: Sql, values: &Values<'_>) -> Result<Row, StoreError> {
        let row = self.row(sql, values).await?;
        row.ok_or(StoreError::Corrupt("table without its row"))
    }

    /// How many rows a statement has changed.
    pub(super) async fn execute(
        &mut self,
        sql: Sql,
        values: &Values<'_>,
    ) -> Result<u64, StoreError> {
        let statement = self.prepared(sql).await?;
        Ok(self.client.execute(&statement, values).await?)
    }

    /// Begins a transaction. One that is not committed is rolled back with its session, which nobody uses after an error.
    ///
    /// Fails with [`StoreError::Superseded`] if another has the lease that this session writes under, and with
    /// [`StoreError::SetBack`] if the database lacks what was in it.
    pub(super) async fn begin_transaction(&mut self) -> Result<(), StoreError> {
        let beginning = self.beginning().await?;
        beginning.run(self).await
    }

    /// What begins a transaction, ready to be sent together with what follows.
    pub(super) async fn beginning(&mut self) -> Result<Beginning, StoreError> {
        let Some(fence) = self.fence.clone() else {
            return Ok(Beginning(None));
        };
        let still_held = self.prepared(STILL_HELD).await?;
        Ok(Beginning(Some((still_held, fence))))
    }

    /// The log has this next place from now on, for what was given out is committed.
    pub(super) fn has_reached(&self, next: i64) {
        if let Some(fence) = &self.fence {
            fence.reached.advance(next);
        }
    }

    /// What the database has warned of before is of something else.
    pub(super) fn pass_over_warnings(&self) {
        self.has_warned.store(false, Ordering::Release);
    }

    /// Commits. Only after each statement has answered without an error: with one, this answers that all is well, too. With
    /// a warning nothing counts as stored, for a commit that was cancelled while it waited for a standby gives no more.
    pub(super) async fn commit(&self) -> Result<(), StoreError> {
        self.client.batch_execute("COMMIT").await?;
        if self.has_warned.swap(false, Ordering::AcqRel) {
            return Err(PostgresError::Warned.into());
        }
        Ok(())
    }
}

/// What begins a transaction: with the lease, which nobody takes then until it ends.
pub(super) struct Beginning(Option<(Statement, Fence)>);

impl Beginning {
    pub(super) async fn run(&self, session: &Session) -> Result<(), StoreError> {
        session.pass_over_warnings();
        let begin = session.client.batch_execute("BEGIN");
        let Some((still_held, Fence { epoch, reached })) = &self.0 else {
            return Ok(begin.await?);
        };
        let before = reached.next();
        let values: [&(dyn ToSql + Sync); 3] = [&LEASE, epoch, &LOG];
        let held = session.client.query_opt(still_held, &values);
        match try_join(begin, held).await? {
            ((), Some(row)) => reached.compare(before, get(&row, 0)?),
            ((), None) => Err(StoreError::Superseded),
        }
    }
}

/// A column of a row.
pub(super) fn get<'r, T: FromSql<'r>>(row: &'r Row, column: usize) -> Result<T, StoreError> {
    Ok(row.try_get(column)?)
}

/// Reads and writes for as long as the connection is there. Its end is seen by who asks next.
async fn drive<S, T>(mut connection: Connection<S, T>, has_warned: Arc<AtomicBool>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
        if let AsyncMessage::Notice(notice) = message
            && notice.parsed_severity() == Some(Severity::Warning)
        {
            tracing::warn!(warning = notice.message(), "the database warns");
            has_warned.store(true, Ordering::Release);
        }
    }
}
