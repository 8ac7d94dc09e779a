//! The stand-ins' side: a flash and a click at each full second, into a virtual camera and a loudspeaker that a virtual microphone hears.
//!
//! Each picture carries its number as a row of light and dark fields, so that a lost one is known by name. When a picture is handed to
//! PipeWire is said on the standard output, in nanoseconds of the machine's steady clock; nothing here knows of the app.

use crate::{HEIGHT, RATE, WIDTH};
use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;
use std::io::Write;

/// Fields of a picture's number, the lowest first.
const FIELDS: usize = 16;
const FIELD: usize = WIDTH / FIELDS;
/// Rows of these fields.
const ROWS: usize = 32;

pub fn play() {
    gst::init().unwrap();
    // Without a pool of PipeWire's own: it gives appsrc one with buffers of no bytes, and then falls over them (0.3.65).
    let line = format!(
        "appsrc name=picture is-live=true format=time do-timestamp=false \
         caps=video/x-raw,format=YUY2,width={WIDTH},height={HEIGHT},framerate={RATE}/1 ! queue max-size-buffers=4 \
         ! identity name=out drop-allocation=true \
         ! pipewiresink mode=provide sync=false stream-properties=\"properties,media.class=Video/Source,media.role=Camera,node.name=cam,node.description=Cam\" \
         appsrc name=sound is-live=true format=time caps=audio/x-raw,format=S16LE,rate=48000,channels=2,layout=interleaved \
         ! queue max-size-buffers=8 ! pulsesink device=virt buffer-time=40000 latency-time=10000"
    );
    let pipeline = gst::parse::launch(&line).unwrap().downcast::<gst::Pipeline>().unwrap();
    let source = |name: &str| pipeline.by_name(name).unwrap().downcast::<gst_app::AppSrc>().unwrap();
    let (picture, sound) = (source("picture"), source("sound"));
    for source in [&picture, &sound] {
        source.set_block(true);
        source.set_max_bytes(4 * 1024 * 1024);
    }
    let (ours, steady) = (pipeline.downgrade(), gst::SystemClock::obtain());
    let out = pipeline.by_name("out").unwrap().static_pad("src").unwrap();
    out.add_probe(gst::PadProbeType::BUFFER, move |_, probe| {
        if let (Some(pipeline), Some(at)) = (ours.upgrade(), probe.buffer().and_then(|buffer| buffer.pts())) {
            wait(&pipeline, at);
            let number = (at.nseconds() * RATE + 500_000_000) / 1_000_000_000;
            // Whoever listened is gone: there is nobody left to play for.
            if writeln!(std::io::stdout(), "{number} {}", steady.time().nseconds()).is_err() {
                std::process::exit(0);
            }
        }
        gst::PadProbeReturn::Ok
    });
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
        let mut bytes = if frame % RATE == 0 && frame > 0 { white.clone() } else { grey.clone() };
        write_number(&mut bytes, frame);
        if push(&picture, bytes, frame * 1_000_000_000 / RATE, 1_000_000_000 / RATE).is_err() {
            break;
        }
    }
    let _ = sounds.join();
}

/// Until the pipeline's clock, which is the loudspeaker's, says that it is time for what is stamped so; as late as the sound will be.
fn wait(pipeline: &gst::Pipeline, stamp: gst::ClockTime) {
    let (Some(clock), Some(base)) = (pipeline.clock(), pipeline.base_time()) else { return };
    let mut query = gst::query::Latency::new();
    let latency = if pipeline.query(&mut query) { query.result().1 } else { gst::ClockTime::ZERO };
    let _ = clock.new_single_shot_id(base + stamp + latency).wait();
}

fn write_number(bytes: &mut [u8], number: u64) {
    for row in bytes.chunks_exact_mut(WIDTH * 2).take(ROWS) {
        for (field, pixels) in row.chunks_exact_mut(FIELD * 2).enumerate() {
            let light = number >> field & 1 == 1;
            pixels.iter_mut().step_by(2).for_each(|luma| *luma = if light { 235 } else { 16 });
        }
    }
}

/// The number that a picture carries, from its luma.
pub fn number(luma: &[u8]) -> u64 {
    let row = &luma[ROWS / 2 * WIDTH..][..WIDTH];
    row.chunks_exact(FIELD).enumerate().map(|(field, pixels)| u64::from(pixels[FIELD / 2] > 125) << field).sum()
}

fn push(source: &gst_app::AppSrc, bytes: Vec<u8>, at: u64, length: u64) -> Result<(), gst::FlowError> {
    let mut buffer = gst::Buffer::from_mut_slice(bytes);
    if let Some(buffer) = buffer.get_mut() {
        buffer.set_pts(gst::ClockTime::from_nseconds(at));
        buffer.set_duration(gst::ClockTime::from_nseconds(length));
    }
    source.push_buffer(buffer).map(drop)
}
