//! The wave: a hum and a hiss of the wanted pitch, turned into magnitudes and phases by styled convolutions, and those into
//! samples. Mirrors the reference's `Generator`, key by key. **Never here:** randomness: what it needs is handed in.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::{
    config::{IstftnetConfig, KokoroConfig},
    fourier::Fourier,
    parts::{Along, Styled, Then, each_channel, leak},
    source::{HARMONICS, Source},
};

/// How much of what is below zero goes on, between the stages and before the last convolution.
const STAGE_LEAK: f32 = 0.1;
const LAST_LEAK: f32 = 0.01;
/// Reach of the blocks through which the source comes in.
const SOURCE_REACH: [usize; 3] = [1, 3, 5];
const SOURCE_KERNEL: usize = 7;
const LAST_SOURCE_KERNEL: usize = 11;

/// The generator.
#[derive(Debug, Clone)]
pub struct Generator {
    source: Source,
    fourier: Fourier,
    stages: Vec<Stage>,
    last: Along,
    bins: usize,
}

#[derive(Debug, Clone)]
struct Stage {
    source: Along,
    source_block: WaveBlock,
    longer: Longer,
    blocks: Vec<WaveBlock>,
}

/// Three pairs of convolutions with their norms, each beside a shortcut.
#[derive(Debug, Clone)]
struct WaveBlock(Vec<[(Styled, Vec<f32>, Along); 2]>);

impl WaveBlock {
    fn new(channels: usize, kernel: usize, reach: &[usize], style: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        let part = |n: usize, i: usize, reach: usize| {
            let at = |name: &str| vb.pp(format!("{name}{n}"));
            let alpha = at("alpha").get((1, channels, 1), &i.to_string())?.flatten_all()?.to_vec1::<f32>()?;
            let conv = Along::same((channels, channels), kernel, reach, &at("convs").pp(i))?;
            Ok::<_, candle_core::Error>((Styled::new(style, channels, &at("adain").pp(i))?, alpha, conv))
        };
        let pair = |(i, reach): (usize, &usize)| Ok::<_, candle_core::Error>([part(1, i, *reach)?, part(2, i, 1)?]);
        Ok(Self(reach.iter().enumerate().map(pair).collect::<Result<_>>()?))
    }

    fn forward(&self, x: &Tensor, style: &Tensor) -> Result<Tensor> {
        let mut x = x.clone();
        for pair in &self.0 {
            let turned = |y: &Tensor, (norm, alpha, conv): &(Styled, Vec<f32>, Along)| {
                conv.forward(&norm.forward(y, style, Then::Snake(alpha))?)
            };
            x = (pair.iter().try_fold(x.clone(), |y, part| turned(&y, part))? + x)?;
        }
        Ok(x)
    }
}

/// A transposed convolution that makes a signal `rate` times as long.
#[derive(Debug, Clone)]
struct Longer {
    weight: Tensor,
    bias: Tensor,
    rate: usize,
    cut: usize,
}

impl Longer {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        // The whole product, then its middle: the library's fast way knows no padding.
        let y = x.conv_transpose1d(&self.weight, 0, 0, self.rate, 1, 1)?;
        y.narrow(2, self.cut, x.dim(2)? * self.rate)?.contiguous()?.broadcast_add(&self.bias)
    }
}

