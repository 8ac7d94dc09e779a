//! Files as PyTorch saves them, made of parts or out of a safetensors file, for tests of what reads released voices.
//! They exist because a test needs files that the reference has never written: other weights, and such as do harm.
//! Nothing but tests may write this way.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::collections::BTreeMap;

use serde_json::Value;

/// A zip of stored parts in a folder, as PyTorch writes it.
pub fn zip(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut out, mut list) = (Vec::new(), Vec::new());
    for (name, bytes) in parts {
        let name = format!("archive/{name}");
        let place = out.len() as u32;
        let sizes = [&(bytes.len() as u32).to_le_bytes()[..], &(bytes.len() as u32).to_le_bytes()].concat();
        let name_length = (name.len() as u16).to_le_bytes();
        out.extend([b"PK\x03\x04", &[0; 14][..], &sizes, &name_length, &[0; 2], name.as_bytes(), bytes].concat());
        list.extend(
            [b"PK\x01\x02", &[0; 16][..], &sizes, &name_length, &[0; 12], &place.to_le_bytes(), name.as_bytes()]
                .concat(),
        );
    }
    let (count, place) = ((parts.len() as u16).to_le_bytes(), (out.len() as u32).to_le_bytes());
    let length = (list.len() as u32).to_le_bytes();
    [&out[..], &list, b"PK\x05\x06", &[0; 4], &count, &count, &length, &place, &[0; 2]].concat()
}

fn text(text: &str) -> Vec<u8> {
    [b"X", &(text.len() as u32).to_le_bytes()[..], text.as_bytes()].concat()
}

fn numbers(values: &[i32]) -> Vec<u8> {
    let each = values.iter().flat_map(|n| [b"J", &n.to_le_bytes()[..]].concat());
    std::iter::once(b'(').chain(each).chain([b't']).collect()
}

/// The steps that describe a tensor whose values, `Float` or `Half`, lie in `data/PART`.
pub fn tensor(kind: &str, part: usize, shape: &[i32], strides: &[i32]) -> Vec<u8> {
    [
        b"ctorch._utils\n_rebuild_tensor_v2\n((".to_vec(),
        text("storage"),
        format!("ctorch\n{kind}Storage\n").into_bytes(),
        text(&part.to_string()),
        text("cpu"),
        b"K\x01tQK\x00".to_vec(),
        numbers(shape),
        numbers(strides),
        b"\x89ccollections\nOrderedDict\n)RtR".to_vec(),
    ]
    .concat()
}

/// The same tensors as in a safetensors file: a table for each part of the model with training's prefix before its names, or one
/// tensor alone.
pub fn released(safetensors: &[u8]) -> Vec<u8> {
    let (length, rest) = safetensors.split_first_chunk::<8>().expect("the length of a header");
    let (header, data) = rest.split_at(u64::from_le_bytes(*length) as usize);
    let header: BTreeMap<String, Value> = serde_json::from_slice(header).expect("a header");
    let (mut alone, mut tables, mut stored) = (None, BTreeMap::<&str, Vec<u8>>::new(), Vec::new());
    for (name, about) in header.iter().filter(|(name, _)| *name != "__metadata__") {
        let list = |key: &str| -> Vec<usize> { serde_json::from_value(about[key].clone()).expect("numbers") };
        let (shape, place) = (list("shape"), list("data_offsets"));
        let strides: Vec<i32> = (1..=shape.len()).map(|axis| shape[axis..].iter().product::<usize>() as i32).collect();
        let shape: Vec<i32> = shape.iter().map(|side| *side as i32).collect();
        let kind = if about["dtype"] == "F16" { "Half" } else { "Float" };
        let tensor = tensor(kind, stored.len(), &shape, &strides);
        stored.push((format!("data/{}", stored.len()), &data[place[0]..place[1]]));
        match name.split_once('.') {
            Some((part, rest)) => {
                tables.entry(part).or_default().extend([text(&format!("module.{rest}")), tensor].concat());
            }
            None => alone = Some(tensor),
        }
    }
    let tables = || tables.iter().flat_map(|(part, table)| [&text(part)[..], b"}(", table, b"u"].concat());
    let whole = alone.unwrap_or_else(|| b"}(".iter().copied().chain(tables()).chain([b'u']).collect());
    let list = [b"\x80\x02", &whole[..], b"."].concat();
    let stored = stored.iter().map(|(name, bytes)| (name.as_str(), *bytes));
    zip(&std::iter::once(("data.pkl", &list[..])).chain(stored).collect::<Vec<_>>())
}

/// A list that runs a command where it is opened as Python opens it.
pub fn program(command: &str) -> Vec<u8> {
    [b"\x80\x02cos\nsystem\n", &text(command)[..], b"\x85R."].concat()
}
