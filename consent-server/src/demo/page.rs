//! One demo page: a small site, and beside it what the third parties saw.

use super::gated::{self, Gated, Kind};
use super::story::{Story, Text};
use super::{Demo, story};
use consent_core::language::Language;
use consent_core::site::Site;
use maud::{DOCTYPE, Markup, PreEscaped, html};

pub(super) fn page(demo: &Demo, site: &Site, story: &Story, language: &Language) -> Markup {
    let gated = gated::of(site);
    let third = &*demo.third_party_url;
    let t = |text: &Text| text.in_language(language);
    html! {
        (DOCTYPE)
        html lang=(language) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (site.name.get(language)) }
                link rel="icon" href="data:,";
                link rel="stylesheet" href="style.css";
                script src={ "/s/" (site.id) "/consent.js" } {}
                @for element in &gated { (element.script(site, third)) }
            }
            body {
                (strip(demo, site, language))
                header.site {
                    p.name { (site.name.get(language)) }
                    nav { @for item in &story.nav { a href="#top" { (t(item)) } } }
                }
                main #top {
                    section.hero {
                        div {
                            p.kicker { (t(&story.kicker)) }
                            h1 { (t(&story.title)) }
                            p { (t(&story.lead)) }
                        }
                    }
                    section.cards {
                        @for (title, text) in &story.cards {
                            article { h2 { (t(title)) } p { (t(text)) } }
                        }
                    }
                    (widgets(&gated, third, language, t(&story.social)))
                }
                (panel(site, &gated, third, language))
                footer.site {
                    p { (site.controller.name) ", " (site.controller.address) }
                    p { a href="#" data-consent-open { (t(&story::COOKIES)) } }
                }
                script { (PreEscaped(include_str!("panel.js"))) }
            }
        }
    }
}

/// The demo's own line on top of the page, so that nobody takes it for the real site.
fn strip(demo: &Demo, site: &Site, language: &Language) -> Markup {
    html! {
        div.strip {
            span { (story::DEMO.in_language(language)) }
            span {
                a href="/" { (story::ALL_DEMOS.in_language(language)) }
                " · " a href={ (demo.staff_url) "/admin/sites/" (site.id) } { (story::STAFF.in_language(language)) }
                @for other in site.languages.iter().filter(|other| *other != language) {
                    " · " a href={ "?lang=" (other) } hreflang=(other) { (story::language_name(other)) }
                }
            }
        }
    }
}

fn widgets(gated: &[Gated<'_>], third: &str, language: &Language, title: &str) -> Markup {
    let widgets: Vec<_> = gated
        .iter()
        .filter(|element| element.kind == Kind::Widget)
        .collect();
    html! {
        @if !widgets.is_empty() {
            section.social {
                h2 { (title) }
                div.widgets {
                    @for widget in widgets {
                        (widget.widget(third, language))
                    }
                }
            }
        }
    }
}

/// What waits on this page, and how often each third party was asked for something.
fn panel(site: &Site, gated: &[Gated<'_>], third: &str, language: &Language) -> Markup {
    let t = |text: &Text| text.in_language(language);
    html! {
        section.panel data-third=(third) aria-labelledby="panel-title" {
            h2 #panel-title { (t(&story::PANEL)) }
            p { (t(&story::PANEL_HELP)) }
            div.scroll {
                table {
                    thead {
                        tr {
                            th scope="col" { (t(&story::SERVICE)) }
                            th scope="col" { (t(&story::CATEGORY)) }
                            th scope="col" { (t(&story::ELEMENT)) }
                            th scope="col" { (t(&story::REQUESTS)) }
                        }
                    }
                    tbody {
                        @for element in gated {
                            tr {
                                td { (element.service.name.get(language)) }
                                td { (element.category.title.get(language)) }
                                td { code { (kind(element.kind)) } }
                                td {
                                    @if element.kind == Kind::Own {
                                        (t(&story::NONE_NEEDED))
                                    } @else {
                                        output data-path=(element.path(site)) { "–" }
                                    }
                                }
                            }
                        }
                    }
                }
            }
            h3 { (t(&story::LOG)) }
            ol.log data-empty=(t(&story::NOTHING)) { li { (t(&story::NOTHING)) } }
            p {
                button type="button" data-clear { (t(&story::CLEAR)) } " "
                a href=(third) { (third) }
            }
        }
    }
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Script => "<script>",
        Kind::Widget => "<iframe> <img>",
        Kind::Own => "<script> (inline)",
    }
}
