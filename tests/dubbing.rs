//! Somebody speaks a line themselves: it lands on the sample at which they heard it, undo brings the voice back, and no take is lost to a
//! microphone that goes, a full disk or a closed dialog; nor is one written anywhere before it is used.

#[path = "support/booth.rs"]
mod booth;
#[path = "support/plain.rs"]
mod plain;
#[path = "support/studio.rs"]
mod studio;

use booth::{Booth, Loudspeaker, World};
use kinora_api::{DubDoing, DubPlace, DubView, OpenDub};
use kinora_backend::{Dubbing, ExportOrder, Library, Mixer, OpenFilm};
use kinora_document::command::new_film;
use kinora_document::{Clip, ClipSource, Command, Film, FrameRate, FrameSize, Planner, Ticks};
use kinora_media::GstDecoder;
use kinora_ports::media::Container;
use kinora_ports::provenance::{MediaOrigin, SourceType, Verdict};
use kinora_ports::store::{Edit, Opened};
use kinora_ports::{Blobs, Disk, Flow, PortError, ProjectStore};
use kinora_store::{FolderBlobs, ProjectFolder, RealDisk};
use plain::files;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use studio::Machine;

const RATE: u32 = 48_000;
const PRE_ROLL: i64 = 96_000;
const PATIENCE: Duration = Duration::from_secs(60);
/// The first line begins less than two seconds into the film, the second far from its beginning.
const SCRIPT: &str = "EXT. BEACH - DAY\n\n[[shot: wide | 5s]]\n\nADA stands.\n\nADA\nIs it winter yet?\n\n\
[[shot: close | 5s]]\n\nADA laughs.\n\nADA\nAsk somebody else, please.\n";

struct Stage {
    machine: Machine,
    world: Arc<World>,
    film: Arc<OpenFilm>,
    dubbing: Dubbing,
}

/// A film with two lines that were spoken, and a booth.
fn stage(rate: FrameRate) -> Stage {
    stage_with(rate, |project| Arc::new(project))
}

fn stage_with(rate: FrameRate, store: impl FnOnce(ProjectFolder) -> Arc<dyn ProjectStore>) -> Stage {
    let world = World::new();
    let mut machine = Machine::new(5);
    machine.studio.tools.speaker = Arc::new(Loudspeaker(world.clone()));
    let root = machine.path("dub.kinora");
    let mut next = 0u128;
    let film = new_film("Dub", FrameSize { width: 128, height: 72 }, rate, &mut || {
        next += 1;
        next
    });
    drop(ProjectFolder::create(&root, &film).expect("created"));
    let (project, opened) = ProjectFolder::open(&root).expect("opened");
    let opened: Opened = opened;
    let film = Arc::new(machine.studio.open("dub", store(project), &opened).expect("opened"));
    film.session.edit(&Command::SetScript { text: SCRIPT.to_owned() }, None).expect("a script");
    let spoken = film.speak(&mut |_, _| Flow::Continue).expect("it is spoken");
    assert_eq!((spoken.spoken, spoken.warnings), (2, Vec::new()));
    let dubbing = Dubbing::new(Arc::new(Booth(world.clone())));
    Stage { machine, world, film, dubbing }
}

fn lines(film: &Film) -> Vec<Clip> {
    let mut lines: Vec<Clip> =
        film.clips.iter().filter(|clip| matches!(clip.source, ClipSource::Line { .. })).cloned().collect();
    lines.sort_by_key(|clip| clip.start);
    lines
}

impl Stage {
    fn line(&self, number: usize) -> Clip {
        lines(&self.film.session.film()).get(number).expect("a line").clone()
    }

    fn open(&self, place: DubPlace) -> DubView {
        self.dubbing.open(&self.film, &OpenDub { place, microphone: None }).expect("it opens")
    }

