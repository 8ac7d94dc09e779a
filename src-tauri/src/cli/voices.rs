//! `kinora voices`: what speaks the lines on this machine, in which languages, under which licence; and the released files of
//! Kokoro made into files that the studio reads.
//!
//! It exists beside `kinora models` because a voice is made by somebody, too. It speaks nothing, downloads nothing, and leaves the
//! released files as they are.

use super::get::size;
use super::output::Output;
use clap::{Args, Subcommand};
use kinora_backend::{Trouble, voice_engines};
use kinora_ports::Voice;
use kinora_voice::{Converted, convert_kokoro};
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
#[command(
    after_help = "Examples: kinora voices --json\n          kinora voices convert\n          kinora voices convert /disk/kokoro-82m"
)]
pub struct Voices {
    #[command(subcommand)]
    pub what: Option<What>,
    #[arg(long, global = true)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum What {
    /// Make safetensors of Kokoro's released files (config.json, kokoro-v1_0.pth, voices/NAME.pt), which the studio does not read
    #[command(
        long_about = "Make safetensors of Kokoro's released files (config.json, kokoro-v1_0.pth, voices/NAME.pt), which the studio does not \
                      read: files of that kind can carry programs. They are read once; nothing in them is run, and what is not Kokoro's \
                      tensors is refused. The new files are written beside them; what is there already is left alone.",
        after_help = "Example: kinora voices convert /disk/kokoro-82m"
    )]
    Convert {
        /// The folder of Kokoro's files; without it kokoro-82m below the folder of voices
        folder: Option<PathBuf>,
    },
}

impl Voices {
    pub fn run(&self, output: &Output) -> Result<(), Trouble> {
        match &self.what {
            None => {
                list(output);
                Ok(())
            }
            Some(What::Convert { folder }) => convert(folder.as_deref(), output),
        }
    }
}

fn list(output: &Output) {
    let voice = crate::voice();
    let engines = voice_engines(&voice);
    let mut text = String::new();
    for engine in &engines {
        let languages = match engine.languages.as_slice() {
            [] => "stands by".to_owned(),
            languages => languages.join(" "),
        };
        let taught = engine.distilled_from.as_ref().map(|from| format!(", distilled from {from}"));
        text.push_str(&format!(
            "{:<18}{languages}, licence: {}{}\n",
            engine.name,
            engine.licence,
            taught.unwrap_or_default()
        ));
        text.push_str(&format!("                  {}\n", engine.voices.join(" ")));
    }
    output.result(&engines, text.trim_end());
    if let Some(remark) = voice.remark() {
        output.say(&remark);
    }
}

fn convert(folder: Option<&Path>, output: &Output) -> Result<(), Trouble> {
    let folder = folder.map_or_else(|| crate::voice().kokoro_folder(), Path::to_owned);
    output.say(&format!("Reading the released files in {}", folder.display()));
    let done = convert_kokoro(&folder)?;
    let mut text = format!("{}, licence: {}\n", done.engine, done.licence);
    for Converted { file, made } in &done.files {
        let line = match made {
            None => format!("{file} is there already\n"),
            Some(made) => format!(
                "{file}, {}, made of {}, {}, BLAKE3 {}\n",
                size(made.bytes),
                made.from,
                size(made.from_bytes),
                made.from_blake3
            ),
        };
        text.push_str(&line);
    }
    let any = done.files.iter().any(|file| file.made.is_some());
    text.push_str(if any {
        "The released files are where they were."
    } else {
        "Everything is converted already, so nothing was done."
    });
    output.result(&done, &text);
    Ok(())
}
