//! What is not marked up is stopped too, where the site says so.

use anyhow::Result;
use consent_tests::browser::Engine;
use consent_tests::stage::Stage;
use consent_tests::visitor::Visitor;
use serde_json::json;

use crate::in_every_engine;

in_every_engine!(
    unmarked_scripts_frames_pixels_and_calls_wait_for_their_service,
    of_two_services_on_one_host_a_mark_says_which_it_is,
    fields_and_pictures_with_the_names_of_members_let_nothing_through,
);

pub(crate) const BLOCK: &str = r#"
[markup]
block = true

[services.tracker]
category = "analytics"
name = "Tracker"
provider = "Tracker Ltd"
country = "GB"
purpose = "Tracks."
policy = "https://tracker.example/privacy"
hosts = ["localhost"]
"#;

/// As pages are before anybody thinks of consent. The frame and the pixel are made by a script: see docs/blocking.md for the others.
const PAGE: &str = r#"<div id="place"></div>
<script src="{third}/first.js" data-category="analytics"></script>
<script nonce="ear">
const made = document.createElement("script");
made.addEventListener("load", () => (window.ran ??= []).push("heard"));
made.src = "{third}/made.js";
document.head.append(made);
const other = document.createElement("script");
other.setAttribute("src", "{third}/other.js");
document.head.append(other);
new Image().src = "{third}/pixel.gif";
const frame = document.createElement("iframe");
frame.title = "A frame"; frame.width = 300; frame.height = 260;
frame.src = "{third}/frame";
document.getElementById("place").append(frame);
fetch("{third}/fetched").then(answer => answer.text()).then(() => (window.ran ??= []).push("fetched"));
navigator.sendBeacon("{third}/beacon", "x");
const call = new XMLHttpRequest(); call.open("GET", "{third}/called"); call.onload = () => (window.ran ??= []).push("called"); call.send();
fetch("/own").then(() => (window.ran ??= []).push("own"));
</script>"#;

async fn unmarked_scripts_frames_pixels_and_calls_wait_for_their_service(
    engine: Engine,
) -> Result<()> {
    let stage = Stage::with(BLOCK).await?;
    let _own = stage.page("/own", "");
    let page = stage.page("/", PAGE);
    let visitor = Visitor::arrives_with(engine, &[]).await?;
    visitor.opens(&page).await?;
    visitor.sees_the_banner().await?;
    visitor.waits_a_moment().await;
    // Browsers may load early what they read ahead, and never run it.
    let mut seen = stage.seen();
    seen.retain(|path| path != "/first.js");
    assert_eq!(seen, [""; 0]);
    assert_eq!(
        visitor.evaluates("return window.ran").await?,
        json!(["own"])
    );
    let early = stage.seen().len();

    visitor.presses("choose").await?;
    visitor.turns("tracker", true).await?;
    visitor.presses("save").await?;
    let all = [
        "/beacon",
        "/called",
        "/fetched",
        "/frame",
        "/made.js",
        "/other.js",
        "/pixel.gif",
    ];
    let seen = || stage.seen().split_off(early);
    visitor
        .waits_for("everything", || async {
            Ok(all
                .iter()
                .all(|path| seen().iter().any(|seen| seen == path)))
        })
        .await
        .map_err(|error| error.context(format!("{:?}", seen())))?;
    visitor
        .waits_for("what they do", || async {
            Ok(visitor.evaluates("return window.ran.length").await? == json!(7))
        })
        .await?;
    let mut ran: Vec<String> =
        serde_json::from_value(visitor.evaluates("return window.ran").await?)?;
    ran.sort();
    assert_eq!(
        ran,
        [
            "called", "fetched", "first", "heard", "made", "other", "own"
        ]
    );
    // What was loaded early need not be asked for again.
    assert!(
        stage.saw("/first.js") && seen().len() <= all.len() + 1,
        "{:?}",
        seen()
    );
    visitor.receives_a_receipt(None).await?;

    // Given before the page is opened, nothing is in the way.
    visitor.reloads().await?;
    visitor
        .waits_for("everything again", || async {
            Ok(stage.seen().len() >= early + 2 * all.len())
        })
        .await?;

    // Taken back, the page is loaded again, and nothing runs.
    visitor.reopens_by_button().await?;
    visitor.presses("withdraw").await?;
    visitor
        .waits_for("the fresh page", || async {
            Ok(visitor.evaluates("return window.ran && ran.join()").await? == json!("own"))
        })
        .await?;
    visitor.waits_a_moment().await;
    assert_eq!(
        visitor.evaluates("return window.ran").await?,
        json!(["own"])
    );
    stage.ends_quietly()?;
    visitor.leaves().await
}

