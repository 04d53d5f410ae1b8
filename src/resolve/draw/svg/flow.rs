//! Where boxes stand that are joined by arrows: columns from left to right in the order of loading.
//!
//! The way of Sugiyama, Tagawa and Toda (1981): boxes get columns, an arrow that passes columns gets a lane
//! in each of them, so that it crosses no box; each column is sorted so that few arrows cross, and then
//! each thing is moved to the height of its neighbours. Arrows from the same box share their lanes.

use std::collections::BTreeMap;

use super::columns::{Item, sorted};

/// A place, in pixels.
pub(super) type Point = (f64, f64);

const LANE_HEIGHT: f64 = 5.0;
const COLUMN_GAP: f64 = 56.0;
/// So much wider is the gap for each arrow in it, up to twice the gap.
const ARROW_GAP: f64 = 1.5;
/// The room between two arrows that come to one box.
const PORT_GAP: f64 = 7.0;

/// The most columns that all arrows together pass in lanes; the others go straight. A picture with more
/// is not one that anybody reads.
const LANES_MAX: usize = 20_000;

/// An arrow between boxes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrow {
    pub(super) first: usize,
    pub(super) second: usize,
    /// Whether it decides on columns.
    pub(super) holds: bool,
}

/// Where everything stands.
#[derive(Debug, Default)]
pub(super) struct Flow {
    /// The upper left corner of each box.
    pub(super) corners: Vec<Point>,
    /// The points through which each arrow goes.
    pub(super) ways: Vec<Vec<Point>>,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// The way of one arrow from column to column.
struct Path {
    /// Boxes at the ends, lanes in between, from left to right.
    items: Vec<usize>,
    /// Whether the arrow points to the left.
    is_back: bool,
}

/// Boxes of these widths and heights, joined by these arrows. Along arrows that hold, numbers rise.
pub(super) fn flow(sizes: &[Point], arrows: &[Arrow]) -> Flow {
    let columns = columns(sizes.len(), arrows);
    let mut items: Vec<Item> = columns
        .iter()
        .zip(sizes)
        .map(|(column, size)| Item::new(*column, size.1, 1.0))
        .collect();
    let paths = paths(&columns, arrows, &mut items);
    for path in &paths {
        for pair in path.items.windows(2) {
            if items[pair[0]].column + 1 == items[pair[1]].column {
                items[pair[0]].right.push(pair[1]);
                items[pair[1]].left.push(pair[0]);
            }
        }
    }
    let in_columns = sorted(&mut items);

    let mut ends: Vec<(f64, f64)> = Vec::with_capacity(in_columns.len());
    let mut x = 0.0;
    for column in &in_columns {
        let boxes = column.iter().filter_map(|item| sizes.get(*item));
        let width = boxes.map(|size| size.0).fold(0.0, f64::max);
        ends.push((x, x + width));
        let leaving: usize = column.iter().map(|item| items[*item].right.len()).sum();
        let arrows = u16::try_from(leaving).map_or(f64::MAX, f64::from);
        x += width + COLUMN_GAP + (ARROW_GAP * arrows).min(COLUMN_GAP);
    }
    let corners = items.iter().zip(sizes);
    let corners = corners.map(|(item, size)| (ends[item.column].0, item.middle - size.1 / 2.0));
    let below = items.iter().map(|item| item.middle + item.height / 2.0);
    Flow {
        corners: corners.collect(),
        ways: ways(&paths, &items, sizes, &ends),
        width: ends.last().map_or(0.0, |end| end.1),
        height: below.fold(0.0, f64::max),
    }
}

/// The column of each box: right of all that loads before it, and near what loads after it where that makes
/// arrows shorter.
fn columns(count: usize, arrows: &[Arrow]) -> Vec<usize> {
    let mut before: Vec<Vec<usize>> = vec![Vec::new(); count];
    let mut after: Vec<Vec<usize>> = vec![Vec::new(); count];
    for arrow in arrows.iter().filter(|arrow| arrow.holds) {
        before[arrow.second].push(arrow.first);
        after[arrow.first].push(arrow.second);
    }
    let mut columns = vec![0; count];
    for number in 0..count {
        let column = before[number].iter().map(|first| columns[*first] + 1).max();
        columns[number] = column.unwrap_or_default();
    }
    for number in (0..count).rev() {
        let column = after[number]
            .iter()
            .map(|second| columns[*second] - 1)
            .min();
        if let Some(column) = column
            && after[number].len() > before[number].len()
        {
            columns[number] = column;
        }
    }
    columns
}

fn paths(columns: &[usize], arrows: &[Arrow], items: &mut Vec<Item>) -> Vec<Path> {
    let mut lanes: BTreeMap<(usize, bool, usize), usize> = BTreeMap::new();
    let mut path = |arrow: &Arrow| {
        let Arrow {
            first,
            second,
            holds,
        } = *arrow;
        let is_back = columns[first] > columns[second];
        let (left, right) = if is_back {
            (second, first)
        } else {
            (first, second)
        };
        let mut path = vec![left];
        if lanes.len() < LANES_MAX {
            for column in columns[left] + 1..columns[right] {
                path.push(*lanes.entry((left, holds, column)).or_insert_with(|| {
                    // A lane that is straight is worth more than a box at the height of its neighbours.
                    items.push(Item::new(column, LANE_HEIGHT, 4.0));
                    items.len() - 1
                }));
            }
        }
        path.push(right);
        Path {
            items: path,
            is_back,
        }
    };
    arrows.iter().map(&mut path).collect()
}

/// The points of each path. Arrows come to a box side by side, in the order of where they come from.
fn ways(paths: &[Path], items: &[Item], sizes: &[Point], ends: &[(f64, f64)]) -> Vec<Vec<Point>> {
    let mut coming: Vec<Vec<(f64, usize)>> = vec![Vec::new(); sizes.len()];
    for (number, path) in paths.iter().enumerate() {
        if let [.., from, to] = path.items[..] {
            coming[to].push((items[from].middle, number));
        }
    }
    let mut ports = vec![0.0; paths.len()];
    for (to, mut coming) in coming.into_iter().enumerate() {
        coming.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let between = coming.len().saturating_sub(1);
        let between = u16::try_from(between).map_or(f64::MAX, f64::from);
        let gap = PORT_GAP.min((sizes[to].1 - 8.0) / between.max(1.0));
        let mut y = items[to].middle - gap * between / 2.0;
        for (_, number) in coming {
            ports[number] = y;
            y += gap;
        }
    }
    let way = |(path, port): (&Path, &f64)| {
        let (left, right) = (path.items[0], path.items[path.items.len() - 1]);
        let mut y = items[left].middle;
        if path.is_back {
            // Beside the arrows that go the other way.
            y += PORT_GAP.min(sizes[left].1 / 2.0 - 4.0);
        }
        let start = ends[items[left].column].0 + sizes[left].0;
        if items[left].column == items[right].column {
            let end = ends[items[right].column].0 + sizes[right].0;
            return vec![(start, y), (end, *port)];
        }
        let mut way = vec![(start, y), (ends[items[left].column].1, y)];
        for lane in &path.items[1..path.items.len() - 1] {
            let (from, to) = ends[items[*lane].column];
            way.extend([(from, items[*lane].middle), (to, items[*lane].middle)]);
        }
        way.push((ends[items[right].column].0, *port));
        if path.is_back {
            way.reverse();
        }
        way
    };
    paths.iter().zip(&ports).map(way).collect()
}
