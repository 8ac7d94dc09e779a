//! Everybody can use every room: axe, an independent auditor of accessibility, finds nothing serious in any room, dialog or state of them,
//! in the dark and in the light theme; and whoever has no mouse comes to everything there is to press.

mod support;
#[path = "support/webdriver.rs"]
mod webdriver;

use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use support::{Home, text};
use webdriver::Window;

const ROOMS: [&str; 6] = ["room-write", "room-board", "room-edit", "room-cast", "room-cameo", "room-deliver"];
const THEMES: [&str; 2] = ["dark", "light"];
const CONTROL: char = '\u{e009}';
const SHIFT: char = '\u{e008}';
const ALT: char = '\u{e00a}';
const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";
const TAB: &str = "\u{e004}";
/// More than any room has things to focus.
const TABS: usize = 300;
/// What fades in is looked at when it is there.
const AUDIT: &str = "window.__found = undefined; \
const ends = a => a.effect && a.effect.getComputedTiming().endTime !== Infinity; \
Promise.all(document.getAnimations().filter(ends).map(a => a.finished.catch(() => 0))).then(() => axe.run(document, { resultTypes: ['violations'] })).then(r => { \
window.__found = JSON.stringify(r.violations.filter(v => v.impact === 'serious' || v.impact === 'critical').map(v => \
({ rule: v.id, says: v.help, where: v.nodes.slice(0, 5).map(n => n.html.slice(0, 160) + ' — ' + n.failureSummary.slice(0, 200)) }))) }, \
e => { window.__found = JSON.stringify([{ rule: 'axe', says: String(e), where: [] }]) });";
/// Numbers everything in sight that a mouse could press; gives how many there are.
const NUMBER: &str = "let n = 0; for (const e of document.querySelectorAll('button, input, select, textarea, summary, a[href], [tabindex]')) { \
delete e.dataset.number; const hidden = e.closest('details:not([open])'); \
if (e.disabled || e.tabIndex < 0 || !e.getClientRects().length || (hidden && e.tagName !== 'SUMMARY')) continue; e.dataset.number = String(n++); } return n";

struct Studio {
    window: Window,
    home: Home,
}

impl Studio {
    /// Two shots in two scenes; no keychain answers, whatever the machine has.
    fn open() -> Self {
        let home = Home::new();
        std::fs::create_dir(home.path("examples")).expect("a folder");
        home.write("examples/two.fountain", support::TWO_SHOTS);
        let answers = home.write("answers", "");
        // A drawn figure speaks into the microphone.
        let pose = home.write("pose.txt", "speaks");
        let (data, examples, nowhere) = (home.path("home"), home.path("examples"), home.path("none"));
        let environment = [
            ("KINORA_HOME", data.as_path()),
            ("KINORA_EXAMPLES", examples.as_path()),
            ("KINORA_DIALOG_ANSWERS", answers.as_path()),
            ("KINORA_CAPTURE", pose.as_path()),
            ("XDG_RUNTIME_DIR", nowhere.as_path()),
            ("DBUS_SESSION_BUS_ADDRESS", Path::new("unix:path=/none")),
        ];
        let window = Window::open(env!("CARGO_BIN_EXE_kinora"), &environment);
        window.size(1280, 720);
        window.wait("[data-testid='start-page']");
        Self { window, home }
    }

    fn go(&self, room: &str, shows: &str) {
        self.window.click(room);
        self.window.wait(shows);
        std::thread::sleep(std::time::Duration::from_millis(700));
    }

    fn shut(&self, dialog: &str) {
        self.window.keys(ESCAPE);
        self.window.until("the dialog to close", || (!self.window.is_there(dialog)).then_some(()));
    }
}

/// What `cargo xtask setup` fetched.
fn auditor() -> String {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(std::env::home_dir()?.join(".cache"))).expect("a home folder");
    let path = cache.join("kinora/test-tools/axe_playwright_python/axe.min.js");
    std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}; `cargo xtask setup` fetches it", path.display()))
}

/// What opens over any room, and the keys that open it.
fn dialogs() -> [(&'static str, String); 7] {
    [
        ("settings", format!("{CONTROL},")),
        ("shortcut-sheet", "?".to_owned()),
        ("palette", format!("{CONTROL}k")),
        ("keyboard", format!("{CONTROL}{ALT}k")),
        ("new-film-dialog", format!("{CONTROL}n")),
        ("queue-popover", format!("{CONTROL}j")),
        ("history-popover", format!("{CONTROL}{SHIFT}h")),
    ]
}

/// What opens from a button of the title bar.
const MENUS: [(&str, &str); 2] = [("film-menu", "film-menu-popover"), ("engine-chip", "engine-popover")];

struct Audit<'a> {
    window: &'a Window,
    found: Vec<String>,
}

