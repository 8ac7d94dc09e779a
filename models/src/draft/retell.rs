//! Prose told again in the one order that the draft model was taught: framing, place, time, weather; who does what; camera.
//!
//! A screenplay names its robot three times and its forest twice; the model has only seen captions that say each thing once, and
//! draws two robots in one. A caption that says everything once is left as it is. **Never here:** words that the prompt does not
//! hold, but for two that every caption has: a figure without an action stands, and one that goes nowhere in particular goes right.

/// A clip of the model has room for two figures, the second of which stands by.
const TOGETHER: [Action; 6] = [Action::Stand, Action::Bounce, Action::Jump, Action::Spin, Action::Fall, Action::Rise];
/// The same thing said again within so many words is one phrase: "on the moon in space".
const ONE_PHRASE: usize = 3;

const SUBJECTS: [&str; 23] = [
    "ball", "box", "cube", "star", "balloon", "car", "boat", "sailboat", "train", "rocket", "bird", "fish", "cat",
    "dog", "horse", "woman", "man", "child", "kid", "robot", "house", "tree", "lizard",
];
const COLOURS: [&str; 10] = ["red", "orange", "yellow", "green", "blue", "purple", "pink", "white", "black", "brown"];
const GARMENTS: [&str; 3] = ["dress", "coat", "shirt"];
const PLACES: [(&str, &str); 19] = [
    ("meadow", "meadow"),
    ("grassy", "meadow"),
    ("beach", "beach"),
    ("sandy", "beach"),
    ("desert", "desert"),
    ("dunes", "desert"),
    ("snowfield", "snowfield"),
    ("city", "city"),
    ("street", "city"),
    ("ocean", "ocean"),
    ("sea", "ocean"),
    ("forest", "forest"),
    ("woods", "forest"),
    ("space", "space"),
    ("moon", "space"),
    ("room", "room"),
    ("indoors", "room"),
    ("mountain", "mountain"),
    ("mountains", "mountain"),
];
const TIMES: [(&str, &str); 10] = [
    ("day", "day"),
    ("daylight", "day"),
    ("sunset", "sunset"),
    ("dusk", "sunset"),
    ("evening", "sunset"),
    ("night", "night"),
    ("dawn", "dawn"),
    ("sunrise", "dawn"),
    ("morning", "dawn"),
    ("dark", "night"),
];
const WEATHERS: [(&str, &str); 13] = [
    ("clear", "clear"),
    ("sunny", "clear"),
    ("cloudy", "cloudy"),
    ("clouds", "cloudy"),
    ("overcast", "cloudy"),
    ("rain", "rain"),
    ("rainy", "rain"),
    ("snow", "snow"),
    ("snowfall", "snow"),
    ("snowy", "snow"),
    ("fog", "fog"),
    ("foggy", "fog"),
    ("mist", "fog"),
];
const GOING: [&str; 15] = [
    "walks", "runs", "drives", "races", "rolls", "sails", "flies", "swims", "floats", "drifts", "slides", "moves",
    "goes", "crosses", "cross",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Go,
    Bounce,
    Rise,
    Fall,
    Jump,
    Spin,
    Stand,
}

#[derive(Debug)]
struct Figure {
    at: usize,
    noun: &'static str,
    colour: Option<&'static str>,
}

