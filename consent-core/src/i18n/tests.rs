//! The laws of all languages. What CLDR says of numbers and dates is compared in `tests/`, by Node's Intl.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use std::prelude::rust_2024::*;

use super::*;
use crate::site::{Lifetime, Unit};

fn of(tag: &str) -> &'static Strings<'static> {
    Strings::of(&tag.parse().unwrap()).unwrap()
}

/// Every text of a language with what it is called: those that a site can change, and those of the categories.
fn texts(strings: &Strings<'static>) -> Vec<(&'static str, TextKind, &'static str)> {
    let named = names().map(|(name, place)| (name, place, strings.get(name).unwrap()));
    let categories = strings
        .categories
        .iter()
        .zip(["operation", "social", "analytics"]);
    let categories = categories.flat_map(|((title, line), id)| {
        [(id, TextKind::Label, *title), (id, TextKind::Line, *line)]
    });
    named.chain(categories).collect()
}

/// Runs a check on every text of every language beside its English, and gathers what it says.
fn each(mut check: impl FnMut(&str, &str, TextKind, &str, &str) -> Option<String>) -> Vec<String> {
    let mut said = Vec::new();
    for (tag, strings) in ALL {
        for ((name, place, text), (_, _, english)) in
            texts(strings).into_iter().zip(texts(of("en")))
        {
            if let Some(wrong) = check(tag, name, place, text, english) {
                said.push(std::format!("{tag}.{name}: {wrong}: {text:?}"));
            }
        }
    }
    said
}

const NONE: [&str; 0] = [];

#[test]
fn texts_are_filled_in_once() {
    assert_eq!(
        fill("{a} and {b}.", &[("a", "{b}"), ("b", "2")]),
        "{b} and 2."
    );
}

#[test]
fn dates_and_times_are_in_the_form_of_the_language() {
    assert_eq!(of("en").date((2026, 3, 1)), "1\u{a0}March 2026");
    assert_eq!(of("fr-CA").date((2026, 3, 1)), "1er\u{a0}mars 2026");
    assert_eq!(of("ja").date((2026, 3, 1)), "2026年3月1日");
    assert_eq!(of("fi").date((2026, 3, 1)), "1.\u{a0}maaliskuuta 2026");
    assert_eq!(of("fr").month_count(13), "13\u{a0}mois");
    assert_eq!(of("mt").month_count(13), "13-il\u{a0}xahar");
    assert_eq!(of("ar").month_count(2), "شهران");
    assert_eq!(
        of("ro").lifetime(Lifetime::For(20, Unit::Day)),
        "20\u{a0}de\u{a0}zile"
    );
    assert_eq!(of("en").lifetime(Lifetime::For(1, Unit::Day)), "1\u{a0}day");
}

#[test]
fn there_are_the_languages_of_the_union_and_more() {
    let expected = "ar bg cs da de el en es et fi fr ga he hr hu is it ja ko lt lv mt nb nl pl pt pt-BR ro sk sl sv tr uk zh-Hans zh-Hant";
    assert_eq!(languages().collect::<Vec<_>>().join(" "), expected);
    let rtl: Vec<_> = ALL
        .iter()
        .filter(|(_, s)| s.right_to_left)
        .map(|(tag, _)| *tag)
        .collect();
    assert_eq!(rtl, ["ar", "he"]);
}

#[test]
fn every_text_fills_in_what_the_english_one_does() {
    let wrong = each(|_, _, _, text, english| {
        let braces = text.matches(['{', '}']).count();
        let same = places(text) == places(english) && braces == 2 * places(text).len();
        (!same).then(|| "fills in other names".into())
    });
    assert_eq!(wrong, NONE);
}

