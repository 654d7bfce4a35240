//! Where layouts break first: little room, long words, many services; and what is not a layer.

use std::path::Path;

use anyhow::Result;
use consent_tests::screen::Screen;
use consent_tests::stage::{Stage, many_services};
use consent_tests::visitor::Visitor;
use serde_json::json;

use crate::sheet::Sheet;
use crate::{CHOOSE, comes_anew, page, takes};

const LANGUAGES: &str = r#"["en", "de", "fi", "bg", "ar"]"#;

const FRAME: &str = r#"<iframe data-service="player" data-src="{third}/film" width="480" height="270" title="A film"></iframe>"#;
const LIST: &str = "<consent-declaration></consent-declaration>";

/// What is on the picture.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Show {
    First,
    Preferences,
    /// The preferences with everything that can be opened open, scrolled to the end.
    Details,
    /// A placeholder, and the small button.
    Afterwards,
    /// The list of cookies in a page.
    Declaration,
}

/// Heading, pictures: layout, language, screen, what is shown, how many services more.
type Row = (
    &'static str,
    &'static [(&'static str, &'static str, Screen, Show, usize)],
);

const ROWS: [Row; 4] = [
    (
        "320 pixels wide; 200 %",
        &[
            ("bar", "de", Screen::NARROW, Show::First, 0),
            ("box-right", "fi", Screen::NARROW, Show::First, 0),
            ("dialog", "bg", Screen::NARROW, Show::First, 0),
            ("bar", "de", Screen::NARROW, Show::Preferences, 0),
            ("bar", "bg", Screen::NARROW, Show::Details, 0),
            ("bar", "de", Screen::ZOOMED, Show::First, 0),
            ("box-left", "bg", Screen::ZOOMED, Show::First, 0),
            ("bar", "fi", Screen::ZOOMED, Show::Preferences, 0),
        ],
    ),
    (
        "A phone on its side",
        &[
            ("bar", "de", Screen::LANDSCAPE, Show::First, 0),
            ("box-right", "bg", Screen::LANDSCAPE, Show::First, 0),
            ("dialog", "ar", Screen::LANDSCAPE, Show::First, 0),
            ("bar", "fi", Screen::LANDSCAPE, Show::Preferences, 0),
        ],
    ),
    (
        "Sixty services more",
        &[
            ("bar", "en", Screen::DESKTOP, Show::First, 60),
            ("bar", "en", Screen::DESKTOP, Show::Preferences, 60),
            ("bar", "en", Screen::DESKTOP, Show::Details, 60),
            ("box-right", "de", Screen::PHONE, Show::First, 60),
            ("bar", "de", Screen::PHONE, Show::Preferences, 60),
            ("bar", "de", Screen::PHONE, Show::Details, 60),
        ],
    ),
    (
        "In the page: a placeholder and the small button; the list of cookies",
        &[
            ("bar", "en", Screen::DESKTOP, Show::Afterwards, 0),
            ("bar", "ar", Screen::DESKTOP, Show::Afterwards, 0),
            ("bar", "de", Screen::PHONE, Show::Afterwards, 0),
            ("bar", "en", Screen::DESKTOP, Show::Declaration, 0),
            ("bar", "ar", Screen::DESKTOP, Show::Declaration, 0),
            ("bar", "bg", Screen::PHONE, Show::Declaration, 0),
        ],
    ),
];

/// Takes them all.
pub(crate) async fn pictures(visitor: &Visitor, folder: &Path) -> Result<Sheet> {
    let mut sheet = Sheet::new("edges");
    let mut number = 0;
    for (heading, pictures) in ROWS {
        sheet.begins(heading);
        for &(layout, language, screen, show, services) in pictures {
            let more = format!(
                "[markup]\ndeclaration = true\n[appearance]\nlayout = \"{layout}\"\n{}",
                many_services(services)
            );
            let stage = Stage::in_languages(LANGUAGES, &more).await?;
            let body = match show {
                Show::Afterwards => FRAME,
                Show::Declaration => LIST,
                Show::First | Show::Preferences | Show::Details => "",
            };
            let page = page(&stage, "light", language, body);
            visitor.has_screen(screen).await?;
            comes_anew(visitor, &page).await?;
            comes_to(visitor, show).await?;
            number += 1;
            takes(visitor, folder, &format!("edge-{number:02}"), &mut sheet).await?;
        }
    }
    Ok(sheet)
}

async fn comes_to(visitor: &Visitor, show: Show) -> Result<()> {
    if matches!(show, Show::Preferences | Show::Details) {
        visitor.evaluates(CHOOSE).await?;
        visitor.sees_the_preferences().await?;
    }
    if show == Show::Details {
        let open = "const root = document.querySelector('consent-banner').shadowRoot;
            for (const one of root.querySelectorAll('details')) one.open = true;
            const body = root.querySelector('.body'); body.scrollTop = body.scrollHeight";
        visitor.evaluates(open).await?;
    }
    if matches!(show, Show::Afterwards | Show::Declaration) {
        visitor.presses("refuse").await?;
        visitor.receives_a_receipt(None).await?;
        visitor.reloads().await?;
        let there = "const one = document.querySelector('consent-placeholder, consent-declaration'); one?.scrollIntoView({ block: 'start' }); scrollBy(0, -80); return !!one?.shadowRoot";
        visitor
            .waits_for("what is in the page", || async {
                Ok(visitor.evaluates(there).await? == json!(true))
            })
            .await?;
    }
    Ok(())
}
