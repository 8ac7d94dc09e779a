//! Reads the header of an MP4 or QuickTime file into sample tables: for the proof at the end of an export, for takes, and for tests.
//!
//! Depth is fixed by the code, not by the file, and every table is bounded by the bytes that hold it, so a hostile file can cost no
//! more than its own size. Anything odd is `None`: the caller then lets GStreamer have a look, or refuses.

use std::io::{self, Read, Seek, SeekFrom};

/// A header larger than this belongs to no film we could open (12 hours at 60 frames a second stay below it).
const MOOV_BYTES: u64 = 256 << 20;
/// Boxes looked at on the top level before giving up.
const TOP_LEVEL_BOXES: usize = 4096;
const TRACKS: usize = 64;
/// Table entries that are expanded; 12 hours at 60 frames a second are 2.6 million.
const SAMPLES: u32 = 4_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrackKind {
    Video,
    Audio,
    Other,
}

/// A run of bytes with the media units it is shown for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadSample {
    pub offset: u64,
    pub size: u32,
    /// Display time in media units, before the edit list.
    pub time: i64,
    pub sync: bool,
}

#[derive(Clone, Debug)]
pub struct BoxedTrack {
    pub kind: TrackKind,
    pub codec: [u8; 4],
    pub timescale: u32,
    pub width: u16,
    pub height: u16,
    pub channels: u16,
    pub sample_rate: u32,
    /// Number of samples; for PCM that is audio frames.
    pub count: u32,
    /// Sum of all sample durations, in media units.
    pub media_length: u64,
    /// The one duration all samples have, if they have one.
    pub even_duration: Option<u32>,
    /// From the edit list: length in movie units, media units skipped.
    pub edit: Option<(u64, i64)>,
    /// `nclx`: primaries, transfer, matrix, full range.
    pub container_colour: Option<(u16, u16, u16, bool)>,
    pub avc_config: Option<Vec<u8>>,
    /// Chunks as (offset, samples in it).
    pub chunks: Vec<(u64, u32)>,
    /// Bytes of each sample when all are alike.
    pub even_size: Option<u32>,
    sizes: Vec<u32>,
    compositions: Vec<(u32, i32)>,
    durations: Vec<(u32, u32)>,
    syncs: Option<Vec<u32>>,
}

#[derive(Clone, Debug)]
pub struct BoxedMovie {
    pub brand: [u8; 4],
    pub moov_before_mdat: bool,
    pub timescale: u32,
    pub duration: u64,
    pub tracks: Vec<BoxedTrack>,
}

impl BoxedMovie {
    /// `Ok(None)` when this is no MP4 or QuickTime file that can be understood.
    pub fn read(file: &mut (impl Read + Seek)) -> io::Result<Option<Self>> {
        let length = file.seek(SeekFrom::End(0))?;
        let (mut at, mut brand, mut mdat_seen) = (0u64, *b"    ", false);
        for _ in 0..TOP_LEVEL_BOXES {
            let Some((kind, header, size)) = top_level(file, at, length)? else { return Ok(None) };
            match &kind {
                b"ftyp" if size >= header + 4 => {
                    file.seek(SeekFrom::Start(at + header))?;
                    file.read_exact(&mut brand)?;
                }
                b"mdat" => mdat_seen = true,
                b"moov" if size - header <= MOOV_BYTES => {
                    let mut moov = vec![0; (size - header) as usize];
                    file.seek(SeekFrom::Start(at + header))?;
                    file.read_exact(&mut moov)?;
                    return Ok(parse_moov(&moov, brand, !mdat_seen));
                }
                b"moov" => return Ok(None),
                _ => {}
            }
            at += size;
        }
        Ok(None)
    }
    pub fn track(&self, kind: TrackKind) -> Option<&BoxedTrack> {
        self.tracks.iter().find(|track| track.kind == kind)
    }
}

impl BoxedTrack {
    /// Every sample with its place and display time; None when the tables contradict each other.
    pub fn samples(&self) -> Option<Vec<ReadSample>> {
        if self.count > SAMPLES {
            return None;
        }
        let count = self.count as usize;
        let mut samples = Vec::with_capacity(count);
        let mut times = Runs::new(&self.durations);
        let mut compositions = Runs::new(&self.compositions);
        let (mut index, mut time) = (0usize, 0i64);
        for &(start, held) in &self.chunks {
            let mut offset = start;
            for _ in 0..held {
                let size = match self.even_size {
                    Some(size) => size,
                    None => *self.sizes.get(index)?,
                };
                let composition = if self.compositions.is_empty() { 0 } else { i64::from(compositions.next()?) };
                let sync = self.syncs.as_ref().is_none_or(|syncs| syncs.binary_search(&(index as u32 + 1)).is_ok());
                samples.push(ReadSample { offset, size, time: time.checked_add(composition)?, sync });
                time = time.checked_add(i64::from(times.next()?))?;
                offset = offset.checked_add(u64::from(size))?;
                index += 1;
                if index > count {
                    return None;
                }
            }
        }
        (index == count).then_some(samples)
    }
    /// Total bytes of all samples.
    pub fn bytes(&self) -> u64 {
        match self.even_size {
            Some(size) => u64::from(size) * u64::from(self.count),
            None => self.sizes.iter().map(|&size| u64::from(size)).sum(),
        }
    }
}

