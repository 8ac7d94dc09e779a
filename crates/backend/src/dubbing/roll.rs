//! One recording of a line: what the microphone gave since the film began to play, and where of it the line is.
//!
//! The film's clock is what is heard of it, the microphone's is when its samples sounded; both are read at one moment, again and again,
//! and the middle of those readings says which sample belongs to which. So every delay that loudspeaker and microphone tell of is taken off.
//! Pure: it knows neither devices nor time.

use std::collections::VecDeque;

/// About a second of readings before the line begins: enough for a steady middle, few enough to be of this moment.
const READINGS: usize = 64;

#[derive(Debug)]
pub struct Roll {
    channels: usize,
    /// Sample of the microphone's clock at which `samples` begins.
    first: i64,
    samples: Vec<f32>,
    /// The film's sample minus the microphone's.
    readings: VecDeque<i64>,
    /// Samples of the film.
    from: i64,
    until: i64,
}

impl Roll {
    pub fn new(channels: u16, first: u64, from: i64, until: i64) -> Self {
        let (channels, first) = (usize::from(channels.max(1)), i64::try_from(first).unwrap_or(i64::MAX));
        Self { channels, first, samples: Vec::new(), readings: VecDeque::new(), from, until }
    }

    pub fn from(&self) -> i64 {
        self.from
    }

    /// The next samples, and how many of silence a driver lost before them.
    pub fn heard(&mut self, lost: u64, samples: &[f32]) {
        let silence = usize::try_from(lost).unwrap_or(0) * self.channels;
        self.samples.resize(self.samples.len() + silence, 0.0);
        self.samples.extend_from_slice(samples);
    }

    /// Read at one moment. What is read after the line began counts only when nothing was read before.
    pub fn reading(&mut self, film: i64, microphone: i64) {
        if film >= self.from && !self.readings.is_empty() {
            return;
        }
        if self.readings.len() == READINGS {
            self.readings.pop_front();
        }
        self.readings.push_back(film - microphone);
    }

    fn offset(&self) -> Option<i64> {
        let mut sorted: Vec<i64> = self.readings.iter().copied().collect();
        sorted.sort_unstable();
        sorted.get(sorted.len() / 2).copied()
    }

    /// Sample of the film up to which the microphone has given everything.
    pub fn reached(&self) -> Option<i64> {
        Some(self.first + (self.samples.len() / self.channels) as i64 + self.offset()?)
    }

    pub fn is_whole(&self) -> bool {
        self.reached().is_some_and(|reached| reached >= self.until)
    }

    /// What was said from the line's beginning until `end`; None when that is nothing.
    pub fn cut(&self, end: i64) -> Option<Vec<f32>> {
        let end = end.min(self.until).min(self.reached()?);
        let frames = usize::try_from(end - self.from).ok().filter(|frames| *frames > 0)?;
        let begins = self.from - self.offset()? - self.first;
        // A microphone that woke up late was silent until then.
        let silent = usize::try_from(-begins).unwrap_or(0).min(frames);
        let skipped = usize::try_from(begins).unwrap_or(0) * self.channels;
        let mut cut = vec![0.0; silent * self.channels];
        let rest = (frames - silent) * self.channels;
        cut.extend_from_slice(self.samples.get(skipped..skipped + rest)?);
        Some(cut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A microphone whose sample `n` has the value `n`.
    fn rolling(first: u64, from: i64, until: i64, given: u64) -> Roll {
        let mut roll = Roll::new(1, first, from, until);
        let samples: Vec<f32> = (first..first + given).map(|at| at as f32).collect();
        roll.heard(0, &samples);
        roll
    }

    #[test]
    fn the_line_is_cut_where_it_was_heard_whatever_a_few_readings_say() {
        // The film's sample 1000 sounded with the microphone's 5000.
        let mut roll = rolling(2_000, 1_000, 1_500, 6_000);
        assert_eq!((roll.reached(), roll.cut(1_500)), (None, None), "nothing was read yet");
        for at in 0..200 {
            let off = if at % 5 == 0 { 777 } else { 0 };
            roll.reading(at, at + 4_000 + off);
        }
        // After the line began, readings no longer move it.
        (1_000..1_400).for_each(|at| roll.reading(at, at + 4_800));
        let cut = roll.cut(1_500).expect("it was said");
        assert_eq!((cut.len(), cut[0], cut[499]), (500, 5_000.0, 5_499.0));
        assert!(roll.is_whole());
        assert_eq!(roll.cut(1_200).map(|cut| cut.len()), Some(200), "stopped early");
        assert_eq!(roll.cut(1_000), None, "stopped before the line");
        assert_eq!(roll.cut(9_999).map(|cut| cut.len()), Some(500), "never more than was asked for");
    }

    #[test]
    fn what_is_missing_is_silence_in_its_place() {
        let mut late = rolling(5_100, 1_000, 1_500, 900);
        late.reading(0, 4_000);
        let cut = late.cut(1_500).expect("it was said");
        assert_eq!((cut[0], cut[99], cut[100]), (0.0, 0.0, 5_100.0));
        let mut lost = rolling(4_900, 1_000, 1_500, 200);
        lost.reading(0, 4_000);
        assert!(!lost.is_whole());
        lost.heard(50, &[9.0; 400]);
        let cut = lost.cut(1_500).expect("it was said");
        assert_eq!((cut[99], cut[100], cut[149], cut[150]), (5_099.0, 0.0, 0.0, 9.0));
    }

    #[test]
    fn two_channels_stay_together() {
        let mut roll = Roll::new(2, 0, 10, 20);
        let samples: Vec<f32> = (0..40).flat_map(|at| [at as f32, -(at as f32)]).collect();
        roll.heard(0, &samples);
        roll.reading(0, 5);
        assert_eq!(roll.cut(12), Some(vec![15.0, -15.0, 16.0, -16.0]));
    }
}
