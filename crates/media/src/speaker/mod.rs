//! The loudspeaker through cpal, with a silent clock for machines and moments without one.
//!
//! One thread owns the device and watches it: when there is none, or when it stops asking for sound (unplugged, driver gone), the
//! thread goes on in real time by itself, so that playback never stands still, and asks for the device again now and then. The clock
//! must never run backwards.

mod clock;
mod device;

use clock::Clock;
use kinora_ports::speaker::SoundSource;
use kinora_ports::{Fault, Playing, PortError, Speaker};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub const RATE: u32 = 48_000;
pub const CHANNELS: usize = 2;
/// A device that asks for nothing this long is gone.
const DEVICE_PATIENCE: Duration = Duration::from_millis(1_000);
/// A device just opened fills its buffer and may then sleep so long before it plays: wireless headphones waking up, a sound server whose
/// sink lay idle and has two seconds of silence to play first.
const WAKING: Duration = Duration::from_secs(4);
/// How long the silent clock goes on before a lost device is asked for again: plugged in again, or the sound server restarted.
const ASK_AGAIN: Duration = Duration::from_secs(3);
/// How often the silent clock takes sound.
const TICK: Duration = Duration::from_millis(10);

/// How long opening a device may take before playback starts without it.
const OPEN_PATIENCE: Duration = Duration::from_millis(2_500);

const NO_DEVICE: &str = "no sound device";
const LOST_DEVICE: &str = "no sound device (it stopped answering)";

#[derive(Clone, Copy, Debug, Default)]
pub struct CpalSpeaker {
    silent: bool,
}

impl CpalSpeaker {
    pub fn new() -> Self {
        Self::default()
    }
    /// Never opens a device: for machines that must stay quiet.
    pub fn silent() -> Self {
        Self { silent: true }
    }
}

/// What the sound thread, the device's thread and the owner share.
struct Shared {
    clock: Mutex<Clock>,
    source: Mutex<SoundSource>,
    stop: AtomicBool,
    lost: AtomicBool,
    /// Times the device ran dry.
    gaps: AtomicU64,
}

impl Shared {
    fn clock(&self) -> std::sync::MutexGuard<'_, Clock> {
        self.clock.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// Takes the next stretch of sound from the source.
    fn fill(&self, stereo: &mut [f32]) {
        let mut source = self.source.lock().unwrap_or_else(PoisonError::into_inner);
        if self.stop.load(Ordering::Acquire) {
            stereo.fill(0.0);
        } else {
            source(stereo);
        }
    }
}

struct CpalPlaying {
    shared: Arc<Shared>,
    device: Option<String>,
    thread: Option<JoinHandle<()>>,
}

impl Speaker for CpalSpeaker {
    fn play(&self, source: SoundSource) -> Result<Box<dyn Playing>, PortError> {
        let shared = Arc::new(Shared {
            clock: Mutex::new(Clock::new(Instant::now())),
            source: Mutex::new(source),
            stop: AtomicBool::new(false),
            lost: AtomicBool::new(false),
            gaps: AtomicU64::new(0),
        });
        let (ours, silent) = (Arc::clone(&shared), self.silent);
        let (opened, device) = sync_channel(1);
        let thread = std::thread::Builder::new()
            .name("speaker".into())
            .spawn(move || run(&ours, silent, &opened))
            .map_err(|error| {
                Fault::new(
                    "Playback could not start, because the system gave no thread for it.",
                    "Close some programs and try again.",
                    error,
                )
            })?;
        let device = device.recv_timeout(OPEN_PATIENCE).ok().flatten();
        Ok(Box::new(CpalPlaying { shared, device, thread: Some(thread) }))
    }
}

/// The sound thread: a device while it lives, the silent clock until it is back.
fn run(shared: &Arc<Shared>, silent: bool, opened: &SyncSender<Option<String>>) {
    let mut device = if silent { None } else { device::open(shared) };
    _ = opened.send(device.as_ref().map(|(_, name)| name.clone()));
    let had_one = device.is_some();
    while !shared.stop.load(Ordering::Acquire) {
        if let Some((stream, _)) = device.take() {
            shared.lost.store(false, Ordering::Release);
            watch(shared);
            drop(stream);
        }
        shared.lost.store(true, Ordering::Release);
        keep_time(shared, had_one.then_some(ASK_AGAIN));
        if had_one && !shared.stop.load(Ordering::Acquire) {
            device = device::open(shared);
        }
    }
}

/// Comes back when the device has asked for nothing for too long, or playback is over.
fn watch(shared: &Shared) {
    let opened = (shared.clock().delivered(), Instant::now());
    let mut seen = opened;
    while !shared.stop.load(Ordering::Acquire) {
        std::thread::sleep(TICK);
        let delivered = shared.clock().delivered();
        if delivered != seen.0 {
            seen = (delivered, Instant::now());
            continue;
        }
        let waking = delivered > opened.0 && opened.1.elapsed() < WAKING;
        if !waking && seen.1.elapsed() > DEVICE_PATIENCE {
            return;
        }
    }
}

/// The silent clock, for so long or until playback is over.
fn keep_time(shared: &Shared, long: Option<Duration>) {
    let begun = Instant::now();
    shared.clock().go_silent(begun);
    let mut sound = Vec::new();
    while !shared.stop.load(Ordering::Acquire) && long.is_none_or(|long| begun.elapsed() < long) {
        let due = shared.clock().due(Instant::now());
        if due > 0 {
            // After a suspended laptop wakes up: not hours at once.
            let frames = due.min(u64::from(RATE)) as usize;
            sound.resize(frames * CHANNELS, 0.0);
            shared.fill(&mut sound);
            shared.clock().took(due);
        }
        std::thread::sleep(TICK);
    }
}

impl Playing for CpalPlaying {
    fn device_name(&self) -> &str {
        match &self.device {
            Some(name) if !self.shared.lost.load(Ordering::Acquire) => name,
            Some(_) => LOST_DEVICE,
            None => NO_DEVICE,
        }
    }
    fn position_samples(&self) -> i64 {
        i64::try_from(self.shared.clock().position(Instant::now())).unwrap_or(i64::MAX)
    }
    fn gaps(&self) -> u64 {
        self.shared.gaps.load(Ordering::Relaxed)
    }
}

impl Drop for CpalPlaying {
    /// Comes back when the source will not be called again.
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            _ = thread.join();
        }
    }
}
