//! The window: Tauri's side of the studio, and nothing of film-making.
//!
//! [`Desk`] answers what the page asks; `commands` is the access list, one line each; `protocol` serves pictures to whoever holds the window's
//! ticket. Nothing here listens on a port or loads anything from outside.

mod cameos;
mod commands;
mod desk;
mod dialogs;
mod dropped;
mod dubbing;
mod effects;
mod exports;
mod films;
mod grants;
mod protocol;

use desk::Desk;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// Opens the studio, on a film or screenplay if one is given, and returns when the window is closed.
pub fn run(file: Option<PathBuf>) -> ExitCode {
    prefer_shared_memory_pictures();
    let output = |text: String| {
        use std::io::Write;
        let _ = writeln!(std::io::stderr().lock(), "kinora: {text}");
    };
    let studio = match crate::studio() {
        Ok(studio) => studio,
        Err(trouble) => {
            output(trouble.to_string());
            return ExitCode::FAILURE;
        }
    };
    let desk = Arc::new(Desk::new(studio));
    match file {
        // What is not there is said where it was asked for, and no window opens.
        Some(file) if !file.exists() => {
            if let Err(trouble) = desk.open_path(&file) {
                output(trouble.to_string());
                return ExitCode::FAILURE;
            }
        }
        Some(file) => desk.open_beside(file),
        None => {}
    }
    let below = desk.clone();
    let app = tauri::Builder::default()
        .manage(desk.clone())
        .register_asynchronous_uri_scheme_protocol("preview", protocol::preview)
        .register_asynchronous_uri_scheme_protocol("media", protocol::media)
        .invoke_handler(commands::handler())
        .on_window_event(move |_, event| {
            if let tauri::WindowEvent::DragDrop(event) = event {
                dropped::hear(&below, event);
            }
        })
        .run(tauri::generate_context!());
    // The open film ends in order: a render under way leaves its checkpoint. A camera is let go of.
    desk.close();
    desk.close_camera();
    match app {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output(format!(
                "The window could not be opened ({error}). On Linux, check that libwebkit2gtk-4.1 is installed."
            ));
            ExitCode::FAILURE
        }
    }
}

/// WebKitGTK draws three times as many frames a second through shared memory when there is no graphics card.
fn prefer_shared_memory_pictures() {
    let name = "WEBKIT_DISABLE_DMABUF_RENDERER";
    let has_card = std::fs::read_dir("/dev/dri")
        .is_ok_and(|entries| entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("renderD")));
    if cfg!(target_os = "linux") && !has_card && std::env::var_os(name).is_none() {
        // SAFETY: the first thing the process does; no other thread exists that could read the environment.
        unsafe { std::env::set_var(name, "1") };
    }
}
