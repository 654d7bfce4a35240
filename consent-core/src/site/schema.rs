//! The format of a `site.toml` as a JSON Schema, for editors.
//!
//! The reader is the law: it also knows what refers to what, and says what to do. The schema lists the same keys (a test
//! compares them), so that an editor completes and explains them.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::appearance::{LONGEST_LOGO, PICTURES};
use super::{Appearance, Dialect, GOOGLE_TYPES, Layout, Role, Theme};
use crate::i18n::{Strings, names, primaries};
use crate::time::Months;

mod demands;
mod node;

use node::{
    Node, Part, described, flag, list, localized, map, optional, reference, required, slug,
    slug_pattern, table, text, whole, words,
};

/// The format of a `site.toml` as a JSON Schema (draft 2020-12).
///
/// It is checked in as `consent-core/site.schema.json`. Editors with a TOML language server take it from a first line:
///
/// ```toml
/// #:schema ./site.schema.json
/// ```
///
/// Where a file names a base, the schema demands no keys: the reader knows what the two lack together.
#[must_use]
pub fn schema() -> String {
    let (about, demands) = demands::split(declaration());
    let has_base = Node::new([("required", Part::list(["base"]))]);
    let root = about.with("if", has_base).with("else", demands);
    document("site.toml: the declaration of a site", root)
}

/// The format of a [`Base`](super::Base), for editors as well; checked in as `consent-core/base.schema.json`.
#[must_use]
pub fn base_schema() -> String {
    let (mut about, _) = demands::split(declaration());
    for (name, part) in &mut about.0 {
        if let ("properties", Part::Node(keys)) = (*name, part) {
            keys.0.retain(|(key, _)| !matches!(*key, "id" | "base"));
        }
    }
    document("What the declarations of several sites share", about)
}

fn document(title: &str, about: Node) -> String {
    let mut root = Node::new([
        (
            "$schema",
            "https://json-schema.org/draft/2020-12/schema".into(),
        ),
        ("title", title.into()),
    ]);
    root.0.extend(about.0);
    root.add("$defs", definitions());
    serde_json::to_string_pretty(&root).unwrap_or_default() + "\n"
}

fn declaration() -> Node {
    table(
        "One web property of one controller.",
        [
            optional(
                "base",
                text(
                    "A file whose keys stand where this one has none; its path, as seen from this file.",
                ),
            ),
            required(
                "id",
                slug("Names the site in receipts and addresses. Do not change it."),
            ),
            required("name", localized("The name that visitors know.")),
            required("languages", languages()),
            required("origins", origins()),
            optional("revision", revision()),
            required("controller", controller()),
            optional("processor", processor()),
            required("policy", policy()),
            optional("choice", choice()),
            optional("proof", proof()),
            optional("data", data()),
            optional("cookie", choice_cookie()),
            optional("frames", frames()),
            optional("appearance", appearance()),
            optional("markup", markup()),
            optional("signals", signals()),
            optional("texts", texts()),
            optional("categories", categories()),
            optional("services", services()),
        ],
    )
}

fn languages() -> Node {
    let known = primaries();
    let tag = format!("^({})(-[A-Za-z0-9]{{2,8}})*$", known.join("|"));
    let about = "The languages of the notice, the default first.";
    list(about, Node::string().with("pattern", tag)).with("minItems", 1)
}

fn origins() -> Node {
    let origin = Node::string().with("pattern", "^https?://[^/?#@ ]+$");
    let about = "Where the pages live, like \"https://www.example.org\".";
    list(about, origin).with("minItems", 1)
}

fn revision() -> Node {
    whole("Raise it to ask everybody again.", 1, u32::MAX - 1).with("default", 1)
}

fn controller() -> Node {
    let authority = table(
        "Where visitors can complain.",
        [
            required("name", text("Its name.")),
            required("url", reference("url", "Its address.")),
        ],
    );
    table(
        "Who answers for the site.",
        [
            required("name", text("Its name.")),
            required("address", text("Its postal address.")),
            required("contact", text("An e-mail address or a URL.")),
            optional(
                "data_protection_officer",
                text("How to reach the data protection officer."),
            ),
            optional("authority", authority),
        ],
    )
}

