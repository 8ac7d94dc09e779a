//! Figures of a recorded step: where its face is, how sharp and how light it is, and how much of its sound is a voice.
//!
//! Plain measures that can be written down: the variance of the Laplacian, a middle brightness, loudness against the quietest tenth, and how
//! much a piece of sound repeats itself at the pitch of a voice. Pictures are looked at and never kept.

use super::judge::{Measured, TURN_PERMILLE};
use kinora_ports::faces::{Face, Grey};
use kinora_ports::{FaceFinder, Movie, Pixels, PortError, Sound};

/// Pictures of a step that are looked at: five a second of the shortest.
const LOOKED_AT: u32 = 16;
/// Faces are looked for in pictures of this width: one that fills a tenth of it is found.
const WIDTH: u32 = 320;
/// A face that was on its way, and then is no frontal face any more, was turned further than the detector follows.
const ON_ITS_WAY_PERMILLE: i32 = 60;

/// From a movie that is whole.
pub fn measure(movie: &mut dyn Movie, faces: &dyn FaceFinder) -> Result<Measured, PortError> {
    let frames = movie.info().frames;
    let looked = LOOKED_AT.min(frames);
    let (mut track, mut sharp, mut luma) = (Vec::new(), Vec::new(), Vec::new());
    let mut measured = Measured { pictures: looked as usize, ..Measured::default() };
    for number in 0..looked {
        let at = ((u64::from(number) * 2 + 1) * u64::from(frames) / (u64::from(looked) * 2)) as u32;
        let grey = grey_of(&movie.frame(at)?, WIDTH);
        let found = faces.faces(&grey)?;
        measured.with_face += usize::from(found.len() == 1);
        measured.with_several += usize::from(found.len() > 1);
        let first = found.first().copied();
        let place = first.unwrap_or_else(|| middle_of(&grey));
        sharp.push(sharpness(&grey, &place));
        luma.push(brightness(&grey, &place));
        track.push(first);
    }
    (measured.sharpness, measured.luma) = (middle(&mut sharp), middle(&mut luma));
    let (left, right) = turns(&track);
    (measured.left_permille, measured.right_permille) = (left, right);
    if let Some(sound) = movie.sound()? {
        hear(&sound, &mut measured);
    }
    Ok(measured)
}

/// The mean of each cell; smaller pictures stay as they are.
pub fn grey_of(pixels: &Pixels, width: u32) -> Grey {
    let step = (pixels.width / width.max(1)).max(1) as usize;
    let (columns, rows) = (pixels.width as usize / step, pixels.height as usize / step);
    let mut luma = Vec::with_capacity(columns * rows);
    let all = pixels.rgba.as_chunks::<4>().0;
    for row in 0..rows {
        for column in 0..columns {
            let mut sum = 0u32;
            for y in row * step..(row + 1) * step {
                let from = y * pixels.width as usize + column * step;
                for [r, g, b, _] in all.get(from..from + step).unwrap_or_default() {
                    sum += (u32::from(*r) * 54 + u32::from(*g) * 183 + u32::from(*b) * 19) >> 8;
                }
            }
            luma.push((sum / (step * step) as u32) as u8);
        }
    }
    Grey { width: columns as u32, height: rows as u32, luma }
}

/// Where a face would be.
fn middle_of(grey: &Grey) -> Face {
    let (width, height) = (grey.width / 3, grey.height / 2);
    Face { x: (grey.width / 3) as i32, y: (grey.height / 4) as i32, width, height, score: 0.0 }
}

fn inside(grey: &Grey, place: &Face) -> impl Iterator<Item = (u32, u32)> + use<> {
    let side = |from: i32, length: u32, end: u32| {
        let until = (i64::from(from) + i64::from(length)).clamp(0, i64::from(end.saturating_sub(1))) as u32;
        (from.max(1) as u32).min(until)..until
    };
    let (columns, rows) = (side(place.x, place.width, grey.width), side(place.y, place.height, grey.height));
    rows.flat_map(move |y| columns.clone().map(move |x| (x, y)))
}

/// The variance of the Laplacian.
fn sharpness(grey: &Grey, place: &Face) -> u32 {
    let (mut sum, mut squares, mut count) = (0i64, 0i64, 0i64);
    for (x, y) in inside(grey, place) {
        let around = [(x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)].map(|(x, y)| i64::from(grey.at(x, y)));
        let edge = 4 * i64::from(grey.at(x, y)) - around.iter().sum::<i64>();
        (sum, squares, count) = (sum + edge, squares + edge * edge, count + 1);
    }
    let count = count.max(1);
    (squares / count - (sum / count).pow(2)).max(0) as u32
}

fn brightness(grey: &Grey, place: &Face) -> u32 {
    let (sum, count) =
        inside(grey, place).fold((0u64, 0u64), |(sum, count), (x, y)| (sum + u64::from(grey.at(x, y)), count + 1));
    (sum / count.max(1)) as u32
}

