//! The discrete Fourier transform of lengths made of small primes, here 1200.
//!
//! The power-of-two transform in `align` cannot do this length, and the model's spectra have no other. One plan is made once and only
//! read afterwards.

/// A complex number: real part, imaginary part.
pub type Complex = (f32, f32);

pub fn times(a: Complex, b: Complex) -> Complex {
    (a.0 * b.0 - a.1 * b.1, a.0 * b.1 + a.1 * b.0)
}

#[derive(Debug)]
pub struct Fourier {
    factors: Vec<usize>,
    /// e^(−2πi·k/length) for every k.
    turns: Vec<Complex>,
}

/// The largest prime factor, or 4 in place of two twos.
const WIDEST: usize = 5;

impl Fourier {
    /// `length` has no prime factor above 5.
    pub fn new(length: usize) -> Self {
        let mut factors = Vec::new();
        let mut left = length;
        for factor in [4, 2, 3, 5] {
            while left > 1 && left.is_multiple_of(factor) {
                factors.push(factor);
                left /= factor;
            }
        }
        let turn = |at: usize| {
            let (sine, cosine) = (-std::f64::consts::TAU * at as f64 / length as f64).sin_cos();
            (cosine as f32, sine as f32)
        };
        Self { factors, turns: (0..length).map(turn).collect() }
    }

    /// Not scaled; the inverse is this with both ends' real and imaginary parts exchanged, divided by the length.
    pub fn transform(&self, values: &[Complex], made: &mut [Complex]) {
        self.part(values, 0, 1, &self.factors, made);
    }

    fn part(&self, values: &[Complex], first: usize, stride: usize, factors: &[usize], made: &mut [Complex]) {
        let Some((factor, rest)) = factors.split_first() else {
            if let (Some(slot), Some(value)) = (made.first_mut(), values.get(first)) {
                *slot = *value;
            }
            return;
        };
        let length = made.len() / factor;
        for (at, part) in made.chunks_mut(length).enumerate() {
            self.part(values, first + at * stride, stride * factor, rest, part);
        }
        let whole = self.turns.len();
        for at in 0..length {
            let mut parts = [(0f32, 0f32); WIDEST];
            for (which, part) in parts.iter_mut().enumerate().take(*factor) {
                *part = times(made[at + which * length], self.turns[at * which * stride % whole]);
            }
            for to in 0..*factor {
                let mut sum = parts[0];
                for (which, part) in parts.iter().enumerate().take(*factor).skip(1) {
                    let turned = times(*part, self.turns[to * which * (whole / factor) % whole]);
                    sum = (sum.0 + turned.0, sum.1 + turned.1);
                }
                made[at + to * length] = sum;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_transform_and_its_own_inverse() {
        let length = 60;
        let values: Vec<Complex> = (0..length).map(|at| ((at as f32 * 1.7).sin(), (at as f32 * 0.3).cos())).collect();
        let plan = Fourier::new(length);
        let mut made = vec![(0.0, 0.0); length];
        plan.transform(&values, &mut made);
        for (bin, found) in made.iter().enumerate() {
            let sum = values.iter().enumerate().fold((0.0, 0.0), |sum, (at, value)| {
                let (sine, cosine) = (-std::f32::consts::TAU * (at * bin % length) as f32 / length as f32).sin_cos();
                let turned = times(*value, (cosine, sine));
                (sum.0 + turned.0, sum.1 + turned.1)
            });
            assert!((found.0 - sum.0).abs() < 1e-3 && (found.1 - sum.1).abs() < 1e-3, "bin {bin}");
        }
        let swapped: Vec<Complex> = made.iter().map(|(re, im)| (*im, *re)).collect();
        plan.transform(&swapped, &mut made);
        for (found, wanted) in made.iter().zip(&values) {
            assert!((found.1 / length as f32 - wanted.0).abs() < 1e-5);
        }
    }
}
