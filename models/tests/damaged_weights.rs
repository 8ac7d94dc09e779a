//! Damaged and dangerous weight files are refused with a sentence; none crashes, none makes the program allocate what the
//! file only claims to hold. Two thousand variants, drawn from fixed seeds.

use std::ops::ControlFlow;

use candle_core::Device;
use kinora_models::{
    checkpoint::Checkpoint,
    draft::{DraftFiles, DraftModel, Order, Precision, random_checkpoint},
    weights::{self, WeightsError},
};
use rand::{Rng, SeedableRng, rngs::StdRng};

const CONFIG: &str = r#"{"version": 1, "setting": "tiny", "fps": 12,
 "vae": {"channels": 2, "widths": [2, 2, 2], "encoder_blocks": [1, 0, 0], "shared_blocks": 1, "decoder_blocks": [1, 0, 0], "patch": 4,
         "head": 2, "groups": 1, "norm_eps": 1e-5},
 "text": {"words": 4, "width": 8, "layers": 1, "heads": 1, "length": 4, "norm_eps": 1e-5},
 "denoiser": {"channels": 2, "sound": 64, "width": 8, "depth": 1, "heads": 1, "text_width": 8, "mlp": 1,
              "rope_axes": [4, 2, 2], "rope_theta": 100.0, "time_features": 4, "position_octaves": 1, "norm_eps": 1e-6},
 "sampling": {"steps": 1, "shift": 1.0, "guide_scale": 1.0}}"#;

fn load(weights: &[u8]) -> Result<DraftModel, kinora_models::draft::DraftError> {
    let shards = [weights];
    let words: &[u8] = br#"["<pad>", "<unk>", "<end>"]"#;
    let files = DraftFiles { config: CONFIG.as_bytes(), words, lexicon: br#"{"nearest": {}}"#, weights: &shards };
    DraftModel::load(&files, Precision::F32, &Device::Cpu)
}

fn header(bytes: &[u8]) -> usize {
    u64::from_le_bytes(bytes[..8].try_into().unwrap_or_default()) as usize
}

/// Writes another header over the file's own.
fn with_header(bytes: &[u8], edit: impl Fn(String) -> String) -> Vec<u8> {
    let n = header(bytes);
    let text = edit(String::from_utf8_lossy(&bytes[8..8 + n]).into_owned());
    [&(text.len() as u64).to_le_bytes()[..], text.as_bytes(), &bytes[8 + n..]].concat()
}

/// One damaged variant; the second value says whether it must be refused (a flipped low bit of a weight need not be).
fn damage(good: &[u8], dice: &mut StdRng) -> (Vec<u8>, bool) {
    let mut bytes = good.to_vec();
    let head = header(good);
    match dice.random_range(0..10) {
        0 => (good[..dice.random_range(0..good.len())].to_vec(), true),
        1 => {
            let at = dice.random_range(0..bytes.len());
            bytes[at] ^= 1 << dice.random_range(0..8);
            (bytes, false)
        }
        2 => {
            // Any lie about the header's length.
            let lie: u64 = dice.random();
            bytes[..8].copy_from_slice(&(lie >> dice.random_range(0..64)).to_le_bytes());
            let same = header(&bytes) == head;
            (bytes, !same)
        }
        3 => {
            // A tensor that starts elsewhere: overlaps or leaves a hole.
            let shift = dice.random_range(1..64) * 4;
            let nth = dice.random_range(0..20);
            let edit = |text: String| {
                let Some((at, _)) = text.match_indices("\"data_offsets\":[").nth(nth) else { return text };
                let from = at + "\"data_offsets\":[".len();
                let to = text[from..].find(',').map_or(from, |n| from + n);
                let old: usize = text[from..to].parse().unwrap_or(0);
                format!("{}{}{}", &text[..from], old + shift, &text[to..])
            };
            (with_header(good, edit), true)
        }
        4 => {
            // A shape larger than the file, up to overflowing sizes.
            let size: u64 = dice.random();
            let size = size >> dice.random_range(0..50);
            (with_header(good, |t| t.replacen("\"shape\":[", &format!("\"shape\":[{},", size.max(2)), 1)), true)
        }
        5 => {
            let bad = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY][dice.random_range(0..3)];
            let at = 8 + head + 4 * dice.random_range(0..(bytes.len() - 8 - head) / 4);
            bytes[at..at + 4].copy_from_slice(&bad.to_le_bytes());
            (bytes, true)
        }
        6 => {
            let lie = ["F64", "I8", "BOOL", "F8_E4M3", "XX", "f32"][dice.random_range(0..6)];
            (with_header(good, |t| t.replacen("\"F32\"", &format!("\"{lie}\""), 1)), true)
        }
        7 => {
            let count = dice.random_range(1..200);
            bytes.extend((0..count).map(|_| dice.random::<u8>()));
            (bytes, true)
        }
        8 => {
            let from = dice.random_range(8..8 + head);
            let to = (from + dice.random_range(1..40)).min(8 + head);
            bytes[from..to].iter_mut().for_each(|b| *b = dice.random());
            (bytes, false)
        }
        _ => {
            let length = dice.random_range(0..4096);
            ((0..length).map(|_| dice.random()).collect(), true)
        }
    }
}