impl Stage {
    fn new(c: &IstftnetConfig, style: usize, i: usize, vb: &VarBuilder<'_>) -> Result<Self> {
        let (before, channels) = (c.upsample_initial_channel >> i, c.upsample_initial_channel >> (i + 1));
        let (rate, kernel) = (c.upsample_rates[i], c.upsample_kernel_sizes[i]);
        let rest: usize = c.upsample_rates[i + 1..].iter().product();
        let last = i + 1 == c.upsample_rates.len();
        let (from, at) = (c.gen_istft_n_fft + 2, vb.pp("noise_convs").pp(i));
        let (source, widest) = if last {
            (Along::same((from, channels), 1, 1, &at)?, LAST_SOURCE_KERNEL)
        } else {
            (Along::strided((from, channels), 2 * rest, (rest.div_ceil(2), rest), &at)?, SOURCE_KERNEL)
        };
        let ups = vb.pp("ups").pp(i);
        let kinds = c.resblock_kernel_sizes.iter().zip(&c.resblock_dilation_sizes).enumerate();
        let block = |(j, (kernel, reach)): (usize, (&usize, &Vec<usize>))| {
            let at = vb.pp("resblocks").pp(i * c.resblock_kernel_sizes.len() + j);
            WaveBlock::new(channels, *kernel, reach, style, &at)
        };
        let reach = &SOURCE_REACH;
        Ok(Self {
            source,
            source_block: WaveBlock::new(channels, widest, reach, style, &vb.pp("noise_res").pp(i))?,
            longer: Longer {
                weight: ups.get((before, channels, kernel), "weight")?,
                bias: ups.get(channels, "bias")?.reshape((1, channels, 1))?,
                rate,
                cut: (kernel - rate) / 2,
            },
            blocks: kinds.map(block).collect::<Result<_>>()?,
        })
    }
}

impl Generator {
    /// Reads the generator's tensors at `vb`; the config was checked.
    ///
    /// # Errors
    /// When a tensor is missing or has another shape.
    pub fn new(c: &KokoroConfig, vb: &VarBuilder<'_>) -> Result<Self> {
        let (wave, style) = (&c.istftnet, c.style_dim);
        let (stages, bins) = (wave.upsample_rates.len(), wave.gen_istft_n_fft / 2 + 1);
        let merged = vb.pp("m_source").pp("l_linear");
        let weights = merged.get((1, HARMONICS), "weight")?.flatten_all()?.to_vec1::<f32>()?;
        let bias = merged.get(1, "bias")?.to_vec1::<f32>()?;
        Ok(Self {
            source: Source { weights, bias: bias.first().copied().unwrap_or_default(), scale: wave.scale() },
            fourier: Fourier::new(wave.gen_istft_n_fft, wave.gen_istft_hop_size),
            stages: (0..stages).map(|i| Stage::new(wave, style, i, vb)).collect::<Result<_>>()?,
            last: Along::same((wave.upsample_initial_channel >> stages, 2 * bins), 7, 1, &vb.pp("conv_post"))?,
            bins,
        })
    }

    /// Random values that a pitch curve of `places` needs.
    #[must_use]
    pub fn noise(&self, places: usize) -> usize {
        places * self.source.scale * HARMONICS
    }

    /// `x` a signal as long as `pitch`.
    ///
    /// # Errors
    /// When the shapes do not fit, or the device fails.
    pub fn forward(&self, x: &Tensor, style: &Tensor, pitch: &[f32], noise: &[f32]) -> Result<Vec<f32>> {
        if noise.len() != self.noise(pitch.len()) || x.dim(2)? != pitch.len() {
            candle_core::bail!("{} random values for {} places of pitch", noise.len(), pitch.len());
        }
        let (spectrum, frames) = self.fourier.spectrum(&self.source.sound(pitch, noise));
        let source = Tensor::from_vec(spectrum, (1, 2 * self.bins, frames), x.device())?;
        let mut x = x.clone();
        for (i, stage) in self.stages.iter().enumerate() {
            let heard = stage.source_block.forward(&stage.source.forward(&source)?, style)?;
            x = stage.longer.forward(&each_channel(&x, |_, row| leak(row, STAGE_LEAK))?)?;
            if i + 1 == self.stages.len() {
                // One place more in front, mirrored.
                x = Tensor::cat(&[&x.narrow(2, 1, 1)?, &x], 2)?;
            }
            x = (x + heard)?;
            let mut sum = None;
            for block in &stage.blocks {
                let y = block.forward(&x, style)?;
                sum = Some(match sum {
                    Some(sum) => (sum + y)?,
                    None => y,
                });
            }
            let Some(sum) = sum else { candle_core::bail!("a stage without blocks") };
            x = (sum / stage.blocks.len() as f64)?;
        }
        let x = self.last.forward(&each_channel(&x, |_, row| leak(row, LAST_LEAK))?)?;
        Ok(self.fourier.sound(&x.flatten_all()?.to_vec1::<f32>()?, x.dim(2)?))
    }
}
