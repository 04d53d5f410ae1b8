//! [`replay`]: the replay rule, from the images base, live, new and again. `docs/concepts/state.md` tells it.

use super::code::Val;
use super::image::{HOLES, Image, Table};
use super::keys::give_way;
use super::kin::Kin;
use super::path::{KeyPath, Place, Step};
use super::replay::{Filled, NewCode, Replay, Report, Take};
use super::same::Same;

/// Decides what becomes of each entry when new code takes over.
///
/// `base` is the state right after the old code was loaded, `live` the state now, `new` the state
/// right after the new code was loaded. `again` is the state after loading the *old* code once more,
/// at the same time and with the same random numbers as the new: what differs between `again` and
/// `new` is the edit. It is only needed where `base` and `new` differ; without it, every such
/// difference counts as an edit.
///
/// A live table that was there when its code had been loaded is paired with its kin: what stands in `new`
/// where it stood in `base`. The others are paired by their path from the slot. Each is paired once, and
/// with one table only: first those of the code, then those of the state; the shallow paths before the
/// deep ones; of equally deep ones, those whose keys sort first. What is only in `live` costs nothing
/// here, however large it is.
///
/// `code` tells which functions the new source has, also those of which it made no closure yet.
pub fn replay(
    base: &Image,
    live: &Image,
    new: &Image,
    again: Option<&Image>,
    code: &dyn NewCode,
) -> Replay {
    decide([base, live, new], again, code, false)
}

/// The rule, for a `live` that migrations have changed or not.
pub(super) fn decide(
    [base, live, new]: [&Image; 3],
    again: Option<&Image>,
    code: &dyn NewCode,
    has_migrated: bool,
) -> Replay {
    let again = again.unwrap_or(base);
    let mut rule = Rule::new([base, live, new, again], code, has_migrated);
    rule.set_registrations_aside();
    rule.slots();
    rule.functions();
    rule.names();
    let mut outcome = rule.outcome;
    outcome.report.kept = live.entries().saturating_sub(rule.given_up);
    outcome
}

