//! Drags: they jump to cuts, stay on frames, keep within the source, and one that comes back asks for nothing.

use super::*;
use kinora_document::{Entity, Op, Patch, TrackKind, TrackMix};

pub(crate) fn clip(id: u128, track: u128, start: i64, length: i64) -> Clip {
    let (start, length) = (Ticks::from_millis(start), Ticks::from_millis(length));
    Clip::new(ClipId(id), TrackId(track), start, length, ClipSource::Colour([0; 3]))
}

/// Two picture tracks (1, 3) and one of music (2); clips 1 and 2 with a gap between them, 3 right behind 2.
pub(crate) fn film() -> Film {
    let mut film = Film::empty("Test");
    let track = |id, kind| Track {
        id: TrackId(id),
        kind,
        name: String::new(),
        muted: false,
        solo: false,
        locked: false,
        gain_millibels: 0,
        mix: TrackMix::default(),
    };
    let ops = vec![
        Op::Insert { at: 0, entity: Entity::Track(track(1, TrackKind::Video)) },
        Op::Insert { at: 1, entity: Entity::Track(track(3, TrackKind::Video)) },
        Op::Insert { at: 2, entity: Entity::Track(track(2, TrackKind::Music)) },
        Op::Insert { at: 0, entity: Entity::Clip(clip(1, 1, 0, 2000)) },
        Op::Insert { at: 1, entity: Entity::Clip(clip(2, 1, 5000, 2000)) },
        Op::Insert { at: 2, entity: Entity::Clip(clip(3, 1, 7000, 2000)) },
    ];
    film.apply(&Patch(ops)).expect("the patch fits an empty film");
    film
}

fn view() -> View {
    View { from: Ticks::ZERO, ticks_per_pixel: Ticks::PER_SECOND / 50, width: 700, height: 300, down: 0 }
}

fn go(drag: &mut Drag, millis: i64, track: u128, held: Held) {
    let film = film();
    drag.drag_to(Ticks::from_millis(millis), Some(TrackId(track)), &film, &Layout::of(&film), &view(), held);
}

const SNAPPING: Held = Held { copy: false, insert: false, snapping: true };
const FREE: Held = Held { copy: false, insert: false, snapping: false };

fn of(film: &Film, id: u128) -> Clip {
    film.clips.get(ClipId(id)).expect("the clip").clone()
}

#[test]
fn a_moved_clip_jumps_to_the_end_of_its_neighbour() {
    let mut drag = Drag::new(Deed::Move, vec![clip(2, 1, 5000, 2000)], Ticks::from_millis(5500));
    go(&mut drag, 2590, 1, SNAPPING);
    assert_eq!(drag.now[0].start, Ticks::from_millis(2000));
    assert!(matches!(drag.commands().as_slice(), [Command::MoveClips { landing: Landing::Overwrite, .. }]));
}

#[test]
fn a_moved_clip_shows_what_letting_go_would_replace() {
    let film = film();
    let layout = Layout::of(&film);
    let mut drag = Drag::new(Deed::Move, vec![of(&film, 2)], Ticks::from_millis(5500));
    go(&mut drag, 2000, 1, FREE);
    // Clip 1 ends at two seconds, and the moved one begins at one and a half.
    assert_eq!(drag.covered(&layout), [(TrackId(1), Ticks::from_millis(1500), Ticks::from_millis(2000))]);
    go(&mut drag, 2000, 1, Held { insert: true, ..FREE });
    assert_eq!(drag.covered(&layout), []);
    go(&mut drag, 3500, 1, FREE);
    assert_eq!(drag.covered(&layout), [], "a gap holds nothing");
    go(&mut drag, 5500, 1, FREE);
    assert_eq!(drag.covered(&layout), [], "nothing was moved");
}

#[test]
fn a_key_is_dragged_inside_its_clip_on_whole_frames() {
    let film = film();
    let mut clip = of(&film, 2);
    clip.put_key(&kinora_document::Knob::Opacity, Ticks::ZERO, 0.0, Ticks(1));
    clip.put_key(&kinora_document::Knob::Opacity, Ticks::from_millis(1000), 1000.0, Ticks(1));
    let mut drag = Drag::new(Deed::Key { at: Ticks::from_millis(1000) }, vec![clip], Ticks::from_millis(6000));
    go(&mut drag, 6510, 1, FREE);
    assert_eq!(drag.now[0].key_times(), [Ticks::ZERO, Ticks::from_millis(1500)]);
    assert!(matches!(drag.commands().as_slice(), [Command::SetClipCurves { .. }]));
    go(&mut drag, 99_000, 1, FREE);
    let last = film.settings.rate.frame_length();
    assert_eq!(drag.now[0].key_times()[1], Ticks::from_millis(2000) - last);
    go(&mut drag, 6000, 1, FREE);
    assert_eq!(drag.commands(), []);
}

#[test]
fn a_group_keeps_its_distances_and_goes_to_tracks_of_its_kind_only() {
    let film = film();
    let mut drag = Drag::new(Deed::Move, vec![of(&film, 2), of(&film, 3)], Ticks::from_millis(5500));
    go(&mut drag, 6500, 3, FREE);
    let places: Vec<_> = drag.now.iter().map(|clip| (clip.start.to_millis(), clip.track.0)).collect();
    assert_eq!(places, [(6000, 3), (8000, 3)]);
    go(&mut drag, 6500, 2, FREE);
    assert!(drag.now.iter().all(|clip| clip.track == TrackId(1)), "a picture never lands on a music track");
    go(&mut drag, -9000, 1, FREE);
    assert_eq!(drag.now[0].start, Ticks::ZERO, "nothing goes before the film");
}

