//! What the store's tests share: a small film, and edits that a person might make, chosen by a seed.
//!
//! Edits come from commands, so that what is stored is what the studio stores. Nothing here touches a disk.
#![allow(dead_code, clippy::unwrap_used)]

use kinora_document::*;
use kinora_ports::fakes::Dice;
use kinora_ports::store::Edit;

/// Ids 1, 2, 3, …
pub struct Count(pub u128);

impl Mint for Count {
    fn mint(&mut self) -> u128 {
        self.0 += 1;
        self.0
    }
}

pub fn empty_film() -> Film {
    new_film("Test", FrameSize { width: 1280, height: 720 }, FrameRate::FPS_24, &mut Count(0))
}

/// A film under way, with the edits that led to it.
pub struct Writer {
    pub film: Film,
    pub sequence: u64,
    pub dice: Dice,
}

impl Writer {
    pub fn new(film: Film, sequence: u64, seed: u64) -> Self {
        Self { film, sequence, dice: Dice(seed) }
    }

    /// The next edit; the film is as after it.
    pub fn edit(&mut self) -> Edit {
        let mut ids = Count(u128::from(self.sequence + 1) << 64);
        let command = match self.dice.below(4) {
            0 => {
                let text = "x".repeat(self.dice.below(1500) as usize);
                Command::AddMarker { at: Ticks(self.dice.below(1 << 40) as i64), text }
            }
            1 if self.film.markers.len() > 2 => {
                let at = self.dice.below(self.film.markers.len() as u64) as usize;
                Command::RemoveMarker { marker: self.film.markers.at(at).unwrap().id }
            }
            2 if self.film.tracks.len() < limits::TRACKS => {
                Command::AddTrack { kind: TrackKind::Music, name: format!("M {}", self.sequence) }
            }
            _ => {
                let title = format!("Film {} “{}”", self.sequence, self.dice.roll());
                Command::SetSettings { settings: Settings { title, ..self.film.settings.clone() } }
            }
        };
        self.perform(&command, &mut ids)
    }

    pub fn perform(&mut self, command: &Command, ids: &mut dyn Mint) -> Edit {
        let patch = command.plan(&self.film, ids).unwrap();
        self.film.apply(&patch).unwrap();
        self.sequence += 1;
        Edit {
            sequence: self.sequence,
            gesture: GestureId(u128::from(self.sequence)),
            label: command.label().to_owned(),
            role: Role::Do,
            patch,
        }
    }
}

pub fn replayed(beginning: &Film, edits: &[Edit]) -> Film {
    let mut film = beginning.clone();
    for edit in edits {
        film.apply(&edit.patch).unwrap();
    }
    film
}

/// Every file below `folder` but the index and the lock, with its contents.
pub fn files(folder: &std::path::Path) -> std::collections::BTreeMap<String, Vec<u8>> {
    let mut found = std::collections::BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().to_string_lossy().replace('\\', "/");
            if path.is_dir() && !name.ends_with("store.sled") {
                folders.push(path);
            } else if path.is_file() && !name.ends_with("project.lock") {
                found.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// A sentence for a person: says something, and says what to do.
pub fn assert_polite(error: &kinora_ports::PortError) {
    let text = error.to_string();
    assert!(text.len() > 20 && text.ends_with('.') && !text.contains("Err("), "not a sentence: {text}");
}