#[test]
fn every_text_is_clean() {
    let wrong = each(|tag, _, _, text, english| {
        let is_clean = !text.trim().is_empty()
            && text.trim() == text
            && !text.contains("  ")
            // The typesetter's apostrophe and quotation marks, and the sign for a pause.
            && !text.contains(['\'', '"', '\t', '`'])
            && !text.contains("...");
        // A sentence ends like one; a date with a full stop of its own ends it as well.
        let ends = |text: &str, marks: &[char]| {
            text.ends_with(marks) || text.ends_with("{date}") && text.matches(' ').count() > 2
        };
        let is_ended = ends(text, &['.', '。']) == english.ends_with('.');
        let asks = english.ends_with(':') == text.ends_with([':', '：']);
        // In Chinese, Japanese and Korean nothing ends a word and its value.
        let is_value =
            matches!(tag, "ja" | "ko" | "zh-Hans" | "zh-Hant") && text.contains([':', '：']);
        let is_ended = is_ended || is_value && text.ends_with(['}', ')', '）']);
        // Japanese and Korean put their verb last, and end the sentence before a list.
        let asks = asks || matches!(tag, "ja" | "ko") && text.ends_with(['。', '.']);
        let is_ended = is_ended || english.ends_with(':');
        (!(is_clean && is_ended && asks)).then(|| "is not clean".into())
    });
    assert_eq!(wrong, NONE);
}

/// What is the same word in English and in another language.
const SAME_AS_ENGLISH: &[(&str, &[&str])] = &[
    ("cookie", &["kind_cookie"]),
    ("Contact: {contact}.", &["contact"]),
    ("Details: {service}", &["details"]),
    ("Name", &["table_name"]),
    ("Type", &["table_kind"]),
];

#[test]
fn nothing_is_left_in_english() {
    let wrong = each(|tag, name, _, text, english| {
        let may = SAME_AS_ENGLISH
            .iter()
            .any(|(same, names)| *same == text && names.contains(&name));
        (tag != "en" && text == english && !may).then(|| "is the English text".into())
    });
    assert_eq!(wrong, NONE);
    // Nor does one language repeat another: each differs from each in most of its texts.
    let primary = |tag: &'static str| tag.split('-').next();
    for (tag, strings) in ALL {
        for (other, others) in ALL
            .iter()
            .filter(|(other, _)| primary(other) != primary(tag))
        {
            let (own, theirs) = (texts(strings), texts(others));
            let same = own.iter().zip(&theirs).filter(|(a, b)| a.2 == b.2).count();
            assert!(same * 3 < own.len(), "{tag} and {other} share {same} texts");
        }
    }
}

/// The letters of each language that are not those of English.
const LETTERS: &[(&str, &str)] = &[
    ("cs", "áčďéěíňóřšťúůýž"),
    ("da", "æøåé"),
    ("de", "äöüß"),
    ("en", ""),
    ("es", "áéíóúüñ"),
    ("et", "äöüõšž"),
    ("fi", "äöå"),
    ("fr", "àâæçéèêëîïôœùûüÿ"),
    ("ga", "áéíóú"),
    ("hr", "čćđšž"),
    ("hu", "áéíóöőúüű"),
    ("is", "áðéíóúýþæö"),
    ("it", "àèéìîòù"),
    ("lt", "ąčęėįšųūž"),
    ("lv", "āčēģīķļņšūž"),
    ("mt", "ċġħżàèìòù"),
    ("nb", "æøåéèêóòô"),
    ("nl", "éèëïóöü"),
    ("pl", "ąćęłńóśźż"),
    ("pt", "áâãàçéêíóôõú"),
    ("pt-BR", "áâãàçéêíóôõú"),
    ("ro", "ăâîșț"),
    ("sk", "áäčďéíĺľňóôŕšťúýž"),
    ("sl", "čšž"),
    ("sv", "åäöé"),
    ("tr", "çğıöşüâîûİ"),
    ("bg", "абвгдежзийклмнопрстуфхцчшщъьюя"),
    ("uk", "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя"),
    ("el", "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ"),
];

