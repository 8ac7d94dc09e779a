//! The wire between the page and the studio behind it: questions out, messages in, pictures by address.
//!
//! This is the only file that knows Tauri. Everything else calls [`ask`] with a type from the api's table and gets a value or a
//! [`Problem`]. With the feature `fake-bridge`, and only when the address ends in `?fake`, a pretended studio answers instead.
//! Never: a path, a command name outside the table, or a retry that could do something twice.

use js_sys::{Function, Object, Promise, Reflect};
use kinora_api::{Ask, AskTicket, JobNumber, Message, Problem};
use kinora_document::{BlobHash, Ticks};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// Asks the studio and waits for its answer.
pub async fn ask<A: Ask>(request: A::Request) -> Result<A::Answer, Problem> {
    #[cfg(feature = "fake-bridge")]
    if fake_wanted() {
        let request = serde_json::to_value(&request).map_err(|error| broken(A::COMMAND, &error.to_string()))?;
        let answer = crate::fake::answer(A::COMMAND, request).await?;
        return serde_json::from_value(answer).map_err(|error| broken(A::COMMAND, &error.to_string()));
    }
    let request = serde_json::to_string(&request).map_err(|error| broken(A::COMMAND, &error.to_string()))?;
    let request = js_sys::JSON::parse(&request).map_err(|error| broken(A::COMMAND, &words_of(&error)))?;
    let answer = invoke(A::COMMAND, "request", &request).await?;
    read(&answer).map_err(|error| broken(A::COMMAND, &error))
}

/// From now on, `hear` gets every message of the studio, in order.
pub async fn listen(hear: impl Fn(Message) + 'static) -> Result<(), Problem> {
    #[cfg(feature = "fake-bridge")]
    if fake_wanted() {
        crate::fake::listen(Box::new(hear));
        return Ok(());
    }
    let class = core().and_then(|core| Reflect::get(&core, &"Channel".into()).ok()).unwrap_or(JsValue::UNDEFINED);
    let class: Function = class.dyn_into().map_err(|_| no_studio())?;
    let channel =
        Reflect::construct(&class, &js_sys::Array::new()).map_err(|error| broken("listen", &words_of(&error)))?;
    let heard = Closure::<dyn Fn(JsValue)>::new(move |value: JsValue| {
        // A message that cannot be read is a hole in the numbers, which the replica notices.
        if let Ok(message) = read::<Message>(&value) {
            hear(message);
        }
    });
    // The channel lives as long as the page.
    let _ = Reflect::set(&channel, &"onmessage".into(), heard.into_js_value().as_ref());
    invoke("listen", "channel", &channel).await.map(|_| ())
}

fn core() -> Option<JsValue> {
    let tauri = Reflect::get(&js_sys::global(), &"__TAURI__".into()).ok()?;
    let core = Reflect::get(&tauri, &"core".into()).ok()?;
    core.is_object().then_some(core)
}

async fn invoke(command: &str, key: &str, argument: &JsValue) -> Result<JsValue, Problem> {
    let core = core().ok_or_else(no_studio)?;
    let invoke: Function =
        Reflect::get(&core, &"invoke".into()).ok().and_then(|f| f.dyn_into().ok()).ok_or_else(no_studio)?;
    let arguments = Object::new();
    let _ = Reflect::set(&arguments, &key.into(), argument);
    let promise = invoke.call2(&core, &command.into(), &arguments).map_err(|error| refused(command, &error))?;
    let promise: Promise = promise.dyn_into().map_err(|_| broken(command, "the answer is not a promise"))?;
    JsFuture::from(promise).await.map_err(|error| refused(command, &error))
}

/// An answer is an object, or its JSON as text or bytes.
fn read<T: for<'de> serde::Deserialize<'de>>(value: &JsValue) -> Result<T, String> {
    if let Some(buffer) = value.dyn_ref::<js_sys::ArrayBuffer>() {
        let bytes = js_sys::Uint8Array::new(buffer).to_vec();
        return serde_json::from_slice(&bytes).map_err(|error| error.to_string());
    }
    let text = match js_sys::JSON::stringify(value) {
        Ok(text) if !value.is_undefined() => String::from(text),
        _ => "null".to_owned(),
    };
    serde_json::from_str(&text).map_err(|error| error.to_string())
}

