//! Microphones through cpal, in whatever form they have, as one or two channels of float at 48 kHz.
//!
//! One thread owns the device, because some systems allow nothing else. Each block is stamped with when its first sample sounded, as
//! far as the driver knows; the stamp may be late, never early. The callback must not wait for anything.

use super::Belt;
use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{FromSample, InputCallbackInfo, SampleFormat, SizedSample, SupportedStreamConfig};
use kinora_ports::capture::{Captured, DeviceChoice, DeviceKind, Microphone};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const RATE: u32 = 48_000;
/// How long opening may take before it counts as failed.
const PATIENCE: Duration = Duration::from_millis(4_000);
/// How long looking through the list may take.
const LIST_PATIENCE: Duration = Duration::from_secs(5);
const FORMATS: [SampleFormat; 4] = [SampleFormat::F32, SampleFormat::I16, SampleFormat::I32, SampleFormat::U16];
const MOST_MICROPHONES: usize = 32;
/// A driver's idea of its own delay beyond this is none.
const LONGEST_DELAY: Duration = Duration::from_millis(500);

/// On a thread with a limit: sound systems that are half there hang.
pub fn list() -> Vec<Microphone> {
    let (sender, receiver) = sync_channel(1);
    let look = move || {
        let host = cpal::default_host();
        let usual = host.default_input_device().and_then(|device| device.id().ok()).map(|id| id.to_string());
        let devices = host.input_devices().map(Iterator::collect::<Vec<_>>).unwrap_or_default();
        let found = devices.into_iter().filter_map(|device| {
            let id = device.id().ok()?.to_string();
            let name = device.to_string();
            let name = name.lines().next().unwrap_or_default().to_owned();
            is_one(&id).then(|| Microphone { is_default: Some(&id) == usual.as_ref(), id, name })
        });
        _ = sender.send(found.take(MOST_MICROPHONES).collect());
    };
    let spawned = std::thread::Builder::new().name("microphones".into()).spawn(look);
    spawned.ok().and_then(|_| receiver.recv_timeout(LIST_PATIENCE).ok()).unwrap_or_default()
}

/// ALSA names each device a dozen times; two of these names a person can mean.
fn is_one(id: &str) -> bool {
    match id.strip_prefix("alsa:") {
        Some(name) => name == "default" || name.starts_with("sysdefault:"),
        None => true,
    }
}

