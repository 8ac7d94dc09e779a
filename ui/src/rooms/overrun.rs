//! A shot that is too short for what is said in it: by how much, and buttons that help.

use crate::lang::{t, tf};
use crate::state::studio;
use crate::widgets::{Button, Icon, Kind};
use kinora_document::speech::{Overrun, remedies};
use kinora_document::{Command, ShotId, Ticks};
use leptos::prelude::*;

/// "1.3", rounded up: what is called enough must be enough.
fn tenths(time: Ticks) -> String {
    let tenths = (time.to_millis() + 99) / 100;
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn label(command: &Command) -> &'static str {
    match command {
        Command::SplitShot { .. } => t("split-shot"),
        _ => t("make-longer"),
    }
}

#[component]
pub fn OverrunNote(shot: ShotId, overrun: Signal<Option<Overrun>>) -> impl IntoView {
    let studio = studio();
    let words = move |overrun: Overrun| {
        let key = if overrun.measured { "overrun-measured" } else { "overrun-estimated" };
        tf(key, &[("by", &tenths(overrun.by)), ("fitting", &tenths(overrun.fitting))])
    };
    move || {
        overrun.get().map(|overrun| {
            let found = studio.film(|film| film.shots.get(shot).map(|shot| remedies(shot, overrun)));
            let buttons = found.unwrap_or_default().into_iter().enumerate().map(|(at, remedy)| {
                let name = label(&remedy.command);
                let command = remedy.command;
                view! { <Button label=name kind=Kind::Plain testid=format!("overrun-remedy-{at}") on_press=move || studio.edit(command.clone())/> }
            });
            view! {
                <div class="overrun" data-testid="overrun">
                    <p class="warning"><Icon name="hourglass"/>{words(overrun)}</p>
                    <div class="overrun-remedies">{buttons.collect_view()}</div>
                </div>
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_called_enough_is_enough() {
        assert_eq!([1_000, 1_001, 250].map(|millis| tenths(Ticks::from_millis(millis))), ["1.0", "1.1", "0.3"]);
    }
}
