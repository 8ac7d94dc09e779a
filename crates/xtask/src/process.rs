//! Starting other programs: shown before they run, and their failure put into a sentence.
//! It exists so that no task forgets to check an exit status or hides which command failed.
//! It must never go through a shell: arguments stay arguments, whatever characters they hold.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::say;
use crate::trouble::Trouble;

/// A command is shown to be understood; beyond this many words it is a list.
const MOST_WORDS: usize = 14;

/// The command as a person would type it.
fn shown(command: &Command) -> String {
    let quoted = |part: &OsStr| {
        let text = part.to_string_lossy();
        if text.contains([' ', '"', '\'', '*']) { format!("'{text}'") } else { text.into_owned() }
    };
    let program = Path::new(command.get_program()).file_stem().unwrap_or(command.get_program());
    let mut words: Vec<String> = std::iter::once(quoted(program)).chain(command.get_args().map(quoted)).collect();
    if words.len() > MOST_WORDS {
        let left_out = words.len() - MOST_WORDS;
        words.truncate(MOST_WORDS);
        words.push(format!("… and {left_out} more"));
    }
    words.join(" ")
}

fn not_started(command: &Command, error: &std::io::Error) -> Trouble {
    let program = command.get_program().to_string_lossy();
    Trouble::missing(format!("Could not start `{program}`: {error}. Is it installed and on the PATH?"))
}

fn ended(command: &Command, status: std::process::ExitStatus) -> Result<(), Trouble> {
    if status.success() {
        return Ok(());
    }
    let how =
        status.code().map_or_else(|| "was stopped by a signal".to_owned(), |code| format!("ended with code {code}"));
    Err(Trouble::failed(format!("`{}` {how}: its own words are above.", shown(command))))
}

/// Runs to the end, its output on ours.
pub fn run(command: &mut Command) -> Result<(), Trouble> {
    say::note(&format!("$ {}", shown(command)));
    let status = command.status().map_err(|error| not_started(command, &error))?;
    ended(command, status)
}

/// Runs to the end, passes its two outputs on, and hands `keep` each line of them.
pub fn run_and_read(command: &mut Command, mut keep: impl FnMut(&str)) -> Result<(), Trouble> {
    say::note(&format!("$ {}", shown(command)));
    let (reader, writer) = std::io::pipe().map_err(|error| not_started(command, &error))?;
    let second = writer.try_clone().map_err(|error| not_started(command, &error))?;
    let mut child = command.stdout(writer).stderr(second).spawn().map_err(|error| not_started(command, &error))?;
    // The command still holds our ends of the pipe; without this the reading below would never end.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut reader = BufReader::new(reader);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end_matches(['\n', '\r']);
        say::relay(text);
        keep(text);
        line.clear();
    }
    let status = child.wait().map_err(|error| not_started(command, &error))?;
    ended(command, status)
}

/// Whether the command starts and succeeds; its output is of no interest.
pub fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// What the command prints, if it starts and succeeds.
pub fn read(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_typed() {
        let mut command = Command::new("/usr/bin/kinora");
        command.args(["film", "My Film.fountain"]);
        assert_eq!(shown(&command), "kinora film 'My Film.fountain'");
    }
}
