//! The words a shot is made from, composed the same way every time.
//!
//! A film-maker must see exactly what an engine is told, and why each word is there: so the prompt is made of [`Piece`]s with an
//! origin, and joining the pieces gives the text. It never looks at a model and never invents what neither script nor cast says.

mod style;
mod words;

pub(crate) use words::is_off_screen;
pub use words::same_name;

use crate::film::{CastMember, CastRole, Film, Scene, Shot};
use crate::id::SceneId;
use serde::{Deserialize, Serialize};
use words::{capitalise, definite, in_sentence, sentence, strip_stop};

/// Where a piece of a prompt comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The scene's heading: place, interior or exterior, time of day.
    Heading,
    /// Framing and camera of the shot, from its note or its card.
    ShotNote,
    /// The script's action.
    Action,
    /// A description from the cast.
    Cast,
    /// Who speaks, and what.
    Dialogue,
    /// The film's or the shot's style.
    Style,
    /// Written by hand instead of all the others.
    Override,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    pub text: String,
    pub origin: Origin,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShotPrompt {
    /// What is sent; the pieces joined.
    pub text: String,
    pub negative: String,
    pub pieces: Vec<Piece>,
}

impl ShotPrompt {
    /// What the script or a person says is to happen, with what the cast list says of it; without heading, camera, style and speech.
    #[must_use]
    pub fn told(&self) -> String {
        let told = |piece: &&Piece| matches!(piece.origin, Origin::Action | Origin::Cast | Origin::Override);
        self.pieces.iter().filter(told).map(|piece| piece.text.as_str()).collect()
    }

    fn push(&mut self, origin: Origin, text: &str) {
        if text.is_empty() {
            return;
        }
        self.text.push_str(text);
        match self.pieces.last_mut() {
            Some(last) if last.origin == origin => last.text.push_str(text),
            _ => self.pieces.push(Piece { text: text.to_owned(), origin }),
        }
    }

    /// A new sentence after what is there.
    fn gap(&mut self) {
        if let Some(last) = self.pieces.last_mut() {
            last.text.push(' ');
            self.text.push(' ');
        }
    }
}

/// The prompt of a shot, as it will be sent.
///
/// In this order: framing and place ("Wide shot, a beach at sunset."), action with the cast described, camera ("The camera pans
/// left."), style, and last the spoken words in quotation marks, which engines without speech may leave out.
pub fn compose(film: &Film, shot: &Shot) -> ShotPrompt {
    let mut prompt = ShotPrompt { negative: film.settings.negative.trim().to_owned(), ..ShotPrompt::default() };
    if let Some(text) = shot.prompt_override.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        let mut cast = CastWords::new(film, shot);
        cast.only_marked = true;
        cast.describe(&mut prompt, Origin::Override, text);
        return prompt;
    }
    let mut cast = CastWords::new(film, shot);
    place_sentence(&mut prompt, film, shot);
    action(&mut prompt, &mut cast, shot);
    let camera = words::camera_sentence(&shot.camera);
    if !camera.is_empty() {
        prompt.gap();
        prompt.push(Origin::ShotNote, &camera);
    }
    style(&mut prompt, film, shot);
    speech(&mut prompt, &mut cast, shot);
    prompt
}

/// "Wide shot, a beach at sunset."
fn place_sentence(prompt: &mut ShotPrompt, film: &Film, shot: &Shot) {
    let framing = words::framing_phrase(&shot.framing);
    let scene = film.scenes.get(shot.scene);
    let place = scene.map(place_phrase).unwrap_or_default();
    let time = scene.map(|scene| words::time_phrase(&scene.time_of_day)).unwrap_or_default();
    if framing.is_empty() && place.is_empty() {
        return;
    }
    let look = place_look(film, scene);
    // A look of the same noun says the place: "inside a small room with one large window", not "inside a room, a small room".
    let noun = words::head_noun(&place);
    let same = !noun.is_empty() && look.starts_with("a") && words::head_noun(&look) == noun;
    prompt.push(Origin::ShotNote, &capitalise(&framing));
    if !place.is_empty() {
        let inside = if place.starts_with("inside ") { "inside " } else { "" };
        if !framing.is_empty() {
            prompt.push(Origin::ShotNote, ", ");
        }
        let (lead, seen) = if same { (inside, look.as_str()) } else { ("", place.as_str()) };
        let origin = if same { Origin::Cast } else { Origin::Heading };
        let starts = framing.is_empty();
        prompt.push(Origin::Heading, &if starts { capitalise(lead) } else { lead.to_owned() });
        prompt.push(origin, &if starts && lead.is_empty() { capitalise(seen) } else { seen.to_owned() });
        if !time.is_empty() {
            prompt.push(Origin::Heading, " ");
            prompt.push(Origin::Heading, &time);
        }
        let weather = scene.map(|scene| words::weather_phrase(&scene.heading)).unwrap_or_default();
        if !weather.is_empty() {
            prompt.push(Origin::Heading, ", ");
            prompt.push(Origin::Heading, &weather);
        }
        if !look.is_empty() && !same {
            prompt.push(Origin::Heading, ", ");
            prompt.push(Origin::Cast, &look);
        }
    }
    prompt.push(if place.is_empty() { Origin::ShotNote } else { Origin::Heading }, ".");
}

