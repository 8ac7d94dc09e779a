//! Every single I/O error is survived: call 1 of the disk fails, then call 2, … until none does, for everything the store does.
//!
//! Each failing call does nothing, half, or all of its work before it reports. Afterwards what is stored is as before or as after, never
//! between; the same thing asked again works; and an edit appended after it is there when the film is opened again.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod common;

use common::{Writer, assert_polite, empty_film, replayed};
use kinora_document::Film;
use kinora_ports::fakes::{FailingDisk, How, SimulatedDisk};
use kinora_ports::store::Edit;
use kinora_ports::{Blobs, Disk, PortError};
use kinora_store::{FolderBlobs, Ledger};
use std::path::Path;
use std::sync::Arc;

const HOWS: [How; 3] = [How::Nothing, How::Half, How::All];

/// A film with a few edits on a fresh disk.
fn begun() -> (Arc<SimulatedDisk>, Film, Vec<Edit>) {
    let disk = Arc::new(SimulatedDisk::new());
    let film = empty_film();
    let mut ledger = Ledger::create(disk.clone(), &film).unwrap();
    let mut writer = Writer::new(film.clone(), 0, 7);
    let edits: Vec<Edit> = (0..5).map(|_| writer.edit()).collect();
    for edit in &edits {
        ledger.append(edit).unwrap();
    }
    (disk, film, edits)
}

/// Runs `rehearse` with call n failing, for every n and way to fail, one or two in a row; it returns whether call n came at all.
fn every_error(rehearse: impl Fn(&dyn Fn(Arc<SimulatedDisk>) -> Arc<FailingDisk>) -> bool) -> u64 {
    let mut errors = 0;
    for how in HOWS {
        for count in [1, 2] {
            let mut number = 1;
            while rehearse(&|disk| Arc::new(FailingDisk::new(disk, number, count, how))) {
                number += 1;
                errors += 1;
            }
            assert!(number > 1, "nothing was rehearsed");
        }
    }
    errors
}

/// What is on the disk: `edits`, with or without `perhaps`; and another edit is taken and found again.
fn sound_and_goes_on(disk: &Arc<SimulatedDisk>, film: &Film, edits: &[Edit], perhaps: Option<&Edit>) {
    let (mut ledger, loaded) = Ledger::open(disk.clone()).expect("the film opens");
    let after: Vec<Edit> = edits.iter().chain(perhaps).cloned().collect();
    assert!(loaded.edits == edits || loaded.edits == after, "between before and after");
    let mut writer = Writer::new(replayed(film, &loaded.edits), loaded.edits.len() as u64, 99);
    let next = writer.edit();
    ledger.append(&next).expect("the film goes on");
    // Also past a power cut: nothing that was acknowledged hung on a sync that failed.
    disk.power_cut(3);
    let (_, again) = Ledger::open(disk.clone()).unwrap();
    assert_eq!(again.edits.last(), Some(&next));
    assert_eq!(again.edits.len(), loaded.edits.len() + 1);
}

#[test]
fn an_edit_that_meets_an_error_is_made_or_not_made() {
    let errors = every_error(|failing| {
        let (disk, film, edits) = begun();
        let (_, loaded) = Ledger::open(disk.clone()).unwrap();
        let mut writer = Writer::new(replayed(&film, &loaded.edits), 5, 1);
        let edit = writer.edit();
        // The ledger is opened on a disk that fails only later.
        let late = failing(disk.clone());
        let Ok((mut ledger, _)) = Ledger::open(late.clone()) else {
            sound_and_goes_on(&disk, &film, &edits, None);
            return true;
        };
        if let Err(error) = ledger.append(&edit) {
            assert_polite(&error);
            // Asked again, also twice when two calls fail, it works in the same session.
            assert!((0..3).any(|_| ledger.append(&edit).is_ok()), "the edit can be made after the error");
        }
        let all: Vec<Edit> = edits.iter().cloned().chain([edit]).collect();
        sound_and_goes_on(&disk, &film, &all, None);
        late.has_failed()
    });
    println!("{errors} errors");
}

