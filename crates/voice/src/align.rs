//! When each word of a spoken sentence is heard, found by laying its words, spoken alone by the same voice, along it.
//!
//! Dynamic time warping over short spectra. Both sides come from the same synthesiser at the same pitch, so that they differ only in
//! pace and in how words run together. Where there is nothing to compare, the sentence is shared out by the length of its words.

use crate::pico::RATE;

/// Samples between two spectra: 10 ms, and what a word time is exact to.
const HOP: usize = 160;
const WINDOW: usize = 512;
const BANDS: usize = 20;

type Spectrum = [f32; BANDS];

/// Start and end in samples for each of `alone`, in order; a word that is silent has no length.
pub fn words(sentence: &[f32], alone: &[Vec<f32>]) -> Vec<(usize, usize)> {
    let total: usize = alone.iter().map(Vec::len).sum();
    if total == 0 || sentence.is_empty() {
        return vec![(0, 0); alone.len()];
    }
    let heard = spectra(sentence);
    // First spectrum of each word within the words laid end to end.
    let mut model: Vec<Spectrum> = Vec::new();
    let mut begins = Vec::with_capacity(alone.len());
    for word in alone {
        begins.push(model.len());
        model.extend(spectra(word));
    }
    let path = warped(&heard, &model);
    let sample = |row: usize| (row * HOP).min(sentence.len());
    let starts: Vec<usize> = begins.iter().map(|begin| sample(path.partition_point(|at| at < begin))).collect();
    let mut found = Vec::with_capacity(alone.len());
    for (at, word) in alone.iter().enumerate() {
        let start = starts.get(at).copied().unwrap_or(0);
        let end = starts.get(at + 1).copied().unwrap_or(sentence.len());
        found.push(if word.is_empty() { (start, start) } else { (start, end.max(start)) });
    }
    // The first word is where the sentence begins, whatever the first spectrum was most like.
    if let Some(first) = found.iter_mut().find(|word| word.0 < word.1) {
        first.0 = 0;
    }
    for at in 1..found.len() {
        let before = found.get(at - 1).map_or(0, |word| word.0);
        if let Some(word) = found.get_mut(at) {
            *word = (word.0.max(before), word.1.max(before));
        }
    }
    found
}

fn spectra(samples: &[f32]) -> Vec<Spectrum> {
    if samples.is_empty() {
        return Vec::new();
    }
    let count = samples.len().div_ceil(HOP);
    let mut found = Vec::with_capacity(count);
    for row in 0..count {
        let from = (row * HOP) as isize + (HOP as isize - WINDOW as isize) / 2;
        let windowed = |at: usize| {
            let value = usize::try_from(from + at as isize).ok().and_then(|place| samples.get(place)).copied();
            let turn = at as f32 / WINDOW as f32 * std::f32::consts::TAU;
            (value.unwrap_or(0.0) * (0.5 - 0.5 * turn.cos()), 0.0)
        };
        let transform = fourier(&(0..WINDOW).map(windowed).collect::<Vec<_>>());
        let mut bands = [0f32; BANDS];
        for (bin, (re, im)) in transform.iter().enumerate().take(WINDOW / 2).skip(2) {
            let hertz = bin as f32 * RATE / WINDOW as f32;
            // Bands of equal width on the mel scale up to 7 kHz.
            let mel = 1127.0 * (1.0 + hertz / 700.0).ln() / 2702.0;
            if let Some(band) = bands.get_mut((mel * BANDS as f32) as usize) {
                *band += re * re + im * im;
            }
        }
        found.push(bands.map(|power| (power + 1e-4).ln()));
    }
    found
}

