//! What can be done with the chosen shots: generate, change together, split, merge, duplicate, remove.

use super::cards::{chosen, duplicate, move_by_one, remove};
use crate::actions::generate;
use crate::lang::{t, tf, tn};
use crate::state::{Studio, studio};
use crate::widgets::{Button, Dialog, Field, Icon, IconButton, Kind};
use kinora_document::recipe::seed_of;
use kinora_document::screenplay::{CameraMove, ShotSize};
use kinora_document::{Command, Shot, ShotId, Ticks};
use leptos::prelude::*;
use std::collections::BTreeSet;

#[component]
pub fn SelectionBar() -> impl IntoView {
    let studio = studio();
    let shots = Memo::new(move |_| chosen(studio));
    let many = Memo::new(move |_| shots.with(Vec::len));
    let several = Signal::derive(move || many.get() > 1);
    let together = Memo::new(move |_| {
        let places = studio.places.get();
        let at: Vec<usize> = shots.with(|shots| shots.iter().filter_map(|shot| places.get(shot).copied()).collect());
        at.len() > 1 && at.windows(2).all(|pair| matches!(pair, [a, b] if a + 1 == *b))
    });
    let form = RwSignal::new(false);
    let each = move |command: fn(ShotId) -> Command| {
        studio.edit_all(shots.get_untracked().into_iter().map(command).collect(), || ());
    };
    view! {
        <Show when=move || { many.get() > 0 }>
            <div class="selection-bar" role="toolbar" aria-label=t("chosen-shots") data-testid="selection-bar">
                <span class="figures selection-count" data-testid="selection-count">
                    {move || if several.get() { tn("chosen-one", "chosen-many", many.get()) } else {
                        shots.get().first().and_then(|shot| studio.card(*shot)).map(|card| tf("shot-n", &[("n", &card.number)])).unwrap_or_default()
                    }}
                </span>
                <Show when=move || several.get()>
                    <IconButton label=t("choose-one") icon="x" testid="selection-clear" on_press=move || studio.shots.set(BTreeSet::new())/>
                </Show>
                <span class="bar-space"></span>
                <IconButton label=Signal::derive(move || tn("generate-chosen-one", "generate-chosen-many", many.get())) icon="sparkles" testid="chosen-generate"
                    on_press=move || generate(studio, shots.get_untracked(), 1, false)/>
                <IconButton label=t("variations-tip") icon="dices" testid="chosen-variations"
                    on_press=move || generate(studio, shots.get_untracked(), 4, true)/>
                <IconButton label=t("together") icon="sliders-horizontal" testid="change-together" on_press=move || form.set(true)/>
                <span class="bar-line"></span>
                <IconButton label=tf("with-key", &[("what", &t("move-earlier")), ("key", &"Alt+←")]) icon="arrow-up" testid="move-earlier" on_press=move || move_by_one(studio, false)/>
                <IconButton label=tf("with-key", &[("what", &t("move-later")), ("key", &"Alt+→")]) icon="arrow-down" testid="move-later" on_press=move || move_by_one(studio, true)/>
                <IconButton label=t("split-shot") icon="split" testid="split-shot" on_press=move || each(|shot| Command::SplitShot { shot })/>
                <IconButton label=t("merge-shots") icon="combine" testid="merge-shots" disabled=Signal::derive(move || !together.get())
                    on_press=move || {
                        let shots = shots.get_untracked();
                        studio.shots.set(BTreeSet::new());
                        studio.edit(Command::MergeShots { shots });
                    }/>
                <IconButton label=tf("with-key", &[("what", &t("duplicate")), ("key", &"Ctrl+D")]) icon="copy" testid="duplicate-shot" on_press=move || duplicate(studio)/>
                <IconButton label=tf("with-key", &[("what", &t("remove-shot")), ("key", &"Delete")]) icon="trash-2" testid="remove-shot" on_press=move || remove(studio)/>
            </div>
        </Show>
        <Show when=move || form.get()><ChangeTogether shots=shots.get_untracked() close=Callback::new(move |()| form.set(false))/></Show>
    }
}

/// What a form for several shots says; None leaves each shot as it is.
#[derive(Clone, Debug, Default, PartialEq)]
struct Wishes {
    framing: Option<String>,
    camera: Option<String>,
    style: Option<String>,
    engine: Option<String>,
    length: Option<Ticks>,
    /// True locks each shot's seed as it is, false lets the studio choose.
    lock: Option<bool>,
    continues: Option<bool>,
}

impl Wishes {
    fn apply(&self, shot: &Shot, seed: u64) -> Shot {
        let mut shot = shot.clone();
        if let Some(framing) = &self.framing {
            shot.framing.clone_from(framing);
        }
        if let Some(camera) = &self.camera {
            shot.camera.clone_from(camera);
        }
        if let Some(style) = &self.style {
            shot.style.clone_from(style);
        }
        if let Some(engine) = &self.engine {
            shot.engine = (!engine.is_empty()).then(|| engine.clone());
        }
        if let Some(length) = self.length {
            shot.length = length;
        }
        if let Some(lock) = self.lock {
            shot.seed = lock.then_some(seed);
        }
        if let Some(continues) = self.continues {
            shot.continues = continues;
        }
        shot
    }
}

