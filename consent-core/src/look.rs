//! A site's style sheets: the library's, and after them what the site's `[appearance]` makes of them.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;

use crate::site::{Appearance, Layout, Role, Theme};

/// The parts of the style sheets that every site has, and the one for bars.
const FIRST: &str = "first";
const BAR: &str = "bar";
const PREFERENCES: &str = "preferences";

/// What the first layer needs, and what the preferences need besides.
pub(crate) struct Look {
    pub(crate) first: String,
    pub(crate) preferences: String,
}

impl Look {
    pub(crate) fn new(appearance: &Appearance, styles: &BTreeMap<String, String>) -> Self {
        let part = |name: &str| styles.get(name).map_or("", |style| style.trim_end());
        let bar = if matches!(appearance.layout, Layout::Bar | Layout::BarTop) {
            part(BAR)
        } else {
            ""
        };
        Self {
            first: [
                &variables(appearance),
                part(FIRST),
                bar,
                place(appearance.layout),
            ]
            .concat(),
            preferences: part(PREFERENCES).into(),
        }
    }
}

/// Where the first layer stands.
const fn place(layout: Layout) -> &'static str {
    match layout {
        Layout::Bar => ".banner{inset:auto var(--gap) var(--gap)}",
        Layout::BarTop => ".banner{inset:var(--gap) var(--gap) auto}",
        Layout::BoxLeft => ".banner{inset-block-end:var(--gap);inset-inline-start:var(--gap)}",
        Layout::BoxRight => ".banner{inset-block-end:var(--gap);inset-inline-end:var(--gap)}",
        Layout::BoxTopLeft => ".banner{inset-block-start:var(--gap);inset-inline-start:var(--gap)}",
        Layout::BoxTopRight => ".banner{inset-block-start:var(--gap);inset-inline-end:var(--gap)}",
        Layout::Dialog => ".banner{inset:0;height:fit-content;margin:auto}",
        Layout::None => ".banner{display:none!important}",
    }
}

/// What the style sheets name and a page may set: `--consent-paper` on the page goes before what is declared.
fn variables(appearance: &Appearance) -> String {
    let font = appearance.font.as_deref().map_or_else(
        || "system-ui,sans-serif".into(),
        |font| format!("{font},system-ui,sans-serif"),
    );
    let common = [
        ("font", font),
        ("size", format!("{}px", appearance.font_size)),
        ("radius", format!("{}px", appearance.radius)),
        ("button-radius", format!("{}px", appearance.button_radius)),
    ];
    let common = common.map(|(name, value)| variable(name, &value)).concat();
    let colours = |is_dark: bool| {
        let set = if is_dark {
            &appearance.dark
        } else {
            &appearance.light
        };
        let of = |role: Role| {
            let name = role.as_str().replace('_', "-");
            variable(&name, &format!("{}", set.get(role, is_dark)))
        };
        let colours: String = Role::ALL.into_iter().map(of).collect();
        let scheme = if is_dark { "dark" } else { "light" };
        format!("{colours}--scheme:{scheme}")
    };
    let (light, dark) = (colours(false), colours(true));
    match appearance.theme {
        Theme::Light => format!("[lang]{{{common}{light}}}"),
        Theme::Dark => format!("[lang]{{{common}{dark}}}"),
        Theme::System => format!(
            "[lang]{{{common}{light}}}@media (prefers-color-scheme:dark){{[lang]{{{dark}}}}}"
        ),
        Theme::Page => format!("[lang]{{{common}{light}}}:host([data-dark]) [lang]{{{dark}}}"),
    }
}

fn variable(name: &str, value: &str) -> String {
    format!("--{name}:var(--consent-{name},{value});")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_theme_has_the_colours_that_it_can_show() {
        let of = |theme| {
            variables(&Appearance {
                theme,
                ..Appearance::default()
            })
        };
        let (white, black) = (
            "--paper:var(--consent-paper,#ffffff)",
            "--paper:var(--consent-paper,#1b1e24)",
        );
        for (_, theme) in Theme::ALL {
            let style = of(theme);
            assert_eq!(
                (style.contains(white), style.contains(black)),
                theme.shows()
            );
        }
        assert!(
            of(Theme::System).contains("prefers-color-scheme")
                && !of(Theme::Page).contains("prefers")
        );
    }
}
