//! The configs of the family's networks, field by field as the reference library writes them (`config.json` of each part).
//! A field left out takes the reference's default; what is unknown is left alone, what this code cannot build is refused.
//! **Never here:** anything about sampling.

use serde::Deserialize;

use super::LtxError;

/// Most of any width, depth or count that a config may ask for; the released ones stay far below.
const MOST: usize = 65_536;

fn within(values: &[usize], what: &str) -> Result<(), LtxError> {
    if values.iter().all(|v| (1..=MOST).contains(v)) {
        return Ok(());
    }
    Err(LtxError::Config(format!("{what}: a size is 0 or above {MOST}")))
}

/// T5-v1.1's encoder.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct TextConfig {
    pub vocab_size: usize,
    pub d_model: usize,
    pub d_kv: usize,
    pub d_ff: usize,
    pub num_layers: usize,
    pub num_heads: usize,
    pub relative_attention_num_buckets: usize,
    pub relative_attention_max_distance: usize,
    pub layer_norm_epsilon: f64,
    pub feed_forward_proj: String,
}

impl Default for TextConfig {
    /// T5-v1.1-XXL, which every released model reads prompts with.
    fn default() -> Self {
        Self {
            vocab_size: 32_128,
            d_model: 4096,
            d_kv: 64,
            d_ff: 10_240,
            num_layers: 24,
            num_heads: 64,
            relative_attention_num_buckets: 32,
            relative_attention_max_distance: 128,
            layer_norm_epsilon: 1e-6,
            feed_forward_proj: "gated-gelu".to_owned(),
        }
    }
}

impl TextConfig {
    /// # Errors
    /// With what cannot be built.
    pub fn check(&self) -> Result<(), LtxError> {
        within(&[self.vocab_size, self.d_model, self.d_kv, self.d_ff, self.num_heads], "the text encoder")?;
        let (buckets, distance) = (self.relative_attention_num_buckets, self.relative_attention_max_distance);
        if self.feed_forward_proj != "gated-gelu" {
            let what = format!("the text encoder: its layers are {}, not gated-gelu (T5-v1.1)", self.feed_forward_proj);
            return Err(LtxError::Config(what));
        }
        if self.num_layers > 512 || !(4..=1024).contains(&buckets) || buckets % 4 != 0 || distance <= buckets / 4 {
            return Err(LtxError::Config("the text encoder: layers or relative positions".to_owned()));
        }
        Ok(())
    }
}

/// The denoiser.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct TransformerConfig {
    pub in_channels: usize,
    pub out_channels: usize,
    pub patch_size: usize,
    pub patch_size_t: usize,
    pub num_attention_heads: usize,
    pub attention_head_dim: usize,
    pub cross_attention_dim: usize,
    pub num_layers: usize,
    pub caption_channels: usize,
    pub norm_eps: f64,
    pub norm_elementwise_affine: bool,
    pub attention_bias: bool,
    pub attention_out_bias: bool,
    pub qk_norm: String,
    pub activation_fn: String,
}

impl Default for TransformerConfig {
    /// The 2B model.
    fn default() -> Self {
        Self {
            in_channels: 128,
            out_channels: 128,
            patch_size: 1,
            patch_size_t: 1,
            num_attention_heads: 32,
            attention_head_dim: 64,
            cross_attention_dim: 2048,
            num_layers: 28,
            caption_channels: 4096,
            norm_eps: 1e-6,
            norm_elementwise_affine: false,
            attention_bias: true,
            attention_out_bias: true,
            qk_norm: "rms_norm_across_heads".to_owned(),
            activation_fn: "gelu-approximate".to_owned(),
        }
    }
}

impl TransformerConfig {
    /// The 13B model.
    #[must_use]
    pub fn large() -> Self {
        Self { attention_head_dim: 128, cross_attention_dim: 4096, num_layers: 48, ..Self::default() }
    }

    /// Width of a token inside.
    #[must_use]
    pub fn width(&self) -> usize {
        self.num_attention_heads * self.attention_head_dim
    }

