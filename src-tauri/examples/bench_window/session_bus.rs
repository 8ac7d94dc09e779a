//! The message bus that a desktop has running before any program starts.
//!
//! On a bare screen every window would begin one of its own, and with it the helpers of accessibility: a second of a start that nobody
//! waits for who sits at a desktop. Ends with the bench; where there is no `dbus-daemon`, windows begin their own, and that is said.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

pub struct SessionBus {
    daemon: Child,
    pub address: String,
}

impl SessionBus {
    pub fn start() -> Option<Self> {
        let mut command = Command::new("dbus-daemon");
        command.args(["--session", "--nofork", "--nopidfile", "--print-address=1"]);
        let mut daemon = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
        let mut address = String::new();
        let said = daemon.stdout.take().map(|out| BufReader::new(out).read_line(&mut address));
        if matches!(said, Some(Ok(length)) if length > 0) {
            return Some(Self { daemon, address: address.trim().to_owned() });
        }
        let _ = daemon.kill();
        let _ = daemon.wait();
        None
    }
}

impl Drop for SessionBus {
    fn drop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}
