//! The model against films made for it: what is seen is what is there, and what is under a point is what is drawn there.

use super::*;
use kinora_document::{Clip, ClipSource, Entity, Op, Patch, TrackMix};
use proptest::prelude::*;

fn clip(id: u128, track: TrackId, start: i64, length: i64) -> Clip {
    let (start, length) = (Ticks::from_millis(start), Ticks::from_millis(length));
    Clip::new(ClipId(id), track, start, length, ClipSource::Colour([0; 3]))
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
            mix: TrackMix::default(),
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
    let layout = Layout::of(&film(&[(0, 2000), (2000, 2000), (9000, 2000), (30_000, 1000)]));
    let seen = layout.visible(&view());
    assert_eq!(seen.iter().map(|c| c.clip.0).collect::<Vec<_>>(), vec![10, 11, 12]);
    assert_eq!(seen[1].rect.x, HEADER_WIDTH + 100);
    assert_eq!(seen[1].rect.width, 100);
    let later = View { from: Ticks::from_millis(3000), ..view() };
    assert_eq!(layout.visible(&later).iter().map(|c| c.clip.0).collect::<Vec<_>>(), vec![11, 12]);
}

#[test]
fn edges_are_grabbed_at_the_edges_and_bodies_between() {
    let layout = Layout::of(&film(&[(0, 2000), (2000, 2000)]));
    let (view, y) = (view(), RULER_HEIGHT + 5);
    let under = |x: i32| layout.under(&view, HEADER_WIDTH + x, y);
    assert_eq!(under(1), Under::Start(ClipId(10)));
    assert_eq!(under(50), Under::Body(ClipId(10)));
    assert_eq!(under(98), Under::End(ClipId(10)));
    assert_eq!(under(102), Under::Start(ClipId(11)));
    assert_eq!(under(300), Under::Lane(TrackId(1)));
    assert_eq!(layout.under(&view, HEADER_WIDTH + 3, 3), Under::Ruler);
    assert_eq!(layout.under(&view, 3, y), Under::Header(TrackId(1)));
}

#[test]
fn a_marquee_takes_what_it_touches() {
    let layout = Layout::of(&film(&[(0, 2000), (2000, 2000), (6000, 1000)]));
    let area = Rect::between((HEADER_WIDTH + 150, 90), (HEADER_WIDTH + 90, RULER_HEIGHT + 10));
    assert_eq!(layout.within(&view(), &area), vec![ClipId(10), ClipId(11)]);
    let below = Rect { y: RULER_HEIGHT + LANE_HEIGHT + 10, ..area };
    assert_eq!(layout.within(&view(), &below), Vec::new());
}

#[test]
fn a_gap_lies_between_clips_and_not_after_the_last() {
    let layout = Layout::of(&film(&[(1000, 2000), (5000, 2000)]));
    let gap = |millis| layout.gap(TrackId(1), Ticks::from_millis(millis));
    assert_eq!(gap(500), Some((Ticks::ZERO, Ticks::from_millis(1000))));
    assert_eq!(gap(4000), Some((Ticks::from_millis(3000), Ticks::from_millis(5000))));
    assert_eq!(gap(2000), None);
    assert_eq!(gap(9000), None);
}

#[test]
fn a_share_of_a_pixel_at_the_end_of_the_last_clip_is_no_clip() {
    let layout = Layout::of(&film(&[(0, 1603), (1603, 807), (2410, 111)]));
    let (y, x) = (RULER_HEIGHT + LANE_GAP + 1, HEADER_WIDTH + 126);
    assert!(!layout.visible(&view()).iter().any(|clip| clip.rect.contains(x, y)));
    assert!(matches!(layout.under(&view(), x, y), Under::Lane(_)));
}

#[test]
fn five_thousand_clips_cost_what_the_screen_shows() {
    let many: Vec<(i64, i64)> = (0..5000).map(|n| (n * 1000, 1000)).collect();
    let layout = Layout::of(&film(&many));
    assert!(layout.visible(&view()).len() <= 11);
    // All of them in one window: blocks, not slivers.
    let mut whole = view();
    whole.fit(Ticks::from_seconds(5000));
    let seen = layout.visible(&whole);
    assert!(seen.len() < 20, "{} rectangles", seen.len());
    assert_eq!(seen.iter().map(|clip| clip.many).sum::<usize>(), 5000);
}

proptest! {
    // The same cases each time, so that a red run is about the change.
    #![proptest_config(ProptestConfig { failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(20_261_122), ..ProptestConfig::default() })]
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
        let layout = Layout::of(&film(&placed));
        let (view, y, x) = (view(), RULER_HEIGHT + LANE_GAP + 1, HEADER_WIDTH + x);
        if let Under::Body(id) | Under::Start(id) | Under::End(id) = layout.under(&view, x, y) {
            let slot = layout.slots(TrackId(1)).iter().find(|slot| slot.clip == id).expect("what is hit is there");
            prop_assert!(slot.start <= view.time_at(x) && view.time_at(x) < slot.end);
            let drawn = layout.visible(&view).into_iter().any(|clip| clip.rect.contains(x, y));
            prop_assert!(drawn);
        }
    }
}
