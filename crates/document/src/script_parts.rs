//! A shot that is longer than its engine's longest take, as several that each fit: what each shows, says and lasts.
//!
//! Speech is parted between lines, else between sentences, and inside a sentence only when one alone is longer than a take. A line of
//! somebody whom the picture does not show gets a picture of its own: the speaker, nearer. Otherwise the parts are one setup that goes
//! on. No word is lost, and a length that the writer asked for is kept to the frame.

use crate::breaths::{leans_back, pieces, sentences};
use crate::film::DialogueLine;
use crate::prompt::is_off_screen;
use crate::time::{FrameRate, Ticks};
use kinora_screenplay::breakdown::{ACTION_BASE_MILLISECONDS, ACTION_MILLISECONDS_PER_WORD, MIN_SHOT_MILLISECONDS};
use kinora_screenplay::dialogue::{LEAD_MILLISECONDS, TAIL_MILLISECONDS, count_words, spoken_ms};
use kinora_screenplay::reconcile::normalised;

/// A whole line may be said this much faster rather than be parted: three words a second, as people talk, instead of two and a half.
const BRISK_PERCENT: u32 = 80;
/// Around a brisk line, the breaths are shorter too.
const BRISK_BREATHS: u32 = 240;
/// Action without words may be this much too long for a take before it is parted: its length is only a guess.
const LENIENT_PERCENT: i64 = 125;

/// A shot as the script has it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Whole<'a> {
    pub description: &'a str,
    pub dialogue: &'a [DialogueLine],
    /// In frames of the film.
    pub wanted: i64,
    /// The writer asked for this length.
    pub fixed: bool,
    pub rate: FrameRate,
    /// The engine's longest take in frames of the film; None while that is not known.
    pub longest: Option<i64>,
}

/// One take's worth of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Part {
    pub description: String,
    pub dialogue: Vec<DialogueLine>,
    /// In frames of the film.
    pub frames: i64,
    /// A picture of the speakers, who are not in the shot's own picture.
    pub of_speakers: bool,
}

pub(crate) fn parts(whole: &Whole<'_>) -> Vec<Part> {
    let one = |frames: i64| {
        vec![Part {
            description: whole.description.to_owned(),
            dialogue: whole.dialogue.to_vec(),
            frames: frames.max(1),
            of_speakers: false,
        }]
    };
    let Some(longest) = whole.longest.filter(|longest| whole.wanted > *longest) else { return one(whole.wanted) };
    let lenient = !whole.fixed && whole.dialogue.is_empty() && whole.wanted * 100 <= longest * LENIENT_PERCENT;
    let pictures = pictures(whole.description);
    if lenient || (!whole.fixed && whole.dialogue.is_empty() && pictures.len() < 2) {
        return one(longest);
    }
    let table = Table { whole, longest, cap: millis(longest, whole.rate) };
    let mut parts = table.share(&pictures);
    if parts.len() < 2 && !whole.fixed {
        return one(longest);
    }
    table.time(&mut parts);
    parts
}

fn millis(frames: i64, rate: FrameRate) -> u32 {
    u32::try_from(rate.frame_start(frames).to_millis()).unwrap_or(u32::MAX)
}

fn calm(text: &str) -> u32 {
    spoken_ms(text).saturating_add(LEAD_MILLISECONDS + TAIL_MILLISECONDS)
}

fn brisk(text: &str) -> u32 {
    (spoken_ms(text) / 100 * BRISK_PERCENT).saturating_add(BRISK_BREATHS)
}

/// What the lines need, said calmly one after another; 0 without lines.
fn needed(lines: &[DialogueLine]) -> u32 {
    let spoken = lines.iter().fold(0_u32, |sum, line| sum.saturating_add(spoken_ms(&line.text)));
    if spoken == 0 { 0 } else { spoken.saturating_add(LEAD_MILLISECONDS + TAIL_MILLISECONDS) }
}

/// What the picture needs to be understood; 0 without words.
fn moving(description: &str) -> u32 {
    let words = u32::try_from(count_words(description)).unwrap_or(u32::MAX);
    if words == 0 {
        0
    } else {
        words.saturating_mul(ACTION_MILLISECONDS_PER_WORD).saturating_add(ACTION_BASE_MILLISECONDS)
    }
}

/// Sentences of the action that can each stand for a picture.
fn pictures(description: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for sentence in sentences(description) {
        match found.last_mut() {
            Some(last) if leans_back(sentence) => {
                last.push(' ');
                last.push_str(sentence);
            }
            _ => found.push(sentence.to_owned()),
        }
    }
    found
}

struct Table<'a> {
    whole: &'a Whole<'a>,
    longest: i64,
    /// The longest take in milliseconds.
    cap: u32,
}

