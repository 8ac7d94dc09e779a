//! What an exported film promises about its file: codec, colours, rate, length, header first, sound in step.
//!
//! The file is judged by our own box reader and by decoding it again with GStreamer.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking and prints what it measured")]

mod common;

use common::{RATE, brightness, difference, film, grey, open, picture, settings, sound_frames};
use kinora_document::FrameRate;
use kinora_media::GstEncoder;
use kinora_media::isobmff::{BoxedMovie, TrackKind, sps};
use kinora_ports::Encoder;
use kinora_ports::media::Container;
use std::fs::File;
use std::path::Path;

fn boxes(path: &Path) -> BoxedMovie {
    BoxedMovie::read(&mut File::open(path).unwrap()).unwrap().expect("an MP4 header")
}

#[test]
fn every_film_rate_gives_an_exact_film_with_its_colours_tagged_twice() {
    let folder = tempfile::tempdir().unwrap();
    for rate in FrameRate::FILM_RATES {
        let path = folder.path().join(format!("{rate} é ' \" film.mp4"));
        let settings = settings(Container::Mp4, 320, 192, rate);
        film(&GstEncoder::new(), &settings, 61, &path).unwrap();
        let movie = boxes(&path);
        assert!(movie.moov_before_mdat);
        let (video, audio) = (movie.track(TrackKind::Video).unwrap(), movie.track(TrackKind::Audio).unwrap());
        assert_eq!(video.count, 61);
        assert_eq!(
            u64::from(video.timescale) * u64::from(rate.seconds),
            u64::from(video.even_duration.unwrap()) * u64::from(rate.frames)
        );
        assert_eq!(movie.duration, 61 * u64::from(video.even_duration.unwrap()));
        assert_eq!(video.edit.unwrap().0, movie.duration);
        assert_eq!(audio.edit.unwrap().0, movie.duration);
        assert_eq!((&video.codec, &audio.codec, audio.sample_rate), (b"avc1", b"mp4a", RATE));
        let facts = sps::from_avc_config(video.avc_config.as_ref().unwrap()).unwrap();
        assert_eq!((facts.profile, facts.chroma_format, facts.bit_depth), (100, 1, 8));
        assert_eq!(facts.colour, Some(sps::StreamColour { primaries: 1, transfer: 1, matrix: 1, full_range: false }));
        assert_eq!(video.container_colour, Some((1, 1, 1, false)));

        let mut read = open(&path);
        assert_eq!((read.info().rate, read.info().frames, read.info().length), (Some(rate), 61, rate.frame_start(61)));
        assert_eq!((read.info().size, read.info().has_sound), (Some(settings.size), true));
        for index in [0, 1, 30, 60] {
            let off = difference(&read.frame(index).unwrap(), &picture(320, 192, index));
            assert!(off < 3.0, "{rate}: picture {index} is off by {off}");
        }
        let sound = read.sound().unwrap().unwrap();
        let one_frame = sound_frames(rate, 1) as i64;
        assert!(
            (sound.frames() as i64 - sound_frames(rate, 61) as i64).abs() <= one_frame,
            "{rate}: {} sound frames",
            sound.frames()
        );
    }
}

#[test]
fn both_software_encoders_keep_the_promise_and_say_their_names() {
    let folder = tempfile::tempdir().unwrap();
    for (element, name) in [("x264enc", "x264"), ("openh264enc", "OpenH264")] {
        let path = folder.path().join("film.mp4");
        let written =
            film(&GstEncoder::with_h264(element), &settings(Container::Mp4, 640, 360, FrameRate::FPS_24), 30, &path)
                .unwrap();
        assert_eq!(written, name);
        let mut movie = open(&path);
        for index in [0, 17, 29] {
            let off = difference(&movie.frame(index).unwrap(), &picture(640, 360, index));
            assert!(off < 3.0, "{name}: {off}");
        }
    }
}

