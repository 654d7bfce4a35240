//! The summary: what an evidence file proves, for a reader who is no engineer.

use alloc::string::{String, ToString as _};

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::page::Shown;
use super::{Logged, guide};
use crate::decision::{Act, Source};
use crate::i18n::{Strings, fill};
use crate::id::{CategoryId, RecordId, ServiceId};
use crate::language::Language;
use crate::receipt::Receipt;
use crate::scope::Scope;
use crate::site::Site;
use crate::time::UnixSeconds;

mod words;

use words::Words;

/// What a summary tells about.
pub(super) struct Told<'a> {
    pub(super) receipt: &'a Receipt,
    pub(super) notice: &'a Shown,
    pub(super) scope: &'a Scope,
    pub(super) site: Option<&'a Site>,
    pub(super) log: Option<Logged<'a>>,
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:46em;margin:2em auto;padding:0 1em;color:#16181d}\
    table{border-collapse:collapse;width:100%}th,td{border:1px solid #d5d9e0;padding:.4em .6em;text-align:start;vertical-align:top}\
    td ul{margin:0;padding-inline-start:1.1em}\
    code{overflow-wrap:anywhere}h2{margin-top:1.6em}@media print{a{color:inherit}}";

impl Told<'_> {
    pub(super) fn english(&self) -> String {
        self.page(&words::ENGLISH)
    }

    pub(super) fn french(&self) -> String {
        self.page(&words::FRENCH)
    }

    fn page(&self, w: &Words) -> String {
        let page = html! {
            (DOCTYPE)
            html lang=(w.language) {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'";
                    meta name="viewport" content="width=device-width";
                    title { (w.title) }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    main {
                        h1 { (w.title) }
                        p { (self.sentence(w)) }
                        (self.choices(w))
                        (self.facts(w))
                        h2 { (w.proves) }
                        ol {
                            @for step in w.steps { li { (step) } }
                            @if let Some(log) = &self.log { (logged(w, log)) }
                        }
                        h2 { (w.limits) }
                        ul { @for limit in w.limits_are { li { (limit) } } }
                        p { (w.how) }
                    }
                }
            }
        };
        page.into_string() + "\n"
    }

    /// The whole in one sentence.
    fn sentence(&self, w: &Words) -> Markup {
        let record = self.receipt.record();
        html! {
            (w.on) " " strong { (when(w, record.decided_at)) } ", " (w.visitor) " " strong { (self.site_name(w)) } " "
            strong { (act(w, record.decision.act)) } " " (source(w, record.decision.source)) "."
        }
    }

    fn site_name(&self, w: &Words) -> String {
        let record = self.receipt.record();
        match self.site {
            Some(site) => alloc::format!(
                "{} ({})",
                site.name.get(self.language(site, w)),
                record.site
            ),
            None => record.site.to_string(),
        }
    }

    /// The summary's own language where the site has it, else the one that was shown.
    fn language<'l>(&'l self, site: &'l Site, w: &Words) -> &'l Language {
        let own = site
            .languages
            .iter()
            .find(|language| language.primary() == w.language);
        own.unwrap_or(&self.receipt.record().language)
    }

    fn choices(&self, w: &Words) -> Markup {
        let decision = &self.receipt.record().decision;
        html! {
            h2 { (w.choices) }
            table {
                thead { tr { th { (w.purpose) } th { (w.recipients) } th { (w.answer) } } }
                tbody {
                    @for (category, granted) in &decision.choices {
                        tr {
                            td { (self.category(category.as_str(), w)) }
                            td { (self.recipients(category, w)) }
                            td { strong { (if *granted { w.yes } else { w.no }) } }
                        }
                    }
                    @for (service, granted) in &decision.services {
                        tr {
                            td colspan="2" { (w.only) " " (self.service(service, w)) }
                            td { strong { (if *granted { w.yes } else { w.no }) } }
                        }
                    }
                }
            }
            p { a href="notice.html" { (w.see_notice) } }
        }
    }

    fn category(&self, id: &str, w: &Words) -> Markup {
        let found = self.site.and_then(|site| {
            let category = site
                .categories
                .iter()
                .find(|category| category.id.as_str() == id)?;
            Some((category, self.language(site, w)))
        });
        html! {
            @if let Some((category, language)) = found {
                (category.title.get(language)) " (" code { (id) } ")" br;
                (category.description.get(language))
            } @else {
                code { (id) }
            }
        }
    }

    /// Who provides the services of a category, as consent was asked for.
    fn recipients(&self, category: &CategoryId, w: &Words) -> Markup {
        let services = self.scope.categories.get(category);
        let services = services.filter(|services| !services.is_empty());
        html! {
            @match services {
                Some(services) => ul { @for (service, provider) in services { li { (self.service(service, w)) " (" (provider) ")" } } },
                None => (w.nobody),
            }
        }
    }

    fn service(&self, id: &ServiceId, w: &Words) -> Markup {
        let found = self.site.and_then(|site| {
            let mut services = site
                .categories
                .iter()
                .flat_map(|category| &category.services);
            let service = services.find(|service| service.id == *id)?;
            Some(service.name.get(self.language(site, w)))
        });
        html! { @match found { Some(name) => (name), None => code { (id) } } }
    }

    fn facts(&self, w: &Words) -> Markup {
        let record = self.receipt.record();
        let times = [
            (w.decided, record.decided_at),
            (w.signed, self.receipt.issued_at()),
            (w.ends, record.expires_at),
        ];
        let rows = [
            (w.record, record.id.to_text()),
            (w.subject, record.subject.to_text()),
            (w.shown_in, record.language.to_string()),
            (w.signal, (if record.gpc { w.yes } else { w.no }).into()),
            (
                w.replaces,
                record
                    .previous
                    .map_or_else(|| w.nothing.into(), RecordId::to_text),
            ),
            (w.server, self.receipt.issuer().into()),
            (w.key, self.receipt.key().to_string()),
            (w.notice, record.notice.to_text()),
            (w.scope, record.scope.to_text()),
            (w.program, self.notice.bundle.clone()),
        ];
        html! {
            h2 { (w.facts) }
            table {
                tbody {
                    @for (name, moment) in times { tr { th scope="row" { (name) } td { (when(w, moment)) } } }
                    @for (name, value) in rows { tr { th scope="row" { (name) } td { code { (value) } } } }
                }
            }
        }
    }
}