impl Table<'_> {
    /// What each part shows and says.
    fn share(&self, pictures: &[String]) -> Vec<Part> {
        let Whole { dialogue, wanted, fixed, .. } = *self.whole;
        // As many as the time needs; a guessed length yields to what there is to see.
        let by_time = usize::try_from((wanted + self.longest - 1) / self.longest).unwrap_or(1);
        let by_sight = by_time.min(pictures.len().max(1));
        let of_speakers = self.first_unseen().unwrap_or(dialogue.len());
        let (over, own) = dialogue.split_at_checked(of_speakers).unwrap_or((dialogue, &[]));
        let room = usize::try_from(wanted * 1000 / self.minimum()).unwrap_or(1) / 1000;
        if !own.is_empty() && (!fixed || room > 1) {
            let own_parts = self.packed(own, if fixed { by_time.max(2) - 1 } else { usize::MAX });
            let before = if fixed { by_time.saturating_sub(own_parts.len()).max(1) } else { 1 };
            let mut parts = self.pictured(pictures, over, before);
            parts.extend(own_parts.into_iter().map(|dialogue| Part { dialogue, of_speakers: true, ..Part::default() }));
            return parts;
        }
        let packed = self.packed(dialogue, if fixed { by_time } else { usize::MAX }).len();
        self.pictured(pictures, dialogue, if fixed { by_time } else { packed.max(by_sight) })
    }

    /// The shot's own picture in so many parts, with what is said over it.
    fn pictured(&self, pictures: &[String], lines: &[DialogueLine], count: usize) -> Vec<Part> {
        let count = count.max(1);
        let mut said = self.packed(lines, count);
        said.resize(count.max(said.len()), Vec::new());
        let shown = shared(pictures, self.whole.description, said.len());
        let part = |(description, dialogue)| Part { description, dialogue, ..Part::default() };
        shown.into_iter().zip(said).map(part).collect()
    }

    /// The first line of somebody on screen whom the description does not name.
    fn first_unseen(&self) -> Option<usize> {
        let shown = format!(" {} ", normalised(&self.whole.description.replace("’s ", " ").replace("'s ", " ")));
        let unseen = |line: &DialogueLine| {
            let name = normalised(&line.character);
            !is_off_screen(&line.extension) && !name.is_empty() && !shown.contains(&format!(" {name} "))
        };
        self.whole.dialogue.iter().position(unseen).filter(|_| !self.whole.description.is_empty())
    }

    /// The lines in at most so many parts, as even as can be. Whole lines, unless one alone is too long for a take.
    fn packed(&self, lines: &[DialogueLine], most: usize) -> Vec<Vec<DialogueLine>> {
        let most = most.min(self.pack(lines, self.cap).len()).max(1);
        let mut limit = lines.iter().map(|line| calm(&line.text)).max().unwrap_or(0).clamp(1_000, self.cap.max(1_000));
        loop {
            let packed = self.pack(lines, limit);
            if packed.len() <= most || limit == u32::MAX {
                return packed;
            }
            limit = limit.saturating_add(limit / 8);
        }
    }

    fn pack(&self, lines: &[DialogueLine], limit: u32) -> Vec<Vec<DialogueLine>> {
        let mut packed: Vec<Vec<DialogueLine>> = Vec::new();
        let mut room = 0_u32;
        let mut put = |line: DialogueLine, goes_on: bool| {
            let spoken = spoken_ms(&line.text);
            match packed.last_mut().filter(|_| spoken <= room) {
                Some(part) => {
                    room -= spoken;
                    match part.last_mut().filter(|_| goes_on) {
                        Some(last) => {
                            last.text.push(' ');
                            last.text.push_str(&line.text);
                        }
                        None => part.push(line),
                    }
                }
                None => {
                    packed.push(vec![line]);
                    room = limit.saturating_sub(spoken.saturating_add(LEAD_MILLISECONDS + TAIL_MILLISECONDS));
                }
            }
        };
        let fits = |text: &str| calm(text) <= limit || brisk(text) <= limit;
        for line in lines {
            if fits(&line.text) {
                put(line.clone(), false);
                continue;
            }
            for (at, piece) in pieces(&line.text, &fits).into_iter().enumerate() {
                put(DialogueLine { text: piece.to_owned(), ..line.clone() }, at > 0);
            }
        }
        packed
    }

    /// The shortest part worth a cut, in frames.
    fn minimum(&self) -> i64 {
        self.frames(MIN_SHOT_MILLISECONDS)
    }

    /// Frames that cover so many milliseconds.
    fn frames(&self, millis: u32) -> i64 {
        let wanted = Ticks::from_millis(i64::from(millis));
        let frames = self.whole.rate.frame_at(wanted);
        frames + i64::from(self.whole.rate.frame_start(frames) < wanted)
    }

    /// How long each part lasts.
    fn time(&self, parts: &mut [Part]) {
        for part in parts.iter_mut() {
            let need = if self.whole.fixed { 0 } else { moving(&part.description) };
            let need = need.max(needed(&part.dialogue)).max(MIN_SHOT_MILLISECONDS);
            part.frames = self.frames(need).clamp(1, self.longest);
        }
        if self.whole.fixed {
            fit(parts, self.whole.wanted, self.longest);
        }
    }
}