fn is_own_letter(tag: &str, letter: char) -> bool {
    let latin = |letters: &str| letter.is_ascii_alphabetic() || letters.contains(letter);
    match tag {
        "ar" => matches!(letter, 'ء'..='ي' | '\u{64b}'..='\u{652}'),
        "he" => matches!(letter, 'א'..='ת'),
        "ja" => matches!(letter, 'ぁ'..='ヿ' | '一'..='鿿' | '々'),
        "ko" => matches!(letter, '가'..='힣'),
        "zh-Hans" | "zh-Hant" => matches!(letter, '一'..='鿿'),
        "bg" | "uk" | "el" => letters_of(tag).contains(letter),
        _ => latin(letters_of(tag)),
    }
}

fn letters_of(tag: &str) -> &'static str {
    LETTERS.iter().find(|(known, _)| *known == tag).unwrap().1
}

#[test]
fn every_text_is_in_the_letters_of_its_language() {
    // Names that are written alike everywhere.
    const NAMES: &[&str] = &[
        "Global Privacy Control",
        "JavaScript",
        "Cookies",
        "Cookie",
        "cookies",
        "cookie",
        "IP",
    ];
    let wrong = each(|tag, name, _, text, _| {
        let mut own = fill(text, &[]);
        for name in NAMES {
            own = own.replace(name, "");
        }
        let foreign: BTreeSet<char> = own
            .chars()
            .filter(|c| c.is_alphabetic())
            .filter(|c| !c.to_lowercase().all(|lower| is_own_letter(tag, lower)))
            .filter(|c| !is_own_letter(tag, *c))
            .collect();
        if !foreign.is_empty() {
            return Some(std::format!("has the letters {foreign:?}"));
        }
        let is_name = name == "kind_cookie";
        let has_own = own.chars().any(char::is_alphabetic) || is_name;
        (!has_own).then(|| "has no letter of its own".into())
    });
    assert_eq!(wrong, NONE);
}

/// Characters that only one of the two ways of writing Chinese has, among the most frequent.
#[test]
fn simplified_and_traditional_characters_are_not_mixed() {
    const SIMPLIFIED: &str = "们这为说个时会对关开过务设选择览器网络数据储显项发现应该经计类别访问页标签连错误闭启销无须读载进让长显隐确认据证书单权护处理违规实际总结资讯输变";
    const TRADITIONAL: &str = "們這為說個時會對關開過務設選擇覽器網絡數據儲顯項發現應該經計類別訪問頁標籤連錯誤閉啟銷無須讀載進讓長顯隱確認據證書單權護處理違規實際總結資訊輸變";
    let only = |own: &str, other: &str| {
        own.chars()
            .filter(|c| !other.contains(*c))
            .collect::<BTreeSet<_>>()
    };
    for (tag, foreign) in [
        ("zh-Hans", only(TRADITIONAL, SIMPLIFIED)),
        ("zh-Hant", only(SIMPLIFIED, TRADITIONAL)),
    ] {
        for (name, _, text) in texts(of(tag)) {
            let mixed: Vec<_> = text.chars().filter(|c| foreign.contains(c)).collect();
            assert!(mixed.is_empty(), "{tag}.{name}: {mixed:?} in {text}");
        }
    }
}

#[test]
fn no_text_is_longer_than_its_place() {
    let wrong = each(|_, _, place, text, _| {
        let (width, most) = (columns(&fill(text, &[])), place.most_columns());
        (width > most).then(|| std::format!("takes {width} columns of {most}"))
    });
    assert_eq!(wrong, NONE);
}

