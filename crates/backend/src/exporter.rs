//! From the timeline to a file: every frame planned, composed and encoded, with the mix beside it.
//!
//! Works on a snapshot of the film, so editing goes on meanwhile. The same planner, compositor and mixer as the monitor's; the file
//! appears under its name only when it is whole and, where its kind can hold that, signed. There is no way around the signature.

use crate::library::Library;
use crate::loudness::{Loudness, encoded, levelled};
use crate::mixer::{CHANNELS, Mixer, samples_of_frame};
use crate::origin;
use crate::problem::Trouble;
use kinora_document::plan::{SoundPlan, SoundSource};
use kinora_document::{Film, FrameRate, FrameSize, Planner};
use kinora_ports::media::{Container, EncodeSettings};
use kinora_ports::provenance::Identity;
use kinora_ports::{
    Compositor, Encoder, Encoding, FilmMark, Flow, FrameMarker, Pixels, PortError, Provenance, Sound, VideoFrame,
    Watermark,
};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

#[derive(Clone, Copy, Debug)]
pub struct ExportOrder {
    pub container: Container,
    /// None takes the film's.
    pub size: Option<FrameSize>,
    pub rate: Option<FrameRate>,
    /// None leaves the mix as loud as it is.
    pub loudness: Option<Loudness>,
    /// False leaves out the lines that the studio spoke.
    pub voices: bool,
    /// False leaves the invisible mark out of the frames; so does the film's own setting.
    pub watermark: bool,
    /// The signed history tells the prompts themselves, not only their hashes.
    pub tell_prompts: bool,
}

impl ExportOrder {
    /// The film as it is, with everything in it; the history tells hashes of prompts only.
    pub const fn new(container: Container) -> Self {
        Self { container, size: None, rate: None, loudness: None, voices: true, watermark: true, tell_prompts: false }
    }
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Exported {
    pub frames: i64,
    pub size: FrameSize,
    pub rate: FrameRate,
    pub encoder: String,
    /// Measured over the whole film as its file gives it back; None when it is silent, or was left as it is.
    pub loudness: Option<Loudness>,
    /// What the invisible mark in the frames says; None when they carry none.
    pub watermark: Option<String>,
    /// Whose signature the file carries; None when its kind can hold none.
    pub signed_by: Option<Identity>,
    /// Sounds that could not be read and are silent in the file, as sentences.
    pub warnings: Vec<String>,
}

/// Contact sheets show about this many pictures of the film, whatever its length.
const SHEET_PICTURES: i64 = 24;

/// A composed picture in the form that the file takes.
enum Frame {
    Colour(Arc<Pixels>),
    Video(Arc<VideoFrame>),
}

impl Frame {
    /// The compositor answers with the very same picture when nothing changed, which then costs neither a mark nor a copy.
    fn give(
        &self,
        before: Option<&Self>,
        marker: Option<&dyn FrameMarker>,
        encoding: &mut dyn Encoding,
    ) -> Result<(), PortError> {
        match (self, before) {
            (Self::Colour(now), Some(Self::Colour(before))) if Arc::ptr_eq(now, before) => encoding.repeat_picture(),
            (Self::Video(now), Some(Self::Video(before))) if Arc::ptr_eq(now, before) => encoding.repeat_picture(),
            (Self::Colour(now), _) => encoding.picture(now),
            (Self::Video(now), _) => match marker {
                Some(marker) => encoding.video(&Arc::new(marker.marked(now))),
                None => encoding.video(now),
            },
        }
    }
}

pub struct Exporter<'a> {
    pub encoder: &'a dyn Encoder,
    pub compositor: &'a mut dyn Compositor,
    pub library: &'a mut Library,
    pub watermark: &'a dyn Watermark,
    pub notary: &'a dyn Provenance,
}

impl std::fmt::Debug for Exporter<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Exporter").finish_non_exhaustive()
    }
}

