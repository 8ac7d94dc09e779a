//! GGUF files as bytes: the header is walked here first, with every length checked against the bytes that are there, and only
//! then given to the library, which would believe it. Tensors come out as f32. **Never here:** names of any family.

use std::{collections::HashMap, io::Cursor};

use candle_core::{Device, Tensor, quantized::gguf_file};

use crate::weights::{MAX_TENSORS, WeightsError};

/// Most facts (key and value) in a header.
const MAX_FACTS: u64 = 65_536;
/// Most bytes of a name.
const MAX_NAME: u64 = 1 << 16;
/// Most axes of one tensor.
const MAX_RANK: u32 = 4;

fn bad(what: &str) -> WeightsError {
    WeightsError::Malformed(format!("GGUF: {what}"))
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: u64) -> Result<&'a [u8], WeightsError> {
        let count = usize::try_from(count).map_err(|_| bad("a length beyond the file"))?;
        let (head, tail) = self.0.split_at_checked(count).ok_or_else(|| bad("it is cut off"))?;
        self.0 = tail;
        Ok(head)
    }

    fn u32(&mut self) -> Result<u32, WeightsError> {
        self.take(4)?.try_into().map(u32::from_le_bytes).map_err(|_| bad("it is cut off"))
    }

    fn u64(&mut self) -> Result<u64, WeightsError> {
        self.take(8)?.try_into().map(u64::from_le_bytes).map_err(|_| bad("it is cut off"))
    }

    fn name(&mut self) -> Result<&'a [u8], WeightsError> {
        let length = self.u64()?;
        if length > MAX_NAME {
            return Err(bad("a name of more than 64 KiB"));
        }
        self.take(length)
    }

    /// Steps over one value.
    fn value(&mut self, kind: u32, depth: usize) -> Result<(), WeightsError> {
        match kind {
            0 | 1 | 7 => self.take(1).map(drop),
            2 | 3 => self.take(2).map(drop),
            4..=6 => self.take(4).map(drop),
            10..=12 => self.take(8).map(drop),
            8 => {
                let length = self.u64()?;
                self.take(length).map(drop)
            }
            9 if depth == 0 => {
                let (kind, count) = (self.u32()?, self.u64()?);
                // Every element takes a byte at least, so a count beyond the file is found before the walk.
                if count > self.0.len() as u64 {
                    return Err(bad("a list longer than the file"));
                }
                (0..count).try_for_each(|_| self.value(kind, 1))
            }
            _ => Err(bad("a kind of value that does not exist")),
        }
    }
}

/// Walks the header.
///
/// # Errors
/// With the first thing that cannot be true.
pub fn check(bytes: &[u8]) -> Result<(), WeightsError> {
    let mut reader = Reader(bytes);
    if reader.take(4)? != b"GGUF" {
        return Err(bad("it does not begin as one"));
    }
    if !(2..=3).contains(&reader.u32()?) {
        return Err(bad("a version this program does not read"));
    }
    let (tensors, facts) = (reader.u64()?, reader.u64()?);
    if tensors > MAX_TENSORS as u64 || facts > MAX_FACTS {
        return Err(bad("more tensors or facts than any real file has"));
    }
    for _ in 0..facts {
        let name = reader.name()?;
        let kind = reader.u32()?;
        if name == b"general.alignment" && !reader.0.starts_with(&32u32.to_le_bytes()) {
            return Err(bad("an alignment other than 32 bytes"));
        }
        reader.value(kind, 0)?;
    }
    let mut largest = 0u64;
    for _ in 0..tensors {
        reader.name()?;
        let rank = reader.u32()?;
        if rank > MAX_RANK {
            return Err(bad("a tensor with more than 4 axes"));
        }
        let mut values = 1u64;
        for _ in 0..rank {
            values = values.checked_mul(reader.u64()?).ok_or_else(|| bad("a tensor beyond all memory"))?;
        }
        // The densest format has fewer than 16 values a byte.
        if values / 16 > bytes.len() as u64 {
            return Err(bad("a tensor larger than the file"));
        }
        reader.u32()?;
        largest = largest.max(reader.u64()?);
    }
    if largest > bytes.len() as u64 {
        return Err(bad("a tensor beyond the end of the file"));
    }
    Ok(())
}

/// All tensors by name, as f32.
///
/// # Errors
/// When the header does not pass [`check`], a format is unknown, or a value is not a number.
pub fn tensors(bytes: &[u8], device: &Device) -> Result<HashMap<String, Tensor>, WeightsError> {
    check(bytes)?;
    let unread = |e: candle_core::Error| bad(&e.to_string());
    let mut cursor = Cursor::new(bytes);
    let content = gguf_file::Content::read(&mut cursor).map_err(unread)?;
    let mut all = HashMap::with_capacity(content.tensor_infos.len());
    for name in content.tensor_infos.keys() {
        let tensor = content.tensor(&mut cursor, name, device).map_err(unread)?.dequantize(device).map_err(unread)?;
        let sum = tensor.abs().and_then(|t| t.sum_all()).and_then(|t| t.to_scalar::<f32>()).map_err(unread)?;
        if !sum.is_finite() {
            return Err(WeightsError::NotANumber(name.clone()));
        }
        all.insert(name.clone(), tensor);
    }
    Ok(all)
}
