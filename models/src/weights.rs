//! The one door by which weights come in: safetensors bytes, checked before anything is allocated for them.
//! The library's own reader checks offsets; this adds what it leaves open: a bound on the header, numbers that are not
//! numbers, formats that run code when opened. **Never here:** reading files, or guessing at a format.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use candle_core::{DType, Device, Shape, Tensor};
use candle_nn::{Init, VarBuilder, var_builder::SimpleBackend};
use safetensors::{Dtype, SafeTensors};

/// Why weights were refused; each is a sentence for a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WeightsError {
    /// A container that can run code when it is opened.
    #[error("{0} files can run programs when opened; only safetensors and GGUF are accepted")]
    Dangerous(&'static str),
    /// Damaged, truncated, or lying about itself.
    #[error("the weights are damaged: {0}")]
    Malformed(String),
    /// A value is infinite or not a number.
    #[error("the weights hold a value that is not a number, in {0}")]
    NotANumber(String),
    /// A number format this program does not read.
    #[error("the weights use the number format {0}, which is not read here")]
    Format(String),
    /// Tensors that the network needs are not there.
    #[error("the weights lack {0}")]
    Missing(String),
    /// Tensors that the network does not know.
    #[error("the weights hold tensors this network does not have: {0}")]
    Unused(String),
}

/// Largest header accepted, in bytes. Real ones stay below 1 MiB; the header is the only part read before its check.
pub const MAX_HEADER_BYTES: usize = 8 << 20;
/// Most tensors accepted in one file.
pub const MAX_TENSORS: usize = 65_536;
/// Most axes of one tensor.
const MAX_RANK: usize = 8;

/// Endings of files that are refused by name, with what they are.
const DANGEROUS_NAMES: [(&str, &str); 8] = [
    ("pt", "PyTorch pickle"),
    ("pth", "PyTorch pickle"),
    ("ckpt", "PyTorch pickle"),
    ("bin", "PyTorch pickle"),
    ("pkl", "Python pickle"),
    ("pickle", "Python pickle"),
    ("npy", "NumPy"),
    ("npz", "NumPy"),
];

/// Refuses a file name whose format can run code when opened.
///
/// # Errors
/// [`WeightsError::Dangerous`] for pickle-like endings.
pub fn check_name(name: &str) -> Result<(), WeightsError> {
    let ending = name.rsplit_once('.').map_or("", |(_, e)| e).to_ascii_lowercase();
    match DANGEROUS_NAMES.iter().find(|(e, _)| *e == ending) {
        Some((_, what)) => Err(WeightsError::Dangerous(what)),
        None => Ok(()),
    }
}

/// Refuses bytes that are not sound safetensors, before anything is allocated for the tensors.
///
/// # Errors
/// See [`WeightsError`].
pub fn check(bytes: &[u8]) -> Result<(), WeightsError> {
    if bytes.starts_with(b"PK\x03\x04") {
        return Err(WeightsError::Dangerous("PyTorch zip"));
    }
    if bytes.starts_with(b"\x93NUMPY") {
        return Err(WeightsError::Dangerous("NumPy"));
    }
    if let [0x80, 2..=5, ..] = bytes {
        // A pickle says its protocol here; a safetensors header of that odd length cannot follow it with `{`.
        if bytes.get(8) != Some(&b'{') {
            return Err(WeightsError::Dangerous("Python pickle"));
        }
    }
    let bad = |what: &str| WeightsError::Malformed(what.to_owned());
    let length = bytes.get(..8).and_then(|b| b.try_into().ok()).map(u64::from_le_bytes);
    let length = usize::try_from(length.ok_or_else(|| bad("shorter than its own length field"))?)
        .map_err(|_| bad("a header larger than memory"))?;
    if length > MAX_HEADER_BYTES {
        return Err(bad("a header of more than 8 MiB"));
    }
    if bytes.len() < 8 + length {
        return Err(bad("the header is cut off"));
    }
    let file = SafeTensors::deserialize(bytes).map_err(|e| WeightsError::Malformed(e.to_string()))?;
    if file.len() > MAX_TENSORS {
        return Err(bad("more than 65,536 tensors"));
    }
    for (name, view) in file.iter() {
        if view.shape().len() > MAX_RANK {
            return Err(WeightsError::Malformed(format!("{name} has more than {MAX_RANK} axes")));
        }
        let finite = match view.dtype() {
            Dtype::F32 => words::<4>(view.data()).all(|b| f32::from_le_bytes(b).is_finite()),
            Dtype::F64 => words::<8>(view.data()).all(|b| f64::from_le_bytes(b).is_finite()),
            Dtype::F16 => words::<2>(view.data()).all(|b| half::f16::from_le_bytes(b).is_finite()),
            Dtype::BF16 => words::<2>(view.data()).all(|b| half::bf16::from_le_bytes(b).is_finite()),
            Dtype::I64 | Dtype::I32 | Dtype::U32 | Dtype::U8 => true,
            other => return Err(WeightsError::Format(format!("{other:?}"))),
        };
        if !finite {
            return Err(WeightsError::NotANumber(name.to_owned()));
        }
    }
    Ok(())
}

