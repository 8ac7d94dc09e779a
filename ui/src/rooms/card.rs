//! One shot on the board: its picture, what will be sent, and in which state it is, each said by shape and word and colour.

use super::queue::stage_name;
use crate::actions::generate;
use crate::board::{Layout, Place};
use crate::bridge::{forming_address, picture_address};
use crate::lang::{t, tf, tn};
use crate::state::{Studio, studio};
use crate::widgets::{Icon, IconButton, Ring, time_left};
use kinora_api::*;
use kinora_document::board::{Card, CardState};
use kinora_document::catalogue::Stage;
use kinora_document::prompt::same_name;
use kinora_document::prompt::{Origin, ShotPrompt};
use kinora_document::{CastMember, ShotId};
use leptos::prelude::*;

/// What a card shows: the board's state, or what the queue is doing about it.
#[derive(Clone, Debug, PartialEq)]
pub enum Shown {
    Empty,
    Stale(Vec<String>),
    Ready,
    Queued(usize),
    Rendering { job: JobNumber, stage: Stage, permille: u32, millis_left: Option<u64> },
    Failed(JobNumber, Problem),
}

/// The card of a shot, as long as the shot is there.
pub fn card_of(studio: Studio, shot: ShotId) -> Memo<Option<Card>> {
    Memo::new(move |_| studio.card(shot))
}

pub fn shown_state(studio: Studio, shot: ShotId) -> Memo<Shown> {
    let card = card_of(studio, shot);
    Memo::new(move |_| {
        let from_queue = studio.queue.with(|queue| {
            let mut waiting = 0;
            for job in &queue.jobs {
                match &job.state {
                    JobState::Waiting => {
                        waiting += 1;
                        if job.shot == shot {
                            return Some(Shown::Queued(waiting));
                        }
                    }
                    JobState::Running { stage, permille, millis_left, .. } if job.shot == shot => {
                        return Some(Shown::Rendering {
                            job: job.number,
                            stage: *stage,
                            permille: *permille,
                            millis_left: *millis_left,
                        });
                    }
                    JobState::Failed(problem) if job.shot == shot => {
                        return Some(Shown::Failed(job.number, problem.clone()));
                    }
                    _ => {}
                }
            }
            None
        });
        from_queue.unwrap_or_else(|| match card.get().map(|card| card.state) {
            Some(CardState::Ready) => Shown::Ready,
            Some(CardState::Stale { changes }) => Shown::Stale(changes),
            _ => Shown::Empty,
        })
    })
}

/// What changed since a take was made, in the words of the person's language.
pub fn changes_in_words(changes: &[String]) -> String {
    let word = |change: &String| {
        let key = format!("change-{}", change.replace(' ', "-"));
        crate::lang::t_of(&key).map_or_else(|| change.clone(), str::to_owned)
    };
    changes.iter().map(word).collect::<Vec<_>>().join(", ")
}

/// The state as a chip: shape, words, colour.
#[component]
pub fn StateChip(state: Memo<Shown>) -> impl IntoView {
    view! {
        {move || match state.get() {
            Shown::Empty => view! { <span class="state empty"><Icon name="circle-dashed"/>{t("state-empty")}</span> }.into_any(),
            Shown::Stale(changes) => view! {
                <span class="state stale" title=t("state-stale-tip")><Icon name="triangle-alert"/>{tf("state-stale", &[("what", &changes_in_words(&changes))])}</span>
            }.into_any(),
            Shown::Ready => view! { <span class="state ready"><Icon name="circle-check"/>{t("state-ready")}</span> }.into_any(),
            Shown::Queued(n) => view! { <span class="state generating"><Icon name="hourglass"/>{tf("state-queued", &[("n", &n)])}</span> }.into_any(),
            Shown::Rendering { stage, permille, millis_left, .. } => view! {
                <span class="state generating"><Ring permille=Signal::stored(permille)/>{stage_name(stage)}" "
                    <span class="figures">{time_left(millis_left)}</span></span>
            }.into_any(),
            Shown::Failed(..) => view! { <span class="state failed"><Icon name="circle-x"/>{t("state-failed")}</span> }.into_any(),
        }}
    }
}

