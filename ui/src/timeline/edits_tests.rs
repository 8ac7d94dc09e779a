//! Keys of the cutting room against a small film: what they ask for is what the document accepts and what an editor expects.

use super::*;
use crate::timeline::hands::tests::film;

fn done(film: &Film, commands: &[Command]) -> Film {
    let mut next = 100;
    let mut film = film.clone();
    for command in commands {
        let patch = command.plan(&film, &mut || {
            next += 1;
            next
        });
        film.apply(&patch.unwrap_or_else(|refusal| panic!("{command:?}: {refusal}"))).expect("the patch applies");
    }
    film
}

fn seconds(film: &Film) -> Vec<(i64, i64)> {
    let mut clips: Vec<&Clip> = film.clips.iter().collect();
    clips.sort_by_key(|clip| (clip.track, clip.start));
    clips.into_iter().map(|clip| (clip.start.to_millis(), (clip.start + clip.length).to_millis())).collect()
}

fn millis(at: i64) -> Ticks {
    Ticks::from_millis(at)
}

#[test]
fn the_blade_cuts_what_is_selected_or_everything_under_it() {
    let film = film();
    assert_eq!(blade(&film, &[], millis(500)).len(), 1);
    assert_eq!(blade(&film, &[ClipId(3)], millis(500)).len(), 1, "a selection elsewhere does not keep it from cutting");
    assert_eq!(blade(&film, &[], millis(3000)), []);
    let cut = done(&film, &blade(&film, &[], millis(500)));
    assert_eq!(seconds(&cut), [(0, 500), (500, 2000), (5000, 7000), (7000, 9000)]);
}

#[test]
fn a_clip_is_trimmed_to_the_playhead_and_the_rest_follows() {
    let film = film();
    let tail = done(&film, &trim_to(&film, &[], millis(6000), false));
    assert_eq!(seconds(&tail), [(0, 2000), (5000, 6000), (6000, 8000)]);
    let head = done(&film, &trim_to(&film, &[], millis(6000), true));
    assert_eq!(seconds(&head), [(0, 2000), (5000, 6000), (6000, 8000)]);
    assert_eq!(trim_to(&film, &[], millis(3000), true), []);
}

#[test]
fn a_nudge_does_what_the_tool_in_hand_does() {
    let film = film();
    let less = (millis(7000) - film.settings.rate.frame_length()).to_millis();
    let moved = done(&film, &nudge(&film, &[ClipId(1)], Tool::Select, Ticks::ZERO, 24));
    assert_eq!(seconds(&moved)[0], (1000, 3000));
    let still = nudge(&film, &[ClipId(1)], Tool::Select, Ticks::ZERO, -24);
    assert_eq!(seconds(&done(&film, &still))[0], (0, 2000), "nothing goes before the film");
    let rolled = done(&film, &nudge(&film, &[ClipId(3)], Tool::Roll, millis(7000), 24));
    assert_eq!(seconds(&rolled)[1..], [(5000, 8000), (8000, 9000)]);
    let rippled = done(&film, &nudge(&film, &[ClipId(2)], Tool::Ripple, millis(7000), -1));
    assert_eq!(seconds(&rippled)[1], (5000, less));
    assert_eq!(nudge(&film, &[], Tool::Slide, Ticks::ZERO, 1), []);
}

#[test]
fn what_was_copied_is_pasted_with_its_distances() {
    let film = film();
    let copied = selected(&film, &[ClipId(3), ClipId(1)]);
    let pasted = done(&film, &pasted(&film, &copied, millis(20_000), Landing::Overwrite));
    assert_eq!(seconds(&pasted)[3..], [(20_000, 22_000), (27_000, 29_000)]);
}

#[test]
fn between_in_and_out_a_range_is_taken_from_every_unlocked_track() {
    let film = film();
    let extracted = done(&film, &remove_range(&film, (millis(1000), millis(6000)), true));
    assert_eq!(seconds(&extracted), [(0, 1000), (1000, 2000), (2000, 4000)]);
}

#[test]
fn a_source_fills_the_marked_range() {
    let film = film();
    let colour = ClipSource::Colour([9; 3]);
    let put = put_in(&film, &colour, Ticks::ZERO, Some((millis(2000), millis(5000))), false).expect("a command");
    assert_eq!(seconds(&done(&film, &[put]))[1], (2000, 5000));
}

#[test]
fn a_transition_comes_at_the_nearest_cut_and_goes_when_asked_again() {
    let film = film();
    let there = done(&film, &transition(&film, &[], millis(6800), "dissolve"));
    let of = |film: &Film| film.clips.get(ClipId(3)).and_then(|clip| clip.transition.clone());
    assert_eq!(of(&there).map(|there| there.length), Some(millis(500)));
    let other = done(&there, &transition(&there, &[ClipId(3)], Ticks::ZERO, "wipe"));
    assert_eq!(of(&other).map(|there| there.kind), Some("wipe".to_owned()));
    assert_eq!(of(&done(&there, &transition(&there, &[ClipId(3)], Ticks::ZERO, "dissolve"))), None);
}
