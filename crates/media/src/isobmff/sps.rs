//! The few facts of an H.264 sequence parameter set that a film promises (profile, chroma format, colour tags), read and mended.
//!
//! Read to prove what an encoder wrote; mended because some encoders (OpenH264) write no colour tags, and a film without them is
//! shown in other colours by half of all players. It must never run past the bytes it is given.

/// What the stream itself says about its colour: primaries, transfer, matrix, full range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamColour {
    pub primaries: u8,
    pub transfer: u8,
    pub matrix: u8,
    pub full_range: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SequenceFacts {
    /// 66 baseline, 77 main, 100 high.
    pub profile: u8,
    /// 1 is 4:2:0.
    pub chroma_format: u32,
    pub bit_depth: u32,
    pub colour: Option<StreamColour>,
    /// Bits before the description of the video signal, and whether they end inside usability information.
    before_signal: usize,
    has_usability: bool,
    /// Bits from which on the rest follows.
    after_signal: usize,
}

struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn bit(&mut self) -> Option<u32> {
        let byte = *self.bytes.get(self.at / 8)?;
        let bit = byte >> (7 - self.at % 8) & 1;
        self.at += 1;
        Some(u32::from(bit))
    }
    fn bits(&mut self, count: u32) -> Option<u32> {
        (0..count).try_fold(0u32, |value, _| Some(value << 1 | self.bit()?))
    }
    fn flag(&mut self) -> Option<bool> {
        Some(self.bit()? == 1)
    }
    /// Exp-Golomb.
    fn number(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while self.bit()? == 0 {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        Some((1u32 << zeros) - 1 + self.bits(zeros)?)
    }
}

/// From the first parameter set of an `avcC` record.
pub fn from_avc_config(config: &[u8]) -> Option<SequenceFacts> {
    let count = config.get(5)? & 0x1f;
    let length = usize::from(u16::from_be_bytes([*config.get(6)?, *config.get(7)?]));
    if count == 0 {
        return None;
    }
    parse(config.get(8..8 + length)?)
}

/// `unit`: the NAL unit with its header byte.
pub fn parse(unit: &[u8]) -> Option<SequenceFacts> {
    if unit.first()? & 0x1f != 7 {
        return None;
    }
    let bytes = unescape(unit.get(1..)?);
    let mut bits = Bits { bytes: &bytes, at: 0 };
    let profile = bits.bits(8)? as u8;
    bits.bits(16)?;
    bits.number()?;
    let (mut chroma_format, mut bit_depth) = (1, 8);
    if matches!(profile, 100 | 110 | 122 | 244 | 44 | 83 | 86 | 118 | 128 | 138 | 139 | 134 | 135) {
        chroma_format = bits.number()?;
        if chroma_format == 3 {
            bits.bit()?;
        }
        bit_depth = 8 + bits.number()?;
        bits.number()?;
        bits.bit()?;
        if bits.flag()? {
            for list in 0..if chroma_format == 3 { 12 } else { 8 } {
                if bits.flag()? {
                    skip_scaling_list(&mut bits, if list < 6 { 16 } else { 64 })?;
                }
            }
        }
    }
    bits.number()?;
    match bits.number()? {
        0 => _ = bits.number()?,
        1 => {
            bits.bit()?;
            bits.number()?;
            bits.number()?;
            for _ in 0..bits.number()?.min(255) {
                bits.number()?;
            }
        }
        _ => {}
    }
    bits.number()?;
    bits.bit()?;
    bits.number()?;
    bits.number()?;
    if !bits.flag()? {
        bits.bit()?;
    }
    bits.bit()?;
    if bits.flag()? {
        for _ in 0..4 {
            bits.number()?;
        }
    }
    let mut facts = SequenceFacts {
        profile,
        chroma_format,
        bit_depth,
        colour: None,
        before_signal: bits.at,
        has_usability: false,
        after_signal: 0,
    };
    if bits.flag()? {
        facts.has_usability = true;
        signal(&mut bits, &mut facts)?;
    }
    facts.after_signal = bits.at;
    Some(facts)
}

/// Emulation prevention: 00 00 03 stands for 00 00.
fn unescape(unit: &[u8]) -> Vec<u8> {
    let (mut bytes, mut zeros) = (Vec::with_capacity(unit.len()), 0);
    for &byte in unit {
        if zeros >= 2 && byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        bytes.push(byte);
    }
    bytes
}