/// A flash and a click in the same instant, once a second.
#[test]
fn a_click_stays_with_its_flash_at_every_rate() {
    let folder = tempfile::tempdir().unwrap();
    for container in [Container::Mp4, Container::WebM, Container::Take] {
        for rate in FrameRate::FILM_RATES {
            let path = folder.path().join("click.bin");
            let flashes: Vec<u32> = (0..3)
                .map(|second| rate.nearest_frame(kinora_document::Ticks::from_millis(second * 1000 + 500)) as u32)
                .collect();
            let clicks: Vec<usize> =
                flashes.iter().map(|&frame| rate.frame_start(i64::from(frame)).to_samples(RATE) as usize).collect();
            let count = rate.nearest_frame(kinora_document::Ticks::from_seconds(3)) as u32;
            let mut encoding = GstEncoder::new().start(&settings(container, 64, 48, rate), &path).unwrap();
            let mut sound = vec![0.0f32; sound_frames(rate, count) * 2];
            for &click in &clicks {
                sound[click * 2] = 0.9;
                sound[click * 2 + 1] = 0.9;
            }
            // The sound far ahead of the pictures: neither order may matter.
            encoding.sound(&sound).unwrap();
            for index in 0..count {
                encoding.picture(&grey(64, 48, if flashes.contains(&index) { 250 } else { 20 })).unwrap();
            }
            encoding.finish().unwrap();
            let mut movie = open(&path);
            let seen: Vec<u32> =
                (0..movie.info().frames).filter(|&index| brightness(&movie.frame(index).unwrap()) > 140.0).collect();
            assert_eq!(seen, flashes, "{container:?} at {rate}");
            let heard = movie.sound().unwrap().unwrap();
            for &click in &clicks {
                let from = click.saturating_sub(4_000);
                let window = &heard.samples[from * 2..((click + 4_000) * 2).min(heard.samples.len())];
                let loudest =
                    window.iter().step_by(2).enumerate().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs())).unwrap().0
                        + from;
                let late = loudest as i64 - click as i64;
                println!("{container:?} {rate}: click late by {late} samples");
                assert!(late.abs() <= 48, "{container:?} at {rate}: click late by {late} samples");
            }
        }
    }
}

#[test]
fn the_same_film_twice_has_identical_decoded_frames() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(Container::Mp4, 320, 192, FrameRate::FPS_30);
    let (first, second) = (folder.path().join("a.mp4"), folder.path().join("b.mp4"));
    for path in [&first, &second] {
        film(&GstEncoder::new(), &settings, 40, path).unwrap();
    }
    let (mut a, mut b) = (open(&first), open(&second));
    for index in 0..40 {
        assert_eq!(a.frame(index).unwrap(), b.frame(index).unwrap(), "picture {index}");
    }
    assert!(a.sound().unwrap() == b.sound().unwrap());
    assert!(std::fs::read(&first).unwrap() == std::fs::read(&second).unwrap(), "and even identical bytes");
}

#[test]
fn any_frame_can_be_asked_for_in_any_order() {
    let folder = tempfile::tempdir().unwrap();
    for container in [Container::Mp4, Container::WebM, Container::Take] {
        let path = folder.path().join("film.bin");
        film(&GstEncoder::new(), &settings(container, 160, 96, FrameRate::FPS_29_97), 150, &path).unwrap();
        let mut movie = open(&path);
        assert_eq!(movie.info().frames, 150, "{container:?}");
        for index in [149, 0, 75, 74, 76, 10, 149, 3, 400] {
            let off = difference(&movie.frame(index).unwrap(), &picture(160, 96, index.min(149)));
            let neighbour =
                difference(&movie.frame(index).unwrap(), &picture(160, 96, index.min(149).wrapping_sub(4) % 150));
            assert!(
                off < 6.0 && off < neighbour,
                "{container:?}: picture {index} is off by {off}, its neighbour by {neighbour}"
            );
        }
    }
}

#[test]
fn a_repeated_picture_and_short_or_long_sound_end_with_the_film() {
    let folder = tempfile::tempdir().unwrap();
    for container in [Container::Mp4, Container::WebM, Container::Take] {
        for sound in [0usize, 12_000, 200_000] {
            let path = folder.path().join("film.bin");
            let mut encoding = GstEncoder::new().start(&settings(container, 64, 64, FrameRate::FPS_25), &path).unwrap();
            assert!(encoding.repeat_picture().is_err(), "nothing to repeat yet");
            encoding.picture(&picture(64, 64, 3)).unwrap();
            encoding.sound(&common::tone(sound)).unwrap();
            (1..50).for_each(|_| encoding.repeat_picture().unwrap());
            encoding.finish().unwrap();
            let mut movie = open(&path);
            assert_eq!(movie.info().frames, 50, "{container:?}");
            assert!(difference(&movie.frame(49).unwrap(), &picture(64, 64, 3)) < 6.0);
            let frames = movie.sound().unwrap().unwrap().frames() as i64;
            assert!((frames - 96_000).abs() <= 1920, "{container:?} with {sound}: {frames} sound frames");
        }
    }
}

#[test]
fn a_silent_film_has_no_sound_track() {
    let folder = tempfile::tempdir().unwrap();
    for container in [Container::Mp4, Container::WebM, Container::Take] {
        let path = folder.path().join("film.bin");
        let mut settings = settings(container, 64, 64, FrameRate::FPS_24);
        settings.sound_rate = None;
        film(&GstEncoder::new(), &settings, 24, &path).unwrap();
        let mut movie = open(&path);
        assert!(!movie.info().has_sound && movie.sound().unwrap().is_none(), "{container:?}");
    }
}
