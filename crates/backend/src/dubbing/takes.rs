//! What is known of the open dub: what it is doing, how loud the microphone is, and the takes, which are in memory and nowhere else.

use super::{RATE, TURN, lock};
use crate::enrolment::millibels;
use crate::monitor::Heard;
use crate::problem::Trouble;
use crate::recorder::{Hint, Level};
use kinora_api::{DubTake, Problem};
use kinora_document::Ticks;
use kinora_ports::Sound;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How long a microphone may wake up after somebody has pressed.
const AWAKE_WITHIN: Duration = Duration::from_secs(6);

pub struct Take {
    pub number: u32,
    /// Interleaved.
    pub samples: Arc<[f32]>,
    pub channels: u16,
    /// The microphone went before the line was over.
    pub cut_short: bool,
}

impl Take {
    pub fn frames(&self) -> i64 {
        (self.samples.len() / usize::from(self.channels.max(1))) as i64
    }

    pub fn view(&self) -> DubTake {
        let peak = self.samples.iter().fold(0f32, |most, sample| most.max(sample.abs()));
        let length = Ticks::from_samples(self.frames(), RATE);
        DubTake { number: self.number, length, peak_millibels: millibels(peak), cut_short: self.cut_short }
    }

    /// As a decoder would give it.
    pub fn stereo(&self) -> Sound {
        let samples = match self.channels {
            1 => self.samples.iter().flat_map(|sample| [*sample; 2]).collect(),
            _ => self.samples.to_vec(),
        };
        Sound { sample_rate: RATE, channels: 2, samples }
    }
}

#[derive(Clone, Copy, Debug)]
pub enum Rolling {
    Counting { millis_left: u64 },
    Recording { millis: u64, line_millis: u64 },
}

#[derive(Default)]
pub struct State {
    /// What the thread is recording.
    pub rolling: Option<Rolling>,
    /// Until which sample of the film a take is listened to.
    pub listening: Option<(u32, Heard, i64)>,
    pub takes: Vec<Take>,
    /// Of the takes, each made once.
    pub views: Vec<DubTake>,
    pub numbered: u32,
    pub level: Level,
    pub hints: Vec<Hint>,
    /// The microphone gives something.
    pub awake: bool,
    /// Why the microphone is gone.
    pub lost: Option<Problem>,
    pub problem: Option<Problem>,
}

#[derive(Default)]
pub struct Shared {
    pub state: Mutex<State>,
}

pub fn wait_until_awake(shared: &Shared) -> Result<(), Trouble> {
    let since = Instant::now();
    loop {
        let state = lock(&shared.state);
        match &state.lost {
            Some(lost) => return Err(Trouble(lost.clone())),
            None if state.awake => return Ok(()),
            None if since.elapsed() > AWAKE_WITHIN => {
                let what = "The microphone gives no sound.";
                return Err(Trouble::refuse("dub.asleep", what, "Plug it in again, or choose another one."));
            }
            None => {}
        }
        drop(state);
        std::thread::sleep(TURN);
    }
}

pub fn with_take<T>(shared: &Shared, number: u32, read: impl FnOnce(&Take) -> T) -> Result<T, Trouble> {
    let state = lock(&shared.state);
    let take = state.takes.iter().find(|take| take.number == number);
    take.map(read).ok_or_else(|| {
        Trouble::refuse("dub.no_take", "There is no such take of this line.", "Choose one that is listed.")
    })
}
