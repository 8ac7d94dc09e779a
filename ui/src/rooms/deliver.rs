//! The way out: what to make of the film, how far it is, and what was made before.

use super::deliver_marks::Marks;
use super::deliver_presets::{PRESETS, Preset, forecast, pixels};
use super::monitor::Monitor;
use super::queue::GenerateStale;
use crate::actions::Action;
use crate::films::export_as;
use crate::lang::{t, tf, tn};
use crate::state::{Studio, studio};
use crate::widgets::{ActionButton, Button, Icon, IconButton, Kind, Split, clock, size_of, time_left};
use kinora_api::*;
use kinora_document::board::CardState;
use leptos::prelude::*;

#[component]
pub fn Deliver() -> impl IntoView {
    let studio = studio();
    let chosen = RwSignal::new(0_usize);
    let unready = Memo::new(move |_| {
        studio.cards.with(|cards| cards.iter().filter(|card| card.state != CardState::Ready).count())
    });
    let numbers = Memo::new(move |_| {
        studio.exports.with(|exports| exports.iter().map(|export| export.number).collect::<Vec<_>>())
    });
    view! {
        <section class="pane presets-pane" aria-label=t("presets")>
            <div class="pane-head"><h2>{t("presets")}</h2></div>
            <div class="pane-scroll">
                <div class="presets" role="radiogroup" aria-label=t("presets")>
                    {PRESETS.iter().enumerate().map(|(index, preset)| view! {
                        <button type="button" class="preset" role="radio" data-testid=format!("preset-{}", preset.slug)
                            aria-checked=move || (chosen.get() == index).to_string() on:click=move |_| chosen.set(index)
                            on:dblclick=move |_| export_as(studio, preset.format, preset.size, preset.rate, preset.loudness)>
                            <Icon name=preset.icon/>
                            <span><strong>{(preset.name)()}</strong><span class="quiet">{move || preset_words(studio, preset)}</span></span>
                        </button>
                    }).collect_view()}
                </div>
                <Marks/>
            </div>
            <div class="pane-foot">
                <span class="quiet">{t("export-note")}</span>
                <span class="bar-space"></span>
                {move || PRESETS.get(chosen.get()).map(|preset| view! {
                    <Button label=t("export-as") icon="download" kind=Kind::Primary
                        testid=format!("export-{}", preset.slug) on_press=move || export_as(studio, preset.format, preset.size, preset.rate, preset.loudness)/>
                })}
            </div>
        </section>
        <Split name="presets" label=t("split-presets") usual=340 least=280 most=460 sizes=studio.panes/>
        <div class="deliver-centre">
            <Show when=move || { unready.get() > 0 }>
                <div class="warning bar" data-testid="unready"><Icon name="triangle-alert"/>
                    <span>{move || tn("unready-one", "unready-many", unready.get())}</span><span class="bar-space"></span><GenerateStale/></div>
            </Show>
            <Monitor/>
        </div>
        <Split name="exports" label=t("split-exports") usual=320 least=260 most=460 after=true sizes=studio.panes/>
        <section class="pane exports-pane" aria-label=t("exports")>
            <div class="pane-head"><h2>{t("exports")}</h2><span class="bar-space"></span>
                <ActionButton action=Action::VerifyFile icon="eye"/></div>
            <div class="pane-scroll" data-testid="exports">
                <Show when=move || numbers.with(Vec::is_empty)>
                    <div class="empty-pane"><Icon name="download"/><p>{t("exports-empty")}</p></div>
                </Show>
                <For each=move || numbers.get() key=|number| *number children=move |number| view! { <ExportRow number/> }/>
            </div>
        </section>
    }
}

