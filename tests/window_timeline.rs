//! The finer things of the cutting room in the real window: key frames, a gap filled from its neighbours, a marker's words, captions from
//! a file; and the board on paper.

#[path = "support/cutting.rs"]
mod cutting;
mod support;
#[path = "support/webdriver.rs"]
mod webdriver;

use cutting::{FRAME, at_frame, cut, until_cut};
use serde_json::{Value, json};
use support::{Home, text};
use webdriver::Window;

const CONTROL: char = '\u{e009}';
const HOME: char = '\u{e011}';
const ENTER: char = '\u{e007}';
const DELETE: char = '\u{e017}';

/// Two shots of a second each, cut to cut; nothing is generated, so slates stand for them.
const SCRIPT: &str = "Title: Finer things\n\nEXT. BEACH - DAY\n\n[[shot: wide | static | 1s]]\n\nA red ball bounces.\n\n\
[[shot: wide | static | 1s]]\n\nA blue boat passes.\n";

/// The cutting room of that film; each native dialog is answered with the next of these names in the home.
fn enter(home: &Home, answers: &[&str]) -> Window {
    std::fs::create_dir(home.path("examples")).expect("a folder");
    home.write("examples/finer.fountain", SCRIPT);
    let lines: String = answers.iter().map(|name| format!("{}\n", text(&home.path(name)))).collect();
    let answers = home.write("answers", lines);
    let (data, examples) = (home.path("home"), home.path("examples"));
    let environment = [
        ("KINORA_HOME", data.as_path()),
        ("KINORA_EXAMPLES", examples.as_path()),
        ("KINORA_DIALOG_ANSWERS", answers.as_path()),
    ];
    let window = Window::open(env!("CARGO_BIN_EXE_kinora"), &environment);
    window.size(1280, 720);
    window.wait("[data-testid='start-page']");
    window.click("sample-0");
    window.click("room-edit");
    window.wait("[data-testid='timeline']");
    until_cut(&window, &[(0, 24), (24, 48)]);
    window
}

/// Times in frames and values of the only curve there is.
fn keys(film: &Value) -> Vec<(i64, f64)> {
    let clips = film["clips"].as_array().cloned().unwrap_or_default();
    let curves: Vec<Value> =
        clips.iter().flat_map(|clip| clip["curves"].as_array().cloned().unwrap_or_default()).collect();
    let keys = curves.first().and_then(|curve| curve["keys"].as_array().cloned()).unwrap_or_default();
    assert!(curves.len() < 2, "{curves:?}");
    keys.iter()
        .map(|key| (key["at"].as_i64().expect("ticks") / FRAME, key["value"].as_f64().expect("a number")))
        .collect()
}

#[test]
fn a_value_gets_keys_that_are_reached_changed_and_taken_back_without_a_mouse() {
    let home = Home::new();
    let window = enter(&home, &[]);
    let before = window.film();
    at_frame(&window, 6);
    window.keys("d");
    window.wait("[data-testid='clip-inspector']");
    window.tab_to("clip-opacity-key");
    window.keys(" ");
    window.until_film("a first key", |film| keys(film) == [(6, 1000.0)]);
    window.script("document.activeElement.blur()");
    at_frame(&window, 18);
    window.tab_to("clip-opacity");
    window.keys(&ENTER.to_string());
    for digit in ["2", "5"] {
        window.keys(digit);
    }
    window.keys(&ENTER.to_string());
    window.until_film("a second key", |film| keys(film) == [(6, 1000.0), (18, 250.0)]);
    // From key to key, and between them the row says what is seen.
    window.script("document.activeElement.blur()");
    window.keys(&HOME.to_string());
    window.keys("]");
    window.until("the first key", || (window.text("[data-testid='timecode']") == "00:00:00:06").then_some(()));
    at_frame(&window, 12);
    window.until("half way", || (window.text("[data-testid='clip-opacity']") == "62.5 %").then_some(()));
    // A blade keeps them with the picture; undo gives the film as it was.
    window.keys(&format!("{CONTROL}b"));
    until_cut(&window, &[(0, 12), (12, 24), (24, 48)]);
    for _ in 0..3 {
        let now = window.film();
        window.keys(&format!("{CONTROL}z"));
        window.until_film("an undo", |film| *film != now);
    }
    assert_eq!(window.film(), before);
}

