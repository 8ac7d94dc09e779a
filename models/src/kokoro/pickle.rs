//! The one pickle-based format that is read here, for the one model that is released in nothing else, and only to turn it into
//! safetensors (`convert`). A pickle is a program; this is no machine for it: it knows the handful of steps by which tensors are
//! listed, and seven names, and refuses all else. Nothing is looked up, called or built but tensors. Nothing that speaks may read
//! this way, and no other family's weights (see `weights`).

use std::{collections::HashMap, rc::Rc};

use candle_core::{Device, Tensor};

use super::archive::Archive;
use crate::weights::{MAX_TENSORS, WeightsError};

/// Longest list of tensors, in bytes: the released one has 70 kB.
const MAX_LIST: usize = 2 << 20;
/// Deepest nesting; a tensor's arguments are two deep.
const MAX_DEPTH: u8 = 4;
/// Most axes of one tensor.
const MAX_RANK: usize = 4;
/// Values may be shared between tensors; together they are no more than this many times the file.
const MOST_SHARED: usize = 4;

fn bad(what: impl std::fmt::Display) -> WeightsError {
    WeightsError::Malformed(format!("PyTorch file: {what}"))
}

/// How numbers are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Full,
    Half,
    Brain,
    Whole,
}

impl Format {
    fn bytes(self) -> usize {
        match self {
            Self::Full => 4,
            Self::Half | Self::Brain => 2,
            Self::Whole => 8,
        }
    }
}

/// The names that may be named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    Table,
    Tensor,
    Parameter,
    Storage(Format),
}

fn known(module: &str, name: &str) -> Result<Known, WeightsError> {
    Ok(match (module, name) {
        ("collections", "OrderedDict") => Known::Table,
        ("torch._utils", "_rebuild_tensor_v2") => Known::Tensor,
        ("torch._utils", "_rebuild_parameter") => Known::Parameter,
        ("torch", "FloatStorage") => Known::Storage(Format::Full),
        ("torch", "HalfStorage") => Known::Storage(Format::Half),
        ("torch", "BFloat16Storage") => Known::Storage(Format::Brain),
        ("torch", "LongStorage") => Known::Storage(Format::Whole),
        _ => return Err(bad(format_args!("it asks for {module}.{name}, which is no tensor"))),
    })
}

/// Where a tensor's values lie.
#[derive(Debug)]
struct Lying {
    format: Format,
    part: Rc<str>,
    offset: usize,
    shape: Vec<usize>,
    strides: Vec<usize>,
}

#[derive(Debug, Clone)]
enum Value {
    Nothing,
    Mark,
    Number(i64),
    Text(Rc<str>),
    Known(Known),
    /// Its values and how deep they are nested.
    List(Rc<[Value]>, u8),
    /// By its place in the reader's own list, so that a table filled later is one and the same.
    Table(usize),
    Storage(Format, Rc<str>),
    Tensor(Rc<Lying>),
}

