//! Bad input: each file that cannot be read, and each film that cannot be written, is answered in words and in time.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking and prints what it measured")]

mod common;

use common::{film, grey, names, picture, settings, tone};
use kinora_document::FrameRate;
use kinora_media::{GstDecoder, GstEncoder};
use kinora_ports::media::Container;
use kinora_ports::{Decoder, Encoder, PortError};
use std::path::Path;
use std::time::{Duration, Instant};

fn sentence(error: &PortError) -> String {
    let text = error.to_string();
    assert!(text.len() > 30 && text.trim_end().ends_with(['.', '?']), "no sentence: {text}");
    text
}

/// Opens, reads some pictures and the sound; an error is as good as an answer, but both must come soon.
fn try_to_read(path: &Path) -> Result<(), PortError> {
    let mut movie = GstDecoder.open(path)?;
    for index in [0, 1, 7, u32::MAX] {
        movie.frame(index)?;
    }
    movie.sound().map(|_| ())
}

#[test]
fn damaged_and_foreign_files_are_answered_within_five_seconds() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let write = |name: &str, container| {
        film(&GstEncoder::new(), &settings(container, 160, 96, FrameRate::FPS_24), 24, &at(name)).unwrap();
        std::fs::read(at(name)).unwrap()
    };
    let (mp4, webm, take) =
        (write("a.mp4", Container::Mp4), write("a.webm", Container::WebM), write("a.mov", Container::Take));
    let png = kinora_media::png_file::encode(&picture(64, 64, 0)).unwrap();
    let flipped = |bytes: &[u8], every: usize, from: usize| {
        let mut bytes = bytes.to_vec();
        bytes.iter_mut().skip(from).step_by(every).for_each(|byte| *byte ^= 0x5a);
        bytes
    };
    let mut seed = 1u32;
    let noise: Vec<u8> = (0..100_000)
        .map(|_| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 24) as u8
        })
        .collect();
    let huge_png = {
        let mut bytes = png.clone();
        bytes[16..24].copy_from_slice(&[0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff]);
        bytes
    };
    // A header that promises four billion samples.
    let lying = {
        let mut bytes = take.clone();
        let at = bytes.windows(4).position(|w| w == b"stsz").unwrap();
        bytes[at + 8..at + 16].copy_from_slice(&[0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff]);
        bytes
    };
    let nested = [&b"\0\0\0\x18ftypisom\0\0\0\0isommp42"[..], &b"\0\0\xff\xffmoov".repeat(20_000)].concat();
    let wave = [
        &b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\x01\0\x02\0\0\0\0\0\0\0\0\0\0\0\x10\0data\xff\xff\xff\xff"[..],
        &noise,
    ]
    .concat();
    let cases: Vec<(&str, Vec<u8>, bool)> = vec![
        ("empty.mp4", vec![], true),
        ("noise.mp4", noise.clone(), true),
        ("text.mov", b"INT. KITCHEN - NIGHT\n\nA dog.\n".repeat(50), true),
        ("half.mp4", mp4[..mp4.len() / 2].to_vec(), false),
        ("no_media.mp4", mp4[..2_000].to_vec(), true),
        ("header_only.mp4", mp4[..40].to_vec(), true),
        ("flipped_header.mp4", flipped(&mp4[..], 97, 60), false),
        ("flipped_media.mp4", flipped(&mp4[..], 61, 4_000), false),
        ("noise_media.mp4", [&mp4[..4_000], &noise].concat(), false),
        ("half.webm", webm[..webm.len() / 2].to_vec(), false),
        ("flipped.webm", flipped(&webm[..], 53, 100), false),
        ("header.webm", webm[..30].to_vec(), true),
        // Its pictures are whole, its sound is not.
        ("half_take.mov", take[..take.len() / 2].to_vec(), false),
        ("flipped_take.mov", flipped(&take[..], 1_013, 3_000), false),
        ("lying_take.mov", lying, false),
        ("half.png", png[..png.len() / 2].to_vec(), true),
        ("huge.png", huge_png, true),
        ("fake.jpg", [&b"\xff\xd8\xff\xe0"[..], &noise].concat(), true),
        ("nested.mp4", nested, true),
        ("broken.wav", wave, false),
        ("program.mp4", [&b"\x7fELF\x02\x01\x01\0"[..], &noise].concat(), true),
        ("zip.webm", [&b"PK\x03\x04"[..], &noise].concat(), true),
    ];
    for (name, bytes, hopeless) in cases {
        std::fs::write(at(name), bytes).unwrap();
        let start = Instant::now();
        let answer = try_to_read(&at(name));
        let took = start.elapsed();
        println!("{name}: {} after {took:?}", if answer.is_ok() { "read" } else { "refused" });
        assert!(took < Duration::from_secs(5), "{name} took {took:?}");
        match answer {
            Ok(()) => assert!(!hopeless, "{name} was read"),
            Err(error) => _ = sentence(&error),
        }
    }
    for path in [at("not there.mp4"), folder.path().to_owned()] {
        sentence(&GstDecoder.open(&path).err().unwrap());
    }
}

