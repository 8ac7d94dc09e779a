//! Parity with a reference implementation: given one fixture's files as bytes, run that stage and compare every output.
//! The layout is described in `models/tests/README.md`. A case never seen before works like a committed one.
//! **Never here:** reading folders; and never a verdict of "agrees" for something that was not compared.

mod draft;
mod kokoro;
mod ltx;

use std::collections::HashMap;

use candle_core::{DType, Device, Tensor};
use serde::Deserialize;

use crate::weights;

/// One fixture, as bytes.
#[derive(Debug, Clone, Copy)]
pub struct Fixture<'a> {
    /// `fixture.json`.
    pub about: &'a [u8],
    /// `config.json`.
    pub config: &'a [u8],
    /// `weights.safetensors`.
    pub weights: &'a [u8],
    /// `inputs.safetensors`.
    pub inputs: &'a [u8],
    /// `outputs.safetensors`.
    pub outputs: &'a [u8],
}

/// One compared output.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Family, class and output, such as `draft denoiser video`.
    pub stage: String,
    pub shape: Vec<usize>,
    /// Largest absolute difference.
    pub error: f64,
    /// Largest difference allowed.
    pub tolerance: f64,
    /// Largest absolute value of the reference, to judge the error by.
    pub scale: f64,
}

impl Row {
    /// Whether the output agrees. A difference that is not a number does not.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.error <= self.tolerance
    }
}

/// Why a fixture could not be compared at all.
#[derive(Debug, thiserror::Error)]
pub enum ParityError {
    /// `fixture.json` or `config.json` is not what the layout says.
    #[error("the fixture cannot be read: {0}")]
    Layout(String),
    /// A container was refused.
    #[error(transparent)]
    Weights(#[from] weights::WeightsError),
    /// No such family or class here.
    #[error("nothing here can run {0}")]
    Unknown(String),
    /// The stage failed.
    #[error("the stage failed: {0}")]
    Tensor(#[from] candle_core::Error),
}

#[derive(Debug, Deserialize)]
struct About {
    family: String,
    class: String,
    tolerance: f64,
}

/// Named tensors of one file.
pub(crate) struct Named(HashMap<String, Tensor>);

impl Named {
    pub(crate) fn get(&self, name: &str) -> Result<&Tensor, ParityError> {
        self.0.get(name).ok_or_else(|| ParityError::Layout(format!("there is no tensor {name}")))
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Tensor> {
        self.0.get(name)
    }
}

/// Runs one fixture on `device`; one row per output, sorted by name.
///
/// # Errors
/// When the fixture cannot be read or its stage fails. Disagreement is not an error: see [`Row::agrees`].
pub fn run(fixture: &Fixture<'_>, device: &Device) -> Result<Vec<Row>, ParityError> {
    let about: About = serde_json::from_slice(fixture.about).map_err(|e| ParityError::Layout(e.to_string()))?;
    let read = |bytes| weights::tensors(&[bytes], DType::F32, device);
    let tensors = read(fixture.weights)?;
    let inputs = Named(read(fixture.inputs)?);
    let expected = read(fixture.outputs)?;
    let vb = weights::builder(tensors.clone(), DType::F32, device);
    let computed: Vec<(String, Tensor)> = match about.family.as_str() {
        "draft" => {
            let outputs = draft::run(&about.class, fixture.config, &vb, &inputs)?;
            outputs.into_iter().map(|(name, tensor)| (name.to_owned(), tensor)).collect()
        }
        "kokoro" => {
            let outputs = kokoro::run(&about.class, fixture.config, tensors, &inputs)?;
            outputs.into_iter().map(|(name, tensor)| (name.to_owned(), tensor)).collect()
        }
        "ltx" => ltx::run(&about.class, fixture.config, tensors, &vb, &inputs)?,
        other => return Err(ParityError::Unknown(format!("the family {other}"))),
    };
    let mut rows = Vec::new();
    for (name, expected) in &expected {
        let (_, ours) = computed
            .iter()
            .find(|(n, _)| n == name)
            .ok_or_else(|| ParityError::Unknown(format!("the output {name} of {}", about.class)))?;
        let stage = format!("{} {} {name}", about.family, about.class);
        rows.push(compare(stage, ours, expected, about.tolerance)?);
    }
    if rows.is_empty() {
        return Err(ParityError::Layout("there is nothing to compare".to_owned()));
    }
    rows.sort_by(|a, b| a.stage.cmp(&b.stage));
    Ok(rows)
}

fn compare(stage: String, ours: &Tensor, expected: &Tensor, tolerance: f64) -> Result<Row, ParityError> {
    if ours.dims() != expected.dims() {
        return Err(ParityError::Layout(format!("{stage}: {:?} instead of {:?}", ours.dims(), expected.dims())));
    }
    let flat = |t: &Tensor| t.to_dtype(DType::F64)?.flatten_all()?.to_vec1::<f64>();
    let (ours, reference) = (flat(ours)?, flat(expected)?);
    let mut error = 0.0f64;
    for (a, b) in ours.iter().zip(&reference) {
        let gap = (a - b).abs();
        // Written so that a value that is not a number is never lost in a maximum.
        if gap.is_nan() || gap > error {
            error = if gap.is_nan() { f64::INFINITY } else { gap };
        }
    }
    let scale = reference.iter().fold(0.0f64, |most, x| most.max(x.abs()));
    Ok(Row { stage, shape: expected.dims().to_vec(), error, tolerance, scale })
}

/// The rows as a table for people.
#[must_use]
pub fn table(rows: &[Row]) -> String {
    let mut text = format!("{:<34} {:<18} {:>10} {:>10}  verdict\n", "stage", "shape", "max error", "tolerance");
    for row in rows {
        let shape = row.shape.iter().map(ToString::to_string).collect::<Vec<_>>().join("×");
        let verdict = if row.agrees() { "agrees" } else { "DIFFERS" };
        text += &format!("{:<34} {:<18} {:>10.2e} {:>10.0e}  {verdict}\n", row.stage, shape, row.error, row.tolerance);
    }
    text
}
