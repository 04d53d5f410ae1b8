//! Blocks side by side on a sheet, as on shelves: the highest first, lower ones on top of each other.

use super::flow::Point;

pub(super) const BLOCK_GAP: f64 = 22.0;

/// The upper left corner of each block, and the width and height of all, on a sheet of that width. A block
/// that is wider stands alone.
pub(super) fn pack(sizes: &[Point], width: f64) -> (Vec<Point>, Point) {
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by(|a, b| sizes[*b].1.total_cmp(&sizes[*a].1).then(a.cmp(b)));
    let mut corners = vec![(0.0, 0.0); sizes.len()];
    let mut used = (0.0_f64, 0.0_f64);
    // The shelf: its top and bottom. The stack on it: its left and right, and where its next block begins.
    let (mut top, mut bottom) = (0.0, 0.0);
    let (mut left, mut right, mut next) = (0.0, 0.0_f64, 0.0);
    for number in order {
        let size = sizes[number];
        let fits_on_stack = next + size.1 <= bottom && (left + size.0 <= right.max(width));
        if !fits_on_stack || bottom == top {
            let beside = if right > 0.0 { right + BLOCK_GAP } else { 0.0 };
            if bottom > top && beside + size.0 <= width {
                left = beside;
            } else {
                top = if bottom > top {
                    bottom + BLOCK_GAP
                } else {
                    0.0
                };
                bottom = top + size.1;
                left = 0.0;
            }
            next = top;
            right = left;
        }
        corners[number] = (left, next);
        right = right.max(left + size.0);
        next += size.1 + BLOCK_GAP;
        used = (used.0.max(right), used.1.max(bottom));
    }
    (corners, used)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn low_blocks_stand_on_each_other_beside_a_high_one() {
        let sizes = [(100.0, 20.0), (100.0, 70.0), (120.0, 20.0), (100.0, 20.0)];
        let (corners, size) = pack(&sizes, 300.0);
        let expected = [(122.0, 0.0), (0.0, 0.0), (122.0, 42.0), (0.0, 92.0)];
        assert_eq!((corners, size), (expected.to_vec(), (242.0, 112.0)));
    }
}
