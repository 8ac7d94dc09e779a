//! Whether a sentence names a child, in the plain words of five languages: by word, by school, by age.
//! It exists for the most severe category: beside a child, less is enough to refuse a sexual sentence.
//! It must never refuse by itself; who grows up, goes to school or has children is what films are about.

/// Words that mean a child or somebody under age, whole.
const WORDS: &str = "child children childs kid kids teen teens tween tweens minor minors underage infant infants baby babies pupil pupils grader \
    graders girl girls boy boys lad lads lass lassie youngster youngsters daughter loli shota \
    kinder kindes kindern bub buben bube teenie jugendliche jugendlicher jugendlichen tochter sohnchen kita \
    enfant enfants fillette fillettes garcon garcons gamin gamine gamins gamines gosse gosses mome momes ados mineur mineure mineurs \
    mineures lyceen lyceenne lyceens lyceennes nina ninas nino ninos crio crios cria chaval chavala chavales menor menores nene nena \
    bimbo bimba bimbi bimbe bambino bambina bambini bambine minorenne minorenni liceale liceali alunno alunna alunni alunne";
/// How words that mean one begin.
const BEGINNINGS: &[&str] = &[
    "toddler",
    "teenag",
    "preteen",
    "adolescen",
    "schoolkid",
    "schoolchild",
    "schoolgirl",
    "schoolboy",
    "kindergart",
    "preschool",
    "prepubesc",
    "schulkind",
    "schulmad",
    "schuljung",
    "schuler",
    "grundschul",
    "kleinkind",
    "madchen",
    "minderjahrig",
    "halbwuchsig",
    "teenie",
    "backfisch",
    "ecolier",
    "collegien",
    "bambin",
    "ragazzin",
    "fanciull",
    "scolar",
    "scolett",
    "chiquill",
    "chiquit",
    "jovencit",
    "colegial",
    "escolar",
    "quinceaner",
    "muchachit",
    "pubesc",
    "impuber",
];
/// Who may be a child, if an age stands near: "my niece, she is nine".
const RELATIVES: &str = "she he her his niece nephew sister brother son sons granddaughter grandson stepdaughter stepson cousin nichte neffe sohn \
    schwester bruder enkel enkelin enkelkind stieftochter stiefsohn cousine niece neveu fille filles fils soeur frere petite petit sobrina \
    sobrino hija hijo nieta nieto hermana hermano nipote nipotina nipotino figlia figlio figliastra sorella fratello ragazza ragazzo muchacha";
/// Numbers under eighteen as words. A single digit is read as the letter that it may stand for, in a text that hides its words.
const NUMBERS: &str = "three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen \
    drei vier funf sechs sieben acht neun zehn elf zwolf dreizehn vierzehn funfzehn sechzehn siebzehn \
    trois quatre cinq sept huit neuf dix onze douze treize quatorze quinze seize \
    tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciseis diecisiete \
    tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici diciassette";
const DIGITS_AS_LETTERS: &str = "e a s g t b";
/// What makes a number an age.
const YEARS: &str =
    "year years yr yrs yo jahre jahren jahrig jahrige jahriger jahrigen jahriges ans anos anitos anni annetti";
/// Schools for those under age: an ordinal and one of these, or two words.
const CLASSES: &str = "grade grader graders klasse klassler klasslerin";
const ORDINALS: &[&str] = &[
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "erste",
    "zweite", "dritte", "vierte", "funfte", "sechste", "siebte", "achte", "neunte", "zehnte",
];
const PAIRS: &[(&str, &str)] = &[
    ("ein", "kind"),
    ("das", "kind"),
    ("dem", "kind"),
    ("einem", "kind"),
    ("dieses", "kind"),
    ("mein", "kind"),
    ("kleines", "kind"),
    ("junior", "high"),
    ("middle", "school"),
    ("high", "school"),
    ("primary", "school"),
    ("elementary", "school"),
    ("under", "age"),
    ("ecole", "primaire"),
    ("scuola", "elementare"),
    ("scuola", "media"),
    ("escuela", "primaria"),
    ("girl", "scout"),
    ("boy", "scout"),
];
/// A relative and a number so near are an age.
const NEAR: usize = 4;
const OF_AGE: u32 = 18;

/// Whether this sentence, in plain words, names a child.
#[must_use]
pub fn named_in(sentence: &str) -> bool {
    let words: Vec<&str> = sentence.split_whitespace().collect();
    let alone = |word: &str| {
        stands_in(WORDS, word) || BEGINNINGS.iter().any(|begin| word.starts_with(begin)) || is_age_in_a_word(word)
    };
    let pair = |one: &str, other: &str| {
        PAIRS.contains(&(one, other))
            || (stands_in(YEARS, other) && (is_young(one) || stands_in(DIGITS_AS_LETTERS, one)))
            || (matches!(one, "aged" | "age") && is_young(other))
            || (stands_in(CLASSES, other) && (ORDINALS.iter().any(|nth| one.starts_with(nth)) || is_young(one)))
    };
    let told = |near: &[&str]| {
        near.first().is_some_and(|first| stands_in(RELATIVES, first))
            && near.iter().any(|word| stands_in(NUMBERS, word) && *word != "once")
            && near.iter().any(|word| {
                matches!(*word, "is" | "was" | "just" | "only" | "turned" | "ist" | "wird" | "tiene" | "ha" | "a")
            })
    };
    words.iter().any(|word| alone(word))
        || words.windows(2).any(|two| matches!(*two, [one, other] if pair(one, other)))
        || (0..words.len()).any(|at| told(words.get(at..words.len().min(at + NEAR)).unwrap_or_default()))
}

fn stands_in(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|one| one == word)
}

fn is_young(word: &str) -> bool {
    stands_in(NUMBERS, word) || word.parse::<u32>().is_ok_and(|age| age < OF_AGE)
}

/// "Zehnjährige", in German one word.
fn is_age_in_a_word(word: &str) -> bool {
    word.find("jahrig").and_then(|at| word.get(..at)).is_some_and(is_young)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> bool {
        crate::plain_sentences(text).iter().any(|sentence| named_in(sentence))
    }

    #[test]
    fn children_are_known_by_word_by_school_and_by_age() {
        for text in [
            "A second grader twirls in her raincoat.",
            "Two eighth graders lose the spelling bee.",
            "My niece, she is nine, builds a kite.",
            "A junior high band rehearses.",
            "Eine Zehnjährige malt ein Pferd.",
            "Ein 12-jähriger Junge läuft.",
            "Une écolière traverse la rue.",
            "Un garçon de 9 ans lit.",
            "La niña de seis años dibuja.",
            "Una bambina gioca.",
            "Er geht in die vierte Klasse.",
        ] {
            assert!(named(text), "{text}");
        }
    }

    #[test]
    fn grown_ups_and_numbers_of_other_things_are_no_children() {
        for text in [
            "A woman of forty years paints a door.",
            "Nine lanterns hang over the river.",
            "Ein 40-jähriger Mann trinkt Kaffee.",
            "The minister reads first class mail.",
            "Un homme de trente ans court.",
        ] {
            assert!(!named(text), "{text}");
        }
    }
}
