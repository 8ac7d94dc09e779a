//! MP4: H.264 High yuv420p and AAC-LC, header first, colours tagged twice, picture and sound starting at zero.
//!
//! GStreamer encodes; the file itself is laid out by `isobmff`, because exact lengths, edit lists and tags are the promise.
//! The target name must never exist before the file under `.part` was read back and found to be what was asked for.

use super::packets::{self, CodedPicture, Film, Pace};
use super::{aac, check_frame, check_picture, h264, nothing_to_repeat, nothing_to_write, sound_frames};
use crate::isobmff::tables::{AudioTrack, Sample, SampleTable, VideoTrack};
use crate::isobmff::{AudioFormat, BoxedMovie, MovieWriter, Tables, TrackKind, VideoFormat, sps};
use crate::part::PartFile;
use crate::trouble;
use gstreamer as gst;
use kinora_ports::media::{EncodeSettings, Sealing};
use kinora_ports::{Encoding, Pixels, PortError, VideoFrame};
use std::fs::File;
use std::path::Path;
use std::sync::{Arc, Mutex};

#[derive(Debug)]
pub struct Mp4Encoding {
    // Streams first: they are dropped, and so stopped, before the file goes.
    video: h264::Stream,
    audio: Option<aac::Stream>,
    film: Arc<Mutex<Film>>,
    part: PartFile,
    settings: EncodeSettings,
    name: String,
    priming: u32,
    last: Option<gst::Buffer>,
    pictures: u64,
}

/// Media units of a second and of a frame; fine enough that no player rounds them.
pub fn time_base(settings: &EncodeSettings) -> (u32, u32) {
    let (mut timescale, mut duration) = (settings.rate.frames, settings.rate.seconds);
    while timescale < 10_000 {
        timescale *= 10;
        duration *= 10;
    }
    (timescale, duration)
}

impl Mp4Encoding {
    pub fn start(settings: &EncodeSettings, path: &Path, wanted: Option<&'static str>) -> Result<Self, PortError> {
        let choice = h264::choose(settings, wanted)?;
        let sound = settings.sound_rate.map(|rate| Ok::<_, PortError>((aac::choose()?, rate))).transpose()?;
        let part = PartFile::create(path)?;
        let writer = MovieWriter::new(part.handle()?, false).map_err(|error| part.trouble(&error))?;
        let pace = Pace {
            frames: settings.rate.frames,
            seconds: settings.rate.seconds,
            packet_frames: aac::PACKET,
            sample_rate: aac::RATE,
        };
        let film = Arc::new(Mutex::new(Film::new(writer, pace)));
        let video = h264::Stream::start(choice, settings, &film)?;
        let audio = sound.map(|(choice, rate)| aac::Stream::start(choice, settings, rate, &film)).transpose()?;
        let name = choice.name.to_owned();
        let priming = sound.map_or(0, |(choice, _)| choice.priming);
        Ok(Self { video, audio, film, part, settings: settings.clone(), name, priming, last: None, pictures: 0 })
    }

    fn push(&mut self, buffer: gst::Buffer) -> Result<(), PortError> {
        let pushed = self.video.push(buffer, self.pictures);
        self.explain(pushed)?;
        self.pictures += 1;
        Ok(())
    }

    /// When the disk was at fault, says so rather than that the encoder stopped.
    fn explain<T>(&self, result: Result<T, PortError>) -> Result<T, PortError> {
        match packets::lock(&self.film).error.take() {
            Some(error) => Err(self.part.trouble(&error)),
            None => result,
        }
    }

    fn tables(&self, film: &Film) -> Result<Tables, PortError> {
        let (timescale, duration) = time_base(&self.settings);
        let (samples, skip) =
            video_samples(&film.pictures, self.settings.rate.seconds, self.settings.rate.frames, duration)
                .ok_or_else(|| trouble::encoding("the encoder lost or reordered pictures"))?;
        let config = film.avc_config.clone().ok_or_else(|| trouble::encoding("the encoder gave no parameter sets"))?;
        let audio = match (&self.audio, &film.aac_config) {
            (Some(_), Some(config)) => Some(AudioTrack {
                format: AudioFormat::Aac { config: config.clone(), bit_rate: aac::BIT_RATE },
                channels: self.settings.sound_channels,
                sample_rate: aac::RATE,
                table: SampleTable {
                    timescale: aac::RATE,
                    duration: aac::PACKET,
                    samples: film.sound.clone(),
                    skip: self.priming,
                    lengths: Vec::new(),
                },
            }),
            (Some(_), None) => return Err(trouble::encoding("the sound encoder gave no configuration")),
            (None, _) => None,
        };
        Ok(Tables {
            title: self.settings.title.clone(),
            video: Some(VideoTrack {
                format: VideoFormat::Avc { config },
                width: self.settings.size.width as u16,
                height: self.settings.size.height as u16,
                table: SampleTable { timescale, duration, samples, skip, lengths: Vec::new() },
            }),
            audio,
        })
    }
}

