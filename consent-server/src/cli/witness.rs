//! `consent witness`

use super::logging::{self, Format};
use super::parts::{block_on, data_folder, listen};
use super::{Answer, say};
use anyhow::{Context as _, Result, anyhow, ensure};
use consent_core::note::{KeyName, NoteKey};
use consent_server::clock::Clock;
use consent_server::data::DataFolder;
use consent_server::input;
use consent_server::keys::Keys;
use consent_server::serve::{ConnectionLimits, answer, asked_to_stop};
use consent_server::witness::{Notebook, Witness, router};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The witness's name in its cosignatures: a URL without its scheme, like witness.example.org/1.
    #[arg(long)]
    name: KeyName,
    /// The folder of the witness's key and of what it has seen; made at the first start. Not that of a server.
    #[arg(long, value_name = "DIR", value_parser = data_folder())]
    data: DataFolder,
    /// The keys of the logs to watch, one a line, as a log serves its own at /log/vkey.
    #[arg(long, value_name = "FILE")]
    logs: PathBuf,
    /// The address to listen on.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8081")]
    listen: SocketAddr,
    /// A proxy stands before the witness and names clients in X-Forwarded-For; without one, anybody could.
    #[arg(long)]
    behind_proxy: bool,
    /// How its log is written, to stderr: text, or a JSON object a line.
    #[arg(
        long,
        value_name = "FORMAT",
        env = "CONSENT_LOG_FORMAT",
        default_value = "text"
    )]
    log_format: Format,
}

impl Args {
    pub(super) fn data(&self) -> &DataFolder {
        &self.data
    }
}

pub(super) fn run(args: Args) -> Result<Answer> {
    logging::start("info", args.log_format);
    ensure!(
        !args.data.is_servers(),
        "{} is the data folder of a server: give the witness a folder of its own, and so a key of its own",
        args.data.path().display()
    );
    let logs = read_logs(&args.logs)?;
    let count = logs.len();
    args.data.make()?;
    let clock = Clock::system();
    let keys = Keys::open(&args.data, clock.now()).context("the witness's key")?;
    let cosigner = keys.into_cosigner(args.name);
    let cosigner =
        cosigner.ok_or_else(|| anyhow!("the witness's key is none that notes can have"))?;
    let notebook = Notebook::open(&args.data)?;
    let witness = Arc::new(Witness::new(cosigner, logs, notebook, clock)?);
    // What logs and auditors need to know of it.
    say(witness.key())?;
    block_on(async {
        let listener = listen(args.listen).await?;
        tracing::info!(logs = count, address = %listener.local_addr()?, "witnessing");
        let connections = ConnectionLimits {
            behind_proxy: args.behind_proxy,
            ..ConnectionLimits::fitting(4096)
        };
        answer(router(witness), listener, connections, asked_to_stop()).await?;
        tracing::info!("stopped");
        Ok(Answer::Yes)
    })
}

fn read_logs(file: &Path) -> Result<Vec<NoteKey>> {
    let text = input::read_text(file, input::TEXT).with_context(|| file.display().to_string())?;
    let lines = text.lines().map(str::trim);
    let keys = lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::parse);
    let keys: Vec<NoteKey> = keys
        .collect::<Result<_, _>>()
        .with_context(|| file.display().to_string())?;
    ensure!(
        !keys.is_empty(),
        "{} names no log: one key a line",
        file.display()
    );
    Ok(keys)
}
