//! What others said, as it may be shown: in logs and errors.

/// How much of it, in characters as they came.
const MOST: usize = 200;

/// The first line, cut, without anything that would move a cursor, colour a terminal, or turn the direction of writing.
pub(crate) fn shown(said: &str) -> String {
    let line = said.trim().lines().next().unwrap_or_default();
    let mut shown = String::new();
    for (place, letter) in line.chars().enumerate() {
        if place == MOST {
            shown.push('…');
            break;
        }
        match letter {
            // Nothing moves, and they are all over what people write.
            '"' | '\'' => shown.push(letter),
            letter => shown.extend(letter.escape_debug()),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_another_line_and_nothing_that_a_terminal_obeys() {
        let text = "no: \"größer\" isn't 日本\nINFO a line of ours";
        assert_eq!(shown(text), "no: \"größer\" isn't 日本");
        assert_eq!(
            shown("\n\r\n a\rb\u{1b}[2J\u{9b}1m\u{85}c"),
            "a\\rb\\u{1b}[2J\\u{9b}1m\\u{85}c"
        );
        assert_eq!(shown("\u{202e}txt\u{2028}x"), "\\u{202e}txt\\u{2028}x");
        assert_eq!(shown(""), "");
        let long = shown(&"é".repeat(60_000));
        assert_eq!(long, format!("{}…", "é".repeat(200)));
    }
}
