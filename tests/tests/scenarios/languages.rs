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
