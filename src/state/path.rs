//! [`KeyPath`]: where in the state something is, as a modder would write it: `state.enemies[3].brain`.

use std::fmt::{self, Write};

use super::code::Val;
use super::image::{Image, Object};

/// A place in the state, as a modder would write it: `state.enemies[3].brain`.
///
/// It is meant for people: a key is cut after 48 characters and the path after some 200, with `…`;
/// what can't be printed is escaped. A table that is a key is written `[table]`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyPath(Box<str>);

/// The longest path in characters; the last key is shown even behind it.
const PATH_MAX: usize = 200;
const KEY_MAX: usize = 48;
/// Names of slots hold the path of a file.
const SLOT_MAX: usize = 120;
/// How deep a place may be for its whole path to be looked for.
const DEPTH_MAX: usize = 10_000;

impl KeyPath {
    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path of `keys`, in order, from a slot.
    pub(crate) fn new<'a>(slot: &str, mut keys: impl Iterator<Item = Step<'a>>) -> KeyPath {
        let mut path = String::new();
        push_cut(&mut path, slot.as_bytes(), SLOT_MAX);
        let mut skipped = None;
        while path.len() < PATH_MAX {
            let Some(key) = keys.next() else {
                return KeyPath(path.into());
            };
            key.push_to(&mut path);
        }
        let mut is_long = false;
        for key in keys {
            is_long |= skipped.replace(key).is_some();
        }
        if is_long {
            path.push('…');
        }
        if let Some(last) = skipped {
            last.push_to(&mut path);
        }
        KeyPath(path.into())
    }

    /// Somewhere very deep, under this key.
    fn far(last: Step<'_>) -> KeyPath {
        let mut path = String::from("…");
        last.push_to(&mut path);
        KeyPath(path.into())
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One key of a path.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step<'a> {
    /// A place in an array, from 1.
    Item(u32),
    /// A key of an image.
    Key(&'a Image, Val<'a>),
    /// The metatable.
    Meta,
    /// A key that no image can hold: what it is.
    Strange(&'static str),
}

impl Step<'_> {
    fn push_to(self, path: &mut String) {
        // Writing to a string cannot fail.
        let _ = match self {
            Step::Item(n) => write!(path, "[{n}]"),
            Step::Meta => write!(path, "(metatable)"),
            Step::Strange(what) => write!(path, "[{what}]"),
            Step::Key(image, value) => match value {
                Val::Bool(b) => write!(path, "[{b}]"),
                Val::Int(n) => write!(path, "[{n}]"),
                Val::Num(n) if n.abs() < 1e15 => write!(path, "[{n}]"),
                Val::Num(n) => write!(path, "[{n:e}]"),
                Val::Str(text) => return push_key(path, text),
                Val::Atom(n) => return push_key(path, image.atom(n)),
                Val::Vector([x, y, z]) => write!(path, "[vector({x}, {y}, {z})]"),
                Val::Null => write!(path, "[null]"),
                Val::Object(n) => match image.object(n) {
                    Object::Table(table) if table.function().is_some() => {
                        write!(path, "[function]")
                    }
                    Object::Table(_) => write!(path, "[table]"),
                    Object::Buffer(..) => write!(path, "[buffer]"),
                },
                Val::Named(n) => write!(path, "[{}]", image.name(n)),
                Val::Nil | Val::Opaque(_) => Ok(()),
            },
        };
    }
}

fn push_key(path: &mut String, key: &[u8]) {
    let is_name = key.len() <= KEY_MAX
        && key.first().is_some_and(|first| !first.is_ascii_digit())
        && key.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_');
    path.push_str(if is_name { "." } else { "[\"" });
    push_text(path, key);
    path.push_str(if is_name { "" } else { "\"]" });
}

/// Writes what can be printed of a text, cut after 48 characters.
pub(super) fn push_text(path: &mut String, text: &[u8]) {
    push_cut(path, text, KEY_MAX);
}

fn push_cut(path: &mut String, text: &[u8], most: usize) {
    // Four bytes is the most that a character takes: what is cut off here would not be shown.
    let text = &text[..text.len().min(4 * most + 4)];
    let mut left = most;
    for chunk in text.utf8_chunks() {
        for char in chunk.valid().chars() {
            if left == 0 {
                return path.push('…');
            }
            left -= 1;
            match char {
                '\'' => path.push(char),
                _ => path.extend(char.escape_debug()),
            }
        }
        for byte in chunk.invalid() {
            if left == 0 {
                return path.push('…');
            }
            left -= 1;
            let _ = write!(path, "\\x{byte:02x}");
        }
    }
}

/// Where a value is that was reached on a path: its key, and the table that has it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place<'a> {
    /// The slot of an image with this number.
    Slot(&'a Image, u32),
    /// In the table that was reached as number so and so.
    In(usize, Step<'a>),
}

impl<'a> Place<'a> {
    /// Its path; `place_of` tells where a table is.
    pub(super) fn path(mut self, place_of: impl Fn(usize) -> Place<'a>) -> KeyPath {
        let mut steps = Vec::new();
        loop {
            match self {
                Place::Slot(image, n) => {
                    return KeyPath::new(image.slot_label(n), steps.into_iter().rev());
                }
                Place::In(table, step) => {
                    steps.push(step);
                    self = place_of(table);
                }
            }
            if steps.len() > DEPTH_MAX {
                return KeyPath::far(steps[0]);
            }
        }
    }
}

/// Where an entry of an image is: the number of its table (none: a slot), and which entry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spot {
    /// The table; a slot's value is in none.
    pub(crate) table: Option<u32>,
    /// Which entry of it.
    pub(crate) entry: Entry,
}

