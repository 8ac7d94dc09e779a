//! What turns a frame plan into a picture. One implementation serves the monitor and the exporter.

use crate::{Pixels, PortError, VideoFrame};
use kinora_document::BlobHash;
use kinora_document::plan::FramePlan;
use std::sync::Arc;

/// Where the compositor gets the pictures that a plan names.
pub trait PictureStore {
    /// Frame `frame` of the movie `blob`. An error becomes a slate in the picture, not a failed render.
    fn picture(&mut self, blob: BlobHash, frame: u32) -> Result<Arc<Pixels>, PortError>;
}

pub trait Compositor: Send {
    /// For people: "llvmpipe (software)", "NVIDIA …".
    fn device_name(&self) -> &str;
    /// Executes the plan at its own size. The same plan and pictures give the same bytes, and the very same [`Arc`] when they were the
    /// last to be asked for.
    fn render(&mut self, plan: &FramePlan, pictures: &mut dyn PictureStore) -> Result<Arc<Pixels>, PortError>;
    /// The same picture for an encoder: exactly [`VideoFrame::of`] what [`Self::render`] gives, made without going through it.
    fn render_video(&mut self, plan: &FramePlan, pictures: &mut dyn PictureStore)
    -> Result<Arc<VideoFrame>, PortError>;
}
