//! How the window looks and speaks: theme, contrast, size of the text, motion, language. Every choice is seen at once.

use super::house::House;
use crate::lang::{LANGUAGES, t, tf};
use crate::state::{Overlay, studio};
use crate::theme::{Manners, TEXT_SIZES, speak};
use crate::widgets::{Button, Dialog, Field, IconButton, Kind};
use leptos::prelude::*;

#[component]
pub fn Settings() -> impl IntoView {
    let studio = studio();
    let close = Callback::new(move |()| studio.overlay.set(Overlay::None));
    let manners = studio.manners;
    let check = move |label: &'static str,
                      testid: &'static str,
                      read: fn(&Manners) -> bool,
                      set: fn(&mut Manners, bool)| {
        view! {
            <label class="check">
                <input type="checkbox" data-testid=testid prop:checked=move || manners.with(read)
                    on:change=move |event| { let on = event_target_checked(&event); manners.update(|manners| set(manners, on)); }/>
                <span>{label}</span>
            </label>
        }
    };
    let themes = [("dark", t("theme-dark")), ("light", t("theme-light")), ("system", t("theme-system"))];
    view! {
        <Dialog label=t("do-settings") testid="settings" close>
            <div class="dialog-head"><h2>{t("do-settings")}</h2>
                <IconButton label=t("close") icon="x" testid="settings-close" on_press=move || close.run(())/></div>
            <div class="form">
                <Field label=t("theme")>
                    <select class="input" data-first="" data-testid="settings-theme" aria-label=t("theme")
                        on:change=move |event| { let theme = event_target_value(&event); manners.update(|m| m.theme = theme); }>
                        {themes.into_iter().map(|(value, name)| view! {
                            <option value=value selected=move || manners.with(|m| m.theme == value)>{name}</option>
                        }).collect_view()}
                    </select>
                </Field>
                <Field label=t("text-size")>
                    <select class="input" data-testid="settings-text" aria-label=t("text-size")
                        on:change=move |event| { let size = event_target_value(&event).parse().unwrap_or(100); manners.update(|m| m.text = size); }>
                        {TEXT_SIZES.into_iter().map(|size| view! {
                            <option value=size.to_string() selected=move || manners.with(|m| m.text == size)>{format!("{size} %")}</option>
                        }).collect_view()}
                    </select>
                </Field>
                <Field label=t("language")>
                    <select class="input" data-testid="settings-language" aria-label=t("language") on:change=move |event| speak(studio, event_target_value(&event))>
                        <option value="" selected=move || manners.with(|m| m.language.is_empty())>{t("language-system")}</option>
                        {LANGUAGES.into_iter().map(|language| view! {
                            <option value=language.code lang=language.code selected=move || manners.with(|m| m.language == language.code)>{language.name}</option>
                        }).collect_view()}
                    </select>
                </Field>
                {check(t("high-contrast"), "settings-contrast", |m| m.high_contrast, |m, on| m.high_contrast = on)}
                {check(t("less-motion"), "settings-motion", |m| m.still, |m, on| m.still = on)}
                <House/>
                <p class="quiet settings-note">{move || {
                    studio.info.with(|info| info.as_ref().map(|info| tf("about", &[("version", &info.version), ("machine", &format!("{} · {}", info.compute, info.graphics))]))).unwrap_or_default()
                }}</p>
                <div class="form-buttons">
                    <Button label=t("tour-again") kind=Kind::Quiet testid="tour-again"
                        on_press=move || { manners.update(|m| m.toured = false); close.run(()); }/>
                    <span class="bar-space"></span>
                    <Button label=t("done") kind=Kind::Primary testid="settings-done" on_press=move || close.run(())/>
                </div>
            </div>
        </Dialog>
    }
}
