//! Where every random value of a run comes from: each draw has a name, and its values depend on the seed and that name
//! alone. So a resumed run draws what the interrupted one would have drawn, and a fixture can replay another program's.

use candle_core::{Device, Result, Tensor};

use crate::noise::normal_in;

/// What values are drawn for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Draw {
    /// The latents a run starts from.
    Start,
    /// The spread of the `n`th given picture's latents.
    Picture(u32),
    /// What a given picture is weakened with, below full strength.
    Weaken(u32),
    /// What the `n`th step adds to given pictures.
    Step(u32),
    /// What the latents get before they are decoded.
    Decode,
    /// What the `n`th layer of the decoder adds.
    Layer(u32),
}

impl Draw {
    fn stream(self) -> u64 {
        let (kind, number) = match self {
            Self::Start => (1u64, 0),
            Self::Picture(n) => (3, n),
            Self::Weaken(n) => (4, n),
            Self::Step(n) => (5, n),
            Self::Decode => (6, 0),
            Self::Layer(n) => (7, n),
        };
        kind | (u64::from(number) << 8)
    }
}

/// A source of values from the standard normal distribution.
pub trait Draws {
    /// `shape` values for `what`.
    ///
    /// # Errors
    /// When there are none left, or the device fails.
    fn draw(&mut self, what: Draw, shape: &[usize]) -> Result<Tensor>;
}

/// Values from an order's seed, drawn on the CPU and then moved.
#[derive(Debug)]
pub struct Seeded<'a> {
    pub seed: u64,
    pub device: &'a Device,
}

impl Draws for Seeded<'_> {
    fn draw(&mut self, what: Draw, shape: &[usize]) -> Result<Tensor> {
        Tensor::from_vec(normal_in(self.seed, what.stream(), shape.iter().product()), shape, self.device)
    }
}
