//! Files that are read to verify or to be verified; `-` is stdin.

use anyhow::{Context as _, Result, bail};
use consent_server::input;
use std::io::Read;
use std::path::Path;

pub(super) fn open(path: &Path) -> Result<Box<dyn Read>> {
    Ok(if path.as_os_str() == "-" {
        Box::new(std::io::stdin())
    } else {
        Box::new(input::open(path).with_context(|| path.display().to_string())?)
    })
}

pub(super) fn read(path: &Path, most: u64) -> Result<Vec<u8>> {
    input::read_from(open(path)?, most).with_context(|| path.display().to_string())
}

pub(super) fn read_text(path: &Path) -> Result<String> {
    match String::from_utf8(read(path, input::TEXT)?) {
        Ok(text) => Ok(text),
        Err(_) => bail!("{} is not text", path.display()),
    }
}
