//! Small grammar for prompts: articles, times of day, framings, names.
//!
//! Plain tables of English as caption writers use it. Never guesses a meaning: a word it does not know passes through unchanged.

/// "WIDE" of a card → "wide shot"; unknown framings stay as they are.
pub fn framing_phrase(framing: &str) -> String {
    let framing = framing.trim().to_lowercase();
    match framing.as_str() {
        "" => String::new(),
        "close" | "close up" | "close-up" => "close-up".to_owned(),
        "medium close" => "medium close-up".to_owned(),
        "extreme close" => "extreme close-up".to_owned(),
        "insert" => "insert shot".to_owned(),
        other if other.ends_with("shot") || other.ends_with("close-up") || other.ends_with("view") => other.to_owned(),
        "overhead" => "overhead view".to_owned(),
        "point of view" => "point of view shot".to_owned(),
        other => match other.split_once(", ") {
            // Size and angle: "wide, low angle" → "low angle wide shot".
            Some((size, angle)) => format!("{} {}", angle.trim(), framing_phrase(size)),
            None => format!("{other} shot"),
        },
    }
}

/// "pan left" → "The camera pans left."
pub fn camera_sentence(camera: &str) -> String {
    let camera = camera.trim().to_lowercase();
    let (verb, rest) = camera.split_once(' ').unwrap_or((&camera, ""));
    let verb = match verb {
        "" => return String::new(),
        "static" | "still" | "fixed" => return "The camera is static.".to_owned(),
        "handheld" | "hand-held" => return "The camera is handheld.".to_owned(),
        "push" => "pushes",
        "pan" | "tilt" | "zoom" | "pull" | "track" | "crane" | "orbit" | "follow" | "move" | "rise" => {
            let tail = if rest.is_empty() { String::new() } else { format!(" {rest}") };
            return format!("The camera {verb}s{tail}.");
        }
        _ => return format!("Camera: {camera}."),
    };
    if rest.is_empty() { format!("The camera {verb} in.") } else { format!("The camera {verb} {rest}.") }
}

/// "SUNSET" → "at sunset"; empty for "CONTINUOUS" and the like, which say nothing of the light.
pub fn time_phrase(time: &str) -> String {
    let time = time.trim().to_lowercase();
    match time.as_str() {
        "" | "continuous" | "later" | "moments later" | "same" | "same time" | "present" | "flashback" => String::new(),
        "day" | "daytime" => "by day".to_owned(),
        "morning" | "afternoon" | "evening" => format!("in the {time}"),
        "early morning" | "late afternoon" | "late evening" => format!("in the {time}"),
        "night" | "dawn" | "dusk" | "sunset" | "sunrise" | "noon" | "midnight" | "midday" | "twilight" => {
            format!("at {time}")
        }
        "magic hour" | "golden hour" | "blue hour" => format!("at {time}"),
        "spring" | "summer" | "autumn" | "winter" => format!("in {time}"),
        other if other.starts_with("at ") || other.starts_with("in ") || other.starts_with("by ") => other.to_owned(),
        other => format!("at {other}"),
    }
}

/// What a heading says after the time: "EXT. BEACH - DAY, RAIN" → "in the rain"; empty for what is not weather ("FLASHBACK").
pub fn weather_phrase(heading: &str) -> String {
    let detail = kinora_screenplay::Heading::parse(heading).detail.unwrap_or_default().to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| detail.contains(word));
    let phrase = if says(&["rain", "storm", "downpour"]) {
        "in the rain"
    } else if says(&["snow", "blizzard"]) {
        "in falling snow"
    } else if says(&["fog", "mist"]) {
        "in fog"
    } else if says(&["cloud", "overcast"]) {
        "under a cloudy sky"
    } else if says(&["sun", "clear"]) {
        "under a clear sky"
    } else {
        ""
    };
    phrase.to_owned()
}

