//! The mark in frames: it cannot be seen, is found again after what happens to pictures, and is not found where there is none.
//!
//! Codecs are not in this crate; what H.264 does to a mark is tried in `tests/watermark.rs` of the workspace.

use kinora_document::FrameSize;
use kinora_ports::{FilmMark, Pixels, VideoFrame, Watermark};
use kinora_provenance::watermark::{LARGEST_CHANGE, LumaMark, Marker, Payload, Seeker};

const SIZE: FrameSize = FrameSize { width: 640, height: 360 };
const FILM: u64 = 0x0a1_b2c3_d4e5;

/// Luma of a picture as films have them, moving: sky, hills, something crossing, and the grain of a sensor.
fn scene(kind: u32, number: u32, size: FrameSize) -> Vec<u8> {
    let mut seed = (number + 1).wrapping_mul(7919) ^ kind.wrapping_mul(104_729);
    let mut grain = move || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 24) as f32 / 128.0 - 1.0
    };
    let at = number as f32;
    (0..size.width * size.height)
        .map(|place| {
            let (px, py) = ((place % size.width) as f32, (place / size.width) as f32);
            let (x, y) = (px / size.width as f32, py / size.height as f32);
            let value = match kind % 4 {
                0 if (x - 0.2 - at * 0.003).hypot(y - 0.5) < 0.1 => 90.0,
                0 if y > 0.7 + 0.05 * (x * 6.0 + at * 0.01).sin() => 70.0 + 30.0 * y,
                0 => 150.0 + 50.0 * y,
                1 => {
                    120.0
                        + 40.0 * ((px + at * 2.0) * 0.11).sin() * ((py + at) * 0.07).cos()
                        + 15.0 * (px * 1.3 - py).sin()
                }
                // A title on black: nothing moves, and half of the mark falls below black.
                2 if (y - 0.5).abs() < 0.06 && ((x * 40.0) as u32).is_multiple_of(3) => 220.0,
                2 => 16.0,
                _ => 60.0 + 100.0 * (x + at * 0.01).fract() + 20.0 * (y * 30.0).sin().signum(),
            };
            (value + if kind % 4 == 2 { 0.0 } else { grain() * 1.5 }).clamp(16.0, 235.0) as u8
        })
        .collect()
}

fn marked(kind: u32, number: u32, size: FrameSize) -> Vec<u8> {
    let mut luma = scene(kind, number, size);
    let marker = Marker::new(Payload::of(FILM), size.width, size.height).expect("large enough");
    marker.mark(&mut luma);
    luma
}

/// Each pixel the mean of four.
fn halved(luma: &[u8], size: FrameSize) -> Vec<u8> {
    let at = |x: u32, y: u32| u32::from(luma[(y * size.width + x) as usize]);
    let mean = |x, y| ((at(x, y) + at(x + 1, y) + at(x, y + 1) + at(x + 1, y + 1) + 2) / 4) as u8;
    (0..size.height / 2).flat_map(|y| (0..size.width / 2).map(move |x| mean(x * 2, y * 2))).collect()
}

fn cropped(luma: &[u8], size: FrameSize, [left, top, width, height]: [u32; 4]) -> Vec<u8> {
    let row = |y: u32| ((top + y) * size.width + left) as usize;
    (0..height).flat_map(|y| luma[row(y)..row(y) + width as usize].to_vec()).collect()
}

#[test]
fn no_frame_is_changed_by_more_than_two_levels_or_falls_below_42_decibels() {
    for kind in 0..4 {
        for number in [0, 7, 100] {
            let (plain, marked) = (scene(kind, number, SIZE), marked(kind, number, SIZE));
            let off = plain.iter().zip(&marked).map(|(a, b)| a.abs_diff(*b));
            assert!(off.clone().all(|off| off <= LARGEST_CHANGE));
            let noise = off.map(|off| f64::from(off).powi(2)).sum::<f64>() / plain.len() as f64;
            let ratio = 10.0 * (255.0 * 255.0 / noise).log10();
            assert!(ratio >= 42.0, "scene {kind}, frame {number}: {ratio:.1} dB");
            assert!(marked.iter().all(|value| (16..=235).contains(value)), "outside the range of video");
        }
    }
}

