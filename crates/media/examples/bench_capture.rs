//! A camera and a microphone of the system, recorded as the app records: how far flash and click are apart, how much that drifts, and
//! whether a frame is lost.
//!
//! The devices are PipeWire's and PulseAudio's own, virtual ones, played by a pipeline that flashes and clicks each second on one clock; what is
//! measured is everything from there to the finished file. It starts its own daemons in a folder of its own and touches nobody's session.
//! `bench_capture [SECONDS]`.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a bench fails by panicking and prints what it measured")]

#[allow(dead_code, reason = "the bench uses its own part")]
#[path = "../tests/common/recorder.rs"]
mod recorder;

use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;
use kinora_media::{FileKeep, GstCapture};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const WIDTH: usize = 1280;
const HEIGHT: usize = 720;
const RATE: u64 = 30;
const SECONDS: u64 = 120;
/// Until daemons and devices are there.
const WAKE_UP: Duration = Duration::from_secs(20);
/// A player that still plays after this long has found its devices.
const SETTLED: Duration = Duration::from_secs(3);

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).skip(1).collect();
    match words.as_slice() {
        ["--play"] => play(),
        ["--record", seconds, folder] => record(seconds.parse().unwrap(), Path::new(folder)),
        rest => stage(rest.first().map_or(SECONDS, |seconds| seconds.parse().unwrap())),
    }
}

/// Ended when the bench ends, however it does.
struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Daemons, a player, and the recording, each a process that sees only these.
fn stage(seconds: u64) {
    let home = tempfile::tempdir().unwrap();
    let runtime = home.path().join("run");
    std::fs::create_dir(&runtime).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&runtime, std::fs::Permissions::from_mode(0o700)).unwrap();
    }
    std::fs::write(home.path().join(".asoundrc"), "pcm.!default { type pulse }\nctl.!default { type pulse }\n")
        .unwrap();
    let bus = runtime.join("bus");
    let address = format!("unix:path={}", bus.display());
    let command = |program: &str| {
        let mut command = Command::new(program);
        command
            .env("HOME", home.path())
            .env("XDG_RUNTIME_DIR", &runtime)
            .env("DBUS_SESSION_BUS_ADDRESS", &address)
            .env_remove("DISPLAY")
            .stdin(Stdio::null())
            .stderr(Stdio::null());
        command
    };
    let start = |program: &str, words: &[&str]| {
        let mut command = command(program);
        Daemon(command.args(words).stdout(Stdio::null()).spawn().unwrap_or_else(|e| panic!("{program}: {e}")))
    };
    let until = |what: &str, is: &dyn Fn() -> bool| {
        let begun = Instant::now();
        while !is() {
            assert!(begun.elapsed() < WAKE_UP, "waited in vain for {what}");
            std::thread::sleep(Duration::from_millis(100));
        }
    };
    let listen = format!("--address={address}");
    let _dbus = start("dbus-daemon", &["--session", "--nofork", "--nopidfile", &listen]);
    until("the message bus", &|| bus.exists());
    let _pipewire = start("pipewire", &[]);
    until("PipeWire", &|| runtime.join("pipewire-0").exists());
    let _wireplumber = start("wireplumber", &[]);
    let sink = "module-null-sink sink_name=virt rate=48000 channels=2";
    let _pulse = start(
        "pulseaudio",
        &["-n", "--daemonize=no", "--exit-idle-time=-1", "-L", "module-native-protocol-unix", "-L", sink],
    );
    let pactl = |words: &[&str]| command("pactl").args(words).stdout(Stdio::null()).status().is_ok_and(|s| s.success());
    until("PulseAudio", &|| pactl(&["info"]));
    assert!(pactl(&["load-module", "module-remap-source", "master=virt.monitor", "source_name=mic"]));
    assert!(pactl(&["set-default-source", "mic"]) && pactl(&["set-default-sink", "virt"]));
    let program = std::env::current_exe().unwrap();
    let program = program.to_str().unwrap();
    // What manages PipeWire may not be ready yet, and the player ends at once: then again.
    let begun = Instant::now();
    let mut player = start(program, &["--play"]);
    loop {
        std::thread::sleep(SETTLED);
        if player.0.try_wait().unwrap().is_none() {
            break;
        }
        assert!(begun.elapsed() < WAKE_UP, "the player finds no PipeWire or no PulseAudio");
        player = start(program, &["--play"]);
    }
    let folder = home.path().to_str().unwrap();
    let seconds = seconds.to_string();
    let mut recording = command(program);
    let done = recording.args(["--record", &seconds, folder]).stderr(Stdio::inherit()).status().unwrap();
    assert!(done.success(), "the recording failed");
}