#[test]
fn two_thousand_damaged_files_are_refused_and_none_crashes() -> Result<(), Box<dyn std::error::Error>> {
    let good = random_checkpoint(CONFIG.as_bytes(), 3)?;
    load(&good)?;
    let mut refused = 0;
    for seed in 0..2000 {
        let mut dice = StdRng::seed_from_u64(seed);
        let (bytes, must) = damage(&good, &mut dice);
        match load(&bytes) {
            Err(e) => {
                assert!(!e.to_string().is_empty());
                refused += 1;
            }
            Ok(_) => assert!(!must, "variant {seed} was accepted"),
        }
    }
    assert!(refused > 1700, "only {refused} were refused");
    Ok(())
}

#[test]
fn a_header_that_claims_gigabytes_is_refused_before_it_is_read() {
    for claim in [9 << 20, 1 << 31, u64::MAX / 2, u64::MAX] {
        let bytes = [&claim.to_le_bytes()[..], b"{}"].concat();
        assert!(matches!(weights::check(&bytes), Err(WeightsError::Malformed(_))));
    }
}

#[test]
fn formats_that_run_code_are_refused_by_name_and_by_their_first_bytes() {
    for name in ["model.pt", "a/b/model.PTH", "x.ckpt", "pytorch_model.bin", "w.pkl", "w.pickle", "w.npz"] {
        assert!(matches!(weights::check_name(name), Err(WeightsError::Dangerous(_))), "{name}");
    }
    for name in ["model.safetensors", "model.gguf", "config.json"] {
        assert!(weights::check_name(name).is_ok(), "{name}");
    }
    for magic in
        [&b"PK\x03\x04rest of a zip"[..], b"\x80\x02}q\x00X\x05\x00\x00\x00", b"\x80\x05\x95", b"\x93NUMPY\x01\x00"]
    {
        assert!(matches!(weights::check(magic), Err(WeightsError::Dangerous(_))));
    }
}

#[test]
fn a_damaged_checkpoint_never_crashes_a_resume() -> Result<(), Box<dyn std::error::Error>> {
    let model = load(&random_checkpoint(CONFIG.as_bytes(), 3)?)?;
    let order = Order {
        prompt: String::new(),
        size: (96, 96),
        frames: 5,
        seed: 1,
        steps: None,
        guide_scale: None,
        conditions: Vec::new(),
        resume: None,
    };
    let Err(kinora_models::draft::DraftError::Stopped(Some(state))) =
        model.generate(&order, &mut |_| ControlFlow::Break(()))
    else {
        return Err("it did not stop".into());
    };
    let good = state.to_bytes()?;
    for seed in 0..200 {
        let mut dice = StdRng::seed_from_u64(seed);
        if let Ok(state) = Checkpoint::from_bytes(&damage(&good, &mut dice).0) {
            let resumed = Order { resume: Some(state), ..order.clone() };
            // Accepted or refused; never a panic.
            drop(model.generate(&resumed, &mut |_| ControlFlow::Continue(())));
        }
    }
    Ok(())
}