/// How the slots of `old` become copies in a VM in which `world` is: none of its tables stands for one of
/// theirs, but its functions stand for theirs.
pub(crate) fn unpacked(old: &Image, world: &Image, code: &dyn NewCode) -> Replay {
    let mut rule = Rule::new([old, old, world, world], code, true);
    let slots = (0..).zip(old.slots());
    rule.outcome.slots = slots.map(|(n, name)| (name.into(), n)).collect();
    rule.functions();
    rule.names();
    rule.outcome
}
/// The decision so far. `keys` has the part for the keys of a table.
pub(super) struct Rule<'a> {
    pub(super) base: &'a Image,
    pub(super) live: &'a Image,
    pub(super) new: &'a Image,
    pub(super) again: &'a Image,
    /// Compares live with base: did the mod change it at run time?
    pub(super) ran: Same<'a>,
    /// Compares again with new: did the edit change it?
    pub(super) edited: Same<'a>,
    /// Compares live with new: did both change it alike?
    clash: Same<'a>,
    /// By number of a new object: whether it stands for a live one already.
    pub(super) is_taken: Vec<bool>,
    pub(super) pairs: Vec<Pair<'a>>,
    /// Pairs that were met away from where the live table stood at the beginning. They are decided last:
    /// it may still be there.
    pub(super) strays: Vec<Pair<'a>>,
    pub(super) kin: Kin,
    pub(super) outcome: Replay,
    /// Live entries that give way, with all that hangs on them.
    pub(super) given_up: u64,
    /// By number of a live object: whether it is counted in `given_up`. Empty until needed.
    pub(super) weighed: Vec<bool>,
    pub(super) code: &'a dyn NewCode,
    /// Whether migrations have changed the live image.
    pub(super) has_migrated: bool,
    /// Whether they have made what is being decided: then it stays as they left it.
    pub(super) is_migrated: bool,
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
    /// Made by migrations: base and again are not comparable, and not here.
    pub(super) is_migrated: bool,
    pub(super) place: Place<'a>,
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
    fn new(
        [base, live, new, again]: [&'a Image; 4],
        code: &'a dyn NewCode,
        has_migrated: bool,
    ) -> Rule<'a> {
        Rule {
            base,
            live,
            new,
            again,
            ran: Same::by_path(live, base),
            edited: Same::by_path(again, new),
            clash: Same::by_path(live, new),
            is_taken: vec![false; new.objects() as usize],
            pairs: Vec::new(),
            strays: Vec::new(),
            kin: Kin::none(),
            outcome: Replay {
                report: Report::default(),
                tables: Vec::new(),
                buffers: Vec::new(),
                partners: vec![0; live.objects() as usize],
                named: Vec::new(),
                slots: Vec::new(),
                functions: Vec::new(),
            },
            given_up: 0,
            weighed: vec![],
            code,
            has_migrated,
            is_migrated: false,
        }
    }

    /// The rule for the values on one path.
    pub(super) fn value(&mut self, four: Four<'a>, place: Place<'a>, is_whole: bool) -> Take {
        if let (Some(live), Some(new)) = (self.live.table(four.live), self.new.table(four.new))
            && live.function() == new.function()
        {
            if !is_whole && self.kin.is_edited(four.again, four.new) {
                let path = self.path(place);
                let report = &mut self.outcome.report;
                if !self.kin.is_other(four.live, four.base) {
                    report.replaced.add(|| path);
                    self.weigh(four.live);
                    return Take::New;
                }
                report.conflicts.add(|| path);
            }
            self.pair(live, new, four, place, is_whole);
            return Take::Live;
        }
        let take = match is_whole {
            true => Take::Live,
            false => self.choose(four, place),
        };
        match take {
            Take::Live => self.pair_buffers(four),
            Take::New => {
                self.follow_function(four);
                self.weigh(four.live);
            }
        }
        take
    }

    /// The path of a place.
    pub(super) fn path(&self, place: Place<'a>) -> KeyPath {
        place.path(|table| self.pairs[table].place)
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
        if !self.is_migrated && !self.clash.values(four.live, four.new) {
            self.outcome.report.conflicts.add(path);
        }
        Take::Live
    }

    /// Whether the edit gave the value another type, which the code now relies on.
    fn is_retyped(&self, four: Four<'a>) -> bool {
        let live = self.live.kind(four.live);
        let new = self.new.kind(four.new);
        let again = self.again.kind(four.again);
        live.is_some() && again.is_some() && new.is_some() && again != new && live != new
    }

    /// The rule for a pair of tables: its array, its keys, the keys that are objects, its metatable.
    pub(super) fn table(&mut self, pair: &Pair<'a>, number: usize) -> Filled {
        self.is_migrated = pair.is_migrated;
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
            filled.meta = self.meta(pair, number);
            if self.object_keys(pair) == Take::New {
                give_way(&pair.live, &mut filled.skip);
                give_way(&pair.new, &mut filled.keep);
                self.give_up(&pair.live, filled.skip.len() as u64);
            }
        }
        match filled.array {
            Take::Live => self.pair_items(pair, number),
            Take::New => {
                self.give_up(&pair.live, u64::from(pair.live.array.left()));
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
        let is_edited = !self.is_migrated && !self.edited.arrays(again, new);
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
        if !self.is_migrated && !self.clash.object_keys(live, new) {
            self.outcome.report.conflicts.add(path);
        }
        Take::Live
    }

    fn meta(&mut self, pair: &Pair<'a>, number: usize) -> Take {
        if pair.live.function().is_some() {
            return Take::New;
        }
        let of = |table: &Option<Table<'a>>| table.as_ref().map_or(Val::Nil, |table| table.meta);
        let four = Four {
            base: of(&pair.base),
            live: pair.live.meta,
            new: pair.new.meta,
            again: of(&pair.again),
        };
        match (four.live, four.new) {
            (Val::Nil, Val::Nil) => Take::Live,
            _ => self.value(four, Place::In(number, Step::Meta), false),
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
}
