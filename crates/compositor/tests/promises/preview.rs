//! The monitor's picture and the exporter's are the same bytes, in whatever order they are asked for.

use crate::film;
use crate::studio::*;
use kinora_compositor::{Compositor, Executor, FrameCompositor};
use kinora_ports::fakes::compositor_contract;
use kinora_ports::{Pixels, VideoFrame};
use std::sync::Arc;

fn preview_is_export(executor: Executor, frames: i64, width: u32, height: u32) {
    let open = || FrameCompositor::open(executor).expect("opens");
    let (mut monitor, mut exporter) = (open(), open());
    let mut pictures = album();
    // The export goes from the first frame to the last, the monitor is scrubbed.
    let exported: Vec<_> = (0..frames)
        .map(|frame| exporter.render_video(&film::frame(frame, width, height), &mut pictures).expect("renders"))
        .collect();
    for step in 0..frames {
        let frame = step * 73 % frames;
        let seen = monitor.render(&film::frame(frame, width, height), &mut pictures).expect("renders");
        let exported = exported.get(frame as usize).expect("exported");
        assert!(VideoFrame::of(&seen) == **exported, "frame {frame} of the monitor is not that of the export");
    }
}

#[test]
fn every_executor_keeps_the_contract_of_compositors() {
    for executor in [Executor::Processor, Executor::SoftwareDevice] {
        let mut compositor = FrameCompositor::open(executor).expect("opens");
        for (frame, (width, height)) in (0..film::FRAMES).step_by(7).zip([(64, 36), (33, 17), (2, 2)].iter().cycle()) {
            let plan = film::frame(frame, *width, *height);
            compositor_contract(&mut compositor, &plan, &mut album()).expect("the contract");
        }
    }
}

#[test]
fn preview_equals_export_for_200_frames() {
    preview_is_export(Executor::Processor, film::FRAMES, 320, 180);
}

#[test]
fn preview_equals_export_on_a_device() {
    preview_is_export(Executor::SoftwareDevice, film::FRAMES, 96, 54);
}

#[test]
fn a_plan_that_looks_the_same_is_not_made_again() {
    let mut compositor = processor();
    let mut pictures = album();
    let mut distinct: Vec<Arc<Pixels>> = Vec::new();
    for frame in 20..40 {
        let pixels = compositor.render(&film::frame(frame, 64, 36), &mut pictures).expect("renders");
        if !distinct.last().is_some_and(|last| Arc::ptr_eq(last, &pixels)) {
            distinct.push(pixels);
        }
    }
    assert_eq!(distinct.len(), 10, "20 frames of a take of half the rate are 10 pictures");
    assert!(pictures.asked <= 10, "each is fetched once");
    // Grain moves although the take does not.
    let a = compositor.render(&film::frame(100, 64, 36), &mut pictures).expect("renders");
    let b = compositor.render(&film::frame(101, 64, 36), &mut pictures).expect("renders");
    assert_ne!(a.rgba, b.rgba);
}
