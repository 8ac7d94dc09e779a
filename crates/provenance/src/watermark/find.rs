//! Finding the mark again: frames are flattened and added up, then the sum is held against the tile at every likely size and place.
//!
//! What moves in the film averages away and the mark, which stands still, remains. The strength is a sum over signs that nobody chose
//! by looking at the film, so chance is bounded: `P(strength > t) ≤ exp(−t²÷2)` for each place that is tried (Hoeffding).
//! It must never report a mark below [`SURE`], nor a payload whose checksum does not fit.

use super::carrier::{CELLS, Carrier, Role, SIDE, cell_of};
use super::code::{CODED_BITS, decode, encode};
use super::spectrum::{GRID, Square};
use super::{Payload, SMALLEST_SIDE};

/// A mark is there from this strength on. Some 400 sizes and 16,384 places are tried, and exp(−8²÷2) of that is one in twelve million.
pub(crate) const SURE: f32 = 8.0;
/// So strong that no other size needs to be tried.
const PLAIN: f32 = 14.0;
/// What one pixel may say in one frame; edges would shout everything else down. What says more is held against its row or column
/// alone, so that the pixels along an edge are not lost. Levels.
const LOUDEST: i32 = 4;
/// Cells along the side of the square that is taken for "around here".
const AROUND_CELLS: u32 = 5;
/// Sizes tried, as parts of the one expected: a picture halved, and one enlarged twice after marking, with room for a crop.
const SMALLEST_SCALE: f64 = 0.42;
const LARGEST_SCALE: f64 = 2.3;
/// From one size to the next; at the edge of a frame it is a third of a cell.
const STEP: f64 = 1.004;
/// Finer cells than this are below what pixels hold.
const FINEST_CELL: f64 = 1.5;
/// Cell values beyond this many times their usual size are cut to it.
const OUTLIER: f32 = 2.5;

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// Signal against chance; a mark is there above 8, and an unmarked film stays about 5.
    pub strength: f32,
    pub is_there: bool,
    /// None when there is no mark, or when it is too faint to be read.
    pub payload: Option<Payload>,
    /// Of 210 coded bits, those that arrived turned over and were corrected. Without a payload: 0.
    pub turned_bits: u32,
    /// Side of a cell as it is in these pictures, in thousandths of a pixel: half of what was written when the film was halved.
    pub cell_millipixels: u32,
    pub frames: u32,
}

/// Gathers frames of one size.
#[derive(Clone, Debug)]
pub struct Seeker {
    width: usize,
    height: usize,
    sum: Vec<i32>,
    columns: Vec<u32>,
    frames: u32,
}

/// Cells in this picture: how large, and where the first begins. Pixels.
#[derive(Clone, Copy, Debug)]
struct Lattice {
    pitch: [f64; 2],
    origin: [f64; 2],
}

#[derive(Clone, Copy, Debug)]
struct Fit {
    strength: f32,
    lattice: Lattice,
    /// In half cells.
    shift: (usize, usize),
}

impl Seeker {
    /// None for pictures too small to have carried a mark, even if they were halved since.
    #[must_use]
    pub fn new(width: u32, height: u32) -> Option<Self> {
        let size = width as usize * height as usize;
        (width.min(height) >= SMALLEST_SIDE / 2).then(|| Self {
            width: width as usize,
            height: height as usize,
            sum: vec![0; size],
            columns: vec![0; width as usize],
            frames: 0,
        })
    }

    /// Adds a plane of luma of the seeker's size; another size is left out.
    pub fn add(&mut self, luma: &[u8]) {
        let (width, height) = (self.width, self.height);
        if luma.len() != width * height {
            return;
        }
        let radius = (cell_of(width as u32, height as u32) * AROUND_CELLS / 2) as usize;
        self.columns.fill(0);
        let add = |columns: &mut [u32], row: usize, sign: i32| {
            for (sum, value) in columns.iter_mut().zip(luma.chunks_exact(width).nth(row).unwrap_or_default()) {
                *sum = sum.wrapping_add_signed(sign * i32::from(*value));
            }
        };
        for row in 0..radius.min(height) {
            add(&mut self.columns, row, 1);
        }
        let rows = luma.chunks_exact(width).zip(self.sum.chunks_exact_mut(width));
        for (y, (line, sums)) in rows.enumerate() {
            if y + radius < height {
                add(&mut self.columns, y + radius, 1);
            }
            if let Some(gone) = y.checked_sub(radius + 1) {
                add(&mut self.columns, gone, -1);
            }
            let tall = (y + radius).min(height - 1) - y.saturating_sub(radius) + 1;
            let mut around: u32 = self.columns.iter().take(radius).sum();
            let mut beside: u32 = line.iter().take(radius).map(|value| u32::from(*value)).sum();
            for (x, ((value, sum), column)) in line.iter().zip(sums).zip(&self.columns).enumerate() {
                around += self.columns.get(x + radius).copied().unwrap_or(0);
                beside += line.get(x + radius).copied().map_or(0, u32::from);
                if let Some(gone) = x.checked_sub(radius + 1) {
                    around -= self.columns.get(gone).copied().unwrap_or(0);
                    beside -= line.get(gone).copied().map_or(0, u32::from);
                }
                let wide = (x + radius).min(width - 1) - x.saturating_sub(radius) + 1;
                // In sixteenths, rounded to the nearest.
                let off = |sum: u32, count: usize| {
                    i32::from(*value) * 16 - (sum as i32 * 16 + count as i32 / 2) / count as i32
                };
                let mut told = off(around, tall * wide);
                if told.abs() > LOUDEST * 16 {
                    let along = [off(beside, wide), off(*column, tall)];
                    told = along.into_iter().chain([told]).min_by_key(|off| off.abs()).unwrap_or(told);
                }
                *sum += told.clamp(-LOUDEST * 16, LOUDEST * 16);
            }
        }
        self.frames += 1;
    }

