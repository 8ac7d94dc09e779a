//! Who has which voice: the same character the same in every shot, different characters different.
//!
//! A voice comes from the character's name, unless the cast says something of it ("a deep, slow voice", "German"). Voices are steps of
//! pitch far enough apart to be told from each other; a taken step is left to who came first. Nothing here is random.

use crate::film::{CastMember, CastRole};
use std::collections::{BTreeMap, BTreeSet};

/// How somebody sounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Person {
    pub language: &'static str,
    pub speaker: u32,
    pub pitch_hertz: u32,
    pub timbre_permille: u32,
    pub rate_permille: u32,
}

/// From a deep to a high voice, each an eighth above the one before: two semitones, which every ear tells apart.
const STEPS: [(u32, u32); 10] = [
    (104, 830),
    (117, 850),
    (132, 880),
    (148, 910),
    (167, 940),
    (188, 970),
    (211, 1000),
    (237, 1040),
    (267, 1090),
    (300, 1150),
];
/// Steps from here on are high voices.
const HIGH_FROM: usize = 5;
/// What is spoken when nobody says otherwise.
const USUAL_LANGUAGE: &str = "en-US";
const LANGUAGES: [(&str, &str); 18] = [
    ("american", "en-US"),
    ("british", "en-GB"),
    ("english", "en-US"),
    ("french", "fr-FR"),
    ("german", "de-DE"),
    ("italian", "it-IT"),
    ("spanish", "es-ES"),
    ("en-us", "en-US"),
    ("en-gb", "en-GB"),
    ("fr-fr", "fr-FR"),
    ("de-de", "de-DE"),
    ("it-it", "it-IT"),
    ("es-es", "es-ES"),
    ("français", "fr-FR"),
    ("deutsch", "de-DE"),
    ("italiano", "it-IT"),
    ("español", "es-ES"),
    ("scottish", "en-GB"),
];

/// Every speaking character's voice.
#[derive(Clone, Debug, Default)]
pub struct Casting {
    people: BTreeMap<String, Person>,
}

impl Casting {
    /// `names` in the order in which they first speak.
    pub fn new<'a>(names: impl Iterator<Item = &'a str>, cast: impl Iterator<Item = &'a CastMember>) -> Self {
        let members: BTreeMap<String, &CastMember> = cast
            .filter(|member| member.role == CastRole::Character)
            .map(|member| (known(&member.name), member))
            .collect();
        let mut people: BTreeMap<String, Person> = BTreeMap::new();
        let mut taken: BTreeSet<usize> = BTreeSet::new();
        for name in names {
            let name = known(name);
            if people.contains_key(&name) {
                continue;
            }
            let member = members.get(&name);
            let wish =
                Wish::of(member.map_or("", |member| &member.voice), member.map_or("", |member| &member.descriptor));
            let step = wish.step(&name, &taken);
            taken.insert(step);
            people.insert(name, wish.person(step));
        }
        Self { people }
    }

    /// The voice of a character; somebody of the middle for who never speaks.
    pub fn person(&self, name: &str) -> Person {
        self.people.get(&known(name)).copied().unwrap_or_else(|| Wish::default().person(HIGH_FROM))
    }
}

fn known(name: &str) -> String {
    name.trim().to_uppercase()
}

/// What the cast says of a voice, in words.
#[derive(Clone, Copy, Debug, Default)]
struct Wish {
    high: Option<bool>,
    rate_permille: Option<u32>,
    language: Option<&'static str>,
}

impl Wish {
    /// What the voice's own text leaves open, the description of the person may say.
    fn of(voice: &str, descriptor: &str) -> Self {
        let (voice, about) = (Self::read(voice), Self::read(descriptor));
        Self { high: voice.high.or(about.high), rate_permille: voice.rate_permille, language: voice.language }
    }

    fn read(text: &str) -> Self {
        let mut wish = Self::default();
        for word in text.to_lowercase().split(|c: char| !(c.is_alphanumeric() || c == '-')) {
            match word {
                "deep" | "low" | "dark" | "man" | "men" | "male" | "father" | "king" | "grandfather" | "giant"
                | "bass" => {
                    wish.high = wish.high.or(Some(false));
                }
                "high" | "bright" | "woman" | "female" | "girl" | "boy" | "child" | "mother" | "queen"
                | "grandmother" | "soprano" => {
                    wish.high = wish.high.or(Some(true));
                }
                "slow" | "calm" => wish.rate_permille = Some(900),
                "fast" | "quick" | "hasty" => wish.rate_permille = Some(1120),
                _ => wish.language = wish.language.or(language(word)),
            }
        }
        wish
    }

