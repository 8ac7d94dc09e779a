//! Everything about the selected shot that a person may decide, and what the engine makes of its words.

use super::card::{PromptText, Shown, StateChip, card_of, origin_class, origin_name, shown_state};
use super::judged::Judged;
use super::overrun::OverrunNote;
use crate::actions::generate;
use crate::lang::{t, tf};
use crate::state::{new_gesture, studio};
use crate::widgets::{Button, Field, Icon, IconButton, Kind, ProblemNote, Stepper, time_left};
use kinora_api::*;
use kinora_document::prompt::Origin;
use kinora_document::recipe::{model_of, seed_of};
use kinora_document::screenplay::{CameraMove, ShotSize};
use kinora_document::{Command, FrameRate, Shot, ShotId, Ticks};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

#[component]
pub fn Inspector() -> impl IntoView {
    let studio = studio();
    let there = Memo::new(move |_| studio.shot.get().filter(|shot| studio.film(|film| film.shots.contains(*shot))));
    view! {
        <aside class="pane inspector" aria-label=t("inspector")>
            {move || match there.get() {
                Some(shot) => view! { <ShotInspector shot/> }.into_any(),
                None => view! { <div class="empty-pane"><Icon name="mouse-pointer-2"/><p>{t("select-a-shot")}</p></div> }.into_any(),
            }}
        </aside>
    }
}

