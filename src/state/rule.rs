//! [`replay`]: the replay rule, from the images base, live, new and again. `docs/concepts/state.md` tells it.

use super::code::Val;
use super::image::{HOLES, Image, OBJECT_KEYS, Object, Table};
use super::path::{Place, Step};
use super::replay::{Filled, Replay, Report, Take};
use super::same::Same;

/// Decides what becomes of each entry when new code takes over.
///
/// `base` is the state right after the old code was loaded, `live` the state now, `new` the state
/// right after the new code was loaded. `again` is the state after loading the *old* code once more,
/// at the same time and with the same random numbers as the new: what differs between `again` and
/// `new` is the edit. It is only needed where `base` and `new` differ; without it, every such
/// difference counts as an edit.
///
/// Tables are paired by their path from the slot. Each is paired once, and with one table only: first
/// the shallow paths, then the deep ones; of equally deep ones, those whose keys sort first. What is
/// only in `live` costs nothing here, however large it is.
pub fn replay(base: &Image, live: &Image, new: &Image, again: Option<&Image>) -> Replay {
    let again = again.unwrap_or(base);
    let mut rule = Rule {
        base,
        live,
        new,
        again,
        ran: Same::by_path(live, base),
        edited: Same::by_path(again, new),
        clash: Same::by_path(live, new),
        is_taken: vec![false; new.objects() as usize],
        pairs: Vec::new(),
        outcome: Replay {
            report: Report::default(),
            tables: Vec::new(),
            buffers: Vec::new(),
            partners: vec![0; live.objects() as usize],
            slots: Vec::new(),
        },
        given_up: 0,
        weighed: vec![],
    };
    rule.slots();
    let mut next = 0;
    while let Some(pair) = rule.pairs.get(next).cloned() {
        let filled = rule.table(&pair, next);
        rule.outcome.tables.push(filled);
        next += 1;
    }
    let mut outcome = rule.outcome;
    outcome.report.kept = live.entries().saturating_sub(rule.given_up);
    outcome
}

/// The decision so far. `keys` has the part for the keys of a table.
pub(super) struct Rule<'a> {
    base: &'a Image,
    live: &'a Image,
    pub(super) new: &'a Image,
    pub(super) again: &'a Image,
    /// Compares live with base: did the mod change it at run time?
    ran: Same<'a>,
    /// Compares again with new: did the edit change it?
    pub(super) edited: Same<'a>,
    /// Compares live with new: did both change it alike?
    clash: Same<'a>,
    /// By number of a new object: whether it stands for a live one already.
    is_taken: Vec<bool>,
    pairs: Vec<Pair<'a>>,
    outcome: Replay,
    /// Live entries that give way, with all that hangs on them.
    pub(super) given_up: u64,
    /// By number of a live object: whether it is counted in `given_up`. Empty until needed.
    weighed: Vec<bool>,
}

/// Tables on the same path.
#[derive(Clone)]
pub(super) struct Pair<'a> {
    pub(super) live: Table<'a>,
    pub(super) new: Table<'a>,
    pub(super) base: Option<Table<'a>>,
    pub(super) again: Option<Table<'a>>,
    /// Inside of a live array: all content is live, only the tables are found by path.
    pub(super) is_whole: bool,
    place: Place<'a>,
}

/// The values on one path.
#[derive(Clone, Copy)]
pub(super) struct Four<'a> {
    pub(super) base: Val<'a>,
    pub(super) live: Val<'a>,
    pub(super) new: Val<'a>,
    pub(super) again: Val<'a>,
}

impl<'a> Rule<'a> {
    fn slots(&mut self) {
        let value = |image: &'a Image, name| image.slot(name).unwrap_or(Val::Nil);
        for (name, at) in &self.live.0.slots {
            let place = Place::Slot(name);
            let four = Four {
                base: value(self.base, name),
                live: self.live.at(*at).0,
                new: value(self.new, name),
                again: value(self.again, name),
            };
            if self.new.slot(name).is_none() {
                self.weigh(four.live);
                if !self.ran.values(four.live, four.base) {
                    self.outcome
                        .report
                        .dropped
                        .add(|| place.path(|table| self.pairs[table].place));
                }
                continue;
            }
            let take = self.value(four, place, false);
            if take == Take::Live && !self.stands_for(four.live, four.new) {
                self.outcome.slots.push((name.clone(), *at));
            }
        }
        for name in self.new.slots() {
            if self.live.slot(name).is_none() {
                let added = &mut self.outcome.report.added;
                added.add(|| Place::Slot(name).path(|table| self.pairs[table].place));
            }
        }
    }

