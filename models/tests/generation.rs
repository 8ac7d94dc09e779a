//! What the draft model promises the engine, on a tiny network with random weights: repeatable, stoppable, resumable,
//! keeping to given pictures, refusing what it cannot do, and loading nothing that does not fit.

use std::ops::ControlFlow;

use candle_core::Device;
use kinora_models::{
    checkpoint::Checkpoint,
    curves::{Curve, Curves},
    draft::{
        Clip, Condition, DraftError, DraftFiles, DraftModel, Order, Picture, Precision, Progress, random_checkpoint,
    },
};

type Outcome = Result<(), Box<dyn std::error::Error>>;

const CONFIG: &str = r#"{"version": 1, "setting": "tiny", "fps": 12,
 "vae": {"channels": 4, "widths": [8, 8, 8], "encoder_blocks": [1, 1, 1], "shared_blocks": 1, "decoder_blocks": [1, 1, 1], "patch": 4,
         "head": 4, "groups": 4, "norm_eps": 1e-5},
 "text": {"words": 16, "width": 32, "layers": 1, "heads": 2, "length": 8, "norm_eps": 1e-5},
 "denoiser": {"channels": 4, "sound": 64, "width": 32, "depth": 2, "heads": 2, "text_width": 32, "mlp": 2,
              "rope_axes": [4, 6, 6], "rope_theta": 100.0, "time_features": 16, "position_octaves": 4, "norm_eps": 1e-6},
 "sampling": {"steps": 4, "shift": 1.0, "guide_scale": 2.0}}"#;
const WORDS: &str = r#"["<pad>", "<unk>", "<end>", "red", "ball", "bounces"]"#;
const LEXICON: &str = r#"{"nearest": {"orb": "ball"}}"#;

fn load(precision: Precision) -> Result<DraftModel, DraftError> {
    load_with(CONFIG.as_bytes(), &random_checkpoint(CONFIG.as_bytes(), 1)?, precision)
}

fn load_with(config: &[u8], weights: &[u8], precision: Precision) -> Result<DraftModel, DraftError> {
    let shards = [weights];
    let files = DraftFiles { config, words: WORDS.as_bytes(), lexicon: LEXICON.as_bytes(), weights: &shards };
    DraftModel::load(&files, precision, &Device::Cpu)
}

fn order() -> Order {
    Order {
        prompt: "a red orb bounces".to_owned(),
        size: (128, 72),
        frames: 9,
        seed: 7,
        steps: None,
        guide_scale: None,
        conditions: Vec::new(),
        resume: None,
    }
}

fn make(model: &DraftModel, order: &Order) -> Result<Clip, DraftError> {
    model.generate(order, &mut |_| ControlFlow::Continue(()))
}

fn picture(seed: usize) -> Picture {
    let rgb = (0..128 * 72 * 3).map(|i| ((i / 3 * 7 + i * seed) % 256) as u8).collect();
    Picture { width: 128, height: 72, rgb }
}

