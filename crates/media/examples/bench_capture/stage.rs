//! The stage: daemons, the stand-ins, an ear of our own at the microphone, and the recording, each a process that sees only these.
//!
//! Everything that is started here ends with it, however it ends, and lies in one temporary folder. The ear is `parec`, which is none of
//! the app: what it hears says when a click left the stand-in.

use crate::{RATE, WAKE_UP};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A player that still plays after this long has found its devices.
const SETTLED: Duration = Duration::from_secs(3);
/// Samples that the ear asks for at a time: 5 ms.
const EAR_MILLIS: &str = "5";

/// Ended when the bench ends, however it does.
struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What left the stand-ins, in seconds of the machine's steady clock.
#[derive(Default)]
pub struct Left {
    pub pictures: BTreeSet<u64>,
    /// The second that is flashed, and when.
    pub flashes: Vec<(u64, f64)>,
    pub clicks: Vec<f64>,
}

pub struct Stage {
    home: tempfile::TempDir,
    left: Arc<Mutex<Left>>,
    daemons: Vec<Daemon>,
}

impl Stage {
    pub fn open() -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut stage = Self { home, left: Arc::default(), daemons: Vec::new() };
        let runtime = stage.home.path().join("run");
        std::fs::create_dir(&runtime).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&runtime, std::fs::Permissions::from_mode(0o700)).unwrap();
        }
        let alsa = "pcm.!default { type pulse }\nctl.!default { type pulse }\n";
        std::fs::write(stage.home.path().join(".asoundrc"), alsa).unwrap();
        let bus = runtime.join("bus");
        let listen = format!("--address=unix:path={}", bus.display());
        stage.start("dbus-daemon", &["--session", "--nofork", "--nopidfile", &listen]);
        until("the message bus", &|| bus.exists());
        stage.start("pipewire", &[]);
        until("PipeWire", &|| runtime.join("pipewire-0").exists());
        stage.start("wireplumber", &[]);
        let sink = "module-null-sink sink_name=virt rate=48000 channels=2";
        let native = "module-native-protocol-unix";
        stage.start("pulseaudio", &["-n", "--daemonize=no", "--exit-idle-time=-1", "-L", native, "-L", sink]);
        until("PulseAudio", &|| stage.pactl(&["info"]));
        assert!(stage.pactl(&["load-module", "module-remap-source", "master=virt.monitor", "source_name=mic"]));
        assert!(stage.pactl(&["set-default-source", "mic"]) && stage.pactl(&["set-default-sink", "virt"]));
        stage.listen();
        stage.play();
        stage
    }

    fn command(&self, program: &str) -> Command {
        let runtime = self.home.path().join("run");
        let mut command = Command::new(program);
        command
            .env("HOME", self.home.path())
            .env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", runtime.join("bus").display()))
            .env("XDG_RUNTIME_DIR", runtime)
            .env_remove("DISPLAY")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    fn start(&mut self, program: &str, words: &[&str]) {
        let child = self.command(program).args(words).spawn().unwrap_or_else(|error| panic!("{program}: {error}"));
        self.daemons.push(Daemon(child));
    }

    fn pactl(&self, words: &[&str]) -> bool {
        self.command("pactl").args(words).status().is_ok_and(|status| status.success())
    }

    pub fn left(&self) -> MutexGuard<'_, Left> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn file(&self) -> PathBuf {
        self.home.path().join("recording.mp4")
    }

    /// Clicks at the monitor of the loudspeaker, which is the air before the microphone.
    fn listen(&mut self) {
        let latency = format!("--latency-msec={EAR_MILLIS}");
        let words = ["--raw", "--device=virt.monitor", "--rate=48000", "--channels=1", "--format=s16le", &latency];
        let mut ear = self.command("parec").args(words).stdout(Stdio::piped()).spawn().expect("parec");
        let mut sound = ear.stdout.take().unwrap();
        self.daemons.push(Daemon(ear));
        let left = Arc::clone(&self.left);
        std::thread::spawn(move || {
            let mut bytes = [0u8; 8192];
            let mut odd = 0;
            while let Ok(count @ 1..) = sound.read(&mut bytes[odd..]) {
                let now = steady();
                let count = count + odd;
                let samples = bytes[..count].as_chunks::<2>().0;
                let mut left = left.lock().unwrap_or_else(PoisonError::into_inner);
                for (at, sample) in samples.iter().enumerate() {
                    let when = now - (samples.len() - at) as f64 / 48_000.0;
                    let loud = i16::from_le_bytes(*sample).unsigned_abs() > 5_000;
                    if loud && left.clicks.last().is_none_or(|last| when > last + 0.5) {
                        left.clicks.push(when);
                    }
                }
                odd = count % 2;
                bytes[0] = bytes[count - 1];
            }
        });
    }

    /// What manages PipeWire may not be ready yet, and the player ends at once: then again.
    fn play(&mut self) {
        let program = std::env::current_exe().unwrap();
        let begun = Instant::now();
        loop {
            let mut command = self.command(program.to_str().unwrap());
            let mut player = command.arg("--play").stdout(Stdio::piped()).spawn().unwrap();
            let said = BufReader::new(player.stdout.take().unwrap());
            *self.left() = Left::default();
            let left = Arc::clone(&self.left);
            std::thread::spawn(move || {
                for line in said.lines().map_while(Result::ok) {
                    let Some((number, nanos)) = line.split_once(' ') else { continue };
                    let (Ok(number), Ok(nanos)) = (number.parse::<u64>(), nanos.parse::<u64>()) else { continue };
                    let mut left = left.lock().unwrap_or_else(PoisonError::into_inner);
                    left.pictures.insert(number);
                    if number > 0 && number.is_multiple_of(RATE) {
                        left.flashes.push((number / RATE, nanos as f64 / 1e9));
                    }
                }
            });
            std::thread::sleep(SETTLED);
            if player.try_wait().unwrap().is_none() {
                self.daemons.push(Daemon(player));
                return;
            }
            assert!(begun.elapsed() < WAKE_UP, "the player finds no PipeWire or no PulseAudio");
        }
    }

    /// The recording in a process of its own: what it said, and how it ended.
    pub fn record(&self, seconds: u64) -> (String, ExitStatus) {
        let program = std::env::current_exe().unwrap();
        let folder = self.home.path().to_str().unwrap();
        let mut command = self.command(program.to_str().unwrap());
        command.args(["--record", &seconds.to_string(), folder]).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let done = command.spawn().unwrap().wait_with_output().unwrap();
        (String::from_utf8_lossy(&done.stdout).trim().to_owned(), done.status)
    }
}

fn until(what: &str, is: &dyn Fn() -> bool) {
    let begun = Instant::now();
    while !is() {
        assert!(begun.elapsed() < WAKE_UP, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Seconds of the clock that the player stamps with.
fn steady() -> f64 {
    use gstreamer::prelude::ClockExt;
    gstreamer::init().unwrap();
    gstreamer::SystemClock::obtain().time().nseconds() as f64 / 1e9
}
