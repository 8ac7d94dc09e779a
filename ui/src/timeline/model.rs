//! Where everything on the timeline lies, in whole pixels, and what lies under a point.
//!
//! Pure: the film and a window in, rectangles out. Only what is visible is listed, so that a film of thousands of clips costs what a
//! screen of them costs. Times are ticks and never floats; a pixel is a whole number of ticks.

use kinora_document::{ClipId, Film, FrameRate, Ticks, Track, TrackId, TrackKind};
use std::collections::BTreeMap;

pub const RULER_HEIGHT: i32 = 26;
pub const LANE_HEIGHT: i32 = 56;
pub const LANE_GAP: i32 = 2;
pub const HEADER_WIDTH: i32 = 168;
/// Pixels around an edge in which it is grabbed.
const GRIP: i32 = 6;
/// The strip along the lower edge of a clip in which its keys are grabbed.
const KEY_ROW: i32 = 16;
/// Clips narrower than this are painted together with their neighbours, up to a block of the second number.
const NARROW: i32 = 4;
const BLOCK: i32 = 96;
/// Pixels within which a dragged time jumps to another.
pub const SNAP: i32 = 8;

/// What part of the film is seen, and how large.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// At the left edge of the lanes.
    pub from: Ticks,
    pub ticks_per_pixel: i64,
    /// The whole canvas, with ruler and headers.
    pub width: i32,
    pub height: i32,
    /// Pixels the lanes are scrolled up.
    pub down: i32,
}

impl View {
    /// The closest and the widest look: a frame of 60 fps over some pixels, and the longest film in a narrow window.
    const LEAST: i64 = Ticks::PER_SECOND / 60 / 24;
    const MOST: i64 = Ticks::PER_SECOND * 240;

