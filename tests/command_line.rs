//! Bad input gets a sentence that says what, why and what to do, a non-zero exit, and loses nothing.

mod support;

use support::{Home, TWO_SHOTS, root, text};

/// A sentence about the thing, and a way out.
fn explains(home: &Home, arguments: &[&str], about: &str) {
    let problem = home.problem(arguments);
    assert!(problem.starts_with("kinora: "), "{problem}");
    assert!(problem.contains(about), "“{about}” is not in: {problem}");
    assert!(problem.matches(['.', '?']).count() >= 2, "no way out in: {problem}");
    assert!(!problem.contains("panicked"), "{problem}");
}

#[test]
fn files_that_are_no_screenplays_are_refused_with_a_reason() {
    let home = Home::new();
    let out = home.path("x.mp4");
    let cases = [
        (home.write("binary.fountain", [0u8, 159, 146, 150, 0, 1, 2, 3].repeat(64)), "not a screenplay"),
        (home.write("broken.fdx", "<FinalDraft><Content><Paragraph"), "not a screenplay"),
        (home.write("bomb.fdx", "<!DOCTYPE x [<!ENTITY a \"aaaa\">]><FinalDraft>&a;</FinalDraft>"), "not a screenplay"),
        (home.write("empty.fountain", ""), "no scene"),
        (home.write("huge.fountain", "A".repeat(5 << 20)), "MB"),
        (home.path("missing.fountain"), "could not be read"),
    ];
    for (file, about) in cases {
        explains(&home, &["film", text(&file), "-o", text(&out)], about);
        assert!(!out.exists());
    }
}

#[test]
fn two_megabytes_of_one_line_are_read() {
    let home = Home::new();
    let script = home.write("line.fountain", "A".repeat(2 << 20));
    let inspected = home.json(&["inspect", text(&script)]);
    assert_eq!(inspected["elements"].as_array().map(Vec::len), Some(1));
}

#[test]
fn unknown_engines_sizes_and_endings_name_what_there_is() {
    let home = Home::new();
    let script = home.write("two.fountain", TWO_SHOTS);
    let out = home.path("x.mp4");
    explains(&home, &["film", text(&script), "-o", text(&out), "--engine", "sora"], "draft");
    explains(&home, &["film", text(&script), "-o", text(&home.path("x.avi"))], ".mp4");
    for wrong in [["--size", "1281x720"], ["--size", "banana"], ["--fps", "12.5"], ["--seed", "x"]] {
        let output = home.kinora().args(["film", text(&script), "-o", text(&out)]).args(wrong).output().expect("runs");
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
        assert!(!out.exists());
    }
}

#[test]
fn a_project_open_elsewhere_is_left_alone() {
    let home = Home::new();
    let project = home.small_film();
    let (held, _) = kinora_store::ProjectFolder::open(&project).expect("it opens");
    let script = home.path("two.fountain");
    let out = home.path("second.mp4");
    explains(&home, &["film", text(&script), "-o", text(&out), "--project", text(&project)], "already open");
    drop(held);
    home.json(&["film", text(&script), "-o", text(&out), "--project", text(&project)]);
}

#[test]
fn a_missing_take_is_reported_and_made_again() {
    let home = Home::new();
    let project = home.small_film();
    let takes: Vec<_> = walk(&project.join("media")).into_iter().filter(|path| size(path) > 4096).collect();
    let largest = takes.iter().max_by_key(|path| size(path)).expect("there are takes");
    std::fs::remove_file(largest).expect("removing");
    explains(&home, &["project", "check", text(&project)], "repair");
    let out = home.path("second.mp4");
    let report = home.json(&["film", text(&home.path("two.fountain")), "-o", text(&out), "--project", text(&project)]);
    assert!(out.exists(), "{report}");
}

#[test]
fn a_journal_cut_short_still_opens() {
    let home = Home::new();
    let project = home.small_film();
    let journal = project.join("journal/edits.log");
    let whole = std::fs::read(&journal).expect("a journal");
    std::fs::write(&journal, &whole[..whole.len() - 10]).expect("cutting");
    let repaired = home.json(&["project", "repair", text(&project)]);
    assert!(repaired["repairs"].to_string().contains("journal"), "{repaired}");
    home.json(&["project", "check", text(&project)]);
}

#[test]
fn a_bundle_holds_the_whole_film() {
    let home = Home::new();
    let project = home.small_film();
    let (bundle, copy) = (home.path("film.zip"), home.path("copy.kinora"));
    home.json(&["project", "bundle", text(&project), "-o", text(&bundle)]);
    home.json(&["project", "unbundle", text(&bundle), "-o", text(&copy)]);
    let out = home.path("copy.mp4");
    let script = home.path("two.fountain");
    let arguments = ["film", text(&script), "-o", text(&out), "--project", text(&copy)];
    assert_eq!(home.json(&arguments)["generated"].as_u64(), Some(0));
    explains(&home, &["project", "unbundle", text(&bundle), "-o", text(&copy)], "already something");
    explains(&home, &["project", "unbundle", text(&script), "-o", text(&home.path("other.kinora"))], "not a bundle");
}

#[test]
fn unreadable_media_say_so() {
    let home = Home::new();
    explains(&home, &["inspect", text(&home.write("noise.mp4", [7u8; 4096]))], "noise.mp4");
}

#[test]
fn a_board_is_told_without_making_anything() {
    let home = Home::new();
    let rows = home.json(&["board", text(&root().join("examples/the-lighthouse-ball.fountain"))]);
    let rows = rows.as_array().expect("rows");
    assert!(rows.len() >= 6);
    for row in rows {
        assert!(row["prompt"].as_str().is_some_and(|prompt| prompt.len() > 10), "{row}");
        assert!(row["frames"].as_u64().is_some_and(|frames| frames % 4 == 1), "legal frame counts: {row}");
    }
    assert!(!home.path("home").exists(), "nothing is kept");
}

#[test]
fn inspect_lists_the_elements_of_a_screenplay_in_order() {
    let home = Home::new();
    let script = home.write(
        "all.fountain",
        "# Act\n\n= Synopsis\n\nINT. ROOM - DAY #1A#\n\nA lamp.\n\nMARA ^\n(low)\nHello.\n\n> THE END <\n\n===\n",
    );
    let value = home.json(&["inspect", text(&script)]);
    let kinds: Vec<&str> =
        value["elements"].as_array().expect("elements").iter().filter_map(|e| e["type"].as_str()).collect();
    let wanted = [
        "section",
        "synopsis",
        "scene_heading",
        "action",
        "character",
        "parenthetical",
        "dialogue",
        "centered",
        "page_break",
    ];
    assert_eq!(kinds, wanted);
    assert_eq!(value["elements"][2]["scene_number"], "1A");
    assert_eq!(value["elements"][4]["dual"], true);
    assert_eq!(value["elements"][0]["depth"], 1);
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files
}

fn size(path: &std::path::Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}
