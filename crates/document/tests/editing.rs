//! Promise: the timeline cuts as editors expect. One test per tool, on a track of three clips of ten frames.

mod common;

use common::*;
use kinora_document::*;

/// V1 with three shots' clips A, B, C of 10 frames each, takes of 49 frames at 12 fps on all.
fn table() -> (Film, Count, TrackId, [ClipId; 3]) {
    let mut ids = Count(0);
    let mut film = new_film("Test", FrameSize { width: 1280, height: 720 }, FrameRate::FPS_24, &mut ids);
    let script = "EXT. BEACH - DAY\n\n[[shot: 10f]]\nA ball.\n\n[[shot: 10f]]\nA boat.\n\n[[shot: 10f]]\nA bird.\n";
    run(&mut film, &mut ids, &Command::SetScript { text: script.to_owned() });
    for shot in film.shots.keys().collect::<Vec<_>>() {
        let take = Box::new(take(&film, &mut ids, shot));
        run(&mut film, &mut ids, &Command::AddTake { take });
    }
    let clips = story(&film);
    let [a, b, c] = clips.as_slice() else { panic!("three clips, not {}", clips.len()) };
    let found = (a.track, [a.id, b.id, c.id]);
    (film, ids, found.0, found.1)
}

/// Starts, lengths and source starts in frames.
fn shape(film: &Film) -> Vec<(i64, i64, i64)> {
    let frame = |time: Ticks| FrameRate::FPS_24.nearest_frame(time);
    story(film).iter().map(|clip| (frame(clip.start), frame(clip.length), frame(clip.source_in))).collect()
}

fn refused(film: &Film, ids: &mut Count, command: &Command) -> String {
    command.plan(film, ids).expect_err("should be refused").rule
}

#[test]
fn the_script_lays_its_shots_end_to_end() {
    let (film, ..) = table();
    assert_eq!(shape(&film), [(0, 10, 0), (10, 10, 0), (20, 10, 0)]);
}

#[test]
fn insert_pushes_and_splits() {
    let (mut film, mut ids, track, _) = table();
    let source = ClipSource::Colour([0; 3]);
    run(
        &mut film,
        &mut ids,
        &Command::InsertClip { track, at: frames(14), source, source_in: Ticks::ZERO, length: frames(5) },
    );
    assert_eq!(shape(&film), [(0, 10, 0), (10, 4, 0), (14, 5, 0), (19, 6, 4), (25, 10, 0)]);
}

#[test]
fn overwrite_replaces_what_lies_there() {
    let (mut film, mut ids, track, _) = table();
    let source = ClipSource::Colour([0; 3]);
    run(
        &mut film,
        &mut ids,
        &Command::OverwriteClip { track, at: frames(5), source, source_in: Ticks::ZERO, length: frames(20) },
    );
    assert_eq!(shape(&film), [(0, 5, 0), (5, 20, 0), (25, 5, 5)]);
}

#[test]
fn a_blade_cuts_inside_a_clip_only() {
    let (mut film, mut ids, _, [_, b, _]) = table();
    run(&mut film, &mut ids, &Command::BladeClip { clip: b, at: frames(13) });
    assert_eq!(shape(&film), [(0, 10, 0), (10, 3, 0), (13, 7, 3), (20, 10, 0)]);
    assert_eq!(refused(&film, &mut ids, &Command::BladeClip { clip: b, at: frames(10) }), "clip.blade_outside");
    assert_eq!(refused(&film, &mut ids, &Command::BladeClip { clip: b, at: frames(40) }), "clip.blade_outside");
}

#[test]
fn ripple_trims_close_and_open_the_track() {
    let (mut film, mut ids, _, [a, b, _]) = table();
    run(&mut film, &mut ids, &Command::TrimClip { clip: a, start: frames(0), length: frames(6), ripple: true });
    assert_eq!(shape(&film), [(0, 6, 0), (6, 10, 0), (16, 10, 0)]);
    // The head of B: three frames less, and nothing moves but what follows.
    run(&mut film, &mut ids, &Command::TrimClip { clip: b, start: frames(9), length: frames(7), ripple: true });
    assert_eq!(shape(&film), [(0, 6, 0), (6, 7, 3), (13, 10, 0)]);
}

