//! The whole sound of a file at 48 kHz in two channels, each sample at its exact place.
//!
//! Buffers are laid down by their time stamps: a track that starts late starts with silence, a gap stays a gap, priming is cut. Small
//! rounding of stamps (a container that counts milliseconds) must not tear the sound, so it is followed without a seam.

use super::material::Material;
use super::stream::decode_into;
use crate::{gst as media, trouble};
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;
use gstreamer_audio as gst_audio;
use kinora_ports::{PortError, Sound};
use std::path::Path;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_millis(4_000);
const CHANNELS: usize = 2;
/// Stamps may be off by this many frames (20 ms) before they count as a gap.
const SLACK: i64 = 960;
/// Four hours: 5.5 GB in memory.
const MOST_FRAMES: i64 = 4 * 3600 * Sound::FILM_RATE as i64;

/// None when the file has no sound that could be decoded.
pub fn read_sound(material: &Material) -> Result<Option<Sound>, PortError> {
    let path = material.name();
    let running = media::Running::new()?;
    let sink = media::sink()?;
    sink.set_max_buffers(16);
    let caps = gst_audio::AudioCapsBuilder::new_interleaved()
        .format(gst_audio::AUDIO_FORMAT_F32)
        .rate(Sound::FILM_RATE as i32)
        .channels(CHANNELS as i32)
        .build();
    let (queue, convert, resample) =
        (media::make("queue")?, media::make("audioconvert")?, media::make("audioresample")?);
    running.chain(&[&queue, &convert, &resample, &media::filter(&caps)?, sink.upcast_ref()])?;
    decode_into(&running, material, &queue, "audio")?;
    running.play().map_err(|error| trouble::unreadable(path, error))?;
    let mut samples = Vec::new();
    let mut begun = false;
    while let Some(sample) = pull(&running, &sink, begun).map_err(|detail| trouble::unreadable(path, detail))? {
        lay_down(&sample, &mut samples, begun).ok_or_else(|| too_long(path))?;
        begun = true;
    }
    Ok(begun.then_some(Sound { sample_rate: Sound::FILM_RATE, channels: CHANNELS as u16, samples }))
}

fn too_long(path: &Path) -> PortError {
    trouble::refusal(
        "import.sound_too_long",
        format!("The sound in “{}” is longer than four hours, which is more than Kinora can hold.", path.display()),
        "Cut it into parts with another program and use those.",
    )
}

/// None at the end; damage after the beginning ends the sound there.
fn pull(running: &media::Running, sink: &gst_app::AppSink, begun: bool) -> Result<Option<gst::Sample>, String> {
    let since = Instant::now();
    loop {
        if let Some(sample) = sink.try_pull_sample(gst::ClockTime::from_mseconds(40)) {
            return Ok(Some(sample));
        }
        if sink.is_eos() {
            return Ok(None);
        }
        if let Some(complaint) = running.complaint() {
            return if begun { Ok(None) } else { Err(complaint) };
        }
        if since.elapsed() > PATIENCE {
            return if begun { Ok(None) } else { Err("the decoder did not answer".to_owned()) };
        }
    }
}

/// None when the sound is too long to hold.
fn lay_down(sample: &gst::Sample, samples: &mut Vec<f32>, begun: bool) -> Option<()> {
    let Some(buffer) = sample.buffer() else { return Some(()) };
    let Ok(map) = buffer.map_readable() else { return Some(()) };
    let mut new = map
        .as_chunks::<4>()
        .0
        .iter()
        .map(|bytes| f32::from_ne_bytes(*bytes))
        .map(|s| if s.is_finite() { s } else { 0.0 });
    let have = (samples.len() / CHANNELS) as i64;
    let stamp = buffer.pts().and_then(|pts| sample.segment()?.downcast_ref::<gst::ClockTime>()?.to_stream_time(pts));
    let start = stamp.map_or(have, |time| {
        ((u128::from(time.nseconds()) * u128::from(Sound::FILM_RATE) + 500_000_000) / 1_000_000_000) as i64
    });
    let gap = start - have;
    if start > MOST_FRAMES || have > MOST_FRAMES {
        return None;
    }
    if gap > 0 && (!begun || gap > SLACK) {
        samples.resize(start as usize * CHANNELS, 0.0);
    } else if gap < -SLACK {
        // Told twice: the part that was already heard is left out.
        new.by_ref().take(gap.unsigned_abs() as usize * CHANNELS).for_each(drop);
    }
    samples.extend(new);
    Some(())
}
