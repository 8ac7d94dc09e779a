//! A camera and a microphone that are not there: a test picture with a white flash, and with it a click, at each full second.
//!
//! They behave as badly as real ones may: late stamps, a clock of their own, pictures that never come, a cable pulled with or without
//! a word from the driver. Seeded; in real time, or as fast as somebody takes.

use super::Dice;
use crate::capture::{Camera, CameraMode, CaptureWish, Captured, DeviceChoice, DeviceKind, Devices, InUse, Microphone};
use crate::{Capture, Capturing, Fault, PortError, VideoFrame};
use kinora_document::{FrameRate, FrameSize};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Samples in a block, a hundredth of a second, as drivers hand them over.
const BLOCK: u64 = 480;
/// Pictures that wait for whoever takes them; a driver has no more buffers.
const WAITING: u64 = 32;
const NANOS: u64 = 1_000_000_000;
const SOUND_RATE: u64 = 48_000;
/// A click lasts this long.
const CLICK_SAMPLES: u64 = 480;
pub const CAMERA_ID: &str = "test:camera";
pub const MICROPHONE_ID: &str = "test:microphone";

#[derive(Clone, Debug)]
pub struct TestPattern {
    pub seed: u64,
    /// False: as fast as it is taken.
    pub real_time: bool,
    /// Stamps of sound come late by up to this much, those of pictures stray by a tenth of it.
    pub jitter: Duration,
    /// The microphone's clock runs that many millionths fast.
    pub sound_ppm: i64,
    /// Each n-th picture never comes.
    pub drop_each: Option<u64>,
    pub camera_ends: Option<Duration>,
    pub microphone_ends: Option<Duration>,
    /// Whether the driver says that a device is gone.
    pub says_so: bool,
    pub has_camera: bool,
    pub has_microphone: bool,
    /// The picture apart from flash and bar: luma.
    pub luma: u8,
    /// Loudness of the click.
    pub click: f32,
}

impl Default for TestPattern {
    fn default() -> Self {
        Self {
            seed: 1,
            real_time: true,
            jitter: Duration::ZERO,
            sound_ppm: 0,
            drop_each: None,
            camera_ends: None,
            microphone_ends: None,
            says_so: false,
            has_camera: true,
            has_microphone: true,
            luma: 100,
            click: 0.8,
        }
    }
}

impl Capture for TestPattern {
    fn devices(&self) -> Result<Devices, PortError> {
        let mode = |width, height| CameraMode { size: FrameSize { width, height }, rate: FrameRate::FPS_30 };
        let camera = Camera {
            id: CAMERA_ID.to_owned(),
            name: "Test picture".to_owned(),
            modes: vec![mode(1280, 720), mode(640, 360)],
        };
        let microphone = Microphone { id: MICROPHONE_ID.to_owned(), name: "Test sound".to_owned(), is_default: true };
        Ok(Devices {
            cameras: if self.has_camera { vec![camera] } else { Vec::new() },
            microphones: if self.has_microphone { vec![microphone] } else { Vec::new() },
        })
    }

    fn start(&self, wish: &CaptureWish) -> Result<Box<dyn Capturing>, PortError> {
        if wish.rate.frames == 0 || wish.size.width < 2 || wish.size.height < 2 {
            let what = "The camera cannot be opened in a size or a rate of nothing.";
            return Err(Fault::new(what, "Choose another one.", format!("{wish:?}")).into());
        }
        let open = |choice: &DeviceChoice, there: bool, id: &str, kind: &str| match choice {
            DeviceChoice::Without => Err(format!("No {kind} was asked for.")),
            DeviceChoice::Named(name) if there && name != id => {
                Err(format!("The {kind} that was chosen is not plugged in. Plug it in or choose another one."))
            }
            _ if there => Ok(()),
            _ => Err(format!("No {kind} is plugged in. Plug one in and try again.")),
        };
        let camera = match open(&wish.camera, self.has_camera, CAMERA_ID, "camera") {
            Ok(()) => {
                InUse::Camera { name: "Test picture".to_owned(), mode: CameraMode { size: wish.size, rate: wish.rate } }
            }
            Err(why) => InUse::Without { why },
        };
        let microphone = match open(&wish.microphone, self.has_microphone, MICROPHONE_ID, "microphone") {
            Ok(()) => InUse::Microphone { name: "Test sound".to_owned(), channels: 1 },
            Err(why) => InUse::Without { why },
        };
        let dice = Dice(self.seed);
        Ok(Box::new(Running {
            pattern: self.clone(),
            wish: wish.clone(),
            camera,
            microphone,
            dice,
            begun: Instant::now(),
            pictures: 0,
            blocks: 0,
            dropped: 0,
            said: [false; 2],
            white: Arc::new(white(wish.size)),
        }))
    }
}

