//! A whole film in the real window, once without a mouse and once with one: a script is written, a shot edited, takes are made and one of
//! them picked, cards put elsewhere, the film cut; everything is undone and redone, the studio killed, and the film exported.
//!
//! What is done is done by keys or by the pointer alone; scripts only look.

#[path = "support/cutting.rs"]
mod cutting;
mod support;
#[path = "support/webdriver.rs"]
mod webdriver;

use cutting::{at_frame, cut, dissolves, place, titles, until_cut};
use kinora_ports::Decoder;
use serde_json::Value;
use std::path::Path;
use support::{Home, text};
use webdriver::Window;

const CONTROL: char = '\u{e009}';
const SHIFT: char = '\u{e008}';
const ALT: char = '\u{e00a}';
const LEFT: char = '\u{e012}';
const RIGHT: char = '\u{e014}';
const DOWN: char = '\u{e015}';
const ENTER: char = '\u{e007}';

/// Three shots of a second each in two scenes, in the draft model's world.
const SCRIPT: &str = "EXT. BEACH - SUNSET\n\n[[shot: wide | static | 1s | seed 7]]\n\n\
A red ball bounces on the beach.\n\n[[shot: wide | static | 1s | seed 8]]\n\nA blue boat passes.\n\n\
EXT. MEADOW - DAY\n\n[[shot: wide | pan left | 1s | seed 9]]\n\nA blue car crosses the meadow.\n";
/// The film at the end: the first shot cut at its half, the second half trimmed to four frames, the others behind it.
const CUT: [(i64, i64); 4] = [(0, 12), (12, 16), (16, 40), (40, 64)];

/// What a person has in the hand. Both make the same film.
trait Hand {
    fn new_film(&self, window: &Window);
    fn write(&self, window: &Window);
    fn see_the_board(&self, window: &Window);
    /// The second shot gets another camera.
    fn edit_a_shot(&self, window: &Window);
    fn generate(&self, window: &Window);
    /// One more of the selected shot.
    fn another_take(&self, window: &Window);
    fn pick(&self, window: &Window, take: &str);
    /// The second card before the first.
    fn reorder(&self, window: &Window);
    fn cut(&self, window: &Window);
    fn undo(&self, window: &Window);
    fn redo(&self, window: &Window);
    fn open_again(&self, window: &Window);
    fn export(&self, window: &Window);
}

struct Keyboard;
struct Mouse;

impl Hand for Keyboard {
    fn new_film(&self, window: &Window) {
        window.keys(&format!("{CONTROL}n"));
        window.until("the title's field", || (window.focused() == "new-film-title").then_some(()));
        window.press_one_by_one("Day out\n");
    }
    fn write(&self, window: &Window) {
        window.tab_to("script");
        window.press_one_by_one(SCRIPT);
    }
    fn see_the_board(&self, window: &Window) {
        window.keys(&format!("{CONTROL}2"));
    }
    fn edit_a_shot(&self, window: &Window) {
        window.tab_to("shot-card-1-1");
        window.keys(&RIGHT.to_string());
        window.until("the second card", || (window.focused() == "shot-card-1-2").then_some(()));
        window.tab_to("camera");
        let camera = "return document.querySelector(\"[data-testid='camera']\").value";
        for _ in 0..30 {
            if window.script(camera) == "pan right" {
                break;
            }
            window.keys(&DOWN.to_string());
        }
    }
    fn generate(&self, window: &Window) {
        window.keys(&format!("{CONTROL}{SHIFT}{ENTER}"));
    }
    fn another_take(&self, window: &Window) {
        window.keys(&format!("{CONTROL}{ENTER}"));
    }
    fn pick(&self, window: &Window, take: &str) {
        window.tab_to(take);
        window.keys(&ENTER.to_string());
    }
    fn reorder(&self, window: &Window) {
        window.tab_to("shot-card-1-2");
        window.keys(&format!("{ALT}{LEFT}"));
    }
    fn cut(&self, window: &Window) {
        window.keys(&format!("{CONTROL}3"));
        window.wait("[data-testid='timeline']");
        at_frame(window, 12);
        window.keys(&format!("{CONTROL}b"));
        until_cut(window, &[(0, 12), (12, 24), (24, 48), (48, 72)]);
        at_frame(window, 16);
        window.keys("w");
        until_cut(window, &CUT);
        window.keys("d");
        window.wait("[data-testid='clip-inspector']");
        window.keys(&format!("{CONTROL}d"));
        window.until_film("the dissolve", |film| dissolves(film) == 1);
        window.keys(&format!("{CONTROL}t"));
    }
    fn undo(&self, window: &Window) {
        window.keys(&format!("{CONTROL}z"));
    }
    fn redo(&self, window: &Window) {
        window.keys(&format!("{CONTROL}{SHIFT}z"));
    }
    fn open_again(&self, window: &Window) {
        window.tab_to("recent-0");
        window.keys(&ENTER.to_string());
    }
    fn export(&self, window: &Window) {
        window.keys(&format!("{CONTROL}e"));
    }
}

