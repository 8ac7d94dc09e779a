//! An acknowledged edit survives a kill: 300 children are killed while they edit, at any moment of theirs.
//!
//! The test starts itself as the child, which tells each acknowledged edit and stored picture on its output. After each kill the film opens,
//! holds everything that was told, and its journal is whole. It must never pass because nothing was told.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod common;

use common::{Writer, empty_film, replayed};
use kinora_document::BlobHash;
use kinora_ports::ProjectStore;
use kinora_ports::fakes::Dice;
use kinora_ports::store::Edit;
use kinora_store::{Journal, ProjectFolder};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

const PROJECTS: u64 = 30;
const KILLS_OF_EACH: u64 = 10;
const AT_ONCE: u64 = 3;

fn print_of(edit: &Edit) -> String {
    blake3::hash(&serde_json::to_vec(edit).unwrap()).to_hex().to_string()
}

fn child(root: &Path, seed: u64) {
    let (project, opened) = ProjectFolder::open(root).unwrap();
    let mut writer = Writer::new(opened.film, opened.edits.len() as u64, seed);
    let mut out = std::io::stdout();
    for round in 0..100_000u64 {
        let edit = writer.edit();
        project.append(&edit, &writer.film).unwrap();
        writeln!(out, "edit {} {}", edit.sequence, print_of(&edit)).unwrap();
        match round % 5 {
            1 => {
                let hash = project.blobs().put(format!("picture {seed} {round}").repeat(300).as_bytes()).unwrap();
                writeln!(out, "blob {hash}").unwrap();
            }
            3 => {
                project.put_record("queue/next", edit.sequence.to_string().as_bytes()).unwrap();
                writeln!(out, "record {}", edit.sequence).unwrap();
            }
            _ => {}
        }
        out.flush().unwrap();
    }
}

#[derive(Default)]
struct Told {
    edits: Vec<(u64, String)>,
    blobs: Vec<BlobHash>,
    record: Option<u64>,
}

impl Told {
    fn hear(&mut self, line: &str) {
        match line.split(' ').collect::<Vec<_>>().as_slice() {
            ["edit", sequence, print] => self.edits.push((sequence.parse().unwrap(), (*print).to_owned())),
            ["blob", hash] => self.blobs.push(hash.parse().unwrap()),
            ["record", value] => self.record = Some(value.parse().unwrap()),
            other => panic!("{other:?}"),
        }
    }
}

/// Starts a child, kills it, and hears out what it had told.
fn kill_one(root: &Path, seed: u64, told: &mut Told) {
    let mut process = Command::new(std::env::current_exe().unwrap())
        .args(["--child", root.to_str().unwrap(), &seed.to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = process.stdout.take().unwrap();
    let (tell, heard) = sync_channel(100_000);
    let reader = std::thread::spawn(move || {
        for line in BufReader::new(output).split(b'\n') {
            tell.send(String::from_utf8(line.unwrap()).unwrap()).unwrap();
        }
    });
    let first: String = heard.recv_timeout(Duration::from_secs(60)).expect("the child tells an edit");
    std::thread::sleep(Duration::from_micros(Dice(seed).below(60_000)));
    process.kill().unwrap();
    process.wait().unwrap();
    reader.join().unwrap();
    let lines: Vec<String> = std::iter::once(first).chain(heard.try_iter()).collect();
    // The pipe hands on whole writes; only the very last line could be cut, and then it was not told.
    for line in lines.iter().filter(|line| !line.is_empty()) {
        told.hear(line);
    }
}

fn project(number: u64) -> (usize, u64) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("Film.kinora");
    drop(ProjectFolder::create(&root, &empty_film()).unwrap());
    let mut told = Told::default();
    let mut mended = 0;
    for kill in 0..KILLS_OF_EACH {
        kill_one(&root, number * 1000 + kill, &mut told);
        let (project, opened) = ProjectFolder::open(&root).expect("a killed film opens");
        mended += u64::from(!opened.repairs.is_empty());
        // An index that is behind is no news; the torn end of an edit that nobody was told of is.
        assert!(opened.repairs.iter().all(|repair| repair.contains("were cut off")), "{:?}", opened.repairs);
        for (place, edit) in opened.edits.iter().enumerate() {
            assert_eq!(edit.sequence, place as u64 + 1);
        }
        for (sequence, print) in &told.edits {
            let edit = opened.edits.get(*sequence as usize - 1).unwrap_or_else(|| panic!("edit {sequence} is lost"));
            assert_eq!(&print_of(edit), print, "edit {sequence} is another");
        }
        for blob in &told.blobs {
            project.blobs().get(*blob).expect("a stored picture is there");
        }
        let record = project
            .record("queue/next")
            .unwrap()
            .map(|value| String::from_utf8(value).unwrap().parse::<u64>().unwrap());
        assert!(record >= told.record, "{record:?} is older than {:?}", told.record);
        assert_eq!(opened.film, replayed(&opened.beginning, &opened.edits), "the index agrees with the journal");
        let (lines, whole) = Journal::inspect(&std::fs::read(root.join("journal/edits.log")).unwrap());
        assert!(whole && lines.len() >= opened.edits.len(), "the chain is whole");
    }
    (told.edits.len(), mended)
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, flag, root, seed] = arguments.as_slice()
        && flag == "--child"
    {
        return child(Path::new(root), seed.parse().unwrap());
    }
    let promise = libtest_mimic::Trial::test("an_acknowledged_edit_survives_a_kill", || {
        an_acknowledged_edit_survives_a_kill();
        Ok(())
    });
    libtest_mimic::run(&libtest_mimic::Arguments::from_args(), vec![promise]).exit();
}

fn an_acknowledged_edit_survives_a_kill() {
    let started = Instant::now();
    let workers: Vec<_> = (0..AT_ONCE)
        .map(|worker| {
            std::thread::spawn(move || {
                (0..PROJECTS).filter(|number| number % AT_ONCE == worker).map(project).collect::<Vec<_>>()
            })
        })
        .collect();
    let results: Vec<(usize, u64)> =
        workers.into_iter().flat_map(|worker| worker.join().expect("no promise was broken")).collect();
    let edits: usize = results.iter().map(|(edits, _)| edits).sum();
    let mended: u64 = results.iter().map(|(_, mended)| mended).sum();
    let kills = PROJECTS * KILLS_OF_EACH;
    assert!(edits as u64 >= kills);
    println!(
        "{kills} kills, {edits} acknowledged edits, 0 lost, 0 unopenable, {mended} mended, {:.1} s",
        started.elapsed().as_secs_f64()
    );
}
