//! `kinora models`: what can make takes on this machine.

use super::get;
use super::output::Output;
use crate::places;
use clap::Args;
use kinora_backend::Trouble;
use kinora_document::catalogue::Model;
use kinora_ports::Engine;
use serde::Serialize;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples: kinora models --json\n          kinora models --use ltx-2b-distilled=/disk/ltx\n          kinora models --lora ltx-2b-distilled=/disk/ink.safetensors --strength 0.8\n          kinora models --get NAME"
)]
pub struct Models {
    /// Where the files of a model are that Kinora does not come with.
    #[arg(long = "use", value_name = "NAME=FOLDER")]
    pub point: Option<String>,
    /// Download the files of a model that Kinora does not come with: its size and licence are shown first
    #[arg(long, value_name = "NAME", conflicts_with = "point")]
    pub get: Option<String>,
    /// Put a LoRA on a model whose files you bring; several may be on one
    #[arg(long, value_name = "NAME=FILE", conflicts_with_all = ["point", "get"])]
    pub lora: Option<String>,
    /// How strongly it counts, -4 to 4; 0 takes it off
    #[arg(long, requires = "lora", default_value = "1", allow_hyphen_values = true, value_parser = parse_strength)]
    pub strength: i32,
    /// Agree to the licence and the size without being asked
    #[arg(long, requires = "get")]
    pub yes: bool,
    #[arg(long)]
    pub json: bool,
}

/// A model as `--json` lists it.
#[derive(Debug, Serialize)]
struct Listed {
    #[serde(flatten)]
    model: Model,
    /// What the person put on it.
    loras: Vec<Lora>,
}

#[derive(Debug, Serialize)]
struct Lora {
    file: String,
    strength: f64,
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
        if let Some(lora) = &self.lora {
            let Some((name, file)) = lora.split_once('=') else {
                return Err(Trouble::refuse(
                    "models.lora",
                    format!("“{lora}” does not say both the model and the file of the LoRA."),
                    "Write it as kinora models --lora NAME=FILE.",
                ));
            };
            engine.put_on(&places::own_models(), name, std::path::Path::new(file), self.strength)?;
            engine = engine.with_own(&places::own_models());
        }
        let listed = |model: Model| {
            let lora = |lora: &kinora_engine::PutOn| Lora {
                file: lora.path.display().to_string(),
                strength: f64::from(lora.permille) / 1000.0,
            };
            Listed { loras: engine.loras(&model.name).iter().map(lora).collect(), model }
        };
        let models: Vec<Listed> = engine.catalogue().into_iter().map(listed).collect();
        let mut text = String::new();
        for Listed { model, loras } in &models {
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
            for Lora { file, strength } in loras {
                text.push_str(&format!("                  LoRA {file} at {strength}\n"));
            }
            if let Some(why) = &model.unavailable {
                text.push_str(&format!("                  cannot be used: {why}\n"));
            }
        }
        output.result(&models, text.trim_end());
        Ok(())
    }
}

/// `0.8` as thousandths.
fn parse_strength(text: &str) -> Result<i32, String> {
    let value: f64 = text.parse().map_err(|_| "a strength is a number such as 0.8".to_owned())?;
    if (-4.0..=4.0).contains(&value) {
        Ok((value * 1000.0).round() as i32)
    } else {
        Err("a strength lies between -4 and 4".to_owned())
    }
}
