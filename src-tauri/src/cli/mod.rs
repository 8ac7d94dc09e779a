//! The command line: the same backend as the window's.
//!
//! Exit codes: 0 done; 1 it could not be done, and the sentence on standard error says what, why and what to do; 2 the command was not
//! understood; `verify` has two more. With `--json`, results and problems are JSON on standard output.

mod board;
mod cameo;
mod cameo_place;
mod cameo_terms;
mod film;
mod get;
mod inspect;
mod models;
mod output;
mod policy;
mod project;
mod record;
mod shot;
mod signing;
mod verify;
mod voices;

pub use film::{kept_project, open_or_create};
pub use policy::import_list;

use clap::{Parser, Subcommand};
use kinora_backend::Trouble;
use output::Output;
use std::path::PathBuf;
use std::process::ExitCode;

/// Screenplay in, film out, on your own machine.
#[derive(Debug, Parser)]
#[command(
    name = "kinora",
    version,
    after_help = "Without a command the studio's window opens.\nExample: kinora film examples/the-lighthouse-ball.fountain -o film.mp4"
)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Option<Command>,
    /// A screenplay or a project folder to open in the window
    pub file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a whole film from a screenplay
    Film(film::Film),
    /// Make one shot from a sentence
    Shot(shot::Shot),
    /// Show the shots of a screenplay: prompts, durations, cameras
    Board(board::Board),
    /// Say what a file is: a screenplay, a project, a take, a film
    Inspect(inspect::Inspect),
    /// Say where a film or picture comes from, and whether it was changed since it was signed
    Verify(verify::Verify),
    /// List the models on this machine
    Models(models::Models),
    /// List what speaks on this machine: languages and licences; convert the released files of Kokoro
    Voices(voices::Voices),
    /// Likenesses of people, pets and drawings, and their consents
    Cameo(cameo::Cameo),
    /// The rules of this house: profile, PIN, opt-out lists
    Policy(policy::Policy),
    /// Check, mend, pack and unpack project folders
    Project(project::Project),
    /// Record the camera and the microphone into a file
    Record(record::Record),
    /// List the cameras and microphones of this machine
    Devices(record::ListDevices),
    /// Make films of recordings that a crash or a power cut broke off
    Rescue(record::Rescue),
}

pub fn run(command: Command) -> ExitCode {
    let json = match &command {
        Command::Film(c) => c.json,
        Command::Shot(c) => c.json,
        Command::Board(c) => c.json,
        Command::Inspect(c) => c.json,
        Command::Verify(c) => c.json,
        Command::Models(c) => c.json,
        Command::Voices(c) => c.json,
        Command::Policy(c) => c.json,
        Command::Cameo(c) => c.json,
        Command::Project(c) => c.json,
        Command::Record(c) => c.json,
        Command::Devices(c) => c.json,
        Command::Rescue(c) => c.json,
    };
    let output = Output::new(json);
    let done = |done: Result<(), Trouble>| done.map(|()| ExitCode::SUCCESS);
    let ended = match command {
        Command::Verify(c) => c.run(&output),
        Command::Film(c) => done(c.run(&output)),
        Command::Shot(c) => done(c.run(&output)),
        Command::Board(c) => done(c.run(&output)),
        Command::Inspect(c) => done(c.run(&output)),
        Command::Models(c) => done(c.run(&output)),
        Command::Voices(c) => done(c.run(&output)),
        Command::Project(c) => done(c.run(&output)),
        Command::Cameo(c) => done(c.run(&output)),
        Command::Policy(c) => done(c.run(&output)),
        Command::Record(c) => done(c.run(&output)),
        Command::Devices(c) => done(c.run(&output)),
        Command::Rescue(c) => done(c.run(&output)),
    };
    match ended {
        Ok(code) => code,
        Err(trouble) => {
            output.problem(&trouble);
            ExitCode::FAILURE
        }
    }
}

/// Help and version, or what of the command was not understood: 2, and with `--json` as a problem like any other.
pub fn misunderstood(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    if std::env::args_os().any(|word| word == "--json") {
        let said = error.render().to_string();
        let sentence = said.split("\n\n").next().unwrap_or_default().trim_start_matches("error: ");
        let remedy = "Add --help to see what the command takes, with an example.";
        Output::new(true).problem(&Trouble::refuse("command.misunderstood", sentence, remedy));
    } else {
        let _ = error.print();
    }
    ExitCode::from(2)
}

