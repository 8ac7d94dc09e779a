//! The device draws what the twins define: for every effect, transition, blend mode, place and size.

use crate::studio::*;
use kinora_compositor::{Compositor, FrameCompositor, Kind, Layout, effects, transitions};
use kinora_document::film::{Blend, Fit};
use kinora_document::plan::{FramePlan, Layer, PictureSource};

struct Pair {
    twin: FrameCompositor,
    device: FrameCompositor,
    compared: usize,
}

impl Pair {
    fn new() -> Self {
        let device = software_device();
        assert!(!device.device_name().contains("processor"));
        Self { twin: processor(), device, compared: 0 }
    }

    fn compare(&mut self, what: &str, plan: &FramePlan) {
        let name = self.device.device_name().to_owned();
        let (twin, device) = (rendered(&mut self.twin, plan), rendered(&mut self.device, plan));
        assert_eq!(name, self.device.device_name(), "{what}: the device failed");
        assert_equal_within_promise(what, &twin.rgba, &device.rgba);
        self.compared += 1;
    }
}

#[test]
fn every_effect_is_drawn_as_its_twin_defines() {
    let mut pair = Pair::new();
    for effect in effects() {
        let declaration = effect.declaration;
        let all = |of: &dyn Fn(&kinora_compositor::Parameter) -> f32| -> Vec<(&str, f32)> {
            declaration.parameters.iter().map(|parameter| (parameter.name, of(parameter))).collect()
        };
        let mut sets = vec![
            all(&|p| p.default),
            all(&|p| p.default + 0.3 * (p.max - p.default)),
            all(&|p| p.default + 0.3 * (p.min - p.default)),
        ];
        for parameter in declaration.parameters {
            sets.push(vec![(parameter.name, parameter.min)]);
            sets.push(vec![(parameter.name, parameter.max)]);
        }
        for set in sets {
            for id in [1, 3] {
                let picture = with_effect(movie(id, 0), declaration.kind, &set);
                pair.compare(
                    &format!("{} {set:?} on {id}", declaration.kind),
                    &plan(96, 54, vec![Layer::Picture(picture)]),
                );
            }
        }
    }
    assert!(pair.compared > 100);
}

#[test]
fn effects_in_a_row_stay_within_the_promise() {
    let mut pair = Pair::new();
    let mut picture = movie(1, 3);
    for (kind, parameters) in [
        ("lift_gamma_gain", vec![("gamma", 1.4), ("lift", 0.03), ("gain_red", 1.1)]),
        ("saturation", vec![("saturation", 1.3)]),
        ("temperature", vec![("temperature", 0.4)]),
        ("contrast", vec![("contrast", 1.15)]),
        ("vignette", vec![("amount", 0.6)]),
        ("grain", vec![("amount", 0.4)]),
    ] {
        picture = with_effect(picture, kind, &parameters);
    }
    pair.compare("six effects", &plan(320, 180, vec![Layer::Picture(picture)]));
}

#[test]
fn every_transition_is_drawn_as_its_twin_defines() {
    let mut pair = Pair::new();
    for transition in transitions() {
        let declaration = transition.declaration;
        let mut sets = vec![Vec::new()];
        for parameter in declaration.parameters {
            match parameter.kind {
                Kind::Choice(choices) => sets.extend(choices.iter().map(|choice| vec![(parameter.name, choice.value)])),
                Kind::Angle => sets.extend([30.0, 90.0, 135.0, 250.0].map(|angle| vec![(parameter.name, angle)])),
                Kind::Number => sets.extend([parameter.min, parameter.max].map(|value| vec![(parameter.name, value)])),
            }
        }
        for set in sets {
            for progress in [0, 1, 130, 499, 500, 501, 870, 1000] {
                for (from, to) in
                    [(Some(movie(1, 0)), Some(movie(2, 0))), (None, Some(movie(1, 0))), (Some(movie(3, 0)), None)]
                {
                    let layer = mix(declaration.kind, progress, &set, from, to);
                    pair.compare(
                        &format!("{} {set:?} at {progress}", declaration.kind),
                        &plan(64, 36, vec![Layer::Picture(source(PictureSource::Colour([30, 90, 60]))), layer]),
                    );
                }
            }
        }
    }
    assert!(pair.compared > 300);
}

#[test]
fn every_blend_mode_and_place_is_drawn_as_its_twin_defines() {
    let mut pair = Pair::new();
    for blend in [Blend::Normal, Blend::Multiply, Blend::Screen, Blend::Add] {
        for (opacity, rotation, scale, x, y, crop) in [
            (1000, 0, 1000, 0, 0, [0; 4]),
            (500, 0, 1000, 0, 0, [0; 4]),
            (1000, 0, 500, 250, -130, [100, 0, 250, 333]),
            (800, 30_000, 700, 33, 77, [0; 4]),
            (1000, -90_000, 1000, 0, 0, [50; 4]),
            (1000, 5_000, 9_000, 100, 0, [0; 4]),
            (1000, 0, 30, 499, 499, [0; 4]),
        ] {
            for id in [1, 2, 3] {
                for fit in [Fit::Contain, Fit::Cover] {
                    let mut over = movie(id, 0);
                    over.placement.blend = blend;
                    over.placement.opacity_permille = opacity;
                    over.placement.rotation_millidegrees = rotation;
                    over.placement.scale_permille = scale;
                    over.placement.x_permille = x;
                    over.placement.y_permille = y;
                    over.placement.crop_permille = crop;
                    over.placement.fit = fit;
                    pair.compare(
                        &format!("{blend:?} of {id}, {opacity} {rotation} {scale} {x} {y} {crop:?} {fit:?}"),
                        &plan(96, 54, vec![Layer::Picture(movie(2, 1)), Layer::Picture(over)]),
                    );
                }
            }
        }
    }
}

#[test]
fn scaling_gives_the_same_bytes_on_the_device() {
    let mut pair = Pair::new();
    for (width, height) in [(128, 72), (1280, 720), (640, 360), (333, 187), (64, 36), (90, 160), (17, 3), (1, 1)] {
        for id in [1, 2] {
            for fit in [Fit::Contain, Fit::Cover] {
                let mut picture = movie(id, 2);
                picture.placement.fit = fit;
                let plan = plan(width, height, vec![Layer::Picture(picture)]);
                let (twin, device) = (rendered(&mut pair.twin, &plan), rendered(&mut pair.device, &plan));
                assert_eq!(difference(&twin.rgba, &device.rgba), (0, 0.0), "{id} at {width}×{height}, {fit:?}");
            }
        }
    }
}

#[test]
fn video_gives_the_same_bytes_on_the_device() {
    let mut pair = Pair::new();
    for (width, height) in [(320, 180), (33, 17), (2, 2), (1, 1), (1000, 3)] {
        for layout in [Layout::I420, Layout::Nv12] {
            let plan = plan(width, height, vec![Layer::Picture(movie(1, 2))]);
            let twin = pair.twin.video_bytes(&plan, &mut album(), layout).expect("renders");
            let device = pair.device.video_bytes(&plan, &mut album(), layout).expect("renders");
            assert!(twin == device, "{width}×{height} {layout:?}");
            assert_eq!(twin.len(), (width * height + 2 * width.div_ceil(2) * height.div_ceil(2)) as usize);
        }
    }
}

#[test]
fn whole_films_are_drawn_alike() {
    let mut pair = Pair::new();
    for frame in (0..crate::film::FRAMES).step_by(7) {
        pair.compare(&format!("frame {frame}"), &crate::film::frame(frame, 160, 90));
    }
}
