//! How the notice looks, and where it stands. Nothing here can make refusing harder than accepting, or show it less: the
//! answers are one kind of button, whatever its colours.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;

use super::colour::{Colour, Colours, Role};
use super::diagnostic::Fault;
use super::node::{SchemaNode, described, flag, optional, reference, table, whole, words};
use super::reader::{Item, Table};

/// How the notice looks, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appearance {
    /// Where the first layer stands.
    pub layout: Layout,
    /// Where the small button that reopens the preferences stands; none when the site has a link of its own.
    pub reopen: Option<Side>,
    /// Whether the first layer can be closed without choosing.
    pub close_button: bool,
    /// Which of the two sets of colours is shown.
    pub theme: Theme,
    /// The site's own colours in the light, where they are not the library's.
    pub light: Colours,
    /// The same in the dark.
    pub dark: Colours,
    /// A list of fonts that visitors have, or that the page loads; the system's own if none.
    pub font: Option<String>,
    /// Size of the text, in CSS pixels.
    pub font_size: u32,
    /// Rounding of the layers' corners, in CSS pixels.
    pub radius: u32,
    /// Rounding of the buttons' corners, in CSS pixels.
    pub button_radius: u32,
    /// The site's own picture above the first layer's heading: a URL of the site's own host, or a `data:` URL.
    pub logo: Option<String>,
}

/// Where the first layer stands. It never locks the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Along the lower edge.
    Bar,
    /// Along the upper edge.
    BarTop,
    /// In the lower corner where lines begin.
    BoxLeft,
    /// In the lower corner where lines end.
    BoxRight,
    /// In the upper corner where lines begin.
    BoxTopLeft,
    /// In the upper corner where lines end.
    BoxTopRight,
    /// In the middle.
    Dialog,
    /// Nowhere: the site draws its own.
    None,
}

impl Layout {
    /// All of them, by their names in declarations.
    pub const ALL: [(&'static str, Self); 8] = [
        ("bar", Self::Bar),
        ("bar-top", Self::BarTop),
        ("box-left", Self::BoxLeft),
        ("box-right", Self::BoxRight),
        ("box-top-left", Self::BoxTopLeft),
        ("box-top-right", Self::BoxTopRight),
        ("dialog", Self::Dialog),
        ("none", Self::None),
    ];
}

/// Which of the two sets of colours is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// What the visitor's system asks for.
    System,
    /// The light one.
    Light,
    /// The dark one.
    Dark,
    /// That which is nearer to the page's background.
    Page,
}

impl Theme {
    /// All of them, by their names in declarations.
    pub const ALL: [(&'static str, Self); 4] = [
        ("system", Self::System),
        ("light", Self::Light),
        ("dark", Self::Dark),
        ("page", Self::Page),
    ];

    /// Whether visitors may see the light set, and the dark one.
    #[must_use]
    pub const fn shows(self) -> (bool, bool) {
        (!matches!(self, Self::Dark), !matches!(self, Self::Light))
    }
}

/// A side of the page, in reading direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The left side.
    Left,
    /// The right side.
    Right,
}

impl Side {
    /// The name in declarations and manifests.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
        }
    }
}

impl Default for Appearance {
    fn default() -> Self {
        Self {
            layout: Layout::Bar,
            reopen: Some(Side::Left),
            close_button: false,
            theme: Theme::System,
            light: Colours::default(),
            dark: Colours::default(),
            font: None,
            font_size: 16,
            radius: 14,
            button_radius: 8,
            logo: None,
        }
    }
}

/// The longest picture that may stand in a declaration itself, in characters: each first visit pays for it.
const LONGEST_LOGO: usize = 8_000;

/// The formats of pictures that may.
const PICTURES: [&str; 5] = ["gif", "jpeg", "png", "svg+xml", "webp"];

pub(super) fn read(mut table: Table<'_>, origins: &[String]) -> Appearance {
    let default = Appearance::default();
    let layout = table.optional("layout", |item| item.one_of(&Layout::ALL));
    let reopen = table.optional("reopen", |item| {
        item.one_of(&[
            ("left", Some(Side::Left)),
            ("right", Some(Side::Right)),
            ("none", None),
        ])
    });
    let close_button = table.optional("close_button", Item::boolean);
    let theme = table.optional("theme", |item| item.one_of(&Theme::ALL));
    let light = table.optional("light", Item::table).map(colours);
    let dark = table.optional("dark", Item::table).map(colours);
    let font = table.optional("font", font);
    let mut pixels = |key, range| table.optional(key, |item| item.integer(range));
    let font_size = pixels("font_size", 12..25);
    let radius = pixels("radius", 0..41);
    let button_radius = pixels("button_radius", 0..41);
    let logo = table.optional("logo", |item| logo(item, origins));
    table.finish();
    Appearance {
        layout: layout.unwrap_or(default.layout),
        reopen: reopen.unwrap_or(default.reopen),
        close_button: close_button.unwrap_or(default.close_button),
        theme: theme.unwrap_or(default.theme),
        light: light.unwrap_or(default.light),
        dark: dark.unwrap_or(default.dark),
        font,
        font_size: font_size.unwrap_or(default.font_size),
        radius: radius.unwrap_or(default.radius),
        button_radius: button_radius.unwrap_or(default.button_radius),
        logo,
    }
}

