//! Sub-titles go out and come back as they were; those that others broke are mended with a sentence, or refused with one.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[path = "../../screenplay/tests/support/chance.rs"]
mod chance;
#[path = "../../screenplay/tests/support/damage.rs"]
#[allow(dead_code, reason = "each test uses its part")]
mod damage;

use chance::Chance;
use kinora_document::{ClipSource, FrameRate, Ticks, TrackId, limits};
use kinora_interchange::{CaptionError, Cue, ReadCaptions, clips, read_captions, to_srt, to_vtt, without_overlaps};

fn cue(start: i64, end: i64, text: &str) -> Cue {
    Cue { start: Ticks::from_millis(start), end: Ticks::from_millis(end), text: text.to_owned() }
}

#[track_caller]
fn read(text: &str) -> ReadCaptions {
    read_captions(text.as_bytes()).unwrap()
}

#[track_caller]
fn check(text: &str, cues: &[Cue], notes: &[&str]) {
    let found = read(text);
    assert_eq!(found.cues, cues, "{text:?}");
    assert_eq!(found.notes.len(), notes.len(), "{text:?}: {:?}", found.notes);
    for (note, says) in found.notes.iter().zip(notes) {
        assert!(note.contains(says), "{text:?}: {note}");
    }
}

#[test]
fn captions_come_back_exactly_from_both_formats() {
    let words = [
        "Hello.",
        "2 < 3 & so on?",
        "&amp;",
        "1984",
        "5",
        "NOTE",
        "STYLE",
        "WEBVTT",
        "-->",
        "a --> b",
        "{no}",
        "<3",
        "é字שלום",
        "“Yes!”",
        "- No.",
        "...",
        "&#38;",
        "&",
        "x > y",
        "100 %",
        "\u{200e}",
    ];
    let mut chance = Chance::new(7);
    for round in 0..2_000 {
        let mut at = 0;
        let cues: Vec<Cue> = (0..chance.below(12))
            .map(|_| {
                let start = at + i64::try_from(chance.below(5_000_000)).unwrap();
                at = start + 1 + i64::try_from(chance.below(9_000)).unwrap();
                let line = |chance: &mut Chance| {
                    let count = 1 + chance.below(4);
                    (0..count).map(|_| chance.pick(&words)).collect::<Vec<_>>().join(" ")
                };
                let lines: Vec<String> = (0..=chance.below(3)).map(|_| line(&mut chance)).collect();
                cue(start, at, &lines.join("\n"))
            })
            .collect();
        for text in [to_srt(&cues), to_vtt(&cues)] {
            for text in [text.clone(), text.replace('\n', "\r\n"), format!("\u{feff}{text}")] {
                match read_captions(text.as_bytes()) {
                    Ok(found) => {
                        assert_eq!(found, ReadCaptions { cues: cues.clone(), notes: Vec::new() }, "{round}: {text}");
                    }
                    Err(error) => assert!(cues.is_empty() && error == CaptionError::NoCaptions, "{text} {error}"),
                }
            }
        }
    }
}

/// A file counts milliseconds, and a film frames: going out and coming back moves no caption by a frame at any rate, even after hours.
#[test]
fn captions_come_back_on_their_own_frames_at_every_rate() {
    let mut chance = Chance::new(23);
    for rate in FrameRate::FILM_RATES {
        let mut frame = 0;
        let mut wanted = Vec::new();
        for number in 0..2_000 {
            let start = frame + i64::try_from(chance.below(200)).unwrap();
            frame = start + 1 + i64::try_from(chance.below(90)).unwrap();
            let (start, end) = (rate.frame_start(start), rate.frame_start(frame));
            wanted.push(Cue { start, end, text: format!("Caption {number}") });
        }
        for text in [to_srt(&wanted), to_vtt(&wanted)] {
            let (cues, changed) = without_overlaps(read(&text).cues);
            let laid = clips(&cues, TrackId(1), rate).into_iter().map(|clip| {
                let ClipSource::Title(title) = clip.source else { panic!("{rate}: a caption is a title") };
                Cue { start: clip.start, end: clip.start + clip.length, text: title.text }
            });
            let laid: Vec<Cue> = laid.collect();
            assert_eq!((laid == wanted, changed), (true, 0), "{rate} frames a second");
        }
    }
}

