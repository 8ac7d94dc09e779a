//! A still picture, from a file or from memory, as a movie of one frame.
//!
//! The picture is turned the way its camera says. It is read once, when opened, within fixed limits of size.

use crate::{png_file, trouble};
use image::{DynamicImage, ImageDecoder};
use kinora_document::{FrameSize, MediaKind, Ticks};
use kinora_ports::media::MovieInfo;
use kinora_ports::{Movie, Pixels, PortError, Sound};
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

/// A PNG file beyond this is no picture for a film.
const FILE_BYTES: u64 = 1 << 30;

#[derive(Debug)]
pub struct Still {
    info: MovieInfo,
    pixels: Pixels,
}

impl Still {
    pub fn png(source: &mut (impl Read + Seek), path: &Path) -> Result<Self, PortError> {
        let mut bytes = Vec::new();
        let read = source.seek(SeekFrom::Start(0)).and_then(|_| source.take(FILE_BYTES).read_to_end(&mut bytes));
        read.map_err(|error| trouble::disk("read", path, &error))?;
        let pixels = png_file::decode(&bytes).ok_or_else(|| trouble::unreadable(path, "not a sound PNG"))?;
        Ok(Self::new(pixels, "PNG"))
    }
    pub fn jpeg(source: &mut (impl Read + Seek), path: &Path) -> Result<Self, PortError> {
        let read = || -> image::ImageResult<DynamicImage> {
            source.seek(SeekFrom::Start(0))?;
            let mut decoder = image::codecs::jpeg::JpegDecoder::new(BufReader::new(source))?;
            let mut limits = image::Limits::default();
            limits.max_image_width = Some(1 << 14);
            limits.max_image_height = Some(1 << 14);
            decoder.set_limits(limits)?;
            let orientation = decoder.orientation()?;
            let mut image = DynamicImage::from_decoder(decoder)?;
            image.apply_orientation(orientation);
            Ok(image)
        };
        let image = read().map_err(|error| trouble::unreadable(path, error))?.into_rgba8();
        let (width, height) = image.dimensions();
        Ok(Self::new(Pixels { width, height, rgba: image.into_raw() }, "JPEG"))
    }
    fn new(pixels: Pixels, codec: &str) -> Self {
        let size = Some(FrameSize { width: pixels.width, height: pixels.height });
        let info = MovieInfo {
            kind: MediaKind::Picture,
            length: Ticks::ZERO,
            size,
            rate: None,
            frames: 1,
            has_sound: false,
            codecs: codec.to_owned(),
        };
        Self { info, pixels }
    }
}

impl Movie for Still {
    fn info(&self) -> &MovieInfo {
        &self.info
    }
    fn frame(&mut self, _: u32) -> Result<Pixels, PortError> {
        Ok(self.pixels.clone())
    }
    fn sound(&mut self) -> Result<Option<Sound>, PortError> {
        Ok(None)
    }
}