/// Run-length pairs, one value at a time.
struct Runs<'a, T> {
    runs: std::slice::Iter<'a, (u32, T)>,
    left: u32,
    value: Option<T>,
}

impl<'a, T: Copy> Runs<'a, T> {
    fn new(runs: &'a [(u32, T)]) -> Self {
        Self { runs: runs.iter(), left: 0, value: None }
    }
    fn next(&mut self) -> Option<T> {
        while self.left == 0 {
            let &(count, value) = self.runs.next()?;
            (self.left, self.value) = (count, Some(value));
        }
        self.left -= 1;
        self.value
    }
}

/// Kind, bytes of header, bytes in all.
fn top_level(file: &mut (impl Read + Seek), at: u64, length: u64) -> io::Result<Option<([u8; 4], u64, u64)>> {
    if at + 8 > length {
        return Ok(None);
    }
    let mut head = [0u8; 16];
    let have = (length - at).min(16) as usize;
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(head.get_mut(..have).unwrap_or_default())?;
    let [a, b, c, d, k0, k1, k2, k3, wide @ ..] = head;
    let (header, size) = match u32::from_be_bytes([a, b, c, d]) {
        0 => (8, length - at),
        1 if have == 16 => (16, u64::from_be_bytes(wide)),
        size => (8, u64::from(size)),
    };
    Ok((size >= header && size <= length - at).then_some(([k0, k1, k2, k3], header, size)))
}

/// The boxes directly inside `bytes`; stops at the first that does not fit.
pub(super) fn inside(bytes: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let (size, after) = rest.split_first_chunk::<4>()?;
        let (kind, _) = after.split_first_chunk::<4>()?;
        let size = match u32::from_be_bytes(*size) as usize {
            0 => rest.len(),
            size if size >= 8 => size,
            _ => return None,
        };
        let body = rest.get(8..size)?;
        rest = rest.get(size..)?;
        Some((*kind, body))
    })
}

pub(super) fn child<'a>(bytes: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    inside(bytes).find(|(found, _)| found == kind).map(|(_, body)| body)
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|b| u16::from_be_bytes(*b))
}
pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|b| u32::from_be_bytes(*b))
}
pub(super) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|b| u64::from_be_bytes(*b))
}

/// Timescale and duration of `mvhd` or `mdhd`.
fn header(bytes: &[u8]) -> Option<(u32, u64)> {
    match bytes.first()? {
        0 => Some((u32_at(bytes, 12)?, u64::from(u32_at(bytes, 16)?))),
        _ => Some((u32_at(bytes, 20)?, u64_at(bytes, 24)?)),
    }
}

fn parse_moov(moov: &[u8], brand: [u8; 4], moov_before_mdat: bool) -> Option<BoxedMovie> {
    let (timescale, duration) = header(child(moov, b"mvhd")?)?;
    if timescale == 0 || child(moov, b"mvex").is_some() {
        return None;
    }
    let tracks = inside(moov).filter(|(kind, _)| kind == b"trak").take(TRACKS);
    let tracks = tracks.map(|(_, body)| parse_track(body)).collect::<Option<Vec<_>>>()?;
    Some(BoxedMovie { brand, moov_before_mdat, timescale, duration, tracks })
}