/// Everything at once: a byte order mark, line ends of Windows, times before the film, backwards, at once and over each other.
#[test]
fn a_file_with_every_fault_becomes_captions_that_a_film_can_show() {
    let file = "\u{feff}1\r\n-00:00:02,000 --> 00:00:03,000\r\nfirst\r\n\r\n\
                9\r\n00:00:05,000 --> 00:00:02,000\r\nbackwards\r\n\r\n\
                2\r\n00:00:04,000 --> 00:00:04,000\r\nat once\r\n\r\n\
                2\r\n00:00:04,000 --> 00:00:06,000\r\nand again\r\n";
    let found = read(file);
    let said: Vec<&str> = ["before the film", "exchanged", "last one second"]
        .into_iter()
        .filter(|what| found.notes.iter().any(|note| note.contains(what)))
        .collect();
    assert_eq!((said.len(), found.notes.len()), (3, 3), "{:?}", found.notes);
    let (laid, changed) = without_overlaps(found.cues);
    let wanted = [cue(0, 2_000, "first"), cue(2_000, 4_000, "backwards"), cue(4_000, 6_000, "at once\nand again")];
    assert_eq!((laid.as_slice(), changed), (&wanted[..], 3));
}

#[test]
fn as_many_captions_as_a_film_holds_are_read_even_if_all_lie_over_each_other() {
    let file: String = (0..limits::CLIPS)
        .map(|at| format!("{}\n00:00:{:02},{:03} --> 01:00:00,000\nHi\n\n", at + 1, at / 1000 % 60, at % 1000))
        .collect();
    let found = read(&file);
    assert_eq!((found.cues.len(), found.notes.len()), (limits::CLIPS, 0));
    let (laid, changed) = without_overlaps(found.cues);
    assert!(changed >= laid.len() - 1 && laid.windows(2).all(|pair| pair[0].end <= pair[1].start));
    assert_eq!(read(&to_srt(&laid)).cues, laid);
}

