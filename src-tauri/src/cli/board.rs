//! `kinora board`: the shots that a screenplay becomes, without making any.

use super::output::Output;
use crate::{places, screenplay_file};
use clap::Args;
use kinora_backend::Trouble;
use kinora_document::board::cards;
use kinora_document::speech::{Remedy, remedies};
use kinora_document::{Command, FrameRate, FrameSize, command::new_film};
use kinora_ports::Engine;
use serde::Serialize;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(after_help = "Example: kinora board story.fountain --json")]
pub struct Board {
    /// Fountain or Final Draft screenplay
    pub screenplay: PathBuf,
    /// Lengths in whole frames of this rate: 23.976, 24, 25, 29.97, 30 or 60
    #[arg(long, value_parser = super::parse_rate, default_value = "24")]
    pub fps: FrameRate,
    /// Do not speak the lines: their lengths are guessed from the words
    #[arg(long)]
    pub no_voices: bool,
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Serialize)]
struct Row {
    number: String,
    heading: String,
    line: u32,
    prompt: String,
    framing: String,
    camera: String,
    characters: Vec<String>,
    dialogue: Vec<String>,
    /// Rounded down.
    millis: i64,
    /// Exactly, in frames of the film.
    film_frames: i64,
    /// Frames that the engine makes for it.
    frames: u32,
    continues: bool,
    problem: Option<String>,
    /// What is said takes longer than the shot.
    overrun: Option<TooShort>,
}

#[derive(Debug, Serialize)]
struct TooShort {
    millis: i64,
    /// False while it is guessed from the words.
    measured: bool,
    sentence: String,
    remedies: Vec<Remedy>,
}

impl Board {
    pub fn run(&self, output: &Output) -> Result<(), Trouble> {
        let text = screenplay_file::read(&self.screenplay)?;
        let engine = kinora_engine::LocalEngine::open(&places::models())?.with_own(&places::own_models());
        let mut next = 0u128;
        let mut mint = || {
            next += 1;
            next
        };
        let mut film = new_film("", FrameSize { width: 1280, height: 720 }, self.fps, &mut mint);
        let patch = Command::SetScript { text }.plan(&film, &mut mint)?;
        film.apply(&patch)?;
        if !self.no_voices {
            for warning in kinora_backend::dialogue::rehearse(&mut film, &crate::voice(), &crate::gate()?, &mut mint)? {
                output.say(&warning);
            }
        }
        let rows: Vec<Row> = cards(&film, &engine.catalogue())
            .into_iter()
            .filter_map(|card| {
                let shot = film.shots.get(card.shot)?;
                Some(Row {
                    number: card.number,
                    heading: card.heading,
                    line: shot.line,
                    prompt: card.prompt.text,
                    framing: shot.framing.clone(),
                    camera: shot.camera.clone(),
                    characters: shot.characters.clone(),
                    dialogue: shot.dialogue.iter().map(|line| format!("{}: {}", line.character, line.text)).collect(),
                    millis: card.length.to_millis(),
                    film_frames: self.fps.nearest_frame(card.length),
                    frames: card.frames,
                    continues: shot.continues,
                    problem: card.problem,
                    overrun: card.overrun.map(|overrun| TooShort {
                        millis: overrun.by.to_millis(),
                        measured: overrun.measured,
                        sentence: overrun.sentence(),
                        remedies: remedies(shot, overrun),
                    }),
                })
            })
            .collect();
        let mut text = String::new();
        let mut heading = "";
        for row in &rows {
            if row.heading != heading {
                heading = &row.heading;
                text.push_str(&format!("{heading}\n"));
            }
            text.push_str(&format!(
                "  {:<6}{:>3}.{:01} s  {}\n",
                row.number,
                row.millis / 1000,
                row.millis % 1000 / 100,
                row.prompt
            ));
            for line in &row.dialogue {
                text.push_str(&format!("                {line}\n"));
            }
            if let Some(overrun) = &row.overrun {
                text.push_str(&format!("                ! {}\n", overrun.sentence));
            }
        }
        let total: i64 = rows.iter().map(|row| row.millis).sum();
        text.push_str(&format!("{} shots, {}.{:01} s", rows.len(), total / 1000, total % 1000 / 100));
        output.result(&rows, &text);
        Ok(())
    }
}
