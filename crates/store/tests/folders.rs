//! Project folders as people have them: opened twice, with odd names, on places that cannot hold one, with pictures missing.
//!
//! Each wrong thing is a sentence and leaves the disk as it was. Rights are not relied on, since whoever runs this may have all of them.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Count, Writer, assert_polite, empty_film, files};
use kinora_document::*;
use kinora_ports::ProjectStore;
use kinora_store::{ProjectFolder, check, repair};
use std::path::Path;

#[test]
fn a_film_open_in_one_place_is_locked_in_another() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("Film.kinora");
    let project = ProjectFolder::create(&root, &empty_film()).unwrap();
    let error = ProjectFolder::open(&root).unwrap_err();
    assert_polite(&error);
    assert!(error.to_string().contains("already open"), "{error}");
    let mut writer = Writer::new(empty_film(), 0, 1);
    let edit = writer.edit();
    project.append(&edit, &writer.film).unwrap();
    drop(project);
    assert_eq!(ProjectFolder::open(&root).unwrap().1.film, writer.film);
}

#[test]
fn names_with_spaces_quotes_and_other_letters_hold_a_film() {
    let folder = tempfile::tempdir().unwrap();
    for name in
        ["My Film", "it's \"quoted\" $(x) `y`", "Фильм о море", "映画 🎬", "-rf --", "percent %20 & more;", "%s\\n"]
    {
        let root = folder.path().join(name).join(format!("{name}.kinora"));
        let project = ProjectFolder::create(&root, &empty_film()).unwrap();
        let mut writer = Writer::new(empty_film(), 0, 1);
        let edit = writer.edit();
        project.append(&edit, &writer.film).unwrap();
        let picture = project.blobs().put(name.as_bytes()).unwrap();
        drop(project);
        let (project, opened) = ProjectFolder::open(&root).unwrap();
        assert_eq!((opened.film, opened.repairs), (writer.film, Vec::new()));
        assert_eq!(project.blobs().get(picture).unwrap(), name.as_bytes());
        drop(project);
        assert_eq!(check(&root).unwrap().problems, Vec::<String>::new());
    }
}

#[test]
fn a_place_that_cannot_hold_a_film_is_named_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "mine").unwrap();
    let full = folder.path().join("full");
    std::fs::create_dir(&full).unwrap();
    std::fs::write(full.join("letter.txt"), "mine").unwrap();
    let before = files(folder.path());
    for place in [file.clone(), file.join("Film.kinora"), full.clone()] {
        assert_polite(&ProjectFolder::create(&place, &empty_film()).unwrap_err());
    }
    for place in [file.clone(), full.join("nothing.kinora"), file.join("Film.kinora")] {
        assert_polite(&ProjectFolder::open(&place).unwrap_err());
        assert_polite(&check(&place).unwrap_err());
        assert_polite(&repair(&place).unwrap_err());
    }
    assert_polite(&ProjectFolder::open(&full).unwrap_err());
    assert_eq!(files(folder.path()), before);
    // A film is never made over another.
    let root = folder.path().join("Film.kinora");
    drop(ProjectFolder::create(&root, &empty_film()).unwrap());
    let before = files(&root);
    assert_polite(&ProjectFolder::create(&root, &empty_film()).unwrap_err());
    assert_eq!(files(&root), before);
}

#[test]
fn an_interrupted_creation_can_be_done_again() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("Film.kinora");
    std::fs::create_dir_all(root.join("journal")).unwrap();
    std::fs::write(root.join("project.json.part"), "{").unwrap();
    std::fs::write(root.join("project.lock"), "").unwrap();
    drop(ProjectFolder::create(&root, &empty_film()).unwrap());
    assert_eq!(ProjectFolder::open(&root).unwrap().1.film, empty_film());
}