/// Agreeing and refusing are the same sentence with another verb, and neither is much the longer.
#[test]
fn agreeing_and_refusing_are_parallel() {
    for (tag, strings) in ALL {
        let (accept, refuse) = (strings.accept_all, strings.refuse_all);
        let (one, other) = (columns(accept), columns(refuse));
        assert!(
            one.max(other) <= one.min(other) * 3 / 2 + 1,
            "{tag}: {accept}, {refuse}"
        );
        let words = |text: &str| text.split(' ').count();
        assert!(
            words(accept).abs_diff(words(refuse)) <= 1,
            "{tag}: {accept}, {refuse}"
        );
        // What they have in common: "all", which Icelandic inflects.
        let ends = (0..=refuse.len()).filter(|end| refuse.is_char_boundary(*end));
        let runs = ends.flat_map(|end| {
            refuse[..end]
                .char_indices()
                .map(move |(start, _)| start..end)
        });
        let shared = runs
            .map(|run| &refuse[run])
            .filter(|run| accept.contains(run));
        let shared = shared.map(columns).max().unwrap_or_default();
        assert!(
            (shared >= 3 || tag == "is") && accept != refuse,
            "{tag}: {accept}, {refuse}"
        );
    }
}

#[test]
fn every_number_has_its_form() {
    for (tag, strings) in ALL {
        assert_eq!(strings.units.len(), 5);
        for unit in strings.units {
            assert_eq!(unit.len(), strings.plural.forms().len(), "{tag}: {unit:?}");
            for (place, form) in unit.iter().enumerate() {
                let numbers = (1..1000)
                    .filter(|n| strings.plural.form(*n) == place)
                    .count();
                let says = form.contains("{n}");
                assert!(
                    says || numbers == 1,
                    "{tag}: {form} is said of {numbers} numbers"
                );
            }
        }
        for number in 0..1000 {
            assert!(strings.plural.form(number) < strings.plural.forms().len());
        }
        let date = strings.date;
        assert_eq!(places(date), ["day", "month", "year"], "{tag}: {date}");
        let months: BTreeSet<_> = strings.months.iter().collect();
        assert_eq!(months.len(), 12, "{tag}");
    }
}

#[test]
fn every_country_has_a_name_in_every_language() {
    let codes: Vec<_> = countries().collect();
    assert_eq!((codes.len(), codes[0]), (250, "AD"));
    for (tag, strings) in ALL {
        let own: Vec<_> = strings.countries.lines().map(|line| &line[..2]).collect();
        assert_eq!(own, codes, "{tag}");
        for code in &codes {
            let name = strings.country(code).unwrap();
            let is_code = name.len() == 2 && name.is_ascii();
            assert!(
                !is_code && name.trim() == name && !name.contains(['\'', '"']),
                "{tag}: {name}"
            );
        }
        let english = codes
            .iter()
            .filter(|code| strings.country(code) == of("en").country(code));
        assert!(
            tag == "en" || english.count() < codes.len() * 3 / 4,
            "{tag}"
        );
        assert!(strings.country("UK").is_none() && strings.country("").is_none());
    }
}

/// A name has an article, a gender and a case of its own, or several of them stand in a row: no word before it governs it.
#[test]
fn names_that_are_filled_in_stand_alone() {
    // In brackets, after a colon, or before all words.
    let stands_alone = |before: &str| {
        let before = before.trim_end_matches('\u{2068}').trim_end();
        before.is_empty() || before.ends_with([':', '：', '(', '（'])
    };
    let names = [
        "details",
        "provider",
        "provider_policy",
        "controller",
        "contact",
        "processor",
        "officer",
        "authority",
        "collected_kept",
    ];
    let wrong = each(|_, name, _, text, _| {
        let (before, _) = text.split_once('{')?;
        (names.contains(&name) && !stands_alone(before)).then(|| "bends the name".into())
    });
    assert_eq!(wrong, NONE);
    // What a site says is a sentence: it begins after another has ended.
    let wrong = each(|_, name, _, text, _| {
        let (before, _) = text.split_once('{')?;
        let is_after_sentence = before
            .trim_end_matches('\u{2068}')
            .trim_end()
            .ends_with(['.', '。']);
        (name == "exempt" && !is_after_sentence).then(|| "runs on into a sentence".into())
    });
    assert_eq!(wrong, NONE);
}

