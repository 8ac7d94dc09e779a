//! Everything about the sound of one track: volume, place, tone, compressor, limiter.
//!
//! It is opened from the track's head and shows in place of the clip's settings until something else is selected. Numbers are dragged,
//! typed or stepped; the monitor plays each change at the next press of play.

use super::clip_inspector::Name;
use crate::lang::{t, tf};
use crate::state::studio;
use crate::timeline::settings::Live;
use crate::widgets::{Field, IconButton, Number, Scale};
use kinora_document::{BandKind, Command, Compressor, EqBand, Track, TrackId, TrackMix, limits};
use leptos::prelude::*;

/// What the parts work on.
#[derive(Clone, Copy)]
struct Heard {
    track: Memo<Option<Track>>,
    live: Live,
}

impl Heard {
    fn planned(self, change: impl Fn(&mut Track)) -> Vec<Command> {
        let Some(before) = self.track.get_untracked() else { return Vec::new() };
        let mut track = before.clone();
        change(&mut track);
        if track == before { Vec::new() } else { vec![Command::SetTrack { track }] }
    }
    fn drag(self, change: impl Fn(&mut Track)) {
        self.live.drag(self.planned(change));
    }
    fn change(self, change: impl Fn(&mut Track)) {
        self.live.finish(self.planned(change));
    }
    fn read<T: Default>(self, read: impl FnOnce(&Track) -> T) -> T {
        self.track.with(|track| track.as_ref().map(read).unwrap_or_default())
    }
}

#[component]
pub fn TrackInspector(track: TrackId) -> impl IntoView {
    let studio = studio();
    let value = Memo::new(move |_| studio.film(|film| film.tracks.get(track).cloned()));
    let heard = Heard { track: value, live: Live::new(studio) };
    let name = move || heard.read(|track| track.name.clone());
    let gain = Scale::new(-96.0, 12.0, 0.1, 0.0).unit("dB").digits(1);
    let pan = Scale::new(-100.0, 100.0, 1.0, 0.0);
    let reset = move || {
        heard.change(|track| {
            track.gain_millibels = 0;
            track.mix = TrackMix::default();
        });
    };
    view! {
        <div class="pane-scroll" data-testid="track-inspector">
            <div class="part-head"><p class="inspector-heading">{name}</p>
                <IconButton label=tf("reset-what", &[("what", &t("sound"))]) icon="rotate-ccw" testid="reset-track" on_press=reset/>
                <IconButton label=t("close") icon="x" testid="close-track" on_press=move || studio.cutting.track.set(None)/></div>
            {number(heard, t("volume"), "track-gain", gain, |t| decibels(t.gain_millibels), |t, to| t.gain_millibels = millibels(to))}
            {number(heard, t("pan"), "track-pan", pan, |t| f64::from(t.mix.pan_permille) / 10.0, |t, to| t.mix.pan_permille = (to * 10.0).round() as i32)}
            <h3>{t("tone")}</h3>
            {BandKind::ALL.into_iter().map(|kind| view! { <Band heard kind/> }).collect_view()}
            <CompressorPart heard/>
            <LimiterPart heard/>
        </div>
    }
}

fn decibels(millibels: i32) -> f64 {
    f64::from(millibels) / 100.0
}

fn millibels(decibels: f64) -> i32 {
    (decibels * 100.0).round() as i32
}

fn number(
    heard: Heard,
    label: &'static str,
    testid: &'static str,
    scale: Scale,
    read: fn(&Track) -> f64,
    write: fn(&mut Track, f64),
) -> impl IntoView + use<> {
    view! {
        <Field label=label>
            <Number label=label testid=testid scale value=Signal::derive(move || heard.read(read))
                on_drag=move |value| heard.drag(|track| write(track, value))
                on_change=move |value| heard.change(|track| write(track, value)) on_cancel=move || heard.live.cancel()/>
        </Field>
    }
}

const BANDS: [(BandKind, Name, &str); 5] = [
    (BandKind::LowCut, || t("band-low-cut"), "low-cut"),
    (BandKind::LowShelf, || t("band-low"), "low"),
    (BandKind::Bell, || t("band-middle"), "middle"),
    (BandKind::HighShelf, || t("band-high"), "high"),
    (BandKind::HighCut, || t("band-high-cut"), "high-cut"),
];

/// The first band of a kind; films made elsewhere may have more of them.
fn band(mix: &TrackMix, kind: BandKind) -> Option<EqBand> {
    mix.equaliser.iter().find(|band| band.kind == kind).copied()
}

fn set_band(mix: &mut TrackMix, kind: BandKind, change: impl FnOnce(&mut EqBand)) {
    match mix.equaliser.iter_mut().find(|band| band.kind == kind) {
        Some(band) => change(band),
        None => {
            let mut band = kind.usual();
            change(&mut band);
            mix.equaliser.push(band);
            mix.equaliser.sort_by_key(|band| band.kind);
        }
    }
}