#[test]
fn what_cannot_be_written_is_refused_in_words_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("film.mp4");
    let good = settings(Container::Mp4, 64, 64, FrameRate::FPS_24);
    let start = |width, height, rate, channels| {
        let mut settings = settings(Container::Mp4, width, height, rate);
        settings.sound_channels = channels;
        GstEncoder::new().start(&settings, &path)
    };
    let zero_rate = FrameRate { frames: 0, seconds: 0 };
    for refused in [
        start(65, 64, FrameRate::FPS_24, 2),
        start(64, 63, FrameRate::FPS_24, 2),
        start(0, 0, FrameRate::FPS_24, 2),
        start(100_000, 64, FrameRate::FPS_24, 2),
        start(64, 64, zero_rate, 2),
        start(64, 64, FrameRate { frames: 9_000, seconds: 1 }, 2),
        start(64, 64, FrameRate::FPS_24, 6),
        GstEncoder::new().start(&good, &folder.path().join("no such folder/film.mp4")),
        GstEncoder::new().start(&good, folder.path()),
        GstEncoder::new().start(&good, Path::new("/proc/film.mp4")),
        GstEncoder::new().start(&good, Path::new("..")),
    ] {
        sentence(&refused.err().unwrap());
    }
    for container in [Container::Mp4, Container::WebM, Container::Take, Container::PngSequence, Container::ContactSheet]
    {
        // No pictures at all.
        let empty = GstEncoder::new().start(&settings(container, 64, 64, FrameRate::FPS_24), &path).unwrap();
        sentence(&empty.finish().unwrap_err());
        // A picture of another size.
        let mut wrong = GstEncoder::new().start(&settings(container, 64, 64, FrameRate::FPS_24), &path).unwrap();
        sentence(&wrong.picture(&picture(66, 64, 0)).unwrap_err());
        // Given up in the middle.
        wrong.picture(&picture(64, 64, 0)).unwrap();
        wrong.sound(&tone(100)).unwrap();
        drop(wrong);
        assert_eq!(names(folder.path()), Vec::<String>::new(), "{container:?}");
    }
    let first = GstEncoder::new().start(&good, &path).unwrap();
    let text = sentence(&GstEncoder::new().start(&good, &path).err().unwrap());
    assert!(text.contains("another export"), "{text}");
    drop(first);
}

#[test]
fn sound_that_is_no_number_does_not_silence_the_film() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("film.mp4");
    let mut encoding = GstEncoder::new().start(&settings(Container::Mp4, 64, 64, FrameRate::FPS_24), &path).unwrap();
    encoding.sound(&[f32::NAN, f32::INFINITY, 1e30, -1e30]).unwrap();
    encoding.sound(&tone(47_998)).unwrap();
    (0..24).for_each(|_| encoding.picture(&grey(64, 64, 90)).unwrap());
    encoding.finish().unwrap();
    let sound = common::open(&path).sound().unwrap().unwrap();
    assert!(sound.samples.iter().any(|s| s.abs() > 0.2) && sound.samples.iter().all(|s| s.is_finite()));
}