/// One command for each shot that would change.
fn commands(studio: Studio, shots: &[ShotId], wishes: &Wishes) -> Vec<Command> {
    studio.film_untracked(|film| {
        let found = shots.iter().filter_map(|shot| film.shots.get(*shot));
        found
            .map(|shot| (shot, wishes.apply(shot, seed_of(film, shot))))
            .filter(|(before, after)| *before != after)
            .map(|(_, after)| Command::SetShot { shot: Box::new(after) })
            .collect()
    })
}

#[component]
fn ChangeTogether(shots: Vec<ShotId>, close: Callback<()>) -> impl IntoView {
    let studio = studio();
    let wishes = RwSignal::new(Wishes::default());
    let count = shots.len();
    let shots = StoredValue::new(shots);
    let seconds = RwSignal::new(String::new());
    let wrong = Memo::new(move |_| seconds.with(|words| !words.trim().is_empty() && seconds_of(words).is_none()));
    let save = move || {
        if wrong.get_untracked() {
            return;
        }
        let mut wishes = wishes.get_untracked();
        wishes.length = seconds_of(&seconds.get_untracked());
        studio.edit_all(shots.with_value(|shots| commands(studio, shots, &wishes)), || ());
        close.run(());
    };
    let choice = move |label: &'static str,
                       testid: &'static str,
                       options: Vec<(String, String)>,
                       set: fn(&mut Wishes, Option<String>)| {
        view! {
            <Field label>
                <select class="input" data-testid=testid aria-label=label on:change=move |event| {
                    let word = event_target_value(&event);
                    wishes.update(|wishes| set(wishes, (word != "\u{1}").then_some(word)));
                }>
                    <option value="\u{1}">{t("leave-as-is")}</option>
                    {options.into_iter().map(|(word, name)| view! { <option value=word>{name}</option> }).collect_view()}
                </select>
            </Field>
        }
    };
    let words = |all: Vec<&'static str>| {
        let none = std::iter::once((String::new(), t("as-script-says").to_owned()));
        none.chain(all.into_iter().map(|word| (word.to_owned(), word.to_owned()))).collect::<Vec<_>>()
    };
    let yes_no = |yes: &'static str, no: &'static str| {
        vec![("yes".to_owned(), yes.to_owned()), ("no".to_owned(), no.to_owned())]
    };
    let engines = std::iter::once((String::new(), t("engine-of-film").to_owned()))
        .chain(studio.models.get_untracked().into_iter().map(|model| (model.name, model.title)))
        .collect::<Vec<_>>();
    view! {
        <Dialog label=t("together") testid="change-together-form" close>
            <h2>{tn("together-one", "together-many", count)}</h2>
            <form class="form" on:submit=move |event| { event.prevent_default(); save(); }>
                {choice(t("framing"), "together-framing", words(ShotSize::ALL.iter().map(|size| size.word()).collect()), |w, word| w.framing = word)}
                {choice(t("camera"), "together-camera", words(CameraMove::ALL.iter().map(|camera| camera.word()).collect()), |w, word| w.camera = word)}
                <Field label=t("length")>
                    <input type="text" inputmode="decimal" class="input figures" data-testid="together-seconds" aria-label=t("length")
                        placeholder=t("leave-as-is") prop:value=seconds on:input=move |event| seconds.set(event_target_value(&event))/>
                </Field>
                <Field label=t("origin-style")>
                    <input type="text" class="input" data-testid="together-style" aria-label=t("origin-style") placeholder=t("leave-as-is") maxlength="400"
                        on:input=move |event| { let style = event_target_value(&event); wishes.update(|w| w.style = (!style.is_empty()).then_some(style)); }/>
                </Field>
                {choice(t("seed"), "together-seed", yes_no(t("lock-seed"), t("unlock-seed")), |w, word| w.lock = word.map(|word| word == "yes"))}
                {choice(t("engine"), "together-engine", engines, |w, word| w.engine = word)}
                {choice(t("continues"), "together-continues", yes_no(t("continues-tip"), t("begins-anew")), |w, word| w.continues = word.map(|word| word == "yes"))}
                {move || wrong.get().then(|| view! { <p class="field-problem" role="alert"><Icon name="triangle-alert"/>{t("note-length-wrong")}</p> })}
                <div class="form-buttons">
                    <Button label=t("cancel") kind=Kind::Quiet testid="together-cancel" on_press=move || close.run(())/>
                    <Button label=tn("together-one", "together-many", count) kind=Kind::Primary testid="together-save" on_press=save/>
                </div>
            </form>
        </Dialog>
    }
}

/// "2.5" as time, to the millisecond; None for anything that is no length of a shot.
fn seconds_of(words: &str) -> Option<Ticks> {
    let words = words.trim().trim_end_matches('s').trim().replace(',', ".");
    let (whole, part) = words.split_once('.').unwrap_or((&words, ""));
    if part.len() > 3 || !part.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let millis = whole.parse::<u32>().ok()?.checked_mul(1000)?.checked_add(format!("{part:0<3}").parse().ok()?)?;
    (1..=600_000).contains(&millis).then(|| Ticks::from_millis(i64::from(millis)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_shots_are_read_without_floats() {
        assert_eq!(seconds_of("2.5"), Some(Ticks::from_millis(2_500)));
        assert_eq!(seconds_of(" 4 s"), Some(Ticks::from_seconds(4)));
        assert_eq!(seconds_of("1,25"), Some(Ticks::from_millis(1_250)));
        for wrong in ["", "0", "-1", "601", "two", "1.2345", "4.x"] {
            assert_eq!(seconds_of(wrong), None, "{wrong}");
        }
    }
}
