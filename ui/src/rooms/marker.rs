//! A marker's words: opened by pressing the marker key where a marker already is, or by a double click on it.

use crate::lang::t;
use crate::state::{Overlay, Studio, studio};
use crate::widgets::{Button, Dialog, Field, Kind};
use kinora_document::{Command, Marker, Ticks};
use leptos::prelude::*;

/// The marker at a time, to within half a frame.
pub fn at(studio: Studio, time: Ticks) -> Option<Marker> {
    let frame = studio.rate_untracked().frame_length();
    studio
        .film_untracked(|film| film.markers.iter().find(|marker| (marker.at.0 - time.0).abs() * 2 <= frame.0).cloned())
}

#[component]
pub fn MarkerWords() -> impl IntoView {
    let studio = studio();
    let close = Callback::new(move |()| studio.overlay.set(Overlay::None));
    let found = StoredValue::new(at(studio, studio.playhead.get_untracked()));
    let text = RwSignal::new(found.with_value(|marker| marker.as_ref().map(|m| m.text.clone()).unwrap_or_default()));
    let save = move || {
        if let Some(marker) = found.get_value()
            && marker.text != text.get_untracked()
        {
            studio.edit(Command::SetMarker { marker: marker.id, text: text.get_untracked() });
        }
        close.run(());
    };
    let remove = move || {
        if let Some(marker) = found.get_value() {
            studio.edit(Command::RemoveMarker { marker: marker.id });
        }
        close.run(());
    };
    view! {
        <Dialog label=t("marker") testid="marker-words" close>
            <h2>{t("marker")}</h2>
            <form class="form" on:submit=move |event| { event.prevent_default(); save(); }>
                <Field label=t("marker-text")>
                    <input type="text" class="input" data-first="" data-testid="marker-text" aria-label=t("marker-text") maxlength="400"
                        prop:value=text on:input=move |event| text.set(event_target_value(&event))/>
                </Field>
                <div class="form-buttons">
                    <Button label=t("marker-remove") icon="trash-2" kind=Kind::Quiet testid="marker-remove" on_press=remove/>
                    <span class="bar-space"></span>
                    <Button label=t("done") kind=Kind::Primary testid="marker-save" on_press=save/>
                </div>
            </form>
        </Dialog>
    }
}