#[component]
fn ShotInspector(shot: ShotId) -> impl IntoView {
    let studio = studio();
    let card = card_of(studio, shot);
    let state = shown_state(studio, shot);
    let value = Memo::new(move |_| studio.local.with(|l| l.as_ref().and_then(|l| l.film.shots.get(shot).cloned())));
    let change = move |change: &dyn Fn(&mut Shot)| {
        if let Some(mut shot) = value.get_untracked() {
            change(&mut shot);
            if value.get_untracked().as_ref() != Some(&shot) {
                studio.edit_within(Command::SetShot { shot: Box::new(shot) }, Some(new_gesture()));
            }
        }
    };
    let prompt = Signal::derive(move || card.get().map(|card| card.prompt).unwrap_or_default());
    let legal = Memo::new(move |_| legal_lengths(studio, shot));
    let length = Memo::new(move |_| value.get().map_or(Ticks::ZERO, |shot| shot.length));
    let seed = Memo::new(move |_| {
        studio.film(|film| film.shots.get(shot).map(|shot| (seed_of(film, shot), shot.seed.is_some())))
    });
    let type_seed = move |typed: &str| match typed.trim().parse::<u32>() {
        Ok(seed) => change(&|shot| shot.seed = Some(u64::from(seed))),
        Err(_) => studio.say(t("seed-is-a-number")),
    };
    let can_less = Signal::derive(move || legal.with(|legal| legal.iter().any(|l| *l < length.get())));
    let can_more = Signal::derive(move || legal.with(|legal| legal.iter().any(|l| *l > length.get())));
    let step_length = move |by: i32| {
        let now = length.get_untracked();
        let next = legal.with_untracked(|legal| {
            if by > 0 {
                legal.iter().copied().find(|l| *l > now)
            } else {
                legal.iter().rev().copied().find(|l| *l < now)
            }
        });
        if let Some(next) = next {
            change(&|shot| {
                shot.length = next;
                shot.length_fixed = true;
            });
        }
    };
    let framing = move || value.get().map(|shot| shot.framing).unwrap_or_default();
    let camera = move || value.get().map(|shot| shot.camera).unwrap_or_default();
    let overridden = move || value.get().and_then(|shot| shot.prompt_override).unwrap_or_default();
    // What the engine understood, asked again whenever the prompt changes.
    let reading = RwSignal::new(None::<PromptAnswer>);
    let text = Memo::new(move |_| prompt.get().text);
    Effect::new(move |_| {
        let asked = text.get();
        studio.request::<AskReadPrompt>(shot, move |answer| {
            // Answers may overtake each other: one about earlier words is worth nothing.
            if text.try_get_untracked().as_ref() == Some(&asked) {
                reading.set(Some(answer));
            }
        });
    });
    // The way out of a refusal: the prompt as it is, in the field where it can be said differently.
    let own_prompt = NodeRef::<leptos::html::Details>::new();
    let rephrase = Callback::new(move |()| {
        let Some(fold) = own_prompt.get_untracked() else { return };
        fold.set_open(true);
        let field = fold.query_selector("textarea").ok().flatten();
        if let Some(field) = field.and_then(|field| field.dyn_into::<web_sys::HtmlTextAreaElement>().ok()) {
            if field.value().is_empty() {
                field.set_value(&text.get_untracked());
            }
            let _ = field.focus();
            field.select();
        }
    });
    let estimate = RwSignal::new(None::<EstimateAnswer>);
    Effect::new(move |_| {
        length.get();
        let request = GenerateRequest { shots: vec![shot], variations: 1, new_seed: false };
        studio.request::<AskEstimate>(request, move |answer| estimate.set(Some(answer)));
    });
    let origins = Memo::new(move |_| {
        let mut seen: Vec<Origin> = Vec::new();
        for piece in prompt.get().pieces {
            if !seen.contains(&piece.origin) {
                seen.push(piece.origin);
            }
        }
        seen
    });
    view! {
        <div class="pane-head">
            <h2 class="figures">{move || tf("shot-n", &[("n", &card.get().map(|card| card.number).unwrap_or_default())])}</h2>
            <StateChip state/>
        </div>
        <div class="pane-scroll" data-testid="inspector">
            <p class="quiet inspector-heading">{move || card.get().map(|card| card.heading)}</p>
            {move || match state.get() {
                Shown::Failed(job, problem) => view! {
                    <ProblemNote problem=Signal::stored(problem) remedy=(t("retry").to_owned(), Callback::new(move |()| studio.request::<AskRetryJob>(job, |()| ())))/>
                }.into_any(),
                _ => card.get().and_then(|card| card.problem).map(|why| view! { <p class="warning"><Icon name="triangle-alert"/>{why}</p> }).into_any(),
            }}
            <OverrunNote shot overrun=Signal::derive(move || card.get().and_then(|card| card.overrun))/>
            <h3>{t("will-be-sent")}</h3>
            <PromptText prompt/>
            <ul class="legend">
                {move || origins.get().into_iter().map(|origin| view! { <li class=origin_class(origin)>{origin_name(origin)}</li> }).collect_view()}
            </ul>
            {move || reading.get().filter(|r| !r.notes.is_empty()).map(|reading| view! {
                <ul class="word-notes" aria-label=t("word-notes") data-testid="word-notes">
                    {reading.notes.into_iter().map(|note| view! { <li><Icon name="info"/>{note.text}</li> }).collect_view()}
                </ul>
            })}
            {move || reading.get().filter(|r| !r.judged.is_empty()).map(|reading| view! {
                <Judged notes=reading.judged rephrase=rephrase/>
            })}
            <details class="fold" node_ref=own_prompt>
                <summary>{t("write-own-prompt")}</summary>
                <textarea class="input" rows="4" data-testid="prompt-override" aria-label=t("write-own-prompt")
                    placeholder=move || text.get() prop:value=overridden
                    on:change=move |event| {
                        let words = event_target_value(&event).trim().to_owned();
                        change(&|shot| shot.prompt_override = (!words.is_empty()).then(|| words.clone()));
                    }></textarea>
                <p class="quiet">{t("own-prompt-words")}</p>
            </details>
            <Field label=t("framing")>
                <select class="input" data-testid="framing" aria-label=t("framing") prop:value=framing
                    on:change=move |event| { let word = event_target_value(&event); change(&|shot| shot.framing.clone_from(&word)); }>
                    <option value="" selected=move || framing().is_empty()>{t("as-script-says")}</option>
                    {ShotSize::ALL.iter().map(|size| view! { <option value=size.word() selected=move || framing() == size.word()>{size.word()}</option> }).collect_view()}
                </select>
            </Field>
            <Field label=t("camera")>
                <select class="input" data-testid="camera" aria-label=t("camera") prop:value=camera
                    on:change=move |event| { let word = event_target_value(&event); change(&|shot| shot.camera.clone_from(&word)); }>
                    <option value="" selected=move || camera().is_empty()>{t("as-script-says")}</option>
                    {CameraMove::ALL.iter().map(|camera_move| view! {
                        <option value=camera_move.word() selected=move || camera() == camera_move.word()>{camera_move.word()}</option>
                    }).collect_view()}
                </select>
            </Field>
            <Field label=t("length")>
                <Stepper label=t("length") testid="shot-length" value=Signal::derive(move || exact_seconds(length.get()))
                    can_less=can_less can_more=can_more on_step=step_length/>
            </Field>
            <p class="quiet field-note">{move || card.get().filter(|card| card.frames != 0).map(|card| tf("frames-made", &[("n", &card.frames)]))}</p>
            <Field label=t("seed")>
                <input type="text" inputmode="numeric" class="input figures" data-testid="seed" aria-label=t("seed")
                    prop:value=move || seed.get().map(|(seed, _)| seed.to_string()).unwrap_or_default()
                    on:change=move |event| type_seed(&event_target_value(&event))/>
                {move || {
                    let locked = seed.get().is_some_and(|(_, locked)| locked);
                    view! {
                        <IconButton label=t(if locked { "unlock-seed" } else { "lock-seed" }) icon=if locked { "lock" } else { "lock-open" }
                            testid="seed-lock" pressed=Signal::stored(locked)
                            on_press=move || {
                                let now = seed.get_untracked().map(|(seed, _)| seed);
                                change(&|shot| shot.seed = if locked { None } else { now });
                            }/>
                    }
                }}
            </Field>
            <Field label=t("engine")>
                <select class="input" data-testid="shot-engine" aria-label=t("engine")
                    on:change=move |event| { let name = event_target_value(&event); change(&|shot| shot.engine = (!name.is_empty()).then(|| name.clone())); }>
                    <option value="">{t("engine-of-film")}</option>
                    {move || studio.models.get().into_iter().map(|model| {
                        let chosen = value.get().and_then(|shot| shot.engine).is_some_and(|engine| engine == model.name);
                        view! { <option value=model.name selected=chosen>{model.title}</option> }
                    }).collect_view()}
                </select>
            </Field>
            <label class="check">
                <input type="checkbox" data-testid="continues" prop:checked=move || value.get().is_some_and(|shot| shot.continues)
                    on:change=move |event| { let on = event_target_checked(&event); change(&|shot| shot.continues = on); }/>
                <span>{t("continues-tip")}</span>
            </label>
        </div>
        <div class="pane-foot">
            <span class="quiet figures">{move || estimate.get().map(|answer| estimate_words(&answer))}</span>
            <span class="bar-space"></span>
            {move || match state.get() {
                Shown::Queued(_) | Shown::Rendering { .. } => view! {
                    <Button label=t("cancel") icon="x" testid="cancel-shot" on_press=move || crate::actions::perform(studio, crate::actions::Action::CancelGeneration)/>
                }.into_any(),
                shown => {
                    let ready = shown == Shown::Ready;
                    view! {
                        <Button label=t(if ready { "another-take" } else { "generate-this" }) icon="sparkles" kind=Kind::Plain testid="generate-shot"
                            tip=crate::keys::shown_key(crate::actions::Action::GenerateShot) on_press=move || generate(studio, vec![shot], 1, ready)/>
                    }.into_any()
                }
            }}
        </div>
    }
}

