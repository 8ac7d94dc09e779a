//! `kinora record`, `kinora devices` and `kinora rescue`: a camera and a microphone into a file, without the window.
//!
//! While it is made, the recording lies beside its name with `.recording`; the film appears when it was proved. What a kill left behind
//! is made into a film by `rescue`. Both sign what they made as a recording of this installation.

use super::output::Output;
use super::{fault, parse_rate, parse_seconds, parse_size};
use clap::Args;
use kinora_backend::{LONGEST_RECORDING, Recorder, RecorderState, Trouble};
use kinora_document::{FrameRate, FrameSize, MediaKind};
use kinora_media::recording::{rescue, rescue_all};
use kinora_media::{FileKeep, GstCapture, GstRecordingCodec};
use kinora_ports::capture::{CaptureWish, DeviceChoice, Devices, InUse};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{TryRecvError, sync_channel};
use std::time::Duration;

/// How often the recording is looked at.
const TURN: Duration = Duration::from_millis(50);

#[derive(Debug, Args)]
#[command(after_help = "Example: kinora record -o me.mp4 --seconds 20 --countdown 3")]
pub struct Record {
    #[arg(short, long)]
    pub output: PathBuf,
    /// Stops by itself; without it, Enter stops
    #[arg(long, value_parser = parse_seconds)]
    pub seconds: Option<i64>,
    /// Name or id as `kinora devices` tells it; `none` records sound alone
    #[arg(long)]
    pub camera: Option<String>,
    /// Name or id; `none` records pictures alone
    #[arg(long)]
    pub microphone: Option<String>,
    #[arg(long, default_value = "720p", value_parser = parse_size)]
    pub size: FrameSize,
    #[arg(long, default_value = "30", value_parser = parse_rate)]
    pub rate: FrameRate,
    /// Seconds to count down
    #[arg(long, default_value_t = 0)]
    pub countdown: u64,
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct ListDevices {
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example: kinora rescue ~/Videos")]
pub struct Rescue {
    /// A folder with recordings that were not finished
    pub folder: PathBuf,
    #[arg(long)]
    pub json: bool,
}

fn recorder() -> Recorder {
    Recorder::new(Arc::new(GstCapture::new()), Arc::new(GstRecordingCodec::new()))
}

/// A recording without a signature is still one: what is in the way is said and no more.
fn sign(file: &Path, frames: u64, output: &Output) -> bool {
    let notary = kinora_provenance::Notary::new(&crate::places::data());
    let kind = if frames > 0 { MediaKind::Movie } else { MediaKind::Sound };
    let signed = kinora_backend::sign_recording(&notary, file, kind);
    if let Err(trouble) = &signed {
        output.say(&trouble.to_string());
    }
    signed.is_ok()
}

impl ListDevices {
    pub fn run(&self, output: &Output) -> Result<(), Trouble> {
        let devices = recorder().devices()?;
        let mut text = String::new();
        for camera in &devices.cameras {
            let modes: Vec<String> = camera
                .modes
                .iter()
                .map(|mode| format!("{}×{} at {}", mode.size.width, mode.size.height, mode.rate))
                .collect();
            text.push_str(&format!("camera      {} ({}): {}\n", camera.name, camera.id, modes.join(", ")));
        }
        for microphone in &devices.microphones {
            let usual = if microphone.is_default { ", the usual one" } else { "" };
            text.push_str(&format!("microphone  {} ({}{usual})\n", microphone.name, microphone.id));
        }
        if text.is_empty() {
            text.push_str("Neither a camera nor a microphone is plugged in.");
        }
        output.result(&devices, text.trim_end());
        Ok(())
    }
}

/// Found by id, or by a part of the name.
fn camera(devices: &Devices, wanted: Option<&str>) -> Result<DeviceChoice, Trouble> {
    choose(wanted, devices.cameras.iter().map(|camera| (camera.id.as_str(), camera.name.as_str())), "camera")
}

fn microphone(devices: &Devices, wanted: Option<&str>) -> Result<DeviceChoice, Trouble> {
    let known = devices.microphones.iter().map(|one| (one.id.as_str(), one.name.as_str()));
    choose(wanted, known, "microphone")
}

fn choose<'a>(
    wanted: Option<&str>,
    mut known: impl Iterator<Item = (&'a str, &'a str)>,
    kind: &str,
) -> Result<DeviceChoice, Trouble> {
    let Some(wanted) = wanted else { return Ok(DeviceChoice::Default) };
    if wanted == "none" {
        return Ok(DeviceChoice::Without);
    }
    let lower = wanted.to_lowercase();
    let found = known.find(|(id, name)| *id == wanted || name.to_lowercase().contains(&lower));
    found.map(|(id, _)| DeviceChoice::Named(id.to_owned())).ok_or_else(|| {
        let what = format!("No {kind} is called “{wanted}”.");
        Trouble::refuse("record.device", what, "`kinora devices` lists what is plugged in.")
    })
}

impl Record {
    pub fn run(&self, output: &Output) -> Result<(), Trouble> {
        let recorder = recorder();
        let devices = recorder.devices()?;
        let wish = CaptureWish {
            camera: camera(&devices, self.camera.as_deref())?,
            microphone: microphone(&devices, self.microphone.as_deref())?,
            size: self.size,
            rate: self.rate,
        };
        let watching = recorder.open(&wish)?;
        for (kind, in_use) in [("Camera", &watching.camera), ("Microphone", &watching.microphone)] {
            output.say(&match in_use {
                InUse::Camera { name, .. } | InUse::Microphone { name, .. } => format!("{kind}: {name}"),
                InUse::Without { why } => format!("Without a {}: {why}", kind.to_lowercase()),
            });
        }
        recorder.record(Box::new(FileKeep::create(&self.output)?), Duration::from_secs(self.countdown))?;
        let (recorded, cut_short) = self.watch(&recorder, output)?;
        recorder.close();
        let rescued = rescue(&self.output)?;
        let signed = sign(&rescued.file, rescued.frames, output);
        let text = format!(
            "{}: {:.2} s, {} frames, {} dropped{}",
            self.output.display(),
            rescued.length.to_seconds_for_display(),
            rescued.frames,
            recorded.dropped,
            if signed { ", signed as a recording" } else { "" }
        );
        let value = json!({
            "file": self.output, "millis": rescued.length.to_millis(), "frames": rescued.frames, "samples": rescued.samples,
            "dropped": recorded.dropped, "signed": signed, "cut_short": cut_short,
        });
        output.result(&value, &text);
        match cut_short {
            Some(problem) => Err(Trouble(problem)),
            None => Ok(()),
        }
    }