#[test]
fn the_same_frame_is_marked_the_same_and_its_colour_stays() {
    let mut pixels = Pixels::new(SIZE.width, SIZE.height);
    for (place, pixel) in pixels.rgba.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        *pixel = [(place % 251) as u8, (place / 640 % 241) as u8, 90, 255];
    }
    let frame = VideoFrame::of(&pixels);
    let marker = LumaMark.marker(FilmMark(FILM), SIZE.width, SIZE.height).expect("large enough");
    let (once, again) = (marker.marked(&frame), marker.marked(&frame));
    assert!(once == again && once != frame);
    let luma = (SIZE.width * SIZE.height) as usize;
    assert!(once.i420[luma..] == frame.i420[luma..]);
}

#[test]
fn a_mark_is_read_whole_halved_and_cropped() {
    let half = FrameSize { width: SIZE.width / 2, height: SIZE.height / 2 };
    let part = [24, 14, SIZE.width * 9 / 10, SIZE.height * 9 / 10];
    for kind in 0..4 {
        let frames: Vec<_> = (0..24).map(|number| marked(kind, number * 5, SIZE)).collect();
        let read = |what: &str, width: u32, height: u32, change: &dyn Fn(&[u8]) -> Vec<u8>| {
            let mut seeker = Seeker::new(width, height).expect("large enough");
            frames.iter().for_each(|frame| seeker.add(&change(frame)));
            let found = seeker.find();
            let payload = found.payload.map(Payload::id);
            assert_eq!(payload, Some(FILM), "scene {kind}, {what}: strength {}", found.strength);
        };
        read("as it was", SIZE.width, SIZE.height, &<[u8]>::to_vec);
        read("halved", half.width, half.height, &|frame| halved(frame, SIZE));
        read("cropped", part[2], part[3], &|frame| cropped(frame, SIZE, part));
    }
}

#[test]
fn upright_frames_and_odd_sizes_carry_it_too_and_thumbnails_are_left_alone() {
    for (width, height) in [(360, 640), (353, 287), (320, 180)] {
        let size = FrameSize { width, height };
        let mut seeker = Seeker::new(width, height).expect("large enough");
        (0..24).for_each(|number| seeker.add(&marked(0, number * 5, size)));
        assert_eq!(seeker.find().payload.map(Payload::id), Some(FILM), "{width}×{height}");
    }
    assert!(LumaMark.marker(FilmMark(FILM), 64, 64).is_none() && LumaMark.seeker(40, 40).is_none());
}

#[test]
fn what_was_never_marked_says_nothing() {
    let mut strongest = 0f32;
    for kind in 0..4 {
        for start in [0, 40, 80] {
            let mut seeker = Seeker::new(SIZE.width, SIZE.height).expect("large enough");
            (0..8).for_each(|number| seeker.add(&scene(kind, start + number * 4, SIZE)));
            let found = seeker.find();
            assert!(!found.is_there && found.payload.is_none(), "scene {kind}: strength {}", found.strength);
            strongest = strongest.max(found.strength);
        }
    }
    assert!(strongest < 7.0, "chance comes close to the threshold: {strongest}");
}

#[test]
fn frames_of_another_size_or_none_at_all_are_no_mark_and_no_panic() {
    let mut seeker = Seeker::new(200, 200).expect("large enough");
    assert!(!seeker.find().is_there);
    seeker.add(&[0; 7]);
    assert_eq!(seeker.find().frames, 0);
    let marker = Marker::new(Payload::of(FILM), 200, 200).expect("large enough");
    let mut short = vec![90; 40];
    marker.mark(&mut short);
    assert!(short.iter().all(|value| *value == 90));
}
