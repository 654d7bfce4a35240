//! A stream whose reader keeps up: who leaves answers unread, or takes them a byte at a time, is cut off.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

/// The slowest reader that is waited for, in bytes a second: a tenth of what a telephone gets at the edge of a network.
const SLOWEST: u64 = 4096;

/// Writing waits for the reader as long as its credit lasts. What it takes gives it credit again, and never more than it
/// began with.
#[derive(Debug)]
pub(super) struct Steady<S> {
    stream: S,
    most: Duration,
    credit: Duration,
    /// Since when writing waits.
    waits: Option<Instant>,
    end: Option<Pin<Box<Sleep>>>,
}

impl<S> Steady<S> {
    pub(super) const fn new(stream: S, most: Duration) -> Self {
        Self {
            stream,
            most,
            credit: most,
            waits: None,
            end: None,
        }
    }

    /// What a write has come to.
    fn judge(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(Ok(bytes)) => {
                if let Some(began) = self.waits.take() {
                    self.credit = self.credit.saturating_sub(began.elapsed());
                }
                if self.credit < self.most {
                    let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
                    let earned = Duration::from_micros(bytes.saturating_mul(1_000_000) / SLOWEST);
                    self.credit = (self.credit + earned).min(self.most);
                }
                Poll::Ready(Ok(bytes))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => {
                let began = *self.waits.get_or_insert_with(Instant::now);
                let at = began + self.credit;
                let end = self
                    .end
                    .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(at)));
                if end.deadline() != at {
                    end.as_mut().reset(at);
                }
                ready!(end.as_mut().poll(context));
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Steady<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Steady<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.judge(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, pieces);
        self.judge(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    const CREDIT: Duration = Duration::from_secs(10);
    const ROOM: usize = 16 * 1024;

    /// How long a writer of half a megabyte lasts, whose reader takes so many bytes every second.
    async fn lasts(a_second: usize) -> Option<Duration> {
        let (near, mut far) = duplex(ROOM);
        let mut near = Steady::new(near, CREDIT);
        let began = Instant::now();
        let reader = tokio::spawn(async move {
            let mut buffer = vec![0; a_second];
            while far.read(&mut buffer).await.is_ok_and(|read| read > 0) {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        });
        let written = near.write_all(&vec![0; 512 * 1024]).await;
        reader.abort();
        match written {
            Ok(()) => None,
            Err(error) => {
                assert_eq!(error.kind(), io::ErrorKind::TimedOut);
                Some(began.elapsed())
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_takes_a_byte_at_a_time_is_cut_off_and_who_is_slow_is_not() {
        let cut = lasts(1).await.unwrap();
        assert!(cut >= CREDIT && cut < CREDIT * 2, "{cut:?}");
        // It gets most of its time back each second, and not all.
        let cut = lasts(3000).await.unwrap();
        assert!(cut > CREDIT * 2, "{cut:?}");
        assert_eq!(lasts(5000).await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn who_reads_nothing_is_cut_off() {
        let (near, _far) = duplex(ROOM);
        let mut near = Steady::new(near, CREDIT);
        let began = Instant::now();
        let error = near.write_all(&vec![0; 2 * ROOM]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(began.elapsed().as_secs(), CREDIT.as_secs());
    }
}
