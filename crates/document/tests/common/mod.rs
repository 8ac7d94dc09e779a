//! What the tests share: a counting mint, a small film, and random commands from a seed.
//!
//! Everything is deterministic: a failing run is named by its seed.
#![allow(dead_code)]

use kinora_document::*;
use std::collections::BTreeMap;

/// Ids 1, 2, 3, …
pub struct Count(pub u128);

impl Mint for Count {
    fn mint(&mut self) -> u128 {
        self.0 += 1;
        self.0
    }
}

/// splitmix64
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
    pub fn pick<T: Copy>(&mut self, from: &[T]) -> Option<T> {
        from.get(self.below(from.len())).copied()
    }
}

pub const SCRIPT: &str = "\
Title: The Ball

FADE IN:

EXT. BEACH - SUNSET

[[cast: MARA = a young woman in a red coat]]

A red ball bounces on the sand.

MARA
Where did you come from?

INT. KITCHEN - NIGHT

Mara puts the ball on the table.

DISSOLVE TO:

EXT. BEACH - DAY, RAIN

[[shot: wide | pan left | 3s | seed 7]]
The ball floats in the sea.
";

pub fn film() -> (Film, Count) {
    let mut ids = Count(0);
    let mut film = new_film("Test", FrameSize { width: 1280, height: 720 }, FrameRate::FPS_24, &mut ids);
    run(&mut film, &mut ids, &Command::SetScript { text: SCRIPT.to_owned() });
    (film, ids)
}

/// Plans, applies and checks.
pub fn run(film: &mut Film, ids: &mut Count, command: &Command) -> Patch {
    let patch = command.plan(film, ids).unwrap_or_else(|refusal| panic!("{command:?} was refused: {refusal}"));
    let inverse = film.apply(&patch).expect("a planned patch applies");
    assert_sound(film, command);
    inverse
}

pub fn assert_sound(film: &Film, after: &dyn std::fmt::Debug) {
    let violations = check(film);
    assert!(violations.is_empty(), "after {after:?}: {violations:#?}");
}

pub fn bytes(film: &Film) -> Vec<u8> {
    serde_json::to_vec(film).expect("a film serialises")
}

pub fn take(film: &Film, ids: &mut Count, shot: ShotId) -> Take {
    let id = TakeId::mint(ids);
    let prompt = film.shots.get(shot).map(|shot| prompt::compose(film, shot).text).unwrap_or_default();
    Take {
        id,
        shot,
        key: BlobHash([id.0 as u8; 32]),
        blob: BlobHash([id.0 as u8; 32]),
        thumbnail: None,
        prompt,
        negative: String::new(),
        seed: 1,
        engine: "draft".to_owned(),
        model: BlobHash([9; 32]),
        size: FrameSize { width: 128, height: 72 },
        rate: FrameRate::FPS_12,
        frames: 49,
        parent: None,
        notes: Vec::new(),
        cameos: Vec::new(),
        withdrawn: false,
    }
}

pub fn draft_model() -> catalogue::Model {
    catalogue::Model {
        name: "draft".to_owned(),
        title: "Draft (bundled)".to_owned(),
        licence: "MIT".to_owned(),
        weights: BlobHash([9; 32]),
        weights_bytes: 1,
        rate: FrameRate::FPS_12,
        sizes: vec![
            FrameSize { width: 128, height: 72 },
            FrameSize { width: 72, height: 128 },
            FrameSize { width: 96, height: 96 },
        ],
        frame_counts: recipe::assumed::FRAME_COUNTS.to_vec(),
        makes_sound: true,
        takes_keyframes: true,
        takes_references: true,
        unavailable: None,
    }
}

pub fn frames(count: i64) -> Ticks {
    FrameRate::FPS_24.frame_start(count)
}

/// Clips of the story track, in order.
pub fn story(film: &Film) -> Vec<Clip> {
    let track = film.tracks.iter().find(|track| track.kind == TrackKind::Video).expect("a video track").id;
    on_track(film, track)
}

pub fn on_track(film: &Film, track: TrackId) -> Vec<Clip> {
    let mut clips: Vec<Clip> = film.clips.iter().filter(|clip| clip.track == track).cloned().collect();
    clips.sort_by_key(|clip| clip.start);
    clips
}