/// A moment in words, and exactly for programs and for who points at it.
fn when(w: &Words, moment: UnixSeconds) -> Markup {
    let exact = moment.to_rfc3339();
    html! { time datetime=(exact) title=(exact) { (in_words(w, moment)) } }
}

fn in_words(w: &Words, moment: UnixSeconds) -> String {
    let exact = moment.to_rfc3339();
    let (date, time) = exact.split_once('T').unwrap_or((&exact, ""));
    let mut numbers = date.split('-').map(|number| number.parse().unwrap_or(0));
    let mut next = || numbers.next().unwrap_or(0);
    let (year, [month, day]) = (next(), [(); 2].map(|()| u8::try_from(next()).unwrap_or(0)));
    let language = w.language.parse().ok();
    let strings = language.as_ref().and_then(Strings::of);
    let date = strings.map_or_else(|| date.into(), |strings| strings.date((year, month, day)));
    let mut time = time.trim_end_matches('Z').split(':');
    let [hour, minute, second] = [(); 3].map(|()| time.next().unwrap_or_default());
    let values = [
        ("date", &*date),
        ("hour", hour),
        ("minute", minute),
        ("second", second),
    ];
    fill(w.moment, &values)
}

/// The log's words, and those of who has seen it.
fn logged(w: &Words, log: &Logged<'_>) -> Markup {
    let checkpoint = &log.proof.checkpoint;
    let (index, size) = (
        log.proof.index.to_string(),
        checkpoint.unverified().size().to_string(),
    );
    let origin = checkpoint.unverified().origin();
    let seen = checkpoint.verify(log.log, log.witnesses);
    let seen = seen.map(|seen| seen.witnesses).unwrap_or_default();
    let seen = seen.iter().filter_map(|signed| {
        let moment = in_words(w, signed.at?);
        let values = [("witness", signed.key.name().as_str()), ("moment", &moment)];
        Some(fill(w.witnessed, &values))
    });
    let stamped = log
        .timestamp
        .and_then(guide::stamped_at)
        .map(|at| in_words(w, at));
    html! {
        li { (fill(w.logged, &[("index", &index), ("size", &size), ("origin", origin)])) }
        @for witnessed in seen { li { (witnessed) } }
        @if let Some(moment) = stamped { li { (fill(w.stamped, &[("moment", &moment)])) } }
    }
}

fn act(w: &Words, act: Act) -> &'static str {
    match act {
        Act::AcceptAll => w.acts[0],
        Act::RefuseAll => w.acts[1],
        Act::Custom => w.acts[2],
        Act::Dismiss => w.acts[3],
        Act::Withdraw => w.acts[4],
        Act::Signal => w.acts[5],
    }
}

fn source(w: &Words, source: Source) -> &'static str {
    match source {
        Source::Banner => w.sources[0],
        Source::Preferences => w.sources[1],
        Source::Placeholder => w.sources[2],
        Source::Api => w.sources[3],
        Source::Signal => w.sources[4],
    }
}
