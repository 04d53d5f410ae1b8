//! The mods that many use: they stand apart and have numbers, because arrows to all would hide the others.

use std::collections::{BTreeMap, BTreeSet};

use super::parts::Link;

/// The fewest direct users that earn a number.
const USERS_MIN: usize = 8;

/// The most numbers: so many can be looked up without a search.
const NUMBERS_MAX: usize = 36;

/// The numbers, from 1 in the order of loading, of the groups that many use, and of all that load before
/// them. The `middle` of a view keeps its arrows.
pub(super) fn numbers(
    count: usize,
    links: &[Link],
    middle: Option<usize>,
) -> BTreeMap<usize, usize> {
    let mut users = vec![0_usize; count];
    let mut before: Vec<Vec<usize>> = vec![Vec::new(); count];
    for link in links.iter().filter(|link| link.holds()) {
        users[link.first] += 1;
        before[link.second].push(link.first);
    }
    let mut used: Vec<usize> = (0..count)
        .filter(|unit| users[*unit] >= USERS_MIN)
        .collect();
    used.sort_by_key(|unit| std::cmp::Reverse(users[*unit]));

    let mut chosen = BTreeSet::new();
    for unit in used {
        let Some(more) = closed(unit, &before, &chosen) else {
            continue;
        };
        if !middle.is_some_and(|middle| more.contains(&middle)) {
            chosen.extend(more);
        }
    }
    let numbers = chosen.into_iter().zip(1..);
    numbers.collect()
}

/// What is to be chosen with `unit`: all that loads before it. `None` if that is too much.
fn closed(unit: usize, before: &[Vec<usize>], chosen: &BTreeSet<usize>) -> Option<BTreeSet<usize>> {
    let mut more = BTreeSet::new();
    let mut open = vec![unit];
    while let Some(unit) = open.pop() {
        if chosen.contains(&unit) || !more.insert(unit) {
            continue;
        }
        if chosen.len() + more.len() > NUMBERS_MAX {
            return None;
        }
        open.extend(&before[unit]);
    }
    Some(more)
}
