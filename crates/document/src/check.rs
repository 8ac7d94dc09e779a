//! What must hold of every film, whatever was done to it.
//!
//! Run after each patch in tests, when a project is opened, and by `kinora project check`. It reports; it never mends. Takes of
//! removed shots are no violation: they are kept so that undo, and writing the shot again, find them.

use crate::film::*;
use crate::id::Id;
use crate::limits;
use crate::patch::{Address, Kind};
use crate::time::{FrameRate, Ticks};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Stable name: `clip.overlap`.
    pub rule: &'static str,
    pub at: Option<Address>,
    /// A sentence.
    pub text: String,
}

/// All violations; empty for a sound film.
pub fn check(film: &Film) -> Vec<Violation> {
    let mut found = Found(Vec::new());
    sizes(film, &mut found);
    settings(film, &mut found);
    board(film, &mut found);
    timeline(film, &mut found);
    found.0
}

struct Found(Vec<Violation>);

impl Found {
    fn unless(&mut self, holds: bool, rule: &'static str, at: Option<(Kind, u128)>, text: &str) {
        if !holds {
            let at = at.map(|(kind, id)| Address { kind, id });
            self.0.push(Violation { rule, at, text: text.to_owned() });
        }
    }
}

fn sizes(film: &Film, found: &mut Found) {
    for (count, limit, what) in [
        (film.scenes.len(), limits::SCENES, "scenes"),
        (film.shots.len(), limits::SHOTS, "shots"),
        (film.takes.len(), limits::TAKES, "takes"),
        (film.cast.len(), limits::CAST, "cast members"),
        (film.media.len(), limits::MEDIA, "files"),
        (film.tracks.len(), limits::TRACKS, "tracks"),
        (film.clips.len(), limits::CLIPS, "clips"),
        (film.markers.len(), limits::MARKERS, "markers"),
    ] {
        found.unless(
            count <= limit,
            "limit.count",
            None,
            &format!("The film has {count} {what}; the limit is {limit}."),
        );
    }
    found.unless(film.version == VERSION, "version", None, "The film has the version of another Kinora.");
    found.unless(
        film.script.text.len() <= limits::SCRIPT_BYTES,
        "limit.script",
        None,
        "The script is longer than 2 MiB.",
    );
}

fn settings(film: &Film, found: &mut Found) {
    let settings = &film.settings;
    let at = Some((Kind::Settings, 0));
    found.unless(legal_size(settings.size), "settings.size", at, "The frame size is not one a film can have.");
    found.unless(
        FrameRate::FILM_RATES.contains(&settings.rate),
        "settings.rate",
        at,
        "The frame rate is not one a film can have.",
    );
    found.unless(settings.sign.is_legal(), "settings.sign", at, "The sign is too small, too large or too faint.");
    found.unless(settings.title.len() <= limits::NAME_BYTES, "limit.name", at, "The film's title is too long.");
    let texts = settings.style.len() <= limits::TEXT_BYTES && settings.negative.len() <= limits::TEXT_BYTES;
    found.unless(
        texts && settings.engine.len() <= limits::NAME_BYTES,
        "limit.text",
        at,
        "A text of the settings is too long.",
    );
}