fn place_phrase(scene: &Scene) -> String {
    let place = words::place_noun(&scene.place);
    if place.is_empty() {
        return String::new();
    }
    let inside = matches!(scene.setting.as_str(), "interior" | "both") && !place.starts_with("inside ");
    if inside { format!("inside {place}") } else { place }
}

/// How the cast's place of that name looks.
fn place_look(film: &Film, scene: Option<&Scene>) -> String {
    let Some(scene) = scene else { return String::new() };
    film.cast
        .iter()
        .find(|member| member.role == CastRole::Place && words::same_name(&member.name, &scene.place))
        .map(|member| in_sentence(strip_stop(&member.descriptor)))
        .unwrap_or_default()
}

fn action(prompt: &mut ShotPrompt, cast: &mut CastWords<'_>, shot: &Shot) {
    let description = shot.description.trim();
    if !description.is_empty() {
        prompt.gap();
        cast.describe(prompt, Origin::Action, &sentence(description));
        cast.shown_in(description);
        return;
    }
    // Nothing but talk: show who talks.
    let mut shown: Vec<&str> = Vec::new();
    let on_screen =
        shot.dialogue.iter().filter(|line| line.extension.is_empty() || !words::is_off_screen(&line.extension));
    for name in on_screen.map(|line| line.character.as_str()).chain(shot.characters.iter().map(String::as_str)) {
        if !shown.iter().any(|other| words::same_name(other, name)) {
            shown.push(name);
        }
    }
    for name in shown.into_iter().take(2) {
        prompt.gap();
        let talks = shot.dialogue.iter().any(|line| words::same_name(&line.character, name));
        let (text, origin) = cast.mention(name);
        prompt.push(origin, &capitalise(&text));
        prompt.push(Origin::Dialogue, if talks { " talks." } else { " listens." });
    }
}

fn style(prompt: &mut ShotPrompt, film: &Film, shot: &Shot) {
    let time = film.scenes.get(shot.scene).map_or("", |scene| scene.time_of_day.as_str());
    for style in [&shot.style, &film.settings.style] {
        let style = style.trim();
        if style.is_empty() {
            continue;
        }
        let named = film.cast.iter().find(|member| {
            member.role == CastRole::Style && words::same_name(&member.name, style.trim_start_matches('@'))
        });
        let text = named.map_or(style, |member| member.descriptor.trim());
        let text = style::style_sentence(text, time);
        if !text.is_empty() {
            prompt.gap();
            prompt.push(Origin::Style, &text);
        }
    }
}

fn speech(prompt: &mut ShotPrompt, cast: &mut CastWords<'_>, shot: &Shot) {
    for line in &shot.dialogue {
        let text = line.text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.is_empty() {
            continue;
        }
        prompt.gap();
        if words::is_off_screen(&line.extension) {
            prompt.push(Origin::Dialogue, "A voice says: ");
        } else {
            let (who, origin) = cast.mention(&line.character);
            prompt.push(origin, &capitalise(&who));
            prompt.push(Origin::Dialogue, " says: ");
        }
        prompt.push(Origin::Dialogue, &format!("“{}”", text.replace(['“', '”', '"'], "'")));
    }
}

/// The look with what is worn in this scene: "a young woman, wearing a yellow raincoat".
fn dressed(look: String, member: &CastMember, scene: SceneId) -> String {
    let worn = member.wardrobe.get(&scene).map(|worn| in_sentence(strip_stop(worn))).unwrap_or_default();
    let says_how = ["in ", "with ", "wearing ", "without "].iter().any(|word| worn.starts_with(word));
    match member.role {
        _ if worn.is_empty() => look,
        _ if says_how => format!("{look}, {worn}"),
        CastRole::Character => format!("{look}, wearing {worn}"),
        _ => format!("{look}, {worn}"),
    }
}

/// Replaces names by how people and things look: in full at the first mention, then briefly.
struct CastWords<'a> {
    members: Vec<(&'a CastMember, bool)>,
    /// Names without a description of their own, and whether they were mentioned.
    plain: Vec<(String, bool)>,
    /// Clothes change from scene to scene.
    scene: SceneId,
    only_marked: bool,
}

