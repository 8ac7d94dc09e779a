//! Photographs every room of the window, dark and light, at 1280×720 and 1920×1080: the pictures of `docs/rooms`.
//!
//! `rooms PROGRAM FOLDER`, on a screen larger than 1920×1080 (`xvfb-run -s "-screen 0 2560x1600x24"`), since nothing puts the window into its
//! corner. It opens the first sample whose takes are quick to make, waits until all are made, and takes what the window shows; nothing is
//! touched up.
#![allow(clippy::print_stdout, reason = "it says what it has photographed")]

#[path = "../../tests/support/webdriver.rs"]
mod webdriver;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Duration;
use webdriver::Window;

const SIZES: [(u32, u32); 2] = [(1280, 720), (1920, 1080)];
/// A room that has just been entered loads thumbnails and waveforms.
const SETTLING: Duration = Duration::from_millis(2500);
/// The sample with the fewest shots.
const SAMPLE: &str = "Snow for pim";
/// Shift and the right arrow, as WebDriver names them: a second forward.
const SECOND_FORWARD: &str = "\u{E008}\u{E014}";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let program = arguments.next().ok_or("the program is missing")?;
    let folder = PathBuf::from(arguments.next().ok_or("the folder is missing")?);
    std::fs::create_dir_all(&folder)?;
    let home = tempfile::tempdir()?;
    let window = Window::open(&program, &[("KINORA_HOME", home.path())]);
    window.size(1280, 720);
    window.wait("[data-testid='start-page']");
    window.until("the sample", || {
        let script = format!(
            "const b = [...document.querySelectorAll(\"[data-testid^='sample-']\")].find(b => b.innerText.includes('{SAMPLE}')); \
             if (b) b.click(); return !!b"
        );
        (window.script(&script) == true).then_some(())
    });
    window.click("room-board");
    window.click("generate-stale");
    let going = "return [...document.querySelectorAll('.card')].length > 0 && \
         !document.body.innerText.includes('Queued') && !document.body.innerText.includes('Developing') ? \
         document.querySelector(\"[data-testid='generate-stale']\").innerText : ''";
    for _ in 0..300 {
        std::thread::sleep(Duration::from_secs(1));
        if window.script(going).as_str().is_some_and(|words| words.contains("ready")) {
            break;
        }
    }
    window.click("tour-end");
    // A clip behind the first, which fades in from black, chosen, so that the inspectors have something to say.
    window.click("room-edit");
    window.wait("[data-testid='timeline']");
    std::thread::sleep(SETTLING);
    (0..6).for_each(|_| window.keys(SECOND_FORWARD));
    let rooms = window.script("return [...document.querySelectorAll('.room-tab')].map(room => room.dataset.testid)");
    let rooms: Vec<String> =
        rooms.as_array().into_iter().flatten().filter_map(|room| room.as_str().map(str::to_owned)).collect();
    window.keys("d");
    for (width, height) in SIZES {
        window.size(width, height);
        for theme in ["dark", "light"] {
            window.script(&format!("document.documentElement.dataset.theme = '{theme}'"));
            for room in &rooms {
                window.click(room);
                std::thread::sleep(SETTLING);
                let name = room.trim_start_matches("room-");
                let file = folder.join(format!("{name}-{theme}-{width}x{height}.png"));
                keep(&window, &file)?;
            }
        }
    }
    Ok(())
}

fn keep(window: &Window, file: &Path) -> Result<(), Box<dyn Error>> {
    std::fs::write(file, window.photograph())?;
    println!("{}", file.display());
    Ok(())
}
