//! Times the draft model stage by stage, and the kernels it stands on: `name seconds cpu-seconds`, best of several runs.
//! On a machine that others use too, compare processor seconds, with one thread on both sides (`RAYON_NUM_THREADS=1`).
//! `models/draft/training/bench_torch.py` prints the same names for the same network in torch.
//! Usage: bench_draft [CONFIG.json SHARD.safetensors…]; without files, random weights.
#![allow(clippy::print_stdout)]

use std::{fs, ops::ControlFlow, time::Instant};

use candle_core::{DType, Device, Module, Tensor};
use kinora_models::{
    draft::{
        DraftFiles, DraftModel, Order, Precision, Progress, config::DraftConfig, random_checkpoint, text::TextStates,
        transformer::Denoiser, vae::Vae,
    },
    kernels, linear, sound, weights,
};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const SIZES: &str = r#"{"version": 1, "setting": "medium", "fps": 12,
 "vae": {"channels": 48, "widths": [64, 128, 192], "encoder_blocks": [1, 1, 2], "shared_blocks": 2, "decoder_blocks": [2, 1, 1],
         "patch": 4, "head": 16, "groups": 8, "norm_eps": 1e-5},
 "text": {"words": 512, "width": 256, "layers": 2, "heads": 4, "length": 32, "norm_eps": 1e-5},
 "denoiser": {"channels": 48, "sound": 64, "width": 256, "depth": 8, "heads": 4, "text_width": 256, "mlp": 4,
              "rope_axes": [16, 24, 24], "rope_theta": 100.0, "time_features": 256, "position_octaves": 4,
              "norm_eps": 1e-6},
 "sampling": {"steps": 8, "shift": 1.0, "guide_scale": 3.0}}"#;

/// Seconds on the clock and on the processors.
#[derive(Clone, Copy)]
struct Taken(f64, f64);

/// The best of `runs`, after one that warms up.
fn best(runs: usize, mut work: impl FnMut() -> Outcome<()>) -> Outcome<Taken> {
    work()?;
    let mut least = Taken(f64::INFINITY, f64::INFINITY);
    for _ in 0..runs {
        let (start, busy) = (Instant::now(), processor_seconds());
        work()?;
        least = Taken(least.0.min(start.elapsed().as_secs_f64()), least.1.min(processor_seconds() - busy));
    }
    Ok(least)
}

/// Processor time of all threads of this process, where the system tells; else 0.
fn processor_seconds() -> f64 {
    let Ok(threads) = fs::read_dir("/proc/self/task") else { return 0.0 };
    let of = |path: std::path::PathBuf| {
        let text = fs::read_to_string(path.join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<f64>().ok()
    };
    threads.filter_map(|t| of(t.ok()?.path())).sum::<f64>() / 1e9
}

fn show(name: &str, taken: Taken) {
    println!("{name:<28} {:.5} {:.5}", taken.0, taken.1);
}

/// Most memory this process has held, in bytes, where the system tells.
fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse::<u64>().ok().map(|kib| kib * 1024)
}

fn main() -> Outcome<()> {
    let mut files = std::env::args().skip(1);
    let (config, shards) = match files.next() {
        Some(path) => (fs::read(path)?, files.map(fs::read).collect::<Result<Vec<_>, _>>()?),
        None => (SIZES.as_bytes().to_vec(), vec![random_checkpoint(SIZES.as_bytes(), 1)?]),
    };
    let shards: Vec<&[u8]> = shards.iter().map(Vec::as_slice).collect();
    shot(&config, &shards)?;
    stages(&config, &shards)?;
    kernel_lines()
}

