//! The engines of this machine: what each can make, its licence, and why it cannot run when it cannot.

use crate::lang::{t, tf};
use crate::state::{Overlay, studio};
use crate::widgets::{Icon, Popover, size_of};
use kinora_document::catalogue::Model;
use kinora_document::{Command, Settings};
use leptos::prelude::*;

#[component]
pub fn EngineCard() -> impl IntoView {
    let studio = studio();
    let close = Callback::new(move |()| studio.overlay.set(Overlay::None));
    let machine = move || {
        studio.info.with(|info| info.as_ref().map(|i| format!("{} · {}", i.compute, i.graphics)).unwrap_or_default())
    };
    let chosen = move || studio.film(|film| film.settings.engine.clone());
    let choose = move |name: String| {
        let settings = studio.local.with_untracked(|local| local.as_ref().map(|local| local.film.settings.clone()));
        if let Some(settings) = settings.filter(|settings| settings.engine != name) {
            studio.edit(Command::SetSettings { settings: Settings { engine: name, ..settings } });
        }
    };
    view! {
        <Popover label=t("engines") testid="engine-popover" class="menu" close>
            <h3>{t("engines")}</h3>
            {move || studio.models.get().into_iter().map(|model| {
                let (name, picked) = (model.name.clone(), model.name.clone());
                let current = move || chosen() == name;
                view! {
                    <button type="button" class="engine" data-testid=format!("engine-{}", model.name)
                        aria-pressed=move || current().to_string() on:click=move |_| choose(picked.clone())>
                        <strong>{model.title.clone()}</strong>
                        <span class="quiet figures">{what_it_makes(&model)}</span>
                        <span class="quiet">{tf("licence", &[("name", &model.licence)])}" · "{size_of(model.weights_bytes)}</span>
                        {model.unavailable.map(|why| view! { <span class="state failed"><Icon name="circle-x"/>{why}</span> })}
                    </button>
                }
            }).collect_view()}
            <p class="quiet menu-foot">{machine}</p>
        </Popover>
    }
}

fn what_it_makes(model: &Model) -> String {
    let size = model.sizes.last().map(|size| format!("{} × {}", size.width, size.height)).unwrap_or_default();
    let longest = model.frame_counts.last().copied().unwrap_or(0);
    let millis = model.rate.frame_start(i64::from(longest)).to_millis();
    let sound = t(if model.makes_sound { "with-sound" } else { "without-sound" });
    format!("{size} · {} fps · ≤ {}.{} s · {sound}", model.rate, millis / 1000, millis / 100 % 10)
}
