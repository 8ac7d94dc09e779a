//! What must hold of Kokoro beside agreeing with the reference: one seed, one sound; refusals in words; released files that are
//! damaged or want more than tensors are refused and break nothing. The voice is a tiny random one, from the parity fixtures.

use std::{collections::HashMap, fs, path::Path};

use candle_core::{DType, Device, Tensor};
use kinora_models::{
    kokoro::{Kokoro, KokoroConfig, KokoroError, Noise, names::arranged, pickle, run::container, voices::Voice},
    weights,
};
use rand::{Rng, SeedableRng, rngs::StdRng};

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
    let voice = Voice::parse(&released("voice")?, half)?;
    let row = |n: usize| Ok::<_, Box<dyn std::error::Error>>(voice.style(n)?.0.to_vec2::<f32>()?);
    assert_ne!(row(1)?, row(2)?);
    assert_eq!((row(0)?, row(11)?), (row(1)?, row(5000)?));
    assert!(Voice::parse(&released("voice")?, half + 1).is_err());
    assert!(Voice::parse(&released("model")?, half).is_err());
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

/// A zip of stored parts in a folder, as PyTorch writes it.
fn zip(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut out, mut list) = (Vec::new(), Vec::new());
    for (name, bytes) in parts {
        let name = format!("archive/{name}");
        let place = out.len() as u32;
        let sizes = [&(bytes.len() as u32).to_le_bytes()[..], &(bytes.len() as u32).to_le_bytes()].concat();
        let name_length = (name.len() as u16).to_le_bytes();
        out.extend([b"PK\x03\x04", &[0; 14][..], &sizes, &name_length, &[0; 2], name.as_bytes(), bytes].concat());
        list.extend(
            [b"PK\x01\x02", &[0; 16][..], &sizes, &name_length, &[0; 12], &place.to_le_bytes(), name.as_bytes()]
                .concat(),
        );
    }
    let (count, place) = ((parts.len() as u16).to_le_bytes(), (out.len() as u32).to_le_bytes());
    let length = (list.len() as u32).to_le_bytes();
    [&out[..], &list, b"PK\x05\x06", &[0; 4], &count, &count, &length, &place, &[0; 2]].concat()
}

/// A list with one tensor of one value's bytes, of the given shape and strides.
fn one_tensor(side: i32, stride: i32) -> Vec<u8> {
    let text = |t: &str| [b"X", &(t.len() as u32).to_le_bytes()[..], t.as_bytes()].concat();
    let number = |n: i32| [b"J", &n.to_le_bytes()[..]].concat();
    let storage =
        [b"(".to_vec(), text("storage"), b"ctorch\nFloatStorage\n".to_vec(), text("0"), text("cpu"), number(1)];
    let list = [
        b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n(".to_vec(),
        storage.concat(),
        b"tQ".to_vec(),
        number(0),
        number(side),
        b"\x85".to_vec(),
        number(stride),
        b"\x85".to_vec(),
        b"\x89ccollections\nOrderedDict\n)RtR.".to_vec(),
    ];
    zip(&[("data.pkl", &list.concat()), ("data/0", &1.5f32.to_le_bytes())])
}

#[test]
fn a_file_is_given_no_more_than_its_values() -> Outcome {
    let tensors = pickle::tensors(&one_tensor(1, 1))?;
    assert_eq!(tensors.get("").ok_or("no tensor")?.to_vec1::<f32>()?, [1.5]);
    for (side, stride) in [(2, 1), (i32::MAX, 1), (i32::MAX, 0), (2, 0), (-1, 1), (1, -1), (i32::MAX, i32::MAX)] {
        let outcome = pickle::tensors(&one_tensor(side, stride));
        assert!(outcome.is_err(), "{side} by {stride} was made of one value");
    }
    Ok(())
}

#[test]
fn a_file_that_asks_for_anything_but_tensors_is_refused_and_told_by_name() {
    let lists: [(&[u8], &str); 6] = [
        (b"\x80\x02cos\nsystem\nX\x04\x00\x00\x00true\x85R.", "os.system"),
        (b"\x80\x02cbuiltins\neval\nX\x01\x00\x00\x001\x85R.", "builtins.eval"),
        (b"\x80\x02c__builtin__\ngetattr\n.", "__builtin__.getattr"),
        (b"\x80\x02ctorch\nload\n)R.", "torch.load"),
        (b"\x80\x02)\x81.", "0x81"),
        (b"\x80\x04\x8c\x02os\x8c\x06system\x93.", "version"),
    ];
    for (list, name) in lists {
        let refusal = pickle::tensors(&zip(&[("data.pkl", list)])).err().map(|e| e.to_string()).unwrap_or_default();
        assert!(refusal.contains(name), "{name}: {refusal:?}");
    }
}

#[test]
fn the_door_of_all_other_weights_stays_shut_for_released_voices() -> Outcome {
    let file = released("model")?;
    assert!(matches!(weights::check(&file), Err(weights::WeightsError::Dangerous(_))));
    assert!(container(&file)?.len() > 100);
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
            Voice::parse(&bytes, c.style_dim).map(drop)
        } else {
            Kokoro::load(c.clone(), &bytes).map(drop)
        };
        refused += usize::from(outcome.is_err_and(|e| !e.to_string().is_empty()));
    }
    // A changed number is another number; nobody can tell.
    assert!(refused > 1000, "only {refused} were refused");
    Ok(())
}
