//! In which order, and at which height, things stand in their columns: so that few arrows cross, and each
//! is short.

/// How often all columns are sorted by the places of their neighbours. More than this changes little.
const SORTINGS: usize = 16;
/// How often all columns are moved to the heights of their neighbours.
const MOVES: usize = 8;
/// The room between two things of a column: less beside a lane.
const BOX_GAP: f64 = 10.0;
const LANE_GAP: f64 = 4.0;

/// A box or a lane.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) column: usize,
    pub(super) height: f64,
    /// How much it wants to be at the height of its neighbours.
    weight: f64,
    /// The height of its middle.
    pub(super) middle: f64,
    /// Its neighbours in the columns beside its own.
    pub(super) left: Vec<usize>,
    pub(super) right: Vec<usize>,
}

impl Item {
    pub(super) fn new(column: usize, height: f64, weight: f64) -> Self {
        Item {
            column,
            height,
            weight,
            middle: 0.0,
            left: Vec::new(),
            right: Vec::new(),
        }
    }

    fn is_lane(&self) -> bool {
        self.weight > 1.0
    }
}

/// Gives each item its height. Returns what stands in each column, from the top down.
pub(super) fn sorted(items: &mut [Item]) -> Vec<Vec<usize>> {
    for item in items.iter_mut() {
        for side in [&mut item.left, &mut item.right] {
            side.sort_unstable();
            side.dedup();
        }
    }
    let count = items.iter().map(|item| item.column + 1).max();
    let mut columns = vec![Vec::new(); count.unwrap_or_default()];
    for (number, item) in items.iter().enumerate() {
        columns[item.column].push(number);
    }
    let columns = uncrossed(items, columns);
    put_heights(items, &columns);
    columns
}

/// The best of several sortings: each puts things at the mean place of their neighbours on one side, once
/// from the left to the right and then back.
fn uncrossed(items: &[Item], mut columns: Vec<Vec<usize>>) -> Vec<Vec<usize>> {
    let mut places = vec![0; items.len()];
    for column in &columns {
        put_places(&mut places, column);
    }
    let mut best = (crossings(items, &columns, &places), columns.clone());
    for sorting in 0..SORTINGS {
        if best.0 == 0 {
            break;
        }
        let is_forth = sorting % 2 == 0;
        let count = columns.len();
        for step in 0..count {
            let column = if is_forth { step } else { count - 1 - step };
            let key = |item: &usize| {
                let beside = if is_forth {
                    &items[*item].left
                } else {
                    &items[*item].right
                };
                mean(beside.iter().map(|item| from_place(places[*item])))
                    .unwrap_or_else(|| from_place(places[*item]))
            };
            let mut keyed: Vec<(f64, usize)> = columns[column]
                .iter()
                .map(|item| (key(item), *item))
                .collect();
            keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
            columns[column] = keyed.into_iter().map(|(_, item)| item).collect();
            put_places(&mut places, &columns[column]);
        }
        let crossings = crossings(items, &columns, &places);
        if crossings < best.0 {
            best = (crossings, columns.clone());
        }
    }
    best.1
}

fn put_places(places: &mut [usize], column: &[usize]) {
    for (place, item) in column.iter().enumerate() {
        places[*item] = place;
    }
}

fn from_place(place: usize) -> f64 {
    u32::try_from(place).map_or(f64::MAX, f64::from)
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    (count > 0.0).then(|| sum / count)
}

/// How many pairs of arrows cross between columns.
fn crossings(items: &[Item], columns: &[Vec<usize>], places: &[usize]) -> usize {
    columns
        .iter()
        .map(|column| {
            let ends = column.iter().flat_map(|item| {
                let mut ends: Vec<usize> = items[*item]
                    .right
                    .iter()
                    .map(|item| places[*item])
                    .collect();
                ends.sort_unstable();
                ends
            });
            inversions(&ends.collect::<Vec<_>>())
        })
        .sum()
}

