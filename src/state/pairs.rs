//! The replay rule for identity: which table of the new code stands for which live one.

use super::code::Val;
use super::image::{Object, Table};
use super::path::Place;
use super::rule::{Four, Pair, Rule};

impl<'a> Rule<'a> {
    /// Decides what hangs on the slots that were decided so far.
    pub(super) fn pairs(&mut self) {
        while let Some(pair) = self.pairs.get(self.outcome.tables.len()).cloned() {
            let filled = self.table(&pair, self.outcome.tables.len());
            self.outcome.tables.push(filled);
        }
    }

    /// Decides the pairs that were met where the live table did not stand at the beginning, if it was not met
    /// there, too.
    pub(super) fn strays(&mut self) {
        while !self.strays.is_empty() {
            for pair in std::mem::take(&mut self.strays) {
                if self.is_free(pair.live.id, pair.new.id) {
                    self.pairs.push(pair);
                }
            }
            self.pairs();
        }
    }

    /// Lets a new table stand for a live one, if both are still free: the kin of the live one, if it has any,
    /// else the one on the same path, if that is nobody's kin.
    pub(super) fn pair(
        &mut self,
        live: Table<'a>,
        new: Table<'a>,
        four: Four<'a>,
        place: Place<'a>,
        is_whole: bool,
    ) {
        let mut pair = Pair {
            base: self.base.table(four.base),
            again: self.again.table(four.again),
            live,
            new,
            is_whole,
            is_migrated: self.is_migrated,
            place,
        };
        if let Some(kin) = self.kin.of(pair.live.id) {
            let base = Val::Object(kin.base);
            let is_home = !self.kin.is_other(Val::Object(pair.live.id), four.base);
            pair.base = self.base.table(base);
            pair.again = kin.again.and_then(|id| self.again.table(Val::Object(id)));
            let Some(new) = self.new.table(Val::Object(kin.new)) else {
                return;
            };
            pair.new = new;
            if is_whole || !is_home {
                return self.strays.push(pair);
            }
        } else if self.kin.is_promised(pair.new.id) {
            return;
        }
        if self.is_free(pair.live.id, pair.new.id) {
            self.pairs.push(pair);
        }
    }

    /// Lets a new buffer stand for a live one of the same length.
    pub(super) fn pair_buffers(&mut self, four: Four<'a>) {
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
    pub(super) fn stands_for(&self, live: Val<'a>, new: Val<'a>) -> bool {
        match (live, new) {
            (Val::Object(live), Val::Object(new)) => {
                self.outcome.partners[live as usize] == new + 1
            }
            _ => false,
        }
    }
}