fn colours(mut table: Table<'_>) -> Colours {
    let read = |role: Role| Some((role, table.optional(role.as_str(), Item::parsed)?));
    let colours: BTreeMap<Role, Colour> = Role::ALL.into_iter().filter_map(read).collect();
    table.finish();
    Colours(colours)
}

fn font(item: &Item<'_>) -> Result<String, Fault> {
    let text = item.string()?;
    let fits = |c: char| c.is_ascii_alphanumeric() || " ,'-_.".contains(c);
    let names = text.chars().any(|c| c.is_ascii_alphanumeric());
    if names && text.chars().all(fits) && text.matches('\'').count() % 2 == 0 {
        Ok(text)
    } else {
        Err(Fault::new(
            format!("\"{text}\" is no list of fonts"),
            "write names with commas between them, and ' around those with special characters, like \"'My Font', Georgia, serif\"",
        ))
    }
}

/// Pictures of others would tell them who visits before anybody was asked.
fn logo(item: &Item<'_>, origins: &[String]) -> Result<String, Fault> {
    let text = item.string()?;
    let is_plain = text
        .chars()
        .all(|c| c.is_ascii_graphic() && !"\"'<>\\".contains(c));
    let is_path = text.starts_with('/') && !text.starts_with("//");
    let is_own = origins.iter().any(|origin| {
        text.strip_prefix(&**origin)
            .is_some_and(|path| path.starts_with('/'))
    });
    let is_data = text.strip_prefix("data:image/").is_some_and(|rest| {
        PICTURES
            .iter()
            .filter_map(|format| rest.strip_prefix(format))
            .any(|rest| rest.starts_with(";base64,"))
    });
    if !is_plain || !(is_path || is_own || is_data) {
        return Err(Fault::new(
            "is no picture of the site's own",
            "use a path like \"/logo.svg\", an address below one of `origins`, or data:image/…;base64,…: another host would hear of visitors before they were asked",
        ));
    }
    if text.len() > LONGEST_LOGO {
        return Err(Fault::new(
            format!("is {} characters long", text.len()),
            format!(
                "use up to {LONGEST_LOGO}, which each first visit loads, or give the picture an address"
            ),
        ));
    }
    Ok(text)
}

pub(super) fn schema() -> SchemaNode {
    let layout = words(
        "Where the first layer stands; none if the pages have one of their own.",
        &Layout::ALL.map(|(name, _)| name),
    )
    .with("default", "bar");
    let theme = words(
        "The set of colours that is shown.",
        &Theme::ALL.map(|(name, _)| name),
    )
    .with("default", "system");
    let reopen = words(
        "The side of the small button that reopens the preferences; none if the pages have a link of their own.",
        &["left", "right", "none"],
    );
    let close_button = flag("Whether the first layer can be closed without choosing.");
    let colours = |about: &str| {
        let of = |role: Role| optional(role.as_str(), reference("colour", role_says(role)));
        table(about, Role::ALL.map(of))
    };
    let font = described(
        "string",
        "A list of fonts that visitors have, or that the page loads.",
    )
    .with(
        "pattern",
        "^[A-Za-z0-9 ,'_.-]*[A-Za-z0-9][A-Za-z0-9 ,'_.-]*$",
    );
    let pixels =
        |about: &str, least, most, usual: u32| whole(about, least, most).with("default", usual);
    let picture = format!(
        "^(/([^/]|$)|https?://|data:image/({});base64,)",
        PICTURES.join("|").replace('+', r"\+")
    );
    let logo = described("string", "A picture of the site's own, above the heading: a path, an address of the site's own host, or a data: URL.")
        .with("pattern", picture)
        .with("maxLength", u32::try_from(LONGEST_LOGO).unwrap_or(u32::MAX));
    let usual = Appearance::default();
    table(
        "How the notice looks, and where it stands.",
        [
            optional("layout", layout),
            optional("reopen", reopen.with("default", "left")),
            optional("close_button", close_button.with("default", false)),
            optional("theme", theme),
            optional("light", colours("Colours in the light.")),
            optional("dark", colours("Colours in the dark.")),
            optional("font", font),
            optional(
                "font_size",
                pixels("Size of the text, in CSS pixels.", 12, 24, usual.font_size),
            ),
            optional(
                "radius",
                pixels(
                    "Rounding of the layers' corners, in CSS pixels.",
                    0,
                    40,
                    usual.radius,
                ),
            ),
            optional(
                "button_radius",
                pixels(
                    "Rounding of the buttons' corners, in CSS pixels.",
                    0,
                    40,
                    usual.button_radius,
                ),
            ),
            optional("logo", logo),
        ],
    )
}

const fn role_says(role: Role) -> &'static str {
    match role {
        Role::Paper => "The ground.",
        Role::Ink => "Text.",
        Role::Soft => "Text that matters less.",
        Role::Line => "Borders and rules.",
        Role::Well => "The ground of what is set apart.",
        Role::Button => "The buttons, all of them; the text's colour if left out.",
        Role::ButtonInk => "The text of the buttons; the ground's colour if left out.",
        Role::On => "A switch that is on.",
        Role::Off => "A switch that is off.",
        Role::Focus => "The ring around what has the focus.",
    }
}
