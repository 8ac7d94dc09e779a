//! The bar at the bottom: what just happened, what is selected, and what the film is.

use crate::lang::{t, tf, tn};
use crate::state::{Notice, studio};
use crate::widgets::{Icon, clock};
use leptos::prelude::*;

#[component]
pub fn StatusBar() -> impl IntoView {
    let studio = studio();
    let problem = Memo::new(move |_| studio.notice.with(|notice| notice.problem.clone()));
    let text = move || studio.notice.with(|notice| crate::lang::of_studio(&notice.text));
    let selection = Memo::new(move |_| {
        let shot = studio.shot.get().and_then(|shot| studio.card(shot).map(|card| card.number));
        shot.map(|number| tf("shot-n", &[("n", &number)])).unwrap_or_default()
    });
    let film = Memo::new(move |_| {
        let length = studio.length.get();
        studio.film(|film| {
            let size = film.settings.size;
            let seconds = length.to_millis().max(0) / 1000;
            let shots = tn("shots-one", "shots-many", film.shots.len());
            format!(
                "{shots} · {} · {} fps · {} × {}",
                clock(u64::try_from(seconds).unwrap_or(0)),
                film.settings.rate,
                size.width,
                size.height
            )
        })
    });
    let device = move || studio.info.with(|info| info.as_ref().map(|info| info.graphics.clone()).unwrap_or_default());
    view! {
        <footer class="status-bar">
            <div class="status-said" class:failed=move || problem.get().is_some() role="status" aria-live="polite" data-testid="status">
                <Show when=move || problem.get().is_some()><Icon name="circle-x"/></Show>
                <span>{text}</span>
                {move || problem.get().map(|problem| view! {
                    <span class="status-remedy">{problem.remedy}</span>
                    <button type="button" class="link" data-testid="status-dismiss" on:click=move |_| studio.notice.set(Notice::default())>{t("dismiss")}</button>
                })}
            </div>
            <div class="bar-space"></div>
            <span class="status-part" data-testid="status-selection">{move || selection.get()}</span>
            <span class="status-part figures" data-testid="status-film">{move || film.get()}</span>
            <span class="status-part">{device}</span>
        </footer>
    }
}
