//! [`LoadOrders`]: every load order that the declarations of mods allow, to find what they forgot to declare.

use std::collections::{BTreeMap, BTreeSet};

use super::resolution::{EdgeKind, Resolution};
use crate::mod_id::ModId;

/// How often an order that was there already may come up by chance for each that is wanted. Then the rest is enumerated.
const REPEATS_MAX: usize = 8;

/// The load orders that declarations allow. Mods that require each other stay together, in any order among
/// themselves that their order hints allow; a wish that gave way in the resolution is no declaration.
pub struct LoadOrders {
    ids: Vec<ModId>,
    /// The groups, by the places of their members in `ids`.
    groups: Vec<Vec<usize>>,
    group_of: Vec<usize>,
    /// Which members of its own group load after a mod, and how many before it.
    later: Vec<Vec<usize>>,
    waits: Vec<usize>,
    /// The same among groups.
    later_groups: Vec<Vec<usize>>,
    group_waits: Vec<usize>,
}

/// How one mod comes to depend on where another one is in the load order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Misplaced {
    /// Used where a mod fails unless the other one has loaded.
    Before,
    /// Used where a mod fails once the other one has loaded.
    After,
}

impl LoadOrders {
    /// The load orders of what a resolution accepts.
    pub fn of(resolution: &Resolution) -> LoadOrders {
        let ids = resolution.order.clone();
        let places: BTreeMap<&ModId, usize> = ids.iter().zip(0..).collect();
        let groups: Vec<Vec<usize>> = resolution
            .groups
            .iter()
            .map(|group| group.iter().map(|id| places[id]).collect())
            .collect();
        let mut group_of = vec![0; ids.len()];
        for (number, group) in groups.iter().enumerate() {
            group.iter().for_each(|place| group_of[*place] = number);
        }
        let (mut inside, mut among) = (BTreeSet::new(), BTreeSet::new());
        for edge in resolution.edges.iter().filter(|edge| edge.cut.is_none()) {
            let (first, second) = (places[edge.first()], places[edge.second()]);
            let is_hint = matches!(edge.kind, EdgeKind::After | EdgeKind::Before);
            if group_of[first] != group_of[second] {
                among.insert((group_of[first], group_of[second]));
            } else if is_hint {
                inside.insert((first, second));
            }
        }
        let (later, waits) = links(&inside, ids.len());
        let (later_groups, group_waits) = links(&among, groups.len());
        LoadOrders {
            ids,
            groups,
            group_of,
            later,
            waits,
            later_groups,
            group_waits,
        }
    }

    /// At most `count` different orders, first the one of the resolution; and whether there are no others. Which
    /// ones they are depends on `seed` alone, unless these are all.
    pub fn some(&self, count: usize, seed: u64) -> (Vec<Vec<ModId>>, bool) {
        let own: Vec<usize> = (0..self.ids.len()).collect();
        let all = self.enumerate(count.saturating_add(1));
        let is_all = all.len() <= count;
        let mut orders = vec![own.clone()];
        let mut seen = BTreeSet::from([own]);
        let mut add = |order: Vec<usize>| {
            let is_new = orders.len() < count && seen.insert(order.clone());
            if is_new {
                orders.push(order);
            }
            is_new
        };
        if is_all {
            for order in all {
                add(order);
            }
        } else {
            let mut random = Random(seed);
            let (mut wanted, mut tries) = (count.saturating_sub(1), 0);
            while wanted > 0 && tries < count.saturating_mul(REPEATS_MAX) {
                tries += 1;
                wanted -= usize::from(add(self.run(|free| random.below(free.len()))));
            }
            for order in all {
                add(order);
            }
        }
        let named = orders.iter().map(|order| self.named(order));
        (named.collect(), is_all)
    }

    /// The order nearest to `wish`: of the mods that may go next, always the one that is first there. Mods that
    /// it does not name go last.
    pub fn nearest(&self, wish: &[ModId]) -> Vec<ModId> {
        let ranks: BTreeMap<&ModId, usize> = wish.iter().zip(0..).collect();
        let rank = |place: &usize| {
            let rank = ranks.get(&self.ids[*place]).copied();
            rank.unwrap_or(usize::MAX)
        };
        self.named(&self.run(|free| {
            let first = (0..free.len()).min_by_key(|at| (rank(&free[*at]), free[*at]));
            first.unwrap_or_default()
        }))
    }

