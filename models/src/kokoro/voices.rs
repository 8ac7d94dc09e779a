//! A person's voice: a table with one style for each length of a line. A style has two halves, the first for how it
//! sounds, the second for how it goes. **Never here:** names of people or languages.

use candle_core::{DType, Device, Tensor};

use super::KokoroError;
use crate::weights::{self, WeightsError};

/// Most lengths of a table: the released ones have 510.
const MOST_LENGTHS: usize = 4096;
/// Largest table that is read, in bytes: the released ones have 0.5 MB.
pub const MAX_BYTES: usize = 16 << 20;

pub(super) fn fits(bytes: &[u8]) -> Result<(), KokoroError> {
    if bytes.len() > MAX_BYTES {
        return Err(WeightsError::Malformed("a voice of more than 16 MiB".to_owned()).into());
    }
    Ok(())
}

pub(super) fn not_alone() -> KokoroError {
    WeightsError::Malformed("a voice is one table alone".to_owned()).into()
}

/// A person.
#[derive(Debug, Clone)]
pub struct Voice {
    styles: Vec<f32>,
    width: usize,
}

impl Voice {
    /// From a safetensors file with the table alone; `half` is the width of half a style.
    ///
    /// # Errors
    /// When the bytes are damaged, too many, another kind of file, or another table.
    pub fn parse(bytes: &[u8], half: usize) -> Result<Self, KokoroError> {
        fits(bytes)?;
        let mut tensors = weights::tensors(&[bytes], DType::F32, &Device::Cpu)?.into_values();
        let (Some(table), None) = (tensors.next(), tensors.next()) else { return Err(not_alone()) };
        Self::of(&table, half)
    }

    fn of(table: &Tensor, half: usize) -> Result<Self, KokoroError> {
        let width = 2 * half;
        let lengths = table.elem_count() / width.max(1);
        let fits = matches!(table.dims(), [n, 1, w] | [n, w] if (1..=MOST_LENGTHS).contains(n) && *w == width);
        if !fits || !table.dtype().is_float() {
            let what = format!("a voice's table of {:?} instead of {lengths} × {width}", table.dims());
            return Err(WeightsError::Malformed(what).into());
        }
        Ok(Self { styles: table.to_dtype(DType::F32)?.flatten_all()?.to_vec1::<f32>()?, width })
    }

    /// The style for a line of `phonemes`: how it sounds, how it goes; `[1, half]` each.
    ///
    /// # Errors
    /// When the tensor library fails.
    pub fn style(&self, phonemes: usize) -> Result<(Tensor, Tensor), KokoroError> {
        let last = self.styles.len() / self.width.max(1);
        // Row 0 is for one phoneme.
        let row = phonemes.clamp(1, last.max(1)) - 1;
        let style = self.styles.get(row * self.width..(row + 1) * self.width).unwrap_or_default();
        let (sounds, goes) = style.split_at(style.len() / 2);
        let half = |values: &[f32]| Tensor::from_vec(values.to_vec(), (1, values.len()), &Device::Cpu);
        Ok((half(sounds)?, half(goes)?))
    }
}