impl Hand for Mouse {
    fn new_film(&self, window: &Window) {
        window.click("new-film");
        // Letters come from keys in any hand.
        window.type_into("new-film-title", "Day out");
        window.click("new-film-create");
    }
    fn write(&self, window: &Window) {
        window.click("script");
        window.type_into("script", &SCRIPT.replace('\n', &ENTER.to_string()));
    }
    fn see_the_board(&self, window: &Window) {
        window.click("room-board");
    }
    fn edit_a_shot(&self, window: &Window) {
        window.click("shot-card-1-2");
        window.choose("camera", "pan right");
    }
    fn generate(&self, window: &Window) {
        window.click("generate-stale");
    }
    fn another_take(&self, window: &Window) {
        window.click("generate-shot");
    }
    fn pick(&self, window: &Window, take: &str) {
        window.click(take);
    }
    fn reorder(&self, window: &Window) {
        let (from, to) = (
            window.middle("[data-testid='shot-card-1-2'] .prompt"),
            window.middle("[data-testid='shot-card-1-1'] .card-number"),
        );
        window.drag(&[from, ((from.0 + to.0) / 2, (from.1 + to.1) / 2), to], None);
    }
    fn cut(&self, window: &Window) {
        window.click("room-edit");
        window.wait("[data-testid='timeline']");
        window.until("the timeline's size", || (window.middle("[data-testid='timeline']").1 > 0).then_some(()));
        window.click("zoom-fit");
        window.click("tool-blade");
        window.drag(&[place(window, 12)], None);
        until_cut(window, &[(0, 12), (12, 24), (24, 48), (48, 72)]);
        window.click("tool-ripple");
        let ((x, y), (to, _)) = (place(window, 24), place(window, 16));
        // From just inside the end of the second clip to the left.
        window.drag(&[(x - 2, y), ((x + to) / 2, y), (to - 2, y)], None);
        until_cut(window, &CUT);
        window.click("tool-select");
        window.drag(&[place(window, 28)], None);
        window.wait("[data-testid='clip-inspector']");
        window.click("dissolve");
        window.until_film("the dissolve", |film| dissolves(film) == 1);
        window.click("add-title");
    }
    fn undo(&self, window: &Window) {
        window.click("undo");
    }
    fn redo(&self, window: &Window) {
        window.click("redo");
    }
    fn open_again(&self, window: &Window) {
        window.click("recent-0");
    }
    fn export(&self, window: &Window) {
        window.click("room-deliver");
        window.click("export-mp4");
    }
}

/// A home with the answers to the next native dialog: those are the system's, not the window's.
struct Studio {
    home: Home,
}

impl Studio {
    fn open(&self, answer: &Path) -> Window {
        let answers = self.home.write("answers", format!("{}\n", text(answer)));
        let data = self.home.path("home");
        let environment = [("KINORA_HOME", data.as_path()), ("KINORA_DIALOG_ANSWERS", answers.as_path())];
        let window = Window::open(env!("CARGO_BIN_EXE_kinora"), &environment);
        window.size(1280, 720);
        window.wait("[data-testid='start-page']");
        window
    }
}

fn words(film: &Value) -> Vec<&str> {
    let shots = film["shots"].as_array().into_iter().flatten();
    shots.filter_map(|shot| shot["description"].as_str()).collect()
}

