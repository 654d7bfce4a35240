//! The list of cookies and services in plain HTML, for a page of the site: inside `<consent-declaration>` it gives way to
//! the list with the choice in place where scripts run.

use maud::{Markup, html};

use super::details::{ListedIn, id_of};
use super::page::Page;

impl Page<'_> {
    pub(super) fn declaration(&self) -> Markup {
        let s = self.strings;
        let direction = if s.right_to_left { "rtl" } else { "ltr" };
        html! {
            consent-declaration {
                section lang=(self.language) dir=(direction) aria-labelledby="consent-declaration-title" {
                    h2 #consent-declaration-title { (s.declaration) }
                    p { (s.no_script) }
                    @for category in &self.site.categories {
                        h3 #(id_of("title", category.id.as_str())) {
                            (category.title.get(self.language))
                            @if !category.is_asked() { " (" (self.state_of(category)) ")" }
                        }
                        p { (category.description.get(self.language)) }
                        @for service in &category.services { (self.service(category, service, ListedIn::Plain)) }
                    }
                    (self.who())
                }
            }
        }
    }
}