    pub fn lanes_width(&self) -> i32 {
        (self.width - HEADER_WIDTH).max(1)
    }
    pub fn x_of(&self, time: Ticks) -> i32 {
        let pixels = (time.0 - self.from.0).div_euclid(self.ticks_per_pixel.max(1));
        HEADER_WIDTH + i32::try_from(pixels.clamp(-1_000_000, 1_000_000)).unwrap_or(0)
    }
    pub fn time_at(&self, x: i32) -> Ticks {
        Ticks(self.from.0 + i64::from(x - HEADER_WIDTH) * self.ticks_per_pixel)
    }
    pub fn until(&self) -> Ticks {
        self.time_at(self.width)
    }
    pub fn ticks(&self, pixels: i32) -> Ticks {
        Ticks(i64::from(pixels) * self.ticks_per_pixel)
    }
    /// Larger (`steps` > 0) or smaller, with the time at `x` staying where it is.
    pub fn zoom(&mut self, steps: i32, x: i32) {
        let held = self.time_at(x);
        for _ in 0..steps.abs() {
            let next = if steps > 0 { self.ticks_per_pixel * 4 / 5 } else { self.ticks_per_pixel * 5 / 4 + 1 };
            self.ticks_per_pixel = next.clamp(Self::LEAST, Self::MOST);
        }
        self.from = Ticks((held.0 - i64::from(x - HEADER_WIDTH) * self.ticks_per_pixel).max(0));
    }
    /// Shows the whole film, and a little after it.
    pub fn fit(&mut self, length: Ticks) {
        let length = length.max(Ticks::from_seconds(5)).0;
        self.from = Ticks::ZERO;
        self.ticks_per_pixel = (length * 21 / 20 / i64::from(self.lanes_width()) + 1).clamp(Self::LEAST, Self::MOST);
    }
    /// Scrolls just far enough to see `time`; a page while it moves on by itself.
    pub fn follow(&mut self, time: Ticks) {
        let width = self.ticks(self.lanes_width());
        if time < self.from {
            self.from = Ticks((time.0 - width.0 / 10).max(0));
        } else if time > self.from + width {
            self.from = Ticks(time.0 - width.0 / 10);
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rect {
    pub x: i32,
    pub y: i32,
    pub width: i32,
    pub height: i32,
}

impl Rect {
    pub fn contains(&self, x: i32, y: i32) -> bool {
        x >= self.x && x < self.x + self.width && y >= self.y && y < self.y + self.height
    }
    /// Between two corners, whichever way the pointer went.
    pub fn between(one: (i32, i32), other: (i32, i32)) -> Self {
        let (x, y) = (one.0.min(other.0), one.1.min(other.1));
        Self { x, y, width: (one.0 - other.0).abs(), height: (one.1 - other.1).abs() }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lane {
    pub track: TrackId,
    pub kind: TrackKind,
    pub y: i32,
    pub height: i32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClipRect {
    pub clip: ClipId,
    pub kind: TrackKind,
    pub rect: Rect,
    /// Pixels of the transition at its beginning.
    pub transition: i32,
    /// Clips that are too narrow to be told apart and are painted as one; `clip` is the first of them.
    pub many: usize,
}

/// A clip's place in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    pub clip: ClipId,
    pub start: Ticks,
    pub end: Ticks,
    pub transition: Ticks,
}

/// The clips of a film by track and in time: made once per edit, and then asked for any window by halving.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    lanes: Vec<(Lane, Vec<Slot>)>,
    /// Every cut and the beginning, ascending, each once.
    cuts: Vec<Ticks>,
}

impl Layout {
    /// Lanes from the top down: the picture tracks lie over one another as they are drawn, sound below them.
    pub fn lanes_of(film: &Film) -> Vec<Lane> {
        let is_picture = |track: &&Track| matches!(track.kind, TrackKind::Video | TrackKind::Captions);
        let pictures: Vec<&Track> = film.tracks.iter().filter(is_picture).collect();
        let sounds = film.tracks.iter().filter(|track| !is_picture(track));
        let mut y = RULER_HEIGHT + LANE_GAP;
        let tracks = pictures.into_iter().rev().chain(sounds);
        let lane = |track: &Track| {
            let height = if track.kind == TrackKind::Video { LANE_HEIGHT } else { LANE_HEIGHT * 5 / 8 };
            let lane = Lane { track: track.id, kind: track.kind, y, height };
            y += height + LANE_GAP;
            lane
        };
        tracks.map(lane).collect()
    }

    /// Every clip in its lane, by time.
    pub fn of(film: &Film) -> Self {
        let mut lanes: Vec<(Lane, Vec<Slot>)> =
            Self::lanes_of(film).into_iter().map(|lane| (lane, Vec::new())).collect();
        let rows: BTreeMap<TrackId, usize> =
            lanes.iter().enumerate().map(|(row, (lane, _))| (lane.track, row)).collect();
        let mut cuts = vec![Ticks::ZERO];
        for clip in film.clips.iter() {
            let slot = Slot {
                clip: clip.id,
                start: clip.start,
                end: clip.start + clip.length,
                transition: clip.transition.as_ref().map_or(Ticks::ZERO, |transition| transition.length),
            };
            cuts.extend([slot.start, slot.end]);
            if let Some((_, slots)) = rows.get(&clip.track).and_then(|row| lanes.get_mut(*row)) {
                slots.push(slot);
            }
        }
        for (_, slots) in &mut lanes {
            slots.sort_by_key(|slot| (slot.start, slot.clip));
        }
        cuts.sort_unstable();
        cuts.dedup();
        Self { lanes, cuts }
    }

    pub fn lanes(&self) -> impl Iterator<Item = &Lane> {
        self.lanes.iter().map(|(lane, _)| lane)
    }
    pub fn lane(&self, track: TrackId) -> Option<&Lane> {
        self.lanes().find(|lane| lane.track == track)
    }
    pub fn slots(&self, track: TrackId) -> &[Slot] {
        self.lanes.iter().find(|(lane, _)| lane.track == track).map_or(&[], |(_, slots)| slots)
    }
    pub fn cuts(&self) -> &[Ticks] {
        &self.cuts
    }
    /// Height of all lanes and the ruler.
    pub fn height(&self) -> i32 {
        self.lanes().last().map_or(RULER_HEIGHT, |lane| lane.y + lane.height)
    }
    /// The lane under a height on the canvas.
    pub fn lane_at(&self, view: &View, y: i32) -> Option<&Lane> {
        self.lanes().find(|lane| (lane.y..lane.y + lane.height).contains(&(y + view.down)))
    }
    /// The clip of a track at a time.
    pub fn at(&self, track: TrackId, time: Ticks) -> Option<&Slot> {
        let slots = self.slots(track);
        let at = slots.partition_point(|slot| slot.start <= time).checked_sub(1)?;
        slots.get(at).filter(|slot| time < slot.end)
    }
    /// The empty stretch of a track around a time, when a clip follows it.
    pub fn gap(&self, track: TrackId, time: Ticks) -> Option<(Ticks, Ticks)> {
        let slots = self.slots(track);
        let next = slots.partition_point(|slot| slot.start <= time);
        let from = next.checked_sub(1).and_then(|at| slots.get(at)).map_or(Ticks::ZERO, |slot| slot.end);
        let until = slots.get(next)?.start;
        (from <= time && from < until).then_some((from, until))
    }

    fn inside(slots: &[Slot], from: Ticks, until: Ticks) -> impl Iterator<Item = &Slot> {
        let first = slots.partition_point(|slot| slot.end <= from);
        slots.iter().skip(first).take_while(move |slot| slot.start < until)
    }

    /// What is inside the window, in the order of the lanes. Of clips narrower than a few pixels, neighbours become one.
    pub fn visible(&self, view: &View) -> Vec<ClipRect> {
        let (from, until) = (view.from, view.until());
        let mut found: Vec<ClipRect> = Vec::new();
        for (lane, slots) in &self.lanes {
            let y = lane.y - view.down;
            if y + lane.height < RULER_HEIGHT || y > view.height {
                continue;
            }
            let first_of_lane = found.len();
            for slot in Self::inside(slots, from, until) {
                let clip = rect_of(slot, lane, view);
                if clip.rect.width < NARROW
                    && found.len() > first_of_lane
                    && let Some(last) = found.last_mut()
                    && (last.many > 1 || last.rect.width < NARROW)
                    && last.rect.width < BLOCK
                    && clip.rect.x <= last.rect.x + last.rect.width + 1
                {
                    last.rect.width = clip.rect.x + clip.rect.width - last.rect.x;
                    last.many += 1;
                    last.transition = 0;
                    continue;
                }
                found.push(clip);
            }
        }
        found
    }

    /// Clips that a rectangle on the canvas touches.
    pub fn within(&self, view: &View, area: &Rect) -> Vec<ClipId> {
        let (from, until) = (view.time_at(area.x), view.time_at(area.x + area.width));
        let (top, bottom) = (area.y + view.down, area.y + area.height + view.down);
        let touched = |lane: &Lane| lane.y < bottom && lane.y + lane.height > top;
        self.lanes
            .iter()
            .filter(|(lane, _)| touched(lane))
            .flat_map(|(_, slots)| Self::inside(slots, from, until))
            .map(|slot| slot.clip)
            .collect()
    }

    /// What lies under a point of the canvas.
    pub fn under(&self, view: &View, x: i32, y: i32) -> Under {
        if y < RULER_HEIGHT {
            return if x >= HEADER_WIDTH { Under::Ruler } else { Under::Nothing };
        }
        let Some(lane) = self.lane_at(view, y) else { return Under::Nothing };
        if x < HEADER_WIDTH {
            return Under::Header(lane.track);
        }
        let Some(slot) = self.at(lane.track, view.time_at(x)) else { return Under::Lane(lane.track) };
        let clip = rect_of(slot, lane, view);
        if x < clip.rect.x || x >= clip.rect.x + clip.rect.width {
            // A share of a pixel at its end: nothing of the clip is drawn here.
            return Under::Lane(lane.track);
        }
        let grip = GRIP.min(clip.rect.width / 4);
        let from_left = x - clip.rect.x;
        // The end of a transition is grabbed in the upper half, where it is drawn widest.
        let on_transition = clip.transition > GRIP
            && (from_left - clip.transition).abs() < GRIP
            && y + view.down < lane.y + lane.height / 2;
        match from_left {
            _ if on_transition => Under::Transition(slot.clip),
            from_left if from_left < grip => Under::Start(slot.clip),
            from_left if from_left >= clip.rect.width - grip => Under::End(slot.clip),
            _ => Under::Body(slot.clip),
        }
    }
}

/// The key of a clip under a point, as a time of its source; only clips with keys are asked.
pub fn key_under(film: &Film, layout: &Layout, view: &View, x: i32, y: i32) -> Option<(ClipId, Ticks)> {
    let lane = layout.lane_at(view, y)?;
    let low = y + view.down >= lane.y + lane.height - KEY_ROW;
    let slot = layout.at(lane.track, view.time_at(x)).filter(|_| low && x >= HEADER_WIDTH)?;
    let clip = film.clips.get(slot.clip).filter(|clip| !clip.curves.is_empty())?;
    let far = |time: &Ticks| (view.x_of(clip.time_in_film(*time)) - x).abs();
    let nearest = clip.key_times().into_iter().min_by_key(far)?;
    (far(&nearest) <= GRIP).then_some((clip.id, nearest))
}

pub fn rect_of(slot: &Slot, lane: &Lane, view: &View) -> ClipRect {
    let (left, right) = (view.x_of(slot.start), view.x_of(slot.end));
    let transition = view.x_of(slot.start + slot.transition) - left;
    let rect = Rect { x: left, y: lane.y - view.down, width: (right - left).max(2), height: lane.height };
    ClipRect { clip: slot.clip, kind: lane.kind, rect, transition, many: 1 }
}

/// What lies under the pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Under {
    Ruler,
    Header(TrackId),
    Start(ClipId),
    End(ClipId),
    Body(ClipId),
    /// Where the transition at the beginning of a clip ends.
    Transition(ClipId),
    Lane(TrackId),
    Nothing,
}

/// The time nearest to `time` among `others`, when it is near enough.
pub fn near(time: Ticks, others: impl Iterator<Item = Ticks>, view: &View) -> Option<Ticks> {
    let reach = view.ticks(SNAP).0;
    others.min_by_key(|other| (other.0 - time.0).abs()).filter(|other| (other.0 - time.0).abs() <= reach)
}

/// Marks of the ruler: the times of labels, and of the small marks between them.
pub fn ruler(view: &View, rate: FrameRate) -> (Vec<Ticks>, Vec<Ticks>) {
    let frame = rate.frame_length().0.max(1);
    let second = Ticks::PER_SECOND;
    let steps = [
        frame,
        frame * 5,
        second / 2,
        second,
        second * 2,
        second * 5,
        second * 10,
        second * 30,
        second * 60,
        second * 300,
        second * 600,
        second * 3600,
    ];
    let wide_enough = |step: &&i64, pixels: i64| **step >= view.ticks_per_pixel * pixels;
    let large = steps.iter().find(|step| wide_enough(step, 90)).copied().unwrap_or(second * 3600);
    let small = steps.iter().find(|step| wide_enough(step, 12) && large % **step == 0).copied().unwrap_or(large);
    let marks = |step: i64| {
        let first = view.from.0.div_euclid(step) * step;
        (0..).map(|n| Ticks(first + n * step)).take_while(|time| *time <= view.until()).take(2000).collect::<Vec<_>>()
    };
    (marks(large), marks(small))
}

#[cfg(test)]
#[path = "model_tests.rs"]
mod tests;
