//! The services of the studio: what happens between a click and a durable film.
//!
//! One [`Session`] is the only writer of a film; the [`Queue`] makes takes, the [`Monitor`] shows and plays, the [`Exporter`] writes files. All
//! of them reach the world through ports, which a [`Studio`] is given as [`Tools`]. It knows no Tauri, wgpu, candle, GStreamer or sled.

mod beats;
mod consents;
mod denoise;
pub mod dialogue;
mod dubbing;
mod enrolment;
mod events;
mod exporter;
mod gate;
mod generation;
mod house;
mod library;
mod limiter;
pub mod loudness;
mod meter;
mod mixer;
mod monitor;
mod origin;
mod peaks;
mod pictures;
mod placing;
mod problem;
mod queue;
mod recorder;
mod session;
mod studio;
mod verify;
mod voices;
mod watermark;
mod withdrawal;

pub use consents::{ConsentTools, Consents, NewCameo};
pub use dialogue::{Dialogue, Speaking};
pub use dubbing::Dubbing;
pub use enrolment::{Enrolment, EnrolmentTools};
pub use events::Events;
pub use exporter::{ExportOrder, Exported, Exporter, film_mark};
pub use gate::Gate;
pub use generation::{Made, Wish};
pub use house::House;
pub use library::Library;
pub use loudness::Loudness;
pub use meter::Levels;
pub use mixer::Mixer;
pub use monitor::{Heard, Monitor, Over, Shown};
pub use origin::sign_recording;
pub use problem::Trouble;
pub use queue::Queue;
pub use recorder::{Hint, LONGEST_RECORDING, Level, Preview, Recorded, Recorder, RecorderState, Watching};
pub use session::Session;
pub use studio::{OpenFilm, Studio, Tools};
pub use verify::{MarkLook, Verified, verify};
pub use voices::voice_engines;
pub use watermark::find_watermark;