    /// Which mod it is whose place decides that `mod_id` fails in the order `failing`, and not in `passing`; `fails`
    /// tries an order. `None` if it takes more than one.
    pub fn culprit(
        &self,
        mod_id: &ModId,
        failing: &[ModId],
        passing: &[ModId],
        mut fails: impl FnMut(&[ModId]) -> bool,
    ) -> Option<(Misplaced, ModId)> {
        let before = |order: &[ModId]| -> BTreeSet<ModId> {
            let before = order.iter().take_while(|id| *id != mod_id);
            before.cloned().collect()
        };
        let (bad, good) = (before(failing), before(passing));
        // Whoever is moved takes along what has to move with it, so the suspects are moved from the end at which that
        // is among those before: then the last one that is needed is the one.
        let too_late = passing
            .iter()
            .filter(|id| good.contains(*id) && !bad.contains(*id));
        let too_early = failing.iter().rev();
        let too_early = too_early.filter(|id| bad.contains(*id) && !good.contains(*id));
        for (how, suspects) in [
            (Misplaced::Before, Vec::from_iter(too_late.cloned())),
            (Misplaced::After, Vec::from_iter(too_early.cloned())),
        ] {
            let mut is_mended = |moved: &[ModId]| {
                let wish = match how {
                    Misplaced::Before => self.with_before(failing, moved, mod_id),
                    Misplaced::After => without_before(failing, moved, mod_id),
                };
                let order = self.nearest(&wish);
                let before = before(&order);
                let is_moved = |id: &ModId| before.contains(id) == (how == Misplaced::Before);
                moved.iter().all(is_moved) && !fails(&order)
            };
            if suspects.is_empty() || !is_mended(&suspects) {
                continue;
            }
            let (mut too_few, mut enough) = (0, suspects.len());
            while enough - too_few > 1 {
                let count = too_few.midpoint(enough);
                match is_mended(&suspects[..count]) {
                    true => enough = count,
                    false => too_few = count,
                }
            }
            let last = &suspects[enough - 1];
            return is_mended(std::slice::from_ref(last)).then(|| (how, last.clone()));
        }
        None
    }

    /// `order` with `moved`, and all that has to load before them, before `mod_id` and its group.
    fn with_before(&self, order: &[ModId], moved: &[ModId], mod_id: &ModId) -> Vec<ModId> {
        let places: BTreeMap<&ModId, usize> = self.ids.iter().zip(0..).collect();
        let mut earlier: Vec<Vec<usize>> = vec![Vec::new(); self.groups.len()];
        for (group, later) in self.later_groups.iter().enumerate() {
            later.iter().for_each(|later| earlier[*later].push(group));
        }
        let own = self.group_of[places[mod_id]];
        let mut needed: BTreeSet<usize> = BTreeSet::new();
        let mut pending: Vec<usize> = moved.iter().map(|id| self.group_of[places[id]]).collect();
        while let Some(group) = pending.pop() {
            if needed.insert(group) {
                pending.extend(&earlier[group]);
            }
        }
        // Within one group only the members move.
        needed.remove(&own);
        let goes_first = |id: &&ModId| needed.contains(&self.group_of[places[id]]);
        let (first, rest): (Vec<&ModId>, Vec<&ModId>) = order.iter().partition(goes_first);
        let (moved, rest): (Vec<&ModId>, Vec<&ModId>) =
            rest.into_iter().partition(|id| moved.contains(id));
        let is_own = |id: &&ModId| self.group_of[places[id]] == own;
        let at = rest.iter().position(is_own).unwrap_or(rest.len());
        let (ahead, behind) = rest.split_at(at);
        let all = ahead.iter().chain(&first).chain(&moved).chain(behind);
        all.map(|id| (*id).clone()).collect()
    }