#[test]
fn what_other_programs_write_is_read() {
    check("00:01.5 --> 00:02.25\nHi", &[cue(1_500, 2_250, "Hi")], &[]);
    check(
        "1\n0:0:1,5 --> 0:0:2\nHi\n\n\n\n2\n00:00:03,000-->00:00:04,000\nHo",
        &[cue(1_500, 2_000, "Hi"), cue(3_000, 4_000, "Ho")],
        &[],
    );
    check(
        "1\n00:00:01,000 --> 00:00:02,000 X1:1 X2:2\n<i>Hi</i> <font color=\"red\">you</font>",
        &[cue(1_000, 2_000, "Hi you")],
        &["2 of the captions carried styling"],
    );
    check("1\n00:00:01,000 --> 00:00:02,000\n{\\an8}<b>Up</B>", &[cue(1_000, 2_000, "Up")], &["styling"]);
    check(
        "WEBVTT - a film\n\nSTYLE\n::cue { color: red }\n\nNOTE by\nme\n\nintro\n00:01.000 --> 00:02.000 align:start\n<v Mara>Hi &lt;you&gt; <00:00:01.500>now\n\nNOTE\n\n123:00:03.000 --> 123:00:04.000\nFar",
        &[cue(1_000, 2_000, "Hi <you> now")],
        &["later than any film", "styling"],
    );
    check("WEBVTT", &[], &[]);
    let utf16: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain("1\n00:00:01,000 --> 00:00:02,000\né".encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    assert_eq!(read_captions(&utf16).unwrap().cues, [cue(1_000, 2_000, "é")]);
    assert_eq!(read_captions(b"1\n00:00:01,000 --> 00:00:02,000\ncaf\xe9").unwrap().cues, [cue(1_000, 2_000, "café")]);
}

#[test]
fn broken_captions_are_mended_and_said() {
    check("-00:00:01,000 --> 00:00:02,000\nHi", &[cue(0, 2_000, "Hi")], &["began before the film"]);
    check("00:00:03,000 --> 00:00:02,000\nHi", &[cue(2_000, 3_000, "Hi")], &["exchanged"]);
    check("00:00:03,000 --> 00:00:03,000\nHi", &[cue(3_000, 4_000, "Hi")], &["last one second"]);
    check(
        "1\n00:00:01,000 --> 00:00:02,000\n\n2\n00:00:03,000 --> 00:00:04,000\nHi",
        &[cue(3_000, 4_000, "Hi")],
        &["say nothing"],
    );
    check(
        "1\n00:00:01,000 --> 00:00:02,000\nOne\n\nTwo\n\n2\n00:00:03,000 --> 00:00:04,000\nHi",
        &[cue(1_000, 2_000, "One\nTwo"), cue(3_000, 4_000, "Hi")],
        &["empty line"],
    );
    let long = format!("00:00:01,000 --> 00:00:02,000\n{}", "é".repeat(limits::TEXT_BYTES));
    assert_eq!(read(&long).cues.first().map(|cue| cue.text.len()), Some(limits::TEXT_BYTES));
    assert!(read(&long).notes.iter().any(|note| note.contains("were cut")));
}

#[test]
fn captions_of_one_moment_share_a_line_of_time() {
    let (laid, changed) = without_overlaps(vec![cue(5, 9, "d"), cue(0, 10, "a"), cue(4, 6, "b"), cue(4, 7, "c")]);
    assert_eq!((laid, changed), (vec![cue(0, 4, "a"), cue(4, 5, "b\nc"), cue(5, 9, "d")], 3));
    let apart = vec![cue(0, 1, "a"), cue(1, 2, "b")];
    assert_eq!(without_overlaps(apart.clone()), (apart, 0));
}

#[test]
fn what_is_no_sub_title_file_is_refused_with_a_way_out() {
    let many = "00:00:01,000 --> 00:00:02,000\nHi\n\n".repeat(100_000);
    for (bytes, says) in [
        (&b""[..], "no sub-titles"),
        (b"Hello there, this is a letter.", "no sub-titles"),
        (b"%PDF-1.7", "a PDF"),
        (b"1\n00:00:01,000 --> 00:00:02,000\n\0\0\0", "not text"),
        (b"\xff\xfe1", "not text"),
        (many.as_bytes(), "more than a film holds"),
        (&vec![b'a'; 40 << 20], "divide it"),
    ] {
        let error = read_captions(bytes).unwrap_err().to_string();
        assert!(error.contains(says) && error.ends_with('.'), "{error}");
    }
}

#[test]
fn no_damaged_file_stops_the_reader() {
    let whole: [&[u8]; 3] = [
        b"1\n00:00:01,000 --> 00:00:02,000\nHello\n\n2\n00:00:03,000 --> 00:00:04,000\n<i>Two</i>\nlines\n\n",
        b"WEBVTT\n\nNOTE x\n\nid\n00:01.000 --> 00:02.000 line:0\n<v Mara>Hi &amp; ho\n\nSTYLE\n::cue {}\n\n",
        "\u{feff}1\r\n-00:00:01,000 --> 99:59:59,999\r\né {\\an8} 字\r\n".as_bytes(),
    ];
    let words: [&[u8]; 13] = [
        b"-->",
        b"00:00:01,000 --> 00:00:02,000\n",
        b"<",
        b">",
        b"&#x",
        b";",
        b"\n\n",
        b"NOTE",
        b"{\\",
        b"-",
        b"99999999",
        b"\0",
        b"\xff\xfe",
    ];
    let mut chance = Chance::new(11);
    for _ in 0..20_000 {
        let file = chance.pick(&whole);
        let file = damage::damaged(&mut chance, file, &words, &whole);
        if let Ok(found) = read_captions(&file) {
            assert!(
                found.cues.iter().all(|cue| Ticks::ZERO <= cue.start && cue.start < cue.end && !cue.text.is_empty()),
                "{file:?}"
            );
            // What was mended once is whole: it comes back without another word.
            let (laid, _) = without_overlaps(found.cues);
            let again = read_captions(to_vtt(&laid).as_bytes());
            assert!(
                laid.is_empty() || again.as_ref().is_ok_and(|again| again.cues == laid),
                "{file:?}\n{laid:?}\n{again:?}"
            );
        }
    }
}
