//! Polish.

use super::phrases::Phrases;

pub(super) const WORDS: Phrases = Phrases {
    presumed: &[
        "kontynuując przeglądanie",
        "kontynuując korzystanie",
        "dalsze korzystanie",
        "dalsze przeglądanie",
        "korzystając z tej strony",
        "korzystając z naszej strony",
        "przeglądając tę stronę",
        "pozostając na stronie",
        "wyrażasz zgodę na używanie",
        "wyrażasz zgodę na wykorzystywanie",
        "zgadzasz się na używanie",
    ],
    pushing: &[
        "najlepsze wrażenia",
        "najlepszych wrażeń",
        "lepsze wrażenia",
        "najlepsze doświadczenie",
        "niestety",
        "prosimy o akceptację",
        "prosimy zaakceptować",
        "zalecane",
        "rekomendowane",
        "musisz zaakceptować",
        "cenimy twoją prywatność",
    ],
    vague: &[
        "poprawić twoje doświadczenia",
        "poprawy twoich doświadczeń",
        "poprawy naszych usług",
        "ulepszania naszych usług",
        "ulepszać nasze usługi",
        "różnych celach",
        "różnych celów",
        "innych celach",
        "innych celów",
        "celach biznesowych",
        "i wiele więcej",
    ],
};
