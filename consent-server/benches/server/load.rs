//! The load: connections that are kept alive, each sending its next record as soon as it has the answer to the last.

use crate::fixture::Fixture;
use crate::micros;
use crate::process::processor_time;
use anyhow::{Context as _, Result, bail, ensure};
use consent_core::digest::Digest;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// What was measured.
pub(crate) struct Load {
    latencies: Vec<Duration>,
    took: Duration,
    /// Microseconds of the generator's processor time a receipt.
    pub(crate) cost: f64,
}

impl Load {
    /// How many receipts came.
    pub(crate) fn answered(&self) -> u64 {
        self.latencies.len() as u64
    }

    /// Receipts a second.
    pub(crate) fn rate(&self) -> f64 {
        #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
        let answered = self.latencies.len() as f64;
        answered / self.took.as_secs_f64()
    }

    /// The latency that this share of the answers stayed within, in milliseconds.
    pub(crate) fn latency(&self, percent: usize) -> f64 {
        let place = (self.latencies.len() * percent / 100).min(self.latencies.len() - 1);
        self.latencies[place].as_secs_f64() * 1000.0
    }
}

/// Sends records for a while, from one thread of this process.
pub(crate) fn run(
    fixture: &Fixture,
    address: SocketAddr,
    notice: Digest,
    connections: usize,
    during: Duration,
) -> Result<Load> {
    // Made beforehand: what is measured is the server, not this.
    let each = usize::try_from(60_000 * during.as_secs().max(1))? / connections;
    let mut requests: Vec<Vec<Vec<u8>>> = vec![Vec::with_capacity(each); connections];
    // Dealt out like cards: record ids arrive in the order of time, as they do from real visitors.
    for number in 0..each * connections {
        requests[number % connections].push(request(fixture, notice));
    }
    let at_start = processor_time("self")?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (took, mut latencies) = runtime.block_on(async {
        let mut open = Vec::new();
        for requests in requests {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            open.push((stream, requests));
        }
        let began = Instant::now();
        let mut senders = JoinSet::new();
        for (stream, requests) in open {
            senders.spawn(send(stream, requests, began + during));
        }
        let mut all = Vec::new();
        while let Some(latencies) = senders.join_next().await {
            all.extend(latencies??);
        }
        anyhow::Ok((began.elapsed(), all))
    })?;
    ensure!(!latencies.is_empty(), "no receipt came");
    latencies.sort_unstable();
    let cost = micros(at_start, processor_time("self")?, latencies.len() as u64);
    Ok(Load {
        latencies,
        took,
        cost,
    })
}

fn request(fixture: &Fixture, notice: Digest) -> Vec<u8> {
    let body = fixture.record_of(notice).to_json();
    format!(
        "POST /v1/sites/{}/consents HTTP/1.1\r\nhost: consent.example\r\norigin: https://www.lacassagne.example\r\n\
         user-agent: load\r\naccept: */*\r\ncontent-type: text/plain;charset=UTF-8\r\ncontent-length: {}\r\n\r\n{body}",
        fixture.site,
        body.len()
    )
    .into_bytes()
}

async fn send(
    mut stream: TcpStream,
    requests: Vec<Vec<u8>>,
    end: Instant,
) -> Result<Vec<Duration>> {
    let mut latencies = Vec::with_capacity(requests.len());
    let mut answer = vec![0; 4096];
    for request in requests {
        let began = Instant::now();
        if began >= end {
            return Ok(latencies);
        }
        stream.write_all(&request).await?;
        read_answer(&mut stream, &mut answer).await?;
        latencies.push(began.elapsed());
    }
    bail!("too few records were made beforehand")
}

/// Reads one answer to its end, and accepts no other than 201.
async fn read_answer(stream: &mut TcpStream, buffer: &mut [u8]) -> Result<()> {
    let mut filled = 0;
    loop {
        let read = stream.read(&mut buffer[filled..]).await?;
        ensure!(read > 0, "the server closed a connection");
        filled += read;
        let Some(head) = find(&buffer[..filled], b"\r\n\r\n") else {
            continue;
        };
        let length = content_length(&buffer[..head]).context("an answer without a length")?;
        if filled >= head + 4 + length {
            ensure!(
                buffer.starts_with(b"HTTP/1.1 201 "),
                "{}",
                String::from_utf8_lossy(&buffer[..filled])
            );
            return Ok(());
        }
    }
}

fn find(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    bytes.windows(mark.len()).position(|window| window == mark)
}

fn content_length(head: &[u8]) -> Option<usize> {
    const NAME: &[u8] = b"\r\ncontent-length: ";
    let rest = &head[find(head, NAME)? + NAME.len()..];
    let end = find(rest, b"\r\n").unwrap_or(rest.len());
    std::str::from_utf8(&rest[..end]).ok()?.parse().ok()
}