    /// The rule for the values on one path.
    pub(super) fn value(&mut self, four: Four<'a>, place: Place<'a>, is_whole: bool) -> Take {
        if let (Some(live), Some(new)) = (self.live.table(four.live), self.new.table(four.new)) {
            self.pair(live, new, four, place, is_whole);
            return Take::Live;
        }
        let take = match is_whole {
            true => Take::Live,
            false => self.choose(four, place),
        };
        match take {
            Take::Live => self.pair_buffers(four),
            Take::New => self.weigh(four.live),
        }
        take
    }

    fn choose(&mut self, four: Four<'a>, place: Place<'a>) -> Take {
        if matches!(four.live, Val::Opaque(_)) {
            return Take::New;
        }
        if self.edited.values(four.again, four.new) {
            return Take::Live;
        }
        let is_changed = !self.ran.values(four.live, four.base);
        let report = &mut self.outcome.report;
        let path = || place.path(|table| self.pairs[table].place);
        if !is_changed {
            match four.live {
                Val::Nil => report.added.add(path),
                _ => report.replaced.add(path),
            }
            return Take::New;
        }
        if self.is_retyped(four) {
            self.outcome.report.dropped.add(path);
            return Take::New;
        }
        if !self.clash.values(four.live, four.new) {
            self.outcome.report.conflicts.add(path);
        }
        Take::Live
    }

    /// Whether the edit gave the value another type, which the code now relies on.
    fn is_retyped(&self, four: Four<'a>) -> bool {
        let live = kind(self.live, four.live);
        let new = kind(self.new, four.new);
        let again = kind(self.again, four.again);
        live.is_some() && again.is_some() && new.is_some() && again != new && live != new
    }

    /// Lets a new table stand for a live one, if both are still free.
    fn pair(
        &mut self,
        live: Table<'a>,
        new: Table<'a>,
        four: Four<'a>,
        place: Place<'a>,
        is_whole: bool,
    ) {
        if self.is_free(live.id, new.id) {
            self.pairs.push(Pair {
                base: self.base.table(four.base),
                again: self.again.table(four.again),
                live,
                new,
                is_whole,
                place,
            });
        }
    }

    fn pair_buffers(&mut self, four: Four<'a>) {
        if let (Val::Object(live), Val::Object(new)) = (four.live, four.new)
            && let (Object::Buffer(now, _), Object::Buffer(then, _)) =
                (self.live.object(live), self.new.object(new))
            && now.len() == then.len()
            && self.is_free(live, new)
        {
            self.outcome.buffers.push((live, new));
        }
    }

    fn is_free(&mut self, live: u32, new: u32) -> bool {
        let partner = &mut self.outcome.partners[live as usize];
        let is_taken = &mut self.is_taken[new as usize];
        let is_free = *partner == 0 && !*is_taken;
        if is_free {
            (*partner, *is_taken) = (new + 1, true);
        }
        is_free
    }

    /// Whether the live object will be found where the new one is.
    fn stands_for(&self, live: Val<'a>, new: Val<'a>) -> bool {
        match (live, new) {
            (Val::Object(live), Val::Object(new)) => {
                self.outcome.partners[live as usize] == new + 1
            }
            _ => false,
        }
    }

    /// The rule for a pair of tables: its array, its keys, the keys that are objects, its metatable.
    fn table(&mut self, pair: &Pair<'a>, number: usize) -> Filled {
        let mut filled = Filled {
            live: pair.live.id,
            new: pair.new.id,
            array: Take::Live,
            meta: Take::Live,
            skip: Vec::new(),
            keep: Vec::new(),
        };
        if !pair.is_whole {
            filled.array = self.array(pair);
            filled.meta = self.meta(pair);
            if self.object_keys(pair) == Take::New {
                give_way(&pair.live, &mut filled.skip);
                give_way(&pair.new, &mut filled.keep);
                self.given_up += filled.skip.len() as u64;
            }
        }
        match filled.array {
            Take::Live => self.pair_items(pair, number),
            Take::New => {
                self.given_up += u64::from(pair.live.array.left());
                pair.live.array.clone().for_each(|value| self.weigh(value));
            }
        }
        self.keys(pair, number, &mut filled);
        filled.skip.sort_unstable();
        filled
    }

