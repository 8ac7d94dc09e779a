//! The real window, driven as a person would: WebKit's own WebDriver over plain HTTP on loopback.

#![allow(dead_code, reason = "each test file uses its own part")]

use serde_json::{Value, json};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Longer than anything a small, busy machine takes to show a button.
const PATIENCE: Duration = Duration::from_secs(60);
/// More than any room has things to focus.
const TABS: usize = 250;
/// A request with more would outlast a driver's patience on a busy machine.
const LETTERS_AT_ONCE: usize = 40;
const ENTER: char = '\u{e007}';
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

pub struct Window {
    driver: Child,
    /// What the driver and the studio print; told when something fails.
    said: tempfile::NamedTempFile,
    base: String,
    session: String,
    /// What marks the app's process as ours: its own value in the environment.
    home: std::path::PathBuf,
}

impl Window {
    /// Starts the driver, and through it `binary` with this environment. Needs a display: `cargo xtask test` opens one.
    pub fn open(binary: &str, environment: &[(&str, &Path)]) -> Self {
        Self::open_with(binary, &[], environment)
    }

    /// As [`Self::open`], with a film or a screenplay on the command line.
    pub fn open_with(binary: &str, arguments: &[&str], environment: &[(&str, &Path)]) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a free port").port();
        let mut command = Command::new("WebKitWebDriver");
        let said = tempfile::NamedTempFile::new().expect("a temporary file");
        let ear = || said.reopen().map(Stdio::from).expect("a temporary file can be opened");
        command.arg(format!("--port={port}")).stdout(ear()).stderr(ear());
        command.env("TAURI_AUTOMATION", "true").env("TAURI_WEBVIEW_AUTOMATION", "true");
        let home = environment.first().map(|(_, path)| path.to_path_buf()).unwrap_or_default();
        // What the page remembers lies with the rest of this home, not with whoever runs the test.
        command.env("XDG_DATA_HOME", home.join("page"));
        command.envs(environment.iter().copied());
        let driver = command.spawn().expect("WebKitWebDriver starts (Debian package webkit2gtk-driver)");
        let mut window = Self { driver, said, base: format!("http://127.0.0.1:{port}"), session: String::new(), home };
        let options = json!({ "binary": binary, "args": arguments });
        let capabilities = json!({ "capabilities": { "alwaysMatch": { "webkitgtk:browserOptions": options } } });
        let started = Instant::now();
        loop {
            match window.try_post("/session", &capabilities) {
                Ok(value) => {
                    window.session = value["sessionId"].as_str().expect("a session").to_owned();
                    return window;
                }
                Err(error) if started.elapsed() > PATIENCE => panic!("no window: {error}"),
                Err(_) => std::thread::sleep(Duration::from_millis(200)),
            }
        }
    }

    fn try_post(&self, path: &str, body: &Value) -> Result<Value, String> {
        let config = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE)).build();
        let send = || ureq::Agent::new_with_config(config.clone()).post(format!("{}{path}", self.base)).send_json(body);
        // The driver now and then hangs up on a request before it has read it; asked again, it answers.
        let mut response = send().or_else(|_| send()).map_err(|e| self.explained(&e))?;
        let answer: Value = response.body_mut().read_json().map_err(|e| e.to_string())?;
        if response.status().is_success() { Ok(answer["value"].clone()) } else { Err(answer["value"].to_string()) }
    }

    /// A connection that ended, with what is known of the other side.
    fn explained(&self, error: &ureq::Error) -> String {
        let said = std::fs::read(self.said.path()).unwrap_or_default();
        let tail =
            String::from_utf8_lossy(said.get(said.len().saturating_sub(4_000)..).unwrap_or_default()).into_owned();
        let alive = ours(&self.home).count();
        format!("{error}; {alive} processes of this window are alive; they said:\n{tail}")
    }

    fn post(&self, path: &str, body: &Value) -> Result<Value, String> {
        self.try_post(&format!("/session/{}{path}", self.session), body)
    }

    pub fn size(&self, width: u32, height: u32) {
        self.post("/window/rect", &json!({ "width": width, "height": height })).expect("the window can be sized");
    }

    /// Runs JavaScript and gives what it returns.
    pub fn script(&self, script: &str) -> Value {
        self.post("/execute/sync", &json!({ "script": script, "args": [] })).unwrap_or_else(|e| panic!("{script}: {e}"))
    }

    fn find(&self, selector: &str) -> Result<String, String> {
        let found = self.post("/element", &json!({ "using": "css selector", "value": selector }))?;
        found[ELEMENT].as_str().map(str::to_owned).ok_or_else(|| found.to_string())
    }

    pub fn is_there(&self, selector: &str) -> bool {
        self.find(selector).is_ok()
    }

    pub fn wait(&self, selector: &str) -> String {
        self.until(selector, || self.find(selector).ok())
    }

    /// Polls until there is an answer.
    pub fn until<T>(&self, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
        let started = Instant::now();
        loop {
            if let Some(found) = look() {
                return found;
            }
            assert!(started.elapsed() < PATIENCE, "waited in vain for {what}; the page says:\n{}", self.text("body"));
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Polls for as long as what the page says changes: how long an export takes is the machine's affair, standing still is not.
    pub fn while_it_moves<T>(&self, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
        let (mut said, mut since) = (String::new(), Instant::now());
        loop {
            if let Some(found) = look() {
                return found;
            }
            let now = self.text("body");
            if now != said {
                (said, since) = (now, Instant::now());
            }
            assert!(since.elapsed() < PATIENCE, "waited in vain for {what}; the page says:\n{said}");
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// By `data-testid`, once it can be clicked; what lies at the edge of its pane is scrolled to, as a person would: the driver does so for what is
    /// out of sight altogether, and for what is half in sight it only says that it cannot.
    pub fn click(&self, id: &str) {
        let selector = format!("[data-testid='{id}']");
        let started = Instant::now();
        loop {
            let clicked =
                self.find(&selector).and_then(|element| self.post(&format!("/element/{element}/click"), &json!({})));
            let Err(error) = clicked else { return };
            if error.contains("not interactable") {
                let to = format!(
                    "const e = document.querySelector({}); e && e.scrollIntoView({{ block: 'center' }})",
                    json!(selector)
                );
                self.script(&to);
            }
            assert!(
                started.elapsed() < PATIENCE,
                "{id} cannot be clicked ({error}); the page says:\n{}",
                self.text("body")
            );
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    pub fn type_into(&self, id: &str, text: &str) {
        let element = self.wait(&format!("[data-testid='{id}']"));
        self.post(&format!("/element/{element}/value"), &json!({ "text": text })).expect("text can be typed");
    }

    /// A key with modifiers, to whatever has the focus: `keys("\u{e009}z")` is Ctrl+Z.
    pub fn keys(&self, keys: &str) {
        let down: Vec<Value> = keys.chars().map(|key| json!({ "type": "keyDown", "value": key.to_string() })).collect();
        let up: Vec<Value> =
            keys.chars().rev().map(|key| json!({ "type": "keyUp", "value": key.to_string() })).collect();
        let strokes = [down, up].concat();
        let actions = json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": strokes }] });
        self.post("/actions", &actions).expect("keys can be pressed");
    }

    /// Presses one key after the other, to whatever has the focus, as somebody who types does; a line end is the Enter key.
    pub fn press_one_by_one(&self, text: &str) {
        let letters: Vec<String> =
            text.chars().map(|letter| if letter == '\n' { ENTER } else { letter }.to_string()).collect();
        for part in letters.chunks(LETTERS_AT_ONCE) {
            let stroke =
                |key: &String| [json!({ "type": "keyDown", "value": key }), json!({ "type": "keyUp", "value": key })];
            let strokes: Vec<Value> = part.iter().flat_map(stroke).collect();
            let actions = json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": strokes }] });
            self.post("/actions", &actions).expect("keys can be pressed");
        }
    }

    /// Chooses from a list by its option, as somebody with a mouse does.
    pub fn choose(&self, id: &str, value: &str) {
        let element = self.wait(&format!("[data-testid='{id}'] option[value='{value}']"));
        self.post(&format!("/element/{element}/click"), &json!({})).expect("an option can be chosen");
    }

    /// What has the focus, by `data-testid`.
    pub fn focused(&self) -> String {
        let here = "return document.activeElement && document.activeElement.dataset.testid || ''";
        self.script(here).as_str().unwrap_or_default().to_owned()
    }

    /// Presses the pointer at one place of the window, moves to the others in steps, and lets go; `held` is a key held meanwhile.
    pub fn drag(&self, places: &[(i64, i64)], held: Option<char>) {
        let Some(first) = places.first() else { return };
        let to = |(x, y): &(i64, i64)| json!({ "type": "pointerMove", "duration": 20, "x": x, "y": y, "origin": "viewport" });
        let mut pointer = vec![to(first), json!({ "type": "pointerDown", "button": 0 })];
        pointer.extend(places.iter().skip(1).map(to));
        pointer.push(json!({ "type": "pointerUp", "button": 0 }));
        let mut actions = vec![json!({
            "type": "pointer", "id": "mouse", "parameters": { "pointerType": "mouse" }, "actions": pointer
        })];
        if let Some(key) = held.map(String::from) {
            let mut strokes = vec![json!({ "type": "keyDown", "value": key })];
            strokes.extend((1..pointer_steps(places)).map(|_| json!({ "type": "pause" })));
            strokes.push(json!({ "type": "keyUp", "value": key }));
            actions.insert(0, json!({ "type": "key", "id": "keyboard", "actions": strokes }));
        }
        self.post("/actions", &json!({ "actions": actions })).expect("the pointer can be moved");
    }

    /// The middle of an element, in the window's pixels.
    pub fn middle(&self, selector: &str) -> (i64, i64) {
        self.wait(selector);
        let script = format!(
            "const r = document.querySelector({}).getBoundingClientRect(); return [Math.round(r.x + r.width / 2), Math.round(r.y + r.height / 2)]",
            json!(selector)
        );
        let place = self.script(&script);
        (place[0].as_i64().expect("a number"), place[1].as_i64().expect("a number"))
    }

    /// The film as the studio has it, not as the page shows it.
    pub fn film(&self) -> Value {
        self.script(
            "window.__film = undefined; window.__TAURI__.core.invoke('replica').then(r => { \
             const text = r instanceof ArrayBuffer ? new TextDecoder().decode(r) : JSON.stringify(r); window.__film = text; });",
        );
        let text = self.until("the film", || self.script("return window.__film").as_str().map(str::to_owned));
        let replica: Value = serde_json::from_str(&text).expect("a replica");
        replica["film"].clone()
    }

    pub fn until_film(&self, what: &str, is: impl Fn(&Value) -> bool) {
        self.until(what, || is(&self.film()).then_some(()));
    }

    /// Goes from one thing to the next with Tab until this one has the focus, as somebody without a mouse does.
    pub fn tab_to(&self, id: &str) {
        self.wait(&format!("[data-testid='{id}']"));
        let mut passed = Vec::new();
        for _ in 0..TABS {
            let focus = self.focused();
            if focus == id {
                return;
            }
            passed.push(focus);
            self.keys("\u{e004}");
        }
        panic!("Tab never comes to {id}; it went over {passed:?}");
    }

    /// Ends the studio as a power cut would: nothing of it hears of it.
    pub fn kill(self) {
        for process in ours(&self.home) {
            let _ = Command::new("kill").arg("-9").arg(process.file_name().unwrap_or_default()).status();
        }
    }

    /// What the window shows, as PNG: taken from its screen, since the driver's own pictures hang now and then.
    pub fn photograph(&self) -> Vec<u8> {
        let config = ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).build();
        let url = format!("{}/session/{}/window/rect", self.base, self.session);
        let mut answer = ureq::Agent::new_with_config(config).get(url).call().expect("the window has a place");
        let answer: Value = answer.body_mut().read_json().expect("the window has a place");
        let place = &answer["value"];
        let number = |name: &str| place[name].as_f64().unwrap_or_default().max(0.0) as u32;
        let display = std::env::var("DISPLAY").expect("a display");
        let size = format!("{}x{}", number("width"), number("height"));
        let corner = format!("{display}+{},{}", number("x"), number("y"));
        let mut camera = Command::new("ffmpeg");
        camera.args(["-v", "error", "-f", "x11grab", "-draw_mouse", "0", "-video_size", &size, "-i", &corner]);
        camera.args(["-frames:v", "1", "-f", "image2pipe", "-c:v", "png", "-"]).stdin(Stdio::null());
        let taken = camera.output().expect("ffmpeg runs");
        assert!(taken.status.success(), "no photograph: {}", String::from_utf8_lossy(&taken.stderr));
        taken.stdout
    }

    /// The same as `NAME.png` in the folder `KINORA_PHOTOGRAPHS`, for looking at; nothing without that variable.
    pub fn keep_photograph(&self, name: &str) {
        let Some(folder) = std::env::var_os("KINORA_PHOTOGRAPHS") else { return };
        std::fs::write(Path::new(&folder).join(format!("{name}.png")), self.photograph())
            .expect("the folder can be written");
    }

    pub fn text(&self, selector: &str) -> String {
        let script = format!("return document.querySelector({}).innerText", json!(selector));
        self.script(&script).as_str().unwrap_or_default().to_owned()
    }
}

/// How many steps a drag over these places has.
fn pointer_steps(places: &[(i64, i64)]) -> usize {
    places.len() + 2
}

impl Drop for Window {
    fn drop(&mut self) {
        let config = ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(5))).build();
        let url = format!("{}/session/{}", self.base, self.session);
        // Ends the app; what does not answer is killed with its driver.
        let _ = ureq::Agent::new_with_config(config).delete(url).call();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
        // An app that outlived its driver would keep the film locked for the next window.
        for process in ours(&self.home) {
            let _ = Command::new("kill").arg("-9").arg(process.file_name().unwrap_or_default()).status();
            for _ in 0..50 {
                if !process.join("environ").exists() {
                    break;
                }
                std::thread::sleep(Duration::from_millis(20));
            }
        }
    }
}

/// The processes, as folders of `/proc`, that have this home in their environment; never this one.
fn ours(home: &Path) -> impl Iterator<Item = std::path::PathBuf> {
    let home = home.to_string_lossy().into_owned().into_bytes();
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten().map(|process| process.path());
    let me = std::path::PathBuf::from(format!("/proc/{}", std::process::id()));
    processes.filter(move |process| {
        let environment = std::fs::read(process.join("environ")).unwrap_or_default();
        *process != me && environment.windows(home.len().max(1)).any(|part| part == home)
    })
}