fn refused(command: &str, error: &JsValue) -> Problem {
    read::<Problem>(error).unwrap_or_else(|_| broken(command, &words_of(error)))
}

fn words_of(error: &JsValue) -> String {
    error
        .as_string()
        .or_else(|| error.dyn_ref::<js_sys::Error>().map(|e| String::from(e.message())))
        .unwrap_or_default()
}

fn broken(command: &str, detail: &str) -> Problem {
    Problem {
        rule: "fault".to_owned(),
        what: crate::lang::t("problem-broken-what").to_owned(),
        remedy: crate::lang::t("problem-broken-remedy").to_owned(),
        detail: format!("{command}: {detail}"),
    }
}

fn no_studio() -> Problem {
    Problem {
        rule: "no_studio".to_owned(),
        what: crate::lang::t("problem-no-studio-what").to_owned(),
        remedy: crate::lang::t("problem-no-studio-remedy").to_owned(),
        detail: String::new(),
    }
}

// ---- pictures ----------------------------------------------------------------------------------------------------

thread_local! {
    static TICKET: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Asks for the ticket without which the picture schemes answer nothing.
pub async fn fetch_ticket() -> Result<(), Problem> {
    let ticket = ask::<AskTicket>(()).await?;
    TICKET.with(|held| *held.borrow_mut() = ticket.ticket);
    Ok(())
}

/// `preview://localhost` here, `http://preview.localhost` on Windows: Tauri knows.
fn scheme(name: &str) -> String {
    let converted = core()
        .and_then(|core| {
            Reflect::get(&core, &"convertFileSrc".into())
                .ok()?
                .dyn_into::<Function>()
                .ok()?
                .call2(&core, &"".into(), &name.into())
                .ok()
        })
        .and_then(|base| base.as_string());
    let base = converted.unwrap_or_else(|| format!("{name}://localhost"));
    base.trim_end_matches('/').to_owned()
}

fn ticket() -> String {
    TICKET.with(|held| held.borrow().clone())
}

/// Address of a stored thumbnail.
pub fn picture_address(picture: BlobHash) -> String {
    #[cfg(feature = "fake-bridge")]
    if fake_wanted() {
        return crate::fake::picture(&picture);
    }
    format!("{}/picture/{picture}?ticket={}", scheme("media"), ticket())
}

/// How loud a stored sound is, one byte a hundredth of a second; None when it cannot be read.
pub async fn peaks_of(sound: BlobHash) -> Option<Vec<u8>> {
    #[cfg(feature = "fake-bridge")]
    if fake_wanted() {
        return Some(crate::fake::peaks(&sound));
    }
    let address = format!("{}/peaks/{sound}?ticket={}", scheme("media"), ticket());
    let answer: web_sys::Response =
        JsFuture::from(web_sys::window()?.fetch_with_str(&address)).await.ok()?.dyn_into().ok()?;
    if !answer.ok() {
        return None;
    }
    let bytes = JsFuture::from(answer.array_buffer().ok()?).await.ok()?;
    Some(js_sys::Uint8Array::new(&bytes).to_vec())
}

/// Address of the newest forming picture of a job; `version` makes the page load it again.
pub fn forming_address(job: JobNumber, version: u32) -> String {
    #[cfg(feature = "fake-bridge")]
    if fake_wanted() {
        return crate::fake::forming(job, version);
    }
    format!("{}/forming/{job}?ticket={}&v={version}", scheme("preview"), ticket())
}

/// Address of what the camera sees now; `version` makes the page load it again.
pub fn camera_address(mirror: bool, version: u32) -> String {
    #[cfg(feature = "fake-bridge")]
    if fake_wanted() {
        return crate::fake::camera(version);
    }
    let mirror = u8::from(mirror);
    format!("{}/camera?ticket={}&width=640&height=360&mirror={mirror}&v={version}", scheme("preview"), ticket())
}

/// What the monitor wants to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    At(Ticks),
    /// What plays; once there is another picture than the one of this time.
    Live(Option<Ticks>),
}

