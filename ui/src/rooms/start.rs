//! The page without a film: begin one, open one, or look at a sample that is already cut.

use crate::actions::{Action, perform};
use crate::films;
use crate::keys::shown_key;
use crate::lang::t;
use crate::state::studio;
use crate::widgets::{Button, Icon, Kind, ProblemNote};
use kinora_api::FilmToOpen;
use leptos::prelude::*;

#[component]
pub fn Start() -> impl IntoView {
    let studio = studio();
    let recent = move || studio.info.with(|info| info.as_ref().map(|info| info.recent.clone()).unwrap_or_default());
    let samples = move || studio.info.with(|info| info.as_ref().map(|info| info.samples.clone()).unwrap_or_default());
    let problem = move || studio.notice.with(|notice| notice.problem.clone());
    let machine = move || {
        studio.info.with(|info| {
            info.as_ref()
                .map(|info| format!("Kinora {} · {} · {}", info.version, info.compute, info.graphics))
                .unwrap_or_default()
        })
    };
    view! {
        <div class="start-page" data-testid="start-page">
            <section class="start-hero">
                <h1>{t("start-title")}</h1>
                <p>{t("start-words")}</p>
                <div class="start-buttons">
                    <Button label=t("do-new-film") icon="plus" kind=Kind::Primary testid="new-film"
                        tip=shown_key(Action::NewFilm) on_press=move || perform(studio, Action::NewFilm)/>
                    <Button label=t("do-open-film") icon="folder-open" testid="open-film"
                        tip=shown_key(Action::OpenFilm) on_press=move || perform(studio, Action::OpenFilm)/>
                    <Button label=t("do-verify-file") icon="eye" testid="verify-file"
                        tip=t("verify-tip") on_press=move || perform(studio, Action::VerifyFile)/>
                </div>
                {move || problem().map(|problem| view! { <ProblemNote problem=Signal::stored(problem)/> })}
            </section>
            <div class="start-columns">
                <section aria-label=t("sample-films")>
                    <h2>{t("sample-films")}</h2>
                    <p class="quiet">{t("samples-words")}</p>
                    <div class="start-list">
                        {move || samples().into_iter().enumerate().map(|(index, name)| {
                            let film = name.clone();
                            view! {
                                <button type="button" class="start-item" data-testid=format!("sample-{index}")
                                    on:click=move |_| films::open(studio, FilmToOpen::Sample(film.clone()))>
                                    <span class=format!("sample-art art-{}", index % 3)><Icon name="clapperboard"/></span>
                                    <span>{name}</span>
                                </button>
                            }
                        }).collect_view()}
                    </div>
                </section>
                <section aria-label=t("recent-films")>
                    <h2>{move || t(if recent().is_empty() { "first-steps" } else { "recent-films" })}</h2>
                    <Show when=move || recent().is_empty()>
                        <ol class="steps">
                            <li><strong>{t("tour-1")}</strong><span>{t("tour-1-words")}</span></li>
                            <li><strong>{t("tour-2")}</strong><span>{t("tour-2-words")}</span></li>
                            <li><strong>{t("tour-3")}</strong><span>{t("tour-3-words")}</span></li>
                        </ol>
                    </Show>
                    <div class="start-list">
                        {move || recent().into_iter().enumerate().take(8).map(|(index, name)| view! {
                            <button type="button" class="start-item" data-testid=format!("recent-{index}")
                                on:click=move |_| films::open(studio, FilmToOpen::Recent(index))>
                                <Icon name="clock"/><span>{name}</span>
                            </button>
                        }).collect_view()}
                    </div>
                </section>
            </div>
            <p class="start-foot quiet">{machine}</p>
        </div>
    }
}
