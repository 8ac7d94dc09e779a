//! Promise: key frames belong to the picture. Whatever is cut, trimmed, slipped or undone, a frame that is still shown looks as before.

mod common;

use common::*;
use kinora_document::plan::{Layer, Picture};
use kinora_document::*;
use std::collections::BTreeMap;

fn faded() -> (Film, Count, Clip) {
    let (mut film, mut ids) = film();
    for shot in film.shots.keys().collect::<Vec<_>>() {
        let take = Box::new(take(&film, &mut ids, shot));
        run(&mut film, &mut ids, &Command::AddTake { take });
    }
    let clip = story(&film)[0].clone();
    let effects =
        vec![Effect { kind: "contrast".to_owned(), parameters: BTreeMap::from([("amount".into(), 1.0)]), plate: None }];
    run(&mut film, &mut ids, &Command::SetClipEffects { clip: clip.id, effects });
    run(&mut film, &mut ids, &Command::SetTransition { clip: clip.id, transition: None });
    let key = |frame: i64, value: f32, ease| Key { at: frames(frame), value, ease };
    let curves = vec![
        Curve { knob: Knob::Opacity, keys: vec![key(0, 0.0, Ease::Linear), key(10, 1000.0, Ease::Hold)] },
        Curve {
            knob: Knob::Effect { at: 0, name: "amount".to_owned() },
            keys: vec![key(4, 0.5, Ease::Smooth), key(20, 1.5, Ease::Linear)],
        },
    ];
    run(&mut film, &mut ids, &Command::SetClipCurves { clip: clip.id, curves });
    let clip = film.clips.get(clip.id).expect("the clip").clone();
    (film, ids, clip)
}

fn picture(film: &Film, frame: i64) -> Picture {
    let plan = Planner::new(film).frame_at(frame);
    match plan.layers.into_iter().next().expect("a picture") {
        Layer::Picture(picture) => picture,
        Layer::Mix { to, .. } => to.expect("a picture"),
    }
}

#[test]
fn values_go_from_key_to_key_and_are_held_outside() {
    let (film, _, _) = faded();
    let opacity = |frame| picture(&film, frame).placement.opacity_permille;
    assert_eq!([0, 1, 5, 10, 30].map(opacity), [0, 100, 500, 1000, 1000]);
    let amount = |frame| picture(&film, frame).effects[0].parameters["amount"];
    assert_eq!([0, 4, 12, 20, 40].map(amount), [0.5, 0.5, 1.0, 1.5, 1.5]);
    assert!(amount(6) - 0.5 < 0.125, "a smooth curve starts slowly");
}

#[test]
fn cutting_trimming_and_undoing_change_no_frame_that_is_still_shown() {
    let (mut film, mut ids, clip) = faded();
    let before: Vec<Picture> = (0..40).map(|frame| picture(&film, frame)).collect();
    let whole = film.clone();
    let undo = [
        run(&mut film, &mut ids, &Command::BladeClip { clip: clip.id, at: frames(7) }),
        run(
            &mut film,
            &mut ids,
            &Command::TrimClip { clip: clip.id, start: frames(3), length: frames(4), ripple: false },
        ),
    ];
    for frame in 3..40 {
        assert_eq!(picture(&film, frame), before[frame as usize], "frame {frame}");
    }
    for patch in undo.into_iter().rev() {
        film.apply(&patch).expect("an inverse fits");
    }
    assert_eq!(film, whole);
}

#[test]
fn a_title_keeps_its_keys_on_the_clock_when_its_head_is_trimmed() {
    let (mut film, mut ids) = film();
    let track = film.tracks.iter().rfind(|track| track.kind == TrackKind::Video).expect("a track").id;
    let source = ClipSource::Title(Title::new("Slowly", TitleStyle::Card));
    let put = Command::OverwriteClip { track, at: frames(200), source, source_in: Ticks::ZERO, length: frames(20) };
    run(&mut film, &mut ids, &put);
    let clip = on_track(&film, track).into_iter().find(|clip| clip.start == frames(200)).expect("the title");
    let keys = vec![
        Key { at: frames(0), value: 0.0, ease: Ease::Linear },
        Key { at: frames(20), value: 1000.0, ease: Ease::Linear },
    ];
    run(
        &mut film,
        &mut ids,
        &Command::SetClipCurves { clip: clip.id, curves: vec![Curve { knob: Knob::Opacity, keys }] },
    );
    let at = |film: &Film| {
        Planner::new(film).frame_at(210).layers.last().map(|layer| match layer {
            Layer::Picture(picture) => picture.placement.opacity_permille,
            Layer::Mix { .. } => 0,
        })
    };
    assert_eq!(at(&film), Some(500));
    let trim = Command::TrimClip { clip: clip.id, start: frames(205), length: frames(15), ripple: false };
    run(&mut film, &mut ids, &trim);
    assert_eq!(at(&film), Some(500));
}

