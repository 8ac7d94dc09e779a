//! The released models' tensors by name and shape, as the reference states them: ours asks for exactly those, under the
//! reference's names and under the original files' names, with none missing and none left. Without weights: zeros that take
//! no memory stand for them.

use std::{collections::HashMap, fs, path::Path};

use candle_core::{DType, Device, Tensor};
use kinora_models::{
    kokoro::{
        Kokoro, KokoroConfig, KokoroError,
        config::{IstftnetConfig, PlbertConfig},
    },
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

/// One zero, seen as every value of every tensor. In 64 bits nothing is packed at load, so nothing is copied.
fn listed(part: &str, dtype: DType) -> Result<Tensors, Box<dyn std::error::Error>> {
    listed_in(&format!("ltx_names/{part}"), dtype)
}

fn listed_in(list: &str, dtype: DType) -> Result<Tensors, Box<dyn std::error::Error>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/{list}.txt"));
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
        let reference = listed(part, DType::F64)?;
        let count = reference.len();
        let renamed = reference.iter().map(|(name, t)| (original(name), t.clone())).collect();
        for tensors in [reference, renamed] {
            let held = Parts::sort(tensors)?;
            let told = held.transformer_config()?;
            assert_eq!((told.width(), told.num_layers), (config.width(), config.num_layers), "{part}");
            assert_eq!(held.transformer.len(), count);
            let (vb, ledger) = weights::handed_out(held.transformer, DType::F64, &Device::Cpu);
            Transformer::new(&told, Precision::F32, &vb)?;
            ledger.check_none_missing()?;
            ledger.check_all_used()?;
        }
    }
    Ok(())
}

#[test]
fn the_released_text_encoder_asks_for_every_tensor_and_for_no_other() -> Outcome {
    let held = Parts::sort(listed("text", DType::F64)?)?.text;
    let (vb, ledger) = weights::handed_out(held, DType::F64, &Device::Cpu);
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

/// The released config; its alphabet has no part in this.
fn kokoro_config() -> KokoroConfig {
    KokoroConfig {
        n_token: 178,
        hidden_dim: 512,
        style_dim: 128,
        n_layer: 3,
        max_dur: 50,
        text_encoder_kernel_size: 5,
        plbert: PlbertConfig {
            hidden_size: 768,
            num_attention_heads: 12,
            intermediate_size: 2048,
            max_position_embeddings: 512,
            num_hidden_layers: 12,
            embedding_size: 128,
        },
        istftnet: IstftnetConfig {
            upsample_kernel_sizes: vec![20, 12],
            upsample_rates: vec![10, 6],
            gen_istft_hop_size: 5,
            gen_istft_n_fft: 20,
            resblock_dilation_sizes: vec![vec![1, 3, 5]; 3],
            resblock_kernel_sizes: vec![3, 7, 11],
            upsample_initial_channel: 512,
        },
        vocab: HashMap::new(),
        decoder_width: 1024,
        decoder_residual: 64,
    }
}

#[test]
fn the_released_voice_asks_for_every_tensor_and_for_no_other() -> Outcome {
    let reference = listed_in("kokoro_names/82m", DType::F32)?;
    let model = Kokoro::from_tensors(kokoro_config(), reference.clone())?;
    assert_eq!((model.frame(), model.longest()), (600, 510));
    drop(model);
    // As the released file spells them: a prefix of its training, numbers nobody needs, and no scales of the styled norms.
    let styled = |name: &str| !name.starts_with("bert.") && name.contains(".norm.");
    let trained = |name: &str| name.split_once('.').map(|(part, rest)| format!("{part}.module.{rest}"));
    let mut released: Tensors = reference
        .iter()
        .filter(|(name, _)| !styled(name))
        .filter_map(|(name, t)| Some((trained(name)?, t.clone())))
        .collect();
    released
        .insert("bert.module.embeddings.position_ids".to_owned(), Tensor::zeros((1, 512), DType::I64, &Device::Cpu)?);
    Kokoro::from_tensors(kokoro_config(), released)?;
    // Refused by name.
    for (change, name) in [("lacks", "decoder.generator.ups.1.weight_v"), ("hold", "decoder.somebody_else")] {
        let mut changed = reference.clone();
        match change {
            "lacks" => drop(changed.remove(name)),
            _ => drop(changed.insert(name.to_owned(), Tensor::zeros(3, DType::F32, &Device::Cpu)?)),
        }
        let Err(KokoroError::Weights(refusal)) = Kokoro::from_tensors(kokoro_config(), changed) else {
            return Err(format!("{name} was not missed").into());
        };
        assert!(refusal.to_string().contains(name), "{refusal}");
    }
    Ok(())
}
