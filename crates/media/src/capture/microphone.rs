//! Microphones through cpal, in whatever form they have, as one or two channels of float at 48 kHz.
//!
//! One thread owns the device, because some systems allow nothing else. Each block is stamped with when its first sample sounded, as
//! far as the driver knows; the stamp may be late, never early. The callback must not wait for anything.

use super::Belt;
use super::rate::{RATE, Rate};
use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{FromSample, InputCallbackInfo, SampleFormat, SizedSample, SupportedStreamConfig};
use kinora_ports::capture::{Captured, DeviceChoice, DeviceKind, Microphone};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

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
    let rate = config.sample_rate();
    let mut resampled = Rate::new(rate, kept).ok_or_else(|| {
        let why = format!("{rate} samples a second cannot be brought to {RATE}");
        cpal::Error::with_message(cpal::ErrorKind::UnsupportedConfig, why)
    })?;
    let callback = move |data: &[T], info: &InputCallbackInfo| {
        let stamp = info.timestamp();
        let frames = data.len() / channels;
        let block = Duration::from_secs_f64(frames as f64 / f64::from(rate));
        // The first sample is at least as old as the block is long.
        let delay = stamp.callback.checked_duration_since(stamp.capture).filter(|delay| *delay <= LONGEST_DELAY);
        let age = delay.unwrap_or(block).max(block);
        let at = ours.since(Instant::now().checked_sub(age).unwrap_or(ours.begun));
        let samples: Vec<f32> = data
            .chunks_exact(channels)
            .flat_map(|frame| frame.iter().take(kept).map(|&sample| f32::from_sample_(sample)))
            .map(|sample| if sample.is_finite() { sample } else { 0.0 })
            .collect();
        let (samples, early) = resampled.next(samples);
        if !samples.is_empty() {
            ours.put(Captured::Sound { samples, at: at.saturating_sub(early) });
        }
    };
    let failed = move |error: cpal::Error| {
        if matches!(error.kind(), cpal::ErrorKind::DeviceNotAvailable | cpal::ErrorKind::StreamInvalidated) {
            lost.put(Captured::Lost { device: DeviceKind::Microphone, detail: error.to_string() });
        }
    };
    device.build_input_stream(config.config(), callback, failed, Some(PATIENCE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_alsas_many_names_only_those_a_person_means_are_listed() {
        assert!(is_one("alsa:default") && is_one("alsa:sysdefault:CARD=C920") && is_one("wasapi:{0.0.1}"));
        assert!(!is_one("alsa:null") && !is_one("alsa:hw:CARD=0,DEV=0") && !is_one("alsa:upmix"));
    }
}
