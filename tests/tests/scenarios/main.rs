//! What the gate and the banner do on real pages, in real browsers.
//!
//! The core scenarios run in three engines, the others in Chromium. Each one looks at what the third party was asked for,
//! and ends with an empty console.

mod blocking;
mod built;
mod desk;
mod embedded;
mod failing;
mod framed;
mod holding;
mod hostile;
mod languages;
mod libraries;
mod looks;
mod moving;
mod pages;
mod placeholders;
mod screens;
mod several;
mod signals;
mod staff;
mod themes;
mod trying;
mod withdrawing;

/// One scenario in each engine: a module of tests named after the scenario.
macro_rules! in_every_engine {
    ($($scenario:ident),* $(,)?) => {$(
        mod $scenario {
            use consent_tests::browser::Engine;

            #[tokio::test(flavor = "multi_thread")]
            async fn in_chromium() -> anyhow::Result<()> {
                super::$scenario(Engine::Chromium).await
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn in_firefox() -> anyhow::Result<()> {
                super::$scenario(Engine::Gecko).await
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn in_webkit() -> anyhow::Result<()> {
                super::$scenario(Engine::WebKit).await
            }
        }
    )*};
}
use in_every_engine;
