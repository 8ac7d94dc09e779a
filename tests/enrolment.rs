//! Somebody records themselves: a drawn actor before the app's own recorder, coders, detector of faces, vault and ledger.
//!
//! What is checked is found and named, what is not found is on record as not checked, and not one byte of a recording lies anywhere unsealed,
//! neither while it is recorded nor after.

#[path = "support/plain.rs"]
mod plain;
#[path = "support/studio.rs"]
mod studio;

use kinora_api::{EnrolmentDoing, EnrolmentView, Finding, FinishEnrolment, OpenCamera, RecordStep, StepAsks, StepView};
use kinora_backend::{Enrolment, EnrolmentTools};
use kinora_ports::Vault;
use kinora_ports::fakes::{Actor, Dice, Pose, TestPattern};
use plain::{files, nothing_plain};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use studio::{Machine, Numbers, terms};

/// Longer than four steps take on a small, busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

struct Scene {
    machine: Machine,
    enrolment: Enrolment,
    pose: Arc<Mutex<Pose>>,
}

fn scene(pattern: TestPattern, seed: u64) -> Scene {
    let machine = Machine::new(3);
    let pose = Arc::new(Mutex::new(Pose::Still));
    let seen = pose.clone();
    let cue = Arc::new(move || *seen.lock().expect("nobody panicked"));
    let enrolment = Enrolment::new(EnrolmentTools {
        capture: Arc::new(Actor { pattern, cue }),
        codec: Arc::new(kinora_media::GstRecordingCodec::new()),
        decoder: Arc::new(kinora_media::GstDecoder::new()),
        faces: Arc::new(kinora_faces::SeetaFaces::new().expect("the model is part of the program")),
        entropy: Arc::new(Numbers(Mutex::new(Dice(seed)))),
        consents: machine.consents.clone(),
    });
    Scene { machine, enrolment, pose }
}

impl Scene {
    fn is(&self, pose: Pose) {
        *self.pose.lock().expect("nobody panicked") = pose;
    }

