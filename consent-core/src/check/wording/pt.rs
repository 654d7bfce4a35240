//! Portuguese, of both sides of the sea.

use super::phrases::Phrases;

pub(super) const WORDS: Phrases = Phrases {
    presumed: &[
        "ao continuar a navegar",
        "ao continuar navegando",
        "se continuar a navegar",
        "se continuar navegando",
        "ao navegar neste site",
        "ao navegar no nosso site",
        "ao utilizar este site",
        "ao usar este site",
        "ao utilizar o nosso site",
        "você concorda com o uso",
        "concorda com a utilização de cookies",
        "aceita a utilização de cookies",
        "aceita o uso de cookies",
    ],
    pushing: &[
        "melhor experiência",
        "experiência ideal",
        "infelizmente",
        "por favor, aceite",
        "por favor aceite",
        "recomendado",
        "recomendada",
        "deve aceitar",
        "tem de aceitar",
        "valorizamos a sua privacidade",
        "valorizamos sua privacidade",
        "a sua privacidade é importante",
    ],
    vague: &[
        "melhorar a sua experiência",
        "melhorar sua experiência",
        "melhorar a experiência",
        "melhorar os nossos serviços",
        "melhorar nossos serviços",
        "diversas finalidades",
        "outras finalidades",
        "outros fins",
        "fins comerciais",
        "e muito mais",
    ],
};