    /// Places mod by mod; `pick` says which of those that are free to go is next.
    fn run(&self, mut pick: impl FnMut(&[usize]) -> usize) -> Vec<usize> {
        let (mut waits, mut group_waits) = (self.waits.clone(), self.group_waits.clone());
        let free_in = |group: usize, waits: &[usize]| {
            let members = self.groups[group].iter().copied();
            let free: Vec<usize> = members.filter(|place| waits[*place] == 0).collect();
            free
        };
        let ready = (0..self.groups.len()).filter(|group| group_waits[*group] == 0);
        let mut free: Vec<usize> = ready.flat_map(|group| free_in(group, &waits)).collect();
        // The group that has begun and the members of it that are free; how many of it are missing.
        let (mut open, mut missing): (Vec<usize>, usize) = (Vec::new(), 0);
        let mut order = Vec::with_capacity(self.ids.len());
        while order.len() < self.ids.len() {
            let place = match missing {
                0 => {
                    let place = free.swap_remove(pick(&free));
                    let group = self.group_of[place];
                    missing = self.groups[group].len();
                    if missing > 1 {
                        free.retain(|other| self.group_of[*other] != group);
                        open = free_in(group, &waits);
                        open.retain(|other| *other != place);
                    }
                    place
                }
                _ => open.swap_remove(pick(&open)),
            };
            order.push(place);
            missing -= 1;
            for later in &self.later[place] {
                waits[*later] -= 1;
                if waits[*later] == 0 {
                    open.push(*later);
                }
            }
            if missing == 0 {
                for later in &self.later_groups[self.group_of[place]] {
                    group_waits[*later] -= 1;
                    if group_waits[*later] == 0 {
                        free.extend(free_in(*later, &waits));
                    }
                }
            }
        }
        order
    }

    /// All orders, at most `count`: the last choice that was not the last of its kind is the one that changes.
    fn enumerate(&self, count: usize) -> Vec<Vec<usize>> {
        let mut orders = Vec::new();
        let mut choices: Vec<(usize, usize)> = Vec::new();
        loop {
            let mut step = 0;
            let order = self.run(|free| {
                if step == choices.len() {
                    choices.push((0, free.len()));
                }
                step += 1;
                choices[step - 1].0
            });
            orders.push(order);
            while choices.pop_if(|(chosen, of)| *chosen + 1 == *of).is_some() {}
            match choices.last_mut() {
                Some((chosen, _)) if orders.len() < count => *chosen += 1,
                _ => return orders,
            }
        }
    }

    fn named(&self, order: &[usize]) -> Vec<ModId> {
        order.iter().map(|place| self.ids[*place].clone()).collect()
    }
}

impl Resolution {
    /// The same mods in another load order, one of [`LoadOrders`]. Mods that it does not name go last.
    pub fn in_order(mut self, order: &[ModId]) -> Resolution {
        let ranks: BTreeMap<&ModId, usize> = order.iter().zip(0..).collect();
        let rank = |id: &ModId| ranks.get(id).copied().unwrap_or(usize::MAX);
        self.groups
            .iter_mut()
            .for_each(|group| group.sort_by_key(rank));
        self.groups.sort_by_key(|group| group.first().map(rank));
        self.order = self.groups.concat();
        for (position, id) in self.order.iter().enumerate() {
            if let Some(accepted) = self.mods.get_mut(id) {
                accepted.position = position;
            }
        }
        for (number, group) in self.groups.iter().enumerate() {
            for id in group {
                if let Some(accepted) = self.mods.get_mut(id) {
                    accepted.group = number;
                }
            }
        }
        self
    }
}

/// `order` with `moved` right behind `mod_id`.
fn without_before(order: &[ModId], moved: &[ModId], mod_id: &ModId) -> Vec<ModId> {
    let mut wish: Vec<ModId> = order.to_vec();
    wish.retain(|id| !moved.contains(id));
    let at = wish.iter().position(|id| id == mod_id);
    let at = at.map_or(wish.len(), |at| at + 1);
    let moved = order.iter().filter(|id| moved.contains(id)).cloned();
    wish.splice(at..at, moved.collect::<Vec<_>>());
    wish
}

/// Who comes later than each, and for how many each waits.
fn links(pairs: &BTreeSet<(usize, usize)>, count: usize) -> (Vec<Vec<usize>>, Vec<usize>) {
    let (mut later, mut waits) = (vec![Vec::new(); count], vec![0; count]);
    for (first, second) in pairs {
        later[*first].push(*second);
        waits[*second] += 1;
    }
    (later, waits)
}

/// SplitMix64: the same numbers for the same seed, everywhere and in every version.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        usize::try_from(z % limit.max(1) as u64).unwrap_or_default()
    }
}
