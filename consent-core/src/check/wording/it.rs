//! Italian.

use super::phrases::Phrases;

pub(super) const WORDS: Phrases = Phrases {
    presumed: &[
        "proseguendo la navigazione",
        "proseguendo nella navigazione",
        "continuando la navigazione",
        "continuando a navigare",
        "se continui a navigare",
        "se prosegui la navigazione",
        "utilizzando questo sito",
        "utilizzando il nostro sito",
        "scorrendo questa pagina",
        "accetti l'uso",
        "accetti l'utilizzo",
        "acconsenti all'uso",
        "acconsenti all'utilizzo",
    ],
    pushing: &[
        "migliore esperienza",
        "miglior esperienza",
        "esperienza migliore",
        "esperienza ottimale",
        "purtroppo",
        "si prega di accettare",
        "ti preghiamo di accettare",
        "consigliato",
        "consigliata",
        "raccomandato",
        "devi accettare",
        "la tua privacy è importante",
        "teniamo alla tua privacy",
    ],
    vague: &[
        "migliorare la tua esperienza",
        "migliorare la vostra esperienza",
        "migliorare l'esperienza",
        "migliorare i nostri servizi",
        "varie finalità",
        "altre finalità",
        "diverse finalità",
        "finalità commerciali",
        "e molto altro",
    ],
};
