//! The journal read back: cut anywhere, damaged anywhere, written by a foreign hand.
//!
//! What was whole before the damage is the film; what comes after is kept beside the journal and told in a sentence, never dropped silently.
//! Nothing a journal can hold may crash the reader.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Writer, assert_polite, empty_film, files, replayed};
use kinora_document::{Film, Op, Patch};
use kinora_ports::Disk;
use kinora_ports::ProjectStore;
use kinora_ports::fakes::{Dice, SimulatedDisk};
use kinora_ports::store::Edit;
use kinora_store::{Damage, Journal, Ledger, Line, ProjectFolder, check, repair};
use std::path::Path;
use std::sync::Arc;

const LOG: &str = "journal/edits.log";

fn written(count: u64) -> (Film, Vec<Edit>, Vec<u8>) {
    let disk = Arc::new(SimulatedDisk::new());
    let film = empty_film();
    let mut ledger = Ledger::create(disk.clone(), &film).unwrap();
    let mut writer = Writer::new(film.clone(), 0, 3);
    let edits: Vec<Edit> = (0..count).map(|_| writer.edit()).collect();
    for edit in &edits {
        ledger.append(edit).unwrap();
    }
    (film, edits, disk.read(Path::new(LOG)).unwrap())
}

fn on_disk(film: &Film, log: &[u8]) -> Arc<SimulatedDisk> {
    let disk = Arc::new(SimulatedDisk::new());
    drop(Ledger::create(disk.clone(), film).unwrap());
    disk.write(Path::new(LOG), log).unwrap();
    disk
}

#[test]
fn a_journal_cut_anywhere_gives_the_edits_before_the_cut() {
    let (film, edits, log) = written(8);
    for cut in 0..=log.len() {
        let disk = on_disk(&film, &log[..cut]);
        let (mut ledger, loaded) = Ledger::open(disk.clone()).unwrap();
        let whole = log[..cut].iter().filter(|byte| **byte == b'\n').count();
        assert_eq!(loaded.edits, edits[..whole], "cut at {cut}");
        let rest = log[..cut].iter().rev().take_while(|byte| **byte != b'\n').count() as u64;
        assert_eq!(loaded.damage, (rest > 0).then_some(Damage::TornEnd { bytes: rest }), "cut at {cut}");
        let edit = Writer::new(replayed(&film, &loaded.edits), whole as u64, 1).edit();
        ledger.append(&edit).unwrap();
        assert_eq!(Ledger::open(disk).unwrap().1.edits.last(), Some(&edit));
    }
}

#[test]
fn a_changed_byte_anywhere_keeps_what_is_before_and_puts_the_rest_aside() {
    let (film, edits, log) = written(6);
    let mut dice = Dice(1);
    for at in 0..log.len() {
        let mut changed = log.clone();
        changed[at] ^= 1 << dice.below(8);
        let line = log[..at].iter().filter(|byte| **byte == b'\n').count();
        let begin = log[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
        let disk = on_disk(&film, &changed);
        let (_, loaded) = Ledger::open(disk.clone()).unwrap();
        assert_eq!(loaded.edits, edits[..line], "changed at {at}");
        match loaded.damage {
            Some(Damage::Middle { line: told, bytes, aside }) => {
                assert_eq!((told, bytes), (line + 1, (changed.len() - begin) as u64));
                assert_eq!(disk.read(&aside).unwrap(), &changed[begin..], "changed at {at}");
            }
            // The end of the very last line, or a zero in it, cannot be told from a torn one.
            Some(Damage::TornEnd { .. }) => assert!(line == 5, "changed at {at}"),
            None => panic!("the change at {at} went unnoticed"),
        }
        assert!(Ledger::open(disk).unwrap().1.damage.is_none(), "mended once");
    }
}

#[test]
fn garbage_never_crashes_the_reader() {
    let (film, _, log) = written(5);
    for seed in 0..2_000 {
        let mut dice = Dice(seed);
        let mut bytes = log.clone();
        for _ in 0..=dice.below(20) {
            let at = dice.below(bytes.len() as u64) as usize;
            match dice.below(4) {
                0 => bytes[at] = dice.roll() as u8,
                1 => drop(bytes.drain(at..(at + dice.below(90) as usize).min(bytes.len()))),
                2 => bytes.extend_from_slice(&log[at.min(log.len())..]),
                _ => bytes.insert(at, b'\n'),
            }
            if bytes.is_empty() {
                break;
            }
        }
        let (lines, _) = Journal::inspect(&bytes);
        let (_, loaded) = Ledger::open(on_disk(&film, &bytes)).unwrap();
        assert!(loaded.edits.len() <= lines.len() && loaded.replay().1.is_none(), "seed {seed}");
    }
}

#[test]
fn a_chain_of_numbers_with_a_hole_or_past_the_end_is_no_journal() {
    for wrong in [0, 2, u64::MAX] {
        let disk: Arc<SimulatedDisk> = on_disk(&empty_film(), b"");
        let (mut journal, _) = Journal::open(disk.clone(), Path::new(LOG)).unwrap();
        let edit = Edit { sequence: wrong, ..Writer::new(empty_film(), 0, 1).edit() };
        journal.append(&Line::Edit(edit)).unwrap();
        let (mut ledger, loaded) = Ledger::open(disk).unwrap();
        assert!(loaded.edits.is_empty() && matches!(loaded.damage, Some(Damage::Middle { .. })));
        ledger.append(&Writer::new(empty_film(), 0, 1).edit()).unwrap();
    }
}

#[test]
fn a_journal_that_cannot_be_read_does_not_pass_for_an_empty_one() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("Film.kinora");
    drop(ProjectFolder::create(&root, &empty_film()).unwrap());
    std::fs::create_dir(root.join(LOG)).unwrap();
    assert_polite(&ProjectFolder::open(&root).unwrap_err());
    assert_polite(&check(&root).unwrap_err());
}

