//! Takes and the other lossless containers: exact to the bit, the same bytes for the same take, found again picture by picture.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking and prints what it measured")]

mod common;

use common::{film, names, open, picture, settings, sound_frames, tone};
use kinora_document::{FrameRate, MediaKind};
use kinora_media::decode::open_stream;
use kinora_media::{GstEncoder, contact_sheet, png_file, thumbnail};
use kinora_ports::media::Container;
use kinora_ports::{Encoder, Pixels, Sound};

#[test]
fn a_take_gives_back_every_pixel_and_every_sample() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("take.mov");
    let settings = settings(Container::Take, 130, 75, FrameRate::FPS_23_976);
    film(&GstEncoder::new(), &settings, 50, &path).unwrap();
    let mut movie = open(&path);
    assert_eq!(
        (movie.info().frames, movie.info().rate, movie.info().size),
        (50, Some(FrameRate::FPS_23_976), Some(settings.size))
    );
    for index in (0..50).rev() {
        assert_eq!(movie.frame(index).unwrap(), picture(130, 75, index), "picture {index}");
    }
    let (sound, wanted) = (movie.sound().unwrap().unwrap(), tone(sound_frames(settings.rate, 50)));
    assert_eq!((sound.sample_rate, sound.channels, sound.samples.len()), (Sound::FILM_RATE, 2, wanted.len()));
    let worst = sound.samples.iter().zip(&wanted).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(worst <= 0.502 / 32_767.0, "off by {worst}");
}

#[test]
fn other_programs_read_takes_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("take.mov");
    film(&GstEncoder::new(), &settings(Container::Take, 128, 72, FrameRate::FPS_24), 30, &path).unwrap();
    let mut movie = open_stream(&path).unwrap();
    assert_eq!((movie.info().frames, movie.info().has_sound), (30, true));
    for index in [0, 1, 2, 29, 12] {
        assert_eq!(movie.frame(index).unwrap(), picture(128, 72, index), "picture {index}");
    }
    assert_eq!(movie.sound().unwrap().unwrap().frames(), 60_000);
}

#[test]
fn the_same_take_has_the_same_bytes_whatever_order_its_sound_came_in() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(Container::Take, 96, 64, FrameRate::FPS_24);
    let sound = tone(48_000);
    let mut files = Vec::new();
    for order in 0..3 {
        let path = folder.path().join("take.mov");
        let mut encoding = GstEncoder::new().start(&settings, &path).unwrap();
        if order == 0 {
            encoding.sound(&sound).unwrap();
        }
        for index in 0..24 {
            encoding.picture(&picture(96, 64, index)).unwrap();
            if order == 1 {
                encoding.sound(&sound[index as usize * 4000..][..4000]).unwrap();
            }
        }
        if order == 2 {
            encoding.sound(&sound).unwrap();
        }
        encoding.finish().unwrap();
        files.push(std::fs::read(&path).unwrap());
    }
    assert!(files[0] == files[1] && files[1] == files[2]);
}

#[test]
fn sound_at_another_rate_is_brought_to_the_films() {
    let folder = tempfile::tempdir().unwrap();
    for container in [Container::Take, Container::Mp4] {
        let path = folder.path().join("take.mov");
        let mut settings = settings(container, 64, 64, FrameRate::FPS_12);
        (settings.sound_rate, settings.sound_channels) = (Some(16_000), 1);
        let mut encoding = GstEncoder::new().start(&settings, &path).unwrap();
        (0..24).for_each(|index| encoding.picture(&picture(64, 64, index)).unwrap());
        let tone: Vec<f32> =
            (0..32_000).map(|i| (i as f32 / 16_000.0 * 440.0 * std::f32::consts::TAU).sin() * 0.5).collect();
        encoding.sound(&tone).unwrap();
        encoding.finish().unwrap();
        let sound = open(&path).sound().unwrap().unwrap();
        assert!((sound.frames() as i64 - 96_000).abs() < 2_000, "{container:?}: {}", sound.frames());
        let left: Vec<f32> = sound.samples.iter().step_by(2).copied().collect();
        let crossings = left[9_600..86_400].windows(2).filter(|w| w[0] < 0.0 && w[1] >= 0.0).count();
        assert!((crossings as i64 - 704).abs() <= 2, "{container:?}: {crossings} periods in 1.6 s of 440 Hz");
    }
}

