//! A Fourier transform of one fixed square, to compare a folded picture with the tile at all shifts at once.
//!
//! Ours because it is forty lines and needs no other length. It must never be asked for anything but a power of two.

use super::carrier::SIDE;

/// Two samples a cell.
pub(crate) const GRID: usize = SIDE * 2;

/// Real and imaginary parts, row by row.
#[derive(Clone, Debug)]
pub(crate) struct Square {
    pub(crate) re: Vec<f32>,
    pub(crate) im: Vec<f32>,
}

impl Square {
    pub(crate) fn of(values: Vec<f32>) -> Self {
        let im = vec![0.0; values.len()];
        Self { re: values, im }
    }

    /// Forward for −1, back (without the division) for 1.
    pub(crate) fn transform(&mut self, direction: f32) {
        for _ in 0..2 {
            for (re, im) in self.re.chunks_exact_mut(GRID).zip(self.im.chunks_exact_mut(GRID)) {
                line(re, im, direction);
            }
            transpose(&mut self.re);
            transpose(&mut self.im);
        }
    }

    /// Multiplied by the other's conjugate, element by element: a correlation once transformed back.
    pub(crate) fn against(&mut self, other: &Self) {
        for ((re, im), (a, b)) in self.re.iter_mut().zip(&mut self.im).zip(other.re.iter().zip(&other.im)) {
            (*re, *im) = (*re * a + *im * b, *im * a - *re * b);
        }
    }
}

fn transpose(values: &mut [f32]) {
    for y in 0..GRID {
        for x in y + 1..GRID {
            values.swap(y * GRID + x, x * GRID + y);
        }
    }
}

/// In place, radix two.
fn line(re: &mut [f32], im: &mut [f32], direction: f32) {
    let bits = GRID.trailing_zeros();
    for at in 0..GRID {
        let other = at.reverse_bits() >> (usize::BITS - bits);
        if at < other {
            re.swap(at, other);
            im.swap(at, other);
        }
    }
    let mut half = 1;
    while half < GRID {
        let turn = direction * std::f32::consts::PI / half as f32;
        for offset in 0..half {
            let (sin, cos) = (turn * offset as f32).sin_cos();
            for low in (offset..GRID).step_by(half * 2) {
                let high = low + half;
                let (x, y) = (re[high] * cos - im[high] * sin, re[high] * sin + im[high] * cos);
                (re[high], im[high]) = (re[low] - x, im[low] - y);
                re[low] += x;
                im[low] += y;
            }
        }
        half *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shifted_square_is_found_at_its_shift() {
        let mut seed = 9u32;
        let values: Vec<f32> = (0..GRID * GRID)
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (seed >> 8) as f32 / 16_777_216.0 - 0.5
            })
            .collect();
        let (right, down) = (37, 90);
        let shifted = (0..GRID * GRID)
            .map(|at| values[(at / GRID + GRID - down) % GRID * GRID + (at % GRID + GRID - right) % GRID])
            .collect();
        let (mut here, mut there) = (Square::of(shifted), Square::of(values));
        here.transform(-1.0);
        there.transform(-1.0);
        here.against(&there);
        here.transform(1.0);
        let best = (0..GRID * GRID).max_by(|a, b| here.re[*a].total_cmp(&here.re[*b]));
        assert_eq!(best, Some(down * GRID + right));
    }
}