struct Reader<'a> {
    rest: &'a [u8],
    stack: Vec<Value>,
    memo: HashMap<u32, Value>,
    tables: Vec<Vec<(Value, Value)>>,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], WeightsError> {
        let (head, tail) = self.rest.split_at_checked(count).ok_or_else(|| bad("its list is cut off"))?;
        self.rest = tail;
        Ok(head)
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], WeightsError> {
        self.take(N)?.first_chunk::<N>().copied().ok_or_else(|| bad("its list is cut off"))
    }

    fn line(&mut self) -> Result<&'a str, WeightsError> {
        let length = self.rest.iter().position(|b| *b == b'\n').ok_or_else(|| bad("its list is cut off"))?;
        let line = self.take(length)?;
        self.take(1)?;
        std::str::from_utf8(line).map_err(|_| bad("a name is not text"))
    }

    fn pop(&mut self) -> Result<Value, WeightsError> {
        self.stack.pop().ok_or_else(|| bad("its list takes what is not there"))
    }

    fn since_mark(&mut self) -> Result<Vec<Value>, WeightsError> {
        let at = self.stack.iter().rposition(|v| matches!(v, Value::Mark));
        let values = self.stack.split_off(at.ok_or_else(|| bad("its list has no beginning"))? + 1);
        self.stack.pop();
        Ok(values)
    }

    fn push_list(&mut self, values: Vec<Value>) -> Result<(), WeightsError> {
        let inner = values.iter().map(|v| if let Value::List(_, depth) = v { *depth } else { 0 }).max().unwrap_or(0);
        if inner >= MAX_DEPTH {
            return Err(bad("its list is nested too deep"));
        }
        self.stack.push(Value::List(values.into(), inner + 1));
        Ok(())
    }

    fn push_table(&mut self) {
        self.stack.push(Value::Table(self.tables.len()));
        self.tables.push(Vec::new());
    }

    fn fill(&mut self, values: Vec<Value>) -> Result<(), WeightsError> {
        let Some(Value::Table(at)) = self.stack.last() else { return Err(bad("it fills what is no table")) };
        let table = self.tables.get_mut(*at).ok_or_else(|| bad("it fills what is no table"))?;
        let mut values = values.into_iter();
        while let Some(key) = values.next() {
            table.push((key, values.next().ok_or_else(|| bad("a table's entry has no value"))?));
        }
        Ok(())
    }

    fn keep(&mut self, at: u32) -> Result<(), WeightsError> {
        let value = self.stack.last().ok_or_else(|| bad("its list keeps what is not there"))?.clone();
        self.memo.insert(at, value);
        Ok(())
    }

    fn fetch(&mut self, at: u32) -> Result<(), WeightsError> {
        let value = self.memo.get(&at).ok_or_else(|| bad("its list names what it never kept"))?.clone();
        self.stack.push(value);
        Ok(())
    }

    fn applied(&mut self) -> Result<(), WeightsError> {
        let (arguments, name) = (self.pop()?, self.pop()?);
        let (Value::List(arguments, _), Value::Known(name)) = (arguments, name) else {
            return Err(bad("it calls what is no name"));
        };
        match (name, &*arguments) {
            (Known::Table, []) => self.push_table(),
            (Known::Tensor, [Value::Storage(format, part), Value::Number(offset), shape, strides, ..]) => {
                let (shape, strides) = (numbers(shape)?, numbers(strides)?);
                if shape.len() != strides.len() || shape.len() > MAX_RANK {
                    return Err(bad("a tensor with more axes than any real one"));
                }
                let offset = usize::try_from(*offset).map_err(|_| bad("a tensor before its values"))?;
                let lying = Lying { format: *format, part: part.clone(), offset, shape, strides };
                self.stack.push(Value::Tensor(Rc::new(lying)));
            }
            (Known::Parameter, [tensor @ Value::Tensor(_), ..]) => self.stack.push(tensor.clone()),
            _ => return Err(bad("a tensor that is not described as one")),
        }
        Ok(())
    }

    fn stored(&mut self) -> Result<(), WeightsError> {
        let Value::List(about, _) = self.pop()? else { return Err(bad("values that are not described")) };
        let [Value::Text(kind), Value::Known(Known::Storage(format)), Value::Text(part), ..] = &*about else {
            return Err(bad("values that are not described"));
        };
        if &**kind != "storage" {
            return Err(bad("values that are not described"));
        }
        self.stack.push(Value::Storage(*format, part.clone()));
        Ok(())
    }

    /// To the end of the list: what it describes.
    fn read(&mut self) -> Result<Value, WeightsError> {
        if self.take(2)? != b"\x80\x02" {
            return Err(bad("its list is of another version"));
        }
        loop {
            let [step] = self.bytes()?;
            match step {
                b'.' => return self.pop(),
                b'}' => self.push_table(),
                b')' => self.push_list(Vec::new())?,
                b'(' => self.stack.push(Value::Mark),
                b'N' => self.stack.push(Value::Nothing),
                0x88 | 0x89 => self.stack.push(Value::Number(i64::from(step == 0x88))),
                b'K' => {
                    let [n] = self.bytes()?;
                    self.stack.push(Value::Number(i64::from(n)));
                }
                b'M' => {
                    let n = u16::from_le_bytes(self.bytes()?);
                    self.stack.push(Value::Number(i64::from(n)));
                }
                b'J' => {
                    let n = i32::from_le_bytes(self.bytes()?);
                    self.stack.push(Value::Number(i64::from(n)));
                }
                b'X' => {
                    let length = u32::from_le_bytes(self.bytes()?) as usize;
                    let text = std::str::from_utf8(self.take(length)?).map_err(|_| bad("a name is not text"))?;
                    self.stack.push(Value::Text(text.into()));
                }
                b'c' => {
                    let (module, name) = (self.line()?, self.line()?);
                    self.stack.push(Value::Known(known(module, name)?));
                }
                b't' => {
                    let values = self.since_mark()?;
                    self.push_list(values)?;
                }
                0x85..=0x87 => {
                    let count = usize::from(step - 0x84);
                    let at = self.stack.len().checked_sub(count).ok_or_else(|| bad("a list of what is not there"))?;
                    let values = self.stack.split_off(at);
                    self.push_list(values)?;
                }
                b'u' => {
                    let values = self.since_mark()?;
                    self.fill(values)?;
                }
                b's' => {
                    let (value, key) = (self.pop()?, self.pop()?);
                    self.fill(vec![key, value])?;
                }
                b'q' => {
                    let [at] = self.bytes()?;
                    self.keep(u32::from(at))?;
                }
                b'r' => {
                    let at = u32::from_le_bytes(self.bytes()?);
                    self.keep(at)?;
                }
                b'h' => {
                    let [at] = self.bytes()?;
                    self.fetch(u32::from(at))?;
                }
                b'j' => {
                    let at = u32::from_le_bytes(self.bytes()?);
                    self.fetch(at)?;
                }
                b'Q' => self.stored()?,
                b'R' => self.applied()?,
                // What a table is told of itself (its version) is of no use here.
                b'b' => drop(self.pop()?),
                other => return Err(bad(format_args!("its list has a step ({other:#04x}) that tensors do not need"))),
            }
        }
    }
}