#[test]
fn a_picture_sequence_is_a_folder_that_appears_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Mein Film");
    let settings = settings(Container::PngSequence, 33, 21, FrameRate::FPS_25);
    for count in [30, 12] {
        // The second replaces the first entirely.
        film(&GstEncoder::new(), &settings, count, &path).unwrap();
        let names = names(&path);
        assert_eq!(names.len(), count as usize + 1);
        assert_eq!((names[0].as_str(), names[count as usize].as_str()), ("Mein Film.0001.png", "Mein Film.wav"));
        let last = std::fs::read(path.join(format!("Mein Film.{count:04}.png"))).unwrap();
        assert_eq!(png_file::decode(&last).unwrap(), picture(33, 21, count - 1));
        let mut wav = open(&path.join("Mein Film.wav"));
        assert_eq!((wav.info().kind, wav.info().frames), (MediaKind::Sound, 0));
        let sound = wav.sound().unwrap().unwrap();
        assert_eq!(sound.frames(), sound_frames(settings.rate, count));
        let wanted = tone(sound.frames());
        assert!(sound.samples.iter().zip(&wanted).all(|(a, b)| (a - b).abs() < 1e-6));
    }
    assert_eq!(common::names(folder.path()), ["Mein Film"]);
    // A folder with anything else in it is not ours to replace.
    std::fs::write(path.join("letters.txt"), "mine").unwrap();
    assert!(GstEncoder::new().start(&settings, &path).is_err());
    assert!(path.join("letters.txt").exists());
}

#[test]
fn a_contact_sheet_is_an_animated_png_whose_first_picture_stands_alone() {
    let folder = tempfile::tempdir().unwrap();
    for (count, stride_needed) in [(1, false), (5, false), (60, false), (900, true)] {
        let path = folder.path().join("sheet.png");
        let settings = settings(Container::ContactSheet, 64, 36, FrameRate::FPS_24);
        film(&GstEncoder::new(), &settings, count, &path).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        let still = png_file::decode(&bytes).unwrap();
        assert!(still.width >= 64 && still.height >= 36);
        let animated = bytes.windows(4).any(|w| w == b"acTL");
        assert_eq!(animated, count >= 24, "{count} {stride_needed}");
        assert_eq!(open(&path).info().kind, MediaKind::Picture);
    }
}

#[test]
fn pictures_are_read_with_their_alpha_and_made_small_in_shape() {
    let folder = tempfile::tempdir().unwrap();
    let mut glass = picture(40, 20, 3);
    glass.rgba[3] = 17;
    for (name, pixels) in [("a.png", &glass), ("b.png", &picture(41, 23, 9))] {
        let path = folder.path().join(name);
        std::fs::write(&path, png_file::encode(pixels).unwrap()).unwrap();
        let mut still = open(&path);
        assert_eq!((still.info().kind, still.info().frames, still.info().has_sound), (MediaKind::Picture, 1, false));
        assert_eq!(&still.frame(5).unwrap(), pixels);
    }
    let jpeg = folder.path().join("c.jpg");
    let rgb: Vec<u8> = picture(64, 48, 1).rgba.as_chunks::<4>().0.iter().flat_map(|p| [p[0], p[1], p[2]]).collect();
    image::RgbImage::from_raw(64, 48, rgb).unwrap().save(&jpeg).unwrap();
    assert!(common::difference(&open(&jpeg).frame(0).unwrap(), &picture(64, 48, 1)) < 6.0);
    let small = thumbnail(&picture(1920, 1080, 0), 320, 320);
    assert_eq!((small.width, small.height), (320, 180));
    assert_eq!(thumbnail(&small, 4000, 4000), small);
    let sheet = contact_sheet(&[&small, &small, &small], 2);
    assert_eq!((sheet.width, sheet.height), (2 * 324 + 4, 2 * 184 + 4));
    assert!(contact_sheet(&[], 3).width > 0);
    let _: Pixels = sheet;
}
