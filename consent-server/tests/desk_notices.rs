//! The pages about what a site has shown: every version, as it was shown, and what changed between two.

use crate::support;
use consent_server::auth::Role;
use support::{Answer, NOW, Server, shop};

async fn look(server: &Server, path: &str) -> Answer {
    let token = server.token(Role::Viewer, &["shop"], None);
    let cookie = server.staff().log_in(&token).await.cookie();
    let headers = [("cookie", &*cookie), ("accept-language", "en")];
    server.staff().get(path, &headers).await
}

/// What a page links to with these words in the address, in its order.
fn links(page: &str, with: &str) -> Vec<String> {
    let links = page.split("href=\"").skip(1);
    let links = links.filter_map(|rest| rest.split('"').next());
    let links = links.filter(|link| link.contains(with));
    links.map(|link| link.replace("&amp;", "&")).collect()
}

/// A shop with three versions: at first, with other words a day later, and with one more service after that.
async fn reworded() -> Server {
    let server = Server::start();
    server.record("shop", &server.example("shop", 1)).await;
    server.record("shop", &server.example("shop", 2)).await;
    let other_words = shop().replace("Counts visits.", "Counts visits to each page.");
    server.set_time(NOW + 86_400);
    let server = reopen_later(server, &other_words, 1).await;
    server.record("shop", &server.example("shop", 3)).await;
    let one_more = format!(
        "{other_words}\n[services.maps]\ncategory = \"social\"\nname = \"Maps\"\nprovider = \"Maps Ltd\"\ncountry = \"GB\"\n\
         purpose = \"Shows the way.\"\npolicy = \"https://maps.example/privacy\"\n"
    );
    reopen_later(server, &one_more, 2).await
}

/// With another declaration, so many days after the first.
async fn reopen_later(server: Server, shop: &str, days: i64) -> Server {
    let data = server.end().await;
    Server::open_at(data, shop, NOW + days * 86_400)
}

#[tokio::test]
async fn every_version_is_listed_with_its_days_and_its_choices() {
    let server = reworded().await;
    let page = look(&server, "/admin/sites/shop/notices").await;
    assert_eq!(page.status, 200);
    let said = page.text();
    let places: Vec<usize> = ["24", "23", "22"]
        .iter()
        .map(|day| {
            said.find(&format!("Published {day} November 2026"))
                .unwrap()
        })
        .collect();
    assert!(places.is_sorted(), "the newest is not the first");
    // Two languages each.
    assert_eq!(links(&said, "notices/").len(), 6, "{said}");
    let first = &said[places[2]..];
    assert!(first.contains("data-label=\"Choices\">2</td>"), "{first}");
    assert!(
        first.contains("data-label=\"Until\">23 November 2026"),
        "{first}"
    );
    assert!(said.contains("data-label=\"Until\">now</td>"), "{said}");
    // A new service is another question, other words are not.
    let again = |from: usize, to: usize| {
        said[from..to]
            .matches("data-label=\"Asked again\">yes")
            .count()
    };
    assert_eq!(again(places[0], places[1]), 2);
    assert_eq!(again(places[1], said.len()), 0);
    for link in links(&said, "notices/") {
        let shown = look(&server, &format!("/admin/sites/shop/{link}")).await;
        assert!(shown.text().contains("Counts visits"), "{link}");
    }
}

#[tokio::test]
async fn what_changed_between_two_is_shown_word_by_word_and_whether_people_were_asked_again() {
    let server = reworded().await;
    let list = look(&server, "/admin/sites/shop/notices").await.text();
    let changes = links(&list, "changes?");
    assert_eq!(changes.len(), 4, "{list}");
    for link in &changes {
        let page = look(&server, &format!("/admin/sites/shop/{link}")).await;
        assert_eq!(page.status, 200, "{link}");
        let page = page.text();
        if page.contains("<ins>Maps") {
            assert!(page.contains("Visitors were asked again"), "{page}");
            assert!(page.contains("New service: maps, in social"), "{page}");
        } else {
            assert!(page.contains("Visitors were not asked again"), "{page}");
            assert!(page.contains("Counts <del>visits.</del>"), "{page}");
            assert!(page.contains("<ins>visits to each page.</ins>"), "{page}");
        }
        assert!(page.contains("passages are the same"), "{page}");
    }
    for nothing in [
        "",
        "?from=x&to=y",
        &format!("?from={0}&to={0}", "A".repeat(43)),
    ] {
        let path = format!("/admin/sites/shop/changes{nothing}");
        assert_eq!(look(&server, &path).await.status, 404, "{nothing}");
    }
    let elsewhere = changes[0].replace("changes", "../library/changes");
    let path = format!(
        "/admin/sites/library/{}",
        elsewhere.trim_start_matches("../library/")
    );
    assert_eq!(look(&server, &path).await.status, 404);
}
