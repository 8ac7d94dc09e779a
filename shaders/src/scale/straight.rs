//! Where a picture may be steepened: where each small neighbourhood is made of two colours and their mixtures.
//!
//! There, an edge is one thing in all channels, and stays one. Where three colours meet, or in noise, channels would be steepened
//! apart and give colours that nobody painted. Only ever for the source's own, small size.

use super::across::{Bound, bounds};
use crate::Picture;

/// A pixel this far from the line between the neighbourhood's two colours takes the steepening away.
const FAR: i32 = 40;

/// For each pixel from 0 (leave as it is) to 255 (two colours).
pub fn two_coloured(picture: &Picture) -> Vec<u8> {
    let (width, height) = (picture.width(), picture.height());
    let mut all = Vec::with_capacity(width * height);
    let mut around = Vec::with_capacity(9);
    for y in 0..height {
        let rows = [y.saturating_sub(1), y, (y + 1).min(height - 1)];
        for x in 0..width {
            around.clear();
            for row in rows {
                for column in [x.saturating_sub(1), x, (x + 1).min(width - 1)] {
                    around.push(pixel(picture, column, row));
                }
            }
            let off = distance_from_line(&around);
            all.push((255 - off * 255 / FAR).max(0) as u8);
        }
    }
    // What borders on such a place leans on it through the kernel: it is left alone as well.
    bounds(&all, width, Bound::Least)
}

fn pixel(picture: &Picture, x: usize, y: usize) -> [i32; 3] {
    std::array::from_fn(|channel| picture.row(channel, y).get(x).copied().map_or(0, i32::from))
}

/// The greatest difference in any channel from the line between the two pixels that are farthest apart in one.
fn distance_from_line(around: &[[i32; 3]]) -> i32 {
    let ends = (0..3).filter_map(|channel| {
        let at = |pixel: &&[i32; 3]| pixel.get(channel).copied().unwrap_or(0);
        let (first, last) = (around.iter().min_by_key(at)?, around.iter().max_by_key(at)?);
        Some((channel, *first, *last))
    });
    let span = |&(channel, first, last): &(usize, [i32; 3], [i32; 3])| {
        last.get(channel).zip(first.get(channel)).map_or(0, |(last, first)| last - first)
    };
    let Some(line) = ends.max_by_key(span) else { return 0 };
    let length = span(&line);
    if length == 0 {
        return 0;
    }
    let (channel, first, last) = line;
    let off = |pixel: &[i32; 3]| {
        let along = pixel.get(channel).zip(first.get(channel)).map_or(0, |(at, first)| at - first);
        let channels = pixel.iter().zip(first.iter().zip(&last));
        channels.map(|(at, (first, last))| (at - (first + (last - first) * along / length)).abs()).max().unwrap_or(0)
    };
    around.iter().map(off).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_and_gradients_are_two_coloured_and_corners_are_not() {
        let picture = |of: &dyn Fn(usize, usize) -> [u8; 4]| {
            let rgba: Vec<u8> = (0..9 * 9).flat_map(|i| of(i % 9, i / 9)).collect();
            Picture::from_straight_rgba(9, 9, &rgba).expect("fits")
        };
        let gradient = picture(&|x, y| [(x * 20) as u8, (y * 2 + x * 20) as u8, 90, 255]);
        assert!(two_coloured(&gradient).iter().all(|&allowed| allowed > 200));
        let edge = picture(&|x, _| if x < 4 { [200, 40, 10, 255] } else { [20, 90, 240, 255] });
        assert!(two_coloured(&edge).iter().all(|&allowed| allowed == 255));
        let three = picture(&|x, y| match (x < 4, y < 4) {
            (true, _) => [200, 40, 10, 255],
            (_, true) => [20, 200, 40, 255],
            _ => [20, 60, 240, 255],
        });
        let allowed = two_coloured(&three);
        assert_eq!(allowed[4 * 9 + 4], 0);
        assert_eq!(allowed[8 * 9 + 4], 255);
    }
}
