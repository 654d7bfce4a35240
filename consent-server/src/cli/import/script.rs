//! What a script says as data: literals of JavaScript, read and never run. JSON is among them.

/// A value of a script.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Literal {
    /// A text, with what a template has between `${` and `}` as it stands.
    Text(String),
    /// A number.
    Number(f64),
    /// `true`, `false`.
    Flag(bool),
    /// The source of a regular expression.
    Pattern(String),
    /// An array.
    List(Vec<Literal>),
    /// An object, in its order.
    Object(Vec<(String, Literal)>),
    /// `null`, and what only running it would tell: a function, a name, an expression.
    Code,
}

/// No configuration is nested as deep.
const MOST_DEPTH: usize = 64;

impl Literal {
    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let found = self.entries().iter().find(|(name, _)| name == key);
        found.map(|(_, value)| value)
    }

    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    pub(super) fn is_true(&self) -> bool {
        *self == Self::Flag(true)
    }

    /// The values of an array; of anything else none.
    pub(super) fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// The keys and values of an object; of anything else none.
    pub(super) fn entries(&self) -> &[(String, Self)] {
        match self {
            Self::Object(entries) => entries,
            _ => &[],
        }
    }
}

/// The values that follow a mark in a script, as in `mark({…})` or `mark = {…}`, outside of comments.
pub(super) fn after_each(script: &str, mark: &str) -> Vec<Literal> {
    let mut reader = Reader::of(script);
    let mark: Vec<char> = mark.chars().collect();
    let mut found = Vec::new();
    while reader.place < reader.text.len() {
        if reader.rest().starts_with(&mark) {
            reader.place += mark.len();
            reader.skip_blank();
            while matches!(reader.peek(), Some('=' | '(' | ':')) {
                reader.place += 1;
                reader.skip_blank();
            }
            found.push(reader.value(0));
        } else {
            reader.skip_one();
        }
    }
    found
}

/// The first object of a script, as in `export default {…}`; or a file of JSON.
pub(super) fn first_object(script: &str) -> Option<Literal> {
    let mut reader = Reader::of(script);
    while let Some(next) = reader.peek() {
        match next {
            '{' => return Some(reader.value(0)),
            _ => reader.skip_one(),
        }
    }
    None
}

struct Reader {
    text: Vec<char>,
    place: usize,
}

impl Reader {
    fn of(text: &str) -> Self {
        Self {
            text: text.chars().collect(),
            place: 0,
        }
    }

    fn rest(&self) -> &[char] {
        self.text.get(self.place..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.text.get(self.place).copied()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.place += 1;
        Some(next)
    }

    fn skip_past(&mut self, end: &[char]) {
        while !self.rest().is_empty() && !self.rest().starts_with(end) {
            self.place += 1;
        }
        self.place = (self.place + end.len()).min(self.text.len());
    }

    /// A comment, if one begins here.
    fn skip_comment(&mut self) -> bool {
        if self.rest().starts_with(&['/', '/']) {
            self.skip_past(&['\n']);
            true
        } else if self.rest().starts_with(&['/', '*']) {
            self.skip_past(&['*', '/']);
            true
        } else {
            false
        }
    }

    fn skip_blank(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) || self.skip_comment() {
            if self.peek().is_some_and(char::is_whitespace) {
                self.place += 1;
            }
        }
    }

    /// One character, or a comment as a whole: quotes of prose around a script are none of its texts.
    fn skip_one(&mut self) {
        // `https://…` in the prose of a page begins no comment.
        let is_address = self.place > 0 && self.text[self.place - 1] == ':';
        if is_address || !self.skip_comment() {
            self.place += 1;
        }
    }

    fn value(&mut self, depth: usize) -> Literal {
        self.skip_blank();
        let start = self.place;
        let value = match self.peek() {
            Some('{') if depth < MOST_DEPTH => self.object(depth),
            Some('[') if depth < MOST_DEPTH => self.list(depth),
            Some('"' | '\'' | '`') => self.texts(),
            Some('/') => self.pattern(),
            _ => self.word(),
        };
        self.skip_blank();
        // Whatever goes on after a literal makes an expression of it.
        if matches!(self.peek(), None | Some(',' | ']' | '}' | ')' | ';')) {
            return value;
        }
        let is_statement = depth == 0 && !matches!(value, Literal::Code);
        if is_statement {
            return value;
        }
        self.place = start;
        self.skip_expression();
        Literal::Code
    }

