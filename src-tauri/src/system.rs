//! Randomness of the system, behind its port.

use kinora_ports::Entropy;
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