/// "BEACH" → "a beach", "MARA'S KITCHEN" → "Mara's kitchen", "HOUSE - KITCHEN" → "a kitchen, house".
pub fn place_noun(place: &str) -> String {
    let place = place.split_whitespace().collect::<Vec<_>>().join(" ");
    // The narrower place is what is seen; the wider follows.
    let mut parts: Vec<&str> = place.split(" - ").map(str::trim).filter(|part| !part.is_empty()).collect();
    parts.reverse();
    let Some((first, wider)) = parts.split_first() else { return String::new() };
    let mut text = with_article(first);
    for part in wider {
        text.push_str(", ");
        text.push_str(&lower_or_owner(part));
    }
    text
}

/// Lower case, except the owner in "MARA'S".
fn lower_or_owner(noun: &str) -> String {
    let mut words = noun.split(' ');
    let first = words.next().unwrap_or_default();
    let lower = first.to_lowercase();
    let owner = lower.ends_with("'s") || lower.ends_with("’s");
    let head = if owner { title_case(first) } else { lower };
    words.fold(head, |text, word| format!("{text} {}", word.to_lowercase()))
}

fn with_article(noun: &str) -> String {
    let text = lower_or_owner(noun);
    let first = text.split(' ').next().unwrap_or_default();
    let has_own = matches!(
        first,
        "a" | "an" | "the" | "my" | "our" | "his" | "her" | "their" | "on" | "in" | "at" | "under" | "inside"
    ) || first.ends_with("'s")
        || first.ends_with("’s");
    let last = text.split(' ').next_back().unwrap_or_default();
    let many = last.ends_with('s') && !last.ends_with("ss") && !last.ends_with("us") && !last.ends_with("is");
    let mass = matches!(last, "space" | "water" | "grass" | "sand" | "snow" | "darkness" | "void");
    let vowel = first.starts_with(['a', 'e', 'i', 'o', 'u']) && !first.starts_with("uni") && !first.starts_with("one");
    if has_own || many || mass {
        text
    } else if vowel {
        format!("an {text}")
    } else {
        format!("a {text}")
    }
}

/// "a young woman in a red coat" → "the young woman".
pub fn definite(descriptor: &str) -> String {
    let bare = descriptor
        .strip_prefix("a ")
        .or_else(|| descriptor.strip_prefix("an "))
        .or_else(|| descriptor.strip_prefix("the "));
    let Some(bare) = bare else { return descriptor.to_owned() };
    let cut =
        [" in ", " with ", " who ", " wearing ", " that ", " of ", ","].iter().filter_map(|word| bare.find(word)).min();
    format!("the {}", bare.get(..cut.unwrap_or(bare.len())).unwrap_or(bare))
}

/// "a young woman in a red coat" → "woman".
pub fn head_noun(descriptor: &str) -> String {
    let short = definite(&descriptor.trim().to_lowercase());
    let letters = |c: char| !c.is_alphanumeric();
    short.split(letters).rfind(|word| !word.is_empty()).unwrap_or_default().to_owned()
}

/// Cues that are no names but say who it is: CHILD, OLD MAN, GUARD #2.
pub fn is_common_noun(name: &str) -> bool {
    const NOUNS: [&str; 52] = [
        "adult",
        "baby",
        "ball",
        "bartender",
        "bear",
        "bird",
        "boy",
        "captain",
        "cat",
        "child",
        "clerk",
        "cook",
        "cop",
        "cow",
        "doctor",
        "dog",
        "driver",
        "farmer",
        "fish",
        "fox",
        "friend",
        "girl",
        "grandfather",
        "grandmother",
        "guard",
        "guest",
        "horse",
        "king",
        "lady",
        "lion",
        "man",
        "monster",
        "mouse",
        "neighbour",
        "nurse",
        "officer",
        "owl",
        "passenger",
        "pilot",
        "prince",
        "princess",
        "queen",
        "robot",
        "sailor",
        "soldier",
        "stranger",
        "student",
        "teacher",
        "traveller",
        "waiter",
        "waitress",
        "woman",
    ];
    let lower = name.to_lowercase();
    let owner = lower.contains("'s ") || lower.contains("’s ");
    let mut words = lower.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    !owner && words.next_back().is_some_and(|word| NOUNS.contains(&word))
}

