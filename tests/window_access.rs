//! Everybody can use every room: axe, an independent auditor of accessibility, finds nothing serious in any of them, in the dark and in
//! the light theme.

mod support;
#[path = "support/webdriver.rs"]
mod webdriver;

use serde_json::Value;
use std::path::PathBuf;
use support::Home;
use webdriver::Window;

const ROOMS: [&str; 6] = ["room-write", "room-board", "room-edit", "room-cast", "room-cameo", "room-deliver"];
const CONTROL: char = '\u{e009}';
const ESCAPE: &str = "\u{e00c}";
/// What fades in is looked at when it is there.
const AUDIT: &str = "window.__found = undefined; \
const ends = a => a.effect && a.effect.getComputedTiming().endTime !== Infinity; \
Promise.all(document.getAnimations().filter(ends).map(a => a.finished.catch(() => 0))).then(() => axe.run(document, { resultTypes: ['violations'] })).then(r => { \
window.__found = JSON.stringify(r.violations.filter(v => v.impact === 'serious' || v.impact === 'critical').map(v => \
({ rule: v.id, says: v.help, where: v.nodes.slice(0, 5).map(n => n.html.slice(0, 160) + ' — ' + n.failureSummary.slice(0, 200)) }))) }, \
e => { window.__found = JSON.stringify([{ rule: 'axe', says: String(e), where: [] }]) });";

/// What `cargo xtask setup` fetched.
fn auditor() -> String {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| Some(std::env::home_dir()?.join(".cache"))).expect("a home folder");
    let path = cache.join("kinora/test-tools/axe_playwright_python/axe.min.js");
    std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}; `cargo xtask setup` fetches it", path.display()))
}

fn dialogs() -> [(&'static str, String); 3] {
    [("settings", format!("{CONTROL},")), ("shortcuts", "?".to_owned()), ("commands", format!("{CONTROL}k"))]
}

fn audit(window: &Window, place: &str, found: &mut Vec<String>) {
    window.script(AUDIT);
    let text = window.until("the audit", || window.script("return window.__found").as_str().map(str::to_owned));
    let violations: Vec<Value> = serde_json::from_str(&text).expect("a list");
    for violation in violations {
        let nodes: Vec<_> = violation["where"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        found.push(format!("{place}: {} ({})\n    {}", violation["says"], violation["rule"], nodes.join("\n    ")));
    }
}

#[test]
fn an_independent_audit_finds_nothing_serious_in_any_room() {
    let home = Home::new();
    std::fs::create_dir(home.path("examples")).expect("a folder");
    home.write("examples/two.fountain", support::TWO_SHOTS);
    let (data, examples) = (home.path("home"), home.path("examples"));
    let environment = [("KINORA_HOME", data.as_path()), ("KINORA_EXAMPLES", examples.as_path())];
    let window = Window::open(env!("CARGO_BIN_EXE_kinora"), &environment);
    window.size(1280, 720);
    window.wait("[data-testid='start-page']");
    window.script(&auditor());
    let mut found = Vec::new();
    audit(&window, "start", &mut found);
    window.click("sample-0");
    for theme in ["dark", "light"] {
        window.script(&format!("document.documentElement.dataset.theme = '{theme}'"));
        for room in ROOMS {
            window.click(room);
            std::thread::sleep(std::time::Duration::from_millis(700));
            audit(&window, &format!("{room}, {theme}"), &mut found);
        }
        for (dialog, keys) in dialogs() {
            window.keys(&keys);
            window.wait("[role='dialog']");
            audit(&window, &format!("{dialog}, {theme}"), &mut found);
            window.keys(ESCAPE);
            window.until("the dialog to close", || (!window.is_there("[role='dialog']")).then_some(()));
        }
    }
    assert!(found.is_empty(), "{} findings:\n{}", found.len(), found.join("\n"));
}