#[test]
fn an_edit_that_does_not_fit_is_put_aside_so_that_later_edits_count() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("Film.kinora");
    let project = ProjectFolder::create(&root, &empty_film()).unwrap();
    let mut writer = Writer::new(empty_film(), 0, 2);
    let good = writer.edit();
    project.append(&good, &writer.film).unwrap();
    let before = writer.film.clone();
    let foreign = writer.edit();
    let track = writer.film.tracks.first().unwrap().id.0;
    let gone = Op::Remove { address: kinora_document::Address { kind: kinora_document::Kind::Track, id: track } };
    let foreign = Edit { patch: Patch(vec![gone.clone(), gone]), ..foreign };
    project.append(&foreign, &writer.film).unwrap();
    drop(project);
    std::fs::remove_dir_all(root.join("store.sled")).unwrap();
    let (project, opened) = ProjectFolder::open(&root).unwrap();
    assert_eq!((&opened.film, opened.edits.len()), (&before, 1));
    assert!(
        opened.repairs.iter().any(|repair| repair.contains("does not fit") && repair.contains("aside")),
        "{:?}",
        opened.repairs
    );
    let mut writer = Writer::new(opened.film, 1, 8);
    let next = writer.edit();
    project.append(&next, &writer.film).unwrap();
    drop(project);
    assert_eq!(ProjectFolder::open(&root).unwrap().1.film, writer.film);
}

#[test]
fn damage_is_told_by_check_and_mended_by_repair() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("Film.kinora");
    let project = ProjectFolder::create(&root, &empty_film()).unwrap();
    let mut writer = Writer::new(empty_film(), 0, 2);
    for _ in 0..6 {
        let edit = writer.edit();
        project.append(&edit, &writer.film).unwrap();
    }
    drop(project);
    let mut log = std::fs::read(root.join(LOG)).unwrap();
    let third = log.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(1).unwrap().0 + 90;
    log[third] ^= 4;
    std::fs::write(root.join(LOG), &log).unwrap();
    let before = files(&root);
    let report = check(&root).unwrap();
    assert!(report.problems.iter().any(|problem| problem.contains("damaged line")), "{:?}", report.problems);
    assert_eq!(report.edits, 2);
    assert_eq!(files(&root), before, "check changes nothing");
    let (repairs, report) = repair(&root).unwrap();
    assert!(repairs.iter().any(|repair| repair.contains("line 3") && repair.contains("edits.aside-1")), "{repairs:?}");
    assert!(report.problems.is_empty() && report.edits == 2, "{:?}", report.problems);
    let (repairs, _) = repair(&root).unwrap();
    assert_eq!(repairs, Vec::<String>::new());
}

#[test]
fn a_journal_that_lost_its_end_at_a_line_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("Film.kinora");
    let project = ProjectFolder::create(&root, &empty_film()).unwrap();
    let mut writer = Writer::new(empty_film(), 0, 2);
    for _ in 0..4 {
        let edit = writer.edit();
        project.append(&edit, &writer.film).unwrap();
    }
    drop(project);
    let log = std::fs::read_to_string(root.join(LOG)).unwrap();
    let kept: String = log.split_inclusive('\n').take(3).collect();
    std::fs::write(root.join(LOG), kept).unwrap();
    let (_, opened) = ProjectFolder::open(&root).unwrap();
    assert_eq!(opened.edits.len(), 3);
    assert!(opened.repairs.iter().any(|repair| repair.contains("its end is missing")), "{:?}", opened.repairs);
}
