//! Drags: they jump to cuts, stay on frames, and a drag that comes back asks for nothing.

use super::*;
use kinora_document::{ClipId, ClipSource, Entity, Op, Patch, Placement, Track, TrackKind};

fn clip(id: u128, start: i64, length: i64) -> Clip {
    Clip {
        id: ClipId(id),
        track: TrackId(1),
        start: Ticks::from_millis(start),
        length: Ticks::from_millis(length),
        source: ClipSource::Colour([0; 3]),
        source_in: Ticks::ZERO,
        speed_permille: 1000,
        gain_millibels: 0,
        fade_in: Ticks::ZERO,
        fade_out: Ticks::ZERO,
        placement: Placement::default(),
        effects: Vec::new(),
        transition: None,
        follows_script: false,
    }
}

fn film() -> Film {
    let mut film = Film::empty("Test");
    let track = |id, kind| Track {
        id: TrackId(id),
        kind,
        name: String::new(),
        muted: false,
        solo: false,
        locked: false,
        gain_millibels: 0,
    };
    let ops = vec![
        Op::Insert { at: 0, entity: Entity::Track(track(1, TrackKind::Video)) },
        Op::Insert { at: 1, entity: Entity::Track(track(2, TrackKind::Music)) },
        Op::Insert { at: 0, entity: Entity::Clip(clip(1, 0, 2000)) },
        Op::Insert { at: 1, entity: Entity::Clip(clip(2, 5000, 2000)) },
    ];
    film.apply(&Patch(ops)).expect("the patch fits an empty film");
    film
}

fn view() -> View {
    View { from: Ticks::ZERO, ticks_per_pixel: Ticks::PER_SECOND / 50, width: 700, height: 300, down: 0 }
}

#[test]
fn a_moved_clip_jumps_to_the_end_of_its_neighbour() {
    let film = film();
    let mut drag = Drag::new(Grip::Body, clip(2, 5000, 2000), Ticks::from_millis(5500));
    drag.drag_to(Ticks::from_millis(2590), Some(TrackId(1)), &film, &view(), true);
    assert_eq!(drag.now.start, Ticks::from_millis(2000));
    assert!(matches!(drag.command(), Some(Command::MoveClip { .. })));
}

#[test]
fn a_picture_never_lands_on_a_music_track() {
    let film = film();
    let mut drag = Drag::new(Grip::Body, clip(2, 5000, 2000), Ticks::from_millis(5500));
    drag.drag_to(Ticks::from_millis(5500), Some(TrackId(2)), &film, &view(), true);
    assert_eq!(drag.now.track, TrackId(1));
}

#[test]
fn a_trim_keeps_at_least_a_frame_and_stays_on_frames() {
    let film = film();
    let mut drag = Drag::new(Grip::End, clip(1, 0, 2000), Ticks::from_millis(2000));
    drag.drag_to(Ticks::from_millis(-4000), None, &film, &view(), false);
    assert_eq!(drag.now.length, film.settings.rate.frame_length());
    drag.drag_to(Ticks::from_millis(1503), None, &film, &view(), false);
    assert_eq!(drag.now.length, film.settings.rate.snap(Ticks::from_millis(1503)));
}

#[test]
fn a_drag_that_comes_back_asks_for_nothing() {
    let film = film();
    let mut drag = Drag::new(Grip::Start, clip(1, 0, 2000), Ticks::from_millis(0));
    drag.drag_to(Ticks::from_millis(700), None, &film, &view(), true);
    assert!(drag.command().is_some());
    drag.drag_to(Ticks::from_millis(0), None, &film, &view(), true);
    assert_eq!(drag.command(), None);
}
