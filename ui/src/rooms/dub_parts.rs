//! The parts of the dub dialog: takes to listen to and choose from, the microphone, the words for what is happening; and the dub's buttons in
//! the clip inspector.
//!
//! They only show and ask; what a take sounds like is the studio's.

use super::clip_inspector::Chosen;
use super::dub::{begin, can_be_dubbed};
use super::watching;
use crate::keys::with_key;
use crate::lang::{t, tf};
use crate::widgets::{Button, Field, Icon, IconButton, Kind};
use kinora_api::*;
use kinora_document::ClipSource;
use leptos::prelude::*;

/// The quietest that the meter shows.
const METER_MILLIBELS: i32 = 6_000;
/// Nearer to full scale than this, something was probably cut off.
const LOUD_MILLIBELS: i32 = -10;
/// How far three beeps are apart.
const BEAT_MILLIS: u64 = 667;

pub fn level_percent(view: Option<&DubView>) -> i32 {
    let level = view.map_or(-METER_MILLIBELS, |view| view.level_millibels);
    (level + METER_MILLIBELS).clamp(0, METER_MILLIBELS) * 100 / METER_MILLIBELS
}

/// Three, two, one.
pub fn beat(millis_left: u64) -> u64 {
    millis_left.div_ceil(BEAT_MILLIS).clamp(1, 3)
}

/// In whole seconds, so that what is read aloud changes no more often.
pub fn doing_words(doing: DubDoing) -> String {
    match doing {
        DubDoing::Ready => t("dub-ready").to_owned(),
        DubDoing::Counting { .. } => t("dub-counting").to_owned(),
        DubDoing::Recording { millis, .. } => tf("dub-recording", &[("n", &(millis / 1000))]),
        DubDoing::Listening { take } => tf("dub-hearing", &[("n", &take)]),
    }
}

fn seconds(take: &DubTake) -> String {
    let tenths = take.length.to_millis() / 100;
    tf("enrol-seconds", &[("n", &format!("{}.{}", tenths / 10, tenths % 10))])
}

#[component]
pub fn Takes(
    takes: Memo<Vec<DubTake>>,
    chosen: RwSignal<u32>,
    doing: Memo<DubDoing>,
    on_listen: Callback<u32>,
) -> impl IntoView {
    let row = move |take: DubTake| {
        let number = take.number;
        let heard = Memo::new(move |_| doing.get() == DubDoing::Listening { take: number });
        let busy = Memo::new(move |_| matches!(doing.get(), DubDoing::Counting { .. } | DubDoing::Recording { .. }));
        let label =
            Signal::derive(
                move || {
                    if heard.get() { t("dub-stop").to_owned() } else { tf("dub-listen", &[("n", &number)]) }
                },
            );
        view! {
            <li data-testid=format!("dub-take-{number}")>
                <label class="check"><input type="radio" name="dub-take" data-testid=format!("dub-choose-{number}")
                    prop:checked=move || chosen.get() == number on:change=move |_| chosen.set(number)/>
                    <span>{tf("dub-take", &[("n", &number)])}</span></label>
                <span class="quiet figures">{seconds(&take)}</span>
                {(take.peak_millibels >= LOUD_MILLIBELS).then(|| view! { <span class="state stale"><Icon name="triangle-alert"/>{t("found-too-loud")}</span> })}
                {take.cut_short.then(|| view! { <span class="state stale"><Icon name="triangle-alert"/>{t("dub-cut-short")}</span> })}
                <span class="bar-space"></span>
                <IconButton label icon=Signal::derive(move || if heard.get() { "square" } else { "play" }) testid=format!("dub-listen-{number}")
                    disabled=busy on_press=move || on_listen.run(number)/>
            </li>
        }
    };
    view! {
        <ul class="plain dub-takes" aria-label=t("dub-takes") data-testid="dub-takes">
            {move || takes.get().into_iter().map(row).collect_view()}
        </ul>
        <Show when=move || takes.with(Vec::is_empty)><p class="quiet">{t("dub-no-takes")}</p></Show>
    }
}

#[component]
pub fn Microphone(wish: RwSignal<OpenDub>, on_change: Callback<OpenDub>) -> impl IntoView {
    let (devices, renew) = watching::devices();
    let choose = move |event: leptos::ev::Event| {
        let microphone = Some(event_target_value(&event)).filter(|id| !id.is_empty());
        on_change.run(OpenDub { microphone, ..wish.get_untracked() });
    };
    view! {
        <Field label=t("enrol-microphone")>
            <select class="input" data-testid="dub-microphone" aria-label=t("enrol-microphone") on:focus=move |_| renew() on:change=choose>
                <option value="">{t("enrol-usual")}</option>
                {move || devices.with(|devices| devices.microphones.clone()).into_iter().map(|device| {
                    let chosen = wish.with(|wish| wish.microphone.as_ref() == Some(&device.id));
                    view! { <option value=device.id selected=chosen>{device.name}</option> }
                }).collect_view()}
            </select>
        </Field>
    }
}

/// In the inspector of a spoken line: speak it yourself, or have its voice again.
#[component]
pub fn DubPart(chosen: Chosen) -> impl IntoView {
    let studio = chosen.studio;
    let speaks = Memo::new(move |_| {
        chosen.clip.with(|clip| studio.film(|film| clip.as_ref().is_some_and(|clip| can_be_dubbed(film, clip))))
    });
    let dubbed = Memo::new(move |_| {
        chosen.clip.with(|clip| {
            let ClipSource::Media(media) = clip.as_ref()?.source else { return None };
            studio.film(|film| Some(film.media.get(media)?.dubs.as_ref()?.text.clone()))
        })
    });
    let restore = move || {
        if let Some(clip) = chosen.clip.get_untracked() {
            studio.request::<AskRestoreLine>(clip.id, |()| ());
        }
    };
    view! {
        <Show when=move || speaks.get()>
            {move || dubbed.get().map(|text| view! { <p class="quiet field-note" data-testid="clip-dubs">{tf("dub-of", &[("text", &text)])}</p> })}
            <div class="dub-buttons">
                <Button label=t("dub-open") icon="mic" testid="clip-dub" on_press=move || begin(studio)
                    tip=Signal::derive(move || { studio.cutting.keys.track(); with_key(crate::actions::Action::DubLine) })/>
                <Show when=move || dubbed.get().is_some()>
                    <Button label=t("dub-restore") icon="rotate-ccw" kind=Kind::Quiet testid="clip-undub" on_press=restore/>
                </Show>
            </div>
        </Show>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_counted_in_from_three_to_one() {
        let beats: Vec<u64> = [2_000, 1_400, 1_300, 700, 600, 1, 0].into_iter().map(beat).collect();
        assert_eq!(beats, [3, 3, 2, 2, 1, 1, 1]);
    }

    #[test]
    fn the_meter_is_empty_in_silence_and_full_at_full_scale() {
        assert_eq!(level_percent(None), 0);
        let view = |level_millibels| DubView {
            from: kinora_document::Ticks::ZERO,
            until: kinora_document::Ticks::ZERO,
            character: String::new(),
            text: String::new(),
            microphone: None,
            without: None,
            doing: DubDoing::Ready,
            level_millibels,
            hints: Vec::new(),
            takes: Vec::new(),
            problem: None,
        };
        assert_eq!((level_percent(Some(&view(-9_600))), level_percent(Some(&view(0)))), (0, 100));
        assert_eq!(level_percent(Some(&view(-3_000))), 50);
    }
}
