//! Where the sound is: counted in samples that were heard, between the device's requests estimated by time.
//!
//! A device asks for sound before it is heard and says by how much. The clock takes that into account, never passes what was handed
//! over, and never goes back.

use super::RATE;
use std::time::{Duration, Instant};

#[derive(Debug)]
pub struct Clock {
    /// Handed over in all.
    delivered: u64,
    /// At this moment, that many had been heard.
    heard_at: Instant,
    heard: u64,
    /// The silent clock hears at once.
    silent: bool,
    highest: u64,
}

fn frames(time: Duration) -> u64 {
    (time.as_nanos() * u128::from(RATE) / 1_000_000_000) as u64
}

impl Clock {
    pub fn new(now: Instant) -> Self {
        Self { delivered: 0, heard_at: now, heard: 0, silent: false, highest: 0 }
    }
    pub fn delivered(&self) -> u64 {
        self.delivered
    }
    /// The device took `count` frames, the first of which is heard `latency` from now.
    pub fn device_took(&mut self, now: Instant, count: u64, latency: Duration) {
        (self.heard_at, self.heard, self.silent) = (now + latency, self.delivered, false);
        self.delivered += count;
    }
    /// From here on time alone counts, going on from what was heard, until a device takes sound again.
    pub fn go_silent(&mut self, now: Instant) {
        let heard = self.position(now);
        // What the device still held is lost; the silent clock starts after it, so no sound is skipped twice.
        (self.heard_at, self.heard, self.silent) = (now, heard, true);
        self.delivered = self.delivered.max(heard);
    }
    /// Frames the silent clock has to take by now.
    pub fn due(&self, now: Instant) -> u64 {
        (self.heard + frames(now.saturating_duration_since(self.heard_at))).saturating_sub(self.delivered)
    }
    pub fn took(&mut self, count: u64) {
        self.delivered += count;
    }
    pub fn position(&mut self, now: Instant) -> u64 {
        let estimate = match now.checked_duration_since(self.heard_at) {
            Some(since) => self.heard + frames(since),
            // Not heard yet: count back from the moment it will be.
            None => self.heard.saturating_sub(frames(self.heard_at - now)),
        };
        let limit = if self.silent { estimate } else { estimate.min(self.delivered) };
        self.highest = self.highest.max(limit);
        self.highest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn position_is_what_was_heard_and_never_goes_back() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut clock = Clock::new(start);
        assert_eq!(clock.position(at(0)), 0);
        clock.device_took(at(0), 480, Duration::from_millis(20));
        assert_eq!(clock.position(at(10)), 0, "handed over but not heard");
        clock.device_took(at(10), 480, Duration::from_millis(20));
        assert_eq!(clock.position(at(25)), 240);
        assert_eq!(clock.position(at(24)), 240, "never back");
        assert_eq!(clock.position(at(90)), 960, "never past what was handed over");
        clock.go_silent(at(100));
        assert_eq!(clock.due(at(110)), 480);
        clock.took(480);
        assert_eq!(clock.position(at(110)), 1440);
    }

    #[test]
    fn a_device_that_comes_back_takes_over_where_the_silent_clock_is() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut clock = Clock::new(start);
        clock.go_silent(at(0));
        clock.took(clock.due(at(100)));
        assert_eq!(clock.position(at(100)), 4800);
        clock.device_took(at(100), 480, Duration::from_millis(20));
        assert_eq!(clock.position(at(110)), 4800, "what the device holds is not heard yet");
        assert_eq!(clock.position(at(125)), 5040);
        assert_eq!(clock.position(at(500)), 5280, "never past what was handed over");
    }
}
