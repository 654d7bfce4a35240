use super::{TableTexts, Texts};
use consent_core::decision::{Act, Source};

pub(super) const TEXTS: Texts = Texts {
    table: TableTexts {
        separator: b';',
        number: "N°",
        received: "Reçu le ({zone})",
        decided: "Décidé le – horloge du visiteur ({zone})",
        decision: "Décision",
        place: "Exprimée dans",
        also_accepted: "Accepté en plus",
        also_refused: "Refusé en plus",
        valid_until: "Valable jusqu’au ({zone})",
        language: "Langue du bandeau",
        gpc: "Signal GPC",
        consent_id: "Identifiant de consentement",
        reference: "Référence",
        replaces: "Remplace",
        yes: "oui",
        no: "non",
        act: |act| match act {
            Act::AcceptAll => "Tout accepté",
            Act::RefuseAll => "Tout refusé",
            Act::Custom => "Choix détaillé",
            Act::Dismiss => "Fermé sans choisir",
            Act::Withdraw => "Consentement retiré",
            Act::Signal => "Refusé par le signal du navigateur",
        },
        source: |source| match source {
            Source::Banner => "Bandeau",
            Source::Preferences => "Préférences",
            Source::Placeholder => "Contenu bloqué",
            Source::Api => "Page du site",
            Source::Signal => "Signal du navigateur",
        },
    },
};
