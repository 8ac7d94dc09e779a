//! Reading movies, pictures and sound: one door ([`GstDecoder`]), one file per way of reading behind it.
//!
//! Takes and pictures are read without GStreamer; the rest goes through it. Files are hostile until proven otherwise: each wait ends,
//! each table is bounded, and what cannot be read is an error in words, never a hang.

mod material;
mod sound;
mod still;
mod stream;
mod take;

use crate::isobmff::TrackKind;
use crate::probe::{self, Look};
use kinora_ports::{Decoder, Movie, PortError};
use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

pub use material::Material;
pub use sound::read_sound;
pub(crate) use stream::decode_into;

#[derive(Clone, Copy, Debug, Default)]
pub struct GstDecoder;

impl GstDecoder {
    pub fn new() -> Self {
        Self
    }
}

impl Decoder for GstDecoder {
    fn open(&self, path: &Path) -> Result<Box<dyn Movie>, PortError> {
        open(path)
    }
    fn open_bytes(&self, bytes: Arc<[u8]>) -> Result<Box<dyn Movie>, PortError> {
        let material = Material::Memory(Arc::clone(&bytes));
        let mut source = Cursor::new(&bytes);
        Ok(match probe::picture(&bytes) {
            Some(Look::Png) => Box::new(still::Still::png(&mut source, material.name())?),
            Some(_) => Box::new(still::Still::jpeg(&mut source, material.name())?),
            None => Box::new(stream::StreamMovie::open_bytes(bytes)?),
        })
    }
}

pub(crate) fn open(path: &Path) -> Result<Box<dyn Movie>, PortError> {
    let mut file = probe::open_file(path)?;
    match probe::look(&mut file, path)? {
        Look::Png => Ok(Box::new(still::Still::png(&mut file, path)?)),
        Look::Jpeg => Ok(Box::new(still::Still::jpeg(&mut file, path)?)),
        Look::Boxed(movie) if movie.track(TrackKind::Video).is_some_and(|track| &track.codec == b"png ") => {
            Ok(Box::new(take::TakeMovie::open(file, path, &movie)?))
        }
        Look::Boxed(_) | Look::Other => Ok(Box::new(stream::StreamMovie::open(path)?)),
    }
}

/// Through GStreamer whatever it is; for tests and measurements.
pub fn open_stream(path: &Path) -> Result<Box<dyn Movie>, PortError> {
    Ok(Box::new(stream::StreamMovie::open(path)?))
}