    fn object(&mut self, depth: usize) -> Literal {
        self.place += 1;
        let mut entries = Vec::new();
        loop {
            self.skip_blank();
            match self.peek() {
                None => break,
                Some('}') => {
                    self.place += 1;
                    break;
                }
                Some(',') => self.place += 1,
                Some('"' | '\'') => {
                    let key = self.quoted();
                    entries.extend(self.entry(key, depth));
                }
                Some(_) => {
                    let key = self.name();
                    entries.extend(self.entry(key, depth));
                }
            }
        }
        Literal::Object(entries)
    }

    /// What follows a key: its value, or the rest of a method, a spread, a name that stands for itself.
    fn entry(&mut self, key: String, depth: usize) -> Option<(String, Literal)> {
        self.skip_blank();
        if self.peek() == Some(':') {
            self.place += 1;
            return Some((key, self.value(depth + 1)));
        }
        let start = self.place;
        self.skip_expression();
        if self.place == start && key.is_empty() {
            self.place += 1;
        }
        (!key.is_empty()).then_some((key, Literal::Code))
    }

    fn list(&mut self, depth: usize) -> Literal {
        self.place += 1;
        let mut items = Vec::new();
        loop {
            self.skip_blank();
            match self.peek() {
                None => break,
                Some(']') => {
                    self.place += 1;
                    break;
                }
                // What was opened elsewhere ends elsewhere.
                Some(',' | '}' | ')' | ';') => self.place += 1,
                Some(_) => items.push(self.value(depth + 1)),
            }
        }
        Literal::List(items)
    }

    /// One text, or several that are put together with `+`.
    fn texts(&mut self) -> Literal {
        let mut text = self.quoted();
        loop {
            self.skip_blank();
            let before = self.place;
            if self.next() != Some('+') {
                self.place = before;
                return Literal::Text(text);
            }
            self.skip_blank();
            if !matches!(self.peek(), Some('"' | '\'' | '`')) {
                self.place = before;
                return Literal::Text(text);
            }
            text += &self.quoted();
        }
    }

    fn quoted(&mut self) -> String {
        let end = self.next();
        let mut text = String::new();
        while let Some(next) = self.next() {
            if Some(next) == end {
                break;
            }
            if next == '\\' {
                text.extend(self.escaped());
            } else {
                text.push(next);
            }
        }
        text
    }

    /// What a backslash stands for, which was read.
    fn escaped(&mut self) -> Option<char> {
        match self.next()? {
            'n' => Some('\n'),
            't' => Some('\t'),
            'r' | '\n' => None,
            'u' => self.code_point(4),
            'x' => self.code_point(2),
            other => Some(other),
        }
    }

    fn code_point(&mut self, digits: usize) -> Option<char> {
        let is_braced = self.peek() == Some('{');
        let digits: String = if is_braced {
            self.place += 1;
            let rest = self.rest().iter();
            rest.take_while(|next| **next != '}').collect()
        } else {
            self.rest().iter().take(digits).collect()
        };
        self.place += digits.chars().count() + usize::from(is_braced);
        let number = u32::from_str_radix(&digits, 16).ok()?;
        char::from_u32(number)
    }

    fn pattern(&mut self) -> Literal {
        self.place += 1;
        let (mut source, mut in_class) = (String::new(), false);
        while let Some(next) = self.next() {
            match next {
                '\\' => {
                    source.push(next);
                    source.extend(self.next());
                    continue;
                }
                '[' => in_class = true,
                ']' => in_class = false,
                '/' if !in_class => break,
                '\n' => break,
                _ => {}
            }
            source.push(next);
        }
        // Flags.
        self.name();
        Literal::Pattern(source)
    }

    fn name(&mut self) -> String {
        let rest = self.rest().iter();
        let is_part =
            |next: &&char| next.is_alphanumeric() || matches!(next, '_' | '$' | '.' | '-');
        let name: String = rest.take_while(is_part).collect();
        self.place += name.chars().count();
        name
    }