fn preset_words(studio: Studio, preset: &Preset) -> String {
    let own = studio.film(|film| Some((film.settings.size, film.settings.rate, film.length())));
    let Some((own, own_rate, length)) = own else { return String::new() };
    let (size, rate) = (preset.size.unwrap_or(own), preset.rate.unwrap_or(own_rate));
    let words = (preset.words)();
    if matches!(preset.format, ExportFormat::BoardPdf | ExportFormat::SubRip | ExportFormat::WebVtt) {
        return words.to_owned();
    }
    let made = studio.exports.with(|past| forecast(preset.format, pixels(size, rate, length), length, past));
    // A number stays with its unit when the line breaks.
    let together = |words: String| words.replace(' ', "\u{a0}");
    let bytes = together(size_of(made.bytes));
    let about = match made.millis {
        Some(millis) => tf("about-size-and-time", &[("size", &bytes), ("time", &clock(millis.div_ceil(1000)))]),
        None => tf("about-size", &[("size", &bytes)]),
    };
    let shape = together(format!("{} × {}", size.width, size.height));
    format!("{shape} · {} · {words} · {about}", together(format!("{rate} fps")))
}

#[component]
fn ExportRow(number: JobNumber) -> impl IntoView {
    let studio = studio();
    let export = Memo::new(move |_| {
        studio.exports.with(|exports| exports.iter().find(|export| export.number == number).cloned())
    });
    let name = move || export.get().map(|export| export.name).unwrap_or_default();
    let reveal = move || studio.request::<AskRevealExport>(number, |()| ());
    let open = move || studio.request::<AskOpenExport>(number, |()| ());
    let cancel = move || studio.request::<AskCancelJob>(number, |()| ());
    view! {
        <article class="export" data-testid=format!("export-{number}") data-state=move || export.get().map(|export| slug(&export.state))>
            <div class="export-head">
                <strong class="export-name" title=name>{name}</strong>
                {move || match export.get().map(|export| export.state) {
                    Some(ExportState::Running { .. }) => view! { <IconButton label=t("cancel") icon="x" testid=format!("export-{number}-cancel") on_press=cancel/> }.into_any(),
                    Some(ExportState::Done { .. }) => view! {
                        <IconButton label=t("open-file") icon="play" testid=format!("export-{number}-open") on_press=open/>
                        <IconButton label=t("reveal") icon="folder" testid=format!("export-{number}-reveal") on_press=reveal/>
                    }.into_any(),
                    _ => ().into_any(),
                }}
            </div>
            {move || match export.get().map(|export| export.state) {
                Some(ExportState::Running { permille, millis_left, encoder }) => view! {
                    <progress max="1000" value=permille.to_string() aria-label=t("exporting-label")></progress>
                    <span class="quiet figures">{format!("{} % · {} · {encoder}", permille / 10, time_left(millis_left))}</span>
                }.into_any(),
                Some(ExportState::Done { bytes, millis, encoder, signed_by }) => view! {
                    <span class="state ready"><Icon name="circle-check"/>{t("done")}</span>
                    <span class="quiet figures">{format!("{} · {} · {encoder}", size_of(bytes), tf("made-in", &[("time", &clock(millis.div_ceil(1000)))]))}</span>
                    {signed_by.map(|name| view! {
                        <span class="quiet" title=t("signed-note") data-testid=format!("export-{number}-signed")>{tf("signed-by", &[("name", &name)])}</span>
                    })}
                }.into_any(),
                Some(ExportState::Cancelled) => view! { <span class="state quiet"><Icon name="x"/>{t("cancelled")}</span> }.into_any(),
                Some(ExportState::Failed(problem)) => view! {
                    <span class="state failed"><Icon name="circle-x"/>{t("state-failed")}</span>
                    <p>{problem.what}" "{problem.remedy}</p>
                }.into_any(),
                None => ().into_any(),
            }}
        </article>
    }
}

fn slug(state: &ExportState) -> &'static str {
    match state {
        ExportState::Running { .. } => "running",
        ExportState::Done { .. } => "done",
        ExportState::Cancelled => "cancelled",
        ExportState::Failed(_) => "failed",
    }
}
