//! What must hold of Kokoro beside agreeing with the reference: one seed, one sound; refusals in words; released files that are
//! damaged or want more than tensors are refused and break nothing. The voice is a tiny random one, from the parity fixtures.

use std::{collections::HashMap, fs, path::Path};

use candle_core::{DType, Device, Tensor};
use kinora_models::{
    kokoro::{Kokoro, KokoroConfig, KokoroError, Noise, convert, names::arranged, voices::Voice},
    weights::{self, WeightsError},
};
use pickles::zip;
use rand::{Rng, SeedableRng, rngs::StdRng};

mod pickles;

type Outcome = Result<(), Box<dyn std::error::Error>>;
type Tensors = HashMap<String, Tensor>;

fn fixture(case: &str, file: &str) -> Result<Vec<u8>, std::io::Error> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/kokoro").join(case).join(file))
}

fn tensors(case: &str) -> Result<Tensors, Box<dyn std::error::Error>> {
    Ok(weights::tensors(&[&fixture(case, "weights.safetensors")?], DType::F32, &Device::Cpu)?)
}

fn config(case: &str) -> Result<KokoroConfig, Box<dyn std::error::Error>> {
    Ok(KokoroConfig::parse(&fixture(case, "config.json")?)?)
}

fn model() -> Result<Kokoro, Box<dyn std::error::Error>> {
    Ok(Kokoro::from_tensors(config("pipeline_a")?, tensors("pipeline_a")?)?)
}

/// A file as released, out of a fixture.
fn released(name: &str) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let all = tensors("release_half")?;
    Ok(all.get(name).ok_or("no such file")?.to_dtype(DType::U8)?.to_vec1::<u8>()?)
}

fn style(model: &Kokoro) -> candle_core::Result<Tensor> {
    Tensor::full(0.3f32, (1, model.config().style_dim), &Device::Cpu)
}

#[test]
fn one_seed_gives_one_sound_and_another_seed_another() -> Outcome {
    let model = model()?;
    let style = style(&model)?;
    let plan = model.plan(&[0, 3, 7, 2, 9, 0], &style, 1.0)?;
    let said = |seed| model.paint(&plan, &style, Noise::Seed(seed));
    let sound = said(5)?;
    assert_eq!(sound.len(), plan.frames.iter().sum::<usize>() * model.frame());
    assert!(sound.iter().all(|v| v.is_finite()));
    assert_eq!(sound, said(5)?);
    assert_ne!(sound, said(6)?);
    Ok(())
}

#[test]
fn a_line_said_slower_lasts_longer_and_each_phoneme_a_frame_at_least() -> Outcome {
    let model = model()?;
    let style = style(&model)?;
    let frames = |speed| Ok::<_, KokoroError>(model.plan(&[0, 3, 7, 2, 9, 0], &style, speed)?.frames);
    let (slow, plain, fast) = (frames(0.5)?, frames(1.0)?, frames(9.0)?);
    assert!(slow.iter().sum::<usize>() > plain.iter().sum());
    assert_eq!(fast, vec![1; 6]);
    Ok(())
}

#[test]
fn what_cannot_be_said_is_refused_in_words() -> Outcome {
    let model = model()?;
    let style = style(&model)?;
    let long = vec![1; model.longest() + 3];
    for (ids, speed) in
        [(&[0, 0][..], 1.0), (&long, 1.0), (&[0, 99, 0], 1.0), (&[0, 1, 0], 0.0), (&[0, 1, 0], f32::NAN)]
    {
        match model.plan(ids, &style, speed) {
            Err(KokoroError::Refused(words)) => assert!(words.len() > 20, "{words}"),
            other => return Err(format!("{:?} at {speed}: {:?}", ids, other.map(|plan| plan.frames)).into()),
        }
    }
    let plan = model.plan(&[0, 1, 2, 0], &style, 1.0)?;
    assert!(model.paint(&plan, &style, Noise::Given(&[0.0; 3])).is_err());
    Ok(())
}

#[test]
fn a_style_is_chosen_by_the_length_of_the_line_and_a_longer_one_takes_the_last() -> Outcome {
    let half = config("release_half")?.style_dim;
    let table = convert::released_voice(&released("voice")?, half)?;
    let voice = Voice::parse(&table, half)?;
    let row = |n: usize| Ok::<_, Box<dyn std::error::Error>>(voice.style(n)?.0.to_vec2::<f32>()?);
    assert_ne!(row(1)?, row(2)?);
    assert_eq!((row(0)?, row(11)?), (row(1)?, row(5000)?));
    assert!(Voice::parse(&table, half + 1).is_err());
    assert!(Voice::parse(&fixture("pipeline_a", "weights.safetensors")?, half).is_err());
    Ok(())
}

