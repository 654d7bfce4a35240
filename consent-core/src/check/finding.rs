//! What a rule found, and where.

use core::fmt;

use alloc::string::String;

use super::rule::Rule;

/// One thing that a rule found in a file.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// The name of the file, the site's own or its base, as it was given.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, in characters, from 1.
    pub column: usize,
    /// The key, from the file's root.
    pub key: String,
    /// What was found.
    pub problem: String,
    /// How to mend it.
    pub advice: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            rule,
            file,
            line,
            column,
            key,
            problem,
            advice,
        } = self;
        writeln!(
            f,
            "{file}:{line}:{column}: {} [{}] {key}: {problem}; {advice}",
            rule.severity.as_str(),
            rule.id
        )?;
        write!(f, "    {}", rule.source)
    }
}
