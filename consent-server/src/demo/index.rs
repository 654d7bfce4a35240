//! The demo's front page.

use super::{Demo, story};
use maud::{DOCTYPE, Markup, PreEscaped, html};

pub(super) fn index(demo: &Demo) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "Consent demo" }
                link rel="icon" href="data:,";
                style { (PreEscaped(include_str!("style/index.css"))) }
            }
            body {
                h1 { "Five sites that ask before they track" }
                p { "Each page below holds back its analytics, widgets and pixels until you choose. Nothing here is real: "
                    "the third parties are a second server on your machine, and "
                    a href=(demo.third_party_url) { "its log" } " shows what they saw." }
                ul.pages {
                    @for (id, site) in &demo.sites {
                        @if let Some(story) = story::of(id) {
                            li {
                                a href={ "/demo/" (id) "/" } {
                                    strong { (site.controller.name) }
                                    span { (story.kicker.english()) }
                                }
                                span.languages {
                                    @for language in &site.languages {
                                        a href={ "/demo/" (id) "/?lang=" (language) } hreflang=(language) { (story::language_name(language)) } " "
                                    }
                                }
                            }
                        }
                    }
                }
                h2 { "Then" }
                ol {
                    li { "Refuse, accept, or choose, and look at the panel at the foot of the page." }
                    li { a href={ (demo.staff_url) "/admin" } { "Log in as staff" } " with the token that the terminal shows, and see each decision." }
                    li { "Export the signed receipts, while this demo runs:"
                        pre { "consent export --data " (demo.data) " --site lacassagne --format csv" } }
                    li { "Or over HTTP, with the same token:"
                        pre { "curl -H \"Authorization: Bearer $TOKEN\" '" (demo.staff_url) "/v1/sites/lacassagne/export?format=jsonl" "'" } }
                    li { "Check any receipt against " a href="/.well-known/jwks.json" { "the public keys" } "." }
                }
            }
        }
    }
}