fn board(film: &Film, found: &mut Found) {
    for media in film.media.iter() {
        let fits = media.speech.as_deref().is_none_or(speech_fits);
        found.unless(
            fits,
            "media.speech",
            Some((Kind::Media, media.id.raw())),
            "A spoken line has no times for its words.",
        );
    }
    for (media, dubs) in film.media.iter().filter_map(|media| Some((media, media.dubs.as_ref()?))) {
        let at = Some((Kind::Media, media.id.raw()));
        found.unless(dubs.text.len() <= limits::TEXT_BYTES, "limit.text", at, "A dubbed line is too long.");
    }
    for scene in film.scenes.iter() {
        let at = Some((Kind::Scene, scene.id.raw()));
        found.unless(scene.heading.len() <= limits::TEXT_BYTES, "limit.text", at, "The scene's heading is too long.");
    }
    for shot in film.shots.iter() {
        let at = Some((Kind::Shot, shot.id.raw()));
        found.unless(
            film.scenes.contains(shot.scene),
            "shot.scene",
            at,
            "The shot is in a scene that is not in the film.",
        );
        found.unless(shot.length >= Ticks(1), "shot.length", at, "The shot has no length.");
        found.unless(shot.length.0 <= limits::SHOT_TICKS, "shot.length", at, "The shot is longer than ten minutes.");
        if let Some(take) = shot.chosen_take {
            let own = film.takes.get(take).is_some_and(|take| take.shot == shot.id);
            found.unless(own, "shot.take", at, "The shot shows a take that is not one of its own.");
        }
        found.unless(shot_texts_fit(shot), "limit.text", at, "A text of the shot is too long.");
    }
    for take in film.takes.iter() {
        let at = Some((Kind::Take, take.id.raw()));
        found.unless(
            take.frames > 0 && take.rate.frames > 0 && take.rate.seconds > 0,
            "take.frames",
            at,
            "The take is empty.",
        );
    }
    for member in film.cast.iter() {
        let at = Some((Kind::Cast, member.id.raw()));
        let fits = member.name.len() <= limits::NAME_BYTES && member.descriptor.len() <= limits::TEXT_BYTES;
        let dressed = member.wardrobe.len() <= limits::SCENES
            && member.wardrobe.values().all(|worn| worn.len() <= limits::TEXT_BYTES);
        found.unless(
            fits && dressed && member.references.len() <= limits::REFERENCES,
            "limit.text",
            at,
            "The cast member is too large.",
        );
        found.unless(
            member.cameo.is_none() || can_be_a_cameo(member.role),
            "cast.cameo",
            at,
            "A place or a style has the likeness of a cameo.",
        );
    }
}

/// A likeness is of somebody or something, not of a place or a manner.
pub(crate) fn can_be_a_cameo(role: CastRole) -> bool {
    matches!(role, CastRole::Character | CastRole::Prop)
}

pub(crate) fn shot_texts_fit(shot: &Shot) -> bool {
    let texts = [&shot.fingerprint, &shot.description, &shot.style];
    let names = [&shot.framing, &shot.camera];
    let lines =
        shot.dialogue.iter().flat_map(|line| [&line.character, &line.extension, &line.parenthetical, &line.text]);
    texts.into_iter().chain(shot.prompt_override.as_ref()).chain(lines).all(|text| text.len() <= limits::TEXT_BYTES)
        && names
            .into_iter()
            .chain(shot.engine.as_ref())
            .chain(&shot.characters)
            .all(|text| text.len() <= limits::NAME_BYTES)
        && shot.characters.len() <= limits::LINES_PER_SHOT
        && shot.dialogue.len() <= limits::LINES_PER_SHOT
}

pub(crate) fn legal_size(size: FrameSize) -> bool {
    let legal = |side: u32| {
        (limits::FRAME_PIXELS_LOWEST..=limits::FRAME_PIXELS_HIGHEST).contains(&side) && side.is_multiple_of(2)
    };
    legal(size.width) && legal(size.height)
}

fn timeline(film: &Film, found: &mut Found) {
    for track in film.tracks.iter() {
        let at = Some((Kind::Track, track.id.raw()));
        found.unless(track.name.len() <= limits::NAME_BYTES, "limit.name", at, "The track's name is too long.");
        found.unless(legal_gain(track.gain_millibels), "track.gain", at, "The track's volume is out of range.");
        found.unless(track.mix.is_legal(), "track.mix", at, "The track's tone or dynamics are out of range.");
    }
    let mut lanes: BTreeMap<_, Vec<&Clip>> = BTreeMap::new();
    for clip in film.clips.iter() {
        lanes.entry(clip.track).or_default().push(clip);
        one_clip(film, clip, found);
    }
    for lane in lanes.values_mut() {
        lane.sort_by_key(|clip| (clip.start, clip.id));
        for pair in lane.windows(2) {
            if let [left, right] = pair {
                let at = Some((Kind::Clip, right.id.raw()));
                found.unless(
                    left.start + left.length <= right.start,
                    "clip.overlap",
                    at,
                    "Two clips lie on each other.",
                );
            }
        }
    }
    for marker in film.markers.iter() {
        let at = Some((Kind::Marker, marker.id.raw()));
        found.unless(
            marker.at >= Ticks::ZERO && marker.at.0 <= limits::FILM_TICKS,
            "marker.at",
            at,
            "The marker is outside the film.",
        );
        found.unless(marker.text.len() <= limits::TEXT_BYTES, "limit.text", at, "The marker's text is too long.");
    }
}

