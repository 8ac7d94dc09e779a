//! The whole way in the real window, once with the mouse and once with the keyboard alone: a script is written, a shot changed, takes are
//! made and picked, shots put elsewhere, the film is cut, everything taken back and brought again, the studio killed, opened as it was,
//! and the film exported.

#[path = "support/cutting.rs"]
mod cutting;
mod support;
#[path = "support/webdriver.rs"]
mod webdriver;

use cutting::{at_frame, cut, dissolves, place, titles};
use serde_json::Value;
use std::path::Path;
use support::{Home, text};
use webdriver::Window;

const CONTROL: char = '\u{e009}';
const SHIFT: char = '\u{e008}';
const ALT: char = '\u{e00a}';
const RIGHT: char = '\u{e014}';
const ENTER: char = '\u{e007}';
const SPACE: char = ' ';

const SCRIPT: &str = "Title: The way\n\nEXT. BEACH - DAY\n\n[[shot: wide | static | 1s | seed 7]]\n\nA red ball bounces.\n\n\
[[shot: wide | static | 1s | seed 8]]\n\nA blue boat passes.\n";

#[derive(Clone, Copy, PartialEq)]
enum Way {
    Mouse,
    Keyboard,
}

struct Person<'a> {
    window: &'a Window,
    way: Way,
}

impl Person<'_> {
    /// A button, by a click or by Tab and the space bar.
    fn press(&self, id: &str) {
        match self.way {
            Way::Mouse => self.window.click(id),
            Way::Keyboard => {
                self.window.tab_to(id);
                self.window.keys(&SPACE.to_string());
            }
        }
    }

    /// By its button, or by its key.
    fn perform(&self, button: &str, keys: &str) {
        match self.way {
            Way::Mouse => self.window.click(button),
            Way::Keyboard => self.window.keys(keys),
        }
    }

    /// A field that is typed into has the focus afterwards; nothing else may.
    fn leave_fields(&self) {
        self.window.script("document.activeElement.blur()");
    }

    fn pick_first_shot(&self) {
        match self.way {
            Way::Mouse => self.window.click("shot-card-1-1"),
            Way::Keyboard => self.window.tab_to("shot-card-1-1"),
        }
        self.window.until("the first shot", || {
            (self.window.text("[data-testid='status-selection']").ends_with("1.1")).then_some(())
        });
    }
}

fn ready(window: &Window, count: usize) {
    window.until(&format!("{count} ready shots"), || {
        (window.text("[data-testid='cards']").matches("Ready").count() == count).then_some(())
    });
}

fn descriptions(film: &Value) -> Vec<String> {
    let shots = film["shots"].as_array().cloned().unwrap_or_default();
    shots.iter().map(|shot| shot["description"].as_str().unwrap_or_default().to_owned()).collect()
}

/// True while the button can be pressed: there is something left to take back, or to bring again.
fn can(window: &Window, id: &str) -> bool {
    window.script(&format!("return !document.querySelector(\"[data-testid='{id}']\").disabled")) == Value::Bool(true)
}

/// All of it, one step at a time; gives how many there were.
fn everything(person: &Person<'_>, button: &str, keys: &str) -> usize {
    let mut steps = 0;
    while can(person.window, button) {
        let now = person.window.film();
        person.perform(button, keys);
        person.window.until(&format!("{button} {steps}"), || (person.window.film() != now).then_some(()));
        // The button follows with the page's own copy.
        person.window.until("the page to follow", || {
            let same = person.window.script("return [...document.querySelectorAll('.status-said')].length");
            (same == Value::from(1)).then_some(())
        });
        std::thread::sleep(std::time::Duration::from_millis(120));
        steps += 1;
        assert!(steps < 200, "{button} has no end");
    }
    steps
}