fn words<const N: usize>(data: &[u8]) -> impl Iterator<Item = [u8; N]> {
    data.as_chunks::<N>().0.iter().copied()
}

/// All tensors of one or more shards, floats as `dtype`, by name.
///
/// # Errors
/// When a shard does not pass [`check`], or a name is there twice.
pub fn tensors(shards: &[&[u8]], dtype: DType, device: &Device) -> Result<HashMap<String, Tensor>, WeightsError> {
    let mut all = HashMap::new();
    for bytes in shards {
        check(bytes)?;
        let here =
            candle_core::safetensors::load_buffer(bytes, device).map_err(|e| WeightsError::Malformed(e.to_string()))?;
        for (name, tensor) in here {
            let tensor = if tensor.dtype().is_float() { tensor.to_dtype(dtype) } else { Ok(tensor) };
            let tensor = tensor.map_err(|e| WeightsError::Malformed(e.to_string()))?;
            if all.contains_key(&name) {
                return Err(WeightsError::Malformed(format!("{name} is in two shards")));
            }
            all.insert(name, tensor);
        }
    }
    Ok(all)
}

/// A builder over checked tensors that remembers which were used.
#[must_use]
pub fn builder(tensors: HashMap<String, Tensor>, dtype: DType, device: &Device) -> VarBuilder<'static> {
    counted(tensors, dtype, device).0
}

/// The same, with the ledger of what was used.
#[must_use]
pub fn counted(tensors: HashMap<String, Tensor>, dtype: DType, device: &Device) -> (VarBuilder<'static>, Ledger) {
    let ledger = Ledger { all: tensors.keys().cloned().collect(), used: Arc::default(), missing: Arc::default() };
    let source = Source { tensors, used: ledger.used.clone() };
    (VarBuilder::from_backend(Box::new(source), dtype, device.clone()), ledger)
}

/// A builder that hands each tensor out once and keeps no copy of it, so that a large model is never in memory twice.
/// What the network asks for in vain is in the ledger; a handful of such names ends the building.
#[must_use]
pub fn handed_out(tensors: HashMap<String, Tensor>, dtype: DType, device: &Device) -> (VarBuilder<'static>, Ledger) {
    handed_out_changed(tensors, dtype, device, Box::new(|_, tensor| Ok(tensor)))
}

/// What a builder is asked for by a layer that takes halves of either kind as they are: those stay, all else is f32.
pub const AS_STORED: DType = DType::BF16;

fn formatted(tensor: &Tensor, dtype: DType) -> candle_core::Result<Tensor> {
    match (dtype, tensor.dtype()) {
        (AS_STORED, DType::F16 | DType::BF16) => Ok(tensor.clone()),
        (AS_STORED, _) => tensor.to_dtype(DType::F32),
        (other, _) => tensor.to_dtype(other),
    }
}

/// What becomes of a tensor, by name, on its way out.
pub type OnTheWay = Box<dyn Fn(&str, Tensor) -> candle_core::Result<Tensor> + Send + Sync>;

/// [`handed_out`], each tensor changed on its way, so that no second copy of the others is made.
#[must_use]
pub fn handed_out_changed(
    tensors: HashMap<String, Tensor>,
    dtype: DType,
    device: &Device,
    change: OnTheWay,
) -> (VarBuilder<'static>, Ledger) {
    let ledger = Ledger { all: tensors.keys().cloned().collect(), used: Arc::default(), missing: Arc::default() };
    let source =
        Once { tensors: Mutex::new(tensors), used: ledger.used.clone(), missing: ledger.missing.clone(), change };
    (VarBuilder::from_backend(Box::new(source), dtype, device.clone()), ledger)
}

/// Names that a network asks for in vain before its building ends.
const MOST_MISSING: usize = 5;

struct Once {
    tensors: Mutex<HashMap<String, Tensor>>,
    used: Arc<Mutex<BTreeSet<String>>>,
    missing: Arc<Mutex<BTreeSet<String>>>,
    change: OnTheWay,
}

