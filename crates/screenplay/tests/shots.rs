//! How scripts become shots, and how shots find themselves again after an edit.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use kinora_screenplay::{CameraMove, ShotLength, ShotNote, ShotSize, TransitionKind, breakdown, parse, reconcile};

/// Each shot as `description / SPEAKER: line`.
fn shots(source: &str) -> Vec<String> {
    let board = breakdown(&parse(source).screenplay);
    let line = |shot: &kinora_screenplay::ShotDraft| {
        let spoken = shot.dialogue.iter().map(|line| format!("{}: {}", line.character, line.text));
        std::iter::once(shot.description.clone())
            .chain(spoken)
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" / ")
    };
    board.shots().map(line).collect()
}

#[track_caller]
fn check(source: &str, expected: &[&str]) {
    assert_eq!(shots(source), expected, "{source:?}");
}

/// Which old shot each new one is.
#[track_caller]
fn check_edit(old: &str, new: &str, expected: &[Option<usize>]) {
    let keys =
        |source: &str| breakdown(&parse(source).screenplay).shots().map(|shot| shot.key.clone()).collect::<Vec<_>>();
    assert_eq!(reconcile(&keys(old), &keys(new)).matches, expected, "{old:?} → {new:?}");
}

#[test]
fn a_scene_without_shot_notes_is_broken_by_action_and_speaker() {
    check(
        "INT. A - DAY\n\nOne.\n\nTwo.\n\nMARA\nHi.\n\nMARA\nAgain.\n\nTOM\nYes.",
        &["One.", "Two.", "MARA: Hi. / MARA: Again.", "TOM: Yes."],
    );
    check("INT. A - DAY\n\nINT. B - DAY\n\nOne.", &["", "One."]);
    check("MARA\nA.\n\nTOM ^\nB.", &["MARA: A. / TOM: B."]);
    check("FADE IN:\n\nINT. A\n\nOne.\n\nFADE OUT.", &["One."]);
}

#[test]
fn a_shot_note_covers_what_follows_it() {
    check(
        "INT. A\n\n[[shot: wide]]\n\nOne.\n\nTwo.\n\nMARA\nHi.\n\n[[shot: close]]\n\nThree.",
        &["One.\nTwo. / MARA: Hi.", "Three."],
    );
    check("INT. A\n\nOne. [[shot: wide]]\n\nTwo. [[shot: close]]", &["One.", "Two."]);
    check("INT. A\n\nOne. [[shot: wide]] Two.", &["One.", "Two."]);
    check("INT. A\n\nZero.\n\n[[shot: wide]]\nOne.", &["Zero.", "One."]);
}

#[test]
fn the_shot_language_says_what_it_means() {
    let (note, advice) =
        ShotNote::parse("shot: Wide | PAN left | 4.5s | seed: 7 | prompt \"a | b\" | from last | lens 50mm").unwrap();
    assert_eq!((note.size, note.camera), (Some(ShotSize::Wide), Some(CameraMove::PanLeft)));
    assert_eq!((note.length, note.seed), (Some(ShotLength::Milliseconds(4500)), Some(7)));
    assert_eq!((note.prompt.as_deref(), note.from_last), (Some("a | b"), true));
    assert_eq!(note.unknown, ["lens 50mm"]);
    assert_eq!(advice.len(), 1);
    assert_eq!(note.print(), "shot: wide | pan left | 4.5s | seed 7 | prompt \"a | b\" | from last | lens 50mm");
    assert_eq!(ShotNote::parse("shot: 96f").unwrap().0.length, Some(ShotLength::Frames(96)));
    assert!(ShotNote::parse("remember the shot: it is nice").is_none());
}