impl Audit<'_> {
    /// The window as it is now, in both themes.
    fn look(&mut self, place: &str) {
        for theme in THEMES {
            self.window.script(&format!("document.documentElement.dataset.theme = '{theme}'"));
            self.window.script(AUDIT);
            let said = self
                .window
                .until("the audit", || self.window.script("return window.__found").as_str().map(str::to_owned));
            let violations: Vec<Value> = serde_json::from_str(&said).expect("a list");
            for violation in violations {
                let nodes: Vec<_> =
                    violation["where"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                let (says, rule) = (&violation["says"], &violation["rule"]);
                self.found.push(format!("{place}, {theme}: {says} ({rule})\n    {}", nodes.join("\n    ")));
            }
        }
    }
}

fn takes(window: &Window, count: usize) {
    window.until_film("the takes", |film| film["takes"].as_array().is_some_and(|takes| takes.len() == count));
}

#[test]
fn an_independent_audit_finds_nothing_serious_in_any_room() {
    let studio = Studio::open();
    let window = &studio.window;
    window.script(&auditor());
    let mut audit = Audit { window, found: Vec::new() };
    audit.look("start");
    window.click("sample-0");
    for room in ROOMS {
        studio.go(room, "main.room");
        audit.look(room);
    }
    window.click("room-board");
    for (dialog, keys) in dialogs() {
        // The button that opens it may have the same name.
        let dialog = format!("[role='dialog'][data-testid='{dialog}']");
        window.keys(&keys);
        window.wait(&dialog);
        audit.look(&dialog);
        studio.shut(&dialog);
    }
    for (button, menu) in MENUS {
        window.click(button);
        window.wait(&format!("[data-testid='{menu}']"));
        audit.look(menu);
        studio.shut(&format!("[data-testid='{menu}']"));
    }
    assert!(audit.found.is_empty(), "{} findings:\n{}", audit.found.len(), audit.found.join("\n"));
}

#[test]
fn an_independent_audit_finds_nothing_serious_while_somebody_works() {
    let studio = Studio::open();
    let window = &studio.window;
    window.click("sample-0");
    window.script(&auditor());
    let mut audit = Audit { window, found: Vec::new() };

    studio.go("room-write", ".f-shot");
    window.script("document.querySelector('.f-shot').click()");
    window.wait("[data-testid='note-form']");
    audit.look("a shot's note");
    window.click("note-cancel");
    window.click("open-find");
    window.wait("[data-testid='find-words']");
    window.type_into("find-words", "ball");
    window.click("find-replace-open");
    audit.look("find and replace");
    window.click("find-close");

    studio.go("room-board", "[data-testid='shot-card-1-1']");
    window.click("generate-stale");
    takes(window, 2);
    window.click("shot-card-1-1");
    window.click("generate-shot");
    takes(window, 3);
    window.wait("[data-testid='compare-takes']");
    audit.look("a board with takes");
    window.click("compare-takes");
    window.wait("[data-testid='compare']");
    audit.look("takes side by side");
    studio.shut("[data-testid='compare']");
    window.tab_to("shot-card-1-1");
    window.keys(&format!("{CONTROL}a"));
    window.wait("[data-testid='change-together']");
    audit.look("chosen shots");
    window.click("change-together");
    window.wait("[data-testid='change-together-form']");
    audit.look("shots changed together");
    window.click("together-cancel");
    window.click("selection-clear");
    window.click("queue-chip");
    window.click("queue-pause");
    studio.shut("[data-testid='queue-popover']");
    window.click("variations");
    window.wait("[data-testid='queue-chip'].busy");
    window.click("queue-chip");
    window.wait("[data-testid^='job-']");
    audit.look("a queue with something in it");
    window.click("queue-pause");
    studio.shut("[data-testid='queue-popover']");
    takes(window, 7);

    studio.go("room-edit", "[data-testid='timeline']");
    window.keys("d");
    window.wait("[data-testid='clip-inspector']");
    audit.look("a clip's settings");
    window.click("tab-shot");
    audit.look("a clip's shot");
    window.click("tab-clip");
    window.keys("m");
    window.until_film("a marker", |film| film["markers"].as_array().is_some_and(|markers| markers.len() == 1));
    window.keys("m");
    window.wait("[data-testid='marker-words']");
    audit.look("a marker's words");
    studio.shut("[data-testid='marker-words']");
    window.keys("x");
    window.keys(&format!("{SHIFT}D"));
    window.wait("[data-testid='dub-main']");
    window.until("the focus", || (window.focused() == "dub-main").then_some(()));
    audit.look("somebody about to speak");
    window.keys(" ");
    window.wait("[data-testid='dub-choose-1']");
    audit.look("a take of what was said");
    studio.shut("[data-testid='dub']");
    window.click("track-sound-V1");
    window.wait("[data-testid='track-inspector']");
    audit.look("a track's sound");

    studio.go("room-cast", "[data-testid='cast-first']");
    window.click("cast-first");
    window.wait("[data-testid='member-descriptor']");
    audit.look("a member of the cast");

    studio.go("room-cameo", "[data-testid='secret-undecided']");
    window.type_into("secret-passphrase", "four words without sense");
    window.click("secret-passphrase-give");
    window.wait("[data-testid='cameo-form']");
    audit.look("a new cameo");
    let pixels = (0..160 * 90u32).flat_map(|at| [(at * 7 % 251) as u8, (at * 13 % 241) as u8, (at % 239) as u8]);
    let picture = studio.home.path("me.png");
    image::RgbImage::from_raw(160, 90, pixels.collect()).expect("fits").save(&picture).expect("written");
    let movie = studio.home.path("film.mp4");
    studio.home.write("answers", format!("{}\n{}\n{1}\n", text(&picture), text(&movie)));
    window.click("cameo-add-file");
    window.wait("[data-testid='cameo-files'] li");
    window.type_into("cameo-name", "Ada");
    window.type_into("terms-restrictions", "No smoking.");
    window.click("cameo-mine");
    window.click("cameo-consent");
    window.wait("[data-testid='consent-0']");
    audit.look("a cameo with its consent");
    window.click("cameo-delete");
    window.wait("[data-testid='cameo-delete-asks']");
    audit.look("a cameo that is about to be deleted");

    studio.go("room-deliver", "[data-testid='export-mp4']");
    window.click("sign-shown");
    window.wait("[data-testid='law']");
    audit.look("the law beside an export");
    window.click("export-mp4");
    window.wait("[data-state='done']");
    audit.look("an export that is done");
    window.keys(&format!("{CONTROL}{SHIFT}o"));
    window.wait("[data-testid='verify-verdict']");
    audit.look("a file's history");
    studio.shut("[data-testid='verify']");
    assert!(audit.found.is_empty(), "{} findings:\n{}", audit.found.len(), audit.found.join("\n"));
}