impl<'a> CastWords<'a> {
    fn new(film: &'a Film, shot: &'a Shot) -> Self {
        let mut members: Vec<_> = film
            .cast
            .iter()
            .filter(|member| member.role != CastRole::Style && !member.name.trim().is_empty())
            .map(|member| (member, false))
            .collect();
        // "OLD MARA" before "MARA".
        members.sort_by_key(|(member, _)| std::cmp::Reverse(member.name.len()));
        let speakers = shot.dialogue.iter().map(|line| line.character.clone());
        let plain = shot.characters.iter().cloned().chain(speakers).map(|name| (name, false)).collect();
        Self { members, plain, scene: shot.scene, only_marked: false }
    }

    /// How a name is put, and where that comes from.
    fn mention(&mut self, name: &str) -> (String, Origin) {
        for (member, mentioned) in &mut self.members {
            if words::same_name(&member.name, name) && !member.descriptor.trim().is_empty() {
                let text = in_sentence(strip_stop(&member.descriptor));
                let text = if *mentioned { definite(&text) } else { dressed(text, member, self.scene) };
                *mentioned = true;
                return (text, Origin::Cast);
            }
        }
        if !words::is_common_noun(name) {
            return (words::title_case(name), Origin::Action);
        }
        let known = self.plain.iter_mut().find(|(other, _)| words::same_name(other, name));
        let again = known.is_some_and(|(_, mentioned)| std::mem::replace(mentioned, true));
        let text = words::place_noun(name);
        (if again { definite(&text) } else { text }, Origin::Action)
    }

    /// What the action shows is not introduced a second time: after "A white robot stands", it is "the small white robot" who talks.
    fn shown_in(&mut self, description: &str) {
        let shown: Vec<String> = description
            .split(|c: char| !c.is_alphanumeric())
            .map(str::to_lowercase)
            .filter(|w| !w.is_empty())
            .collect();
        let shows = |noun: &str| !noun.is_empty() && shown.iter().any(|word| word == noun);
        for (member, mentioned) in &mut self.members {
            *mentioned |= shows(&words::head_noun(&member.descriptor));
        }
        for (name, mentioned) in &mut self.plain {
            *mentioned |= shows(&words::head_noun(name));
        }
    }

    /// How a name in the action is put: there the writer has set the articles.
    fn in_action(&mut self, name: &str) -> (String, Origin) {
        let described =
            self.members.iter().any(|(m, _)| words::same_name(&m.name, name) && !m.descriptor.trim().is_empty());
        if described || !words::is_common_noun(name) {
            self.mention(name)
        } else {
            (name.to_lowercase(), Origin::Action)
        }
    }

    /// Writes `text` with every name replaced.
    fn describe(&mut self, prompt: &mut ShotPrompt, origin: Origin, text: &str) {
        let mut rest = text;
        let mut before: Option<char> = None;
        let mut sentence_start = true;
        while let Some(letter) = rest.chars().next() {
            let boundary = before.is_none_or(|c| !c.is_alphanumeric());
            if boundary && let Some((name, length)) = self.name_at(rest) {
                let (words, from) = self.in_action(&name);
                let from = if from == Origin::Action { origin } else { from };
                prompt.push(from, &if sentence_start { capitalise(&words) } else { words });
                rest = rest.get(length..).unwrap_or_default();
                before = Some('a');
                sentence_start = false;
                continue;
            }
            let length = if boundary { words::word_length(rest) } else { 0 };
            let step = length.max(letter.len_utf8());
            let word = rest.get(..step).unwrap_or_default();
            if self.only_marked {
                prompt.push(origin, word);
            } else {
                prompt.push(origin, &words::calm(word, sentence_start));
            }
            before = word.chars().last();
            sentence_start = match before {
                Some('.' | '!' | '?') => true,
                Some(c) if c.is_whitespace() || matches!(c, '"' | '“' | '”' | '’' | '\'' | ')') => sentence_start,
                _ => false,
            };
            rest = rest.get(step..).unwrap_or_default();
        }
    }

    /// A cast name that begins here: its name, and the bytes it takes (with a leading `@`).
    fn name_at(&self, text: &str) -> Option<(String, usize)> {
        let marked = text.strip_prefix('@');
        let body = marked.unwrap_or(text);
        if self.only_marked && marked.is_none() {
            return None;
        }
        let described =
            self.members.iter().filter(|(m, _)| !m.descriptor.trim().is_empty()).map(|(m, _)| m.name.as_str());
        let plain = self.plain.iter().map(|(name, _)| name.as_str());
        for name in described.chain(plain) {
            if let Some(length) = words::prefix_length(body, name, marked.is_some()) {
                return Some((name.to_owned(), length + usize::from(marked.is_some())));
            }
        }
        None
    }
}
