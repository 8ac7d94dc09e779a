//! The cutting room in the real window: blade, ripple trim, dissolve and title, by keyboard and by mouse; all of it undone and redone;
//! and keys that a person chose.

mod support;
#[path = "support/webdriver.rs"]
mod webdriver;

use serde_json::{Value, json};
use support::Home;
use webdriver::Window;

const CONTROL: char = '\u{e009}';
const SHIFT: char = '\u{e008}';
const HOME: char = '\u{e011}';
const RIGHT: char = '\u{e014}';
/// 24 frames a second.
const FRAME: i64 = 705_600_000 / 24;

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

    /// The film as the studio has it, not as the page shows it.
    fn film(&self) -> Value {
        self.window.script(
            "window.__film = undefined; window.__TAURI__.core.invoke('replica').then(r => { \
             const text = r instanceof ArrayBuffer ? new TextDecoder().decode(r) : JSON.stringify(r); window.__film = text; });",
        );
        let text =
            self.window.until("the film", || self.window.script("return window.__film").as_str().map(str::to_owned));
        let replica: Value = serde_json::from_str(&text).expect("a replica");
        replica["film"].clone()
    }

    fn track(&self, film: &Value, name: &str) -> Value {
        let tracks = film["tracks"].as_array().expect("tracks");
        tracks.iter().find(|track| track["name"] == name).expect("the track")["id"].clone()
    }

    /// Beginnings and ends of a track's clips, in frames.
    fn cut(&self, film: &Value, track: &str) -> Vec<(i64, i64)> {
        let track = self.track(film, track);
        let mut clips: Vec<(i64, i64)> = film["clips"]
            .as_array()
            .expect("clips")
            .iter()
            .filter(|clip| clip["track"] == track)
            .map(|clip| (clip["start"].as_i64().expect("ticks"), clip["length"].as_i64().expect("ticks")))
            .map(|(start, length)| (start / FRAME, (start + length) / FRAME))
            .collect();
        clips.sort_unstable();
        clips
    }

    fn until_cut(&self, wanted: &[(i64, i64)]) {
        self.window.until(&format!("the cut {wanted:?}"), || (self.cut(&self.film(), "V1") == wanted).then_some(()));
    }

    fn until_film(&self, what: &str, is: impl Fn(&Value) -> bool) {
        self.window.until(what, || is(&self.film()).then_some(()));
    }

    fn at_frame(&self, frame: i64) {
        self.window.keys(&HOME.to_string());
        for _ in 0..frame {
            self.window.keys(&RIGHT.to_string());
        }
        let wanted = format!("00:00:{:02}:{:02}", frame / 24, frame % 24);
        self.window.until(&wanted, || (self.window.text("[data-testid='timecode']") == wanted).then_some(()));
    }

    /// Where a frame of the picture track lies on screen.
    fn place(&self, frame: i64) -> (i64, i64) {
        let (_, y) = self.window.middle("[data-testid='track-mute-V1']");
        let script = "const c = document.querySelector(\"[data-testid='timeline']\"); const r = c.getBoundingClientRect(); \
             return [Math.round(r.x), Number(c.dataset.from), Number(c.dataset.ticksPerPixel), \
             Math.round(document.querySelector('.track-heads').getBoundingClientRect().right)]";
        let seen = self.window.script(script);
        let number = |at: usize| seen[at].as_i64().expect("a number");
        // The names of the tracks end two pixels before the film begins.
        (number(3) + 2 + (frame * FRAME - number(1)) / number(2), y)
    }

    fn titles(&self, film: &Value) -> usize {
        self.cut(film, "V2 Titles").len()
    }

    fn dissolves(film: &Value) -> usize {
        let clips = film["clips"].as_array().expect("clips");
        clips.iter().filter(|clip| clip["transition"]["kind"] == "dissolve").count()
    }

    /// Takes everything back, and brings everything back, `steps` at a time; the film must be the same both ways.
    fn back_and_forth(&self, before: &Value, steps: usize, undo: impl Fn(), redo: impl Fn()) {
        let after = self.film();
        for left in (0..steps).rev() {
            let now = self.film();
            undo();
            self.until_film(&format!("an undo, {left} left"), |film| *film != now);
        }
        assert_eq!(self.film(), *before, "undoing everything gives the film as it was");
        for left in (0..steps).rev() {
            let now = self.film();
            redo();
            self.until_film(&format!("a redo, {left} left"), |film| *film != now);
        }
        assert_eq!(self.film(), after, "redoing everything gives the film as it had become");
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
    room.until_film("the dissolve", |film| Room::dissolves(film) == 1);
    room.window.keys(&format!("{CONTROL}t"));
    room.until_film("the title", |film| room.titles(film) == 1);
    room.back_and_forth(
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
    room.until_film("the dissolve", |film| Room::dissolves(film) == 1);
    room.window.click("add-title");
    room.until_film("the title", |film| room.titles(film) == 1);
    room.back_and_forth(&before, 4, || room.window.click("undo"), || room.window.click("redo"));
}

#[test]
fn a_drag_is_one_step_to_undo() {
    let room = Room::enter();
    let before = room.film();
    let ((x, y), (to, _)) = (room.place(12), room.place(70));
    room.window.drag(&[(x, y), ((x + to) / 2, y), (to, y)], None);
    room.until_film("the moved clip", |film| room.cut(film, "V1").first() == Some(&(24, 48)));
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
