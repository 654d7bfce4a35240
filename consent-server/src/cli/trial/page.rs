//! The page of `consent try`, and the sample page in it.

use super::shown::Shown;
use super::tried::{Look, Outcome, Tried};
use consent_core::check::Severity;
use consent_core::language::Language;
use consent_core::site::{Service, Site};
use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = "
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; color: #1b1f24; background: #eef0f3; }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; padding: .5rem 1rem; background: #1b1f24; color: #fff; }
nav a { color: #cfe3ff; margin-inline-start: .5rem; } nav a[aria-current] { color: #fff; font-weight: 600; text-decoration: none; }
main { padding: 1rem; } pre { white-space: pre-wrap; margin: 0 0 .75rem; padding: .5rem .75rem; background: #fff; border-inline-start: 4px solid #b3261e; }
pre.warning { border-color: #8a5a00; } pre.advice { border-color: #57606a; }
iframe { display: block; width: 100%; height: 75vh; border: 1px solid #b8c0ca; background: #fff; } iframe.phone { width: 390px; height: 780px; margin: auto; }
";

const SAMPLE_STYLE: &str = "
body { margin: 0 auto; padding: 1.5rem; max-width: 60rem; font: 16px/1.6 system-ui, sans-serif; }
body.dark { color: #e8eaed; background: #16181c; } iframe { max-width: 100%; border: 0; }
";

/// Asks until there is another version, and then shows that.
const RELOAD: &str = "
(async () => {
  for (;;) {
    try {
      const answer = await fetch('/changed?since=' + document.body.dataset.version);
      if (answer.status === 200) return location.reload();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
})();
";

/// What the sample page forgets before the gate reads it.
const AFRESH: &str = "localStorage.clear(); sessionStorage.clear();";

/// The strip, and below it the sample page or what is wrong.
pub(super) fn index(tried: &Tried, shown: &Shown) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "consent try" }
                link rel="icon" href="data:,";
                style { (PreEscaped(STYLE)) }
            }
            body data-version=(tried.version) {
                @match &tried.outcome {
                    Outcome::Broken(wrong) => main {
                        h1 { "The declaration cannot be read" }
                        @for line in wrong { pre role="alert" { (line) } }
                    },
                    Outcome::Shown { findings, .. } => {
                        @if let Some(site) = tried.site() { (preview(site, shown)) }
                        main {
                            @for finding in findings {
                                @let severity = finding.rule.severity;
                                pre class=(severity.as_str()) role=[(severity == Severity::Error).then_some("alert")] { (finding) }
                            }
                        }
                    }
                }
                script { (PreEscaped(RELOAD)) }
            }
        }
    }
}

fn preview(site: &Site, shown: &Shown) -> Markup {
    let language = shown.language(&site.languages);
    let shown = &Shown {
        lang: language.map(ToString::to_string),
        ..shown.clone()
    };
    html! {
        nav {
            span {
                "Language"
                @for other in &site.languages {
                    (link(&Shown { lang: Some(other.to_string()), ..shown.clone() }, other.as_str(), Some(other) == language))
                }
            }
            span {
                "Look"
                @for (look, name) in Look::ALL {
                    (link(&Shown { look, ..shown.clone() }, name, look == shown.look))
                }
            }
            span {
                "Width"
                @for (phone, name) in [(false, "window"), (true, "phone")] {
                    (link(&Shown { phone, ..shown.clone() }, name, phone == shown.phone))
                }
            }
            span {
                "Choice"
                @for (afresh, name) in [(false, "kept"), (true, "asked again")] {
                    (link(&Shown { afresh, ..shown.clone() }, name, afresh == shown.afresh))
                }
            }
        }
        iframe title="The sample page" class=[shown.phone.then_some("phone")] src={ "/page" (query(shown)) } {}
    }
}

fn link(to: &Shown, name: &str, is_here: bool) -> Markup {
    html! { a href={ "/" (query(to)) } aria-current=[is_here.then_some("true")] { (name) } }
}

/// A language's tag and words of ours alone: nothing in it has to be encoded.
fn query(shown: &Shown) -> String {
    let Shown {
        lang,
        look,
        phone,
        afresh,
    } = shown;
    let lang = lang.as_deref().unwrap_or_default();
    format!(
        "?lang={lang}&look={}&phone={phone}&afresh={afresh}",
        look.as_str()
    )
}

/// A page with each service that waits for a choice: frames, and scripts that only say that they ran.
pub(super) fn sample(site: &Site, language: &Language, shown: &Shown) -> Markup {
    let asked: Vec<(&str, &Service)> = site
        .asked()
        .flat_map(|category| {
            let services = category.services.iter();
            services.map(move |service| (category.id.as_str(), service))
        })
        .collect();
    html! {
        (DOCTYPE)
        html lang=(language) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (site.name.get(language)) }
                link rel="icon" href="data:,";
                style { (PreEscaped(SAMPLE_STYLE)) }
                @if shown.afresh { script { (PreEscaped(AFRESH)) } }
                script src={ "/" (shown.look.as_str()) "/consent.js" } {}
            }
            body class=[(shown.look == Look::Dark).then_some("dark")] {
                h1 { (site.name.get(language)) }
                p { a href="#" data-consent-open { (site.strings(language).preferences) } }
                @for (category, service) in asked {
                    @if category == "social" {
                        p {
                            iframe data-service=(service.id) data-src={ "/held/" (service.id) } width="480" height="270"
                                title=(service.name.get(language)) {}
                        }
                    } @else {
                        p { (service.name.get(language)) ": " output id={ "ran-" (service.id) } { "–" } }
                        script type="text/plain" data-service=(service.id) {
                            (PreEscaped(format!("document.getElementById('ran-{}').textContent = '✓'", service.id)))
                        }
                    }
                }
            }
        }
    }
}

/// What stands in a frame in place of a third party.
pub(super) fn held(service: &str) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head { meta charset="utf-8"; title { (service) } link rel="icon" href="data:,"; }
            body { p { (service) " ✓" } }
        }
    }
}
