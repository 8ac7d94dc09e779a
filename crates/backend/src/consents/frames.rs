//! The best pictures of a recording: sharp and well lit ones, from different moments.
//!
//! What is judged is what can be judged without knowing what a face is: edges and light. Which way somebody looks is not, and the record
//! of the consent says so. Pictures are chosen, never altered.

use kinora_ports::{Movie, Pixels, PortError};

/// An engine looks at a few; more only cost room.
pub const KEPT: usize = 4;
/// Moments looked at: a second apart in half a minute.
const LOOKED_AT: u32 = 32;
/// Side of the grid on which sharpness is measured.
const GRID: usize = 160;

/// Best first.
pub fn best(movie: &mut dyn Movie) -> Result<Vec<Pixels>, PortError> {
    let frames = movie.info().frames;
    let looked = LOOKED_AT.min(frames);
    let mut scored: Vec<(u64, u32)> = Vec::new();
    for number in 0..looked {
        // The middle of each stretch: the first and last pictures of a recording are of hands.
        let at = ((u64::from(number) * 2 + 1) * u64::from(frames) / (u64::from(looked) * 2)) as u32;
        scored.push((score(&movie.frame(at)?), at));
    }
    scored.sort_by(|a, b| b.cmp(a));
    // From different moments, as long as there are enough.
    let apart = frames / (KEPT as u32 * 2).max(1);
    let mut chosen: Vec<u32> = Vec::new();
    for (_, at) in &scored {
        if chosen.len() < KEPT && chosen.iter().all(|other| other.abs_diff(*at) >= apart) {
            chosen.push(*at);
        }
    }
    chosen.into_iter().map(|at| movie.frame(at)).collect()
}

/// How much edge there is, less what is lost in the dark or in the glare.
pub fn score(pixels: &Pixels) -> u64 {
    let (width, height) = (pixels.width as usize, pixels.height as usize);
    let rows = pixels.rgba.as_chunks::<4>().0;
    let step = (width.max(height) / GRID).max(1);
    let grey = |x: usize, y: usize| {
        let [r, g, b, _] = rows.get(y * width + x).copied().unwrap_or_default();
        (u64::from(r) * 54 + u64::from(g) * 183 + u64::from(b) * 19) >> 8
    };
    let (mut edges, mut seen, mut lost) = (0u64, 1u64, 0u64);
    for y in (step..height.saturating_sub(step)).step_by(step) {
        for x in (step..width.saturating_sub(step)).step_by(step) {
            let here = grey(x, y);
            let around = grey(x - step, y) + grey(x + step, y) + grey(x, y - step) + grey(x, y + step);
            edges += (here * 4).abs_diff(around).pow(2);
            lost += u64::from(!(16..=240).contains(&here));
            seen += 1;
        }
    }
    edges / seen * seen.saturating_sub(lost) / seen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(value: impl Fn(u32, u32) -> u8) -> Pixels {
        let rgba = (0..72u32).flat_map(|y| (0..128u32).map(move |x| (x, y))).flat_map(|(x, y)| {
            let value = value(x, y);
            [value, value, value, 255]
        });
        Pixels::from_rgba(128, 72, rgba.collect()).expect("fits")
    }

    #[test]
    fn a_sharp_and_lit_picture_beats_a_blurred_a_dark_and_a_glaring_one() {
        let stripes = |x: u32| if (x / 4).is_multiple_of(2) { 60 } else { 190 };
        let sharp = score(&picture(|x, _| stripes(x)));
        let blurred = score(&picture(|x, _| (stripes(x) / 2) + 62));
        let dark = score(&picture(|x, _| stripes(x) / 12));
        let glaring = score(&picture(|x, _| stripes(x) / 8 + 231));
        let flat = score(&picture(|_, _| 128));
        assert!(
            sharp > blurred && blurred > dark && blurred > glaring && flat == 0,
            "{sharp} {blurred} {dark} {glaring}"
        );
    }
}
