//! What one source file says: its child modules, its imports, and the paths in its code.

use std::collections::BTreeSet;

/// One source file, read.
pub(super) struct Source {
    pub(super) children: BTreeSet<String>,
    pub(super) imports: Vec<Import>,
    /// Paths in the code, each with its line.
    pub(super) paths: Vec<(usize, Vec<String>)>,
}

/// One name that a `use` brings.
pub(super) struct Import {
    pub(super) line: usize,
    pub(super) path: Vec<String>,
    /// What it is called here.
    pub(super) name: String,
    /// Whether the file passes it on: `pub use`, in any reach.
    pub(super) is_passed_on: bool,
}

/// A word, or one character that is none.
#[derive(Clone, Copy)]
struct Token<'a> {
    line: usize,
    text: &'a str,
}

impl Source {
    pub(super) fn read(text: &str) -> Self {
        let text = without_words(text);
        let tokens = without_tests(&tokens(&text));
        let mut source = Self {
            children: BTreeSet::new(),
            imports: Vec::new(),
            paths: Vec::new(),
        };
        let mut at = 0;
        while at < tokens.len() {
            at = source.take(&tokens, at);
        }
        source
    }

    /// Reads what begins at a token; returns where the next begins.
    fn take(&mut self, tokens: &[Token<'_>], at: usize) -> usize {
        let text = |at: usize| tokens.get(at).map_or("", |token| token.text);
        match text(at) {
            "mod" if text(at + 2) == ";" => {
                self.children.insert(text(at + 1).into());
                at + 3
            }
            "use" if is_statement(tokens, at) => {
                let is_passed_on = at > 0 && matches!(text(at - 1), "pub" | ")");
                self.import(tokens, at + 1, &[], is_passed_on)
            }
            word if is_word(word) => {
                let mut path = vec![word.to_owned()];
                let mut end = at + 1;
                while text(end) == "::" && is_word(text(end + 1)) {
                    path.push(text(end + 1).into());
                    end += 2;
                }
                let begins = at == 0 || !matches!(text(at - 1), "::" | ".");
                if path.len() > 1 && begins {
                    self.paths.push((tokens[at].line, path));
                }
                end
            }
            _ => at + 1,
        }
    }

    /// Reads one tree of a `use`; returns where what is after it begins.
    fn import(
        &mut self,
        tokens: &[Token<'_>],
        mut at: usize,
        before: &[String],
        is_passed_on: bool,
    ) -> usize {
        let text = |at: usize| tokens.get(at).map_or("", |token| token.text);
        let line = tokens.get(at).map_or(0, |token| token.line);
        let mut path = before.to_vec();
        loop {
            match text(at) {
                "{" => {
                    at += 1;
                    while !matches!(text(at), "}" | "") {
                        at = self.import(tokens, at, &path, is_passed_on);
                        at += usize::from(text(at) == ",");
                    }
                    return at + 1;
                }
                "::" => at += 1,
                "self" if !path.is_empty() => at += 1,
                "as" => {
                    let name = text(at + 1).to_owned();
                    self.imports.push(Import {
                        line,
                        path,
                        name,
                        is_passed_on,
                    });
                    return at + 2;
                }
                word if is_word(word) || word == "*" => {
                    path.push(word.into());
                    at += 1;
                }
                _ => {
                    let name = path.last().cloned().unwrap_or_default();
                    self.imports.push(Import {
                        line,
                        path,
                        name,
                        is_passed_on,
                    });
                    return at;
                }
            }
        }
    }
}

fn is_statement(tokens: &[Token<'_>], at: usize) -> bool {
    at == 0 || matches!(tokens[at - 1].text, ";" | "}" | "{" | "]" | ")" | "pub")
}

fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Blanks comments and literals; the lines stay.
fn without_words(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let literal = literal_len(rest, out.chars().last());
        let len = if literal > 0 { literal } else { c.len_utf8() };
        let (taken, after) = rest.split_at(len);
        if literal > 0 {
            out.extend(taken.chars().map(|c| if c == '\n' { c } else { ' ' }));
        } else {
            out.push_str(taken);
        }
        rest = after;
    }
    out
}

/// How long the comment or literal is that begins here; 0 where none does.
fn literal_len(rest: &str, before: Option<char>) -> usize {
    let until = |open: usize, close: &str| {
        let end = rest[open..].find(close);
        end.map_or(rest.len(), |end| open + end + close.len())
    };
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return until(2, "*/");
    }
    if rest.starts_with('"') {
        return quoted_len(rest);
    }
    let in_word = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let raw = rest.strip_prefix('b').unwrap_or(rest).strip_prefix('r');
    if let Some(raw) = raw.filter(|_| !in_word) {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        if raw[hashes..].starts_with('"') {
            let open = rest.len() - raw.len() + hashes + 1;
            return until(open, &format!("\"{}", "#".repeat(hashes)));
        }
    }
    // A character, and not a lifetime.
    if let Some(escaped) = rest.strip_prefix("'\\") {
        let first = escaped.chars().next().map_or(0, char::len_utf8);
        return 2 + first + until_quote(&escaped[first..]);
    }
    let mut chars = rest.chars();
    match (chars.next(), chars.next(), chars.next()) {
        (Some('\''), Some(c), Some('\'')) => 2 + c.len_utf8(),
        _ => 0,
    }
}

fn until_quote(rest: &str) -> usize {
    rest.find('\'').map_or(rest.len(), |end| end + 1)
}

fn quoted_len(rest: &str) -> usize {
    let mut is_escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    for (line, text) in text.lines().enumerate() {
        let mut rest = text.trim_start();
        while let Some(c) = rest.chars().next() {
            let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
            let len = match word.unwrap_or(rest.len()) {
                0 if rest.starts_with("::") => 2,
                0 => c.len_utf8(),
                len => len,
            };
            let (text, after) = rest.split_at(len);
            tokens.push(Token {
                line: line + 1,
                text,
            });
            rest = after.trim_start();
        }
    }
    tokens
}

/// Leaves out each item, field or statement after `#[cfg(test)]` or `#[cfg(all(test, …))]`.
fn without_tests<'a>(tokens: &[Token<'a>]) -> Vec<Token<'a>> {
    const MARKS: [&[&str]; 2] = [
        &["#", "[", "cfg", "(", "test", ")", "]"],
        &["#", "[", "cfg", "(", "all", "(", "test", ","],
    ];
    let mut kept = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let is_marked = |mark: &&[&str]| {
            let texts = tokens[at..].iter().map(|token| token.text);
            texts.take(mark.len()).eq(mark.iter().copied())
        };
        if MARKS.iter().any(is_marked) {
            let attribute = tokens[at..].iter().position(|token| token.text == "]");
            at = end_of_item(tokens, at + attribute.map_or(0, |end| end + 1));
        } else {
            kept.push(tokens[at]);
            at += 1;
        }
    }
    kept
}

fn end_of_item(tokens: &[Token<'_>], from: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(from) {
        match token.text {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" => depth = depth.saturating_sub(1),
            "}" if depth <= 1 => return at + 1,
            "}" => depth -= 1,
            ";" | "," if depth == 0 => return at + 1,
            _ => {}
        }
    }
    tokens.len()
}
