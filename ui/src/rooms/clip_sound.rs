//! How a clip is heard: volume, fades, place, volume over time; and what an ambience is made of.

use super::clip_inspector::{Chosen, Part, faded, number};
use crate::lang::{t, tf, tn};
use crate::state::{Studio, studio};
use crate::timeline::ambience::{VOICES, ambience_at};
use crate::widgets::{Button, Field, IconButton, Kind, Scale};
use kinora_api::AskMarkBeats;
use kinora_document::{Ambience, AmbienceVoice, Clip, ClipMix, ClipSource, Speeches, Ticks, TrackKind, VolumeKey};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Volume and fades; a title has only the fades, and they are seen.
#[component]
pub fn SoundPart(chosen: Chosen, heard: Memo<bool>) -> impl IntoView {
    let gain = Scale::new(-96.0, 12.0, 0.1, 0.0).unit("dB").digits(1);
    let fade = Scale::new(0.0, 60.0, 0.02, 0.0).unit("s").digits(2);
    let pan = Scale::new(-100.0, 100.0, 1.0, 0.0);
    let spoken_by = Memo::new(move |_| {
        chosen.clip.with(|clip| {
            let ClipSource::Line { shot, line } = clip.as_ref()?.source else { return None };
            chosen.studio.film(|film| {
                let speeches = Speeches::of(film);
                Some(speeches.get(shot, line)?.spoken?.speech.as_ref()?.voice.clone())
            })
        })
    });
    // What the studio made itself has no noise that was not meant.
    let recorded = Memo::new(move |_| chosen.read(|clip| matches!(clip.source, ClipSource::Media(_))));
    let in_music = Memo::new(move |_| {
        let track = chosen.clip.with(|clip| clip.as_ref().map(|clip| clip.track));
        chosen.studio.film(|film| film.tracks.get(track?).map(|track| track.kind == TrackKind::Music)) == Some(true)
    });
    view! {
        <Part title=t("sound") testid="reset-sound" on_reset=move || chosen.change(|clip| {
            clip.gain_millibels = 0;
            clip.fade_in = Ticks::ZERO;
            clip.fade_out = Ticks::ZERO;
            clip.mix = ClipMix::default();
        })/>
        {move || spoken_by.get().map(|voice| view! { <p class="quiet field-note" data-testid="spoken-by">{tf("spoken-by", &[("voice", &voice)])}</p> })}
        <Show when=move || heard.get()>
            {number(chosen, t("volume"), "clip-gain", gain, |c| f64::from(c.gain_millibels) / 100.0, |c, to| c.gain_millibels = (to * 100.0).round() as i32)}
            {number(chosen, t("pan"), "clip-pan", pan, |c| f64::from(c.mix.pan_permille) / 10.0, |c, to| c.mix.pan_permille = (to * 10.0).round() as i32)}
        </Show>
        {number(chosen, t("fade-in"), "clip-fade-in", fade, |c| c.fade_in.to_seconds_for_display(), |c, to| c.fade_in = faded(c, to, c.fade_out))}
        {number(chosen, t("fade-out"), "clip-fade-out", fade, |c| c.fade_out.to_seconds_for_display(), |c, to| c.fade_out = faded(c, to, c.fade_in))}
        <Show when=move || heard.get()>
            <Show when=move || recorded.get()>
                <label class="check" title=t("denoise-hint")>
                    <input type="checkbox" data-testid="clip-denoise" prop:checked=move || chosen.read(|clip| clip.mix.denoise)
                        on:change=move |event| { let to = event_target_checked(&event); chosen.change(|clip| clip.mix.denoise = to); }/>
                    {t("denoise")}
                </label>
            </Show>
            <VolumeKeys chosen/>
            <Show when=move || in_music.get()>
                <Button label=t("mark-beats") icon="flag" kind=Kind::Quiet testid="mark-beats" on_press=move || mark_beats(chosen)/>
            </Show>
        </Show>
    }
}