#[test]
fn an_edit_that_was_refused_is_not_there_later() {
    every_error(|failing| {
        let (disk, film, edits) = begun();
        let late = failing(disk.clone());
        let mut writer = Writer::new(replayed(&film, &edits), 5, 1);
        let edit = writer.edit();
        if let Ok((mut ledger, _)) = Ledger::open(late.clone())
            && ledger.append(&edit).is_err()
        {
            drop(ledger);
            sound_and_goes_on(&disk, &film, &edits, Some(&edit));
        }
        late.has_failed()
    });
}

#[test]
fn a_record_that_meets_an_error_is_old_or_new() {
    every_error(|failing| {
        let (disk, film, edits) = begun();
        Ledger::open(disk.clone()).unwrap().0.put_record("name", Some("old")).unwrap();
        let late = failing(disk.clone());
        if let Ok((mut ledger, _)) = Ledger::open(late.clone()) {
            let put = ledger.put_record("name", Some("new"));
            let (_, loaded) = Ledger::open(disk.clone()).unwrap();
            let value = loaded.records.get("name").map(String::as_str);
            assert!(value == Some("new") || (put.is_err() && value == Some("old")), "{value:?}");
        }
        sound_and_goes_on(&disk, &film, &edits, None);
        late.has_failed()
    });
}

#[test]
fn a_film_is_created_or_not_created() {
    every_error(|failing| {
        let disk = Arc::new(SimulatedDisk::new());
        let film = empty_film();
        let late = failing(disk.clone());
        match Ledger::create(late.clone(), &film) {
            Ok(_) => {
                disk.power_cut(1);
                sound_and_goes_on(&disk, &film, &[], None);
            }
            Err(error) => {
                assert_polite(&error);
                if disk.exists(Path::new("project.json")) {
                    sound_and_goes_on(&disk, &film, &[], None);
                } else {
                    Ledger::create(disk.clone(), &film).expect("it can be created after the error");
                    sound_and_goes_on(&disk, &film, &[], None);
                }
            }
        }
        late.has_failed()
    });
}

#[test]
fn mending_a_damaged_journal_loses_nothing_to_an_error() {
    let log = Path::new("journal/edits.log");
    for middle in [false, true] {
        every_error(|failing| {
            let (disk, film, edits) = begun();
            let bytes = disk.read(log).unwrap();
            let second_line = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 10;
            if middle {
                let mut changed = bytes.clone();
                changed[second_line + 60] ^= 1;
                disk.write(log, &changed).unwrap();
            } else {
                disk.truncate(log, bytes.len() as u64 - 9).unwrap();
            }
            disk.sync_file(log).unwrap();
            let damaged = disk.read(log).unwrap();
            let late = failing(disk.clone());
            if let Err(error) = Ledger::open(late.clone()) {
                assert_polite(&error);
            }
            let kept = if middle { &edits[..1] } else { &edits[..4] };
            let (_, loaded) = Ledger::open(disk.clone()).unwrap();
            assert_eq!(loaded.edits, kept);
            if middle {
                // Every byte of the damaged part is in one of the files beside the journal.
                let tail = &damaged[second_line - 9..];
                let beside = disk.list(Path::new("journal")).unwrap();
                assert!(beside.iter().any(|file| disk.read(file).unwrap() == tail), "the tail is gone");
            }
            sound_and_goes_on(&disk, &film, kept, None);
            late.has_failed()
        });
    }
}

#[test]
fn a_picture_that_meets_an_error_is_whole_or_absent() {
    let picture = vec![7; 5_000];
    every_error(|failing| {
        let disk = Arc::new(SimulatedDisk::new());
        drop(FolderBlobs::open(disk.clone(), Path::new("")).unwrap());
        let late = failing(disk.clone());
        let put = |blobs: &FolderBlobs| blobs.put(&picture);
        if let Ok(blobs) = FolderBlobs::open(late.clone(), Path::new("")) {
            let first: Result<_, PortError> = put(&blobs);
            if let Err(error) = &first {
                assert_polite(error);
            }
            let again = (0..3).find_map(|_| put(&blobs).ok()).expect("it works after the error");
            disk.power_cut(5);
            let later = FolderBlobs::open(disk.clone(), Path::new("")).unwrap();
            assert_eq!(later.get(again).unwrap(), picture, "acknowledged, so whole and durable");
            assert_eq!(disk.list(Path::new("media/scratch")).unwrap(), Vec::<std::path::PathBuf>::new());
        }
        late.has_failed()
    });
}
