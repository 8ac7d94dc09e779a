//! A small film with a bit of everything, as plans: takes of 12 frames a second at 24, cuts, all transitions, effects, titles.

use crate::studio::*;
use kinora_document::film::{Blend, Title, TitleStyle};
use kinora_document::plan::{FramePlan, Layer, PictureSource};

pub const FRAMES: i64 = 200;

pub fn frame(frame: i64, width: u32, height: u32) -> FramePlan {
    let take = (frame / 2 % 12) as u32;
    let title =
        |text: &str, style| Layer::Picture(source(PictureSource::Title(Title { text: text.to_owned(), style })));
    let progress = (frame % 20 * 50) as u32;
    let pair = || (Some(movie(1, take)), Some(movie(2, take)));
    let transition = |kind: &str, parameters: &[(&str, f32)]| {
        let (from, to) = pair();
        vec![mix(kind, progress, parameters, from, to)]
    };
    let layers = match frame / 20 {
        0 => {
            vec![Layer::Picture(source(PictureSource::Colour([12, 16, 28]))), title("THE LAST TAKE", TitleStyle::Card)]
        }
        1 => vec![Layer::Picture(movie(1, take))],
        2 => transition("dissolve", &[]),
        3 => vec![Layer::Picture(movie(2, take)), title("Mara: “It is late.”\nمرحبا بالعالم", TitleStyle::Caption)],
        4 => transition("wipe", &[("angle", 30.0), ("softness", 0.2)]),
        5 => {
            vec![Layer::Picture(with_effect(with_effect(movie(1, take), "vignette", &[]), "grain", &[("amount", 0.5)]))]
        }
        6 => transition("push", &[("direction", (frame % 4) as f32)]),
        7 => {
            let mut small = movie(3, 0);
            small.placement.scale_permille = 300 + 20 * (frame % 20) as u32;
            small.placement.rotation_millidegrees = 9_000 * (frame % 20) as i32;
            small.placement.x_permille = 200;
            small.placement.blend = Blend::Screen;
            vec![Layer::Picture(movie(1, take)), Layer::Picture(small), title("Mara\nfilm-maker", TitleStyle::Lower)]
        }
        8 => transition("iris", &[("softness", 0.1)]),
        _ => {
            let (from, _) = pair();
            vec![mix("fade_through_black", progress, &[], from, None)]
        }
    };
    FramePlan { frame, ..plan(width, height, layers) }
}
