//! The sheet of keys, by what they are for; from here one goes on to choose others.

use super::keyboard::section_name;
use crate::actions::{Action, perform};
use crate::keys::{self, SECTIONS};
use crate::lang::t;
use crate::state::{Overlay, studio};
use crate::widgets::{Button, Dialog, IconButton, Kind};
use leptos::prelude::*;

/// The actions of each section that have a key.
fn sections() -> Vec<(&'static str, Vec<Action>)> {
    let all: Vec<Action> = keys::actions().collect();
    let begin = |action: Action| all.iter().position(|other| *other == action).unwrap_or(0);
    let ends = SECTIONS.iter().skip(1).map(|(_, first)| begin(*first)).chain([all.len()]);
    SECTIONS
        .iter()
        .zip(ends)
        .map(|((name, first), end)| {
            let rows = all.get(begin(*first)..end).unwrap_or_default();
            (*name, rows.iter().copied().filter(|action| !keys::keys_of(*action).is_empty()).collect())
        })
        .collect()
}

#[component]
pub fn Shortcuts() -> impl IntoView {
    let studio = studio();
    let close = Callback::new(move |()| studio.overlay.set(Overlay::None));
    view! {
        <Dialog label=t("do-shortcuts") testid="shortcut-sheet" class="wide" close>
            <div class="dialog-head"><h2>{t("do-shortcuts")}</h2>
                <Button label=t("do-keyboard") icon="keyboard" kind=Kind::Quiet testid="choose-keys" on_press=move || perform(studio, Action::Keyboard)/>
                <IconButton label=t("close") icon="x" testid="shortcut-sheet-close" on_press=move || close.run(())/></div>
            <div class="sheet">
                {sections().into_iter().map(|(name, actions)| view! {
                    <section class="sheet-part"><h3>{section_name(name)}</h3><dl>
                        {actions.into_iter().map(|action| view! {
                            <div class="sheet-row"><dt>{action.name()}</dt><dd>
                                {keys::keys_of(action).split(' ').map(|key| view! { <kbd>{keys::pretty(key)}</kbd> }).collect_view()}
                            </dd></div>
                        }).collect_view()}
                    </dl></section>
                }).collect_view()}
            </div>
        </Dialog>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_with_a_key_is_in_one_section_of_the_sheet() {
        let shown: Vec<Action> = sections().into_iter().flat_map(|(_, actions)| actions).collect();
        let wanted: Vec<Action> = keys::actions().filter(|action| !keys::keys_of(*action).is_empty()).collect();
        assert_eq!(shown, wanted);
    }
}