/// Makes the parts last `wanted` together: pressed alike when that is less, else the rest is given to those with room.
fn fit(parts: &mut [Part], wanted: i64, longest: i64) {
    let total: i64 = parts.iter().map(|part| part.frames).sum();
    if total > wanted {
        let (mut passed, mut given) = (0, 0);
        for part in parts.iter_mut() {
            passed += part.frames;
            part.frames = (passed * wanted / total.max(1) - given).max(1);
            given += part.frames;
        }
        return;
    }
    let mut left = wanted - total;
    while left > 0 {
        let open = i64::try_from(parts.iter().filter(|part| part.frames < longest).count()).unwrap_or(0);
        if open == 0 {
            return;
        }
        let share = (left / open).max(1);
        for part in parts.iter_mut().filter(|part| part.frames < longest) {
            let more = share.min(left).min(longest - part.frames);
            part.frames += more;
            left -= more;
        }
    }
}

/// A shot cut in two by hand: pictures and spoken sentences on both sides, a sentence alone with the first.
pub(crate) fn halves(description: &str, dialogue: &[DialogueLine]) -> [(String, Vec<DialogueLine>); 2] {
    let said: Vec<(usize, &str)> = dialogue
        .iter()
        .enumerate()
        .flat_map(|(at, line)| sentences(&line.text).into_iter().map(move |sentence| (at, sentence)))
        .collect();
    let total: u32 = said.iter().map(|(_, sentence)| spoken_ms(sentence)).sum();
    let (mut first, mut second, mut passed) = (Vec::new(), Vec::new(), 0);
    for (place, (at, sentence)) in said.into_iter().enumerate() {
        let spoken = spoken_ms(sentence);
        let side = if place == 0 || passed + spoken / 2 < total / 2 { &mut first } else { &mut second };
        passed += spoken;
        match side.last_mut() {
            Some((last, text)) if *last == at => *text = format!("{text} {sentence}"),
            _ => side.push((at, sentence.to_owned())),
        }
    }
    let lines = |side: Vec<(usize, String)>| {
        let line = |(at, text): (usize, String)| dialogue.get(at).map(|line| DialogueLine { text, ..line.clone() });
        side.into_iter().filter_map(line).collect()
    };
    let mut shown = shared(&pictures(description), description, 2).into_iter();
    let mut show = || shown.next().unwrap_or_default();
    [(show(), lines(first)), (show(), lines(second))]
}

