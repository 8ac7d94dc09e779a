//! `cargo xtask hunt`: looks for input that breaks a parser, for as long as asked.
//! It exists so that hunting is a command and not a chore; every run of the tests hunts for a few seconds with the same parsers.
//! It must never hunt in anything but its own scratch folder: what a hunt finds, the example writes into `tests/corpus`.

use std::process::Command;

use crate::trouble::Trouble;
use crate::{build, process, say};

pub fn task(rest: &[String]) -> Result<(), Trouble> {
    let minutes = rest.iter().skip_while(|word| *word != "--minutes").nth(1).map_or("1", String::as_str);
    if minutes.parse::<u64>().is_err() {
        return Err(Trouble::request(format!("\"{minutes}\" is no number of minutes: write --minutes 5.")));
    }
    say::step("hunting for input that breaks a parser", &format!("{minutes} min, and the build before it"));
    let program = build::example("hunt_parsers", false)?;
    process::run(Command::new(program).args(rest)).map_err(|_| {
        Trouble::failed("Something breaks a parser: it is told above, and kept in tests/corpus.".to_owned())
    })
}
