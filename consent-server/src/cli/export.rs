//! `consent export`

mod progress;

use super::parts::data_folder;
use super::store::StoreArgs;
use super::{Answer, known};
use anyhow::{Context as _, Result, anyhow, bail};
use consent_core::id::SiteId;
use consent_core::time::UnixSeconds;
use consent_server::clock::Clock;
use consent_server::data::{DataFolder, Unfinished, durable};
use consent_server::export::{self, ExportRequest, Exported, Format, Manifest, Selection};
use consent_server::store::Actor;
use progress::Progress;
use std::io::{self, Write};
use std::path::PathBuf;

/// Write a site's receipts to stdout or a file; works while the server runs.
///
/// Receipts come in the order in which they were accepted. Each names the one that it replaces as `prev` (in CSV:
/// `previous`): with --subject, the file is the history of one browser.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The site.
    #[arg(long)]
    site: SiteId,
    /// csv-en or csv-fr for people with a spreadsheet, in their language; csv and jsonl (JSON Lines) for programs.
    #[arg(long)]
    format: Format,
    /// The server's data folder.
    #[arg(long, value_name = "DIR", env = "CONSENT_DATA", value_parser = data_folder())]
    data: DataFolder,
    #[command(flatten)]
    store: StoreArgs,
    /// The folder of the sites' declarations: a site that was declared there counts as known before it has published anything.
    #[arg(long, value_name = "DIR", env = "CONSENT_SITES")]
    sites: Option<PathBuf>,
    /// A new file for the receipts instead of stdout, and beside it FILE.manifest.json with counts, digest and filter.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// A new file for the manifest.
    #[arg(long, value_name = "FILE", conflicts_with = "out")]
    manifest: Option<PathBuf>,
    /// Only those after the receipt with this `seq`: to go on where an earlier export has ended.
    #[arg(long, value_name = "SEQ", default_value_t = 0, value_parser = clap::value_parser!(i64).range(0..))]
    after: i64,
    #[command(flatten)]
    selection: Words,
}

impl Args {
    pub(super) fn data(&self) -> &DataFolder {
        &self.data
    }
}

/// The words of a [`Selection`].
#[derive(Debug, clap::Args)]
struct Words {
    /// Only what was received from this moment on: 2026-01-31 or 2026-01-31T10:00:00Z.
    #[arg(long, value_name = "DATE")]
    from: Option<String>,
    /// Only what was received before this moment.
    #[arg(long, value_name = "DATE")]
    to: Option<String>,
    /// Only this act: `accept_all`, `refuse_all`, custom, dismiss, withdraw, signal.
    #[arg(long)]
    act: Option<String>,
    /// Only where this category was granted.
    #[arg(long, value_name = "CATEGORY")]
    granted: Option<String>,
    /// Only where this category was refused.
    #[arg(long, value_name = "CATEGORY")]
    refused: Option<String>,
    /// Only where the notice was in this language.
    #[arg(long)]
    language: Option<String>,
    /// Only where this notice was shown, by its digest.
    #[arg(long, value_name = "DIGEST")]
    notice: Option<String>,
    /// Only this consent id: the history of one browser.
    #[arg(long, value_name = "CONSENT ID")]
    subject: Option<String>,
}

pub(super) fn moment(text: &str) -> Result<UnixSeconds> {
    UnixSeconds::from_rfc3339(text)
        .map_err(|_| anyhow!("must be a date like 2026-01-31 or a time like 2026-01-31T10:00:00Z"))
}

pub(super) fn run(args: &Args) -> Result<Answer> {
    let asked = ExportRequest {
        selection: args.selection.of(args.site.clone())?,
        format: args.format,
        declared: None,
        after: args.after,
        limit: None,
    };
    let store = args
        .store
        .of(&args.data)?
        .open_existing()
        .context("no receipts to export")?;
    known::check(&*store, args.sites.as_deref(), &args.site)?;
    let clock = Clock::system();
    let operator = Actor::operator("command line", clock.now());
    let mut output = Output::open(args)?;
    let line = store.note(&operator.access("export", Some(&args.site), asked.describe(), None))?;
    let newest = store.latest(&args.site, 1)?;
    let mut progress = Progress::new(newest.first().map_or(0, |row| row.seq));
    let mut seen = Exported::default();
    let exported = export::write(&*store, &asked, &mut output, |written| {
        seen = *written;
        progress.show(written);
    });
    progress.end();
    let manifest = exported.as_ref().ok();
    let manifest = manifest.map(|manifest: &Manifest| manifest.to_json(&asked, clock.now()));
    store.settle(line, seen.receipts, manifest.as_deref())?;
    exported?;
    output.finish(&manifest.unwrap_or_default())?;
    if seen.receipts == 0 {
        eprintln!("Site \"{}\" has no such receipt.", args.site);
    } else {
        eprintln!("{} exported.", seen.receipts);
    }
    if !args.format.is_shown_whole(seen.receipts) {
        eprintln!(
            "Spreadsheets show {} rows and leave out the rest: export a shorter time, with --from and --to.",
            Format::SPREADSHEET_ROWS
        );
    }
    Ok(Answer::Yes)
}

impl Words {
    fn of(&self, site: SiteId) -> Result<Selection> {
        let texts = [
            &self.from,
            &self.to,
            &self.act,
            &self.granted,
            &self.refused,
            &self.language,
            &self.notice,
            &self.subject,
        ];
        let mut selection = Selection::all(site);
        for (name, text) in export::NAMES.into_iter().zip(texts) {
            if let Some(text) = text {
                selection.narrow(name, text)?;
            }
        }
        Ok(selection)
    }
}

/// Where the bytes go.
struct Output {
    /// Nothing: to stdout. A part of an export looks like a whole one of less, so it goes away again.
    file: Option<Unfinished>,
    manifest: Option<PathBuf>,
}

impl Output {
    fn open(args: &Args) -> Result<Self> {
        let manifest = match (&args.out, &args.manifest) {
            (Some(out), _) => {
                let mut name = out.clone().into_os_string();
                name.push(".manifest.json");
                Some(PathBuf::from(name))
            }
            (None, manifest) => manifest.clone(),
        };
        if let Some(path) = manifest.as_deref().filter(|path| path.exists()) {
            bail!("{}: is there already: name another file", path.display());
        }
        let file = args.out.as_deref().map(Unfinished::begin).transpose()?;
        Ok(Self { file, manifest })
    }

    /// The manifest is written last: where there is none, the export is not whole.
    fn finish(self, manifest: &str) -> Result<()> {
        if let Some(file) = &self.file {
            file.sync()?;
        }
        if let Some(path) = self.manifest {
            durable::create(&path, format!("{manifest}\n").as_bytes())?;
        }
        Ok(self.file.map_or(Ok(()), Unfinished::finish)?)
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.file {
            Some(file) => file.write(bytes),
            None => io::stdout().lock().write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.file {
            Some(file) => file.flush(),
            None => io::stdout().lock().flush(),
        }
    }
}
