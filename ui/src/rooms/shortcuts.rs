//! The sheet of keys.

use crate::keys;
use crate::lang::t;
use crate::state::{Overlay, studio};
use crate::widgets::{Dialog, IconButton};
use leptos::prelude::*;

#[component]
pub fn Shortcuts() -> impl IntoView {
    let studio = studio();
    let close = Callback::new(move |()| studio.overlay.set(Overlay::None));
    view! {
        <Dialog label=t("do-shortcuts") testid="shortcut-sheet" class="wide" close>
            <div class="dialog-head"><h2>{t("do-shortcuts")}</h2>
                <IconButton label=t("close") icon="x" testid="shortcut-sheet-close" on_press=move || close.run(())/></div>
            <dl class="sheet">
                {keys::actions().filter(|action| !keys::keys_of(*action).is_empty()).map(|action| view! {
                    <div class="sheet-row"><dt>{action.name()}</dt><dd>
                        {keys::keys_of(action).split(' ').map(|key| view! { <kbd>{pretty(key)}</kbd> }).collect_view()}
                    </dd></div>
                }).collect_view()}
            </dl>
        </Dialog>
    }
}

fn pretty(key: &str) -> String {
    key.replace("ArrowLeft", "←").replace("ArrowRight", "→").replace("ArrowUp", "↑").replace("ArrowDown", "↓")
}
