//! `kinora models`: what can make takes on this machine.

use super::output::Output;
use crate::places;
use clap::Args;
use kinora_backend::Trouble;
use kinora_ports::Engine;

#[derive(Debug, Args)]
#[command(after_help = "Example: kinora models --json")]
pub struct Models {
    #[arg(long)]
    pub json: bool,
}

impl Models {
    pub fn run(&self, output: &Output) -> Result<(), Trouble> {
        let models = kinora_engine::LocalEngine::open(&places::models())?.catalogue();
        let mut text = String::new();
        for model in &models {
            let sizes: Vec<String> = model.sizes.iter().map(|size| format!("{}×{}", size.width, size.height)).collect();
            let longest = model.frame_counts.last().copied().unwrap_or(0);
            text.push_str(&format!(
                "{:<10}{}: {} MB, {}, up to {} frames at {} fps, sound: {}, licence: {}\n",
                model.name,
                model.title,
                model.weights_bytes.div_ceil(1 << 20),
                sizes.join(" "),
                longest,
                model.rate,
                if model.makes_sound { "yes" } else { "no" },
                model.licence,
            ));
            if let Some(why) = &model.unavailable {
                text.push_str(&format!("          cannot be used: {why}\n"));
            }
        }
        output.result(&models, text.trim_end());
        Ok(())
    }
}
