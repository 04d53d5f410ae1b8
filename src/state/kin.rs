//! [`Kin`]: which object of the new code is which of the old one, by where both stood right after loading.

use std::cmp::Reverse;

use rustc_hash::FxHashMap;

use super::code::Val;
use super::image::{Image, Table};
use super::same::{plain_entries, sorted};

/// How often the content of an object is gone through, so that the cost is bounded.
const VISITS_MAX: u8 = 4;
/// By how many keys a path may be longer than the shortest one to the same object and still say which
/// object of the new code is meant: around rings of different lengths, all meet all.
const DETOUR_MAX: u32 = 8;

/// Which object of the new code is which live one.
///
/// A live object that was there when its code had been loaded is known by its number in base. Where it
/// stood in base, the new code has its kin, wherever the live object is now: a variable that was set to
/// another object at run time leads to the kin of that one.
pub(super) struct Kin {
    /// By number of a live object: one more than its number in base; 0 if it was made at run time.
    origins: Vec<u32>,
    base: Matches,
    /// That of again, if it is not base.
    again: Option<Matches>,
    /// By number of a new object: whether it is the kin of a live one.
    is_promised: Vec<bool>,
}

/// What stands for a live object that was there at the beginning.
pub(super) struct Relatives {
    pub(super) base: u32,
    pub(super) new: u32,
    pub(super) again: Option<u32>,
}

impl Kin {
    /// `moved` tells how slots of old code are called in the new one, if differently.
    pub(super) fn find(
        [base, live, new, again]: [&Image; 4],
        moved: &FxHashMap<&str, &str>,
    ) -> Kin {
        let origins = live.origins().to_vec();
        if origins.is_empty() {
            return Kin::none();
        }
        let of_base = Matches::find(base, new, moved);
        let is_base = std::ptr::eq(base, again);
        let mut is_promised = vec![false; new.objects() as usize];
        for origin in origins.iter().filter_map(|origin| origin.checked_sub(1)) {
            if let Some(kin) = of_base.new_of(origin) {
                is_promised[kin as usize] = true;
            }
        }
        Kin {
            origins,
            again: (!is_base).then(|| Matches::find(again, new, moved)),
            base: of_base,
            is_promised,
        }
    }

    /// Of objects that nothing is known of.
    pub(super) fn none() -> Kin {
        Kin {
            origins: Vec::new(),
            base: Matches::default(),
            again: None,
            is_promised: Vec::new(),
        }
    }

    /// What stands for the live object `id`.
    pub(super) fn of(&self, id: u32) -> Option<Relatives> {
        let base = self.origin(id)?;
        let new = self.base.new_of(base)?;
        let again = self.again.as_ref().unwrap_or(&self.base);
        let again = again.old_of(new);
        Some(Relatives { base, new, again })
    }

    /// Whether the new object `id` is the kin of a live one.
    pub(super) fn is_promised(&self, id: u32) -> bool {
        self.is_promised.get(id as usize).is_some_and(|is| *is)
    }

    /// Whether the mod put another object into a place where base has `base` and it has `live`.
    pub(super) fn is_other(&self, live: Val<'_>, base: Val<'_>) -> bool {
        match (live, base) {
            (Val::Object(live), Val::Object(base)) => self.origin(live) != Some(base),
            _ => false,
        }
    }

    /// Whether the edit put another object into a place where again has `again` and it has `new`.
    pub(super) fn is_edited(&self, again: Val<'_>, new: Val<'_>) -> bool {
        let (Val::Object(again), Val::Object(new)) = (again, new) else {
            return false;
        };
        let matches = self.again.as_ref().unwrap_or(&self.base);
        match matches.new_of(again) {
            Some(kin) => kin != new,
            None => self.is_promised(new),
        }
    }

    fn origin(&self, live: u32) -> Option<u32> {
        self.origins.get(live as usize)?.checked_sub(1)
    }
}

/// Objects of two images that stand for each other, each for one at most: one more than the number of the
/// other, 0 for none.
#[derive(Default)]
struct Matches {
    by_old: Vec<u32>,
    by_new: Vec<u32>,
}

