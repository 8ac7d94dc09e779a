//! The window with a long film, as a person has it: opening, the timeline under the hand, edits, scrubbing, playing, memory, the cold start.
//!
//! It drives the real program through WebKit's WebDriver on whatever display there is, and counts inside the page (`page.js`). The first
//! argument is the program; parts named behind it (`start`, `rest`, `timeline`, `edits`, `scrubbing`, `playing`) are run alone.
//! `cargo xtask bench window` builds both, opens a screen of its own and runs it. Software rendering counts as it is.
#![allow(clippy::print_stdout, reason = "a measurement prints its result")]

mod film;
mod processes;
mod session_bus;
#[path = "../../../tests/support/webdriver.rs"]
mod webdriver;

use processes::{age, memory, share};
use serde_json::{Value, json};
use session_bus::SessionBus;
use std::error::Error;
use std::path::Path;
use std::time::Duration;
use webdriver::Window;

/// Between two looks at a window that is opening.
const LOOK: Duration = Duration::from_millis(20);
const PAGE: &str = include_str!("page.js");
const SECOND: i64 = 705_600_000;
const FRAME: f64 = SECOND as f64 / 24.0;
const MILLIS: f64 = SECOND as f64 / 1000.0;

fn figure(what: &str, value: f64, unit: &str, aim: &str) {
    println!("{}", json!({ "what": what, "value": value, "unit": unit, "aim": aim }));
}

fn held(what: &str, home: &Path, aim: &str) {
    let (all, each) = memory(home);
    figure(what, all, "MB", aim);
    println!("{what}: {each}");
}

fn percentile(times: &[f64], part: f64) -> f64 {
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    times.get((times.len().saturating_sub(1) as f64 * part).round() as usize).copied().unwrap_or(f64::NAN)
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().into_iter().flatten().filter_map(Value::as_f64).collect()
}

/// What a piece of asynchronous JavaScript comes to.
fn wait(window: &Window, script: &str) -> Value {
    window.script(&format!(
        "window.__value = undefined; (async () => ({script}))().then(v => {{ window.__value = JSON.stringify(v ?? null) }}, \
         e => {{ window.__value = JSON.stringify({{ failed: String(e) }}) }});"
    ));
    let text = window.until(script, || window.script("return window.__value").as_str().map(str::to_owned));
    let value: Value = serde_json::from_str(&text).unwrap_or_default();
    if let Some(failed) = value["failed"].as_str() {
        println!("the page says: {failed}");
    }
    value
}

/// What the studio finds in its environment.
fn environment<'a>(home: &'a Path, bus: Option<&'a SessionBus>) -> Vec<(&'static str, &'a Path)> {
    let bus = bus.map(|bus| ("DBUS_SESSION_BUS_ADDRESS", Path::new(&bus.address)));
    std::iter::once(("KINORA_HOME", home)).chain(bus).collect()
}

fn open(binary: &str, environment: &[(&str, &Path)]) -> Window {
    let window = Window::open(binary, environment);
    window.size(1440, 900);
    window.wait("[data-testid='recent-0']");
    window.script(PAGE);
    window
}

fn main() -> Result<(), Box<dyn Error>> {
    let binary = std::env::args().nth(1).ok_or("the program to measure is missing")?;
    let folder = tempfile::tempdir()?;
    let home = folder.path().join("home");
    let root = folder.path().join("Long.kinora");
    std::fs::create_dir_all(&home)?;
    film::make(&root)?;
    std::fs::write(home.join("recent.json"), serde_json::to_vec(&[&root])?)?;
    let size = std::fs::metadata(Path::new("ui/dist/kinora_ui_bg.wasm")).map_or(0, |file| file.len());
    figure("the page's wasm", size as f64 / 1e6, "MB", "");

    let bus = SessionBus::start();
    if bus.is_none() {
        println!(
            "without dbus-daemon each window begins a session bus of its own, and that is in the figures of its start"
        );
    }
    let environment = environment(&home, bus.as_ref());
    let parts: Vec<String> = std::env::args().skip(2).collect();
    let wanted = |part: &str| parts.is_empty() || parts.iter().any(|named| named == part);
    if wanted("start") {
        start(&binary, &home, &environment, &root);
    }
    let window = open(&binary, &environment);
    opening(&window);
    held("memory, a film of 1,000 shots and 5,000 clips open", &home, "");
    if wanted("rest") {
        std::thread::sleep(Duration::from_secs(5));
        figure(
            "one processor's share while nothing is done",
            share(&home, Duration::from_secs(10)) * 100.0,
            "%",
            "≤ 1 %",
        );
    }
    window.click("room-edit");
    window.wait("[data-testid='timeline']");
    std::thread::sleep(Duration::from_secs(2));
    if wanted("timeline") {
        timeline(&window);
        held("memory after scrolling and zooming through all of it", &home, "bounded");
        for _ in 0..6 {
            wait(&window, "await __bench.scroll(10000)");
        }
        held("and after one more minute of scrolling", &home, "bounded");
    }
    if wanted("edits") {
        edits(&window);
        held("memory after 400 edits", &home, "bounded");
    }
    if wanted("scrubbing") {
        scrubbing(&window);
        held("memory after scrubbing", &home, "bounded");
    }
    if wanted("playing") {
        playing(&window);
    }
    Ok(())
}