fn numbers(value: &Value) -> Result<Vec<usize>, WeightsError> {
    let Value::List(values, _) = value else { return Err(bad("a shape that is none")) };
    let number = |v: &Value| match v {
        Value::Number(n) => usize::try_from(*n).map_err(|_| bad("a shape with a negative side")),
        _ => Err(bad("a shape that is none")),
    };
    values.iter().map(number).collect()
}

/// The tensors of a PyTorch file by name, floats as f32; a table in a table gives names with a dot. A file that holds one tensor
/// alone gives it the empty name.
///
/// # Errors
/// With the first thing that cannot be true, or that has nothing to do with tensors.
pub fn tensors(bytes: &[u8]) -> Result<HashMap<String, Tensor>, WeightsError> {
    let archive = Archive::open(bytes)?;
    let list = archive.part("data.pkl")?;
    if list.len() > MAX_LIST {
        return Err(bad("its list is longer than 2 MiB"));
    }
    let mut reader = Reader { rest: list, stack: Vec::new(), memo: HashMap::new(), tables: Vec::new() };
    let whole = reader.read()?;
    let mut lying: Vec<(String, Rc<Lying>)> = Vec::new();
    gather(&reader.tables, "", &whole, 0, &mut lying)?;
    let mut left = bytes.len().saturating_mul(MOST_SHARED);
    let mut all = HashMap::with_capacity(lying.len());
    for (name, lying) in lying {
        let tensor = built(&archive, &name, &lying, &mut left)?;
        if all.insert(name.clone(), tensor).is_some() {
            return Err(bad(format_args!("{name} is there twice")));
        }
    }
    Ok(all)
}

