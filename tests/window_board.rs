//! Script, board and cast in the real window: completion under the caret, a shot note as a form, cards put elsewhere, takes picked, and a
//! cast whose change shows on the board.

mod support;
#[path = "support/webdriver.rs"]
mod webdriver;

use serde_json::Value;
use support::Home;
use webdriver::Window;

const CONTROL: char = '\u{e009}';
const SHIFT: char = '\u{e008}';
const ALT: char = '\u{e00a}';
const LEFT: char = '\u{e012}';
const ENTER: char = '\u{e007}';
const TAB: char = '\u{e004}';

/// Three short shots in two scenes, and a character of the draft model's world. The second shot leaves its seed open.
const SCRIPT: &str = "Title: Board\n\n[[cast: MARA = a girl]]\n\nEXT. BEACH - DAY\n\n[[shot: wide | static | 1s | seed 7]]\n\n\
MARA throws a red ball.\n\n[[shot: wide | static | 1s]]\n\nA blue boat passes.\n\n\
EXT. MEADOW - DAY\n\n[[shot: wide | static | 1s | seed 9]]\n\nA blue car crosses the meadow.\n";

struct Room {
    window: Window,
    /// Keeps the project's folder for as long as the window is open.
    _home: Home,
}

impl Room {
    fn enter() -> Self {
        let home = Home::new();
        std::fs::create_dir(home.path("examples")).expect("a folder");
        home.write("examples/board.fountain", SCRIPT);
        let (data, examples) = (home.path("home"), home.path("examples"));
        let environment = [("KINORA_HOME", data.as_path()), ("KINORA_EXAMPLES", examples.as_path())];
        let window = Window::open(env!("CARGO_BIN_EXE_kinora"), &environment);
        window.size(1280, 720);
        window.wait("[data-testid='start-page']");
        window.click("sample-0");
        let room = Self { window, _home: home };
        room.until_film("three shots", |film| shots(film).len() == 3);
        room
    }

    fn film(&self) -> Value {
        self.window.film()
    }

    fn until_film(&self, what: &str, is: impl Fn(&Value) -> bool) {
        self.window.until_film(what, is);
    }

    fn script(&self) -> String {
        let script = self.window.script("return document.querySelector(\"[data-testid='script']\").value");
        script.as_str().unwrap_or_default().to_owned()
    }

    fn go(&self, room: &str, shows: &str) {
        self.window.click(room);
        self.window.wait(shows);
    }

    fn focus_card(&self, number: &str) {
        let card = format!("[data-testid='shot-card-{number}']");
        self.window.wait(&card);
        self.window
            .script(&format!("document.querySelector(\"{card}\").click(); document.querySelector(\"{card}\").focus()"));
    }

    fn board_says(&self, words: &str, times: usize) {
        self.window.until(&format!("{words} {times} times"), || {
            (self.window.text("[data-testid='cards']").matches(words).count() == times).then_some(())
        });
    }
}

fn shots(film: &Value) -> Vec<(String, String)> {
    let words = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let shots = film["shots"].as_array().cloned().unwrap_or_default();
    shots.iter().map(|shot| (words(&shot["description"]), words(&shot["scene"]))).collect()
}

fn descriptions(film: &Value) -> Vec<String> {
    shots(film).into_iter().map(|(description, _)| description).collect()
}

#[test]
fn names_and_headings_are_offered_while_writing_and_taken_with_enter() {
    let room = Room::enter();
    room.go("room-write", "[data-testid='script']");
    let window = &room.window;
    // A short name is offered from its first letter on where a cue may stand, and Enter takes it.
    window.type_into("script", &format!("{ENTER}MAR"));
    window.wait("[data-testid='offer-0']");
    assert_eq!(window.text("[data-testid='offer-0']"), "MARA");
    window.keys(&ENTER.to_string());
    window.until("the name", || room.script().ends_with("\n\nMARA").then_some(()));
    assert!(!window.is_there("[data-testid='script-offer']"), "what is written already is not offered");
    assert_eq!(window.text("[data-testid='script-element']"), "Character");
    // Enter goes on to the words, and Tab after them opens brackets.
    window.type_into("script", &format!("{ENTER}Look!"));
    window.until("the words", || room.script().ends_with("MARA\nLook!").then_some(()));
    assert_eq!(window.text("[data-testid='script-element']"), "Dialogue");
    // The empty line that belongs before a heading comes by itself.
    window.type_into("script", &format!("{ENTER}EXT. ME"));
    window.wait("[data-testid='offer-0']");
    assert_eq!(window.text("[data-testid='offer-0']"), "MEADOW");
    window.keys(&TAB.to_string());
    window.until("the place", || room.script().ends_with("Look!\n\nEXT. MEADOW").then_some(()));
    window.type_into("script", &format!("{TAB}NI"));
    window.wait("[data-testid='offer-0']");
    window.keys(&ENTER.to_string());
    window.until("the heading", || room.script().ends_with("EXT. MEADOW - NIGHT").then_some(()));
    room.until_film("the new words in the film", |film| {
        film["script"]["text"].as_str().is_some_and(|text| text.ends_with("EXT. MEADOW - NIGHT"))
    });
}

