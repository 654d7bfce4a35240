//! What can be seen, and by whom.

use alloc::format;

use crate::check::rule::{Found, Rule, Severity};
use crate::site::Site;
use crate::site::{Colours, Layout, Role};
use crate::time::UnixSeconds;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "text-contrast",
        severity: Severity::Error,
        summary: "Text stands out from its ground.",
        source: "WCAG 2.2, 1.4.3 (AA); RGAA 4.1, 3.2; EDPB cookie banner taskforce report, §17-18",
        look: text_contrast,
    },
    Rule {
        id: "control-contrast",
        severity: Severity::Error,
        summary: "Buttons, switches and the focus stand out from their ground.",
        source: "WCAG 2.2, 1.4.11 (AA); RGAA 4.1, 3.3",
        look: control_contrast,
    },
    Rule {
        id: "own-first-layer",
        severity: Severity::Advice,
        summary: "Refusing is as easy, and as easy to see, as accepting.",
        source: "CNIL recommendation 2020-092, §34; EDPB cookie banner taskforce report, §8 and 17-18",
        look: own_first_layer,
    },
];

/// What is read, on what.
const TEXTS: [(Role, Role); 5] = [
    (Role::Ink, Role::Paper),
    (Role::Soft, Role::Paper),
    (Role::Ink, Role::Well),
    (Role::Soft, Role::Well),
    (Role::ButtonInk, Role::Button),
];

/// What is to be found, on what.
const CONTROLS: [(Role, Role); 4] = [
    (Role::Button, Role::Paper),
    (Role::On, Role::Paper),
    (Role::Off, Role::Paper),
    (Role::Focus, Role::Paper),
];

fn text_contrast(site: &Site, _: UnixSeconds, found: &mut Found) {
    for (front, ground) in TEXTS {
        weak(site, front, ground, 4.5, found);
    }
}

fn control_contrast(site: &Site, _: UnixSeconds, found: &mut Found) {
    for (front, ground) in CONTROLS {
        weak(site, front, ground, 3.0, found);
    }
}

/// Two colours that are too near to each other, in each set that visitors may see.
fn weak(site: &Site, front: Role, ground: Role, least: f64, found: &mut Found) {
    let look = &site.appearance;
    let (light, dark) = look.theme.shows();
    let sets: [(&str, &Colours, bool); 2] =
        [("light", &look.light, light), ("dark", &look.dark, dark)];
    for (name, colours, _) in sets.into_iter().filter(|(_, _, is_shown)| *is_shown) {
        let is_dark = name == "dark";
        let (one, other) = (colours.get(front, is_dark), colours.get(ground, is_dark));
        let ratio = one.contrast(other);
        if ratio < least {
            // The site's own colour is the one to change.
            let is_own = colours.0.contains_key(&front) || !colours.0.contains_key(&ground);
            let role = if is_own { front } else { ground };
            found.push(
                format!("appearance.{name}.{}", role.as_str()),
                format!(
                    "`{}` ({one}) on `{}` ({other}) has a contrast of {:.2}",
                    front.as_str(),
                    ground.as_str(),
                    // Never rounded up to what it fails to reach.
                    (ratio * 100.0).floor() / 100.0
                ),
                format!("choose colours with at least {least}"),
            );
        }
    }
}

fn own_first_layer(site: &Site, _: UnixSeconds, found: &mut Found) {
    if site.appearance.layout == Layout::None {
        found.push(
            "appearance.layout",
            "the pages draw their own first layer, which is not checked here",
            "put `data-consent-action=\"refuse\"` and `\"accept\"` on buttons of one size, weight and contrast, side by side, and name each purpose above them",
        );
    }
}
