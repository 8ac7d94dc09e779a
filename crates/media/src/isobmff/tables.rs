//! What the header (`moov`) of a film says, as values, and how it is laid out in bytes.
//!
//! Filled while the media data is written, turned into bytes once at the end. Nothing here depends on the clock or on chance:
//! creation times are zero, so the same film has the same bytes.

/// Where one coded picture or packet lies in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    pub offset: u64,
    pub size: u32,
    /// Display position minus decoding position, in media units; never negative.
    pub composition: u32,
    pub sync: bool,
}

#[derive(Clone, Debug)]
pub enum VideoFormat {
    /// H.264 with the decoder configuration record (`avcC`), tagged BT.709 limited.
    Avc { config: Vec<u8> },
    /// Each sample a PNG file.
    Png,
}

#[derive(Clone, Debug)]
pub enum AudioFormat {
    /// AAC-LC with its AudioSpecificConfig.
    Aac { config: Vec<u8>, bit_rate: u32 },
    /// Signed 16-bit little-endian PCM; one table entry is a run of frames that lie together.
    Pcm16,
}

/// One track's samples; each lasts `duration` units of `timescale`, unless it has a length of its own.
#[derive(Clone, Debug)]
pub struct SampleTable {
    pub timescale: u32,
    pub duration: u32,
    pub samples: Vec<Sample>,
    /// Media units skipped at the start: reordering delay or encoder priming.
    pub skip: u32,
    /// What a camera saw has no even rhythm: one length a sample. Empty when all last `duration`.
    pub lengths: Vec<u32>,
}

impl SampleTable {
    pub fn new(timescale: u32, duration: u32) -> Self {
        Self { timescale, duration, samples: Vec::new(), skip: 0, lengths: Vec::new() }
    }

    /// Of all samples, in media units.
    pub fn length(&self) -> u64 {
        if self.lengths.is_empty() {
            self.samples.len() as u64 * u64::from(self.duration)
        } else {
            self.lengths.iter().map(|&length| u64::from(length)).sum()
        }
    }
}

#[derive(Clone, Debug)]
pub struct VideoTrack {
    pub format: VideoFormat,
    pub width: u16,
    pub height: u16,
    pub table: SampleTable,
}

#[derive(Clone, Debug)]
pub struct AudioTrack {
    pub format: AudioFormat,
    pub channels: u16,
    pub sample_rate: u32,
    pub table: SampleTable,
}

#[derive(Clone, Debug)]
pub struct Tables {
    pub title: String,
    /// None in a file of sound alone.
    pub video: Option<VideoTrack>,
    pub audio: Option<AudioTrack>,
}

const UNITY_MATRIX: [u32; 9] = [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000];

/// Bytes of a box under construction.
#[derive(Default)]
pub(super) struct Out(pub(super) Vec<u8>);

impl Out {
    pub(super) fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }
    pub(super) fn u8(&mut self, value: u8) -> &mut Self {
        self.bytes(&[value])
    }
    pub(super) fn u16(&mut self, value: u16) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }
    pub(super) fn u32(&mut self, value: u32) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }
    pub(super) fn u64(&mut self, value: u64) -> &mut Self {
        self.bytes(&value.to_be_bytes())
    }
    pub(super) fn nest(&mut self, kind: &[u8; 4], fill: impl FnOnce(&mut Self)) -> &mut Self {
        let mut inner = Self::default();
        fill(&mut inner);
        self.u32(inner.0.len() as u32 + 8).bytes(kind).bytes(&inner.0)
    }
    pub(super) fn full(&mut self, kind: &[u8; 4], version: u8, flags: u32, fill: impl FnOnce(&mut Self)) -> &mut Self {
        self.nest(kind, |out| {
            out.u32(u32::from(version) << 24 | flags);
            fill(out);
        })
    }
}

impl Tables {
    /// The whole `moov` box; `shift` is added to every offset, `wide` chooses 64-bit offsets.
    pub fn to_moov(&self, shift: u64, wide: bool, quicktime: bool) -> Vec<u8> {
        let leading = self.video.as_ref().map(|video| &video.table);
        let leading = leading.or(self.audio.as_ref().map(|audio| &audio.table));
        let timescale = leading.map_or(1, |table| table.timescale);
        let length = match &self.video {
            Some(video) => video.table.length(),
            None => leading.map_or(0, |table| table.length().saturating_sub(u64::from(table.skip))),
        };
        let mut out = Out::default();
        out.nest(b"moov", |moov| {
            moov.full(b"mvhd", 1, 0, |b| {
                b.u64(0).u64(0).u32(timescale).u64(length).u32(0x1_0000).u16(0x100).bytes(&[0; 10]);
                UNITY_MATRIX.iter().for_each(|&m| _ = b.u32(m));
                b.bytes(&[0; 24]).u32(if self.audio.is_some() { 3 } else { 2 });
            });
            if let Some(video) = &self.video {
                moov.nest(b"trak", |b| video_track(b, video, length, shift, wide));
            }
            if let Some(audio) = &self.audio {
                moov.nest(b"trak", |b| audio_track(b, audio, length, shift, wide, quicktime));
            }
            if !self.title.is_empty() && !quicktime {
                moov.nest(b"udta", |b| title(b, &self.title));
            }
        });
        out.0
    }
}