fn mark_beats(chosen: Chosen) {
    let Some(clip) = chosen.clip.get_untracked() else { return };
    let studio = chosen.studio;
    studio.request::<AskMarkBeats>(clip.id, move |count| studio.say(tn("beats-one", "beats-many", count)));
}

/// Time of a clip's source at a time of the film; None outside the clip.
fn source_at(clip: &Clip, at: Ticks) -> Option<Ticks> {
    let elapsed = at - clip.start;
    let inside = elapsed >= Ticks::ZERO && elapsed <= clip.length;
    let passed = i128::from(elapsed.0) * i128::from(clip.speed_permille) / 1000;
    inside.then(|| clip.source_in + Ticks(i64::try_from(passed).unwrap_or(0)))
}

/// The other way round.
fn film_at(clip: &Clip, key: &VolumeKey) -> Ticks {
    let passed = i128::from((key.at - clip.source_in).0) * 1000 / i128::from(clip.speed_permille.max(1));
    clip.start + Ticks(i64::try_from(passed).unwrap_or(0))
}

/// The volume at the playhead, set by a key there; and the keys there are.
#[component]
fn VolumeKeys(chosen: Chosen) -> impl IntoView {
    let studio = chosen.studio;
    let gain = Scale::new(-96.0, 12.0, 0.1, 0.0).unit("dB").digits(1);
    let here = move || {
        let at = studio.playhead.get();
        chosen.read(|clip| source_at(clip, at).map(|at| clip.mix.volume_at(at)))
    };
    let near = move || Ticks(studio.rate_untracked().frame_length().0 / 2);
    let put = move |clip: &mut Clip, to: f64| {
        if let Some(at) = source_at(clip, studio.playhead.get_untracked()) {
            clip.mix.set_volume(at, (to * 100.0).round() as i32, near());
        }
    };
    let label = t("volume-here");
    let keys = Memo::new(move |_| chosen.read(|clip| clip.mix.volume.clone()));
    view! {
        <details class="fold">
            <summary>{t("volume-over-time")}</summary>
            {move || if here().is_some() {
                view! {
                    <Field label=label>
                        <crate::widgets::Number label=label testid="volume-here" scale=gain value=Signal::derive(move || f64::from(here().unwrap_or(0)) / 100.0)
                            on_drag=move |to| chosen.drag(|clip| put(clip, to)) on_change=move |to| chosen.change(|clip| put(clip, to))
                            on_cancel=move || chosen.cancel()/>
                    </Field>
                }.into_any()
            } else {
                view! { <p class="quiet">{t("playhead-outside")}</p> }.into_any()
            }}
            <ul class="keys" data-testid="volume-keys">
                {move || keys.get().into_iter().enumerate().map(|(place, key)| {
                    let at = chosen.read(|clip| film_at(clip, &key));
                    let when = crate::transport::timecode(at, studio.rate());
                    let what = format!("{when} {:.1} dB", f64::from(key.gain_millibels) / 100.0);
                    let remove = move || chosen.change(|clip| if place < clip.mix.volume.len() { clip.mix.volume.remove(place); });
                    view! {
                        <li><Button label=what.clone() kind=Kind::Quiet testid=format!("volume-key-{place}") on_press=move || studio.playhead.set(at)/>
                            <IconButton label=tf("remove-what", &[("what", &what)]) icon="x" testid=format!("volume-key-{place}-remove") on_press=remove/></li>
                    }
                }).collect_view()}
            </ul>
        </details>
    }
}

fn voice_of(slug: &str) -> Option<AmbienceVoice> {
    VOICES.iter().find(|(.., known)| *known == slug).map(|(voice, ..)| *voice)
}

fn played(clip: &Clip) -> Option<Ambience> {
    if let ClipSource::Ambience(ambience) = clip.source { Some(ambience) } else { None }
}

fn set_played(clip: &mut Clip, change: impl FnOnce(&mut Ambience)) {
    if let ClipSource::Ambience(ambience) = &mut clip.source {
        change(ambience);
    }
}