/// Some command, sensible or not.
pub fn random_command(film: &Film, ids: &mut Count, dice: &mut Dice) -> Command {
    let clips: Vec<ClipId> = film.clips.keys().collect();
    let tracks: Vec<TrackId> = film.tracks.keys().collect();
    let shots: Vec<ShotId> = film.shots.keys().collect();
    let takes: Vec<TakeId> = film.takes.keys().collect();
    let clip = dice.pick(&clips).unwrap_or(ClipId(999));
    let other = dice.pick(&clips).unwrap_or(ClipId(999));
    let track = dice.pick(&tracks).unwrap_or(TrackId(999));
    let shot = dice.pick(&shots).unwrap_or(ShotId(999));
    let take_id = dice.pick(&takes).unwrap_or(TakeId(999));
    let at = frames(dice.below(400) as i64);
    let length = frames(dice.below(60) as i64);
    let by = frames(dice.below(30) as i64 - 15);
    let source = match dice.below(6) {
        0 => ClipSource::Shot(shot),
        1 => ClipSource::Take(take_id),
        4 => ClipSource::Ambience(Ambience::new(AmbienceVoice::ALL[dice.below(14)])),
        2 => ClipSource::Title(Title::new("Words", TitleStyle::Card)),
        3 => film.media.first().map_or(ClipSource::Colour([0; 3]), |media| ClipSource::Media(media.id)),
        _ => ClipSource::Colour([1, 2, 3]),
    };
    let old = film.clips.get(clip);
    match dice.below(55) {
        0 => Command::SetScript { text: random_script(film, dice) },
        1 => {
            let mut settings = film.settings.clone();
            settings.rate = FrameRate::FILM_RATES[dice.below(6)];
            Command::SetSettings { settings }
        }
        2 | 3 => match film.shots.get(shot) {
            Some(shot) => {
                let mut shot = shot.clone();
                shot.length = length;
                shot.style = format!("style {}", dice.below(9));
                Command::SetShot { shot: Box::new(shot) }
            }
            None => Command::RemoveShot { shot },
        },
        4 | 5 => Command::MoveShot { shot, before: if dice.below(4) == 0 { None } else { dice.pick(&shots) } },
        6 => Command::DuplicateShot { shot },
        7 => Command::SplitShot { shot },
        8 => {
            let at = dice.below(shots.len());
            Command::MergeShots { shots: shots.iter().skip(at).take(2).copied().collect() }
        }
        9 => Command::RemoveShot { shot },
        10 => Command::ChooseTake { shot, take: take_id },
        11 => Command::RemoveTake { take: take_id },
        12 => Command::SetCast {
            member: CastMember {
                id: film.cast.first().map_or_else(|| CastId::mint(ids), |member| member.id),
                role: CastRole::Character,
                name: format!("NAME {}", dice.below(5)),
                descriptor: "a tall man".to_owned(),
                references: Vec::new(),
                voice: String::new(),
                seed: None,
                wardrobe: film
                    .scenes
                    .first()
                    .map(|scene| (scene.id, format!("coat {}", dice.below(3))))
                    .into_iter()
                    .collect(),
                colour: Some([200, 80, 40]),
                cameo: None,
            },
        },
        13 => Command::AddTrack { kind: TrackKind::Music, name: "More".to_owned() },
        14 if tracks.len() > 5 => Command::RemoveTrack { track },
        15 | 16 => Command::InsertClip { track, at, source, source_in: Ticks::ZERO, length },
        17 | 18 => Command::OverwriteClip { track, at, source, source_in: Ticks::ZERO, length },
        19 | 20 => Command::BladeClip { clip, at: old.map_or(at, |clip| clip.start + Ticks(clip.length.0 / 3)) },
        21 | 22 => Command::TrimClip {
            clip,
            start: old.map_or(at, |clip| clip.start + by),
            length: old.map_or(at, |clip| clip.length - by),
            ripple: dice.below(2) == 0,
        },
        23 => {
            let right = old.and_then(|left| {
                film.clips.iter().find(|c| c.track == left.track && c.start == left.start + left.length)
            });
            Command::RollCut { left: clip, right: right.map_or(other, |right| right.id), by }
        }
        24 => Command::SlipClip { clip, by },
        25 => Command::SlideClip { clip, by },
        26 | 27 => Command::MoveClip { clip, track: old.map_or(track, |clip| clip.track), start: at },
        28 => Command::LiftClips { clips: vec![clip, other] },
        29 => Command::ExtractClips { clips: vec![clip] },
        30 => Command::SetClipSpeed { clip, speed_permille: 250 * (1 + dice.below(12) as u32) },
        31 => Command::SetClipSound { clip, gain_millibels: -600, fade_in: length, fade_out: Ticks::ZERO },
        32 => Command::SetClipPlacement { clip, placement: Placement { x_permille: 40, ..Placement::default() } },
        33 => Command::SetClipEffects {
            clip,
            effects: vec![Effect { kind: "grain".to_owned(), parameters: BTreeMap::new(), plate: None }],
        },
        34 => Command::SetTransition {
            clip,
            transition: Some(Transition { kind: "dissolve".to_owned(), length, parameters: BTreeMap::new() }),
        },
        35 => Command::SetTitle { clip, title: Title::new("Other words", TitleStyle::Lower) },
        36 => Command::AddMarker { at, text: "here".to_owned() },
        37 => match film.markers.first() {
            Some(marker) if dice.below(2) == 0 => Command::SetMarker { marker: marker.id, text: "there".to_owned() },
            Some(marker) => Command::RemoveMarker { marker: marker.id },
            None => Command::AddMarker { at, text: "first".to_owned() },
        },
        38 | 39 => Command::MoveClips {
            places: [clip, other]
                .into_iter()
                .filter_map(|id| film.clips.get(id))
                .map(|moved| command::ClipPlace { clip: moved.id, track: moved.track, start: moved.start + by })
                .collect(),
            landing: random_landing(dice),
        },
        40 | 41 => Command::PasteClips {
            clips: [clip, other]
                .into_iter()
                .filter_map(|id| film.clips.get(id))
                .map(|copied| Clip { start: copied.start + length, ..copied.clone() })
                .collect(),
            landing: random_landing(dice),
        },
        42 => Command::RemoveRange {
            from: at,
            until: at + length,
            tracks: tracks.iter().copied().filter(|_| dice.below(2) == 0).collect(),
            close: dice.below(2) == 0,
        },
        43 => Command::DetachSound { clip },
        44 => Command::StretchClip { clip, length },
        45 | 46 => Command::SetClipCurves { clip, curves: random_curves(dice) },
        47 | 48 => Command::FillGap { track, at },
        49 => Command::SetClipMix {
            clip,
            mix: ClipMix {
                pan_permille: dice.below(2_400) as i32 - 1_200,
                volume: vec![VolumeKey { at, gain_millibels: -300 }],
                denoise: dice.below(2) == 0,
            },
        },
        50 => match film.tracks.get(track) {
            Some(track) => Command::SetTrack {
                track: Track {
                    mix: TrackMix {
                        equaliser: vec![BandKind::LowCut.usual(); dice.below(10)],
                        compressor: Some(Compressor::default()),
                        ..TrackMix::default()
                    },
                    ..track.clone()
                },
            },
            None => Command::RemoveTrack { track },
        },
        51 => Command::SetAmbience { clip, ambience: Ambience { seed: 7, ..Ambience::new(AmbienceVoice::Bell) } },
        52 => Command::AddMarkers { at: vec![at, at + length, at], text: "beat".to_owned() },
        53 => Command::AddTake { take: Box::new(take(film, ids, shot)) },
        _ => Command::AddMedia {
            media: Box::new(Media {
                id: MediaId::mint(ids),
                name: "Movie".to_owned(),
                blob: BlobHash([3; 32]),
                thumbnail: None,
                kind: MediaKind::Movie,
                length: Ticks::from_seconds(5),
                size: Some(FrameSize { width: 640, height: 360 }),
                rate: Some(FrameRate::FPS_25),
                has_sound: true,
                speech: None,
                cameo: None,
                withdrawn: false,
                dubs: None,
            }),
        },
    }
}

