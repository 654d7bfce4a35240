//! The summary: what an evidence file proves, for a reader who is no engineer.

use alloc::string::{String, ToString as _};

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::agreed::Shown;
use crate::decision::{Act, Source};
use crate::i18n::fill;
use crate::id::RecordId;
use crate::language::Language;
use crate::receipt::Receipt;
use crate::site::Site;
use crate::tlog_proof::TlogProof;

mod words;

use words::Words;

/// What a summary tells about.
pub(super) struct Told<'a> {
    pub(super) receipt: &'a Receipt,
    pub(super) notice: &'a Shown,
    pub(super) site: Option<&'a Site>,
    pub(super) proof: Option<&'a TlogProof>,
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:46em;margin:2em auto;padding:0 1em;color:#16181d}\
    table{border-collapse:collapse;width:100%}th,td{border:1px solid #d5d9e0;padding:.4em .6em;text-align:start;vertical-align:top}\
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
                    h1 { (w.title) }
                    p { (self.sentence(w)) }
                    (self.choices(w))
                    (self.facts(w))
                    h2 { (w.proves) }
                    ol {
                        @for step in w.steps { li { (step) } }
                        @if let Some(proof) = self.proof { li { (logged(w, proof)) } }
                    }
                    h2 { (w.limits) }
                    ul { @for limit in w.limits_are { li { (limit) } } }
                    p { (w.how) }
                }
            }
        };
        page.into_string() + "\n"
    }

    /// The whole in one sentence.
    fn sentence(&self, w: &Words) -> Markup {
        let record = self.receipt.record();
        html! {
            (w.on) " " strong { (record.decided_at.to_rfc3339()) } ", " (w.visitor) " " strong { (self.site_name(w)) } " "
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
                thead { tr { th { (w.purpose) } th { (w.answer) } } }
                tbody {
                    @for (category, granted) in &decision.choices {
                        tr {
                            td { (self.category(category.as_str(), w)) }
                            td { strong { (if *granted { w.yes } else { w.no }) } }
                        }
                    }
                    @for (service, granted) in &decision.services {
                        tr {
                            td { (w.only) " " code { (service) } }
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

    fn facts(&self, w: &Words) -> Markup {
        let record = self.receipt.record();
        let rows = [
            (w.record, record.id.to_text()),
            (w.subject, record.subject.to_text()),
            (w.decided, record.decided_at.to_rfc3339()),
            (w.signed, self.receipt.issued_at().to_rfc3339()),
            (w.ends, record.expires_at.to_rfc3339()),
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
            table { tbody { @for (name, value) in rows { tr { th scope="row" { (name) } td { code { (value) } } } } } }
        }
    }
}

fn logged(w: &Words, proof: &TlogProof) -> String {
    let checkpoint = proof.checkpoint.unverified();
    let values = [
        ("index", proof.index.to_string()),
        ("size", checkpoint.size().to_string()),
        ("origin", checkpoint.origin().to_string()),
    ];
    let values = values.each_ref().map(|(name, value)| (*name, &**value));
    fill(w.logged, &values)
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
