//! `kinora inspect`: what a file is, told by its contents.

use super::output::Output;
use crate::screenplay_file;
use clap::Args;
use kinora_backend::Trouble;
use kinora_ports::Decoder;
use kinora_screenplay as screenplay;
use serde_json::json;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(after_help = "Example: kinora inspect story.fountain --json")]
pub struct Inspect {
    /// A screenplay, a project folder, a take, a film, a picture or a sound
    pub path: PathBuf,
    #[arg(long)]
    pub json: bool,
}

impl Inspect {
    pub fn run(&self, output: &Output) -> Result<(), Trouble> {
        let kind = self.path.extension().and_then(|kind| kind.to_str()).unwrap_or_default().to_lowercase();
        if self.path.is_dir() {
            self.project(output)
        } else if matches!(kind.as_str(), "fountain" | "fdx" | "txt" | "spmd") {
            self.screenplay(output)
        } else {
            self.media(output)
        }
    }

    fn screenplay(&self, output: &Output) -> Result<(), Trouble> {
        let parsed = screenplay::parse(&screenplay_file::read(&self.path)?);
        let elements: Vec<_> = parsed.screenplay.elements().collect();
        let mut text = String::new();
        for element in &elements {
            let value = serde_json::to_value(element).unwrap_or_default();
            let field = |name: &str| value.get(name).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
            let line = value.get("line").and_then(serde_json::Value::as_u64).unwrap_or(0);
            text.push_str(&format!("{line:>5}  {:<14}{}\n", field("type"), field("text").replace('\n', " / ")));
        }
        for diagnostic in &parsed.diagnostics {
            text.push_str(&format!("{:>5}  note: {}\n", diagnostic.line, diagnostic.message));
        }
        let value = json!({
            "kind": "screenplay",
            "title_page": parsed.screenplay.title_page,
            "elements": elements,
            "diagnostics": parsed.diagnostics,
        });
        output.result(&value, text.trim_end());
        Ok(())
    }

    fn project(&self, output: &Output) -> Result<(), Trouble> {
        let report = kinora_store::check(&self.path)?;
        let mut text =
            format!("A film with {} shots, {} takes and {} edits.", report.shots, report.takes, report.edits);
        for problem in &report.problems {
            text.push_str(&format!("\n  {problem}"));
        }
        output.result(&json!({ "kind": "project", "report": report }), &text);
        Ok(())
    }

    fn media(&self, output: &Output) -> Result<(), Trouble> {
        let movie = kinora_media::GstDecoder::new().open(&self.path)?;
        let info = movie.info();
        let size = info.size.map_or(String::new(), |size| format!(" {}×{}", size.width, size.height));
        let rate = info.rate.map_or(String::new(), |rate| format!(" at {rate} fps"));
        let seconds = info.length.to_millis();
        let sound = if info.has_sound { "with sound" } else { "silent" };
        let text = format!(
            "{:?}: {}{size}, {} frames{rate}, {}.{:03} s, {sound}",
            info.kind,
            info.codecs,
            info.frames,
            seconds / 1000,
            seconds % 1000
        );
        output.result(&json!({ "kind": "media", "info": info }), &text);
        Ok(())
    }
}
