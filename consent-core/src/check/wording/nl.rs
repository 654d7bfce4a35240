//! Dutch.

use super::phrases::Phrases;

pub(super) const WORDS: Phrases = Phrases {
    presumed: &[
        "door verder te gaan",
        "door verder te surfen",
        "door verder te bladeren",
        "door gebruik te maken van deze",
        "door gebruik te maken van onze",
        "door deze website te gebruiken",
        "door onze website te gebruiken",
        "door deze site te gebruiken",
        "als u verdergaat",
        "als je verdergaat",
        "akkoord met het gebruik van cookies",
    ],
    pushing: &[
        "beste ervaring",
        "betere ervaring",
        "optimale ervaring",
        "beste gebruikerservaring",
        "helaas",
        "accepteer alstublieft",
        "accepteer alsjeblieft",
        "aanbevolen",
        "u moet accepteren",
        "je moet accepteren",
        "uw privacy is belangrijk",
        "je privacy is belangrijk",
    ],
    vague: &[
        "uw ervaring te verbeteren",
        "je ervaring te verbeteren",
        "de ervaring te verbeteren",
        "onze diensten te verbeteren",
        "verschillende doeleinden",
        "andere doeleinden",
        "zakelijke doeleinden",
        "en nog veel meer",
    ],
};
