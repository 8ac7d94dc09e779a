//! Lines on the dialogue track: in their place, over the cut, under undo, and honest about time.

use kinora_document::speech::remedies;
use kinora_document::*;

const SCRIPT: &str = "INT. ROOM - DAY\n\n[[shot: wide | static | 3s]]\n\nA lamp is on.\n\nMARA\nIs anybody here?\n\nPIM (O.S.)\n\
(whispering)\nNo.\n\n[[shot: close | static | 2s]]\n\nA red ball lies on the floor.\n\nMARA\nThen who said that, I wonder?\n";

struct Desk {
    film: Film,
    history: History,
    next: u128,
}

impl Desk {
    fn new(script: &str) -> Self {
        let mut next = 0;
        let film = new_film("Speech", FrameSize { width: 1280, height: 720 }, FrameRate::FPS_24, &mut || {
            next += 1;
            next
        });
        let mut desk = Self { film, history: History::new(), next };
        desk.edit(&Command::SetScript { text: script.to_owned() });
        desk
    }

    fn mint(&mut self) -> u128 {
        self.next += 1;
        self.next
    }

    fn edit(&mut self, command: &Command) {
        let patch = command.plan(&self.film.clone(), &mut || self.mint()).expect("it is granted");
        let role = if command.is_system() { Role::System } else { Role::Do };
        let gesture = GestureId(self.mint());
        self.apply(gesture, role, &patch);
    }

    fn apply(&mut self, gesture: GestureId, role: Role, patch: &Patch) {
        let inverse = self.film.apply(patch).expect("the patch fits");
        self.history.record(gesture, "", role, patch, inverse);
        assert_eq!(check(&self.film), [], "the film is sound");
    }

    fn undo(&mut self) {
        let step = self.history.undo(&self.film).expect("something to undo");
        self.apply(step.gesture, Role::Undo, &step.patch);
    }

    fn redo(&mut self) {
        let step = self.history.redo(&self.film).expect("something to redo");
        self.apply(step.gesture, Role::Redo, &step.patch);
    }

    /// Speaks what is not spoken yet: so many milliseconds a word.
    fn speak(&mut self, millis: i64) {
        let wanted: Vec<Utterance> = Speeches::of(&self.film)
            .iter()
            .filter(|(_, said)| said.spoken.is_none())
            .map(|(_, said)| said.utterance.clone())
            .collect();
        let media = wanted.into_iter().map(|utterance| self.spoken(utterance, millis)).collect();
        self.edit(&Command::AddSpeech { media });
    }

    fn spoken(&mut self, utterance: Utterance, millis: i64) -> Media {
        let at = |word: usize| Ticks::from_millis(word as i64 * millis);
        let words: Vec<SpokenWord> =
            (0..utterance.words().count()).map(|word| SpokenWord { start: at(word), end: at(word + 1) }).collect();
        let id = self.mint();
        Media {
            id: MediaId(id),
            name: utterance.text.clone(),
            blob: BlobHash([id as u8; 32]),
            thumbnail: None,
            kind: MediaKind::Sound,
            length: at(words.len()),
            size: None,
            rate: None,
            has_sound: true,
            speech: Some(Box::new(Speech { utterance, voice: "test".to_owned(), words })),
            cameo: None,
            withdrawn: false,
            dubs: None,
        }
    }

    /// Start and length in milliseconds of the clips on the tracks of a kind, with what they say.
    fn clips(&self, kind: TrackKind) -> Vec<(i64, i64, String)> {
        let on = |clip: &&Clip| self.film.tracks.get(clip.track).is_some_and(|track| track.kind == kind);
        let mut found: Vec<&Clip> = self.film.clips.iter().filter(on).collect();
        found.sort_by_key(|clip| clip.start);
        found
            .into_iter()
            .map(|clip| {
                let text = match &clip.source {
                    ClipSource::Line { shot, line } => {
                        self.film.shots.get(*shot).map(|shot| shot.dialogue[*line as usize].text.clone())
                    }
                    ClipSource::Title(title) => Some(title.text.clone()),
                    _ => None,
                };
                (clip.start.to_millis(), clip.length.to_millis(), text.unwrap_or_default())
            })
            .collect()
    }

    fn heard(&self) -> Vec<i64> {
        let plan = plan::sound_plan(&self.film);
        plan.pieces
            .iter()
            .filter(|piece| plan.tracks[piece.track].is_speech)
            .map(|piece| piece.start.to_millis())
            .collect()
    }
}

