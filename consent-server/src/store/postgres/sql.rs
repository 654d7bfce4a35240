//! Statements: each has a name, and a test prepares all of them.

/// A statement with its parameters left open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Sql(&'static str);

impl Sql {
    pub(super) const fn new(text: &'static str) -> Self {
        Self(text)
    }

    /// What the database is sent.
    pub(super) const fn text(self) -> &'static str {
        self.0
    }
}

/// The statements of a file: a constant each, and all of them for the tests.
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)+) => {
        $(
            $(#[$doc])*
            pub(super) const $name: $crate::store::postgres::sql::Sql = $crate::store::postgres::sql::Sql::new($text);
        )+

        /// All statements of this file.
        #[cfg(test)]
        pub(super) const STATEMENTS: &[$crate::store::postgres::sql::Sql] = &[$($name),+];
    };
}

pub(super) use statements;
