//! A film of many shots, made the way a person makes one: from a script.
//!
//! Shared by the store's benches. Ids are counted, so that each run has the same film.
#![allow(dead_code, clippy::unwrap_used)]

use kinora_document::*;
use kinora_ports::store::Edit;

pub fn shots(count: usize) -> Film {
    let mut next = 0u128;
    let mut ids = || {
        next += 1;
        next
    };
    let mut film = new_film("Bench", FrameSize { width: 1280, height: 720 }, FrameRate::FPS_24, &mut ids);
    let text: String = (0..count)
        .map(|number| {
            format!("EXT. BEACH {number} - DAY\n\nA red ball bounces over rock {number} and rolls into the sea.\n\n")
        })
        .collect();
    let patch = Command::SetScript { text }.plan(&film, &mut ids).unwrap();
    film.apply(&patch).unwrap();
    assert_eq!(film.shots.len(), count);
    film
}

/// Performs the command on the film.
pub fn edit(film: &mut Film, command: &Command, sequence: u64) -> Edit {
    let mut ids = || u128::from(sequence) << 64;
    let patch = command.plan(film, &mut ids).unwrap();
    film.apply(&patch).unwrap();
    Edit {
        sequence,
        gesture: GestureId(u128::from(sequence)),
        label: command.label().to_owned(),
        role: Role::Do,
        patch,
    }
}
