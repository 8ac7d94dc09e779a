//! The first window, from "new film" to an exported MP4, as a person with a mouse and a keyboard goes.

mod support;
#[path = "support/webdriver.rs"]
mod webdriver;

use kinora_ports::Decoder;
use support::{Home, text};
use webdriver::Window;

const CONTROL: char = '\u{e009}';
/// What a page of another program might be allowed: files, programs, network, windows, the clipboard, events, menus; and a name of ours
/// that is none.
const NOT_GRANTED: [&str; 24] = [
    "plugin:fs|read_text_file",
    "plugin:fs|write_file",
    "plugin:shell|execute",
    "plugin:shell|open",
    "plugin:opener|open_path",
    "plugin:http|fetch",
    "plugin:dialog|open",
    "plugin:process|exit",
    "plugin:clipboard-manager|read_text",
    "plugin:os|platform",
    "plugin:window|create",
    "plugin:window|close",
    "plugin:window|set_fullscreen",
    "plugin:webview|create_webview_window",
    "plugin:webview|internal_toggle_devtools",
    "plugin:event|listen",
    "plugin:event|emit",
    "plugin:app|version",
    "plugin:path|resolve_directory",
    "plugin:resources|close",
    "plugin:image|from_path",
    "plugin:menu|new",
    "plugin:tray|new",
    "format_disk",
];
#[test]
fn a_person_goes_from_a_new_film_to_an_mp4() {
    let home = Home::new();
    let project = home.path("First film.kinora");
    let film = home.path("first film.mp4");
    let answers = home.write("answers", format!("{}\n{}\n", text(&project), text(&film)));
    let data = home.path("home");
    let environment = [("KINORA_HOME", data.as_path()), ("KINORA_DIALOG_ANSWERS", answers.as_path())];
    let window = Window::open(env!("CARGO_BIN_EXE_kinora"), &environment);
    window.size(1280, 720);
    window.wait("[data-testid='start-page']");

    window.click("new-film");
    window.type_into("new-film-title", "First film");
    window.click("new-film-create");
    window.click("room-write");
    // WebDriver's own Enter key: it leaves out plain line ends.
    window.type_into("script", &support::TWO_SHOTS.replace('\n', "\u{e007}"));
    let typed = "return document.querySelector(\"[data-testid='script']\").value";
    assert_eq!(window.script(typed), support::TWO_SHOTS, "every key that was pressed is in the script");
    let shots = "[data-testid^='generate-']:not([data-testid='generate-stale']):not([data-testid='generate-shot'])";
    window.click("room-board");
    window.until("two shots on the board", || {
        let count = window.script(&format!("return document.querySelectorAll(\"{shots}\").length"));
        (count == 2).then_some(())
    });

    window.click("generate-stale");
    window.until("both takes", || {
        let text = window.text("[data-testid='cards']");
        (text.matches("Ready").count() == 2).then_some(())
    });

    // Undo and redo by keyboard leave the film as it was.
    window.click("room-edit");
    window.wait("[data-testid='timeline']");
    window.keys(&format!("{CONTROL}z"));
    window.until("the undone script", || window.is_there("[data-testid^='clip-']").eq(&false).then_some(()));
    window.keys(&format!("{CONTROL}\u{e008}z"));
    window.wait("[data-testid^='clip-']");

    window.click("room-deliver");
    window.click("export-mp4");
    window.until("the film", || film.exists().then_some(()));
    let movie = kinora_media::GstDecoder::new().open(&film).expect("the film opens");
    assert_eq!(movie.info().frames, 48);
    assert!(movie.info().has_sound);
    drop(window);

    // What was made is there when the studio opens again.
    let window = Window::open(env!("CARGO_BIN_EXE_kinora"), &environment);
    window.click("recent-0");
    window.click("room-board");
    window.until("both takes again", || {
        (window.text("[data-testid='cards']").matches("Ready").count() == 2).then_some(())
    });
}

