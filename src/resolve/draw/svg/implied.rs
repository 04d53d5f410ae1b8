//! Arrows that follow from others: who sees `a → b → c` need not see `a → c`.

use super::super::Stroke;
use super::parts::Link;

/// The most groups for which this is looked at: the sets grow with the square of their number, to 16 MB.
const GROUPS_MAX: usize = 8_192;

/// The links without those that follow from others, and how many those are. Numbers of groups rise along
/// links that hold.
///
/// A requirement follows only from requirements, so that no wish stands in for it. What does not hold
/// follows from nothing.
pub(super) fn left_out(count: usize, mut links: Vec<Link>) -> (Vec<Link>, usize) {
    if count > GROUPS_MAX {
        return (links, 0);
    }
    let of_all = implied(count, &links, |stroke| stroke != Stroke::Dotted);
    let of_required = implied(count, &links, |stroke| stroke == Stroke::Solid);
    let before = links.len();
    let mut numbers = 0..;
    links.retain(|link| {
        let number = numbers.next().unwrap_or_default();
        match link.stroke {
            Stroke::Solid => !of_required[number],
            Stroke::Dashed => !of_all[number],
            Stroke::Dotted => true,
        }
    });
    let left_out = before - links.len();
    (links, left_out)
}

/// Which links follow from others, where only those with such strokes count.
fn implied(count: usize, links: &[Link], counts: fn(Stroke) -> bool) -> Vec<bool> {
    let mut incoming: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (number, link) in links.iter().enumerate() {
        if counts(link.stroke) {
            incoming[link.second].push(number);
        }
    }
    let mut implied = vec![false; links.len()];
    // A bit for each group that comes before, directly or through others.
    let mut before: Vec<Vec<u64>> = Vec::with_capacity(count);
    for incoming in incoming {
        let mut all = vec![0; count.div_ceil(64)];
        for number in &incoming {
            for (word, bits) in all.iter_mut().zip(&before[links[*number].first]) {
                *word |= bits;
            }
        }
        for number in incoming {
            let first = links[number].first;
            let bit = 1 << (first % 64);
            implied[number] = all[first / 64] & bit != 0;
            all[first / 64] |= bit;
        }
        before.push(all);
    }
    implied
}
