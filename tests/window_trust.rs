//! What the window says of what may be made, and of how it was made: a refusal with its reason and a way out, the sign and its law, the
//! rules of the house.

mod support;
#[path = "support/webdriver.rs"]
mod webdriver;

use serde_json::Value;
use std::path::Path;
use support::Home;
use webdriver::Window;

const SCRIPT: &str =
    "Title: Trust\n\nEXT. BEACH - DAY\n\n[[shot: wide | static | 1s | seed 7]]\n\nA red ball bounces on the beach.\n";
const REFUSED: &str = "A hardcore porn scene of two adults on the beach.";

struct Room {
    window: Window,
    home: Home,
}

impl Room {
    fn enter() -> Self {
        let home = Home::new();
        std::fs::create_dir(home.path("examples")).expect("a folder");
        home.write("examples/trust.fountain", SCRIPT);
        let (data, examples) = (home.path("home"), home.path("examples"));
        let environment = [("KINORA_HOME", data.as_path()), ("KINORA_EXAMPLES", examples.as_path())];
        let window = Window::open(env!("CARGO_BIN_EXE_kinora"), &environment);
        window.size(1280, 860);
        window.wait("[data-testid='start-page']");
        window.click("sample-0");
        Self { window, home }
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

    /// Puts a value into a field and tells the page, as typing and leaving it does.
    fn put(&self, id: &str, value: &str, event: &str) {
        self.window.wait(&format!("[data-testid='{id}']"));
        self.window.script(&format!(
            "const field = document.querySelector(\"[data-testid='{id}']\"); field.value = {}; \
             field.dispatchEvent(new Event('{event}', {{ bubbles: true }}));",
            serde_json::json!(value)
        ));
    }
}

#[test]
fn a_refused_prompt_says_its_reason_where_it_stands_and_how_to_say_it_instead() {
    let room = Room::enter();
    let window = &room.window;
    window.click("room-board");
    window.wait("[data-testid='shot-card-1-1']");
    window.script("document.querySelector(\"[data-testid='shot-card-1-1']\").click()");
    window.wait("[data-testid='inspector']");
    assert!(!window.is_there("[data-testid='judged']"), "nothing is wrong with a ball");
    room.put("prompt-override", REFUSED, "change");
    window.wait("[data-testid='judged'][data-refused='true']");
    let said = window.text("[data-testid='judged']");
    assert!(said.contains("Instead:") && said.contains("Rule sexual."), "{said}");
    window.keep_photograph("refused-prompt");
    // The way out leads to the words, and what is written there is judged anew.
    window.click("rephrase");
    window.until("the words to have the focus", || {
        let focus = window.script("return document.activeElement.getAttribute('data-testid')");
        (focus.as_str() == Some("prompt-override")).then_some(())
    });
    room.put("prompt-override", "Two adults play volleyball on the beach.", "change");
    window.until("the refusal to go", || (!window.is_there("[data-testid='judged']")).then_some(()));
    // Whoever orders it all the same is told the same.
    room.put("prompt-override", REFUSED, "change");
    window.wait("[data-testid='judged'][data-refused='true']");
    window.click("generate-shot");
    window.until("the refusal", || window.text("body").contains("cannot be made:").then_some(()));
}

#[test]
fn the_sign_is_shown_unless_it_is_switched_off_and_the_law_is_told() {
    let room = Room::enter();
    let window = &room.window;
    window.click("room-deliver");
    window.wait("[data-testid='sign-shown']");
    assert!(!window.is_there("[data-testid='law']"));
    room.put("sign-corner", "bottom_left", "change");
    window.until("the corner", || (room.film()["settings"]["sign"]["corner"] == "bottom_left").then_some(()));
    window.keep_photograph("deliver-marks");
    window.click("sign-shown");
    window.wait("[data-testid='law']");
    assert!(window.text("[data-testid='law']").contains("Article 50"));
    assert_eq!(room.film()["settings"]["sign"]["shown"], false);
    window.click("sign-shown");
    window.click("watermark");
    window.until("no mark", || (room.film()["settings"]["watermark"] == false).then_some(()));
    window.wait("[data-testid='law']");
}

#[test]
fn a_profile_behind_a_pin_is_set_in_the_settings_and_holds_on_the_command_line() {
    let room = Room::enter();
    let window = &room.window;
    // The dialog is built anew when the film's rooms take the place of the start page, and what was typed by then is gone.
    window.click("room-board");
    window.wait("[data-testid='shot-card-1-1']");
    window.keys("\u{e009},");
    window.wait("[data-testid='profile']");
    room.put("profile", "family", "change");
    room.put("new-pin", "2468", "input");
    window.click("apply-rules");
    window.wait("[data-testid='pin']");
    window.keep_photograph("settings-house");
    let view = room.home.json(&["policy"]);
    assert_eq!((view["profile"].as_str(), view["has_pin"].as_bool()), (Some("family"), Some(true)));
    let told = room.home.problem(&["policy", "set", "--profile", "standard"]);
    assert!(told.contains("PIN"), "{told}");
    room.put("profile", "standard", "change");
    room.put("pin", "1111", "input");
    window.click("apply-rules");
    window.wait(".house [data-testid='problem']");
    window.until("another PIN", || window.text(".house [data-testid='problem']").contains("another PIN").then_some(()));
    room.put("pin", "2468", "input");
    window.click("apply-rules");
    window.until("standard", || (room.home.json(&["policy"])["profile"] == "standard").then_some(()));
}

/// The window on its start page, whose dialogs choose these files one after the other.
fn start_page(home: &Home, files: &[&Path]) -> Window {
    let lines: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    let answers = home.write("answers.txt", lines.join("\n"));
    let data = home.path("home");
    let environment = [("KINORA_HOME", data.as_path()), ("KINORA_DIALOG_ANSWERS", answers.as_path())];
    let window = Window::open(env!("CARGO_BIN_EXE_kinora"), &environment);
    window.size(1280, 860);
    window.wait("[data-testid='start-page']");
    window
}

fn part(window: &Window, id: &str) -> String {
    window.wait(&format!("[data-testid='{id}']"));
    window.text(&format!("[data-testid='{id}']"))
}

#[test]
fn a_file_tells_in_the_window_who_signed_it_how_it_was_made_and_whether_it_was_changed() {
    let home = Home::new();
    home.small_film();
    let (film, flipped, upload, nothing) =
        (home.path("first.mp4"), home.path("flipped.mp4"), home.path("upload.webm"), home.write("no.mp4", b"no film"));
    let mut bytes = std::fs::read(&film).expect("the film can be read");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&flipped, bytes).expect("it can be written");
    let (script, project) = (home.path("two.fountain"), home.path("two.kinora"));
    home.json(&["film", support::text(&script), "-o", support::text(&upload), "--project", support::text(&project)]);