/// A picture ready to be drawn, and the time it belongs to.
#[derive(Debug)]
pub struct Shown {
    pub picture: JsValue,
    pub at: Option<Ticks>,
    pub levels: Option<Levels>,
}

/// What is heard while it plays, in decibels below full scale and LUFS.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Levels {
    pub peak: [f64; 2],
    pub mean: [f64; 2],
    pub loudness: Option<f64>,
}

impl Levels {
    /// As the header says it: see [`kinora_api::Ticket`].
    pub fn read(figures: &str) -> Option<Self> {
        let figure = |text: Option<&str>| text?.parse::<i32>().ok().map(|hundredths| f64::from(hundredths) / 100.0);
        let mut parts = figures.split(',');
        let mut next = || figure(parts.next());
        let (left, right, mean_left, mean_right) = (next()?, next()?, next()?, next()?);
        Some(Self { peak: [left, right], mean: [mean_left, mean_right], loudness: next() })
    }
}

/// A picture that the studio has been asked for.
#[derive(Debug)]
pub enum Asked {
    Answer(JsFuture),
    #[cfg(feature = "fake-bridge")]
    Fake(Wanted, u32, u32),
}

/// A picture that is here, not yet decoded.
#[derive(Debug)]
pub struct Answered {
    /// A blob, or in the fake the picture itself.
    picture: JsValue,
    pub at: Option<Ticks>,
    levels: Option<Levels>,
}

/// Asks for one picture of the film, at once. Asking is the back-pressure: nothing is sent that was not asked for.
pub fn ask_picture(wanted: Wanted, width: u32, height: u32) -> Option<Asked> {
    #[cfg(feature = "fake-bridge")]
    if fake_wanted() {
        return Some(Asked::Fake(wanted, width, height));
    }
    let address = match wanted {
        Wanted::At(at) => {
            format!("{}/frame?ticket={}&at={}&width={width}&height={height}", scheme("preview"), ticket(), at.0)
        }
        Wanted::Live(after) => {
            let after = after.map(|after| format!("&after={}", after.0)).unwrap_or_default();
            format!("{}/live?ticket={}&width={width}&height={height}{after}", scheme("preview"), ticket())
        }
    };
    Some(Asked::Answer(JsFuture::from(web_sys::window()?.fetch_with_str(&address))))
}

impl Asked {
    pub async fn answered(self) -> Option<Answered> {
        let answer = match self {
            Self::Answer(answer) => answer,
            #[cfg(feature = "fake-bridge")]
            Self::Fake(wanted, width, height) => {
                let Shown { picture, at, levels } = crate::fake::monitor_picture(wanted, width, height).await?;
                return Some(Answered { picture, at, levels });
            }
        };
        let answer: web_sys::Response = answer.await.ok()?.dyn_into().ok()?;
        if !answer.ok() || answer.status() == 204 {
            return None;
        }
        let at = answer.headers().get("x-kinora-at").ok().flatten().and_then(|at| at.parse().ok()).map(Ticks);
        let levels = answer.headers().get("x-kinora-levels").ok().flatten().and_then(|figures| Levels::read(&figures));
        let picture = JsFuture::from(answer.blob().ok()?).await.ok()?;
        Some(Answered { picture, at, levels })
    }
}

impl Answered {
    pub async fn decoded(self) -> Option<Shown> {
        let Self { picture, at, levels } = self;
        let picture = match picture.dyn_ref::<web_sys::Blob>() {
            Some(blob) => JsFuture::from(web_sys::window()?.create_image_bitmap_with_blob(blob).ok()?).await.ok()?,
            None => picture,
        };
        Some(Shown { picture, at, levels })
    }
}

#[cfg(feature = "fake-bridge")]
pub fn fake_wanted() -> bool {
    web_sys::window().and_then(|window| window.location().search().ok()).is_some_and(|query| query.contains("fake"))
}
