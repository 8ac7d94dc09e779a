//! `kinora film`: screenplay to film, keeping the project so that the next time only what changed is made.

use super::output::Output;
use super::signing::{Signing, remark};
use crate::{caption_file, places, screenplay_file};
use clap::Args;
use kinora_backend::{ExportOrder, OpenFilm, Speaking, Studio, Trouble};
use kinora_document::{Command, Corner, FrameRate, FrameSize, Settings, Sign, command::new_film};
use kinora_ports::Flow;
use kinora_ports::media::Container;
use kinora_ports::provenance::Identity;
use kinora_store::ProjectFolder;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Debug, Args)]
#[command(after_help = "Example: kinora film story.fountain -o story.mp4 --size 1920x1080 --fps 25")]
pub struct Film {
    /// Fountain or Final Draft screenplay
    pub screenplay: PathBuf,
    /// Where the film goes: .mp4, .webm, .png (contact sheet), or a folder name ending in .frames (PNG sequence and WAV)
    #[arg(short, long)]
    pub output: PathBuf,
    /// 1280x720, 1080p, vertical, square, portrait, …
    #[arg(long, value_parser = super::parse_size)]
    pub size: Option<FrameSize>,
    /// 23.976, 24, 25, 29.97, 30 or 60
    #[arg(long, value_parser = super::parse_rate)]
    pub fps: Option<FrameRate>,
    /// Which model makes the shots
    #[arg(long)]
    pub engine: Option<String>,
    /// The film's seed: the same seed gives the same film
    #[arg(long)]
    pub seed: Option<u64>,
    /// Keep the project here instead of in the studio's own folder
    #[arg(long)]
    pub project: Option<PathBuf>,
    /// Write the captions beside the film too, as .srt or .vtt
    #[arg(long)]
    pub captions: Option<PathBuf>,
    /// Leave out the voices: lines are captions only
    #[arg(long)]
    pub no_voices: bool,
    /// How loud the film is: -14 (web), -16 (podcast), -23 (broadcast) LUFS, or off
    #[arg(long, default_value = "-14", allow_hyphen_values = true, value_parser = super::parse_loudness)]
    pub loudness: super::LoudnessChoice,
    /// Where the small visible sign stands, or off; EU law asks that generated films can be told as such
    #[arg(long, value_enum)]
    pub sign: Option<SignChoice>,
    /// Leave the invisible mark out of the frames; EU law asks whoever offers generated pictures to mark them
    #[arg(long)]
    pub no_watermark: bool,
    #[command(flatten)]
    pub signing: Signing,
    #[arg(long)]
    pub json: bool,
}

/// `--sign`, kept in the project.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum SignChoice {
    Off,
    TopLeft,
    TopRight,
    BottomLeft,
    BottomRight,
}

impl SignChoice {
    fn of(self, before: Sign) -> Sign {
        let at = |corner| Sign { shown: true, corner, ..before };
        match self {
            Self::Off => Sign { shown: false, ..before },
            Self::TopLeft => at(Corner::TopLeft),
            Self::TopRight => at(Corner::TopRight),
            Self::BottomLeft => at(Corner::BottomLeft),
            Self::BottomRight => at(Corner::BottomRight),
        }
    }
}

#[derive(Debug, Serialize)]
struct Report {
    film: PathBuf,
    project: PathBuf,
    shots: usize,
    /// Takes that were made now.
    generated: usize,
    /// Shots whose take was there already.
    reused: usize,
    /// Lines that were spoken now.
    spoken: usize,
    frames: i64,
    size: FrameSize,
    rate: FrameRate,
    encoder: String,
    loudness: Option<kinora_backend::Loudness>,
    /// What the invisible mark in the frames says.
    watermark: Option<String>,
    signed_by: Option<Identity>,
    notes: Vec<String>,
    warnings: Vec<String>,
}

