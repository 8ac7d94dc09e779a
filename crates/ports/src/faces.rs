//! Finding faces in a picture: that there is one, where and how large, and nothing about whose it is.
//!
//! An adapter finds faces that look into the camera; what a turned head does to that is measured by whoever asks. It never recognises
//! anybody and keeps nothing of what it was shown.

use crate::PortError;

/// One number a pixel, rows from the top without padding.
#[derive(Clone, PartialEq, Eq)]
pub struct Grey {
    pub width: u32,
    pub height: u32,
    pub luma: Vec<u8>,
}

impl std::fmt::Debug for Grey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Grey({}×{})", self.width, self.height)
    }
}

impl Grey {
    pub fn at(&self, x: u32, y: u32) -> u8 {
        let index = y.min(self.height.saturating_sub(1)) as usize * self.width as usize
            + x.min(self.width.saturating_sub(1)) as usize;
        self.luma.get(index).copied().unwrap_or_default()
    }
}

/// In pixels of the picture; it may reach over its edges.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Face {
    pub x: i32,
    pub y: i32,
    pub width: u32,
    pub height: u32,
    /// Larger is surer; only comparable within one adapter.
    pub score: f32,
}

impl Face {
    pub fn centre_x(&self) -> f32 {
        self.x as f32 + self.width as f32 / 2.0
    }
}

pub trait FaceFinder: Send + Sync {
    /// Faces that look into the camera, largest first.
    fn faces(&self, grey: &Grey) -> Result<Vec<Face>, PortError>;
    /// By which means, for the record: "the frontal face detector SeetaFace 1.0".
    fn means(&self) -> String;
}
