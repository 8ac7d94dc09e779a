//! Which cameras there are and what they can do, as GStreamer's device monitor sees them: V4L2, PipeWire, AVFoundation, Media Foundation.
//!
//! The monitor stays on, so that a camera plugged in later is there when asked again. One camera that two providers name is one.
//! It must never be stopped: PipeWire's part of it (seen with 0.3.65, mended in later ones) then takes things away from under its own
//! thread, and the whole program ends with “unaligned tcache chunk detected”.

use super::{Belt, camera};
use crate::{gst as media, trouble};
use gstreamer as gst;
use gstreamer::prelude::*;
use kinora_document::{FrameRate, FrameSize};
use kinora_ports::PortError;
use kinora_ports::capture::{Camera, CameraMode, CaptureWish, DeviceChoice};
use std::sync::mpsc::sync_channel;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// A provider that does not answer must not keep the others back for longer.
const PATIENCE: Duration = Duration::from_secs(5);
/// Modes of one camera that are told; some list hundreds.
const MODES: usize = 64;
const MOST_CAMERAS: usize = 32;
/// Sizes that are tried where a camera gives a range.
const USUAL_SIZES: [(i32, i32); 6] = [(1920, 1080), (1280, 720), (960, 540), (640, 480), (640, 360), (320, 240)];
const USUAL_RATES: [i32; 5] = [60, 30, 25, 24, 15];
/// What names a camera for as long as it is plugged in, best first, by the properties that providers give.
const NAMING: [&str; 7] =
    ["device.path", "api.v4l2.path", "avf.unique_id", "device.unique-id", "device.strid", "node.name", "object.path"];

/// A camera, its device, and the form of each mode.
#[derive(Clone, Debug)]
pub struct Found {
    pub camera: Camera,
    pub device: gst::Device,
    pub forms: Vec<(CameraMode, gst::Caps)>,
}

/// The one of this program; what is static is never dropped.
static MONITOR: Mutex<Option<gst::DeviceMonitor>> = Mutex::new(None);

fn start_monitor() -> Result<Option<gst::DeviceMonitor>, PortError> {
    let (sender, receiver) = sync_channel(1);
    let start = move || {
        let monitor = gst::DeviceMonitor::new();
        monitor.add_filter(Some("Video/Source"), None);
        // Nobody reads its messages: they must not pile up.
        monitor.bus().set_flushing(true);
        let started = monitor.start().is_ok();
        if let Err(late) = sender.send(started.then_some(monitor)) {
            // Nobody waits for it any more, and dropping it would stop it.
            std::mem::forget(late);
        }
    };
    std::thread::Builder::new().name("cameras".into()).spawn(start).map_err(trouble::encoding)?;
    Ok(receiver.recv_timeout(PATIENCE).ok().flatten())
}

pub fn list() -> Result<Vec<Found>, PortError> {
    media::start()?;
    let mut slot = MONITOR.lock().unwrap_or_else(PoisonError::into_inner);
    if slot.is_none() {
        *slot = start_monitor()?;
    }
    let Some(monitor) = slot.as_ref() else { return Ok(Vec::new()) };
    let mut found: Vec<Found> = Vec::new();
    for device in monitor.devices().iter().take(MOST_CAMERAS) {
        if let Some(one) = look_at(device)
            && found.iter().all(|other| other.camera.id != one.camera.id)
        {
            found.push(one);
        }
    }
    Ok(found)
}

/// The running camera, its name and its mode; or why there is none.
pub fn open(wish: &CaptureWish, belt: &Belt) -> Result<(media::Running, String, CameraMode), String> {
    let found = list().map_err(|error| error.to_string())?;
    let chosen = match &wish.camera {
        DeviceChoice::Named(id) => found
            .iter()
            .find(|one| one.camera.id == *id)
            .ok_or("The camera that was chosen is not plugged in. Plug it in or choose another one.".to_owned()),
        _ => found.first().ok_or("No camera is plugged in. Plug one in and try again.".to_owned()),
    }?;
    let (mode, form) = nearest(&chosen.forms, wish)
        .ok_or_else(|| format!("“{}” gives no picture that Kinora can use. Choose another one.", chosen.camera.name))?;
    let running = camera::open(chosen, &form, wish, belt).map_err(|error| {
        format!("“{}” could not be opened; another program may be using it. ({error})", chosen.camera.name)
    })?;
    Ok((running, chosen.camera.name.clone(), mode))
}

fn look_at(device: &gst::Device) -> Option<Found> {
    let name = device.display_name().to_string();
    let properties = device.properties();
    let named = NAMING.iter().find_map(|key| properties.as_ref()?.get::<String>(*key).ok().filter(|id| !id.is_empty()));
    let forms = forms(&device.caps()?);
    let mut modes: Vec<CameraMode> = forms.iter().map(|(mode, _)| *mode).collect();
    modes.dedup();
    let camera = Camera { id: named.unwrap_or_else(|| name.clone()), name, modes };
    (!camera.modes.is_empty()).then(|| Found { camera, device: device.clone(), forms })
}

