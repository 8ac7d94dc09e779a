//! A recorded cameo in the film: a layer cut out of its surroundings and a voice of its own, shown while the consent holds and not a moment
//! longer, and never a byte of it in the project.

#[path = "support/plain.rs"]
mod plain;
#[path = "support/studio.rs"]
mod studio;

use kinora_api::{CutOut, PlaceCameo};
use kinora_backend::{ExportOrder, NewCameo, OpenFilm, Recorder, RecorderState, verify};
use kinora_document::plan::{Layer, PictureSource};
use kinora_document::{CameoId, CameoKind, ClipSource, FrameSize, Planner, Purpose, Terms, Ticks, TrackKind, limits};
use kinora_ports::capture::CaptureWish;
use kinora_ports::fakes::{Actor, Pose, TestPattern};
use kinora_ports::media::Container;
use kinora_ports::provenance::{MediaOrigin, SourceType};
use kinora_ports::{Flow, Keep, RecordingCodec};
use plain::nothing_plain;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use studio::{DAY, Machine, TODAY, terms};

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Keep for Kept {
    fn append(&mut self, piece: &[u8]) -> std::io::Result<()> {
        self.0.lock().expect("nobody panicked").extend_from_slice(piece);
        Ok(())
    }
    fn sync(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Two seconds of an actor who speaks, as the recorder makes them.
fn recording() -> Vec<u8> {
    let codec = Arc::new(kinora_media::GstRecordingCodec::new());
    let pattern = TestPattern { real_time: false, ..TestPattern::default() };
    let recorder = Recorder::new(Arc::new(Actor { pattern, cue: Arc::new(|| Pose::Speaks) }), codec.clone());
    let size = FrameSize { width: 320, height: 180 };
    recorder.open(&CaptureWish { size, ..CaptureWish::default() }).expect("it opens");
    let kept = Kept::default();
    recorder.record(Box::new(kept.clone()), Duration::ZERO).expect("it records");
    let begun = Instant::now();
    while !matches!(recorder.state(), RecorderState::Recording { millis, .. } if millis >= 2_000) {
        assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", recorder.state());
        std::thread::sleep(Duration::from_millis(2));
    }
    let (_, cut_short) = recorder.stop().expect("it ends");
    assert_eq!(cut_short, None);
    let pieces = kept.0.lock().expect("nobody panicked").clone();
    codec.mend(&pieces).expect("it is whole").mp4
}

fn add(machine: &Machine, film: &[u8], terms: Terms) -> CameoId {
    // Brought in from elsewhere, and gone from there.
    let elsewhere = tempfile::tempdir().expect("a temporary folder");
    let path = elsewhere.path().join("me.mp4");
    std::fs::write(&path, film).expect("written");
    let (name, given_by) = ("Ada".to_owned(), "Ada".to_owned());
    let new = NewCameo { kind: CameoKind::Person, name, given_by, terms, attestation: None, files: vec![path] };
    machine.consents.add(new).expect("on record")
}

fn request(cameo: CameoId) -> PlaceCameo {
    PlaceCameo { cameo, recording: 0, purpose: Purpose::Story, at: Ticks::ZERO, cut_out: CutOut::ChromaKey }
}

fn refused(film: &OpenFilm, request: &PlaceCameo) -> String {
    let before = film.session.film();
    let rule = film.place_cameo(request).expect_err("it is refused").0.rule;
    assert_eq!(film.session.film().clips, before.clips, "nothing was placed");
    rule
}

fn export(machine: &Machine, film: &OpenFilm, name: &str) -> Result<std::path::PathBuf, String> {
    let path = machine.path(name);
    let done = film.export(ExportOrder::new(Container::Mp4), &path, &mut |_, _| Flow::Continue);
    done.map(|_| path).map_err(|trouble| trouble.0.rule)
}

#[test]
fn a_recording_is_a_layer_with_its_voice_apart_and_no_byte_of_it_is_in_the_project() {
    let (machine, recorded) = (Machine::new(3), recording());
    let cameo = add(&machine, &recorded, terms(None));
    let film = machine.film("beach");
    let placed = film.place_cameo(&request(cameo)).expect("placed");
    let document = film.session.film();
    let clip = document.clips.get(placed.clip).expect("on the timeline");
    let voice = document.clips.get(placed.voice.expect("a voice")).expect("on the timeline");
    let kind = |clip: &kinora_document::Clip| document.tracks.get(clip.track).expect("a track").kind;
    assert_eq!((kind(clip), kind(voice)), (TrackKind::Video, TrackKind::Dialogue));
    assert_eq!((clip.effects[0].kind.as_str(), clip.gain_millibels), ("chroma_key", limits::GAIN_MILLIBELS_LOWEST));
    assert_eq!((voice.source.clone(), voice.gain_millibels), (clip.source.clone(), 0));
    // Above the film itself.
    let videos: Vec<_> = document.tracks.iter().filter(|track| track.kind == TrackKind::Video).collect();
    assert!(videos.len() >= 2 && videos[0].id != clip.track, "{videos:?}");
    // Another one beside it finds its own place.
    let second = film.place_cameo(&request(cameo)).expect("placed again");
    assert_ne!(film.session.film().clips.get(second.clip).expect("there").track, clip.track);
    film.session.undo().expect("undone");
    // It is seen and heard, through the monitor and in the file.
    let document = film.session.film();
    let shown = film
        .with_monitor(|monitor| monitor.show(&document, Ticks::from_millis(500), FrameSize { width: 128, height: 72 }));
    assert!(!shown.expect("shown").jpeg.is_empty());
    let path = export(&machine, &film, "beach.mp4").expect("exported");
    let found = verify(&machine.studio.tools, &path).expect("read").report;
    assert_eq!(found.source, Some(SourceType::Recorded), "{found:?}");
    let claim = found.claim.expect("a history");
    assert_eq!((claim.media.len(), claim.media[0].origin, claim.consents.len()), (1, MediaOrigin::Recorded, 1));
    std::fs::remove_file(path).expect("removed");
    nothing_plain(machine.folder.path(), &[recorded]);
    // The subject's own list says where.
    let view = machine.consents.find("Ada").expect("on record");
    assert_eq!(view.used.first().map(|used| used.film.as_str()), Some("beach"));
}

#[test]
fn without_a_consent_that_holds_nothing_is_placed() {
    let (machine, recorded) = (Machine::new(4), recording());
    let cameo = add(&machine, &recorded, terms(Some(TODAY + DAY)));
    let film = machine.film("beach");
    assert_eq!(refused(&film, &request(CameoId(12345))), "consent.missing");
    assert_eq!(refused(&film, &PlaceCameo { purpose: Purpose::Campaign, ..request(cameo) }), "consent.wrong_purpose");
    assert_eq!(refused(&film, &PlaceCameo { recording: 1, ..request(cameo) }), "cameo.no_recording");
    film.place_cameo(&request(cameo)).expect("placed");
    export(&machine, &film, "in-time.mp4").expect("exported");
    machine.set_clock(TODAY + 2 * DAY);
    assert_eq!(refused(&film, &request(cameo)), "consent.expired");
    assert_eq!(export(&machine, &film, "late.mp4"), Err("consent.expired".to_owned()));
    assert!(!machine.path("late.mp4").exists());
    // The clock set back changes nothing.
    machine.set_clock(TODAY);
    assert_eq!(refused(&film, &request(cameo)), "consent.expired");
}

#[test]
fn taken_back_it_is_marked_shown_no_more_and_leaves_the_film_on_confirmation() {
    let (machine, recorded) = (Machine::new(5), recording());
    let cameo = add(&machine, &recorded, terms(None));
    let film = machine.film("beach");
    film.place_cameo(&request(cameo)).expect("placed");
    let layers = |film: &OpenFilm| {
        let document = film.session.film();
        Planner::new(&document).frame_at(12).layers
    };
    let shows = |film: &OpenFilm| {
        layers(film).iter().any(|layer| match layer {
            Layer::Picture(picture) => matches!(&picture.source, PictureSource::Movie { .. }),
            _ => false,
        })
    };
    assert!(shows(&film));
    let withdrawn = film.revoke(cameo).expect("taken back");
    assert_eq!(withdrawn.takes, 1);
    assert!(film.session.film().media.iter().all(|media| media.withdrawn) && !shows(&film));
    assert_eq!(refused(&film, &request(cameo)), "consent.revoked");
    assert_eq!(export(&machine, &film, "late.mp4"), Err("consent.withdrawn_take".to_owned()));
    let root = machine.path("beach.kinora");
    drop(film);
    // Marked for good: opened again it is as it was.
    let film = machine.open(&root);
    assert!(!shows(&film));
    assert_eq!(film.purge(cameo).expect("purged"), 1);
    let document = film.session.film();
    assert!(document.media.iter().next().is_none());
    assert!(!document.clips.iter().any(|clip| matches!(clip.source, ClipSource::Media(_))));
    export(&machine, &film, "without.mp4").expect("the film without them is exported");
}
