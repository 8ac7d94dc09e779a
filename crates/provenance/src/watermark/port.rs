//! The watermark as the studio asks for it: frames of video in, frames of video out.
//!
//! An adapter and nothing more: how a mark is made and found stands beside it. It must leave colour alone and refuse no frame.

use super::code::CODED_BITS;
use super::find::SURE;
use super::{Marker, Payload, Seeker};
use kinora_ports::{FilmMark, FrameMarker, MarkFound, MarkSeeker, Pixels, VideoFrame, Watermark};

/// The mark in the luma of frames.
#[derive(Clone, Copy, Debug, Default)]
pub struct LumaMark;

impl Watermark for LumaMark {
    fn marker(&self, film: FilmMark, width: u32, height: u32) -> Option<Box<dyn FrameMarker>> {
        let marker = Marker::new(Payload::of(film.kept()), width, height)?;
        Some(Box::new(marker))
    }

    fn seeker(&self, width: u32, height: u32) -> Option<Box<dyn MarkSeeker>> {
        let seeker = Seeker::new(width, height)?;
        Some(Box::new(Gathered { seeker, luma: Vec::new() }))
    }
}

impl FrameMarker for Marker {
    fn marked(&self, frame: &VideoFrame) -> VideoFrame {
        let mut marked = frame.clone();
        let luma = frame.width as usize * frame.height as usize;
        if let Some(luma) = marked.i420.get_mut(..luma) {
            self.mark(luma);
        }
        marked
    }
}

struct Gathered {
    seeker: Seeker,
    luma: Vec<u8>,
}

impl MarkSeeker for Gathered {
    fn add(&mut self, pixels: &Pixels) {
        self.luma.clear();
        // BT.709 in 256ths, full range: only differences count here.
        let grey = |&[r, g, b, _]: &[u8; 4]| (u32::from(r) * 54 + u32::from(g) * 183 + u32::from(b) * 19 + 128) >> 8;
        self.luma.extend(pixels.rgba.as_chunks::<4>().0.iter().map(|pixel| grey(pixel) as u8));
        self.seeker.add(&self.luma);
    }

    fn find(&self) -> MarkFound {
        let found = self.seeker.find();
        MarkFound {
            is_there: found.is_there,
            film: found.payload.map(|payload| payload.to_string()),
            strength: found.strength,
            needed: SURE,
            turned_bits: found.turned_bits,
            coded_bits: CODED_BITS as u32,
            frames: found.frames,
        }
    }
}