#[test]
fn a_shot_note_opens_as_a_form_and_is_written_back_as_a_valid_note() {
    let room = Room::enter();
    room.go("room-write", "[data-testid='script']");
    let window = &room.window;
    window.wait(".f-shot");
    window.script("document.querySelector('.f-shot').click()");
    window.wait("[data-testid='note-form']");
    window.script("document.querySelector(\"[data-testid='note-seconds']\").select()");
    window.type_into("note-seconds", "1.5");
    window.script(
        "const camera = document.querySelector(\"[data-testid='note-camera']\"); camera.value = 'pan left'; \
         camera.dispatchEvent(new Event('change', { bubbles: true }));",
    );
    let note = "[[shot: wide | pan left | 1.5s | seed 7]]";
    window.until("the note as it will be written", || {
        (window.text("[data-testid='note-written']") == note).then_some(())
    });
    window.click("note-save");
    window.until("the note in the script", || room.script().contains(note).then_some(()));
    assert_eq!(
        room.script(),
        SCRIPT.replacen("[[shot: wide | static | 1s | seed 7]]", note, 1),
        "and nothing else changed"
    );
    room.until_film("the shot's new camera and length", |film| {
        film["shots"][0]["camera"] == "pan left" && film["shots"][0]["length"] == 705_600_000_i64 * 3 / 2
    });
    // What is no length is said in a sentence, and nothing is written.
    window.script("document.querySelector('.f-shot').click()");
    window.wait("[data-testid='note-form']");
    window.type_into("note-seconds", "x");
    window.wait(".field-problem");
    window.click("note-save");
    assert!(window.is_there("[data-testid='note-form']"));
    window.click("note-cancel");
    assert!(room.script().contains(note));
}

#[test]
fn cards_are_put_elsewhere_by_keyboard_and_undo_puts_them_back() {
    let room = Room::enter();
    room.go("room-board", "[data-testid='shot-card-1-1']");
    let window = &room.window;
    let before = shots(&room.film());
    room.focus_card("1-2");
    window.keys(&format!("{ALT}{LEFT}"));
    let moved = |film: &Value| descriptions(film).first().is_some_and(|first| first.starts_with("A blue boat"));
    room.until_film("the boat first", moved);
    window.click("undo");
    room.until_film("the order as before", |film| shots(film) == before);
    // Two at once, split and merged, and all of it taken back.
    room.focus_card("1-1");
    window.keys(&format!("{CONTROL}a"));
    window.until("all chosen", || window.text("[data-testid='selection-count']").starts_with('3').then_some(()));
    window.click("duplicate-shot");
    room.until_film("six shots", |film| shots(film).len() == 6);
    window.click("undo");
    room.until_film("three shots again", |film| shots(film) == before);
    room.focus_card("1-1");
    window.click("split-shot");
    room.until_film("one shot more", |film| shots(film).len() == 4);
    window.keys(&format!("{CONTROL}z"));
    room.until_film("the shots as before", |film| shots(film) == before);
    window.keys(&format!("{CONTROL}{SHIFT}z"));
    room.until_film("the split again", |film| shots(film).len() == 4);
}

#[test]
fn a_take_is_picked_and_a_change_to_the_cast_makes_its_shots_stale() {
    let room = Room::enter();
    room.go("room-board", "[data-testid='shot-card-1-1']");
    let window = &room.window;
    window.click("generate-stale");
    room.board_says("Ready", 3);
    let chosen = |film: &Value| film["shots"][1]["chosen_take"].as_str().unwrap_or_default().to_owned();
    let first = chosen(&room.film());
    assert!(!first.is_empty());
    room.focus_card("1-2");
    window.click("generate-shot");
    room.until_film("a second take, shown", |film| {
        film["takes"].as_array().is_some_and(|takes| takes.len() == 4) && chosen(film) != first
    });
    window.click(&format!("take-{first}"));
    room.until_film("the first take again", |film| chosen(film) == first);
    window.click("compare-takes");
    window.wait("[data-testid='compare']");
    window.click("choose-right");
    room.until_film("the other take", |film| chosen(film) != first);
    window.click("compare-close");
    room.board_says("Ready", 3);

    room.go("room-cast", "[data-testid='member-mara']");
    window.click("member-mara");
    assert_eq!(window.text("[data-testid='uses-count']"), "1 shot");
    window.type_into("member-descriptor", " in a blue coat");
    window.until("the cost before it is paid", || {
        window.text("[data-testid='member-cost']").contains("1 ready shot stale").then_some(())
    });
    window.keys(&TAB.to_string());
    window.wait("[data-testid='uses-stale']");
    room.until_film("the new look", |film| film["cast"][0]["descriptor"] == "a girl in a blue coat");
    window.click("room-board");
    room.board_says("Stale: prompt", 1);
    room.board_says("Ready", 2);
}
