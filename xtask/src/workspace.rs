//! Where things are in the checkout.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// The checkout that `cargo xtask` was called in.
pub(crate) struct Workspace {
    root: PathBuf,
}

impl Workspace {
    pub(crate) fn find() -> anyhow::Result<Self> {
        let own = std::env::var_os("CARGO_MANIFEST_DIR").context("start it with: cargo xtask")?;
        let root = Path::new(&own)
            .parent()
            .context("xtask/ has no parent folder")?;
        Ok(Self {
            root: root.canonicalize()?,
        })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn wasm_package(&self) -> PathBuf {
        self.root.join("consent-wasm")
    }

    /// The bundle that is committed, and embedded in the server.
    pub(crate) fn dist(&self) -> PathBuf {
        self.wasm_package().join("dist")
    }

    /// What this tool installs and builds for itself.
    pub(crate) fn target(&self) -> PathBuf {
        self.root.join("target")
    }

    pub(crate) fn own(&self) -> PathBuf {
        self.root.join("xtask")
    }
}