/// The flash: white from edge to edge, so that no part of it can be taken for another picture.
fn white(size: FrameSize) -> VideoFrame {
    let mut i420 = vec![128; VideoFrame::bytes(size.width, size.height)];
    let luma = size.width as usize * size.height as usize;
    i420.iter_mut().take(luma).for_each(|value| *value = 235);
    VideoFrame { width: size.width, height: size.height, i420 }
}

/// Grey, with a darker bar that has moved `index` pixels.
fn picture(size: FrameSize, luma: u8, index: u64) -> VideoFrame {
    let (width, height) = (size.width as usize, size.height as usize);
    let mut i420 = vec![128; VideoFrame::bytes(size.width, size.height)];
    let bar = (index as usize * 4) % width;
    for row in i420.chunks_exact_mut(width).take(height) {
        row.fill(luma);
        let end = (bar + width / 16).min(width);
        if let Some(bar) = row.get_mut(bar..end) {
            bar.fill(luma / 2 + 8);
        }
    }
    VideoFrame { width: size.width, height: size.height, i420 }
}

struct Running {
    pattern: TestPattern,
    wish: CaptureWish,
    camera: InUse,
    microphone: InUse,
    dice: Dice,
    begun: Instant,
    pictures: u64,
    blocks: u64,
    dropped: u64,
    said: [bool; 2],
    white: Arc<VideoFrame>,
}

impl Running {
    fn picture_at(&self, index: u64) -> u64 {
        let rate = self.wish.rate;
        (u128::from(index) * u128::from(rate.seconds) * u128::from(NANOS) / u128::from(rate.frames)) as u64
    }
    /// On the capture's clock: the microphone's own runs fast.
    fn block_at(&self, index: u64) -> u64 {
        let own = i128::from(index * BLOCK) * i128::from(NANOS) / i128::from(SOUND_RATE);
        (own * 1_000_000 / i128::from(1_000_000 + self.pattern.sound_ppm)) as u64
    }
    fn ended(&self, device: DeviceKind, at: u64) -> bool {
        let end = match device {
            DeviceKind::Camera => self.pattern.camera_ends,
            DeviceKind::Microphone => self.pattern.microphone_ends,
        };
        end.is_some_and(|end| u128::from(at) >= end.as_nanos())
    }
    /// When the next of each is handed over; none once a device is gone.
    fn due(&self) -> (Option<u64>, Option<u64>) {
        let picture = self.picture_at(self.pictures);
        let sound = self.block_at(self.blocks + 1);
        let there = |in_use: &InUse, device, at| (in_use.is_there() && !self.ended(device, at)).then_some(at);
        (there(&self.camera, DeviceKind::Camera, picture), there(&self.microphone, DeviceKind::Microphone, sound))
    }
    fn stray(&mut self, most: Duration) -> u64 {
        self.dice.below(most.as_nanos() as u64 + 1)
    }
    fn lost(&mut self) -> Option<Captured> {
        if !self.pattern.says_so {
            return None;
        }
        let now = self.picture_at(self.pictures).max(self.block_at(self.blocks));
        for (said, device) in [(0, DeviceKind::Camera), (1, DeviceKind::Microphone)] {
            if self.ended(device, now) && !self.said[said] {
                self.said[said] = true;
                return Some(Captured::Lost { device, detail: "the cable was pulled".to_owned() });
            }
        }
        None
    }
    fn take_picture(&mut self) -> Option<Captured> {
        let index = self.pictures;
        self.pictures += 1;
        if self.pattern.drop_each.is_some_and(|each| (index + 1).is_multiple_of(each.max(1))) {
            return None;
        }
        let at = self.picture_at(index);
        let flash = at / NANOS != self.picture_at(index.saturating_sub(1)) / NANOS;
        let frame =
            if flash { Arc::clone(&self.white) } else { Arc::new(picture(self.wish.size, self.pattern.luma, index)) };
        let at = Duration::from_nanos(at + self.stray(self.pattern.jitter / 10));
        Some(Captured::Picture { frame, at })
    }
    fn take_sound(&mut self) -> Captured {
        let (first, at) = (self.blocks * BLOCK, self.block_at(self.blocks));
        self.blocks += 1;
        let mut tone = 0u32;
        let samples = (first..first + BLOCK).map(|sample| {
            // In time of the world, so that the click stays with the flash however the microphone counts.
            let world = i128::from(sample) * 1_000_000 / i128::from(1_000_000 + self.pattern.sound_ppm);
            let into = world as u64 % SOUND_RATE;
            tone += 1;
            let click = if (world as u64) >= SOUND_RATE && into < CLICK_SAMPLES { self.pattern.click } else { 0.0 };
            if tone.is_multiple_of(2) { click } else { -click }
        });
        let samples = samples.collect();
        let at = Duration::from_nanos(at + self.stray(self.pattern.jitter));
        Captured::Sound { samples, at }
    }
}

