//! A clock that stands and numbers that are thrown.

use super::Dice;
use crate::{Clock, Entropy};
use std::sync::{Mutex, PoisonError};

/// Always the same moment.
#[derive(Clone, Copy, Debug)]
pub struct Noon;

impl Clock for Noon {
    fn monotonic_millis(&self) -> u64 {
        0
    }
    fn unix_millis(&self) -> i64 {
        1_800_000_000_000
    }
}

/// Numbers that differ, and are the same in each run.
#[derive(Debug)]
pub struct Thrown(Mutex<Dice>);

impl Thrown {
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(Dice(seed)))
    }
}

impl Entropy for Thrown {
    fn random_u128(&self) -> u128 {
        let mut dice = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        u128::from(dice.roll()) << 64 | u128::from(dice.roll())
    }
}
