//! A track's tone and dynamics: equaliser, then compressor.
//!
//! Both remember what they heard, and yet a film must sound the same to the last bit wherever one begins to play it. So what they
//! remember is part of the film: at every multiple of [`SPAN`] they begin anew, warmed up with exactly the [`WARM`] before it. By then
//! a filter has forgotten what came earlier (below −130 dB) and the compressor has too (its speeds are chosen so).

use super::window::Window;
use super::{CHANNELS, RATE, amplitude};
use kinora_document::{BandKind, Compressor, EqBand, TrackMix};

/// Frames done at once: 10 ms. Everything here begins and ends at multiples of it.
const CELL: i64 = 480;
/// Memory begins anew this often: 20 s.
const SPAN: i64 = 2_000 * CELL;
/// 2.5 s: the slowest compressor gives back all it can take in 2 s, and takes all of it in 0.4 s; the narrowest and lowest filter falls by
/// 136 dB in 1 s.
const WARM: i64 = 250 * CELL;
/// Kept behind the newest frame, for whoever looks back.
const KEEP: i64 = 3 * CELL;
/// The compressor decides once a millisecond …
const HOP: usize = RATE as usize / 1000;
/// … by the loudness of the last ten.
const HOPS_HEARD: usize = 10;
/// It never takes more away than this.
const MOST_REDUCTION: f32 = 24.0;
/// What attack and release times are told for.
const TOLD_DECIBELS: f32 = 12.0;
/// A full-scale sine is 0 dB.
const SINE_DECIBELS: f32 = 3.01;

#[derive(Debug)]
pub(super) struct Strip {
    tone: Vec<Band>,
    compressor: Option<Compressor>,
    now: Memory,
    /// What will be remembered at the next multiple of [`SPAN`], while it warms up.
    coming: Option<Memory>,
    done: Window,
}

impl Strip {
    /// None when there is nothing to do.
    pub fn new(mix: &TrackMix) -> Option<Self> {
        let tone: Vec<_> = mix.equaliser.iter().filter_map(coefficients).collect();
        if tone.is_empty() && mix.compressor.is_none() {
            return None;
        }
        let now = Memory::new(&tone);
        Some(Self { tone, compressor: mix.compressor, now, coming: None, done: Window::default() })
    }

    /// Fills `out` with the track from `from` on; `raw` adds what comes in from a place to a silent buffer.
    pub fn read(&mut self, from: i64, out: &mut [f32], raw: &dyn Fn(i64, &mut [f32])) {
        out.fill(0.0);
        // Before the film there is nothing to remember.
        let skip = usize::try_from(-from).unwrap_or(0).min(out.len() / CHANNELS);
        let (from, out) = (from.max(0), out.get_mut(skip * CHANNELS..).unwrap_or_default());
        let frames = out.len() / CHANNELS;
        let until = from + frames as i64;
        if from < self.done.start || from > self.done.end() + SPAN || self.done.end() == 0 {
            self.begin(from.div_euclid(SPAN) * SPAN, raw);
        }
        let mut cell = vec![0.0; CELL as usize * CHANNELS];
        while self.done.end() < until {
            let at = self.done.end();
            cell.fill(0.0);
            raw(at, &mut cell);
            self.step(at, &mut cell);
            self.done.grow(CELL as usize).copy_from_slice(&cell);
            self.done.forget_before(from.min(at) - KEEP);
        }
        out.iter_mut().zip(self.done.known(from, frames)).for_each(|(slot, sample)| *slot = *sample);
    }

    /// Starts at a multiple of [`SPAN`].
    fn begin(&mut self, at: i64, raw: &dyn Fn(i64, &mut [f32])) {
        self.now = Memory::new(&self.tone);
        self.coming = None;
        self.done.begin(at);
        let mut cell = vec![0.0; CELL as usize * CHANNELS];
        for at in ((at - WARM).max(0)..at).step_by(CELL as usize) {
            cell.fill(0.0);
            raw(at, &mut cell);
            self.now.process(self.compressor, &mut cell);
        }
    }

    fn step(&mut self, at: i64, cell: &mut [f32]) {
        let within = at.rem_euclid(SPAN);
        if within == 0
            && let Some(coming) = self.coming.take()
        {
            self.now = coming;
        }
        if within >= SPAN - WARM {
            let coming = self.coming.get_or_insert_with(|| Memory::new(&self.tone));
            coming.process(self.compressor, &mut cell.to_vec());
        }
        self.now.process(self.compressor, cell);
    }
}

/// What a strip remembers of what it heard.
#[derive(Clone, Debug)]
struct Memory {
    filters: Vec<Filter>,
    /// Of the last hops: sums of squares, by channel.
    heard: [[f32; CHANNELS]; HOPS_HEARD],
    /// Decibels that the release still holds back, and that are taken away now.
    held: f32,
    taken: f32,
}

/// One band with what it remembers of both sides: a biquad, second form, transposed.
#[derive(Clone, Debug)]
struct Filter {
    band: Band,
    behind: [[f64; 2]; CHANNELS],
}

/// Less than this is nothing, and slow to compute with.
const NOTHING: f64 = 1e-18;

