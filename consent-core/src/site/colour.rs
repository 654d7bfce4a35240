//! Colours, and how well they can be told apart.

use core::fmt;
use core::str::FromStr;

use alloc::collections::BTreeMap;

use super::node::SchemaNode;

/// A colour: red, green and blue, as in `#1a7f4b`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour(pub [u8; 3]);

/// Why a text is no colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be written as #rrggbb or #rgb, so that its contrast can be checked")]
pub struct ColourError;

impl FromStr for Colour {
    type Err = ColourError;

    fn from_str(text: &str) -> Result<Self, ColourError> {
        let digits = text.strip_prefix('#').ok_or(ColourError)?;
        let (width, scale) = match digits.len() {
            3 => (1, 17),
            6 => (2, 1),
            _ => return Err(ColourError),
        };
        let mut parts = [0; 3];
        for (place, part) in parts.iter_mut().enumerate() {
            let digits = digits.get(place * width..(place + 1) * width);
            let digits = digits.filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
            let value = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
            *part = value.ok_or(ColourError)? * scale;
        }
        Ok(Self(parts))
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

impl Colour {
    /// How well two colours can be told apart, from 1 to 21 (WCAG 2.2, "contrast ratio").
    #[must_use]
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        let (light, dark) = if one > two { (one, two) } else { (two, one) };
        (light + 0.05) / (dark + 0.05)
    }

    /// WCAG 2.2, "relative luminance".
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        });
        0.2126f64.mul_add(red, 0.7152f64.mul_add(green, 0.0722 * blue))
    }
}

/// What a colour is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The ground.
    Paper,
    /// Text.
    Ink,
    /// Text that matters less.
    Soft,
    /// Borders and rules.
    Line,
    /// The ground of what is set apart.
    Well,
    /// The buttons, all of them.
    Button,
    /// Their text.
    ButtonInk,
    /// A switch that is on.
    On,
    /// A switch that is off.
    Off,
    /// The ring around what has the focus.
    Focus,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Paper,
        Self::Ink,
        Self::Soft,
        Self::Line,
        Self::Well,
        Self::Button,
        Self::ButtonInk,
        Self::On,
        Self::Off,
        Self::Focus,
    ];

    /// The name in declarations; in custom properties with `-` for `_`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Paper => "paper",
            Self::Ink => "ink",
            Self::Soft => "soft",
            Self::Line => "line",
            Self::Well => "well",
            Self::Button => "button",
            Self::ButtonInk => "button_ink",
            Self::On => "on",
            Self::Off => "off",
            Self::Focus => "focus",
        }
    }

    /// The library's own colour in the light.
    const fn light(self) -> Colour {
        Colour(match self {
            Self::Paper | Self::ButtonInk => [0xff, 0xff, 0xff],
            Self::Ink | Self::Button => [0x16, 0x18, 0x1d],
            Self::Soft => [0x4c, 0x52, 0x5e],
            Self::Line => [0xd5, 0xd9, 0xe0],
            Self::Well => [0xf4, 0xf5, 0xf8],
            Self::On => [0x1a, 0x7f, 0x4b],
            Self::Off => [0x76, 0x7d, 0x8a],
            Self::Focus => [0x24, 0x57, 0xd6],
        })
    }

    /// The same in the dark.
    const fn dark(self) -> Colour {
        Colour(match self {
            Self::Paper | Self::ButtonInk => [0x1b, 0x1e, 0x24],
            Self::Ink | Self::Button => [0xf1, 0xf3, 0xf7],
            Self::Soft => [0xb3, 0xba, 0xc7],
            Self::Line => [0x3d, 0x43, 0x4f],
            Self::Well => [0x25, 0x29, 0x32],
            Self::On => [0x35, 0xb8, 0x77],
            Self::Off => [0x8d, 0x95, 0xa3],
            Self::Focus => [0x8f, 0xb0, 0xff],
        })
    }
}

/// The colours of a site that are not the library's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Colours(pub(crate) BTreeMap<Role, Colour>);

impl Colours {
    /// The colour of a role, the site's or the library's.
    #[must_use]
    pub fn get(&self, role: Role, is_dark: bool) -> Colour {
        let usual = || {
            if is_dark { role.dark() } else { role.light() }
        };
        // Buttons are in ink on paper unless the site says otherwise.
        let follows = match role {
            Role::Button => Some(Role::Ink),
            Role::ButtonInk => Some(Role::Paper),
            _ => None,
        };
        let own = |role| self.0.get(&role).copied();
        own(role).or_else(|| own(follows?)).unwrap_or_else(usual)
    }
}

pub(super) fn schema() -> SchemaNode {
    SchemaNode::string().with("pattern", "^#([0-9A-Fa-f]{3}){1,2}$")
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    fn colour(text: &str) -> Colour {
        text.parse().unwrap()
    }

    #[test]
    fn colours_are_read_in_two_lengths_and_nothing_else() {
        assert_eq!(colour("#1aF").to_string(), "#11aaff");
        assert_eq!(colour("#16181d").0, [0x16, 0x18, 0x1d]);
        for text in [
            "", "#", "#12", "#1234", "#12345g", "#+1+1+1", "red", "16181d", "#é23",
        ] {
            assert_eq!(text.parse::<Colour>(), Err(ColourError), "{text}");
        }
    }

    /// Against published examples: #767676 is the lightest grey that passes 4.5 on white.
    #[test]
    fn contrast_is_what_wcag_says() {
        let white = colour("#fff");
        assert!((colour("#000").contrast(white) - 21.0).abs() < 1e-9);
        assert!((white.contrast(white) - 1.0).abs() < 1e-9);
        assert!((white.contrast(colour("#767676")) - 4.54).abs() < 0.005);
        assert!(white.contrast(colour("#777777")) < 4.5);
        assert!((white.contrast(colour("#ff0000")) - 3.998).abs() < 0.001);
    }
}
