//! The forecast of memory is what a shot then takes, within 15 in 100, for sizes at which the text encoder, the denoiser or the decoder
//! is the largest. Every byte that this program asks the system for is counted, so the figure is the same on every machine. One test
//! stands alone in its file, because what others hold would be counted, too. The model is a random one, wide enough to weigh.

use kinora_document::FrameSize;
use kinora_engine::LocalEngine;
use kinora_models::ltx::config::{TextConfig, TransformerConfig, VaeConfig};
use kinora_models::ltx::names::Tensors;
use kinora_models::ltx::random::random_parts;
use kinora_ports::engine::Order;
use kinora_ports::{Engine, Flow};
use std::alloc::{GlobalAlloc, Layout, System};
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

fn took(bytes: usize) {
    let held = HELD.fetch_add(bytes, Ordering::Relaxed) + bytes;
    MOST.fetch_max(held, Ordering::Relaxed);
}

// SAFETY: everything is handed to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        took(layout.size());
        // SAFETY: the caller's promise, passed on.
        unsafe { System.alloc(layout) }
    }
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        took(layout.size());
        // SAFETY: the caller's promise, passed on.
        unsafe { System.alloc_zeroed(layout) }
    }
    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promise, passed on.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

const TEXT: &str = r#"{"vocab_size": 8000, "d_model": 256, "d_kv": 64, "d_ff": 1024, "num_layers": 8, "num_heads": 4,
 "relative_attention_num_buckets": 32, "relative_attention_max_distance": 128, "layer_norm_epsilon": 1e-6,
 "feed_forward_proj": "gated-gelu"}"#;
const TRANSFORMER: &str = r#"{"in_channels": 32, "out_channels": 32, "num_attention_heads": 8, "attention_head_dim": 48,
 "cross_attention_dim": 384, "num_layers": 4, "caption_channels": 256}"#;
const VAE: &str = r#"{"latent_channels": 32, "block_out_channels": [16, 32, 32, 32, 32], "layers_per_block": [1, 1, 1, 1, 1],
 "down_block_types": ["LTXVideo095DownBlock3D", "LTXVideo095DownBlock3D", "LTXVideo095DownBlock3D", "LTXVideo095DownBlock3D"],
 "downsample_type": ["spatial", "temporal", "spatiotemporal", "spatiotemporal"],
 "spatio_temporal_scaling": [true, true, true, true], "decoder_block_out_channels": [64, 128, 256],
 "decoder_layers_per_block": [1, 1, 1, 1], "decoder_spatio_temporal_scaling": [true, true, true],
 "decoder_inject_noise": [false, false, false, false], "upsample_residual": [true, true, true],
 "upsample_factor": [2, 2, 2], "timestep_conditioning": true, "spatial_compression_ratio": 32,
 "temporal_compression_ratio": 8}"#;
const MANIFEST: &str = r#"
name = "middling"
title = "Middling"
licence = "none"
fps = 25
frame_counts = [9, 17, 33, 49]
sizes = [[64, 32], [96, 64], [192, 128], [256, 160]]
takes_keyframes = true
[ltx]
blocks = 4
distilled = false
steps = 1
guidance = 1.0
condition_noise = 0.15
decode_timestep = 0.05
decode_noise = 0.025
words = 32
"#;

fn write(models: &Path) {
    let config = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("json");
    let text: TextConfig = serde_json::from_value(config(TEXT)).expect("a config");
    let transformer: TransformerConfig = serde_json::from_value(config(TRANSFORMER)).expect("a config");
    let vae: VaeConfig = serde_json::from_value(config(VAE)).expect("a config");
    let parts = random_parts(&text, &transformer, &vae, candle_core::DType::BF16, 1).expect("random weights");
    let save = |part: &str, tensors: &Tensors, config: &str| {
        let folder = models.join("middling").join(part);
        fs::create_dir_all(&folder).expect("a folder");
        candle_core::safetensors::save(tensors, folder.join("model.safetensors")).expect("saving");
        fs::write(folder.join("config.json"), config).expect("a config");
    };
    save("text_encoder", &parts.text, TEXT);
    save("transformer", &parts.transformer, TRANSFORMER);
    save("vae", &parts.vae, VAE);
    fs::create_dir_all(models.join("middling/tokenizer")).expect("a folder");
    fs::write(models.join("middling/tokenizer/spiece.model"), vocabulary()).expect("a vocabulary");
    fs::create_dir_all(models.join("manifests")).expect("a folder");
    fs::write(models.join("manifests/middling.toml"), MANIFEST).expect("a manifest");
}

/// Letters with equal scores, after the three pieces that every vocabulary begins with.
fn vocabulary() -> Vec<u8> {
    let letters = "\u{2581}abcdefghijklmnopqrstuvwxyz.".chars().map(|c| (c.to_string(), 1u8));
    let first = [("<pad>", 3u8), ("</s>", 3), ("<unk>", 2)].map(|(text, kind)| (text.to_owned(), kind));
    let piece = |(text, kind): (String, u8)| {
        let text = text.as_bytes();
        let inside = [&[0x0a, text.len() as u8], text, &[0x15], &(-3.0f32).to_le_bytes()[..], &[0x18, kind]].concat();
        [&[0x0a, inside.len() as u8], inside.as_slice()].concat()
    };
    first.into_iter().chain(letters).flat_map(piece).collect()
}

#[test]
fn a_forecast_of_memory_is_right_within_15_in_100_for_five_sizes() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let models = folder.path().join("models");
    write(&models);
    let places = folder.path().join("own");
    let mut seen = Vec::new();
    // The first has its prompt to read; the others find it read.
    for (width, height, frames) in [(64, 32, 9), (96, 64, 9), (192, 128, 17), (192, 128, 33), (256, 160, 49)] {
        let order = Order {
            model: "middling".to_owned(),
            prompt: "a red fox.".to_owned(),
            negative: String::new(),
            seed: 7,
            size: FrameSize { width, height },
            frames,
            steps: None,
            guidance_permille: None,
            keyframes: Vec::new(),
            preceding: Vec::new(),
            references: Vec::new(),
            cameos: Vec::new(),
        };
        let engine = LocalEngine::open(&models).expect("it opens").with_own(&places);
        let forecast = engine.estimate(&order).expect("a forecast").peak_bytes as f64;
        let before = HELD.load(Ordering::Relaxed);
        MOST.store(before, Ordering::Relaxed);
        let made = engine.render(&order, None, &mut |_| Flow::Continue).expect("the shot is made");
        assert_eq!(made.frames.len(), frames as usize);
        let measured = (MOST.load(Ordering::Relaxed) - before) as f64;
        seen.push(format!("{width}×{height}×{frames}: {:.1} of {:.1} MB", forecast / 1e6, measured / 1e6));
        let wrong = (forecast / measured - 1.0).abs();
        eprintln!("{}, {:.0} % off", seen.last().expect("one"), wrong * 100.0);
        if wrong > 0.15 {
            seen.push("too far off".to_owned());
        }
    }
    assert!(!seen.iter().any(|line| line == "too far off"), "{seen:#?}");
}
