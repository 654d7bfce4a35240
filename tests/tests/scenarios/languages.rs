//! The notice is in the language of the page, or else of the visitor, whatever tag they have for it.

use anyhow::Result;
use consent_tests::record;
use consent_tests::stage::Stage;
use consent_tests::visitor::Visitor;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn the_page_decides_then_the_browser_then_the_site() -> Result<()> {
    let list = r#"["en", "nb", "pt", "pt-BR", "ar", "zh-Hans", "zh-Hant"]"#;
    let stage = Stage::in_languages(list, "[appearance]\nreopen = \"left\"").await?;
    let visitor = Visitor::arrives().await?;
    for (place, (page, browser, expected)) in [
        ("pt-BR", "[]", "pt-BR"),
        ("pt", "['pt-BR']", "pt"),
        ("pt-AO", "[]", "pt"),
        ("no", "['en']", "nb"),
        ("", "['nn-NO', 'en']", "nb"),
        ("", "['fr-FR', 'ar-EG', 'en']", "ar"),
        ("zh-TW", "[]", "zh-Hant"),
        ("zh-CN", "['zh-TW']", "zh-Hans"),
        ("zh-hant-hk", "[]", "zh-Hant"),
        ("fr", "['de-DE', 'it']", "en"),
        ("", "['zh-HK']", "zh-Hant"),
    ]
    .into_iter()
    .enumerate()
    {
        let head = format!(
            "<script nonce=\"ear\">document.documentElement.lang = \"{page}\";
             Object.defineProperty(navigator, \"languages\", {{ get: () => {browser} }});</script>"
        );
        let address = stage.page_with(&format!("/{place}"), &head, "", &[]);
        visitor.opens(&address).await?;
        visitor.sees_the_banner().await?;
        let shown = visitor
            .evaluates(
                "const { lang, dir } = document.querySelector('consent-banner').shadowRoot.querySelector('#consent');
                 return [lang, dir];",
            )
            .await?;
        let direction = if expected == "ar" { "rtl" } else { "ltr" };
        assert_eq!(
            shown,
            json!([expected, direction]),
            "page {page}, browser {browser}"
        );
    }
    // The record names the notice that was shown, not the tag that led to it.
    visitor.presses("refuse").await?;
    let receipt = visitor.receives_a_receipt(None).await?;
    let claims = record::decoded(receipt.split('.').nth(1).unwrap_or_default())?;
    assert_eq!(claims["lang"], "zh-Hant");
    visitor.leaves().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_shown_first_gives_all_that_comes_later_its_language() -> Result<()> {
    let stage = Stage::with("").await?;
    let head = "<script nonce=\"ear\">document.documentElement.lang = \"fr\"</script>";
    let page = stage.page_with("/", head, "<main></main>", &[]);
    let visitor = Visitor::arrives().await?;
    let renamed = "document.documentElement.lang = 'en';
        const frame = document.createElement('iframe');
        Object.assign(frame.dataset, { service: 'player', src: 'about:blank' });
        document.querySelector('main').append(frame)";
    let cover = "return document.querySelector('consent-placeholder')?.lang ?? null";
    let covers = async |language: &str| {
        visitor
            .waits_for(language, || async {
                Ok(visitor.evaluates(cover).await? == json!(language))
            })
            .await
    };
    // The first layer, and then a placeholder.
    visitor.opens(&page).await?;
    visitor.sees_the_banner().await?;
    visitor.evaluates(renamed).await?;
    covers("fr").await?;
    visitor.presses("refuse").await?;
    visitor.receives_a_receipt(None).await?;
    // A placeholder, and then the preferences.
    visitor.reloads().await?;
    visitor.evaluates(&renamed.replace("'en'", "'fr'")).await?;
    covers("fr").await?;
    visitor
        .evaluates("document.documentElement.lang = 'en'")
        .await?;
    visitor.reopens_by_button().await?;
    let dialog = "return document.querySelector('consent-banner').shadowRoot.querySelector('dialog').closest('[lang]').lang";
    assert_eq!(visitor.evaluates(dialog).await?, json!("fr"));
    visitor.presses("accept").await?;
    visitor
        .waits_for("its record", || async { Ok(stage.acts()?.len() == 2) })
        .await?;
    let record = stage.records()?.pop().unwrap_or_default();
    assert_eq!(record["lang"], "fr");
    visitor.leaves().await
}