    fn until<T>(&self, what: &str, found: impl Fn(&DubView) -> Option<T>) -> T {
        let begun = Instant::now();
        loop {
            let view = self.dubbing.view().expect("it is open");
            if let Some(found) = found(&view) {
                return found;
            }
            assert!(begun.elapsed() < PATIENCE, "waited in vain for {what}: {view:?}");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Records a take in which somebody says this at each sample of the film.
    fn take(&self, from: Ticks, says: impl Fn(i64) -> f32 + Send + Sync + 'static) -> u32 {
        let before = self.dubbing.view().expect("it is open").takes.len();
        self.begin(from, says);
        self.until("a take", |view| view.takes.get(before).map(|take| take.number))
    }

    fn begin(&self, from: Ticks, says: impl Fn(i64) -> f32 + Send + Sync + 'static) {
        self.world.says(from.to_samples(RATE) - PRE_ROLL, says);
        self.dubbing.record().expect("it begins");
    }

    fn until_recording(&self) {
        self.until("the recording", |view| match view.doing {
            DubDoing::Recording { millis, .. } if millis >= 300 => Some(()),
            _ => None,
        });
    }

    /// The left side of the film's sound, as the monitor and the exporter have it.
    fn mixed(&self) -> Vec<f32> {
        let film = self.film.session.film();
        let blobs = self.film.session.store().blobs();
        let mut library = Library::new(blobs, Arc::new(GstDecoder::new()));
        let (mixer, problems) = Mixer::new(Planner::new(&film).sound(), &mut library);
        assert!(problems.is_empty(), "{problems:?}");
        let mut mixed = vec![0.0; 2 * mixer.length() as usize];
        mixer.mix(0, &mut mixed);
        mixed.chunks(2).map(|frame| frame[0]).collect()
    }
}

/// Samples of the film at which somebody clicks.
fn clicks(places: Vec<i64>) -> impl Fn(i64) -> f32 + Send + Sync + 'static {
    move |at| if places.contains(&at) { 0.5 } else { 0.0 }
}

fn at_rest(view: &DubView) -> Option<()> {
    (view.doing == DubDoing::Ready).then_some(())
}

#[test]
fn a_voice_lands_on_the_sample_at_which_it_was_heard_at_every_rate() {
    for rate in FrameRate::FILM_RATES {
        let stage = stage(rate);
        for number in [1, 0] {
            let line = stage.line(number);
            let from = line.start.to_samples(RATE);
            let places = vec![from, from + 777, from + 9_600, from + 24_001];
            let view = stage.open(DubPlace::Clip(line.id));
            assert_eq!((view.from, view.until), (line.start, line.start + line.length));
            assert_eq!((view.character.as_str(), view.microphone.as_deref()), ("ADA", Some("Booth")));
            assert!(SCRIPT.contains(&view.text), "{}", view.text);
            let take = stage.take(line.start, clicks(places.clone()));
            let view = stage.dubbing.view().expect("open");
            let tail = view.takes[0].length - line.length;
            assert!((tail.to_millis() - 1_000).abs() <= 1, "{tail:?}");
            let clip = stage.dubbing.accept(take).expect("it is used");
            let film = stage.film.session.film();
            let clip = film.clips.get(clip).expect("in the film");
            assert_eq!((clip.start, clip.track), (line.start, line.track));
            let mixed = stage.mixed();
            // Up to the place of the last click nothing else is heard there.
            let span = from as usize - 1_000..from as usize + 24_002;
            let heard: Vec<i64> = span.filter(|at| mixed[*at] != 0.0).map(|at| at as i64).collect();
            assert_eq!(heard, places, "line {number} at {rate} fps");
            assert!(places.iter().all(|at| mixed[*at as usize] == 0.5));
        }
    }
}

#[test]
fn undo_brings_the_voice_back_as_one_step_and_so_does_a_button_long_after() {
    let stage = stage(FrameRate::FPS_24);
    let line = stage.line(1);
    let (before, history) = (stage.film.session.film(), stage.film.session.history().len());
    stage.open(DubPlace::Clip(line.id));
    let take = stage.take(line.start, clicks(vec![line.start.to_samples(RATE)]));
    assert_eq!(stage.film.session.film(), before, "nothing is changed before it is used");
    let clip = stage.dubbing.accept(take).expect("it is used");
    let after = stage.film.session.film();
    assert_eq!(lines(&after).len(), 1);
    assert_eq!(stage.film.session.history().len(), history + 1);
    stage.film.session.undo().expect("undone").expect("there was something");
    assert_eq!(stage.film.session.film(), before);
    stage.film.session.redo().expect("redone").expect("there was something");
    assert_eq!(stage.film.session.film(), after);
    // Long after: the script around it has changed, and undo would take that back, too.
    let text = SCRIPT.replace("ADA stands.", "ADA stands in the rain.");
    stage.film.session.edit(&Command::SetScript { text }, None).expect("a script");
    assert_eq!(lines(&stage.film.session.film()).len(), 1, "a dubbed line does not come back by itself");
    stage.film.restore_line(clip).expect("it has its voice again");
    let restored = stage.line(1);
    assert_eq!((restored.start, restored.length, &restored.source), (line.start, line.length, &line.source));
    assert_eq!(stage.film.restore_line(clip).expect_err("once").0.rule, "dub.none");
}

#[test]
fn of_several_takes_the_chosen_one_is_used_and_it_sounds_as_it_was_listened_to() {
    let stage = stage(FrameRate::FPS_25);
    let line = stage.line(1);
    let from = line.start.to_samples(RATE);
    stage.open(DubPlace::Clip(line.id));
    let numbers: Vec<u32> = [0.25f32, 0.5, 0.125]
        .into_iter()
        .map(|loud| stage.take(line.start, move |at| if at >= from { loud * ((at % 97) as f32 / 97.0) } else { 0.0 }))
        .collect();
    assert_eq!(numbers, [1, 2, 3]);
    let view = stage.dubbing.view().expect("open");
    let peaks: Vec<i32> = view.takes.iter().map(|take| take.peak_millibels / 100).collect();
    assert_eq!(peaks, [-12, -6, -18], "{:?}", view.takes);
    // The line's own voice is silent while somebody speaks in its place, and beeps lead there.
    let while_recording = stage.world.played.lock().expect("nobody panicked").clone();
    let level = |from: usize, until: usize| {
        while_recording[2 * from..2 * until].iter().fold(0f32, |most, sample| most.max(sample.abs()))
    };
    assert!(level(0, 3_000) > 0.05 && level(32_000, 35_000) > 0.05 && level(64_000, 67_000) > 0.05);
    assert_eq!(level(PRE_ROLL as usize - 4_800, PRE_ROLL as usize + line.length.to_samples(RATE) as usize), 0.0);
    stage.dubbing.listen(2).expect("it plays");
    let heard: Vec<f32> = stage.world.played.lock().expect("nobody panicked").chunks(2).map(|frame| frame[0]).collect();
    assert_eq!(stage.dubbing.view().expect("open").doing, DubDoing::Listening { take: 2 });
    stage.dubbing.stop(true).expect("it stops");
    stage.until("silence", at_rest);
    let clip = stage.dubbing.accept(2).expect("it is used");
    let mixed = stage.mixed();
    let begins = (from - PRE_ROLL) as usize;
    let frames = (PRE_ROLL + line.length.to_samples(RATE)) as usize;
    let off = heard.iter().take(frames).zip(&mixed[begins..]).position(|(one, other)| one.to_bits() != other.to_bits());
    assert_eq!(off, None, "what was listened to is what is kept");
    assert!(mixed[from as usize..from as usize + 97].iter().any(|sample| *sample > 0.4));
    // Dubbed again, in place of the recording.
    let again = stage.open(DubPlace::Clip(clip));
    assert_eq!((again.from, again.text.as_str()), (line.start, "Ask somebody else, please."));
    let take = stage.take(line.start, clicks(vec![from + 5]));
    stage.dubbing.accept(take).expect("it is used");
    assert_eq!(stage.mixed()[from as usize + 5], 0.5);
    assert_eq!(stage.mixed()[from as usize + 6], 0.0);
}

#[test]
fn in_and_out_say_where_and_what_is_said_around_them_stays() {
    let stage = stage(FrameRate::FPS_24);
    let line = stage.line(0);
    let frame = FrameRate::FPS_24.frame_length();
    let (from, until) = (line.start + Ticks(frame.0 * 6), line.start + Ticks(frame.0 * 12));
    stage.open(DubPlace::Range { from, until });
    let take = stage.take(from, clicks(vec![from.to_samples(RATE), until.to_samples(RATE) + 100]));
    stage.dubbing.accept(take).expect("it is used");
    let film = stage.film.session.film();
    let mut lane: Vec<(i64, i64)> = film
        .clips
        .iter()
        .filter(|clip| clip.track == line.track && clip.start < line.start + line.length)
        .map(|clip| (FrameRate::FPS_24.frame_at(clip.start - line.start), FrameRate::FPS_24.frame_at(clip.length)))
        .collect();
    lane.sort_unstable();
    let whole = FrameRate::FPS_24.frame_at(line.length);
    assert_eq!(lane, [(0, 6), (6, 6), (12, whole - 12)]);
    let mixed = stage.mixed();
    assert_eq!(mixed[from.to_samples(RATE) as usize], 0.5);
    let empty = DubPlace::Range { from, until: from };
    let refused = stage.dubbing.open(&stage.film, &OpenDub { place: empty, microphone: None }).expect_err("no time");
    assert_eq!(refused.0.rule, "dub.range");
    let picture = film.clips.iter().find(|clip| matches!(clip.source, ClipSource::Shot(_))).expect("a picture");
    let place = DubPlace::Clip(picture.id);
    let refused = stage.dubbing.open(&stage.film, &OpenDub { place, microphone: None }).expect_err("a picture");
    assert_eq!(refused.0.rule, "dub.not_spoken");
}

#[test]
fn whoever_stops_early_keeps_what_they_said_and_whoever_calls_it_off_keeps_nothing() {
    let stage = stage(FrameRate::FPS_24);
    let line = stage.line(1);
    stage.open(DubPlace::Clip(line.id));
    stage.begin(line.start, clicks(Vec::new()));
    stage.until("the count-in", |view| matches!(view.doing, DubDoing::Counting { .. }).then_some(()));
    assert_eq!(stage.dubbing.record().expect_err("one at a time").0.rule, "dub.busy");
    assert_eq!(stage.dubbing.accept(1).expect_err("nothing yet").0.rule, "dub.busy");
    stage.dubbing.stop(true).expect("it stops");
    stage.until("rest", at_rest);
    assert!(stage.dubbing.view().expect("open").takes.is_empty(), "the line had not begun");
    stage.begin(line.start, clicks(Vec::new()));
    stage.until_recording();
    stage.dubbing.stop(false).expect("it stops");
    assert!(stage.dubbing.view().expect("open").takes.is_empty(), "it was called off");
    stage.begin(line.start, clicks(Vec::new()));
    stage.until_recording();
    stage.dubbing.stop(true).expect("it stops");
    let view = stage.dubbing.view().expect("open");
    assert_eq!((view.takes.len(), view.doing), (1, DubDoing::Ready));
    assert!(view.takes[0].length < line.length + Ticks::from_seconds(1) && !view.takes[0].cut_short, "{view:?}");
    stage.dubbing.accept(1).expect("it is used");
}

#[test]
fn without_a_microphone_it_says_so_and_one_that_is_plugged_in_is_found() {
    let stage = stage(FrameRate::FPS_24);
    let place = DubPlace::Clip(stage.line(0).id);
    stage.world.plugged.store(false, Ordering::SeqCst);
    let view = stage.open(place);
    assert_eq!((view.microphone, view.doing), (None, DubDoing::Ready));
    assert_eq!(view.without.as_deref(), Some("No microphone is plugged in. Plug one in and try again."));
    let refused = stage.dubbing.record().expect_err("nothing to record with");
    assert_eq!(refused.0.rule, "dub.no_microphone");
    assert!(refused.0.what.contains("No microphone is plugged in."), "{refused}");
    stage.world.plugged.store(true, Ordering::SeqCst);
    let view = stage.open(place);
    assert_eq!((view.microphone.as_deref(), view.without), (Some("Booth"), None));
    stage.take(stage.line(0).start, clicks(Vec::new()));
}

#[test]
fn a_microphone_that_is_pulled_out_leaves_what_was_said() {
    let stage = stage(FrameRate::FPS_24);
    let line = stage.line(1);
    let from = line.start.to_samples(RATE);
    stage.open(DubPlace::Clip(line.id));
    stage.begin(line.start, clicks(vec![from + 480]));
    stage.until_recording();
    stage.world.plugged.store(false, Ordering::SeqCst);
    let view = stage.until("a problem", |view| view.problem.is_some().then(|| view.clone()));
    let problem = view.problem.expect("a problem");
    assert!(problem.what.contains("microphone") && problem.remedy.contains("is kept"), "{problem:?}");
    assert_eq!((view.takes.len(), view.microphone), (1, None));
    assert!(view.takes[0].cut_short && view.takes[0].length > Ticks::ZERO, "{:?}", view.takes);
    assert_eq!(stage.dubbing.record().expect_err("it is gone").0.what, problem.what);
    // Plugged in again, the take is still there beside the next one.
    stage.world.plugged.store(true, Ordering::SeqCst);
    let view = stage.open(DubPlace::Clip(line.id));
    assert_eq!((view.takes.len(), view.problem), (1, None));
    assert_eq!(stage.take(line.start, clicks(Vec::new())), 2);
    stage.dubbing.accept(1).expect("it is used");
    assert_eq!(stage.mixed()[from as usize + 480], 0.5);
}

#[test]
fn a_take_is_written_nowhere_before_it_is_used_and_outlives_a_closed_dialog() {
    let stage = stage(FrameRate::FPS_24);
    let line = stage.line(1);
    let media = stage.machine.path("dub.kinora").join("media");
    let before = files(&media);
    stage.open(DubPlace::Clip(line.id));
    let says = |at: i64| ((at as f32 * 0.37).sin() + (at as f32 * 0.011).sin()) * 0.3;
    stage.take(line.start, says);
    stage.dubbing.listen(1).expect("it plays");
    let from = line.start.to_samples(RATE);
    let voice: Vec<u8> = (from..from + 20_000).flat_map(|at| says(at).to_le_bytes()).collect();
    assert_eq!(files(&media), before);
    plain::nothing_plain(stage.machine.folder.path(), std::slice::from_ref(&voice));
    stage.dubbing.close();
    assert_eq!(stage.dubbing.view().expect_err("closed").0.rule, "dub.closed");
    assert_eq!(stage.open(DubPlace::Clip(line.id)).takes.len(), 1, "the same line still has its take");
    assert_eq!(stage.open(DubPlace::Clip(stage.line(0).id)).takes.len(), 0, "another line has none");
    assert_eq!(stage.open(DubPlace::Clip(line.id)).takes.len(), 0, "and the other is forgotten by then");
    stage.take(line.start, says);
    stage.dubbing.accept(1).expect("it is used");
    let now = files(&media);
    let fresh: Vec<&PathBuf> = now.iter().filter(|file| !before.contains(file)).collect();
    let [file] = fresh.as_slice() else { panic!("{fresh:?}") };
    let bytes = std::fs::read(file).expect("it is there");
    assert!(bytes.windows(64).any(|window| window == &voice[1_000..1_064]), "sample by sample as it was said");
    // A film that is closed is not held open.
    let weak = Arc::downgrade(&stage.film);
    stage.dubbing.forget();
    drop(stage.film);
    assert!(weak.upgrade().is_none());
}

#[test]
fn a_dub_is_known_as_a_recording_in_the_history_of_the_film() {
    let stage = stage(FrameRate::FPS_24);
    let notary = stage.machine.studio.tools.provenance.clone();
    let mut sources = Vec::new();
    for number in [1, 0] {
        let line = stage.line(number);
        stage.open(DubPlace::Clip(line.id));
        let take = stage.take(line.start, clicks(vec![line.start.to_samples(RATE)]));
        let clip = stage.dubbing.accept(take).expect("it is used");
        let film = stage.film.session.film();
        let ClipSource::Media(media) = film.clips.get(clip).expect("there").source else { panic!("a recording") };
        let media = film.media.get(media).expect("there");
        let file = stage.film.session.store().blobs().path(media.blob).expect("kept");
        let report = notary.read(&file).expect("it is read");
        assert_eq!((report.verdict, report.source), (Verdict::Whole, Some(SourceType::Recorded)));
        let path = stage.machine.path(&format!("film-{number}.mp4"));
        let order = ExportOrder::new(Container::Mp4);
        stage.film.export(order, &path, &mut |_, _| Flow::Continue).expect("it exports");
        let claim = notary.read(&path).expect("it is read").claim.expect("a claim");
        let of_dub: Vec<MediaOrigin> =
            claim.media.iter().filter(|told| told.blob == media.blob).map(|told| told.origin).collect();
        assert_eq!(of_dub, [MediaOrigin::Recorded]);
        sources.push(claim.source);
    }
    // With one voice left that nobody spoke, and with none.
    assert_eq!(sources, [SourceType::Mixed, SourceType::Recorded]);
}

/// A disk that is full when it is told so.
struct Filling {
    disk: RealDisk,
    full: Arc<AtomicBool>,
}

impl Filling {
    fn room<T>(&self, work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        if self.full.load(Ordering::SeqCst) { Err(io::ErrorKind::StorageFull.into()) } else { work() }
    }
}

impl Disk for Filling {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.disk.read(path)
    }
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.room(|| self.disk.write(path, bytes))
    }
    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.room(|| self.disk.append(path, bytes))
    }
    fn truncate(&self, path: &Path, length: u64) -> io::Result<()> {
        self.disk.truncate(path, length)
    }
    fn length(&self, path: &Path) -> io::Result<u64> {
        self.disk.length(path)
    }
    fn sync_file(&self, path: &Path) -> io::Result<()> {
        self.room(|| self.disk.sync_file(path))
    }
    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.room(|| self.disk.sync_folder(path))
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.room(|| self.disk.rename(from, to))
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        self.disk.remove(path)
    }
    fn create_folder(&self, path: &Path) -> io::Result<()> {
        self.room(|| self.disk.create_folder(path))
    }
    fn list(&self, path: &Path) -> io::Result<Vec<PathBuf>> {
        self.disk.list(path)
    }
    fn exists(&self, path: &Path) -> bool {
        self.disk.exists(path)
    }
}

