//! The compositor that others hold: picks what executes, remembers the last frame, and falls back when a device fails.
//!
//! A film at 24 frames a second shows takes of 12: every second plan looks like the one before, and its picture is given again.
//! A device that fails in the middle of a film is left for good and the frame is made by the processor; nobody sees a gap.

use crate::device::Graphics;
use crate::reference::Reference;
use crate::scene::{Scene, same_picture};
use crate::sources::Sources;
use kinora_document::plan::FramePlan;
use kinora_ports::compositor::{Compositor, PictureStore};
use kinora_ports::{Fault, Pixels, PortError, VideoFrame};
use kinora_shaders::Picture;
use kinora_shaders::output::{self, Layout};
use rayon::prelude::*;
use std::sync::Arc;

/// What is to execute plans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Executor {
    /// A graphics card when there is one, else the processor.
    Fastest,
    /// The twins.
    Processor,
    /// wgpu on whatever adapter there is, software too.
    Device,
    /// wgpu on a software adapter, by Vulkan or else by GL.
    SoftwareDevice,
}

#[derive(Debug)]
pub struct FrameCompositor {
    name: String,
    sources: Sources,
    reference: Reference,
    graphics: Option<Graphics>,
    last: Last,
    handed: Handed,
}

/// Frames of video that were handed out, for their memory once nobody else holds them: fresh memory costs as much as filling it.
#[derive(Debug, Default)]
struct Handed(Vec<Arc<VideoFrame>>);

/// What the slowest encoder holds back at once; more are forgotten, not kept waiting for.
const MOST_HANDED: usize = 32;

impl Handed {
    fn memory(&mut self) -> Vec<u8> {
        let free = self.0.iter().position(|frame| Arc::strong_count(frame) == 1);
        let frame = free.and_then(|at| Arc::into_inner(self.0.swap_remove(at)));
        frame.map(|frame| frame.i420).unwrap_or_default()
    }

    fn hand_out(&mut self, frame: &Arc<VideoFrame>) {
        if self.0.len() >= MOST_HANDED {
            self.0.remove(0);
        }
        self.0.push(Arc::clone(frame));
    }
}

/// What the last plan gave.
#[derive(Debug, Default)]
struct Last {
    plan: Option<FramePlan>,
    /// The processor's frame, from which both others are made.
    picture: Option<Arc<Picture>>,
    pixels: Option<Arc<Pixels>>,
    video: Option<Arc<VideoFrame>>,
}

impl FrameCompositor {
    /// The processor can always be had; a device may not.
    pub fn open(executor: Executor) -> Result<Self, PortError> {
        let graphics = match executor {
            Executor::Processor => None,
            // A machine without a usable card is no fault: the processor is there.
            Executor::Fastest => Graphics::open_card().ok(),
            Executor::Device => Some(Graphics::open_any()?),
            Executor::SoftwareDevice => Some(Graphics::open_software()?),
        };
        Ok(Self {
            name: graphics.as_ref().map_or_else(processor_name, |graphics| graphics.name().to_owned()),
            sources: Sources::default(),
            reference: Reference::default(),
            graphics,
            last: Last::default(),
            handed: Handed::default(),
        })
    }

    /// The bytes of the frame as video in either layout, from the same 8-bit colours that [`Compositor::render`] gives.
    pub fn video_bytes(
        &mut self,
        plan: &FramePlan,
        pictures: &mut dyn PictureStore,
        layout: Layout,
    ) -> Result<Vec<u8>, PortError> {
        self.forget_other(plan);
        if self.last.picture.is_none() {
            let scene = Scene::new(plan, &mut self.sources, pictures)?;
            if let Some(bytes) = self.on_device(|graphics| graphics.video(&scene, layout)) {
                self.remember(plan, &scene);
                return Ok(bytes);
            }
            if layout == Layout::I420 {
                let bytes = self.reference.video(&scene, self.handed.memory()).ok_or_else(no_frame)?;
                self.remember(plan, &scene);
                return Ok(bytes);
            }
            self.paint(plan, &scene)?;
        }
        let picture = self.last.picture.as_ref().ok_or_else(no_frame)?;
        let [red, green, blue, ..] = picture.planes() else { return Err(no_frame()) };
        Ok(output::video([red, green, blue], picture.width(), picture.height(), layout))
    }

