//! A model whose files the person brings: found in any layout, run to the last frame, stopped within a step, resumed to the
//! same bytes, and refused with a sentence when something is missing, left over or dangerous. The model is a tiny random one
//! from the parity fixtures; what is proved is the way, not the picture.

use candle_core::{Device, Tensor};
use kinora_document::FrameSize;
use kinora_engine::LocalEngine;
use kinora_ports::engine::{Order, Rendered};
use kinora_ports::{Engine, Flow, Pixels, PortError};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use support::{Tensors, Tiny, vocabulary};

mod support;

const MANIFEST: &str = r#"
name = "tiny"
title = "Tiny"
licence = "none"
fps = 25
frame_counts = [9, 17]
sizes = [[64, 32]]
takes_keyframes = true
[ltx]
blocks = 2
distilled = false
steps = 4
guidance = 2.0
rescale = 0.5
perturbation = 1.0
perturbed_blocks = [1]
condition_noise = 0.15
decode_timestep = 0.05
decode_noise = 0.025
words = 12
"#;

fn studio() -> Tiny {
    Tiny::new(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."), MANIFEST)
}

fn order() -> Order {
    Order {
        model: "tiny".to_owned(),
        prompt: "a red fox.".to_owned(),
        negative: String::new(),
        seed: 7,
        size: FrameSize { width: 64, height: 32 },
        frames: 9,
        steps: None,
        guidance_permille: None,
        keyframes: Vec::new(),
        preceding: Vec::new(),
        references: Vec::new(),
        cameos: Vec::new(),
    }
}

fn made(engine: &LocalEngine, order: &Order, resume: Option<&[u8]>) -> Rendered {
    engine.render(order, resume, &mut |_| Flow::Continue).expect("the shot is made")
}

#[test]
fn a_folder_in_the_reference_layout_makes_every_frame_of_the_order() {
    let studio = studio();
    studio.in_folders();
    let engine = studio.engine();
    let card = engine.catalogue().remove(0);
    assert_eq!(card.unavailable, None);
    assert!(card.weights_bytes > 100_000);
    let rendered = made(&engine, &order(), None);
    assert_eq!(rendered.frames.len(), 9);
    assert!(rendered.frames.iter().all(|f| (f.width, f.height) == (64, 32)));
    assert_eq!(rendered.frames, made(&engine, &order(), None).frames, "the same seed gives the same bytes");
    let other = Order { seed: 8, ..order() };
    assert_ne!(rendered.frames, made(&engine, &other, None).frames);
}

#[test]
fn pictures_at_the_start_and_at_the_end_change_the_clip() {
    let studio = studio();
    studio.in_folders();
    let engine = studio.engine();
    let mut picture = Pixels::new(40, 40);
    picture.rgba.iter_mut().step_by(3).for_each(|v| *v = 200);
    let picture = Arc::new(picture);
    let plain = made(&engine, &order(), None).frames;
    let first = Order { keyframes: vec![(0, picture.clone())], ..order() };
    let last = Order { keyframes: vec![(8, picture.clone())], ..order() };
    let extended = Order { preceding: vec![picture; 9], frames: 17, ..order() };
    let (first, last) = (made(&engine, &first, None).frames, made(&engine, &last, None).frames);
    assert!(plain != first && plain != last && first != last);
    assert_eq!(made(&engine, &extended, None).frames.len(), 17);
}

#[test]
fn a_stop_comes_within_a_step_and_a_resumed_shot_has_the_same_bytes() {
    let studio = studio();
    studio.in_folders();
    let engine = studio.engine();
    let mut picture = Pixels::new(64, 32);
    picture.rgba.fill(90);
    let order = Order { keyframes: vec![(0, Arc::new(picture))], ..order() };
    let whole = made(&engine, &order, None).frames;
    let mut kept = None;
    let mut after = 0;
    let stopped = engine.render(&order, None, &mut |progress| {
        if let Some(checkpoint) = progress.checkpoint {
            kept = Some(checkpoint);
        }
        if kept.is_some() {
            after += 1;
        }
        if after > 1 { Flow::Cancel } else { Flow::Continue }
    });
    assert!(matches!(stopped, Err(PortError::Cancelled)));
    assert_eq!(after, 2, "the first call after the wish to stop is the last");
    let kept = kept.expect("a checkpoint after two steps");
    let mut first_step = None;
    let resumed = engine.render(&order, Some(&kept), &mut |progress| {
        if progress.steps > 0 && first_step.is_none() {
            first_step = Some(progress.step);
        }
        Flow::Continue
    });
    assert_eq!(first_step, Some(2));
    assert_eq!(resumed.expect("the rest is made").frames, whole);
    let other = Order { seed: 9, ..order };
    let fresh = made(&engine, &other, None).frames;
    assert_eq!(made(&engine, &other, Some(&kept)).frames, fresh, "another order's state is not used");
}

#[test]
fn a_node_graph_programs_folder_is_found_by_what_the_files_hold() {
    let studio = studio();
    let mut single: Tensors =
        studio.part("transformer").into_iter().map(|(k, t)| (format!("model.diffusion_model.{k}"), t)).collect();
    single.extend(studio.part("vae").into_iter().map(|(k, t)| (format!("vae.{k}"), t)));
    studio.save(&single, "checkpoints/video.safetensors");
    studio.save(&studio.part("text_encoder"), "text_encoders/t5.safetensors");
    fs::write(studio.own().join("spiece.model"), vocabulary()).expect("a vocabulary");
    let card = studio.engine().catalogue().remove(0);
    assert_eq!(card.unavailable, None);
}

#[test]
fn what_is_missing_or_left_over_is_named() {
    let studio = studio();
    let card = studio.engine().catalogue().remove(0);
    let why = card.unavailable.expect("nothing is there yet");
    assert!(why.contains("kinora models --use tiny=FOLDER"), "{why}");

    studio.in_folders();
    fs::remove_dir_all(studio.own().join("text_encoder")).expect("removing");
    let why = studio.engine().catalogue().remove(0).unavailable.expect("a part is missing");
    assert!(why.contains("T5 text encoder"), "{why}");

    studio.in_folders();
    let mut fewer = studio.part("vae");
    fewer.remove("decoder.conv_in.conv.weight");
    studio.save(&fewer, "vae/diffusion_pytorch_model.safetensors");
    let said = refusal(&studio);
    assert!(said.contains("decoder.conv_in.conv.weight"), "{said}");

    studio.in_folders();
    let mut more = studio.part("text_encoder");
    let extra = Tensor::zeros(3, candle_core::DType::F32, &Device::Cpu).expect("a tensor");
    more.insert("encoder.block.7.layer.0.layer_norm.weight".to_owned(), extra);
    studio.save(&more, "text_encoder/model.safetensors");
    let said = refusal(&studio);
    assert!(said.contains("encoder.block.7.layer.0.layer_norm.weight"), "{said}");
}

#[test]
fn a_pickle_is_never_opened_and_is_named() {
    let studio = studio();
    studio.in_folders();
    fs::remove_dir_all(studio.own().join("vae")).expect("removing");
    fs::create_dir_all(studio.own().join("vae")).expect("folders");
    fs::write(studio.own().join("vae/pytorch_model.bin"), b"\x80\x02}q\x00.").expect("a pickle");
    let why = studio.engine().catalogue().remove(0).unavailable.expect("the codec is missing");
    assert!(why.contains("pytorch_model.bin") && why.contains("run programs"), "{why}");
}

#[test]
fn a_folder_elsewhere_is_remembered_only_when_it_is_whole() {
    let studio = studio();
    studio.in_folders();
    let elsewhere = studio.folder.path().join("elsewhere");
    fs::rename(studio.own(), &elsewhere).expect("moving");
    let places = studio.folder.path().join("data/models");
    let engine = studio.engine().with_own(&places);
    assert!(engine.catalogue()[0].unavailable.is_some());
    assert!(engine.point(&places, "tiny", &studio.folder.path().join("nowhere")).is_err());
    engine.point(&places, "tiny", &elsewhere).expect("it is whole");
    let engine = studio.engine().with_own(&places);
    assert_eq!(engine.catalogue()[0].unavailable, None);
    assert_eq!(made(&engine, &order(), None).frames.len(), 9);
}

/// A LoRA of rank 2 on one layer of each block.
fn lora(studio: &Tiny, layer: &str, file: &str) -> PathBuf {
    let half = |shape: (usize, usize)| {
        let values: Vec<f32> = (0..shape.0 * shape.1).map(|i| ((i * 37 % 19) as f32 - 9.0) / 12.0).collect();
        Tensor::from_vec(values, shape, &Device::Cpu).expect("a tensor")
    };
    let mut tensors = Tensors::new();
    for (name, weight) in
        studio.part("transformer").iter().filter(|(name, _)| name.ends_with(&format!("{layer}.weight")))
    {
        let (size_out, size_in) = weight.dims2().expect("a matrix");
        let layer = name.trim_end_matches(".weight");
        tensors.insert(format!("diffusion_model.{layer}.lora_A.weight"), half((2, size_in)));
        tensors.insert(format!("diffusion_model.{layer}.lora_B.weight"), half((size_out, 2)));
    }
    studio.save(&tensors, file);
    studio.own().join(file)
}

#[test]
fn a_lora_changes_the_clip_by_its_strength_and_can_be_taken_off() {
    let studio = studio();
    studio.in_folders();
    // Beside the model's own files, as many keep them, it is not mistaken for a denoiser.
    let file = lora(&studio, "attn1.to_v", "loras/ink.safetensors");
    let places = studio.folder.path().join("own");
    let engine = studio.engine().with_own(&places);
    let plain = (engine.catalogue()[0].weights, made(&engine, &order(), None).frames);
    let with = |permille: i32| {
        studio.engine().put_on(&places, "tiny", &file, permille).expect("put on");
        let engine = studio.engine().with_own(&places);
        assert_eq!(engine.loras("tiny").len(), usize::from(permille != 0));
        (engine.catalogue()[0].weights, made(&engine, &order(), None).frames)
    };
    let (half, whole) = (with(500), with(1000));
    assert!(half.1 != plain.1 && whole.1 != half.1, "it changes nothing");
    // A take is named by what made it: another strength is another take.
    assert!(half.0 != plain.0 && whole.0 != half.0);
    assert!(with(0) == plain, "taken off, everything is as it was");
}

#[test]
fn a_lora_of_another_model_or_none_at_all_is_refused_in_words() {
    let studio = studio();
    studio.in_folders();
    let places = studio.folder.path().join("own");
    let put = |file: &Path| studio.engine().put_on(&places, "tiny", file, 1000);
    let said = put(&studio.own().join("vae/diffusion_pytorch_model.safetensors")).expect_err("no LoRA").to_string();
    assert!(said.contains("this network does not have"), "{said}");
    let pickle = studio.own().join("ink.pt");
    fs::write(&pickle, b"x").expect("a file");
    assert!(put(&pickle).expect_err("a pickle").to_string().contains("can run programs"));
    assert!(put(&studio.own().join("gone.safetensors")).is_err());
    let file = lora(&studio, "attn1.to_v", "ink.safetensors");
    let mut tensors = candle_core::safetensors::load(&file, &Device::Cpu).expect("it loads");
    tensors = tensors.into_iter().map(|(name, t)| (name.replace("blocks.0", "blocks.7"), t)).collect();
    studio.save(&tensors, "other.safetensors");
    put(&studio.own().join("other.safetensors")).expect("it is a LoRA");
    let engine = studio.engine().with_own(&places);
    let said = engine.render(&order(), None, &mut |_| Flow::Continue).expect_err("refused").to_string();
    assert!(said.contains("another model") && said.contains("transformer_blocks.7"), "{said}");
    fs::remove_file(studio.own().join("other.safetensors")).expect("removed");
    let why = studio.engine().with_own(&places).catalogue().remove(0).unavailable.expect("it says so");
    assert!(why.contains("no longer there") && why.contains("--strength 0"), "{why}");
}

/// Files of one ending that a model's runs leave behind.
fn kept(places: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(places.join("prompts")).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.filter(|path| path.extension().is_some_and(|e| e == ending)).collect()
}

#[test]
fn a_forming_picture_comes_after_every_step_and_its_colours_are_kept() {
    let studio = studio();
    studio.in_folders();
    let places = studio.folder.path().join("own");
    let forming = || {
        let mut seen = Vec::new();
        let engine = studio.engine().with_own(&places);
        let watch = &mut |progress: kinora_ports::engine::Progress| {
            seen.extend(
                progress.forming.map(|pixels| (progress.step, (pixels.width, pixels.height), pixels.rgba.clone())),
            );
            Flow::Continue
        };
        engine.render(&order(), None, watch).expect("the shot is made");
        seen
    };
    let first = forming();
    let steps: Vec<_> = first.iter().map(|(step, size, _)| (*step, *size)).collect();
    assert_eq!(steps, [(1, (2, 1)), (2, (2, 1)), (3, (2, 1)), (4, (2, 1))], "one pixel for each latent position");
    assert!(first.windows(2).any(|pair| pair[0].2 != pair[1].2), "it forms");
    let [colours] = kept(&places, "colours").try_into().expect("one map for one codec");
    let whole = fs::read(&colours).expect("readable");
    assert_eq!(forming(), first);
    fs::write(&colours, &whole[..whole.len() / 2]).expect("written");
    assert_eq!(forming(), first, "a damaged map is fitted anew");
    assert_eq!(fs::read(&colours).expect("readable").len(), whole.len());
}

#[test]
fn a_prompt_that_was_read_once_is_not_read_again_and_a_damaged_note_of_it_costs_nothing() {
    let studio = studio();
    studio.in_folders();
    let places = studio.folder.path().join("own");
    let frames = |order: &Order| made(&studio.engine().with_own(&places), order, None).frames;
    let first = frames(&order());
    let notes: Vec<PathBuf> = kept(&places, "states");
    let [note] = notes.as_slice() else { panic!("{notes:?}") };
    let whole = fs::read(note).expect("readable");
    assert!(!String::from_utf8_lossy(&whole).contains("fox"), "no words lie there");
    assert!(frames(&order()) == first);
    let other = Order { prompt: "a blue boat.".to_owned(), ..order() };
    assert!(frames(&other) != first);
    let (_, tail) = whole.split_at(whole.len() / 2);
    fs::write(note, tail).expect("written");
    assert!(frames(&order()) == first, "a damaged note is as none");
    let mut changed = fs::read(note).expect("written anew");
    assert_eq!(changed.len(), whole.len());
    let at = changed.len() - 6;
    changed[at] ^= 0x40;
    fs::write(note, &changed).expect("written");
    assert!(frames(&order()) != first, "the note is what is read");
}

#[test]
fn a_prompt_that_is_too_long_is_shown_where_it_was_cut() {
    let studio = studio();
    studio.in_folders();
    let reading = studio.engine().read_prompt("tiny", "a red fox and a dog.").expect("it is read");
    assert_eq!(reading.notes.len(), 1);
    assert!(reading.notes[0].text.ends_with("left out: “and a dog.”"), "{}", reading.notes[0].text);
    assert!(studio.engine().read_prompt("tiny", "a fox.").expect("it is read").notes.is_empty());
}

#[test]
fn a_forecast_grows_with_the_shot() {
    let studio = studio();
    studio.in_folders();
    let engine = studio.engine();
    let short = engine.estimate(&order()).expect("a forecast");
    let long = engine.estimate(&Order { frames: 17, ..order() }).expect("a forecast");
    // So small a model takes most while it loads; how right the forecast is stands in ltx_memory.rs.
    assert!(short.peak_bytes <= long.peak_bytes && short.millis <= long.millis && short.peak_bytes > 100_000);
}

fn refusal(studio: &Tiny) -> String {
    match studio.engine().render(&order(), None, &mut |_| Flow::Continue) {
        Ok(_) => panic!("it was made"),
        Err(error) => error.to_string(),
    }
}
