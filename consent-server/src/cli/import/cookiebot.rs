//! What Cookiebot publishes of a site's cookies: the declaration as it stands in a page, or the script that has it as arrays.

use super::draft::{Draft, ForeignCategory, ForeignCookie, ForeignService, of_cookie, plain, put};
use super::script::{Literal, after_each};
use consent_core::site::Dialect;

/// Its arrays, and the names that elements have for them.
const TABLES: [(&str, &str); 5] = [
    ("cookieTableNecessary", "necessary"),
    ("cookieTablePreference", "preferences"),
    ("cookieTableStatistics", "statistics"),
    ("cookieTableAdvertising", "marketing"),
    ("cookieTableUnclassified", UNCLASSIFIED),
];
const UNCLASSIFIED: &str = "unclassified";

/// How its headings begin.
const HEADINGS: [(&str, &str); 14] = [
    ("necessary", "necessary"),
    ("nécessaire", "necessary"),
    ("notwendig", "necessary"),
    ("preference", "preferences"),
    ("préférence", "preferences"),
    ("präferenz", "preferences"),
    ("statisti", "statistics"),
    ("marketing", "marketing"),
    ("unclassified", UNCLASSIFIED),
    ("non class", UNCLASSIFIED),
    ("nicht klassifiziert", UNCLASSIFIED),
    ("necesari", "necessary"),
    ("preferenc", "preferences"),
    ("estadística", "statistics"),
];

/// A row of a table.
struct Row {
    category: &'static str,
    /// Name, provider, purpose, how long it lives, its kind.
    cells: [String; 5],
}

pub(super) fn read(text: &str) -> Option<Draft> {
    let mut rows = of_script(text);
    if rows.is_empty() {
        rows = of_page(text);
    }
    if rows.is_empty() {
        return None;
    }
    let mut draft = Draft {
        dialect: Some(Dialect::Cookiebot),
        ..Draft::default()
    };
    let language = after(text, "class=\"CookieDeclarationType\" lang=\"").unwrap_or("en");
    draft.languages.push(language.to_owned());
    for row in rows {
        let [name, provider, purpose, lives, kind] = row.cells;
        if row.category == UNCLASSIFIED {
            draft.leave(
                name,
                format!(
                    "of {provider} is in no category there: find out what sets it, and declare that"
                ),
            );
            continue;
        }
        if ["CookieConsent", "CookieConsentBulkTicket"].contains(&&*name) {
            draft.leave(
                name,
                "holds the choice there: ours is declared in its place",
            );
            continue;
        }
        if kind.starts_with("Pixel") {
            draft.leave(
                name,
                format!(
                    "of {provider} is a request, and stores nothing: name the host under `hosts`"
                ),
            );
            continue;
        }
        if !draft
            .categories
            .iter()
            .any(|known| known.name == row.category)
        {
            draft.categories.push(ForeignCategory {
                name: row.category.into(),
                ..ForeignCategory::default()
            });
        }
        let cookie = ForeignCookie {
            name: name.replace('#', "*"),
            lifetime: lifetime(&lives),
            purpose: [(language.to_owned(), purpose)].into(),
            kind: stored(&kind),
        };
        of_provider(&mut draft, row.category, &provider, cookie);
    }
    draft.leave(
        "automatic blocking",
        "has no counterpart: name each service's `hosts`, and see `[markup] block`",
    );
    Some(draft)
}

/// Into the service that the cookie is of, or else that of its provider.
fn of_provider(draft: &mut Draft, category: &str, provider: &str, cookie: ForeignCookie) {
    if provider.is_empty() || of_cookie(&cookie).is_some() {
        put(&mut draft.services, category, cookie);
        return;
    }
    let mut services = draft.services.iter_mut();
    let of = services.find(|service| service.category == category && service.name == provider);
    if let Some(service) = of {
        service.cookies.push(cookie);
        return;
    }
    draft.services.push(ForeignService {
        name: provider.into(),
        title: Some(provider.into()),
        provider: Some(provider.into()),
        category: category.into(),
        cookies: Vec::from([cookie]),
        ..ForeignService::default()
    });
}

fn of_script(text: &str) -> Vec<Row> {
    let of_table = |(table, category): &(&str, &'static str)| {
        let tables = after_each(text, &format!("{table} ")).into_iter();
        let mut tables = tables.chain(after_each(text, &format!("{table}=")));
        let table = tables.find(|table| !table.items().is_empty());
        let rows = table.as_ref().map_or(&[][..], Literal::items).iter();
        let rows = rows.map(|row| {
            let cell = |place: usize| {
                row.items()
                    .get(place)
                    .and_then(Literal::text)
                    .map(plain)
                    .unwrap_or_default()
            };
            Row {
                category,
                cells: [0, 1, 2, 3, 4].map(cell),
            }
        });
        rows.collect::<Vec<_>>()
    };
    TABLES.iter().flat_map(of_table).collect()
}

fn of_page(text: &str) -> Vec<Row> {
    let sections = text.split("CookieDeclarationTypeHeader\">").skip(1);
    let of_section = |section: &str| {
        let heading = plain(section.split('<').next().unwrap_or_default()).to_lowercase();
        let known = HEADINGS.iter().find(|(word, _)| heading.starts_with(word));
        let category = known.map_or(UNCLASSIFIED, |(_, category)| *category);
        let rows = section.split("<tr").skip(1).filter_map(move |row| {
            let cells = row.split("<td").skip(1);
            let cells = cells.map(|cell| plain(cell.split_once('>').map_or("", |(_, cell)| cell)));
            let cells = cells.collect::<Vec<_>>().try_into().ok()?;
            Some(Row { category, cells })
        });
        rows.collect::<Vec<_>>()
    };
    sections.flat_map(of_section).collect()
}

fn after<'t>(text: &'t str, mark: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(mark)?;
    rest.split('"').next()
}

/// As a declaration writes it; English alone.
fn lifetime(text: &str) -> Option<String> {
    let text = text.to_lowercase();
    let rounded = match text.split_once(' ') {
        Some((count, "week" | "weeks")) => {
            let weeks: u32 = count.parse().ok()?;
            format!("{} days", weeks.checked_mul(7)?)
        }
        _ => text,
    };
    rounded.parse::<consent_core::site::Lifetime>().ok()?;
    Some(rounded)
}

fn stored(kind: &str) -> Option<&'static str> {
    let kind = kind.to_lowercase();
    if kind.contains("session storage") {
        Some("session-storage")
    } else if kind.contains("local storage") {
        Some("local-storage")
    } else {
        None
    }
}
