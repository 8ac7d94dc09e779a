//! Large safetensors files tensor by tensor: only what is wanted is ever in memory, in the format of the file. The same
//! checks as for whole files, made before anything is allocated for a tensor. **Never here:** opening files; a caller gives
//! something that can be read, and its length.

use std::{
    collections::HashMap,
    io::{Read, Seek, SeekFrom},
};

use candle_core::{DType, Device, Tensor};
use serde::Deserialize;

use crate::weights::{MAX_HEADER_BYTES, MAX_TENSORS, WeightsError};

/// Most axes of one tensor.
const MAX_RANK: usize = 8;

/// What a header says of one tensor.
#[derive(Debug, Clone, Deserialize)]
pub struct Entry {
    pub dtype: String,
    pub shape: Vec<usize>,
    pub data_offsets: (u64, u64),
}

impl Entry {
    /// Number of values.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.shape.iter().map(|n| *n as u64).product()
    }
}

/// A header that was read and can be believed.
#[derive(Debug, Clone)]
pub struct Header {
    pub entries: HashMap<String, Entry>,
    /// Where the first tensor's bytes are.
    start: u64,
}

fn bad(what: &str) -> WeightsError {
    WeightsError::Malformed(what.to_owned())
}

fn format(name: &str) -> Result<(DType, u64), WeightsError> {
    Ok(match name {
        "F32" => (DType::F32, 4),
        "F16" => (DType::F16, 2),
        "BF16" => (DType::BF16, 2),
        "F64" => (DType::F64, 8),
        "I64" => (DType::I64, 8),
        "U8" => (DType::U8, 1),
        other => return Err(WeightsError::Format(other.to_owned())),
    })
}

/// Reads the header of a file of `length` bytes, and checks all that it claims.
///
/// # Errors
/// See [`WeightsError`].
pub fn header(source: &mut (impl Read + Seek), length: u64) -> Result<Header, WeightsError> {
    let cut = |_| bad("it is cut off");
    source.seek(SeekFrom::Start(0)).map_err(cut)?;
    let mut size = [0u8; 8];
    source.read_exact(&mut size).map_err(cut)?;
    if size.starts_with(b"PK\x03\x04") || matches!(size, [0x80, 2..=5, ..]) {
        return Err(WeightsError::Dangerous("PyTorch pickle"));
    }
    let size = u64::from_le_bytes(size);
    if size > MAX_HEADER_BYTES as u64 || size + 8 > length {
        return Err(bad("a header larger than the file, or than 8 MiB"));
    }
    let mut text = vec![0u8; size as usize];
    source.read_exact(&mut text).map_err(cut)?;
    let all: HashMap<String, serde_json::Value> =
        serde_json::from_slice(&text).map_err(|e| WeightsError::Malformed(format!("its header: {e}")))?;
    let start = size + 8;
    let mut entries = HashMap::with_capacity(all.len());
    for (name, value) in all.into_iter().filter(|(name, _)| name != "__metadata__") {
        let entry: Entry =
            serde_json::from_value(value).map_err(|e| WeightsError::Malformed(format!("{name}: {e}")))?;
        let (_, bytes) = format(&entry.dtype)?;
        let (from, to) = entry.data_offsets;
        let count = entry.shape.iter().try_fold(1u64, |n, side| n.checked_mul(*side as u64));
        let right = count.and_then(|n| n.checked_mul(bytes)).is_some_and(|n| to.checked_sub(from) == Some(n));
        if entry.shape.len() > MAX_RANK || !right || to > length - start {
            return Err(WeightsError::Malformed(format!("{name} is not where or what the header says")));
        }
        entries.insert(name, entry);
    }
    if entries.len() > MAX_TENSORS {
        return Err(bad("more than 65,536 tensors"));
    }
    Ok(Header { entries, start })
}

