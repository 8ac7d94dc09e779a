//! Everything the tasks print, in one voice: what is happening, how long it usually takes, how it ended.
//! It exists so that a quiet half hour never looks like a hang, and so that logs of CI read like a list.
//! It must never ask when nobody can answer: without a terminal, or with `CI=true`, the answer is the default.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "printing is this file's whole job")]

use std::io::{IsTerminal, Write};
use std::time::Duration;

use crate::trouble::Trouble;

/// A stage begins. `usually` is honest about the first time, which is the slow one.
pub fn step(what: &str, usually: &str) {
    println!("\n▸ {what} (usually {usually})");
}

pub fn note(text: &str) {
    println!("  {text}");
}

/// A result that stands on a line of its own: a path, a table row.
pub fn line(text: &str) {
    println!("{text}");
}

pub fn done(what: &str, took: Duration) {
    println!("  done: {what}, {}", time(took));
}

/// A line of another program, passed on as it came.
pub fn relay(text: &str) {
    eprintln!("{text}");
}

pub fn trouble(trouble: &Trouble) {
    let _ = std::io::stdout().flush();
    eprintln!("\n✗ {}", trouble.sentence);
}

/// "41 s", "3 min 05 s".
pub fn time(took: Duration) -> String {
    let seconds = took.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", took.as_secs_f64()),
        10..60 => format!("{seconds} s"),
        _ => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

/// Whether a person sits at the other end.
pub fn someone_is_there() -> bool {
    let ci = std::env::var("CI").is_ok_and(|value| !value.is_empty() && value != "false" && value != "0");
    !ci && std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
}

/// Asks a yes-or-no question; an empty answer is yes. Nobody there: yes, because the caller has already said what it does.
pub fn ask(question: &str) -> bool {
    if !someone_is_there() {
        return true;
    }
    print!("  {question} [Y/n] ");
    let _ = std::io::stdout().flush();
    let mut answer = String::new();
    if std::io::stdin().read_line(&mut answer).is_err() {
        return false;
    }
    matches!(answer.trim().to_lowercase().as_str(), "" | "y" | "yes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_like_speech() {
        assert_eq!(time(Duration::from_millis(1_240)), "1.2 s");
        assert_eq!(time(Duration::from_secs(41)), "41 s");
        assert_eq!(time(Duration::from_secs(185)), "3 min 05 s");
    }
}