/// A project whose pictures and sounds lie on such a disk.
struct Crowded {
    project: ProjectFolder,
    blobs: Arc<FolderBlobs>,
}

impl ProjectStore for Crowded {
    fn append(&self, edit: &Edit, film_after: &Film) -> Result<(), PortError> {
        self.project.append(edit, film_after)
    }
    fn blobs(&self) -> Arc<dyn Blobs> {
        self.blobs.clone()
    }
    fn put_record(&self, name: &str, bytes: &[u8]) -> Result<(), PortError> {
        self.project.put_record(name, bytes)
    }
    fn record(&self, name: &str) -> Result<Option<Vec<u8>>, PortError> {
        self.project.record(name)
    }
    fn remove_record(&self, name: &str) -> Result<(), PortError> {
        self.project.remove_record(name)
    }
    fn records(&self, prefix: &str) -> Result<Vec<String>, PortError> {
        self.project.records(prefix)
    }
    fn put_spare(&self, name: &str, bytes: &[u8]) -> Result<(), PortError> {
        self.project.put_spare(name, bytes)
    }
    fn spare(&self, name: &str) -> Option<Vec<u8>> {
        self.project.spare(name)
    }
    fn remove_spare(&self, name: &str) {
        self.project.remove_spare(name);
    }
}

