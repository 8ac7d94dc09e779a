//! A sheet of small pictures, kept in the repository: what every effect, transition and title looked like when a person looked.
//!
//! `KINORA_BLESS=1` writes it anew; look at it before committing.

use crate::film;
use crate::studio::*;
use kinora_compositor::{effects, transitions};
use kinora_document::plan::{FramePlan, Layer};
use kinora_ports::Pixels;
use kinora_shaders::effects::Needs;
use std::path::Path;

const CELL: (u32, u32) = (128, 72);
const COLUMNS: u32 = 5;

fn plans() -> Vec<FramePlan> {
    let (width, height) = CELL;
    let mut plans = vec![plan(width, height, vec![Layer::Picture(movie(2, 0))])];
    // What cuts out is held against a known matte instead: cut_out.rs.
    for effect in effects().iter().filter(|effect| matches!(effect.needs, Needs::Nothing)) {
        let declaration = effect.declaration;
        let set: Vec<_> = declaration
            .parameters
            .iter()
            .take(3)
            .map(|parameter| (parameter.name, parameter.default + 0.25 * (parameter.max - parameter.default)))
            .collect();
        plans.push(plan(width, height, vec![Layer::Picture(with_effect(movie(1, 0), declaration.kind, &set))]));
    }
    for transition in transitions() {
        let layer = mix(transition.declaration.kind, 400, &[], Some(movie(1, 0)), Some(movie(2, 0)));
        plans.push(plan(width, height, vec![layer]));
    }
    plans.extend([10, 65, 150].map(|frame| film::frame(frame, width, height)));
    plans.push(plan(width, height, vec![Layer::Picture(movie(9, 0))]));
    plans
}

fn sheet() -> Pixels {
    let plans = plans();
    let rows = (plans.len() as u32).div_ceil(COLUMNS);
    let mut sheet = Pixels::new(CELL.0 * COLUMNS, CELL.1 * rows);
    let mut compositor = processor();
    for (index, plan) in (0..).zip(&plans) {
        let pixels = rendered(&mut compositor, plan);
        let (left, top) = (index % COLUMNS * CELL.0, index / COLUMNS * CELL.1);
        for (y, row) in (top..).zip(pixels.rgba.chunks(CELL.0 as usize * 4)) {
            let start = ((y * sheet.width + left) * 4) as usize;
            sheet.rgba[start..start + row.len()].copy_from_slice(row);
        }
    }
    sheet
}

#[test]
fn the_sheet_is_as_it_was_approved() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/promises/golden.png");
    let sheet = sheet();
    if std::env::var_os("KINORA_BLESS").is_some() {
        image::save_buffer(&path, &sheet.rgba, sheet.width, sheet.height, image::ColorType::Rgba8).expect("written");
    }
    let golden = image::open(&path).expect("tests/promises/golden.png is kept in the repository").to_rgba8();
    assert_eq!((golden.width(), golden.height()), (sheet.width, sheet.height));
    let (greatest, mean) = difference(&sheet.rgba, golden.as_raw());
    assert!(greatest <= 1, "the sheet differs from the approved one by {greatest}, {mean:.4} in the mean");
}
