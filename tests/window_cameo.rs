//! The Cameo room in the real window: the secret is decided on, a cameo is added with its consent, cast, seen, taken back and deleted, by
//! clicks and keys as a person would.

mod support;
#[path = "support/webdriver.rs"]
mod webdriver;

use std::path::PathBuf;
use support::Home;
use webdriver::Window;

const SCRIPT: &str = "Title: Beach\n\n[[cast: ADA = a girl]]\n\nEXT. BEACH - DAY\n\n[[shot: wide | static | 1s | seed 7]]\n\n\
ADA throws a red ball.\n\n[[shot: wide | static | 1s | seed 8]]\n\nA blue boat passes.\n";

fn picture(home: &Home) -> PathBuf {
    let pixels = (0..160 * 90u32).flat_map(|at| [(at * 7 % 251) as u8, (at * 13 % 241) as u8, (at % 239) as u8]);
    let path = home.path("me.png");
    image::RgbImage::from_raw(160, 90, pixels.collect()).expect("fits").save(&path).expect("written");
    path
}

fn choose(window: &Window, testid: &str, value: &str) {
    window.wait(&format!("[data-testid='{testid}'] option[value='{value}']"));
    window.script(&format!(
        "const s = document.querySelector(\"[data-testid='{testid}']\"); s.value = '{value}'; s.dispatchEvent(new Event('change', {{ bubbles: true }}))"
    ));
}

#[test]
fn from_consent_to_film_to_nothing_left() {
    let home = Home::new();
    std::fs::create_dir(home.path("examples")).expect("a folder");
    home.write("examples/beach.fountain", SCRIPT);
    let (me, hers) = (picture(&home), home.path("hers.cameo"));
    let answers = home.write("answers.txt", format!("{}\n{}\n", me.display(), hers.display()));
    let (data, examples, nowhere) = (home.path("home"), home.path("examples"), home.path("none"));
    let environment = [
        ("KINORA_HOME", data.as_path()),
        ("KINORA_EXAMPLES", examples.as_path()),
        ("KINORA_DIALOG_ANSWERS", answers.as_path()),
        // No keychain answers here, whatever the machine has.
        ("XDG_RUNTIME_DIR", nowhere.as_path()),
        ("DBUS_SESSION_BUS_ADDRESS", std::path::Path::new("unix:path=/none")),
    ];
    let window = Window::open(env!("CARGO_BIN_EXE_kinora"), &environment);
    window.size(1280, 720);
    window.wait("[data-testid='start-page']");
    window.click("sample-0");
    window.click("room-cameo");

    // Nothing can be added before somebody decided where the secret lies.
    window.wait("[data-testid='secret-undecided']");
    window.type_into("secret-passphrase", "four words without sense");
    window.click("secret-passphrase-give");
    window.wait("[data-testid='cameo-form']");
    assert_eq!(window.text("[data-testid='cameo-key']").len(), 64);

    // The button stays shut until everything is said.
    let shut = || window.script("return document.querySelector(\"[data-testid='cameo-consent']\").disabled") == true;
    assert!(shut());
    window.click("cameo-add-file");
    window.wait("[data-testid='cameo-files'] li");
    window.type_into("cameo-name", "Ada");
    window.type_into("terms-restrictions", "No smoking.");
    assert!(shut(), "nobody has consented yet");
    window.click("cameo-mine");
    window.until("the button", || (!shut()).then_some(()));
    window.keep_photograph("cameo-form");
    window.click("cameo-consent");
    window.wait("[data-testid='consent-0']");
    let consent = window.text("[data-testid='consents']");
    for words in ["Holds", "Ada", "Stories", "Only me", "No smoking.", "Until it is taken back"] {
        assert!(consent.contains(words), "“{words}” is not in: {consent}");
    }
    assert_eq!(window.text("[data-testid='cameo-title']"), "Ada");

    // Into the cast, and a take of her shot.
    window.click("room-cast");
    choose(&window, "member-cameo", "0");
    window.until("the purpose", || window.is_there("[data-testid='member-purpose']").then_some(()));
    window.until("her words", || {
        window.text("[data-testid='member-restrictions']").contains("No smoking.").then_some(())
    });
    window.keep_photograph("cameo-cast");
    window.click("room-board");
    window.click("generate-stale");
    let ready = |count: usize| (window.text("[data-testid='cards']").matches("Ready").count() == count).then_some(());
    window.until("both takes", || ready(2));
    window.click("room-cameo");
    window.click("cameo-ada");
    window.until("her list", || window.text("[data-testid='cameo-used']").contains("1.1").then_some(()));
    window.keep_photograph("cameo-consents");

    // Everything about her, then back it goes.
    window.click("cameo-export");
    window.until("the folder", || hers.join("recording-1.png").is_file().then_some(()));
    window.click("cameo-revoke");
    window.until("the mark", || window.is_there("[data-testid='cameo-marked']").then_some(()));
    window.until("the state", || window.text("[data-testid='consent-0']").contains("Taken back").then_some(()));
    window.keep_photograph("cameo-revoked");
    window.click("room-board");
    window.until("one take left", || ready(1));
    window.click("room-cameo");
    window.click("cameo-ada");
    window.click("cameo-purge");
    window.wait("[data-testid='cameo-purge-asks']");
    window.click("cameo-purge-yes");
    window.until("no mark", || (!window.is_there("[data-testid='cameo-marked']")).then_some(()));
    window.click("cameo-delete");
    window.wait("[data-testid='cameo-delete-asks']");
    window.click("cameo-delete-no");
    window.click("cameo-delete");
    window.click("cameo-delete-yes");
    window.until("an empty list", || (!window.is_there("[data-testid='cameo-ada']")).then_some(()));
    drop(window);

    // After a start the passphrase is asked for once.
    let window = Window::open(env!("CARGO_BIN_EXE_kinora"), &environment);
    window.click("recent-0");
    window.click("room-cameo");
    window.wait("[data-testid='secret-locked']");
    window.type_into("secret-unlock", "four words without sense\u{e007}");
    window.wait("[data-testid='cameo-form']");
}
