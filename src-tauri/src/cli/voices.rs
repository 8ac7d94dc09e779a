//! `kinora voices`: what speaks the lines on this machine, in which languages, under which licence.
//! It exists beside `kinora models` because a voice is made by somebody, too. It speaks nothing and changes nothing.

use super::output::Output;
use clap::Args;
use kinora_backend::{Trouble, voice_engines};
use kinora_ports::Voice;

#[derive(Debug, Args)]
#[command(after_help = "Example: kinora voices --json")]
pub struct Voices {
    #[arg(long)]
    pub json: bool,
}

impl Voices {
    pub fn run(&self, output: &Output) -> Result<(), Trouble> {
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
        Ok(())
    }
}
