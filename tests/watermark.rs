//! The invisible mark of an export is found in the file, after what others do to files, and not where there is none.

mod support;

use gstreamer as gst;
use gstreamer::prelude::*;
use kinora_backend::find_watermark;
use kinora_media::GstDecoder;
use kinora_ports::{Decoder, MarkFound};
use kinora_provenance::watermark::LumaMark;
use serde_json::Value;
use std::path::Path;
use support::{Home, said, text};

fn found(path: &Path) -> MarkFound {
    find_watermark(&GstDecoder::new(), &LumaMark, path).expect("it can be read").expect("it shows pictures")
}

/// Decodes, changes and encodes again with another's settings.
fn treat(from: &Path, to: &Path, change: &str, kilobits: u32) {
    let text = format!(
        "filesrc location=\"{}\" ! qtdemux ! h264parse ! avdec_h264 ! videoconvert {change} ! videoconvert \
         ! video/x-raw,format=I420 ! x264enc bitrate={kilobits} speed-preset=veryfast key-int-max=48 \
         ! h264parse ! mp4mux ! filesink location=\"{}\"",
        from.display(),
        to.display()
    );
    gst::init().expect("GStreamer is there");
    let pipeline = gst::parse::launch(&text).expect("the pipeline is made");
    pipeline.set_state(gst::State::Playing).expect("it starts");
    let kinds = [gst::MessageType::Eos, gst::MessageType::Error];
    let end = pipeline.bus().and_then(|bus| bus.timed_pop_filtered(gst::ClockTime::from_seconds(300), &kinds));
    pipeline.set_state(gst::State::Null).expect("it stops");
    assert!(end.is_some_and(|end| end.type_() == gst::MessageType::Eos), "{change} failed");
}

#[test]
fn the_mark_of_a_film_is_read_after_recompression_scaling_cropping_and_a_second_encoding() {
    let home = Home::new();
    let script = home.write("two.fountain", support::TWO_SHOTS);
    let (film, treated, twice) = (home.path("film.mp4"), home.path("treated.mp4"), home.path("twice.mp4"));
    let project = home.path("two.kinora");
    let report =
        home.json(&["film", text(&script), "-o", text(&film), "--size", "1280x720", "--project", text(&project)]);
    let wanted = report["watermark"].as_str().expect("the film is marked").to_owned();
    assert_eq!(found(&film).film.as_deref(), Some(wanted.as_str()), "as exported");
    let half = "! videoscale ! video/x-raw,width=640,height=360";
    let crop = "! videocrop left=6 right=122 top=10 bottom=62";
    for (change, kilobits) in [("", 3000), ("", 1500), ("", 800), (half, 800), (crop, 1500)] {
        treat(&film, &treated, change, kilobits);
        let found = found(&treated);
        assert_eq!(found.film.as_deref(), Some(wanted.as_str()), "{change} {kilobits} kbit/s: {found:?}");
    }
    treat(&film, &treated, "", 1500);
    treat(&treated, &twice, "", 1200);
    assert_eq!(found(&twice).film.as_deref(), Some(wanted.as_str()), "encoded twice");
    // WebM too; and whoever does not want the mark has none.
    let webm = home.path("film.webm");
    home.json(&["film", text(&script), "-o", text(&webm), "--project", text(&project)]);
    assert_eq!(found(&webm).film.as_deref(), Some(wanted.as_str()), "WebM");
    let plain = home.path("plain.mp4");
    let report = home.json(&["film", text(&script), "-o", text(&plain), "--no-watermark", "--project", text(&project)]);
    assert!(report["watermark"].is_null());
    let nothing = found(&plain);
    assert!(!nothing.is_there && nothing.film.is_none(), "{nothing:?}");
}

