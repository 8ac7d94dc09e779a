//! Where everything on the timeline lies, in whole pixels, and what lies under a point.
//!
//! Pure: the film and a window in, rectangles out. Only what is visible is listed, so that a film of thousands of clips costs what a
//! screen of them costs. Times are ticks and never floats; a pixel is a whole number of ticks.

use kinora_document::{Clip, ClipId, Film, FrameRate, Ticks, Track, TrackId, TrackKind};

pub const RULER_HEIGHT: i32 = 26;
pub const LANE_HEIGHT: i32 = 56;
pub const LANE_GAP: i32 = 2;
pub const HEADER_WIDTH: i32 = 120;
/// Pixels around an edge in which it is grabbed.
const GRIP: i32 = 6;
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
}

/// Lanes from the top down: the picture tracks lie over one another as they are drawn, sound below them.
pub fn lanes(film: &Film, down: i32) -> Vec<Lane> {
    let is_picture = |track: &&Track| matches!(track.kind, TrackKind::Video | TrackKind::Captions);
    let pictures: Vec<&Track> = film.tracks.iter().filter(is_picture).collect();
    let sounds = film.tracks.iter().filter(|track| !is_picture(track));
    let mut y = RULER_HEIGHT + LANE_GAP - down;
    pictures
        .into_iter()
        .rev()
        .chain(sounds)
        .map(|track| {
            let height = if track.kind == TrackKind::Video { LANE_HEIGHT } else { LANE_HEIGHT * 5 / 8 };
            let lane = Lane { track: track.id, kind: track.kind, y, height };
            y += height + LANE_GAP;
            lane
        })
        .collect()
}

/// Height of all lanes and the ruler.
pub fn full_height(film: &Film) -> i32 {
    lanes(film, 0).last().map_or(RULER_HEIGHT, |lane| lane.y + lane.height)
}

/// The clips inside the window, in the order of their lanes.
pub fn visible<'a>(clips: impl Iterator<Item = &'a Clip>, lanes: &[Lane], view: &View) -> Vec<ClipRect> {
    let until = view.until();
    clips
        .filter(|clip| clip.start < until && clip.start + clip.length > view.from)
        .filter_map(|clip| {
            let lane = lanes.iter().find(|lane| lane.track == clip.track)?;
            if lane.y + lane.height < RULER_HEIGHT || lane.y > view.height {
                return None;
            }
            Some(rect_of(clip, lane, view))
        })
        .collect()
}

pub fn rect_of(clip: &Clip, lane: &Lane, view: &View) -> ClipRect {
    let (left, right) = (view.x_of(clip.start), view.x_of(clip.start + clip.length));
    let transition = clip.transition.as_ref().map_or(0, |t| view.x_of(clip.start + t.length) - left);
    let rect = Rect { x: left, y: lane.y, width: (right - left).max(2), height: lane.height };
    ClipRect { clip: clip.id, kind: lane.kind, rect, transition }
}

/// What lies under the pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Under {
    Ruler,
    Header(TrackId),
    Start(ClipId),
    End(ClipId),
    Body(ClipId),
    Lane(TrackId),
    Nothing,
}

pub fn under(clips: &[ClipRect], lanes: &[Lane], x: i32, y: i32) -> Under {
    if y < RULER_HEIGHT {
        return if x >= HEADER_WIDTH { Under::Ruler } else { Under::Nothing };
    }
    let lane = lanes.iter().find(|lane| y >= lane.y && y < lane.y + lane.height);
    let Some(lane) = lane else { return Under::Nothing };
    if x < HEADER_WIDTH {
        return Under::Header(lane.track);
    }
    // Bodies first: at a cut, the edge of the clip that the pointer is in.
    if let Some(hit) = clips.iter().find(|clip| clip.rect.contains(x, y)) {
        let grip = GRIP.min(hit.rect.width / 4);
        return match x - hit.rect.x {
            from_left if from_left < grip => Under::Start(hit.clip),
            from_left if from_left >= hit.rect.width - grip => Under::End(hit.clip),
            _ => Under::Body(hit.clip),
        };
    }
    Under::Lane(lane.track)
}

/// The time nearest to `time` among `others`, when it is near enough.
pub fn near(time: Ticks, others: impl Iterator<Item = Ticks>, view: &View) -> Option<Ticks> {
    let reach = view.ticks(SNAP).0;
    others.min_by_key(|other| (other.0 - time.0).abs()).filter(|other| (other.0 - time.0).abs() <= reach)
}

/// The time near to `time` among `others`; otherwise the nearest frame.
pub fn snap(time: Ticks, others: impl Iterator<Item = Ticks>, view: &View, rate: FrameRate) -> Ticks {
    near(time, others, view).unwrap_or_else(|| rate.snap(time))
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