fn gather(
    tables: &[Vec<(Value, Value)>],
    name: &str,
    value: &Value,
    depth: u8,
    found: &mut Vec<(String, Rc<Lying>)>,
) -> Result<(), WeightsError> {
    if found.len() >= MAX_TENSORS {
        return Err(bad("more than 65,536 tensors"));
    }
    match value {
        Value::Tensor(lying) => found.push((name.to_owned(), lying.clone())),
        // The model, and its parts.
        Value::Table(at) if depth < 2 => {
            for (key, value) in tables.get(*at).into_iter().flatten() {
                let Value::Text(key) = key else { return Err(bad("a tensor without a name")) };
                let full = if name.is_empty() { key.to_string() } else { format!("{name}.{key}") };
                gather(tables, &full, value, depth + 1, found)?;
            }
        }
        _ => return Err(bad(format_args!("{name} is no tensor"))),
    }
    Ok(())
}

fn built(archive: &Archive<'_>, name: &str, lying: &Lying, left: &mut usize) -> Result<Tensor, WeightsError> {
    let part = archive.part(&format!("data/{}", lying.part))?;
    let wide = lying.format.bytes();
    let (count, reach) = extent(lying).ok_or_else(|| bad(format_args!("{name} is larger than memory")))?;
    let held = part.len() / wide;
    // Only a tensor of nothing reaches nowhere.
    if count > 0 && (reach >= held || count > held) {
        return Err(bad(format_args!("{name} is larger than its values")));
    }
    *left = left.checked_sub(count * wide).ok_or_else(|| bad("its tensors are larger than the file"))?;
    let places = places(lying, count);
    let at = |place: usize| part.get(place * wide..(place + 1) * wide).unwrap_or_default();
    let shape = lying.shape.as_slice();
    let two = |b: &[u8]| b.first_chunk::<2>().copied().unwrap_or_default();
    let tensor = match lying.format {
        Format::Whole => {
            let values = places.map(|p| i64::from_le_bytes(at(p).first_chunk::<8>().copied().unwrap_or_default()));
            Tensor::from_vec(values.collect::<Vec<_>>(), shape, &Device::Cpu)
        }
        format => {
            let one = |p: usize| match format {
                Format::Half => half::f16::from_le_bytes(two(at(p))).to_f32(),
                Format::Brain => half::bf16::from_le_bytes(two(at(p))).to_f32(),
                Format::Full | Format::Whole => {
                    f32::from_le_bytes(at(p).first_chunk::<4>().copied().unwrap_or_default())
                }
            };
            let values: Vec<f32> = places.map(one).collect();
            if !values.iter().all(|v| v.is_finite()) {
                return Err(WeightsError::NotANumber(name.to_owned()));
            }
            Tensor::from_vec(values, shape, &Device::Cpu)
        }
    };
    tensor.map_err(|e| WeightsError::Malformed(e.to_string()))
}

/// How many values a tensor has, and the furthest place it reaches.
fn extent(lying: &Lying) -> Option<(usize, usize)> {
    let mut count = 1usize;
    let mut reach = lying.offset;
    for (side, stride) in lying.shape.iter().zip(&lying.strides) {
        count = count.checked_mul(*side)?;
        reach = reach.checked_add(side.saturating_sub(1).checked_mul(*stride)?)?;
    }
    Some((count, reach))
}

/// The place of each value, in the tensor's own order.
fn places(lying: &Lying, count: usize) -> impl Iterator<Item = usize> + '_ {
    (0..count).map(|index| {
        let sides = lying.shape.iter().zip(&lying.strides).rev();
        let (_, place) = sides.fold((index, lying.offset), |(rest, place), (side, stride)| {
            // No side is 0 where there is a value.
            (rest / (*side).max(1), place + rest % (*side).max(1) * stride)
        });
        place
    })
}
