//! What the tests share: test pictures, an album to serve them, short ways to write plans, and how far two pictures differ.

use kinora_compositor::{Compositor, Executor, FrameCompositor, PictureStore};
use kinora_document::BlobHash;
use kinora_document::film::{Effect, FrameSize, Placement};
use kinora_document::plan::{FramePlan, Layer, Picture, PictureSource};
use kinora_ports::{Fault, Pixels, PortError};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

/// Serves pictures by name; counts how often it is asked.
#[derive(Default)]
pub struct Album {
    pub pictures: HashMap<(BlobHash, u32), Arc<Pixels>>,
    pub asked: usize,
}

impl PictureStore for Album {
    fn picture(&mut self, blob: BlobHash, frame: u32) -> Result<Arc<Pixels>, PortError> {
        self.asked += 1;
        self.pictures.get(&(blob, frame)).cloned().ok_or_else(|| {
            Fault::new("The take's file is gone.", "Generate the shot again.", "not in the album").into()
        })
    }
}

pub fn name(id: u8) -> BlobHash {
    BlobHash([id; 32])
}

fn noise(seed: u32) -> u32 {
    let mut h = seed.wrapping_mul(0x9e37_79b1);
    h ^= h >> 16;
    h = h.wrapping_mul(0x7feb_352d);
    h ^ (h >> 15)
}

/// Shapes with clean edges, gradients, and a corner of noise; moves with `frame`.
pub fn cut_out(width: u32, height: u32, frame: u32) -> Pixels {
    let mut pixels = Pixels::new(width, height);
    let (w, h) = (width as f32, height as f32);
    for (i, pixel) in pixels.rgba.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        let (x, y) = ((i as u32 % width) as f32, (i as u32 / width) as f32);
        let mut sum = [0.0; 3];
        for part in 0..16 {
            let (u, v) = ((x + (part % 4) as f32 / 4.0 + 0.125) / w, (y + (part / 4) as f32 / 4.0 + 0.125) / h);
            for (sum, value) in sum.iter_mut().zip(painted(u, v, h / w, frame)) {
                *sum += value / 16.0;
            }
        }
        if x / w > 0.85 && y / h < 0.2 {
            let n = noise(i as u32 + frame * 7919);
            sum = [(n & 255) as f32, (n >> 8 & 255) as f32, (n >> 16 & 255) as f32];
        }
        *pixel = [sum[0] as u8, sum[1] as u8, sum[2] as u8, 255];
    }
    pixels
}

fn painted(u: f32, v: f32, aspect: f32, frame: u32) -> [f32; 3] {
    let circle = |x: f32, y: f32| ((u - x).powi(2) + ((v - y) * aspect).powi(2)).sqrt();
    let hill = 0.62 + 0.08 * (u * 9.0).sin();
    if circle(0.53, 0.31).min(circle(0.57, 0.31)) < 0.006 {
        [30.0, 25.0, 35.0]
    } else if circle(0.55, 0.33) < 0.05 {
        [244.0, 205.0, 170.0]
    } else if (u - 0.55).abs() < 0.05 && (v - 0.6).abs() < 0.22 {
        [205.0, 60.0, 60.0]
    } else if circle(0.2 + frame as f32 * 0.02, 0.25) < 0.07 {
        [250.0, 215.0, 90.0]
    } else if v > hill {
        [70.0, 140.0 - 60.0 * (v - hill), 80.0]
    } else {
        [110.0 + 100.0 * v, 150.0 + 60.0 * v, 235.0 - 60.0 * v]
    }
}

/// A round picture on nothing, with soft alpha.
pub fn sticker(side: u32) -> Pixels {
    let mut pixels = Pixels::new(side, side);
    for (i, pixel) in pixels.rgba.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        let (x, y) = ((i as u32 % side) as f32 / side as f32 - 0.5, (i as u32 / side) as f32 / side as f32 - 0.5);
        let alpha = ((0.45 - (x * x + y * y).sqrt()) * 20.0).clamp(0.0, 1.0);
        *pixel = [(200.0 + 100.0 * x) as u8, (120.0 + 200.0 * y) as u8, 90, (alpha * 255.0) as u8];
    }
    pixels
}

/// 1: a cut-out scene of 12 frames. 2: another size of it. 3: a sticker.
pub fn album() -> Album {
    static PICTURES: OnceLock<HashMap<(BlobHash, u32), Arc<Pixels>>> = OnceLock::new();
    let painted = PICTURES.get_or_init(|| {
        let mut pictures = HashMap::new();
        for frame in 0..12 {
            pictures.insert((name(1), frame), Arc::new(cut_out(128, 72, frame)));
            pictures.insert((name(2), frame), Arc::new(cut_out(96, 96, frame + 20)));
        }
        pictures.insert((name(3), 0), Arc::new(sticker(60)));
        pictures
    });
    Album { pictures: painted.clone(), asked: 0 }
}

pub fn movie(id: u8, frame: u32) -> Picture {
    source(PictureSource::Movie { blob: name(id), frame })
}

pub fn source(source: PictureSource) -> Picture {
    Picture { source, placement: Placement::default(), effects: Vec::new() }
}

pub fn plan(width: u32, height: u32, layers: Vec<Layer>) -> FramePlan {
    FramePlan { size: FrameSize { width, height }, frame: 5, layers }
}

pub fn with_effect(mut picture: Picture, kind: &str, parameters: &[(&str, f32)]) -> Picture {
    picture.effects.push(Effect {
        kind: kind.to_owned(),
        parameters: values(parameters),
        plate: (kind == "clean_plate").then(|| name(2)),
    });
    picture
}

pub fn values(parameters: &[(&str, f32)]) -> BTreeMap<String, f32> {
    parameters.iter().map(|&(name, value)| (name.to_owned(), value)).collect()
}

pub fn mix(
    kind: &str,
    progress_permille: u32,
    parameters: &[(&str, f32)],
    from: Option<Picture>,
    to: Option<Picture>,
) -> Layer {
    Layer::Mix { kind: kind.to_owned(), progress_permille, parameters: values(parameters), from, to }
}

pub fn processor() -> FrameCompositor {
    FrameCompositor::open(Executor::Processor).expect("the processor can always be had")
}

pub fn software_device() -> FrameCompositor {
    FrameCompositor::open(Executor::SoftwareDevice)
        .unwrap_or_else(|error| panic!("these tests need mesa's software Vulkan or GL driver: {error:?}"))
}

pub fn rendered(compositor: &mut FrameCompositor, plan: &FramePlan) -> Pixels {
    let pixels = compositor.render(plan, &mut album()).expect("renders");
    assert_eq!((pixels.width, pixels.height), (plan.size.width, plan.size.height));
    assert_eq!(pixels.rgba.len(), (pixels.width * pixels.height * 4) as usize);
    (*pixels).clone()
}

/// Greatest and mean difference, in code values.
pub fn difference(a: &[u8], b: &[u8]) -> (u8, f64) {
    assert_eq!(a.len(), b.len());
    let greatest = a.iter().zip(b).map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0);
    let sum: u64 = a.iter().zip(b).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    (greatest, sum as f64 / a.len().max(1) as f64)
}

/// promises.md: at most 2 code values, 0.25 in the mean.
pub fn assert_equal_within_promise(what: &str, twin: &[u8], device: &[u8]) {
    let (greatest, mean) = difference(twin, device);
    assert!(greatest <= 2 && mean <= 0.25, "{what}: device and twin differ by {greatest}, {mean:.4} in the mean");
}