    /// Until the time is up, Enter is pressed, or it ends by itself.
    fn watch(
        &self,
        recorder: &Recorder,
        output: &Output,
    ) -> Result<(kinora_backend::Recorded, Option<kinora_api::Problem>), Trouble> {
        let most = self.seconds.map_or(LONGEST_RECORDING.as_millis() as u64, |millis| millis.max(0) as u64);
        let (pressed, enter) = sync_channel(1);
        if self.seconds.is_none() {
            output.say("Recording. Press Enter to stop.");
            let wait = move || {
                _ = std::io::stdin().read_line(&mut String::new());
                _ = pressed.send(());
            };
            std::thread::Builder::new().name("enter".into()).spawn(wait).map_err(|error| {
                fault("Enter cannot be waited for.", "Say how long to record with --seconds.", error)
            })?;
        }
        let mut counted = u64::MAX;
        loop {
            match recorder.state() {
                RecorderState::Ended { recorded, cut_short } => return Ok((recorded, cut_short)),
                RecorderState::Failed { problem } => return Err(Trouble(problem)),
                RecorderState::Recording { millis, .. } if millis >= most => return recorder.stop(),
                RecorderState::Counting { millis_left } if millis_left.div_ceil(1000) != counted => {
                    counted = millis_left.div_ceil(1000);
                    output.say(&format!("{counted} …"));
                }
                _ => {}
            }
            if self.seconds.is_none() && !matches!(enter.try_recv(), Err(TryRecvError::Empty)) {
                return recorder.stop();
            }
            std::thread::sleep(TURN);
        }
    }
}

impl Rescue {
    pub fn run(&self, output: &Output) -> Result<(), Trouble> {
        let answers = rescue_all(&self.folder);
        let (mut lines, mut values, mut failed) = (Vec::new(), Vec::new(), None);
        for (path, answer) in answers {
            match answer {
                Ok(rescued) => {
                    let signed = sign(&rescued.file, rescued.frames, output);
                    let seconds = rescued.length.to_seconds_for_display();
                    let lost = if rescued.torn_bytes == 0 { "" } else { "; the last half second at most was lost" };
                    lines.push(format!("{}: {seconds:.2} s, {} frames{lost}", rescued.file.display(), rescued.frames));
                    values.push(json!({
                        "file": rescued.file, "millis": rescued.length.to_millis(), "frames": rescued.frames,
                        "samples": rescued.samples, "torn_bytes": rescued.torn_bytes, "signed": signed,
                    }));
                }
                Err(error) => {
                    let trouble = Trouble::from(error);
                    lines.push(format!("{}: {trouble}", path.display()));
                    values.push(json!({ "file": path, "problem": trouble.0 }));
                    failed = Some(trouble);
                }
            }
        }
        if lines.is_empty() {
            lines.push("There is no broken recording there.".to_owned());
        }
        output.result(&values, &lines.join("\n"));
        failed.map_or(Ok(()), Err)
    }
}
