//! Where visitors complain, by the country of the controller: the authorities that are members of the European Data Protection
//! Board or stand beside it. Germany has one for each state, so none is here.

/// Country, name, URL.
const AUTHORITIES: &[(&str, &str, &str)] = &[
    ("AT", "Datenschutzbehörde", "https://www.dsb.gv.at/"),
    (
        "BE",
        "Autorité de protection des données",
        "https://www.autoriteprotectiondonnees.be/",
    ),
    ("CH", "EDÖB", "https://www.edoeb.admin.ch/"),
    ("DK", "Datatilsynet", "https://www.datatilsynet.dk/"),
    ("ES", "AEPD", "https://www.aepd.es/"),
    (
        "FI",
        "Tietosuojavaltuutetun toimisto",
        "https://tietosuoja.fi/",
    ),
    ("FR", "CNIL", "https://www.cnil.fr/"),
    ("GB", "ICO", "https://ico.org.uk/"),
    ("GR", "HDPA", "https://www.dpa.gr/"),
    (
        "IE",
        "Data Protection Commission",
        "https://www.dataprotection.ie/",
    ),
    (
        "IT",
        "Garante per la protezione dei dati personali",
        "https://www.garanteprivacy.it/",
    ),
    ("LU", "CNPD", "https://cnpd.public.lu/"),
    (
        "NL",
        "Autoriteit Persoonsgegevens",
        "https://www.autoriteitpersoonsgegevens.nl/",
    ),
    ("NO", "Datatilsynet", "https://www.datatilsynet.no/"),
    ("PL", "UODO", "https://uodo.gov.pl/"),
    ("PT", "CNPD", "https://www.cnpd.pt/"),
    ("SE", "IMY", "https://www.imy.se/"),
];

/// Name and URL of a country's authority.
pub(super) fn of_country(country: &str) -> Option<(&'static str, &'static str)> {
    let mut all = AUTHORITIES.iter();
    let (_, name, url) = all.find(|(known, ..)| *known == country)?;
    Some((name, url))
}