    /// A number, a flag; anything else is code, up to where its value ends.
    fn word(&mut self) -> Literal {
        let start = self.place;
        let word = self.name();
        match &*word {
            "true" => return Literal::Flag(true),
            "false" => return Literal::Flag(false),
            "" => {}
            word => {
                if let Ok(number) = word.parse() {
                    return Literal::Number(number);
                }
            }
        }
        // Minifiers write true and false so.
        for (short, flag) in [(['!', '0'], true), (['!', '1'], false)] {
            if self.rest().starts_with(&short) {
                self.place += 2;
                return Literal::Flag(flag);
            }
        }
        self.place = start;
        self.skip_expression();
        Literal::Code
    }

    /// Up to the comma or bracket that ends the value.
    fn skip_expression(&mut self) {
        let mut open = 0_usize;
        // After these a slash begins a regular expression; after anything else it divides.
        let mut before = '(';
        while let Some(next) = self.peek() {
            if self.skip_comment() {
                continue;
            }
            match next {
                '"' | '\'' | '`' => {
                    self.quoted();
                    before = next;
                    continue;
                }
                '/' if "(,=:[!&|?{};".contains(before) => {
                    self.pattern();
                    before = '/';
                    continue;
                }
                '(' | '[' | '{' => open += 1,
                ')' | ']' | '}' | ',' | ';' if open == 0 => return,
                ')' | ']' | '}' => open -= 1,
                _ => {}
            }
            if !next.is_whitespace() {
                before = next;
            }
            self.place += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Literal {
        Literal::Text(text.into())
    }

    #[test]
    fn literals_are_read_and_code_is_passed_over() {
        let script = r#"
            // run({ not: this });
            /* nor run({ this: 1 }) */
            CookieConsent.run({
                plain: "a", 'quo-ted': 'it\'s \u00e9', 
                joined: 'one ' + "two", template: `both
lines`,
                number: 182, float: .5, yes: true, no: !1,
                pattern: /^_g[/]a\/,/i,
                list: ['a', ['b'], { c: 1 },],
                called: translate("{", 'x'), arrow: ({ a }) => { return a / 2; }, spread: [...others, 'z'],
                method(cookie) { if (/}/.test(cookie)) { return "}"; } },
                async other() {}, ...rest, short,
                sum: 1 + 2, nothing: null,
                last: 'z',
            });"#;
        let found = after_each(script, "CookieConsent.run");
        assert_eq!(found.len(), 1);
        let get = |key: &str| found[0].get(key).cloned();
        assert_eq!(get("plain"), Some(text("a")));
        assert_eq!(get("quo-ted"), Some(text("it's é")));
        assert_eq!(get("joined"), Some(text("one two")));
        assert_eq!(get("template"), Some(text("both\nlines")));
        assert_eq!(get("number"), Some(Literal::Number(182.0)));
        assert_eq!(get("yes"), Some(Literal::Flag(true)));
        assert_eq!(get("no"), Some(Literal::Flag(false)));
        assert_eq!(get("pattern"), Some(Literal::Pattern(r"^_g[/]a\/,".into())));
        assert_eq!(get("list").unwrap().items().len(), 3);
        for code in ["called", "arrow", "method", "short", "sum", "nothing"] {
            assert_eq!(get(code), Some(Literal::Code), "{code}");
        }
        let spread = [Literal::Code, text("z")];
        assert_eq!(get("spread").unwrap().items(), spread);
        assert_eq!(get("last"), Some(text("z")));
    }

    #[test]
    fn every_mark_is_found_and_what_is_cut_off_ends() {
        let jobs =
            "(tarteaucitron.job = tarteaucitron.job || []).push('gtag');\n(job).push(\"vimeo\")";
        assert_eq!(after_each(jobs, ".push"), [text("gtag"), text("vimeo")]);
        let page = "<p>It's at https://a.example</p><script>var klaroConfig = { a: 1 }\n</script>";
        assert_eq!(after_each(page, "klaroConfig").len(), 1);
        assert_eq!(
            first_object("export default { a: 'b' }").unwrap().get("a"),
            Some(&text("b"))
        );
        assert_eq!(first_object("[1]"), None);
        for cut in [
            "run({ a: [",
            "run({ a: 'b",
            "run({ a: /x",
            "run({ a: () => {",
            "run(",
            "run({ a",
            "run({ @ })",
            "run([ } ])",
        ] {
            assert_eq!(after_each(cut, "run").len(), 1, "{cut}");
        }
        let deep = format!("run({}", "[".repeat(100_000));
        assert_eq!(after_each(&deep, "run").len(), 1);
    }
}