    /// Runs on the device when there is one; None when there is none or it failed, which ends its service.
    fn on_device(&mut self, run: impl FnOnce(&mut Graphics) -> Result<Vec<u8>, Fault>) -> Option<Vec<u8>> {
        match run(self.graphics.as_mut()?) {
            Ok(bytes) => Some(bytes),
            Err(fault) => {
                self.graphics = None;
                self.name = format!("{} (graphics device left: {})", processor_name(), fault.detail);
                None
            }
        }
    }

    fn paint(&mut self, plan: &FramePlan, scene: &Scene) -> Result<(), PortError> {
        let picture = self.reference.frame(scene).ok_or_else(no_frame)?;
        self.remember(plan, scene);
        self.last.picture = Some(picture);
        Ok(())
    }

    /// A frame in which a slate stands in is made anew each time: the picture may come.
    fn remember(&mut self, plan: &FramePlan, scene: &Scene) {
        if !scene.whole || self.last.plan.is_none() {
            self.last = Last { plan: scene.whole.then(|| plan.clone()), ..Last::default() };
        }
    }

    fn forget_other(&mut self, plan: &FramePlan) {
        if !self.last.plan.as_ref().is_some_and(|last| same_picture(last, plan)) {
            self.last = Last::default();
        }
    }
}

impl Compositor for FrameCompositor {
    fn device_name(&self) -> &str {
        &self.name
    }

    fn render(&mut self, plan: &FramePlan, pictures: &mut dyn PictureStore) -> Result<Arc<Pixels>, PortError> {
        self.forget_other(plan);
        if let Some(pixels) = &self.last.pixels {
            return Ok(Arc::clone(pixels));
        }
        let (width, height) = (plan.size.width, plan.size.height);
        if self.last.picture.is_none() {
            let scene = Scene::new(plan, &mut self.sources, pictures)?;
            if let Some(rgba) = self.on_device(|graphics| graphics.frame(&scene)) {
                let pixels = Arc::new(Pixels { width, height, rgba });
                self.remember(plan, &scene);
                self.last.pixels = Some(Arc::clone(&pixels));
                return Ok(pixels);
            }
            self.paint(plan, &scene)?;
        }
        let picture = self.last.picture.as_ref().ok_or_else(no_frame)?;
        let pixels = Arc::new(Pixels { width, height, rgba: interleaved(picture) });
        self.last.pixels = Some(Arc::clone(&pixels));
        Ok(pixels)
    }

    fn render_video(
        &mut self,
        plan: &FramePlan,
        pictures: &mut dyn PictureStore,
    ) -> Result<Arc<VideoFrame>, PortError> {
        self.forget_other(plan);
        if let Some(video) = &self.last.video {
            return Ok(Arc::clone(video));
        }
        let i420 = self.video_bytes(plan, pictures, Layout::I420)?;
        let video = Arc::new(VideoFrame { width: plan.size.width, height: plan.size.height, i420 });
        self.last.video = Some(Arc::clone(&video));
        if self.graphics.is_none() {
            self.handed.hand_out(&video);
        }
        Ok(video)
    }
}

fn interleaved(picture: &Picture) -> Vec<u8> {
    let row_bytes = picture.width() * 4;
    let mut rgba = vec![0; row_bytes * picture.height()];
    rgba.par_chunks_mut(row_bytes.max(1)).enumerate().with_min_len(16).for_each(|(y, out)| {
        output::interleave(picture.row(0, y), picture.row(1, y), picture.row(2, y), out);
    });
    rgba
}

fn processor_name() -> String {
    format!("processor, {} threads", rayon::current_num_threads())
}

fn no_frame() -> PortError {
    Fault::new(
        "The picture could not be put together.",
        "Try again; if it stays so, report it with the film's project.",
        "the executor gave no frame",
    )
    .into()
}