#[test]
fn a_plain_trim_leaves_a_gap_and_never_an_overlap() {
    let (mut film, mut ids, _, [_, b, _]) = table();
    run(&mut film, &mut ids, &Command::TrimClip { clip: b, start: frames(12), length: frames(6), ripple: false });
    assert_eq!(shape(&film), [(0, 10, 0), (12, 6, 2), (20, 10, 0)]);
    let longer = Command::TrimClip { clip: b, start: frames(12), length: frames(9), ripple: false };
    assert_eq!(refused(&film, &mut ids, &longer), "clip.in_the_way");
    let before_source = Command::TrimClip { clip: b, start: frames(9), length: frames(9), ripple: false };
    assert_eq!(refused(&film, &mut ids, &before_source), "clip.no_more_source");
    let nothing = Command::TrimClip { clip: b, start: frames(12), length: Ticks::ZERO, ripple: true };
    assert_eq!(refused(&film, &mut ids, &nothing), "clip.too_short");
}

#[test]
fn a_roll_moves_the_cut_and_nothing_else() {
    let (mut film, mut ids, _, [a, b, c]) = table();
    run(&mut film, &mut ids, &Command::RollCut { left: a, right: b, by: frames(4) });
    assert_eq!(shape(&film), [(0, 14, 0), (14, 6, 4), (20, 10, 0)]);
    run(&mut film, &mut ids, &Command::RollCut { left: a, right: b, by: frames(-2) });
    assert_eq!(shape(&film), [(0, 12, 0), (12, 8, 2), (20, 10, 0)]);
    assert_eq!(
        refused(&film, &mut ids, &Command::RollCut { left: a, right: b, by: frames(-3) }),
        "clip.no_more_source"
    );
    assert_eq!(refused(&film, &mut ids, &Command::RollCut { left: a, right: c, by: frames(1) }), "clip.no_cut");
}

#[test]
fn a_slip_shows_another_part_of_the_source() {
    let (mut film, mut ids, _, [_, b, _]) = table();
    run(&mut film, &mut ids, &Command::SlipClip { clip: b, by: frames(7) });
    assert_eq!(shape(&film), [(0, 10, 0), (10, 10, 7), (20, 10, 0)]);
    assert_eq!(refused(&film, &mut ids, &Command::SlipClip { clip: b, by: frames(-8) }), "clip.no_more_source");
    // A take of 49 frames at 12 fps is 98 frames of the film.
    assert_eq!(refused(&film, &mut ids, &Command::SlipClip { clip: b, by: frames(82) }), "clip.no_more_source");
}

#[test]
fn a_slide_takes_from_one_neighbour_and_gives_to_the_other() {
    let (mut film, mut ids, _, [_, b, _]) = table();
    run(&mut film, &mut ids, &Command::SlideClip { clip: b, by: frames(3) });
    assert_eq!(shape(&film), [(0, 13, 0), (13, 10, 0), (23, 7, 3)]);
    assert_eq!(refused(&film, &mut ids, &Command::SlideClip { clip: b, by: frames(7) }), "clip.too_short");
}

#[test]
fn lift_leaves_a_gap_and_extract_closes_it() {
    let (film, mut ids, _, [a, b, _]) = table();
    let mut lifted = film.clone();
    run(&mut lifted, &mut ids, &Command::LiftClips { clips: vec![b] });
    assert_eq!(shape(&lifted), [(0, 10, 0), (20, 10, 0)]);
    let mut extracted = film;
    run(&mut extracted, &mut ids, &Command::ExtractClips { clips: vec![a, b] });
    assert_eq!(shape(&extracted), [(0, 10, 0)]);
}

#[test]
fn twice_the_speed_is_half_the_length() {
    let (mut film, mut ids, _, [a, _, _]) = table();
    run(&mut film, &mut ids, &Command::SetClipSpeed { clip: a, speed_permille: 2000 });
    assert_eq!(shape(&film), [(0, 5, 0), (5, 10, 0), (15, 10, 0)]);
    assert_eq!(refused(&film, &mut ids, &Command::SetClipSpeed { clip: a, speed_permille: 0 }), "clip.speed");
}

