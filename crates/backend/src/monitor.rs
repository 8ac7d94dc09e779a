//! The preview: any frame of the film at any size, and playback with the sound as its clock.
//!
//! Executes the same frame plans with the same compositor and mixer as the exporter; at the film's own size the pictures are equal.
//! Pictures are pulled by the window, so a slow window sees fewer of them and never a queue.

use crate::library::Library;
use crate::meter::{Levels, Meter};
use crate::mixer::{CHANNELS, Mixer};
use crate::pictures::jpeg;
use crate::problem::Trouble;
use kinora_api::PlayRequest;
use kinora_document::{BlobHash, Film, FrameSize, Planner, Ticks};
use kinora_ports::{Compositor, Pixels, Playing, Sound, Speaker};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

/// Preview pictures beyond this gain nothing on a screen.
const LARGEST_SIDE: u32 = 3840;
/// For a picture's time to come.
const LONGEST_WAIT: Duration = Duration::from_millis(50);

pub struct Monitor {
    compositor: Box<dyn Compositor>,
    library: Library,
    speaker: Arc<dyn Speaker>,
    /// The film whose plan this is, with the size of the preview.
    planned: Option<(Arc<Film>, FrameSize, Planner)>,
    playing: Option<Playback>,
}

/// Laid over what is played: the sample of the film at which a block of stereo begins, and the block.
pub type Over = Box<dyn FnMut(i64, &mut [f32]) + Send>;

type Sounding = Mutex<Box<dyn Playing>>;

fn position(sound: &Sounding) -> i64 {
    sound.lock().unwrap_or_else(PoisonError::into_inner).position_samples()
}

/// Which sample of the film is heard now, for as long as this playback goes on; asking never waits for a picture.
#[derive(Clone)]
pub struct Heard {
    sound: Weak<Sounding>,
    start: i64,
}

impl std::fmt::Debug for Heard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Heard").field("start", &self.start).finish_non_exhaustive()
    }
}

impl Heard {
    /// None once it was stopped, or another playback began.
    pub fn sample(&self) -> Option<i64> {
        Some(self.start + position(self.sound.upgrade()?.as_ref()))
    }
}

struct Playback {
    sound: Arc<Sounding>,
    from: Ticks,
    until: Ticks,
    /// Where the next round begins; None plays once.
    again: Option<Ticks>,
    meter: Arc<Meter>,
}

/// A picture for the window.
#[derive(Clone, Debug)]
pub struct Shown {
    pub jpeg: Vec<u8>,
    /// Start of the frame that it shows.
    pub at: Ticks,
    /// What was heard when the picture was ready; its own time while nothing plays.
    pub heard: Ticks,
    pub playing: bool,
    /// While it plays.
    pub levels: Option<Levels>,
}

impl std::fmt::Debug for Monitor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Monitor").finish_non_exhaustive()
    }
}

impl Monitor {
    pub fn new(compositor: Box<dyn Compositor>, library: Library, speaker: Arc<dyn Speaker>) -> Self {
        Self { compositor, library, speaker, planned: None, playing: None }
    }

    pub fn device_name(&self) -> &str {
        self.compositor.device_name()
    }

    /// The picture at a time, before compression.
    pub fn pixels(&mut self, film: &Arc<Film>, at: Ticks, within: FrameSize) -> Result<Arc<Pixels>, Trouble> {
        let size = fit(film.settings.size, within);
        let fresh =
            self.planned.as_ref().is_none_or(|(known, known_size, _)| !Arc::ptr_eq(known, film) || *known_size != size);
        if fresh {
            let mut preview = Film::clone(film);
            preview.settings.size = size;
            self.planned = Some((film.clone(), size, Planner::new(&preview)));
        }
        let Some((_, _, planner)) = &self.planned else {
            return Err(Trouble::refuse("monitor.empty", "There is no film to show.", "Open a film first."));
        };
        Ok(self.compositor.render(&planner.frame_at_time(at), &mut self.library)?)
    }