fn processor() -> Node {
    table(
        "Who runs the site for the controller.",
        [
            required("name", text("Its name.")),
            required("contact", text("An e-mail address or a URL.")),
        ],
    )
}

fn policy() -> Node {
    let updated = Node::string()
        .with(
            "description",
            "The day of its last update, without quotes, like 2026-03-01.",
        )
        .with("format", "date");
    table(
        "The policy that the notice links to.",
        [
            required("url", reference("localizedUrl", "Its address.")),
            required("updated", updated),
        ],
    )
}

fn choice() -> Node {
    let longest = u32::from(Months::THIRTEEN.get());
    let valid = whole(
        "How long a choice is valid; CNIL calls 6 good practice.",
        1,
        longest,
    );
    let ask_again = whole(
        "When those who refused everything are asked again; up to `valid_months`, which is the default.",
        6,
        longest,
    );
    let reload = flag(
        "Whether a page is loaded again when something that runs is refused and cannot be stopped otherwise.",
    );
    table(
        "How long a choice lasts, and how it takes effect.",
        [
            optional("valid_months", valid.with("default", longest)),
            optional("ask_again_months", ask_again),
            optional("reload", reload.with("default", true)),
        ],
    )
}

fn proof() -> Node {
    let at_end = words(
        "What happens to proofs then.",
        &["delete", "anonymise", "archive"],
    );
    table(
        "How long proofs are kept.",
        [
            optional(
                "keep_years",
                whole("Years after the choice ended.", 1, 30).with("default", 5),
            ),
            optional("at_end", at_end.with("default", "delete")),
        ],
    )
}

fn data() -> Node {
    let about = "For services that do not say it themselves.";
    table(
        "How long the data collected under consent are kept.",
        [optional("retention", reference("lifetime", about))],
    )
}