/// A second one on the host of the first; the first comes first.
const BESIDE: &str = r#"
[services.video]
category = "social"
name = "Video"
provider = "Tracker Ltd"
country = "GB"
purpose = "Shows films."
policy = "https://tracker.example/privacy"
hosts = ["localhost"]
"#;

async fn of_two_services_on_one_host_a_mark_says_which_it_is(engine: Engine) -> Result<()> {
    let stage = Stage::with(&[BLOCK, BESIDE].concat()).await?;
    let page = stage.page(
        "/",
        r#"<script type="text/plain" data-service="video" data-src="{third}/marked.js"></script>
        <script src="{third}/plain.js" data-service="video"></script>
        <iframe data-service="video" data-src="{third}/frame" title="A film"></iframe>
        <script src="{third}/unmarked.js"></script>"#,
    );
    let visitor = Visitor::arrives_with(engine, &[]).await?;
    visitor.opens(&page).await?;
    visitor.sees_the_banner().await?;
    visitor.presses("choose").await?;
    visitor.turns("video", true).await?;
    visitor.presses("save").await?;
    visitor.receives_a_receipt(None).await?;
    let film = ["/frame", "/marked.js", "/plain.js"];
    let ran = || {
        let mut seen = stage.seen();
        // Browsers may load early what they read ahead, and never run it.
        seen.retain(|path| path != "/unmarked.js");
        seen.sort();
        seen.dedup();
        seen
    };
    visitor
        .waits_for("what was agreed to", || async { Ok(ran() == film) })
        .await?;
    // Again on the next page, which lives on.
    visitor.opens(&page).await?;
    visitor
        .waits_until("a page that answers", "return consent.allows('video')")
        .await?;
    visitor.waits_a_moment().await;
    assert_eq!(
        visitor
            .evaluates("return document.querySelectorAll('script[src$=\"unmarked.js\"][type=\"text/plain\"]').length")
            .await?,
        json!(1)
    );
    assert_eq!(ran(), film);
    visitor.leaves().await
}

async fn fields_and_pictures_with_the_names_of_members_let_nothing_through(
    engine: Engine,
) -> Result<()> {
    let stage = Stage::with(BLOCK).await?;
    let page = stage.page(
        "/",
        r#"<img name="baseURI" alt=""><form><input name="matches"><input name="querySelectorAll"><input name="localName">
        <script src="{third}/in-a-form.js"></script></form>
        <div id="place"></div>
        <script nonce="ear">
        const made = document.createElement("script");
        made.src = "{third}/made.js";
        document.getElementById("place").append(made);
        fetch("{third}/fetched").then(() => (window.ran ??= []).push("fetched"));
        fetch("/own").then(() => (window.ran ??= []).push("own"));
        const form = document.forms[0], late = document.createElement("div");
        late.innerHTML = '<iframe title="late" src="{third}/late"></iframe>';
        form.append(late.firstChild);
        </script>"#,
    );
    let _own = stage.page("/own", "");
    let visitor = Visitor::arrives_with(engine, &[]).await?;
    visitor.opens(&page).await?;
    visitor.sees_the_banner().await?;
    visitor
        .waits_until("the page's own call", "return window.ran?.includes('own')")
        .await?;
    visitor.waits_a_moment().await;
    let mut seen = stage.seen();
    // What a frame in text begins, and what browsers read ahead: docs/blocking.md.
    seen.retain(|path| path != "/late" && path != "/in-a-form.js");
    assert_eq!(seen, [""; 0]);
    assert_eq!(
        visitor.evaluates("return window.ran").await?,
        json!(["own"])
    );
    assert_eq!(
        visitor
            .evaluates("return document.querySelector('form script').type")
            .await?,
        json!("text/plain")
    );
    visitor.leaves().await
}
