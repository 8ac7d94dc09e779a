//! The recording under way: a header, then pieces (`moof` and `mdat`) that are whole each, so that a file torn anywhere is a recording
//! up to its last whole piece.
//!
//! Every time is in samples of sound at 48 kHz, for both tracks. The reader takes nothing on trust: a piece counts only when all of it
//! is there and all its numbers fit, and the first that does not, ends the recording.

use super::read::{child, inside, u16_at, u32_at, u64_at};
use super::tables::{
    AudioFormat, AudioTrack, Out, SampleTable, VideoFormat, VideoTrack, audio_entry, data_reference, edit_list,
    media_header, track_header, video_entry,
};

pub const TIMESCALE: u32 = 48_000;
const FTYP: &[u8] = b"\0\0\0\x1cftypiso5\0\0\x02\0iso5iso6mp41";
const VIDEO: u32 = 1;
const AUDIO: u32 = 2;
/// `sample_depends_on`: 2 on none (a key picture), 1 on others.
const KEY: u32 = 0x0200_0000;
const DEPENDENT: u32 = 0x0101_0000;
/// Entries of one piece; half a second holds far fewer.
const ENTRIES: u32 = 100_000;

/// What the header says of the tracks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reel {
    pub video: Option<ReelVideo>,
    pub audio: Option<ReelAudio>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReelVideo {
    pub width: u16,
    pub height: u16,
    pub config: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReelAudio {
    pub channels: u16,
    pub config: Vec<u8>,
    pub bit_rate: u32,
    /// Samples of the encoder's run-in.
    pub skip: u32,
}

/// A coded picture or packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coded {
    pub bytes: Vec<u8>,
    pub length: u32,
    pub key: bool,
}

/// Where a coded picture or packet lies in the recording's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub start: usize,
    pub size: u32,
    pub length: u32,
    pub key: bool,
}

/// A recording as far as it is whole.
#[derive(Clone, Debug, Default)]
pub struct WholePieces {
    pub reel: Reel,
    pub pictures: Vec<Place>,
    pub packets: Vec<Place>,
    pub pieces: u32,
    /// Bytes up to here are whole.
    pub end: usize,
}

impl Reel {
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Out::default();
        out.bytes(FTYP).nest(b"moov", |moov| {
            moov.full(b"mvhd", 1, 0, |b| {
                b.u64(0).u64(0).u32(TIMESCALE).u64(0).u32(0x1_0000).u16(0x100).bytes(&[0; 10]);
                for value in [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000] {
                    b.u32(value);
                }
                b.bytes(&[0; 24]).u32(AUDIO + 1);
            });
            let table = || SampleTable::new(TIMESCALE, 0);
            if let Some(video) = &self.video {
                let format = VideoFormat::Avc { config: video.config.clone() };
                let track = VideoTrack { format, width: video.width, height: video.height, table: table() };
                moov.nest(b"trak", |b| {
                    track_header(b, VIDEO, 0, false, (video.width, video.height));
                    empty_media(b, &track.table, b"vide", |entry| video_entry(entry, &track));
                });
            }
            if let Some(audio) = &self.audio {
                let format = AudioFormat::Aac { config: audio.config.clone(), bit_rate: audio.bit_rate };
                let track = AudioTrack { format, channels: audio.channels, sample_rate: TIMESCALE, table: table() };
                moov.nest(b"trak", |b| {
                    track_header(b, AUDIO, 0, true, (0, 0));
                    edit_list(b, 0, audio.skip);
                    empty_media(b, &track.table, b"soun", |entry| audio_entry(entry, &track, false));
                });
            }
            moov.nest(b"mvex", |b| {
                for (id, there) in [(VIDEO, self.video.is_some()), (AUDIO, self.audio.is_some())] {
                    if there {
                        b.full(b"trex", 0, 0, |b| _ = b.u32(id).u32(1).u32(0).u32(0).u32(0));
                    }
                }
            });
        });
        out.0
    }
}

fn empty_media(out: &mut Out, table: &SampleTable, handler: &[u8; 4], entry: impl FnOnce(&mut Out)) {
    let name = if handler == b"vide" { "Picture" } else { "Sound" };
    out.nest(b"mdia", |mdia| {
        media_header(mdia, table, 0, handler, name);
        mdia.nest(b"minf", |minf| {
            if handler == b"vide" {
                minf.full(b"vmhd", 0, 1, |b| _ = b.bytes(&[0; 8]));
            } else {
                minf.full(b"smhd", 0, 0, |b| _ = b.u32(0));
            }
            data_reference(minf);
            minf.nest(b"stbl", |stbl| {
                stbl.full(b"stsd", 0, 0, |b| entry(b.u32(1)));
                stbl.full(b"stts", 0, 0, |b| _ = b.u32(0)).full(b"stsc", 0, 0, |b| _ = b.u32(0));
                stbl.full(b"stsz", 0, 0, |b| _ = b.u32(0).u32(0)).full(b"stco", 0, 0, |b| _ = b.u32(0));
            });
        });
    });
}