/// From the command to a page that can be used: the start page, and a board whose film the command names. The driver is in the figure: it
/// looks every few hundredths of a second, and only once its own session has begun.
fn start(binary: &str, home: &Path, environment: &[(&str, &Path)], film: &Path) {
    let film = film.to_string_lossy();
    let opens = |arguments: &[&str], shows: &str| {
        let times: Vec<f64> = (0..3)
            .map(|_| {
                let window = Window::open_with(binary, arguments, environment);
                let seen = format!("return document.querySelector(\"{shows}\") ? performance.now() : null");
                let page = loop {
                    if let Some(page) = window.script(&seen).as_f64() {
                        break page;
                    }
                    std::thread::sleep(LOOK);
                };
                let age = age(home, binary);
                println!("{shows} after {age:.2} s, of which the page's {:.2} s", page / 1e3);
                age
            })
            .collect();
        percentile(&times, 0.5)
    };
    figure("cold start to the start page, median of 3", opens(&[], "[data-testid='start-page']"), "s", "≤ 1.5 s");
    let board = opens(&[&*film], "[data-testid^='shot-card-']");
    figure("cold start to the board of 1,000 shots, median of 3", board, "s", "≤ 1.5 s");
}

fn opening(window: &Window) {
    window.click("recent-0");
    window.wait("[data-testid^='shot-card-']");
    let usable = window.until("a first picture", || {
        let script = "const b = window.__bench; return b.drawn.length ? b.drawn[0] - b.clicked : null";
        window.script(script).as_f64()
    });
    figure("open 1,000 shots and 5,000 clips: from the click to the first picture", usable / 1e3, "s", "≤ 1 s");
    let board = window.script(
        "return performance.getEntriesByType('paint').length ? document.querySelectorAll(\"[data-testid^='shot-card-']\").length : 0",
    );
    println!("cards on the board: {board}");
}

fn timeline(window: &Window) {
    let say = |what: &str, seen: &Value| {
        let painted = seen["painted"].as_f64().unwrap_or(f64::NAN);
        figure(&format!("timeline, {what}: pictures painted"), painted, "a second", "≥ 30");
        println!("{what}: {seen}");
    };
    // All 5,000 clips in the window; then some five hundred, as many as are drawn one by one; then about a hundred, then about fifteen.
    say("all 5,000 clips in sight, scrolled", &wait(window, "await __bench.scroll(4000)"));
    for (what, presses) in [("five minutes in sight", 10), ("a minute in sight", 8), ("ten seconds in sight", 8)] {
        for _ in 0..presses {
            window.click("zoom-in");
        }
        say(&format!("{what}, scrolled"), &wait(window, "await __bench.scroll(4000)"));
    }
    say("zoomed in and out", &wait(window, "await __bench.zoom(4000)"));
    window.click("zoom-fit");
    for _ in 0..16 {
        window.click("zoom-in");
    }
    let (_, y) = window.middle("[data-testid='track-mute-V1']");
    let (x, _) = window.middle("[data-testid='timeline']");
    say("a clip dragged", &wait(window, &format!("await __bench.hold(4000, {x}, {y})")));
}

