//! 2-D convolution, in the form that pays: tiles (`winograd`) where kernel and channels allow, else as a product. For that pictures are
//! unfolded 32 pixels at a time straight into the order of the innermost loop, so the unfolded picture is never whole in memory.
//! Weights are packed once, at load. Stride 1 or 2, equal padding.

use std::ops::Range;

use candle_core::{CpuStorage, CustomOp2, Layout, Module, Result, Shape, Tensor};
use rayon::prelude::*;

use super::{
    Scratch, Shared, floats, is_fast,
    micro::{COLS, ROWS, Tile, pack, tile, tile_on},
    turn, winograd,
};

/// Input and output channels from which tiles pay: with fewer, turning costs more than it saves.
const TILED_FROM: (usize, usize) = (8, 3);

/// Most values of stacked pictures at a time (64 MiB), where a form needs them stacked: more are done in parts, so that the stack stays
/// small beside what it is made of.
const STACKED: usize = 16 << 20;

/// Floats of unfolded picture a task holds at once, and the weights it then goes through, shall fit the second-level
/// cache together: few pixels where the weights fit too, many where the weights have to come from further away.
const UNFOLDED: [usize; 2] = [24 << 10, 128 << 10];
/// Weights up to this many floats (512 KiB) stay in the cache.
const NEAR_WEIGHTS: usize = 128 << 10;

/// More terms than this are done in parts, as one panel of unfolded picture would fill the second-level cache.
const MANY_TERMS: usize = 2400;
/// Terms of such a part, about: a panel of them stays in the first-level cache.
const PART_TERMS: usize = 256;
/// Panels that then share a part of the weights.
const PANELS: usize = 16;

/// A convolution with bias, `[b, in, h, w]` → `[b, out, h', w']`.
#[derive(Debug, Clone)]
pub struct Conv2d {
    weight: Tensor,
    bias: Tensor,
    shape: (usize, usize, usize, usize),
    stride: usize,
    padding: usize,
    form: Form,
}

/// How the weight lies, and what is done with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `[out, in, kh, kw]`, for devices and formats other than f32 on the CPU.
    Plain,
    /// `[⌈out/12⌉, in·kh·kw, 12]`, padded with zeros.
    Direct,
    /// `[16, ⌈out/12⌉, in, 12]`, padded with zeros.
    Tiles,
}

impl Conv2d {
    /// From `weight` `[out, in, kh, kw]` and `bias` `[out]`.
    ///
    /// # Errors
    /// When the shapes do not fit or the stride is 0.
    pub fn new(weight: &Tensor, bias: &Tensor, stride: usize, padding: usize) -> Result<Self> {
        Self::made(weight, weight.dims4()?, bias, stride, padding, &|part| Ok(part.clone()))
    }

    /// From `weight` `[out, in, taps, kh, kw]` over `taps` pictures that are stacked along the channels, in any format: it is turned
    /// and widened in small parts, so that a large one is not in memory several times.
    ///
    /// # Errors
    /// When the shapes do not fit or the stride is 0.
    pub fn stacked(weight: &Tensor, bias: &Tensor, stride: usize, padding: usize) -> Result<Self> {
        let (out, size_in, taps, kh, kw) = weight.dims5()?;
        let turn = |part: &Tensor| {
            let part = part.to_dtype(bias.dtype())?.transpose(1, 2)?.contiguous()?;
            part.reshape((part.dim(0)?, taps * size_in, kh, kw))
        };
        Self::made(weight, (out, taps * size_in, kh, kw), bias, stride, padding, &turn)
    }