/// `1280x720`, or one of the usual names.
fn parse_size(text: &str) -> Result<kinora_document::FrameSize, String> {
    let named = match text {
        "1080p" => Some((1920, 1080)),
        "720p" => Some((1280, 720)),
        "vertical" => Some((1080, 1920)),
        "square" => Some((1080, 1080)),
        "portrait" => Some((1080, 1350)),
        _ => None,
    };
    let (width, height) = named
        .or_else(|| {
            let (width, height) = text.split_once(['x', '×'])?;
            Some((width.parse().ok()?, height.parse().ok()?))
        })
        .ok_or("a size is WIDTHxHEIGHT, such as 1280x720, or 1080p, 720p, vertical, square, portrait")?;
    if !(16..=3840).contains(&width) || !(16..=3840).contains(&height) || width % 2 != 0 || height % 2 != 0 {
        return Err(format!("{width}x{height} cannot be made: both sides must be even and between 16 and 3840"));
    }
    Ok(kinora_document::FrameSize { width, height })
}

fn parse_rate(text: &str) -> Result<kinora_document::FrameRate, String> {
    kinora_document::FrameRate::parse(text)
        .filter(|rate| kinora_document::FrameRate::FILM_RATES.contains(rate))
        .ok_or_else(|| "a frame rate is one of 23.976, 24, 25, 29.97, 30, 60".to_owned())
}

/// What `--loudness` asks for; None leaves the mix alone.
#[derive(Clone, Copy, Debug)]
pub struct LoudnessChoice(Option<kinora_backend::Loudness>);

fn parse_loudness(text: &str) -> Result<LoudnessChoice, String> {
    use kinora_backend::Loudness;
    match text {
        "-14" | "−14" => Ok(LoudnessChoice(Some(Loudness::SOCIAL))),
        "-16" | "−16" => Ok(LoudnessChoice(Some(Loudness::PODCAST))),
        "-23" | "−23" => Ok(LoudnessChoice(Some(Loudness::BROADCAST))),
        "off" => Ok(LoudnessChoice(None)),
        _ => Err("a film's loudness is -14, -16 or -23 LUFS, or off".to_owned()),
    }
}

/// The seconds of a shot, as milliseconds: `4`, `4.5`.
fn parse_seconds(text: &str) -> Result<i64, String> {
    let digits = text.strip_suffix('s').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let wrong = || "a length is a number of seconds, such as 4 or 2.5".to_owned();
    // Nine digits are thirty years, far from the end of the numbers.
    if !(1..=9).contains(&whole.len())
        || fraction.len() > 3
        || !format!("{whole}{fraction}").bytes().all(|b| b.is_ascii_digit())
    {
        return Err(wrong());
    }
    let whole: i64 = whole.parse().map_err(|_| wrong())?;
    let fraction: i64 = format!("{fraction:0<3}").parse().map_err(|_| wrong())?;
    let millis = whole * 1000 + fraction;
    if (100..=600_000).contains(&millis) {
        Ok(millis)
    } else {
        Err("a shot is between 0.1 and 600 seconds long".to_owned())
    }
}

fn fault(what: impl Into<String>, remedy: impl Into<String>, detail: impl std::fmt::Display) -> Trouble {
    Trouble::from(kinora_ports::Fault::new(what, remedy, detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_digits_and_a_point() {
        for (text, millis) in [("4", 4000), ("2.5", 2500), ("0.125s", 125), ("600", 600_000), ("4.s", 4000)] {
            assert_eq!(parse_seconds(text), Ok(millis), "{text}");
        }
        for wrong in [
            "",
            "s",
            ".5",
            "-1",
            "-0.5",
            "1.-5",
            "+2",
            "1e3",
            "0.05",
            "601",
            "9223372036854775807",
            "99999999999999999999",
            "４",
        ] {
            assert!(parse_seconds(wrong).is_err(), "{wrong}");
        }
    }
}
