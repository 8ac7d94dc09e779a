//! What rooms with a camera or a microphone share: a view that is asked for again and again, and the list of devices.
//!
//! Levels move and devices come and go without a message of the studio, so the page asks. It must never go on asking for a room that was
//! left, nor wake what shows a view that stayed the same.

use crate::bridge::ask;
use crate::state::studio;
use kinora_api::{Ask, AskDevices, DevicesView};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

/// As often as somebody sees a level move.
const TURN: Duration = Duration::from_millis(100);

/// Asks again and again until the room is left.
pub fn watch<A>(alive: Rc<Cell<bool>>, view: RwSignal<Option<A::Answer>>)
where
    A: Ask<Request = ()> + 'static,
    A::Answer: PartialEq + Send + Sync + 'static,
{
    if !alive.get() {
        return;
    }
    spawn_local(async move {
        let answer = ask::<A>(()).await;
        if !alive.get() {
            return;
        }
        if let Ok(now) = answer
            && view.with_untracked(|before| before.as_ref() != Some(&now))
        {
            view.set(Some(now));
        }
        set_timeout(move || watch::<A>(alive, view), TURN);
    });
}

/// The devices there are, and what asks for them anew: when somebody goes to choose, what was plugged in meanwhile is there.
pub fn devices() -> (RwSignal<DevicesView>, impl Fn() + Copy + Send + Sync + 'static) {
    let (studio, devices) = (studio(), RwSignal::new(DevicesView::default()));
    let renew = move || {
        studio.request::<AskDevices>((), move |found| {
            if devices.try_with_untracked(|before| *before != found) == Some(true) {
                devices.set(found);
            }
        });
    };
    renew();
    (devices, renew)
}
