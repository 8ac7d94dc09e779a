//! The thread that listens to the microphone: it tells how loud it is, follows a recording to its end, and notices a microphone that went.
//!
//! What was said until anything ends a recording is kept as a take. A microphone that falls silent altogether is gone, whatever its driver says.
//! It must never wait for the film's picture while samples come.

use super::lock;
use super::roll::Roll;
use super::takes::{Rolling, Shared, Take};
use crate::monitor::Heard;
use crate::problem::Trouble;
use crate::recorder::{Judge, LONGEST_GAP, SILENT_FOR, SoundClock, WAKE_UP, lost, slept};
use crate::studio::OpenFilm;
use kinora_document::Ticks;
use kinora_ports::capture::{Captured, DeviceKind};
use kinora_ports::{Capturing, Sound};
use std::sync::mpsc::{Receiver, TryRecvError};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

const RATE: i64 = Sound::FILM_RATE as i64;
/// How often it looks for a word from outside.
const TURN: Duration = Duration::from_millis(20);
/// Half a sample, so that times of samples are not rounded down to the one before.
const HALF: Duration = Duration::from_nanos(10_416);
/// Less than this is a finger on a key: a twentieth of a second.
const SHORTEST: i64 = RATE / 20;
/// A clock that is followed needs a little to go by.
const AWAKE: u64 = Sound::FILM_RATE as u64 / 4;

pub enum Word {
    /// From now on everything counts; where the line is, the film says once it plays.
    Roll {
        roll: RollWish,
    },
    Plays {
        heard: Heard,
    },
    Stop {
        keep: bool,
    },
    Close,
}

/// Samples of the film: where recording begins, where the line ends, and where recording does.
#[derive(Clone, Copy, Debug)]
pub struct RollWish {
    pub from: i64,
    pub line_end: i64,
    pub until: i64,
}

pub struct Ear {
    pub capturing: Box<dyn Capturing>,
    pub channels: u16,
    pub shared: Arc<Shared>,
    pub words: Receiver<Word>,
    pub film: Weak<OpenFilm>,
    judge: Judge,
    clock: SoundClock,
    begun: Instant,
    last: Option<Instant>,
    rolling: Option<(Roll, RollWish, Option<Heard>)>,
}

impl Ear {
    pub fn new(
        capturing: Box<dyn Capturing>,
        channels: u16,
        shared: Arc<Shared>,
        words: Receiver<Word>,
        film: Weak<OpenFilm>,
    ) -> Self {
        let (judge, clock, begun) = (Judge::default(), SoundClock::default(), Instant::now());
        Self { capturing, channels, shared, words, film, judge, clock, begun, last: None, rolling: None }
    }

    pub fn run(&mut self) {
        loop {
            match self.words.try_recv() {
                Ok(Word::Roll { roll }) => {
                    let first = self.clock.samples();
                    self.rolling = Some((Roll::new(self.channels, first, roll.from, roll.until), roll, None));
                }
                Ok(Word::Plays { heard }) => {
                    if let Some((_, _, plays)) = &mut self.rolling {
                        *plays = Some(heard);
                    }
                }
                Ok(Word::Stop { keep }) => self.end(keep, false),
                Ok(Word::Close) | Err(TryRecvError::Disconnected) => return self.end(true, false),
                Err(TryRecvError::Empty) => {}
            }
            let captured = self.capturing.next(TURN);
            let trouble = self.take(captured).err().or_else(|| self.silent());
            if let Some(trouble) = trouble {
                self.end(true, true);
                let mut state = lock(&self.shared.state);
                (state.lost, state.awake) = (Some(trouble.0), false);
                return;
            }
            self.follow();
        }
    }

    fn take(&mut self, captured: Option<Captured>) -> Result<(), Trouble> {
        match captured {
            Some(Captured::Sound { samples, at }) => {
                self.last = Some(Instant::now());
                self.judge.sound(&samples, usize::from(self.channels));
                let frames = samples.len() / usize::from(self.channels.max(1));
                let missing = self.clock.heard(at, frames as u64);
                if let Some((roll, ..)) = &mut self.rolling {
                    if missing > LONGEST_GAP.as_secs() * u64::from(Sound::FILM_RATE) {
                        return Err(slept());
                    }
                    roll.heard(missing, &samples);
                }
                let (level, hints) = (self.judge.level(), self.judge.hints());
                let mut state = lock(&self.shared.state);
                (state.level, state.hints) = (level, hints);
                state.awake |= self.clock.samples() >= AWAKE;
                Ok(())
            }
            Some(Captured::Lost { device: DeviceKind::Microphone, detail }) => {
                Err(lost(DeviceKind::Microphone, &detail))
            }
            Some(Captured::Lost { .. } | Captured::Picture { .. }) | None => Ok(()),
        }
    }

    /// A microphone that should give something and does not.
    fn silent(&self) -> Option<Trouble> {
        let silent = match self.last {
            Some(last) => last.elapsed() > SILENT_FOR,
            None => self.begun.elapsed() > WAKE_UP,
        };
        silent.then(|| lost(DeviceKind::Microphone, "it gave nothing any more"))
    }

    /// Reads both clocks at one moment, tells how far it is, and ends what has come to its end.
    fn follow(&mut self) {
        let Some((roll, wish, Some(heard))) = &mut self.rolling else { return };
        let now = self.capturing.elapsed();
        let film = heard.sample();
        match (film, self.clock.sample_at(now + HALF)) {
            (Some(film), Some(microphone)) => {
                roll.reading(film, microphone);
                let millis = |samples: i64| u64::try_from(samples.max(0) * 1000 / RATE).unwrap_or(0);
                let told = if film < wish.from {
                    Rolling::Counting { millis_left: millis(wish.from - film) }
                } else {
                    let line_millis = millis(wish.line_end - wish.from);
                    Rolling::Recording { millis: millis(film - wish.from), line_millis }
                };
                lock(&self.shared.state).rolling = Some(told);
            }
            // Somebody else has stopped the film: what was said stands.
            (None, _) => return self.end(true, false),
            (Some(_), None) => {}
        }
        if self.rolling.as_ref().is_some_and(|(roll, ..)| roll.is_whole()) {
            self.end(true, false);
        }
    }

    /// Keeps what was said as a take, and stops the film.
    fn end(&mut self, keep: bool, cut_short: bool) {
        let Some((roll, _, heard)) = self.rolling.take() else { return };
        let reached = roll.reached().unwrap_or(i64::MIN);
        let said = (keep && reached - roll.from() >= SHORTEST).then(|| roll.cut(reached)).flatten();
        {
            let mut state = lock(&self.shared.state);
            if let Some(samples) = said {
                state.numbered += 1;
                let number = state.numbered;
                state.takes.push(Take { number, samples: samples.into(), channels: self.channels, cut_short });
            }
            state.rolling = None;
        }
        if heard.is_some_and(|heard| heard.sample().is_some())
            && let Some(film) = self.film.upgrade()
        {
            let document = film.session.film();
            // A film that cannot be stopped has stopped.
            let _ = film.with_monitor(|monitor| Ok::<Ticks, Trouble>(monitor.stop(&document)));
        }
    }
}
