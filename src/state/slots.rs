//! The replay rule for slots, and for what is told by a name: functions and classes.

use rustc_hash::FxHashMap;

use super::code::Val;
use super::image::{Image, Object};
use super::kin::Kin;
use super::names::{STATE, is_module};
use super::path::Place;
use super::replay::{Remake, Take};
use super::rule::{Four, Rule};

impl<'a> Rule<'a> {
    /// Decides all slots, and what hangs on them: those of the code first. A table of the code that the
    /// state holds, too, is then the code's.
    pub(super) fn slots(&mut self) {
        let moved = self.moved();
        let live = self.live;
        if !self.has_migrated {
            self.kin = Kin::find([self.base, live, self.new, self.again], &moved);
        }
        // What a file calls its own, before what any file may put somewhere.
        for group in [Group::File, Group::Common, Group::State] {
            for (n, slot) in (0..).zip(&live.0.slots) {
                if Group::of(&slot.name) == group {
                    self.slot(n, &moved);
                }
            }
            self.pairs();
        }
        self.strays();
        self.added_slots(&moved);
    }

    /// Decides the live slot with this number.
    fn slot(&mut self, number: u32, moved: &FxHashMap<&'a str, &'a str>) {
        let live = self.live;
        let name = &*live.0.slots[number as usize].name;
        let target = moved.get(name).copied().unwrap_or(name);
        let value = |image: &'a Image, name| image.slot(name).unwrap_or(Val::Nil);
        let place = Place::Slot(live, number);
        let base = self.base.slot(name);
        self.is_migrated = self.has_migrated && (name == STATE || base.is_none());
        let before = |value| match self.is_migrated {
            true => Val::Nil,
            false => value,
        };
        let again = before(value(self.again, name));
        let four = Four {
            // What was loaded at run time has no beginning but the one of loading it once more.
            base: before(base.unwrap_or(again)),
            live: live.slot_value(number),
            new: value(self.new, target),
            again,
        };
        if self.new.slot_number(target).is_none() {
            self.weigh(four.live);
            if !self.ran.values(four.live, four.base) {
                let path = self.path(place);
                self.outcome.report.dropped.add(|| path);
            }
            return;
        }
        let take = self.value(four, place, false);
        if take == Take::Live {
            self.note_kept(number, four);
        }
        if take == Take::Live && !self.stands_for(four.live, four.new) {
            self.outcome.slots.push((target.into(), number));
        }
    }

    /// Names the slots that the new code brings along. A save knows of none but the state.
    fn added_slots(&mut self, moved: &FxHashMap<&'a str, &'a str>) {
        if self.is_of_a_save() {
            return;
        }
        let new = self.new;
        for (n, name) in (0..).zip(new.slots()) {
            let is_known = self.live.slot_number(name).is_some();
            if !is_known && !moved.values().any(|target| *target == name) {
                let path = self.path(Place::Slot(new, n));
                self.outcome.report.added.add(|| path);
            }
        }
    }

    /// Slots of code that was moved to another file: the old name, and the new one. They are found by what
    /// they are called within the file, if just one is gone and one has come.
    fn moved(&self) -> FxHashMap<&'a str, &'a str> {
        let gone = unique(self.live, |name| self.new.slot_number(name).is_none());
        let come = unique(self.new, |name| self.live.slot_number(name).is_none());
        let both = gone.into_iter().filter_map(|(within, name)| {
            let target = (*come.get(within)?)?;
            Some((name?, target))
        });
        both.collect()
    }

    /// Lets a function that the edit replaced be the new one everywhere, if the new source has it no more.
    pub(super) fn follow_function(&mut self, four: Four<'a>) {
        if let (Some(live), Some(new)) = (self.live.table(four.live), self.new.table(four.new))
            && let (Some(place), Some(_)) = (live.function(), new.function())
            && !self.code.has_function(place)
            && self.outcome.partners[live.id as usize] == 0
        {
            self.outcome.partners[live.id as usize] = new.id + 1;
        }
    }

    /// Finds for each live function the one that stands for it, or how it is made.
    pub(super) fn functions(&mut self) {
        let (live, new) = (self.live, self.new);
        let here: FxHashMap<&str, u32> = functions(new)
            .filter(|(_, _, own)| *own == 0)
            .map(|(id, place, _)| (place, id))
            .collect();
        let mut within: FxHashMap<&str, Option<u32>> = FxHashMap::default();
        for (place, id) in &here {
            let found = within.entry(within_file(place)).or_insert(Some(*id));
            *found = found.filter(|found| found == id);
        }
        for (id, place, own) in functions(live) {
            let partner = &mut self.outcome.partners[id as usize];
            if *partner != 0 {
                continue;
            }
            let is_here = self.code.has_function(place);
            let stands = match own {
                0 if is_here || here.contains_key(place) => here.get(place).copied(),
                0 => within.get(within_file(place)).copied().flatten(),
                _ => None,
            };
            match stands {
                Some(stands) => *partner = stands + 1,
                None => {
                    let remake = match (is_here, has_name(place)) {
                        (true, _) => Remake::New,
                        (false, true) => Remake::Gone,
                        (false, false) => Remake::Old,
                    };
                    self.outcome.functions.push((id, remake));
                }
            }
        }
    }

    /// Finds what a save, or a migrated state, refers to by name.
    pub(super) fn names(&mut self) {
        if self.has_migrated || self.is_of_a_save() {
            let names = self.live.0.names.iter();
            let found = names.map(|name| self.new.names().object(name).map_or(0, |id| id + 1));
            self.outcome.named = found.collect();
        }
    }

    /// Whether the live image is one that went through a save: it has no code.
    fn is_of_a_save(&self) -> bool {
        self.live.0.slots.iter().all(|slot| &*slot.name == STATE)
    }
}

/// Which slots are decided together.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Group {
    /// What a file returns, and its variables.
    File,
    /// Globals, and what was registered.
    Common,
    /// `mod.state`.
    State,
}

impl Group {
    fn of(slot: &str) -> Group {
        match slot {
            STATE => Group::State,
            slot if slot.contains(": ") || is_module(slot) => Group::File,
            _ => Group::Common,
        }
    }
}

/// The functions of an image: number, place, and how many variables of its own each has.
fn functions(image: &Image) -> impl Iterator<Item = (u32, &str, u32)> {
    (0..image.objects()).filter_map(|id| match image.object(id) {
        Object::Table(table) => Some((id, table.function()?, table.entries.left())),
        Object::Buffer(..) => None,
    })
}

/// Slots that are one of `which`, by what they are called within their file; none where several are.
fn unique(image: &Image, which: impl Fn(&str) -> bool) -> FxHashMap<&str, Option<&str>> {
    let mut found = FxHashMap::default();
    for name in image.slots().filter(|name| *name != STATE && which(name)) {
        let is_first = !found.contains_key(within_file(name));
        found.insert(within_file(name), is_first.then_some(name));
    }
    found
}

/// What a name is within its file; nothing for the file itself.
fn within_file(name: &str) -> &str {
    name.split_once(": ").map_or("", |(_, within)| within)
}

/// Whether the source gives a name to the function at this place, and no other function makes it.
fn has_name(place: &str) -> bool {
    let within = within_file(place);
    !within.contains('#') && !within.contains(" > ")
}
