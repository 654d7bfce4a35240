//! The notice is in the language of the page, or else of the visitor, whatever tag they have for it.

use anyhow::{Context as _, Result};
use consent_core::i18n::Strings;
use consent_tests::browser::Engine;
use consent_tests::record;
use consent_tests::stage::Stage;
use consent_tests::visitor::Visitor;
use serde_json::json;

use crate::in_every_engine;

in_every_engine!(
    the_dates_of_a_choice_are_in_the_language_of_the_notice,
    several_providers_of_a_frame_stand_in_a_row_as_the_language_writes_it,
);

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
    let _film = stage.page("/film", "A film");
    let visitor = Visitor::arrives().await?;
    let renamed = "document.documentElement.lang = 'en';
        const frame = document.createElement('iframe');
        Object.assign(frame.dataset, { service: 'player', src: '/film' });
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

/// Browsers have no dates in some of these, and others in some.
async fn the_dates_of_a_choice_are_in_the_language_of_the_notice(engine: Engine) -> Result<()> {
    let languages = ["en", "fr", "ga", "hr", "is", "ja", "mt", "uk"];
    let stage =
        Stage::in_languages(&format!("{languages:?}"), "[appearance]\nreopen = \"left\"").await?;
    // On the first of a month, too.
    let page = |language: &str, day: &str| {
        let head = format!(
            "<script nonce=\"ear\">document.documentElement.lang = \"{language}\"; {day}</script>"
        );
        stage.page_with(&format!("/{language}-{}", day.len()), &head, "", &[])
    };
    let visitor = Visitor::arrives_with(engine, &[]).await?;
    visitor.opens(&page("en", "")).await?;
    visitor.presses("refuse").await?;
    visitor.receives_a_receipt(None).await?;
    for language in languages {
        for day in ["", "Date.prototype.getDate = () => 1;"] {
            visitor.opens(&page(language, day)).await?;
            visitor.reopens_by_button().await?;
            let parts = "const claims = consent.get();
                return [claims.dat, claims.exp].map((seconds) => {
                    const day = new Date(seconds * 1000);
                    return [day.getFullYear(), day.getMonth() + 1, day.getDate()];
                })";
            let dates: [(u16, u8, u8); 2] =
                serde_json::from_value(visitor.evaluates(parts).await?)?;
            let strings = Strings::of(&language.parse()?).context("has texts")?;
            // What a driver runs may have a Date of its own.
            let dates = dates
                .map(|(year, month, date)| (year, month, if day.is_empty() { date } else { 1 }));
            let texts = "const { shadowRoot } = document.querySelector('consent-banner');
                return ['decided', 'expires'].map((name) => shadowRoot.querySelector(`[data-${name}]`).textContent)";
            let expected = dates
                .into_iter()
                .map(|date| strings.date(date))
                .collect::<Vec<_>>();
            assert_eq!(
                visitor.evaluates(texts).await?,
                json!(expected),
                "{language}"
            );
        }
    }
    visitor.leaves().await
}

async fn several_providers_of_a_frame_stand_in_a_row_as_the_language_writes_it(
    engine: Engine,
) -> Result<()> {
    const CLIPS: &str = r#"
        [services.clips]
        category = "social"
        name = "Clips"
        provider = "Clips Ltd"
        country = "IE"
        purpose = "Shows clips."
        policy = "https://clips.example/privacy""#;
    for (language, expected) in [
        (
            "en",
            "from Player Inc. (United States), Clips Ltd (Ireland). Showing it",
        ),
        (
            "ja",
            "Player Inc.（アメリカ合衆国）、Clips Ltd（アイルランド）が",
        ),
    ] {
        let stage = Stage::in_languages(&format!("[{language:?}]"), CLIPS).await?;
        let frame = r#"<iframe data-category="social" data-src="{third}/clip" width="480" height="320"></iframe>"#;
        let visitor = Visitor::arrives_with(engine, &[]).await?;
        visitor.opens(&stage.page("/", frame)).await?;
        let says =
            "return document.querySelector('consent-placeholder')?.shadowRoot.textContent ?? ''";
        visitor
            .waits_for("the placeholder", || async {
                Ok(visitor.evaluates(says).await? != json!(""))
            })
            .await?;
        let said = visitor.evaluates(says).await?;
        assert!(
            said.as_str().unwrap_or_default().contains(expected),
            "{said}"
        );
        visitor.leaves().await?;
    }
    Ok(())
}