fn escape(bytes: &[u8]) -> Vec<u8> {
    let (mut unit, mut zeros) = (Vec::with_capacity(bytes.len() + 8), 0);
    for &byte in bytes {
        if zeros >= 2 && byte <= 3 {
            unit.push(3);
            zeros = 0;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        unit.push(byte);
    }
    unit
}

/// The same parameter set with its colour said to be BT.709, limited range. `unit`: the NAL unit with its header byte.
pub fn with_bt709(unit: &[u8]) -> Option<Vec<u8>> {
    let facts = parse(unit)?;
    let rbsp = unescape(unit.get(1..)?);
    // Up to and without the stop bit: the last one that is set.
    let end =
        (0..rbsp.len() * 8).rev().find(|&at| rbsp.get(at / 8).is_some_and(|byte| byte >> (7 - at % 8) & 1 == 1))?;
    let mut source = Bits { bytes: &rbsp, at: 0 };
    let mut bits: Vec<bool> = (0..facts.before_signal).map(|_| source.flag()).collect::<Option<_>>()?;
    let mut put = |value: u32, count: u32| (0..count).rev().for_each(|bit| bits.push(value >> bit & 1 == 1));
    if !facts.has_usability {
        // Usability information follows; it has no aspect ratio and no overscan.
        put(0b100, 3);
    }
    // Signal type present, format unspecified, limited range, colour description present, BT.709 three times.
    put(0b11_0101, 6);
    (0..3).for_each(|_| put(1, 8));
    if facts.has_usability {
        source.at = facts.after_signal;
        while source.at < end {
            bits.push(source.flag()?);
        }
    } else {
        // No chroma place, timing, reference decoder parameters, picture structure or restrictions.
        (0..6).for_each(|_| bits.push(false));
    }
    bits.push(true);
    let bytes: Vec<u8> = bits
        .chunks(8)
        .map(|byte| byte.iter().zip((0..8).rev()).fold(0, |sum, (&bit, place)| sum | u8::from(bit) << place))
        .collect();
    Some([&[*unit.first()?], escape(&bytes).as_slice()].concat())
}

/// The same `avcC` record with its parameter set mended.
pub fn mend_avc_config(config: &[u8]) -> Option<Vec<u8>> {
    let length = usize::from(u16::from_be_bytes([*config.get(6)?, *config.get(7)?]));
    let mended = with_bt709(config.get(8..8 + length)?)?;
    let mut out = config.get(..5)?.to_vec();
    out.push(0xe1);
    out.extend_from_slice(&u16::try_from(mended.len()).ok()?.to_be_bytes());
    out.extend_from_slice(&mended);
    out.extend_from_slice(config.get(8 + length..)?);
    (config.get(5)? & 0x1f == 1).then_some(out)
}

/// A coded picture (units with four-byte lengths) without parameter sets of its own, which would override the mended ones.
pub fn without_parameter_sets(picture: &[u8]) -> Vec<u8> {
    let (mut out, mut rest) = (Vec::with_capacity(picture.len()), picture);
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let size = u32::from_be_bytes(*length) as usize;
        let Some(unit) = after.get(..size) else { break };
        if !matches!(unit.first().map(|byte| byte & 0x1f), Some(7 | 8)) {
            out.extend_from_slice(length);
            out.extend_from_slice(unit);
        }
        rest = after.get(size..).unwrap_or_default();
    }
    out
}

fn skip_scaling_list(bits: &mut Bits, size: u32) -> Option<()> {
    let (mut last, mut next) = (8i64, 8i64);
    for _ in 0..size {
        if next != 0 {
            let code = i64::from(bits.number()?);
            let delta = if code % 2 == 1 { (code + 1) / 2 } else { -(code / 2) };
            next = (last + delta).rem_euclid(256);
        }
        if next != 0 {
            last = next;
        }
    }
    Some(())
}

/// The head of the video usability information, up to and with the colour description.
fn signal(bits: &mut Bits, facts: &mut SequenceFacts) -> Option<()> {
    if bits.flag()? && bits.bits(8)? == 255 {
        bits.bits(32)?;
    }
    if bits.flag()? {
        bits.bit()?;
    }
    facts.before_signal = bits.at;
    if !bits.flag()? {
        return Some(());
    }
    bits.bits(3)?;
    let full_range = bits.flag()?;
    if bits.flag()? {
        let (primaries, transfer, matrix) = (bits.bits(8)? as u8, bits.bits(8)? as u8, bits.bits(8)? as u8);
        facts.colour = Some(StreamColour { primaries, transfer, matrix, full_range });
    }
    Some(())
}
