//! A service that counts who calls it, as an analytics service or an application behind a proxy.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use axum::Router;
use axum::extract::{Request, State};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// A running service. It ends with this value.
pub struct Listener {
    /// Its address, like `127.0.0.1:4711`.
    pub address: String,
    calls: Arc<Mutex<Vec<String>>>,
    _runtime: Runtime,
}

impl Listener {
    /// Starts it on a free port. It answers everything with `here`.
    pub fn start() -> Result<Self> {
        let calls = Arc::new(Mutex::new(Vec::new()));
        let heard = |State(calls): State<Arc<Mutex<Vec<String>>>>, request: Request| async move {
            let call = format!("{} {}", request.method(), request.uri().path());
            calls
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(call);
            "here"
        };
        let app = Router::new().fallback(heard).with_state(Arc::clone(&calls));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let address = listener.local_addr()?.to_string();
        runtime.spawn(async move { axum::serve(listener, app).await });
        Ok(Self {
            address,
            calls,
            _runtime: runtime,
        })
    }

    /// Who called since the last time that this was asked: method and path.
    #[must_use]
    pub fn calls(&self) -> Vec<String> {
        std::mem::take(&mut self.calls.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
