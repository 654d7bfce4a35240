//! French.

use super::phrases::Phrases;

pub(super) const WORDS: Phrases = Phrases {
    presumed: &[
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
    ],
    pushing: &[
        "meilleure expérience",
        "expérience optimale",
        "malheureusement",
        "merci d'accepter",
        "recommandé",
        "vous devez accepter",
    ],
    vague: &[
        "améliorer votre expérience",
        "améliorer l'expérience",
        "améliorer nos services",
        "finalités diverses",
        "diverses finalités",
        "autres finalités",
        "et bien plus",
    ],
};
