//! What the demo pages say, in English and French.

use consent_core::language::Language;

/// A text in both languages.
pub(super) struct Text {
    en: &'static str,
    fr: &'static str,
}

impl Text {
    /// The English text.
    pub(super) const fn english(&self) -> &'static str {
        self.en
    }

    /// French for French, English for everybody else.
    pub(super) fn in_language(&self, language: &Language) -> &'static str {
        if language.primary() == "fr" {
            self.fr
        } else {
            self.en
        }
    }
}

/// One site's page.
pub(super) struct Story {
    pub(super) style: &'static str,
    pub(super) kicker: Text,
    pub(super) title: Text,
    pub(super) lead: Text,
    pub(super) nav: [Text; 3],
    pub(super) cards: [(Text, Text); 3],
    pub(super) social: Text,
}

/// The page of a site.
pub(super) fn of(site: &str) -> Option<&'static Story> {
    match site {
        "carians" => Some(&CARIANS),
        "cime" => Some(&CIME),
        "cryostem" => Some(&CRYOSTEM),
        "lacassagne" => Some(&LACASSAGNE),
        "mast" => Some(&MAST),
        _ => None,
    }
}

/// A language's name for itself.
pub(super) fn language_name(language: &Language) -> &str {
    match language.primary() {
        "en" => "English",
        "fr" => "Français",
        other => other,
    }
}

const fn t(en: &'static str, fr: &'static str) -> Text {
    Text { en, fr }
}

pub(super) const DEMO: Text = t(
    "Demonstration page, not the organisation's site",
    "Page de démonstration, pas le site de l’organisme",
);
pub(super) const ALL_DEMOS: Text = t("All demos", "Toutes les démos");
pub(super) const STAFF: Text = t("Staff", "Équipe");
pub(super) const COOKIES: Text = t("Cookie settings", "Gestion des cookies");
pub(super) const PANEL: Text = t("What the third parties saw", "Ce que les tiers ont vu");
pub(super) const PANEL_HELP: Text = t(
    "This page holds the elements below. Before you choose, none of them asks its third party for anything. Accept one category, and watch which of them start; refuse or withdraw, reload, and they stay silent.",
    "Cette page contient les éléments ci-dessous. Avant votre choix, aucun ne contacte son tiers. Acceptez une catégorie et voyez lesquels démarrent ; refusez ou retirez votre accord, rechargez la page, et ils se taisent.",
);
pub(super) const SERVICE: Text = t("Service", "Service");
pub(super) const CATEGORY: Text = t("Category", "Catégorie");
pub(super) const ELEMENT: Text = t("Element", "Élément");
pub(super) const REQUESTS: Text = t("Requests", "Requêtes");
pub(super) const NONE_NEEDED: Text = t("the page's own", "propre à la page");
pub(super) const LOG: Text = t("Latest requests", "Dernières requêtes");
pub(super) const NOTHING: Text = t("Nothing so far.", "Rien jusqu’ici.");
pub(super) const CLEAR: Text = t("Clear the log", "Vider le journal");

const LACASSAGNE: Story = Story {
    style: include_str!("style/lacassagne.css"),
    kicker: t(
        "A hospital · cancer care, teaching and research",
        "Un hôpital · soins, enseignement et recherche contre le cancer",
    ),
    title: t(
        "Care that is close to you, at every step",
        "Des soins proches de vous, à chaque étape",
    ),
    lead: t(
        "Consultations, day care, radiotherapy and proton therapy on one campus, with one team that follows you.",
        "Consultations, hôpital de jour, radiothérapie et protonthérapie sur un même site, avec une équipe qui vous suit.",
    ),
    nav: [
        t("Your stay", "Votre séjour"),
        t("Departments", "Services"),
        t("Research", "Recherche"),
    ],
    cards: [
        (
            t("Make an appointment", "Prendre rendez-vous"),
            t(
                "By phone or online, with a first answer within two working days.",
                "Par téléphone ou en ligne, avec une première réponse sous deux jours ouvrés.",
            ),
        ),
        (
            t("Coming to the hospital", "Venir à l’hôpital"),
            t(
                "Trams, parking, and a desk that takes you to your department.",
                "Tramway, parking, et un accueil qui vous conduit jusqu’au service.",
            ),
        ),
        (
            t("Proton therapy", "Protonthérapie"),
            t(
                "A precise treatment for tumours that are hard to reach, at the institute next door.",
                "Un traitement précis des tumeurs difficiles d’accès, à l’institut voisin.",
            ),
        ),
    ],
    social: t("Follow and share", "Suivre et partager"),
};

