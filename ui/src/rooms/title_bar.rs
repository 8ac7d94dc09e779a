//! The bar at the top: which film, which room, what is running, and the way back.

use super::{engine_card, film_menu, history, queue};
use crate::actions::{Action, perform};
use crate::keys::with_key;
use crate::lang::{t, tf, tn};
use crate::state::{Overlay, Room, studio};
use crate::widgets::{ActionButton, Icon, Ring, time_left};
use kinora_api::JobState;
use leptos::prelude::*;

#[component]
pub fn TitleBar() -> impl IntoView {
    let studio = studio();
    let title = Memo::new(move |_| studio.film(|film| film.settings.title.clone()));
    let undo =
        Signal::derive(move || label("undo-what", studio.local.with(|l| l.as_ref().and_then(|l| l.undo.clone()))));
    let redo =
        Signal::derive(move || label("redo-what", studio.local.with(|l| l.as_ref().and_then(|l| l.redo.clone()))));
    let open_menu = move |overlay: Overlay| {
        studio.overlay.update(|now| *now = if *now == overlay { Overlay::None } else { overlay });
    };
    view! {
        <header class="title-bar">
            <div class="anchor">
                <button type="button" class="film-name" data-testid="film-menu" title=t("film-menu")
                    aria-haspopup="dialog" aria-expanded=move || (studio.overlay.get() == Overlay::FilmMenu).to_string()
                    on:click=move |_| open_menu(Overlay::FilmMenu)>
                    <Icon name="film"/>
                    <span class="film-title">{move || if studio.is_open() { title.get() } else { t("kinora").to_owned() }}</span>
                    <Icon name="chevron-down"/>
                </button>
                <Show when=move || studio.overlay.get() == Overlay::FilmMenu><film_menu::FilmMenu/></Show>
            </div>
            <nav class="rooms" aria-label=t("rooms")>
                <Show when=move || studio.is_open()>
                    {Room::ALL.into_iter().map(|room| {
                        let action = action_of(room);
                        view! {
                            <button type="button" class="room-tab" class:pointed=move || super::tour::points_at(studio) == Some(room) data-testid=action.slug() title=with_key(action)
                                aria-current=move || (studio.room.get() == room).then_some("page")
                                on:click=move |_| perform(studio, action)>{room.name()}</button>
                        }
                    }).collect_view()}
                </Show>
            </nav>
            <div class="bar-space"></div>
            <div class="anchor">
                <EngineChip/>
                <Show when=move || studio.overlay.get() == Overlay::EngineCard><engine_card::EngineCard/></Show>
            </div>
            <Show when=move || studio.is_open()>
                <div class="anchor">
                    <QueueChip/>
                    <Show when=move || studio.overlay.get() == Overlay::Queue><queue::QueuePopover/></Show>
                </div>
                <div class="bar-group">
                    <ActionButton action=Action::Undo icon="undo-2" label=undo disabled=Signal::derive(move || undo.get().is_empty())/>
                    <ActionButton action=Action::Redo icon="redo-2" label=redo disabled=Signal::derive(move || redo.get().is_empty())/>
                    <div class="anchor">
                        <ActionButton action=Action::History icon="history"/>
                        <Show when=move || studio.overlay.get() == Overlay::History><history::HistoryPopover/></Show>
                    </div>
                </div>
            </Show>
            <div class="bar-group">
                <ActionButton action=Action::Settings icon="sliders-horizontal"/>
                <ActionButton action=Action::Shortcuts icon="keyboard"/>
                <ActionButton action=Action::Palette icon="search"/>
            </div>
        </header>
    }
}

fn action_of(room: Room) -> Action {
    match room {
        Room::Write => Action::RoomWrite,
        Room::Board => Action::RoomBoard,
        Room::Edit => Action::RoomEdit,
        Room::Cast => Action::RoomCast,
        Room::Cameo => Action::RoomCameo,
        Room::Deliver => Action::RoomDeliver,
    }
}

fn label(key: &'static str, what: Option<String>) -> String {
    what.map(|what| tf(key, &[("what", &crate::lang::of_studio(&what))])).unwrap_or_default()
}

/// Which engine makes the shots, and whether it can run here.
#[component]
fn EngineChip() -> impl IntoView {
    let studio = studio();
    let chosen = Memo::new(move |_| {
        let name = studio.film(|film| film.settings.engine.clone());
        studio.models.with(|models| models.iter().find(|m| m.name == name).or_else(|| models.first()).cloned())
    });
    view! {
        <button type="button" class="chip" data-testid="engine-chip" title=t("engine-tip")
            aria-haspopup="dialog" aria-expanded=move || (studio.overlay.get() == Overlay::EngineCard).to_string()
            on:click=move |_| studio.overlay.update(|o| *o = if *o == Overlay::EngineCard { Overlay::None } else { Overlay::EngineCard })>
            <Icon name="cpu"/>
            <span>{move || chosen.get().map_or(t("no-engine").to_owned(), |model| model.title)}</span>
            <Show when=move || chosen.get().is_some_and(|model| model.unavailable.is_some())>
                <span class="state failed"><Icon name="circle-x"/></span>
            </Show>
        </button>
    }
}

/// What is running: a ring, how many, and the time left.
#[component]
fn QueueChip() -> impl IntoView {
    let studio = studio();
    let busy = Memo::new(move |_| {
        studio.queue.with(|queue| queue.jobs.iter().filter(|job| !matches!(job.state, JobState::Failed(_))).count())
    });
    let failed = Memo::new(move |_| {
        studio.queue.with(|queue| queue.jobs.iter().filter(|job| matches!(job.state, JobState::Failed(_))).count())
    });
    let permille = Signal::derive(move || {
        studio.queue.with(|queue| {
            queue.jobs.iter().find_map(|job| match job.state {
                JobState::Running { permille, .. } => Some(permille),
                _ => None,
            })
        })
    });
    let words = move || {
        if studio.queue.with(|queue| queue.paused) && busy.get() > 0 {
            return t("queue-paused").to_owned();
        }
        match (busy.get(), studio.queue.with(|queue| queue.millis_left)) {
            (0, _) if failed.get() > 0 => tn("failed-one", "failed-many", failed.get()),
            (0, _) => t("queue-empty").to_owned(),
            (n, None) => tn("shots-one", "shots-many", n),
            (n, left) => format!("{} · {}", tn("shots-one", "shots-many", n), time_left(left)),
        }
    };
    view! {
        <button type="button" class="chip" class:busy=move || busy.get() != 0 data-testid="queue-chip"
            title=with_key(Action::Queue)
            aria-haspopup="dialog" aria-expanded=move || (studio.overlay.get() == Overlay::Queue).to_string()
            on:click=move |_| perform(studio, Action::Queue)>
            {move || match permille.get() {
                Some(_) => view! { <Ring permille=Signal::derive(move || permille.get().unwrap_or(0))/> }.into_any(),
                None => view! { <Icon name="list-video"/> }.into_any(),
            }}
            <span class="figures">{words}</span>
        </button>
    }
}