#[test]
fn every_line_gets_a_clip_in_its_shot_and_is_silent_until_it_is_spoken() {
    let mut desk = Desk::new(SCRIPT);
    let texts: Vec<String> = desk.clips(TrackKind::Dialogue).into_iter().map(|clip| clip.2).collect();
    assert_eq!(texts, ["Is anybody here?", "No.", "Then who said that, I wonder?"]);
    assert!(desk.heard().is_empty());
    desk.speak(250);
    let clips = desk.clips(TrackKind::Dialogue);
    // A breath of 300 ms, three words, 200 ms, one word; then the next shot's breath. On whole frames, never early.
    let near = |found: i64, wanted: i64| (0..=42).contains(&(found - wanted));
    for (clip, start) in clips.iter().zip([300, 1_250, 3_233]) {
        assert!(near(clip.0, start), "{clips:?}: {start} ms");
    }
    assert_eq!(desk.heard(), clips.iter().map(|clip| clip.0).collect::<Vec<_>>());
    let plan = plan::sound_plan(&desk.film);
    assert_eq!(
        plan.pieces
            .iter()
            .filter(|piece| plan.tracks[piece.track].is_speech)
            .map(|piece| piece.length.to_millis())
            .max(),
        Some(1500)
    );
}

#[test]
fn captions_take_the_times_at_which_words_are_heard() {
    let mut desk = Desk::new(SCRIPT);
    desk.speak(250);
    let (captions, lines) = (desk.clips(TrackKind::Captions), desk.clips(TrackKind::Dialogue));
    assert_eq!(captions.len(), 3);
    for (caption, line) in captions.iter().zip(&lines) {
        assert_eq!(caption.2, line.2);
        assert!((caption.0 - line.0).abs() <= 42, "{caption:?} against {line:?}");
        assert!(caption.1 + 42 >= line.1, "a caption stays while its words are heard: {caption:?} against {line:?}");
    }
}

#[test]
fn a_line_that_is_changed_is_spoken_anew_and_no_other() {
    let mut desk = Desk::new(SCRIPT);
    desk.speak(250);
    let files = desk.film.media.len();
    desk.edit(&Command::SetScript { text: SCRIPT.replace("No.", "Nobody at all.") });
    let silent = |desk: &Desk| Speeches::of(&desk.film).iter().filter(|(_, said)| said.spoken.is_none()).count();
    assert_eq!(silent(&desk), 1);
    desk.speak(250);
    assert_eq!((silent(&desk), desk.film.media.len()), (0, files + 1));
    desk.edit(&Command::SetScript { text: SCRIPT.to_owned() });
    assert_eq!(silent(&desk), 0, "what was spoken once is still there");
}

#[test]
fn undo_and_redo_stay_sound_when_lines_were_spoken_in_between() {
    let mut desk = Desk::new(SCRIPT);
    desk.speak(250);
    let longer = SCRIPT.replace("Is anybody here?", "Is anybody here? Anybody at all? I heard a noise.");
    desk.edit(&Command::SetScript { text: longer });
    desk.speak(400);
    desk.edit(&Command::SetScript { text: SCRIPT.replace("No.", "") });
    desk.speak(400);
    let last = desk.clips(TrackKind::Dialogue);
    for _ in 0..3 {
        desk.undo();
    }
    assert!(desk.clips(TrackKind::Dialogue).is_empty(), "before the script there is nothing to say");
    for _ in 0..3 {
        desk.redo();
    }
    assert_eq!(desk.clips(TrackKind::Dialogue), last);
    desk.undo();
    desk.undo();
    let clips = desk.clips(TrackKind::Dialogue);
    assert_eq!(clips.len(), 3);
    assert!((clips[0].1 - 750).abs() <= 42, "the first words have their own time again: {clips:?}");
}

#[test]
fn a_sentence_shared_out_over_a_cut_is_one_sound() {
    let text = "INT. ROOM - DAY\n\nA lamp is on.\n\nMARA\nI have been waiting here for such a long time that the lamp and the ball and the red \
                car outside have all forgotten who I am\n";
    let mut desk = Desk::new(text);
    assert!(desk.film.shots.len() > 1, "it is too long for one take");
    assert_eq!(desk.clips(TrackKind::Dialogue).len(), 1);
    desk.speak(300);
    let clips = desk.clips(TrackKind::Dialogue);
    assert_eq!((clips.len(), desk.heard().len()), (1, 1));
    let shot = desk.film.shots.first().expect("a shot").length.to_millis();
    assert!(clips[0].0 + clips[0].1 > shot, "it goes on over the cut: {clips:?}, cut at {shot}");
    let captions = desk.clips(TrackKind::Captions);
    assert!(captions.iter().any(|caption| caption.0 >= shot), "so do its captions: {captions:?}");
}