#[test]
fn what_is_named_at_the_start_is_on_the_board_and_what_cannot_be_opened_is_told_in_the_window() {
    let home = Home::new();
    let data = home.path("home");
    let environment = [("KINORA_HOME", data.as_path())];
    let script = home.write("two shots.fountain", support::TWO_SHOTS);
    let window = Window::open_with(env!("CARGO_BIN_EXE_kinora"), &[text(&script)], &environment);
    window.wait("[data-testid^='shot-card-']");
    drop(window);

    // A folder that is no film: who opened it from a list of files sees no terminal.
    let folder = home.path("Holidays.kinora");
    std::fs::create_dir(&folder).expect("a folder");
    let window = Window::open_with(env!("CARGO_BIN_EXE_kinora"), &[text(&folder)], &environment);
    window.wait("[data-testid='start-page']");
    window.until("what is wrong", || {
        window.text("[data-testid='start-page']").contains("is not a Kinora film").then_some(())
    });
}

#[test]
fn the_page_cannot_do_what_it_was_not_granted() {
    let home = Home::new();
    let data = home.path("home");
    let window = Window::open(env!("CARGO_BIN_EXE_kinora"), &[("KINORA_HOME", data.as_path())]);
    window.wait("[data-testid='start-page']");
    let refused = |script: &str| {
        let wrapped = format!(
            "window.__answer = undefined; (async () => {{ try {{ const value = await (async () => {{ {script} }})(); \
             window.__answer = 'allowed: ' + value }} catch (error) {{ window.__answer = 'refused: ' + error }} }})();"
        );
        window.script(&wrapped);
        window.until("an answer", || window.script("return window.__answer").as_str().map(str::to_owned))
    };
    for command in NOT_GRANTED {
        let answer = refused(&format!("return await window.__TAURI__.core.invoke('{command}', {{}})"));
        assert!(answer.starts_with("refused"), "{command}: {answer}");
    }
    // The only window there is may ask everything on the list: what is refused is refused for its content, not for its name. No film is
    // open and nothing is said with the question, so nothing is done.
    for command in kinora_api::COMMANDS {
        let answer = refused(&format!("return typeof await window.__TAURI__.core.invoke('{command}', {{}})"));
        assert!(!answer.contains("not allowed"), "{command}: {answer}");
    }
    let ticket = refused("return (await window.__TAURI__.core.invoke('ticket')).ticket").replace("allowed: ", "");
    assert_eq!(ticket.len(), 32, "{ticket}");
    let hash = "0".repeat(64);
    let mut addresses = vec![
        "preview://localhost/frame?at=0".to_owned(),
        "preview://localhost/frame?ticket=&at=0".to_owned(),
        format!("preview://localhost/frame?ticket={}&at=0", ticket.replace(|c: char| c.is_ascii_digit(), "f")),
        format!("preview://localhost/etc/passwd?ticket={ticket}"),
        format!("preview://localhost/../../etc/passwd?ticket={ticket}"),
        format!("media://localhost/etc/passwd?ticket={ticket}"),
        format!("media://localhost/picture/..%2f..%2fetc%2fpasswd?ticket={ticket}"),
        format!("media://localhost/picture/{hash}"),
    ];
    // Fifty tries in all: guesses of a ticket.
    addresses
        .extend((addresses.len()..50).map(|guess| format!("media://localhost/picture/{hash}?ticket={guess:032x}")));
    for address in addresses {
        let answer = refused(&format!("return (await fetch('{address}')).status"));
        assert!(answer == "allowed: 403" || answer.starts_with("refused"), "{address}: {answer}");
    }
    // The old ticket is worth nothing once there is a new one.
    refused("return (await window.__TAURI__.core.invoke('ticket')).ticket");
    let answer = refused(&format!("return (await fetch('preview://localhost/frame?ticket={ticket}&at=0')).status"));
    assert_eq!(answer, "allowed: 403");
    assert!(refused("return eval('1 + 1')").starts_with("refused"), "no eval");
    assert!(refused("return await fetch('http://127.0.0.1:9/')").starts_with("refused"), "no network");
}
