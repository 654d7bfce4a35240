//! Finds or installs a Rust toolchain that builds for the browser.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::bail;

use crate::{command, install};

/// The target of the module.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

const DEBIAN: &[&str] = &["rustc-web", "rust-web-src", "rust-web-llvm", "lld-22"];
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";

/// A compiler for the browser.
pub(crate) struct Toolchain {
    kind: Kind,
    /// What `rustc -V` says.
    pub(crate) version: String,
    /// Where the compiler lives, to keep its paths out of the module.
    pub(crate) sysroot: PathBuf,
}

enum Kind {
    /// Debian's compiler, with the sources of the standard library.
    Debian,
    /// rustup's nightly with the component `rust-src`.
    Nightly,
    /// The toolchain of the checkout, with the target installed: the module is larger, because the standard library comes as it is.
    Installed,
}

impl Toolchain {
    /// Finds a toolchain; installs Debian's where it may and there is no other.
    pub(crate) fn find() -> anyhow::Result<Self> {
        if let Some(found) = debian().or_else(nightly).or_else(installed) {
            return Ok(found);
        }
        if install::may_use_apt() {
            install::debian(
                DEBIAN,
                "a Rust compiler for WebAssembly, which builds the banner,",
            )?;
            if let Some(found) = debian() {
                return Ok(found);
            }
        }
        bail!(
            "no Rust toolchain here builds for WebAssembly, which the banner needs. Run one of\n    \
             rustup target add {TARGET}\n    \
             rustup toolchain install nightly --component rust-src   # a smaller module\n    \
             sudo apt-get install -y --no-install-recommends {}   # on Debian: the bytes of the committed bundle\n\
             and then this again",
            DEBIAN.join(" ")
        )
    }

    /// A cargo that builds for the browser, with the compiler flags still to be given.
    pub(crate) fn cargo(&self, folder: &Path) -> Command {
        match self.kind {
            Kind::Debian => {
                let mut cargo = command::cargo(folder);
                cargo.env("RUSTC", DEBIAN_RUSTC).env("RUSTC_BOOTSTRAP", "1");
                cargo
            }
            Kind::Nightly => {
                let mut cargo = Command::new("rustup");
                cargo
                    .args(["run", "nightly", "cargo"])
                    .env_remove("RUSTC")
                    .current_dir(folder);
                cargo
            }
            Kind::Installed => command::cargo(folder),
        }
    }

    /// Whether the standard library is built along with the module, which makes it smaller.
    pub(crate) fn builds_std(&self) -> bool {
        !matches!(self.kind, Kind::Installed)
    }
}

fn debian() -> Option<Toolchain> {
    let toolchain = Toolchain::of(Kind::Debian, &mut Command::new(DEBIAN_RUSTC))?;
    (toolchain.has_sources() && command::find(&["wasm-ld-22", "rust-lld"]).is_some())
        .then_some(toolchain)
}

fn nightly() -> Option<Toolchain> {
    let mut rustc = Command::new("rustup");
    rustc.args(["run", "nightly", "rustc"]);
    Toolchain::of(Kind::Nightly, &mut rustc).filter(Toolchain::has_sources)
}

fn installed() -> Option<Toolchain> {
    let toolchain = Toolchain::of(Kind::Installed, &mut Command::new("rustc"))?;
    let library = toolchain
        .sysroot
        .join("lib/rustlib")
        .join(TARGET)
        .join("lib");
    library.is_dir().then_some(toolchain)
}

impl Toolchain {
    fn of(kind: Kind, rustc: &mut Command) -> Option<Self> {
        // `--version` and `--print` exclude each other, and arguments stay with the command: the sysroot is asked first.
        let mut version = Command::new(rustc.get_program());
        version.args(rustc.get_args()).arg("--version");
        let sysroot = command::read(rustc.args(["--print", "sysroot"])).ok()?;
        let version = command::read(&mut version).ok()?;
        Some(Self {
            kind,
            version: version.trim().into(),
            sysroot: sysroot.trim().into(),
        })
    }

    fn has_sources(&self) -> bool {
        self.sysroot
            .join("lib/rustlib/src/rust/library/std/Cargo.toml")
            .exists()
    }
}
