//! The configuration of `CookieConsent`, version 3: `CookieConsent.run({…})`.

use super::draft::{Draft, ForeignCategory, ForeignService, plain, put};
use super::script::{Literal, after_each, first_object};
use consent_core::site::Dialect;

/// What it has, and why it does not carry over.
const LEFT: &[(&str, &str)] = &[
    ("guiOptions", "is the look there: see `[appearance]`"),
    (
        "root",
        "has no counterpart: the banner is in a place of its own",
    ),
    (
        "mode",
        "has no counterpart: nothing optional runs before a choice",
    ),
    (
        "autoShow",
        "has no counterpart: who has yet to choose is asked",
    ),
    (
        "autoClearCookies",
        "has no counterpart: what is declared is deleted when it is refused",
    ),
    (
        "manageScriptTags",
        "has no counterpart: marked scripts are held back",
    ),
    ("hideFromBots", "has no counterpart"),
    (
        "disablePageInteraction",
        "is `[appearance] layout = \"modal\"`",
    ),
    ("lazyHtmlGeneration", "has no counterpart"),
];

pub(super) fn read(script: &str) -> Option<Draft> {
    let marks = ["CookieConsent.run", ".run"];
    let mut found = marks.iter().flat_map(|mark| after_each(script, mark));
    let config = found.find(|value| value.get("categories").is_some());
    let config = config.or_else(|| first_object(script))?;
    let categories = config.get("categories")?;
    let mut draft = Draft {
        dialect: Some(Dialect::Orestbida),
        ..Draft::default()
    };
    let read = ["categories", "language", "revision", "cookie"];
    draft.leave_rest("", &config, &read, LEFT);
    let revision = config.get("revision").and_then(Literal::number);
    draft.revision = revision.and_then(|revision| revision.to_string().parse().ok());
    if let Some(cookie) = config.get("cookie") {
        if let Some(days) = cookie.get("expiresAfterDays").and_then(Literal::number) {
            draft.set_days(days);
        }
        draft.leave_rest(
            "cookie",
            cookie,
            &["expiresAfterDays"],
            &[
                ("name", "is ours: `[cookie] name` sets another"),
                ("domain", "is `[cookie] domain`"),
                ("path", "is `[cookie] path`"),
            ],
        );
    }
    for (name, _) in categories.entries() {
        draft.categories.push(ForeignCategory {
            name: name.clone(),
            ..ForeignCategory::default()
        });
    }
    languages(&mut draft, config.get("language"));
    for (name, category) in categories.entries() {
        services(&mut draft, name, category);
    }
    Some(draft)
}

/// The texts of categories are those of the sections that are linked to them.
fn languages(draft: &mut Draft, language: Option<&Literal>) {
    let Some(language) = language else { return };
    let default = language.get("default").and_then(Literal::text);
    draft.languages.extend(default.map(str::to_owned));
    for (tag, texts) in language
        .get("translations")
        .map_or(&[][..], Literal::entries)
    {
        if !draft.languages.contains(tag) {
            draft.languages.push(tag.clone());
        }
        let what = format!("language.translations.{tag}");
        let Some(preferences) = texts.get("preferencesModal") else {
            draft.leave(
                what,
                "is not in this file: its texts of categories go to `[categories]`",
            );
            continue;
        };
        draft.leave(what, "has words of the notice, which the library has in its own: `[texts]` puts others in their place");
        for section in preferences.get("sections").map_or(&[][..], Literal::items) {
            let linked = section.get("linkedCategory").and_then(Literal::text);
            let mut categories = draft.categories.iter_mut();
            let Some(category) = categories.find(|category| Some(&*category.name) == linked) else {
                continue;
            };
            let text = |key| section.get(key).and_then(Literal::text).map(plain);
            let title = text("title").map(|title| (tag.clone(), title));
            category.title.extend(title);
            let description = text("description").map(|text| (tag.clone(), text));
            category.description.extend(description);
        }
    }
    draft.leave_rest(
        "language",
        language,
        &["default", "translations"],
        &[
            (
                "autoDetect",
                "has no counterpart: visitors read the first of their languages that the site has",
            ),
            (
                "rtl",
                "has no counterpart: the library knows which languages are",
            ),
        ],
    );
}

fn services(draft: &mut Draft, category: &str, config: &Literal) {
    let of = format!("categories.{category}");
    draft.leave_rest(
        &of,
        config,
        &["services", "autoClear", "readOnly"],
        &[
            ("enabled", "has no counterpart: nothing is on beforehand"),
            ("reloadPage", "is `[choice] reload`"),
        ],
    );
    let mut found = Vec::new();
    for (name, service) in config.get("services").map_or(&[][..], Literal::entries) {
        let listed = service.get("cookies").map_or(&[][..], Literal::items);
        let of = format!("{of}.services.{name}");
        let cookies = listed.iter();
        let cookies = cookies.filter_map(|cookie| draft.cookie(&of, cookie.get("name")?));
        let cookies = cookies.collect();
        draft.leave_rest(&of, service, &["label", "cookies"], &[]);
        found.push(ForeignService {
            name: name.clone(),
            title: service.get("label").and_then(Literal::text).map(plain),
            category: category.into(),
            cookies,
            ..ForeignService::default()
        });
    }
    let cleared = config
        .get("autoClear")
        .and_then(|clear| clear.get("cookies"));
    for cookie in cleared.map_or(&[][..], Literal::items) {
        let Some(cookie) = cookie.get("name").and_then(|name| draft.cookie(&of, name)) else {
            continue;
        };
        put(&mut found, category, cookie);
    }
    if found.is_empty() {
        draft.leave(of, "names no service: declare what it releases");
    }
    draft.services.extend(found);
}
