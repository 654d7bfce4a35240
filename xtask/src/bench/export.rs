//! `cargo xtask bench export`: exports of a million receipts, and what `pandas`, `LibreOffice` and `PyJWT` make of them.

use crate::workspace::Workspace;
use crate::{command, install};

pub(crate) fn bench(workspace: &Workspace, options: &[String]) -> anyhow::Result<()> {
    let python = install::python_with(
        workspace,
        "python-export",
        &workspace.own().join("bench-export/requirements.txt"),
        "pandas and PyJWT, which read exports",
    )?;
    let soffice = install::libreoffice()?;
    let mut cargo = command::cargo(workspace.root());
    cargo.args(["bench", "--quiet", "--package", "consent-server"]);
    cargo
        .args(["--bench", "export", "--", "--python"])
        .arg(python);
    command::run(cargo.arg("--soffice").arg(soffice).args(options))
}
