//! Sentences that presume consent, or that make refusing sound wrong.

/// Parts of sentences, in lower case, that take browsing on for an agreement.
const PRESUMED: &[&str] = &[
    "by continuing",
    "by browsing",
    "by using this site",
    "by using our site",
    "continue to use this site",
    "if you continue",
    "continued use",
    "continued browsing",
    "by scrolling",
    "you agree to our use",
    "en poursuivant",
    "en continuant",
    "poursuite de la navigation",
    "poursuite de votre navigation",
    "si vous continuez",
    "en naviguant sur",
    "en utilisant ce site",
    "en utilisant notre site",
    "vous acceptez l'utilisation",
    "vous acceptez le dépôt",
];

/// Parts of sentences, in lower case, that push towards agreeing.
const PUSHING: &[&str] = &[
    "best experience",
    "better experience",
    "we value your privacy",
    "unfortunately",
    "please accept",
    "recommended",
    "you must accept",
    "meilleure expérience",
    "expérience optimale",
    "malheureusement",
    "merci d'accepter",
    "recommandé",
    "vous devez accepter",
];

/// Parts of sentences, in lower case, that could mean anything.
const VAGUE: &[&str] = &[
    "improve your experience",
    "enhance your experience",
    "improve the experience",
    "improve our services",
    "various purposes",
    "other purposes",
    "business purposes",
    "and much more",
    "améliorer votre expérience",
    "améliorer l'expérience",
    "améliorer nos services",
    "finalités diverses",
    "diverses finalités",
    "autres finalités",
    "et bien plus",
];

/// The part of a text that takes browsing on for an agreement.
pub(super) fn presumed(text: &str) -> Option<&'static str> {
    find(PRESUMED, text)
}

/// The part of a text that pushes towards agreeing.
pub(super) fn pushing(text: &str) -> Option<&'static str> {
    find(PUSHING, text)
}

/// The part of a text that could mean anything.
pub(super) fn vague(text: &str) -> Option<&'static str> {
    find(VAGUE, text)
}

fn find(parts: &[&'static str], text: &str) -> Option<&'static str> {
    let text = text.to_lowercase().replace('’', "'");
    parts.iter().find(|part| text.contains(**part)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presumed_and_pushed_consent_are_heard_in_both_languages() {
        assert!(presumed("By continuing to browse, you agree.").is_some());
        assert!(presumed("La poursuite de la navigation vaut accord.").is_some());
        assert!(presumed("Counts visits, only if you agree.").is_none());
        assert!(pushing("For the best experience on our site").is_some());
        assert!(pushing("Mesure les visites.").is_none());
        assert!(pushing("Merci d’accepter les cookies.").is_some());
        assert!(vague("Pour améliorer l’expérience.").is_some());
        assert!(vague("Compte les visites.").is_none());
    }
}
