//! How a finished film can be told as generated: the small visible sign, and the invisible mark in its frames.
//!
//! Both are on until a person switches them off, and what the law says stands beside the switch. What is set here is the film's own,
//! so the monitor shows it at once.

use crate::lang::{t, tf};
use crate::state::studio;
use crate::widgets::{Field, Icon};
use kinora_document::sign::{SIGN_OPACITIES, SIGN_SIZES};
use kinora_document::{Command, Corner, Settings, Sign};
use leptos::prelude::*;

fn corner_name(corner: Corner) -> &'static str {
    match corner {
        Corner::TopLeft => t("corner-top-left"),
        Corner::TopRight => t("corner-top-right"),
        Corner::BottomLeft => t("corner-bottom-left"),
        Corner::BottomRight => t("corner-bottom-right"),
    }
}

#[component]
pub fn Marks() -> impl IntoView {
    let studio = studio();
    let settings =
        Memo::new(move |_| studio.local.with(|local| local.as_ref().map(|local| local.film.settings.clone())));
    let sign = move || settings.get().map(|settings| settings.sign).unwrap_or_default();
    let watermark = move || settings.get().is_none_or(|settings| settings.watermark);
    let change = move |change: &dyn Fn(&mut Settings)| {
        if let Some(mut settings) = settings.get_untracked() {
            change(&mut settings);
            if Some(&settings) != settings_now(studio).as_ref() {
                studio.edit(Command::SetSettings { settings });
            }
        }
    };
    let change_sign = move |set: &dyn Fn(&mut Sign)| change(&|settings| set(&mut settings.sign));
    let hidden = Signal::derive(move || !sign().shown);
    let slider = move |label: &'static str,
                       testid: &'static str,
                       range: std::ops::RangeInclusive<u32>,
                       read: fn(&Sign) -> u32,
                       set: fn(&mut Sign, u32)| {
        view! {
            <Field label=label>
                <input type="range" class="range" data-testid=testid aria-label=label disabled=move || hidden.get()
                    min=range.start().to_string() max=range.end().to_string() prop:value=move || read(&sign()).to_string()
                    aria-valuetext=move || percent(read(&sign()))
                    on:change=move |event| {
                        let typed = event_target_value(&event).parse::<u32>();
                        if let Ok(value) = typed { change_sign(&|sign| set(sign, value)); }
                    }/>
                <span class="quiet figures">{move || percent(read(&sign()))}</span>
            </Field>
        }
    };
    view! {
        <details class="fold marks" open=true>
            <summary>{t("marks")}</summary>
            <label class="check">
                <input type="checkbox" data-testid="sign-shown" prop:checked=move || sign().shown
                    on:change=move |event| { let on = event_target_checked(&event); change_sign(&|sign| sign.shown = on); }/>
                <span>{t("sign-shown")}</span>
            </label>
            <Field label=t("sign-corner")>
                <select class="input" data-testid="sign-corner" aria-label=t("sign-corner") disabled=move || hidden.get()
                    on:change=move |event| {
                        let name = event_target_value(&event);
                        if let Some(corner) = Corner::ALL.into_iter().find(|corner| corner.name() == name) {
                            change_sign(&|sign| sign.corner = corner);
                        }
                    }>
                    {Corner::ALL.into_iter().map(|corner| view! {
                        <option value=corner.name() selected=move || sign().corner == corner>{corner_name(corner)}</option>
                    }).collect_view()}
                </select>
            </Field>
            {slider(t("sign-size"), "sign-size", SIGN_SIZES, |sign| sign.size_permille, |sign, value| sign.size_permille = value)}
            {slider(t("sign-opacity"), "sign-opacity", SIGN_OPACITIES, |sign| sign.opacity_permille, |sign, value| sign.opacity_permille = value)}
            <label class="check">
                <input type="checkbox" data-testid="watermark" prop:checked=watermark
                    on:change=move |event| { let on = event_target_checked(&event); change(&|settings| settings.watermark = on); }/>
                <span>{t("invisible-mark")}</span>
            </label>
            <Show when=move || hidden.get() || !watermark()>
                <p class="warning" data-testid="law"><Icon name="triangle-alert"/>{t("law-words")}</p>
            </Show>
            <p class="quiet">{t("marks-words")}</p>
        </details>
    }
}

fn settings_now(studio: crate::state::Studio) -> Option<Settings> {
    studio.local.with_untracked(|local| local.as_ref().map(|local| local.film.settings.clone()))
}

/// Thousandths, as a person reads them.
fn percent(permille: u32) -> String {
    tf("percent", &[("n", &format!("{}.{}", permille / 10, permille % 10))]).replace(".0", "")
}
