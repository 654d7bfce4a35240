//! Trackers that are known to need consent, by the names that give them away.

/// A tracker that is known to need consent.
#[derive(Debug)]
pub(super) struct Tracker {
    /// The name that people know.
    pub(super) name: &'static str,
    /// What it does, where it does one thing.
    pub(super) kind: Option<Kind>,
    /// What its service ids begin with.
    ids: &'static [&'static str],
    /// Its hosts, and all hosts below them.
    hosts: &'static [&'static str],
    /// Its cookies; `*` at the end stands for any ending.
    cookies: &'static [&'static str],
}

/// What a tracker is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Audience,
    Advertising,
    Social,
}

impl Kind {
    /// The words for it, after a name.
    pub(super) const fn does(self) -> &'static str {
        match self {
            Self::Audience => "measures the audience",
            Self::Advertising => "serves advertising",
            Self::Social => "shows what a network hosts",
        }
    }
}

const fn tracker(
    name: &'static str,
    kind: Option<Kind>,
    ids: &'static [&'static str],
    hosts: &'static [&'static str],
    cookies: &'static [&'static str],
) -> Tracker {
    Tracker {
        name,
        kind,
        ids,
        hosts,
        cookies,
    }
}

const TRACKERS: &[Tracker] = &[
    tracker(
        "Google Analytics",
        Some(Kind::Audience),
        &["google-analytics", "ga4"],
        &[
            "google-analytics.com",
            "googletagmanager.com",
            "analytics.google.com",
        ],
        &["_ga", "_ga_*", "_gid", "_gat*", "__utm*"],
    ),
    tracker(
        "Google advertising",
        Some(Kind::Advertising),
        &["google-ads", "doubleclick"],
        &[
            "doubleclick.net",
            "googleadservices.com",
            "googlesyndication.com",
        ],
        &["_gcl_*", "IDE", "__gads"],
    ),
    tracker(
        "Meta",
        Some(Kind::Social),
        &["facebook", "meta", "instagram"],
        &["facebook.com", "facebook.net", "instagram.com"],
        &["_fbp", "_fbc", "datr"],
    ),
    tracker(
        "LinkedIn",
        Some(Kind::Social),
        &["linkedin"],
        &["linkedin.com", "licdn.com"],
        &[
            "li_sugr",
            "li_fat_id",
            "bcookie",
            "lidc",
            "AnalyticsSyncHistory",
        ],
    ),
    tracker(
        "X (Twitter)",
        Some(Kind::Social),
        &["twitter"],
        &["twitter.com", "x.com", "t.co"],
        &["guest_id*", "personalization_id", "muc_ads"],
    ),
    tracker(
        "TikTok",
        Some(Kind::Social),
        &["tiktok"],
        &["tiktok.com"],
        &["_ttp", "_tt_enable_cookie"],
    ),
    tracker(
        "Pinterest",
        Some(Kind::Social),
        &["pinterest"],
        &["pinterest.com", "pinimg.com"],
        &["_pin_unauth", "_pinterest_*"],
    ),
    tracker(
        "YouTube",
        Some(Kind::Social),
        &["youtube"],
        &["youtube.com", "youtube-nocookie.com", "ytimg.com"],
        &["VISITOR_INFO1_LIVE", "YSC"],
    ),
    tracker(
        "Microsoft advertising and Clarity",
        None,
        &["clarity", "bing", "microsoft-uet"],
        &["bat.bing.com", "clarity.ms"],
        &["_uetsid", "_uetvid", "_clck", "_clsk", "MUID"],
    ),
    tracker(
        "Hotjar",
        Some(Kind::Audience),
        &["hotjar"],
        &["hotjar.com", "hotjar.io"],
        &["_hj*"],
    ),
    tracker(
        "HubSpot",
        None,
        &["hubspot"],
        &["hs-analytics.net", "hubspot.com"],
        &["hubspotutk", "__hstc", "__hssc"],
    ),
    tracker(
        "Criteo",
        Some(Kind::Advertising),
        &["criteo"],
        &["criteo.com", "criteo.net"],
        &["cto_*"],
    ),
];

/// The tracker that a service is, to judge by its id, its hosts or its cookies.
pub(super) fn recognise<'a>(
    id: &str,
    hosts: impl IntoIterator<Item = &'a str>,
    cookies: impl IntoIterator<Item = &'a str>,
) -> Option<&'static Tracker> {
    let by_id = TRACKERS.iter().find(|tracker| {
        tracker.ids.iter().any(|known| {
            id == *known
                || id
                    .strip_prefix(known)
                    .is_some_and(|rest| rest.starts_with('-'))
        })
    });
    let by_host = || {
        hosts.into_iter().find_map(|host| {
            TRACKERS.iter().find(|tracker| {
                tracker.hosts.iter().any(|known| {
                    host == *known
                        || host
                            .strip_suffix(known)
                            .is_some_and(|rest| rest.ends_with('.'))
                })
            })
        })
    };
    let by_cookie = || {
        cookies.into_iter().find_map(|cookie| {
            TRACKERS.iter().find(|tracker| {
                tracker
                    .cookies
                    .iter()
                    .any(|known| match known.strip_suffix('*') {
                        Some(start) => cookie.starts_with(start),
                        None => cookie == *known,
                    })
            })
        })
    };
    by_id.or_else(by_host).or_else(by_cookie)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trackers_are_known_by_id_host_or_cookie_and_by_nothing_that_only_resembles_them() {
        let name = |id, hosts: &[&'static str], cookies: &[&'static str]| {
            recognise(id, hosts.iter().copied(), cookies.iter().copied())
                .map(|tracker| tracker.name)
        };
        assert_eq!(name("google-analytics", &[], &[]), Some("Google Analytics"));
        assert_eq!(name("facebook-pixel", &[], &[]), Some("Meta"));
        assert_eq!(
            name("stats", &["region1.google-analytics.com"], &[]),
            Some("Google Analytics")
        );
        assert_eq!(
            name("stats", &[], &["session", "_hjSessionUser_1"]),
            Some("Hotjar")
        );
        assert_eq!(
            name("binge", &["notfacebook.com", "chat.co"], &["_garden"]),
            None
        );
    }
}
