//! A recording holds what the camera saw and the microphone heard, together to the frame; what breaks is noticed, closed and said.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking and prints what it measured")]

mod common;

use common::recorder::{MemoryKeep, find, offsets, record, recorder, wait, wish};
use kinora_backend::{Recorded, RecorderState};
use kinora_media::{GstDecoder, GstRecordingCodec};
use kinora_ports::capture::{CaptureWish, Captured, DeviceChoice, Devices, InUse};
use kinora_ports::fakes::TestPattern;
use kinora_ports::recording::Mended;
use kinora_ports::{Capture, Capturing, Decoder, PortError, RecordingCodec};
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(60);

fn mend(keep: &MemoryKeep) -> Mended {
    GstRecordingCodec::new().mend(&keep.bytes.lock().unwrap()).unwrap()
}

/// Whole, and what the recorder says it is.
fn agrees(mended: &Mended, recorded: &Recorded) {
    assert_eq!((mended.frames, mended.torn_bytes), (recorded.frames, 0));
    assert!(mended.samples.abs_diff(recorded.samples) <= 2048, "{mended:?} {recorded:?}");
    let off = (mended.length - recorded.length).to_seconds_for_display().abs();
    assert!(off < 0.1, "{mended:?} {recorded:?}");
}

#[test]
fn flash_and_click_stay_together_for_two_minutes_of_a_microphone_with_its_own_clock() {
    let folder = tempfile::tempdir().unwrap();
    for (sound_ppm, millis) in [(150, 120_000), (-150, 20_000)] {
        let jitter = Duration::from_millis(8);
        let recorder = recorder(TestPattern { real_time: false, sound_ppm, jitter, ..TestPattern::default() });
        recorder.open(&wish(160, 90)).unwrap();
        let keep = MemoryKeep::default();
        let recorded = record(&recorder, keep.clone(), millis, PATIENCE);
        recorder.close();
        let mended = mend(&keep);
        agrees(&mended, &recorded);
        let path = folder.path().join("recording.mp4");
        std::fs::write(&path, &mended.mp4).unwrap();
        let found = find(&path);
        let offsets = offsets(&found);
        let (first, last) = (offsets[0], offsets[offsets.len() - 1]);
        let most = offsets.iter().map(|offset| offset.abs()).fold(0.0, f64::max);
        println!(
            "{sound_ppm} millionths, {} s: {} flashes, offset at most {:.1} ms, drift {:.1} ms, {} frames",
            millis / 1000,
            offsets.len(),
            most * 1e3,
            (last - first) * 1e3,
            found.frames
        );
        assert!(offsets.len() as u64 >= millis / 1000 - 1, "{found:?}");
        assert!(most <= 1.0 / 30.0 && (last - first).abs() <= 0.020, "{offsets:?}");
        assert_eq!(found.frames as u64, recorded.frames);
    }
}

#[test]
fn no_frame_is_lost_in_real_time() {
    let recorder = recorder(TestPattern::default());
    recorder.open(&wish(320, 180)).unwrap();
    let keep = MemoryKeep::default();
    let recorded = record(&recorder, keep.clone(), 3_000, PATIENCE);
    let mended = mend(&keep);
    agrees(&mended, &recorded);
    let due = recorded.samples as f64 / 48_000.0 * 30.0;
    println!(
        "{} frames in {:.3} s, {} dropped",
        mended.frames,
        mended.length.to_seconds_for_display(),
        recorded.dropped
    );
    assert_eq!(recorded.dropped, 0);
    assert!((mended.frames as f64 - due).abs() <= 1.5, "{} frames where {due:.1} were due", mended.frames);
}

/// Records until the devices fail by themselves.
fn until_it_ends(pattern: TestPattern, gone: Duration) -> (MemoryKeep, Recorded, String) {
    let recorder = recorder(pattern);
    let begun = Instant::now();
    recorder.open(&wish(320, 180)).unwrap();
    let keep = MemoryKeep::default();
    recorder.record(Box::new(keep.clone()), Duration::ZERO).unwrap();
    let (recorded, problem) = wait(&recorder, PATIENCE, |state| match state {
        RecorderState::Ended { recorded, cut_short } => Some((*recorded, cut_short.clone())),
        _ => None,
    });
    let noticed = begun.elapsed().saturating_sub(gone);
    println!("noticed and closed after {noticed:?}");
    assert!(noticed <= SOON, "noticed after {noticed:?}");
    let problem = problem.unwrap();
    (keep, recorded, format!("{} {}", problem.what, problem.remedy))
}

