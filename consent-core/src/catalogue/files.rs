//! The files of the catalogue, compiled in. A test finds every file of the folder here.

/// The id of each service, and its file; in the order of ids.
pub(super) const FILES: &[(&str, &str)] = &[
    ("ab-tasty", include_str!("../../services/ab-tasty.toml")),
    (
        "activecampaign",
        include_str!("../../services/activecampaign.toml"),
    ),
    ("adform", include_str!("../../services/adform.toml")),
    (
        "adobe-analytics",
        include_str!("../../services/adobe-analytics.toml"),
    ),
    (
        "adobe-fonts",
        include_str!("../../services/adobe-fonts.toml"),
    ),
    ("amplitude", include_str!("../../services/amplitude.toml")),
    ("brevo", include_str!("../../services/brevo.toml")),
    ("calendly", include_str!("../../services/calendly.toml")),
    ("cloudflare", include_str!("../../services/cloudflare.toml")),
    (
        "cloudflare-turnstile",
        include_str!("../../services/cloudflare-turnstile.toml"),
    ),
    (
        "consent-choice",
        include_str!("../../services/consent-choice.toml"),
    ),
    (
        "contentsquare",
        include_str!("../../services/contentsquare.toml"),
    ),
    ("crazy-egg", include_str!("../../services/crazy-egg.toml")),
    ("crisp", include_str!("../../services/crisp.toml")),
    ("criteo", include_str!("../../services/criteo.toml")),
    (
        "datadog-rum",
        include_str!("../../services/datadog-rum.toml"),
    ),
    ("disqus", include_str!("../../services/disqus.toml")),
    ("dynatrace", include_str!("../../services/dynatrace.toml")),
    ("facebook", include_str!("../../services/facebook.toml")),
    (
        "friendly-captcha",
        include_str!("../../services/friendly-captcha.toml"),
    ),
    ("google-ads", include_str!("../../services/google-ads.toml")),
    (
        "google-adsense",
        include_str!("../../services/google-adsense.toml"),
    ),
    (
        "google-analytics",
        include_str!("../../services/google-analytics.toml"),
    ),
    (
        "google-fonts",
        include_str!("../../services/google-fonts.toml"),
    ),
    (
        "google-maps",
        include_str!("../../services/google-maps.toml"),
    ),
    (
        "google-recaptcha",
        include_str!("../../services/google-recaptcha.toml"),
    ),
    (
        "google-sign-in",
        include_str!("../../services/google-sign-in.toml"),
    ),
    (
        "google-tag-manager",
        include_str!("../../services/google-tag-manager.toml"),
    ),
    ("hcaptcha", include_str!("../../services/hcaptcha.toml")),
    ("heap", include_str!("../../services/heap.toml")),
    ("hotjar", include_str!("../../services/hotjar.toml")),
    ("hubspot", include_str!("../../services/hubspot.toml")),
    ("intercom", include_str!("../../services/intercom.toml")),
    ("kameleoon", include_str!("../../services/kameleoon.toml")),
    ("klaviyo", include_str!("../../services/klaviyo.toml")),
    ("laravel", include_str!("../../services/laravel.toml")),
    ("linkedin", include_str!("../../services/linkedin.toml")),
    (
        "linkedin-insight",
        include_str!("../../services/linkedin-insight.toml"),
    ),
    ("livechat", include_str!("../../services/livechat.toml")),
    (
        "lucky-orange",
        include_str!("../../services/lucky-orange.toml"),
    ),
    ("magento", include_str!("../../services/magento.toml")),
    ("mailchimp", include_str!("../../services/mailchimp.toml")),
    ("matomo", include_str!("../../services/matomo.toml")),
    (
        "matomo-cloud",
        include_str!("../../services/matomo-cloud.toml"),
    ),
    ("meta-pixel", include_str!("../../services/meta-pixel.toml")),
    (
        "microsoft-advertising",
        include_str!("../../services/microsoft-advertising.toml"),
    ),
    (
        "microsoft-clarity",
        include_str!("../../services/microsoft-clarity.toml"),
    ),
    ("mixpanel", include_str!("../../services/mixpanel.toml")),
    ("mouseflow", include_str!("../../services/mouseflow.toml")),
    ("new-relic", include_str!("../../services/new-relic.toml")),
    (
        "openstreetmap",
        include_str!("../../services/openstreetmap.toml"),
    ),
    ("optimizely", include_str!("../../services/optimizely.toml")),
    ("paypal", include_str!("../../services/paypal.toml")),
    (
        "php-session",
        include_str!("../../services/php-session.toml"),
    ),
    (
        "piano-analytics",
        include_str!("../../services/piano-analytics.toml"),
    ),
    (
        "pinterest-tag",
        include_str!("../../services/pinterest-tag.toml"),
    ),
    ("piwik-pro", include_str!("../../services/piwik-pro.toml")),
    ("plausible", include_str!("../../services/plausible.toml")),
    ("posthog", include_str!("../../services/posthog.toml")),
    ("quantcast", include_str!("../../services/quantcast.toml")),
    (
        "reddit-pixel",
        include_str!("../../services/reddit-pixel.toml"),
    ),
    (
        "salesforce-pardot",
        include_str!("../../services/salesforce-pardot.toml"),
    ),
    ("sharethis", include_str!("../../services/sharethis.toml")),
    (
        "siteimprove",
        include_str!("../../services/siteimprove.toml"),
    ),
    ("snap-pixel", include_str!("../../services/snap-pixel.toml")),
    ("spotify", include_str!("../../services/spotify.toml")),
    ("stripe", include_str!("../../services/stripe.toml")),
    ("taboola", include_str!("../../services/taboola.toml")),
    ("tawk-to", include_str!("../../services/tawk-to.toml")),
    (
        "tiktok-pixel",
        include_str!("../../services/tiktok-pixel.toml"),
    ),
    ("twitch", include_str!("../../services/twitch.toml")),
    ("typo3", include_str!("../../services/typo3.toml")),
    ("vimeo", include_str!("../../services/vimeo.toml")),
    ("vwo", include_str!("../../services/vwo.toml")),
    (
        "woocommerce",
        include_str!("../../services/woocommerce.toml"),
    ),
    ("wordpress", include_str!("../../services/wordpress.toml")),
    (
        "wordpress-comments",
        include_str!("../../services/wordpress-comments.toml"),
    ),
    ("x", include_str!("../../services/x.toml")),
    ("x-pixel", include_str!("../../services/x-pixel.toml")),
    ("youtube", include_str!("../../services/youtube.toml")),
    ("zendesk", include_str!("../../services/zendesk.toml")),
];