fn parse_track(trak: &[u8]) -> Option<BoxedTrack> {
    let mdia = child(trak, b"mdia")?;
    let (timescale, _) = header(child(mdia, b"mdhd")?)?;
    let kind = match child(mdia, b"hdlr")?.get(8..12)? {
        b"vide" => TrackKind::Video,
        b"soun" => TrackKind::Audio,
        _ => TrackKind::Other,
    };
    let stbl = child(child(mdia, b"minf")?, b"stbl")?;
    let (codec, entry) = inside(child(stbl, b"stsd")?.get(8..)?).next()?;
    let stsz = child(stbl, b"stsz")?;
    let count = u32_at(stsz, 8)?;
    let even_size = Some(u32_at(stsz, 4)?).filter(|&size| size > 0);
    let sizes = if even_size.is_some() { Vec::new() } else { words(stsz.get(12..)?, count)? };
    let stts = child(stbl, b"stts")?;
    let durations = pairs(stts.get(8..)?, u32_at(stts, 4)?)?;
    let media_length = durations.iter().map(|&(run, each)| u64::from(run) * u64::from(each)).sum();
    let even_duration = match durations.as_slice() {
        [(_, each)] => Some(*each),
        // A last sample of another length is how many muxers end a track.
        [(_, each), (1, _)] => Some(*each),
        _ => None,
    };
    let compositions = match child(stbl, b"ctts") {
        Some(ctts) => pairs(ctts.get(8..)?, u32_at(ctts, 4)?)?.into_iter().map(|(run, by)| (run, by as i32)).collect(),
        None => Vec::new(),
    };
    let syncs = match child(stbl, b"stss") {
        Some(stss) => Some(words(stss.get(8..)?, u32_at(stss, 4)?)?),
        None => None,
    };
    let (mut width, mut height, mut channels, mut sample_rate) = (0, 0, 0, 0);
    let (mut container_colour, mut avc_config) = (None, None);
    match kind {
        TrackKind::Video => {
            (width, height) = (u16_at(entry, 24)?, u16_at(entry, 26)?);
            let parts = entry.get(78..).unwrap_or_default();
            avc_config = child(parts, b"avcC").map(<[u8]>::to_vec);
            container_colour = child(parts, b"colr").filter(|colr| colr.starts_with(b"nclx")).and_then(|colr| {
                Some((u16_at(colr, 4)?, u16_at(colr, 6)?, u16_at(colr, 8)?, colr.get(10)? & 0x80 != 0))
            });
        }
        TrackKind::Audio => (channels, sample_rate) = (u16_at(entry, 16)?, u32_at(entry, 24)? >> 16),
        TrackKind::Other => {}
    }
    Some(BoxedTrack {
        kind,
        codec,
        timescale: Some(timescale).filter(|&t| t > 0)?,
        width,
        height,
        channels,
        sample_rate,
        count,
        media_length,
        even_duration,
        edit: child(trak, b"edts").and_then(|edts| edit(child(edts, b"elst")?)),
        container_colour,
        avc_config,
        chunks: chunks(stbl, count)?,
        even_size,
        sizes,
        compositions,
        durations,
        syncs,
    })
}

/// The first edit that is no gap.
fn edit(elst: &[u8]) -> Option<(u64, i64)> {
    let count = u32_at(elst, 4)?;
    (0..(count as usize).min(16)).find_map(|index| {
        let (length, start) = match elst.first()? {
            0 => (u64::from(u32_at(elst, 8 + index * 12)?), i64::from(u32_at(elst, 12 + index * 12)? as i32)),
            _ => (u64_at(elst, 8 + index * 20)?, u64_at(elst, 16 + index * 20)? as i64),
        };
        (start >= 0).then_some((length, start))
    })
}

fn words(bytes: &[u8], count: u32) -> Option<Vec<u32>> {
    let bytes = bytes.get(..(count as usize).checked_mul(4)?)?;
    Some(bytes.as_chunks::<4>().0.iter().map(|word| u32::from_be_bytes(*word)).collect())
}

fn pairs(bytes: &[u8], count: u32) -> Option<Vec<(u32, u32)>> {
    Some(words(bytes, count.checked_mul(2)?)?.as_chunks::<2>().0.iter().map(|&[a, b]| (a, b)).collect())
}

fn chunks(stbl: &[u8], count: u32) -> Option<Vec<(u64, u32)>> {
    let offsets: Vec<u64> = match (child(stbl, b"stco"), child(stbl, b"co64")) {
        (Some(stco), _) => words(stco.get(8..)?, u32_at(stco, 4)?)?.into_iter().map(u64::from).collect(),
        (None, Some(co64)) => {
            let halves = words(co64.get(8..)?, u32_at(co64, 4)?.checked_mul(2)?)?;
            halves.as_chunks::<2>().0.iter().map(|&[high, low]| u64::from(high) << 32 | u64::from(low)).collect()
        }
        (None, None) => return None,
    };
    let stsc = child(stbl, b"stsc")?;
    let entries = words(stsc.get(8..)?, u32_at(stsc, 4)?.checked_mul(3)?)?;
    let entries = entries.as_chunks::<3>().0;
    let mut firsts = entries.iter().peekable();
    let (mut per_chunk, mut left) = (0, count);
    let mut chunks = Vec::with_capacity(offsets.len());
    for (number, offset) in (1u32..).zip(offsets) {
        while let Some(&[_, samples, _]) = firsts.next_if(|[first, ..]| *first <= number) {
            per_chunk = samples;
        }
        let held = per_chunk.min(left);
        left -= held;
        chunks.push((offset, held));
    }
    Some(chunks)
}
