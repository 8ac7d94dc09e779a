//! What a pass is told, and the row of pixels it works on.
//!
//! [`Pass`] is laid out as the uniform block of `prelude.wgsl`; a test there keeps the two equal. [`Row`] is planar, one slice per
//! channel, so that the twins' loops fill whole registers.

use crate::declare::PARAMETERS;
use bytemuck::{Pod, Zeroable};

#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
pub struct Pass {
    /// The frame, in pixels.
    pub size: [f32; 2],
    /// Number of the film's frame, for what changes with time.
    pub frame: u32,
    /// Of 0…1: opacity of a layer, progress of a transition.
    pub amount: f32,
    /// Frame pixel (centre at .5) → this layer's own space: `[xx, xy, x0, unused, yx, yy, y0, unused]`.
    /// For effects that space is 0…1 across the layer; for placing it is pixels of the source.
    pub map: [f32; 8],
    /// Whole numbers, by pass: see each.
    pub whole: [i32; 8],
    pub values: [f32; PARAMETERS],
}

impl Default for Pass {
    fn default() -> Self {
        Self { size: [1.0; 2], frame: 0, amount: 1.0, map: [0.0; 8], whole: [0; 8], values: [0.0; PARAMETERS] }
    }
}

impl Pass {
    /// For a layer that covers the frame.
    pub fn full_frame(width: u32, height: u32) -> Self {
        let (width, height) = (width.max(1) as f32, height.max(1) as f32);
        Self {
            size: [width, height],
            map: [1.0 / width, 0.0, 0.0, 0.0, 0.0, 1.0 / height, 0.0, 0.0],
            ..Self::default()
        }
    }

    /// The layer's space at the centre of a pixel.
    #[inline(always)]
    pub fn at(&self, x: f32, y: f32) -> (f32, f32) {
        let [xx, xy, x0, _, yx, yy, y0, _] = self.map;
        (xx * x + xy * y + x0, yx * x + yy * y + y0)
    }
}

/// One row of the frame: premultiplied, 0…1.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    pub red: Vec<f32>,
    pub green: Vec<f32>,
    pub blue: Vec<f32>,
    pub alpha: Vec<f32>,
}

impl Row {
    /// Transparent.
    pub fn new(width: usize) -> Self {
        let zeroes = vec![0.0; width];
        Self { red: zeroes.clone(), green: zeroes.clone(), blue: zeroes.clone(), alpha: zeroes }
    }

    pub fn width(&self) -> usize {
        self.red.len()
    }

    /// Makes it that wide, with the alpha given and no colour.
    pub fn reset(&mut self, width: usize, alpha: f32) {
        for channel in [&mut self.red, &mut self.green, &mut self.blue] {
            channel.clear();
            channel.resize(width, 0.0);
        }
        self.alpha.clear();
        self.alpha.resize(width, alpha);
    }

    pub fn is_opaque(&self) -> bool {
        self.alpha.iter().all(|&alpha| alpha == 1.0)
    }

    pub fn pixel(&self, x: usize) -> [f32; 4] {
        let of = |channel: &[f32]| channel.get(x).copied().unwrap_or(0.0);
        [of(&self.red), of(&self.green), of(&self.blue), of(&self.alpha)]
    }

    pub fn set_pixel(&mut self, x: usize, [red, green, blue, alpha]: [f32; 4]) {
        for (channel, value) in
            [(&mut self.red, red), (&mut self.green, green), (&mut self.blue, blue), (&mut self.alpha, alpha)]
        {
            if let Some(slot) = channel.get_mut(x) {
                *slot = value;
            }
        }
    }

    pub fn channels_mut(&mut self) -> [&mut Vec<f32>; 4] {
        [&mut self.red, &mut self.green, &mut self.blue, &mut self.alpha]
    }

    pub fn channels(&self) -> [&Vec<f32>; 4] {
        [&self.red, &self.green, &self.blue, &self.alpha]
    }
}