    /// `turn` brings some outputs of the weight into `[outputs, in, kh, kw]`.
    fn made(
        weight: &Tensor,
        shape: (usize, usize, usize, usize),
        bias: &Tensor,
        stride: usize,
        padding: usize,
        turn: &dyn Fn(&Tensor) -> Result<Tensor>,
    ) -> Result<Self> {
        let (out, size_in, kh, kw) = shape;
        if bias.dims() != [out] || stride == 0 || out * size_in * kh * kw == 0 {
            candle_core::bail!("a convolution {shape:?} with bias {:?} and stride {stride}", bias.dims());
        }
        let form = match (is_fast(bias), kh, kw, stride, padding) {
            (false, ..) => Form::Plain,
            (true, 3, 3, 1, 1) if size_in >= TILED_FROM.0 && out >= TILED_FROM.1 => Form::Tiles,
            _ => Form::Direct,
        };
        let (k, blocks) = (size_in * kh * kw, out.div_ceil(ROWS));
        // The rows of one block of outputs, which is all that is ever unpacked in full.
        let part = |block: usize| -> Result<(usize, Vec<f32>)> {
            let count = ROWS.min(out - block * ROWS);
            let rows = turn(&weight.narrow(0, block * ROWS, count)?)?.flatten_all()?.to_vec1::<f32>()?;
            Ok((count, rows))
        };
        let weight = match form {
            Form::Plain => turn(weight)?,
            Form::Direct => {
                let mut packed = vec![0.0; blocks * k * ROWS];
                for (block, to) in packed.chunks_mut(k * ROWS).enumerate() {
                    let (count, rows) = part(block)?;
                    pack::<ROWS>(&rows, (0, count), k, k, 1.0, to);
                }
                Tensor::from_vec(packed, (blocks, k, ROWS), weight.device())?
            }
            Form::Tiles => {
                let mut packed = vec![0.0; turn::PLACES * blocks * size_in * ROWS];
                for block in 0..blocks {
                    turn::pack(&part(block)?.1, (block, blocks), size_in, &mut packed);
                }
                Tensor::from_vec(packed, (turn::PLACES, blocks, size_in, ROWS), weight.device())?
            }
        };
        Ok(Self { weight, bias: bias.clone(), shape, stride, padding, form })
    }

    /// Over pictures that each see several of `x` `[n, in / taps, h, w]`, as if those were stacked along the channels: the `i`th sees
    /// the pictures numbered `seen[i · taps..(i + 1) · taps]`, and zeros where there is none.
    ///
    /// # Errors
    /// When the shapes or numbers do not fit, or the device fails.
    pub fn forward_seen(&self, x: &Tensor, taps: usize, seen: &[Option<usize>]) -> Result<Tensor> {
        let (n, channels, h, w) = x.dims4()?;
        let is_outside = |number: &Option<usize>| number.is_some_and(|number| number >= n);
        if taps == 0
            || !seen.len().is_multiple_of(taps)
            || taps * channels != self.shape.1
            || seen.iter().any(is_outside)
        {
            candle_core::bail!("a convolution {:?} that sees {taps} each was given {:?}", self.shape, x.dims());
        }
        if self.form == Form::Tiles && is_fast(x) {
            let op = winograd::Op { bias: self.bias.to_vec1()?, taps, seen };
            return x.contiguous()?.apply_op2_no_bwd(&self.weight, &op);
        }
        if taps == 1 && seen.len() == n && seen.iter().enumerate().all(|(i, number)| *number == Some(i)) {
            return self.forward(x);
        }
        let zeros =
            if seen.contains(&None) { Some(Tensor::zeros((1, channels, h, w), x.dtype(), x.device())?) } else { None };
        let source = zeros.map_or_else(|| x.contiguous(), |zeros| Tensor::cat(&[x, &zeros], 0))?;
        let each = (STACKED / (taps * channels * h * w).max(1)).max(1);
        let mut whole: Option<Tensor> = None;
        for (part, numbers) in seen.chunks(each * taps).enumerate() {
            let count = numbers.len() / taps;
            let numbers: Vec<u32> = numbers.iter().map(|number| number.unwrap_or(n) as u32).collect();
            let stacked = source.index_select(&Tensor::new(numbers, x.device())?, 0)?;
            let y = self.forward(&stacked.reshape((count, taps * channels, h, w))?)?;
            if count * taps == seen.len() {
                return Ok(y);
            }
            let (_, out, oh, ow) = y.dims4()?;
            let held = match whole.take() {
                Some(held) => held,
                None => Tensor::zeros((seen.len() / taps, out, oh, ow), y.dtype(), y.device())?,
            };
            held.slice_set(&y, 0, part * each)?;
            whole = Some(held);
        }
        match whole {
            Some(whole) => Ok(whole),
            None => candle_core::bail!("a convolution that sees nothing"),
        }
    }
}