/// The discrete Fourier transform of complex numbers; their count is a power of two.
fn fourier(values: &[(f32, f32)]) -> Vec<(f32, f32)> {
    let count = values.len();
    if count < 2 {
        return values.to_vec();
    }
    let half = |odd: usize| fourier(&values.iter().copied().skip(odd).step_by(2).collect::<Vec<_>>());
    let (even, odd) = (half(0), half(1));
    let turned: Vec<(f32, f32)> = odd
        .iter()
        .enumerate()
        .map(|(at, (re, im))| {
            let (sine, cosine) = (-std::f32::consts::TAU * at as f32 / count as f32).sin_cos();
            (re * cosine - im * sine, re * sine + im * cosine)
        })
        .collect();
    let sums = even.iter().zip(&turned).map(|(a, b)| (a.0 + b.0, a.1 + b.1));
    let differences = even.iter().zip(&turned).map(|(a, b)| (a.0 - b.0, a.1 - b.1));
    sums.chain(differences).collect()
}

/// For each row of `heard` the row of `model` that it is, never going back.
fn warped(heard: &[Spectrum], model: &[Spectrum]) -> Vec<usize> {
    let (rows, columns) = (heard.len(), model.len());
    let distance = |a: &Spectrum, b: &Spectrum| a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum::<f32>();
    // Which step led to each cell: 0 both, 1 only `heard` went on, 2 only `model` did.
    let mut steps = vec![0u8; rows * columns];
    let mut before = vec![f32::INFINITY; columns];
    for (row, spectrum) in heard.iter().enumerate() {
        let mut now = vec![f32::INFINITY; columns];
        for (column, other) in model.iter().enumerate() {
            let old =
                |at: Option<usize>, costs: &[f32]| at.and_then(|at| costs.get(at)).copied().unwrap_or(f32::INFINITY);
            let left = column.checked_sub(1);
            let both = if row == 0 && column == 0 { 0.0 } else { old(left, &before) };
            let choices = [both, old(Some(column), &before), old(left, &now)];
            let (step, cost) = choices
                .iter()
                .enumerate()
                .fold((0, f32::INFINITY), |best, (step, cost)| if *cost < best.1 { (step, *cost) } else { best });
            if let (Some(slot), Some(mark)) = (now.get_mut(column), steps.get_mut(row * columns + column)) {
                *slot = cost + distance(spectrum, other);
                *mark = step as u8;
            }
        }
        before = now;
    }
    let mut path = vec![0usize; rows];
    let (mut row, mut column) = (rows.saturating_sub(1), columns.saturating_sub(1));
    loop {
        if let Some(slot) = path.get_mut(row) {
            // Going back along the path: the first of several columns is the one that stays.
            *slot = column;
        }
        if row == 0 && column == 0 {
            return path;
        }
        match steps.get(row * columns + column) {
            Some(0) => (row, column) = (row.saturating_sub(1), column.saturating_sub(1)),
            Some(1) => row = row.saturating_sub(1),
            _ => column = column.saturating_sub(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sound with a spectrum of its own: three tones.
    fn sound(tones: [f32; 3], seconds: f32) -> Vec<f32> {
        let sample = |at: usize| {
            tones.iter().map(|hertz| (at as f32 * hertz / RATE * std::f32::consts::TAU).sin() * 0.2).sum::<f32>()
        };
        (0..(RATE * seconds) as usize).map(sample).collect()
    }

    #[test]
    fn words_are_found_where_they_are_though_the_pace_differs() {
        let tones = [[200.0, 900.0, 2500.0], [300.0, 600.0, 1200.0], [150.0, 2000.0, 4000.0], [400.0, 1500.0, 3300.0]];
        let alone: Vec<Vec<f32>> = tones.iter().map(|tones| sound(*tones, 0.4)).collect();
        let lengths = [0.3, 0.15, 0.5, 0.25];
        let sentence: Vec<f32> =
            tones.iter().zip(lengths).flat_map(|(tones, seconds)| sound(*tones, seconds)).collect();
        let found = words(&sentence, &alone);
        let mut wanted = 0.0;
        for ((start, end), length) in found.iter().zip(lengths) {
            assert!((*start as f32 / RATE - wanted).abs() < 0.03, "{start} should be at {wanted} s");
            wanted += length;
            assert!((*end as f32 / RATE - wanted).abs() < 0.03, "{end} should be at {wanted} s");
        }
    }
}
