//! The contact sheet: one animated PNG in which each cell plays its part of the film.
//!
//! The first picture of the animation is a static sheet, so programs that know no animation show that. However long the film, only a
//! fixed number of small pictures is kept: when there are too many, every second goes.

use super::{check_picture, full_colour, nothing_to_repeat, nothing_to_write, trouble};
use crate::part::PartFile;
use crate::picture::thumbnail;
use kinora_ports::media::{EncodeSettings, Sealing};
use kinora_ports::{Encoding, Pixels, PortError, VideoFrame};
use std::io::{self, BufWriter};
use std::path::Path;
use std::sync::Arc;

const CELLS: usize = 12;
/// Pictures each cell plays.
const STEPS: usize = 8;
const STEPS_PER_SECOND: u16 = 4;
const CELL_SIDE: u32 = 240;
const KEPT: usize = CELLS * STEPS * 4;
const GAP: usize = 4;

#[derive(Debug)]
pub struct SheetEncoding {
    part: PartFile,
    settings: EncodeSettings,
    kept: Vec<Pixels>,
    stride: u64,
    last: Option<Pixels>,
    pictures: u64,
}

impl SheetEncoding {
    pub fn start(settings: &EncodeSettings, path: &Path) -> Result<Self, PortError> {
        let part = PartFile::create(path)?;
        Ok(Self { part, settings: settings.clone(), kept: Vec::new(), stride: 1, last: None, pictures: 0 })
    }
    fn keep(&mut self, small: Pixels) {
        if self.pictures.is_multiple_of(self.stride) {
            self.kept.push(small.clone());
        }
        if self.kept.len() > KEPT {
            let mut index = 0;
            self.kept.retain(|_| {
                index += 1;
                index % 2 == 1
            });
            self.stride *= 2;
        }
        self.last = Some(small);
        self.pictures += 1;
    }
}

impl Encoding for SheetEncoding {
    fn encoder_name(&self) -> &'static str {
        "APNG"
    }
    fn takes_video(&self) -> bool {
        false
    }
    fn video(&mut self, _: &Arc<VideoFrame>) -> Result<(), PortError> {
        Err(full_colour())
    }
    fn picture(&mut self, pixels: &Pixels) -> Result<(), PortError> {
        check_picture(&self.settings, pixels)?;
        // Made small only where it may be kept; the last one is made again from nothing but itself.
        self.keep(thumbnail(pixels, CELL_SIDE, CELL_SIDE));
        Ok(())
    }
    fn repeat_picture(&mut self) -> Result<(), PortError> {
        let last = self.last.clone().ok_or_else(nothing_to_repeat)?;
        self.keep(last);
        Ok(())
    }
    fn sound(&mut self, _: &[f32]) -> Result<(), PortError> {
        Ok(())
    }
    fn finish_sealed(self: Box<Self>, seal: Option<&mut Sealing<'_>>) -> Result<(), PortError> {
        let Self { part, kept, .. } = *self;
        if kept.is_empty() {
            return Err(nothing_to_write());
        }
        let cells = CELLS.min(kept.len());
        let steps = STEPS.min(kept.len() / cells).max(1);
        let sheet = |step: usize| {
            let pictures = (0..cells)
                .filter_map(|cell| kept.get((cell * steps + step) * kept.len() / (cells * steps)))
                .collect::<Vec<_>>();
            contact_sheet(&pictures, columns(&pictures))
        };
        write(&part, steps, sheet).map_err(|error| match error {
            png::EncodingError::IoError(error) => part.trouble(&error),
            other => trouble::encoding(other),
        })?;
        part.commit(seal, |_| Ok(()))
    }
}

fn write(part: &PartFile, steps: usize, sheet: impl Fn(usize) -> Pixels) -> Result<(), png::EncodingError> {
    let first = sheet(0);
    let file = part.handle().map_err(|_| io::Error::from(io::ErrorKind::Other))?;
    let mut encoder = png::Encoder::new(BufWriter::new(file), first.width, first.height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Balanced);
    if steps > 1 {
        encoder.set_animated(steps as u32, 0)?;
        encoder.set_frame_delay(1, STEPS_PER_SECOND)?;
    }
    let mut writer = encoder.write_header()?;
    let rgb = |pixels: &Pixels| {
        pixels.rgba.as_chunks::<4>().0.iter().flat_map(|&[r, g, b, _]| [r, g, b]).collect::<Vec<u8>>()
    };
    writer.write_image_data(&rgb(&first))?;
    for step in 1..steps {
        writer.write_image_data(&rgb(&sheet(step)))?;
    }
    writer.finish()
}

/// Wide films in four columns, tall ones in six.
fn columns(pictures: &[&Pixels]) -> usize {
    let tall = pictures.first().is_some_and(|picture| picture.height > picture.width);
    if tall { 6 } else { 4 }
}

/// Pictures of one size side by side on dark ground, row by row.
pub fn contact_sheet(pictures: &[&Pixels], columns: usize) -> Pixels {
    let (cell_width, cell_height) =
        pictures.first().map_or((1, 1), |picture| (picture.width as usize, picture.height as usize));
    let columns = columns.clamp(1, pictures.len().max(1));
    let rows = pictures.len().div_ceil(columns).max(1);
    let (width, height) = (columns * (cell_width + GAP) + GAP, rows * (cell_height + GAP) + GAP);
    let mut sheet = Pixels::new(width as u32, height as u32);
    sheet.rgba.as_chunks_mut::<4>().0.fill([18, 18, 20, 255]);
    for (index, picture) in pictures.iter().enumerate() {
        let (left, top) = ((index % columns) * (cell_width + GAP) + GAP, (index / columns) * (cell_height + GAP) + GAP);
        let wide = picture.width as usize * 4;
        for (row, pixels) in picture.rgba.chunks_exact(wide.max(4)).take(cell_height).enumerate() {
            let start = ((top + row) * width + left) * 4;
            let count = wide.min(cell_width * 4);
            if let (Some(to), Some(from)) = (sheet.rgba.get_mut(start..start + count), pixels.get(..count)) {
                to.copy_from_slice(from);
            }
        }
    }
    sheet
}