/// A curve or two, sometimes out of order, sometimes of an effect that is not there.
fn random_curves(dice: &mut Dice) -> Vec<Curve> {
    let knobs = [Knob::Opacity, Knob::X, Knob::Effect { at: 0, name: "amount".to_owned() }];
    let middle = dice.below(40) as i64;
    let mut key = |at: i64| Key { at: frames(at), value: dice.below(1000) as f32, ease: Ease::Smooth };
    let keys = vec![key(0), key(middle), key(30)];
    knobs.into_iter().take(dice.below(4)).map(|knob| Curve { knob, keys: keys.clone() }).collect()
}

fn random_landing(dice: &mut Dice) -> command::Landing {
    [command::Landing::Refuse, command::Landing::Overwrite, command::Landing::Insert][dice.below(3)]
}

/// The script with a paragraph more, less, changed or elsewhere.
pub fn random_script(film: &Film, dice: &mut Dice) -> String {
    let mut parts: Vec<String> = film.script.text.split("\n\n").map(str::to_owned).collect();
    if parts.len() > 14 {
        parts.truncate(8);
    }
    let at = dice.below(parts.len());
    let to = dice.below(parts.len());
    match dice.below(6) {
        0 => parts.insert(at, format!("A blue fish swims to rock {}.", dice.below(20))),
        1 if parts.len() > 2 => {
            parts.remove(at);
        }
        2 => parts.swap(at, to),
        3 => parts[at].push_str(" Then it stops."),
        4 => parts.insert(at, format!("TOM\n{}", "I have much to say about this. ".repeat(1 + dice.below(4)))),
        _ => parts.insert(at, "EXT. FOREST - DAY".to_owned()),
    }
    parts.join("\n\n")
}
