//! Given pictures come back as they were given, and what the network made goes on from them without a jump: at the joint the
//! first new frame's difference from the given one is taken away and comes back over a second, so that neither the codec's loss nor
//! a network that continues a little elsewhere is seen as a cut. **Never here:** the network, or any judgement of how well a clip continues.

use candle_core::{Device, Result, Tensor};

use super::{Condition, DraftError, Order, pictures};

/// Frames beside a given one over which the difference fades: a second.
const FADE: usize = 12;

/// How much of the difference is taken away `distance` frames from a given one: a raised cosine, which neither begins nor ends with a jerk.
fn share(distance: usize) -> f64 {
    0.5 + 0.5 * (std::f64::consts::PI * distance as f64 / (FADE + 1) as f64).cos()
}

/// The given frames of a clip, `[3, padded height, padded width]` each, and how far the frames beside them are from them.
#[derive(Debug, Default)]
pub(super) struct Given {
    frames: usize,
    opening: Vec<Tensor>,
    ending: Option<Tensor>,
    jump_after_opening: Option<Tensor>,
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
                shown.push(picture.clone());
                continue;
            }
            if let (Some(picture), true) = (&self.ending, number + 1 == self.frames) {
                shown.push(picture.clone());
                continue;
            }
            if let (Some(last), true) = (self.opening.last(), number == self.opening.len()) {
                self.jump_after_opening = Some((last - &frame)?);
            }
            let beside = [
                (&self.jump_after_opening, number + 1 - self.opening.len()),
                (&self.lost_of_ending, self.frames.saturating_sub(number + 1)),
            ];
            for (lost, distance) in beside {
                if let (Some(lost), 1..=FADE) = (lost, distance) {
                    frame = (frame + (lost * share(distance))?)?;
                }
            }
            shown.push(frame);
        }
        Tensor::stack(&shown, 0)
    }
}
