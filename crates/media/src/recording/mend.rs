//! From pieces to an ordinary MP4, proved by decoding all of it.
//!
//! Recovering after a kill and finishing after a stop are one thing: whatever is whole is taken, what is torn at the end is left out
//! and counted. An answer is only given for a file that was decoded to its end with every picture and all sound in it; what was
//! handed in is never touched.

use crate::decode::{Material, decode_into};
use crate::encode::aac;
use crate::isobmff::pieces::{self, Place, TIMESCALE, WholePieces};
use crate::isobmff::tables::{AudioTrack, Sample, SampleTable, Tables, VideoTrack};
use crate::isobmff::{AudioFormat, VideoFormat, write};
use crate::{gst as media, trouble};
use gstreamer as gst;
use gstreamer::prelude::*;
use kinora_document::Ticks;
use kinora_ports::recording::Mended;
use kinora_ports::{PortError, Refusal};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A decoder that gives nothing for this long is hung.
const PATIENCE: Duration = Duration::from_secs(8);
/// What a decoder may leave out of or add to the sound at its ends.
const PACKETS_OFF: u64 = 3;
/// Sound frames laid beside one run of pictures, so that a file plays from a slow disk: half a second.
const TOGETHER: usize = 24;

/// What a decoder found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    pub frames: u64,
    /// A channel, at the file's own rate.
    pub samples: u64,
}

fn nothing() -> PortError {
    Refusal::new(
        "recording.nothing",
        "There is nothing in this recording that could be saved: it broke off before its first half second was kept.",
        "Record it again.",
    )
    .into()
}

fn unproved(detail: impl std::fmt::Display) -> PortError {
    kinora_ports::Fault::new(
        "The recording could not be made whole: what came out does not decode to its end.",
        "The original is kept as it is. Try again; if it fails again, keep the original and tell us.",
        detail,
    )
    .into()
}

pub fn mend(bytes: &[u8]) -> Result<Mended, PortError> {
    let whole = pieces::read(bytes).filter(|whole| whole.pieces > 0).ok_or_else(nothing)?;
    let (tables, media) = lay_out(bytes, &whole);
    let length = tables.video.as_ref().map_or_else(
        || tables.audio.as_ref().map_or(0, |audio| audio.table.length().saturating_sub(u64::from(audio.table.skip))),
        |video| video.table.length(),
    );
    let mp4: Arc<[u8]> = write::in_memory(&tables, &media).into();
    drop(media);
    let counted = count_through(&Material::Memory(Arc::clone(&mp4)))?;
    let pictures = whole.pictures.len() as u64;
    if counted.frames != pictures {
        return Err(unproved(format!("{} pictures of {pictures}", counted.frames)));
    }
    let skip = whole.reel.audio.as_ref().map_or(0, |audio| u64::from(audio.skip));
    let heard = (whole.packets.len() as u64 * u64::from(aac::PACKET)).saturating_sub(skip).min(length);
    if heard.abs_diff(counted.samples) > PACKETS_OFF * u64::from(aac::PACKET) {
        return Err(unproved(format!("{} samples of {heard}", counted.samples)));
    }
    Ok(Mended {
        mp4: mp4.to_vec(),
        frames: counted.frames,
        samples: counted.samples.min(length),
        length: Ticks::from_samples(i64::try_from(length).unwrap_or(i64::MAX), TIMESCALE),
        torn_bytes: (bytes.len() - whole.end) as u64,
    })
}

