//! A screen of the tests' own: an Xvfb started for them and stopped after them.
//! It exists so that window tests neither need a desktop nor disturb the one in front of a person.
//! It must never stop a server it did not start: it holds its child and ends that one only.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use crate::trouble::Trouble;

/// How long a server may take to name its display; a loaded machine needs a second or two.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Debug)]
pub struct Screen {
    server: Child,
    /// As `DISPLAY` wants it, ":99".
    pub name: String,
}

impl Screen {
    /// Starts a server on the first free number.
    pub fn open() -> Result<Self, Trouble> {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1440x900x24", "-nolisten", "tcp", "-noreset"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| {
                Trouble::missing(format!("Could not start Xvfb ({error}): `cargo xtask setup` installs it."))
            })?;
        let (sender, receiver) = sync_channel(1);
        let Some(output) = server.stdout.take() else {
            return Err(Trouble::failed("Xvfb has no output to name its display on; this is a fault of ours."));
        };
        std::thread::spawn(move || {
            let mut line = String::new();
            let read = BufReader::new(output).read_line(&mut line);
            let _ = sender.send(read.map(|_| line.trim().to_owned()));
        });
        // From here on, dropping the screen ends the server.
        let mut screen = Self { server, name: String::new() };
        match receiver.recv_timeout(PATIENCE) {
            Ok(Ok(number)) if !number.is_empty() => {
                screen.name = format!(":{number}");
                Ok(screen)
            }
            _ => Err(Trouble::missing("Xvfb started but opened no display: does `Xvfb :99` work on this machine?")),
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn two_screens_open_side_by_side_and_close() {
        let first = Screen::open().expect("a first screen");
        let second = Screen::open().expect("a second screen");
        assert_ne!(first.name, second.name);
        let socket = std::path::PathBuf::from(format!("/tmp/.X11-unix/X{}", &second.name[1..]));
        assert!(socket.exists());
        drop(second);
        drop(first);
    }
}
