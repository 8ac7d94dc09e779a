//! What the window says of what may be made, and of how it was made: a refusal with its reason and a way out, the sign and its law, the
//! rules of the house.

mod support;
#[path = "support/webdriver.rs"]
mod webdriver;

use serde_json::Value;
use support::Home;
use webdriver::Window;

const SCRIPT: &str =
    "Title: Trust\n\nEXT. BEACH - DAY\n\n[[shot: wide | static | 1s | seed 7]]\n\nA red ball bounces on the beach.\n";
const REFUSED: &str = "A hardcore porn scene of two adults on the beach.";

struct Room {
    window: Window,
    _home: Home,
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
        Self { window, _home: home }
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
    window.wait("[data-testid='shot-card-1A']");
    window.script("document.querySelector(\"[data-testid='shot-card-1A']\").click()");
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
