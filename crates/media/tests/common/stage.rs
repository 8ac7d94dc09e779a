//! A sound system and a camera server of the test's own, in a home of its own: nothing of the person's machine is heard or touched.
//!
//! D-Bus, PipeWire with WirePlumber for the camera, PulseAudio with a null sink for the microphone. The provider plays the test picture
//! into both on one clock. It serves one recording and is then started anew.

use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub const WIDTH: i32 = 1280;
pub const HEIGHT: i32 = 720;
const PATIENCE: Duration = Duration::from_secs(20);

pub struct Stage {
    folder: tempfile::TempDir,
    services: Vec<Child>,
}

/// Ended when it goes out of scope, by its own process id.
pub struct Actor(pub Child);

impl Drop for Actor {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

impl Stage {
    pub fn set() -> Self {
        let folder = tempfile::Builder::new().prefix("kinora-stage").tempdir().unwrap();
        let mut stage = Self { folder, services: Vec::new() };
        let run = stage.run();
        std::fs::create_dir_all(&run).unwrap();
        #[cfg(unix)]
        std::fs::set_permissions(&run, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
        std::fs::write(stage.home().join(".asoundrc"), "pcm.!default { type pulse }\nctl.!default { type pulse }\n")
            .unwrap();
        stage.start("dbus-daemon", &["--session", "--nofork", "--nopidfile", &format!("--address={}", stage.bus())]);
        stage.wait("D-Bus", |stage| stage.run().join("bus").exists());
        stage.start("pipewire", &[]);
        stage.wait("PipeWire", |stage| stage.run().join("pipewire-0").exists());
        stage.start("wireplumber", &[]);
        stage.start(
            "pulseaudio",
            &[
                "-n",
                "--daemonize=no",
                "--exit-idle-time=-1",
                "-L",
                "module-native-protocol-unix",
                "-L",
                "module-null-sink sink_name=virt rate=48000 channels=2",
                "-L",
                "module-remap-source master=virt.monitor source_name=mic",
            ],
        );
        stage.wait("PulseAudio", |stage| {
            stage.command("pactl", &["set-default-source", "mic"]).status().is_ok_and(|status| status.success())
        });
        stage
    }

    pub fn home(&self) -> PathBuf {
        self.folder.path().to_owned()
    }
    fn run(&self) -> PathBuf {
        self.folder.path().join("run")
    }
    fn bus(&self) -> String {
        format!("unix:path={}", self.run().join("bus").display())
    }

    /// A command that sees this stage and nothing of the machine's own sound and cameras.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        for name in ["PULSE_SERVER", "PIPEWIRE_REMOTE", "DISPLAY", "WAYLAND_DISPLAY", "ALSA_CONFIG_PATH"] {
            command.env_remove(name);
        }
        command
            .env("HOME", self.home())
            .env("XDG_RUNTIME_DIR", self.run())
            .env("XDG_CONFIG_HOME", self.home().join("config"))
            .env("XDG_STATE_HOME", self.home().join("state"))
            .env("XDG_CACHE_HOME", self.home().join("cache"))
            .env("PULSE_RUNTIME_PATH", self.run().join("pulse"))
            .env("DBUS_SESSION_BUS_ADDRESS", self.bus());
        command
    }

    fn start(&mut self, program: &str, arguments: &[&str]) {
        let child = self.command(program, arguments).spawn();
        self.services.push(child.unwrap_or_else(|error| {
            panic!(
                "{program} did not start: {error}. Install dbus, pipewire, wireplumber, pulseaudio (cargo xtask setup)."
            )
        }));
    }

    fn wait(&self, what: &str, there: impl Fn(&Self) -> bool) {
        let until = Instant::now() + PATIENCE;
        while !there(self) {
            assert!(Instant::now() < until, "{what} did not come up in {PATIENCE:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Pulls the microphone out.
    pub fn end_sound(&mut self) {
        if let Some(mut pulse) = self.services.pop() {
            pulse.kill().unwrap();
            pulse.wait().unwrap();
        }
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        for service in self.services.iter_mut().rev() {
            _ = service.kill();
            _ = service.wait();
        }
    }
}

/// The provider's whole life: plays the test picture until it is killed.
pub fn provide() {
    gst::init().unwrap();
    let line = format!(
        "appsrc name=picture is-live=true format=time block=true max-bytes=6000000 ! video/x-raw,format=YUY2,width={WIDTH},height={HEIGHT},framerate=30/1 ! pipewiresink name=camera mode=provide stream-properties=\"properties,media.class=Video/Source,media.role=Camera,node.name=kinora-test,node.description=Test\" \
         appsrc name=sound is-live=true format=time block=true max-bytes=60000 ! audio/x-raw,format=F32LE,layout=interleaved,rate=48000,channels=2 ! audioconvert ! pulsesink device=virt buffer-time=80000 latency-time=10000"
    );
    let pipeline = gst::parse::launch(&line).unwrap().downcast::<gst::Pipeline>().unwrap();
    pipeline.use_clock(Some(&gst::SystemClock::obtain()));
    let source = |name: &str| pipeline.by_name(name).unwrap().downcast::<gst_app::AppSrc>().unwrap();
    let (picture, sound) = (source("picture"), source("sound"));
    pipeline.set_state(gst::State::Playing).unwrap();
    println!("playing");
    let pictures = std::thread::spawn(move || {
        for index in 0u64.. {
            let luma = if index % 30 == 0 { 235 } else { 90 + (index % 16) as u8 };
            let bytes = [luma, 128].repeat((WIDTH * HEIGHT) as usize);
            let mut buffer = gst::Buffer::from_mut_slice(bytes);
            let head = buffer.make_mut();
            head.set_pts(gst::ClockTime::from_nseconds(index * 1_000_000_000 / 30));
            head.set_duration(gst::ClockTime::from_nseconds(1_000_000_000 / 30));
            if picture.push_buffer(buffer).is_err() {
                return;
            }
        }
    });
    for block in 0u64.. {
        let first = block * 480;
        let samples = (first..first + 480).flat_map(|sample| {
            let click = sample % 48_000 < 480;
            let value: f32 = if !click {
                0.0
            } else if sample % 2 == 0 {
                0.7
            } else {
                -0.7
            };
            [value, value]
        });
        let bytes: Vec<u8> = samples.flat_map(f32::to_le_bytes).collect();
        let mut buffer = gst::Buffer::from_mut_slice(bytes);
        let head = buffer.make_mut();
        head.set_pts(gst::ClockTime::from_mseconds(block * 10));
        head.set_duration(gst::ClockTime::from_mseconds(10));
        if sound.push_buffer(buffer).is_err() {
            break;
        }
    }
    _ = pictures.join();
}

/// Starts this very program again on the stage, and waits for its first line.
pub fn play(stage: &Stage, arguments: &[&str]) -> Actor {
    let mut command = stage.command(std::env::current_exe().unwrap(), arguments);
    Actor(command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap())
}

pub fn as_text(path: &Path) -> &str {
    path.to_str().unwrap()
}
