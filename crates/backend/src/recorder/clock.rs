//! The one clock of a recording: samples that the microphone gave.
//!
//! A picture is stamped in time of the machine; where it belongs in the sound follows from when sound arrived. Sound may arrive late but
//! never early, so the earliest of the last seconds is the truth, and it follows a microphone that counts a little fast or slow.
//! Samples that a driver lost are found here and become silence: sound must never move against the picture.

use std::collections::VecDeque;
use std::time::Duration;

pub const RATE: u64 = 48_000;
/// Blocks looked back on: long enough to hold one that came in time, short enough that a clock which is off by 300 millionths
/// has not moved by a millisecond.
const LOOK_BACK: Duration = Duration::from_secs(3);
/// All blocks of this long came later than before: samples are missing, no thread was merely late.
const LATE_FOR: Duration = Duration::from_millis(600);
/// Less than this is not worth a break in the sound; more would be seen as lips out of step.
const GAP: Duration = Duration::from_millis(15);
/// A longer hole is a machine that slept; the recording ends there instead of growing by hours.
pub const LONGEST_GAP: Duration = Duration::from_secs(2);

#[derive(Debug, Default)]
pub struct SoundClock {
    samples: u64,
    /// When a block came, and when by that the first sample of all must have sounded: nanoseconds.
    blocks: VecDeque<(i64, i64)>,
}

fn nanos(samples: u64) -> i64 {
    (i128::from(samples) * 1_000_000_000 / i128::from(RATE)) as i64
}

impl SoundClock {
    /// Samples a channel so far.
    pub fn samples(&self) -> u64 {
        self.samples
    }

    /// A block came; the answer is how much silence belongs in front of it.
    pub fn heard(&mut self, at: Duration, samples: u64) -> u64 {
        let at = at.as_nanos() as i64;
        self.blocks.push_back((at, at - nanos(self.samples)));
        while self.blocks.front().is_some_and(|&(old, _)| at - old > LOOK_BACK.as_nanos() as i64) {
            self.blocks.pop_front();
        }
        let missing = self.missing(at);
        if missing > 0 {
            let moved = nanos(missing);
            self.blocks.iter_mut().for_each(|(_, start)| *start -= moved);
            // What came before the hole was in time; what came after is in time again now.
            self.blocks.retain(|&(came, _)| at - came <= LATE_FOR.as_nanos() as i64);
        }
        self.samples += missing + samples;
        missing
    }

    /// Samples by which all late blocks are later than the earlier ones.
    fn missing(&self, now: i64) -> u64 {
        let recent = now - LATE_FOR.as_nanos() as i64;
        let earliest = |late: bool| {
            self.blocks.iter().filter(|(came, _)| (*came >= recent) == late).map(|&(_, start)| start).min()
        };
        match (earliest(false), earliest(true)) {
            (Some(before), Some(after)) if after - before > GAP.as_nanos() as i64 => {
                (i128::from(after - before) * i128::from(RATE) / 1_000_000_000) as u64
            }
            _ => 0,
        }
    }

    /// The sample that sounded at that moment; None before any sound came.
    pub fn sample_at(&self, at: Duration) -> Option<i64> {
        let start = self.blocks.iter().map(|&(_, start)| start).min()?;
        Some((i128::from(at.as_nanos() as i64 - start) * i128::from(RATE)).div_euclid(1_000_000_000) as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plays blocks of a hundredth of a second into a clock; `late` says by how much each comes late.
    fn run(seconds: u64, ppm: f64, late: impl Fn(u64) -> u64, lost: Option<(u64, u64)>) -> (SoundClock, f64) {
        let (mut clock, mut hole) = (SoundClock::default(), 0u64);
        for block in 0..seconds * 100 {
            if let Some((from, blocks)) = lost
                && block == from
            {
                hole = blocks;
            }
            let sounded = (block + hole) as f64 * 0.01 / (1.0 + ppm / 1e6);
            clock.heard(Duration::from_secs_f64(sounded) + Duration::from_micros(late(block)), 480);
        }
        let end = (seconds * 100 + hole) as f64 * 0.01 / (1.0 + ppm / 1e6);
        (clock, end)
    }

    #[test]
    fn a_microphone_with_a_clock_of_its_own_stays_within_a_millisecond_for_an_hour() {
        for ppm in [-300.0, -40.0, 0.0, 40.0, 300.0] {
            let (clock, end) = run(3600, ppm, |block| block * 7919 % 9_000, None);
            let found = clock.sample_at(Duration::from_secs_f64(end)).expect("sound came");
            let off = found - clock.samples() as i64;
            assert!(off.abs() <= 48 * 2, "{ppm} millionths: {off} samples");
        }
    }

    #[test]
    fn samples_that_a_driver_lost_become_silence() {
        let (clock, end) = run(60, 0.0, |block| block * 7919 % 9_000, Some((2_000, 25)));
        let (wanted, have) = ((end * 48_000.0) as i64, clock.samples() as i64);
        assert!((wanted - have).abs() < 800, "{wanted} {have}");
        let now = clock.sample_at(Duration::from_secs_f64(end)).expect("sound came");
        assert!((now - have).abs() < 800, "{now} {have}");
    }
}
