//! An export is all or nothing, and shows what the monitor showed.

mod support;

use kinora_backend::{ExportOrder, OpenFilm};
use kinora_document::{FrameSize, Planner};
use kinora_ports::media::{Container, EncodeSettings, Sealing};
use kinora_ports::provenance::Verdict;
use kinora_ports::{Decoder, Encoder, Encoding, Flow, Pixels, PortError, Provenance, VideoFrame, Watermark};
use kinora_provenance::watermark::LumaMark;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use support::{Home, text};

/// Times the whole export, then kills it at fifty moments spread over that time.
#[test]
fn fifty_killed_exports_leave_a_whole_film_or_none() {
    let home = Home::new();
    let project = home.small_film();
    let script = home.path("two.fountain");
    let out = home.path("killed.mp4");
    let command = || {
        let mut command = home.kinora();
        command.args(["film", text(&script), "-o", text(&out), "--project", text(&project), "--json"]);
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        command
    };
    let started = Instant::now();
    assert!(command().status().expect("runs").success());
    let whole = started.elapsed().max(Duration::from_millis(200));
    let mut complete = 0;
    for kill in 0..50u32 {
        let _ = std::fs::remove_file(&out);
        let mut child = command().spawn().expect("starts");
        std::thread::sleep(whole * (kill + 3) / 50);
        let _ = child.kill();
        child.wait().expect("ends");
        if out.exists() {
            complete += 1;
            let mut movie = kinora_media::GstDecoder::new().open(&out).expect("a film that is there is whole");
            let last = movie.info().frames - 1;
            assert_eq!(movie.info().frames, 48, "kill {kill}");
            movie.frame(last).expect("its last picture decodes");
            let report = home.notary().read(&out).expect("it can be looked at");
            assert_eq!(report.verdict, Verdict::Whole, "kill {kill}: nothing unsigned gets the name");
        }
    }
    assert!(complete < 50, "no kill came in time: the test proves nothing");
    // And the next one simply works.
    let _ = std::fs::remove_file(&out);
    assert!(command().status().expect("runs").success() && out.exists());
    let left: Vec<_> = std::fs::read_dir(out.parent().expect("a folder"))
        .expect("readable")
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().contains(".part"))
        .collect();
    assert!(left.is_empty(), "what the killed ones left is cleaned up: {left:?}");
}

/// Keeps every frame that an export hands to the encoder, as the MP4's encoder would get it.
#[derive(Clone, Default)]
struct Catcher(Arc<Mutex<Vec<Arc<VideoFrame>>>>);

impl Encoder for Catcher {
    fn start(&self, _: &EncodeSettings, _: &Path) -> Result<Box<dyn Encoding>, PortError> {
        Ok(Box::new(self.clone()))
    }
}

impl Encoding for Catcher {
    fn encoder_name(&self) -> &str {
        "catcher"
    }
    fn takes_video(&self) -> bool {
        true
    }
    fn picture(&mut self, pixels: &Pixels) -> Result<(), PortError> {
        self.video(&Arc::new(VideoFrame::of(pixels)))
    }
    fn video(&mut self, frame: &Arc<VideoFrame>) -> Result<(), PortError> {
        self.0.lock().expect("one thread").push(frame.clone());
        Ok(())
    }
    fn repeat_picture(&mut self) -> Result<(), PortError> {
        let mut caught = self.0.lock().expect("one thread");
        let last = caught.last().cloned().expect("only after a picture");
        caught.push(last);
        Ok(())
    }
    fn sound(&mut self, _: &[f32]) -> Result<(), PortError> {
        Ok(())
    }
    fn finish_sealed(self: Box<Self>, _: Option<&mut Sealing<'_>>) -> Result<(), PortError> {
        Ok(())
    }
}

fn open(home: &Home, project: &Path, encoder: Catcher) -> OpenFilm {
    let mut studio = home.studio();
    studio.tools.encoder = Arc::new(encoder);
    let (store, opened) = kinora_store::ProjectFolder::open(project).expect("the project opens");
    studio.open("two", Arc::new(store), &opened).expect("the film opens")
}

/// What the monitor shows and what the encoder gets come from the same composed picture: without the invisible mark the exporter's video
/// is [`VideoFrame::of`] the monitor's pixels, byte for byte, and with it exactly that, marked.
#[test]
fn two_hundred_preview_frames_are_the_exported_frames() {
    let home = Home::new();
    let script = home.write(
        "effects.fountain",
        support::TWO_SHOTS.replace("| 1s | seed 7", "| 4s | seed 7").replace("| 1s | seed 8", "| 5s | seed 8"),
    );
    let project = home.path("effects.kinora");
    let first = home.path("first.mp4");
    home.json(&["film", text(&script), "-o", text(&first), "--size", "320x180", "--project", text(&project)]);
    let catcher = Catcher::default();
    let film = open(&home, &project, catcher.clone());
    let exported = |watermark| {
        let order = ExportOrder { watermark, ..ExportOrder::new(Container::Mp4) };
        film.export(order, Path::new("unused"), &mut |_, _| Flow::Continue).expect("it exports");
        std::mem::take(&mut *catcher.0.lock().expect("one thread"))
    };
    let (plain, marked) = (exported(false), exported(true));
    let document = film.session.film();
    let reel = Planner::new(&document).reel();
    assert!(reel.frames >= 200, "{} frames", reel.frames);
    assert_eq!((plain.len() as i64, marked.len() as i64), (reel.frames, reel.frames));
    let marker = LumaMark.marker(kinora_backend::film_mark(&document), reel.size.width, reel.size.height);
    let marker = marker.expect("large enough to be marked");
    // Not in order: a preview jumps about.
    for step in 0..200i64 {
        let frame = step * 67 % reel.frames;
        let at = reel.rate.frame_start(frame);
        let within = FrameSize { width: 4096, height: 4096 };
        let shown = film.with_monitor(|monitor| monitor.pixels(&document, at, within)).expect("it shows");
        let video = VideoFrame::of(&shown);
        assert!(video == *plain[frame as usize], "frame {frame} differs");
        assert!(marker.marked(&video) == *marked[frame as usize], "frame {frame} differs, marked");
    }
}