    /// # Errors
    /// With what cannot be built.
    pub fn check(&self) -> Result<(), LtxError> {
        let sizes = [self.in_channels, self.out_channels, self.num_attention_heads, self.attention_head_dim];
        within(&sizes, "the transformer")?;
        within(&[self.cross_attention_dim, self.caption_channels], "the transformer")?;
        let wrong = |what: &str| Err(LtxError::Config(format!("the transformer: {what}")));
        if self.num_attention_heads > 1024 || self.attention_head_dim > 1024 || self.num_layers > 512 {
            return wrong("more heads, wider heads or more layers than any released one");
        }
        if self.cross_attention_dim != self.width() || self.width() < 12 || !self.width().is_multiple_of(2) {
            return wrong("the width of the text is not the width of the tokens");
        }
        if self.patch_size != 1 || self.patch_size_t != 1 || self.norm_elementwise_affine {
            return wrong("patches or learned norms, which no released one has");
        }
        if self.qk_norm != "rms_norm_across_heads" || self.activation_fn != "gelu-approximate" {
            return wrong("a norm or an activation this program does not have");
        }
        Ok(())
    }
}

/// The picture codec, in all its generations.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct VaeConfig {
    pub in_channels: usize,
    pub out_channels: usize,
    pub latent_channels: usize,
    pub block_out_channels: Vec<usize>,
    pub down_block_types: Vec<String>,
    pub decoder_block_out_channels: Vec<usize>,
    pub layers_per_block: Vec<usize>,
    pub decoder_layers_per_block: Vec<usize>,
    pub spatio_temporal_scaling: Vec<bool>,
    pub decoder_spatio_temporal_scaling: Vec<bool>,
    pub decoder_inject_noise: Vec<bool>,
    pub downsample_type: Vec<String>,
    pub upsample_residual: Vec<bool>,
    pub upsample_factor: Vec<usize>,
    pub timestep_conditioning: bool,
    pub patch_size: usize,
    pub patch_size_t: usize,
    pub resnet_norm_eps: f64,
    pub scaling_factor: f64,
    pub encoder_causal: bool,
    pub decoder_causal: bool,
    pub spatial_compression_ratio: Option<usize>,
    pub temporal_compression_ratio: Option<usize>,
}

impl Default for VaeConfig {
    /// Generation 0.9.0.
    fn default() -> Self {
        Self {
            in_channels: 3,
            out_channels: 3,
            latent_channels: 128,
            block_out_channels: vec![128, 256, 512, 512],
            down_block_types: vec!["LTXVideoDownBlock3D".to_owned(); 4],
            decoder_block_out_channels: vec![128, 256, 512, 512],
            layers_per_block: vec![4, 3, 3, 3, 4],
            decoder_layers_per_block: vec![4, 3, 3, 3, 4],
            spatio_temporal_scaling: vec![true, true, true, false],
            decoder_spatio_temporal_scaling: vec![true, true, true, false],
            decoder_inject_noise: vec![false; 5],
            downsample_type: vec!["conv".to_owned(); 4],
            upsample_residual: vec![false; 4],
            upsample_factor: vec![1; 4],
            timestep_conditioning: false,
            patch_size: 4,
            patch_size_t: 1,
            resnet_norm_eps: 1e-6,
            scaling_factor: 1.0,
            encoder_causal: true,
            decoder_causal: false,
            spatial_compression_ratio: None,
            temporal_compression_ratio: None,
        }
    }
}

impl VaeConfig {
    /// Generation 0.9.1: the decoder is told how noisy its latents are.
    #[must_use]
    pub fn conditioned() -> Self {
        Self {
            decoder_block_out_channels: vec![256, 512, 1024],
            decoder_layers_per_block: vec![5, 6, 7, 8],
            decoder_spatio_temporal_scaling: vec![true; 3],
            decoder_inject_noise: vec![true, true, true, false],
            upsample_residual: vec![true; 3],
            upsample_factor: vec![2; 3],
            timestep_conditioning: true,
            ..Self::default()
        }
    }

