//! A stretch of the mix that is kept because the next block asks for part of it again.
//!
//! A limiter looks to both sides of what it is asked for; without this every block would add up its neighbours anew. It grows at its
//! end, is cut at its front, and holds nothing else.

use super::CHANNELS;

#[derive(Debug, Default)]
pub(super) struct Window {
    pub start: i64,
    /// Interleaved.
    samples: Vec<f32>,
}

impl Window {
    pub fn end(&self) -> i64 {
        self.start + (self.samples.len() / CHANNELS) as i64
    }

    pub fn begin(&mut self, at: i64) {
        self.start = at;
        self.samples.clear();
    }

    /// Room for `frames` more at the end, silent.
    pub fn grow(&mut self, frames: usize) -> &mut [f32] {
        let before = self.samples.len();
        self.samples.resize(before + frames * CHANNELS, 0.0);
        self.samples.get_mut(before..).unwrap_or_default()
    }

    pub fn forget_before(&mut self, at: i64) {
        let frames = usize::try_from(at.min(self.end()) - self.start).unwrap_or(0);
        if frames > 0 {
            self.samples.drain(..frames * CHANNELS);
            self.start += frames as i64;
        }
    }

    /// What is known from `from` on, at most `frames` of it.
    pub fn known(&self, from: i64, frames: usize) -> &[f32] {
        let skip = usize::try_from(from - self.start).unwrap_or(usize::MAX / CHANNELS);
        let rest = self.samples.get(skip * CHANNELS..).unwrap_or_default();
        rest.get(..frames * CHANNELS).unwrap_or(rest)
    }
}