#[test]
fn a_clip_has_the_ordered_size_length_sound_and_report() -> Outcome {
    let model = load(Precision::F32)?;
    for (size, frames) in [((128, 72), 9), ((72, 128), 5), ((96, 96), 13)] {
        let clip = make(&model, &Order { size, frames, ..order() })?;
        assert_eq!(clip.frames.len(), frames);
        assert!(clip.frames.iter().all(|f| f.len() == size.0 * size.1 * 3));
        assert_eq!(clip.sound.len(), frames * 4000);
        assert_eq!(clip.curves.rows.len(), frames);
        assert_eq!(clip.report.used, ["red", "ball", "bounces"]);
        assert_eq!(clip.report.notes.len(), 1);
    }
    Ok(())
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_does_not() -> Outcome {
    let model = load(Precision::F32)?;
    assert_eq!(make(&model, &order())?, make(&model, &order())?);
    assert_ne!(make(&model, &order())?.frames, make(&model, &Order { seed: 8, ..order() })?.frames);
    Ok(())
}

#[test]
fn progress_tells_every_step_and_every_frame_in_order() -> Outcome {
    let model = load(Precision::F32)?;
    let (mut steps, mut next, mut previews, mut bytes) = (Vec::new(), 0, 0, Vec::new());
    let clip = model.generate(&order(), &mut |progress| {
        match progress {
            Progress::Step(info) => {
                assert_eq!(info.steps, 4);
                steps.push(info.step);
                if let Ok(Some((w, h, frames))) = info.preview() {
                    assert_eq!((w, h, frames.len()), (8, 5, 3));
                    assert!(frames.iter().all(|f| f.len() == 8 * 5 * 3));
                    previews += 1;
                }
            }
            Progress::Frames { first, total, rgb } => {
                assert_eq!((first, total), (next, 9));
                next += rgb.len() / (128 * 72 * 3);
                bytes.extend_from_slice(rgb);
            }
        }
        ControlFlow::Continue(())
    })?;
    assert_eq!((steps, next, previews), (vec![0, 1, 2, 3, 4], 9, 4));
    assert_eq!(bytes, clip.frames.concat());
    Ok(())
}

#[test]
fn a_stop_takes_effect_at_once_and_the_rest_can_be_made_later() -> Outcome {
    let model = load(Precision::F32)?;
    let whole = make(&model, &order())?;
    for stop_at in 0..=5 {
        let mut told = 0;
        let stopped = model.generate(&order(), &mut |_| {
            told += 1;
            if told > stop_at { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert_eq!(told, stop_at + 1, "nothing is done after a stop");
        let Err(DraftError::Stopped(Some(state))) = stopped else { return Err("it did not stop".into()) };
        assert_eq!(state.step, stop_at.min(4));
        let state = Checkpoint::from_bytes(&state.to_bytes()?)?;
        let rest = make(&model, &Order { resume: Some(state), ..order() })?;
        assert_eq!(rest, whole);
    }
    Ok(())
}

#[test]
fn a_state_of_another_order_is_refused() -> Outcome {
    let model = load(Precision::F32)?;
    let Err(DraftError::Stopped(Some(state))) = model.generate(&order(), &mut |_| ControlFlow::Break(())) else {
        return Err("it did not stop".into());
    };
    for other in [
        Order { seed: 8, ..order() },
        Order { prompt: "ball".to_owned(), ..order() },
        Order { frames: 13, ..order() },
        Order { conditions: vec![Condition::Ending(picture(1))], ..order() },
    ] {
        let other = Order { resume: Some((*state).clone()), ..other };
        assert!(matches!(make(&model, &other), Err(DraftError::Refused(_))));
    }
    Ok(())
}

#[test]
fn given_pictures_change_the_clip_and_a_given_opening_is_kept() -> Outcome {
    let model = load(Precision::F32)?;
    let free = make(&model, &order())?;
    let with = |conditions: Vec<Condition>| make(&model, &Order { conditions, ..order() });
    for conditions in [
        vec![Condition::Opening(vec![picture(3)])],
        vec![Condition::Opening((0..5).map(picture).collect())],
        vec![Condition::Ending(picture(4))],
        vec![Condition::Reference(picture(5)), Condition::Reference(picture(6))],
    ] {
        assert_ne!(with(conditions)?.frames, free.frames);
    }
    // A clean first latent goes through untouched: the first frame does not depend on seed, prompt or steps.
    let opening = || vec![Condition::Opening(vec![picture(3)])];
    let one = with(opening())?;
    let two =
        make(&model, &Order { conditions: opening(), seed: 99, steps: Some(2), prompt: String::new(), ..order() })?;
    assert_eq!(one.frames.first(), two.frames.first());
    assert_ne!(one.frames.last(), two.frames.last());
    Ok(())
}

#[test]
fn given_frames_come_back_as_they_were_given_and_what_the_codec_loses_fades_out() -> Outcome {
    let model = load(Precision::F32)?;
    let with = |conditions: Vec<Condition>| make(&model, &Order { conditions, frames: 25, ..order() });
    let opening: Vec<Picture> = (0..5).map(picture).collect();
    let clip = with(vec![Condition::Opening(opening.clone()), Condition::Ending(picture(9))])?;
    for (frame, given) in clip.frames.iter().zip(&opening) {
        assert_eq!(frame, &given.rgb);
    }
    assert_eq!(clip.frames.last(), Some(&picture(9).rgb));
    // The change from frame to frame beside a given picture is no leap: the codec's loss is spread over a second.
    let clip = with(vec![Condition::Opening(vec![picture(3)])])?;
    let change = |i: usize| -> Option<f64> {
        let (a, b) = (clip.frames.get(i)?, clip.frames.get(i + 1)?);
        Some(a.iter().zip(b).map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>() / a.len() as f64)
    };
    let beside: Vec<f64> = (0..13).filter_map(change).collect();
    let total: f64 = beside.iter().sum();
    assert!(beside.len() == 13 && beside.iter().all(|c| *c < 0.25 * total), "{beside:?}");
    Ok(())
}

#[test]
fn orders_that_cannot_be_fulfilled_are_refused_with_a_sentence() -> Outcome {
    let model = load(Precision::F32)?;
    let opening = |n: usize| Condition::Opening(vec![picture(1); n]);
    let lying = Picture { width: 9, height: 9, rgb: vec![0; 7] };
    for bad in [
        Order { size: (640, 480), ..order() },
        Order { frames: 8, ..order() },
        Order { frames: 1_000_001, ..order() },
        Order { steps: Some(0), ..order() },
        Order { steps: Some(usize::MAX), ..order() },
        Order { guide_scale: Some(f32::NAN), ..order() },
        Order { conditions: vec![opening(2)], ..order() },
        Order { conditions: vec![opening(0)], ..order() },
        Order { conditions: vec![opening(9)], ..order() },
        Order { conditions: vec![opening(1), opening(1)], ..order() },
        Order { conditions: vec![Condition::Reference(picture(1)); 3], ..order() },
        Order { conditions: vec![Condition::Ending(lying)], ..order() },
    ] {
        match make(&model, &bad) {
            Err(DraftError::Refused(text)) => assert!(text.ends_with('.'), "{text}"),
            other => return Err(format!("{bad:?} gave {:?}", other.map(|c| c.frames.len())).into()),
        }
    }
    Ok(())
}

#[test]
fn eight_bit_weights_make_nearly_the_same_clip() -> Outcome {
    let (full, eight) = (load(Precision::F32)?, load(Precision::Q8)?);
    let (a, b) = (make(&full, &order())?, make(&eight, &order())?);
    let pairs = a.frames.concat().into_iter().zip(b.frames.concat());
    let error = pairs.map(|(a, b)| f64::from(a.abs_diff(b)).powi(2)).sum::<f64>() / (9.0 * 128.0 * 72.0 * 3.0);
    let psnr = 10.0 * (255.0 * 255.0 / error.max(1e-9)).log10();
    assert!(psnr > 30.0, "{psnr:.1} dB");
    assert!(eight.estimate(&order())?.peak_bytes < full.estimate(&order())?.peak_bytes);
    Ok(())
}

#[test]
fn an_estimate_grows_with_the_order() -> Outcome {
    let model = load(Precision::F32)?;
    let small = model.estimate(&order())?;
    let long = model.estimate(&Order { frames: 49, ..order() })?;
    let unguided = model.estimate(&Order { guide_scale: Some(1.0), ..order() })?;
    assert!(long.flops > 3.0 * small.flops && long.peak_bytes > small.peak_bytes);
    assert_eq!((small.evaluations, unguided.evaluations), (8, 4));
    assert!(model.estimate(&Order { frames: 6, ..order() }).is_err());
    Ok(())
}

#[test]
fn weights_with_something_missing_unused_or_misshapen_are_refused() -> Outcome {
    let wider = CONFIG.replace("\"depth\": 2", "\"depth\": 3");
    let narrower = CONFIG.replace("\"depth\": 2", "\"depth\": 1");
    let other = CONFIG.replace("\"head\": 4", "\"head\": 5");
    let weights = random_checkpoint(CONFIG.as_bytes(), 1)?;
    for (config, word) in [(wider, "blocks.2"), (narrower, "blocks.1"), (other, "vae.decoder")] {
        match load_with(config.as_bytes(), &weights, Precision::F32) {
            Err(DraftError::Weights(e)) => assert!(e.to_string().contains(word), "{e}"),
            _ => return Err(format!("{word} was not noticed").into()),
        }
    }
    Ok(())
}

#[test]
fn a_config_that_asks_for_the_impossible_is_refused() {
    for (from, to) in [
        ("\"version\": 1", "\"version\": 9"),
        ("\"heads\": 2, \"text_width\"", "\"heads\": 0, \"text_width\""),
        ("\"width\": 32, \"depth\"", "\"width\": 33, \"depth\""),
        ("[4, 6, 6]", "[4, 6, 18446744073709551615]"),
        ("\"groups\": 4", "\"groups\": 3"),
        ("\"words\": 16", "\"words\": 99999999999"),
        ("\"patch\": 4", "\"patch\": 0"),
        ("\"steps\": 4", "\"steps\": 0"),
        ("\"rope_theta\": 100.0", "\"rope_theta\": -1"),
        ("[8, 8, 8], \"encoder", "[], \"encoder"),
        ("\"fps\": 12", "\"fps\": 0"),
    ] {
        let config = CONFIG.replace(from, to);
        assert_ne!(config, CONFIG, "{from}");
        assert!(random_checkpoint(config.as_bytes(), 1).is_err(), "{to}");
    }
}

/// Memory of this process in bytes, by the name of a line in `/proc/self/status`.
#[cfg(target_os = "linux")]
fn memory(line: &str) -> Result<u64, Box<dyn std::error::Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let value = status.lines().find_map(|l| l.strip_prefix(line)).ok_or("no such line")?;
    Ok(value.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
}

#[cfg(target_os = "linux")]
#[test]
fn the_memory_forecast_of_the_bundled_model_is_what_a_shot_takes() -> Outcome {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("draft");
    let before = memory("VmRSS:")?;
    let model = {
        let mut shards = Vec::new();
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|e| e == "safetensors") {
                shards.push(std::fs::read(path)?);
            }
        }
        let shards: Vec<&[u8]> = shards.iter().map(Vec::as_slice).collect();
        let [config, words, lexicon] =
            ["config.json", "words.json", "lexicon.json"].map(|name| std::fs::read(folder.join(name)));
        let files = DraftFiles { config: &config?, words: &words?, lexicon: &lexicon?, weights: &shards };
        DraftModel::load(&files, Precision::F32, &Device::Cpu)?
    };
    let order = Order { prompt: "A red ball bounces in a meadow.".to_owned(), steps: Some(1), ..order() };
    make(&model, &order)?;
    let (taken, forecast) = (memory("VmHWM:")? - before, model.estimate(&order)?.peak_bytes);
    let ratio = taken as f64 / forecast as f64;
    assert!((0.85..1.15).contains(&ratio), "{taken} bytes were taken, {forecast} forecast");
    Ok(())
}

/// A bounce or fall of the renderer: frames in which the picture shows a contact, and the impact curve in hundredths.
/// Written by `train.py contacts`.
#[derive(serde::Deserialize)]
struct Rendered {
    seen: Vec<usize>,
    impact: Vec<u8>,
}

/// Frames in which loudness leaps: 2 ms windows, each against the 24 ms before it.
fn heard(sound: &[[f32; 2]]) -> Vec<usize> {
    const WINDOW: usize = 96;
    let energy = |part: &[[f32; 2]]| part.iter().flatten().map(|x| x * x).sum::<f32>() / WINDOW as f32;
    let loud: Vec<f32> = sound.chunks(WINDOW).map(energy).collect();
    let before = |i: usize| loud.iter().take(i).skip(i.saturating_sub(12)).fold(0.0f32, |m, x| m.max(*x));
    loud.iter().enumerate().filter(|(i, x)| **x > 6.0 * before(*i) + 2e-3).map(|(i, _)| i * WINDOW / 4000).collect()
}

#[test]
fn a_hundred_rendered_bounces_and_falls_are_heard_within_one_frame_of_the_picture() -> Outcome {
    let clips: Vec<Rendered> = serde_json::from_str(include_str!("fixtures/draft_contacts.json"))?;
    assert_eq!(clips.len(), 100);
    assert!(clips.iter().map(|c| c.seen.len()).sum::<usize>() > 250);
    for (number, clip) in clips.iter().enumerate() {
        let mut curves = Curves::silent(12, clip.impact.len());
        for (frame, value) in clip.impact.iter().enumerate() {
            curves.set(Curve::Wind, frame, 0.12);
            curves.set(Curve::Impact, frame, f32::from(*value) / 100.0);
        }
        let heard = heard(&kinora_models::sound::render(&curves, number as u64));
        for frame in &clip.seen {
            assert!(
                heard.iter().any(|h| h.abs_diff(*frame) <= 1),
                "clip {number}: seen at {frame}, heard at {heard:?}"
            );
        }
    }
    Ok(())
}