    /// Generation 0.9.5 and later: the encoder keeps what it folds away.
    #[must_use]
    pub fn folding() -> Self {
        Self {
            block_out_channels: vec![128, 256, 512, 1024, 2048],
            down_block_types: vec!["LTXVideo095DownBlock3D".to_owned(); 4],
            layers_per_block: vec![4, 6, 6, 2, 2],
            downsample_type: ["spatial", "temporal", "spatiotemporal", "spatiotemporal"].map(str::to_owned).to_vec(),
            spatio_temporal_scaling: vec![true; 4],
            decoder_block_out_channels: vec![256, 512, 1024],
            decoder_layers_per_block: vec![5, 5, 5, 5],
            decoder_inject_noise: vec![false; 4],
            spatial_compression_ratio: Some(32),
            temporal_compression_ratio: Some(8),
            ..Self::conditioned()
        }
    }

    fn halvings(&self) -> u32 {
        self.spatio_temporal_scaling.iter().filter(|s| **s).count() as u32
    }

    /// Pixels per latent position, along one side.
    #[must_use]
    pub fn spatial(&self) -> usize {
        self.spatial_compression_ratio.unwrap_or(self.patch_size << self.halvings())
    }

    /// Frames per latent frame after the first.
    #[must_use]
    pub fn temporal(&self) -> usize {
        self.temporal_compression_ratio.unwrap_or(self.patch_size_t << self.halvings())
    }

    /// # Errors
    /// With what cannot be built.
    pub fn check(&self) -> Result<(), LtxError> {
        let wrong = |what: &str| Err(LtxError::Config(format!("the VAE: {what}")));
        within(&[self.in_channels, self.out_channels, self.latent_channels], "the VAE")?;
        within(&self.block_out_channels, "the VAE")?;
        within(&self.decoder_block_out_channels, "the VAE")?;
        within(&self.upsample_factor, "the VAE")?;
        let (down, up) = (self.down_block_types.len(), self.decoder_block_out_channels.len());
        let folding = self.down_block_types.last().is_some_and(|t| t == "LTXVideo095DownBlock3D");
        let encoder = self.block_out_channels.len() == down + usize::from(folding)
            && self.layers_per_block.len() == down + 1
            && self.spatio_temporal_scaling.len() >= down
            && self.downsample_type.len() >= down;
        let decoder = self.decoder_layers_per_block.len() == up + 1
            && self.decoder_spatio_temporal_scaling.len() == up
            && self.decoder_inject_noise.len() > up
            && self.upsample_residual.len() >= up
            && self.upsample_factor.len() >= up;
        if down == 0 || up == 0 || down > 8 || up > 8 || !encoder || !decoder {
            return wrong("its lists of blocks do not fit each other");
        }
        if self.layers_per_block.iter().chain(&self.decoder_layers_per_block).any(|n| *n > 64) {
            return wrong("more layers than any released one");
        }
        if self.patch_size == 0 || self.patch_size > 16 || self.patch_size_t != 1 || self.scaling_factor != 1.0 {
            return wrong("patches or scaling, which no released one has");
        }
        if !(1..=256).contains(&self.spatial()) || !(1..=256).contains(&self.temporal()) {
            return wrong("a compression that no released one has");
        }
        Ok(())
    }
}

/// The latent upsampler.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct UpsamplerConfig {
    pub in_channels: usize,
    pub mid_channels: usize,
    pub num_blocks_per_stage: usize,
    pub dims: usize,
    pub spatial_upsample: bool,
    pub temporal_upsample: bool,
}

impl Default for UpsamplerConfig {
    fn default() -> Self {
        Self {
            in_channels: 128,
            mid_channels: 512,
            num_blocks_per_stage: 4,
            dims: 3,
            spatial_upsample: true,
            temporal_upsample: false,
        }
    }
}

impl UpsamplerConfig {
    /// # Errors
    /// With what cannot be built.
    pub fn check(&self) -> Result<(), LtxError> {
        within(&[self.in_channels, self.mid_channels], "the upsampler")?;
        let kinds = self.spatial_upsample || self.temporal_upsample;
        let flat = self.dims == 2 && !self.temporal_upsample;
        if !kinds
            || !(flat || self.dims == 3)
            || !self.mid_channels.is_multiple_of(32)
            || self.num_blocks_per_stage > 64
        {
            return Err(LtxError::Config("the upsampler: its parts do not fit each other".to_owned()));
        }
        Ok(())
    }
}
