//! Randomness and time of the system, behind their ports.
//!
//! What a test decides for itself is asked here once and handed in everywhere else.

use kinora_ports::{Clock, Entropy};
use std::hash::{BuildHasher, RandomState};

/// Ids and file names need to differ, not to be secret.
#[derive(Clone, Copy, Debug)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn random_u128(&self) -> u128 {
        let mut bytes = [0; 16];
        if getrandom::fill(&mut bytes).is_ok() {
            return u128::from_le_bytes(bytes);
        }
        // No random device: the standard library's per-process keys with the time still make ids that differ.
        let now = std::time::SystemTime::now();
        let half = |salt: u8| u128::from(RandomState::new().hash_one((now, salt)));
        half(0) << 64 | half(1)
    }
}

/// Time of day, and time since the clock was made.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    begun: std::time::Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self { begun: std::time::Instant::now() }
    }
}

impl Clock for SystemClock {
    fn monotonic_millis(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
    fn unix_millis(&self) -> i64 {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }
}
