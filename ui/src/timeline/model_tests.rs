//! The model against films made for it: what is seen is what is there, and what is under a point is what is drawn there.

use super::*;
use kinora_document::{ClipSource, Entity, Op, Patch, Placement};
use proptest::prelude::*;

const RATE: FrameRate = FrameRate::FPS_24;

fn clip(id: u128, track: TrackId, start: i64, length: i64) -> Clip {
    Clip {
        id: ClipId(id),
        track,
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

fn film(clips: &[(i64, i64)]) -> Film {
    let mut film = Film::empty("Test");
    let track = |id: u128, kind| {
        Entity::Track(Track {
            id: TrackId(id),
            kind,
            name: String::new(),
            muted: false,
            solo: false,
            locked: false,
            gain_millibels: 0,
        })
    };
    let mut ops = vec![
        Op::Insert { at: 0, entity: track(1, TrackKind::Video) },
        Op::Insert { at: 1, entity: track(2, TrackKind::Music) },
    ];
    for (at, (start, length)) in clips.iter().enumerate() {
        ops.push(Op::Insert { at, entity: Entity::Clip(clip(at as u128 + 10, TrackId(1), *start, *length)) });
    }
    film.apply(&Patch(ops)).expect("the patch fits an empty film");
    film
}

fn view() -> View {
    View { from: Ticks::ZERO, ticks_per_pixel: Ticks::PER_SECOND / 50, width: HEADER_WIDTH + 500, height: 400, down: 0 }
}

#[test]
fn only_what_is_in_the_window_is_listed() {
    let film = film(&[(0, 2000), (2000, 2000), (9000, 2000), (30_000, 1000)]);
    let lanes = lanes(&film, 0);
    let seen = visible(film.clips.iter(), &lanes, &view());
    assert_eq!(seen.iter().map(|c| c.clip.0).collect::<Vec<_>>(), vec![10, 11, 12]);
    assert_eq!(seen[1].rect.x, HEADER_WIDTH + 100);
    assert_eq!(seen[1].rect.width, 100);
}

#[test]
fn edges_are_grabbed_at_the_edges_and_bodies_between() {
    let film = film(&[(0, 2000), (2000, 2000)]);
    let lanes = lanes(&film, 0);
    let seen = visible(film.clips.iter(), &lanes, &view());
    let y = lanes[0].y + 5;
    assert_eq!(under(&seen, &lanes, HEADER_WIDTH + 1, y), Under::Start(ClipId(10)));
    assert_eq!(under(&seen, &lanes, HEADER_WIDTH + 50, y), Under::Body(ClipId(10)));
    assert_eq!(under(&seen, &lanes, HEADER_WIDTH + 98, y), Under::End(ClipId(10)));
    assert_eq!(under(&seen, &lanes, HEADER_WIDTH + 102, y), Under::Start(ClipId(11)));
    assert_eq!(under(&seen, &lanes, HEADER_WIDTH + 300, y), Under::Lane(TrackId(1)));
    assert_eq!(under(&seen, &lanes, HEADER_WIDTH + 3, 3), Under::Ruler);
    assert_eq!(under(&seen, &lanes, 3, y), Under::Header(TrackId(1)));
}

#[test]
fn a_time_near_a_cut_jumps_to_it_and_any_other_to_a_frame() {
    let cut = Ticks::from_millis(2000);
    let near = Ticks::from_millis(2100);
    let far = Ticks::from_millis(3010);
    assert_eq!(snap(near, [cut].into_iter(), &view(), RATE), cut);
    assert_eq!(snap(far, [cut].into_iter(), &view(), RATE), RATE.snap(far));
}

#[test]
fn five_thousand_clips_cost_what_the_screen_shows() {
    let many: Vec<(i64, i64)> = (0..5000).map(|n| (n * 1000, 1000)).collect();
    let film = film(&many);
    let seen = visible(film.clips.iter(), &lanes(&film, 0), &view());
    assert!(seen.len() <= 11);
}

proptest! {
    #[test]
    fn zooming_keeps_the_time_under_the_pointer(steps in -20_i32..20, x in HEADER_WIDTH..HEADER_WIDTH + 500) {
        let mut view = View { from: Ticks::from_seconds(600), ..view() };
        let before = view.time_at(x);
        view.zoom(steps, x);
        if view.from > Ticks::ZERO {
            prop_assert_eq!(view.time_at(x), before);
        }
    }

    #[test]
    fn fitting_shows_the_whole_film(seconds in 1_i64..40_000) {
        let mut view = view();
        view.fit(Ticks::from_seconds(seconds));
        prop_assert!(view.until() >= Ticks::from_seconds(seconds));
    }

    #[test]
    fn what_is_drawn_is_what_is_under_the_pointer(clips in proptest::collection::vec(1_i64..4000, 1..20), x in 0_i32..500) {
        let mut at = 0;
        let placed: Vec<(i64, i64)> = clips.iter().map(|length| { let start = at; at += length; (start, *length) }).collect();
        let film = film(&placed);
        let lanes = lanes(&film, 0);
        let view = view();
        let seen = visible(film.clips.iter(), &lanes, &view);
        let x = HEADER_WIDTH + x;
        if let Under::Body(id) | Under::Start(id) | Under::End(id) = under(&seen, &lanes, x, lanes[0].y + 1) {
            let hit = seen.iter().find(|clip| clip.clip == id).expect("what is hit is visible");
            prop_assert!(hit.rect.contains(x, lanes[0].y + 1));
        }
    }
}
