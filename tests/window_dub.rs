//! Speaking a line oneself in the real window, with the keyboard: the film counts in, takes are made, called off, listened to and chosen, one
//! is used, and undo and a button bring the voice back. A drawn figure speaks into the microphone.

mod support;
#[path = "support/webdriver.rs"]
mod webdriver;

use serde_json::Value;
use support::Home;
use webdriver::Window;

const CONTROL: char = '\u{e009}';
const SHIFT: char = '\u{e008}';
const ESCAPE: char = '\u{e00c}';
const ENTER: char = '\u{e007}';

const SCRIPT: &str = "Title: Booth\n\nINT. ROOM - DAY\n\n[[shot: wide | static | 3s | seed 7]]\n\nADA\nIs it winter yet?\n\n\
[[shot: close | static | 3s | seed 8]]\n\nADA\nAsk somebody else, please.\n";

fn doing(window: &Window) -> String {
    let script = "const e = document.querySelector(\"[data-testid='dub-doing']\"); return e && e.dataset.doing || ''";
    window.script(script).as_str().unwrap_or_default().to_owned()
}

fn until_doing(window: &Window, wanted: &str) {
    window.until(wanted, || (doing(window) == wanted).then_some(()));
}

fn takes(window: &Window) -> usize {
    let script = "return document.querySelectorAll(\"[data-testid='dub-takes'] li\").length";
    usize::try_from(window.script(script).as_u64().unwrap_or_default()).unwrap_or_default()
}

/// Clips of a kind of source, in order of time.
fn clips(film: &Value, source: &str) -> Vec<Value> {
    let all = film["clips"].as_array().cloned().unwrap_or_default();
    let mut found: Vec<Value> = all.into_iter().filter(|clip| clip["source"].get(source).is_some()).collect();
    found.sort_by_key(|clip| clip["start"].as_i64());
    found
}

fn select(window: &Window, clip: &Value) {
    let id = clip["id"].as_str().expect("an id");
    window.wait(&format!("[data-testid='clip-{id}']"));
    window.script(&format!("document.querySelector(\"[data-testid='clip-{id}']\").click()"));
}

#[test]
fn somebody_dubs_a_line_with_the_keyboard_and_has_its_voice_again() {
    let home = Home::new();
    std::fs::create_dir(home.path("examples")).expect("a folder");
    home.write("examples/booth.fountain", SCRIPT);
    let pose = home.write("pose.txt", "speaks");
    let (data, examples) = (home.path("home"), home.path("examples"));
    let environment =
        [("KINORA_HOME", data.as_path()), ("KINORA_EXAMPLES", examples.as_path()), ("KINORA_CAPTURE", pose.as_path())];
    let window = Window::open(env!("CARGO_BIN_EXE_kinora"), &environment);
    window.size(1280, 720);
    window.wait("[data-testid='start-page']");
    window.click("sample-0");
    window.click("room-edit");
    window.wait("[data-testid='timeline']");
    window.until_film("the lines", |film| clips(film, "line").len() == 2);
    let before = window.film();
    let line = clips(&before, "line").swap_remove(1);
    // Without a line or marks, the key says what to choose.
    window.keys(&format!("{SHIFT}D"));
    window.until("the hint", || window.text("body").contains("Select a line").then_some(()));
    select(&window, &line);
    window.wait("[data-testid='clip-dub']");
    window.keep_photograph("dub-inspector");
    window.keys(&format!("{SHIFT}D"));
    window.wait("[data-testid='dub']");
    window.until("the words", || window.text("[data-testid='dub-line']").contains("Ask somebody else").then_some(()));
    window.until("the focus", || (window.focused() == "dub-main").then_some(()));
    let said = window.text("[data-testid='dub']");
    assert!(said.contains("marked as recorded") && said.contains("Nothing is trained or cloned"), "{said}");
    let level = || {
        let script = "return document.querySelector(\"[data-testid='dub-level']\").getAttribute('aria-valuenow')";
        window.script(script).as_str().and_then(|level| level.parse::<u32>().ok()).unwrap_or_default()
    };
    window.until("a level", || (level() > 30).then_some(()));
    window.keep_photograph("dub-ready");

    // Space begins; the line ends by itself.
    window.keys(" ");
    until_doing(&window, "counting");
    window.keep_photograph("dub-counting");
    until_doing(&window, "recording");
    window.keep_photograph("dub-recording");
    window.until("a take", || (takes(&window) == 1).then_some(()));
    until_doing(&window, "ready");
    assert_eq!(window.focused(), "dub-main");
    // Called off, nothing is kept and the dialog stays.
    window.keys(" ");
    until_doing(&window, "counting");
    window.keys(&ESCAPE.to_string());
    until_doing(&window, "ready");
    window.keys(" ");
    until_doing(&window, "recording");
    window.keys(&ESCAPE.to_string());
    until_doing(&window, "ready");
    assert_eq!(takes(&window), 1);
    // Stopped early, the take is kept, and it is the one that is meant.
    window.keys(" ");
    until_doing(&window, "recording");
    window.until("a second", || window.text("[data-testid='dub-doing']").contains('1').then_some(()));
    window.keys(&ENTER.to_string());
    window.until("another take", || (takes(&window) == 2).then_some(()));
    window.until("its button", || window.text("[data-testid='dub-use']").contains('2').then_some(()));
    window.click("dub-listen-1");
    until_doing(&window, "listening");
    window.keep_photograph("dub-listening");
    window.click("dub-listen-1");
    until_doing(&window, "ready");
    assert_eq!(window.film(), before, "nothing is changed before a take is used");
    window.click("dub-choose-1");
    window.keep_photograph("dub-takes");
    window.tab_to("dub-use");
    window.keys(&ENTER.to_string());
    window.until_film("the recording", |film| clips(film, "media").len() == 1 && clips(film, "line").len() == 1);
    window.until("the dialog to close", || (!window.is_there("[data-testid='dub']")).then_some(()));
    let after = window.film();
    let recording = clips(&after, "media").swap_remove(0);
    assert_eq!((&recording["start"], &recording["track"]), (&line["start"], &line["track"]));
    assert_eq!(after["media"][0]["dubs"]["text"], "Ask somebody else, please.");
    window.wait("[data-testid='clip-undub']");
    window.keep_photograph("dub-used");

    // It plays, and undo brings the line back as one step.
    let shown = window.text("[data-testid='timecode']");
    window.click("play");
    window.until("the film to play", || (window.text("[data-testid='timecode']") != shown).then_some(()));
    window.click("play");
    window.keys(&format!("{CONTROL}z"));
    window.until_film("the line again", |film| *film == before);
    window.keys(&format!("{CONTROL}{SHIFT}z"));
    window.until_film("the recording again", |film| *film == after);
    // And so does a button, long after.
    select(&window, &recording);
    window.click("clip-undub");
    window.until_film("the voice", |film| clips(film, "line").len() == 2 && clips(film, "media").is_empty());
    let back = clips(&window.film(), "line").swap_remove(1);
    assert_eq!((&back["start"], &back["length"], &back["source"]), (&line["start"], &line["length"], &line["source"]));
}
