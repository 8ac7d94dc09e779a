//! The weights in an ONNX file, by name: the few fields of its protobuf that hold them, and nothing of its graph.
//!
//! What a graph does is written by whoever asks; the files are pinned by their hash, so names and shapes are known. **Never here:** a
//! graph that is run, or trust in a length in the file: a damaged one ends in `None`.

use std::collections::HashMap;

/// One initializer: as floats, whatever it was stored as.
#[derive(Debug, Default)]
pub struct Weight {
    pub shape: Vec<usize>,
    pub values: Vec<f32>,
}

/// Field numbers of onnx.proto: ModelProto, GraphProto, TensorProto.
const GRAPH: u64 = 7;
const INITIALIZER: u64 = 5;
const DIMENSIONS: u64 = 1;
const KIND: u64 = 2;
const FLOATS: u64 = 4;
const NAME: u64 = 8;
const RAW: u64 = 9;
/// TensorProto.DataType.
const FLOAT: u64 = 1;
const INT8: u64 = 3;

/// Weights of the kinds that our models compute with; others (shapes, zero points that are zero) are left out. None for a file that is
/// damaged, or has two of one name.
#[must_use]
pub fn weights(file: &[u8]) -> Option<HashMap<String, Weight>> {
    let mut found = HashMap::new();
    for (field, model) in Fields(file) {
        let (GRAPH, Value::Bytes(graph)) = (field, model?) else { continue };
        for (field, value) in Fields(graph) {
            let (INITIALIZER, Value::Bytes(tensor)) = (field, value?) else { continue };
            if let Some((name, weight)) = initializer(tensor)?
                && found.insert(name, weight).is_some()
            {
                return None;
            }
        }
    }
    Some(found)
}

fn initializer(bytes: &[u8]) -> Option<Option<(String, Weight)>> {
    let (mut name, mut kind, mut raw) = (String::new(), 0, &[][..]);
    let mut weight = Weight::default();
    for (field, value) in Fields(bytes) {
        match (field, value?) {
            (DIMENSIONS, Value::Number(size)) => weight.shape.push(usize::try_from(size).ok()?),
            (DIMENSIONS, Value::Bytes(mut packed)) => {
                while !packed.is_empty() {
                    weight.shape.push(usize::try_from(varint(&mut packed)?).ok()?);
                }
            }
            (KIND, Value::Number(number)) => kind = number,
            (FLOATS, Value::Bytes(packed)) => weight.values.extend(floats(packed)),
            (NAME, Value::Bytes(text)) => name = std::str::from_utf8(text).ok()?.to_owned(),
            (RAW, Value::Bytes(data)) => raw = data,
            _ => {}
        }
    }
    match kind {
        FLOAT => weight.values.extend(floats(raw)),
        INT8 => weight.values.extend(raw.iter().map(|byte| f32::from(byte.cast_signed()))),
        _ => return Some(None),
    }
    let count = weight.shape.iter().try_fold(1usize, |product, size| product.checked_mul(*size))?;
    // Single int8 numbers are kept in another field; they are zero points, and zero.
    if weight.values.len() != count {
        return if kind == INT8 && weight.values.is_empty() { Some(None) } else { None };
    }
    Some(Some((name, weight)))
}

fn floats(bytes: &[u8]) -> impl Iterator<Item = f32> + '_ {
    bytes.as_chunks::<4>().0.iter().map(|four| f32::from_le_bytes(*four))
}

enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

/// The fields of one protobuf message; ends after the first that cannot be read.
struct Fields<'a>(&'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = (u64, Option<Value<'a>>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let read = self.read();
        if read.is_none() {
            self.0 = &[];
        }
        Some(read.map_or((0, None), |(field, value)| (field, Some(value))))
    }
}

impl<'a> Fields<'a> {
    fn read(&mut self) -> Option<(u64, Value<'a>)> {
        let tag = varint(&mut self.0)?;
        let value = match tag & 7 {
            0 => Value::Number(varint(&mut self.0)?),
            1 => Value::Bytes(self.0.split_off(..8)?),
            2 => {
                let length = usize::try_from(varint(&mut self.0)?).ok()?;
                Value::Bytes(self.0.split_off(..length)?)
            }
            5 => Value::Bytes(self.0.split_off(..4)?),
            _ => return None,
        };
        Some((tag >> 3, value))
    }
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0u64;
    for shift in (0..64).step_by(7) {
        let byte = *bytes.split_off_first()?;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weight_is_found_and_a_torn_file_is_none() {
        // graph { initializer { dims: 2, data_type: FLOAT, name: "w", raw_data: 1.0, -2.0 } }
        let tensor = [&[8, 2, 16, 1, 66, 1, b'w', 74, 8][..], &1f32.to_le_bytes(), &(-2f32).to_le_bytes()].concat();
        let graph = [&[42, tensor.len() as u8][..], &tensor].concat();
        let file = [&[58, graph.len() as u8][..], &graph].concat();
        let found = weights(&file).expect("it is whole");
        assert_eq!((&found["w"].shape[..], &found["w"].values[..]), (&[2][..], &[1.0, -2.0][..]));
        for cut in 1..file.len() {
            assert!(weights(&file[..cut]).is_none_or(|found| found.is_empty()), "cut at {cut}");
        }
        let twice = [&[58, 2 * graph.len() as u8][..], &graph, &graph].concat();
        assert!(weights(&twice).is_none(), "two of one name");
    }
}