impl Capturing for Running {
    fn camera(&self) -> &InUse {
        &self.camera
    }
    fn microphone(&self) -> &InUse {
        &self.microphone
    }
    fn next(&mut self, patience: Duration) -> Option<Captured> {
        let until = Instant::now() + patience;
        loop {
            if let Some(lost) = self.lost() {
                return Some(lost);
            }
            let (picture, sound) = self.due();
            let Some(due) = picture.into_iter().chain(sound).min() else {
                std::thread::sleep(until.saturating_duration_since(Instant::now()));
                return None;
            };
            if self.pattern.real_time {
                let when = self.begun + Duration::from_nanos(due);
                if when > until {
                    std::thread::sleep(until.saturating_duration_since(Instant::now()));
                    return None;
                }
                std::thread::sleep(when.saturating_duration_since(Instant::now()));
                let late = (self.begun.elapsed().as_nanos() as u64).saturating_sub(due);
                if picture == Some(due) && late > self.picture_at(WAITING) {
                    (self.pictures, self.dropped) = (self.pictures + 1, self.dropped + 1);
                    continue;
                }
            }
            let taken = if picture == Some(due) { self.take_picture() } else { Some(self.take_sound()) };
            if taken.is_some() {
                return taken;
            }
        }
    }
    fn elapsed(&self) -> Duration {
        if self.pattern.real_time {
            return self.begun.elapsed();
        }
        // Time is what was handed over.
        Duration::from_nanos(self.block_at(self.blocks).max(self.picture_at(self.pictures)))
    }
    fn dropped(&self) -> u64 {
        self.dropped
    }
}

