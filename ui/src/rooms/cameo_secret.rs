//! Where the secret that opens the recordings is kept, when there is no keychain to keep it: decided once, opened once a run.
//!
//! Each choice says what it is worth. A passphrase is forgotten by the page as soon as it was sent.

use crate::lang::t;
use crate::state::studio;
use crate::widgets::{Button, Icon, Kind};
use kinora_api::{AskKeepSecret, AskUnlockCameos, KeepSecret};
use leptos::prelude::*;

#[component]
fn Passphrase(
    #[prop(into)] label: String,
    #[prop(into)] press: String,
    testid: &'static str,
    on_given: Callback<String>,
) -> impl IntoView {
    let words = RwSignal::new(String::new());
    let give = move || {
        let given = words.get_untracked();
        words.set(String::new());
        on_given.run(given);
    };
    let field = label.clone();
    view! {
        <form class="passphrase" on:submit=move |event| { event.prevent_default(); give(); }>
            <input type="password" class="input" autocomplete="off" data-testid=testid aria-label=field placeholder=label
                prop:value=move || words.get() on:input=move |event| words.set(event_target_value(&event))/>
            <Button label=press kind=Kind::Primary testid=format!("{testid}-give") disabled=Signal::derive(move || words.with(String::is_empty)) on_press=give/>
        </form>
    }
}

#[component]
pub fn Undecided() -> impl IntoView {
    let studio = studio();
    let keep = move |place: KeepSecret| studio.request::<AskKeepSecret>(place, move |()| studio.renew_cameos());
    view! {
        <div class="pane-head"><h2>{t("secret-where")}</h2></div>
        <div class="pane-scroll cameo-about" data-testid="secret-undecided">
            <p>{t("secret-why")}</p>
            <h3>{t("secret-passphrase")}</h3>
            <p class="quiet">{t("secret-passphrase-worth")}</p>
            <Passphrase label=t("passphrase") press=t("secret-take-passphrase") testid="secret-passphrase" on_given=Callback::new(move |words| keep(KeepSecret::Passphrase(words)))/>
            <h3>{t("secret-file")}</h3>
            <p class="quiet">{t("secret-file-worth")}</p>
            <Button label=t("secret-take-file") icon="file-text" testid="secret-file" on_press=move || keep(KeepSecret::KeyFile)/>
        </div>
    }
}

#[component]
pub fn Locked() -> impl IntoView {
    let studio = studio();
    let unlock = move |words: String| studio.request::<AskUnlockCameos>(words, move |()| studio.renew_cameos());
    view! {
        <div class="empty-pane" data-testid="secret-locked"><Icon name="lock"/><p>{t("secret-locked")}</p>
            <Passphrase label=t("passphrase") press=t("secret-unlock") testid="secret-unlock" on_given=Callback::new(unlock)/>
        </div>
    }
}
