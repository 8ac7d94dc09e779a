//! Photographs every room of the window, dark and light, at 1280×720 and 1920×1080: the pictures of `docs/rooms`.
//!
//! `rooms PROGRAM FOLDER`, on a screen of at least 1920×1080 (`xvfb-run -s "-screen 0 1920x1080x24"`). It opens the sample with the fewest
//! shots, waits until all takes are made, and takes what the window shows; nothing is touched up but the number of colours
//! (`Image.quantize(192)` of Python's Pillow), which makes the files small.
#![allow(clippy::print_stdout, reason = "it says what it has photographed")]

#[path = "../../tests/support/webdriver.rs"]
mod webdriver;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Duration;
use webdriver::Window;

const SIZES: [(u32, u32); 2] = [(1280, 720), (1920, 1080)];
const THEMES: [&str; 2] = ["dark", "light"];
/// A room that has just been entered loads thumbnails and waveforms.
const SETTLING: Duration = Duration::from_millis(2500);
const SAMPLE: &str = "Snow for pim";
/// Ten minutes for some fifteen shots.
const PATIENCE_SECONDS: usize = 600;
/// How many shots are ready when the button of the rest says that none is left.
const ALL_READY: &str = "return !document.body.innerText.includes('Queued') && !document.querySelector('.thumbnail-ring') && \
     document.querySelector(\"[data-testid='generate-stale']\").disabled";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let program = arguments.next().ok_or("the program is missing")?;
    let folder = PathBuf::from(arguments.next().ok_or("the folder is missing")?);
    std::fs::create_dir_all(&folder)?;
    let home = tempfile::tempdir()?;
    let nowhere = home.path().join("none");
    let environment = [
        ("KINORA_HOME", home.path()),
        // No keychain, so that the room with the recordings asks where to keep their secret on every machine.
        ("XDG_RUNTIME_DIR", nowhere.as_path()),
        ("DBUS_SESSION_BUS_ADDRESS", Path::new("unix:path=/none")),
    ];
    let window = Window::open(&program, &environment);
    window.wait("[data-testid='start-page']");
    let camera = Camera { window: &window, folder };
    camera.every_way("start")?;
    window.size(1280, 720);
    window.until("the sample", || {
        let script = format!(
            "const b = [...document.querySelectorAll(\"[data-testid^='sample-']\")].find(b => b.innerText.includes('{SAMPLE}')); \
             if (b) b.click(); return !!b"
        );
        (window.script(&script) == true).then_some(())
    });
    window.click("tour-end");
    window.click("room-board");
    window.click("generate-stale");
    for _ in 0..PATIENCE_SECONDS {
        std::thread::sleep(Duration::from_secs(1));
        if window.script(ALL_READY) == true {
            break;
        }
    }
    window.click("room-cameo");
    window.type_into("secret-passphrase", "four words without sense");
    window.click("secret-passphrase-give");
    window.wait("[data-testid='cameo-form']");
    // A clip, chosen, so that the inspectors have something to say.
    window.click("room-edit");
    window.wait("[data-testid='timeline']");
    std::thread::sleep(SETTLING);
    window.keys("d");
    let rooms = window.script("return [...document.querySelectorAll('.room-tab')].map(room => room.dataset.testid)");
    for room in rooms.as_array().into_iter().flatten().filter_map(|room| room.as_str()) {
        window.click(room);
        camera.every_way(room.trim_start_matches("room-"))?;
    }
    // Something waits: the queue stands still for its picture.
    window.click("room-board");
    window.click("queue-chip");
    window.click("queue-pause");
    window.keys("\u{e00c}");
    window.click("variations");
    window.wait("[data-testid='queue-chip'].busy");
    window.click("queue-chip");
    camera.every_way("queue")
}

struct Camera<'a> {
    window: &'a Window,
    folder: PathBuf,
}

impl Camera<'_> {
    /// What the window shows now, in each size and theme.
    fn every_way(&self, name: &str) -> Result<(), Box<dyn Error>> {
        for (width, height) in SIZES {
            self.window.size(width, height);
            for theme in THEMES {
                self.window.script(&format!("document.documentElement.dataset.theme = '{theme}'"));
                std::thread::sleep(SETTLING);
                let file = self.folder.join(format!("{name}-{theme}-{width}x{height}.png"));
                std::fs::write(&file, self.window.photograph())?;
                println!("{}", file.display());
            }
        }
        Ok(())
    }
}
