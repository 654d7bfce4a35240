//! Sentences that presume consent, or that make refusing sound wrong: a file for each language that we know them in.

use core::mem;

use alloc::vec::Vec;

mod de;
mod en;
mod es;
mod fr;
mod it;
mod nl;
mod phrases;
mod pl;
mod pt;

use phrases::Phrases;

const LANGUAGES: [Phrases; 8] = [
    de::WORDS,
    en::WORDS,
    es::WORDS,
    fr::WORDS,
    it::WORDS,
    nl::WORDS,
    pl::WORDS,
    pt::WORDS,
];

/// The part of a text that takes browsing on for an agreement.
pub(super) fn presumed(text: &str) -> Option<&'static str> {
    find(|words| words.presumed, text)
}

/// The part of a text that pushes towards agreeing.
pub(super) fn pushing(text: &str) -> Option<&'static str> {
    find(|words| words.pushing, text)
}

/// The part of a text that could mean anything.
pub(super) fn vague(text: &str) -> Option<&'static str> {
    find(|words| words.vague, text)
}

/// In whatever language: people write English into a German notice, too.
fn find(list: fn(&Phrases) -> &'static [&'static str], text: &str) -> Option<&'static str> {
    let text = text.to_lowercase().replace('’', "'");
    // Where words begin, once for all parts: a server looks through the texts of all its sites at each start.
    let mut is_begin = true;
    let begins = text.char_indices().filter_map(|(place, letter)| {
        let is_here = mem::replace(&mut is_begin, !letter.is_alphabetic());
        is_here.then(|| &text[place..])
    });
    let begins: Vec<&str> = begins.collect();
    let says = |part: &str| begins.iter().any(|rest| rest.starts_with(part));
    let mut parts = LANGUAGES.iter().flat_map(list);
    parts.find(|part| says(part)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presumed_consent_is_heard_in_each_language() {
        for text in [
            "By continuing to browse, you agree.",
            "La poursuite de la navigation vaut accord.",
            "Durch die weitere Nutzung stimmen Sie zu.",
            "Si continúa navegando, acepta las cookies.",
            "Proseguendo la navigazione accetti i cookie.",
            "Door verder te surfen gaat u akkoord.",
            "Ao continuar a navegar, aceita os cookies.",
            "Kontynuując przeglądanie, zgadzasz się.",
        ] {
            assert!(presumed(text).is_some(), "{text}");
        }
    }

    #[test]
    fn words_that_push_are_heard_in_each_language() {
        for text in [
            "For the best experience on our site",
            "Merci d’accepter les cookies.",
            "Ohne Cookies ist das leider nicht möglich.",
            "Para que tenga la mejor experiencia",
            "Purtroppo senza cookie non funziona.",
            "Helaas werkt dat niet zonder cookies.",
            "Infelizmente, isso não funciona sem cookies.",
            "Niestety bez plików cookie to nie działa.",
        ] {
            assert!(pushing(text).is_some(), "{text}");
        }
    }

    #[test]
    fn words_that_could_mean_anything_are_heard_in_each_language() {
        for text in [
            "To improve your experience.",
            "Pour améliorer l’expérience.",
            "Um Ihr Erlebnis zu verbessern.",
            "Para mejorar su experiencia.",
            "Per migliorare l’esperienza.",
            "Om uw ervaring te verbeteren.",
            "Para melhorar a sua experiência.",
            "W różnych celach.",
        ] {
            assert!(vague(text).is_some(), "{text}");
        }
    }

    #[test]
    fn plain_sentences_are_let_be() {
        for text in [
            "Counts visits, only if you agree.",
            "Mesure les visites.",
            "Zeigt Kleider, die Sie sich angesehen haben.",
            "Toont films over leiderschap.",
            "Cuenta las visitas y muestra qué páginas se leen.",
            "Conta le visite, pagina per pagina.",
            "Liczy odwiedziny, strona po stronie.",
            "Conta as visitas, página a página.",
        ] {
            assert_eq!(
                (presumed(text), pushing(text), vague(text)),
                (None, None, None),
                "{text}"
            );
        }
    }
}