#[test]
fn convolutions_in_either_spelling_or_already_whole_are_the_same_voice() -> Outcome {
    let plain = tensors("pipeline_a")?;
    let renamed = |name: &String, t: &Tensor| {
        let name = name.replace("weight_g", "parametrizations.weight.original0");
        (name.replace("weight_v", "parametrizations.weight.original1"), t.clone())
    };
    let newer: Tensors = plain.iter().map(|(name, t)| renamed(name, t)).collect();
    let whole = arranged(plain.clone())?;
    assert!(whole.len() < plain.len() && !whole.keys().any(|name| name.ends_with("_g") || name.contains("original")));
    let mut sounds = Vec::new();
    for tensors in [plain, newer, whole] {
        let model = Kokoro::from_tensors(config("pipeline_a")?, tensors)?;
        let style = style(&model)?;
        sounds.push(model.paint(&model.plan(&[0, 4, 8, 0], &style, 1.0)?, &style, Noise::Seed(1))?);
    }
    assert!(sounds.windows(2).all(|pair| pair[0] == pair[1]));
    Ok(())
}

#[test]
fn half_a_convolution_and_a_name_that_is_there_twice_are_refused() -> Outcome {
    let refused = |change: &dyn Fn(&mut Tensors)| -> Result<String, Box<dyn std::error::Error>> {
        let mut all = tensors("pipeline_a")?;
        change(&mut all);
        let refusal = Kokoro::from_tensors(config("pipeline_a")?, all).err().ok_or("it was accepted")?;
        Ok(refusal.to_string())
    };
    let half = "decoder.generator.conv_post.weight_g";
    assert!(refused(&|all| drop(all.remove(half)))?.contains(half));
    let twice = refused(&|all| {
        if let Some(bias) = all.get("bert_encoder.bias").cloned() {
            all.insert("bert_encoder.module.bias".to_owned(), bias);
        }
    })?;
    assert!(twice.contains("bert_encoder.bias is there twice"), "{twice}");
    Ok(())
}

/// A file with a table of one row, of the given length and stride, and two values for it.
fn one_row(length: i32, stride: i32) -> Vec<u8> {
    let list = [b"\x80\x02", &pickles::tensor("Float", 0, &[1, length], &[2, stride])[..], b"."].concat();
    zip(&[("data.pkl", &list), ("data/0", &[1.5f32.to_le_bytes(), (-2f32).to_le_bytes()].concat())])
}

#[test]
fn a_file_is_given_no_more_than_its_values() -> Outcome {
    let read = weights::tensors(&[&convert::released_voice(&one_row(2, 1), 1)?], DType::F32, &Device::Cpu)?;
    assert_eq!(read.get("voice").ok_or("no table")?.to_vec2::<f32>()?, [[1.5, -2.0]]);
    for (length, stride) in [(3, 1), (i32::MAX, 1), (i32::MAX, 0), (3, 0), (-1, 1), (2, -1), (i32::MAX, i32::MAX)] {
        let refusal = convert::released_voice(&one_row(length, stride), 1).err().map(|e| e.to_string());
        let refusal = refusal.ok_or(format!("{length} by {stride} was made of two values"))?;
        assert!(refusal.contains("PyTorch file"), "{refusal}");
    }
    Ok(())
}

#[test]
fn a_file_that_asks_for_anything_but_tensors_is_refused_and_told_by_name() -> Outcome {
    let config = config("release_half")?;
    let lists: [(&[u8], &str); 6] = [
        (b"\x80\x02cos\nsystem\nX\x04\x00\x00\x00true\x85R.", "os.system"),
        (b"\x80\x02cbuiltins\neval\nX\x01\x00\x00\x001\x85R.", "builtins.eval"),
        (b"\x80\x02c__builtin__\ngetattr\n.", "__builtin__.getattr"),
        (b"\x80\x02ctorch\nload\n)R.", "torch.load"),
        (b"\x80\x02)\x81.", "0x81"),
        (b"\x80\x04\x8c\x02os\x8c\x06system\x93.", "version"),
    ];
    for (list, name) in lists {
        let file = zip(&[("data.pkl", list)]);
        for outcome in [convert::released_model(&config, &file), convert::released_voice(&file, config.style_dim)] {
            let refusal = outcome.err().map(|e| e.to_string()).unwrap_or_default();
            assert!(refusal.contains(name), "{name}: {refusal:?}");
        }
    }
    Ok(())
}

