//! Transitions between two pictures, either of which may be transparent.
//!
//! One file per transition and its WGSL beside it; a new one adds two files and one line in [`TRANSITIONS`]. Progress (the pass's
//! `amount`) 0 shows the first picture exactly, 1 the second exactly.

pub mod dissolve;
pub mod fade;
pub mod iris;
pub mod push;
pub mod wipe;

use crate::pass::{Pass, Row};
use crate::wide::wide;
use crate::{Declaration, Shader};

/// Mixes one channel of two rows into the third.
pub type Bytes = fn(&Pass, &[u8], &[u8], &mut [u8]);

#[derive(Clone, Copy, Debug)]
pub struct Transition {
    pub declaration: &'static Declaration,
    /// None where nothing is mixed: a cut.
    pub shader: Option<Shader>,
    /// Derives from size, values and progress what both shader and twin need.
    pub prepare: fn(&mut Pass),
    /// Rows of the two pictures that row `y` shows; None is a row that does not matter.
    pub reach: fn(&Pass, usize) -> Reach,
    /// Mixes the rows of [`Reach`] into the third.
    pub twin: fn(&Pass, usize, &Row, &Row, &mut Row),
    /// One channel of two opaque rows, straight to the bytes that twin, blending over black and rounding give it; None where there
    /// is no such short way. A picture that is not there is a row of zeroes.
    pub bytes: Option<Bytes>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    pub from: Option<usize>,
    pub to: Option<usize>,
}

static TRANSITIONS: [Transition; 6] =
    [CUT, dissolve::TRANSITION, fade::TRANSITION, wipe::TRANSITION, push::TRANSITION, iris::TRANSITION];

/// All transitions, in the order in which a menu shows them.
pub fn transitions() -> &'static [Transition] {
    &TRANSITIONS
}

pub fn transition(kind: &str) -> Option<&'static Transition> {
    transitions().iter().find(|transition| transition.declaration.kind == kind)
}

const CUT: Transition = Transition {
    declaration: &Declaration { kind: "cut", label: "Cut", help: "One picture, then the other.", parameters: &[] },
    shader: None,
    prepare: |_| {},
    reach: |pass, y| {
        if pass.amount < 0.5 { Reach { from: Some(y), to: None } } else { Reach { from: None, to: Some(y) } }
    },
    twin: |pass, _y, from, to, out| out.clone_from(if pass.amount < 0.5 { from } else { to }),
    bytes: Some(|pass, from, to, out| {
        let shown = if pass.amount < 0.5 { from } else { to };
        out.iter_mut().zip(shown).for_each(|(out, shown)| *out = *shown);
    }),
};

/// Both pictures' own row.
pub(crate) fn same_row(_pass: &Pass, y: usize) -> Reach {
    Reach { from: Some(y), to: Some(y) }
}

/// `out` = `from` where the mask is 0, `to` where it is 1.
pub(crate) fn mix_by_mask(from: &Row, to: &Row, mask: &[f32], out: &mut Row) {
    for ((from, to), out) in from.channels().into_iter().zip(to.channels()).zip(out.channels_mut()) {
        mix_channel(from, to, mask, out);
    }
}

