//! What a page tells tarteaucitron: `tarteaucitron.init({…})`, and each job that is pushed.

use super::draft::{Draft, ForeignCategory, ForeignService, plain};
use super::script::{Literal, after_each};

const LEFT: &[(&str, &str)] = &[
    (
        "mandatory",
        "has no counterpart: `operation` is always shown",
    ),
    ("mandatoryCta", "has no counterpart"),
    (
        "highPrivacy",
        "has no counterpart: nothing optional runs before a choice",
    ),
    (
        "DenyAllCta",
        "has no counterpart: accepting and refusing are alike",
    ),
    (
        "AcceptAllCta",
        "has no counterpart: accepting and refusing are alike",
    ),
    (
        "handleBrowserDNTRequest",
        "is `[signals] global_privacy_control`, for the signal that has law behind it",
    ),
    ("cookieName", "is ours: `[cookie] name` sets another"),
    ("cookieDomain", "is `[cookie] domain`"),
    ("googleConsentMode", "is `[signals.google_consent_mode]`"),
    ("bingConsentMode", "is `[signals.microsoft_uet]`"),
    ("softConsentMode", "is `[signals.google_consent_mode]`"),
    ("dataLayer", "is `[signals] data_layer`"),
    ("serverSide", "has no counterpart"),
    (
        "partnersList",
        "has no counterpart: services are listed in the preferences",
    ),
    (
        "cookieslist",
        "has no counterpart: cookies are listed in the preferences",
    ),
    ("hashtag", "is an element with `data-consent-open`"),
    ("adblocker", "has no counterpart"),
    ("removeCredit", "has no counterpart"),
    ("readmoreLink", "has no counterpart"),
];

/// What is about its look.
const LOOK: &str = "is the look there: see `[appearance]`";
const LOOKS: [&str; 12] = [
    "bodyPosition",
    "orientation",
    "groupServices",
    "showDetailsOnClick",
    "showAlertSmall",
    "showIcon",
    "iconPosition",
    "iconSrc",
    "closePopup",
    "moreInfoLink",
    "useExternalCss",
    "useExternalJs",
];

/// Its names of services, and the catalogue's, where they do not say the same.
const KNOWN: &[(&str, &str)] = &[
    ("gtag", "google-analytics"),
    ("analytics", "google-analytics"),
    ("gajs", "google-analytics"),
    ("multiplegtag", "google-analytics"),
    ("googletagmanager", "google-tag-manager"),
    ("multiplegoogletagmanager", "google-tag-manager"),
    ("googleads", "google-ads"),
    ("gcmadstorage", "google-ads"),
    ("adsense", "google-adsense"),
    ("googlefonts", "google-fonts"),
    ("googlemaps", "google-maps"),
    ("maps_noapi", "google-maps"),
    ("googlemapssearch", "google-maps"),
    ("recaptcha", "google-recaptcha"),
    ("facebookpixel", "meta-pixel"),
    ("facebook", "facebook"),
    ("facebooklikebox", "facebook"),
    ("facebookcomment", "facebook"),
    ("twitter", "x"),
    ("twitterembed", "x"),
    ("twittertimeline", "x"),
    ("twitteruwt", "x-pixel"),
    ("linkedin", "linkedin"),
    ("linkedininsighttag", "linkedin-insight"),
    ("bingads", "microsoft-advertising"),
    ("clarity", "microsoft-clarity"),
    ("tiktok", "tiktok-pixel"),
    ("pinterestpixel", "pinterest-tag"),
    ("snapchat", "snap-pixel"),
    ("matomo", "matomo"),
    ("matomohightrack", "matomo"),
    ("matomocloud", "matomo-cloud"),
    ("atinternet", "piano-analytics"),
    ("abtasty", "ab-tasty"),
    ("crazyegg", "crazy-egg"),
    ("zopim", "zendesk"),
    ("openstreetmap", "openstreetmap"),
    ("typekit", "adobe-fonts"),
];

pub(super) fn read(script: &str) -> Option<Draft> {
    let is_there = script.contains("tarteaucitron");
    let jobs = after_each(script, ".push").into_iter();
    let jobs = jobs.filter_map(|job| job.text().map(str::to_owned));
    let mut jobs: Vec<_> = jobs.collect();
    jobs.sort();
    jobs.dedup();
    let init = after_each(script, "tarteaucitron.init").into_iter().next();
    if !is_there || (init.is_none() && jobs.is_empty()) {
        return None;
    }
    let mut draft = Draft::default();
    if let Some(init) = init {
        let policy = init.get("privacyUrl").and_then(Literal::text);
        draft.policy = policy.filter(|url| !url.is_empty()).map(str::to_owned);
        let looks = LOOKS.map(|key| (key, LOOK));
        let known = [LEFT, &looks].concat();
        draft.leave_rest("init", &init, &["privacyUrl"], &known);
    }
    let forced = after_each(script, "tarteaucitronForceLanguage").into_iter();
    let forced = forced.filter_map(|language| language.text().map(str::to_owned));
    draft.languages.extend(forced.take(1));
    for job in jobs {
        // One of its own is told to it in the page.
        let own = after_each(script, &format!("tarteaucitron.services.{job}"));
        let own = own.into_iter().find(|own| own.get("type").is_some());
        read_service(&mut draft, job, own);
    }
    draft.leave(
        "tarteaucitron.user",
        "holds ids that the services' own snippets have: put those into the page, each marked with `data-service`",
    );
    draft.leave(
        "elements with classes like `youtube_player`",
        "are not read: write each as the frame or script that it becomes; `consent services NAME` shows how",
    );
    Some(draft)
}

fn read_service(draft: &mut Draft, job: String, own: Option<Literal>) {
    let known = KNOWN.iter().find(|(name, _)| *name == job);
    let mut service = ForeignService {
        name: job,
        known: known.map(|(_, id)| *id),
        ..ForeignService::default()
    };
    if let Some(own) = own {
        let of = format!("services.{}", service.name);
        draft.leave_rest(
            &of,
            &own,
            &["key", "type", "name", "uri", "needConsent", "cookies"],
            &[],
        );
        let text = |key| own.get(key).and_then(Literal::text);
        service.title = text("name").map(plain);
        service.category = text("type").unwrap_or_default().into();
        if own.get("needConsent") == Some(&Literal::Flag(false)) {
            service.category = "operation".into();
        }
        let cookies = own.get("cookies").map_or(&[][..], Literal::items).iter();
        service.cookies = cookies
            .filter_map(|cookie| draft.cookie(&of, cookie))
            .collect();
        draft.categories.push(ForeignCategory {
            name: service.category.clone(),
            ..ForeignCategory::default()
        });
    }
    draft.services.push(service);
}
