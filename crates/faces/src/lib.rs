//! Faces that look into the camera, found by SeetaFace's detector as `rustface` has it.
//!
//! Its model (BSD-2-Clause) comes with the sources of that crate and is packed into the program. It finds upright, frontal faces and knows nothing
//! of who they are; it must never be asked more than that.

use kinora_ports::faces::{Face, Grey};
use kinora_ports::{FaceFinder, Fault, PortError};
use rustface::{ImageData, Model};
use std::io::Cursor;

const MODEL: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/faces.bin"));
/// Of the larger side of the face, in pixels: smaller faces are of people further back than anybody who records themselves.
const SMALLEST: u32 = 40;
/// What the detector's authors use for pictures of one person.
const SURE: f64 = 2.0;
const STEP: u32 = 4;
const PYRAMID: f32 = 0.8;
/// More pixels than an enrolment asks with; a larger picture is a mistake.
const MOST_PIXELS: usize = 4 << 20;

pub struct SeetaFaces {
    model: Model,
}

impl std::fmt::Debug for SeetaFaces {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SeetaFaces")
    }
}

impl SeetaFaces {
    pub fn new() -> Result<Self, PortError> {
        let model = rustface::read_model(Cursor::new(MODEL)).map_err(|error| {
            Fault::new("The model that finds faces cannot be read.", "Install Kinora again.", error)
        })?;
        Ok(Self { model })
    }
}

impl FaceFinder for SeetaFaces {
    fn faces(&self, grey: &Grey) -> Result<Vec<Face>, PortError> {
        let pixels = grey.width as usize * grey.height as usize;
        if grey.luma.len() != pixels || pixels > MOST_PIXELS || grey.width < SMALLEST || grey.height < SMALLEST {
            return Err(Fault::new(
                "A picture has a size in which no face can be looked for.",
                "Choose another size for the camera.",
                format!("{grey:?}"),
            )
            .into());
        }
        let mut detector = rustface::create_detector_with_model(self.model.clone());
        detector.set_min_face_size(SMALLEST);
        detector.set_score_thresh(SURE);
        detector.set_pyramid_scale_factor(PYRAMID);
        detector.set_slide_window_step(STEP, STEP);
        let found = detector.detect(&ImageData::new(&grey.luma, grey.width, grey.height));
        let mut faces: Vec<Face> = found
            .iter()
            .map(|one| {
                let place = one.bbox();
                let (x, y, width, height) = (place.x(), place.y(), place.width(), place.height());
                Face { x, y, width, height, score: one.score() as f32 }
            })
            .collect();
        faces.sort_by_key(|face| std::cmp::Reverse(face.width));
        Ok(faces)
    }

    fn means(&self) -> String {
        "the frontal face detector SeetaFace 1.0".to_owned()
    }
}