impl Module for Conv2d {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let (batch, channels, h, w) = x.dims4()?;
        let (out, size_in, kh, kw) = self.shape;
        if channels != size_in || h + 2 * self.padding < kh || w + 2 * self.padding < kw {
            candle_core::bail!("a convolution {:?} was given {:?}", self.shape, x.dims());
        }
        match self.form {
            Form::Tiles if is_fast(x) => self.forward_seen(x, 1, &(0..batch).map(Some).collect::<Vec<_>>()),
            Form::Direct if is_fast(x) => {
                let bias = self.bias.to_vec1::<f32>()?;
                let op = Op { bias, kernel: (kh, kw), stride: self.stride, padding: self.padding };
                x.contiguous()?.apply_op2_no_bwd(&self.weight, &op)
            }
            _ => {
                let y = x.conv2d(&self.weight, self.padding, self.stride, 1, 1)?;
                y.broadcast_add(&self.bias.reshape((1, out, 1, 1))?)
            }
        }
    }
}

struct Op {
    bias: Vec<f32>,
    kernel: (usize, usize),
    stride: usize,
    padding: usize,
}

impl CustomOp2 for Op {
    fn name(&self) -> &'static str {
        "packed conv2d"
    }

    fn cpu_fwd(&self, s1: &CpuStorage, l1: &Layout, s2: &CpuStorage, l2: &Layout) -> Result<(CpuStorage, Shape)> {
        let (batch, channels, h, w) = l1.shape().dims4()?;
        let x = floats(s1, l1, self.name())?;
        let weight = floats(s2, l2, self.name())?;
        let (kh, kw) = self.kernel;
        let out = self.bias.len();
        let k = channels * kh * kw;
        let oh = (h + 2 * self.padding - kh) / self.stride + 1;
        let ow = (w + 2 * self.padding - kw) / self.stride + 1;
        let (area, blocks) = (oh * ow, out.div_ceil(ROWS));
        let mut result = vec![0.0f32; batch * out * area];
        let panels_each = area.div_ceil(COLS);
        let panels = batch * panels_each;
        let threads = rayon::current_num_threads();
        // Channels that are done at a time.
        let each = if k > MANY_TERMS { (PART_TERMS / (kh * kw)).clamp(1, channels) } else { channels };
        let group =
            if each < channels { PANELS } else { UNFOLDED[usize::from(weight.len() > NEAR_WEIGHTS)] / (k * COLS) };
        let group = group.clamp(1, PANELS).min(panels.div_ceil(threads * 2)).max(1);
        let groups = panels.div_ceil(group);
        // A small picture has fewer groups than there are threads: share out the output channels as well.
        let splits = threads.div_ceil(groups).min(blocks);
        let mut edged = Scratch::take(if self.padding == 0 { 0 } else { x.len() / (h * w) * self.framed(h, w) });
        let framed = self.frame(x, (h, w), edged.values());
        let (fh, fw) = (h + 2 * self.padding, w + 2 * self.padding);
        let shared = Shared::new(&mut result);
        let run = |task: usize| {
            let (first, split) = ((task / splits) * group, task % splits);
            let count = group.min(panels - first);
            let mut kept = Scratch::take(count * each * kh * kw * COLS);
            let mut sums: Tile = [0.0; ROWS * COLS];
            for from in (0..channels).step_by(each) {
                let here = each.min(channels - from);
                let (terms, is_last) = (here * kh * kw, from + here == channels);
                let unfolded = &mut kept.values()[..count * terms * COLS];
                for (i, part) in unfolded.chunks_mut(terms * COLS).enumerate() {
                    let (b, p) = ((first + i) / panels_each, (first + i) % panels_each);
                    let planes = (b * channels + from) * fh * fw..(b * channels + from + here) * fh * fw;
                    let Some(picture) = framed.get(planes) else { return };
                    self.unfold(picture, (fh, fw), p * COLS..area.min((p + 1) * COLS), ow, part);
                }
                for block in blocks * split / splits..blocks * (split + 1) / splits {
                    let at = (block * k + from * kh * kw) * ROWS;
                    let Some(a) = weight.get(at..at + terms * ROWS) else { return };
                    let rows = ROWS.min(out - block * ROWS);
                    for (i, part) in unfolded.chunks(terms * COLS).enumerate() {
                        let (b, p) = ((first + i) / panels_each, (first + i) % panels_each);
                        let width = COLS.min(area - p * COLS);
                        let place = |r: usize| {
                            let at = (b * out + block * ROWS + r) * area + p * COLS;
                            // SAFETY: this panel's pixels belong to this task's group, the channel to its split.
                            unsafe { shared.part(at, width) }
                        };
                        if from == 0 {
                            tile(a, part, (rows, width), &mut sums);
                        } else {
                            for (r, row) in sums.as_chunks_mut::<COLS>().0.iter_mut().enumerate().take(rows) {
                                row[..width].copy_from_slice(place(r));
                            }
                            tile_on(a, part, (rows, width), &mut sums);
                        }
                        for (r, row) in sums.as_chunks::<COLS>().0.iter().enumerate().take(rows) {
                            let bias =
                                if is_last { self.bias.get(block * ROWS + r).copied().unwrap_or(0.0) } else { 0.0 };
                            for (to, value) in place(r).iter_mut().zip(row) {
                                *to = value + bias;
                            }
                        }
                    }
                }
            }
        };
        if batch * area * k * out < super::WORTH_SHARING * 16 {
            (0..groups * splits).for_each(run);
        } else {
            (0..groups * splits).into_par_iter().for_each(run);
        }
        Ok((CpuStorage::F32(result), Shape::from((batch, out, oh, ow))))
    }
}