    /// An array is one value: never merged element by element.
    fn array(&mut self, pair: &Pair<'a>) -> Take {
        let (live, base) = (Some(&pair.live), pair.base.as_ref());
        let (new, again) = (Some(&pair.new), pair.again.as_ref());
        let is_edited = !self.edited.arrays(again, new);
        let has_holes = pair.live.flags & HOLES != 0
            && (pair.live.array.clone()).any(|value| matches!(value, Val::Opaque(_)));
        if !is_edited && !has_holes {
            return Take::Live;
        }
        let is_changed = !self.ran.arrays(live, base);
        let report = &mut self.outcome.report;
        let path = || pair.place.path(|table| self.pairs[table].place);
        match (is_changed, is_edited) {
            (false, false) => Take::New,
            (false, true) => {
                match pair.live.array.left() {
                    0 => report.added.add(path),
                    _ => report.replaced.add(path),
                }
                Take::New
            }
            (true, _) => {
                if is_edited && !self.clash.arrays(live, new) {
                    report.conflicts.add(path);
                }
                Take::Live
            }
        }
    }

    fn object_keys(&mut self, pair: &Pair<'a>) -> Take {
        let (live, base) = (Some(&pair.live), pair.base.as_ref());
        let (new, again) = (Some(&pair.new), pair.again.as_ref());
        if self.edited.object_keys(again, new) {
            return Take::Live;
        }
        let path = || pair.place.path(|table| self.pairs[table].place);
        if self.ran.object_keys(live, base) {
            self.outcome.report.replaced.add(path);
            return Take::New;
        }
        if !self.clash.object_keys(live, new) {
            self.outcome.report.conflicts.add(path);
        }
        Take::Live
    }

    fn meta(&mut self, pair: &Pair<'a>) -> Take {
        let of = |table: &Option<Table<'a>>| table.as_ref().map_or(Val::Nil, |table| table.meta);
        let is_edited = !self.edited.values(of(&pair.again), pair.new.meta);
        match is_edited && self.ran.values(pair.live.meta, of(&pair.base)) {
            true => Take::New,
            false => Take::Live,
        }
    }

    fn pair_items(&mut self, pair: &Pair<'a>, number: usize) {
        let both = pair.live.array.clone().zip(pair.new.array.clone());
        for (n, (live, new)) in (1..).zip(both) {
            if let Val::Object(_) = new {
                let four = Four {
                    base: Val::Nil,
                    live,
                    new,
                    again: Val::Nil,
                };
                self.value(four, Place::In(number, Step::Item(n)), true);
            }
        }
    }

    /// Counts all that hangs on a value that gives way.
    fn weigh(&mut self, value: Val<'a>) {
        let Val::Object(id) = value else { return };
        if self.weighed.is_empty() {
            self.weighed = vec![false; self.live.objects() as usize];
        }
        let mut todo = vec![id];
        while let Some(id) = todo.pop() {
            if std::mem::replace(&mut self.weighed[id as usize], true) {
                continue;
            }
            if let Object::Table(table) = self.live.object(id) {
                let size = u64::from(table.array.left()) + u64::from(table.entries.left());
                self.given_up += size;
                let values = table.array.chain(table.entries.map(|(_, _, value)| value));
                todo.extend(values.filter_map(|value| match value {
                    Val::Object(id) => Some(id),
                    _ => None,
                }));
            }
        }
    }
}

/// The entries with keys that are objects.
fn give_way(table: &Table<'_>, places: &mut Vec<u32>) {
    if table.flags & OBJECT_KEYS != 0 {
        let entries = table.entries.clone();
        let is_object = |key| matches!(key, Val::Object(_));
        places.extend(entries.filter_map(|(at, key, _)| is_object(key).then_some(at)));
    }
}

/// The type of a value, as far as code relies on it; none for nil.
fn kind(image: &Image, value: Val<'_>) -> Option<u8> {
    Some(match value {
        Val::Nil => return None,
        Val::Bool(_) => 1,
        Val::Int(_) | Val::Num(_) => 2,
        Val::Str(_) | Val::Atom(_) => 3,
        Val::Vector(_) => 4,
        Val::Null => 5,
        Val::Object(_) if image.table(value).is_some() => 6,
        Val::Object(_) => 7,
        Val::Named(_) => 8,
        Val::Opaque(_) => 9,
    })
}