fn the_whole_way(way: Way) {
    let home = Home::new();
    let (project, movie) = (home.path("The way.kinora"), home.path("the way.mp4"));
    let answers = home.write("answers", format!("{}\n", text(&project)));
    let data = home.path("home");
    let environment: [(&str, &Path); 2] =
        [("KINORA_HOME", data.as_path()), ("KINORA_DIALOG_ANSWERS", answers.as_path())];
    let window = Window::open(env!("CARGO_BIN_EXE_kinora"), &environment);
    window.size(1280, 720);
    window.wait("[data-testid='start-page']");
    let person = Person { window: &window, way };

    // A film and its script.
    person.perform("new-film", &format!("{CONTROL}n"));
    window.wait("[data-testid='new-film-title']");
    window.type_into("new-film-title", "The way");
    person.press("new-film-create");
    window.wait("[data-testid='script']");
    window.type_into("script", &SCRIPT.replace('\n', &ENTER.to_string()));
    window.until_film("two shots", |film| descriptions(film).len() == 2);

    // The board: one shot is changed, both are generated, the first once more, and its first take is picked again.
    person.leave_fields();
    person.perform("room-board", &format!("{CONTROL}2"));
    window.wait("[data-testid='shot-card-1-2']");
    person.pick_first_shot();
    window.wait("[data-testid='continues']");
    person.press("continues");
    window.until_film("the changed shot", |film| film["shots"][0]["continues"] == true);
    person.press("continues");
    window.until_film("the shot as it was", |film| film["shots"][0]["continues"] == false);
    person.leave_fields();
    person.perform("generate-stale", &format!("{CONTROL}{SHIFT}{ENTER}"));
    ready(&window, 2);
    let chosen = |film: &Value| film["shots"][0]["chosen_take"].as_str().unwrap_or_default().to_owned();
    let first = chosen(&window.film());
    person.pick_first_shot();
    match way {
        Way::Mouse => window.click("variations"),
        Way::Keyboard => person.press("variations"),
    }
    window.until_film("another take", |film| film["takes"].as_array().is_some_and(|takes| takes.len() > 2));
    ready(&window, 2);
    window.until_film("the new take chosen", |film| chosen(film) != first);
    person.press(&format!("take-{first}"));
    window.until_film("the first take again", |film| chosen(film) == first);

    // The first shot behind the second.
    match way {
        Way::Mouse => {
            let (from, to) =
                (window.middle("[data-testid='shot-card-1-1']"), window.middle("[data-testid='shot-card-1-2']"));
            window.drag(&[from, ((from.0 + to.0) / 2, to.1), (to.0 + 40, to.1), (to.0 + 60, to.1)], None);
        }
        Way::Keyboard => {
            window.tab_to("shot-card-1-1");
            window.keys(&format!("{ALT}{RIGHT}"));
        }
    }
    window
        .until_film("the boat first", |film| descriptions(film).first().is_some_and(|d| d.starts_with("A blue boat")));

    // The cut: a blade, a ripple trim, a dissolve, a title.
    person.leave_fields();
    person.perform("room-edit", &format!("{CONTROL}3"));
    window.wait("[data-testid='timeline']");
    cutting::until_cut(&window, &[(0, 24), (24, 48)]);
    match way {
        Way::Mouse => {
            window.click("tool-blade");
            window.drag(&[place(&window, 12)], None);
            cutting::until_cut(&window, &[(0, 12), (12, 24), (24, 48)]);
            window.click("tool-ripple");
            let ((x, y), (to, _)) = (place(&window, 24), place(&window, 16));
            window.drag(&[(x - 2, y), ((x + to) / 2, y), (to - 2, y)], None);
            cutting::until_cut(&window, &[(0, 12), (12, 16), (16, 40)]);
            window.click("tool-select");
            window.drag(&[place(&window, 28)], None);
        }
        Way::Keyboard => {
            at_frame(&window, 12);
            window.keys(&format!("{CONTROL}b"));
            cutting::until_cut(&window, &[(0, 12), (12, 24), (24, 48)]);
            at_frame(&window, 16);
            window.keys("w");
            cutting::until_cut(&window, &[(0, 12), (12, 16), (16, 40)]);
            window.keys("d");
        }
    }
    window.wait("[data-testid='clip-inspector']");
    person.perform("dissolve", &format!("{CONTROL}d"));
    window.until_film("the dissolve", |film| dissolves(film) == 1);
    person.perform("add-title", &format!("{CONTROL}t"));
    window.until_film("the title", |film| titles(film) == 1);

    // Everything back, and everything again.
    let after = window.film();
    let steps = everything(&person, "undo", &format!("{CONTROL}z"));
    let bare = window.film();
    assert_eq!(bare["script"]["text"], "", "the film is as it began");
    assert_eq!(cut(&bare, "V1"), []);
    assert_eq!(everything(&person, "redo", &format!("{CONTROL}{SHIFT}z")), steps);
    assert_eq!(window.film(), after);

    // Killed, and opened as it was.
    window.kill();
    std::fs::write(&answers, format!("{}\n", text(&movie))).expect("the answers can be written");
    let window = Window::open(env!("CARGO_BIN_EXE_kinora"), &environment);
    window.size(1280, 720);
    window.wait("[data-testid='recent-0']");
    let person = Person { window: &window, way };
    person.press("recent-0");
    window.wait("[data-testid='undo']");
    window.until_film("the film", |film| !film.is_null());
    assert_eq!(window.film(), after, "nothing acknowledged was lost");
    assert!(can(&window, "undo"), "and it can still be taken back");

    // Out of the house.
    person.leave_fields();
    person.perform("room-deliver", &format!("{CONTROL}5"));
    match way {
        Way::Mouse => window.click("export-mp4"),
        Way::Keyboard => window.keys(&format!("{CONTROL}e")),
    }
    window.until("the exported film", || movie.exists().then_some(()));
    let exported = kinora_ports::Decoder::open(&kinora_media::GstDecoder::new(), &movie).expect("the film opens");
    // The title lies on a track of its own and lasts past the end of the story.
    let frames = cut(&after, "V2 Titles").last().map_or(40, |(_, end)| (*end).max(40));
    assert_eq!(i64::from(exported.info().frames), frames);
}

#[test]
fn the_whole_way_by_mouse() {
    the_whole_way(Way::Mouse);
}

#[test]
fn the_whole_way_by_keyboard() {
    the_whole_way(Way::Keyboard);
}
