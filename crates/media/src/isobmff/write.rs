//! Writes a film file front to back, then makes room for the header before the media data ("fast start").
//!
//! The move happens inside the one `.part` file, from its end backwards, so an export never needs twice its own size on disk.
//! It must never be pointed at a finished file: until `finish` returns, what is on disk is not a film.

use super::tables::Tables;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

const MP4_FTYP: &[u8] = b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41";
const QUICKTIME_FTYP: &[u8] = b"\0\0\0\x14ftypqt  \0\0\x02\0qt  ";
/// An `mdat` header with a 64-bit length.
const MDAT_HEADER: u64 = 16;
const MOVE_BYTES: u64 = 4 << 20;

#[derive(Debug)]
pub struct MovieWriter {
    file: io::BufWriter<File>,
    media_start: u64,
    position: u64,
    quicktime: bool,
}

impl MovieWriter {
    pub fn new(mut file: File, quicktime: bool) -> io::Result<Self> {
        let ftyp = if quicktime { QUICKTIME_FTYP } else { MP4_FTYP };
        file.seek(SeekFrom::Start(0))?;
        file.write_all(ftyp)?;
        file.write_all(&[0; MDAT_HEADER as usize])?;
        let media_start = ftyp.len() as u64;
        Ok(Self {
            file: io::BufWriter::with_capacity(1 << 20, file),
            media_start,
            position: media_start + MDAT_HEADER,
            quicktime,
        })
    }

    /// Adds media data and says where it lies; the offset is the one to put into [`Tables`].
    pub fn append(&mut self, bytes: &[u8]) -> io::Result<u64> {
        let offset = self.position;
        self.file.write_all(bytes)?;
        self.position += bytes.len() as u64;
        Ok(offset)
    }

    pub fn finish(self, tables: &Tables) -> io::Result<()> {
        let mut file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        let header_length = tables.to_moov(0, false, self.quicktime).len() as u64;
        // Wide offsets lengthen the header; a quarter of the range is left for that.
        let wide = self.position + header_length * 2 > u64::from(u32::MAX);
        let shift = tables.to_moov(0, wide, self.quicktime).len() as u64;
        let moov = tables.to_moov(shift, wide, self.quicktime);
        debug_assert_eq!(moov.len() as u64, shift);
        let mut mdat = [0, 0, 0, 1, b'm', b'd', b'a', b't', 0, 0, 0, 0, 0, 0, 0, 0];
        mdat[8..].copy_from_slice(&(self.position - self.media_start).to_be_bytes());
        file.seek(SeekFrom::Start(self.media_start))?;
        file.write_all(&mdat)?;
        move_towards_end(&mut file, self.media_start, self.position, shift)?;
        file.seek(SeekFrom::Start(self.media_start))?;
        file.write_all(&moov)
    }
}

/// The same file in memory. Offsets in `tables` count from the first of `media`.
pub fn in_memory(tables: &Tables, media: &[u8]) -> Vec<u8> {
    let room = MP4_FTYP.len() as u64 + MDAT_HEADER;
    let narrow = room + media.len() as u64 + tables.to_moov(0, false, false).len() as u64 * 2;
    let wide = narrow > u64::from(u32::MAX);
    let header = tables.to_moov(0, wide, false).len() as u64;
    let moov = tables.to_moov(room + header, wide, false);
    let mut bytes = Vec::with_capacity(MP4_FTYP.len() + moov.len() + MDAT_HEADER as usize + media.len());
    bytes.extend_from_slice(MP4_FTYP);
    bytes.extend_from_slice(&moov);
    bytes.extend_from_slice(b"\0\0\0\x01mdat");
    bytes.extend_from_slice(&(media.len() as u64 + MDAT_HEADER).to_be_bytes());
    bytes.extend_from_slice(media);
    bytes
}

/// Moves the bytes of `start..end` by `shift` towards the end of the file.
fn move_towards_end(file: &mut File, start: u64, end: u64, shift: u64) -> io::Result<()> {
    let mut buffer = vec![0u8; MOVE_BYTES.min(end - start) as usize];
    let mut left = end - start;
    while left > 0 {
        let now = left.min(MOVE_BYTES);
        left -= now;
        let part = buffer.get_mut(..now as usize).unwrap_or_default();
        file.seek(SeekFrom::Start(start + left))?;
        file.read_exact(part)?;
        file.seek(SeekFrom::Start(start + left + shift))?;
        file.write_all(part)?;
    }
    Ok(())
}