/// Ends with a full stop, unless it already ends a sentence.
pub fn sentence(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() || text.ends_with(['.', '!', '?', '…', '”', '"', ':']) {
        return text;
    }
    format!("{}.", text.trim_end_matches([',', ';', '-', '–', '—', ' ']))
}

pub fn strip_stop(text: &str) -> &str {
    text.trim().trim_end_matches(['.', ' ', ','])
}

/// First letter lower when the first word is an article, so that "A young woman" fits inside a sentence.
pub fn in_sentence(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for article in ["A ", "An ", "The "] {
        if let Some(rest) = text.strip_prefix(article) {
            return format!("{}{rest}", article.to_lowercase());
        }
    }
    text
}

pub fn capitalise(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// "MARA JONES" → "Mara Jones"; names with lower case letters stay as they are.
pub fn title_case(name: &str) -> String {
    if name.chars().any(char::is_lowercase) && !name.ends_with("'s") && !name.ends_with("’s") {
        return name.to_owned();
    }
    name.split(' ').map(|word| capitalise(&word.to_lowercase())).collect::<Vec<_>>().join(" ")
}

pub fn same_name(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

/// Voice over and off screen: heard, not seen.
pub fn is_off_screen(extension: &str) -> bool {
    let letters: String = extension.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    letters.starts_with("vo") || letters.starts_with("os") || letters.starts_with("oc") || letters.contains("voice")
}

/// Bytes of the word at the beginning of `text`; 0 when it begins with something else.
pub fn word_length(text: &str) -> usize {
    text.char_indices()
        .find(|(_, c)| !(c.is_alphanumeric() || matches!(c, '\'' | '’')))
        .map_or(text.len(), |(at, _)| at)
}

/// Shouted words ("a BANG") in a quiet voice: capitals do not mean more to a picture.
pub fn calm(word: &str, sentence_start: bool) -> String {
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    let shouted = letters >= 2 && !word.chars().any(char::is_lowercase) && word.chars().any(char::is_uppercase);
    match (shouted, sentence_start) {
        (true, true) => capitalise(&word.to_lowercase()),
        (true, false) => word.to_lowercase(),
        (false, _) => word.to_owned(),
    }
}

/// Bytes of `text` taken by `name` at its beginning as a whole word. A name in the text counts when it is written with a capital
/// (so that the rose in her hand is not ROSE), in any case after `@`.
pub fn prefix_length(text: &str, name: &str, any_case: bool) -> Option<usize> {
    let name = name.trim();
    if name.is_empty() || !(any_case || text.starts_with(char::is_uppercase) || !name.starts_with(char::is_uppercase)) {
        return None;
    }
    let mut rest = text.char_indices();
    for wanted in name.chars() {
        let (_, found) = rest.next()?;
        if !found.to_lowercase().eq(wanted.to_lowercase()) {
            return None;
        }
    }
    match rest.next() {
        None => Some(text.len()),
        Some((at, next)) => (!next.is_alphanumeric()).then_some(at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_get_the_article_they_need() {
        for (place, wanted) in [
            ("BEACH", "a beach"),
            ("OLD BARN", "an old barn"),
            ("WOODS", "woods"),
            ("MARA'S KITCHEN", "Mara's kitchen"),
            ("HOUSE - KITCHEN", "a kitchen, house"),
            ("THE MOON", "the moon"),
            ("", ""),
        ] {
            assert_eq!(place_noun(place), wanted);
        }
    }

    #[test]
    fn a_second_mention_is_short() {
        assert_eq!(definite("a young woman in a red coat"), "the young woman");
        assert_eq!(definite("Mara"), "Mara");
    }

    #[test]
    fn a_name_is_a_whole_word() {
        assert_eq!(prefix_length("Marathon", "MARA", false), None);
        assert_eq!(prefix_length("Mara's hat", "MARA", false), Some(4));
        assert_eq!(prefix_length("rose in her hand", "ROSE", false), None);
        assert_eq!(prefix_length("rose", "ROSE", true), Some(4));
    }
}