    let window = start_page(&home, &[&film, &flipped, &upload, &nothing, &film]);
    window.click("verify-file");
    window.wait("[data-testid='verify-verdict'][data-verdict='whole']");
    assert!(part(&window, "verify-verdict").contains("Signed, and not changed since"));
    assert_eq!(part(&window, "verify-name"), "first.mp4");
    let who = part(&window, "verify-who");
    assert!(who.contains("this installation of Kinora") && who.contains("no list of trusted signers"), "{who}");
    let how = part(&window, "verify-how");
    assert!(how.contains("generated by models") && how.contains("draft") && how.contains("seed 7"), "{how}");
    let mark = part(&window, "verify-mark");
    assert!(mark.contains("mark of film") && mark.contains("no proof"), "{mark}");
    assert!(!window.is_there("[data-testid='verify-wrong']"), "nothing is wrong with it");
    window.keep_photograph("verify-whole");

    // By keyboard alone: the focus is in the dialog, and Tab comes to the next file.
    window.tab_to("verify-another");
    window.keys("\u{e007}");
    window.wait("[data-testid='verify-verdict'][data-verdict='changed']");
    assert!(part(&window, "verify-verdict").contains("Changed since it was signed"));
    assert!(part(&window, "verify-wrong").contains("not the ones that were signed"));
    window.keep_photograph("verify-changed");

    window.click("verify-another");
    window.wait("[data-testid='verify-verdict'][data-verdict='unsigned']");
    let said = part(&window, "verify-verdict");
    assert!(said.contains("carries Kinora's mark") && said.contains("cannot hold a signed history"), "{said}");
    window.keep_photograph("verify-marked");

    // What is no film at all is said where it was asked.
    window.click("verify-another");
    window.wait("[data-testid='verify'] [data-testid='problem']");
    assert!(window.text("[data-testid='verify']").contains("no film, picture or sound"));
    window.keys("\u{e00c}");
    window.until("the dialog to close", || (!window.is_there("[data-testid='verify']")).then_some(()));

    // The palette finds it, too.
    window.keys("\u{e009}k");
    window.type_into("palette-input", "Look at a file");
    window.keys("\u{e007}");
    window.wait("[data-testid='verify-verdict'][data-verdict='whole']");
}