#[test]
fn with_a_key_a_copy_is_put_down_and_the_clip_stays() {
    let film = film();
    let mut drag = Drag::new(Deed::Move, vec![of(&film, 1)], Ticks::ZERO);
    go(&mut drag, 10_000, 1, Held { copy: true, ..FREE });
    assert!(matches!(drag.commands().as_slice(), [Command::PasteClips { .. }]));
}

#[test]
fn a_trim_keeps_at_least_a_frame_and_stays_on_frames() {
    let rate = film().settings.rate;
    let trim = Deed::Trim { at_start: false, ripple: false };
    let mut drag = Drag::new(trim, vec![clip(1, 1, 0, 2000)], Ticks::from_millis(2000));
    go(&mut drag, -4000, 1, FREE);
    assert_eq!(drag.now[0].length, rate.frame_length());
    go(&mut drag, 1503, 1, FREE);
    assert_eq!(drag.now[0].length, rate.snap(Ticks::from_millis(1503)));
}

#[test]
fn a_head_is_not_pulled_out_before_its_source_begins() {
    let mut source = clip(2, 1, 5000, 2000);
    source.source = ClipSource::Media(kinora_document::MediaId(1));
    source.source_in = Ticks::from_millis(500);
    let trim = Deed::Trim { at_start: true, ripple: false };
    let mut drag = Drag::new(trim, vec![source], Ticks::from_millis(5000));
    go(&mut drag, 3000, 1, FREE);
    assert_eq!(drag.now[0].start, Ticks::from_millis(4500));
    assert_eq!(drag.now[0].source_in, Ticks::ZERO);
}

#[test]
fn a_ripple_trim_of_the_head_is_what_the_document_plans() {
    let film = film();
    let trim = Deed::Trim { at_start: true, ripple: true };
    let mut drag = Drag::new(trim, vec![of(&film, 2)], Ticks::from_millis(5000));
    go(&mut drag, 5500, 1, FREE);
    let commands = drag.commands();
    let [command] = commands.as_slice() else { panic!("one command, not {commands:?}") };
    let mut after = film;
    let patch = command.plan(&after, &mut || 99).expect("a plan");
    after.apply(&patch).expect("the patch applies");
    assert_eq!((of(&after, 2).start, of(&after, 2).length), (Ticks::from_millis(5000), Ticks::from_millis(1500)));
    assert_eq!(of(&after, 3).start, Ticks::from_millis(6500));
}

#[test]
fn a_roll_and_a_slide_show_what_the_neighbours_give() {
    let film = film();
    let roll = Deed::Roll { left: ClipId(2), right: ClipId(3) };
    let mut drag = Drag::new(roll, vec![of(&film, 3)], Ticks::from_millis(7000));
    go(&mut drag, 7500, 1, FREE);
    let ends: Vec<_> = drag.now.iter().map(|clip| (clip.start + clip.length).to_millis()).collect();
    assert_eq!(ends, [7500, 9000]);
    go(&mut drag, 20_000, 1, FREE);
    assert_eq!(drag.now[1].length, film.settings.rate.frame_length(), "a frame of the right clip is left");
    let mut drag = Drag::new(Deed::Slide, vec![of(&film, 2)], Ticks::from_millis(6000));
    go(&mut drag, 6500, 1, FREE);
    assert_eq!(drag.commands(), [Command::SlideClip { clip: ClipId(2), by: Ticks::from_millis(500) }]);
    assert_eq!(drag.now[1].length, Ticks::from_millis(1500));
}

#[test]
fn a_drag_that_comes_back_asks_for_nothing() {
    let trim = Deed::Trim { at_start: true, ripple: false };
    let mut drag = Drag::new(trim, vec![clip(1, 1, 0, 2000)], Ticks::ZERO);
    go(&mut drag, 700, 1, SNAPPING);
    assert_eq!(drag.commands().len(), 1);
    go(&mut drag, 0, 1, SNAPPING);
    assert_eq!(drag.commands(), []);
}

#[test]
fn a_picture_and_its_detached_sound_belong_together() {
    let mut film = film();
    let mut picture = of(&film, 2);
    picture.source = ClipSource::Media(kinora_document::MediaId(1));
    picture.source_in = Ticks::from_millis(300);
    let mut sound = Clip { id: ClipId(9), track: TrackId(2), ..picture.clone() };
    // Trimmed by itself, it is still the same moment.
    sound.start += Ticks::from_millis(200);
    sound.source_in += Ticks::from_millis(200);
    sound.length = sound.length - Ticks::from_millis(200);
    let ops = vec![
        Op::Set { entity: Entity::Clip(picture.clone()) },
        Op::Insert { at: 3, entity: Entity::Clip(sound.clone()) },
    ];
    film.apply(&Patch(ops)).expect("the patch applies");
    assert_eq!(linked(&film, &picture).map(|clip| clip.id).collect::<Vec<_>>(), [ClipId(9)]);
    let slipped = Clip { source_in: Ticks::ZERO, ..picture };
    assert_eq!(linked(&film, &slipped).count(), 0, "out of step, they no longer belong together");
}
