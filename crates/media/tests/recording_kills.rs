//! A recording that is killed is a recording up to its last second: 50 children die at any moment, and every film comes back.
//!
//! The test starts itself as the child, which records a test picture in real time, camera to disk, as the studio does. The disk that is
//! full is a limit on file size: it needs no rights and stops writing at an exact byte.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking and prints what it measured")]

mod common;

use common::recorder::{recorder, wait, wish};
use kinora_backend::RecorderState;
use kinora_media::FileKeep;
use kinora_media::recording::{rescue, rescue_all, under_way};
use kinora_ports::fakes::{Dice, TestPattern};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const KILLS: u64 = 50;
/// Children that record at the same time: waiting costs nothing but time.
const TOGETHER: usize = 5;
const MOST_LOST: f64 = 1.0;
const SEED: u64 = 20_261_126;

fn child(path: &Path) {
    let recorder = recorder(TestPattern::default());
    recorder.open(&wish(160, 96)).unwrap();
    recorder.record(Box::new(FileKeep::create(path).unwrap()), Duration::ZERO).unwrap();
    let millis = wait(&recorder, Duration::from_secs(30), |state| match state {
        RecorderState::Recording { millis, .. } if *millis > 0 => Some(*millis),
        _ => None,
    });
    println!("{millis}");
    let ended = wait(&recorder, Duration::from_secs(60), |state| match state {
        RecorderState::Ended { cut_short, .. } => Some(cut_short.clone().unwrap()),
        _ => None,
    });
    println!("{} {}", ended.what, ended.remedy);
}

struct Dying {
    child: Child,
    path: PathBuf,
    begun: Instant,
    millis: f64,
    after: Duration,
}

fn start(path: PathBuf, after: Duration) -> Dying {
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--child", path.to_str().unwrap()])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    Dying { child, path, begun: Instant::now(), millis: 0.0, after }
}

impl Dying {
    /// Waits for the first word: so many milliseconds are recorded.
    fn begins(&mut self) {
        let mut line = String::new();
        BufReader::new(self.child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        self.begun = Instant::now();
        self.millis = line.trim().parse().unwrap_or_else(|_| panic!("the child says how far it is, not “{line}”"));
    }
    /// Seconds recorded when it died.
    fn dies(&mut self) -> f64 {
        std::thread::sleep(self.after.saturating_sub(self.begun.elapsed()));
        self.child.kill().unwrap();
        let recorded = self.begun.elapsed().as_secs_f64() + self.millis / 1e3;
        self.child.wait().unwrap();
        recorded
    }
}

fn fifty_killed_recordings_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut dice = Dice(SEED);
    let (mut lost, mut shortest) = (Vec::new(), f64::MAX);
    let rounds: Vec<u64> = (0..KILLS).collect();
    for round in rounds.chunks(TOGETHER) {
        let mut dying: Vec<Dying> = round
            .iter()
            .map(|number| {
                let after = Duration::from_millis(1_200 + dice.below(1_800));
                start(folder.path().join(format!("take {number}.mp4")), after)
            })
            .collect();
        dying.iter_mut().for_each(Dying::begins);
        dying.sort_by_key(|one| one.begun + one.after);
        let dead: Vec<(PathBuf, f64)> = dying.iter_mut().map(|one| (one.path.clone(), one.dies())).collect();
        for (path, recorded) in dead {
            let before = std::fs::read(under_way(&path)).unwrap();
            let rescued = rescue(&path).unwrap_or_else(|error| panic!("seed {SEED}, {}: {error:?}", path.display()));
            assert!(!under_way(&path).exists() && !before.is_empty());
            let seconds = rescued.length.to_seconds_for_display();
            shortest = seconds.min(shortest);
            lost.push(recorded - seconds);
            // Plays to its end (the rescue proved it) and is sought in, backwards.
            let mut movie = common::open(&path);
            assert!(movie.info().has_sound && (movie.info().length - rescued.length).to_seconds_for_display() < 0.05);
            let last = movie.info().frames - 1;
            for index in [last, 0, last / 2] {
                assert_eq!(movie.frame(index).unwrap().width, 160);
            }
        }
    }
    let most = lost.iter().copied().fold(0.0, f64::max);
    let mean = lost.iter().sum::<f64>() / lost.len() as f64;
    println!(
        "{} kills, {} films back; lost at most {most:.3} s, {mean:.3} s in the mean; shortest film {shortest:.3} s",
        KILLS,
        lost.len()
    );
    assert!(most <= MOST_LOST, "seed {SEED}: {lost:?}");
}

fn what_cannot_be_rescued_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let torn = under_way(&folder.path().join("torn.mp4"));
    std::fs::write(&torn, b"\0\0\0\x1cftypiso5").unwrap();
    let answers = rescue_all(folder.path());
    let [(path, Err(error))] = answers.as_slice() else { panic!("{answers:?}") };
    assert!(path == &torn && error.to_string().contains("Record it again"), "{error}");
    assert_eq!(std::fs::read(&torn).unwrap(), b"\0\0\0\x1cftypiso5");
    // A recording under way is not touched either.
    let target = folder.path().join("now.mp4");
    let _keep = FileKeep::create(&target).unwrap();
    assert!(rescue(&target).unwrap_err().to_string().contains("right now"));
    assert!(FileKeep::create(&target).is_err() && under_way(&target).exists());
}

#[cfg(unix)]
fn a_full_disk_ends_a_recording_and_its_film_plays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("take.mp4");
    // The signal that would end the process is ignored, as a full disk sends none; 96 blocks are 48 KiB.
    let output = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 96; exec \"$0\" --child \"$1\""])
        .arg(std::env::current_exe().unwrap())
        .arg(&path)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("no room left") && said.contains("Free some space"), "{said}");
    let rescued = rescue(&path).unwrap();
    println!("{said}{rescued:?}");
    assert!(rescued.frames > 10 && rescued.torn_bytes == 0, "{rescued:?}");
}

#[cfg(not(unix))]
fn a_full_disk_ends_a_recording_and_its_film_plays() {}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, word, path] = arguments.as_slice()
        && word == "--child"
    {
        return child(Path::new(path));
    }
    let promise = |name: &str, check: fn()| {
        libtest_mimic::Trial::test(name, move || {
            check();
            Ok(())
        })
    };
    let promises = vec![
        promise("fifty_killed_recordings_come_back", fifty_killed_recordings_come_back),
        promise("what_cannot_be_rescued_is_left_as_it_is", what_cannot_be_rescued_is_left_as_it_is),
        promise("a_full_disk_ends_a_recording_and_its_film_plays", a_full_disk_ends_a_recording_and_its_film_plays),
    ];
    libtest_mimic::run(&libtest_mimic::Arguments::from_args(), promises).exit();
}
