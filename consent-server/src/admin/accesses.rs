//! Who looked at what, and when: by site and day, or of one consent id, whose id comes in the body of a form.

use super::accesses_page::{self, MOST, Shown};
use super::form::field;
use super::overview::zone;
use super::visit::Visit;
use crate::api::staff::note;
use crate::api::{Problem, with_store};
use crate::app::App;
use crate::auth::{Role, SiteSet};
use crate::body::read_body;
use crate::day::Day;
use crate::retired::Kept;
use crate::store::{AccessFilter, Filter, Store, StoreError, StoredAccess, in_trail};
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use consent_core::id::{ConsentId, SiteId};
use consent_core::receipt::UnverifiedReceipt;
use consent_core::site::TimeZone;
use consent_core::time::UnixSeconds;
use std::collections::{BTreeSet, VecDeque};

/// How many lines are read in one go.
const STRETCH: u32 = 1000;

/// How many days are shown if nothing else is asked for.
const DAYS: i32 = 30;

/// A consent id in a form.
const LARGEST: usize = 1024;

/// `GET /admin/accesses`: by site and day.
pub(crate) async fn get(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let visit = match Visit::of(&app, &headers, query.as_deref(), "../").await? {
        Ok(visit) => visit,
        Err(login) => return Ok(login),
    };
    let sites = visit.sites(&app).await?;
    let site = visit
        .reader
        .asked("site")
        .and_then(|site| site.parse().ok());
    let site = site.filter(|site| visit.staff.sites.contains(site));
    let zone = common_zone(&sites, site.as_ref());
    let today = Day::of(app.clock.now(), &zone);
    let day = |name| visit.reader.asked(name).and_then(Day::from_iso);
    let (from, to) = (
        day("from").unwrap_or(today.plus(-DAYS)),
        day("to").unwrap_or(today),
    );
    let filter = AccessFilter {
        sites: site.as_ref().map_or_else(
            || visit.staff.sites.clone(),
            |site| SiteSet::Some([site.clone()].into()),
        ),
        from: Some(beginning(from, &zone)),
        to: Some(beginning(to.plus(1), &zone)),
    };
    note(
        &app,
        &visit.staff,
        "read_audit",
        None,
        String::new(),
        Some(0),
    )
    .await?;
    let lines = read(&app, &visit, filter, |_| true).await?;
    let shown = Shown {
        sites,
        site,
        zone,
        days: Some((from, to)),
        lines,
        is_unclear: false,
    };
    let page = accesses_page::accesses(&visit, &shown);
    Ok(visit.answer(&app, StatusCode::OK, &page))
}

/// `POST /admin/accesses`: what was looked at of one consent id.
pub(crate) async fn post(
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let visit = match Visit::of(&app, &headers, None, "../").await? {
        Ok(visit) => visit,
        Err(login) => return Ok(login),
    };
    let body = read_body(body, LARGEST).await?;
    let asked = field(&body, "subject");
    let asked = asked.and_then(|id| id.trim().trim_matches('\'').parse::<ConsentId>().ok());
    let sites = visit.sites(&app).await?;
    let zone = common_zone(&sites, None);
    let (lines, status) = match asked {
        Some(subject) => {
            let what = "by=consent id".to_owned();
            note(&app, &visit.staff, "read_audit", None, what, Some(0)).await?;
            let ids: Vec<SiteId> = sites.iter().map(|site| site.id().clone()).collect();
            let names = with_store(&app, move |store| named(store, &ids, subject)).await?;
            let filter = AccessFilter {
                sites: visit.staff.sites.clone(),
                from: None,
                to: None,
            };
            let is_about = move |filter: &str| {
                let mut words = filter.split(' ');
                words.any(|word| names.contains(word))
            };
            (read(&app, &visit, filter, is_about).await?, StatusCode::OK)
        }
        None => (VecDeque::new(), StatusCode::BAD_REQUEST),
    };
    let shown = Shown {
        sites,
        site: None,
        zone,
        days: None,
        lines,
        is_unclear: asked.is_none(),
    };
    let page = accesses_page::accesses(&visit, &shown);
    Ok(visit.answer(&app, status, &page))
}

/// How the trail names a consent id and its records.
fn named(
    store: &dyn Store,
    sites: &[SiteId],
    subject: ConsentId,
) -> Result<BTreeSet<String>, StoreError> {
    let mut names: BTreeSet<String> = [format!("subject={}", in_trail(subject))].into();
    for site in sites {
        let filter = Filter {
            subject: Some(subject),
            ..Filter::all(site.clone())
        };
        let mut after = Some(0);
        while let Some(place) = after {
            let stretch = store.page(&filter, place, STRETCH)?;
            for row in stretch.rows {
                if let Ok(receipt) = UnverifiedReceipt::parse(&row.receipt) {
                    names.insert(format!("record={}", receipt.record().id));
                }
            }
            after = stretch.next;
        }
    }
    Ok(names)
}

/// The newest lines that somebody may see: administrators those of their sites, everybody else their own.
async fn read(
    app: &App,
    visit: &Visit,
    filter: AccessFilter,
    is_wanted: impl Fn(&str) -> bool + Send + 'static,
) -> Result<VecDeque<StoredAccess>, Problem> {
    let own = (visit.staff.role < Role::Admin).then(|| visit.staff.token.clone());
    with_store(app, move |store| {
        let (mut newest, mut after) = (VecDeque::new(), 0);
        loop {
            let lines = store.trail(&filter, after, STRETCH)?;
            let is_last = lines.len() < STRETCH as usize;
            for line in lines {
                after = line.seq;
                let is_theirs = own.as_ref().is_none_or(|own| line.access.token == *own);
                if is_theirs && is_wanted(&line.access.filter) {
                    newest.push_front(line);
                    newest.truncate(MOST);
                }
            }
            if is_last {
                return Ok(newest);
            }
        }
    })
    .await
}

/// The time zone of a site, or the one that all sites share; UTC where they do not.
fn common_zone(sites: &[Kept], site: Option<&SiteId>) -> TimeZone {
    let chosen = sites
        .iter()
        .filter(|kept| site.is_none_or(|site| kept.id() == site));
    let mut zones = chosen.map(zone);
    let first = zones.next().unwrap_or_default();
    if zones.all(|other| other == first) {
        first
    } else {
        TimeZone::default()
    }
}

/// When a day begins.
fn beginning(day: Day, zone: &TimeZone) -> UnixSeconds {
    let in_utc = i64::from(day.number()) * 86_400;
    let near = UnixSeconds::new(in_utc).unwrap_or(UnixSeconds::EPOCH);
    UnixSeconds::new(in_utc - i64::from(zone.offset(near))).unwrap_or(near)
}