/// A flash and a click at each full second, into a camera and a loudspeaker that a microphone hears.
fn play() {
    gst::init().unwrap();
    let line = format!(
        "appsrc name=picture is-live=true format=time do-timestamp=false \
         caps=video/x-raw,format=YUY2,width={WIDTH},height={HEIGHT},framerate={RATE}/1 ! queue max-size-buffers=8 \
         ! pipewiresink mode=provide sync=true stream-properties=\"properties,media.class=Video/Source,media.role=Camera,node.name=cam,node.description=Cam\" \
         appsrc name=sound is-live=true format=time caps=audio/x-raw,format=S16LE,rate=48000,channels=2,layout=interleaved \
         ! queue ! pulsesink device=virt buffer-time=40000 latency-time=10000"
    );
    let pipeline = gst::parse::launch(&line).unwrap().downcast::<gst::Pipeline>().unwrap();
    let source = |name: &str| pipeline.by_name(name).unwrap().downcast::<gst_app::AppSrc>().unwrap();
    let (picture, sound) = (source("picture"), source("sound"));
    for source in [&picture, &sound] {
        source.set_block(true);
        source.set_max_bytes(4 * 1024 * 1024);
    }
    pipeline.set_state(gst::State::Playing).unwrap();
    let sounds = std::thread::spawn(move || {
        for block in 0u64.. {
            let mut bytes = Vec::with_capacity(1920);
            for sample in block * 480..(block + 1) * 480 {
                let value = if sample % 48_000 < 480 && sample >= 48_000 { 24_000 } else { 0i16 };
                let value = if sample % 2 == 0 { value } else { -value };
                bytes.extend([value.to_le_bytes(), value.to_le_bytes()].concat());
            }
            if push(&sound, bytes, block * 10_000_000, 10_000_000).is_err() {
                return;
            }
        }
    });
    let grey = [100u8, 128].repeat(WIDTH * HEIGHT);
    let white = [235u8, 128].repeat(WIDTH * HEIGHT);
    for frame in 0u64.. {
        let bytes = if frame % RATE == 0 && frame > 0 { white.clone() } else { moving(&grey, frame) };
        if push(&picture, bytes, frame * 1_000_000_000 / RATE, 1_000_000_000 / RATE).is_err() {
            break;
        }
    }
    let _ = sounds.join();
}

/// No two pictures are the same, so that a lost one is not taken for a still.
fn moving(grey: &[u8], frame: u64) -> Vec<u8> {
    let mut bytes = grey.to_vec();
    let at = (frame as usize * 8) % (WIDTH - 64);
    for row in bytes.chunks_exact_mut(WIDTH * 2) {
        row[at * 2..(at + 64) * 2].iter_mut().step_by(2).for_each(|luma| *luma = 60);
    }
    bytes
}

fn push(source: &gst_app::AppSrc, bytes: Vec<u8>, at: u64, length: u64) -> Result<(), gst::FlowError> {
    let mut buffer = gst::Buffer::from_mut_slice(bytes);
    if let Some(buffer) = buffer.get_mut() {
        buffer.set_pts(gst::ClockTime::from_nseconds(at));
        buffer.set_duration(gst::ClockTime::from_nseconds(length));
    }
    source.push_buffer(buffer).map(drop)
}

fn record(seconds: u64, folder: &Path) {
    let recorder = recorder::recorder(GstCapture::new());
    let begun = Instant::now();
    loop {
        let devices = recorder.devices().unwrap();
        if !devices.cameras.is_empty() && !devices.microphones.is_empty() {
            break;
        }
        assert!(begun.elapsed() < WAKE_UP, "there is no camera or no microphone: {devices:?}");
        std::thread::sleep(Duration::from_millis(200));
    }
    let watching = recorder.open(&recorder::wish(WIDTH as u32, HEIGHT as u32)).unwrap();
    assert!(watching.camera.is_there() && watching.microphone.is_there(), "{watching:?}");
    let path = folder.join("recording.mp4");
    let keep = FileKeep::create(&path).unwrap();
    let recorded = recorder::record(&recorder, keep, seconds * 1000, Duration::from_secs(seconds + 60));
    recorder.close();
    kinora_media::recording::rescue(&path).unwrap();
    let found = recorder::find(&path);
    let offsets = recorder::offsets(&found);
    let most = offsets.iter().map(|offset| offset.abs()).fold(0.0, f64::max);
    // The ends against each other, each of some seconds, so that one late frame is no drift.
    let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len().max(1) as f64;
    let few = (offsets.len() / 4).max(1);
    let drift = mean(&offsets[offsets.len() - few..]) - mean(&offsets[..few]);
    let due = recorded.length.to_seconds_for_display() * RATE as f64;
    let missing = (due.round() - found.frames as f64).max(0.0);
    let row = |what: &str, value: f64, unit: &str, aim: &str| {
        println!("{{\"what\":\"{what}\",\"value\":{value:.2},\"unit\":\"{unit}\",\"aim\":\"{aim}\"}}");
    };
    row("recorded", recorded.length.to_seconds_for_display(), "s", "");
    row("flashes with their click", offsets.len() as f64, "", &format!("{}", seconds.saturating_sub(1)));
    row("flash and click apart, at most", most * 1e3, "ms", "33.3: one frame");
    row("drift of that from beginning to end", drift.abs() * 1e3, "ms", "20 in 2 minutes");
    row("frames in the file", found.frames as f64, "", &format!("{due:.0}"));
    row("frames missing", missing, "", "0");
    row("frames that the app dropped", recorded.dropped as f64, "", "0");
}
