//! The access list of the window: one line per command of `kinora_api::COMMANDS`.
//!
//! Each answers on a thread that may block, so the window never waits for a disk or a model.

#![allow(clippy::needless_pass_by_value, reason = "Tauri hands commands their arguments by value")]

use super::desk::Desk;
use kinora_api::*;
use kinora_backend::Trouble;
use kinora_document::{CameoId, ClipId, ShotId};
use std::sync::Arc;
use tauri::ipc::{Channel, Invoke, InvokeResponseBody};
use tauri::{AppHandle, State, WebviewWindow, Wry};

type Answer<T> = Result<T, Problem>;
type At<'a> = State<'a, Arc<Desk>>;

async fn on<T: Send + 'static>(
    desk: At<'_>,
    work: impl FnOnce(&Arc<Desk>) -> Result<T, Trouble> + Send + 'static,
) -> Answer<T> {
    let desk = desk.inner().clone();
    match tauri::async_runtime::spawn_blocking(move || work(&desk)).await {
        Ok(answer) => answer.map_err(|trouble| trouble.0),
        Err(error) => Err(Problem {
            rule: "fault".to_owned(),
            what: "The studio stumbled over this request; the film is untouched.".to_owned(),
            remedy: "Try again; if it happens again, restart Kinora.".to_owned(),
            detail: error.to_string(),
        }),
    }
}

/// Declares the commands and the handler that dispatches them.
macro_rules! commands {
    ($($name:ident($($request:ident: $kind:ty)?) -> $answer:ty = |$desk:ident| $work:expr;)*) => {
        mod each {
            use super::*;
            $(#[tauri::command]
            pub async fn $name(desk: At<'_>, $($request: $kind)?) -> Answer<$answer> {
                on(desk, move |$desk| $work).await
            })*
        }
        pub fn handler() -> impl Fn(Invoke<Wry>) -> bool + Send + Sync + 'static {
            use each::*;
            tauri::generate_handler![listen, pick_path, replica, ticket, $($name),*]
        }
    };
}

commands! {
    accept_dub(request: u32) -> ClipId = |desk| desk.dubbing().accept(request);
    add_cameo(request: AddCameo) -> CameoId = |desk| desk.add_cameo(request);
    app_info() -> AppInfo = |desk| Ok(desk.app_info());
    cameos() -> CameosAnswer = |desk| desk.cameos();
    cancel_job(request: JobNumber) -> () = |desk| desk.cancel_job(request);
    close_camera() -> () = |desk| { desk.close_camera(); Ok(()) };
    close_dub() -> () = |desk| { desk.close_dub(); Ok(()) };
    create_film(request: CreateFilm) -> () = |desk| desk.create_film(&request);
    delete_cameo(request: CameoId) -> Vec<String> = |desk| desk.delete_cameo(request);
    devices() -> DevicesView = |desk| desk.devices();
    dub() -> DubView = |desk| desk.dubbing().view();
    edit(request: EditRequest) -> Edited = |desk| desk.film()?.session.edit(&request.command, request.gesture);
    effects() -> EffectsAnswer = |_desk| Ok(crate::window::effects::declared());
    enrolment() -> EnrolmentView = |desk| desk.enrolment_view();
    estimate(request: GenerateRequest) -> EstimateAnswer = |desk| desk.estimate(&request);
    export_cameo(request: SaveCameo) -> usize = |desk| desk.export_cameo(request);
    export_consent(request: SaveCameo) -> () = |desk| desk.export_consent(request);
    export_film(request: ExportRequest) -> JobNumber = |desk| desk.export_film(&request);
    export_history() -> Vec<ExportView> = |desk| Ok(desk.export_history());
    finish_enrolment(request: FinishEnrolment) -> CameoId = |desk| desk.finish_enrolment(request);
    generate(request: GenerateRequest) -> Generated = |desk| desk.generate(&request);
    history() -> Vec<HistoryEntry> = |desk| Ok(desk.history());
    import_consent(request: u64) -> CameoId = |desk| desk.import_consent(request);
    import_list(request: u64) -> PolicyView = |desk| desk.import_list(request);
    import_media(request: u64) -> Imported = |desk| desk.import_media(request);
    import_script(request: u64) -> Edited = |desk| desk.import_script(request);
    keep_secret(request: KeepSecret) -> () = |desk| desk.keep_secret(request);
    listen_dub(request: u32) -> () = |desk| desk.dubbing().listen(request);
    mark_beats(request: ClipId) -> usize = |desk| desk.film()?.mark_beats(request);
    models() -> Models = |desk| Ok(desk.models());
    move_job(request: MoveJob) -> () = |desk| desk.film()?.queue.shift(request.job, request.before);
    open_camera(request: OpenCamera) -> EnrolmentView = |desk| desk.open_camera(&request);
    open_dub(request: OpenDub) -> DubView = |desk| desk.open_dub(&request);
    open_export(request: JobNumber) -> () = |desk| desk.open_export(request);
    open_film(request: FilmToOpen) -> () = |desk| desk.open_film(&request);
    pause_queue(request: bool) -> () = |desk| desk.film()?.queue.pause(request);
    place_cameo(request: PlaceCameo) -> Placed = |desk| desk.film()?.place_cameo(&request);
    play(request: PlayRequest) -> () = |desk| desk.play(&request);
    policy() -> PolicyView = |desk| desk.policy();
    purge_cameo(request: CameoId) -> usize = |desk| desk.purge_cameo(request);
    queue() -> QueueView = |desk| Ok(desk.queue());
    read_prompt(request: ShotId) -> PromptAnswer = |desk| desk.film()?.read_prompt(request);
    record_dub() -> () = |desk| desk.dubbing().record();
    record_step(request: RecordStep) -> () = |desk| desk.record_step(&request);
    redo() -> () = |desk| desk.film()?.session.redo().map(drop);
    renew_consent(request: RenewConsent) -> () = |desk| desk.renew_consent(request);
    restore_line(request: ClipId) -> () = |desk| desk.film()?.restore_line(request);
    retry_job(request: JobNumber) -> () = |desk| desk.film()?.queue.retry(request);
    reveal_export(request: JobNumber) -> () = |desk| desk.reveal_export(request);
    revoke_cameo(request: CameoId) -> Withdrawn = |desk| desk.revoke_cameo(request);
    save_settings(request: SavedView) -> () = |desk| desk.save_settings(&request);
    save_view(request: SavedView) -> () = |desk| desk.save_view(&request);
    set_policy(request: SetPolicy) -> PolicyView = |desk| desk.set_policy(&request);
    settings() -> SavedView = |desk| Ok(desk.settings());
    stop() -> () = |desk| desk.stop();
    stop_dub(request: bool) -> () = |desk| desk.dubbing().stop(request);
    undo() -> () = |desk| desk.film()?.session.undo().map(drop);
    unlock_cameos(request: String) -> () = |desk| desk.unlock_cameos(request);
    verify_file(request: u64) -> FileReport = |desk| desk.verify_file(request);
    view() -> SavedView = |desk| Ok(desk.view());
}

