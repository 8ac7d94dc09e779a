//! Files that a person lets go over the window: taken in by what they are, without the page ever seeing a path.
//!
//! A screenplay becomes the film's script (or a film of its own when none is open), a film folder is opened, everything else goes into
//! the bin. Letting go is the permission; nothing is read before.

use super::desk::Desk;
use kinora_api::Event;
use kinora_backend::Trouble;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tauri::DragDropEvent;

/// More at once is a slip of the hand, or a whole disk.
const MOST: usize = 100;

/// What a dropped path is to the studio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Film,
    Script,
    Media,
}

/// By its name alone: what it really is, whoever reads it finds out.
pub fn kind_of(path: &Path) -> Kind {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    match ending.as_str() {
        kinora_store::FOLDER_EXTENSION => Kind::Film,
        "fountain" | "spmd" | "fdx" | "txt" => Kind::Script,
        _ => Kind::Media,
    }
}

pub fn hear(desk: &Arc<Desk>, event: &DragDropEvent) {
    match event {
        DragDropEvent::Enter { paths, .. } => say(desk, waiting(paths), None),
        DragDropEvent::Leave => say(desk, String::new(), None),
        DragDropEvent::Drop { paths, .. } => {
            let (desk, paths) = (desk.clone(), paths.clone());
            // A movie may take a while to look through.
            tauri::async_runtime::spawn_blocking(move || take_in(&desk, &paths));
        }
        _ => {}
    }
}

fn waiting(paths: &[PathBuf]) -> String {
    match paths {
        [one] => format!("Let go to take in {}.", name_of(one)),
        many => format!("Let go to take in {} files.", many.len()),
    }
}

fn take_in(desk: &Desk, paths: &[PathBuf]) {
    let mut taken = Vec::new();
    for path in paths.iter().take(MOST) {
        match desk.take_in(path) {
            Ok(()) => taken.push(name_of(path)),
            Err(Trouble(problem)) => return say(desk, problem.what.clone(), Some(problem)),
        }
    }
    say(
        desk,
        match taken.as_slice() {
            [one] => format!("{one} is in the film now."),
            many => format!("{} files are in the film now.", many.len()),
        },
        None,
    );
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn say(desk: &Desk, text: String, problem: Option<kinora_api::Problem>) {
    desk.events().send(&Event::Notice { text, problem });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_file_is_what_its_name_says() {
        for (name, kind) in [
            ("My film.kinora", Kind::Film),
            ("ball.FOUNTAIN", Kind::Script),
            ("ball.fdx", Kind::Script),
            ("notes.txt", Kind::Script),
            ("beach.mov", Kind::Media),
            ("captions.srt", Kind::Media),
            ("no-ending", Kind::Media),
        ] {
            assert_eq!(kind_of(Path::new(name)), kind, "{name}");
        }
    }
}
