//! What a command says, and where: results on standard output, progress and problems on standard error.
//!
//! On a terminal there is a bar with the time left; without one (a pipe, a log) only whole lines; with `--json` neither.

use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};
use kinora_backend::Trouble;
use serde::Serialize;
use std::io::{IsTerminal, Write};
use std::time::Duration;

#[derive(Clone, Copy, Debug)]
pub struct Output {
    json: bool,
}

#[derive(Debug)]
pub struct Bar(ProgressBar);

impl Output {
    pub fn new(json: bool) -> Self {
        Self { json }
    }

    /// The result: JSON, or the text for people.
    pub fn result(&self, value: &impl Serialize, text: &str) {
        let line = if self.json { serde_json::to_string_pretty(value).unwrap_or_default() } else { text.to_owned() };
        // A reader that went away (`| head`) is not an error.
        let _ = writeln!(std::io::stdout().lock(), "{line}");
    }

    /// A line about what is being done.
    pub fn say(&self, text: &str) {
        if !self.json {
            let _ = writeln!(std::io::stderr().lock(), "{text}");
        }
    }

    pub fn problem(&self, trouble: &Trouble) {
        if self.json {
            self.result(&serde_json::json!({ "problem": trouble.0 }), "");
        } else {
            let _ = writeln!(std::io::stderr().lock(), "kinora: {trouble}");
            if !trouble.0.detail.is_empty() {
                let _ = writeln!(std::io::stderr().lock(), "        ({})", trouble.0.detail);
            }
        }
    }

    /// A bar from 0 to 1000.
    pub fn bar(&self, label: &str) -> Bar {
        let shown = !self.json && std::io::stderr().is_terminal();
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(1000), target);
        if let Ok(style) = ProgressStyle::with_template("{prefix} {bar:30} {percent:>3} %  {msg}") {
            bar.set_style(style);
        }
        bar.set_prefix(label.to_owned());
        if !shown {
            self.say(label);
        }
        Bar(bar)
    }
}

impl Bar {
    pub fn set(&self, permille: u32, millis_left: Option<u64>) {
        self.0.set_position(u64::from(permille));
        if let Some(millis) = millis_left {
            self.0.set_message(format!("{} left", HumanDuration(Duration::from_millis(millis))));
        }
    }
    /// With the time left worked out from what has passed.
    pub fn advance(&self, permille: u32) {
        let passed = self.0.elapsed().as_millis() as u64;
        let left = (permille >= 20).then(|| passed * u64::from(1000 - permille.min(1000)) / u64::from(permille));
        self.set(permille, left);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
