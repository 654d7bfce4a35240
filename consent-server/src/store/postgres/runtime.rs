//! The thread on which the driver reads and writes, for callers that block.

use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, JoinHandle, Thread};
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio::task::JoinHandle as TaskHandle;

/// A runtime of one thread. Connections live on it; who asks waits on a thread of their own, be that one of another runtime.
#[derive(Debug)]
pub(super) struct Runtime {
    handle: Handle,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Runtime {
    pub(super) fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel();
        let thread = thread::Builder::new()
            .name("postgres".into())
            .spawn(move || {
                // Told to, or its owner is gone.
                let _ = runtime.block_on(stopped);
            })?;
        Ok(Self {
            handle,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Runs something beside, until it ends or the runtime does.
    pub(super) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) -> TaskHandle<()> {
        self.handle.spawn(work)
    }

    /// Waits for an answer. What it spawns and waits for runs on the runtime's thread.
    pub(super) fn wait<F: Future>(&self, answer: F) -> F::Output {
        let _within = self.handle.enter();
        let mut answer = pin!(answer);
        let waker = Waker::from(Arc::new(Parked(thread::current())));
        let mut context = Context::from_waker(&waker);
        loop {
            if let Poll::Ready(output) = answer.as_mut().poll(&mut context) {
                return output;
            }
            thread::park();
        }
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // It panics with a task's panic alone, which was told.
            let _ = thread.join();
        }
    }
}

struct Parked(Thread);

impl Wake for Parked {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn who_asks_may_stand_on_another_runtime() {
        let asked = Builder::new_current_thread().build().unwrap();
        asked.block_on(async {
            let runtime = Runtime::start().unwrap();
            let answer = runtime.wait(async {
                tokio::time::sleep(Duration::from_millis(1)).await;
                tokio::spawn(async { 7 }).await.unwrap()
            });
            assert_eq!(answer, 7);
        });
    }
}
