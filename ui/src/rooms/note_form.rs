//! A shot note as a form: what it says in fields, and the note itself below, as it will stand in the script.

use super::desk::Desk;
use crate::lang::t;
use crate::widgets::{Button, Dialog, Field, Kind};
use kinora_document::screenplay::{CameraAngle, CameraMove, ShotLength, ShotNote, ShotSize};
use leptos::prelude::*;

#[component]
pub fn NoteForm(desk: Desk) -> impl IntoView {
    let (range, before) = desk.note.get_untracked().unwrap_or_default();
    let fresh = range.is_empty();
    let note = RwSignal::new(before.clone());
    let seconds = RwSignal::new(before.length.map(length_words).unwrap_or_default());
    let seed = RwSignal::new(before.seed.map(|seed| seed.to_string()).unwrap_or_default());
    let wrong = Memo::new(move |_| {
        let length = seconds.with(|words| !words.trim().is_empty() && read_length(words).is_none());
        let number = seed.with(|words| !words.trim().is_empty() && words.trim().parse::<u64>().is_err());
        match (length, number) {
            (true, _) => Some(t("note-length-wrong")),
            (_, true) => Some(t("seed-is-a-number")),
            _ => None,
        }
    });
    let said = Memo::new(move |_| {
        let mut note = note.get();
        note.length = read_length(&seconds.get());
        note.seed = seed.get().trim().parse().ok();
        note
    });
    let close = Callback::new(move |()| desk.note.set(None));
    let save = move || {
        if wrong.get_untracked().is_none() {
            desk.close_note(Some(said.get_untracked()));
        }
    };
    let choice = move |label: &'static str,
                       testid: &'static str,
                       words: Vec<&'static str>,
                       now: String,
                       set: fn(&mut ShotNote, &str)| {
        view! {
            <Field label>
                <select class="input" data-testid=testid aria-label=label
                    on:change=move |event| { let word = event_target_value(&event); note.update(|note| set(note, &word)); }>
                    <option value="" selected=now.is_empty()>{t("note-nothing")}</option>
                    {words.into_iter().map(|word| view! { <option value=word selected=word == now>{word}</option> }).collect_view()}
                </select>
            </Field>
        }
    };
    let word = |word: Option<&'static str>| word.unwrap_or_default().to_owned();
    view! {
        <Dialog label=t("shot-note") testid="note-form" close>
            <h2>{t("shot-note")}</h2>
            <form class="form" on:submit=move |event| { event.prevent_default(); save(); }>
                {choice(t("framing"), "note-framing", ShotSize::ALL.iter().map(|size| size.word()).collect(),
                    word(before.size.map(ShotSize::word)), |note, word| note.size = ShotSize::from_word(word))}
                {choice(t("angle"), "note-angle", CameraAngle::ALL.iter().map(|angle| angle.word()).collect(),
                    word(before.angle.map(CameraAngle::word)), |note, word| note.angle = CameraAngle::from_word(word))}
                {choice(t("camera"), "note-camera", CameraMove::ALL.iter().map(|camera| camera.word()).collect(),
                    word(before.camera.map(CameraMove::word)), |note, word| note.camera = CameraMove::from_word(word))}
                <Field label=t("length")>
                    <input type="text" inputmode="decimal" class="input figures" data-testid="note-seconds" aria-label=t("length")
                        placeholder=t("note-length-hint") prop:value=seconds on:input=move |event| seconds.set(event_target_value(&event))/>
                </Field>
                <Field label=t("seed")>
                    <input type="text" inputmode="numeric" class="input figures" data-testid="note-seed" aria-label=t("seed")
                        placeholder=t("note-seed-hint") prop:value=seed on:input=move |event| seed.set(event_target_value(&event))/>
                </Field>
                <Field label=t("origin-style")>
                    <input type="text" class="input" data-testid="note-style" aria-label=t("origin-style") maxlength="400"
                        prop:value=before.style.clone().unwrap_or_default()
                        on:input=move |event| {
                            let words = event_target_value(&event);
                            note.update(|note| note.style = (!words.trim().is_empty()).then_some(words));
                        }/>
                </Field>
                <label class="check">
                    <input type="checkbox" data-testid="note-from-last" prop:checked=before.from_last
                        on:change=move |event| note.update(|note| note.from_last = event_target_checked(&event))/>
                    <span>{t("continues-tip")}</span>
                </label>
                {move || wrong.get().map(|words| view! { <p class="field-problem" role="alert">{words}</p> })}
                <p class="quiet note-written" data-testid="note-written">{move || format!("[[{}]]", said.get().print())}</p>
                <div class="form-buttons">
                    <Show when=move || !fresh>
                        <Button label=t("note-remove") icon="trash-2" kind=Kind::Quiet testid="note-remove" on_press=move || desk.close_note(None)/>
                    </Show>
                    <span class="bar-space"></span>
                    <Button label=t("cancel") kind=Kind::Quiet testid="note-cancel" on_press=move || close.run(())/>
                    <Button label=t(if fresh { "note-add" } else { "note-save" }) kind=Kind::Primary testid="note-save" on_press=save/>
                </div>
            </form>
        </Dialog>
    }
}

fn length_words(length: ShotLength) -> String {
    match length {
        ShotLength::Frames(frames) => format!("{frames}f"),
        ShotLength::Milliseconds(ms) => {
            let text = format!("{}.{:03}", ms / 1000, ms % 1000);
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
    }
}

/// A bare number is seconds; everything else is read as the note itself would be.
fn read_length(words: &str) -> Option<ShotLength> {
    let words = words.trim().replace(',', ".");
    let bare = words.chars().all(|c| c.is_ascii_digit() || c == '.');
    let part = if bare { format!("{words}s") } else { words.clone() };
    if words.is_empty() || part.contains('|') {
        return None;
    }
    ShotNote::parse(&format!("shot: {part}")).and_then(|(note, _)| note.length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_as_people_type_them() {
        assert_eq!(read_length("4"), Some(ShotLength::Milliseconds(4000)));
        assert_eq!(read_length("2,5"), Some(ShotLength::Milliseconds(2500)));
        assert_eq!(read_length("96f"), Some(ShotLength::Frames(96)));
        assert_eq!(read_length("wide"), None);
        assert_eq!(read_length("900"), None, "longer than a shot may be");
        assert_eq!(length_words(ShotLength::Milliseconds(2500)), "2.5");
        assert_eq!(length_words(ShotLength::Milliseconds(4000)), "4");
    }
}