fn one_clip(film: &Film, clip: &Clip, found: &mut Found) {
    let at = Some((Kind::Clip, clip.id.raw()));
    let mut unless = |holds, rule, text| found.unless(holds, rule, at, text);
    unless(film.tracks.contains(clip.track), "clip.track", "The clip is on a track that is not in the film.");
    let exists = match &clip.source {
        ClipSource::Shot(shot) => film.shots.contains(*shot),
        ClipSource::Take(take) => film.takes.contains(*take),
        ClipSource::Media(media) => film.media.contains(*media),
        ClipSource::Line { shot, .. } => film.shots.contains(*shot),
        ClipSource::Ambience(ambience) => ambience.is_legal(),
        ClipSource::Title(title) => title.text.len() <= limits::TEXT_BYTES,
        ClipSource::Colour(_) => true,
    };
    unless(exists, "clip.source", "The clip shows something that is not in the film.");
    unless(clip.start >= Ticks::ZERO, "clip.start", "The clip begins before the film.");
    unless((clip.start + clip.length).0 <= limits::FILM_TICKS, "clip.end", "The clip ends later than a film may.");
    unless(
        clip.length >= film.settings.rate.frame_length() - Ticks(1),
        "clip.length",
        "The clip is shorter than a frame.",
    );
    unless(clip.source_in >= Ticks::ZERO, "clip.source_in", "The clip begins before its source.");
    unless(legal_speed(clip.speed_permille), "clip.speed", "The clip's speed is out of range.");
    unless(legal_gain(clip.gain_millibels), "clip.gain", "The clip's volume is out of range.");
    unless(clip.mix.is_legal(), "clip.mix", "The clip's place in the sound or its volume keys are out of range.");
    let fades =
        clip.fade_in >= Ticks::ZERO && clip.fade_out >= Ticks::ZERO && clip.fade_in + clip.fade_out <= clip.length;
    unless(fades, "clip.fades", "The clip's fades are longer than the clip.");
    unless(legal_placement(&clip.placement), "clip.placement", "The clip's place on the frame is out of range.");
    unless(clip.effects.len() <= limits::EFFECTS_PER_CLIP, "limit.effects", "The clip has too many effects.");
    unless(
        clip.effects.iter().all(|e| legal_parameters(&e.kind, &e.parameters)),
        "clip.effects",
        "An effect has a value that is no number.",
    );
    unless(crate::curve::legal_curves(&clip.curves), "clip.curves", "A key frame of the clip is out of order.");
    if let Some(transition) = &clip.transition {
        let fits = transition.length > Ticks::ZERO && transition.length <= clip.length;
        unless(fits, "clip.transition", "The clip's transition is longer than the clip.");
        unless(
            legal_parameters(&transition.kind, &transition.parameters),
            "clip.transition",
            "The transition has a value that is no number.",
        );
    }
}

/// Every word has its time, in order.
pub(crate) fn speech_fits(speech: &crate::Speech) -> bool {
    let ordered = speech.words.iter().all(|word| word.start <= word.end && word.start >= Ticks::ZERO)
        && speech.words.windows(2).all(|pair| matches!(pair, [left, right] if left.start <= right.start));
    speech.utterance.text.len() <= limits::TEXT_BYTES
        && speech.voice.len() <= limits::NAME_BYTES
        && speech.words.len() == speech.utterance.words().count()
        && ordered
}

pub(crate) fn legal_gain(millibels: i32) -> bool {
    (limits::GAIN_MILLIBELS_LOWEST..=limits::GAIN_MILLIBELS_HIGHEST).contains(&millibels)
}

pub(crate) fn legal_speed(permille: u32) -> bool {
    (limits::SPEED_PERMILLE_LOWEST..=limits::SPEED_PERMILLE_HIGHEST).contains(&permille)
}

pub(crate) fn legal_parameters(kind: &str, parameters: &BTreeMap<String, f32>) -> bool {
    kind.len() <= limits::NAME_BYTES
        && parameters.len() <= limits::PARAMETERS
        && parameters.iter().all(|(name, value)| name.len() <= limits::NAME_BYTES && value.is_finite())
}

pub(crate) fn legal_placement(placement: &Placement) -> bool {
    let [left, top, right, bottom] = placement.crop_permille;
    let shift = -limits::SHIFT_PERMILLE..=limits::SHIFT_PERMILLE;
    shift.contains(&placement.x_permille)
        && shift.contains(&placement.y_permille)
        && (1..=limits::SCALE_PERMILLE_HIGHEST).contains(&placement.scale_permille)
        && placement.rotation_millidegrees.unsigned_abs() <= limits::ROTATION_MILLIDEGREES
        && placement.opacity_permille <= 1000
        && left.saturating_add(right) < 1000
        && top.saturating_add(bottom) < 1000
}
