//! Push: the second picture shoves the first out of the frame.
//!
//! Moves by whole pixels, so that nothing is resampled and neither picture grows soft.
//! `prepare` leaves the shift of the first picture in `whole[0..2]` and where the second lies beside it in `whole[2..4]`.

use super::{Reach, Transition};
use crate::declare::Kind;
use crate::pass::{Pass, Row};
use crate::{Choice, Declaration, Parameter, shader};

pub const TRANSITION: Transition = Transition {
    declaration: &Declaration {
        kind: "push",
        label: "Push",
        help: "The second picture pushes the first out of the frame.",
        parameters: &[Parameter::number("direction", "Direction", 0.0, 3.0, 0.0).kind(Kind::Choice(&[
            Choice { value: 0.0, label: "To the left" },
            Choice { value: 1.0, label: "To the right" },
            Choice { value: 2.0, label: "Up" },
            Choice { value: 3.0, label: "Down" },
        ]))],
    },
    shader: Some(shader!(up "push", "push.wgsl")),
    prepare,
    reach,
    twin,
    bytes: None,
};

fn prepare(pass: &mut Pass) {
    let (dx, dy) = match pass.values[0] as i32 {
        0 => (-1, 0),
        1 => (1, 0),
        2 => (0, -1),
        _ => (0, 1),
    };
    let [width, height] = pass.size;
    let (x, y) = ((pass.amount * width).round() as i32, (pass.amount * height).round() as i32);
    pass.whole = [dx * x, dy * y, dx * width as i32, dy * height as i32, 0, 0, 0, 0];
}

fn reach(pass: &Pass, y: usize) -> Reach {
    let row = y as i32 - pass.whole[1];
    let within = |row: i32| usize::try_from(row).ok().filter(|&row| row < pass.size[1] as usize);
    match within(row) {
        // Moving sideways, a row shows both.
        Some(row) => Reach { from: Some(row), to: (pass.whole[3] == 0).then_some(row) },
        None => Reach { from: None, to: within(row + pass.whole[3]) },
    }
}

fn twin(pass: &Pass, y: usize, from: &Row, to: &Row, out: &mut Row) {
    let height = pass.size[1] as i32;
    let width = out.width() as i32;
    let inside = (0..height).contains(&(y as i32 - pass.whole[1]));
    for ((from, to), out) in from.channels().into_iter().zip(to.channels()).zip(out.channels_mut()) {
        if pass.whole[3] != 0 {
            out.copy_from_slice(if inside { from } else { to });
            continue;
        }
        let shift = pass.whole[0].clamp(-width, width);
        // The part of each picture that is in the frame: [start of the source, start of the target, length]
        let (first, second) = if shift <= 0 {
            ([-shift, 0, width + shift], [0, width + shift, -shift])
        } else {
            ([0, shift, width - shift], [width - shift, 0, shift])
        };
        for (source, [start, target, length]) in [(from, first), (to, second)] {
            let (start, target, length) = (start as usize, target as usize, length as usize);
            if let (Some(source), Some(out)) = (source.get(start..start + length), out.get_mut(target..target + length))
            {
                out.copy_from_slice(source);
            }
        }
    }
}
