//! The invisible mark of an export is found in the file, after what others do to files, and not where there is none.

mod support;

use gstreamer as gst;
use gstreamer::prelude::*;
use kinora_backend::find_watermark;
use kinora_media::GstDecoder;
use kinora_ports::MarkFound;
use kinora_provenance::watermark::LumaMark;
use std::path::Path;
use support::{Home, text};

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