    fn until<T>(&self, what: &str, found: impl Fn(&EnrolmentView) -> Option<T>) -> T {
        let begun = Instant::now();
        loop {
            let view = self.enrolment.view().expect("it is open");
            if let Some(found) = found(&view) {
                return found;
            }
            assert!(begun.elapsed() < PATIENCE, "waited in vain for {what}: {view:?}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Records a step: still until it is recorded, and then `acts`.
    fn step(&self, step: usize, acts: Pose) -> StepView {
        self.is(Pose::Still);
        let before = self.enrolment.view().expect("it is open").steps[step].attempts;
        self.enrolment.record(&RecordStep { step, countdown_seconds: 0 }).expect("it begins");
        self.until("the recording", |view| match view.doing {
            EnrolmentDoing::Recording { millis, .. } if millis >= 900 => Some(()),
            EnrolmentDoing::Watching if view.steps[step].attempts > before => Some(()),
            _ => None,
        });
        self.is(acts);
        let done = self.until("the checks", |view| (view.doing == EnrolmentDoing::Watching).then(|| view.clone()));
        assert_eq!(done.problem, None);
        done.steps[step].clone()
    }

    fn all(&self, act: impl Fn(&StepAsks) -> Pose) -> Vec<StepView> {
        let steps = self.enrolment.view().expect("it is open").steps;
        steps.iter().enumerate().map(|(at, step)| self.step(at, act(&step.asks))).collect()
    }
}

fn obeys(asks: &StepAsks) -> Pose {
    match asks {
        StepAsks::Look => Pose::Still,
        StepAsks::TurnLeft => Pose::Left,
        StepAsks::TurnRight => Pose::Right,
        StepAsks::Say(_) => Pose::Speaks,
    }
}

fn finish(name: &str) -> FinishEnrolment {
    FinishEnrolment { name: name.to_owned(), terms: terms(None), attestation: None }
}

#[test]
fn somebody_who_does_what_is_asked_is_on_record_with_what_was_checked_and_what_was_not() {
    let scene = scene(TestPattern::default(), 11);
    let opened = scene.enrolment.open(&OpenCamera::default()).expect("it opens");
    assert_eq!((opened.camera.as_deref(), opened.microphone.as_deref()), (Some("Test picture"), Some("Test sound")));
    assert!(!opened.complete && opened.steps.iter().all(|step| !step.recorded));
    let refused = scene.enrolment.finish(finish("Ada")).expect_err("nothing is recorded");
    assert_eq!(refused.0.rule, "enrolment.incomplete");
    for step in scene.all(obeys) {
        let doubts: Vec<&Finding> = step.findings.iter().filter(|finding| !finding.holds()).collect();
        assert!(doubts.is_empty() && !step.findings.is_empty(), "{:?}: {:?}", step.asks, step.findings);
    }
    // Sealed while it is not yet on record, and in no list.
    let vault = kinora_vault::FolderVault::new(scene.machine.path("cameos"), scene.machine.keeper());
    let place = vault.cameos().expect("a list")[0];
    let mut under_way = vec![vault.read_torn(place, "step-0-1").expect("it opens")];
    for film in vault.names(place).expect("a list") {
        under_way.push(vault.read(place, &film.name).expect("it opens"));
    }
    assert_eq!(under_way.len(), 5);
    nothing_plain(scene.machine.folder.path(), &under_way);
    assert!(scene.machine.consents.list().expect("a list").cameos.is_empty());
    let cameo = scene.enrolment.finish(finish("Ada")).expect("it is put on record");
    assert_eq!(scene.enrolment.view().expect_err("the camera is closed").0.rule, "enrolment.closed");
    let view = scene.machine.consents.find(&cameo.to_string()).expect("on record");
    assert_eq!((view.name.as_str(), view.recordings.len(), view.pictures, view.problem.clone()), ("Ada", 4, 4, None));
    let (yes, no) = (view.consents[0].verified.join("\n"), view.consents[0].not_verified.join("\n"));
    for words in ["camera “Test picture”", "SeetaFace", "moved to that side", "a voice was heard", "Laplacian"] {
        assert!(yes.contains(words), "“{words}” is not in: {yes}");
    }
    for words in ["Which digits were said", "nothing compares faces or voices", "and no film of one"] {
        assert!(no.contains(words), "“{words}” is not in: {no}");
    }
    // One key and its sealed files; the place it was recorded in is gone with its key.
    assert_eq!(vault.cameos().expect("a list"), [cameo]);
    let read = |recording: &kinora_api::RecordingView| vault.read(cameo, &recording.name).expect("it opens");
    let films: Vec<Vec<u8>> = view.recordings.iter().map(read).collect();
    assert_eq!(films, under_way[1..]);
    nothing_plain(scene.machine.folder.path(), &films);
}

#[test]
fn what_is_not_found_is_said_with_its_reason_and_can_be_done_again() {
    let scene = scene(TestPattern { real_time: false, ..TestPattern::default() }, 5);
    scene.enrolment.open(&OpenCamera::default()).expect("it opens");
    let steps = scene.enrolment.view().expect("open").steps;
    let of = |wanted: fn(&StepAsks) -> bool| steps.iter().position(|step| wanted(&step.asks)).expect("it is asked for");
    let (look, say) = (0, of(|asks| matches!(asks, StepAsks::Say(_))));
    let left = of(|asks| *asks == StepAsks::TurnLeft);
    let has = |step: &StepView, finding: Finding| assert!(step.findings.contains(&finding), "{:?}", step.findings);
    has(&scene.step(look, Pose::Away), Finding::NoFace);
    has(&scene.step(look, Pose::Blurred), Finding::Blurred);
    has(&scene.step(left, Pose::Right), Finding::NotTurned);
    has(&scene.step(left, Pose::Still), Finding::NotTurned);
    has(&scene.step(say, Pose::Still), Finding::NoSpeech);
    has(&scene.step(say, Pose::Dark), Finding::TooDark);
    // Again, as asked; one is left as it is.
    for (step, asked) in steps.iter().enumerate() {
        if step != left {
            let acts = obeys(&asked.asks);
            let done = scene.step(step, acts);
            assert!(done.findings.iter().all(|finding| finding.holds()), "{:?}: {:?}", done.asks, done.findings);
        }
    }
    let cameo = scene.enrolment.finish(finish("Ada")).expect("it is put on record");
    let view = scene.machine.consents.find(&cameo.to_string()).expect("on record");
    let (yes, no) = (view.consents[0].verified.join("\n"), view.consents[0].not_verified.join("\n"));
    assert!(no.contains("to the left: that the face moved to that side"), "{no}");
    assert!(yes.contains("This step was recorded 3 times"), "{yes}");
}

#[test]
fn nothing_is_left_of_an_enrolment_that_nobody_consented_to() {
    let scene = scene(TestPattern { real_time: false, ..TestPattern::default() }, 6);
    scene.enrolment.open(&OpenCamera::default()).expect("it opens");
    scene.step(0, Pose::Still);
    let vault = kinora_vault::FolderVault::new(scene.machine.path("cameos"), scene.machine.keeper());
    assert_eq!(vault.cameos().expect("a list").len(), 1);
    scene.enrolment.close();
    assert!(vault.cameos().expect("a list").is_empty());
    let sealed = |path: &PathBuf| path.extension().is_some_and(|kind| kind == "sealed" || kind == "part");
    assert!(!files(scene.machine.folder.path()).iter().any(sealed));
    // A studio that was killed meanwhile leaves sealed bytes; the next enrolment destroys them, and nothing that is on record.
    let ada = scene.machine.add("Ada", terms(None)).expect("on record");
    let left = kinora_document::CameoId(99);
    vault.create(left).expect("a key");
    vault.write(left, "step-0-1.mp4", b"half a film").expect("sealed");
    scene.enrolment.open(&OpenCamera::default()).expect("it opens");
    let now = vault.cameos().expect("a list");
    assert!(now.contains(&ada) && !now.contains(&left), "{now:?}");
    assert!(scene.machine.consents.find("Ada").expect("on record").problem.is_none());
}

#[test]
fn a_device_that_goes_away_ends_the_step_alone() {
    let scene = scene(TestPattern::default(), 8);
    scene.enrolment.open(&OpenCamera::default()).expect("it opens");
    let first = scene.step(0, Pose::Still);
    assert!(first.recorded);
    scene.enrolment.record(&RecordStep { step: 1, countdown_seconds: 0 }).expect("it begins");
    scene.until("the recording", |view| matches!(view.doing, EnrolmentDoing::Recording { .. }).then_some(()));
    scene.is(Pose::Unplugged);
    let problem = scene.until("the problem", |view| view.problem.clone());
    assert!(problem.what.contains("camera") && problem.remedy.contains("Plug it in"), "{problem:?}");
    let view = scene.until("the end", |view| (view.doing == EnrolmentDoing::Watching).then(|| view.clone()));
    assert!(view.steps[0].recorded && !view.steps[1].recorded);
    // Plugged in again: the steps are as they were.
    scene.is(Pose::Still);
    let again = scene.enrolment.open(&OpenCamera::default()).expect("it opens");
    assert!(again.steps[0].recorded && again.problem.is_none());
    assert_eq!(
        again.steps.iter().map(|step| &step.asks).collect::<Vec<_>>(),
        view.steps.iter().map(|step| &step.asks).collect::<Vec<_>>()
    );
}

#[test]
fn without_a_microphone_the_record_says_that_nothing_could_be_heard() {
    let pattern = TestPattern { has_microphone: false, real_time: false, ..TestPattern::default() };
    let scene = scene(pattern, 9);
    let opened = scene.enrolment.open(&OpenCamera::default()).expect("it opens");
    assert!(opened.microphone.is_none() && opened.without.len() == 1, "{opened:?}");
    let steps = scene.all(obeys);
    assert!(steps.iter().any(|step| step.findings.contains(&Finding::NoSound)), "{steps:?}");
    let cameo = scene.enrolment.finish(finish("Ada")).expect("it is put on record");
    let view = scene.machine.consents.find(&cameo.to_string()).expect("on record");
    let no = view.consents[0].not_verified.join("\n");
    assert!(no.contains("recorded without a microphone"), "{no}");
}
