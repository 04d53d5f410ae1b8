//! [`Replay::wanted`]: which functions a replay really needs of those that the new code did not make.

use super::code::Val;
use super::image::{Image, Object};
use super::replay::{Filled, Remake, Replay, Take};

impl Replay {
    /// The live functions that are to be made, in the order of their numbers: those that something refers
    /// to which stays.
    pub(crate) fn wanted(&self, live: &Image) -> Vec<(u32, Remake)> {
        if self.functions.is_empty() {
            return Vec::new();
        }
        let mut reached = Reached {
            replay: self,
            is_seen: vec![false; live.objects() as usize],
            todo: Vec::new(),
        };
        for (_, number) in &self.slots {
            reached.refer(live.slot_value(*number));
        }
        for filled in &self.tables {
            reached.content(live, filled.live, Some(filled));
        }
        while let Some(id) = reached.todo.pop() {
            reached.content(live, id, None);
        }
        let functions = self.functions.iter().copied();
        functions
            .filter(|(id, _)| reached.is_seen[*id as usize])
            .collect()
    }
}

struct Reached<'a> {
    replay: &'a Replay,
    /// By number of the live object: whether it is created.
    is_seen: Vec<bool>,
    todo: Vec<u32>,
}

impl Reached<'_> {
    /// A reference to what has no partner creates it.
    fn refer(&mut self, value: Val<'_>) {
        let Val::Object(id) = value else { return };
        let has_partner = self.replay.partners[id as usize] != 0;
        if !has_partner && !std::mem::replace(&mut self.is_seen[id as usize], true) {
            self.todo.push(id);
        }
    }

    /// All that a table refers to, and that does not give way.
    fn content(&mut self, live: &Image, id: u32, filled: Option<&Filled>) {
        let Object::Table(table) = live.object(id) else {
            return;
        };
        let is_live = |take: fn(&Filled) -> Take| filled.is_none_or(|it| take(it) == Take::Live);
        if is_live(|filled| filled.meta) {
            self.refer(table.meta);
        }
        if is_live(|filled| filled.array) {
            table.array.for_each(|value| self.refer(value));
        }
        let skip = filled.map_or(&[][..], |filled| &filled.skip);
        for (at, key, value) in table.entries {
            if skip.binary_search(&at).is_err() {
                self.refer(key);
                self.refer(value);
            }
        }
    }
}
