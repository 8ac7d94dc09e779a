//! A sound between its samples: what a clip at another speed is read with.
//!
//! A windowed sinc, wider where the sound is played faster, so that what would be too high to exist is left out instead of coming back
//! as something else. Each value depends on its place alone.

use std::sync::OnceLock;

/// Zero crossings on each side.
const CROSSINGS: usize = 16;
/// Points of the table between two crossings.
const FINE: usize = 256;

/// The kernel from its middle outwards.
fn table() -> &'static [f32] {
    static TABLE: OnceLock<Vec<f32>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let point = |at: usize| {
            let x = at as f64 / FINE as f64;
            let turn = std::f64::consts::PI * x;
            let sinc = if at == 0 { 1.0 } else { turn.sin() / turn };
            // Blackman: what is left out is 74 dB down.
            let place = std::f64::consts::PI * x / CROSSINGS as f64;
            let window = 0.42 + 0.5 * place.cos() + 0.08 * (2.0 * place).cos();
            (sinc * window) as f32
        };
        (0..=CROSSINGS * FINE + 1).map(point).collect()
    })
}

/// The frames around a place with their weights, for one speed.
pub(super) struct Between {
    /// Samples for each crossing: 1, or more where it plays faster.
    stretch: f64,
}

impl Between {
    pub fn at_speed(speed: f64) -> Self {
        Self { stretch: speed.max(1.0) }
    }

    /// Calls `add` with each frame that is heard at `place`, and how much of it.
    pub fn around(&self, place: f64, mut add: impl FnMut(i64, f32)) {
        let table = table();
        let reach = CROSSINGS as f64 * self.stretch;
        let (first, last) = ((place - reach).ceil() as i64, (place + reach).floor() as i64);
        let level = (1.0 / self.stretch) as f32;
        for frame in first..=last {
            let x = ((place - frame as f64) / self.stretch).abs() * FINE as f64;
            let (at, part) = (x as usize, x.fract() as f32);
            let (Some(low), Some(high)) = (table.get(at), table.get(at + 1)) else { continue };
            add(frame, level * (low + (high - low) * part));
        }
    }
}
