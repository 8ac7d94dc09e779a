//! A new film: its title, shape and rate, then where to keep it.

use crate::films;
use crate::lang::t;
use crate::state::{Overlay, studio};
use crate::widgets::{Button, Dialog, Field, Kind};
use kinora_document::{FrameRate, FrameSize};
use leptos::prelude::*;

const SIZES: [(&str, u32, u32); 5] = [
    ("1280 × 720", 1280, 720),
    ("1920 × 1080", 1920, 1080),
    ("1080 × 1920", 1080, 1920),
    ("1080 × 1080", 1080, 1080),
    ("1080 × 1350", 1080, 1350),
];
const RATES: [FrameRate; 6] = [
    FrameRate::FPS_23_976,
    FrameRate::FPS_24,
    FrameRate::FPS_25,
    FrameRate::FPS_29_97,
    FrameRate { frames: 30, seconds: 1 },
    FrameRate { frames: 60, seconds: 1 },
];

#[component]
pub fn NewFilm() -> impl IntoView {
    let studio = studio();
    let title = RwSignal::new(String::new());
    let size = RwSignal::new(0_usize);
    let rate = RwSignal::new(1_usize);
    let close = Callback::new(move |()| studio.overlay.set(Overlay::None));
    let create = move || {
        let (width, height) =
            SIZES.get(size.get_untracked()).map_or((1280, 720), |(_, width, height)| (*width, *height));
        let rate = RATES.get(rate.get_untracked()).copied().unwrap_or(FrameRate::FPS_24);
        films::create(studio, title.get_untracked(), FrameSize { width, height }, rate);
    };
    view! {
        <Dialog label=t("do-new-film") testid="new-film-dialog" close>
            <h2>{t("do-new-film")}</h2>
            <form class="form" on:submit=move |event| { event.prevent_default(); create(); }>
                <Field label=t("film-title")>
                    <input type="text" class="input" data-first="" data-testid="new-film-title" aria-label=t("film-title")
                        placeholder=t("untitled") maxlength="200" on:input=move |event| title.set(event_target_value(&event))/>
                </Field>
                <Field label=t("picture-size")>
                    <select class="input" data-testid="new-film-size" aria-label=t("picture-size")
                        on:change=move |event| size.set(event_target_value(&event).parse().unwrap_or(0))>
                        {SIZES.iter().enumerate().map(|(index, (name, ..))| view! { <option value=index.to_string()>{*name}</option> }).collect_view()}
                    </select>
                </Field>
                <Field label=t("frame-rate")>
                    <select class="input" data-testid="new-film-rate" aria-label=t("frame-rate")
                        on:change=move |event| rate.set(event_target_value(&event).parse().unwrap_or(1))>
                        {RATES.iter().enumerate().map(|(index, rate)| view! {
                            <option value=index.to_string() selected=index == 1>{format!("{rate} fps")}</option>
                        }).collect_view()}
                    </select>
                </Field>
                <div class="form-buttons">
                    <Button label=t("cancel") kind=Kind::Quiet testid="new-film-cancel" on_press=move || close.run(())/>
                    <Button label=t("choose-where") kind=Kind::Primary testid="new-film-create" on_press=create/>
                </div>
            </form>
        </Dialog>
    }
}
