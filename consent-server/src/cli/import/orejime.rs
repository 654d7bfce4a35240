//! The configuration of Orejime, versions 2 and 3: `window.orejimeConfig = {…}`.

use super::draft::{
    Draft, ForeignCategory, ForeignService, category_here, is_known_category, plain, texts,
};
use super::script::{Literal, after_each, first_object};
use consent_core::site::Dialect;

const LEFT: &[(&str, &str)] = &[
    ("elementID", "has no counterpart"),
    ("orejimeElement", "has no counterpart"),
    ("appElement", "has no counterpart"),
    ("forceBanner", "has no counterpart"),
    ("forceModal", "is `[appearance] layout = \"modal\"`"),
    ("mustConsent", "is `[appearance] layout = \"modal\"`"),
    ("mustNotice", "has no counterpart"),
    ("logo", "is `[appearance] logo`"),
    ("theme", "is the look there: see `[appearance]`"),
    (
        "translations",
        "has words of the notice, which the library has in its own: see `[texts]`",
    ),
    ("cookieName", "is ours: `[cookie] name` sets another"),
    ("cookieDomain", "is `[cookie] domain`"),
    ("default", "has no counterpart: nothing is on beforehand"),
    (
        "categories",
        "groups services there: the first of a service's purposes is its category here",
    ),
];

pub(super) fn read(script: &str) -> Option<Draft> {
    let found = after_each(script, "orejimeConfig").into_iter();
    let is_config = |value: &Literal| {
        value
            .get("purposes")
            .or_else(|| value.get("apps"))
            .is_some()
    };
    let config = found.chain(first_object(script)).find(is_config)?;
    let mut draft = Draft {
        dialect: Some(Dialect::Orejime),
        ..Draft::default()
    };
    let read = [
        "purposes",
        "apps",
        "lang",
        "cookie",
        "cookieExpiresAfterDays",
        "privacyPolicyUrl",
        "privacyPolicy",
    ];
    draft.leave_rest("", &config, &read, LEFT);
    let text = |key| config.get(key).and_then(Literal::text).map(str::to_owned);
    draft.policy = text("privacyPolicyUrl").or_else(|| text("privacyPolicy"));
    draft.languages.extend(text("lang"));
    let duration = config
        .get("cookie")
        .and_then(|cookie| cookie.get("duration"));
    let days = duration.or_else(|| config.get("cookieExpiresAfterDays"));
    if let Some(days) = days.and_then(Literal::number) {
        draft.set_days(days);
    }
    if let Some(cookie) = config.get("cookie") {
        draft.leave_rest(
            "cookie",
            cookie,
            &["duration"],
            &[
                ("name", "is ours: `[cookie] name` sets another"),
                ("domain", "is `[cookie] domain`"),
                ("stringify", "has no counterpart"),
                ("parse", "has no counterpart"),
            ],
        );
    }
    let purposes = config.get("purposes").or_else(|| config.get("apps"))?;
    for purpose in purposes.items() {
        read_purpose(&mut draft, purpose, None);
    }
    Some(draft)
}

/// A purpose, or a group of purposes: the group is their category.
fn read_purpose(draft: &mut Draft, purpose: &Literal, group: Option<&str>) {
    let text = |key| purpose.get(key).and_then(Literal::text);
    let Some(name) = text("id").or_else(|| text("name")) else {
        draft.leave("purposes", "a purpose without an id was passed over");
        return;
    };
    let of = format!("purposes.{name}");
    let nested = purpose.get("purposes").map_or(&[][..], Literal::items);
    let is_group = nested.iter().any(|nested| nested.get("id").is_some());
    let language = draft
        .languages
        .first()
        .cloned()
        .unwrap_or_else(|| "en".into());
    let read = [
        "id",
        "name",
        "title",
        "description",
        "purposes",
        "cookies",
        "isMandatory",
        "isExempt",
        "required",
    ];
    draft.leave_rest(
        &of,
        purpose,
        &read,
        &[
            ("default", "has no counterpart: nothing is on beforehand"),
            ("runsOnce", "has no counterpart: scripts run once a page"),
            ("onlyOnce", "has no counterpart: scripts run once a page"),
            (
                "optOut",
                "has no counterpart: nothing optional runs before a choice",
            ),
        ],
    );
    if is_group {
        draft.categories.push(ForeignCategory {
            name: name.into(),
            title: texts(purpose.get("title"), &language),
            description: texts(purpose.get("description"), &language),
        });
        for nested in nested {
            read_purpose(draft, nested, Some(name));
        }
        return;
    }
    let is = |key| purpose.get(key).is_some_and(Literal::is_true);
    let first = nested.iter().find_map(Literal::text);
    let in_category = if is("isMandatory") || is("isExempt") || is("required") {
        "operation"
    } else {
        group
            .or(first)
            .or_else(|| is_known_category(&category_here(name)).then_some(name))
            .unwrap_or_default()
    };
    let cookies = purpose
        .get("cookies")
        .map_or(&[][..], Literal::items)
        .iter();
    let cookies = cookies.filter_map(|cookie| {
        let name = cookie.items().first().or_else(|| cookie.get("pattern"));
        draft.cookie(&of, name.unwrap_or(cookie))
    });
    let cookies = cookies.collect();
    if !in_category.is_empty()
        && !draft
            .categories
            .iter()
            .any(|known| known.name == in_category)
    {
        let is_itself = in_category == name;
        draft.categories.push(ForeignCategory {
            name: in_category.into(),
            title: texts(purpose.get("title").filter(|_| is_itself), &language),
            description: texts(purpose.get("description").filter(|_| is_itself), &language),
        });
    }
    draft.services.push(ForeignService {
        name: name.into(),
        title: text("title").map(plain),
        category: in_category.into(),
        purpose: texts(purpose.get("description"), &language),
        cookies,
        ..ForeignService::default()
    });
}
