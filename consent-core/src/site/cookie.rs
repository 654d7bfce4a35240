//! `[cookie]`: how the cookie that holds the choice is set. What services store is in [`cookies`](super::cookies).

use alloc::format;
use alloc::string::String;

use super::diagnostic::Fault;
use super::node::{SchemaNode, optional, table};
use super::reader::{Item, Table};
use crate::cookie::CookieSettings;

pub(super) fn read(mut table: Table<'_>) -> CookieSettings {
    let name = table.optional("name", |item| part(item, "=;, \"\\"));
    let path = table.optional("path", |item| {
        let path = part(item, ";, \"\\")?;
        if path.starts_with('/') {
            Ok(path)
        } else {
            Err(Fault::new(
                format!("\"{path}\" is not a path"),
                "begin it with `/`",
            ))
        }
    });
    let domain = table.optional("domain", |item| part(item, "=;,/: \"\\"));
    table.finish();
    let usual = CookieSettings::new(path.unwrap_or_else(|| "/".into()), domain);
    match name {
        Some(name) => CookieSettings { name, ..usual },
        None => usual,
    }
}

fn part(item: &Item<'_>, forbidden: &str) -> Result<String, Fault> {
    let text = item.string()?;
    let fits = text
        .chars()
        .all(|c| c.is_ascii_graphic() && !forbidden.contains(c));
    if fits && text.len() <= 200 {
        Ok(text)
    } else {
        Err(Fault::new(
            format!("\"{text}\" cannot stand in a cookie"),
            format!("use up to 200 plain characters, none of {forbidden}"),
        ))
    }
}

pub(super) fn schema() -> SchemaNode {
    let part = |about: &str, pattern: &str| {
        let text = SchemaNode::string().with("description", about);
        text.with("pattern", pattern).with("maxLength", 200)
    };
    let name = part(
        "Its name; if left out, `__Host-eu-consent`, or with a path or a domain `eu-consent`.",
        r#"^[^\s=;,"\\]+$"#,
    );
    let path = part(
        "Its path, if several sites share one host.",
        r#"^/[^\s;,"\\]*$"#,
    );
    let domain = part(
        "Its domain, to share a choice over subdomains.",
        r#"^[^\s=;,/:"\\]+$"#,
    );
    table(
        "The cookie that holds the choice.",
        [
            optional("name", name),
            optional("path", path.with("default", "/")),
            optional("domain", domain),
        ],
    )
}
