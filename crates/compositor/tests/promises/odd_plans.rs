//! Plans that no film should hold, and what becomes of them: a refusal, a slate, or a picture; never a crash.

use crate::studio::*;
use kinora_compositor::{Compositor, FrameCompositor, MAX_SIDE};
use kinora_document::film::{Effect, Title, TitleStyle};
use kinora_document::plan::{Layer, PictureSource};
use kinora_ports::{Pixels, PortError};
use std::sync::Arc;

fn both() -> [FrameCompositor; 2] {
    [processor(), software_device()]
}

#[test]
fn impossible_sizes_are_refused() {
    for mut compositor in both() {
        for (width, height) in [(0, 0), (0, 720), (1280, 0), (MAX_SIDE + 1, 2), (u32::MAX, u32::MAX)] {
            let refused = compositor.render(&plan(width, height, vec![Layer::Picture(movie(1, 0))]), &mut album());
            assert!(matches!(refused, Err(PortError::Refused(_))), "{width}×{height}");
        }
        assert!(compositor.render(&plan(MAX_SIDE, 1, Vec::new()), &mut album()).is_ok());
    }
}

#[test]
fn an_empty_plan_is_black() {
    for mut compositor in both() {
        let pixels = rendered(&mut compositor, &plan(5, 3, Vec::new()));
        assert!(pixels.rgba.as_chunks::<4>().0.iter().all(|&pixel| pixel == [0, 0, 0, 255]));
    }
}

#[test]
fn a_missing_picture_is_a_slate_until_it_comes() {
    for mut compositor in both() {
        let plan = plan(320, 180, vec![Layer::Picture(movie(9, 0))]);
        let mut pictures = album();
        let slate = compositor.render(&plan, &mut pictures).expect("renders");
        let colours: std::collections::HashSet<_> = slate.rgba.as_chunks::<4>().0.iter().collect();
        assert!(colours.len() > 20, "the slate has words on it");
        pictures.pictures.insert((name(9), 0), Arc::new(cut_out(64, 36, 0)));
        let picture = compositor.render(&plan, &mut pictures).expect("renders");
        assert_ne!(slate.rgba, picture.rgba);
    }
}

#[test]
fn a_picture_without_a_size_is_a_slate() {
    for mut compositor in both() {
        let mut pictures = album();
        pictures.pictures.insert((name(8), 0), Arc::new(Pixels::new(0, 0)));
        pictures.pictures.insert((name(8), 1), Arc::new(Pixels { width: 9, height: 9, rgba: vec![1; 7] }));
        for frame in [0, 1] {
            assert!(compositor.render(&plan(64, 36, vec![Layer::Picture(movie(8, frame))]), &mut pictures).is_ok());
        }
    }
}

#[test]
fn wild_numbers_draw_something() {
    for mut compositor in both() {
        for wild in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, -0.0] {
            for effect in kinora_compositor::effects() {
                let parameters: Vec<_> = effect.declaration.parameters.iter().map(|p| (p.name, wild)).collect();
                let picture = with_effect(movie(3, 0), effect.declaration.kind, &parameters);
                rendered(&mut compositor, &plan(16, 9, vec![Layer::Picture(picture)]));
            }
            for transition in kinora_compositor::transitions() {
                let parameters: Vec<_> = transition.declaration.parameters.iter().map(|p| (p.name, wild)).collect();
                let layer =
                    mix(transition.declaration.kind, u32::MAX, &parameters, Some(movie(1, 0)), Some(movie(3, 0)));
                rendered(&mut compositor, &plan(16, 9, vec![layer]));
            }
        }
        for extreme in [i32::MIN, -1_000_000, -1, 1, 1_000_000, i32::MAX] {
            let mut picture = movie(1, 0);
            picture.placement.x_permille = extreme;
            picture.placement.y_permille = extreme;
            picture.placement.rotation_millidegrees = extreme;
            picture.placement.scale_permille = extreme.unsigned_abs();
            picture.placement.crop_permille = [extreme.unsigned_abs(); 4];
            picture.placement.opacity_permille = extreme.unsigned_abs();
            rendered(&mut compositor, &plan(16, 9, vec![Layer::Picture(picture.clone()), Layer::Picture(movie(1, 1))]));
            picture.source = PictureSource::Title(Title { text: "Wild".to_owned(), style: TitleStyle::Card });
            rendered(&mut compositor, &plan(16, 9, vec![Layer::Picture(picture)]));
        }
    }
}

#[test]
fn unknown_kinds_leave_the_picture() {
    for mut compositor in both() {
        let mut unknown = movie(1, 0);
        unknown.effects.push(Effect {
            kind: "from_the_future".to_owned(),
            parameters: values(&[("x", 1.0)]),
            plate: None,
        });
        let plain = rendered(&mut compositor, &plan(32, 18, vec![Layer::Picture(movie(1, 0))]));
        assert_eq!(rendered(&mut compositor, &plan(32, 18, vec![Layer::Picture(unknown)])), plain);
        let layer = |kind: &str| mix(kind, 300, &[], Some(movie(1, 0)), Some(movie(2, 0)));
        let dissolve = rendered(&mut compositor, &plan(32, 18, vec![layer("dissolve")]));
        assert_eq!(rendered(&mut compositor, &plan(32, 18, vec![layer("star_from_the_future")])), dissolve);
    }
}

#[test]
fn a_hundred_layers_with_many_effects_are_drawn() {
    for mut compositor in both() {
        let mut picture = movie(3, 0);
        picture.placement.opacity_permille = 100;
        for _ in 0..8 {
            picture = with_effect(picture, "saturation", &[("saturation", 1.1)]);
        }
        let layers = vec![Layer::Picture(picture); 100];
        let pixels = rendered(&mut compositor, &plan(40, 30, layers));
        assert!(pixels.rgba.as_chunks::<4>().0.iter().any(|&[red, ..]| red > 100));
    }
}
