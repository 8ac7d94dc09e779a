//! Given pictures come back as they were given. The codec loses detail; what it loses of a given frame is put back there
//! and fades out over the frames that the network made beside it, so that neither the cut to a shot nor the joint of an
//! extension shows the codec. **Never here:** the network, or any judgement of how well a clip continues.

use candle_core::{Device, Result, Tensor};

use super::{Condition, DraftError, Order, pictures};

/// Frames beside a given one over which its lost detail fades out: half a second.
const FADE: usize = 6;

/// The given frames of a clip, `[3, padded height, padded width]` each, and what decoding lost of the outermost ones.
#[derive(Debug, Default)]
pub(super) struct Given {
    frames: usize,
    opening: Vec<Tensor>,
    ending: Option<Tensor>,
    lost_of_opening: Option<Tensor>,
    lost_of_ending: Option<Tensor>,
}

impl Given {
    /// # Errors
    /// [`DraftError::Refused`] when a picture's bytes do not fit its size.
    pub(super) fn of(order: &Order, factor: usize, device: &Device) -> std::result::Result<Self, DraftError> {
        let mut given = Self { frames: order.frames, ..Self::default() };
        let tensor = |picture| pictures::to_tensor(picture, order.size, factor, device);
        for condition in &order.conditions {
            match condition {
                Condition::Opening(list) => {
                    given.opening = list.iter().map(tensor).collect::<std::result::Result<_, _>>()?;
                }
                Condition::Ending(picture) => given.ending = Some(tensor(picture)?),
                Condition::Reference(_) => {}
            }
        }
        Ok(given)
    }

    /// Whether the last latent must be decoded ahead, for [`Given::expect`].
    pub(super) fn ends(&self) -> bool {
        self.ending.is_some()
    }

    /// Takes the last frames `[n, 3, h, w]` as the network made them.
    pub(super) fn expect(&mut self, last: &Tensor) -> Result<()> {
        let count = last.dim(0)?;
        self.lost_of_ending = self.ending.as_ref().map(|e| e - last.get(count - 1)?).transpose()?;
        Ok(())
    }

    /// Frames `[n, 3, h, w]` from number `first` on, as decoded → as shown. Frames come in order.
    pub(super) fn restore(&mut self, first: usize, decoded: &Tensor) -> Result<Tensor> {
        if self.opening.is_empty() && self.ending.is_none() {
            return Ok(decoded.clone());
        }
        let mut shown = Vec::new();
        for i in 0..decoded.dim(0)? {
            let (number, mut frame) = (first + i, decoded.get(i)?);
            if let Some(picture) = self.opening.get(number) {
                if number + 1 == self.opening.len() {
                    self.lost_of_opening = Some((picture - frame)?);
                }
                shown.push(picture.clone());
                continue;
            }
            if let (Some(picture), true) = (&self.ending, number + 1 == self.frames) {
                shown.push(picture.clone());
                continue;
            }
            let beside = [
                (&self.lost_of_opening, number + 1 - self.opening.len()),
                (&self.lost_of_ending, self.frames.saturating_sub(number + 1)),
            ];
            for (lost, distance) in beside {
                if let (Some(lost), 1..=FADE) = (lost, distance) {
                    frame = (frame + (lost * (1.0 - distance as f64 / (FADE + 1) as f64))?)?;
                }
            }
            shown.push(frame);
        }
        Tensor::stack(&shown, 0)
    }
}
