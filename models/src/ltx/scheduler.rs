//! The way from noise to picture: which noise levels a run visits, and one Euler step between two of them, where each token
//! may have a level of its own. Mirrors `FlowMatchEulerDiscreteScheduler` with the three schedules the released models use.

use candle_core::{Result, Tensor};
use serde::Deserialize;

use super::LtxError;

/// Levels closer than this are one.
const SAME: f32 = 1e-6;

/// `scheduler_config.json`.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct SchedulerConfig {
    pub num_train_timesteps: usize,
    pub shift: f64,
    pub use_dynamic_shifting: bool,
    pub base_shift: f64,
    pub max_shift: f64,
    pub base_image_seq_len: usize,
    pub max_image_seq_len: usize,
    pub shift_terminal: Option<f64>,
    pub stochastic_sampling: bool,
    pub invert_sigmas: bool,
    pub time_shift_type: String,
}

impl Default for SchedulerConfig {
    fn default() -> Self {
        Self {
            num_train_timesteps: 1000,
            shift: 1.0,
            use_dynamic_shifting: false,
            base_shift: 0.5,
            max_shift: 1.15,
            base_image_seq_len: 256,
            max_image_seq_len: 4096,
            shift_terminal: None,
            stochastic_sampling: false,
            invert_sigmas: false,
            time_shift_type: "exponential".to_owned(),
        }
    }
}

/// How the levels are spread.
#[derive(Debug, Clone, PartialEq)]
pub enum Spread {
    /// Evenly, then bent by how many tokens the clip has.
    ByTokens(usize),
    /// Slowly at first, then faster: half linear, half quadratic.
    Quadratic,
    /// These timesteps (1000 … 0), as distilled models were taught.
    Fixed(Vec<f32>),
}

/// The levels of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// What the network is told before each step, 1000 … 0.
    pub timesteps: Vec<f32>,
    /// The level before each step, and 0 at the end.
    pub sigmas: Vec<f32>,
}

impl SchedulerConfig {
    /// # Errors
    /// With what this program cannot do.
    pub fn check(&self) -> std::result::Result<(), LtxError> {
        let odd = self.stochastic_sampling || self.invert_sigmas || self.time_shift_type != "exponential";
        let sound = self.num_train_timesteps == 1000
            && self.shift > 0.0
            && self.max_image_seq_len > self.base_image_seq_len
            && self.shift_terminal.is_none_or(|t| (0.0..1.0).contains(&t));
        if odd || !sound {
            return Err(LtxError::Config("the scheduler: a way of sampling this program does not have".to_owned()));
        }
        Ok(())
    }

    /// The levels for `steps` steps (a fixed spread has its own number).
    #[must_use]
    pub fn schedule(&self, spread: &Spread, steps: usize) -> Schedule {
        let steps = steps.max(1);
        match spread {
            Spread::ByTokens(tokens) => {
                let even = (0..steps).map(|i| {
                    let end = 1.0 / steps as f64;
                    let step = (end - 1.0) / (steps - 1).max(1) as f64;
                    if i + 1 == steps && steps > 1 { end } else { 1.0 + step * i as f64 }
                });
                let even: Vec<f32> = even.map(|s| s as f32).collect();
                let sigmas = self.bent(&even, *tokens);
                let timesteps = sigmas.iter().map(|s| s * self.num_train_timesteps as f32).collect();
                Schedule { timesteps, sigmas: ended(sigmas) }
            }
            Spread::Quadratic => self.fixed(&quadratic(steps)),
            Spread::Fixed(values) => self.fixed(values),
        }
    }

    fn fixed(&self, timesteps: &[f32]) -> Schedule {
        let levels: Vec<f32> = timesteps.iter().map(|t| t / self.num_train_timesteps as f32).collect();
        Schedule { timesteps: timesteps.to_vec(), sigmas: ended(self.bent(&levels, self.max_image_seq_len)) }
    }

    /// Shifted towards noise, then stretched to the level the last step shall have. In f32, as the reference.
    fn bent(&self, levels: &[f32], tokens: usize) -> Vec<f32> {
        let shifted: Vec<f32> = if self.use_dynamic_shifting {
            let slope = (self.max_shift - self.base_shift) / (self.max_image_seq_len - self.base_image_seq_len) as f64;
            let mu = tokens as f64 * slope + self.base_shift - slope * self.base_image_seq_len as f64;
            let bend = mu.exp() as f32;
            levels.iter().map(|s| bend / (bend + (1.0 / s - 1.0))).collect()
        } else {
            let (shift, more) = (self.shift as f32, (self.shift - 1.0) as f32);
            levels.iter().map(|s| shift * s / (1.0 + more * s)).collect()
        };
        match (self.shift_terminal, shifted.last()) {
            (Some(end), Some(last)) => {
                let stretch = (1.0 - last) / (1.0 - end) as f32;
                shifted.iter().map(|s| 1.0 - (1.0 - s) / stretch).collect()
            }
            _ => shifted,
        }
    }
}

fn ended(mut sigmas: Vec<f32>) -> Vec<f32> {
    sigmas.push(0.0);
    sigmas
}

/// Half of the steps cover the first 2.5 % of the way evenly, the others the rest ever faster.
fn quadratic(steps: usize) -> Vec<f32> {
    const THRESHOLD: f64 = 0.025;
    if steps < 2 {
        return vec![1000.0];
    }
    let (linear, n) = ((steps / 2) as f64, steps as f64);
    let rest = n - linear;
    let gap = linear - THRESHOLD * n;
    let square = gap / (linear * rest * rest);
    let line = THRESHOLD / linear - 2.0 * gap / (rest * rest);
    let constant = square * linear * linear;
    let way = |i: usize| {
        let x = i as f64;
        if i < steps / 2 { x * THRESHOLD / linear } else { square * x * x + line * x + constant }
    };
    (0..steps).map(|i| (1.0 - way(i)) as f32 * 1000.0).collect()
}

impl Schedule {
    /// One Euler step against `velocity` for `x` `[b, n, c]`, each token from its own timestep to the next lower level.
    ///
    /// # Errors
    /// When the shapes do not fit, or the device fails.
    pub fn step(&self, x: &Tensor, velocity: &Tensor, timesteps: &[f32]) -> Result<Tensor> {
        let (b, n, _) = x.dims3()?;
        let way = timesteps.iter().map(|t| {
            let level = t / 1000.0;
            let below = self.sigmas.iter().filter(|s| **s < level - SAME);
            level - below.fold(0.0f32, |most, s| most.max(*s))
        });
        let way: Vec<f32> = way.collect();
        let rows = if way.len() == b * n { n } else { 1 };
        let way = Tensor::from_vec(way, (b, rows, 1), x.device())?;
        x - velocity.broadcast_mul(&way)?
    }
}
