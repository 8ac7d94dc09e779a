//! A microphone and a loudspeaker on one clock that is counted in samples, with somebody before them who speaks by what they hear.
//!
//! The loudspeaker is heard late and the microphone hands over late, as real ones do, and each says by how much. The clock goes on with every
//! block that is taken, so that what a test finds is exact and does not hang on how busy the machine is.

use kinora_ports::capture::{CaptureWish, Captured, Devices, InUse, Microphone};
use kinora_ports::speaker::SoundSource;
use kinora_ports::{Capture, Capturing, Playing, PortError, Speaker};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const BLOCK: i64 = 480;
/// From the device's request until it is heard: 152 ms and a bit.
const HEARD_LATE: i64 = 7_321;
/// From when a sample sounded until it is handed over.
const HANDED_LATE: i64 = 1_440;
/// How much of what is played is kept: eight seconds.
const KEPT_FRAMES: usize = 384_000;

/// What somebody says at each sample of the film that they hear.
type Says = Box<dyn Fn(i64) -> f32 + Send + Sync>;

pub struct World {
    /// Samples since it began.
    clock: AtomicI64,
    pub plugged: AtomicBool,
    /// Sample of the clock at which the film's `plays_from` is heard.
    heard_from: Mutex<Option<i64>>,
    plays_from: AtomicI64,
    says: Mutex<Says>,
    /// What was played last, in stereo.
    pub played: Mutex<Vec<f32>>,
}

impl World {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            clock: AtomicI64::new(0),
            plugged: AtomicBool::new(true),
            heard_from: Mutex::new(None),
            plays_from: AtomicI64::new(0),
            says: Mutex::new(Box::new(|_| 0.0)),
            played: Mutex::new(Vec::new()),
        })
    }

    /// From the next playback on, which begins at that sample of the film.
    pub fn says(&self, plays_from: i64, says: impl Fn(i64) -> f32 + Send + Sync + 'static) {
        self.plays_from.store(plays_from, Ordering::SeqCst);
        *self.says.lock().expect("nobody panicked") = Box::new(says);
    }

    fn sound(&self, sample: i64) -> f32 {
        let heard = *self.heard_from.lock().expect("nobody panicked");
        heard.map_or(0.0, |heard| {
            let film = self.plays_from.load(Ordering::SeqCst) + sample - heard;
            let says = self.says.lock().expect("nobody panicked");
            says(film)
        })
    }
}

fn moment(sample: i64) -> Duration {
    Duration::from_nanos((i128::from(sample) * 1_000_000_000 / 48_000) as u64)
}

#[derive(Clone)]
pub struct Booth(pub Arc<World>);

impl Capture for Booth {
    fn devices(&self) -> Result<Devices, PortError> {
        let microphone = Microphone { id: "booth".to_owned(), name: "Booth".to_owned(), is_default: true };
        let there = self.0.plugged.load(Ordering::SeqCst);
        Ok(Devices { cameras: Vec::new(), microphones: there.then_some(microphone).into_iter().collect() })
    }

    fn start(&self, _: &CaptureWish) -> Result<Box<dyn Capturing>, PortError> {
        let why = |why: &str| InUse::Without { why: why.to_owned() };
        let microphone = if self.0.plugged.load(Ordering::SeqCst) {
            InUse::Microphone { name: "Booth".to_owned(), channels: 1 }
        } else {
            why("No microphone is plugged in. Plug one in and try again.")
        };
        let begun = self.0.clock.load(Ordering::SeqCst);
        let camera = why("No camera was asked for.");
        Ok(Box::new(Ear { world: self.0.clone(), camera, microphone, begun, given: begun }))
    }
}

struct Ear {
    world: Arc<World>,
    camera: InUse,
    microphone: InUse,
    begun: i64,
    given: i64,
}

impl Capturing for Ear {
    fn camera(&self) -> &InUse {
        &self.camera
    }
    fn microphone(&self) -> &InUse {
        &self.microphone
    }
    fn next(&mut self, patience: Duration) -> Option<Captured> {
        if !self.world.plugged.load(Ordering::SeqCst) {
            std::thread::sleep(patience);
            return None;
        }
        // Five times as fast as the world.
        std::thread::sleep(Duration::from_millis(2));
        let now = self.world.clock.fetch_add(BLOCK, Ordering::SeqCst) + BLOCK;
        if self.given + BLOCK > now - HANDED_LATE {
            return None;
        }
        let at = moment(self.given - self.begun);
        let samples = (self.given..self.given + BLOCK).map(|sample| self.world.sound(sample)).collect();
        self.given += BLOCK;
        Some(Captured::Sound { samples, at })
    }
    fn elapsed(&self) -> Duration {
        moment(self.world.clock.load(Ordering::SeqCst) - self.begun)
    }
    fn dropped(&self) -> u64 {
        0
    }
}

#[derive(Clone)]
pub struct Loudspeaker(pub Arc<World>);

impl Speaker for Loudspeaker {
    fn play(&self, mut source: SoundSource) -> Result<Box<dyn Playing>, PortError> {
        let mut played = vec![0.0; KEPT_FRAMES * 2];
        source(&mut played);
        *self.0.played.lock().expect("nobody panicked") = played;
        let heard = self.0.clock.load(Ordering::SeqCst) + HEARD_LATE;
        *self.0.heard_from.lock().expect("nobody panicked") = Some(heard);
        Ok(Box::new(Sounding { world: self.0.clone(), heard }))
    }
}

struct Sounding {
    world: Arc<World>,
    heard: i64,
}

impl Playing for Sounding {
    fn device_name(&self) -> &str {
        "booth"
    }
    fn position_samples(&self) -> i64 {
        (self.world.clock.load(Ordering::SeqCst) - self.heard).max(0)
    }
}