impl Filter {
    fn process(&mut self, cell: &mut [f32]) {
        let Band { a1, a2, b0, b1, b2 } = self.band;
        let mut behind = self.behind;
        for frame in cell.as_chunks_mut::<CHANNELS>().0 {
            for ([one, two], sample) in behind.iter_mut().zip(frame) {
                let value = f64::from(*sample);
                let out = b0 * value + *one;
                *one = b1 * value - a1 * out + *two;
                *two = b2 * value - a2 * out;
                *sample = out as f32;
            }
        }
        self.behind = behind.map(|side| side.map(|value| if value.abs() < NOTHING { 0.0 } else { value }));
    }
}

impl Memory {
    fn new(tone: &[Band]) -> Self {
        let filters = tone.iter().map(|band| Filter { band: *band, behind: [[0.0; 2]; CHANNELS] }).collect();
        Self { filters, heard: Default::default(), held: 0.0, taken: 0.0 }
    }

    fn process(&mut self, compressor: Option<Compressor>, cell: &mut [f32]) {
        self.filters.iter_mut().for_each(|filter| filter.process(cell));
        if let Some(settings) = compressor {
            cell.chunks_mut(HOP * CHANNELS).for_each(|hop| self.compress(settings, hop));
        }
    }

    fn compress(&mut self, settings: Compressor, hop: &mut [f32]) {
        let mut squares = [0f32; CHANNELS];
        for frame in hop.as_chunks::<CHANNELS>().0 {
            squares.iter_mut().zip(frame).for_each(|(sum, sample)| *sum += sample * sample);
        }
        self.heard.rotate_left(1);
        self.heard[HOPS_HEARD - 1] = squares;
        let louder = (0..CHANNELS).map(|side| self.heard.iter().map(|hop| hop[side]).sum::<f32>()).fold(0f32, f32::max);
        let level = 10.0 * (louder / (HOPS_HEARD * HOP) as f32).max(1e-10).log10() + SINE_DECIBELS;
        let over = (level - settings.threshold_millibels as f32 / 100.0).max(0.0);
        let wanted = (over * (1.0 - 1000.0 / settings.ratio_permille as f32)).min(MOST_REDUCTION);
        let before = self.taken;
        self.held = wanted.max(self.held - TOLD_DECIBELS / settings.release_millis.max(1) as f32);
        self.taken = self.held.min(self.taken + TOLD_DECIBELS / settings.attack_millis.max(1) as f32);
        let makeup = amplitude(settings.makeup_millibels);
        let gain = |taken: f32| makeup * 10f32.powf(-taken / 20.0);
        let (from, to) = (gain(before), gain(self.taken));
        for (at, frame) in hop.as_chunks_mut::<CHANNELS>().0.iter_mut().enumerate() {
            let gain = from + (to - from) * ((at + 1) as f32 / HOP as f32);
            frame.iter_mut().for_each(|sample| *sample *= gain);
        }
    }
}

/// A second-order filter: what is heard now and was heard before, and what came out before.
#[derive(Clone, Copy, Debug)]
struct Band {
    a1: f64,
    a2: f64,
    b0: f64,
    b1: f64,
    b2: f64,
}

/// By the usual formulas for audio (bilinear transform, the middle put exactly where it was asked for); None for a band that does nothing.
fn coefficients(band: &EqBand) -> Option<Band> {
    let is_cut = matches!(band.kind, BandKind::LowCut | BandKind::HighCut);
    if band.gain_millibels == 0 && !is_cut {
        return None;
    }
    let turn = std::f64::consts::TAU * f64::from(band.hertz) / f64::from(RATE);
    let (sine, cosine) = turn.sin_cos();
    let wide = sine / (2.0 * f64::from(band.quality_permille) / 1000.0);
    // The square root of the gain, which is shared out over both halves of the formula.
    let root = 10f64.powf(f64::from(band.gain_millibels) / 4000.0);
    let slope = 2.0 * root.sqrt() * wide;
    let (sum, difference) = (root + 1.0, root - 1.0);
    let (b, a) = match band.kind {
        BandKind::LowCut => {
            let edge = (1.0 + cosine) / 2.0;
            ([edge, -2.0 * edge, edge], [1.0 + wide, -2.0 * cosine, 1.0 - wide])
        }
        BandKind::HighCut => {
            let edge = (1.0 - cosine) / 2.0;
            ([edge, 2.0 * edge, edge], [1.0 + wide, -2.0 * cosine, 1.0 - wide])
        }
        BandKind::Bell => (
            [1.0 + wide * root, -2.0 * cosine, 1.0 - wide * root],
            [1.0 + wide / root, -2.0 * cosine, 1.0 - wide / root],
        ),
        BandKind::LowShelf => (
            [
                root * (sum - difference * cosine + slope),
                2.0 * root * (difference - sum * cosine),
                root * (sum - difference * cosine - slope),
            ],
            [sum + difference * cosine + slope, -2.0 * (difference + sum * cosine), sum + difference * cosine - slope],
        ),
        BandKind::HighShelf => (
            [
                root * (sum + difference * cosine + slope),
                -2.0 * root * (difference + sum * cosine),
                root * (sum + difference * cosine - slope),
            ],
            [sum - difference * cosine + slope, 2.0 * (difference - sum * cosine), sum - difference * cosine - slope],
        ),
    };
    let [a0, a1, a2] = a;
    let [b0, b1, b2] = b.map(|value| value / a0);
    Some(Band { a1: a1 / a0, a2: a2 / a0, b0, b1, b2 })
}