/// To the hundredth: neighbouring legal lengths differ by less than a tenth at some rates.
fn exact_seconds(length: Ticks) -> String {
    let hundredths = (length.to_millis() + 5) / 10;
    format!("{}.{:02} s", hundredths / 100, hundredths % 100)
}

fn estimate_words(answer: &EstimateAnswer) -> String {
    let memory = crate::widgets::size_of(answer.estimate.peak_bytes);
    let time = time_left(Some(answer.estimate.millis));
    tf("estimate", &[("time", &time.replace(" left", "")), ("memory", &memory)])
}

/// Every length the shot's engine can make, ascending.
fn legal_lengths(studio: crate::state::Studio, shot: ShotId) -> Vec<Ticks> {
    let lengths = |rate: FrameRate, counts: &[u32]| {
        counts.iter().map(|frames| rate.frame_start(i64::from(*frames))).collect::<Vec<_>>()
    };
    studio.models.with(|models| {
        studio.film(|film| {
            let model = film.shots.get(shot).and_then(|shot| model_of(film, shot, models));
            let assumed =
                || lengths(kinora_document::recipe::assumed::RATE, &kinora_document::recipe::assumed::FRAME_COUNTS);
            model.map_or_else(assumed, |model| lengths(model.rate, &model.frame_counts))
        })
    })
}
