//! `kinora shot`: one sentence, one clip. The take goes through the same project, queue and export as a film's, in a folder that is thrown away.

use super::film::{container_for, generate, open_or_create};
use super::output::Output;
use super::signing::{Signing, remark};
use clap::Args;
use kinora_backend::{ExportOrder, Trouble, Wish};
use kinora_document::{Command, FrameSize, Ticks};
use kinora_ports::Flow;
use kinora_ports::provenance::Identity;
use serde::Serialize;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(
    after_help = "Example: kinora shot \"A red ball bounces on a beach at sunset.\" -o ball.mp4 --seconds 3 --seed 7"
)]
pub struct Shot {
    /// What is seen, in a sentence
    pub prompt: String,
    #[arg(short, long)]
    pub output: PathBuf,
    /// How long, in seconds
    #[arg(long, default_value = "4", value_parser = super::parse_seconds)]
    pub seconds: i64,
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// A picture that the clip begins on
    #[arg(long)]
    pub from: Option<PathBuf>,
    #[arg(long, value_parser = super::parse_size)]
    pub size: Option<FrameSize>,
    #[arg(long, default_value = "draft")]
    pub engine: String,
    #[command(flatten)]
    pub signing: Signing,
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Serialize)]
struct Report {
    film: PathBuf,
    prompt: String,
    seed: u64,
    frames: i64,
    encoder: String,
    signed_by: Option<Identity>,
    notes: Vec<String>,
}

impl Shot {
    pub fn run(&self, output: &Output) -> Result<(), Trouble> {
        let container = container_for(&self.output)?;
        let folder = tempfile::tempdir().map_err(|e| {
            super::fault("A temporary folder could not be made.", "Check that the disk is not full.", e)
        })?;
        let mut studio = crate::studio()?;
        self.signing.settle(&mut studio);
        let film = open_or_create(&studio, &folder.path().join("shot.kinora"), "")?;
        let before = film.session.film().settings.clone();
        let settings = kinora_document::Settings {
            engine: self.engine.clone(),
            seed: self.seed,
            size: self.size.unwrap_or(before.size),
            ..before
        };
        film.session.edit(&Command::SetSettings { settings }, None)?;
        film.session.edit(&Command::SetScript { text: "INT. SHOT\n\nA shot.\n".to_owned() }, None)?;
        let first = film.session.film().shots.first().cloned();
        let Some(mut shot) = first else {
            return Err(Trouble::refuse("shot.none", "The shot could not be set up.", "Try again."));
        };
        shot.prompt_override = Some(self.prompt.clone());
        shot.seed = Some(self.seed);
        shot.length = Ticks::from_millis(self.seconds);
        shot.length_fixed = true;
        let id = shot.id;
        film.session.edit(&Command::SetShot { shot: Box::new(shot) }, None)?;
        let mut warnings = Vec::new();
        if let Some(picture) = &self.from {
            let media = film.import(picture)?;
            let begin_on = film.session.film().media.get(media).map(|media| media.blob);
            let numbers = film.queue.add(&[Wish { begin_on, ..Wish::shot(id) }])?;
            for number in numbers {
                let bar = output.bar("Generating");
                film.queue.wait(number, &mut |view| {
                    if let Some(kinora_api::JobState::Running { permille, millis_left, .. }) =
                        view.jobs.first().map(|job| &job.state)
                    {
                        bar.set(*permille, *millis_left);
                    }
                    Flow::Continue
                })?;
            }
        } else {
            warnings = generate(&film, output)?.1;
        }
        let bar = output.bar("Exporting");
        let order = ExportOrder { tell_prompts: self.signing.tell_prompts, ..ExportOrder::new(container) };
        let exported = film.export(order, &self.output, &mut |permille, _| {
            bar.advance(permille);
            Flow::Continue
        })?;
        drop(bar);
        let mut notes = film.session.film().takes.first().map(|take| take.notes.clone()).unwrap_or_default();
        notes.extend(warnings);
        notes.push(remark(&exported));
        let report = Report {
            film: self.output.clone(),
            prompt: self.prompt.clone(),
            seed: self.seed,
            frames: exported.frames,
            encoder: exported.encoder,
            signed_by: exported.signed_by,
            notes,
        };
        let mut text =
            format!("{}: {} frames, seed {}, {}", report.film.display(), report.frames, report.seed, report.encoder);
        for note in &report.notes {
            text.push_str(&format!("\n  {note}"));
        }
        output.result(&report, &text);
        Ok(())
    }
}