#[test]
fn a_move_needs_room_and_a_fitting_track() {
    let (mut film, mut ids, track, [a, ..]) = table();
    assert_eq!(refused(&film, &mut ids, &Command::MoveClip { clip: a, track, start: frames(15) }), "clip.in_the_way");
    run(&mut film, &mut ids, &Command::MoveClip { clip: a, track, start: frames(40) });
    assert_eq!(shape(&film), [(10, 10, 0), (20, 10, 0), (40, 10, 0)]);
    let captions = film.tracks.iter().find(|track| track.kind == TrackKind::Captions).expect("captions").id;
    assert_eq!(
        refused(&film, &mut ids, &Command::MoveClip { clip: a, track: captions, start: frames(0) }),
        "clip.wrong_track"
    );
}

#[test]
fn a_locked_track_does_not_change() {
    let (mut film, mut ids, track, [a, ..]) = table();
    let locked = Track { locked: true, ..film.tracks.get(track).expect("the track").clone() };
    run(&mut film, &mut ids, &Command::SetTrack { track: locked });
    for command in [
        Command::LiftClips { clips: vec![a] },
        Command::SlipClip { clip: a, by: frames(1) },
        Command::SetClipSound { clip: a, gain_millibels: 0, fade_in: Ticks::ZERO, fade_out: Ticks::ZERO },
    ] {
        let refusal = command.plan(&film, &mut ids).expect_err("the track is locked");
        assert_eq!(refusal.rule, "track.locked");
        assert!(refusal.what.ends_with('.') && refusal.remedy.ends_with('.'), "{refusal}");
    }
}

#[test]
fn a_new_frame_rate_keeps_the_cuts_together() {
    let (mut film, mut ids, ..) = table();
    let settings = Settings { rate: FrameRate::FPS_30, ..film.settings.clone() };
    run(&mut film, &mut ids, &Command::SetSettings { settings });
    let clips = story(&film);
    for pair in clips.windows(2) {
        assert_eq!(pair[0].start + pair[0].length, pair[1].start);
    }
    for clip in &clips {
        assert_eq!(FrameRate::FPS_30.snap(clip.start), clip.start);
        assert_eq!(FrameRate::FPS_30.snap(clip.length), clip.length);
    }
}

#[test]
fn removing_a_take_shows_the_newest_that_is_left() {
    let (mut film, mut ids, ..) = table();
    let shot = film.shots.first().expect("a shot").id;
    let first = film.shots.first().and_then(|shot| shot.chosen_take).expect("a take");
    let second = take(&film, &mut ids, shot);
    run(&mut film, &mut ids, &Command::AddTake { take: Box::new(second.clone()) });
    assert_eq!(film.shots.get(shot).and_then(|shot| shot.chosen_take), Some(second.id));
    run(&mut film, &mut ids, &Command::RemoveTake { take: second.id });
    assert_eq!(film.shots.get(shot).and_then(|shot| shot.chosen_take), Some(first));
}

#[test]
fn board_commands_bring_the_clips_along() {
    let (mut film, mut ids, _, [a, b, c]) = table();
    let shots: Vec<ShotId> = film.shots.keys().collect();
    let patch = Command::MoveShot { shot: shots[2], before: Some(shots[0]) }.plan(&film, &mut ids).expect("a move");
    assert_eq!(patch.0.iter().filter(|op| matches!(op, Op::Move { .. })).count(), 1, "one drag is one move");
    run(&mut film, &mut ids, &Command::MoveShot { shot: shots[2], before: Some(shots[0]) });
    assert_eq!(story(&film).iter().map(|clip| clip.id).collect::<Vec<_>>(), [c, a, b]);
    assert_eq!(shape(&film), [(0, 10, 0), (10, 10, 0), (20, 10, 0)]);
    run(&mut film, &mut ids, &Command::DuplicateShot { shot: shots[0] });
    assert_eq!(shape(&film).len(), 4);
    run(&mut film, &mut ids, &Command::SplitShot { shot: shots[1] });
    assert_eq!(shape(&film), [(0, 10, 0), (10, 10, 0), (20, 10, 0), (30, 5, 0), (35, 5, 0)]);
    let pair: Vec<ShotId> = film.shots.keys().skip(3).take(2).collect();
    run(&mut film, &mut ids, &Command::MergeShots { shots: pair });
    assert_eq!(shape(&film), [(0, 10, 0), (10, 10, 0), (20, 10, 0), (30, 10, 0)]);
    run(&mut film, &mut ids, &Command::RemoveShot { shot: shots[2] });
    assert_eq!(shape(&film), [(0, 10, 0), (10, 10, 0), (20, 10, 0)]);
}