impl Matches {
    /// Follows the same keys in both. Where paths disagree about which object is which, those that fewer
    /// others contradict are believed, then the shorter ones.
    fn find(old: &Image, new: &Image, moved: &FxHashMap<&str, &str>) -> Matches {
        let mut meetings = Meetings {
            old,
            new,
            votes: FxHashMap::default(),
            order: Vec::new(),
            depth: 0,
            nearest: vec![u32::MAX; old.objects() as usize],
            of_old: vec![0; old.objects() as usize],
            of_new: vec![0; new.objects() as usize],
            visits: vec![0; old.objects() as usize],
        };
        for name in old.slots() {
            let target = moved.get(name).copied().unwrap_or(name);
            if let (Some(old), Some(new)) = (old.slot(name), new.slot(target)) {
                meetings.meet(old, new);
            }
        }
        let mut next = 0;
        while let Some(&(old, new, depth)) = meetings.order.get(next) {
            next += 1;
            meetings.depth = depth + 1;
            meetings.visit(old, new);
        }
        meetings.matches()
    }

    fn new_of(&self, old: u32) -> Option<u32> {
        self.by_old.get(old as usize)?.checked_sub(1)
    }

    fn old_of(&self, new: u32) -> Option<u32> {
        self.by_new.get(new as usize)?.checked_sub(1)
    }
}

/// Objects of two images that were met on the same paths.
struct Meetings<'a> {
    old: &'a Image,
    new: &'a Image,
    /// On how many paths two objects were met.
    votes: FxHashMap<(u32, u32), i64>,
    /// The pairs in the order in which they were met first, so the shallow ones first, each with the length
    /// of its path.
    order: Vec<(u32, u32, u32)>,
    /// The length of the path that is being followed.
    depth: u32,
    /// By number of an old object: the length of the shortest path to it.
    nearest: Vec<u32>,
    /// On how many paths each was met with any other.
    of_old: Vec<i64>,
    of_new: Vec<i64>,
    visits: Vec<u8>,
}

impl<'a> Meetings<'a> {
    fn meet(&mut self, old: Val<'a>, new: Val<'a>) {
        let (Some(old), Some(new)) = (self.old.table(old), self.new.table(new)) else {
            return;
        };
        if old.function() != new.function() {
            return;
        }
        let nearest = &mut self.nearest[old.id as usize];
        *nearest = (*nearest).min(self.depth);
        if self.depth > *nearest + DETOUR_MAX {
            return;
        }
        let pair = (old.id, new.id);
        let votes = self.votes.entry(pair).or_insert(0);
        if *votes == 0 {
            self.order.push((old.id, new.id, self.depth));
        }
        *votes += 1;
        self.of_old[old.id as usize] += 1;
        self.of_new[new.id as usize] += 1;
    }

    /// Goes on from two objects.
    fn visit(&mut self, old: u32, new: u32) {
        let visits = &mut self.visits[old as usize];
        let (old, new) = (Val::Object(old), Val::Object(new));
        let (Some(old), Some(new)) = (self.old.table(old), self.new.table(new)) else {
            return;
        };
        if *visits == VISITS_MAX {
            return;
        }
        *visits += 1;
        if old.function().is_none() {
            self.meet(old.meta, new.meta);
        }
        for (old, new) in old.array.clone().zip(new.array.clone()) {
            self.meet(old, new);
        }
        self.entries(&old, &new);
    }

    fn entries(&mut self, old: &Table<'a>, new: &Table<'a>) {
        let (mut olds, mut news) = (plain_entries(old), plain_entries(new));
        // Code that was not edited makes its entries in the same order: go in step as long as it does.
        loop {
            match (olds.next(), news.next()) {
                (Some(old), Some(new)) if old.0 == new.0 => self.meet(old.1, new.1),
                (None, _) | (_, None) => return,
                (Some(old), Some(new)) => {
                    let news = sorted(std::iter::once(new).chain(news));
                    for (key, old, _) in std::iter::once(old).chain(olds) {
                        if let Ok(n) = news.binary_search_by(|(theirs, ..)| theirs.cmp(&key)) {
                            self.meet(old, news[n].1);
                        }
                    }
                    return;
                }
            }
        }
    }

    fn matches(self) -> Matches {
        let mut order = self.order;
        // Twice the votes for it, less all that either has: how many speak against it.
        order.sort_by_key(|&(old, new, _)| {
            let against = self.of_old[old as usize] + self.of_new[new as usize];
            Reverse(2 * self.votes[&(old, new)] - against)
        });
        let mut matches = Matches {
            by_old: vec![0; self.old.objects() as usize],
            by_new: vec![0; self.new.objects() as usize],
        };
        for (old, new, _) in order {
            let by_old = &mut matches.by_old[old as usize];
            let by_new = &mut matches.by_new[new as usize];
            if (*by_old, *by_new) == (0, 0) {
                (*by_old, *by_new) = (new + 1, old + 1);
            }
        }
        matches
    }
}