impl Op {
    /// Values of one plane with its padding.
    fn framed(&self, h: usize, w: usize) -> usize {
        (h + 2 * self.padding) * (w + 2 * self.padding)
    }

    /// The pictures with their padding around them, so that no neighbourhood needs to ask where the edge is.
    fn frame<'a>(&self, x: &'a [f32], (h, w): (usize, usize), framed: &'a mut [f32]) -> &'a [f32] {
        let p = self.padding;
        if p == 0 {
            return x;
        }
        let fw = w + 2 * p;
        let fill = |(to, from): (&mut [f32], &[f32])| {
            let (top, rest) = to.split_at_mut(p * fw);
            let (middle, bottom) = rest.split_at_mut(h * fw);
            top.fill(0.0);
            bottom.fill(0.0);
            for (to, from) in middle.chunks_exact_mut(fw).zip(from.chunks_exact(w)) {
                to[..p].fill(0.0);
                to[p..p + w].copy_from_slice(from);
                to[p + w..].fill(0.0);
            }
        };
        let plane = self.framed(h, w);
        if x.len() < super::WORTH_SHARING {
            framed.chunks_exact_mut(plane).zip(x.chunks_exact(h * w)).for_each(fill);
        } else {
            framed.par_chunks_exact_mut(plane).zip(x.par_chunks_exact(h * w)).with_min_len(4).for_each(fill);
        }
        framed
    }

    /// Writes the neighbourhoods of the output pixels `pixels` as `[in·kh·kw][32]`; columns beyond the last pixel
    /// are left as they were and never looked at.
    fn unfold(&self, picture: &[f32], (h, w): (usize, usize), pixels: Range<usize>, ow: usize, out: &mut [f32]) {
        let (kh, kw) = self.kernel;
        // Runs of pixels that share an output row: (place in the framed plane, count, place in the panel).
        let mut runs = Vec::with_capacity(8);
        let mut at = pixels.start;
        while at < pixels.end {
            let (row, column) = (at / ow, at % ow);
            let count = (ow - column).min(pixels.end - at);
            runs.push(((row * w + column) * self.stride, count, at - pixels.start));
            at += count;
        }
        let lines = out.as_chunks_mut::<COLS>().0.chunks_exact_mut(kh * kw);
        for (lines, plane) in lines.zip(picture.chunks_exact(h * w)) {
            for (i, line) in lines.iter_mut().enumerate() {
                let shift = (i / kw) * w + i % kw;
                match runs.as_slice() {
                    // The common case, with a length the compiler knows.
                    [(from, COLS, _)] if self.stride == 1 => line.copy_from_slice(&plane[from + shift..][..COLS]),
                    _ if self.stride == 1 => {
                        for &(from, count, place) in &runs {
                            line[place..place + count].copy_from_slice(&plane[from + shift..][..count]);
                        }
                    }
                    _ => {
                        for &(from, count, place) in &runs {
                            let source = plane[from + shift..].iter().step_by(self.stride);
                            line[place..place + count].iter_mut().zip(source).for_each(|(to, x)| *to = *x);
                        }
                    }
                }
            }
        }
    }
}