/// What a prompt says, slot by slot, each with the place of its word.
#[derive(Debug, Default)]
struct Told {
    figures: Vec<Figure>,
    places: Vec<(usize, &'static str)>,
    times: Vec<(usize, &'static str)>,
    weathers: Vec<(usize, &'static str)>,
    actions: Vec<(usize, Action, String)>,
    ways: Vec<(usize, &'static str)>,
    shots: Vec<(usize, &'static str)>,
    cameras: Vec<(usize, String)>,
    /// Where "beside", "near" or "next to" stands.
    beside: Option<usize>,
}

/// A word that the model knows.
#[derive(Debug, Clone)]
pub(super) struct Word {
    pub text: String,
    /// Is it the writer's own, and not the nearest that the lexicon has?
    pub own: bool,
}

/// The words again, in the order of a caption; `None` when they say everything once, or hold no figure that could do anything.
pub(super) fn retold(words: &[Word]) -> Option<Vec<String>> {
    let mut told = Told::read(words);
    // In "a robot in a room with a window" the lexicon's box for the window is no figure.
    let own = |figure: &Figure| words.get(figure.at).is_some_and(|word| word.own);
    let all = told.figures.len();
    if told.figures.iter().any(own) {
        told.figures.retain(own);
    }
    let too_many = told.figures.len() < all;
    told.figures.first()?;
    (too_many || told.wanting()).then(|| told.caption())
}

/// A word of a table, as the table holds it.
fn known<'a>(table: &[(&'a str, &'a str)], word: &str) -> Option<&'a str> {
    table.iter().find(|(from, _)| *from == word).map(|(_, to)| *to)
}

fn plain(table: &[&'static str], word: &str) -> Option<&'static str> {
    table.iter().copied().find(|known| *known == word)
}

impl Told {
    fn read(words: &[Word]) -> Self {
        let word = |at: usize| words.get(at).map_or("", |word| word.text.as_str());
        let mut told = Self::default();
        let mut at = 0;
        while at < words.len() {
            at += told.take(at, &word).max(1);
        }
        told
    }

    /// Reads what begins at a word; how many words that were.
    fn take<'w>(&mut self, at: usize, word: &impl Fn(usize) -> &'w str) -> usize {
        let (here, next, before) = (word(at), word(at + 1), word(at.wrapping_sub(1)));
        if let Some(length) = self.camera(at, here, next, word(at + 2)) {
            return length;
        }
        if let Some(length) = self.shot(at, here, next) {
            return length;
        }
        if let Some(noun) = plain(&SUBJECTS, here) {
            let worn = next == "in" && GARMENTS.contains(&word(at + 3));
            let colour = if worn { plain(&COLOURS, word(at + 2)) } else { plain(&COLOURS, before) };
            self.figures.push(Figure { at, noun, colour });
            return if worn { 4 } else { 1 };
        }
        if here == "snowy" && next == "field" {
            self.places.push((at, "snowfield"));
            return 2;
        }
        // "Rain falls" and "falling snow" are weather, not what a figure does.
        let falls = |w: &str| matches!(w, "fall" | "falls" | "falling" | "drops");
        if let Some(weather) = known(&WEATHERS, here) {
            self.weathers.push((at, weather));
            return if falls(next) { 2 } else { 1 };
        }
        if falls(here) && known(&WEATHERS, next).is_some() {
            return 1;
        }
        if let Some(place) = known(&PLACES, here) {
            self.places.push((at, place));
        } else if let Some(time) = known(&TIMES, here) {
            self.times.push((at, time));
        } else if matches!(here, "beside" | "near" | "next") {
            self.beside = Some(at);
        } else if let Some(way) = plain(&["left", "right"], here) {
            self.ways.push((at, way));
        } else if let Some(action) = action(here, next) {
            self.actions.push((at, action, here.to_owned()));
        }
        1
    }

    fn camera(&mut self, at: usize, here: &str, next: &str, after: &str) -> Option<usize> {
        // "camera" before it is part of the phrase.
        let (verb, toward, length) = if here == "camera" { (next, after, 3) } else { (here, next, 2) };
        let whole = match verb {
            "pan" | "pans" if matches!(toward, "left" | "right") => format!("pans {toward}"),
            "tilt" | "tilts" if matches!(toward, "up" | "down") => format!("tilts {toward}"),
            "zoom" | "zooms" if matches!(toward, "in" | "out") => format!("zooms {toward}"),
            "pushes" if toward == "in" => "zooms in".to_owned(),
            "pulls" if matches!(toward, "back" | "out") => "zooms out".to_owned(),
            "holds" if toward == "still" => "static".to_owned(),
            "static" => {
                let length = if here == "camera" || next == "camera" { 2 } else { 1 };
                self.cameras.push((at, "static".to_owned()));
                return Some(length);
            }
            _ if here == "camera" => return Some(1),
            _ => return None,
        };
        self.cameras.push((at, whole));
        Some(length)
    }

    fn shot(&mut self, at: usize, here: &str, next: &str) -> Option<usize> {
        let framed = matches!(next, "shot" | "up" | "close" | "closeup");
        let shot = match here {
            "wide" => "wide",
            "long" if next == "shot" => "wide",
            "medium" | "mid" => "medium",
            "closeup" => "close",
            "close" if framed => "close",
            _ => return None,
        };
        self.shots.push((at, shot));
        Some(if matches!(next, "shot" | "up") { 2 } else { 1 })
    }

    /// Does it say a thing twice, or leave out what a caption always has?
    fn wanting(&self) -> bool {
        let again = |said: &[(usize, &'static str)]| {
            said.windows(2).any(|pair| match pair {
                [(a, x), (b, y)] => x != y || b - a > ONE_PHRASE,
                _ => false,
            })
        };
        let one_each = self
            .figures
            .iter()
            .enumerate()
            .all(|(i, figure)| self.figures.iter().skip(i + 1).all(|other| other.noun != figure.noun));
        let crowd = match self.figures.as_slice() {
            [_] => false,
            // "beside a blue box", "next to a woman in a blue dress"
            [_, other] => !self.beside.is_some_and(|at| at < other.at && other.at - at <= ONE_PHRASE),
            _ => true,
        };
        let idle = self.actions.is_empty();
        let lost = self.actions.first().is_some_and(|(_, action, _)| *action == Action::Go) && self.ways.is_empty();
        !one_each
            || crowd
            || idle
            || lost
            || self.actions.len() > 1 && self.actions.iter().any(|(_, action, _)| Some(*action) != self.first_action())
            || again(&self.places)
            || again(&self.times)
            || again(&self.weathers)
            || self.shots.len() > 1
            || self.cameras.len() > 1
    }

    fn first_action(&self) -> Option<Action> {
        self.actions.first().map(|(_, action, _)| *action)
    }

    fn caption(&self) -> Vec<String> {
        let mut words: Vec<&str> = Vec::new();
        // "Medium close-up" is rather close.
        if let Some((_, shot)) = self.shots.last() {
            words.extend([*shot, "shot"]);
        }
        let place = self.places.first().map(|(_, place)| *place);
        words.extend(place);
        // Space shows neither time nor weather, a room no weather: captions there never say one.
        words.extend(self.times.first().map(|(_, time)| *time).filter(|_| place != Some("space")));
        let weather = self.weathers.iter().find(|(_, weather)| *weather != "clear").or(self.weathers.first());
        words.extend(weather.map(|(_, weather)| *weather).filter(|_| !matches!(place, Some("space" | "room"))));
        let Some(first) = self.figures.first() else { return Vec::new() };
        let second = self.figures.iter().find(|figure| figure.noun != first.noun);
        words.extend(self.colour(first.noun));
        words.push(first.noun);
        let does = self.does(first, second);
        let action = does.map_or(Action::Stand, |(_, action, _)| *action);
        let way = self
            .ways
            .iter()
            .rev()
            .find(|(at, _)| does.is_some_and(|(from, ..)| at > from))
            .map_or("right", |(_, way)| *way);
        match action {
            Action::Go => match does.map_or("moves", |(.., verb)| verb.as_str()) {
                "crosses" | "cross" if way == "right" => words.extend(["crosses", "from", "left", "to", "right"]),
                "crosses" | "cross" => words.extend(["crosses", "from", "right", "to", "left"]),
                verb => words.extend([verb, "to", way]),
            },
            Action::Bounce => words.extend(["bounces", "up", "and", "down"]),
            Action::Rise => words.extend(["rises", "into", "air"]),
            Action::Fall => words.extend(["falls", "to", "ground"]),
            Action::Jump => words.extend(["jumps", "up"]),
            Action::Spin => words.extend(["spins", "around"]),
            Action::Stand => words.extend(["stands", "still"]),
        }
        if let Some(second) = second.filter(|_| TOGETHER.contains(&action)) {
            words.push("beside");
            words.extend(self.colour(second.noun));
            words.push(second.noun);
        }
        if let Some((_, camera)) = self.cameras.last() {
            words.push("camera");
            words.extend(camera.split(' '));
        }
        words.into_iter().map(str::to_owned).collect()
    }

    fn colour(&self, noun: &str) -> Option<&'static str> {
        self.figures.iter().filter(|figure| figure.noun == noun).find_map(|figure| figure.colour)
    }

    /// What the first figure does: the first action after it and before the other figure, or else any.
    fn does(&self, first: &Figure, second: Option<&Figure>) -> Option<&(usize, Action, String)> {
        let until = second.map_or(usize::MAX, |figure| figure.at);
        self.actions.iter().find(|(at, ..)| *at > first.at && *at < until).or(self.actions.first())
    }
}

fn action(here: &str, next: &str) -> Option<Action> {
    Some(match here {
        "goes" | "floats" | "flies" if next == "up" => Action::Rise,
        _ if plain(&GOING, here).is_some() => Action::Go,
        "bounce" | "bounces" => Action::Bounce,
        "rise" | "rises" => Action::Rise,
        "fall" | "falls" | "falling" | "drops" => Action::Fall,
        "jump" | "jumps" | "leaps" | "hops" => Action::Jump,
        "spin" | "spins" | "rotates" | "turns" => Action::Spin,
        "stand" | "stands" | "waits" | "rests" | "still" => Action::Stand,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(prompt: &str) -> Option<String> {
        let word = |word: &str| Word { text: word.trim_start_matches('~').to_owned(), own: !word.starts_with('~') };
        let words: Vec<Word> = prompt.split_whitespace().map(word).collect();
        retold(&words).map(|words| words.join(" "))
    }

    #[test]
    fn what_is_said_once_is_left_as_it_is() {
        for prompt in [
            "yellow man floats up ocean in early morning rain falls camera zooms out wide shot",
            "woman in green dress walks from right to left forest by night in rainy weather camera static mid shot",
            "woman in brown dress falls to ground on moon in space camera holds still",
            "orange bird hops at sea on ocean at sunset in mist camera holds still",
            "medium shot snowfield day snow red ball bounces up and down beside blue box camera pans left",
            "white house still in city on street at night in falling snow",
        ] {
            assert_eq!(told(prompt), None, "{prompt}");
        }
    }

    #[test]
    fn a_screenplay_that_names_its_figure_twice_is_told_once() {
        assert_eq!(
            told("wide shot desert by day white robot crosses desert in clear day camera pans left white robot")
                .as_deref(),
            Some("wide shot desert day clear white robot crosses from left to right camera pans left")
        );
        assert_eq!(
            told("forest at night white robot walks forest in rain at night").as_deref(),
            Some("forest night rain white robot walks to right")
        );
    }

    #[test]
    fn a_second_figure_stands_by_unless_the_first_goes_away() {
        assert_eq!(
            told("room by day white robot stands in room orange cat walks").as_deref(),
            Some("room day white robot stands still beside orange cat")
        );
        assert_eq!(
            told("forest at night orange cat walks beside robot").as_deref(),
            Some("forest night orange cat walks to right")
        );
    }

    #[test]
    fn what_the_lexicon_put_in_is_no_figure_beside_one_that_was_named() {
        assert_eq!(
            told("room ~box by day white robot stands in room").as_deref(),
            Some("room day white robot stands still")
        );
        assert_eq!(told("room ~box by day white robot ~stands").as_deref(), Some("room day white robot stands still"));
        assert_eq!(told("forest at night ~lizard").as_deref(), Some("forest night lizard stands still"));
    }

    #[test]
    fn a_figure_that_does_nothing_known_stands_and_snow_that_falls_is_weather() {
        assert_eq!(
            told("medium close up mountain at dawn white robot").as_deref(),
            Some("close shot mountain dawn white robot stands still")
        );
        assert_eq!(
            told("snow falls on mountain at dawn white robot stands still and orange cat stands beside").as_deref(),
            Some("mountain dawn snow white robot stands still beside orange cat")
        );
        assert_eq!(told("snow falls"), None);
    }
}