/// Which entry of a table.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Entry {
    /// The number of the slot, from 0.
    Slot(u32),
    /// The place in the array, from 1.
    Item(u32),
    /// Where the key stands in the blocks.
    At(u32),
    /// The metatable.
    Meta,
    /// A key that the image does not hold: what it is.
    Strange(&'static str),
}

impl Image {
    /// The path of each spot: the first of the shortest ones.
    pub(crate) fn paths(&self, spots: &[Spot]) -> Vec<KeyPath> {
        let parents = match spots {
            [] => Vec::new(),
            _ => self.parents(),
        };
        spots
            .iter()
            .map(|spot| {
                let mut slot = 0;
                let mut steps = Vec::new();
                let mut next = Some(*spot);
                while let Some(spot) = next {
                    match spot.entry {
                        Entry::Slot(n) => slot = n,
                        Entry::Item(n) => steps.push(Step::Item(n)),
                        Entry::At(at) => steps.push(Step::Key(self, self.at(at).0)),
                        Entry::Meta => steps.push(Step::Meta),
                        Entry::Strange(what) => steps.push(Step::Strange(what)),
                    }
                    next = spot.table.and_then(|id| parents[id as usize]);
                    if steps.len() > DEPTH_MAX {
                        return KeyPath::far(steps[0]);
                    }
                }
                KeyPath::new(self.slot_label(slot), steps.into_iter().rev())
            })
            .collect()
    }

    /// Where each of these objects is, as [`Image::paths`] tells it.
    pub(crate) fn paths_of(&self, objects: &[u32]) -> Vec<KeyPath> {
        if objects.is_empty() {
            return Vec::new();
        }
        let parents = self.parents();
        let spots: Vec<Spot> = objects
            .iter()
            .filter_map(|id| parents.get(*id as usize).copied().flatten())
            .collect();
        self.paths(&spots)
    }

    /// For each of these names of values that some place refers to: the name, and the first such place.
    pub(crate) fn paths_of_names(&self, names: &[u32]) -> Vec<(u32, KeyPath)> {
        let mut left: Vec<u32> = names.to_vec();
        let mut found = Vec::new();
        let mut refer = |value, table, entry| {
            if let Val::Named(n) = value
                && let Some(place) = left.iter().position(|name| *name == n)
            {
                found.push((left.swap_remove(place), Spot { table, entry }));
            }
            left.is_empty()
        };
        let slots = 0..self.0.slots.len() as u32;
        let mut is_done = slots
            .into_iter()
            .any(|n| refer(self.slot_value(n), None, Entry::Slot(n)));
        for id in 0..self.objects() {
            let Object::Table(mut table) = self.object(id) else {
                continue;
            };
            is_done = is_done
                || (1..)
                    .zip(table.array)
                    .any(|(n, value)| refer(value, Some(id), Entry::Item(n)))
                || table.entries.any(|(at, key, value)| {
                    let entry = Entry::At(at);
                    refer(key, Some(id), entry) || refer(value, Some(id), entry)
                });
            if is_done {
                break;
            }
        }
        let spots: Vec<Spot> = found.iter().map(|(_, spot)| *spot).collect();
        let names = found.iter().map(|(name, _)| *name);
        names.zip(self.paths(&spots)).collect()
    }

    /// For each object, where it is referred to first, going outwards from the slots.
    fn parents(&self) -> Vec<Option<Spot>> {
        let mut parents: Vec<Option<Spot>> = vec![None; self.objects() as usize];
        let mut reached = Vec::new();
        let mut refer = |value, table, entry, reached: &mut Vec<u32>| {
            if let Val::Object(id) = value
                && parents[id as usize].is_none()
            {
                parents[id as usize] = Some(Spot { table, entry });
                reached.push(id);
            }
        };
        for n in 0..self.0.slots.len() as u32 {
            refer(self.slot_value(n), None, Entry::Slot(n), &mut reached);
        }
        let mut next = 0;
        while let Some(&id) = reached.get(next) {
            next += 1;
            let Object::Table(table) = self.object(id) else {
                continue;
            };
            refer(table.meta, Some(id), Entry::Meta, &mut reached);
            for (n, value) in (1..).zip(table.array) {
                refer(value, Some(id), Entry::Item(n), &mut reached);
            }
            for (at, key, value) in table.entries {
                let entry = Entry::At(at);
                refer(key, Some(id), entry, &mut reached);
                refer(value, Some(id), entry, &mut reached);
            }
        }
        parents
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Builder;

    #[track_caller]
    fn check(keys: &[&[u8]], expected: &str) {
        let image = Builder::new(0).finish();
        let steps = keys.iter().map(|key| Step::Key(&image, Val::Str(key)));
        assert_eq!(KeyPath::new("state", steps).as_str(), expected);
    }

    #[test]
    fn a_path_reads_as_lua_and_prints_on_one_line() {
        check(&[b"enemies", b"_x9"], "state.enemies._x9");
        check(
            &[b"9a", b"two words", b""],
            r#"state["9a"]["two words"][""]"#,
        );
        check(&["a\n\u{202e}\"".as_bytes()], r#"state["a\n\u{202e}\""]"#);
        check(&[b"\xff\0"], r#"state["\xff\0"]"#);
    }

    #[test]
    fn a_long_path_is_cut_in_the_middle_and_a_long_key_at_its_end() {
        let key = "k".repeat(100);
        check(
            &[key.as_bytes()],
            &format!("state[\"{}…\"]", "k".repeat(48)),
        );
        let keys = [b"key".as_slice(); 1000];
        let path = format!("state{}….key", ".key".repeat(49));
        check(&keys, &path);
    }
}
