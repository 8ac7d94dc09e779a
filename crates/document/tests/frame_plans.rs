//! Promise: a frame is the same everywhere. Golden plans, and exact mapping from film time to source frames.

mod common;

use common::*;
use kinora_document::plan::{FramePlan, Layer, Picture, PictureSource, sound_plan};
use kinora_document::*;
use std::collections::BTreeMap;

fn with_takes() -> (Film, Count) {
    let (mut film, mut ids) = film();
    for shot in film.shots.keys().collect::<Vec<_>>() {
        let take = Box::new(take(&film, &mut ids, shot));
        run(&mut film, &mut ids, &Command::AddTake { take });
    }
    (film, ids)
}

fn movie(picture: &Picture) -> Option<u32> {
    match picture.source {
        PictureSource::Movie { frame, .. } => Some(frame),
        _ => None,
    }
}

fn bottom(plan: &FramePlan) -> &Layer {
    plan.layers.first().expect("a picture")
}

#[test]
fn a_take_at_12_frames_shows_each_picture_twice_and_holds_its_last() {
    let (mut film, mut ids) = with_takes();
    let clip = story(&film)[0].clone();
    run(&mut film, &mut ids, &Command::SetTransition { clip: clip.id, transition: None });
    run(
        &mut film,
        &mut ids,
        &Command::TrimClip { clip: clip.id, start: clip.start, length: frames(110), ripple: true },
    );
    let planner = Planner::new(&film);
    for frame in 0..110 {
        let plan = planner.frame_at(frame);
        let Layer::Picture(picture) = bottom(&plan) else { panic!("a plain picture") };
        assert_eq!(movie(picture), Some((frame / 2).min(48) as u32), "frame {frame}");
    }
    run(&mut film, &mut ids, &Command::SetClipSpeed { clip: clip.id, speed_permille: 2000 });
    let plan = Planner::new(&film).frame_at(10);
    let Layer::Picture(picture) = bottom(&plan) else { panic!("a plain picture") };
    assert_eq!(movie(picture), Some(10));
}

#[test]
fn every_film_rate_maps_to_whole_source_frames_in_order() {
    for rate in FrameRate::FILM_RATES {
        let (mut film, mut ids) = with_takes();
        let settings = Settings { rate, ..film.settings.clone() };
        run(&mut film, &mut ids, &Command::SetSettings { settings });
        let planner = Planner::new(&film);
        let end = rate.frame_at(story(&film)[0].length);
        let mut last = 0;
        for frame in 0..end {
            let time = rate.frame_start(frame);
            let plan = planner.frame_at(frame);
            let shown = match bottom(&plan) {
                Layer::Picture(picture) => movie(picture),
                Layer::Mix { to, .. } => to.as_ref().and_then(movie),
            };
            let shown = i64::from(shown.expect("a movie"));
            assert_eq!(shown, FrameRate::FPS_12.frame_at(time));
            assert!(shown == last || shown == last + 1);
            last = shown;
        }
    }
}

#[test]
fn a_dissolve_mixes_what_goes_on_with_what_begins() {
    let (film, _) = with_takes();
    let clips = story(&film);
    let at = clips
        .iter()
        .position(|clip| clip.transition.as_ref().is_some_and(|t| t.kind == "dissolve"))
        .expect("a dissolve");
    let (before, clip) = (&clips[at - 1], &clips[at]);
    let planner = Planner::new(&film);
    let first = FrameRate::FPS_24.nearest_frame(clip.start);
    let length = FrameRate::FPS_24.nearest_frame(clip.transition.as_ref().expect("a dissolve").length);
    let mut progress = Vec::new();
    for frame in first..first + length {
        let plan = planner.frame_at(frame);
        let Layer::Mix { kind, progress_permille, from: Some(from), to: Some(to), .. } = bottom(&plan) else {
            panic!("a mix of two")
        };
        assert_eq!(kind, "dissolve");
        progress.push(*progress_permille);
        let into = FrameRate::FPS_24.nearest_frame(before.length) + frame - first;
        assert_eq!(movie(from), Some((into / 2).min(48) as u32), "the clip before goes on, then holds");
        assert_eq!(movie(to), Some(((frame - first) / 2) as u32));
    }
    assert!(progress.windows(2).all(|pair| pair[0] < pair[1]));
    assert!(
        progress.iter().zip(progress.iter().rev()).all(|(a, b)| (999..=1000).contains(&(a + b))),
        "symmetric: {progress:?}"
    );
    assert!(matches!(bottom(&planner.frame_at(first + length)), Layer::Picture(_)));
}

