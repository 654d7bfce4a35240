//! What a rule found, and where.

use core::fmt;

use super::rule::Rule;
use crate::site::Diagnostic;

/// One thing that a rule found in a file.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// What was found, where, and how to mend it.
    pub found: Diagnostic,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Diagnostic {
            file,
            line,
            column,
            key,
            problem,
            advice,
        } = &self.found;
        let (severity, id) = (self.rule.severity.as_str(), self.rule.id);
        writeln!(
            f,
            "{file}:{line}:{column}: {severity} [{id}] {key}: {problem}; {advice}"
        )?;
        write!(f, "    {}", self.rule.source)
    }
}