#[test]
fn a_camera_that_is_gone_is_noticed_in_two_seconds_and_the_recording_kept() {
    for says_so in [false, true] {
        let gone = Duration::from_millis(3_500);
        let pattern = TestPattern { camera_ends: Some(gone), says_so, ..TestPattern::default() };
        let (keep, recorded, said) = until_it_ends(pattern, gone);
        agrees(&mend(&keep), &recorded);
        assert!(recorded.length.to_seconds_for_display() > 2.0, "{recorded:?}");
        assert!(said.contains("camera") && said.contains("is kept") && said.contains("Plug it in"), "{said}");
    }
}

#[test]
fn a_microphone_that_is_gone_is_noticed_in_two_seconds_and_the_recording_kept() {
    for says_so in [false, true] {
        let gone = Duration::from_millis(3_500);
        let pattern = TestPattern { microphone_ends: Some(gone), says_so, ..TestPattern::default() };
        let (keep, recorded, said) = until_it_ends(pattern, gone);
        agrees(&mend(&keep), &recorded);
        assert!(recorded.length.to_seconds_for_display() > 2.0, "{recorded:?}");
        assert!(said.contains("microphone") && said.contains("is kept") && said.contains("Plug it in"), "{said}");
    }
}

/// A capture whose taker had no processor for a while, once, and little of it afterwards.
struct Starved {
    pattern: TestPattern,
    after: Duration,
    stood: Duration,
}

struct Standing {
    inner: Box<dyn Capturing>,
    after: Duration,
    stood: Option<Duration>,
    slow: u32,
}

impl Capture for Starved {
    fn devices(&self) -> Result<Devices, PortError> {
        self.pattern.devices()
    }
    fn start(&self, wish: &CaptureWish) -> Result<Box<dyn Capturing>, PortError> {
        Ok(Box::new(Standing { inner: self.pattern.start(wish)?, after: self.after, stood: Some(self.stood), slow: 0 }))
    }
}

impl Capturing for Standing {
    fn camera(&self) -> &InUse {
        self.inner.camera()
    }
    fn microphone(&self) -> &InUse {
        self.inner.microphone()
    }
    fn next(&mut self, patience: Duration) -> Option<Captured> {
        if self.inner.elapsed() > self.after
            && let Some(stood) = self.stood.take()
        {
            std::thread::sleep(stood);
            self.slow = 500;
        }
        if self.slow > 0 {
            self.slow -= 1;
            std::thread::sleep(Duration::from_millis(6));
        }
        self.inner.next(patience)
    }
    fn elapsed(&self) -> Duration {
        self.inner.elapsed()
    }
    fn dropped(&self) -> u64 {
        self.inner.dropped()
    }
}

#[test]
fn a_machine_that_stood_still_for_a_moment_is_not_taken_for_a_pulled_cable() {
    for stood in [1_600, 4_000].map(Duration::from_millis) {
        let recorder = recorder(Starved { pattern: TestPattern::default(), after: Duration::from_secs(2), stood });
        recorder.open(&wish(320, 180)).unwrap();
        let keep = MemoryKeep::default();
        let recorded = record(&recorder, keep.clone(), 7_000, PATIENCE);
        println!("stood still for {stood:?}: {} pictures dropped", recorded.dropped);
        agrees(&mend(&keep), &recorded);
    }
}

#[test]
fn a_full_disk_ends_the_recording_with_what_fitted_on_it() {
    let recorder = recorder(TestPattern::default());
    recorder.open(&wish(320, 180)).unwrap();
    let keep = MemoryKeep { room: 60_000, ..MemoryKeep::default() };
    recorder.record(Box::new(keep.clone()), Duration::ZERO).unwrap();
    let (recorded, problem) = wait(&recorder, PATIENCE, |state| match state {
        RecorderState::Ended { recorded, cut_short } => Some((*recorded, cut_short.clone().unwrap())),
        _ => None,
    });
    let mended = mend(&keep);
    println!("{} frames in {} bytes", mended.frames, keep.bytes.lock().unwrap().len());
    assert!(mended.frames > 0 && mended.torn_bytes == 0);
    let off = (mended.length - recorded.length).to_seconds_for_display().abs();
    assert!(off < 0.1, "{mended:?} {recorded:?}");
    let said = format!("{} {}", problem.what, problem.remedy);
    assert!(said.contains("no room left") && said.contains("Free some space"), "{said}");
}