/// Sample table entries in decoding order and the reordering delay; None when the pictures are not exactly 0, 1, 2 …
fn video_samples(pictures: &[CodedPicture], seconds: u32, frames: u32, duration: u32) -> Option<(Vec<Sample>, u32)> {
    let first = pictures.iter().map(|picture| picture.time).min()?;
    let index = |time: u64| {
        let scale = u128::from(seconds) * 1_000_000_000;
        ((u128::from(time - first) * u128::from(frames) * 2 + scale) / (scale * 2)) as i64
    };
    let shown: Vec<i64> = pictures.iter().map(|picture| index(picture.time)).collect();
    let mut sorted = shown.clone();
    sorted.sort_unstable();
    if sorted.iter().zip(0..).any(|(&a, b)| a != b) {
        return None;
    }
    let delay = shown.iter().zip(0i64..).map(|(&shown, decoded)| decoded - shown).max()?;
    let samples = pictures.iter().zip(shown.iter().zip(0i64..)).map(|(picture, (&shown, decoded))| Sample {
        offset: picture.offset,
        size: picture.size,
        composition: (shown - decoded + delay) as u32 * duration,
        sync: picture.sync,
    });
    Some((samples.collect(), delay as u32 * duration))
}

impl Encoding for Mp4Encoding {
    fn encoder_name(&self) -> &str {
        &self.name
    }
    fn takes_video(&self) -> bool {
        true
    }
    fn picture(&mut self, pixels: &Pixels) -> Result<(), PortError> {
        check_picture(&self.settings, pixels)?;
        self.video(&Arc::new(VideoFrame::of(pixels)))
    }
    fn video(&mut self, frame: &Arc<VideoFrame>) -> Result<(), PortError> {
        check_frame(&self.settings, frame)?;
        let buffer = h264::picture_buffer(frame);
        self.last = Some(buffer.copy());
        self.push(buffer)
    }
    fn repeat_picture(&mut self) -> Result<(), PortError> {
        let buffer = self.last.as_ref().ok_or_else(nothing_to_repeat)?.copy();
        self.push(buffer)
    }
    fn sound(&mut self, samples: &[f32]) -> Result<(), PortError> {
        let pushed = self.audio.as_mut().map_or(Ok(()), |audio| audio.push(samples));
        self.explain(pushed)
    }
    fn finish_sealed(mut self: Box<Self>, seal: Option<&mut Sealing<'_>>) -> Result<(), PortError> {
        if self.pictures == 0 {
            return Err(nothing_to_write());
        }
        let film = Arc::clone(&self.film);
        let progress = move || packets::lock(&film).progress();
        let ended = self.video.end(&progress);
        self.explain(ended)?;
        let mut packets = 0;
        if let Some(audio) = &mut self.audio {
            let source_frames =
                sound_frames(&self.settings, self.pictures, self.settings.sound_rate.unwrap_or(aac::RATE));
            let ended = audio.end(source_frames, &progress);
            self.explain(ended)?;
            let frames = sound_frames(&self.settings, self.pictures, aac::RATE) + u64::from(self.priming);
            packets = frames.div_ceil(u64::from(aac::PACKET)) as usize;
        }
        let writer = packets::lock(&self.film).close(packets);
        self.explain(Ok(()))?;
        let tables = self.tables(&packets::lock(&self.film))?;
        let writer = writer.ok_or_else(|| trouble::encoding("the file was closed too early"))?;
        writer.finish(&tables).map_err(|error| self.part.trouble(&error))?;
        let Self { part, settings, pictures, audio, video, .. } = *self;
        drop((audio, video));
        let target = part.target().to_owned();
        part.commit(seal, |path| {
            prove(path, &settings, pictures, tables.audio.is_some()).map_err(|error| match error {
                Proof::Disk(error) => trouble::disk("read back", &target, &error),
                Proof::Wrong(what) => trouble::encoding(format!("the finished file is wrong: {what}")),
            })
        })
    }
}

enum Proof {
    Disk(std::io::Error),
    Wrong(&'static str),
}

/// Reads the file back: is it the film that was asked for?
fn prove(path: &Path, settings: &EncodeSettings, pictures: u64, sound: bool) -> Result<(), Proof> {
    let mut file = File::open(path).map_err(Proof::Disk)?;
    let length = file.metadata().map_err(Proof::Disk)?.len();
    let movie = BoxedMovie::read(&mut file).map_err(Proof::Disk)?.ok_or(Proof::Wrong("no header"))?;
    let video = movie.track(TrackKind::Video).ok_or(Proof::Wrong("no picture track"))?;
    let (timescale, duration) = time_base(settings);
    let facts = video.avc_config.as_deref().and_then(sps::from_avc_config).ok_or(Proof::Wrong("no parameter sets"))?;
    let samples = video.samples().ok_or(Proof::Wrong("contradicting tables"))?;
    let inside =
        |sample: &crate::isobmff::read::ReadSample| sample.offset + u64::from(sample.size) <= length && sample.size > 0;
    let checks = [
        (movie.moov_before_mdat, "header after the media"),
        (u64::from(video.count) == pictures, "number of pictures"),
        (movie.timescale == timescale && movie.duration == pictures * u64::from(duration), "length"),
        (video.even_duration == Some(duration) && video.timescale == timescale, "frame rate"),
        ((u32::from(video.width), u32::from(video.height)) == (settings.size.width, settings.size.height), "size"),
        (h264::keeps_promise(facts), "profile or colour tags in the stream"),
        (video.container_colour == Some((1, 1, 1, false)), "colour tags in the container"),
        (samples.iter().all(inside) && samples.first().is_some_and(|sample| sample.sync), "place of a picture"),
        (movie.track(TrackKind::Audio).is_some_and(|audio| audio.count > 0) == sound, "sound"),
    ];
    checks.into_iter().find(|(good, _)| !good).map_or(Ok(()), |(_, what)| Err(Proof::Wrong(what)))
}
