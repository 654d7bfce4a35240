use super::{TableTexts, Texts};
use consent_core::decision::{Act, Source};

pub(super) const TEXTS: Texts = Texts {
    table: TableTexts {
        separator: b',',
        number: "No.",
        received: "Received ({zone})",
        decided: "Decided – visitor’s clock ({zone})",
        decision: "Decision",
        place: "Made in",
        also_accepted: "Also accepted",
        also_refused: "Also refused",
        valid_until: "Valid until ({zone})",
        language: "Language of the notice",
        gpc: "GPC signal",
        consent_id: "Consent id",
        reference: "Reference",
        replaces: "Replaces",
        yes: "yes",
        no: "no",
        act: |act| match act {
            Act::AcceptAll => "Accepted everything",
            Act::RefuseAll => "Refused everything",
            Act::Custom => "Own choice",
            Act::Dismiss => "Closed without choosing",
            Act::Withdraw => "Withdrew consent",
            Act::Signal => "Refused by the browser’s signal",
        },
        source: |source| match source {
            Source::Banner => "Banner",
            Source::Preferences => "Preferences",
            Source::Placeholder => "Content held back",
            Source::Api => "Page of the site",
            Source::Signal => "Browser’s signal",
        },
    },
};
