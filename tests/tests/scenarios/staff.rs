//! The pages for staff, on an origin of their own: what a browser lets others do to somebody who is logged in.

use anyhow::{Context as _, Result};
use consent_tests::browser::Engine;
use consent_tests::demo::Demo;
use consent_tests::http;
use consent_tests::visitor::Visitor;
use serde_json::json;

use crate::in_every_engine;

in_every_engine!(a_script_on_the_sites_pages_does_nothing_with_a_login_of_staff);

/// The demo's pages and its staff are on two ports of one host: the same *site* for a browser, which sends the cookie of staff
/// along whatever the pages ask for. They are not the same origin.
async fn a_script_on_the_sites_pages_does_nothing_with_a_login_of_staff(
    engine: Engine,
) -> Result<()> {
    let demo = Demo::start()?;
    let (staff, page) = (&demo.facts.staff_url, demo.page("lacassagne")?);
    let visitor = Visitor::arrives_with(engine, &[]).await?;

    // As people log in.
    visitor.opens(&format!("{staff}/admin")).await?;
    visitor.types(&format!("{}\n", demo.facts.token)).await?;
    let logged_in = "return document.body.innerText.includes('Log out')";
    visitor.waits_until("the sites", logged_in).await?;
    let cookies = visitor.evaluates("return document.cookie").await?;
    assert_eq!(cookies, json!(""), "a script can read the session");

    // A third party's script on a page of the site: it reads nothing, and what it sends changes nothing.
    visitor.opens(page).await?;
    let before = lines(&demo)?;
    let tries = format!(
        "window.tries = [];
         const ask = (path, how) => fetch('{staff}' + path, {{ credentials: 'include', ...how }})
            .then(async answer => tries.push([path, answer.status, await answer.text()]), () => tries.push([path, 0, '']));
         const form = {{ method: 'POST', mode: 'no-cors', headers: {{ 'content-type': 'application/x-www-form-urlencoded' }} }};
         ask('/v1/sites/lacassagne/export?format=csv');
         ask('/v1/sites/lacassagne/export?format=csv', {{ mode: 'no-cors' }});
         ask('/v1/admin/reload', form);
         ask('/v1/sites/lacassagne/export', {{ ...form, body: 'format=csv' }});
         ask('/v1/sites/lacassagne/erasures', {{ ...form, body: '{{\"subject\":\"AgICAgICAgICAgICAgICAg\"}}' }});
         ask('/admin/logout', form);
         fetch('/v1/sites/lacassagne/export?format=csv').then(answer => tries.push(['own', answer.status, '']));"
    );
    visitor.evaluates(&tries).await?;
    visitor
        .waits_until("an end of each try", "return tries.length === 7")
        .await?;
    let tries = visitor.evaluates("return tries").await?;
    for tried in tries.as_array().context("no tries")? {
        assert_eq!(tried[2], "", "{tried} was read");
        let expected = if tried[0] == "own" { 404 } else { 0 };
        assert_eq!(tried[1], expected, "{tried}");
    }
    // Nor does a form that it fills in and sends, which would log somebody in as another.
    let form = format!(
        "const form = document.createElement('form');
         form.method = 'post'; form.action = '{staff}/admin/login';
         form.innerHTML = '<input name=token value={}>';
         document.body.append(form); form.submit();",
        demo.facts.token
    );
    visitor.evaluates(&form).await?;
    visitor
        .waits_until(
            "a refusal",
            "return document.body.innerText.includes('Not from here')",
        )
        .await?;
    assert_eq!(
        lines(&demo)?,
        before,
        "the trail says that staff did something"
    );

    // Whoever follows the page's link is logged in still, and exports with the form.
    visitor.opens(page).await?;
    let link = "document.querySelector('.strip a[href*=\"/admin/\"]').click()";
    visitor.evaluates(link).await?;
    visitor.waits_until("the site's page", logged_in).await?;
    let send = "document.querySelector('details').open = true;
        document.querySelector('.selection button[value=jsonl]').click()";
    visitor.evaluates(send).await?;
    visitor
        .waits_for("an export", || async {
            Ok(lines(&demo)?.iter().any(|line| line == "export"))
        })
        .await?;
    visitor
        .evaluates("document.querySelector('form[action$=logout] button').click()")
        .await?;
    let logged_out = "return document.body.innerText.includes('Your token')";
    visitor.waits_until("the login", logged_out).await?;
    visitor.leaves_behind(&[staff, "export"]).await
}

/// What the trail says that staff did, but for reading it.
fn lines(demo: &Demo) -> Result<Vec<String>> {
    let audit = format!("{}/v1/audit", demo.facts.staff_url);
    let audit = http::get(&audit, Some(&demo.facts.token))?;
    let audit: serde_json::Value = serde_json::from_str(&audit)?;
    let lines = audit["entries"].as_array().context("no lines")?.iter();
    let actions = lines.filter_map(|line| line["action"].as_str());
    Ok(actions
        .filter(|action| *action != "read_audit")
        .map(str::to_owned)
        .collect())
}
