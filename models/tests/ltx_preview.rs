//! The live preview of LTX-Video shows what the decoder will: the map from latents to colours is fitted to the loaded decoder, so it
//! is right for any weights. Proved on random networks, where a preview of the last step is compared with the decoded frames.

use candle_core::{DType, Device, Tensor};
use kinora_models::ltx::config::{TextConfig, TransformerConfig, VaeConfig};
use kinora_models::ltx::noise::Seeded;
use kinora_models::ltx::random::random_parts;
use kinora_models::ltx::run::{Canvas, Plan, Prompt, Way, finish, walk};
use kinora_models::ltx::scheduler::{SchedulerConfig, Spread};
use kinora_models::ltx::vae::Halves;
use kinora_models::ltx::{parts, preview};
use kinora_models::preview::Factors;
use std::ops::ControlFlow;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn configs() -> Outcome<(TextConfig, TransformerConfig, VaeConfig)> {
    let text = r#"{"vocab_size": 8, "d_model": 16, "d_kv": 8, "d_ff": 16, "num_layers": 1, "num_heads": 2}"#;
    let net = r#"{"in_channels": 12, "out_channels": 12, "num_attention_heads": 2, "attention_head_dim": 16,
                  "cross_attention_dim": 32, "num_layers": 2, "caption_channels": 16}"#;
    let vae = r#"{"latent_channels": 12, "block_out_channels": [8, 16, 16, 16, 16], "layers_per_block": [1, 1, 1, 1, 1],
        "down_block_types": ["LTXVideo095DownBlock3D", "LTXVideo095DownBlock3D", "LTXVideo095DownBlock3D", "LTXVideo095DownBlock3D"],
        "downsample_type": ["spatial", "temporal", "spatiotemporal", "spatiotemporal"],
        "spatio_temporal_scaling": [true, true, true, true], "decoder_block_out_channels": [32, 64, 128],
        "decoder_layers_per_block": [1, 1, 1, 1], "decoder_spatio_temporal_scaling": [true, true, true],
        "decoder_inject_noise": [false, false, false, false], "upsample_residual": [true, true, true],
        "upsample_factor": [2, 2, 2], "timestep_conditioning": true, "spatial_compression_ratio": 32,
        "temporal_compression_ratio": 8}"#;
    Ok((serde_json::from_str(text)?, serde_json::from_str(net)?, serde_json::from_str(vae)?))
}

/// Pearson's correlation.
fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
    let (ma, mb) = (mean(a), mean(b));
    let sum = |f: &dyn Fn(f64, f64) -> f64| a.iter().zip(b).map(|(x, y)| f(x - ma, y - mb)).sum::<f64>();
    sum(&|x, y| x * y) / (sum(&|x, _| x * x) * sum(&|_, y| y * y)).sqrt()
}

#[test]
fn a_preview_of_every_step_nears_what_is_decoded_and_a_stop_is_heard_within_a_step() -> Outcome<()> {
    let (text, net, vae) = configs()?;
    let device = Device::Cpu;
    let held = random_parts(&text, &net, &vae, DType::F32, 3)?;
    let vae = parts::vae(&vae, held.vae, Halves { encoder: false, decoder: true }, &device)?;
    let net = parts::transformer(&net, held.transformer, kinora_models::linear::Precision::Kept, &device)?;
    let factors = preview::factors(&vae, 0.05)?;
    assert_eq!(Factors::from_values(&factors.values()).map(|f| f.values()), Some(factors.values()), "it can be kept");
    let plan = Plan {
        size: (256, 160),
        frames: 17,
        rate: 24.0,
        schedule: SchedulerConfig::default().schedule(&Spread::Quadratic, 4),
        guidance: 1.0,
        rescale: 0.0,
        perturbation: None,
        condition_noise: 0.0,
        decode_timestep: 0.05,
        decode_noise: 0.025,
        causal_positions: true,
    };
    let mut draws = Seeded { seed: 5, device: &device };
    let mut canvas = Canvas::new(&plan, &vae, &[], &mut draws)?;
    let prompt = Prompt {
        states: Tensor::randn(0f32, 1.0, (1, 4, 16), &device)?,
        keep: Tensor::ones((1, 4), DType::F32, &device)?,
    };
    let mut shown = Vec::new();
    let mut keep = |way: Way<'_>| {
        if let Way::Step { step, clean, .. } = way {
            assert_eq!(clean.is_some(), step > 0, "before the first step there is nothing to see");
            shown.extend(clean.map(|clean| preview::paint(&factors, clean)));
        }
        ControlFlow::Continue(())
    };
    assert!(walk(&plan, &net, &mut canvas, (&prompt, None), &mut draws, 0, &mut keep)?);
    let shown = shown.into_iter().collect::<Result<Vec<_>, _>>()?;
    assert_eq!(shown.len(), 4, "one for each step");

    // Decoded frames of each latent, averaged over its frames and the pixels of its positions.
    let frames = finish(&plan, &vae, &canvas, &mut draws)?;
    let mut decoded = Vec::new();
    for k in 0..3 {
        let part = if k == 0 { frames.narrow(2, 0, 1)? } else { frames.narrow(2, 8 * k - 7, 8)? };
        let small = part.mean(2)?.avg_pool2d(32)?.squeeze(0)?.permute((1, 2, 0))?;
        decoded.extend(small.flatten_all()?.to_vec1::<f32>()?.into_iter().map(f64::from));
    }
    let alike = |(width, height, pictures): &(usize, usize, Vec<Vec<u8>>)| {
        assert_eq!((*width, *height, pictures.len()), (8, 5, 3));
        let values: Vec<f64> = pictures.iter().flatten().map(|v| f64::from(*v)).collect();
        correlation(&values, &decoded)
    };
    let all: Vec<f64> = shown.iter().map(alike).collect();
    eprintln!("correlation of each step's preview with the decoded frames: {all:.3?}");
    let last = all.last().copied().unwrap_or_default();
    assert!(last > 0.8 && all.iter().all(|a| *a <= last + 0.05), "{all:?}");

    // Asked to stop in the middle of a step: nothing is computed after that block.
    let (mut canvas, mut asked) = (Canvas::new(&plan, &vae, &[], &mut draws)?, 0);
    let before = canvas.tokens.to_vec3::<f32>()?;
    let mut stop = |way: Way<'_>| {
        asked += 1;
        if matches!(way, Way::Block { block: 1, .. }) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    assert!(!walk(&plan, &net, &mut canvas, (&prompt, None), &mut draws, 0, &mut stop)?);
    assert_eq!(asked, 3, "the step and two blocks");
    assert_eq!(canvas.tokens.to_vec3::<f32>()?, before);
    Ok(())
}
