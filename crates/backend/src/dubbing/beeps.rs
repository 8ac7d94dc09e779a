//! The count-in: three tones at even distances, and the line begins where the fourth would be.
//!
//! They are laid over what is heard while somebody waits for their line, end before it begins, and are never part of the film.

use super::RATE;
use super::spot::PRE_ROLL;

const BEEPS: usize = 3;
/// A fifteenth of a second.
const BEEP_SAMPLES: i64 = RATE as i64 / 15;
const BEEP_HERTZ: f32 = 1_000.0;
/// −18 dB.
const BEEP_LEVEL: f32 = 0.125;

/// Where they begin.
pub fn beeps(line: i64) -> [i64; BEEPS] {
    let step = PRE_ROLL.to_samples(RATE) / BEEPS as i64;
    std::array::from_fn(|at| line - (BEEPS - at) as i64 * step)
}

/// Adds what is to be heard of them to a block of stereo that begins at `from`.
pub fn beep(beeps: &[i64], from: i64, block: &mut [f32]) {
    for (at, frame) in (from..).zip(block.as_chunks_mut::<2>().0) {
        let Some(into) = beeps.iter().map(|start| at - start).find(|into| (0..BEEP_SAMPLES).contains(into)) else {
            continue;
        };
        // In and out softly, without a click.
        let edge = into.min(BEEP_SAMPLES - into) as f32 / (BEEP_SAMPLES / 8) as f32;
        let turn = into as f32 * BEEP_HERTZ / RATE as f32;
        let value = BEEP_LEVEL * edge.min(1.0) * (turn * std::f32::consts::TAU).sin();
        frame.iter_mut().for_each(|side| *side += value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_beeps_lead_to_the_line_and_are_over_when_it_begins() {
        let line = 480_000;
        let beeps = beeps(line);
        assert_eq!(beeps, [line - 96_000, line - 64_000, line - 32_000]);
        let mut block = vec![0f32; 2 * 96_000];
        beep(&beeps, line - 96_000, &mut block);
        let loud = |range: std::ops::Range<usize>| block[2 * range.start..2 * range.end].iter().any(|s| s.abs() > 0.05);
        assert!(loud(0..3_200) && loud(32_000..35_200) && loud(64_000..67_200));
        assert!(!loud(3_200..32_000) && !loud(67_200..96_000));
        assert!(block.iter().all(|sample| sample.abs() <= BEEP_LEVEL));
    }
}
