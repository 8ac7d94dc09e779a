//! The viewfinder: what the camera sees, where a face belongs in it, how loud it is, and which devices are used.
//!
//! One picture at a time is asked for, and the next once that one is shown. Turning left and right round is for the person's eyes alone; what
//! is recorded is never turned round.

use super::watching;
use crate::bridge::camera_address;
use crate::lang::t;
use crate::widgets::{Field, Icon};
use kinora_api::*;
use leptos::prelude::*;
use std::time::Duration;

/// Fifteen pictures a second are enough to find one's place.
const NEXT: Duration = Duration::from_millis(60);
/// After a picture that did not come: the camera is waking up.
const LATER: Duration = Duration::from_millis(300);
/// The quietest that the meter shows.
const METER_MILLIBELS: i32 = 6_000;

pub fn hint_words(hint: EnrolmentHint) -> &'static str {
    match hint {
        EnrolmentHint::TooDark => t("hint-too-dark"),
        EnrolmentHint::TooBright => t("hint-too-bright"),
        EnrolmentHint::Clipping => t("hint-clipping"),
        EnrolmentHint::Noisy => t("hint-noisy"),
        EnrolmentHint::NothingHeard => t("hint-nothing-heard"),
    }
}

#[component]
pub fn Viewfinder(
    view: RwSignal<Option<EnrolmentView>>,
    wish: RwSignal<OpenCamera>,
    on_change: Callback<OpenCamera>,
) -> impl IntoView {
    let (mirror, version) = (RwSignal::new(true), RwSignal::new(0u32));
    let (guide, seen) = (RwSignal::new(true), RwSignal::new(false));
    let camera = Memo::new(move |_| view.with(|view| view.as_ref().is_some_and(|view| view.camera.is_some())));
    let again = move |after: Duration| {
        // The room may have been left meanwhile.
        set_timeout(
            move || {
                let _ = version.try_update(|version| *version = version.wrapping_add(1));
            },
            after,
        );
    };
    let level = Memo::new(move |_| {
        let level = view.with(|view| view.as_ref().map_or(-METER_MILLIBELS, |view| view.level_millibels));
        (level + METER_MILLIBELS).clamp(0, METER_MILLIBELS) * 100 / METER_MILLIBELS
    });
    let hints = Memo::new(move |_| view.with(|view| view.as_ref().map(|view| view.hints.clone()).unwrap_or_default()));
    let without =
        Memo::new(move |_| view.with(|view| view.as_ref().map(|view| view.without.clone()).unwrap_or_default()));
    view! {
        <div class="viewfinder">
            <div class="viewfinder-picture">
                <Show when=move || camera.get() fallback=|| view! { <div class="empty-pane"><Icon name="user"/></div> }>
                    <img class="picture" alt=t("enrol-preview") data-testid="enrol-preview" data-seen=move || seen.get().then_some("yes")
                        src=move || camera_address(mirror.get(), version.get())
                        on:load=move |_| { if !seen.get_untracked() { seen.set(true); } again(NEXT); } on:error=move |_| again(LATER)/>
                    <Show when=move || guide.get()><i class="framing" aria-hidden="true"></i></Show>
                </Show>
            </div>
            <div class="level" role="meter" aria-label=t("enrol-level") aria-valuemin="0" aria-valuemax="100" aria-valuenow=move || level.get().to_string() data-testid="enrol-level">
                <i style:width=move || format!("{}%", level.get())></i></div>
            <ul class="plain">
                {move || hints.get().into_iter().map(|hint| view! { <li class="state stale"><Icon name="triangle-alert"/>{hint_words(hint)}</li> }).collect_view()}
                {move || without.get().into_iter().map(|why| view! { <li class="state stale"><Icon name="info"/>{why}</li> }).collect_view()}
            </ul>
            <Devices wish on_change/>
            <label class="check"><input type="checkbox" data-testid="enrol-mirror" prop:checked=move || mirror.get()
                on:change=move |event| mirror.set(event_target_checked(&event))/><span>{t("enrol-mirror")}</span></label>
            <label class="check"><input type="checkbox" data-testid="enrol-guide" prop:checked=move || guide.get()
                on:change=move |event| guide.set(event_target_checked(&event))/><span>{t("enrol-guide")}</span></label>
        </div>
    }
}

#[component]
fn Devices(wish: RwSignal<OpenCamera>, on_change: Callback<OpenCamera>) -> impl IntoView {
    let (devices, renew) = watching::devices();
    let id = |event: &leptos::ev::Event| Some(event_target_value(event)).filter(|id| !id.is_empty());
    view! {
        <Field label=t("enrol-camera")>
            <select class="input" data-testid="enrol-camera" aria-label=t("enrol-camera") on:focus=move |_| renew()
                on:change=move |event| on_change.run(OpenCamera { camera: id(&event), ..wish.get_untracked() })>
                <option value="">{t("enrol-usual")}</option>
                {move || devices.with(|devices| devices.cameras.clone()).into_iter().map(option(wish, |wish| wish.camera.clone())).collect_view()}
            </select>
        </Field>
        <Field label=t("enrol-microphone")>
            <select class="input" data-testid="enrol-microphone" aria-label=t("enrol-microphone") on:focus=move |_| renew()
                on:change=move |event| on_change.run(OpenCamera { microphone: id(&event), ..wish.get_untracked() })>
                <option value="">{t("enrol-usual")}</option>
                {move || devices.with(|devices| devices.microphones.clone()).into_iter().map(option(wish, |wish| wish.microphone.clone())).collect_view()}
            </select>
        </Field>
    }
}

fn option(wish: RwSignal<OpenCamera>, of: fn(&OpenCamera) -> Option<String>) -> impl Fn(DeviceView) -> AnyView {
    move |device| {
        let chosen = wish.with(|wish| of(wish).as_ref() == Some(&device.id));
        view! { <option value=device.id selected=chosen>{device.name}</option> }.into_any()
    }
}
