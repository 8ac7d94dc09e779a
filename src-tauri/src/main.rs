//! The binary: without a subcommand it opens the window, with one it does the work and ends.
//! It exists apart from the library so that tests can link the latter.
//! It must never hold anything but this one call.

#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

use std::process::ExitCode;

fn main() -> ExitCode {
    kinora::run()
}