#[test]
fn headings_times_and_dialogue_are_counted() {
    let board = breakdown(&parse("EXT. HOUSE - GARDEN – LATE NIGHT, RAIN\n\nMARA (V.O.)\n(in French)\nOne two three four five.\n\nDISSOLVE TO:\n\nINT. B\n\nTOM sees Mara.").screenplay);
    let shots: Vec<_> = board.shots().collect();
    let heading = &shots[0].heading;
    assert_eq!(
        (heading.place.as_str(), heading.time.as_deref(), heading.detail.as_deref()),
        ("HOUSE - GARDEN", Some("LATE NIGHT"), Some("RAIN"))
    );
    assert_eq!((shots[0].dialogue_ms, shots[0].suggested_ms), (2600, 2600));
    assert_eq!(shots[0].dialogue[0].language.as_deref(), Some("French"));
    assert!(shots[0].characters.is_empty(), "a voice over is not seen");
    assert_eq!(shots[1].characters, ["MARA"]);
    assert_eq!(shots[1].transition_in.as_ref().unwrap().kind, TransitionKind::Dissolve);
}

#[test]
fn shots_find_themselves_after_an_edit() {
    let script = |scenes: &[&str]| scenes.iter().map(|scene| format!("{scene}\n\n")).collect::<String>();
    let (a, b, c) = (
        "INT. A\n\nA red ball falls.\n\nA cat walks.",
        "INT. B\n\nA boat crosses the sea.",
        "INT. C\n\nMARA\nHello there.",
    );
    let old = script(&[a, b, c]);
    check_edit(&old, &old, &[Some(0), Some(1), Some(2), Some(3)]);
    check_edit(&old, &script(&[c, b, a]), &[Some(3), Some(2), Some(0), Some(1)]);
    check_edit(
        &old,
        &script(&[a, "INT. B\n\nA boat slowly crosses the sea.", c]),
        &[Some(0), Some(1), Some(2), Some(3)],
    );
    check_edit(
        &old,
        &script(&["INT. A\n\nA red ball falls.\n\nA dog barks loudly at night.\n\nA cat walks.", b, c]),
        &[Some(0), None, Some(1), Some(2), Some(3)],
    );
    check_edit(&old, &script(&["INT. A\n\nA cat walks.", b, c]), &[Some(1), Some(2), Some(3)]);
    check_edit(
        &old,
        &script(&["INT. A - NIGHT\n\nA red ball falls.\n\nA cat walks.", b, c]),
        &[Some(0), Some(1), Some(2), Some(3)],
    );
    check_edit(&old, "", &[]);
    check_edit("", &old, &[None; 4]);
    check_edit(
        "[[shot: id X1]]\n\nOne thing.\n\n[[shot: id X2]]\n\nTwo.",
        "[[shot: id X2]]\n\nNew words.\n\n[[shot: id X1]]\n\nOther.",
        &[Some(1), Some(0)],
    );
}

#[test]
fn a_thousand_rewritten_shots_do_not_stall() {
    let script = |word: &str| (0..3000).map(|n| format!("INT. {n}\n\n{word} {n} {n} {word}.\n\n")).collect::<String>();
    let keys =
        |source: &str| breakdown(&parse(source).screenplay).shots().map(|shot| shot.key.clone()).collect::<Vec<_>>();
    let begin = std::time::Instant::now();
    assert_eq!(reconcile(&keys(&script("one")), &keys(&script("two"))).matches.len(), 3000);
    assert!(begin.elapsed().as_secs() < 5);
}

#[test]
fn the_sample_films_have_no_faults_and_room_for_their_dialogue() {
    for source in [
        include_str!("../../../examples/the-lighthouse-ball.fountain"),
        include_str!("../../../examples/snow-for-pim.fountain"),
        include_str!("../../../examples/last-train-to-the-moon.fountain"),
    ] {
        let parsed = parse(source);
        assert_eq!(parsed.diagnostics, []);
        let board = breakdown(&parsed.screenplay);
        let lasts = |shot: &kinora_screenplay::ShotDraft| match shot.note.as_ref().and_then(|note| note.length) {
            Some(ShotLength::Milliseconds(ms)) => ms,
            _ => shot.suggested_ms,
        };
        let total: u32 = board.shots().map(lasts).sum();
        assert!((30_000..=60_000).contains(&total), "{total}");
        for shot in board.shots() {
            assert!(lasts(shot) >= shot.dialogue_ms, "{:?} {}", shot.description, shot.dialogue_ms);
        }
        assert!(
            board
                .shots()
                .any(|shot| shot.transition_in.as_ref().is_some_and(|cue| cue.kind == TransitionKind::Dissolve))
        );
    }
}