fn video_track(out: &mut Out, video: &VideoTrack, length: u64, shift: u64, wide: bool) {
    track_header(out, 1, length, false, (video.width, video.height));
    edit_list(out, length, video.table.skip);
    out.nest(b"mdia", |mdia| {
        media_header(mdia, &video.table, length, b"vide", "Picture");
        mdia.nest(b"minf", |minf| {
            minf.full(b"vmhd", 0, 1, |b| _ = b.bytes(&[0; 8]));
            data_reference(minf);
            minf.nest(b"stbl", |stbl| {
                stbl.full(b"stsd", 0, 0, |b| {
                    b.u32(1);
                    video_entry(b, video);
                });
                time_tables(stbl, &video.table);
                sizes(stbl, &video.table);
                chunks(stbl, &video.table.samples, shift, wide, None);
            });
        });
    });
}

pub(super) fn track_header(out: &mut Out, id: u32, length: u64, audio: bool, (width, height): (u16, u16)) {
    out.full(b"tkhd", 1, 3, |b| {
        b.u64(0).u64(0).u32(id).u32(0).u64(length).bytes(&[0; 8]).u16(0).u16(u16::from(audio));
        b.u16(if audio { 0x100 } else { 0 }).u16(0);
        UNITY_MATRIX.iter().for_each(|&m| _ = b.u32(m));
        b.u32(u32::from(width) << 16).u32(u32::from(height) << 16);
    });
}

/// Always written, so that a reader never has to guess where a track begins or ends.
pub(super) fn edit_list(out: &mut Out, length: u64, skip: u32) {
    out.nest(b"edts", |b| {
        b.full(b"elst", 1, 0, |b| _ = b.u32(1).u64(length).u64(u64::from(skip)).u32(0x1_0000));
    });
}

pub(super) fn media_header(out: &mut Out, table: &SampleTable, length: u64, handler: &[u8; 4], name: &str) {
    out.full(b"mdhd", 1, 0, |b| _ = b.u64(0).u64(0).u32(table.timescale).u64(length).u16(0x55c4).u16(0));
    out.full(b"hdlr", 0, 0, |b| _ = b.u32(0).bytes(handler).bytes(&[0; 12]).bytes(name.as_bytes()).u8(0));
}

pub(super) fn data_reference(out: &mut Out) {
    out.nest(b"dinf", |b| {
        b.full(b"dref", 0, 0, |b| {
            b.u32(1).full(b"url ", 0, 1, |_| {});
        });
    });
}

pub(super) fn video_entry(out: &mut Out, video: &VideoTrack) {
    let (kind, depth) = match video.format {
        VideoFormat::Avc { .. } => (b"avc1", 0x18),
        VideoFormat::Png => (b"png ", 0x18),
    };
    out.nest(kind, |b| {
        b.bytes(&[0; 6]).u16(1).bytes(&[0; 16]).u16(video.width).u16(video.height);
        b.u32(0x48_0000).u32(0x48_0000).u32(0).u16(1).bytes(&[0; 32]).u16(depth).u16(0xffff);
        if let VideoFormat::Avc { config } = &video.format {
            b.nest(b"avcC", |b| _ = b.bytes(config));
            // Primaries, transfer, matrix: BT.709; limited range.
            b.nest(b"colr", |b| _ = b.bytes(b"nclx").u16(1).u16(1).u16(1).u8(0));
        }
        b.nest(b"pasp", |b| _ = b.u32(1).u32(1));
    });
}

fn audio_track(out: &mut Out, audio: &AudioTrack, length: u64, shift: u64, wide: bool, quicktime: bool) {
    let frames_per_sample = match audio.format {
        AudioFormat::Aac { .. } => None,
        AudioFormat::Pcm16 => Some(u32::from(audio.channels.max(1)) * 2),
    };
    let media_length = match frames_per_sample {
        None => audio.table.length(),
        Some(bytes) => audio.table.samples.iter().map(|s| u64::from(s.size / bytes)).sum(),
    };
    track_header(out, 2, length, true, (0, 0));
    edit_list(out, length, audio.table.skip);
    out.nest(b"mdia", |mdia| {
        media_header(mdia, &audio.table, media_length, b"soun", "Sound");
        mdia.nest(b"minf", |minf| {
            minf.full(b"smhd", 0, 0, |b| _ = b.u32(0));
            data_reference(minf);
            minf.nest(b"stbl", |stbl| {
                stbl.full(b"stsd", 0, 0, |b| {
                    b.u32(1);
                    audio_entry(b, audio, quicktime);
                });
                match frames_per_sample {
                    None => {
                        time_tables(stbl, &audio.table);
                        sizes(stbl, &audio.table);
                    }
                    Some(bytes) => {
                        stbl.full(b"stts", 0, 0, |b| _ = b.u32(1).u32(media_length as u32).u32(1));
                        stbl.full(b"stsz", 0, 0, |b| _ = b.u32(bytes).u32(media_length as u32));
                    }
                }
                chunks(stbl, &audio.table.samples, shift, wide, frames_per_sample);
            });
        });
    });
}