/// The picture of a shot: the forming one while it renders, else the chosen take's, else a still frame of nothing.
#[component]
pub fn Thumbnail(shot: ShotId, state: Memo<Shown>) -> impl IntoView {
    let studio = studio();
    let card = card_of(studio, shot);
    let stored = Memo::new(move |_| {
        let take = card.get().and_then(|card| card.take);
        take.and_then(|take| studio.film(|film| film.takes.get(take).and_then(|take| take.thumbnail)))
    });
    let job = Memo::new(move |_| match state.get() {
        Shown::Rendering { job, .. } => Some(job),
        _ => None,
    });
    let address = move || {
        match job.get() {
            Some(job) => {
                studio.forming.with(|forming| forming.get(&job).copied()).map(|version| forming_address(job, version))
            }
            None => None,
        }
        .or_else(|| stored.get().map(picture_address))
    };
    view! {
        <div class="thumbnail">
            {move || match address() {
                Some(address) => view! { <img src=address alt="" loading="lazy" draggable="false"/> }.into_any(),
                None => view! { <span class="no-picture"><Icon name="clapperboard"/></span> }.into_any(),
            }}
            {move || job.get().map(|_| {
                let permille = Signal::derive(move || match state.get() { Shown::Rendering { permille, .. } => permille, _ => 0 });
                view! { <span class="thumbnail-ring"><Ring permille/></span> }
            })}
        </div>
    }
}

pub fn origin_class(origin: Origin) -> &'static str {
    match origin {
        Origin::Heading => "from-heading",
        Origin::ShotNote => "from-note",
        Origin::Action => "from-action",
        Origin::Cast => "from-cast",
        Origin::Dialogue => "from-dialogue",
        Origin::Style => "from-style",
        Origin::Override => "from-override",
    }
}

pub fn origin_name(origin: Origin) -> &'static str {
    match origin {
        Origin::Heading => t("origin-heading"),
        Origin::ShotNote => t("origin-note"),
        Origin::Action => t("origin-action"),
        Origin::Cast => t("origin-cast"),
        Origin::Dialogue => t("origin-dialogue"),
        Origin::Style => t("origin-style"),
        Origin::Override => t("origin-override"),
    }
}

/// The prompt as it will be sent, each phrase in the colour of where it came from.
#[component]
pub fn PromptText(#[prop(into)] prompt: Signal<ShotPrompt>) -> impl IntoView {
    view! {
        <p class="prompt">
            {move || prompt.get().pieces.into_iter().map(|piece| view! {
                <span class=origin_class(piece.origin) title=origin_name(piece.origin)>{piece.text}</span>
            }).collect_view()}
        </p>
    }
}

pub fn seconds(length: kinora_document::Ticks) -> String {
    let tenths = (length.to_millis() + 50) / 100;
    format!("{}.{} s", tenths / 10, tenths % 10)
}