/// A switch with the band's name, and its numbers when it is on.
#[component]
fn Band(heard: Heard, kind: BandKind) -> impl IntoView {
    let Some((_, name, slug)) = BANDS.into_iter().find(|(known, ..)| *known == kind) else { return ().into_any() };
    let on = Memo::new(move |_| heard.read(|track| band(&track.mix, kind).is_some()));
    let flip = move |wanted: bool| {
        heard.change(|track| {
            if wanted {
                set_band(&mut track.mix, kind, |_| ());
            } else {
                track.mix.equaliser.retain(|band| band.kind != kind);
            }
        });
    };
    let hertz = Scale::new(
        f64::from(limits::EQ_HERTZ_LOWEST),
        f64::from(limits::EQ_HERTZ_HIGHEST),
        10.0,
        f64::from(kind.usual().hertz),
    )
    .unit("Hz");
    let gain = Scale::new(-24.0, 24.0, 0.1, 0.0).unit("dB").digits(1);
    let part = move |what: &'static str, scale: Scale, read: fn(EqBand) -> f64, write: fn(&mut EqBand, f64)| {
        let label = format!("{}: {what}", name());
        let value = Signal::derive(move || heard.read(|track| band(&track.mix, kind).map_or(0.0, read)));
        view! {
            <Number label testid=format!("band-{slug}-{}", scale.unit.to_lowercase()) scale value
                on_drag=move |to| heard.drag(|track| set_band(&mut track.mix, kind, |band| write(band, to)))
                on_change=move |to| heard.change(|track| set_band(&mut track.mix, kind, |band| write(band, to)))
                on_cancel=move || heard.live.cancel()/>
        }
    };
    view! {
        <div class="band">
            <label class="check"><input type="checkbox" data-testid=format!("band-{slug}") prop:checked=move || on.get()
                on:change=move |event| flip(event_target_checked(&event))/>{name()}</label>
            <Show when=move || on.get()>
                <span class="band-numbers">
                    {part(t("frequency"), hertz, |band| f64::from(band.hertz), |band, to| band.hertz = to as u32)}
                    {(!matches!(kind, BandKind::LowCut | BandKind::HighCut)).then(|| {
                        part(t("volume"), gain, |band| decibels(band.gain_millibels), |band, to| band.gain_millibels = millibels(to))
                    })}
                </span>
            </Show>
        </div>
    }
    .into_any()
}

#[component]
fn CompressorPart(heard: Heard) -> impl IntoView {
    let on = Memo::new(move |_| heard.read(|track| track.mix.compressor.is_some()));
    let threshold = Scale::new(-60.0, 0.0, 0.5, -20.0).unit("dB").digits(1);
    let ratio = Scale::new(1.0, 20.0, 0.1, 3.0).unit(": 1").digits(1);
    let attack = Scale::new(0.0, f64::from(limits::ATTACK_MILLIS), 1.0, 10.0).unit("ms");
    let release =
        Scale::new(f64::from(limits::RELEASE_MILLIS_LOWEST), f64::from(limits::RELEASE_MILLIS_HIGHEST), 5.0, 200.0)
            .unit("ms");
    let makeup = Scale::new(0.0, 24.0, 0.1, 3.0).unit("dB").digits(1);
    view! {
        <h3>{t("dynamics")}</h3>
        <label class="check"><input type="checkbox" data-testid="compressor" prop:checked=move || on.get()
            on:change=move |event| { let on = event_target_checked(&event); heard.change(|track| track.mix.compressor = on.then(Compressor::default)); }/>{t("compressor")}</label>
        <Show when=move || on.get()>
            {number(heard, t("threshold"), "threshold", threshold, |t| of(t, |c| decibels(c.threshold_millibels)), |t, to| set(t, |c| c.threshold_millibels = millibels(to)))}
            {number(heard, t("ratio"), "ratio", ratio, |t| of(t, |c| f64::from(c.ratio_permille) / 1000.0), |t, to| set(t, |c| c.ratio_permille = (to * 1000.0).round() as u32))}
            {number(heard, t("attack"), "attack", attack, |t| of(t, |c| f64::from(c.attack_millis)), |t, to| set(t, |c| c.attack_millis = to as u32))}
            {number(heard, t("release"), "release", release, |t| of(t, |c| f64::from(c.release_millis)), |t, to| set(t, |c| c.release_millis = to as u32))}
            {number(heard, t("makeup"), "makeup", makeup, |t| of(t, |c| decibels(c.makeup_millibels)), |t, to| set(t, |c| c.makeup_millibels = millibels(to)))}
        </Show>
    }
}

fn of(track: &Track, read: fn(&Compressor) -> f64) -> f64 {
    track.mix.compressor.as_ref().map_or(0.0, read)
}

fn set(track: &mut Track, write: impl FnOnce(&mut Compressor)) {
    if let Some(compressor) = &mut track.mix.compressor {
        write(compressor);
    }
}

/// Where a limiter begins when it is switched on.
const USUAL_LIMIT: i32 = -300;

#[component]
fn LimiterPart(heard: Heard) -> impl IntoView {
    let on = Memo::new(move |_| heard.read(|track| track.mix.limiter_millibels.is_some()));
    let limit = Scale::new(-60.0, 0.0, 0.1, decibels(USUAL_LIMIT)).unit("dB").digits(1);
    view! {
        <label class="check"><input type="checkbox" data-testid="limiter" prop:checked=move || on.get()
            on:change=move |event| { let on = event_target_checked(&event); heard.change(|track| track.mix.limiter_millibels = on.then_some(USUAL_LIMIT)); }/>{t("limiter")}</label>
        <Show when=move || on.get()>
            {number(heard, t("limit"), "limit", limit, |t| decibels(t.mix.limiter_millibels.unwrap_or(0)), |t, to| t.mix.limiter_millibels = Some(millibels(to)))}
        </Show>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_band_is_set_where_it_is_and_bands_stay_in_order() {
        let mut mix = TrackMix::default();
        set_band(&mut mix, BandKind::HighShelf, |band| band.gain_millibels = 300);
        set_band(&mut mix, BandKind::LowCut, |_| ());
        set_band(&mut mix, BandKind::HighShelf, |band| band.hertz = 9_000);
        let kinds: Vec<BandKind> = mix.equaliser.iter().map(|band| band.kind).collect();
        assert_eq!(kinds, [BandKind::LowCut, BandKind::HighShelf]);
        assert_eq!(band(&mix, BandKind::HighShelf).map(|band| (band.hertz, band.gain_millibels)), Some((9_000, 300)));
        assert!(mix.is_legal());
    }
}
