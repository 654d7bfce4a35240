//! Tells the program which sources it was made from: what an earlier build has rendered is not taken for what this one would.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash as _, Hasher as _};
use std::io;
use std::path::Path;

/// Everything that decides on what is published, as far as it is here: a package has a lock file of its own, and its core is told
/// apart by its version. The browser's half is told apart by its own digest.
const SOURCES: [&str; 4] = ["../consent-core/src", "src", "../Cargo.lock", "Cargo.lock"];

fn main() -> io::Result<()> {
    let mut hasher = DefaultHasher::new();
    for source in SOURCES
        .into_iter()
        .filter(|source| Path::new(source).exists())
    {
        println!("cargo:rerun-if-changed={source}");
        add(Path::new(source), &mut hasher)?;
    }
    println!("cargo:rustc-env=CONSENT_SOURCES={:016x}", hasher.finish());
    Ok(())
}

/// A file, or all files of a folder in the order of their names.
fn add(path: &Path, hasher: &mut DefaultHasher) -> io::Result<()> {
    if path.is_dir() {
        let entries = fs::read_dir(path)?.map(|entry| Ok(entry?.path()));
        let mut paths = entries.collect::<io::Result<Vec<_>>>()?;
        paths.sort();
        return paths.iter().try_for_each(|path| add(path, hasher));
    }
    path.hash(hasher);
    fs::read(path)?.hash(hasher);
    Ok(())
}