    /// Looks for the mark in all that was added.
    #[must_use]
    pub fn find(&self) -> Found {
        let carrier = Carrier::new();
        let table = self.table();
        let template = template(&carrier);
        let expected = f64::from(cell_of(self.width as u32, self.height as u32));
        let at = |pitch: f64| Lattice { pitch: [pitch; 2], origin: [0.0; 2] };
        let mut best = self.fit(&table, &template, &carrier, at(expected));
        let steps = |from: f64| (from.ln() / STEP.ln()) as i32;
        let mut last = f32::MIN;
        // Once it is plainly there, as long as the next size fits better still.
        for step in steps(SMALLEST_SCALE)..=steps(LARGEST_SCALE) {
            if best.strength > PLAIN && last < best.strength {
                break;
            }
            let pitch = expected * STEP.powi(step);
            if pitch >= FINEST_CELL {
                let fit = self.fit(&table, &template, &carrier, at(pitch));
                last = fit.strength;
                if fit.strength > best.strength {
                    best = fit;
                }
            }
        }
        let best = self.refine(&table, &template, &carrier, best);
        let is_there = best.strength > SURE;
        let soft = self.soft_bits(&table, &carrier, &best);
        let payload = Payload::read(decode(&soft)).filter(|_| is_there);
        let turned = |payload: Payload| {
            encode(payload.bits()).iter().zip(&soft).filter(|(set, value)| **set != (**value > 0.0)).count() as u32
        };
        Found {
            strength: best.strength,
            is_there,
            payload,
            turned_bits: payload.map_or(0, turned),
            cell_millipixels: (best.lattice.pitch[0] * 1000.0).round() as u32,
            frames: self.frames,
        }
    }

    /// Sums over everything above and to the left, one row and column larger than the picture.
    fn table(&self) -> Vec<f64> {
        let across = self.width + 1;
        let mut table = vec![0.0; across * (self.height + 1)];
        for (y, line) in self.sum.chunks_exact(self.width).enumerate() {
            let mut row = 0.0;
            let (above, below) = table.split_at_mut((y + 1) * across);
            let above = above.get(y * across..).unwrap_or_default();
            for ((value, up), slot) in line.iter().zip(above.iter().skip(1)).zip(below.iter_mut().skip(1)) {
                row += f64::from(*value);
                *slot = row + up;
            }
        }
        table
    }

    /// Every tile laid over every other: the mean of each half-cell place of the tile.
    fn fold(&self, table: &[f64], lattice: Lattice) -> Vec<f32> {
        let across = self.width + 1;
        let points = |size: usize, axis: usize| -> Vec<(usize, f64)> {
            let half = lattice.pitch[axis] / 2.0;
            let place = |at: usize| lattice.origin[axis] + at as f64 * half;
            let last = size as f64 - 1.0;
            (0..).map(place).take_while(|place| *place <= last).map(|place| (place as usize, place.fract())).collect()
        };
        let (xs, ys) = (points(self.width, 0), points(self.height, 1));
        // The table between its points is a plane in each direction: exact for pixels that are squares.
        let line = |(y, part): (usize, f64), out: &mut Vec<f64>| {
            out.clear();
            let upper = table.get(y * across..(y + 1) * across).unwrap_or_default();
            let lower = table.get((y + 1) * across..(y + 2) * across).unwrap_or(upper);
            out.extend(xs.iter().map(|&(x, along)| {
                let at = |row: &[f64], x: usize| row.get(x).copied().unwrap_or_default();
                let mixed = |x: usize| at(upper, x) * (1.0 - part) + at(lower, x) * part;
                mixed(x) * (1.0 - along) + mixed(x + 1) * along
            }));
        };
        let mut rows: [Vec<f64>; 3] = Default::default();
        let mut cells: Vec<f32> = Vec::with_capacity(xs.len() * ys.len());
        let wide = xs.len().saturating_sub(2);
        for (number, y) in ys.iter().enumerate() {
            rows.rotate_left(1);
            line(*y, &mut rows[2]);
            if number < 2 {
                continue;
            }
            let corners = rows[0].windows(3).zip(rows[2].windows(3));
            cells.extend(corners.map(|(up, down)| (down[2] - down[0] - up[2] + up[0]) as f32));
        }
        let count = cells.len().max(1) as f32;
        let usual = (cells.iter().map(|value| value * value).sum::<f32>() / count).sqrt().max(f32::MIN_POSITIVE);
        let mut folded = vec![0.0; GRID * GRID];
        for (row, line) in cells.chunks(wide.max(1)).enumerate() {
            let into = folded.chunks_exact_mut(GRID).nth(row % GRID).unwrap_or_default();
            for piece in line.chunks(GRID) {
                for (sum, value) in into.iter_mut().zip(piece) {
                    *sum += (value / usual).clamp(-OUTLIER, OUTLIER);
                }
            }
        }
        folded
    }