/// A whole four-second shot, as the studio makes it.
fn shot(config: &[u8], shards: &[&[u8]]) -> Outcome<()> {
    let words: &[u8] =
        br#"["<pad>", "<unk>", "<end>", "a", "red", "ball", "bounces", "meadow", "day", "clear", "sky"]"#;
    let files = DraftFiles { config, words, lexicon: br#"{"nearest": {}}"#, weights: shards };
    for (name, precision) in [("f32", Precision::F32), ("q8", Precision::Q8)] {
        let start = Instant::now();
        let model = DraftModel::load(&files, precision, &Device::Cpu)?;
        println!("{:<28} {:.5}", format!("load {name}"), start.elapsed().as_secs_f64());
        let order = Order {
            prompt: "red ball bounces, meadow, clear sky".to_owned(),
            size: (128, 72),
            frames: model.legal_frames().last().copied().unwrap_or(49),
            seed: 1,
            steps: None,
            guide_scale: None,
            conditions: Vec::new(),
            resume: None,
        };
        // The pictures alone are what torch's half makes; then comes the synthesiser, which it has not.
        let (mut pictures, mut seen) = (Taken(f64::INFINITY, f64::INFINITY), Taken(0.0, 0.0));
        let seconds = best(3, || {
            let (start, busy) = (Instant::now(), processor_seconds());
            model.generate(&order, &mut |progress| {
                if matches!(progress, Progress::Frames { .. }) {
                    seen = Taken(start.elapsed().as_secs_f64(), processor_seconds() - busy);
                }
                ControlFlow::Continue(())
            })?;
            pictures = Taken(pictures.0.min(seen.0), pictures.1.min(seen.1));
            Ok(())
        })?;
        show(&format!("pictures of a shot {name}"), pictures);
        let estimate = model.estimate(&order)?;
        show(&format!("shot {name}"), seconds);
        println!("{:<28} {:.1}", format!("evaluations per second {name}"), estimate.evaluations as f64 / seconds.0);
        println!("{:<28} {:.1}", format!("GFLOP {name}"), estimate.flops / 1e9);
        println!("{:<28} {:.0}", format!("estimated peak MB {name}"), estimate.peak_bytes as f64 / 1e6);
        if let Some(bytes) = peak_memory() {
            println!("{:<28} {:.0}", format!("process peak MB {name}"), bytes as f64 / 1e6);
        }
    }
    Ok(())
}

/// The networks alone: 16:9, 13 latent frames, prompt of 12 words.
fn stages(config: &[u8], shards: &[&[u8]]) -> Outcome<()> {
    let c = DraftConfig::parse(config)?;
    let vb = weights::builder(weights::tensors(shards, DType::F32, &Device::Cpu)?, DType::F32, &Device::Cpu);
    let net = Denoiser::new(&c.denoiser, Precision::F32, &vb.pp("denoiser"))?;
    let vae = Vae::new(&c.vae, &vb.pp("vae"))?;
    let (times, h, w) = (13usize, 5usize, 8usize);
    let mut coords = Vec::new();
    for t in 0..times {
        coords.extend((0..h * w).map(|i| [t as f32, (i / w) as f32, (i % w) as f32]));
    }
    coords.extend((0..times).map(|t| [t as f32, -1.0, -1.0]));
    let grids = vec![[h as f32, w as f32]; coords.len()];
    for batch in [1usize, 2] {
        let random = |shape: &[usize]| Tensor::randn(0f32, 1.0, shape, &Device::Cpu);
        let text = TextStates {
            states: random(&[batch, 12, c.denoiser.text_width])?,
            keep: Tensor::ones((batch, 12), DType::F32, &Device::Cpu)?,
            pooled: random(&[batch, c.denoiser.text_width])?,
        };
        let given = net.prepare(&coords, &grids, &text, &[], times)?;
        let video = random(&[batch, times * h * w, c.denoiser.channels])?;
        let tones = random(&[batch, times, c.denoiser.sound])?;
        let seconds = best(8, || {
            net.forward(&video, &tones, &vec![0.5; batch], &given)?;
            Ok(())
        })?;
        show(&format!("denoiser batch {batch}"), seconds);
    }
    let latents = Tensor::randn(0f32, 1.0, (times, c.vae.channels, h, w), &Device::Cpu)?;
    show(
        "vae decode",
        best(4, || {
            for k in 0..times {
                vae.decode(&latents, k, 1)?;
            }
            Ok(())
        })?,
    );
    show(
        "vae decode at once",
        best(4, || {
            vae.decode(&latents, 0, times)?;
            Ok(())
        })?,
    );
    let frames = Tensor::rand(-1f32, 1.0, (49, 3, 80, 128), &Device::Cpu)?;
    show(
        "vae encode",
        best(2, || {
            vae.encode(&frames)?;
            Ok(())
        })?,
    );
    let mut curves = kinora_models::curves::Curves::silent(12, 49);
    curves.rows.iter_mut().for_each(|row| row.fill(0.4));
    show(
        "sound, every voice",
        best(1, || {
            drop(sound::render(&curves, 1));
            Ok(())
        })?,
    );
    Ok(())
}

fn kernel_lines() -> Outcome<()> {
    let random = |shape: &[usize]| Tensor::randn(0f32, 1.0, shape, &Device::Cpu);
    let q = random(&[1, 1008, 6, 64])?;
    show(
        "attention 6 x 1008 x 64",
        best(10, || {
            kernels::attention(&q, &q, &q, None)?;
            Ok(())
        })?,
    );
    let conv = kernels::Conv2d::new(&random(&[64, 64, 3, 3])?, &random(&[64])?, 1, 1)?;
    let x = random(&[1, 64, 144, 256])?;
    show(
        "conv 64-64 3x3 144x256",
        best(10, || {
            conv.forward(&x)?;
            Ok(())
        })?,
    );
    let x = random(&[1, 1008, 384])?;
    show(
        "gelu 1008 x 384",
        best(20, || {
            kernels::activate(&x, kernels::Activation::Gelu)?;
            Ok(())
        })?,
    );
    show(
        "layer norm 1008 x 384",
        best(20, || {
            kernels::layer_norm_modulate(&x, 1e-6, None)?;
            Ok(())
        })?,
    );
    let (weight, bias) = (random(&[1536, 384])?, random(&[1536])?);
    let full = kernels::PackedLinear::new(&weight, Some(&bias))?;
    show(
        "linear 1008 x 384 x 1536",
        best(20, || {
            full.forward(&x, None)?;
            Ok(())
        })?,
    );
    let map = std::collections::HashMap::from([("weight".to_owned(), weight), ("bias".to_owned(), bias)]);
    let blocks = linear::Linear::load(384, 1536, Precision::Q8, &weights::builder(map, DType::F32, &Device::Cpu))?;
    show(
        "linear q8 1008 x 384 x 1536",
        best(20, || {
            blocks.forward(&x, None)?;
            Ok(())
        })?,
    );
    Ok(())
}