const CRYOSTEM: Story = Story {
    style: include_str!("style/cryostem.css"),
    kicker: t(
        "A research association · a shared biobank, and its endowment fund",
        "Une association de recherche · une biobanque partagée et son fonds de dotation",
    ),
    title: t(
        "Samples that travel, so that transplants succeed",
        "Des échantillons qui voyagent, pour que les greffes réussissent",
    ),
    lead: t(
        "Clinical centres collect, researchers ask, and one protocol keeps every sample comparable.",
        "Les centres collectent, les chercheurs demandent, et un protocole commun garde chaque échantillon comparable.",
    ),
    nav: [
        t("The collection", "La collection"),
        t("Ask for samples", "Demander des échantillons"),
        t("Support us", "Nous soutenir"),
    ],
    cards: [
        (
            t("The collection", "La collection"),
            t(
                "Donors and patients, before and after transplantation, with clinical follow-up.",
                "Donneurs et patients, avant et après la greffe, avec le suivi clinique.",
            ),
        ),
        (
            t("From question to sample", "De la question à l’échantillon"),
            t(
                "A scientific committee answers each request within six weeks.",
                "Un comité scientifique répond à chaque demande sous six semaines.",
            ),
        ),
        (
            t("The endowment fund", "Le fonds de dotation"),
            t(
                "Gifts pay for the years in which samples wait for their question.",
                "Les dons financent les années où les échantillons attendent leur question.",
            ),
        ),
    ],
    social: t("See the laboratory", "Voir le laboratoire"),
};

const MAST: Story = Story {
    style: include_str!("style/mast.css"),
    kicker: t(
        "A dental practice · its site run by a web publisher",
        "Un cabinet dentaire · son site géré par un éditeur",
    ),
    title: t(
        "A practice under the lime trees",
        "Un cabinet sous les tilleuls",
    ),
    lead: t(
        "Two dentists, one hygienist, and time to explain.",
        "Deux chirurgiens-dentistes, une assistante, et le temps d’expliquer.",
    ),
    nav: [
        t("The team", "L’équipe"),
        t("Treatments", "Soins"),
        t("Emergencies", "Urgences"),
    ],
    cards: [
        (
            t("First visit", "Première visite"),
            t(
                "Forty minutes, a check-up, and a plan that you take home.",
                "Quarante minutes, un bilan, et un plan que vous emportez.",
            ),
        ),
        (
            t("Children", "Enfants"),
            t(
                "A morning each week, with a chair that is just for them.",
                "Une matinée par semaine, avec un fauteuil rien que pour eux.",
            ),
        ),
        (
            t("Emergencies", "Urgences"),
            t(
                "Call before nine, and we see you the same day.",
                "Appelez avant neuf heures, nous vous recevons le jour même.",
            ),
        ),
    ],
    social: t("The practice in pictures", "Le cabinet en images"),
};

const CARIANS: Story = Story {
    style: include_str!("style/carians.css"),
    kicker: t(
        "A platform · second medical opinions",
        "Une plateforme · deuxième avis médical",
    ),
    title: t(
        "A second opinion, from the doctor who knows your disease",
        "Un deuxième avis, par le médecin qui connaît votre maladie",
    ),
    lead: t(
        "Send your file, answer a few questions, and read a written report within seven days.",
        "Envoyez votre dossier, répondez à quelques questions, et lisez un rapport écrit sous sept jours.",
    ),
    nav: [
        t("How it works", "Comment ça marche"),
        t("Our experts", "Nos experts"),
        t("My file", "Mon dossier"),
    ],
    cards: [
        (
            t("1. Your file", "1. Votre dossier"),
            t(
                "Scans, letters, results: we tell you what is missing.",
                "Images, courriers, résultats : nous vous disons ce qui manque.",
            ),
        ),
        (
            t("2. Your expert", "2. Votre expert"),
            t(
                "Chosen for your disease, independent of who treats you.",
                "Choisi pour votre maladie, indépendant de qui vous soigne.",
            ),
        ),
        (
            t("3. Your report", "3. Votre rapport"),
            t(
                "In plain words, yours to share or to keep.",
                "Avec des mots simples, à partager ou à garder.",
            ),
        ),
    ],
    social: t("They talk about it", "Ils en parlent"),
};

const CIME: Story = Story {
    style: include_str!("style/cime.css"),
    kicker: t(
        "A training college · courses for physicians",
        "Un collège de formation · des cours pour médecins",
    ),
    title: t(
        "Learn a gesture, understand a face",
        "Apprendre un geste, comprendre un visage",
    ),
    lead: t(
        "Two years, one diploma: lectures online, practice in small groups, and a thesis.",
        "Deux ans, un diplôme : des cours en ligne, de la pratique en petits groupes, et un mémoire.",
    ),
    nav: [
        t("Programme", "Programme"),
        t("Calendar", "Calendrier"),
        t("Enrol", "S’inscrire"),
    ],
    cards: [
        (
            t("Programme", "Programme"),
            t(
                "Anatomy, techniques, safety, law: eight modules with an exam each.",
                "Anatomie, techniques, sécurité, droit : huit modules et un examen chacun.",
            ),
        ),
        (
            t("Signing in to class", "Émarger en cours"),
            t(
                "Attendance is signed electronically, and kept six months.",
                "La présence se signe en ligne, et se conserve six mois.",
            ),
        ),
        (
            t("Enrolment", "Inscription"),
            t(
                "Applications close on 30 June; interviews are held in September.",
                "Candidatures jusqu’au 30 juin ; entretiens en septembre.",
            ),
        ),
    ],
    social: t("Open lectures", "Conférences ouvertes"),
};
