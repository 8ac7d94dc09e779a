//! The menu under the film's name: rename it, or go to another one.

use crate::actions::{Action, perform};
use crate::films;
use crate::keys::shown_key;
use crate::lang::t;
use crate::state::{Overlay, studio};
use crate::widgets::{Icon, Popover};
use kinora_api::FilmToOpen;
use leptos::prelude::*;

#[component]
pub fn FilmMenu() -> impl IntoView {
    let studio = studio();
    let close = Callback::new(move |()| studio.overlay.set(Overlay::None));
    let item = move |action: Action, icon: &'static str| {
        view! {
            <button type="button" class="menu-item" data-testid=format!("menu-{}", action.slug())
                on:click=move |_| { studio.overlay.set(Overlay::None); perform(studio, action); }>
                <Icon name=icon/><span>{action.name()}</span><kbd>{shown_key(action)}</kbd>
            </button>
        }
    };
    let recent = move || studio.info.with(|info| info.as_ref().map(|info| info.recent.clone()).unwrap_or_default());
    let samples = move || studio.info.with(|info| info.as_ref().map(|info| info.samples.clone()).unwrap_or_default());
    view! {
        <Popover label=t("film-menu") testid="film-menu-popover" class="menu left" close>
            <Show when=move || studio.is_open()>
                <label class="menu-rename">
                    <span>{t("film-title")}</span>
                    <input type="text" class="input" data-testid="film-title" maxlength="200"
                        prop:value=move || studio.film(|film| film.settings.title.clone())
                        on:change=move |event| films::rename(studio, event_target_value(&event))/>
                </label>
                {item(Action::ImportScript, "file-down")}
                {item(Action::ImportMedia, "image")}
                <hr/>
            </Show>
            {item(Action::NewFilm, "plus")}
            {item(Action::OpenFilm, "folder-open")}
            <Show when=move || !recent().is_empty()>
                <h3>{t("recent-films")}</h3>
                {move || recent().into_iter().enumerate().take(6).map(|(index, name)| view! {
                    <button type="button" class="menu-item" data-testid=format!("menu-recent-{index}")
                        on:click=move |_| films::open(studio, FilmToOpen::Recent(index))>
                        <Icon name="clock"/><span>{name}</span>
                    </button>
                }).collect_view()}
            </Show>
            <Show when=move || !samples().is_empty()>
                <h3>{t("sample-films")}</h3>
                {move || samples().into_iter().enumerate().map(|(index, name)| {
                    let film = name.clone();
                    view! {
                        <button type="button" class="menu-item" data-testid=format!("menu-sample-{index}")
                            on:click=move |_| films::open(studio, FilmToOpen::Sample(film.clone()))>
                            <Icon name="clapperboard"/><span>{name}</span>
                        </button>
                    }
                }).collect_view()}
            </Show>
        </Popover>
    }
}