impl Once {
    fn take(&self, name: &str) -> Option<Tensor> {
        self.tensors.lock().unwrap_or_else(PoisonError::into_inner).remove(name)
    }
}

impl SimpleBackend for Once {
    fn get(&self, shape: Shape, name: &str, _: Init, dtype: DType, device: &Device) -> candle_core::Result<Tensor> {
        if !self.contains_tensor(name) {
            let used = self.used.lock().unwrap_or_else(PoisonError::into_inner).contains(name);
            let mut missing = self.missing.lock().unwrap_or_else(PoisonError::into_inner);
            missing.insert(name.to_owned());
            if used || missing.len() >= MOST_MISSING {
                candle_core::bail!("there is no tensor {name}");
            }
            // Something of the right shape, so that the other missing names are found too.
            return Tensor::zeros(shape, DType::F32, device);
        }
        let tensor = self.get_unchecked(name, dtype, device)?;
        // GGUF files drop axes of length 1.
        if tensor.elem_count() != shape.elem_count() || !same_axes(tensor.dims(), shape.dims()) {
            candle_core::bail!("the tensor {name} has the shape {:?} instead of {shape:?}", tensor.shape());
        }
        // A reshape would copy what lies with gaps, even when nothing changes.
        if *tensor.shape() == shape { Ok(tensor) } else { tensor.reshape(shape) }
    }

    fn get_unchecked(&self, name: &str, dtype: DType, device: &Device) -> candle_core::Result<Tensor> {
        let Some(tensor) = self.take(name) else { candle_core::bail!("there is no tensor {name}") };
        self.used.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned());
        (self.change)(name, formatted(&tensor.to_device(device)?, dtype)?)
    }

    fn contains_tensor(&self, name: &str) -> bool {
        self.tensors.lock().unwrap_or_else(PoisonError::into_inner).contains_key(name)
    }
}

fn same_axes(a: &[usize], b: &[usize]) -> bool {
    let wide = |d: &[usize]| d.iter().copied().filter(|n| *n != 1).collect::<Vec<_>>();
    wide(a) == wide(b)
}

/// Which tensors a network took.
#[derive(Debug, Clone)]
pub struct Ledger {
    all: BTreeSet<String>,
    used: Arc<Mutex<BTreeSet<String>>>,
    missing: Arc<Mutex<BTreeSet<String>>>,
}

impl Ledger {
    /// Refuses weights that lack what a network asked for. Worth asking also when building failed.
    ///
    /// # Errors
    /// [`WeightsError::Missing`] with the names.
    pub fn check_none_missing(&self) -> Result<(), WeightsError> {
        let missing = self.missing.lock().unwrap_or_else(PoisonError::into_inner);
        let names: Vec<&str> = missing.iter().map(String::as_str).collect();
        match names.len() {
            0 => Ok(()),
            n if n >= MOST_MISSING => Err(WeightsError::Missing(format!("{} and perhaps more", names.join(", ")))),
            _ => Err(WeightsError::Missing(names.join(", "))),
        }
    }

    /// Refuses weights with tensors that no part of the network took.
    ///
    /// # Errors
    /// [`WeightsError::Unused`] with the first few names.
    pub fn check_all_used(&self) -> Result<(), WeightsError> {
        let used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let left: Vec<&str> = self.all.difference(&used).map(String::as_str).collect();
        match left.len() {
            0 => Ok(()),
            n if n > 5 => Err(WeightsError::Unused(format!("{} and {} more", left[..5].join(", "), n - 5))),
            _ => Err(WeightsError::Unused(left.join(", "))),
        }
    }
}

struct Source {
    tensors: HashMap<String, Tensor>,
    used: Arc<Mutex<BTreeSet<String>>>,
}

impl SimpleBackend for Source {
    fn get(&self, shape: Shape, name: &str, _: Init, dtype: DType, device: &Device) -> candle_core::Result<Tensor> {
        let tensor = self.get_unchecked(name, dtype, device)?;
        if *tensor.shape() != shape {
            candle_core::bail!("the tensor {name} has the shape {:?} instead of {shape:?}", tensor.shape());
        }
        Ok(tensor)
    }

    fn get_unchecked(&self, name: &str, dtype: DType, device: &Device) -> candle_core::Result<Tensor> {
        let Some(tensor) = self.tensors.get(name) else { candle_core::bail!("there is no tensor {name}") };
        self.used.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned());
        formatted(&tensor.to_device(device)?, dtype)
    }

    fn contains_tensor(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }
}