#[test]
fn a_full_disk_says_what_to_do_and_the_take_is_still_there() {
    let full = Arc::new(AtomicBool::new(false));
    let told = full.clone();
    let stage = stage_with(FrameRate::FPS_24, |project| {
        let disk = Arc::new(Filling { disk: RealDisk::new(project.root()), full: told });
        let blobs = Arc::new(FolderBlobs::open(disk, project.root()).expect("opened"));
        Arc::new(Crowded { project, blobs })
    });
    let line = stage.line(1);
    stage.open(DubPlace::Clip(line.id));
    let from = line.start.to_samples(RATE);
    let take = stage.take(line.start, clicks(vec![from + 3]));
    let (before, lying) = (stage.film.session.film(), files(&stage.machine.path("dub.kinora").join("media")));
    full.store(true, Ordering::SeqCst);
    let refused = stage.dubbing.accept(take).expect_err("there is no room");
    assert!(refused.0.what.contains("disk is full") && refused.0.remedy.contains("Free some space"), "{refused}");
    assert_eq!(stage.film.session.film(), before);
    assert_eq!(files(&stage.machine.path("dub.kinora").join("media")), lying, "nothing half written is left");
    assert_eq!(stage.dubbing.view().expect("open").takes.len(), 1);
    full.store(false, Ordering::SeqCst);
    stage.dubbing.accept(take).expect("there is room");
    assert_eq!(stage.mixed()[from as usize + 3], 0.5);
}