impl Film {
    pub fn run(&self, output: &Output) -> Result<(), Trouble> {
        let container = container_for(&self.output)?;
        let text = screenplay_file::read(&self.screenplay)?;
        let mut studio = crate::studio()?;
        self.signing.settle(&mut studio);
        let project = self.project.clone().unwrap_or_else(|| kept_project(&self.screenplay));
        let film = open_or_create(&studio, &project, &title_of(&self.screenplay))?;
        for repair in &film.repairs {
            output.say(repair);
        }
        self.settle(&film)?;
        film.session.edit(&Command::SetScript { text }, None)?;
        let shots = film.session.film().shots.len();
        if shots == 0 {
            return Err(Trouble::refuse(
                "film.empty",
                format!("{} has no scene, so there is nothing to film.", self.screenplay.display()),
                "Write a scene heading such as “EXT. MEADOW - DAY” and what happens there.",
            ));
        }
        let mut spoken = Speaking::default();
        if !self.no_voices {
            let bar = output.bar("Speaking");
            spoken = film.speak(&mut |done, all| {
                bar.advance((done * 1000 / all.max(1)) as u32);
                Flow::Continue
            })?;
            drop(bar);
        }
        let (generated, policy) = generate(&film, output)?;
        let bar = output.bar("Exporting");
        let order = ExportOrder {
            loudness: self.loudness.0,
            voices: !self.no_voices,
            watermark: !self.no_watermark,
            tell_prompts: self.signing.tell_prompts,
            ..ExportOrder::new(container)
        };
        let exported = film.export(order, &self.output, &mut |permille, _| {
            bar.advance(permille);
            Flow::Continue
        })?;
        drop(bar);
        let document = film.session.film();
        if let Some(path) = &self.captions {
            caption_file::write(&document, path)?;
        }
        let mut notes: Vec<String> = document
            .shots
            .iter()
            .filter_map(|shot| document.takes.get(shot.chosen_take?))
            .flat_map(|take| take.notes.iter().cloned())
            .collect();
        notes.sort();
        notes.dedup();
        if spoken.spoken > 0 {
            notes.extend(studio.tools.voice.remark());
        }
        notes.push(remark(&exported));
        let report = Report {
            film: self.output.clone(),
            project,
            shots,
            generated,
            reused: shots - generated.min(shots),
            spoken: spoken.spoken,
            frames: exported.frames,
            size: exported.size,
            rate: exported.rate,
            encoder: exported.encoder,
            loudness: exported.loudness,
            watermark: exported.watermark,
            signed_by: exported.signed_by,
            notes,
            warnings: policy.into_iter().chain(spoken.warnings).chain(exported.warnings).collect(),
        };
        let mut text = format!(
            "{}: {} shots ({} generated, {} reused), {} frames of {}×{} at {} fps, {}",
            report.film.display(),
            shots,
            generated,
            report.reused,
            report.frames,
            report.size.width,
            report.size.height,
            report.rate,
            report.encoder
        );
        for note in report.notes.iter().chain(&report.warnings) {
            text.push_str(&format!("\n  {note}"));
        }
        output.result(&report, &text);
        Ok(())
    }

    fn settle(&self, film: &OpenFilm) -> Result<(), Trouble> {
        let before = film.session.film().settings.clone();
        let settings = Settings {
            size: self.size.unwrap_or(before.size),
            rate: self.fps.unwrap_or(before.rate),
            engine: self.engine.clone().unwrap_or_else(|| before.engine.clone()),
            seed: self.seed.unwrap_or(before.seed),
            sign: self.sign.map_or(before.sign, |choice| choice.of(before.sign)),
            ..before.clone()
        };
        if settings != before {
            film.session.edit(&Command::SetSettings { settings }, None)?;
        }
        Ok(())
    }
}

/// Makes every shot that has no take or a stale one. The number of takes made, and what the rules warn of, as sentences.
pub fn generate(film: &OpenFilm, output: &Output) -> Result<(usize, Vec<String>), Trouble> {
    let wanted = film.stale_shots();
    if wanted.is_empty() {
        return Ok((0, Vec::new()));
    }
    let answer = film.generate(&wanted, 1, false)?;
    let numbers = kinora_document::board::numbers(&film.session.film());
    let count = answer.queued.len();
    let shots: Vec<_> = film.queue.view().jobs.into_iter().map(|job| (job.number, job.shot)).collect();
    for (at, number) in answer.queued.iter().enumerate() {
        let shot = shots.iter().find(|(job, _)| job == number).and_then(|(_, shot)| numbers.get(shot));
        let label = format!("Shot {} ({} of {count})", shot.map_or("", String::as_str), at + 1);
        let bar = output.bar(&label);
        film.queue.wait(*number, &mut |view| {
            for job in view.jobs.iter().filter(|job| job.number == *number) {
                if let kinora_api::JobState::Running { permille, millis_left, .. } = job.state {
                    bar.set(permille, millis_left);
                }
            }
            Flow::Continue
        })?;
    }
    let warning = |note: &kinora_api::PolicyNote| format!("“{}”: {} {}", note.words, note.reason, note.rephrase);
    Ok((count, answer.warnings.iter().map(warning).collect()))
}

pub fn open_or_create(studio: &Studio, root: &Path, title: &str) -> Result<OpenFilm, Trouble> {
    let name = root.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    if !root.join("project.json").exists() {
        let entropy = &studio.tools.entropy;
        let film =
            new_film(title, FrameSize { width: 1280, height: 720 }, FrameRate::FPS_24, &mut || entropy.random_u128());
        drop(ProjectFolder::create(root, &film)?);
    }
    let (store, opened) = ProjectFolder::open(root)?;
    studio.open(&name, Arc::new(store), &opened)
}

fn title_of(screenplay: &Path) -> String {
    screenplay.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// One project per screenplay path.
pub fn kept_project(screenplay: &Path) -> PathBuf {
    let whole = std::fs::canonicalize(screenplay).unwrap_or_else(|_| screenplay.to_owned());
    let mut sum: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in whole.to_string_lossy().bytes() {
        // FNV-1a: the same path gives the same folder in every version.
        sum = (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    places::kept_films().join(format!("{}-{:08x}.kinora", title_of(screenplay), sum as u32))
}

pub fn container_for(path: &Path) -> Result<Container, Trouble> {
    let kind = path.extension().and_then(|kind| kind.to_str()).unwrap_or_default().to_lowercase();
    match kind.as_str() {
        "mp4" | "m4v" => Ok(Container::Mp4),
        "webm" => Ok(Container::WebM),
        "png" => Ok(Container::ContactSheet),
        "frames" => Ok(Container::PngSequence),
        _ => Err(Trouble::refuse(
            "export.unknown",
            format!("{} does not say what kind of file it should be.", path.display()),
            "End its name in .mp4, .webm, .png (contact sheet) or .frames (pictures and sound in a folder).",
        )),
    }
}