/// Pictures in `parts` shares of about equal length; with fewer pictures than parts each share is the whole text.
fn shared(pictures: &[String], whole: &str, parts: usize) -> Vec<String> {
    let count = pictures.len();
    if parts < 2 || count < parts {
        return vec![whole.to_owned(); parts.max(1)];
    }
    let mut shares: Vec<Vec<&str>> = vec![Vec::new(); parts];
    let total = pictures.iter().map(String::len).sum::<usize>().max(1);
    let (mut passed, mut share) = (0, 0);
    for (at, picture) in pictures.iter().enumerate() {
        let middle = (passed + picture.len() / 2) * parts / total;
        // Every share gets at least one.
        let lowest = (at + parts).saturating_sub(count);
        let wanted = middle.min(at).max(lowest).clamp(share, (share + 1).min(parts - 1));
        share = if shares.get(share).is_some_and(Vec::is_empty) { share } else { wanted };
        passed += picture.len();
        if let Some(share) = shares.get_mut(share) {
            share.push(picture);
        }
    }
    shares.into_iter().map(|share| share.join(" ")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(who: &str, text: &str) -> DialogueLine {
        let (who, extension) = who.split_once(' ').unwrap_or((who, ""));
        DialogueLine {
            character: who.to_owned(),
            extension: extension.to_owned(),
            parenthetical: String::new(),
            text: text.to_owned(),
        }
    }

    /// Each part as `frames description / words`, with `>` before a picture of the speakers.
    fn read(description: &str, dialogue: &[DialogueLine], seconds: i64, fixed: bool) -> Vec<String> {
        let whole =
            Whole { description, dialogue, wanted: seconds * 24, fixed, rate: FrameRate::FPS_24, longest: Some(98) };
        let said = |part: &Part| part.dialogue.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join(" | ");
        let parts = parts(&whole);
        assert!(parts.iter().all(|part| (1..=98).contains(&part.frames)), "{parts:?}");
        if fixed {
            assert_eq!(parts.iter().map(|part| part.frames).sum::<i64>(), seconds * 24);
        }
        parts
            .iter()
            .map(|part| {
                format!(
                    "{}{} {} / {}",
                    if part.of_speakers { ">" } else { "" },
                    part.frames,
                    part.description,
                    said(part)
                )
            })
            .collect()
    }

    #[test]
    fn a_sentence_that_fits_a_take_is_never_parted() {
        let words = [line("CHILD V.O.", "My ball left on a Tuesday.")];
        assert_eq!(
            read("A ball bounces.", &words, 5, true),
            ["72 A ball bounces. / My ball left on a Tuesday.", "48 A ball bounces. / "]
        );
        let words = [
            line("PIM", "The book says it is winter. The book says there is snow."),
            line("PIM", "I would like some, please."),
        ];
        assert_eq!(
            read("", &words, 7, false),
            ["98  / The book says it is winter. The book says there is snow.", "63  / I would like some, please."]
        );
    }

    #[test]
    fn a_speaker_who_is_not_in_the_picture_gets_one() {
        let words = [line("CHILD", "Oh. You're not going away.")];
        assert_eq!(
            read("The red ball rises from the dark ocean.", &words, 5, true),
            ["53 The red ball rises from the dark ocean. / ", ">67  / Oh. You're not going away."]
        );
        assert_eq!(
            read("A child waits. A boat comes.", &words, 5, true),
            ["68 A child waits. / Oh. You're not going away.", "52 A boat comes. / "]
        );
    }

    #[test]
    fn what_is_only_guessed_too_long_stays_one_picture() {
        let long = "A red train crosses the city at sunset, full of people going somewhere nice.";
        assert_eq!(read(long, &[], 5, false), [format!("98 {long} / ")]);
        assert_eq!(read(long, &[], 9, false), [format!("98 {long} / ")]);
        assert_eq!(
            read("A robot stands in a small white room. A cat walks past. A bird flies over the house.", &[], 6, false),
            ["72 A robot stands in a small white room. / ", "84 A cat walks past. A bird flies over the house. / "]
        );
    }

    #[test]
    fn no_word_is_lost_however_long_the_speech() {
        let text = "word, ".repeat(40) + &"and on ".repeat(50) + "it goes. Then it ends! " + &"字".repeat(300);
        let words = [line("MARA", &text), line("TOM V.O.", "Yes.")];
        let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        for (seconds, fixed) in [(5, true), (60, true), (5, false), (200, false), (600, true)] {
            for description in ["", "A woman stands. Mara waves.", "One."] {
                let whole = Whole {
                    description,
                    dialogue: &words,
                    wanted: seconds * 24,
                    fixed,
                    rate: FrameRate::FPS_24,
                    longest: Some(98),
                };
                let parts = parts(&whole);
                let said: String = parts.iter().flat_map(|part| &part.dialogue).map(|line| bare(&line.text)).collect();
                assert_eq!(said, bare(&text) + "Yes.");
            }
        }
    }

    #[test]
    fn a_shot_cut_in_two_keeps_its_sentences_whole() {
        let words = |lines: &[DialogueLine]| lines.iter().map(|line| line.text.clone()).collect::<Vec<_>>();
        let [(_, first), (_, second)] = halves("", &[line("MARA", "Now, horses cannot fly. Everybody knows that.")]);
        assert_eq!(
            (words(&first), words(&second)),
            (vec!["Now, horses cannot fly.".into()], vec!["Everybody knows that.".into()])
        );
        let [(_, first), (_, second)] = halves("", &[line("MARA", "one two three four"), line("TOM", "five six")]);
        assert_eq!((words(&first), words(&second)), (vec!["one two three four".into()], vec!["five six".into()]));
        let [(a, first), (b, second)] = halves("A star. A fish.", &[line("MARA", "Oh.")]);
        assert_eq!((a.as_str(), b.as_str(), first.len(), second.len()), ("A star.", "A fish.", 1, 0));
    }

    #[test]
    fn sharing_loses_no_picture() {
        let text = "One. Two is a longer sentence. Three! Four? Five.";
        let pictures = pictures(text);
        for parts in 1..=5 {
            let shares = shared(&pictures, text, parts);
            assert_eq!(shares.join(" "), text);
            assert!(shares.iter().all(|share| !share.is_empty()), "{shares:?}");
        }
        assert_eq!(shared(&["One.".to_owned()], "One.", 3), ["One.", "One.", "One."]);
        assert_eq!(super::pictures("A star. It glows. A fish."), ["A star. It glows.", "A fish."]);
    }
}
