//! What can be dubbed, and what the button means by the selection and the marks.

use super::dub::{can_be_dubbed, place_of};
use kinora_api::DubPlace;
use kinora_document::*;

/// One line at the first second, a picture under it, and a recording on the music track.
fn film() -> Film {
    let mut next = 10;
    let mut film = new_film("Dub", FrameSize { width: 64, height: 64 }, FrameRate::FPS_24, &mut || {
        next += 1;
        next
    });
    let text = "INT. ROOM - DAY\n\n[[shot: wide | 4s]]\n\nADA\nIs it winter yet?\n".to_owned();
    let patch = Command::SetScript { text }.plan(&film, &mut || {
        next += 1;
        next
    });
    film.apply(&patch.expect("a script")).expect("it applies");
    film
}

#[test]
fn a_selected_line_is_dubbed_even_when_its_picture_is_selected_with_it() {
    let film = film();
    let line = film.clips.iter().find(|clip| matches!(clip.source, ClipSource::Line { .. })).expect("a line");
    let picture = film.clips.iter().find(|clip| matches!(clip.source, ClipSource::Shot(_))).expect("a picture");
    assert!(can_be_dubbed(&film, line) && !can_be_dubbed(&film, picture));
    let marks = Some((Ticks::ZERO, Ticks::from_seconds(1)));
    assert_eq!(place_of(&film, &[picture.id, line.id], marks), Some(DubPlace::Clip(line.id)));
    assert_eq!(place_of(&film, &[line.id], None), Some(DubPlace::Clip(line.id)));
}

#[test]
fn without_a_line_in_and_out_say_where_and_without_both_nothing_does() {
    let film = film();
    let picture = film.clips.iter().find(|clip| matches!(clip.source, ClipSource::Shot(_))).expect("a picture");
    let (from, until) = (Ticks::ZERO, Ticks::from_seconds(1));
    assert_eq!(place_of(&film, &[picture.id], Some((from, until))), Some(DubPlace::Range { from, until }));
    assert_eq!(place_of(&film, &[picture.id], None), None);
    assert_eq!(place_of(&film, &[], None), None);
}
