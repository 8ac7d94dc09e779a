//! The released models' tensors by name and shape, as the reference states them: ours asks for exactly those, under the
//! reference's names and under the original files' names, with none missing and none left. Without weights: zeros that take
//! no memory stand for them.

use std::{collections::HashMap, fs, path::Path};

use candle_core::{DType, Device, Tensor};
use kinora_models::{
    linear::Precision,
    ltx::{
        config::{TextConfig, TransformerConfig, VaeConfig},
        names::{Parts, Tensors},
        parts,
        text::TextEncoder,
        transformer::Transformer,
        vae::Halves,
    },
    weights,
};

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// One zero, seen as every value of every tensor. Halves are not packed at load, so nothing is copied.
fn listed(part: &str, dtype: DType) -> Result<Tensors, Box<dyn std::error::Error>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/ltx_names/{part}.txt"));
    let zero = Tensor::zeros((), dtype, &Device::Cpu)?;
    let mut all = HashMap::new();
    for line in fs::read_to_string(path)?.lines() {
        let (name, shape) = line.split_once(' ').unwrap_or((line, ""));
        let shape = shape.split('x').filter(|n| !n.is_empty()).map(str::parse).collect::<Result<Vec<usize>, _>>()?;
        all.insert(name.to_owned(), zero.broadcast_as(shape)?);
    }
    Ok(all)
}

fn original(name: &str) -> String {
    let name = name.replace("proj_in.", "patchify_proj.").replace("time_embed.", "adaln_single.");
    format!("model.diffusion_model.{}", name.replace("norm_q", "q_norm").replace("norm_k", "k_norm"))
}

#[test]
fn the_released_denoisers_ask_for_every_tensor_and_for_no_other() -> Outcome {
    for (part, config) in
        [("transformer_2b", TransformerConfig::default()), ("transformer_13b", TransformerConfig::large())]
    {
        let reference = listed(part, DType::F16)?;
        let count = reference.len();
        let renamed = reference.iter().map(|(name, t)| (original(name), t.clone())).collect();
        for tensors in [reference, renamed] {
            let held = Parts::sort(tensors)?;
            let told = held.transformer_config()?;
            assert_eq!((told.width(), told.num_layers), (config.width(), config.num_layers), "{part}");
            assert_eq!(held.transformer.len(), count);
            let (vb, ledger) = weights::handed_out(held.transformer, DType::F16, &Device::Cpu);
            Transformer::new(&told, Precision::F32, &vb)?;
            ledger.check_none_missing()?;
            ledger.check_all_used()?;
        }
    }
    Ok(())
}

#[test]
fn the_released_text_encoder_asks_for_every_tensor_and_for_no_other() -> Outcome {
    let held = Parts::sort(listed("text", DType::F16)?)?.text;
    let (vb, ledger) = weights::handed_out(held, DType::F16, &Device::Cpu);
    TextEncoder::new(&TextConfig::default(), Precision::F32, &vb)?;
    ledger.check_none_missing()?;
    Ok(ledger.check_all_used()?)
}

/// The released codec, a sixteenth as wide.
fn narrow(mut c: VaeConfig) -> VaeConfig {
    c.latent_channels /= 16;
    for widths in [&mut c.block_out_channels, &mut c.decoder_block_out_channels] {
        widths.iter_mut().for_each(|w| *w /= 16);
    }
    c
}

#[test]
fn the_released_codecs_ask_for_every_tensor_and_for_no_other() -> Outcome {
    for part in ["vae_090", "vae_091", "vae_095"] {
        let held = Parts::sort(listed(part, DType::F32)?)?;
        // The generation is told from the names, as for files without a config.
        parts::vae(&narrow(held.vae_config()), held.vae.clone(), Halves::BOTH, &Device::Cpu)?;
        let decoder = Halves { encoder: false, decoder: true };
        parts::vae(&narrow(held.vae_config()), held.vae, decoder, &Device::Cpu)?;
    }
    Ok(())
}