#[test]
fn what_is_released_speaks_only_once_it_is_converted() -> Outcome {
    let c = config("release_half")?;
    let (model, voice) = (released("model")?, released("voice")?);
    let shut = |outcome: Result<(), KokoroError>| {
        assert!(matches!(outcome, Err(KokoroError::Weights(WeightsError::Dangerous(_)))), "{outcome:?}");
    };
    shut(Kokoro::load(c.clone(), &model).map(drop));
    shut(Voice::parse(&voice, c.style_dim).map(drop));
    let (model, voice) = (convert::released_model(&c, &model)?, convert::released_voice(&voice, c.style_dim)?);
    weights::check(&model)?;
    weights::check(&voice)?;
    let (model, voice) = (Kokoro::load(c.clone(), &model)?, Voice::parse(&voice, c.style_dim)?);
    let (sounds, goes) = voice.style(2)?;
    assert!(!model.paint(&model.plan(&[0, 4, 8, 0], &goes, 1.0)?, &sounds, Noise::Seed(1))?.is_empty());
    // What is safetensors already has nothing to be converted.
    assert!(convert::released_model(&c, &fixture("pipeline_a", "weights.safetensors")?).is_err());
    Ok(())
}

#[test]
fn converted_weights_speak_bit_for_bit_as_the_references_own_safetensors() -> Outcome {
    let (c, reference) = (config("pipeline_a")?, fixture("pipeline_a", "weights.safetensors")?);
    let converted = convert::released_model(&c, &pickles::released(&reference))?;
    assert_eq!(converted, convert::released_model(&c, &pickles::released(&reference))?, "one file, one form");
    let bits = |bytes: &[u8]| -> Result<Vec<u32>, KokoroError> {
        let model = Kokoro::load(c.clone(), bytes)?;
        let style = style(&model)?;
        let sound = model.paint(&model.plan(&[0, 3, 7, 2, 9, 0], &style, 1.0)?, &style, Noise::Seed(5))?;
        Ok(sound.iter().map(|sample| sample.to_bits()).collect())
    };
    assert_eq!(bits(&converted)?, bits(&reference)?);
    Ok(())
}

#[test]
fn tensors_that_are_not_this_models_are_not_converted() -> Outcome {
    let c = config("release_half")?;
    let (model, voice) = (released("model")?, released("voice")?);
    assert!(convert::released_model(&c, &voice).is_err());
    assert!(convert::released_voice(&model, c.style_dim).is_err());
    assert!(convert::released_voice(&voice, c.style_dim + 1).is_err());
    let wider = KokoroConfig { hidden_dim: c.hidden_dim * 2, ..c.clone() };
    assert!(convert::released_model(&wider, &model).is_err());
    let foreign = pickles::released(&fixture("pipeline_a", "weights.safetensors")?);
    // A layer less leaves tensors over, a layer more misses some.
    for n_layer in [1, 3] {
        assert!(convert::released_model(&KokoroConfig { n_layer, ..config("pipeline_a")? }, &foreign).is_err());
    }
    Ok(())
}

#[test]
fn two_thousand_damaged_files_break_nothing() -> Outcome {
    let c = config("release_half")?;
    let (model, voice) = (released("model")?, released("voice")?);
    let list = model.windows(2).position(|w| w == b"\x80\x02").ok_or("no list")?;
    let mut refused = 0;
    for seed in 0..2000 {
        let mut dice = StdRng::seed_from_u64(seed);
        let good = if seed % 4 == 0 { &voice } else { &model };
        let mut bytes = good.clone();
        match dice.random_range(0..4) {
            0 => bytes.truncate(dice.random_range(0..good.len())),
            // In the list of tensors, or of parts.
            1 if seed % 4 != 0 => (0..3).for_each(|_| bytes[list + dice.random_range(0..8000)] = dice.random()),
            1 | 2 => {
                let tail = good.len().min(4000);
                (0..3).for_each(|_| bytes[good.len() - 1 - dice.random_range(0..tail)] = dice.random());
            }
            _ => (0..20).for_each(|_| bytes[dice.random_range(0..good.len())] = dice.random()),
        }
        let outcome = if seed % 4 == 0 {
            convert::released_voice(&bytes, c.style_dim).map(drop)
        } else {
            convert::released_model(&c, &bytes).map(drop)
        };
        refused += usize::from(outcome.is_err_and(|e| !e.to_string().is_empty()));
    }
    // A changed number is another number; nobody can tell.
    assert!(refused > 1000, "only {refused} were refused");
    Ok(())
}