/// A longer message is fetched by the page, and as bytes it is read once instead of three times.
const SHORT_MESSAGE: usize = 8_192;

/// Messages to this window, in order, until it closes.
#[tauri::command]
fn listen(desk: At<'_>, channel: Channel) {
    let (desk, messages) = (desk.inner().clone(), desk.events().listen());
    std::thread::spawn(move || {
        if let Some(trouble) = desk.trouble_at_start() {
            desk.events().send(&Event::Notice { text: trouble.to_string(), problem: Some(trouble.0) });
        }
        for message in messages {
            // One that cannot be written is a hole in the numbers, which the page notices.
            let Ok(json) = message.to_json() else { continue };
            let short = json.len() < SHORT_MESSAGE;
            let body = if short { InvokeResponseBody::Json(json) } else { InvokeResponseBody::Raw(json.into_bytes()) };
            if channel.send(body).is_err() {
                break;
            }
        }
    });
}

/// As bytes: a long film is megabytes of JSON, which the page reads once instead of three times.
#[tauri::command]
async fn replica(desk: At<'_>) -> Answer<tauri::ipc::Response> {
    on(desk, |desk| {
        let json = serde_json::to_vec(&desk.replica()).map_err(|error| {
            kinora_ports::Fault::new("The film could not be sent to the window.", "Open the film again.", error)
        })?;
        Ok(tauri::ipc::Response::new(json))
    })
    .await
}

#[tauri::command]
fn ticket(desk: At<'_>, window: WebviewWindow) -> Ticket {
    Ticket { ticket: desk.tickets().of(window.label()) }
}

#[tauri::command]
async fn pick_path(app: AppHandle, desk: At<'_>, request: PathPurpose) -> Answer<Option<PathGrant>> {
    let name = desk.suggested_name();
    let path = super::dialogs::ask(&app, request, &name).await;
    Ok(path.map(|path| desk.grants().mint(path, request)))
}

#[cfg(test)]
mod tests {
    /// The window may call exactly the commands of the api, each granted by name and none by pattern.
    #[test]
    fn the_access_list_is_the_api() {
        let capability: serde_json::Value =
            serde_json::from_str(include_str!("../../capabilities/main.json")).expect("the capability is JSON");
        let granted: Vec<String> = serde_json::from_value(capability["permissions"].clone()).expect("a list of names");
        let wanted: Vec<String> =
            kinora_api::COMMANDS.iter().map(|command| format!("allow-{}", command.replace('_', "-"))).collect();
        assert_eq!(granted, wanted);
        assert_eq!(capability["windows"], serde_json::json!(["main"]));
    }
}