/// One piece; `starts` are where its first picture and its first packet lie in time.
pub fn piece(number: u32, starts: (u64, u64), pictures: &[Coded], packets: &[Coded]) -> Vec<u8> {
    let build = |base: u32| {
        let mut out = Out::default();
        out.nest(b"moof", |moof| {
            moof.full(b"mfhd", 0, 0, |b| _ = b.u32(number));
            let mut offset = base;
            for (id, start, coded) in [(VIDEO, starts.0, pictures), (AUDIO, starts.1, packets)] {
                if coded.is_empty() {
                    continue;
                }
                moof.nest(b"traf", |traf| {
                    traf.full(b"tfhd", 0, 0x02_0000, |b| _ = b.u32(id));
                    traf.full(b"tfdt", 1, 0, |b| _ = b.u64(start));
                    traf.full(b"trun", 0, 0x701, |b| {
                        b.u32(coded.len() as u32).u32(offset);
                        for one in coded {
                            b.u32(one.length).u32(one.bytes.len() as u32).u32(if one.key { KEY } else { DEPENDENT });
                        }
                    });
                });
                offset += coded.iter().map(|one| one.bytes.len() as u32).sum::<u32>();
            }
        });
        out.0
    };
    let head = build(0).len() as u32;
    let mut bytes = build(head + 8);
    let all = || pictures.iter().chain(packets);
    let media: usize = all().map(|one| one.bytes.len()).sum();
    bytes.extend_from_slice(&(media as u32 + 8).to_be_bytes());
    bytes.extend_from_slice(b"mdat");
    all().for_each(|one| bytes.extend_from_slice(&one.bytes));
    bytes
}

/// Reads as far as everything is whole. None when not even the header is.
pub fn read(bytes: &[u8]) -> Option<WholePieces> {
    let mut boxes = Boxes { bytes, at: 0 };
    let (kind, _) = boxes.next()?;
    let (header, moov) = boxes.next()?;
    if &kind != b"ftyp" || &header != b"moov" {
        return None;
    }
    let mut whole = WholePieces { reel: reel(moov)?, end: boxes.at, ..WholePieces::default() };
    while let Some(next) = one_piece(&mut boxes, &mut whole) {
        (whole.pieces, whole.end) = (next, boxes.at);
    }
    Some(whole)
}

/// Top-level boxes that are there to their last byte.
struct Boxes<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Boxes<'a> {
    fn next(&mut self) -> Option<([u8; 4], &'a [u8])> {
        let rest = self.bytes.get(self.at..)?;
        let (kind, body) = inside(rest).next()?;
        // A length of 0 means up to the end, which nobody can tell from torn.
        if u32_at(rest, 0)? == 0 {
            return None;
        }
        self.at += body.len() + 8;
        Some((kind, body))
    }
}

fn reel(moov: &[u8]) -> Option<Reel> {
    child(moov, b"mvex")?;
    let mut reel = Reel::default();
    for (_, trak) in inside(moov).filter(|(kind, _)| kind == b"trak").take(2) {
        let mdia = child(trak, b"mdia")?;
        let stbl = child(child(mdia, b"minf")?, b"stbl")?;
        let (codec, entry) = inside(child(stbl, b"stsd")?.get(8..)?).next()?;
        match &codec {
            b"avc1" => {
                let config = child(entry.get(78..)?, b"avcC")?.to_vec();
                reel.video = Some(ReelVideo { width: u16_at(entry, 24)?, height: u16_at(entry, 26)?, config });
            }
            b"mp4a" => {
                let esds = child(entry.get(28..)?, b"esds")?;
                let length = usize::from(*esds.get(25)?);
                let skip = child(trak, b"edts").and_then(|edts| u64_at(child(edts, b"elst")?, 16))?;
                reel.audio = Some(ReelAudio {
                    channels: u16_at(entry, 16)?,
                    config: esds.get(26..26 + length)?.to_vec(),
                    bit_rate: u32_at(esds, 16)?,
                    skip: u32::try_from(skip).ok()?,
                });
            }
            _ => return None,
        }
    }
    (reel.video.is_some() || reel.audio.is_some()).then_some(reel)
}

