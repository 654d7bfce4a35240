//! The words of a notice, without its mark-up: what stands in one line or block is one passage.

/// Elements that stand in a line of words, and end no passage.
const IN_LINE: [&str; 6] = ["a", "code", "em", "span", "strong", "img"];

/// The passages of mark-up as notices have it, in their order.
pub(super) fn passages(html: &str) -> Vec<String> {
    let mut passages = vec![String::new()];
    let end = |passages: &mut Vec<String>| {
        if passages.last().is_some_and(|last| !last.trim().is_empty()) {
            passages.push(String::new());
        }
    };
    for (place, part) in html.split('<').enumerate() {
        let text = if place == 0 {
            part
        } else {
            let (tag, text) = part.split_once('>').unwrap_or((part, ""));
            let name = tag.trim_start_matches('/').split([' ', '/']).next();
            if !name.is_some_and(|name| IN_LINE.contains(&name)) {
                end(&mut passages);
            }
            text
        };
        if let Some(last) = passages.last_mut() {
            last.push_str(&unescaped(text));
        }
    }
    let in_one_line = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let passages = passages.into_iter().map(in_one_line);
    passages.filter(|text| !text.is_empty()).collect()
}

/// Only what notices escape. The ampersand comes last: what it was to escape is not read again.
fn unescaped(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">");
    text.replace("&quot;", "\"").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_a_line_stay_together_and_blocks_stand_apart() {
        let html = "<h2 id=\"t\">Your choice</h2><ul><li><strong>Videos.</strong> <span>They <em>see</em> you &amp; &lt;us&gt;.</span></li>\
            <li>Other</li></ul><div><p> </p><button type=\"button\">Accept</button>";
        assert_eq!(
            passages(html),
            [
                "Your choice",
                "Videos. They see you & <us>.",
                "Other",
                "Accept"
            ]
        );
        assert_eq!(passages("&amp;lt;"), ["&lt;"]);
    }
}