    fn fit(&self, table: &[f64], template: &Square, carrier: &Carrier, lattice: Lattice) -> Fit {
        let folded = self.fold(table, lattice);
        let mut square = Square::of(folded.clone());
        square.transform(-1.0);
        square.against(template);
        square.transform(1.0);
        let best = square.re.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |(at, _)| at);
        let shift = (best % GRID, best / GRID);
        let (mut sum, mut squares) = (0.0f32, 0.0f32);
        for ((role, sign), value) in carrier.cells.iter().zip(under(&folded, shift)) {
            if *role == Role::Sync {
                sum += f32::from(*sign) * value;
                squares += value * value;
            }
        }
        Fit { strength: sum / squares.sqrt().max(f32::MIN_POSITIVE), lattice, shift }
    }

    /// Closer to the true size and place, in steps that each have to help.
    fn refine(&self, table: &[f64], template: &Square, carrier: &Carrier, start: Fit) -> Fit {
        let mut best = start;
        let attempt = |best: &mut Fit, lattice: Lattice| {
            let fit = self.fit(table, template, carrier, lattice);
            if fit.strength > best.strength {
                *best = fit;
            }
        };
        let around = best.lattice;
        for tenths in (-20..=20).filter(|tenths| tenths % 5 == 0) {
            let factor = 1.0 + f64::from(tenths) / 10_000.0;
            attempt(&mut best, Lattice { pitch: around.pitch.map(|pitch| pitch * factor), ..around });
        }
        for axis in 0..2 {
            let around = best.lattice;
            for tenths in [-20, -10, -5, 5, 10, 20] {
                let mut lattice = around;
                lattice.pitch[axis] *= 1.0 + f64::from(tenths) / 10_000.0;
                attempt(&mut best, lattice);
            }
        }
        let around = best.lattice;
        for (right, down) in [(0.25, 0.0), (0.0, 0.25), (0.25, 0.25)] {
            let origin = [right * around.pitch[0], down * around.pitch[1]];
            attempt(&mut best, Lattice { origin, ..around });
        }
        best
    }

    fn soft_bits(&self, table: &[f64], carrier: &Carrier, fit: &Fit) -> [f32; CODED_BITS] {
        let folded = self.fold(table, fit.lattice);
        let mut soft = [0.0; CODED_BITS];
        for ((role, sign), value) in carrier.cells.iter().zip(under(&folded, fit.shift)) {
            if let Role::Bit(bit) = role
                && let Some(slot) = soft.get_mut(usize::from(*bit))
            {
                *slot += f32::from(*sign) * value;
            }
        }
        soft
    }
}

/// The folded values under the cells of a tile that begins at `shift`.
fn under(folded: &[f32], shift: (usize, usize)) -> impl Iterator<Item = f32> {
    (0..CELLS).map(move |cell| {
        let (x, y) = ((cell % SIDE * 2 + shift.0) % GRID, (cell / SIDE * 2 + shift.1) % GRID);
        folded.get(y * GRID + x).copied().unwrap_or_default()
    })
}

/// The constant half of the tile, ready to be compared with.
fn template(carrier: &Carrier) -> Square {
    let mut values = vec![0.0; GRID * GRID];
    for (cell, (role, sign)) in carrier.cells.iter().enumerate() {
        if *role == Role::Sync
            && let Some(slot) = values.get_mut(cell / SIDE * 2 * GRID + cell % SIDE * 2)
        {
            *slot = f32::from(*sign);
        }
    }
    let mut square = Square::of(values);
    square.transform(-1.0);
    square
}
