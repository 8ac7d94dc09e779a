//! Time left, from the forecast at first and from what has really passed soon after.

use std::time::{Duration, Instant};

#[derive(Debug)]
pub struct Pace {
    started: Instant,
    forecast: Duration,
}

impl Pace {
    pub fn new(forecast_millis: u64) -> Self {
        Self { started: Instant::now(), forecast: Duration::from_millis(forecast_millis) }
    }

    /// `permille` of the work is done.
    pub fn millis_left(&self, permille: u32) -> u64 {
        let passed = self.started.elapsed().as_millis() as u64;
        let forecast = self.forecast.as_millis() as u64;
        let permille = u64::from(permille.min(1000));
        // A twentieth of the work says more about this machine than any forecast.
        if permille < 50 { forecast.saturating_sub(passed) } else { passed * (1000 - permille) / permille }
    }
}