#[test]
fn the_first_frame_comes_out_of_nothing_and_carries_its_title() {
    let (film, _) = film();
    let plan = Planner::new(&film).frame_at(0);
    let json = serde_json::to_value(&plan).expect("json");
    assert_eq!(json["layers"][0]["mix"]["from"], serde_json::Value::Null);
    let slate = &json["layers"][0]["mix"]["to"]["source"]["slate"];
    assert_eq!(slate["heading"], "1.1");
    assert_eq!(slate["text"], "A beach at sunset. A red ball bounces on the sand.");
    assert_eq!(json["layers"][1]["picture"]["source"]["title"]["text"], "The Ball");
    assert_eq!(json["layers"][1]["picture"]["placement"]["opacity_permille"], 0, "it fades in");
    let later = Planner::new(&film).frame_at(24);
    let Some(Layer::Picture(title)) = later.layers.get(1) else { panic!("the title") };
    assert_eq!(title.placement.opacity_permille, 1000);
}

#[test]
fn the_reel_is_the_board() {
    let (film, _) = film();
    let board: i64 = film.shots.iter().map(|shot| FrameRate::FPS_24.nearest_frame(shot.length)).sum();
    let planner = Planner::new(&film);
    assert_eq!(planner.reel().frames, board);
    assert!(planner.frame_at(-1).layers.is_empty() && planner.frame_at(board).layers.is_empty());
}

#[test]
fn sound_follows_the_picture_and_cross_fades_with_it() {
    let (film, _) = with_takes();
    let plan = sound_plan(&film);
    let clips = story(&film);
    assert_eq!(plan.length, film.length());
    assert_eq!(plan.pieces.len(), clips.len());
    let at = clips
        .iter()
        .position(|clip| clip.transition.as_ref().is_some_and(|t| t.kind == "dissolve"))
        .expect("a dissolve");
    let mix = clips[at].transition.as_ref().expect("a dissolve").length;
    let made = FrameRate::FPS_12.frame_start(49);
    assert_eq!(plan.pieces[at - 1].length, (clips[at - 1].length + mix).min(made));
    assert_eq!(plan.pieces[at].fade_in, mix);
}

#[test]
fn muted_and_solo_tracks_decide_what_is_heard() {
    let (mut film, mut ids) = with_takes();
    let track = film.tracks.get(story(&film)[0].track).expect("V1").clone();
    run(&mut film, &mut ids, &Command::SetTrack { track: Track { muted: true, ..track.clone() } });
    assert!(sound_plan(&film).pieces.is_empty());
    assert!(!Planner::new(&film).frame_at(60).layers.is_empty(), "a muted picture is still seen");
    run(&mut film, &mut ids, &Command::SetTrack { track });
    let music = film.tracks.iter().find(|track| track.kind == TrackKind::Music).expect("music").clone();
    run(&mut film, &mut ids, &Command::SetTrack { track: Track { solo: true, ..music } });
    assert!(sound_plan(&film).pieces.is_empty());
}