#[test]
fn clips_move_together_or_not_at_all() {
    let (mut film, mut ids, track, [a, b, c]) = table();
    let place = |clip, start| command::ClipPlace { clip, track, start: frames(start) };
    let onto_c = Command::MoveClips { places: vec![place(a, 25), place(b, 35)], landing: command::Landing::Refuse };
    assert_eq!(refused(&film, &mut ids, &onto_c), "clip.in_the_way");
    let swap = Command::MoveClips { places: vec![place(a, 10), place(b, 0)], landing: command::Landing::Refuse };
    run(&mut film, &mut ids, &swap);
    assert_eq!(story(&film).iter().map(|clip| clip.id).collect::<Vec<_>>(), [b, a, c]);
    let over = Command::MoveClips { places: vec![place(b, 15), place(a, 25)], landing: command::Landing::Overwrite };
    run(&mut film, &mut ids, &over);
    assert_eq!(shape(&film), [(15, 10, 0), (25, 10, 0)]);
    let pushed = Command::MoveClips { places: vec![place(a, 20)], landing: command::Landing::Insert };
    run(&mut film, &mut ids, &pushed);
    assert_eq!(shape(&film), [(15, 5, 0), (20, 10, 0), (30, 5, 5)]);
}

#[test]
fn a_pasted_clip_keeps_every_setting_and_gets_its_own_id() {
    let (mut film, mut ids, _, [a, ..]) = table();
    let placement = Placement { x_permille: 40, ..Placement::default() };
    run(&mut film, &mut ids, &Command::SetClipPlacement { clip: a, placement });
    let copy = Clip { start: frames(30), ..film.clips.get(a).expect("the clip").clone() };
    run(&mut film, &mut ids, &Command::PasteClips { clips: vec![copy], landing: command::Landing::Insert });
    let last = story(&film).pop().expect("the copy");
    assert_eq!((last.start, last.placement), (frames(30), placement));
    assert_ne!(last.id, a);
    let mad = Clip { speed_permille: 0, start: frames(60), ..last };
    let paste = Command::PasteClips { clips: vec![mad], landing: command::Landing::Overwrite };
    assert_eq!(refused(&film, &mut ids, &paste), "value.out_of_range");
}

#[test]
fn a_range_is_lifted_or_extracted_between_in_and_out() {
    let (film, mut ids, track, _) = table();
    let range = |close| Command::RemoveRange { from: frames(5), until: frames(25), tracks: vec![track], close };
    let mut lifted = film.clone();
    run(&mut lifted, &mut ids, &range(false));
    assert_eq!(shape(&lifted), [(0, 5, 0), (25, 5, 5)]);
    let mut extracted = film.clone();
    run(&mut extracted, &mut ids, &range(true));
    assert_eq!(shape(&extracted), [(0, 5, 0), (5, 5, 5)]);
    let backward = Command::RemoveRange { from: frames(9), until: frames(3), tracks: vec![track], close: true };
    assert_eq!(refused(&film, &mut ids, &backward), "range.empty");
}

#[test]
fn detached_sound_lies_where_its_picture_is() {
    let (mut film, mut ids, _, [_, b, _]) = table();
    run(&mut film, &mut ids, &Command::SlipClip { clip: b, by: frames(3) });
    run(&mut film, &mut ids, &Command::DetachSound { clip: b });
    let picture = film.clips.get(b).expect("the picture").clone();
    assert_eq!(picture.gain_millibels, limits::GAIN_MILLIBELS_LOWEST);
    let sound = film.clips.iter().find(|clip| clip.source == picture.source && clip.id != b).expect("the sound");
    assert_eq!(film.tracks.get(sound.track).expect("its track").kind, TrackKind::Dialogue);
    assert_eq!((sound.start, sound.length, sound.source_in), (picture.start, picture.length, frames(3)));
    assert_eq!(sound.gain_millibels, 0);
}

#[test]
fn a_stretched_clip_shows_the_same_in_another_time() {
    let (mut film, mut ids, _, [.., c]) = table();
    run(&mut film, &mut ids, &Command::StretchClip { clip: c, length: frames(40) });
    let stretched = film.clips.get(c).expect("the clip");
    assert_eq!((stretched.length, stretched.speed_permille), (frames(40), 250));
    assert_eq!(refused(&film, &mut ids, &Command::StretchClip { clip: c, length: frames(400) }), "clip.speed");
}
