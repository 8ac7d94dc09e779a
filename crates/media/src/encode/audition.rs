//! What a listener will hear of a film's sound: through the codec of its container and back, without a file.
//!
//! It exists because loudness is promised of the file, not of the mix: AAC and Opus leave out what lies above their band and overshoot
//! peaks. The same encoder with the same settings as in the export, then a decoder. It must never be another encoder than the export's.

use super::aac;
use crate::{gst as media, trouble};
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;
use kinora_ports::PortError;
use kinora_ports::media::{Container, EncodeSettings, SoundFeed, audition_block, unchanged};
use std::time::Instant;

/// The first that is there is listened with.
const AAC_DECODERS: [&str; 3] = ["avdec_aac", "faad", "fdkaacdec"];
const OPUS_DECODERS: [&str; 2] = ["opusdec", "avdec_opus"];
/// How long one look for decoded sound waits at the end.
const LOOK: gst::ClockTime = gst::ClockTime::from_mseconds(40);

pub fn audition(
    settings: &EncodeSettings,
    sound: &mut SoundFeed<'_>,
    heard: &mut dyn FnMut(&[f32]),
) -> Result<(), PortError> {
    let Some(rate) = settings.sound_rate else { return Ok(()) };
    let (coder, late) = match settings.container {
        Container::Mp4 => {
            let choice = aac::choose()?;
            let mut coder = aac::coder(choice)?;
            coder.push(decoder(&AAC_DECODERS)?);
            (coder, choice.priming)
        }
        // The decoder takes the run-in off by itself.
        Container::WebM => (vec![super::webm::opus()?, decoder(&OPUS_DECODERS)?], 0),
        Container::PngSequence | Container::Take | Container::ContactSheet => {
            return unchanged(settings, sound, heard);
        }
    };
    let channels = usize::from(settings.sound_channels.max(1));
    let mut room =
        Room { running: media::Running::new()?, sink: media::sink()?, skip: late as usize * channels, left: 0 };
    let source = media::source(&aac::sound_caps(settings, rate))?;
    let (convert, resample, back) =
        (media::make("audioconvert")?, media::make("audioresample")?, media::make("audioconvert")?);
    let (at_rate, as_float) =
        (media::filter(&aac::at_rate(settings))?, media::filter(&aac::sound_caps(settings, aac::RATE))?);
    let mut chain: Vec<&gst::Element> = vec![source.upcast_ref(), &convert, &resample, &at_rate];
    chain.extend(&coder);
    let sink = room.sink.clone();
    chain.extend([&back, &as_float, sink.upcast_ref()]);
    room.running.chain(&chain)?;
    room.running.play()?;
    let mut block = audition_block(settings);
    let mut fed = 0u64;
    let mut feed = |room: &mut Room, samples: &[f32]| -> Result<(), PortError> {
        room.running.feed(&source, aac::sound_buffer(samples, fed, rate, channels))?;
        fed += (samples.len() / channels) as u64;
        Ok(())
    };
    loop {
        let count = sound(&mut block)?.min(block.len()) / channels * channels;
        let samples = block.get(..count).unwrap_or_default();
        if count > 0 {
            // What comes out is never more than what went in: the run-out of a codec is no part of the film.
            room.left += count * aac::RATE as usize / rate as usize;
            feed(&mut room, samples)?;
        }
        room.listen(heard);
        if count < block.len() {
            break;
        }
    }
    // As an export ends, so that an encoder gives its last packets away.
    block.fill(0.0);
    feed(&mut room, &block)?;
    source.end_of_stream().map_err(trouble::encoding)?;
    room.wait(heard)
}

fn decoder(known: &[&str]) -> Result<gst::Element, PortError> {
    let there = known.iter().find(|name| media::exists(name)).or(known.first());
    media::make(there.copied().unwrap_or_default())
}

/// Where it is listened to.
struct Room {
    running: media::Running,
    sink: gst_app::AppSink,
    /// Samples of the run-in that are still to come.
    skip: usize,
    /// Samples of the film that are still to come.
    left: usize,
}

impl Room {
    /// What is there already.
    fn listen(&mut self, heard: &mut dyn FnMut(&[f32])) {
        while let Some(sample) = self.sink.try_pull_sample(gst::ClockTime::ZERO) {
            self.hear(&sample, heard);
        }
    }

    fn wait(&mut self, heard: &mut dyn FnMut(&[f32])) -> Result<(), PortError> {
        let mut since = Instant::now();
        loop {
            if let Some(sample) = self.sink.try_pull_sample(LOOK) {
                self.hear(&sample, heard);
                since = Instant::now();
            } else if self.sink.is_eos() {
                return Ok(());
            } else if let Some(complaint) = self.running.complaint() {
                return Err(trouble::encoding(complaint));
            } else if since.elapsed() > media::PATIENCE {
                return Err(trouble::encoding("the encoder did not answer"));
            }
        }
    }

    fn hear(&mut self, sample: &gst::Sample, heard: &mut dyn FnMut(&[f32])) {
        let Some(map) = sample.buffer().and_then(|buffer| buffer.map_readable().ok()) else { return };
        let samples = map.as_chunks::<4>().0.iter().map(|bytes| f32::from_ne_bytes(*bytes));
        let late = self.skip.min(map.len() / 4);
        self.skip -= late;
        let samples: Vec<f32> =
            samples.skip(late).take(self.left).map(|sample| if sample.is_finite() { sample } else { 0.0 }).collect();
        self.left -= samples.len();
        heard(&samples);
    }
}