/// How many pairs stand in the wrong order, counted with a tree of sums (Fenwick 1994).
fn inversions(values: &[usize]) -> usize {
    let mut sums = vec![0; values.iter().max().map_or(0, |max| max + 2)];
    let mut inversions = 0;
    for (seen, value) in values.iter().enumerate() {
        let mut not_larger = 0;
        let mut at = value + 1;
        while at > 0 {
            not_larger += sums[at];
            at &= at - 1;
        }
        inversions += seen - not_larger;
        let mut at = value + 1;
        while at < sums.len() {
            sums[at] += 1;
            at += at & at.wrapping_neg();
        }
    }
    inversions
}

/// Moves everything to the height of its neighbours, as far as those above and below allow it; the highest
/// thing of all to 0.
fn put_heights(items: &mut [Item], columns: &[Vec<usize>]) {
    for column in columns {
        place(items, column, |_, _| None);
    }
    for step in 0..MOVES {
        let left = |items: &[Item], item: usize| mean_middle(items, &items[item].left);
        let right = |items: &[Item], item: usize| mean_middle(items, &items[item].right);
        let both = |items: &[Item], item: usize| {
            let beside = [&items[item].left, &items[item].right];
            mean(beside.iter().filter_map(|side| mean_middle(items, side)))
        };
        match (step + 1 == MOVES, step % 2 == 0) {
            (true, _) => columns.iter().for_each(|column| place(items, column, both)),
            (_, true) => columns.iter().for_each(|column| place(items, column, left)),
            (_, false) => {
                let back = columns.iter().rev();
                back.for_each(|column| place(items, column, right));
            }
        }
    }
    let tops = items.iter().map(|item| item.middle - item.height / 2.0);
    let top = tops.fold(f64::INFINITY, f64::min);
    for item in items {
        item.middle -= top;
    }
}

fn mean_middle(items: &[Item], of: &[usize]) -> Option<f64> {
    mean(of.iter().map(|item| items[*item].middle))
}

/// Puts the things of a column, in their order, as near as can be to where they want to be: the least sum of
/// squares, found by joining neighbours that press against each other (Ayer and others 1955). What wants
/// nothing stays.
fn place(items: &mut [Item], column: &[usize], wanted: impl Fn(&[Item], usize) -> Option<f64>) {
    /// Things that touch each other: how many, their weight, and where the first of all would be.
    struct Block {
        count: usize,
        weight: f64,
        start: f64,
    }
    let mut offsets = Vec::with_capacity(column.len());
    let mut offset = 0.0;
    let mut above: Option<&Item> = None;
    for number in column {
        let item = &items[*number];
        if let Some(above) = above {
            let is_lane = above.is_lane() || item.is_lane();
            let gap = if is_lane { LANE_GAP } else { BOX_GAP };
            offset += f64::midpoint(above.height, item.height) + gap;
        }
        offsets.push(offset);
        above = Some(item);
    }
    let mut blocks: Vec<Block> = Vec::new();
    for (number, offset) in column.iter().zip(&offsets) {
        let item = &items[*number];
        let wanted = wanted(items, *number).unwrap_or(item.middle);
        let mut block = Block {
            count: 1,
            weight: item.weight,
            start: wanted - offset,
        };
        while let Some(above) = blocks.pop_if(|above| above.start > block.start) {
            let weight = above.weight + block.weight;
            let sum = above.start * above.weight + block.start * block.weight;
            block = Block {
                count: above.count + block.count,
                weight,
                start: sum / weight,
            };
        }
        blocks.push(block);
    }
    let starts = blocks
        .iter()
        .flat_map(|block| std::iter::repeat_n(block.start, block.count));
    for ((number, offset), start) in column.iter().zip(offsets).zip(starts) {
        items[*number].middle = start + offset;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crossings_are_pairs_in_the_wrong_order() {
        assert_eq!(inversions(&[]), 0);
        assert_eq!(inversions(&[0, 1, 1, 2]), 0);
        assert_eq!(inversions(&[2, 1, 0]), 3);
        assert_eq!(inversions(&[1, 0, 1, 0]), 3);
    }
}
