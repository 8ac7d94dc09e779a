//! `cargo xtask`: what a person types in this repository, from a fresh clone to a finished check.
//! It exists so that nothing has to be installed or remembered by hand: each task names what it is doing,
//! how long that usually takes, and what to do when it cannot.
//! It must never hold rules about films, and must never change a machine without saying so first.

mod bench;
mod build;
mod debian;
mod deny;
mod display;
mod fetch;
mod hunt;
mod packages;
mod parity;
mod process;
mod python;
mod rules;
mod run;
mod say;
mod setup;
mod test;
mod tidy;
mod trouble;
mod ui;
mod wheels;
mod workspace;

use std::process::ExitCode;

use trouble::Trouble;

const HELP: &str = "\
Kinora's tasks: cargo xtask <task>

  run [FILE]        set up, build, and open the studio on FILE (a sample film by default);
                    with no display, or with --headless, render it to MP4 and print its path
  test [NAME…]      set up and run every check; with names, only the tests whose names contain one
  setup             install what building and testing need, and nothing else
  ui [--force]      build the page of the window into ui/dist
  tidy [--fix]      formatting and the house rules; --fix formats
  bench [NAME…]     measure, and compare with the figures we aim at; --release for release builds, --seconds N for how long, --list
  hunt [NAME…]      look for input that breaks a parser; --minutes N, --seed N; finds are kept in tests/corpus
  parity [DIR…]     run our models over reference tensors and compare
  probe FILE.jsonl  score the draft model on prompts with expected attributes
  help              this text

Exit codes: 0 done · 1 a check or a build failed · 2 the request was not understood · 3 something is missing on
this machine (the last lines say what to install).
With CI=true, or with no terminal, nothing is asked.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (task, rest) = match arguments.split_first() {
        Some((task, rest)) => (task.as_str(), rest),
        None => ("help", &[][..]),
    };
    match perform(task, rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            say::trouble(&trouble);
            ExitCode::from(trouble.code)
        }
    }
}

fn perform(task: &str, rest: &[String]) -> Result<(), Trouble> {
    match task {
        "run" => run::task(rest),
        "test" => test::task(rest),
        "setup" => setup::task(rest),
        "ui" => ui::task(rest),
        "tidy" => tidy::task(rest),
        "bench" => bench::task(rest),
        "hunt" => hunt::task(rest),
        "parity" => parity::parity(rest),
        "probe" => parity::probe(rest),
        "help" | "--help" | "-h" => {
            say::line(HELP);
            Ok(())
        }
        other => Err(Trouble::request(format!("There is no task \"{other}\". `cargo xtask help` lists them."))),
    }
}