impl Exporter<'_> {
    /// `watch` is told the thousandths done and the encoder's name after each frame.
    pub fn export(
        &mut self,
        film: &Film,
        order: ExportOrder,
        path: &Path,
        watch: &mut dyn FnMut(u32, &str) -> Flow,
    ) -> Result<Exported, Trouble> {
        let mark = film_mark(film);
        let mut film = film.clone();
        film.settings.size = order.size.unwrap_or(film.settings.size);
        film.settings.rate = order.rate.unwrap_or(film.settings.rate);
        let planner = Planner::new(&film);
        let reel = planner.reel();
        if reel.frames <= 0 {
            return Err(Trouble::refuse(
                "export.empty",
                "There is nothing on the timeline to export.",
                "Write a scene, or put a clip on a track, and export again.",
            ));
        }
        let unvoiced;
        let sound = if order.voices {
            planner.sound()
        } else {
            unvoiced = without_voices(planner.sound(), &film);
            &unvoiced
        };
        let sheet = order.container == Container::ContactSheet;
        // Who cannot sign hears it before the minutes are spent.
        let signed_by = self.notary.carries(order.container).then(|| self.notary.identity()).transpose()?;
        let claim = origin::claim(&film, (!sheet).then_some(sound), order.tell_prompts, self.library, self.notary);
        let (mixer, problems) = Mixer::new(sound, self.library);
        let settings = EncodeSettings {
            container: order.container,
            size: reel.size,
            rate: reel.rate,
            sound_rate: (!sheet).then_some(Sound::FILM_RATE),
            sound_channels: CHANNELS as u16,
            title: film.settings.title.clone(),
        };
        let stride = if sheet { (reel.frames / SHEET_PICTURES).max(1) } else { 1 };
        let mut encoding = self.encoder.start(&settings, path)?;
        let encoder = encoding.encoder_name().to_owned();
        let (mixer, loudness) = match order.loudness.filter(|_| !sheet) {
            Some(target) => {
                let mut on = || if watch(0, &encoder) == Flow::Cancel { Err(PortError::Cancelled) } else { Ok(()) };
                levelled(mixer, target, &mut |mixer, hear| encoded(self.encoder, &settings, &mut on, mixer, hear))?
            }
            None => (mixer, None),
        };
        let wanted = order.watermark && film.settings.watermark && encoding.takes_video();
        let marker = wanted.then(|| self.watermark.marker(mark, reel.size.width, reel.size.height)).flatten();
        let mut shown: Option<Frame> = None;
        let mut block = Vec::new();
        for frame in (0..reel.frames).step_by(stride as usize) {
            let plan = planner.frame_at(frame);
            let picture = if encoding.takes_video() {
                Frame::Video(self.compositor.render_video(&plan, self.library)?)
            } else {
                Frame::Colour(self.compositor.render(&plan, self.library)?)
            };
            picture.give(shown.as_ref(), marker.as_deref(), encoding.as_mut())?;
            shown = Some(picture);
            if !sheet {
                let samples = samples_of_frame(reel.rate.frame_start(frame), reel.rate.frame_start(frame + 1));
                block.resize((samples.end - samples.start) as usize * CHANNELS, 0.0);
                mixer.mix(samples.start, &mut block);
                encoding.sound(&block)?;
            }
            let permille = ((frame + 1) * 1000 / reel.frames) as u32;
            if watch(permille.min(999), &encoder) == Flow::Cancel {
                return Err(Trouble::cancelled());
            }
        }
        if signed_by.is_some() {
            let mut seal = |from: &Path, to: &Path| match watch(999, &encoder) {
                Flow::Continue => self.notary.seal(from, to, &claim),
                Flow::Cancel => Err(PortError::Cancelled),
            };
            encoding.finish_sealed(Some(&mut seal))?;
        } else {
            encoding.finish()?;
        }
        watch(1000, &encoder);
        let warnings = problems.iter().map(ToString::to_string).collect();
        let watermark = marker.map(|_| mark.to_string());
        let (size, rate) = (reel.size, reel.rate);
        Ok(Exported { frames: reel.frames, size, rate, encoder, loudness, watermark, signed_by, warnings })
    }
}

/// The number that a film's frames carry: of its content alone, so that the same film is marked the same at every size and time.
pub fn film_mark(film: &Film) -> FilmMark {
    let content = serde_json::to_vec(film).unwrap_or_default();
    let [a, b, c, d, e, f, g, h, ..] = *blake3::hash(&content).as_bytes();
    FilmMark(u64::from_be_bytes([a, b, c, d, e, f, g, h]))
}

/// The plan without what the studio spoke; recordings stay.
fn without_voices(plan: &SoundPlan, film: &Film) -> SoundPlan {
    let spoken: BTreeSet<_> =
        film.media.iter().filter(|media| media.speech.is_some()).map(|media| media.blob).collect();
    let mut plan = plan.clone();
    plan.pieces.retain(|piece| !matches!(&piece.source, SoundSource::File(blob) if spoken.contains(blob)));
    plan
}
