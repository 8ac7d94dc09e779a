//! The cutting room in the real window: blade, ripple trim, dissolve and title, by keyboard and by mouse; all of it undone and redone;
//! and keys that a person chose.

#[path = "support/cutting.rs"]
mod cutting;
mod support;
#[path = "support/webdriver.rs"]
mod webdriver;

use cutting::{back_and_forth, cut, dissolves, titles};
use serde_json::{Value, json};
use support::Home;
use webdriver::Window;

const CONTROL: char = '\u{e009}';
const SHIFT: char = '\u{e008}';

/// Two shots of a second each, cut to cut; nothing is generated, so slates stand for them.
const SCRIPT: &str = "EXT. BEACH - DAY\n\n[[shot: wide | static | 1s]]\n\nA red ball bounces.\n\n\
[[shot: wide | static | 1s]]\n\nA blue boat passes.\n";

struct Room {
    home: Home,
    window: Window,
}

impl Room {
    fn enter() -> Self {
        let home = Home::new();
        std::fs::create_dir(home.path("examples")).expect("a folder");
        home.write("examples/cut.fountain", SCRIPT);
        let window = Self::open(&home);
        window.click("sample-0");
        let room = Self { home, window };
        room.go_to_edit();
        room.until_cut(&[(0, 24), (24, 48)]);
        room
    }

    fn open(home: &Home) -> Window {
        let (data, examples) = (home.path("home"), home.path("examples"));
        let environment = [("KINORA_HOME", data.as_path()), ("KINORA_EXAMPLES", examples.as_path())];
        let window = Window::open(env!("CARGO_BIN_EXE_kinora"), &environment);
        window.size(1280, 720);
        window.wait("[data-testid='start-page']");
        window
    }

    fn go_to_edit(&self) {
        self.window.click("room-edit");
        self.window.wait("[data-testid='timeline']");
    }

    fn film(&self) -> Value {
        self.window.film()
    }

    fn until_film(&self, what: &str, is: impl Fn(&Value) -> bool) {
        self.window.until_film(what, is);
    }

    fn until_cut(&self, wanted: &[(i64, i64)]) {
        cutting::until_cut(&self.window, wanted);
    }

    fn at_frame(&self, frame: i64) {
        cutting::at_frame(&self.window, frame);
    }

    fn place(&self, frame: i64) -> (i64, i64) {
        cutting::place(&self.window, frame)
    }
}

#[test]
fn a_film_is_cut_by_keyboard_and_everything_can_be_undone_and_redone() {
    let room = Room::enter();
    let before = room.film();
    room.at_frame(12);
    room.window.keys(&format!("{CONTROL}b"));
    room.until_cut(&[(0, 12), (12, 24), (24, 48)]);
    room.at_frame(16);
    room.window.keys("w");
    room.until_cut(&[(0, 12), (12, 16), (16, 40)]);
    room.window.keys("d");
    room.window.wait("[data-testid='clip-inspector']");
    room.window.keys(&format!("{CONTROL}d"));
    room.until_film("the dissolve", |film| dissolves(film) == 1);
    room.window.keys(&format!("{CONTROL}t"));
    room.until_film("the title", |film| titles(film) == 1);
    back_and_forth(
        &room.window,
        &before,
        4,
        || room.window.keys(&format!("{CONTROL}z")),
        || room.window.keys(&format!("{CONTROL}{SHIFT}z")),
    );
}

#[test]
fn a_film_is_cut_by_mouse_and_everything_can_be_undone_and_redone() {
    let room = Room::enter();
    let before = room.film();
    room.window.click("tool-blade");
    room.window.drag(&[room.place(12)], None);
    room.until_cut(&[(0, 12), (12, 24), (24, 48)]);
    room.window.click("tool-ripple");
    let (x, y) = room.place(24);
    let (to, _) = room.place(16);
    // From just inside the end of the second clip to the left.
    room.window.drag(&[(x - 2, y), ((x + to) / 2, y), (to - 2, y)], None);
    room.until_cut(&[(0, 12), (12, 16), (16, 40)]);
    room.window.click("tool-select");
    room.window.drag(&[room.place(28)], None);
    room.window.wait("[data-testid='clip-inspector']");
    room.window.click("dissolve");
    room.until_film("the dissolve", |film| dissolves(film) == 1);
    room.window.click("add-title");
    room.until_film("the title", |film| titles(film) == 1);
    back_and_forth(&room.window, &before, 4, || room.window.click("undo"), || room.window.click("redo"));
}

#[test]
fn a_drag_is_one_step_to_undo() {
    let room = Room::enter();
    let before = room.film();
    let ((x, y), (to, _)) = (room.place(12), room.place(70));
    room.window.drag(&[(x, y), ((x + to) / 2, y), (to, y)], None);
    room.until_film("the moved clip", |film| cut(film, "V1").first() == Some(&(24, 48)));
    room.window.click("undo");
    room.until_film("the clip back in its place", |film| *film == before);
}

#[test]
fn a_chosen_key_works_and_is_still_there_after_a_restart() {
    let room = Room::enter();
    room.window.keys("?");
    room.window.click("choose-keys");
    room.window.click("key-blade-here");
    room.window.keys("v");
    // The select tool has it: one is asked, and takes it.
    room.window.wait("[data-testid='key-conflict']");
    room.window.click("key-take");
    room.window.click("keyboard-close");
    room.at_frame(12);
    room.window.keys("v");
    room.until_cut(&[(0, 12), (12, 24), (24, 48)]);
    let Room { home, window } = room;
    drop(window);
    let window = Room::open(&home);
    window.click("recent-0");
    let room = Room { home, window };
    room.go_to_edit();
    room.at_frame(30);
    room.window.keys("v");
    room.until_cut(&[(0, 12), (12, 24), (24, 30), (30, 48)]);
    let kept = std::fs::read_to_string(room.home.path("home/window.json")).expect("the settings");
    let kept: Value = serde_json::from_str(&kept).expect("JSON");
    assert_eq!(kept["own"]["blade-here"], json!("V"));
}