/// What the law of a language calls consent (the stem of the word), controller, processor and supervisory authority: the
/// General Data Protection Regulation in its own versions (art. 4(7), (8), (11), (21)); elsewhere Norway's and Iceland's
/// versions of it, Ukraine's law 2297-VI, Türkiye's 6698, Brazil's 13.709, Israel's Privacy Protection Law after its
/// amendment 13, Korea's and China's Personal Information Protection Laws. Arabic, Japanese and traditional Chinese have the
/// Regulation's words as they are usually put there.
const LAW: &[(&str, [&str; 4])] = &[
    (
        "ar",
        [
            "موافق",
            "المتحكم في البيانات",
            "معالج البيانات",
            "السلطة الرقابية",
        ],
    ),
    (
        "bg",
        [
            "съгласие",
            "Администратор",
            "Обработващ лични данни",
            "надзорен орган",
        ],
    ),
    (
        "cs",
        ["souhlas", "Správce", "Zpracovatel", "dozorového úřadu"],
    ),
    (
        "da",
        [
            "samtykke",
            "Dataansvarlig",
            "Databehandler",
            "tilsynsmyndighed",
        ],
    ),
    (
        "de",
        [
            "einwillig",
            "Verantwortlicher",
            "Auftragsverarbeiter",
            "Aufsichtsbehörde",
        ],
    ),
    (
        "el",
        [
            "συγκατάθεσ",
            "Υπεύθυνος επεξεργασίας",
            "Εκτελών την επεξεργασία",
            "εποπτική αρχή",
        ],
    ),
    (
        "en",
        [
            "consent",
            "Controller",
            "Processor",
            "supervisory authority",
        ],
    ),
    (
        "es",
        [
            "consentimiento",
            "Responsable del tratamiento",
            "Encargado del tratamiento",
            "autoridad de control",
        ],
    ),
    (
        "et",
        [
            "nõusolek",
            "Vastutav töötleja",
            "Volitatud töötleja",
            "järelevalveasutus",
        ],
    ),
    (
        "fi",
        [
            "suostumu",
            "Rekisterinpitäjä",
            "Henkilötietojen käsittelijä",
            "valvontaviranomai",
        ],
    ),
    (
        "fr",
        [
            "consentement",
            "Responsable du traitement",
            "Sous-traitant",
            "autorité de contrôle",
        ],
    ),
    (
        "ga",
        ["oiliú", "Rialaitheoir", "Próiseálaí", "údarás maoirseachta"],
    ),
    ("he", ["הסכמ", "בעל השליטה במאגר המידע", "מחזיק", "רשות"]),
    (
        "hr",
        [
            "privol",
            "Voditelj obrade",
            "Izvršitelj obrade",
            "nadzornom tijelu",
        ],
    ),
    (
        "hu",
        [
            "hozzájárulás",
            "Adatkezelő",
            "Adatfeldolgozó",
            "felügyeleti hatóság",
        ],
    ),
    (
        "is",
        [
            "samþykki",
            "Ábyrgðaraðili",
            "Vinnsluaðili",
            "eftirlitsyfirvald",
        ],
    ),
    (
        "it",
        [
            "consenso",
            "Titolare del trattamento",
            "Responsabile del trattamento",
            "autorità di controllo",
        ],
    ),
    ("ja", ["同意", "データ管理者", "データ処理者", "監督機関"]),
    ("ko", ["동의", "개인정보처리자", "수탁자", "감독기관"]),
    (
        "lt",
        [
            "sutik",
            "Duomenų valdytojas",
            "Duomenų tvarkytojas",
            "priežiūros institucij",
        ],
    ),
    (
        "lv",
        [
            "piekrišan",
            "Pārzinis",
            "Apstrādātājs",
            "uzraudzības iestād",
        ],
    ),
    (
        "mt",
        [
            "kunsens",
            "Kontrollur",
            "Proċessur",
            "awtorità superviżorja",
        ],
    ),
    (
        "nb",
        [
            "samtykke",
            "Behandlingsansvarlig",
            "Databehandler",
            "tilsynsmyndighet",
        ],
    ),
    (
        "nl",
        [
            "toestemming",
            "Verwerkingsverantwoordelijke",
            "Verwerker",
            "toezichthoudende autoriteit",
        ],
    ),
    (
        "pl",
        [
            "zgod",
            "Administrator",
            "Podmiot przetwarzający",
            "organu nadzorczego",
        ],
    ),
    (
        "pt",
        [
            "consentimento",
            "Responsável pelo tratamento",
            "Subcontratante",
            "autoridade de controlo",
        ],
    ),
    (
        "pt-BR",
        ["consentimento", "Controlador", "Operador", "autoridade"],
    ),
    (
        "ro",
        [
            "consimțământ",
            "Operator",
            "Persoană împuternicită de operator",
            "autoritate de supraveghere",
        ],
    ),
    (
        "sk",
        [
            "súhlas",
            "Prevádzkovateľ",
            "Sprostredkovateľ",
            "dozornému orgánu",
        ],
    ),
    (
        "sl",
        ["privolit", "Upravljavec", "Obdelovalec", "nadzornem organu"],
    ),
    (
        "sv",
        [
            "samtyck",
            "Personuppgiftsansvarig",
            "Personuppgiftsbiträde",
            "tillsynsmyndighet",
        ],
    ),
    (
        "tr",
        [
            "açık rıza",
            "Veri sorumlusu",
            "Veri işleyen",
            "denetim makam",
        ],
    ),
    (
        "uk",
        [
            "згод",
            "Володілець персональних даних",
            "Розпорядник персональних даних",
            "наглядового органу",
        ],
    ),
    ("zh-Hans", ["同意", "个人信息处理者", "受托人", "监管机构"]),
    ("zh-Hant", ["同意", "資料控管者", "資料處理者", "監管機關"]),
];

