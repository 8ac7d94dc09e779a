//! Time of day and randomness, so that tests decide both.

pub trait Clock: Send + Sync {
    /// Milliseconds since some fixed moment; never goes back.
    fn monotonic_millis(&self) -> u64;
    /// Milliseconds since 1970, as the machine believes.
    fn unix_millis(&self) -> i64;
}

pub trait Entropy: Send + Sync {
    fn random_u128(&self) -> u128;
}