    pub fn show(&mut self, film: &Arc<Film>, at: Ticks, within: FrameSize) -> Result<Shown, Trouble> {
        let pixels = self.pixels(film, at, within)?;
        let at = film.settings.rate.frame_start(film.settings.rate.frame_at(at).max(0));
        let levels = self.playing.as_ref().map(|playback| playback.meter.look());
        Ok(Shown { jpeg: jpeg(&pixels)?, at, heard: at, playing: self.playing.is_some(), levels })
    }

    /// The picture that belongs to the sound being heard now.
    pub fn show_live(&mut self, film: &Arc<Film>, within: FrameSize) -> Result<Shown, Trouble> {
        let (at, ended) = self.clock(film);
        if ended {
            self.playing = None;
        }
        let mut shown = self.show(film, at.max(Ticks::ZERO), within)?;
        if self.playing.is_some() {
            shown.heard = self.clock(film).0;
        }
        Ok(shown)
    }

    /// The frame after the one at `shown`, where that is the next to be seen: it can be made before its time. None while nothing plays,
    /// and where another one is due already.
    pub fn coming(&self, film: &Film, shown: Ticks) -> Option<Ticks> {
        let (at, ended) = self.clock(film);
        let rate = film.settings.rate;
        let frame = rate.frame_at(at);
        let next = rate.frame_start(frame + 1);
        let until = self.playing.as_ref()?.until;
        (!ended && rate.frame_start(frame) == shown && next < until).then_some(next)
    }

    /// How long until the frame at `time` is heard; no longer than a short while, since a film may stop or be changed.
    pub fn until(&self, film: &Film, time: Ticks) -> Duration {
        let (at, ended) = self.clock(film);
        let millis = if ended { 0 } else { (time - at).to_millis().max(0) };
        Duration::from_millis(millis.unsigned_abs()).min(LONGEST_WAIT)
    }

    /// A picture made before its time, as it is shown now. None when something else is to be seen by now.
    pub fn due(&self, film: &Film, picture: Shown) -> Option<Shown> {
        let (heard, ended) = self.clock(film);
        let rate = film.settings.rate;
        let near = (rate.frame_at(heard) - rate.frame_at(picture.at)).abs() <= 1;
        let playback = self.playing.as_ref().filter(|_| !ended && near)?;
        Some(Shown { heard, playing: true, levels: Some(playback.meter.look()), ..picture })
    }

    /// Plays from a time until another (None: the end), once or round and round.
    pub fn play(&mut self, film: &Arc<Film>, request: &PlayRequest) -> Result<(), Trouble> {
        self.playing = None;
        let until = request.until.unwrap_or_else(|| film.length()).max(Ticks::ZERO);
        let inside = |time: Ticks| {
            if time >= until { Ticks::ZERO } else { time.max(Ticks::ZERO) }
        };
        let from = inside(request.from);
        let again = request.repeat.then(|| inside(request.again.unwrap_or(from)));
        if until <= from {
            return Err(Trouble::refuse("play.empty", "There is nothing to play yet.", "Put a clip on the timeline."));
        }
        self.start(film, from, until, again, None)
    }

    /// Plays once, with something laid over it, from a time that may lie before the film: it is silent until the film begins.
    pub fn play_over(&mut self, film: &Film, from: Ticks, until: Ticks, over: Over) -> Result<Heard, Trouble> {
        self.playing = None;
        self.start(film, from, until, None, Some(over))?;
        self.heard(from)
    }

    /// Plays a film in which a sound is heard that lies in no file.
    pub fn play_lent(
        &mut self,
        film: &Arc<Film>,
        request: &PlayRequest,
        blob: BlobHash,
        sound: Arc<Sound>,
    ) -> Result<Heard, Trouble> {
        self.library.lend(Some((blob, sound)));
        let played = self.play(film, request);
        self.library.lend(None);
        played?;
        self.heard(request.from)
    }

    fn heard(&self, from: Ticks) -> Result<Heard, Trouble> {
        let playback = self.playing.as_ref().ok_or_else(Trouble::cancelled)?;
        Ok(Heard { sound: Arc::downgrade(&playback.sound), start: from.to_samples(Sound::FILM_RATE) })
    }

