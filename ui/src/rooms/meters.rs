//! What is heard while the film plays: two bars for the level, a mark for the peak, and loudness as a figure.
//!
//! The figures come with each picture, so they are never newer than what is seen. It is there only while something plays.

use crate::bridge::Levels;
use crate::lang::{t, tf};
use crate::state::studio;
use leptos::prelude::*;

/// The lowest level that the bars show.
const FLOOR: f64 = -60.0;
/// Louder than this is told apart: a codec may clip it.
const HOT: f64 = -1.0;

/// Share of a bar's height, in per cent.
fn height(decibels: f64) -> f64 {
    ((decibels - FLOOR) / -FLOOR * 100.0).clamp(0.0, 100.0)
}

fn words(levels: &Levels) -> String {
    let peak = levels.peak.iter().copied().fold(f64::MIN, f64::max);
    let loudness = levels.loudness.map_or_else(|| "–".to_owned(), |lufs| format!("{lufs:.1}"));
    tf("level-words", &[("loudness", &loudness), ("peak", &format!("{:.1}", peak.max(FLOOR)))])
}

#[component]
pub fn Meters() -> impl IntoView {
    let studio = studio();
    let levels = studio.cutting.levels;
    let side = move |side: usize| {
        let of = move |read: fn(&Levels) -> [f64; 2]| {
            levels
                .with(|levels| levels.as_ref().map_or(FLOOR, |levels| read(levels).get(side).copied().unwrap_or(FLOOR)))
        };
        view! {
            <i class="meter-bar">
                <b style:height=move || format!("{:.1}%", height(of(|levels| levels.mean)))></b>
                <u class:hot=move || of(|levels| levels.peak).ge(&HOT) style:bottom=move || format!("{:.1}%", height(of(|levels| levels.peak)))></u>
            </i>
        }
    };
    view! {
        <Show when=move || levels.with(Option::is_some)>
            <div class="meters" role="img" aria-label=t("levels") data-testid="meters"
                title=move || levels.with(|levels| levels.as_ref().map(words))>
                {side(0)}{side(1)}
                <span class="meter-figure figures" data-testid="loudness">
                    {move || levels.with(|levels| levels.as_ref().and_then(|levels| levels.loudness).map(|lufs| format!("{lufs:.1} LUFS")))}
                </span>
            </div>
        </Show>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_as_they_are_sent() {
        let levels = Levels::read("-602,-2602,-900,-9600,-1850").expect("figures");
        assert_eq!((levels.peak, levels.mean), ([-6.02, -26.02], [-9.0, -96.0]));
        assert_eq!(levels.loudness, Some(-18.5));
        assert_eq!(Levels::read("-1,-2,-3,-4,").and_then(|levels| levels.loudness), None);
        assert_eq!(Levels::read("loud"), None);
        assert_eq!([0.0, -30.0, -96.0].map(height), [100.0, 50.0, 0.0]);
    }
}