/// The tensors that `wanted` names, in the formats of the file.
///
/// # Errors
/// See [`WeightsError`].
pub fn tensors(
    source: &mut (impl Read + Seek),
    header: &Header,
    wanted: &dyn Fn(&str) -> bool,
    device: &Device,
) -> Result<HashMap<String, Tensor>, WeightsError> {
    let mut list: Vec<(&String, &Entry)> = header.entries.iter().filter(|(name, _)| wanted(name)).collect();
    list.sort_by_key(|(_, entry)| entry.data_offsets);
    let mut all = HashMap::with_capacity(list.len());
    for (name, entry) in list {
        let (from, to) = entry.data_offsets;
        let (dtype, _) = format(&entry.dtype)?;
        source.seek(SeekFrom::Start(header.start + from)).map_err(|_| bad("it is cut off"))?;
        let mut bytes = vec![0u8; (to - from) as usize];
        source.read_exact(&mut bytes).map_err(|_| bad("it is cut off"))?;
        if !finite(&bytes, dtype) {
            return Err(WeightsError::NotANumber(name.clone()));
        }
        let tensor = Tensor::from_raw_buffer(&bytes, dtype, &entry.shape, device)
            .map_err(|e| WeightsError::Malformed(format!("{name}: {e}")))?;
        all.insert(name.clone(), tensor);
    }
    Ok(all)
}

/// Infinite values and those that are not numbers have every bit of the exponent set.
fn finite(bytes: &[u8], dtype: DType) -> bool {
    let words = || bytes.as_chunks::<2>().0.iter().map(|b| u16::from_le_bytes(*b));
    match dtype {
        DType::BF16 => words().all(|w| w & 0x7f80 != 0x7f80),
        DType::F16 => words().all(|w| w & 0x7c00 != 0x7c00),
        DType::F32 => bytes.as_chunks::<4>().0.iter().all(|b| f32::from_le_bytes(*b).is_finite()),
        DType::F64 => bytes.as_chunks::<8>().0.iter().all(|b| f64::from_le_bytes(*b).is_finite()),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn file() -> Vec<u8> {
        let device = Device::Cpu;
        let make = |n: usize| Tensor::arange(0f32, n as f32, &device).and_then(|t| t.reshape((n / 2, 2)));
        let held = HashMap::from([("a".to_owned(), make(6).unwrap()), ("b.c".to_owned(), make(8).unwrap())]);
        safetensors::serialize(held, None).unwrap()
    }

    #[test]
    fn only_what_is_wanted_is_read() {
        let bytes = file();
        let mut source = Cursor::new(&bytes);
        let header = header(&mut source, bytes.len() as u64).unwrap();
        assert_eq!(header.entries.len(), 2);
        let read = tensors(&mut source, &header, &|name| name == "b.c", &Device::Cpu).unwrap();
        assert_eq!(read.len(), 1);
        assert_eq!(read["b.c"].to_vec2::<f32>().unwrap()[3], [6.0, 7.0]);
    }

    #[test]
    fn two_thousand_damaged_files_are_refused_or_read_but_never_crash() {
        let good = file();
        let head = good.len() - 14 * 4;
        let mut refused = 0;
        for i in 0..2000usize {
            let mut bytes = good.clone();
            match i % 3 {
                0 => bytes.truncate(i * 7 % good.len()),
                1 => bytes[i * 31 % head] ^= 1 << (i % 8),
                _ => bytes[i % 8] = (i / 8) as u8,
            }
            let mut source = Cursor::new(&bytes);
            let read = header(&mut source, bytes.len() as u64)
                .and_then(|header| tensors(&mut source, &header, &|_| true, &Device::Cpu));
            refused += usize::from(read.is_err());
        }
        assert!(refused > 1500, "{refused}");
    }

    #[test]
    fn a_value_that_is_not_a_number_is_refused_by_name() {
        let mut bytes = file();
        let end = bytes.len();
        bytes[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
        let mut source = Cursor::new(&bytes);
        let header = header(&mut source, end as u64).unwrap();
        let found = tensors(&mut source, &header, &|_| true, &Device::Cpu);
        assert!(matches!(found, Err(WeightsError::NotANumber(name)) if name == "b.c" || name == "a"));
    }
}
