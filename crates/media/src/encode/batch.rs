//! Pictures waiting to become PNG files: coded on all processors at once, given back in order.
//!
//! Coding one at a time would leave all but one processor idle. The result must not depend on how many there are.

use super::trouble;
use crate::png_file;
use kinora_ports::{Pixels, PortError};
use rayon::prelude::*;

#[derive(Debug, Default)]
pub struct Batch {
    /// A picture and how often it is shown.
    waiting: Vec<(Pixels, u32)>,
}

/// A coded picture and how often it is shown.
pub type Coded = (Vec<u8>, u32);

impl Batch {
    /// True when it is time to [`Batch::code`].
    pub fn add(&mut self, pixels: &Pixels) -> bool {
        self.waiting.push((pixels.clone(), 1));
        self.waiting.len() >= rayon::current_num_threads().clamp(1, 16) * 2
    }
    /// False when nothing waits: the caller then repeats what it wrote last.
    pub fn repeat(&mut self) -> bool {
        self.waiting.last_mut().map(|(_, times)| *times += 1).is_some()
    }
    pub fn code(&mut self) -> Result<Vec<Coded>, PortError> {
        let coded = self.waiting.par_iter().map(|(pixels, times)| Ok((png_file::encode(pixels)?, *times)));
        let coded = coded.collect::<Result<Vec<_>, png::EncodingError>>().map_err(trouble::encoding)?;
        self.waiting.clear();
        Ok(coded)
    }
}
