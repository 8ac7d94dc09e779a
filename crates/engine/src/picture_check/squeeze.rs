//! A picture of any size squeezed into a square, rounded where the reference rounds: after each direction, in whole numbers.
//!
//! It exists because a difference of one in a few smooth pixels moves what the network says by as much as 0.08. It must never be used for
//! pictures that a person sees: those are made smaller by better filters.

/// Places behind the point of a weight.
const POINT: u32 = 22;

/// `width · height` pixels of three bytes, rows from the top, as `side · side` of them. The sizes fit the bytes and are not 0.
pub fn squeezed(rgb: &[[u8; 3]], width: usize, height: usize, side: usize) -> Vec<[u8; 3]> {
    let across = weights(width, side);
    let mut narrow = Vec::with_capacity(side * height);
    for row in rgb.chunks_exact(width.max(1)) {
        narrow.extend(across.iter().map(|(from, weights)| mixed(row.iter().skip(*from), weights)));
    }
    let mut square = Vec::with_capacity(side * side);
    for (from, weights) in weights(height, side) {
        for column in 0..side {
            square.push(mixed(narrow.iter().skip(from * side + column).step_by(side), &weights));
        }
    }
    square
}

/// For each place of `to`: the first of `from` that counts, and how much it and those after it do. A tent as wide as the picture shrinks.
fn weights(from: usize, to: usize) -> Vec<(usize, Vec<i64>)> {
    let scale = from as f64 / to as f64;
    let reach = scale.max(1.0);
    let place = |at: usize| {
        let centre = (at as f64 + 0.5) * scale;
        let first = (centre - reach + 0.5).max(0.0) as usize;
        let end = ((centre + reach + 0.5) as usize).min(from);
        let tent: Vec<f64> = (first..end).map(|x| (1.0 - ((x as f64 - centre + 0.5) / reach).abs()).max(0.0)).collect();
        let sum: f64 = tent.iter().sum();
        let fixed = |weight: &f64| (weight / sum * f64::from(1u32 << POINT) + 0.5) as i64;
        (first, tent.iter().map(fixed).collect())
    };
    (0..to).map(place).collect()
}

fn mixed<'a>(pixels: impl Iterator<Item = &'a [u8; 3]>, weights: &[i64]) -> [u8; 3] {
    let mut sums = [1i64 << (POINT - 1); 3];
    for (pixel, weight) in pixels.zip(weights) {
        for (sum, value) in sums.iter_mut().zip(pixel) {
            *sum += i64::from(*value) * weight;
        }
    }
    sums.map(|sum| (sum >> POINT).clamp(0, 255) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_colour_stays_that_colour_at_every_size() {
        for (width, height) in [(1, 1), (3, 700), (700, 3), (256, 256), (320, 180)] {
            let square = squeezed(&vec![[7, 128, 255]; width * height], width, height, 64);
            assert!(square.len() == 64 * 64 && square.iter().all(|pixel| *pixel == [7, 128, 255]), "{width}×{height}");
        }
    }

    #[test]
    fn a_picture_of_the_right_size_is_left_as_it_is_and_a_row_is_weighed_by_a_tent() {
        let picture: Vec<[u8; 3]> = (0..64u8).map(|at| [at, 255 - at, at * 3]).collect();
        assert_eq!(squeezed(&picture, 8, 8, 8), picture);
        // A tent as wide as eight: 5, 7, 7 and 5 of 24.
        let row = [[0, 0, 0], [100, 100, 100], [100, 100, 100], [0, 0, 0]];
        assert_eq!(squeezed(&row, 4, 1, 1), [[58, 58, 58]]);
    }
}