#[derive(Debug)]
pub struct Listening {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Listening {
    /// The running microphone, its name and channels; or why there is none.
    pub fn open(choice: &DeviceChoice, belt: &Belt) -> Result<(Self, String, u16), String> {
        let stop = Arc::new(AtomicBool::new(false));
        let (told, opened) = sync_channel(1);
        let (theirs, belt, choice) = (Arc::clone(&stop), belt.clone(), choice.clone());
        let run = move || {
            let stream = match start(&choice, &belt) {
                Ok((stream, name, channels)) => {
                    _ = told.send(Ok((name, channels)));
                    stream
                }
                Err(why) => {
                    _ = told.send(Err(why));
                    return;
                }
            };
            while !theirs.load(Ordering::Acquire) {
                std::thread::park_timeout(Duration::from_millis(100));
            }
            drop(stream);
        };
        let thread = std::thread::Builder::new().name("microphone".into()).spawn(run).map_err(|error| {
            format!("The microphone could not be opened, because the system gave no thread for it. ({error})")
        })?;
        match opened.recv_timeout(PATIENCE) {
            Ok(Ok((name, channels))) => Ok((Self { stop, thread: Some(thread) }, name, channels)),
            Ok(Err(why)) => Err(why),
            Err(_) => {
                // Left behind: it ends by itself if it ever comes back.
                stop.store(true, Ordering::Release);
                Err("The microphone did not answer. Unplug it and plug it in again, or choose another one.".to_owned())
            }
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        let Some(thread) = self.thread.take() else { return };
        thread.thread().unpark();
        // A driver that hangs must not take us with it.
        let since = Instant::now();
        while !thread.is_finished() && since.elapsed() < Duration::from_secs(2) {
            std::thread::sleep(Duration::from_millis(5));
        }
        if thread.is_finished() {
            _ = thread.join();
        }
    }
}

fn start(choice: &DeviceChoice, belt: &Belt) -> Result<(cpal::Stream, String, u16), String> {
    let host = cpal::default_host();
    let device = match choice {
        DeviceChoice::Named(wanted) => host
            .input_devices()
            .ok()
            .and_then(|mut devices| devices.find(|device| device.id().is_ok_and(|id| id.to_string() == *wanted)))
            .ok_or("The microphone that was chosen is not plugged in. Plug it in or choose another one.")?,
        _ => host.default_input_device().ok_or("No microphone is plugged in. Plug one in and try again.")?,
    };
    let name = device.to_string().lines().next().unwrap_or_default().to_owned();
    let config = choose(&device).ok_or_else(|| absent(&name, "it gives no sound in a form that Kinora can use"))?;
    let stream = match config.sample_format() {
        SampleFormat::F32 => build::<f32>(&device, &config, belt),
        SampleFormat::I16 => build::<i16>(&device, &config, belt),
        SampleFormat::I32 => build::<i32>(&device, &config, belt),
        _ => build::<u16>(&device, &config, belt),
    };
    let stream = stream.map_err(|error| absent(&name, &error.to_string()))?;
    stream.play().map_err(|error| absent(&name, &error.to_string()))?;
    Ok((stream, name, config.channels().min(2)))
}

/// A device that is named by the system and cannot be used, as the default of a machine without sound.
fn absent(name: &str, why: &str) -> String {
    format!("No microphone could be opened: “{name}” is not there or another program is using it. ({why})")
}

/// Mono or stereo float at 48 kHz if the device has it, else what it likes best.
fn choose(device: &cpal::Device) -> Option<SupportedStreamConfig> {
    let rank = |format| FORMATS.iter().position(|&known| known == format);
    let exact = device.supported_input_configs().ok().and_then(|configs| {
        let fitting =
            configs.filter(|c| c.channels() >= 1 && c.contains_rate(RATE) && rank(c.sample_format()).is_some());
        let order = |c: &cpal::SupportedStreamConfigRange| {
            let channels = if c.channels() == 2 { 0 } else { c.channels() };
            (channels, rank(c.sample_format()))
        };
        fitting.min_by_key(order).map(|c| c.with_sample_rate(RATE))
    });
    exact.or_else(|| {
        device.default_input_config().ok().filter(|c| rank(c.sample_format()).is_some() && c.channels() > 0)
    })
}

fn build<T: SizedSample>(
    device: &cpal::Device,
    config: &SupportedStreamConfig,
    belt: &Belt,
) -> Result<cpal::Stream, cpal::Error>
where
    f32: FromSample<T>,
{
    let channels = usize::from(config.channels());
    let kept = channels.min(2);
    let (ours, lost) = (belt.clone(), belt.clone());
    let mut bend = Bend::new(config.sample_rate(), kept);
    let callback = move |data: &[T], info: &InputCallbackInfo| {
        let stamp = info.timestamp();
        let frames = data.len() / channels;
        let block = Duration::from_secs_f64(frames as f64 / f64::from(bend.rate));
        // The first sample is at least as old as the block is long.
        let delay = stamp.callback.checked_duration_since(stamp.capture).filter(|delay| *delay <= LONGEST_DELAY);
        let age = delay.unwrap_or(block).max(block);
        let at = ours.since(Instant::now().checked_sub(age).unwrap_or(ours.begun));
        let samples: Vec<f32> = data
            .chunks_exact(channels)
            .flat_map(|frame| frame.iter().take(kept).map(|&sample| f32::from_sample_(sample)))
            .map(|sample| if sample.is_finite() { sample } else { 0.0 })
            .collect();
        ours.put(Captured::Sound { samples: bend.next(samples), at });
    };
    let failed = move |error: cpal::Error| {
        if matches!(error.kind(), cpal::ErrorKind::DeviceNotAvailable | cpal::ErrorKind::StreamInvalidated) {
            lost.put(Captured::Lost { device: DeviceKind::Microphone, detail: error.to_string() });
        }
    };
    device.build_input_stream(config.config(), callback, failed, Some(PATIENCE))
}

/// Sound at the film's rate: straight through when it is the device's, else by cubic interpolation.
struct Bend {
    rate: u32,
    step: f64,
    channels: usize,
    place: f64,
    around: [[f32; 2]; 4],
}

impl Bend {
    fn new(rate: u32, channels: usize) -> Self {
        let rate = rate.max(1);
        Self { rate, step: f64::from(rate) / f64::from(RATE), channels, place: 0.0, around: [[0.0; 2]; 4] }
    }

    fn next(&mut self, samples: Vec<f32>) -> Vec<f32> {
        if self.rate == RATE {
            return samples;
        }
        let mut out = Vec::with_capacity((samples.len() as f64 / self.step) as usize + 4);
        for frame in samples.chunks_exact(self.channels) {
            self.around.rotate_left(1);
            self.around[3] = [frame.first().copied().unwrap_or(0.0), frame.get(1).copied().unwrap_or(0.0)];
            while self.place < 1.0 {
                let t = self.place as f32;
                let [a, b, c, d] = self.around;
                for (((a, b), c), d) in a.iter().zip(b).zip(c).zip(d).take(self.channels) {
                    out.push(
                        b + 0.5 * t * (c - a + t * (2.0 * a - 5.0 * b + 4.0 * c - d + t * (3.0 * (b - c) + d - a))),
                    );
                }
                self.place += self.step;
            }
            self.place -= 1.0;
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_at_another_rate_keeps_its_pitch_and_length() {
        for rate in [16_000u32, 44_100, 96_000] {
            let mut bend = Bend::new(rate, 1);
            let tone = |at: u32| (f64::from(at) / f64::from(rate) * 440.0 * std::f64::consts::TAU).sin() as f32 * 0.5;
            let mut out = Vec::new();
            for block in (0..rate * 2).collect::<Vec<_>>().chunks(441) {
                out.extend(bend.next(block.iter().map(|&at| tone(at)).collect()));
            }
            assert!((out.len() as i64 - 96_000).abs() < 8, "{rate}: {}", out.len());
            let periods = out[1000..].windows(2).filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0).count() as i64;
            assert!((periods - 871).abs() <= 2, "{rate}: {periods}");
        }
    }

    #[test]
    fn of_alsas_many_names_only_those_a_person_means_are_listed() {
        assert!(is_one("alsa:default") && is_one("alsa:sysdefault:CARD=C920") && is_one("wasapi:{0.0.1}"));
        assert!(!is_one("alsa:null") && !is_one("alsa:hw:CARD=0,DEV=0") && !is_one("alsa:upmix"));
    }
}
