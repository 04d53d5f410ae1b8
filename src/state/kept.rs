//! Which slots kept a value that they got at run time, for the report.

use super::code::Val;
use super::image::{Image, Object, Table};
use super::path::{KeyPath, Step};
use super::rule::{Four, Rule};
use super::same::{plain_entries, sorted};

/// How many entries of one table are looked at. A report names places; it is no listing.
const ENTRIES_MAX: usize = 256;

impl<'a> Rule<'a> {
    /// Notes a slot whose live value stays, if that is another one than the old code began with; of a table,
    /// the entries that are.
    pub(super) fn note_kept(&mut self, number: u32, four: Four<'a>) {
        let live = self.live;
        match (live.table(four.live), self.base.table(four.base)) {
            (Some(now), Some(then)) if now.function().is_none() => {
                self.note_entries(number, &now, &then);
            }
            _ if is_small(live, four.live) && !self.ran.values(four.live, four.base) => {
                self.note(number, None);
            }
            _ => {}
        }
    }

    fn note_entries(&mut self, number: u32, now: &Table<'a>, then: &Table<'a>) {
        let is_longer = now.array.left() != then.array.left();
        let is_short = now.array.left() as usize <= ENTRIES_MAX;
        if is_longer || is_short && !self.ran.arrays(Some(now), Some(then)) {
            self.note(number, None);
        }
        if now.entries.left() as usize > ENTRIES_MAX {
            return self.note(number, None);
        }
        let then = sorted(plain_entries(then).take(ENTRIES_MAX));
        for (key, value, at) in sorted(plain_entries(now)) {
            let before = then.binary_search_by(|(theirs, ..)| theirs.cmp(&key));
            let before = before.map_or(Val::Nil, |place| then[place].1);
            if is_small(self.live, value) && !self.ran.values(value, before) {
                self.note(number, Some(self.live.at(at).0));
            }
        }
    }

    fn note(&mut self, number: u32, key: Option<Val<'a>>) {
        let live = self.live;
        let steps = key.into_iter().map(|key| Step::Key(live, key));
        let changed = &mut self.outcome.report.changed;
        changed.add(|| KeyPath::new(live.slot_label(number), steps));
    }
}

/// Whether a value can be compared in no time, and is data.
fn is_small(image: &Image, value: Val<'_>) -> bool {
    match value {
        Val::Object(id) => match image.object(id) {
            Object::Table(table) => {
                let size = table.array.left() as usize + table.entries.left() as usize;
                table.function().is_none() && size <= ENTRIES_MAX
            }
            Object::Buffer(..) => true,
        },
        _ => true,
    }
}
