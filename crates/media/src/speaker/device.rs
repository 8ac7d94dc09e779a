//! Opening the default sound device through cpal, in whatever format it has.
//!
//! The film's sound is stereo at 48 kHz in float; a device with another rate gets it interpolated, one with more channels gets silence
//! on the others. The callback must never wait for anything but the source.

use super::{CHANNELS, RATE, Shared};
use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{BufferSize, FromSample, OutputCallbackInfo, SampleFormat, SizedSample, SupportedStreamConfig};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Frames the device asks for at once; it holds two of these, 171 ms, and the clock knows how much of that was heard. Left to themselves,
/// sound servers behind ALSA choose up to seconds, and a pause would come late. A quarter of this ran dry six times in ten minutes when two
/// processors rendered, mixed and built.
const PERIOD: u32 = 4_096;

/// The running stream and the device's name; None when there is no device or it cannot be opened.
pub fn open(shared: &Arc<Shared>) -> Option<(cpal::Stream, String)> {
    let device = cpal::default_host().default_output_device()?;
    let config = choose(&device)?;
    let build = |period| match config.sample_format() {
        SampleFormat::F32 => build::<f32>(&device, &config, period, shared),
        SampleFormat::I16 => build::<i16>(&device, &config, period, shared),
        SampleFormat::U16 => build::<u16>(&device, &config, period, shared),
        SampleFormat::I32 => build::<i32>(&device, &config, period, shared),
        _ => None,
    };
    // A device that cannot have our period has its own.
    let stream = build(BufferSize::Fixed(PERIOD)).or_else(|| build(BufferSize::Default))?;
    stream.play().ok()?;
    Some((stream, device.to_string()))
}

/// Stereo float at the film's rate if the device has it, else what it likes best.
fn choose(device: &cpal::Device) -> Option<SupportedStreamConfig> {
    let usable = |format| {
        [SampleFormat::F32, SampleFormat::I16, SampleFormat::I32, SampleFormat::U16].iter().position(|&f| f == format)
    };
    let exact = device.supported_output_configs().ok().and_then(|configs| {
        let fitting =
            configs.filter(|c| c.channels() >= 2 && c.contains_rate(RATE) && usable(c.sample_format()).is_some());
        fitting.min_by_key(|c| (c.channels(), usable(c.sample_format()))).map(|c| c.with_sample_rate(RATE))
    });
    exact.or_else(|| {
        device.default_output_config().ok().filter(|c| usable(c.sample_format()).is_some() && c.channels() > 0)
    })
}

fn build<T: SizedSample + FromSample<f32>>(
    device: &cpal::Device,
    config: &SupportedStreamConfig,
    period: BufferSize,
    shared: &Arc<Shared>,
) -> Option<cpal::Stream> {
    let channels = usize::from(config.channels());
    let (shared, counted) = (Arc::clone(shared), Arc::clone(shared));
    let mut bend = Bend::new(config.sample_rate());
    let callback = move |data: &mut [T], info: &OutputCallbackInfo| {
        let stamp = info.timestamp();
        let latency = stamp.playback.checked_duration_since(stamp.callback).unwrap_or(Duration::ZERO);
        let stereo = bend.next(data.len() / channels, &shared);
        for (frame, sound) in data.chunks_mut(channels).zip(stereo.as_chunks::<CHANNELS>().0) {
            let mono = (sound[0] + sound[1]) * 0.5;
            for (channel, out) in frame.iter_mut().enumerate() {
                let value = if channels == 1 { mono } else { sound.get(channel).copied().unwrap_or(0.0) };
                *out = T::from_sample(value.clamp(-1.0, 1.0));
            }
        }
        shared.clock().device_took(Instant::now(), bend.taken(), latency);
    };
    // A device that ran dry goes on by itself; other errors show themselves as silence, which the sound thread notices.
    let complaint = move |error: cpal::Error| {
        if error.kind() == cpal::ErrorKind::Xrun {
            counted.gaps.fetch_add(1, Ordering::Relaxed);
        }
    };
    let config = cpal::StreamConfig { buffer_size: period, ..config.config() };
    device.build_output_stream(config, callback, complaint, Some(Duration::from_secs(2))).ok()
}

/// Sound at the device's rate: straight through when it is the film's, else by cubic interpolation.
struct Bend {
    step: f64,
    place: f64,
    around: [[f32; 2]; 4],
    block: Vec<f32>,
    used: usize,
    out: Vec<f32>,
    taken: u64,
}

/// Frames asked of the source at once when interpolating.
const BLOCK: usize = 128;

impl Bend {
    fn new(rate: u32) -> Self {
        let step = f64::from(RATE) / f64::from(rate.max(1));
        Self { step, place: 0.0, around: [[0.0; 2]; 4], block: Vec::new(), used: 0, out: Vec::new(), taken: 0 }
    }
    /// Film frames used up by the last [`Self::next`].
    fn taken(&self) -> u64 {
        self.taken
    }
    fn next(&mut self, frames: usize, shared: &Shared) -> &[f32] {
        self.out.resize(frames * CHANNELS, 0.0);
        if (self.step - 1.0).abs() < 1e-9 {
            shared.fill(&mut self.out);
            self.taken = frames as u64;
            return &self.out;
        }
        self.taken = 0;
        let mut out = std::mem::take(&mut self.out);
        for frame in out.as_chunks_mut::<CHANNELS>().0 {
            while self.place >= 1.0 {
                self.place -= 1.0;
                self.around.rotate_left(1);
                self.around[3] = self.pull(shared);
                self.taken += 1;
            }
            let t = self.place as f32;
            let [a, b, c, d] = self.around;
            for (channel, value) in frame.iter_mut().enumerate() {
                let (a, b, c, d) = (a[channel], b[channel], c[channel], d[channel]);
                *value = b + 0.5 * t * (c - a + t * (2.0 * a - 5.0 * b + 4.0 * c - d + t * (3.0 * (b - c) + d - a)));
            }
            self.place += self.step;
        }
        self.out = out;
        &self.out
    }
    fn pull(&mut self, shared: &Shared) -> [f32; 2] {
        if self.used >= self.block.len() {
            self.block.resize(BLOCK * CHANNELS, 0.0);
            shared.fill(&mut self.block);
            self.used = 0;
        }
        let frame = self.block.get(self.used..).and_then(|rest| rest.first_chunk::<2>()).copied().unwrap_or_default();
        self.used += CHANNELS;
        frame
    }
}
