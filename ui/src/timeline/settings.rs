//! A clip's settings as they are and as they should be, to the commands that make them so; and edits that follow a hand.

use crate::bridge::ask;
use crate::state::{Studio, new_gesture};
use kinora_api::{AskEdit, AskUndo, EditRequest};
use kinora_document::{Clip, ClipSource, Command, GestureId};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// What turns one state of a clip into another. Place, length and source are not settings.
pub fn commands_between(before: &Clip, after: &Clip) -> Vec<Command> {
    let clip = before.id;
    let mut commands = Vec::new();
    if before.placement != after.placement {
        commands.push(Command::SetClipPlacement { clip, placement: after.placement });
    }
    let sound = |clip: &Clip| (clip.gain_millibels, clip.fade_in, clip.fade_out);
    if sound(before) != sound(after) {
        let (gain_millibels, fade_in, fade_out) = sound(after);
        commands.push(Command::SetClipSound { clip, gain_millibels, fade_in, fade_out });
    }
    if before.mix != after.mix {
        commands.push(Command::SetClipMix { clip, mix: after.mix.clone() });
    }
    if before.effects != after.effects {
        commands.push(Command::SetClipEffects { clip, effects: after.effects.clone() });
    }
    // After the effects that they move.
    if before.curves != after.curves {
        commands.push(Command::SetClipCurves { clip, curves: after.curves.clone() });
    }
    if before.transition != after.transition {
        commands.push(Command::SetTransition { clip, transition: after.transition.clone() });
    }
    if before.speed_permille != after.speed_permille {
        commands.push(Command::SetClipSpeed { clip, speed_permille: after.speed_permille });
    }
    if let (ClipSource::Title(before), ClipSource::Title(after)) = (&before.source, &after.source)
        && before != after
    {
        commands.push(Command::SetTitle { clip, title: after.clone() });
    }
    commands
}

/// Edits while something is dragged: one on its way at a time, the newest next, all of them one gesture. The monitor shows each.
#[derive(Clone, Copy)]
pub struct Live {
    studio: Studio,
    gesture: StoredValue<Option<GestureId>>,
    next: StoredValue<Option<(Vec<Command>, GestureId)>>,
    busy: StoredValue<bool>,
    taken_back: StoredValue<bool>,
}

impl std::fmt::Debug for Live {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Live")
    }
}

impl Live {
    pub fn new(studio: Studio) -> Self {
        Self {
            studio,
            gesture: StoredValue::new(None),
            next: StoredValue::new(None),
            busy: StoredValue::new(false),
            taken_back: StoredValue::new(false),
        }
    }

    /// More will follow.
    pub fn drag(self, commands: Vec<Command>) {
        if commands.is_empty() {
            return;
        }
        let gesture = self.gesture.get_value().unwrap_or_else(new_gesture);
        self.gesture.set_value(Some(gesture));
        self.next.set_value(Some((commands, gesture)));
        self.go_on();
    }

    /// The hand let go, or there was no drag at all.
    pub fn finish(self, commands: Vec<Command>) {
        self.drag(commands);
        self.gesture.set_value(None);
    }

    /// The drag is given up: what it did so far is undone.
    pub fn cancel(self) {
        if self.gesture.get_value().is_some() {
            self.gesture.set_value(None);
            self.next.set_value(None);
            self.taken_back.set_value(true);
            self.go_on();
        }
    }

    fn go_on(self) {
        if self.busy.try_get_value() != Some(false) {
            return;
        }
        self.busy.set_value(true);
        spawn_local(async move {
            while let Some((commands, gesture)) = self.next.try_update_value(Option::take).flatten() {
                for command in commands {
                    if let Err(problem) = ask::<AskEdit>(EditRequest { command, gesture: Some(gesture) }).await {
                        self.studio.complain(problem);
                        break;
                    }
                }
            }
            if self.taken_back.try_update_value(std::mem::take) == Some(true) {
                self.studio.request::<AskUndo>((), |()| ());
            }
            let _ = self.busy.try_update_value(|busy| *busy = false);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::hands::tests::clip;
    use kinora_document::{Effect, Placement, Title, TitleStyle};

    #[test]
    fn each_setting_that_differs_is_one_command_and_nothing_else_is_touched() {
        let before = clip(1, 1, 0, 2000);
        assert_eq!(commands_between(&before, &before), []);
        let mut after = before.clone();
        after.placement = Placement { opacity_permille: 500, ..after.placement };
        after.gain_millibels = -300;
        after.effects.push(Effect { kind: "grain".to_owned(), parameters: Default::default(), plate: None });
        after.speed_permille = 500;
        assert_eq!(commands_between(&before, &after).len(), 4);
        after.start = kinora_document::Ticks::from_seconds(9);
        assert_eq!(commands_between(&before, &after).len(), 4, "a place is no setting");
    }

    #[test]
    fn a_title_keeps_everything_but_its_words() {
        let titled =
            |text: &str| Clip { source: ClipSource::Title(Title::new(text, TitleStyle::Lower)), ..clip(1, 1, 0, 2000) };
        let commands = commands_between(&titled("One"), &titled("Two"));
        assert_eq!(
            commands,
            [Command::SetTitle { clip: kinora_document::ClipId(1), title: Title::new("Two", TitleStyle::Lower) }]
        );
    }
}