fn middle(values: &mut [u32]) -> u32 {
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// How far the face goes to the person's own left and right, in thousandths of its width, from where it was at first.
pub fn turns(track: &[Option<Face>]) -> (i32, i32) {
    // Whoever begins turned away has no place to go from.
    let begin = track.len().div_ceil(4);
    let mut first: Vec<Face> = track.iter().take(begin).flatten().copied().collect();
    first.sort_by(|a, b| a.centre_x().total_cmp(&b.centre_x()));
    let Some(from) = first.get(first.len() / 2).copied() else { return (0, 0) };
    let moved = |face: &Face| ((face.centre_x() - from.centre_x()) * 1000.0 / from.width.max(1) as f32) as i32;
    // The picture is not mirrored: the person's left is its right.
    let (mut left, mut right) = (0, 0);
    let mut before = 0;
    let mut gone = 0;
    for place in track {
        match place {
            Some(face) => {
                let now = moved(face);
                (left, right) = (left.max(now), right.max(-now));
                (before, gone) = (now, 0);
            }
            None => {
                gone += 1;
                if gone >= 2 && before >= ON_ITS_WAY_PERMILLE {
                    left = left.max(TURN_PERMILLE);
                } else if gone >= 2 && before <= -ON_ITS_WAY_PERMILLE {
                    right = right.max(TURN_PERMILLE);
                }
            }
        }
    }
    (left, right)
}

const RATE: usize = 48_000;
/// A fiftieth of a second.
const FRAME: usize = RATE / 50;
/// Loudness against the quietest tenth: 10 dB.
const STANDS_OUT: f32 = 3.2;
/// −50 dB: less is a quiet room, however quiet the quietest tenth of it.
const LEAST_LOUD: f32 = 0.003;
/// How much a piece repeats itself at its pitch: hiss and clicks do so by less.
const VOICED: f32 = 0.5;
/// Samples of the sound that the pitch is looked for in: 8 kHz.
const THIN: usize = 6;
/// 70 to 400 Hz.
const LAGS: std::ops::RangeInclusive<usize> = 20..=114;
/// Frames of a stretch: a syllable is longer.
const SHORTEST_STRETCH: usize = 3;
const CLIPPED: f32 = 0.989;

fn hear(sound: &Sound, measured: &mut Measured) {
    let channels = usize::from(sound.channels.max(1));
    let mono: Vec<f32> =
        sound.samples.chunks(channels).map(|frame| frame.iter().sum::<f32>() / frame.len().max(1) as f32).collect();
    measured.has_sound = true;
    let loudest = mono.iter().fold(0f32, |most, sample| most.max(sample.abs()));
    measured.peak_permille = (loudest.min(1.0) * 1000.0) as u32;
    let clipped = mono.iter().filter(|sample| sample.abs() >= CLIPPED).count() as u64;
    measured.clipped_ppm = (clipped * 1_000_000 / mono.len().max(1) as u64) as u32;
    let loud: Vec<f32> = mono
        .chunks(FRAME)
        .map(|frame| (frame.iter().map(|sample| sample * sample).sum::<f32>() / frame.len().max(1) as f32).sqrt())
        .collect();
    let mut sorted = loud.clone();
    sorted.sort_by(f32::total_cmp);
    let quiet = sorted.get(sorted.len() / 10).copied().unwrap_or_default();
    let least = (quiet * STANDS_OUT).max(LEAST_LOUD);
    let thin: Vec<f32> = mono.chunks(THIN).map(|few| few.iter().sum::<f32>() / few.len().max(1) as f32).collect();
    let (mut stretch, mut voiced_here) = (0usize, 0usize);
    for (at, loud) in loud.iter().enumerate() {
        if *loud >= least {
            stretch += 1;
            // Two frames: long enough for the lowest pitch.
            let from = at * FRAME / THIN;
            let piece = thin.get(from..(from + 2 * FRAME / THIN).min(thin.len())).unwrap_or_default();
            voiced_here += usize::from(repeats(piece) >= VOICED);
        } else {
            settle(&mut stretch, &mut voiced_here, measured);
        }
    }
    settle(&mut stretch, &mut voiced_here, measured);
}

/// A stretch that is loud ends: it counts when most of it is voiced.
fn settle(stretch: &mut usize, voiced: &mut usize, measured: &mut Measured) {
    if *stretch >= SHORTEST_STRETCH && *voiced * 2 >= *stretch {
        measured.stretches += 1;
        measured.spoken_millis += (*stretch * 20) as u32;
    }
    (*stretch, *voiced) = (0, 0);
}

/// The most that a piece is like itself a little later, at the lags of a voice.
fn repeats(piece: &[f32]) -> f32 {
    let mut most = 0f32;
    for lag in LAGS {
        let Some(later) = piece.get(lag..).filter(|later| later.len() >= 100) else { break };
        let (mut both, mut one, mut other) = (0f32, 1e-9f32, 1e-9f32);
        for (a, b) in piece.iter().zip(later) {
            (both, one, other) = (both + a * b, one + a * a, other + b * b);
        }
        most = most.max(both / (one * other).sqrt());
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face(x: i32) -> Option<Face> {
        Some(Face { x, y: 20, width: 100, height: 100, score: 9.0 })
    }

    #[test]
    fn a_turn_is_measured_to_its_own_side_only() {
        assert_eq!(turns(&[face(100), face(100), face(110), face(125), face(130), face(101)]), (300, 0));
        assert_eq!(turns(&[face(100), face(100), face(90), face(70), face(100), face(100)]), (0, 300));
        // Nobody holds quite still.
        assert_eq!(turns(&[face(100), face(101), face(100), face(99)]), (10, 10));
        // Into profile: the face is lost on its way to that side.
        let (left, right) = turns(&[face(100), face(100), face(108), None, None, None, face(100), face(100)]);
        assert!(left >= TURN_PERMILLE && right == 0, "{left} {right}");
        // Lost from the spot: somebody bent down or left.
        assert_eq!(turns(&[face(100), face(100), None, None, None, None]), (0, 0));
        assert_eq!(turns(&[None, None, None, face(140)]), (0, 0));
        assert_eq!(turns(&[]), (0, 0));
    }

    fn sound(of: impl Fn(f32, usize) -> f32) -> Measured {
        let samples = (0..3 * RATE).map(|at| of(at as f32 / RATE as f32, at)).collect();
        let mut measured = Measured::default();
        hear(&Sound { sample_rate: RATE as u32, channels: 1, samples }, &mut measured);
        measured
    }

    fn hiss(at: usize) -> f32 {
        // A multiple alone is a pattern that repeats itself; its upper bits mixed into it are not.
        let mixed = (at as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mixed = (mixed ^ (mixed >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed >> 40) as f32 / 8_388_608.0 - 1.0
    }

    #[test]
    fn a_voice_is_told_from_silence_hiss_hum_and_clicks() {
        let syllable = |seconds: f32| if (seconds * 3.0).fract() < 0.6 { 1.0 } else { 0.0 };
        let buzz = |seconds: f32| {
            (1..6u8).map(|tone| (seconds * 140.0 * f32::from(tone) * std::f32::consts::TAU).sin()).sum::<f32>()
        };
        let voice = sound(|seconds, at| 0.05 * syllable(seconds) * buzz(seconds) + 0.0005 * hiss(at));
        assert!(voice.spoken_millis >= 1_400 && (8..=10).contains(&voice.stretches), "{voice:?}");
        for (name, other) in [
            ("silence", sound(|_, _| 0.0)),
            ("hiss", sound(|_, at| 0.1 * hiss(at))),
            ("hiss in pieces", sound(|seconds, at| 0.1 * syllable(seconds) * hiss(at))),
            ("a hum that never pauses", sound(|seconds, _| 0.1 * buzz(seconds))),
            ("clicks", sound(|_, at| if at % 24_000 < 40 { 0.9 } else { 0.0 })),
        ] {
            assert_eq!(other.spoken_millis, 0, "{name}: {other:?}");
        }
    }

    #[test]
    fn a_picture_out_of_focus_has_less_of_the_laplacian() {
        let stripes = |soft: f32| {
            let luma = (0..160u32 * 90).map(|at| {
                let x = (at % 160) as f32;
                (128.0 + 60.0 * ((x * 0.9).sin() / soft)).round() as u8
            });
            Grey { width: 160, height: 90, luma: luma.collect() }
        };
        let place = Face { x: 20, y: 10, width: 80, height: 60, score: 1.0 };
        assert!(sharpness(&stripes(1.0), &place) > 20 * sharpness(&stripes(6.0), &place));
        assert_eq!(brightness(&stripes(1000.0), &place), 128);
        // A face at the edge, or over it, is measured as far as it is there.
        for (x, y) in [(-50, -50), (150, 80), (400, 400)] {
            sharpness(&stripes(1.0), &Face { x, y, width: 80, height: 60, score: 1.0 });
        }
    }

    #[test]
    fn a_picture_is_made_small_by_its_mean() {
        let rgba = (0..640u32 * 360).flat_map(|at| if at % 2 == 0 { [0, 0, 0, 255] } else { [255, 255, 255, 255] });
        let pixels = Pixels::from_rgba(640, 360, rgba.collect()).expect("fits");
        let grey = grey_of(&pixels, 320);
        assert_eq!((grey.width, grey.height), (320, 180));
        assert!(grey.luma.iter().all(|value| (126..=128).contains(value)));
        assert_eq!(grey_of(&Pixels::new(100, 50), 320).width, 100);
    }
}
