//! The configuration of Klaro: `var klaroConfig = {…}`.

use super::draft::{Draft, ForeignCategory, ForeignService, Texts, plain, texts};
use super::script::{Literal, after_each, first_object};
use consent_core::site::Dialect;

const LEFT: &[(&str, &str)] = &[
    ("elementID", "has no counterpart"),
    ("styling", "is the look there: see `[appearance]`"),
    (
        "storageMethod",
        "has no counterpart: the choice is a cookie, and its proof is on the server",
    ),
    ("storageName", "is ours: `[cookie] name` sets another"),
    ("cookieName", "is ours: `[cookie] name` sets another"),
    ("cookieDomain", "is `[cookie] domain`"),
    ("cookiePath", "is `[cookie] path`"),
    ("default", "has no counterpart: nothing is on beforehand"),
    ("mustConsent", "is `[appearance] layout = \"modal\"`"),
    (
        "acceptAll",
        "has no counterpart: accepting and refusing are alike",
    ),
    (
        "hideDeclineAll",
        "has no counterpart: accepting and refusing are alike",
    ),
    ("hideLearnMore", "has no counterpart"),
    ("noticeAsModal", "is `[appearance] layout = \"modal\"`"),
    ("htmlTexts", "has no counterpart: texts are plain"),
    ("embedded", "has no counterpart"),
    (
        "groupByPurpose",
        "has no counterpart: services stand below their category",
    ),
    ("testing", "has no counterpart"),
    ("version", "has no counterpart"),
    ("poweredBy", "has no counterpart"),
    ("disablePoweredBy", "has no counterpart"),
    ("additionalClass", "has no counterpart"),
];

pub(super) fn read(script: &str) -> Option<Draft> {
    let found = after_each(script, "klaroConfig").into_iter();
    let is_config = |value: &Literal| listed(value).is_some();
    let config = found.chain(first_object(script)).find(is_config)?;
    let mut draft = Draft {
        dialect: Some(Dialect::Klaro),
        ..Draft::default()
    };
    let read = [
        "services",
        "apps",
        "translations",
        "lang",
        "cookieExpiresAfterDays",
        "privacyPolicy",
    ];
    draft.leave_rest("", &config, &read, LEFT);
    if let Some(days) = config
        .get("cookieExpiresAfterDays")
        .and_then(Literal::number)
    {
        draft.set_days(days);
    }
    let translations = config.get("translations").map_or(&[][..], Literal::entries);
    let tags = translations.iter().map(|(tag, _)| tag.clone());
    let lang = config
        .get("lang")
        .and_then(Literal::text)
        .map(str::to_owned);
    for tag in lang.into_iter().chain(tags) {
        // `zz` holds what is the same in all.
        if tag != "zz" && !draft.languages.contains(&tag) {
            draft.languages.push(tag);
        }
    }
    let policy = translations
        .iter()
        .filter_map(|(_, texts)| texts.get("privacyPolicyUrl"));
    let mut policy = config.get("privacyPolicy").into_iter().chain(policy);
    draft.policy = policy.find_map(Literal::text).map(str::to_owned);
    for (tag, texts) in translations {
        draft.leave_rest(
            &format!("translations.{tag}"),
            texts,
            &["purposes", "privacyPolicyUrl"],
            &[
                (
                    "consentModal",
                    "has words of the notice, which the library has in its own: see `[texts]`",
                ),
                (
                    "consentNotice",
                    "has words of the notice, which the library has in its own: see `[texts]`",
                ),
            ],
        );
    }
    let services = listed(&config)?;
    // The texts of services were named by them, and are read.
    let names: Vec<_> = services
        .iter()
        .filter_map(|service| service.get("name")?.text())
        .collect();
    draft.left.retain(|left| {
        let name = left.what.rsplit('.').next().unwrap_or_default();
        !names.contains(&name)
    });
    for service in services {
        read_service(&mut draft, service, translations);
    }
    Some(draft)
}

fn listed(config: &Literal) -> Option<&[Literal]> {
    let services = config.get("services").or_else(|| config.get("apps"))?;
    Some(services.items())
}

fn read_service(draft: &mut Draft, service: &Literal, translations: &[(String, Literal)]) {
    let text = |key| service.get(key).and_then(Literal::text);
    let Some(name) = text("name") else {
        draft.leave("services", "a service without a name was passed over");
        return;
    };
    let of = format!("services.{name}");
    let read = [
        "name",
        "title",
        "description",
        "purposes",
        "cookies",
        "required",
        "translations",
    ];
    draft.leave_rest(
        &of,
        service,
        &read,
        &[
            ("default", "has no counterpart: nothing is on beforehand"),
            (
                "optOut",
                "has no counterpart: nothing optional runs before a choice",
            ),
            ("onlyOnce", "has no counterpart: scripts run once a page"),
            (
                "contextualConsentOnly",
                "has no counterpart: placeholders ask in their place",
            ),
        ],
    );
    let purposes = service.get("purposes").map_or(&[][..], Literal::items);
    let mut purposes = purposes.iter().filter_map(Literal::text);
    let is_required = service.get("required").is_some_and(Literal::is_true);
    let category = if is_required {
        "operation"
    } else {
        purposes.next().unwrap_or("functional")
    };
    for other in purposes {
        draft.leave(
            format!("{of}.purposes"),
            format!("a service has one category: `{other}` was left out"),
        );
    }
    if !draft.categories.iter().any(|known| known.name == category) {
        let title = |(tag, texts): &(String, Literal)| {
            let title = texts.get("purposes")?.get(category)?;
            let title = title.text().or_else(|| title.get("title")?.text())?;
            Some((tag.clone(), plain(title)))
        };
        draft.categories.push(ForeignCategory {
            name: category.into(),
            title: translations.iter().filter_map(title).collect(),
            description: Texts::new(),
        });
    }
    let first = draft
        .languages
        .first()
        .cloned()
        .unwrap_or_else(|| "en".into());
    let mut purpose = texts(service.get("description"), &first);
    let own = service
        .get("translations")
        .map_or(&[][..], Literal::entries);
    let described = |(tag, texts): &(String, Literal)| {
        let text = texts.get("description")?.text()?;
        Some((tag.clone(), plain(text)))
    };
    purpose.extend(own.iter().filter_map(described));
    let named = translations.iter();
    let named = named.filter_map(|(tag, all)| described(&(tag.clone(), all.get(name)?.clone())));
    purpose.extend(named);
    purpose.remove("zz");
    let title = text("title").map(plain).or_else(|| {
        let mut all = translations.iter();
        all.find_map(|(_, all)| all.get(name)?.get("title")?.text().map(plain))
    });
    let cookies = service
        .get("cookies")
        .map_or(&[][..], Literal::items)
        .iter();
    let cookies = cookies.filter_map(|cookie| {
        // A list has the name first, and then path and domain.
        let name = cookie.items().first().or_else(|| cookie.get("pattern"));
        draft.cookie(&of, name.or_else(|| cookie.get("name")).unwrap_or(cookie))
    });
    let cookies = cookies.collect();
    draft.services.push(ForeignService {
        name: name.into(),
        title,
        category: category.into(),
        purpose,
        cookies,
        ..ForeignService::default()
    });
}