#[test]
fn consent_and_those_who_answer_are_called_as_the_law_calls_them() {
    let tags: Vec<_> = LAW.iter().map(|(tag, _)| *tag).collect();
    assert_eq!(tags, languages().collect::<Vec<_>>());
    let mut wrong = Vec::new();
    for (tag, [consent, controller, processor, authority]) in LAW {
        let s = of(tag);
        let speaks = [s.intro, s.withdraw, s.exempt, s.no_script, s.stays];
        let speaks = speaks.map(|text| (text, text.to_lowercase().contains(consent)));
        let answers = [
            (s.controller, s.controller.starts_with(controller)),
            (s.processor, s.processor.starts_with(processor)),
            (s.authority, s.authority.contains(authority)),
        ];
        let other = speaks.into_iter().chain(answers).filter(|(_, is)| !is);
        wrong.extend(other.map(|(text, _)| std::format!("{tag}: {text}")));
    }
    assert_eq!(wrong, NONE);
}

#[test]
fn a_row_of_names_is_put_as_the_language_puts_it() {
    for (tag, strings) in ALL {
        let expected = match tag {
            "ar" => "، ",
            "ja" | "zh-Hans" | "zh-Hant" => "、",
            _ => ", ",
        };
        assert_eq!(strings.between, expected, "{tag}");
        // The same brackets as in the sentence that names the provider.
        let bracket = |text: &str| text.contains('（');
        assert_eq!(
            bracket(strings.provider_in),
            bracket(strings.provider),
            "{tag}"
        );
        assert_eq!(
            places(strings.provider_in),
            ["country", "provider"],
            "{tag}"
        );
    }
}

/// What is filled in may run the other way: it is set apart, so that it does not turn the words around it.
#[test]
fn from_right_to_left_what_is_filled_in_is_set_apart() {
    for (tag, strings) in ALL {
        let own = [("provider_in", TextKind::Label, strings.provider_in)];
        for (name, _, text) in texts(strings).into_iter().chain(own) {
            let filled_in = places(text).len();
            let apart = text
                .matches("\u{2068}{")
                .count()
                .min(text.matches("}\u{2069}").count());
            let expected = if strings.right_to_left { filled_in } else { 0 };
            assert_eq!(apart, expected, "{tag}.{name}: {text}");
        }
    }
}