pub(super) fn audio_entry(out: &mut Out, audio: &AudioTrack, quicktime: bool) {
    let kind = match audio.format {
        AudioFormat::Aac { .. } => b"mp4a",
        AudioFormat::Pcm16 => b"sowt",
    };
    out.nest(kind, |b| {
        b.bytes(&[0; 6]).u16(1).bytes(&[0; 8]).u16(audio.channels).u16(16);
        b.u16(0).u16(0).u32(audio.sample_rate << 16);
        if let AudioFormat::Aac { config, bit_rate } = &audio.format
            && !quicktime
        {
            // Descriptor lengths fit one byte: the configuration of AAC-LC is two to five bytes long.
            let specific = config.len().min(64) as u8;
            b.full(b"esds", 0, 0, |b| {
                b.u8(3).u8(23 + specific).u16(2).u8(0);
                b.u8(4).u8(15 + specific).u8(0x40).u8(0x15).bytes(&[0; 3]).u32(*bit_rate).u32(*bit_rate);
                b.u8(5).u8(specific).bytes(config.get(..specific as usize).unwrap_or(config));
                b.u8(6).u8(1).u8(2);
            });
        }
    });
}

fn time_tables(out: &mut Out, table: &SampleTable) {
    let count = table.samples.len() as u32;
    if table.lengths.is_empty() {
        out.full(b"stts", 0, 0, |b| _ = b.u32(1).u32(count).u32(table.duration));
    } else {
        let runs = table.lengths.chunk_by(|a, b| a == b).collect::<Vec<_>>();
        out.full(b"stts", 0, 0, |b| {
            b.u32(runs.len() as u32);
            runs.iter().for_each(|run| _ = b.u32(run.len() as u32).u32(run.first().copied().unwrap_or(0)));
        });
    }
    if table.samples.iter().any(|s| s.composition != 0) {
        let runs = table.samples.chunk_by(|a, b| a.composition == b.composition).collect::<Vec<_>>();
        out.full(b"ctts", 0, 0, |b| {
            b.u32(runs.len() as u32);
            runs.iter().for_each(|run| _ = b.u32(run.len() as u32).u32(run.first().map_or(0, |s| s.composition)));
        });
    }
    if table.samples.iter().any(|s| !s.sync) {
        let keys = (1u32..).zip(&table.samples).filter(|(_, s)| s.sync).map(|(number, _)| number).collect::<Vec<_>>();
        out.full(b"stss", 0, 0, |b| {
            b.u32(keys.len() as u32);
            keys.iter().for_each(|&key| _ = b.u32(key));
        });
    }
}

fn sizes(out: &mut Out, table: &SampleTable) {
    out.full(b"stsz", 0, 0, |b| {
        b.u32(0).u32(table.samples.len() as u32);
        table.samples.iter().for_each(|sample| _ = b.u32(sample.size));
    });
}

/// Samples that lie together form a chunk. `frame_bytes`: a table entry holds many frames of this size (PCM).
fn chunks(out: &mut Out, samples: &[Sample], shift: u64, wide: bool, frame_bytes: Option<u32>) {
    let runs = samples.chunk_by(|a, b| a.offset + u64::from(a.size) == b.offset).collect::<Vec<_>>();
    let length = |run: &[Sample]| match frame_bytes {
        None => run.len() as u32,
        Some(bytes) => run.iter().map(|s| s.size / bytes).sum(),
    };
    let mut firsts: Vec<(u32, u32)> = Vec::new();
    for (number, run) in (1u32..).zip(&runs) {
        if firsts.last().is_none_or(|&(_, last)| last != length(run)) {
            firsts.push((number, length(run)));
        }
    }
    out.full(b"stsc", 0, 0, |b| {
        b.u32(firsts.len() as u32);
        firsts.iter().for_each(|&(first, per_chunk)| _ = b.u32(first).u32(per_chunk).u32(1));
    });
    out.full(if wide { b"co64" } else { b"stco" }, 0, 0, |b| {
        b.u32(runs.len() as u32);
        for run in &runs {
            let offset = run.first().map_or(0, |s| s.offset) + shift;
            if wide {
                b.u64(offset)
            } else {
                b.u32(offset as u32)
            };
        }
    });
}

/// `©nam` in the form that phones and players read.
fn title(out: &mut Out, text: &str) {
    out.full(b"meta", 0, 0, |b| {
        b.full(b"hdlr", 0, 0, |b| _ = b.u32(0).bytes(b"mdir").bytes(b"appl").bytes(&[0; 9]));
        b.nest(b"ilst", |b| {
            b.nest(b"\xa9nam", |b| {
                b.nest(b"data", |b| _ = b.u32(1).u32(0).bytes(text.as_bytes()));
            });
        });
    });
}