#[test]
fn five_thousand_clips_are_planned_at_once() {
    let mut ids = Count(0);
    let mut film = new_film("Long", FrameSize { width: 1280, height: 720 }, FrameRate::FPS_24, &mut ids);
    let script: String = (0..5_000).map(|n| format!("EXT. PLACE {n} - DAY\n\nA ball rolls to rock {n}.\n\n")).collect();
    let start = std::time::Instant::now();
    run(&mut film, &mut ids, &Command::SetScript { text: script.clone() });
    println!("5,000 shots from a script: {:?}", start.elapsed());
    let start = std::time::Instant::now();
    let planner = Planner::new(&film);
    println!("planner of 5,000 clips: {:?}", start.elapsed());
    let reel = planner.reel();
    let start = std::time::Instant::now();
    for frame in 0..10_000 {
        assert_eq!(planner.frame_at(frame * reel.frames / 10_000).layers.len(), 1);
    }
    let each = start.elapsed() / 10_000;
    println!("a frame: {each:?}");
    assert!(each < std::time::Duration::from_millis(1));
    let start = std::time::Instant::now();
    let clip = story(&film)[10].clone();
    let trim = Command::TrimClip { clip: clip.id, start: clip.start, length: clip.length - frames(3), ripple: true };
    let patch = trim.plan(&film, &mut ids).expect("a trim");
    println!("a ripple over 5,000 clips ({} operations): {:?}", patch.0.len(), start.elapsed());
    let start = std::time::Instant::now();
    let edited = script.replace("rock 77.", "rock seventy-seven.");
    let patch = Command::SetScript { text: edited }.plan(&film, &mut ids).expect("an edit");
    println!("one line of a 5,000-shot script ({} operations): {:?}", patch.0.len(), start.elapsed());
    assert!(patch.0.len() < 5);
}

#[test]
fn a_title_on_its_own_track_mixes_from_nothing() {
    let (mut film, mut ids) = film();
    let track = film.tracks.at(1).expect("V2").id;
    let source = ClipSource::Title(Title::new("Later", TitleStyle::Lower));
    run(
        &mut film,
        &mut ids,
        &Command::OverwriteClip { track, at: frames(100), source, source_in: Ticks::ZERO, length: frames(20) },
    );
    let clip = on_track(&film, track).last().expect("the title").id;
    let wipe = Transition { kind: "wipe".to_owned(), length: frames(10), parameters: BTreeMap::new() };
    run(&mut film, &mut ids, &Command::SetTransition { clip, transition: Some(wipe) });
    let plan = Planner::new(&film).frame_at(104);
    let Some(Layer::Mix { from: None, to: Some(_), progress_permille, .. }) = plan.layers.get(1) else {
        panic!("{plan:#?}")
    };
    assert_eq!(*progress_permille, 450);
}

fn sign_of(film: &Film, frame: i64) -> Option<Picture> {
    match Planner::new(film).frame_at(frame).layers.last() {
        Some(Layer::Picture(picture)) if matches!(picture.source, PictureSource::Sign { .. }) => Some(picture.clone()),
        _ => None,
    }
}

#[test]
fn a_film_of_takes_says_so_in_every_frame_unless_the_person_switches_it_off() {
    let (mut film, mut ids) = with_takes();
    let last = Planner::new(&film).reel().frames - 1;
    for frame in [0, last / 2, last] {
        let sign = sign_of(&film, frame).expect("over every frame");
        assert_eq!(sign.placement.opacity_permille, film.settings.sign.opacity_permille);
    }
    let faint = Sign { corner: Corner::BottomLeft, opacity_permille: 300, ..film.settings.sign };
    let settings = Settings { sign: faint, ..film.settings.clone() };
    run(&mut film, &mut ids, &Command::SetSettings { settings });
    let sign = sign_of(&film, 3).expect("still there");
    assert_eq!(sign.source, PictureSource::Sign { corner: Corner::BottomLeft, size_permille: faint.size_permille });
    let settings = Settings { sign: Sign { shown: false, ..faint }, ..film.settings.clone() };
    run(&mut film, &mut ids, &Command::SetSettings { settings });
    assert_eq!(sign_of(&film, 3), None);
}

#[test]
fn a_film_without_takes_is_not_called_generated_and_an_illegal_sign_is_refused() {
    let (film, mut ids) = film();
    assert!(!film.shows_generated_pictures());
    assert_eq!(sign_of(&film, 3), None);
    for sign in [
        Sign { size_permille: 1, ..Sign::default() },
        Sign { size_permille: 500, ..Sign::default() },
        Sign { opacity_permille: 10, ..Sign::default() },
    ] {
        let settings = Settings { sign, ..film.settings.clone() };
        assert!(Command::SetSettings { settings }.plan(&film, &mut ids).is_err(), "{sign:?}");
    }
}
