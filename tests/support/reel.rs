//! A film put together by hand: sounds and colours on tracks, through the same commands, mixer and exporter as any other.

use kinora_backend::{ExportOrder, Exported, Exporter, Library, Loudness, Mixer, Monitor};
use kinora_compositor::{Executor, FrameCompositor};
use kinora_document::command::new_film;
use kinora_document::{
    ClipMix, ClipSource, Command, Film, FrameRate, FrameSize, Media, MediaId, MediaKind, Planner, Ticks, TrackId,
    TrackKind,
};
use kinora_media::{GstDecoder, GstEncoder};
use kinora_ports::media::Container;
use kinora_ports::{Encoder, Flow, ProjectStore, Sound, Speaker};
use kinora_store::ProjectFolder;
use std::path::Path;
use std::sync::Arc;

pub struct Reel {
    pub film: Film,
    project: ProjectFolder,
    next: u128,
}

pub const RATE: u32 = Sound::FILM_RATE;

impl Reel {
    pub fn new(folder: &Path, size: FrameSize, rate: FrameRate) -> Self {
        let mut next = 0u128;
        let film = new_film("By hand", size, rate, &mut || {
            next += 1;
            next
        });
        let project = ProjectFolder::create(&folder.join("by-hand.kinora"), &film).expect("a project");
        Self { film, project, next: 1_000 }
    }

    pub fn perform(&mut self, command: &Command) {
        let next = &mut self.next;
        let mut ids = || {
            *next += 1;
            *next
        };
        let patch = command.plan(&self.film, &mut ids).unwrap_or_else(|refusal| panic!("{command:?}: {refusal}"));
        self.film.apply(&patch).expect("a planned patch applies");
    }

    pub fn track(&self, kind: TrackKind, at: usize) -> TrackId {
        self.film.tracks.iter().filter(|track| track.kind == kind).nth(at).expect("a track").id
    }

    /// A recording in one channel.
    pub fn sound(&mut self, samples: &[f32]) -> MediaId {
        let blob = self.project.blobs().put(&wav(samples)).expect("it is kept");
        self.next += 1;
        let id = MediaId(self.next);
        let media = Media {
            id,
            name: format!("sound {}", self.next),
            blob,
            thumbnail: None,
            kind: MediaKind::Sound,
            length: Ticks::from_samples(samples.len() as i64, RATE),
            size: None,
            rate: None,
            has_sound: true,
            speech: None,
            cameo: None,
            withdrawn: false,
            dubs: None,
        };
        self.perform(&Command::AddMedia { media: Box::new(media) });
        id
    }

    pub fn put(&mut self, track: TrackId, at: Ticks, source: ClipSource, length: Ticks) {
        self.perform(&Command::OverwriteClip { track, at, source, source_in: Ticks::ZERO, length });
    }

    /// Every clip of the first track of a kind without its noise.
    pub fn denoise(&mut self, kind: TrackKind) {
        let track = self.track(kind, 0);
        let clips: Vec<_> = self.film.clips.iter().filter(|clip| clip.track == track).map(|clip| clip.id).collect();
        for clip in clips {
            self.perform(&Command::SetClipMix { clip, mix: ClipMix { denoise: true, ..ClipMix::default() } });
        }
    }

    fn library(&self) -> Library {
        Library::new(self.project.blobs(), Arc::new(GstDecoder::new()))
            .with_instrument(Arc::new(kinora_engine::Synthesiser))
    }

    /// As the monitor hears it.
    pub fn mixer(&self) -> Mixer {
        let (mixer, problems) = Mixer::new(Planner::new(&self.film).sound(), &mut self.library());
        assert!(problems.is_empty(), "{problems:?}");
        mixer
    }

    /// Plays to a loudspeaker of the test's own.
    pub fn monitor(&self, speaker: Arc<dyn Speaker>) -> Monitor {
        let compositor = FrameCompositor::open(Executor::Processor).expect("the processor is there");
        Monitor::new(Box::new(compositor), self.library(), speaker)
    }

    pub fn export(&self, container: Container, loudness: Option<Loudness>, path: &Path) -> Exported {
        self.export_by(&GstEncoder::new(), ExportOrder { loudness, ..ExportOrder::new(container) }, path)
    }

    pub fn export_by(&self, encoder: &dyn Encoder, order: ExportOrder, path: &Path) -> Exported {
        let mut compositor = FrameCompositor::open(Executor::Processor).expect("the processor is there");
        // Signed like every film; its identity lies beside it.
        let notary = kinora_provenance::Notary::new(path.parent().expect("a folder"));
        let mut exporter = Exporter {
            encoder,
            compositor: &mut compositor,
            library: &mut self.library(),
            watermark: &kinora_provenance::watermark::LumaMark,
            notary: &notary,
        };
        exporter.export(&self.film, order, path, &mut |_, _| Flow::Continue).expect("it exports")
    }
}

/// 16 bits, one channel.
pub fn wav(samples: &[f32]) -> Vec<u8> {
    let bytes = samples.len() as u32 * 2;
    let mut file = Vec::with_capacity(44 + bytes as usize);
    file.extend_from_slice(b"RIFF");
    file.extend_from_slice(&(36 + bytes).to_le_bytes());
    file.extend_from_slice(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    file.extend_from_slice(&RATE.to_le_bytes());
    file.extend_from_slice(&(RATE * 2).to_le_bytes());
    file.extend_from_slice(b"\x02\0\x10\0data");
    file.extend_from_slice(&bytes.to_le_bytes());
    file.extend(samples.iter().flat_map(|sample| ((sample.clamp(-1.0, 1.0) * 32_767.0).round() as i16).to_le_bytes()));
    file
}
