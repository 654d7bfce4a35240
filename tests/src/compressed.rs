//! What servers of tests have compressed, lent to the next ones: a new data folder costs seconds else, most of them for the
//! bundle, which is the same in all.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// So many entries are of programs of long ago.
const MOST: usize = 4_000;

/// Tells apart what is being linked.
static LINKS: AtomicU32 = AtomicU32::new(0);

/// A data folder that is lent what others have compressed.
pub struct Compressed {
    lent: PathBuf,
    own: PathBuf,
}

impl Compressed {
    /// Lends a data folder all there is. A server checks each entry by its digest, and deletes what it has no use for.
    #[must_use]
    pub fn lend(program: &Path, data: &Path) -> Self {
        let target = program.ancestors().nth(2).unwrap_or(program);
        let compressed = Self {
            lent: target.join("tmp/compressed"),
            own: data.join("cache/files"),
        };
        if !compressed.own.exists() {
            // Without it everything takes longer, and nothing else.
            let _ = link_all(&compressed.lent, &compressed.own);
        }
        compressed
    }

    /// Keeps what its server has made since.
    pub fn keep(&self) {
        let lent = fs::read_dir(&self.lent).map_or(0, Iterator::count);
        if lent > MOST {
            let _ = fs::remove_dir_all(&self.lent);
        }
        let _ = link_all(&self.own, &self.lent);
    }
}

fn link_all(from: &Path, to: &Path) -> io::Result<()> {
    let mut folder = DirBuilder::new();
    folder.recursive(true).mode(0o700).create(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        // Not yet whole, or somebody's link.
        if name.to_string_lossy().contains('.') {
            continue;
        }
        let there = to.join(name);
        let is_same = fs::metadata(&there)
            .is_ok_and(|there| entry.metadata().is_ok_and(|of| of.ino() == there.ino()));
        if !is_same {
            // One that a test has damaged gives way to what its server made instead.
            let number = LINKS.fetch_add(1, Ordering::Relaxed);
            let beside = to.join(format!("{}-{number}.link", std::process::id()));
            // It may have been swept meanwhile.
            if fs::hard_link(entry.path(), &beside).is_ok() {
                fs::rename(beside, there)?;
            }
        }
    }
    Ok(())
}
