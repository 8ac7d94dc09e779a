//! An export is all or nothing, also when the process dies or the disk is full: 50 children are killed at any moment of theirs.
//!
//! The test starts itself as the child. After each kill the target is absent or complete, and the next export of that name works.
//! A limit on file size stands for the full disk: it needs no rights and stops writing at an exact byte.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking and prints what it measured")]

mod common;

use common::{film, open, picture, settings, tone};
use kinora_document::FrameRate;
use kinora_media::GstEncoder;
use kinora_ports::Encoder;
use kinora_ports::media::Container;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const KILLS: u64 = 50;
const PICTURES: u32 = 40;

fn container(round: u64) -> Container {
    [Container::Mp4, Container::Take, Container::Mp4, Container::WebM, Container::PngSequence][round as usize % 5]
}

fn child(round: u64, path: &Path) {
    let mut encoding = GstEncoder::new().start(&settings(container(round), 160, 96, FrameRate::FPS_25), path).unwrap();
    println!("begun");
    for index in 0..PICTURES {
        encoding.picture(&picture(160, 96, index)).unwrap();
        encoding.sound(&tone(1920)).unwrap();
    }
    encoding.finish().unwrap();
    println!("done.");
    std::thread::sleep(Duration::from_secs(20));
}

/// Writes too much and prints what it was told.
fn child_on_a_full_disk(round: u64, path: &Path) {
    let write = || {
        let mut encoding = GstEncoder::new().start(&settings(container(round), 320, 192, FrameRate::FPS_24), path)?;
        (0..400).try_for_each(|index| encoding.picture(&picture(320, 192, index * 11)))?;
        encoding.finish()
    };
    println!("{}", write().err().map_or("written".to_owned(), |error| error.to_string()));
}

#[cfg(unix)]
fn a_full_disk_is_named_as_such() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..5 {
        let path = folder.path().join("film");
        // The signal that would end the process is ignored, as a full disk sends none; 64 blocks are 32 KiB.
        let output = Command::new("sh")
            .args(["-c", "trap '' XFSZ; ulimit -f 64; exec \"$0\" --full \"$1\" \"$2\""])
            .arg(std::env::current_exe().unwrap())
            .args([&round.to_string(), path.to_str().unwrap()])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.contains("no room left") && said.contains("Free some space"), "{:?}: {said}", container(round));
        assert_eq!(common::names(folder.path()), Vec::<String>::new());
    }
}

#[cfg(not(unix))]
fn a_full_disk_is_named_as_such() {}

/// Starts a child and comes back when it begins to write.
fn start(round: u64, path: &Path) -> (Child, Instant) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--child", &round.to_string(), path.to_str().unwrap()])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    read_word(&mut child);
    (child, Instant::now())
}

/// "begun" or "done."
fn read_word(child: &mut Child) {
    child.stdout.as_mut().unwrap().read_exact(&mut [0; 6]).expect("the child says how far it is");
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, word, round, path] = arguments.as_slice()
        && word == "--child"
    {
        return child(round.parse().unwrap(), Path::new(path));
    }
    if let [_, word, round, path] = arguments.as_slice()
        && word == "--full"
    {
        return child_on_a_full_disk(round.parse().unwrap(), Path::new(path));
    }
    let promise = |name: &str, check: fn()| {
        libtest_mimic::Trial::test(name, move || {
            check();
            Ok(())
        })
    };
    let promises = vec![
        promise("a_full_disk_is_named_as_such", a_full_disk_is_named_as_such),
        promise("a_killed_export_leaves_a_whole_file_or_none", a_killed_export_leaves_a_whole_file_or_none),
    ];
    libtest_mimic::run(&libtest_mimic::Arguments::from_args(), promises).exit();
}

fn a_killed_export_leaves_a_whole_file_or_none() {
    let folder = tempfile::tempdir().unwrap();
    let (mut complete, mut absent) = (0, 0);
    let mut whole = [Duration::ZERO; 5];
    for round in 0..5 {
        let (mut child, begun) = start(round, &folder.path().join(format!("film {round}")));
        read_word(&mut child);
        whole[round as usize] = begun.elapsed();
        child.kill().unwrap();
        child.wait().unwrap();
    }
    for round in 0..KILLS {
        let path = folder.path().join(format!("film {}", round % 5));
        _ = std::fs::remove_file(&path);
        _ = std::fs::remove_dir_all(&path);
        let (mut child, _) = start(round, &path);
        // Spread over the whole of an export, the end with its renaming included.
        std::thread::sleep(whole[round as usize % 5] * (round / 5) as u32 / 9);
        child.kill().unwrap();
        child.wait().unwrap();
        if !path.exists() {
            absent += 1;
        } else if container(round) == Container::PngSequence {
            assert_eq!(common::names(&path).len(), PICTURES as usize + 1);
            complete += 1;
        } else {
            let mut movie = open(&path);
            assert_eq!(movie.info().frames, PICTURES);
            movie.frame(PICTURES - 1).unwrap();
            complete += 1;
        }
    }
    for round in 0..5 {
        let path = folder.path().join(format!("film {round}"));
        film(&GstEncoder::new(), &settings(container(round), 64, 64, FrameRate::FPS_25), 5, &path).unwrap();
    }
    let left = common::names(folder.path());
    assert!(left.iter().all(|name| !name.ends_with(".part")), "left behind: {left:?}");
    println!("{KILLS} kills: {absent} without a file, {complete} with a complete one, 0 broken");
    assert!(absent > 0);
}