/// Adds the next piece when all of it is there and fits; the answer is its number.
fn one_piece(boxes: &mut Boxes<'_>, whole: &mut WholePieces) -> Option<u32> {
    let start = boxes.at;
    let (kind, moof) = boxes.next()?;
    let media_start = boxes.at + 8;
    let (data, media) = boxes.next()?;
    let number = u32_at(child(moof, b"mfhd")?, 4)?;
    if &kind != b"moof" || &data != b"mdat" || number != whole.pieces + 1 {
        return None;
    }
    let (mut pictures, mut packets, mut total) = (Vec::new(), Vec::new(), 0usize);
    for (_, traf) in inside(moof).filter(|(kind, _)| kind == b"traf").take(2) {
        let (into, before, there) = match u32_at(child(traf, b"tfhd")?, 4)? {
            VIDEO => (&mut pictures, &whole.pictures, whole.reel.video.is_some()),
            AUDIO => (&mut packets, &whole.packets, whole.reel.audio.is_some()),
            _ => return None,
        };
        let since: u64 = before.iter().map(|place| u64::from(place.length)).sum();
        if !there || u64_at(child(traf, b"tfdt")?, 4)? != since {
            return None;
        }
        let trun = child(traf, b"trun")?;
        let count = u32_at(trun, 4)?;
        let mut at = start.checked_add(u32_at(trun, 8)? as usize)?;
        if count > ENTRIES || at < media_start {
            return None;
        }
        for entry in 0..count as usize {
            let base = 12 + entry * 12;
            let size = u32_at(trun, base + 4)?;
            let place = Place { start: at, size, length: u32_at(trun, base)?, key: u32_at(trun, base + 8)? == KEY };
            at = at.checked_add(size as usize)?;
            total += size as usize;
            if at > media_start + media.len() {
                return None;
            }
            into.push(place);
        }
    }
    if total != media.len() {
        return None;
    }
    whole.pictures.append(&mut pictures);
    whole.packets.append(&mut packets);
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recording() -> (Vec<u8>, Vec<usize>) {
        let reel = Reel {
            video: Some(ReelVideo { width: 320, height: 180, config: vec![1, 100, 0, 31, 255, 225] }),
            audio: Some(ReelAudio { channels: 2, config: vec![0x11, 0x90], bit_rate: 128_000, skip: 1024 }),
        };
        let mut bytes = reel.to_bytes();
        let mut ends = vec![bytes.len()];
        for number in 1..=4u32 {
            let picture = |at: u32| Coded { bytes: vec![at as u8; 900], length: 1600 + at, key: at == 0 };
            let pictures: Vec<Coded> = (0..15).map(picture).collect();
            let packets = vec![Coded { bytes: vec![7; 200], length: 1024, key: true }; 24];
            let each = pictures.iter().map(|one| u64::from(one.length)).sum::<u64>();
            let starts = (each * u64::from(number - 1), 24 * 1024 * u64::from(number - 1));
            bytes.extend(piece(number, starts, &pictures, &packets));
            ends.push(bytes.len());
        }
        (bytes, ends)
    }

    #[test]
    fn a_recording_torn_anywhere_is_whole_up_to_its_last_whole_piece() {
        let (bytes, ends) = recording();
        for cut in (0..=bytes.len()).step_by(37).chain(ends.iter().copied()) {
            let pieces = ends.iter().filter(|&&end| end <= cut).count();
            match read(&bytes[..cut]) {
                None => assert_eq!(pieces, 0, "cut at {cut}"),
                Some(whole) => {
                    assert_eq!(whole.pieces as usize + 1, pieces, "cut at {cut}");
                    assert_eq!((whole.pictures.len(), whole.end), ((pieces - 1) * 15, ends[pieces - 1]));
                }
            }
        }
        let whole = read(&bytes).expect("whole");
        assert_eq!(whole.reel.audio.as_ref().map(|audio| (audio.channels, audio.skip)), Some((2, 1024)));
        let first = whole.pictures[16];
        assert!(bytes[first.start..first.start + first.size as usize].iter().all(|&byte| byte == 1) && !first.key);
    }

    #[test]
    fn flipped_bytes_never_panic_and_never_reach_outside() {
        let (bytes, ends) = recording();
        for at in (0..ends[2]).step_by(3) {
            let mut bad = bytes.clone();
            bad[at] ^= 0x41;
            if let Some(whole) = read(&bad) {
                let inside = |place: &Place| place.start + place.size as usize <= bad.len();
                assert!(whole.pictures.iter().chain(&whole.packets).all(inside));
            }
        }
    }
}