/// What `kinora verify` says, for programs and for people.
fn verified(home: &Home, file: &Path) -> (Value, String) {
    let run = |rest: &[&str]| home.kinora().args(["verify", text(file)]).args(rest).output().expect("the binary runs");
    let json = run(&["--json"]);
    let value = serde_json::from_slice(&json.stdout).unwrap_or_else(|error| panic!("{error}: {}", said(&json)));
    (value, said(&run(&[])))
}

#[test]
fn verify_says_which_film_a_mark_names_and_what_that_means_when_the_signature_is_gone() {
    let home = Home::new();
    let script = home.write("two.fountain", support::TWO_SHOTS);
    let project = home.path("two.kinora");
    let export = |name: &str, more: &[&str]| {
        let file = home.path(name);
        let usual = ["film", text(&script), "-o", text(&file), "--size", "640x360", "--project", text(&project)];
        let report = home.json(&[&usual[..], more].concat());
        (file, report["watermark"].as_str().map(str::to_owned))
    };
    let (film, wanted) = export("film.mp4", &[]);
    let wanted = wanted.expect("the film is marked");
    let marked = |file: &Path| {
        let (json, words) = verified(&home, file);
        assert_eq!(json["watermark"]["answer"], "looked", "{json}");
        assert_eq!(json["watermark"]["film"], wanted.as_str(), "{json}");
        assert!(words.contains(&format!("Kinora's mark of film {wanted}")) && words.contains("no proof"), "{words}");
        words
    };
    assert!(marked(&film).contains("Signed, and not changed since"));
    // Recompressed, as an upload does: the signature is gone.
    let uploaded = home.path("uploaded.mp4");
    treat(&film, &uploaded, "", 900);
    let words = marked(&uploaded);
    assert!(words.contains("Not signed, but its frames carry") && words.contains("left out or taken away"), "{words}");
    // WebM holds no signature, and a still of the film, as PNG, never had one.
    let (webm, _) = export("film.webm", &[]);
    let words = marked(&webm);
    assert!(words.contains("cannot hold a signed history") && !words.contains("taken away"), "{words}");
    let mut movie = GstDecoder::new().open(&film).expect("the film opens");
    let picture = movie.frame(12).expect("a picture");
    let still = home.path("still.png");
    image::save_buffer(&still, &picture.rgba, picture.width, picture.height, image::ColorType::Rgba8).expect("written");
    assert!(marked(&still).contains("the one frame"));
    // Without a mark that is said, and not held against the file.
    let (plain, none) = export("plain.mp4", &["--no-watermark"]);
    assert_eq!(none, None);
    let (json, words) = verified(&home, &plain);
    assert_eq!(json["watermark"]["is_there"], false);
    assert!(words.contains("No mark was found") && words.contains("may never have had one"), "{words}");
    // What shows no pictures is not looked through.
    let (folder, _) = export("pictures.frames", &[]);
    let sound = std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path());
    let sound = sound.into_iter().find(|path| path.extension().is_some_and(|kind| kind == "wav")).expect("its sound");
    let (json, words) = verified(&home, &sound);
    assert_eq!(json["watermark"]["answer"], "no_pictures", "{json}");
    assert!(words.contains("no pictures that could carry"), "{words}");
}

#[test]
fn another_film_has_another_mark_and_the_same_film_the_same() {
    let home = Home::new();
    let mark = |name: &str, text_of: &str| {
        let script = home.write(&format!("{name}.fountain"), text_of);
        let (film, project) = (home.path(&format!("{name}.mp4")), home.path(&format!("{name}.kinora")));
        let make = || {
            let arguments =
                ["film", text(&script), "-o", text(&film), "--size", "320x180", "--project", text(&project)];
            home.json(&arguments)["watermark"].as_str().expect("marked").to_owned()
        };
        (make(), make())
    };
    let (one, again) = mark("one", support::TWO_SHOTS);
    let (other, _) = mark("other", &support::TWO_SHOTS.replace("blue car", "yellow car"));
    assert_eq!(one, again);
    assert_ne!(one, other);
}