#[test]
fn a_project_file_that_is_no_film_is_refused_and_kept() {
    let deep = format!("{{\"version\":1,\"settings\":{}1{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let newer = r#"{"version":99}"#.to_owned();
    for text in [String::new(), "{".to_owned(), "null".to_owned(), "\0\0\0".to_owned(), deep, newer] {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("Film.kinora");
        drop(ProjectFolder::create(&root, &empty_film()).unwrap());
        std::fs::write(root.join("project.json"), &text).unwrap();
        assert_polite(&ProjectFolder::open(&root).unwrap_err());
        assert_polite(&check(&root).unwrap_err());
        assert_eq!(std::fs::read_to_string(root.join("project.json")).unwrap(), text);
    }
}

/// A film with a shot, a take of it and a reference picture, all in the media folder.
fn with_media(root: &Path) -> (BlobHash, BlobHash) {
    let project = ProjectFolder::create(root, &empty_film()).unwrap();
    let mut writer = Writer::new(empty_film(), 0, 1);
    let mut ids = Count(1_000);
    let script = Command::SetScript { text: "EXT. BEACH - DAY\n\nA red ball bounces on the sand.\n".to_owned() };
    let edit = writer.perform(&script, &mut ids);
    project.append(&edit, &writer.film).unwrap();
    let movie = project.blobs().put(&[1; 4000]).unwrap();
    let picture = project.blobs().put(&[2; 4000]).unwrap();
    let take = Take {
        id: TakeId(77),
        shot: writer.film.shots.first().unwrap().id,
        key: BlobHash([1; 32]),
        blob: movie,
        thumbnail: Some(picture),
        prompt: "a red ball".to_owned(),
        negative: String::new(),
        seed: 1,
        engine: "draft".to_owned(),
        model: BlobHash([9; 32]),
        size: FrameSize { width: 128, height: 72 },
        rate: FrameRate::FPS_12,
        frames: 49,
        parent: None,
        notes: Vec::new(),
        cameos: Vec::new(),
        withdrawn: false,
    };
    let edit = writer.perform(&Command::AddTake { take: Box::new(take) }, &mut ids);
    project.append(&edit, &writer.film).unwrap();
    (movie, picture)
}

fn place(root: &Path, hash: BlobHash) -> std::path::PathBuf {
    let name = hash.to_string();
    root.join("media").join(&name[..2]).join(&name[2..4]).join(&name)
}

#[test]
fn a_missing_and_a_changed_picture_are_reported_and_can_be_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("Film.kinora");
    let (movie, picture) = with_media(&root);
    assert_eq!(check(&root).unwrap().problems, Vec::<String>::new());
    std::fs::remove_file(place(&root, movie)).unwrap();
    std::fs::write(place(&root, picture), "changed").unwrap();
    let before = files(&root);
    let report = check(&root).unwrap();
    assert_eq!(files(&root), before, "check changes nothing");
    assert_eq!((report.shots, report.takes, report.problems.len()), (1, 1, 2), "{:?}", report.problems);
    assert!(report.problems.iter().any(|problem| problem.contains("The take") && problem.contains("missing")));
    assert!(report.problems.iter().any(|problem| problem.contains("thumbnail") && problem.contains("changed")));
    let (_, report) = repair(&root).unwrap();
    assert_eq!(report.problems.len(), 2, "what is gone cannot be mended");
    // The film opens all the same, says so when asked for the picture, and takes it again.
    let (project, opened) = ProjectFolder::open(&root).unwrap();
    assert_eq!(opened.film.takes.len(), 1);
    for blob in [movie, picture] {
        assert_polite(&project.blobs().get(blob).unwrap_err());
    }
    assert_polite(&project.blobs().path(movie).unwrap_err());
    assert_eq!(project.blobs().put(&[1; 4000]).unwrap(), movie);
    let part = project.blobs().scratch().join("new.part");
    std::fs::write(&part, [2; 4000]).unwrap();
    assert_eq!(project.blobs().adopt(&part).unwrap(), picture);
    assert!(!part.exists());
    drop(project);
    assert_eq!(check(&root).unwrap().problems, Vec::<String>::new());
}

#[test]
fn what_an_interrupted_render_left_in_scratch_is_swept_at_opening() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("Film.kinora");
    let (movie, _) = with_media(&root);
    std::fs::write(root.join("media/scratch/half.part"), "half").unwrap();
    let (project, _) = ProjectFolder::open(&root).unwrap();
    assert!(!root.join("media/scratch/half.part").exists());
    assert_eq!(project.blobs().get(movie).unwrap().len(), 4000);
    project.put_spare("checkpoint-1", b"state").unwrap();
    assert_eq!(project.spare("checkpoint-1").as_deref(), Some(&b"state"[..]));
    project.remove_spare("checkpoint-1");
    assert_eq!(project.spare("checkpoint-1"), None);
    assert_eq!(project.records("").unwrap(), Vec::<String>::new());
}