/// Takes are the studio's work, not the person's: undoing leaves them.
fn without_takes(film: &Value) -> Value {
    let mut film = film.clone();
    film["takes"] = Value::Null;
    film
}

fn shut(window: &Window, id: &str) -> bool {
    window.script(&format!("return document.querySelector(\"[data-testid='{id}']\").disabled")) == true
}

/// Step by step until there is none left; how many there were.
fn until_none_is_left(window: &Window, what: &str, step: impl Fn()) -> usize {
    let mut steps = 0;
    while !shut(window, what) {
        let now = window.film();
        step();
        window.until_film(&format!("{what}, after {steps}"), |film| *film != now);
        steps += 1;
        // The button hears of it with the film.
        std::thread::sleep(std::time::Duration::from_millis(150));
    }
    steps
}

fn a_film_from_first_word_to_export(hand: &dyn Hand) {
    let studio = Studio { home: Home::new() };
    let (project, movie) = (studio.home.path("Day out.kinora"), studio.home.path("day out.mp4"));
    let window = studio.open(&project);

    hand.new_film(&window);
    window.wait("[data-testid='script']");
    let new = window.film();
    hand.write(&window);
    window.until_film("three shots", |film| words(film).len() == 3 && film["script"]["text"] == SCRIPT);
    hand.see_the_board(&window);
    for (card, says) in [("1-1", "red ball"), ("1-2", "blue boat"), ("2-1", "blue car")] {
        let card = format!("[data-testid='shot-card-{card}']");
        window.wait(&card);
        assert!(window.text(&card).contains(says), "{card} says {}", window.text(&card));
    }

    hand.edit_a_shot(&window);
    window.until_film("the other camera", |film| film["shots"][1]["camera"] == "pan right");
    hand.generate(&window);
    window.until("three takes", || (window.text("[data-testid='cards']").matches("Ready").count() == 3).then_some(()));
    let chosen = |film: &Value, shot: usize| film["shots"][shot]["chosen_take"].as_str().unwrap_or_default().to_owned();
    let first = chosen(&window.film(), 1);
    hand.another_take(&window);
    window.until_film("a fourth take, shown", |film| {
        film["takes"].as_array().is_some_and(|takes| takes.len() == 4) && chosen(film, 1) != first
    });
    hand.pick(&window, &format!("take-{first}"));
    window.until_film("the first take again", |film| chosen(film, 1) == first);

    hand.reorder(&window);
    window.until_film("the boat before the ball", |film| {
        words(film).first().is_some_and(|first| first.contains("blue boat"))
    });
    hand.cut(&window);
    window.until_film("the title", |film| titles(film) == 1);

    let made = window.film();
    let undone = until_none_is_left(&window, "undo", || hand.undo(&window));
    assert_eq!(without_takes(&window.film()), without_takes(&new), "undoing everything gives the film as it was new");
    let redone = until_none_is_left(&window, "redo", || hand.redo(&window));
    assert_eq!(redone, undone);
    assert!(undone >= 8, "written, edited, picked, put elsewhere, cut, trimmed, dissolved, titled: {undone}");
    assert_eq!(window.film(), made, "redoing everything gives the film as it had become");

    let frames = cut(&made, "V1").into_iter().chain(cut(&made, "V2 Titles")).map(|(_, end)| end).max().unwrap_or(0);
    window.kill();
    let window = studio.open(&movie);
    hand.open_again(&window);
    window.wait("[data-testid='undo']");
    assert_eq!(window.film(), made, "what was acknowledged is there after a kill");
    hand.export(&window);
    window.until("the film", || movie.exists().then_some(()));
    let movie = kinora_media::GstDecoder::new().open(&movie).expect("the film opens");
    assert_eq!(i64::from(movie.info().frames), frames);
    assert!(movie.info().has_sound);
}

#[test]
fn a_film_is_made_without_a_mouse() {
    a_film_from_first_word_to_export(&Keyboard);
}

#[test]
fn a_film_is_made_with_the_mouse() {
    a_film_from_first_word_to_export(&Mouse);
}
