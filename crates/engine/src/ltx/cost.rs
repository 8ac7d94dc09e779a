//! What a run takes, from the headers of its files alone: the most memory of its parts, which are in memory one after the other, and
//! the operations of its steps. Each number of copies below is what the networks hold at once where they hold most; a test counts
//! every byte. **Never here:** what the studio itself takes, or what is free.

use super::weights::{LARGE_TEXT, Weights};
use crate::own::Source;
use kinora_models::ltx::preview::SAMPLE;
use kinora_models::ltx::run::Plan;

/// Bytes of a 32-bit number.
const FULL: u64 = 4;
/// Bytes of a half.
const HALF: u64 = 2;
/// Copies of the tokens in a block where most is alive: the state, its norm, queries, keys, values, packed keys and values, the sum.
const ALIVE: f64 = 8.0;
/// Square matrices of a block, by values: eight of attention, eight of the layers after it.
const MATRICES: f64 = 16.0;
/// Halves of copies of the widest layer in the decoder: what a group of blocks and a block were given, between its convolutions, the
/// norm of that, what the second gives; half a copy for what the system rounds up.
const WIDE: u64 = 11;
/// Values that the decoder holds for each nine of its file: nearly all are kernels of 3 × 3, which are kept turned (4 × 4).
const TURNED: u64 = 16;
/// Side of a decoder's tile in pixels.
const TILE: usize = 512;
/// Pixels of one place of the decoder's widest layer, along one side.
const PATCH: u64 = 4;

/// What decides a run's cost.
#[derive(Debug)]
pub struct Work<'a> {
    pub plan: &'a Plan,
    /// Evaluations of a step.
    pub batch: u64,
    /// Words of the prompt, as tokens.
    pub words: u64,
    /// The prompt has to be read by the text encoder.
    pub unread: bool,
    /// The map to colours of the live preview has to be fitted.
    pub unfitted: bool,
    pub eight_bit: bool,
}

/// What a run costs.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    pub peak_bytes: u64,
    pub flops_a_step: f64,
    pub flops_once: f64,
}

/// Bytes of a part's tensors as they are read: packed numbers are unpacked to halves.
fn read_bytes(source: &Source) -> u64 {
    let is_packed = source.files.iter().any(|file| file.extension().is_some_and(|e| e == "gguf"));
    if is_packed { source.values * HALF } else { source.bytes }
}

/// Bytes of values in blocks of 8-bit numbers.
fn blocks_bytes(values: u64) -> u64 {
    values / 32 * 34
}

impl Weights {
    /// Values of the decoder's widest layer.
    pub fn widest(&self, plan: &Plan) -> u64 {
        self.wide(plan.size, plan.frames)
    }

    fn wide(&self, (width, height): (usize, usize), frames: usize) -> u64 {
        frames as u64 * (width as u64 / PATCH) * (height as u64 / PATCH) * self.vae.channels
    }

    pub fn cost(&self, work: &Work<'_>, tiled_from: u64) -> Cost {
        let plan = work.plan;
        let (width, height) = plan.size;
        let tokens = ((plan.frames / 8 + 1) * (width / 32) * (height / 32)) as u64;
        let blocks = self.transformer.blocks.max(1) as u64;
        // The width follows from the number of values.
        let side = (self.transformer.values as f64 / (MATRICES * blocks as f64)).sqrt();
        let products = 2.0 * self.transformer.values as f64 * tokens as f64;
        let attention = 4.0 * (tokens as f64).powi(2) * side * blocks as f64;
        let widest = self.widest(plan);
        let mut peak = self.denoising(work, tokens, side).max(self.decoding(plan.size, plan.frames, tiled_from));
        if work.unread {
            peak = peak.max(self.reading());
        }
        if work.unfitted {
            let (size, frames) = SAMPLE;
            peak = peak.max(self.decoding(size, frames, tiled_from));
        }
        Cost {
            peak_bytes: peak,
            flops_a_step: (products + attention) * work.batch as f64,
            flops_once: if work.unread { 2.0 * self.text.values as f64 * work.words as f64 } else { 0.0 }
                + widest as f64 * 128.0 * 54.0 * 3.0,
        }
    }

    /// The text encoder: as read, its largest tensor in 32 bits, and where it is packed into blocks the copies of one matrix.
    fn reading(&self) -> u64 {
        let copies = if self.text.values > LARGE_TEXT { FULL - 1 } else { FULL };
        read_bytes(&self.text) + self.text.largest * copies
    }

    fn denoising(&self, work: &Work<'_>, tokens: u64, side: f64) -> u64 {
        let net = &self.transformer;
        let read = read_bytes(net);
        // One matrix as it is read, as rows, and packed.
        let (held, loading) = if work.eight_bit {
            (blocks_bytes(net.values), read + net.largest * (2 * FULL + 1))
        } else if self.loras.is_empty() {
            (read, read + net.largest * 2 * (read / net.values.max(1)))
        } else {
            (net.values * FULL, net.values * FULL)
        };
        let words = net.blocks as u64 * 2 * work.words;
        let alive = (tokens as f64 * ALIVE + words as f64) * (work.batch * FULL) as f64 * side;
        loading.max(held + alive as u64)
    }

    fn decoding(&self, size: (usize, usize), frames: usize, tiled_from: u64) -> u64 {
        let pixels = (size.0 * size.1 * frames) as u64;
        let held = self.vae.decoder * TURNED / 9 * FULL;
        let widest = self.wide(size, frames);
        let wide = if widest > tiled_from { self.wide((TILE, TILE), frames) } else { widest };
        // Frames that are done lie beside a tile.
        let done = if widest > tiled_from { pixels * 3 * 2 } else { 0 };
        held + (wide * WIDE / 2 + done) * FULL
    }
}
