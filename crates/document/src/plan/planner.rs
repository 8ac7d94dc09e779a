//! The film sorted for asking: which clips are under a frame, found by halving.
//!
//! Made once per state of the film and then asked for any frame: 5,000 clips cost a sort once and a dozen comparisons a frame. It owns
//! what it needs, so a player can hold it while the film goes on changing. It never decodes and never looks at a file.

use super::karaoke::SpokenWords;
use super::source::{Picture as Shown, picture_of, source_time};
use super::{FramePlan, Layer, Picture, PictureSource, Reel, SoundPlan, reel, sound_plan};
use crate::board::numbers;
use crate::curve::{Curve, moved};
use crate::film::{Clip, ClipSource, Effect, Film, Placement, Title, TitleStyle, TrackKind};
use crate::time::{Span, Ticks};
use std::collections::BTreeMap;

/// Answers what any frame of one state of the film is made of.
#[derive(Clone, Debug)]
pub struct Planner {
    reel: Reel,
    /// Bottom first.
    lanes: Vec<Lane>,
    /// Over everything, from the first frame to the last.
    sign: Option<Layer>,
    sound: SoundPlan,
}

#[derive(Clone, Debug)]
struct Lane {
    /// By start; clips of a track do not overlap.
    items: Vec<Item>,
}

#[derive(Clone, Debug)]
struct Item {
    span: Span,
    source_in: Ticks,
    speed_permille: u32,
    shown: Shown,
    placement: Placement,
    effects: Vec<Effect>,
    curves: Vec<Curve>,
    /// Only of sources without sound: their fades are seen.
    fade_in: Ticks,
    fade_out: Ticks,
    mix: Option<Mix>,
    /// Of a caption whose words light up: when each is heard.
    words: Vec<Ticks>,
}

#[derive(Clone, Debug)]
struct Mix {
    kind: String,
    length: Ticks,
    parameters: BTreeMap<String, f32>,
    /// The item before touches this one; otherwise it comes in over nothing.
    over_previous: bool,
}

impl Planner {
    pub fn new(film: &Film) -> Self {
        let numbers = numbers(film);
        let mut by_track: BTreeMap<_, Vec<&Clip>> = BTreeMap::new();
        for clip in film.clips.iter() {
            by_track.entry(clip.track).or_default().push(clip);
        }
        // Captions lie over every picture, whatever the order of the tracks.
        let pictures = film.tracks.iter().filter(|track| track.kind == TrackKind::Video);
        let captions = film.tracks.iter().filter(|track| track.kind == TrackKind::Captions && !track.muted);
        let mut lanes = Vec::new();
        // Only films that light up words pay for knowing when they are heard.
        let mut spoken = None;
        for track in pictures.chain(captions) {
            let mut clips = by_track.remove(&track.id).unwrap_or_default();
            clips.sort_by_key(|clip| (clip.start, clip.id));
            let mut items: Vec<Item> = Vec::with_capacity(clips.len());
            for clip in clips {
                let Some(shown) = picture_of(film, clip, &numbers) else { continue };
                let words = match &clip.source {
                    ClipSource::Title(Title { text, style: TitleStyle::Karaoke }) => {
                        spoken.get_or_insert_with(|| SpokenWords::of(film)).starts(clip, text)
                    }
                    _ => Vec::new(),
                };
                let touches = items.last().is_some_and(|before| before.span.end() == clip.start);
                items.push(Item { words, ..Item::new(clip, shown, touches) });
            }
            lanes.push(Lane { items });
        }
        Self { reel: reel(film), lanes, sign: film.settings.sign.layer(film), sound: sound_plan(film) }
    }

    pub fn reel(&self) -> Reel {
        self.reel
    }

    pub fn sound(&self) -> &SoundPlan {
        &self.sound
    }

    /// What frame `frame` is made of; black outside the film.
    pub fn frame_at(&self, frame: i64) -> FramePlan {
        let time = self.reel.rate.frame_start(frame);
        let half = Ticks(self.reel.rate.frame_length().0 / 2);
        let inside = (0..self.reel.frames).contains(&frame);
        let sign = self.sign.iter().filter(|_| inside).cloned();
        let layers = self.lanes.iter().filter_map(|lane| lane.layer(time, half)).chain(sign).collect();
        FramePlan { size: self.reel.size, frame, layers }
    }

