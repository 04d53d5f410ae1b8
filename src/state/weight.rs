//! How much hangs on a live value that gives way, and what is not counted at all.

use super::code::Val;
use super::image::{Object, Table};
use super::names::REGISTRATIONS;
use super::rule::Rule;

impl<'a> Rule<'a> {
    /// Sets the tables aside that tell what the mod has registered: they are no state of it.
    pub(super) fn set_registrations_aside(&mut self) {
        for table in REGISTRATIONS.iter().filter_map(|name| self.live.slot(name)) {
            let Some(table) = self.live.table(table) else {
                continue;
            };
            self.set_aside(&table);
            for (_, _, entry) in table.entries {
                if let Some(entry) = self.live.table(entry) {
                    self.set_aside(&entry);
                }
            }
        }
    }

    fn set_aside(&mut self, table: &Table<'a>) {
        self.give_up(table, size(table));
        self.weighed_mut()[table.id as usize] = true;
    }

    /// Counts entries of a table that give way, unless all of it is counted already.
    pub(super) fn give_up(&mut self, table: &Table<'a>, entries: u64) {
        let is_counted = self.weighed.get(table.id as usize).copied();
        if is_counted != Some(true) {
            self.given_up += entries;
        }
    }

    fn weighed_mut(&mut self) -> &mut [bool] {
        if self.weighed.is_empty() {
            self.weighed = vec![false; self.live.objects() as usize];
        }
        &mut self.weighed
    }

    /// Counts all that hangs on a value that gives way.
    pub(super) fn weigh(&mut self, value: Val<'a>) {
        let Val::Object(id) = value else { return };
        self.weighed_mut();
        let mut todo = vec![id];
        while let Some(id) = todo.pop() {
            if std::mem::replace(&mut self.weighed[id as usize], true) {
                continue;
            }
            if let Object::Table(table) = self.live.object(id) {
                self.given_up += size(&table);
                let values = table.array.chain(table.entries.map(|(_, _, value)| value));
                todo.extend(values.filter_map(|value| match value {
                    Val::Object(id) => Some(id),
                    _ => None,
                }));
            }
        }
    }
}

fn size(table: &Table<'_>) -> u64 {
    u64::from(table.array.left()) + u64::from(table.entries.left())
}
