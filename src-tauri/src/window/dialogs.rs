//! Native file dialogs.
//!
//! For tests there is a seam: with `KINORA_DIALOG_ANSWERS` set to a file, each dialog takes its next line as the chosen path, and no dialog
//! opens. An empty line is a person closing the dialog.

use kinora_api::PathPurpose;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use tauri::AppHandle;

static ANSWERED: AtomicUsize = AtomicUsize::new(0);

/// None when the person closed the dialog.
pub async fn ask(app: &AppHandle, purpose: PathPurpose, name: &str) -> Option<PathBuf> {
    if let Some(script) = std::env::var_os("KINORA_DIALOG_ANSWERS") {
        let answers = std::fs::read_to_string(script).unwrap_or_default();
        let line = answers.lines().nth(ANSWERED.fetch_add(1, Ordering::Relaxed))?.trim().to_owned();
        return (!line.is_empty()).then(|| PathBuf::from(line));
    }
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let sender = Mutex::new(Some(sender));
    let name = name.to_owned();
    // GTK wants its widgets made on the main thread; waiting for the answer must not hold that thread up.
    app.run_on_main_thread(move || {
        let dialog = dialog(purpose, &name);
        tauri::async_runtime::spawn(async move {
            let chosen = dialog.await;
            if let Some(sender) = sender.lock().ok().and_then(|mut slot| slot.take()) {
                let _ = sender.send(chosen);
            }
        });
    })
    .ok()?;
    receiver.await.ok().flatten()
}

fn dialog(purpose: PathPurpose, name: &str) -> impl Future<Output = Option<PathBuf>> + Send + use<> {
    use PathPurpose::*;
    let blank = rfd::AsyncFileDialog::new();
    let save = |title: &str, kind: &str, ending: &str| {
        rfd::AsyncFileDialog::new()
            .set_title(title)
            .add_filter(kind, &[ending])
            .set_file_name(format!("{name}.{ending}"))
    };
    let (dialog, mode) = match purpose {
        NewFilm => (save("New film", "Kinora film", "kinora"), Mode::Save),
        OpenFilm => (blank.set_title("Open a film folder (NAME.kinora)"), Mode::Folder),
        ImportScript => (
            blank.set_title("Import a screenplay").add_filter("Screenplay", &["fountain", "txt", "spmd", "fdx"]),
            Mode::File,
        ),
        ImportMedia => (blank.set_title("Import a clip, picture, sound or sub-titles"), Mode::File),
        ImportList => (blank.set_title("Import an opt-out list").add_filter("Opt-out list", &["json"]), Mode::File),
        ExportMp4 => (save("Export the film", "MP4 film", "mp4"), Mode::Save),
        ExportWebM => (save("Export the film", "WebM film", "webm"), Mode::Save),
        ExportPictures => (save("Export pictures and sound", "Folder of pictures", "frames"), Mode::Save),
        ExportContactSheet => (save("Export a contact sheet", "PNG picture", "png"), Mode::Save),
        ExportBoard => (save("Export the board", "PDF document", "pdf"), Mode::Save),
        ExportSubRip => (save("Export the captions", "SubRip sub-titles", "srt"), Mode::Save),
        ExportWebVtt => (save("Export the captions", "WebVTT sub-titles", "vtt"), Mode::Save),
        CameoRecording => (blank.set_title("Add a clip, picture or sound of the cameo"), Mode::File),
        ConsentFile => (blank.set_title("Read a signed consent").add_filter("Signed consent", &["json"]), Mode::File),
        SaveConsent => (save("Save the signed consent", "Signed consent", "json"), Mode::Save),
        VerifyFile => (
            blank
                .set_title("Look at a file")
                .add_filter("Film, picture or sound", &["mp4", "mov", "webm", "mkv", "png", "jpg", "jpeg", "wav"])
                .add_filter("Any file", &["*"]),
            Mode::File,
        ),
        ExportCameo => (save("Export everything about the cameo", "New folder", "cameo"), Mode::Save),
    };
    async move {
        let chosen = match mode {
            Mode::Save => dialog.save_file().await,
            Mode::File => dialog.pick_file().await,
            Mode::Folder => dialog.pick_folder().await,
        };
        chosen.map(|file| file.path().to_owned())
    }
}

enum Mode {
    Save,
    File,
    Folder,
}
