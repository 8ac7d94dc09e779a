//! sled is expendable: deleted, truncated, with flipped bits or garbage in it, the film is the same.
//!
//! The journal makes it anew; nothing crashes or hangs on what sled says of a damaged file, and the film can be edited afterwards.
//! Damage is told; an index that is only behind the journal, as a kill leaves it, is nothing to worry a person with.
//! Changes are chosen by a seed, and a failing one is named by its number.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod common;

use common::{Writer, empty_film, files};
use kinora_document::Film;
use kinora_ports::ProjectStore;
use kinora_ports::fakes::Dice;
use kinora_store::ProjectFolder;
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;
use std::time::Duration;

const LONGEST: Duration = Duration::from_secs(60);

fn build(root: &Path) -> Film {
    let project = ProjectFolder::create(root, &empty_film()).unwrap();
    let mut writer = Writer::new(empty_film(), 0, 5);
    for _ in 0..60 {
        let edit = writer.edit();
        project.append(&edit, &writer.film).unwrap();
    }
    project.put_record("queue/next", b"41").unwrap();
    writer.film
}

fn sled_files(root: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = Vec::new();
    let mut folders = vec![root.join("store.sled")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Damages a copy, opens it, compares, edits, opens again.
fn same_film(model: &Path, film: &Film, what: &str, damage: impl FnOnce(&Path)) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("Film.kinora");
    copy(model, &root);
    damage(&root);
    let (tell, told) = sync_channel(1);
    let wanted = film.clone();
    std::thread::spawn(move || {
        let (project, opened) = ProjectFolder::open(&root).unwrap();
        assert_eq!(opened.film, wanted);
        assert_eq!(project.record("queue/next").unwrap().as_deref(), Some(&b"41"[..]));
        let mut writer = Writer::new(opened.film, opened.edits.len() as u64, 9);
        let edit = writer.edit();
        project.append(&edit, &writer.film).unwrap();
        drop(project);
        let (project, mut again) = ProjectFolder::open(&root).unwrap();
        assert_eq!(again.film, writer.film);
        if opened.repairs.is_empty() && !again.repairs.is_empty() {
            // The damage lay where only the edit looked; this opening has mended it.
            drop(project);
            again = ProjectFolder::open(&root).unwrap().1;
            assert_eq!(again.film, writer.film);
        }
        assert_eq!(again.repairs, Vec::<String>::new(), "it was mended for good");
        tell.send(!opened.repairs.is_empty()).unwrap();
    });
    told.recv_timeout(LONGEST).unwrap_or_else(|_| panic!("{what}: another film, a crash or a hang"))
}

#[test]
fn the_film_is_the_same_whatever_happens_to_the_index() {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("Model.kinora");
    let film = build(&model);
    let everything = files(&model);
    assert!(!same_film(&model, &film, "nothing", |_| {}), "an index that is well is used");
    same_film(&model, &film, "deleted", |root| std::fs::remove_dir_all(root.join("store.sled")).unwrap());
    let told = same_film(&model, &film, "a file in its place", |root| {
        std::fs::remove_dir_all(root.join("store.sled")).unwrap();
        std::fs::write(root.join("store.sled"), "x").unwrap();
    });
    assert!(told, "damage is told");
    let names: Vec<PathBuf> =
        sled_files(&model).iter().map(|file| file.strip_prefix(&model).unwrap().to_owned()).collect();
    assert!(names.len() >= 2, "{names:?}");
    let (mut variants, mut mended) = (3, 0);
    for name in &names {
        let label = name.display();
        same_film(&model, &film, &format!("without {label}"), |root| std::fs::remove_file(root.join(name)).unwrap());
        same_film(&model, &film, &format!("garbage in {label}"), |root| {
            let length = std::fs::metadata(root.join(name)).unwrap().len().min(1 << 20);
            let mut dice = Dice(length);
            std::fs::write(root.join(name), (0..length).map(|_| dice.roll() as u8).collect::<Vec<_>>()).unwrap();
        });
        variants += 2;
        let length = std::fs::metadata(model.join(name)).unwrap().len();
        for keep in [0, 1, length / 3, length / 2, length.saturating_sub(1)] {
            same_film(&model, &film, &format!("{label} cut to {keep}"), |root| {
                std::fs::File::options().write(true).open(root.join(name)).unwrap().set_len(keep).unwrap();
            });
            variants += 1;
        }
    }
    for number in 0..60u64 {
        let mended_now = same_film(&model, &film, &format!("flipped bits {number}"), |root| {
            let mut dice = Dice(number);
            for _ in 0..=dice.below(8) {
                let path = root.join(&names[dice.below(names.len() as u64) as usize]);
                let mut bytes = std::fs::read(&path).unwrap();
                // sled's file is mostly zeros that nobody reads; bits are flipped where there is something.
                let used = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
                if used > 0 {
                    let at = dice.below(used as u64) as usize;
                    bytes[at] ^= 1 << dice.below(8);
                    std::fs::write(&path, bytes).unwrap();
                }
            }
        });
        mended += u64::from(mended_now);
        variants += 1;
    }
    assert!(mended >= 10, "the flips hit something: {mended}");
    assert_eq!(files(&model), everything, "the model was only copied");
    println!("{variants} variants, {mended} of 60 flips had to be mended, 0 other films");
}

/// Opens, and says whether the person was told of anything; the next opening has nothing to tell.
fn told_when_opened(root: &Path, film: &Film) -> bool {
    let (project, opened) = ProjectFolder::open(root).unwrap();
    assert_eq!(opened.film, *film);
    drop(project);
    let (_, again) = ProjectFolder::open(root).unwrap();
    assert_eq!((again.film, again.repairs), (film.clone(), Vec::new()));
    !opened.repairs.is_empty()
}

#[test]
fn an_index_that_is_behind_is_brought_up_without_a_word_and_a_damaged_one_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (root, early) = (folder.path().join("Film.kinora"), folder.path().join("early"));
    drop(ProjectFolder::create(&root, &empty_film()).unwrap());
    let mut writer = Writer::new(empty_film(), 0, 5);
    for round in 0..6 {
        let (project, _) = ProjectFolder::open(&root).unwrap();
        for _ in 0..10 {
            let edit = writer.edit();
            project.append(&edit, &writer.film).unwrap();
        }
        project.put_record("queue/next", format!("{round}").as_bytes()).unwrap();
        drop(project);
        if round % 2 == 0 {
            let _ = std::fs::remove_dir_all(&early);
            copy(&root.join("store.sled"), &early);
            continue;
        }
        // The index of ten edits ago, whole: what a kill between journal and index leaves behind.
        let behind = folder.path().join(format!("Behind {round}.kinora"));
        copy(&root, &behind);
        std::fs::remove_dir_all(behind.join("store.sled")).unwrap();
        copy(&early, &behind.join("store.sled"));
        assert!(!told_when_opened(&behind, &writer.film), "round {round}: nothing was wrong");
        // The same age, but garbage where sled keeps what it wrote.
        let damaged = folder.path().join(format!("Damaged {round}.kinora"));
        copy(&root, &damaged);
        for file in sled_files(&damaged) {
            let length = std::fs::metadata(&file).unwrap().len().min(1 << 20);
            let mut dice = Dice(length);
            std::fs::write(&file, (0..length).map(|_| dice.roll() as u8).collect::<Vec<_>>()).unwrap();
        }
        assert!(told_when_opened(&damaged, &writer.film), "round {round}: damage must be told");
    }
}

#[test]
fn an_index_that_another_kinora_wrote_is_made_anew_without_a_word() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("Film.kinora");
    let film = build(&root);
    let database = sled::open(root.join("store.sled")).unwrap();
    let meta = database.open_tree("meta").unwrap();
    let mut stamp: serde_json::Value = serde_json::from_slice(&meta.get("stamp").unwrap().unwrap()).unwrap();
    stamp["form"] = 4.into();
    meta.insert("stamp", serde_json::to_vec(&stamp).unwrap()).unwrap();
    database.flush().unwrap();
    drop((meta, database));
    assert!(!told_when_opened(&root, &film), "nothing was wrong");
}