/// Voice, strength and pace of an ambience.
#[component]
pub fn AmbiencePart(chosen: Chosen) -> impl IntoView {
    let ambience = Memo::new(move |_| chosen.read(played));
    let struck = move || ambience.get().is_some_and(|ambience| ambience.voice.is_struck());
    let strength = Scale::new(0.0, 100.0, 1.0, 60.0).unit("%");
    let pace = Scale::new(0.0, 60.0, 0.05, 0.55).unit("s").digits(2);
    let choose = move |event: web_sys::Event| {
        if let Some(voice) = voice_of(&event_target_value(&event)) {
            chosen.change(|clip| {
                set_played(clip, |ambience| {
                    let Ambience { strength_permille, seed, .. } = *ambience;
                    *ambience = Ambience { strength_permille, seed, ..Ambience::new(voice) };
                });
            });
        }
    };
    view! {
        <h3>{t("ambience")}</h3>
        <Field label=t("ambience-voice")>
            <select class="input" data-testid="ambience-voice" aria-label=t("ambience-voice") on:change=choose>
                {VOICES.iter().map(|(voice, name, slug)| view! {
                    <option value=*slug selected=move || ambience.get().is_some_and(|ambience| ambience.voice == *voice)>{name()}</option>
                }).collect_view()}
            </select>
        </Field>
        {number(chosen, t("strength"), "ambience-strength", strength,
            |c| played(c).map_or(0.0, |a| f64::from(a.strength_permille) / 10.0),
            |c, to| set_played(c, |a| a.strength_permille = (to * 10.0).round() as u32))}
        <Show when=struck>
            {number(chosen, t("pace"), "ambience-pace", pace,
                |c| played(c).map_or(0.0, |a| f64::from(a.pace_millis) / 1000.0),
                |c, to| set_played(c, |a| a.pace_millis = pace_millis(to)))}
        </Show>
        <Button label=t("another-one") icon="dices" kind=Kind::Quiet testid="ambience-seed"
            on_press=move || chosen.change(|clip| set_played(clip, |ambience| ambience.seed = ambience.seed.wrapping_add(1)))/>
    }
}

/// Nothing strikes once; less than the fastest pace is the fastest.
fn pace_millis(seconds: f64) -> u32 {
    let millis = (seconds * 1000.0).round() as u32;
    if millis == 0 { 0 } else { millis.max(kinora_document::ambience::PACE_MILLIS_LOWEST) }
}

/// A menu of everything that the studio can play.
#[component]
pub fn AddAmbience() -> impl IntoView {
    let studio = studio();
    let add = move |event: web_sys::Event| {
        if let Some(voice) = voice_of(&event_target_value(&event)) {
            put(studio, voice);
        }
        if let Some(select) = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlSelectElement>().ok()) {
            select.set_value("");
        }
    };
    view! {
        <select class="input add-track" data-testid="add-ambience" aria-label=t("add-ambience") on:change=add>
            <option value="">{t("add-ambience")}</option>
            {VOICES.iter().map(|(_, name, slug)| view! { <option value=*slug>{name()}</option> }).collect_view()}
        </select>
    }
}

fn put(studio: Studio, voice: AmbienceVoice) {
    let at = studio.playhead.get_untracked();
    match studio.film_untracked(|film| ambience_at(film, voice, at)) {
        Some(command) => studio.edit(command),
        None => studio.say(t("ambience-no-room")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::hands::tests::clip;

    #[test]
    fn a_key_is_found_again_where_it_was_put_at_any_speed() {
        for speed_permille in [500, 1000, 2000] {
            let clip = Clip { speed_permille, source_in: Ticks::from_millis(300), ..clip(1, 1, 2_000, 4_000) };
            let at = Ticks::from_millis(3_200);
            let key = VolumeKey { at: source_at(&clip, at).expect("inside"), gain_millibels: 0 };
            assert_eq!(film_at(&clip, &key), at);
            assert_eq!(source_at(&clip, Ticks::from_millis(6_001)), None);
        }
    }

    #[test]
    fn a_pace_is_never_too_fast() {
        assert_eq!([0.0, 0.01, 0.5].map(pace_millis), [0, 120, 500]);
    }
}