#[test]
fn without_a_camera_or_a_microphone_the_other_is_recorded_and_it_is_said() {
    let without_camera = TestPattern { has_camera: false, ..TestPattern::default() };
    let without_microphone = TestPattern { has_microphone: false, ..TestPattern::default() };
    for (pattern, camera) in [(without_camera, false), (without_microphone, true)] {
        let recorder = recorder(pattern);
        let watching = recorder.open(&wish(320, 180)).unwrap();
        assert_eq!((watching.camera.is_there(), watching.microphone.is_there()), (camera, !camera));
        let keep = MemoryKeep::default();
        let recorded = record(&recorder, keep.clone(), 1_500, PATIENCE);
        let mended = mend(&keep);
        assert_eq!((mended.frames > 30, mended.samples > 48_000), (camera, !camera), "{mended:?}");
        assert_eq!(mended.frames, recorded.frames);
        let movie = GstDecoder::new().open_bytes(mended.mp4.into()).unwrap();
        assert_eq!(movie.info().has_sound, !camera);
        assert!(movie.info().length.to_seconds_for_display() > 1.3, "{:?}", movie.info());
    }
    let nothing = TestPattern { has_camera: false, has_microphone: false, ..TestPattern::default() };
    let refused = recorder(nothing).open(&CaptureWish::default()).unwrap_err().to_string();
    assert!(refused.contains("camera") && refused.contains("microphone") && refused.contains("Plug in"), "{refused}");
    let unwanted = CaptureWish { microphone: DeviceChoice::Without, ..wish(320, 180) };
    assert!(!recorder(TestPattern::default()).open(&unwanted).unwrap().microphone.is_there());
}

#[test]
fn a_recording_in_memory_is_sought_and_heard_like_a_file() {
    let recorder = recorder(TestPattern { real_time: false, ..TestPattern::default() });
    recorder.open(&wish(160, 90)).unwrap();
    let keep = MemoryKeep::default();
    record(&recorder, keep.clone(), 6_000, PATIENCE);
    let mended = mend(&keep);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recording.mp4");
    std::fs::write(&path, &mended.mp4).unwrap();
    let (mut file, mut memory) = (common::open(&path), GstDecoder::new().open_bytes(mended.mp4.into()).unwrap());
    // What they call the coders depends on the way in.
    let of = |movie: &dyn kinora_ports::Movie| (movie.info().length, movie.info().size, movie.info().frames);
    assert_eq!(of(file.as_ref()), of(memory.as_ref()));
    for index in [0, 150, 20, 90, 149, 3] {
        assert_eq!(file.frame(index).unwrap(), memory.frame(index).unwrap(), "picture {index}");
    }
    assert!(file.sound().unwrap() == memory.sound().unwrap());
}

#[test]
fn a_countdown_is_counted_and_can_be_called_off() {
    let recorder = recorder(TestPattern::default());
    recorder.open(&wish(160, 90)).unwrap();
    let keep = MemoryKeep::default();
    recorder.record(Box::new(keep.clone()), Duration::from_secs(3)).unwrap();
    let left = wait(&recorder, PATIENCE, |state| match state {
        RecorderState::Counting { millis_left } if *millis_left < 2_900 => Some(*millis_left),
        _ => None,
    });
    assert!(left > 1_000, "{left}");
    assert!(recorder.record(Box::new(MemoryKeep::default()), Duration::ZERO).is_err(), "two at once");
    assert!(recorder.stop().is_err());
    assert_eq!(recorder.state(), RecorderState::Watching);
    assert!(keep.bytes.lock().unwrap().is_empty());
    let preview = recorder.preview(kinora_document::FrameSize { width: 80, height: 80 }, true).unwrap();
    assert!(preview.number > 0 && preview.pixels.is_some());
}