#[test]
fn a_shot_too_short_says_by_how_much_and_what_it_offers_helps() {
    let mut desk = Desk::new(SCRIPT);
    desk.speak(800);
    let cards = board::cards(&desk.film, &[]);
    // Four words of 800 ms in 3 s; six in 2 s.
    let over: Vec<Option<i64>> = cards.iter().map(|card| card.overrun.map(|overrun| overrun.by.to_millis())).collect();
    assert_eq!(over, [Some(200), Some(2_800)]);
    let shots: Vec<Shot> = desk.film.shots.iter().cloned().collect();
    for (shot, card) in shots.iter().zip(&cards) {
        let overrun = card.overrun.expect("too short");
        assert!(overrun.measured && overrun.sentence().contains(" s longer than the shot"));
        let longer = remedies(shot, overrun).into_iter().next().expect("a remedy");
        desk.edit(&longer.command);
    }
    assert!(board::cards(&desk.film, &[]).iter().all(|card| card.overrun.is_none()));
    let clips = desk.clips(TrackKind::Dialogue);
    assert!(clips[2].0 >= desk.film.shots.first().expect("a shot").length.to_millis(), "nothing runs over the cut now");
}

#[test]
fn a_line_goes_on_over_the_next_shot_but_never_past_the_story() {
    let mut desk = Desk::new(SCRIPT);
    desk.speak(1_500);
    let end = desk.film.shots.iter().fold(Ticks::ZERO, |sum, shot| sum + shot.length);
    assert_eq!(desk.film.length(), end);
    let clips = desk.clips(TrackKind::Dialogue);
    assert!(clips.windows(2).all(|pair| pair[0].0 + pair[0].1 <= pair[1].0 + 1), "one after another: {clips:?}");
}

#[test]
fn a_clip_that_a_person_moved_or_removed_stays_so() {
    let mut desk = Desk::new(SCRIPT);
    desk.speak(250);
    let of_line = |desk: &Desk, number: usize| {
        let mut lines: Vec<Clip> =
            desk.film.clips.iter().filter(|clip| matches!(clip.source, ClipSource::Line { .. })).cloned().collect();
        lines.sort_by_key(|clip| clip.start);
        lines[number].clone()
    };
    let gone = of_line(&desk, 1);
    desk.edit(&Command::LiftClips { clips: vec![gone.id] });
    let moved = of_line(&desk, 1);
    let start = Ticks::from_millis(3_750);
    desk.edit(&Command::MoveClip { clip: moved.id, track: moved.track, start });
    desk.edit(&Command::SetScript { text: SCRIPT.replace("A lamp is on.", "A small lamp is on.") });
    let texts: Vec<(i64, String)> = desk.clips(TrackKind::Dialogue).into_iter().map(|clip| (clip.0, clip.2)).collect();
    assert_eq!(texts.len(), 2, "{texts:?}");
    assert_eq!(texts[1], (3_750, "Then who said that, I wonder?".to_owned()));
}

#[test]
fn a_line_that_a_person_speaks_themselves_does_not_come_back_when_its_voice_speaks_anew() {
    let mut desk = Desk::new(SCRIPT);
    desk.speak(250);
    let lines = desk.film.clips.iter().filter(|clip| matches!(clip.source, ClipSource::Line { .. }));
    let line = lines.max_by_key(|clip| clip.start).cloned().expect("a line");
    let ClipSource::Line { shot, line: number } = line.source else { panic!("{line:?}") };
    let said = Speeches::of(&desk.film).get(shot, number).expect("it is said").utterance.clone();
    let spoken = desk.film.media.first().cloned().expect("a file");
    let id = MediaId(desk.mint());
    let dubs = Some(Dubbed { shot, text: said.text.clone() });
    desk.edit(&Command::AddMedia { media: Box::new(Media { id, speech: None, dubs, ..spoken }) });
    desk.edit(&Command::LiftClips { clips: vec![line.id] });
    // Put somewhere else, so that nothing is in the line's way.
    let (source, at) = (ClipSource::Media(id), Ticks::from_seconds(8));
    let length = Ticks::from_seconds(1);
    desk.edit(&Command::OverwriteClip { track: line.track, at, source, source_in: Ticks::ZERO, length });
    let anew = desk.spoken(said, 300);
    desk.edit(&Command::AddSpeech { media: vec![anew] });
    let texts: Vec<String> = desk.clips(TrackKind::Dialogue).into_iter().map(|clip| clip.2).collect();
    assert_eq!(texts, ["Is anybody here?", "No.", ""]);
}
