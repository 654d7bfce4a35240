//! Spanish.

use super::phrases::Phrases;

pub(super) const WORDS: Phrases = Phrases {
    presumed: &[
        "si continúa navegando",
        "si continúas navegando",
        "si sigue navegando",
        "si sigues navegando",
        "al continuar navegando",
        "al seguir navegando",
        "al navegar por este sitio",
        "al navegar por nuestro sitio",
        "al utilizar este sitio",
        "al usar este sitio",
        "acepta el uso de cookies",
        "aceptas el uso de cookies",
    ],
    pushing: &[
        "mejor experiencia",
        "experiencia óptima",
        "lamentablemente",
        "desgraciadamente",
        "por favor, acept",
        "por favor acept",
        "recomendado",
        "recomendada",
        "debe aceptar",
        "debes aceptar",
        "valoramos su privacidad",
        "valoramos tu privacidad",
        "su privacidad es importante",
        "tu privacidad es importante",
    ],
    vague: &[
        "mejorar su experiencia",
        "mejorar tu experiencia",
        "mejorar la experiencia",
        "mejorar nuestros servicios",
        "diversos fines",
        "otros fines",
        "fines comerciales",
        "otras finalidades",
        "y mucho más",
    ],
};