#[test]
fn everything_that_can_be_pressed_is_reached_with_tab() {
    let studio = Studio::open();
    let window = &studio.window;
    let mut missed = all_reached(window, "start");
    window.click("sample-0");
    for room in ROOMS {
        studio.go(room, "main.room");
        window.keys("d");
        std::thread::sleep(std::time::Duration::from_millis(300));
        missed.extend(all_reached(window, room));
    }
    assert!(missed.is_empty(), "Tab never comes to:\n{}", missed.join("\n"));
}

/// Goes round with Tab, out of the script with Escape, and gives what it never came to.
fn all_reached(window: &Window, place: &str) -> Vec<String> {
    window.script("if (document.activeElement) document.activeElement.blur()");
    let count = window.script(NUMBER).as_u64().expect("a number");
    assert!(count > 3, "{place} has things to press");
    let mut left: BTreeSet<u64> = (0..count).collect();
    let here =
        "const e = document.activeElement; return [e ? e.dataset.number || '' : '', e ? e.dataset.testid || '' : '']";
    for _ in 0..TABS {
        window.keys(TAB);
        let seen = window.script(here);
        if let Some(number) = seen[0].as_str().and_then(|number| number.parse().ok()) {
            left.remove(&number);
        }
        if seen[1] == "script" {
            window.keys(ESCAPE);
        }
        if left.is_empty() {
            break;
        }
    }
    let name = |number: &u64| {
        let html = format!(
            "const e = document.querySelector(\"[data-number='{number}']\"); return e ? e.outerHTML.slice(0, 160) : ''"
        );
        window.script(&html).as_str().filter(|html| !html.is_empty()).map(|html| format!("{place}: {html}"))
    };
    left.iter().filter_map(name).collect()
}

#[test]
fn every_room_and_dialog_opens_by_keyboard_and_gives_the_focus_back() {
    let studio = Studio::open();
    let window = &studio.window;
    window.tab_to("sample-0");
    window.keys(ENTER);
    window.wait("[data-testid='cards']");
    for (place, room) in ROOMS.into_iter().enumerate() {
        window.keys(&format!("{CONTROL}{}", place + 1));
        let here = format!("[data-testid='{room}'][aria-current='page']");
        window.wait(&here);
    }
    let opens = |from: &str, dialog: &str, keys: &str| {
        window.tab_to(from);
        window.keys(keys);
        let shown = format!("[role='dialog'][data-testid='{dialog}']");
        window.wait(&shown);
        let inside = format!("return document.querySelector(\"{shown}\").contains(document.activeElement)");
        window.until(&format!("the focus in {dialog}"), || (window.script(&inside) == true).then_some(()));
        studio.shut(&shown);
        window.until(&format!("the focus back from {dialog}"), || (window.focused() == from).then_some(()));
    };
    for (dialog, keys) in dialogs() {
        opens("room-board", dialog, &keys);
    }
    for (button, menu) in MENUS {
        opens(button, menu, ENTER);
    }
    // In a dialog Tab goes round and never out.
    window.keys(&format!("{CONTROL},"));
    window.wait("[role='dialog'][data-testid='settings']");
    let inside = "return document.querySelector(\"[role='dialog']\").contains(document.activeElement)";
    window.until("the focus in the settings", || (window.script(inside) == true).then_some(()));
    for _ in 0..40 {
        window.keys(TAB);
        assert_eq!(window.script(inside), true, "Tab left the dialog for {}", window.focused());
    }
}
