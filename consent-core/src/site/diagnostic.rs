//! What is wrong in a declaration, and where.

use core::fmt;
use core::ops::Range;

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

/// One thing that is wrong in a file. `Display` writes it on one line, as `file:line:column: key: problem; advice`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// The file's name, as it was given.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, in characters, from 1.
    pub column: usize,
    /// The key, from the file's root: `services.youtube.purpose`. Empty where no key is concerned.
    pub key: String,
    /// What is wrong.
    pub problem: String,
    /// What to do about it.
    pub advice: String,
}

impl Diagnostic {
    pub(super) fn new(file: &str, Place { line, column }: Place, key: &str, fault: Fault) -> Self {
        Self {
            file: file.into(),
            line,
            column,
            key: key.into(),
            problem: fault.problem,
            advice: fault.advice,
        }
    }
}

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The column, in characters, from 1.
    pub column: usize,
}

/// Where the lines of a text begin.
pub(super) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let after = text.match_indices('\n').map(|(newline, _)| newline + 1);
        let starts = [0].into_iter().chain(after).collect();
        Self { text, starts }
    }

    /// The place at which a span begins.
    pub(super) fn place(&self, span: &Range<usize>) -> Place {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line = self.starts.partition_point(|start| *start <= before.len());
        let start = self.starts[line - 1];
        Place {
            line,
            column: before[start..].chars().count() + 1,
        }
    }
}

/// Where each key of a declaration stands.
#[derive(Clone, Debug)]
pub struct Places {
    /// The names of the site's file and of its base, as they were given.
    pub(super) files: Vec<String>,
    pub(super) keys: BTreeMap<String, (usize, Place)>,
}

impl Places {
    /// The place of a key, or of the nearest key that holds it; the beginning of the site's file where there is none.
    #[must_use]
    pub fn of(&self, key: &str) -> Place {
        self.find(key).1
    }

    /// The file of that place: the site's own, or its base.
    #[must_use]
    pub fn file(&self, key: &str) -> &str {
        self.files.get(self.find(key).0).map_or("", String::as_str)
    }

    /// Which of the files, and where in it.
    pub(crate) fn find(&self, key: &str) -> (usize, Place) {
        let mut key = key;
        loop {
            if let Some(found) = self.keys.get(key) {
                return *found;
            }
            let Some(end) = key.rfind(['.', '[']) else {
                return (0, Place { line: 1, column: 1 });
            };
            key = &key[..end];
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: ", self.file, self.line, self.column)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        write!(f, "{}; {}", self.problem, self.advice)
    }
}

/// A problem and its advice, before it is known where it stands.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) problem: String,
    pub(super) advice: String,
}

impl Fault {
    pub(super) fn new(problem: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            problem: problem.into(),
            advice: advice.into(),
        }
    }
}

/// The advice for a misspelt name: the nearest known one, where one is near.
pub(super) fn did_you_mean<'a>(
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    let distances = known
        .into_iter()
        .map(|known| (strsim::damerau_levenshtein(known, name), known));
    let (distance, nearest) = distances.min()?;
    (distance <= 2).then(|| alloc::format!("did you mean `{nearest}`?"))
}