    /// The frame shown at `time`.
    pub fn frame_at_time(&self, time: Ticks) -> FramePlan {
        self.frame_at(self.reel.rate.frame_at(time))
    }

    /// Pictures that frames `from … until` need, in order of first use: what a player reads ahead.
    pub fn needs(&self, from: i64, until: i64) -> Vec<PictureSource> {
        let mut found: Vec<PictureSource> = Vec::new();
        for frame in from..until.min(from.saturating_add(10_000)) {
            for layer in self.frame_at(frame).layers {
                let pictures = match layer {
                    Layer::Picture(picture) => [Some(picture), None],
                    Layer::Mix { from, to, .. } => [from, to],
                };
                for picture in pictures.into_iter().flatten() {
                    if !found.contains(&picture.source) {
                        found.push(picture.source);
                    }
                }
            }
        }
        found
    }
}

impl Lane {
    fn layer(&self, time: Ticks, half_frame: Ticks) -> Option<Layer> {
        let at = self.items.partition_point(|item| item.span.start <= time).checked_sub(1)?;
        let item = self.items.get(at)?;
        if !item.span.contains(time) {
            return None;
        }
        let to = item.picture(time);
        let into = time - item.span.start;
        match &item.mix {
            Some(mix) if into < mix.length => {
                let before = if mix.over_previous { at.checked_sub(1).and_then(|at| self.items.get(at)) } else { None };
                // The middle of the frame decides, so that a mix is symmetric and never shows one picture alone.
                let progress = (i128::from((into + half_frame).0) * 1000).div_euclid(i128::from(mix.length.0.max(1)));
                Some(Layer::Mix {
                    kind: mix.kind.clone(),
                    progress_permille: u32::try_from(progress.clamp(0, 1000)).unwrap_or(1000),
                    parameters: mix.parameters.clone(),
                    from: before.map(|before| before.picture(time)),
                    to: Some(to),
                })
            }
            _ => Some(Layer::Picture(to)),
        }
    }
}

impl Item {
    fn new(clip: &Clip, shown: Shown, touches: bool) -> Self {
        // Where nothing is heard, the fades of a clip are seen: titles and colours come and go softly.
        let seen = matches!(clip.source, ClipSource::Title(_) | ClipSource::Colour(_));
        let mix =
            clip.transition.as_ref().filter(|transition| transition.length > Ticks::ZERO && transition.kind != "cut");
        Self {
            span: Span::new(clip.start, clip.length),
            source_in: clip.source_in,
            speed_permille: clip.speed_permille,
            shown,
            placement: clip.placement,
            effects: clip.effects.clone(),
            curves: clip.curves.clone(),
            fade_in: if seen { clip.fade_in } else { Ticks::ZERO },
            fade_out: if seen { clip.fade_out } else { Ticks::ZERO },
            mix: mix.map(|transition| Mix {
                kind: transition.kind.clone(),
                length: transition.length.min(clip.length),
                parameters: transition.parameters.clone(),
                over_previous: touches,
            }),
            words: Vec::new(),
        }
    }

    /// At `time` of the film; also after its end, where a transition needs what would have come.
    fn picture(&self, time: Ticks) -> Picture {
        let elapsed = time - self.span.start;
        let within = source_time(self.source_in, elapsed, self.speed_permille);
        let source = match self.shown.at(within) {
            PictureSource::Title(Title { text, style: TitleStyle::Karaoke }) => {
                let word = self.words.partition_point(|start| *start <= time).checked_sub(1);
                PictureSource::Karaoke { text, word: word.and_then(|word| u32::try_from(word).ok()) }
            }
            other => other,
        };
        let mut placement = self.placement;
        let mut effects = self.effects.clone();
        moved(&self.curves, within, &mut placement, &mut effects);
        placement.opacity_permille = self.faded(placement.opacity_permille, elapsed);
        Picture { source, placement, effects }
    }

    fn faded(&self, full: u32, elapsed: Ticks) -> u32 {
        let part = |passed: Ticks, whole: Ticks| -> u32 {
            if whole <= Ticks::ZERO || passed >= whole {
                return 1000;
            }
            let permille = (i128::from(passed.0.max(0)) * 1000).div_euclid(i128::from(whole.0));
            u32::try_from(permille).unwrap_or(1000)
        };
        let visible = part(elapsed, self.fade_in).min(part(self.span.length - elapsed, self.fade_out));
        u32::try_from(u64::from(full) * u64::from(visible) / 1000).unwrap_or(full)
    }
}