/// What every capture must do, with a camera and a microphone there or not. The first difference, as a sentence.
pub fn capture_contract(capture: &dyn Capture) -> Result<(), String> {
    let words = |error: PortError| format!("it was refused: {error}");
    let devices = capture.devices().map_err(words)?;
    let mut ids: Vec<&str> = devices.cameras.iter().map(|camera| camera.id.as_str()).collect();
    ids.extend(devices.microphones.iter().map(|microphone| microphone.id.as_str()));
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    holds(ids.len() == count, "two devices have one id")?;
    holds(devices.cameras.iter().all(|camera| !camera.modes.is_empty()), "a camera can do nothing")?;
    let size = FrameSize { width: 320, height: 180 };
    let nobody = DeviceChoice::Named("no such device".to_owned());
    let none = CaptureWish { camera: nobody.clone(), microphone: nobody, size, rate: FrameRate::FPS_30 };
    let empty = capture.start(&none).map_err(words)?;
    for in_use in [empty.camera(), empty.microphone()] {
        let InUse::Without { why } = in_use else { return Err("a device that is not there was opened".to_owned()) };
        holds(why.ends_with('.'), "why there is no device is no sentence")?;
    }
    drop(empty);
    let wish = CaptureWish { size, ..CaptureWish::default() };
    let mut capturing = capture.start(&wish).map_err(words)?;
    let camera = capturing.camera().is_there();
    let channels = match capturing.microphone() {
        InUse::Microphone { channels, .. } => usize::from(*channels),
        _ => 0,
    };
    holds(camera != devices.cameras.is_empty(), "the camera that is there was not opened")?;
    let (mut pictures, mut samples) = (Vec::new(), 0usize);
    let until = Instant::now() + Duration::from_secs(8);
    let enough =
        |pictures: &[Duration], samples| (!camera || pictures.len() >= 10) && (channels == 0 || samples >= 16_000);
    while Instant::now() < until && !enough(&pictures, samples) {
        match capturing.next(Duration::from_millis(200)) {
            Some(Captured::Picture { frame, at }) => {
                holds((frame.width, frame.height) == (size.width, size.height), "a picture of another size")?;
                holds(frame.i420.len() == VideoFrame::bytes(size.width, size.height), "a picture of other bytes")?;
                holds(pictures.last().is_none_or(|last| *last < at), "pictures are not in order")?;
                pictures.push(at);
            }
            Some(Captured::Sound { samples: new, at }) => {
                holds(at <= capturing.elapsed(), "a sample sounded later than now")?;
                holds(channels > 0, "sound without a microphone")?;
                holds(new.len().is_multiple_of(channels), "half a frame of sound")?;
                holds(new.iter().all(|sample| sample.is_finite()), "a sample that is no number")?;
                samples += new.len() / channels;
            }
            Some(Captured::Lost { detail, .. }) => return Err(format!("a device was lost: {detail}")),
            None => {}
        }
    }
    holds(enough(&pictures, samples), "too few pictures or too little sound came in eight seconds")
}

fn holds(holds: bool, otherwise: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_test_picture_is_a_capture() {
        for real_time in [false, true] {
            assert_eq!(capture_contract(&TestPattern { real_time, ..TestPattern::default() }), Ok(()));
        }
        let bare = TestPattern { has_camera: false, has_microphone: false, ..TestPattern::default() };
        assert_eq!(capture_contract(&bare), Ok(()));
    }

    #[test]
    fn flash_and_click_come_together_each_second() {
        let pattern = TestPattern { real_time: false, sound_ppm: 200, ..TestPattern::default() };
        let size = FrameSize { width: 32, height: 18 };
        let mut running = pattern.start(&CaptureWish { size, ..CaptureWish::default() }).expect("starts");
        let (mut flashes, mut clicks) = (Vec::new(), Vec::new());
        // Five seconds of it: 150 pictures and 500 blocks.
        for _ in 0..650 {
            match running.next(Duration::from_millis(10)).expect("never ends") {
                Captured::Picture { frame, at } if frame.i420.first() == Some(&235) => flashes.push(at.as_secs_f64()),
                Captured::Sound { samples, at } => {
                    if let Some(first) = samples.iter().position(|sample| sample.abs() > 0.5)
                        && clicks.last().is_none_or(|last| at.as_secs_f64() > last + 0.5)
                    {
                        clicks.push(at.as_secs_f64() + first as f64 / 48_000.0);
                    }
                }
                _ => {}
            }
        }
        assert!(flashes.len() >= 4 && clicks.len() >= 4, "{flashes:?} {clicks:?}");
        for (flash, click) in flashes.iter().zip(&clicks) {
            assert!((flash - click).abs() < 0.001, "{flash} {click}");
        }
    }
}
