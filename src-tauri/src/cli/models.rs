//! `kinora models`: what can make takes on this machine.

use super::get;
use super::output::Output;
use crate::places;
use clap::Args;
use kinora_backend::Trouble;
use kinora_ports::Engine;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples: kinora models --json\n          kinora models --use ltx-2b-distilled=/disk/ltx\n          kinora models --get NAME"
)]
pub struct Models {
    /// Where the files of a model are that Kinora does not come with.
    #[arg(long = "use", value_name = "NAME=FOLDER")]
    pub point: Option<String>,
    /// Download the files of a model that Kinora does not come with: its size and licence are shown first
    #[arg(long, value_name = "NAME", conflicts_with = "point")]
    pub get: Option<String>,
    /// Agree to the licence and the size without being asked
    #[arg(long, requires = "get")]
    pub yes: bool,
    #[arg(long)]
    pub json: bool,
}

impl Models {
    pub fn run(&self, output: &Output) -> Result<(), Trouble> {
        if let Some(name) = &self.get {
            return get::run(name, self.yes, output);
        }
        let mut engine = kinora_engine::LocalEngine::open(&places::models())?.with_own(&places::own_models());
        if let Some(point) = &self.point {
            let Some((name, folder)) = point.split_once('=') else {
                return Err(Trouble::refuse(
                    "models.use",
                    format!("“{point}” does not say both the model and its folder."),
                    "Write it as kinora models --use NAME=FOLDER.",
                ));
            };
            engine.point(&places::own_models(), name, std::path::Path::new(folder))?;
            engine = engine.with_own(&places::own_models());
        }
        let models = engine.catalogue();
        let mut text = String::new();
        for model in &models {
            let sizes: Vec<String> = model.sizes.iter().map(|size| format!("{}×{}", size.width, size.height)).collect();
            let longest = model.frame_counts.last().copied().unwrap_or(0);
            text.push_str(&format!(
                "{:<18}{}: {} MB, {}, up to {} frames at {} fps, sound: {}, licence: {}\n",
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
                text.push_str(&format!("                  cannot be used: {why}\n"));
            }
        }
        output.result(&models, text.trim_end());
        Ok(())
    }
}
