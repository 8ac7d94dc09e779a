//! A small film on disk, as the files that parsers of the project's own formats are given.
//!
//! Made by the studio's own code with counted ids, so that each hunt begins from the same bytes.

use kinora_document::{Command, Film, FrameRate, FrameSize, GestureId, Role, new_film};
use kinora_ports::ProjectStore;
use kinora_ports::store::Edit;
use kinora_store::ProjectFolder;
use std::path::Path;

const SCRIPT: &str = "Title: The Ball\n\nEXT. BEACH - SUNSET\n\n[[cast: MARA = a young woman in a red coat]]\n\nA red ball bounces.\n\n\
MARA\nWhere did you come from?\n\nDISSOLVE TO:\n\nINT. KITCHEN - NIGHT\n\n[[shot: wide | pan left | 3s | seed 7]]\n\nThe ball is on the table.\n";

pub fn small() -> (Film, impl FnMut() -> u128) {
    let mut next = 0;
    let mut ids = move || {
        next += 1;
        next
    };
    let size = FrameSize { width: 1280, height: 720 };
    let mut film = new_film("Test", size, FrameRate::FPS_24, &mut ids);
    let patch = Command::SetScript { text: SCRIPT.to_owned() }.plan(&film, &mut ids).expect("the script is taken");
    film.apply(&patch).expect("a planned patch applies");
    (film, ids)
}

/// A project of a few edits below `scratch`: its `project.json`, its journal, and all of it as a bundle.
pub fn project(scratch: &Path) -> [Vec<u8>; 3] {
    let root = scratch.join("Seed.kinora");
    let bundle = scratch.join("seed.zip");
    let _ = (std::fs::remove_dir_all(&root), std::fs::remove_file(&bundle));
    let (mut film, mut ids) = small();
    let store = ProjectFolder::create(&root, &film).expect("a project");
    let shot = film.shots.first().expect("a shot").id;
    let commands = [
        Command::DuplicateShot { shot },
        Command::SetScript { text: SCRIPT.replace("red ball", "blue ball") },
        Command::RemoveShot { shot },
    ];
    for (sequence, command) in (1..).zip(commands) {
        let patch = command.plan(&film, &mut ids).expect("the command is taken");
        film.apply(&patch).expect("a planned patch applies");
        let gesture = GestureId(sequence.into());
        let edit = Edit { sequence, gesture, label: command.label().to_owned(), role: Role::Do, patch };
        store.append(&edit, &film).expect("it is written");
    }
    store.put_record("view", b"{\"zoom\":3}").expect("it is written");
    drop(store);
    kinora_store::bundle(&root, &bundle).expect("a bundle");
    let read = |path: &Path| std::fs::read(path).expect("what was just written");
    [read(&root.join("project.json")), read(&root.join("journal/edits.log")), read(&bundle)]
}
