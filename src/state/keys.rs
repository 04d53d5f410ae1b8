//! The replay rule for the keys of a table: each on its own, and only those that need a decision.

use super::code::Val;
use super::image::{HOLES, OBJECT_KEYS, Table};
use super::key::Key;
use super::path::{Place, Step};
use super::replay::{Filled, Take};
use super::rule::{Four, Pair, Rule};
use super::same::{is_same_scalar, plain_entries, sorted};

/// A key of which the live value alone does not tell the result.
struct Row<'a> {
    key: Key<'a>,
    /// The key as it stands in an image.
    step: Step<'a>,
    four: Four<'a>,
    new_at: Option<u32>,
    live_at: Option<u32>,
}

/// An entry of one image: its key, its value, where it stands.
type Plain<'a> = (Key<'a>, Val<'a>, u32);

impl<'a> Rule<'a> {
    /// Decides the keys of a pair one by one. The live entries are only gone through if some key
    /// needs its live value.
    pub(super) fn keys(&mut self, pair: &Pair<'a>, number: usize, filled: &mut Filled) {
        let mut rows = self.rows(pair);
        let has_holes = pair.live.flags & HOLES != 0 && !pair.is_whole;
        if rows.is_empty() && !has_holes {
            return;
        }
        let find = |rows: &[Row<'a>], key| rows.binary_search_by(|row| row.key.cmp(&key));
        for (key, value, _) in pair.base.iter().flat_map(plain_entries) {
            if let Ok(n) = find(&rows, key) {
                rows[n].four.base = value;
            }
        }
        let new = if has_holes {
            sorted(plain_entries(&pair.new))
        } else {
            Vec::new()
        };
        for (key, value, at) in plain_entries(&pair.live) {
            if let Ok(n) = find(&rows, key) {
                (rows[n].four.live, rows[n].live_at) = (value, Some(at));
            } else if has_holes && matches!(value, Val::Opaque(_)) {
                let theirs = new.binary_search_by(|(theirs, ..)| theirs.cmp(&key));
                filled.keep.extend(theirs.map(|n| new[n].2));
                filled.skip.push(at);
                self.give_up(&pair.live, 1);
            }
        }
        for row in rows {
            if self.value(row.four, Place::In(number, row.step), pair.is_whole) == Take::New {
                self.give_up(&pair.live, u64::from(row.live_at.is_some()));
                filled.skip.extend(row.live_at);
                filled.keep.extend(row.new_at);
            }
        }
    }

    /// The keys that the edit touched, and those under which the new code has an object; sorted.
    fn rows(&mut self, pair: &Pair<'a>) -> Vec<Row<'a>> {
        let mut rows = Vec::new();
        let again = pair.again.as_ref().filter(|_| !pair.is_whole);
        let mut new = plain_entries(&pair.new);
        let mut again = again.into_iter().flat_map(plain_entries);
        // Code that was not edited makes its entries in the same order: go in step as long as it does.
        loop {
            match (new.next(), again.next()) {
                (None, None) => break,
                (Some(new), Some(again)) if new.0 == again.0 => {
                    rows.extend(self.row(Some(new), Some(again), pair));
                }
                (one, other) => {
                    let new = sorted(one.into_iter().chain(new));
                    let again = sorted(other.into_iter().chain(again));
                    self.rows_of_sorted(new, again, pair, &mut rows);
                    break;
                }
            }
        }
        rows.sort_unstable_by(|one, other| one.key.cmp(&other.key));
        rows
    }

    fn rows_of_sorted(
        &mut self,
        new: Vec<Plain<'a>>,
        again: Vec<Plain<'a>>,
        pair: &Pair<'a>,
        rows: &mut Vec<Row<'a>>,
    ) {
        let mut again = again.into_iter().peekable();
        for new in new {
            while let Some(gone) = again.next_if(|gone| gone.0 < new.0) {
                rows.extend(self.row(None, Some(gone), pair));
            }
            let theirs = again.next_if(|theirs| theirs.0 == new.0);
            rows.extend(self.row(Some(new), theirs, pair));
        }
        for gone in again {
            rows.extend(self.row(None, Some(gone), pair));
        }
    }

    fn row(
        &mut self,
        new: Option<Plain<'a>>,
        again: Option<Plain<'a>>,
        pair: &Pair<'a>,
    ) -> Option<Row<'a>> {
        let value = |side: Option<Plain<'a>>| side.map_or(Val::Nil, |(_, value, _)| value);
        let four = Four {
            base: Val::Nil,
            live: Val::Nil,
            new: value(new),
            again: value(again),
        };
        // For an object it is decided later, and only if need be, whether the edit touched it.
        let is_object = matches!(four.new, Val::Object(_));
        if !is_object
            && (pair.is_whole || is_same_scalar(self.again, four.again, self.new, four.new))
        {
            return None;
        }
        let (image, (key, _, at)) = match new {
            Some(new) => (self.new, new),
            None => (self.again, again?),
        };
        Some(Row {
            key,
            step: Step::Key(image, image.at(at).0),
            four,
            new_at: new.map(|(_, _, at)| at),
            live_at: None,
        })
    }
}

/// The entries with keys that are objects.
pub(super) fn give_way(table: &Table<'_>, places: &mut Vec<u32>) {
    if table.flags & OBJECT_KEYS != 0 {
        let entries = table.entries.clone();
        let is_object = |key| matches!(key, Val::Object(_));
        places.extend(entries.filter_map(|(at, key, _)| is_object(key).then_some(at)));
    }
}