fn choice_cookie() -> Node {
    let part = |about: &str, pattern: &str| {
        let text = Node::string().with("description", about);
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

fn frames() -> Node {
    let ancestor = Node::string().with("pattern", "^https?://[^/?#@ *A-Z]+$");
    let about = "The origins of other sites that may hold the pages in frames, like \"https://partner.example\".";
    table(
        "In whose frames visitors are asked.",
        [optional("ancestors", list(about, ancestor))],
    )
}

fn appearance() -> Node {
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

fn markup() -> Node {
    let block = flag(
        "Whether what is not marked up is stopped as well, where it goes to a host of a service that visitors are asked about.",
    );
    let placeholders =
        flag("Whether a frame that is held back is replaced by who would be contacted and why.");
    let shadow_roots = flag("Whether elements inside shadow roots are held back and released too.");
    let actions = flag("Whether the pages have buttons and switches of their own for the choice.");
    let declaration =
        flag("Whether a page has the list of cookies and services, <consent-declaration>.");
    let dialect = Node::string().with("enum", Part::list(Dialect::ALL.map(Dialect::as_str)));
    let names = described(
        "object",
        "What those tools call a category or service, and what this file calls it.",
    );
    table(
        "How the pages mark what is held back.",
        [
            optional("block", block.with("default", false)),
            optional("placeholders", placeholders.with("default", true)),
            optional("shadow_roots", shadow_roots.with("default", false)),
            optional("actions", actions.with("default", false)),
            optional("declaration", declaration.with("default", false)),
            optional(
                "dialects",
                list("Other tools whose attributes the pages carry.", dialect),
            ),
            optional("names", names.with("additionalProperties", Node::string())),
        ],
    )
}

fn texts() -> Node {
    let english = Strings::of(&"en".parse().unwrap_or_else(|_| unreachable!("is a tag")));
    let own = |(name, _)| {
        let said = english.and_then(|english| english.get(name));
        optional(
            name,
            localized(&format!("For \"{}\"", said.unwrap_or_default())),
        )
    };
    table(
        "The site's own words for the library's, in all its languages or in some; what stands in {…} must stand in them too.",
        names().map(own),
    )
}

fn signals() -> Node {
    let grants = |about: &str, types: &[&'static str]| {
        let of =
            |kind: &&'static str| optional(kind, text("The category or service that grants it."));
        table(about, types.iter().map(of))
    };
    let event = text("The name of the event, like \"consent\".").with("maxLength", 40);
    let refused = Node::string().with("pattern", slug_pattern());
    table(
        "Whom the pages tell about a choice, and whose signals they hear.",
        [
            optional(
                "google_consent_mode",
                grants(
                    "Google Consent Mode v2; what is not named stays denied.",
                    &GOOGLE_TYPES,
                ),
            ),
            optional("microsoft_uet", grants("Microsoft UET.", &["ad_storage"])),
            optional(
                "microsoft_clarity",
                grants("Microsoft Clarity.", &["ad_storage", "analytics_storage"]),
            ),
            optional(
                "matomo",
                text("The category or service that lets Matomo track."),
            ),
            optional(
                "meta_pixel",
                text("The category or service that lets Meta's pixel run."),
            ),
            optional("data_layer", event),
            optional(
                "global_privacy_control",
                list(
                    "The categories that Global Privacy Control refuses.",
                    refused,
                ),
            ),
        ],
    )
}

fn categories() -> Node {
    let built_in = |about: &str| {
        table(
            about,
            [
                optional("title", localized("A few words.")),
                optional("description", localized("A line.")),
            ],
        )
    };
    let own = table(
        "A category of your own. Without services it is shown as not used.",
        [
            required("title", localized("A few words.")),
            required("description", localized("A line.")),
        ],
    );
    let known = Node::new([
        (
            "operation",
            built_in("What needs no consent; it is always on.").into(),
        ),
        (
            "social",
            built_in("Content of social networks and media.").into(),
        ),
        ("analytics", built_in("Audience measurement.").into()),
    ]);
    map(
        "Categories of your own, or other words for the three that exist.",
        own,
    )
    .with("properties", known)
}

fn services() -> Node {
    let exempt = localized("Why it needs no consent; exactly in category operation.");
    let hosts = list("The hosts it contacts.", Node::reference("host"));
    let cookies = list("What it stores in the browser.", cookie());
    let service = table(
        "One third party or tool.",
        [
            required("category", slug("The category it belongs to.")),
            required("name", localized("The name that visitors know.")),
            required("provider", text("The company behind it.")),
            required(
                "country",
                Node::string()
                    .with(
                        "description",
                        "The provider's country, like \"FR\" (ISO 3166-1).",
                    )
                    .with("pattern", "^[A-Z]{2}$"),
            ),
            required("purpose", localized("What it is for, in a line.")),
            required(
                "policy",
                reference("localizedUrl", "The provider's policy."),
            ),
            optional(
                "retention",
                reference("lifetime", "How long the data it collects are kept."),
            ),
            optional("hosts", hosts),
            optional("exempt", exempt),
            optional("cookies", cookies),
        ],
    );
    let operation = Node::new([("const", "operation".into())]);
    let is_exempt = Node::new([
        (
            "properties",
            Node::new([("category", operation.into())]).into(),
        ),
        ("required", Part::list(["category"])),
    ]);
    let no_reason = Node::new([("exempt", false.into())]);
    let service = service
        .with("if", is_exempt)
        .with("then", Node::new([("required", Part::list(["exempt"]))]))
        .with("else", Node::new([("properties", no_reason.into())]));
    map(
        "The third parties and tools, each by an id of its own.",
        service,
    )
}

fn cookie() -> Node {
    let kinds = ["cookie", "local-storage", "session-storage"];
    let name = Node::string()
        .with(
            "description",
            "Its name, or a pattern with * for any characters.",
        )
        .with("pattern", r"^\**[^\s*]\**[^\s*]\S*$")
        .with("maxLength", 100);
    let http_only = flag("Whether scripts cannot see it: only the server that set it deletes it.");
    table(
        "A cookie, or a key of the browser's storage.",
        [
            required("name", name),
            optional(
                "kind",
                words("Where it is stored.", &kinds).with("default", "cookie"),
            ),
            required("lifetime", reference("lifetime", "How long it lives.")),
            required("purpose", localized("What it is for, in a line.")),
            optional("domain", reference("host", "The third party's domain.")),
            optional("http_only", http_only.with("default", false)),
        ],
    )
}

/// What several keys have in common.
fn definitions() -> Node {
    let url = r"^(https?://\S+|/\S*)$";
    Node::new([
        (
            "localized",
            in_languages(Node::string().with("pattern", r"\S")).into(),
        ),
        (
            "localizedUrl",
            in_languages(Node::string().with("pattern", url)).into(),
        ),
        ("url", Node::string().with("pattern", url).into()),
        (
            "colour",
            Node::string()
                .with("pattern", "^#([0-9A-Fa-f]{3}){1,2}$")
                .into(),
        ),
        (
            "host",
            Node::string()
                .with("pattern", r"^[a-z0-9-]+(\.[a-z0-9-]+)*$")
                .into(),
        ),
        (
            "lifetime",
            Node::string()
                .with(
                    "pattern",
                    "^(session|persistent|0*[1-9][0-9]* (minute|hour|day|month|year)s?)$",
                )
                .with(
                    "examples",
                    Part::list(["session", "persistent", "13 months"]),
                )
                .into(),
        ),
    ])
}

/// One text for all languages, or a table with a text for each.
fn in_languages(text: Node) -> Node {
    let each = Node::new([("type", "object".into())])
        .with("minProperties", 1)
        .with("additionalProperties", text.clone());
    Node::new([("anyOf", Part::List(Vec::from([text.into(), each.into()])))])
}

#[cfg(test)]
mod tests {
    use alloc::collections::{BTreeMap, BTreeSet};
    use alloc::string::ToString;

    use serde_json::Value;

    use super::super::declaration::known_keys;
    use super::*;

    type Keys = BTreeMap<String, BTreeSet<String>>;

    /// The keys of each table of the schema, by its path: `*` stands for any id, `[]` for any place in a list.
    fn keys_of_schema(root: &Value, node: &Value, path: &str, keys: &mut Keys) {
        if let Some(name) = node["$ref"].as_str() {
            let target = root.pointer(name.trim_start_matches('#')).unwrap();
            return keys_of_schema(root, target, path, keys);
        }
        let is_map = node["additionalProperties"].is_object();
        for (name, child) in node["properties"].as_object().into_iter().flatten() {
            let of_parent = |path: &str| match path {
                "" => name.clone(),
                path => format!("{path}.{name}"),
            };
            if is_map {
                keys_of_schema(root, child, &format!("{path}.*"), keys);
            } else {
                keys.entry(path.into()).or_default().insert(name.clone());
                keys_of_schema(root, child, &of_parent(path), keys);
            }
        }
        if is_map {
            keys_of_schema(
                root,
                &node["additionalProperties"],
                &format!("{path}.*"),
                keys,
            );
        }
        if node["items"].is_object() {
            keys_of_schema(root, &node["items"], &format!("{path}[]"), keys);
        }
    }

    /// The path of a table in a file, in the words of the schema.
    fn general(path: &str) -> String {
        let mut parts: Vec<_> = path.split('.').map(ToString::to_string).collect();
        if matches!(&*parts[0], "categories" | "services") {
            parts[1] = "*".into();
        }
        let path = parts.join(".");
        match path.split_once('[') {
            Some((list, _)) => format!("{list}[]"),
            None => path,
        }
    }

    #[test]
    fn the_keys_that_the_reader_knows_are_those_of_the_schema() {
        let everything = include_str!("../../tests/golden/site.toml");
        let mut read = Keys::new();
        for (path, keys) in known_keys(everything) {
            let known = read.entry(general(&path)).or_default();
            known.extend(keys.into_iter().map(ToString::to_string));
        }
        let schema: Value = serde_json::from_str(&schema()).unwrap();
        let mut listed = Keys::new();
        keys_of_schema(&schema, &schema, "", &mut listed);
        assert_eq!(listed, read);
        assert!(read.len() > 10 && read["services.*.cookies[]"].contains("lifetime"));
    }
}
