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
}
