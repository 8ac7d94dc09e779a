//! Executes frame plans: the one place where the film's pictures are made, for the monitor and for the export alike.
//!
//! Two executors share everything but arithmetic: the shaders' twins on the processor (the definition of correct), and wgpu on a
//! graphics card. Without a card the processor serves, because software Vulkan is slower than the twins (FINDINGS.md).
//! Never here: files, clocks, decoding or encoding; pictures come from a [`PictureStore`], results leave as memory.

mod device;
mod executor;
mod reference;
mod scene;
mod shelf;
mod sources;
pub mod text;

pub use executor::{Executor, FrameCompositor};
pub use kinora_ports::compositor::{Compositor, PictureStore};
pub use kinora_shaders::output::Layout;
/// The declarations that effects' and transitions' knobs are made from.
pub use kinora_shaders::{Choice, Declaration, Kind, Parameter, effects, transitions};
pub use scene::MAX_SIDE;