    fn start(
        &mut self,
        film: &Film,
        from: Ticks,
        until: Ticks,
        again: Option<Ticks>,
        mut over: Option<Over>,
    ) -> Result<(), Trouble> {
        let (mixer, _) = Mixer::new(Planner::new(film).sound(), &mut self.library);
        let (start, end) = (from.to_samples(Sound::FILM_RATE), until.to_samples(Sound::FILM_RATE));
        let back = again.map(|again| again.to_samples(Sound::FILM_RATE));
        let place = AtomicI64::new(start);
        let meter = Arc::new(Meter::new());
        let hearing = meter.clone();
        let sound = self.speaker.play(Box::new(move |block| {
            let mut rest = block;
            while !rest.is_empty() {
                let at = place.load(Ordering::Relaxed);
                let left = (end - at).max(0) as usize * CHANNELS;
                if left == 0
                    && let Some(back) = back
                {
                    place.store(back, Ordering::Relaxed);
                    continue;
                }
                // Before the film, up to its beginning.
                let left = if at < 0 { left.min(at.unsigned_abs() as usize * CHANNELS) } else { left };
                let now = if left == 0 { rest.len() } else { left.min(rest.len()) };
                let (head, tail) = rest.split_at_mut(now);
                if left == 0 || at < 0 {
                    head.fill(0.0);
                } else {
                    mixer.mix(at, head);
                }
                if let Some(over) = &mut over {
                    over(at, head);
                }
                hearing.hear(head);
                place.store(at + (now / CHANNELS) as i64, Ordering::Relaxed);
                rest = tail;
            }
        }))?;
        let sound = Arc::new(Mutex::new(sound));
        self.playing = Some(Playback { sound, from, until, again, meter });
        Ok(())
    }

    /// Stops, and says where.
    pub fn stop(&mut self, film: &Film) -> Ticks {
        let (at, _) = self.clock(film);
        self.playing = None;
        at
    }

    pub fn is_playing(&self) -> bool {
        self.playing.is_some()
    }

    /// Time of what is heard, and whether that is the end.
    fn clock(&self, film: &Film) -> (Ticks, bool) {
        let Some(playback) = &self.playing else {
            return (Ticks::ZERO, true);
        };
        let heard = Ticks::from_samples(position(&playback.sound).max(0), Sound::FILM_RATE);
        let length = playback.until - playback.from;
        if heard < length {
            return (playback.from + heard, false);
        }
        match playback.again {
            Some(again) if again < playback.until => {
                let round = playback.until - again;
                (again + Ticks((heard - length).0 % round.0), false)
            }
            // The last picture, not the black after it.
            _ => ((playback.until - film.settings.rate.frame_length()).max(Ticks::ZERO), true),
        }
    }
}

/// The largest size of the film's shape within `within`, even on both sides.
fn fit(film: FrameSize, within: FrameSize) -> FrameSize {
    let width = within.width.clamp(16, LARGEST_SIDE).min(film.width);
    let height = within.height.clamp(16, LARGEST_SIDE).min(film.height);
    let even = |side: u64| (side.max(2) / 2 * 2) as u32;
    let by_width = u64::from(width) * u64::from(film.height) / u64::from(film.width.max(1));
    if by_width <= u64::from(height) {
        FrameSize { width: even(width.into()), height: even(by_width) }
    } else {
        let by_height = u64::from(height) * u64::from(film.width) / u64::from(film.height.max(1));
        FrameSize { width: even(by_height), height: even(height.into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preview_keeps_the_shape_of_the_film() {
        let size = |width, height| FrameSize { width, height };
        assert_eq!(fit(size(1920, 1080), size(960, 960)), size(960, 540));
        assert_eq!(fit(size(1080, 1920), size(960, 540)), size(302, 540));
        assert_eq!(fit(size(1280, 720), size(9999, 9999)), size(1280, 720));
    }
}