/// Pictures and packets in turns, and the tables that name them.
fn lay_out(bytes: &[u8], whole: &WholePieces) -> (Tables, Vec<u8>) {
    let total = |places: &[Place]| places.iter().map(|place| place.size as usize).sum::<usize>();
    let mut media = Vec::with_capacity(total(&whole.pictures) + total(&whole.packets));
    let mut put = |place: &Place| {
        let offset = media.len() as u64;
        media.extend_from_slice(bytes.get(place.start..place.start + place.size as usize).unwrap_or_default());
        Sample { offset, size: place.size, composition: 0, sync: place.key }
    };
    let (mut pictures, mut packets) = (Vec::new(), Vec::new());
    let (mut seen, mut heard) = (0u64, 0u64);
    let mut waiting = whole.packets.chunks(TOGETHER).peekable();
    for picture in &whole.pictures {
        while let Some(run) = waiting.next_if(|_| heard <= seen) {
            packets.extend(run.iter().map(&mut put));
            heard += run.iter().map(|place| u64::from(place.length)).sum::<u64>();
        }
        pictures.push(put(picture));
        seen += u64::from(picture.length);
    }
    waiting.flatten().for_each(|place| packets.push(put(place)));
    let video = whole.reel.video.as_ref().filter(|_| !pictures.is_empty()).map(|video| VideoTrack {
        format: VideoFormat::Avc { config: video.config.clone() },
        width: video.width,
        height: video.height,
        table: SampleTable {
            timescale: TIMESCALE,
            duration: 0,
            samples: pictures,
            skip: 0,
            lengths: whole.pictures.iter().map(|place| place.length).collect(),
        },
    });
    let audio = whole.reel.audio.as_ref().filter(|_| !packets.is_empty()).map(|audio| AudioTrack {
        format: AudioFormat::Aac { config: audio.config.clone(), bit_rate: audio.bit_rate },
        channels: audio.channels,
        sample_rate: TIMESCALE,
        table: SampleTable {
            timescale: TIMESCALE,
            duration: aac::PACKET,
            samples: packets,
            skip: audio.skip,
            lengths: Vec::new(),
        },
    });
    (Tables { title: String::new(), video, audio }, media)
}

/// Decodes all of it and counts.
pub fn count_through(material: &Material) -> Result<Counted, PortError> {
    let movie = material.boxed().ok_or_else(|| unproved("its tables contradict each other"))?;
    let there = |kind| movie.track(kind).is_some_and(|track| track.count > 0);
    let mut counted = Counted::default();
    if there(crate::isobmff::TrackKind::Video) {
        counted.frames = count(material, "video", |_| 1)?;
    }
    if let Some(audio) = movie.track(crate::isobmff::TrackKind::Audio).filter(|track| track.count > 0) {
        // 32-bit samples of one channel.
        let bytes = u64::from(audio.channels.max(1)) * 4;
        counted.samples = count(material, "audio", |buffer| buffer.size() as u64 / bytes)?;
    }
    Ok(counted)
}

fn count(material: &Material, wanted: &'static str, of: impl Fn(&gst::BufferRef) -> u64) -> Result<u64, PortError> {
    let running = media::Running::new()?;
    let sink = media::sink()?;
    sink.set_max_buffers(8);
    let queue = media::make("queue")?;
    if wanted == "audio" {
        let caps = gst::Caps::builder("audio/x-raw").field("format", gstreamer_audio::AUDIO_FORMAT_F32.to_str());
        running.chain(&[&queue, &media::make("audioconvert")?, &media::filter(&caps.build())?, sink.upcast_ref()])?;
    } else {
        running.chain(&[&queue, sink.upcast_ref()])?;
    }
    decode_into(&running, material, &queue, wanted)?;
    running.play().map_err(|error| trouble::unreadable(material.name(), error))?;
    let (mut total, mut since) = (0, Instant::now());
    loop {
        if let Some(sample) = sink.try_pull_sample(gst::ClockTime::from_mseconds(40)) {
            total += sample.buffer().map_or(0, &of);
            since = Instant::now();
        } else if sink.is_eos() {
            return Ok(total);
        }
        if let Some(complaint) = running.complaint() {
            return Err(unproved(complaint));
        }
        if since.elapsed() > PATIENCE {
            return Err(unproved("the decoder did not answer"));
        }
    }
}