/// Each size and rate with the caps that ask for it, largest and fastest first, raw before compressed.
fn forms(caps: &gst::Caps) -> Vec<(CameraMode, gst::Caps)> {
    let mut forms: Vec<(CameraMode, gst::Caps)> = Vec::new();
    for structure in caps.iter() {
        if !matches!(structure.name().as_str(), "video/x-raw" | "image/jpeg") {
            continue;
        }
        for (width, height) in sizes(structure) {
            for rate in rates(structure) {
                let Some(mode) = mode(width, height, rate) else { continue };
                let mut form =
                    gst::Caps::builder(structure.name().as_str()).field("width", width).field("height", height);
                form = form.field("framerate", rate);
                if forms.len() < MODES * 4 {
                    forms.push((mode, form.build()));
                }
            }
        }
    }
    let order = |mode: &CameraMode| {
        let pixels = u64::from(mode.size.width) * u64::from(mode.size.height);
        (std::cmp::Reverse(pixels), std::cmp::Reverse(mode.rate.frames / mode.rate.seconds))
    };
    // Stable: of two forms of one mode the camera's first stays first, and raw is what cameras list first.
    forms.sort_by_key(|(mode, _)| order(mode));
    forms.truncate(MODES * 4);
    forms
}

fn mode(width: i32, height: i32, rate: gst::Fraction) -> Option<CameraMode> {
    let side = |value: i32| u32::try_from(value).ok().filter(|side| (16..=8192).contains(side));
    let size = FrameSize { width: side(width)?, height: side(height)? };
    let number = |value: i32| u32::try_from(value).ok().filter(|&number| number > 0);
    Some(CameraMode { size, rate: FrameRate { frames: number(rate.numer())?, seconds: number(rate.denom())? } })
}

fn sizes(structure: &gst::StructureRef) -> Vec<(i32, i32)> {
    if let (Ok(width), Ok(height)) = (structure.get::<i32>("width"), structure.get::<i32>("height")) {
        return vec![(width, height)];
    }
    let within = |field: &str, value: i32| {
        structure.get::<gst::IntRange<i32>>(field).is_ok_and(|range| (range.min()..=range.max()).contains(&value))
            || structure.get::<i32>(field).is_ok_and(|only| only == value)
    };
    USUAL_SIZES.into_iter().filter(|&(width, height)| within("width", width) && within("height", height)).collect()
}

fn rates(structure: &gst::StructureRef) -> Vec<gst::Fraction> {
    if let Ok(rate) = structure.get::<gst::Fraction>("framerate") {
        return vec![rate];
    }
    if let Ok(list) = structure.get::<gst::List>("framerate") {
        return list.iter().filter_map(|rate| rate.get::<gst::Fraction>().ok()).collect();
    }
    let usual = USUAL_RATES.into_iter().map(|rate| gst::Fraction::new(rate, 1));
    match structure.get::<gst::FractionRange>("framerate") {
        Ok(range) => usual.filter(|rate| (range.min()..=range.max()).contains(rate)).collect(),
        // A camera that does not say is asked for what nearly all have.
        Err(_) => vec![gst::Fraction::new(30, 1)],
    }
}

/// The mode that loses least of what was wished: never smaller if one is large enough, then the nearest rate, then the smallest.
fn nearest(forms: &[(CameraMode, gst::Caps)], wish: &CaptureWish) -> Option<(CameraMode, gst::Caps)> {
    let per_second = |rate: FrameRate| f64::from(rate.frames) / f64::from(rate.seconds);
    let score = |mode: &CameraMode| {
        let short = wish.size.width.saturating_sub(mode.size.width) + wish.size.height.saturating_sub(mode.size.height);
        let off = (per_second(mode.rate) - per_second(wish.rate)).abs();
        let area = u64::from(mode.size.width) * u64::from(mode.size.height);
        (short, (off * 100.0) as u64, area)
    };
    forms.iter().min_by_key(|(mode, _)| score(mode)).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caps(text: &str) -> gst::Caps {
        media::start().expect("GStreamer starts");
        text.parse().expect("caps")
    }

    #[test]
    fn the_mode_that_loses_least_is_taken() {
        let caps = caps(
            "video/x-raw,format=YUY2,width=1280,height=720,framerate=(fraction){10/1,5/1};video/x-raw,format=YUY2,width=640,height=480,framerate=30/1;image/jpeg,width=1920,height=1080,framerate=30/1;image/jpeg,width=1280,height=720,framerate=(fraction){60/1,30/1}",
        );
        let forms = forms(&caps);
        let (mode, form) = nearest(&forms, &CaptureWish::default()).expect("one");
        assert_eq!((mode.size.width, mode.size.height, mode.rate), (1280, 720, FrameRate::FPS_30));
        assert!(form.to_string().starts_with("image/jpeg"), "{form}");
        let small = CaptureWish { size: FrameSize { width: 640, height: 360 }, ..CaptureWish::default() };
        let (mode, form) = nearest(&forms, &small).expect("one");
        assert_eq!((mode.size.width, mode.size.height), (640, 480));
        assert!(form.to_string().starts_with("video/x-raw"), "{form}");
    }

    #[test]
    fn a_camera_that_gives_ranges_has_the_usual_modes() {
        let forms = forms(&caps("video/x-raw,width=[1,1920],height=[1,1080],framerate=[1/1,30/1]"));
        assert!(forms.iter().any(|(mode, _)| mode.size.width == 1280 && mode.rate == FrameRate::FPS_30));
        assert!(forms.iter().all(|(mode, _)| mode.rate.frames <= 30));
    }
}
