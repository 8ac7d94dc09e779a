//! GGUF files as bytes: the header is walked here first, with every length checked against the bytes that are there, and only
//! then given to the library, which would believe it. Tensors come out unpacked. **Never here:** names of any family.

use std::{
    collections::HashMap,
    io::{Cursor, Read, Seek},
};

use candle_core::{DType, Device, Tensor, quantized::gguf_file};

use crate::weights::{MAX_TENSORS, WeightsError};

/// Most facts (key and value) in a header.
const MAX_FACTS: u64 = 65_536;
/// A header lies within this many bytes; vocabularies are the largest part of one.
pub const HEAD_BYTES: u64 = 32 << 20;
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

/// Values and bytes of one block of a number format.
fn block_of(format: u32) -> Result<(u64, u64), WeightsError> {
    Ok(match format {
        0 => (1, 4),
        1 | 30 => (1, 2),
        2 => (32, 18),
        3 => (32, 20),
        6 => (32, 22),
        7 => (32, 24),
        8 => (32, 34),
        9 => (32, 36),
        10 => (256, 84),
        11 => (256, 110),
        12 => (256, 144),
        13 => (256, 176),
        14 => (256, 210),
        15 => (256, 292),
        other => return Err(WeightsError::Format(format!("GGUF {other}"))),
    })
}

/// Names of the tensors and how many values each has, from the first bytes of a file of `length` bytes.
///
/// # Errors
/// With the first thing that cannot be true.
pub fn names(head: &[u8], length: u64) -> Result<Vec<(String, u64)>, WeightsError> {
    let mut reader = Reader(head);
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
    let mut all = Vec::new();
    for _ in 0..tensors {
        let name = String::from_utf8_lossy(reader.name()?).into_owned();
        let rank = reader.u32()?;
        if rank > MAX_RANK {
            return Err(bad("a tensor with more than 4 axes"));
        }
        let mut values = 1u64;
        for _ in 0..rank {
            values = values.checked_mul(reader.u64()?).ok_or_else(|| bad("a tensor beyond all memory"))?;
        }
        let (block, bytes) = block_of(reader.u32()?)?;
        let end = (values / block).checked_mul(bytes).and_then(|n| n.checked_add(reader.u64().ok()?));
        if !values.is_multiple_of(block) || end.is_none_or(|end| end > length) {
            return Err(bad("a tensor beyond the end of the file"));
        }
        all.push((name, values));
    }
    Ok(all)
}

/// The vocabulary of a SentencePiece model that came along: pieces, scores, kinds, and the table of replacements.
pub type Vocabulary = (Vec<String>, Vec<f32>, Vec<u32>, Vec<u8>);

/// Reads the vocabulary of a file of `length` bytes from its first bytes; None when there is none.
///
/// # Errors
/// When the header cannot be true.
pub fn vocabulary(head: &[u8], length: u64) -> Result<Option<Vocabulary>, WeightsError> {
    names(head, length)?;
    let content = gguf_file::Content::read(&mut Cursor::new(head)).map_err(|e| bad(&e.to_string()))?;
    let list = |name: &str| content.metadata.get(&format!("tokenizer.ggml.{name}")).and_then(|v| v.to_vec().ok());
    let (Some(tokens), Some(scores), Some(kinds)) = (list("tokens"), list("scores"), list("token_type")) else {
        return Ok(None);
    };
    let tokens = tokens.iter().filter_map(|v| v.to_string().ok().cloned()).collect();
    let scores = scores.iter().filter_map(|v| v.to_f32().ok()).collect();
    let kinds = kinds.iter().filter_map(|v| v.to_i32().ok().map(|k| k as u32)).collect();
    let byte = |v: &gguf_file::Value| v.to_u8().ok().or_else(|| v.to_i8().ok().map(|b| b as u8));
    let map = list("precompiled_charsmap").map(|v| v.iter().filter_map(byte).collect());
    Ok(Some((tokens, scores, kinds, map.unwrap_or_default())))
}

/// All tensors by name, unpacked to `dtype`.
///
/// # Errors
/// When the header does not pass [`names`], a format is unknown, or a value is not a number.
pub fn tensors(bytes: &[u8], dtype: DType, device: &Device) -> Result<HashMap<String, Tensor>, WeightsError> {
    streamed(&mut Cursor::new(bytes), bytes.len() as u64, dtype, device)
}

/// The same from a file of `length` bytes, tensor by tensor: the packed file is never in memory as a whole.
///
/// # Errors
/// As [`tensors`], and when it cannot be read.
pub fn streamed(
    source: &mut (impl Read + Seek),
    length: u64,
    dtype: DType,
    device: &Device,
) -> Result<HashMap<String, Tensor>, WeightsError> {
    let mut head = Vec::new();
    let cut = |e: std::io::Error| bad(&e.to_string());
    source.by_ref().take(HEAD_BYTES.min(length)).read_to_end(&mut head).map_err(cut)?;
    names(&head, length)?;
    drop(head);
    source.rewind().map_err(cut)?;
    let unread = |e: candle_core::Error| bad(&e.to_string());
    let content = gguf_file::Content::read(source).map_err(unread)?;
    let mut all = HashMap::with_capacity(content.tensor_infos.len());
    for name in content.tensor_infos.keys() {
        let tensor = content.tensor(source, name, device).map_err(unread)?.dequantize(device).map_err(unread)?;
        let sum = tensor.abs().and_then(|t| t.sum_all()).and_then(|t| t.to_scalar::<f32>()).map_err(unread)?;
        if !sum.is_finite() {
            return Err(WeightsError::NotANumber(name.clone()));
        }
        all.insert(name.clone(), tensor.to_dtype(dtype).map_err(unread)?);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::quantized::{GgmlDType, QTensor};

    fn file() -> Vec<u8> {
        let tensor = Tensor::arange(0f32, 64.0, &Device::Cpu).and_then(|t| t.reshape((2, 32))).unwrap();
        let packed = QTensor::quantize(&tensor, GgmlDType::Q8_0).unwrap();
        let name = gguf_file::Value::String("t5encoder".to_owned());
        let mut out = Cursor::new(Vec::new());
        gguf_file::write(&mut out, &[("general.architecture", &name)], &[("a", &packed)]).unwrap();
        out.into_inner()
    }

    #[test]
    fn packed_tensors_are_unpacked() {
        let all = tensors(&file(), DType::F32, &Device::Cpu).unwrap();
        let values = all["a"].flatten_all().unwrap().to_vec1::<f32>().unwrap();
        assert!(values.iter().enumerate().all(|(i, v)| (v - i as f32).abs() < 0.3));
    }

    #[test]
    fn two_thousand_damaged_files_are_refused_or_read_but_never_crash() {
        let good = file();
        for i in 0..2000usize {
            let mut bytes = good.clone();
            match i % 3 {
                0 => bytes.truncate(i * 7 % good.len()),
                1 => bytes[i * 31 % good.len()] ^= 1 << (i % 8),
                _ => bytes[4 + i % 60] = (i / 8) as u8,
            }
            if bytes.len() < 40 {
                assert!(tensors(&bytes, DType::F32, &Device::Cpu).is_err());
            }
            drop(tensors(&bytes, DType::F32, &Device::Cpu));
        }
    }
}
