//! Recording oneself in the real window: prompts are followed as a person would, a step is repeated, the consent is signed, the cameo is put into
//! the film, exported and taken back. A drawn figure stands before the camera and does what the prompt says.

mod support;
#[path = "support/webdriver.rs"]
mod webdriver;

use std::path::Path;
use support::Home;
use webdriver::Window;

const SCRIPT: &str =
    "Title: Beach\n\nEXT. BEACH - DAY\n\n[[shot: wide | static | 1s | seed 7]]\n\nA blue boat passes.\n";

fn attribute(window: &Window, testid: &str, name: &str) -> String {
    let script = format!(
        "const e = document.querySelector(\"[data-testid='{testid}']\"); return e && e.getAttribute('{name}') || ''"
    );
    window.script(&script).as_str().unwrap_or_default().to_owned()
}

fn choose(window: &Window, testid: &str, value: &str) {
    window.wait(&format!("[data-testid='{testid}'] option[value='{value}']"));
    window.script(&format!(
        "const s = document.querySelector(\"[data-testid='{testid}']\"); s.value = '{value}'; s.dispatchEvent(new Event('change', {{ bubbles: true }}))"
    ));
}

/// Records a step, doing what is asked, or nothing at all.
fn record(window: &Window, script: &Path, step: usize, obey: bool) {
    let tell = |pose: &str| std::fs::write(script, pose).expect("written");
    tell("still");
    let id = format!("enrol-step-{step}");
    let before = attribute(window, &id, "data-attempts");
    window.click(&format!("enrol-record-{step}"));
    let doing = || attribute(window, "enrol-prompt", "data-doing");
    window.until("the recording", || (doing() == "recording").then_some(()));
    // A second of looking into the camera comes first.
    let left = window.text("[data-testid='enrol-prompt']");
    window.until("a second", || (window.text("[data-testid='enrol-prompt']") != left).then_some(()));
    let asks = attribute(window, "enrol-prompt", "data-asks");
    if obey {
        tell(match asks.as_str() {
            "left" => "left",
            "right" => "right",
            "say" => "speaks",
            _ => "still",
        });
    }
    window.keep_photograph(&format!("enrol-{asks}"));
    let done = || doing() == "watching" && attribute(window, &id, "data-attempts") != before;
    window.until("the checks", || done().then_some(()));
    assert_eq!(attribute(window, &id, "data-recorded"), "yes", "{}", window.text("[data-testid='enrol']"));
}

#[test]
fn somebody_records_themselves_consents_appears_in_the_film_and_takes_it_back() {
    let home = Home::new();
    std::fs::create_dir(home.path("examples")).expect("a folder");
    home.write("examples/beach.fountain", SCRIPT);
    let (script, exported) = (home.write("pose.txt", "still"), home.path("beach.mp4"));
    let answers = home.write("answers.txt", format!("{0}\n{0}\n", exported.display()));
    let (data, examples, nowhere) = (home.path("home"), home.path("examples"), home.path("none"));
    let environment = [
        ("KINORA_HOME", data.as_path()),
        ("KINORA_EXAMPLES", examples.as_path()),
        ("KINORA_CAPTURE", script.as_path()),
        ("KINORA_DIALOG_ANSWERS", answers.as_path()),
        // No keychain answers here, whatever the machine has.
        ("XDG_RUNTIME_DIR", nowhere.as_path()),
        ("DBUS_SESSION_BUS_ADDRESS", Path::new("unix:path=/none")),
    ];
    let window = Window::open(env!("CARGO_BIN_EXE_kinora"), &environment);
    window.size(1280, 720);
    window.wait("[data-testid='start-page']");
    window.click("sample-0");
    window.click("room-cameo");
    window.click("secret-file");
    window.click("cameo-record");
    // Live, with both devices to choose from.
    window.until("a picture", || (attribute(&window, "enrol-preview", "data-seen") == "yes").then_some(()));
    window.wait("[data-testid='enrol-camera'] option[value='test:camera']");
    window.wait("[data-testid='enrol-microphone'] option[value='test:microphone']");
    choose(&window, "enrol-countdown", "0");
    window.wait("[data-testid='enrol-step-3']");
    assert!(!window.is_there("[data-testid='enrol-consent']"), "nothing is recorded yet");
    // The first turn is not made, and can be made again.
    let asks = |step: usize| attribute(&window, &format!("enrol-step-{step}"), "data-asks");
    let turn = (1..4).find(|step| asks(*step) != "say").expect("a turn");
    record(&window, &script, turn, false);
    let said = window.text(&format!("[data-testid='enrol-step-{turn}']"));
    assert!(said.contains("No turn to that side was seen") && said.contains("Repeat this step"), "{said}");
    window.keep_photograph("enrol-doubt");
    for step in 0..4 {
        record(&window, &script, step, true);
        let said = window.text(&format!("[data-testid='enrol-step-{step}']"));
        assert!(!said.contains("No turn") && !said.contains("No voice") && !said.contains("No face"), "{said}");
    }
    window.wait("[data-testid='enrol-consent']");
    assert!(!window.is_there("[data-testid='enrol-doubts']"), "{}", window.text("[data-testid='enrol']"));
    window.type_into("enrol-name", "Ada");
    window.click("enrol-mine");
    window.keep_photograph("enrol-consent");
    window.click("enrol-finish");
    window.until("the cameo", || (window.text("[data-testid='consents']").contains("Holds")).then_some(()));
    assert_eq!(window.text("[data-testid='cameo-title']"), "Ada");
    window.keep_photograph("enrol-done");
    let checked = window.script("return document.querySelector(\"[data-testid='consent-0'] details\").textContent");
    let checked = checked.as_str().unwrap_or_default();
    for words in ["SeetaFace", "moved to that side", "Which digits were said", "Test picture"] {
        assert!(checked.contains(words), "“{words}” is not in: {checked}");
    }

    // Into the film: a layer and a voice, and out into a file.
    window.click("cameo-place-0");
    let of_cameo = |film: &serde_json::Value| film["media"].as_array().map_or(0, Vec::len);
    window.until_film("the recording in the film", |film| of_cameo(film) == 1);
    window.click("room-edit");
    window.wait("[data-testid='monitor']");
    window.keep_photograph("enrol-placed");
    window.click("room-deliver");
    window.click("export-mp4");
    window.while_it_moves("the file", || exported.is_file().then_some(()));
    // Taken back: marked, and nothing goes out any more.
    window.click("room-cameo");
    window.click("cameo-ada");
    window.click("cameo-revoke");
    window.until_film("the mark", |film| film["media"][0]["withdrawn"] == true);
    window.until("the mark", || window.is_there("[data-testid='cameo-marked']").then_some(()));
    std::fs::remove_file(&exported).expect("removed");
    window.click("room-deliver");
    window.click("export-mp4");
    let refused = || window.text("body").contains("took their consent back").then_some(());
    window.until("the refusal", refused);
    assert!(!exported.exists());
    window.keep_photograph("enrol-revoked");
}