/// Kinds of edits as the window asks for them, from the film as it is.
fn edits(window: &Window) {
    wait(window, "(window.__film = (await __bench.replica()).film, true)");
    let script = "const f = window.__film, v1 = f.tracks.find(t => t.name === 'V1').id; \
        const s = f.clips.filter(c => c.track === v1).sort((a, b) => a.start - b.start); return s.map(c => [c.id, c.start, c.length])";
    let story = window.script(script);
    let clip =
        |at: usize| (story[at][0].clone(), story[at][1].as_i64().unwrap_or(0), story[at][2].as_i64().unwrap_or(0));
    let frame = SECOND / 24;
    type Make<'a> = &'a dyn Fn(usize) -> Value;
    let kinds: [(&str, Make<'_>); 4] = [
        ("a clip's volume", &|n| {
            let (id, ..) = clip(n * 9 + 1);
            json!({ "command": "set_clip_sound", "clip": id, "gain_millibels": -300 - n as i64, "fade_in": 0, "fade_out": 0 })
        }),
        ("a blade cut", &|n| {
            let (id, start, _) = clip(n * 9 + 2);
            json!({ "command": "blade_clip", "clip": id, "at": start + 20 * frame })
        }),
        ("a ripple trim near the end", &|n| {
            let (id, start, length) = clip(980 - n / 10);
            json!({ "command": "trim_clip", "clip": id, "start": start, "length": length - (n % 10) as i64 * frame, "ripple": true })
        }),
        ("a ripple trim at the beginning, every later clip moves", &|n| {
            let (id, start, length) = clip(1);
            json!({ "command": "trim_clip", "clip": id, "start": start, "length": length - (n % 10 + 1) as i64 * frame, "ripple": true })
        }),
    ];
    for (what, make) in kinds {
        let commands: Vec<Value> = (0..100).map(make).collect();
        let mut found = Vec::new();
        for part in commands.chunks(10) {
            let seen = wait(window, &format!("await __bench.edits({})", Value::from(part.to_vec())));
            found.extend(seen.as_array().cloned().unwrap_or_default());
        }
        let of = |name: &str| found.iter().filter_map(|edit| edit[name].as_f64()).collect::<Vec<_>>();
        figure(&format!("{what}: acknowledged in the page, p50"), percentile(&of("acknowledged"), 0.5), "ms", "");
        figure(
            &format!("{what}: acknowledged in the page, p95"),
            percentile(&of("acknowledged"), 0.95),
            "ms",
            "≤ 25 ms",
        );
        figure(
            &format!("{what}: the page's longest pause after it, p95"),
            percentile(&of("pause"), 0.95),
            "ms",
            "≤ 100 ms",
        );
    }
}

fn scrubbing(window: &Window) {
    let length = 2_900_i64;
    let times: Vec<i64> = (0..200).map(|n| (n * 997 % length) * SECOND + n % 24 * SECOND / 24).collect();
    let mut found = Vec::new();
    for part in times.chunks(20) {
        found.extend(numbers(&wait(window, &format!("await __bench.pictures({}, 960, 540)", json!(part)))));
    }
    figure("scrub to picture at 960×540, anywhere in the film, p95", percentile(&found, 0.95), "ms", "≤ 60 ms");
    let near: Vec<i64> = (0..200).map(|n| 700 * SECOND + n * 3 * SECOND / 24).collect();
    let mut found = Vec::new();
    for part in near.chunks(20) {
        found.extend(numbers(&wait(window, &format!("await __bench.pictures({}, 960, 540)", json!(part)))));
    }
    figure("scrub to picture at 960×540, along the film, p95", percentile(&found, 0.95), "ms", "≤ 60 ms");
    let (x, y) = window.middle("[data-testid='timeline']");
    let top = window.script("return document.querySelector(\"[data-testid='timeline']\").getBoundingClientRect().y");
    let ruler = top.as_f64().unwrap_or(y as f64) + 10.0;
    let seen = wait(window, &format!("await __bench.scrub(4000, {x}, {ruler}, 300)"));
    figure(
        "the ruler dragged: from a question to the monitor's picture, p95",
        percentile(&numbers(&seen["times"]), 0.95),
        "ms",
        "",
    );
}

/// The whole window is the monitor, so the preview has the film's own size, 1280×720.
fn playing(window: &Window) {
    window.keys("\u{e011}");
    window.script("document.activeElement.blur()");
    window.keys("f");
    std::thread::sleep(Duration::from_secs(1));
    window.keys(" ");
    std::thread::sleep(Duration::from_secs(2));
    window.script("__bench.pulls.length = 0; __bench.drawn.length = 0; __bench.begun = performance.now()");
    std::thread::sleep(Duration::from_secs(10));
    let seen = wait(
        window,
        "({ pulls: __bench.pulls.filter(p => p.live && p.drawn), drawn: __bench.drawn.length, seconds: (performance.now() - __bench.begun) / 1000 })",
    );
    window.keys(" ");
    let pulls = seen["pulls"].as_array().cloned().unwrap_or_default();
    let seconds = seen["seconds"].as_f64().unwrap_or(1.0);
    let width = pulls.last().and_then(|pull| pull["width"].as_f64()).unwrap_or(0.0);
    let mut frames: Vec<i64> = pulls.iter().filter_map(|pull| pull["at"].as_i64()).collect();
    frames.dedup();
    println!("playing: {} pictures drawn in {seconds:.1} s at {width} pixels across", seen["drawn"]);
    figure("playing 720p: different pictures shown", frames.len() as f64 / seconds, "a second", "≥ 24");
    // Where the sound is when the picture is drawn: what the speaker said as the answer left, and the time since. A picture is in time
    // while its own frame is heard; beyond that it is late by so much.
    let late: Vec<f64> = pulls
        .iter()
        .filter_map(|pull| {
            let (at, heard) = (pull["at"].as_f64()?, pull["heard"].as_f64()?);
            let since = pull["drawn"].as_f64()? - pull["answered"].as_f64()?;
            let sound = heard + since * MILLIS;
            Some(if sound < at { (at - sound) / MILLIS } else { ((sound - at - FRAME) / MILLIS).max(0.0) })
        })
        .collect();
    figure(
        "playing 720p: picture beside the sound, p95 (a frame is 41.7 ms)",
        percentile(&late, 0.95),
        "ms",
        "≤ 41.7 ms",
    );
}