/// The colour of a member: its own, or one of a few by its place in the cast.
pub fn member_colour(member: &CastMember, place: usize) -> String {
    const USUAL: [[u8; 3]; 8] = [
        [106, 163, 255],
        [127, 209, 174],
        [240, 178, 138],
        [201, 162, 240],
        [230, 207, 122],
        [240, 166, 192],
        [122, 200, 214],
        [170, 182, 140],
    ];
    let [red, green, blue] = member.colour.or(USUAL.get(place % USUAL.len()).copied()).unwrap_or([155, 164, 180]);
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// Who is in a shot: each name once, with the colour of the member it is.
fn people(studio: Studio, shot: ShotId) -> Vec<(String, Option<String>)> {
    studio.film(|film| {
        let Some(shot) = film.shots.get(shot) else { return Vec::new() };
        let said = shot.dialogue.iter().map(|line| &line.character);
        let mut names: Vec<(String, Option<String>)> = Vec::new();
        for name in shot.characters.iter().chain(said) {
            if names.iter().any(|(other, _)| same_name(other, name)) {
                continue;
            }
            let member = film.cast.iter().enumerate().find(|(_, member)| same_name(&member.name, name));
            names.push((name.clone(), member.map(|(place, member)| member_colour(member, place))));
        }
        names
    })
}

#[component]
pub fn ShotCard(shot: ShotId, layout: Memo<Layout>) -> impl IntoView {
    let studio = studio();
    let card = card_of(studio, shot);
    let state = shown_state(studio, shot);
    let number = Memo::new(move |_| card.get().map(|card| card.number).unwrap_or_default());
    let slug = move || number.get().replace('.', "-");
    let prompt = Signal::derive(move || card.get().map(|card| card.prompt).unwrap_or_default());
    let facts = Memo::new(move |_| {
        studio.film(|film| {
            film.shots.get(shot).map(|shot| {
                (shot.framing.clone(), shot.camera.clone(), shot.length, shot.continues, shot.seed.is_some())
            })
        })
    });
    let cast = Memo::new(move |_| people(studio, shot));
    let busy = Memo::new(move |_| matches!(state.get(), Shown::Queued(_) | Shown::Rendering { .. }));
    let current = Memo::new(move |_| studio.shot.get() == Some(shot));
    // Where no card is the current one, Tab comes to the first.
    let first = Memo::new(move |_| {
        let at = |shot: ShotId| studio.places.with(|places| places.get(&shot).copied());
        at(shot) == Some(0) && studio.shot.get().is_none_or(|current| at(current).is_none())
    });
    let chosen = Memo::new(move |_| studio.shots.with(|shots| shots.contains(&shot)));
    let place = Memo::new(move |_| layout.with(|layout| layout.inside(shot)));
    let side = move |read: fn(Place) -> f64| place.get().map(|place| format!("{}px", read(place))).unwrap_or_default();
    let act = move || {
        let job = studio.queue.with_untracked(|queue| {
            queue
                .jobs
                .iter()
                .find(|job| job.shot == shot)
                .map(|job| (job.number, matches!(job.state, JobState::Failed(_))))
        });
        match job {
            Some((number, true)) => studio.request::<AskRetryJob>(number, |()| ()),
            Some((number, false)) => studio.request::<AskCancelJob>(number, |()| ()),
            // A ready shot gets another take, with another seed.
            None => generate(studio, vec![shot], 1, state.get_untracked() == Shown::Ready),
        }
    };
    view! {
        <article class="card" class:selected=move || current.get() class:chosen=move || chosen.get()
            data-testid=move || format!("shot-card-{}", slug()) data-shot=shot.to_string()
            tabindex=move || if current.get() || first.get() { "0" } else { "-1" }
            aria-label=move || tf(if chosen.get() { "shot-n-chosen" } else { "shot-n" }, &[("n", &number.get())])
            aria-current=move || current.get().then_some("true")
            style:left=move || side(|place| place.left) style:top=move || side(|place| place.top)
            style:width=move || side(|place| place.width) style:height=move || side(|place| place.height)>
            <Thumbnail shot state/>
            <div class="card-body">
                <div class="card-head">
                    <span class="card-number figures">{move || number.get()}</span>
                    <StateChip state/>
                    <span class="bar-space"></span>
                    <IconButton testid=format!("generate-{shot}")
                        label=Signal::derive(move || match state.get() {
                            Shown::Ready => t("another-take").to_owned(),
                            Shown::Failed(..) => t("retry").to_owned(),
                            Shown::Queued(_) | Shown::Rendering { .. } => t("cancel").to_owned(),
                            _ => t("generate-this").to_owned(),
                        })
                        icon=Signal::derive(move || match state.get() {
                            Shown::Failed(..) => "rotate-ccw",
                            _ if busy.get() => "x",
                            _ => "sparkles",
                        })
                        on_press=act/>
                </div>
                <PromptText prompt/>
                {move || match state.get() {
                    Shown::Failed(_, problem) => view! { <p class="card-problem failed-words" title=format!("{} {}", problem.what, problem.remedy)>{problem.what.clone()}" "{problem.remedy.clone()}</p> }.into_any(),
                    _ => card.get().and_then(|card| card.problem).map(|why| view! { <p class="card-problem" title=why.clone()>{why.clone()}</p> }).into_any(),
                }}
                <div class="card-cast">
                    {move || cast.get().into_iter().map(|(name, colour)| view! {
                        <span class="cast-name" class:plain=colour.is_none()><i class="dot" style:background-color=colour.clone().unwrap_or_default()></i>{name}</span>
                    }).collect_view()}
                </div>
                <div class="card-facts quiet">
                    {move || facts.get().map(|(framing, camera, length, continues, locked)| view! {
                        <span class="figures">{seconds(length)}</span>
                        {(!framing.is_empty()).then(|| view! { <span>{framing}</span> })}
                        {(!camera.is_empty()).then(|| view! { <span>{camera}</span> })}
                        {continues.then(|| view! { <span title=t("continues-tip")><Icon name="link"/></span> })}
                        {locked.then(|| view! { <span title=t("seed-locked")><Icon name="lock"/></span> })}
                    })}
                    {move || card.get().filter(|card| card.takes > 1).map(|card| view! {
                        <span title=tn("takes-one", "takes-many", card.takes)><Icon name="images"/>{card.takes}</span>
                    })}
                </div>
            </div>
        </article>
    }
}