    /// The name's own step, or the next one that is free; a full house shares.
    fn step(self, name: &str, taken: &BTreeSet<usize>) -> usize {
        let allowed: Vec<usize> =
            (0..STEPS.len()).filter(|step| self.high.is_none_or(|high| high == (*step >= HIGH_FROM))).collect();
        // FNV-1a, which is the same on every machine for ever.
        let hash = name.bytes().fold(0x811c_9dc5_u32, |sum, byte| (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        let begin = (hash >> 8) as usize;
        // Three steps on, so that neighbours in the list are no neighbours in the ear; three shares no factor with five or ten.
        let order = || (0..allowed.len()).filter_map(|by| allowed.get((begin + by * 3) % allowed.len()).copied());
        order().find(|step| !taken.contains(step)).or_else(|| order().next()).unwrap_or(HIGH_FROM)
    }

    fn person(self, step: usize) -> Person {
        let (pitch_hertz, timbre_permille) = STEPS.get(step).copied().unwrap_or((188, 970));
        Person {
            language: self.language.unwrap_or(USUAL_LANGUAGE),
            speaker: u32::try_from(step).unwrap_or(0),
            pitch_hertz,
            timbre_permille,
            rate_permille: self.rate_permille.unwrap_or(1000),
        }
    }
}

/// What a parenthetical does to a voice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Delivery {
    pub language: Option<&'static str>,
    pub pitch_permille: u32,
    pub rate_permille: u32,
    pub gain_millibels: i32,
}

pub(crate) fn delivered(parenthetical: &str) -> Delivery {
    let mut how = Delivery { language: None, pitch_permille: 1000, rate_permille: 1000, gain_millibels: 0 };
    let mut before = "";
    let text = parenthetical.to_lowercase();
    for word in text.split(|c: char| !(c.is_alphanumeric() || c == '-')).filter(|word| !word.is_empty()) {
        match word {
            "whisper" | "whispers" | "whispering" | "whispered" => {
                (how.gain_millibels, how.pitch_permille, how.rate_permille) = (-900, 930, 930);
            }
            "quiet" | "quietly" | "soft" | "softly" | "murmurs" | "murmuring" | "mutters" | "muttering" | "sotto" => {
                (how.gain_millibels, how.pitch_permille) = (-500, 960);
            }
            "shout" | "shouts" | "shouting" | "yell" | "yells" | "yelling" | "screams" | "screaming" | "calling" => {
                (how.gain_millibels, how.pitch_permille, how.rate_permille) = (500, 1180, 1050);
            }
            "loud" | "loudly" => how.gain_millibels = 400,
            "slow" | "slowly" | "tired" | "sadly" | "sad" => how.rate_permille = 880,
            "fast" | "quickly" | "excited" | "excitedly" | "hurried" | "hurrying" => how.rate_permille = 1140,
            _ if before == "in" => how.language = how.language.or(language(word)),
            _ => {}
        }
        before = word;
    }
    how
}

fn language(word: &str) -> Option<&'static str> {
    LANGUAGES.iter().find(|(name, _)| *name == word).map(|(_, language)| *language)
}

/// Off screen is further away; a voice over is not.
pub(crate) fn is_distant(extension: &str) -> bool {
    let letters: String = extension.chars().filter(|c| c.is_alphanumeric()).collect();
    matches!(letters.to_uppercase().as_str(), "OS" | "OC" | "OFFSCREEN" | "OFFCAMERA")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn voices(names: &[&str]) -> Vec<u32> {
        let casting = Casting::new(names.iter().copied(), [].into_iter());
        names.iter().map(|name| casting.person(name).pitch_hertz).collect()
    }

    #[test]
    fn ten_characters_have_ten_voices_and_keep_them_when_another_comes() {
        let names = ["MARA", "PIM", "CAT", "JONAS", "THE KEEPER", "ADA", "BO", "MR. WU", "Élodie", "兎"];
        let found = voices(&names);
        let different: BTreeSet<u32> = found.iter().copied().collect();
        assert_eq!(different.len(), names.len());
        let again = voices(&[&names[..], &["A LATECOMER"]].concat());
        assert_eq!(found, again[..names.len()]);
        assert_eq!(voices(&["mara "]), voices(&["MARA"]));
    }

    #[test]
    fn the_cast_says_who_is_deep_and_who_speaks_german() {
        let member = |voice: &str, descriptor: &str| CastMember {
            id: crate::CastId(1),
            role: CastRole::Character,
            name: "Mara".to_owned(),
            descriptor: descriptor.to_owned(),
            references: Vec::new(),
            voice: voice.to_owned(),
            seed: None,
            wardrobe: BTreeMap::new(),
            colour: None,
            cameo: None,
        };
        let cast = [member("deep and slow, German", "a young woman")];
        let mara = Casting::new(["MARA"].into_iter(), cast.iter()).person("MARA");
        assert!(mara.pitch_hertz < 170 && mara.rate_permille < 1000);
        assert_eq!(mara.language, "de-DE");
        let cast = [member("", "a young woman in a red coat")];
        assert!(Casting::new(["MARA"].into_iter(), cast.iter()).person("MARA").pitch_hertz > 180);
    }

    #[test]
    fn a_parenthetical_changes_the_delivery() {
        assert!(delivered("whispering, in French").gain_millibels < -600);
        assert_eq!(delivered("whispering, in French").language, Some("fr-FR"));
        assert!(delivered("shouting").gain_millibels > 0);
        assert_eq!(delivered("not stopping"), delivered(""));
    }
}