#[test]
fn a_gap_is_filled_with_a_shot_made_from_its_neighbours() {
    let home = Home::new();
    let window = enter(&home, &[]);
    at_frame(&window, 12);
    window.keys(&format!("{CONTROL}b"));
    until_cut(&window, &[(0, 12), (12, 24), (24, 48)]);
    at_frame(&window, 14);
    window.keys("d");
    window.wait("[data-testid='clip-inspector']");
    window.keys(&DELETE.to_string());
    until_cut(&window, &[(0, 12), (24, 48)]);
    window.keys("g");
    until_cut(&window, &[(0, 12), (12, 24), (24, 48)]);
    let film = window.film();
    let shots = film["shots"].as_array().expect("shots");
    assert_eq!(shots.len(), 3);
    assert_eq!(shots[1]["description"], "A red ball bounces. A blue boat passes.");
    assert_eq!((&shots[1]["continues"], &shots[1]["leads_on"]), (&json!(true), &json!(true)));
    // The shot is chosen, ready to be rewritten and generated.
    window.until("the new shot", || window.text("[data-testid='status-selection']").ends_with("1.2").then_some(()));
}

#[test]
fn a_marker_says_what_it_is_for() {
    let home = Home::new();
    let window = enter(&home, &[]);
    at_frame(&window, 6);
    window.keys("m");
    window.until_film("a marker", |film| film["markers"].as_array().is_some_and(|markers| markers.len() == 1));
    window.keys("m");
    window.wait("[data-testid='marker-text']");
    window.type_into("marker-text", &format!("The ball lands{ENTER}"));
    window.until_film("its words", |film| film["markers"][0]["text"] == "The ball lands");
    window.keys(&format!("{CONTROL}z"));
    window.until_film("its words taken back", |film| film["markers"][0]["text"] == "");
}

#[test]
fn captions_come_in_from_a_file() {
    let home = Home::new();
    home.write(
        "lines.srt",
        "1\n00:00:00,250 --> 00:00:01,000\nLook, a ball.\n\n2\n00:00:01,250 --> 00:00:02,000\nAnd a boat.\n",
    );
    let window = enter(&home, &["lines.srt"]);
    window.click("import-media");
    window.until_film("two captions", |film| cut(film, "Captions") == [(6, 24), (30, 48)]);
    window.until("a sentence about it", || window.text("[data-testid='status']").contains("lines.srt").then_some(()));
    let film = window.film();
    let clips = film["clips"].as_array().expect("clips");
    assert!(clips.iter().any(|clip| clip["source"]["title"]["text"] == "Look, a ball."));
    window.click("undo");
    window.until_film("no captions", |film| cut(film, "Captions").is_empty());
}

#[test]
fn the_board_goes_onto_paper() {
    let home = Home::new();
    let window = enter(&home, &["board.pdf"]);
    window.click("room-deliver");
    window.click("preset-board");
    window.click("export-board");
    let paper = home.path("board.pdf");
    window.until("the board on paper", || paper.exists().then_some(()));
    let bytes = std::fs::read(&paper).expect("the file");
    let all = String::from_utf8_lossy(&bytes);
    assert!(bytes.starts_with(b"%PDF-1.4") && all.trim_end().ends_with("%%EOF"));
    assert!(all.contains("/Count 1"), "two shots are one page");
    for words in ["(Finer things)", "(A red ball bounces.)", "(A blue boat passes.)"] {
        assert!(all.contains(words), "{words} can be searched for");
    }
    assert_eq!(window.text("[data-state='done'] .export-name"), "board.pdf");
}