#[test]
fn an_effect_that_goes_takes_its_keys_and_the_others_keep_theirs() {
    let (_, _, mut clip) = faded();
    let grain = Effect { kind: "grain".to_owned(), parameters: BTreeMap::new(), plate: None };
    clip.effects.push(grain);
    clip.put_key(&Knob::Effect { at: 1, name: "size".to_owned() }, frames(2), 3.0, frames(1));
    clip.swap_effects(0, 1);
    assert!(clip.curve(&Knob::Effect { at: 0, name: "size".to_owned() }).is_some());
    assert!(clip.curve(&Knob::Effect { at: 1, name: "amount".to_owned() }).is_some());
    clip.remove_effect(0);
    assert!(clip.curve(&Knob::Effect { at: 0, name: "amount".to_owned() }).is_some());
    assert_eq!(clip.curves.len(), 2, "the other effect's and the opacity's");
}

#[test]
fn the_last_key_leaves_its_value() {
    let (_, _, mut clip) = faded();
    let frame = frames(1);
    clip.remove_key(&Knob::Opacity, frames(10), frame);
    assert_eq!(clip.curve(&Knob::Opacity).map(|curve| curve.keys.len()), Some(1));
    clip.put_key(&Knob::Opacity, Ticks::ZERO, 250.0, frame);
    clip.remove_key(&Knob::Opacity, Ticks::ZERO, frame);
    assert!(clip.curve(&Knob::Opacity).is_none());
    assert_eq!(clip.placement.opacity_permille, 250);
}

#[test]
fn keys_out_of_order_and_numbers_that_are_none_are_refused() {
    let (film, mut ids, clip) = faded();
    let key = |at: i64, value: f32| Key { at: frames(at), value, ease: Ease::Linear };
    for keys in [vec![], vec![key(4, 1.0), key(4, 2.0)], vec![key(9, 1.0), key(4, 2.0)], vec![key(0, f32::NAN)]] {
        let curves = vec![Curve { knob: Knob::X, keys }];
        assert!(Command::SetClipCurves { clip: clip.id, curves }.plan(&film, &mut ids).is_err());
    }
    let twice = Curve { knob: Knob::X, keys: vec![key(0, 1.0)] };
    let curves = vec![twice.clone(), twice];
    assert!(Command::SetClipCurves { clip: clip.id, curves }.plan(&film, &mut ids).is_err());
}

#[test]
fn films_from_before_there_were_key_frames_open_and_store_as_they_were() {
    let (film, _) = film();
    let text = String::from_utf8(bytes(&film)).expect("JSON");
    assert!(!text.contains("curves") && !text.contains("leads_on"));
    assert_eq!(migrate::decode_film(text.as_bytes()).expect("a film"), film);
}

#[test]
fn a_gap_is_filled_with_a_shot_that_goes_from_one_neighbour_to_the_other() {
    let (mut film, mut ids, first) = faded();
    let clips = story(&film);
    let (second, end) = (&clips[1], story(&film).last().map(|clip| clip.start + clip.length).expect("clips"));
    // Pull everything after the first clip apart from it.
    let places = clips[1..]
        .iter()
        .map(|clip| command::ClipPlace { clip: clip.id, track: clip.track, start: clip.start + frames(30) })
        .collect();
    run(&mut film, &mut ids, &Command::MoveClips { places, landing: command::Landing::Overwrite });
    let from = first.start + first.length;
    let before = film.clone();
    let undo = run(&mut film, &mut ids, &Command::FillGap { track: first.track, at: from + frames(3) });
    let now = story(&film);
    assert_eq!(now.len(), clips.len() + 1);
    assert_eq!((now[1].start, now[1].length), (from, frames(30)));
    assert_eq!(now[2].start, second.start + frames(30), "nothing else moves");
    assert_eq!(now.last().map(|clip| clip.start + clip.length), Some(end + frames(30)));
    let ClipSource::Shot(shot) = now[1].source else { panic!("a shot") };
    let shot = film.shots.get(shot).expect("in the film");
    assert_eq!(film.shots.position(shot.id), Some(1));
    assert!(shot.continues && shot.leads_on);
    assert!(shot.description.starts_with("A red ball bounces on the sand."), "{}", shot.description);
    // What it is made from: the take before and the take after.
    let recipe = recipe::recipe(&film, shot, &draft_model());
    let take_of = |at: usize| film.takes.get(film.shots.at(at)?.chosen_take?).map(|take| take.blob);
    assert_eq!((recipe.continues_from, recipe.leads_to), (take_of(0), take_of(2)));
    film.apply(&undo).expect("an inverse fits");
    assert_eq!(film, before);
    // Whoever is in the picture that the shot ends on is in the shot, and has to be asked.
    run(&mut film, &mut ids, &Command::FillGap { track: first.track, at: from + frames(3) });
    let used = cameo::CameoUse { cameo: CameoId(7), consent: BlobHash([7; 32]), purpose: cameo::Purpose::Story };
    let behind = film.shots.at(2).expect("a shot").id;
    let take = Box::new(Take { cameos: vec![used], ..take(&film, &mut ids, behind) });
    run(&mut film, &mut ids, &Command::AddTake { take });
    assert_eq!(recipe::cameos(&film, film.shots.at(1).expect("the new shot")), [used]);
    // Where there is none, a sentence.
    let refused = Command::FillGap { track: first.track, at: first.start }.plan(&film, &mut ids).expect_err("no gap");
    assert_eq!(refused.rule, "gap.none");
}
