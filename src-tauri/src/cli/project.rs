//! `kinora project`: looking after project folders.

use super::output::Output;
use clap::{Args, Subcommand};
use kinora_backend::Trouble;
use kinora_store::BundleReport;
use serde_json::json;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
#[command(after_help = "Example: kinora project bundle \"My Film.kinora\" -o my-film.zip")]
pub struct Project {
    #[command(subcommand)]
    pub task: Task,
    #[arg(long, global = true)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum Task {
    /// Look at everything and change nothing
    Check { folder: PathBuf },
    /// Mend what can be mended, keep the rest aside, and say what was done
    Repair { folder: PathBuf },
    /// Pack a project into one file
    Bundle {
        folder: PathBuf,
        #[arg(short, long)]
        output: PathBuf,
    },
    /// Unpack a bundle into a new project folder
    Unbundle {
        file: PathBuf,
        #[arg(short, long)]
        output: PathBuf,
    },
}

impl Project {
    pub fn run(&self, output: &Output) -> Result<(), Trouble> {
        match &self.task {
            Task::Check { folder } => {
                let report = kinora_store::check(folder)?;
                let sound = report.problems.is_empty();
                let summary = format!("{} shots, {} takes, {} edits", report.shots, report.takes, report.edits);
                let text = if sound {
                    format!("{summary}: all is well.")
                } else {
                    format!("{summary}.\n{}", report.problems.join("\n"))
                };
                output.result(&report, &text);
                if sound {
                    Ok(())
                } else {
                    Err(Trouble::refuse(
                        "project.damaged",
                        "The project has the problems listed above.",
                        "Run `kinora project repair` on it.",
                    ))
                }
            }
            Task::Repair { folder } => {
                let (repairs, report) = kinora_store::repair(folder)?;
                let mut lines = repairs.clone();
                lines.extend(report.problems.iter().map(|problem| format!("Cannot be mended: {problem}")));
                let text = if lines.is_empty() { "There was nothing to mend.".to_owned() } else { lines.join("\n") };
                output.result(&json!({ "repairs": repairs, "report": report }), &text);
                Ok(())
            }
            Task::Bundle { folder, output: target } => {
                let report = kinora_store::bundle(folder, target)?;
                output.result(&report, &told(target, &report));
                Ok(())
            }
            Task::Unbundle { file, output: target } => {
                let report = kinora_store::unbundle(file, target)?;
                output.result(&report, &told(target, &report));
                Ok(())
            }
        }
    }
}

/// Size, and what is not in it.
fn told(target: &Path, report: &BundleReport) -> String {
    let mut text = format!("{}: {} files, {} bytes", target.display(), report.files, report.bytes);
    for line in &report.left_out {
        text.push_str(&format!("\n  {line}"));
    }
    text
}