wide! {
    fn mix_channel(from: &[f32], to: &[f32], mask: &[f32], out: &mut [f32]) {
        for (((out, from), to), m) in out.iter_mut().zip(from).zip(to).zip(mask) {
            *out = from * (1.0 - m) + to * m;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Picture;

    #[test]
    fn ends_show_one_picture_exactly() {
        let (width, height) = (33, 17);
        let row = |value: f32| Row {
            red: vec![value; width],
            green: vec![value / 2.0; width],
            blue: vec![0.25; width],
            alpha: vec![1.0; width],
        };
        let (from, to, nothing) = (row(0.2), row(0.8), Row::new(width));
        for transition in transitions() {
            for (amount, expected) in [(0.0, &from), (1.0, &to)] {
                let mut pass = Pass {
                    amount,
                    values: transition.declaration.defaults(),
                    ..Pass::full_frame(width as u32, height as u32)
                };
                (transition.prepare)(&mut pass);
                for y in 0..height {
                    let reach = (transition.reach)(&pass, y);
                    let mut out = Row::new(width);
                    let from = reach.from.map_or(&nothing, |_| &from);
                    let to = reach.to.map_or(&nothing, |_| &to);
                    (transition.twin)(&pass, y, from, to, &mut out);
                    for x in 0..width {
                        for (got, want) in out.pixel(x).into_iter().zip(expected.pixel(x)) {
                            let kind = transition.declaration.kind;
                            assert!(
                                (got - want).abs() < 1e-5,
                                "{kind} at {amount}, pixel {x},{y}: {got} is not {want}"
                            );
                        }
                    }
                }
            }
        }
    }
    /// The long way: bytes to numbers, the twin, over black, rounded.
    fn by_the_twin(transition: &Transition, pass: &Pass, y: usize, rows: [Option<&Picture>; 2]) -> [Vec<u8>; 3] {
        let width = pass.size[0] as usize;
        let reach = (transition.reach)(pass, y);
        let placed = |picture: Option<&Picture>, y: Option<usize>| {
            let mut row = Row::new(width);
            if let (Some(picture), Some(y)) = (picture, y) {
                let place = Pass {
                    whole: [1, 0, 0, 0, 0, 0, 0, 0],
                    values: std::array::from_fn(|at| {
                        [0.0, 0.0, pass.size[0], pass.size[1]].get(at).copied().unwrap_or(1.0)
                    }),
                    ..Pass::full_frame(width as u32, pass.size[1] as u32)
                };
                crate::place::row(&place, y, picture, &mut row);
            }
            row
        };
        let [from, to] = rows;
        let (from, to) = (placed(from, reach.from), placed(to, reach.to));
        let (mut mixed, mut canvas) = (Row::new(width), Row::default());
        canvas.reset(width, 1.0);
        (transition.twin)(pass, y, &from, &to, &mut mixed);
        crate::blend::row(crate::blend::Mode::Normal, &mixed, &mut canvas);
        let [mut red, mut green, mut blue] = [const { Vec::new() }; 3];
        for plane in [&mut red, &mut green, &mut blue] {
            plane.resize(width, 0);
        }
        crate::output::frame_row(&canvas, &mut red, &mut green, &mut blue);
        [red, green, blue]
    }

    #[test]
    fn the_short_way_gives_the_bytes_of_the_long_one() {
        // Every pair of values: row y of the one is y throughout, of the other it rises from 0 to 255.
        let (width, height) = (256, 256);
        let planes = |of: &dyn Fn(usize, usize) -> u8| {
            let plane: Vec<u8> = (0..width * height).map(|at| of(at % width, at / width)).collect();
            let planes = [plane.clone(), plane.iter().map(|x| 255 - x).collect(), plane, Vec::new()];
            Picture::from_planes(width, height, planes).expect("fits")
        };
        let (level, rising) = (planes(&|_, y| y as u8), planes(&|x, _| x as u8));
        let nothing = vec![0; width];
        let mut compared = 0;
        for transition in transitions() {
            let Some(bytes) = transition.bytes else { continue };
            let mut values = vec![transition.declaration.defaults()];
            for (at, parameter) in transition.declaration.parameters.iter().enumerate() {
                let mut given = transition.declaration.defaults();
                given[at] = parameter.max * 0.37;
                values.push(given);
            }
            for values in values {
                for permille in (0..=1000).step_by(77).chain([1, 250, 333, 499, 500, 501, 999, 1000]) {
                    let amount = permille as f32 / 1000.0;
                    let mut pass = Pass { amount, values, ..Pass::full_frame(width as u32, height as u32) };
                    (transition.prepare)(&mut pass);
                    for pair in [[Some(&level), Some(&rising)], [None, Some(&rising)], [Some(&level), None]] {
                        for y in (0..height).step_by(if pair.contains(&None) { 51 } else { 1 }) {
                            let wanted = by_the_twin(transition, &pass, y, pair);
                            let reach = (transition.reach)(&pass, y);
                            for (channel, wanted) in wanted.iter().enumerate() {
                                let shown = |picture: Option<&'_ Picture>, y: Option<usize>| {
                                    picture
                                        .zip(y)
                                        .map_or(nothing.clone(), |(picture, y)| picture.row(channel, y).to_vec())
                                };
                                let [from, to] = pair;
                                let mut got = vec![7; width];
                                bytes(&pass, &shown(from, reach.from), &shown(to, reach.to), &mut got);
                                assert!(got == *wanted, "{} at {amount}, row {y}", transition.declaration.kind);
                                compared += 1;
                            }
                        }
                    }
                }
            }
        }
        assert!(compared > 10_000, "{compared}");
    }
}
