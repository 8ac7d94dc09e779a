//! What the rules say about a prompt, where it stands: refused or to be read first, why, what to write instead, and the way there.
//!
//! The rule and its list are named, so that nothing is refused without a reason. Judged anew whenever the prompt changes.

use crate::lang::{t, tf};
use crate::widgets::{Button, Icon, Kind};
use kinora_api::PolicyNote;
use leptos::prelude::*;

#[component]
pub fn Judged(notes: Vec<PolicyNote>, rephrase: Callback<()>) -> impl IntoView {
    let refused = notes.iter().any(|note| note.refused);
    let title = t(if refused { "cannot-be-made" } else { "read-before" });
    view! {
        <section class="judged" class:refused=refused role="status" aria-label=title data-testid="judged" data-refused=refused.to_string()>
            <h3><Icon name=if refused { "circle-x" } else { "triangle-alert" }/>{title}</h3>
            {notes.into_iter().map(|note| view! {
                <div class="judged-note" data-rule=note.rule.clone()>
                    <p><strong>{format!("“{}”", note.words)}</strong>" "{note.reason}</p>
                    <p><em>{t("instead")}</em>" "{note.rephrase}</p>
                    <p class="quiet">{tf("rule-of", &[("rule", &note.rule), ("source", &note.source)])}</p>
                </div>
            }).collect_view()}
            <Button label=t("rephrase") icon="pencil-line" kind=Kind::Plain testid="rephrase" on_press=move || rephrase.run(())/>
        </section>
    }
}
