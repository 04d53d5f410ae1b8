//! [`diff`]: where two images differ, by key path.

use std::fmt;

use super::code::Val;
use super::image::{Image, Object, Table};
use super::key::Key;
use super::path::{KeyPath, Place, Step, push_text};
use super::same::{Same, is_same_scalar, plain_entries, sorted};

/// A place where two images differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where.
    pub path: KeyPath,
    /// What the first image has there, in short; none if it has nothing.
    pub before: Option<String>,
    /// What the second image has there, in short; none if it has nothing.
    pub after: Option<String>,
}

impl fmt::Display for Difference {
    /// As `state.gold: 10 -> 12`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |side: &Option<String>| side.clone().unwrap_or_else(|| "nil".into());
        let (before, after) = (text(&self.before), text(&self.after));
        write!(f, "{}: {before} -> {after}", self.path)
    }
}

/// The first `most` places where two images differ: shallow ones first, keys in order. A table that
/// is reached on several paths is compared on the first of them.
pub fn diff(before: &Image, after: &Image, most: usize) -> Vec<Difference> {
    let mut walk = Walk::new(before, after, most);
    for (n, name) in (0..).zip(before.slots()) {
        let y = after.slot(name).unwrap_or(Val::Nil);
        walk.compare(before.slot_value(n), y, Place::Slot(before, n));
    }
    for (n, name) in (0..).zip(after.slots()) {
        if before.slot_number(name).is_none() {
            walk.compare(Val::Nil, after.slot_value(n), Place::Slot(after, n));
        }
    }
    walk.run()
}

/// The same, of what lies at `path` below the slot `slot` alone. What leads there is compared no further
/// than it takes to see whether both have the place.
pub fn diff_below(
    before: &Image,
    after: &Image,
    slot: &str,
    path: &str,
    most: usize,
) -> Vec<Difference> {
    let mut walk = Walk::new(before, after, most);
    let (xs, ys) = (before.walk(slot, path), after.walk(slot, path));
    let (x, y) = (end_of(&xs), end_of(&ys));
    let (image, way) = match (&xs, &ys) {
        (Some(way), _) => (before, way),
        (None, Some(way)) => (after, way),
        (None, None) => return Vec::new(),
    };
    // The tables on the way only lend their names.
    let mut place = Place::Slot(image, image.slot_number(slot).unwrap_or_default());
    for (n, (step, _)) in (0..).zip(&way[1..]) {
        walk.places.push(place);
        place = Place::In(n, *step);
    }
    walk.compare(x, y, place);
    walk.run()
}

/// The value that a way leads to.
fn end_of<'a>(way: &Option<Vec<(Step<'a>, Val<'a>)>>) -> Val<'a> {
    let last = way.as_ref().and_then(|way| way.last());
    last.map_or(Val::Nil, |(_, value)| *value)
}

struct Walk<'a> {
    before: &'a Image,
    after: &'a Image,
    most: usize,
    /// Where each of `tables` is; before them, the places on the way to the first.
    places: Vec<Place<'a>>,
    tables: Vec<(Table<'a>, Table<'a>)>,
    is_seen: Vec<bool>,
    found: Vec<Difference>,
}

impl<'a> Walk<'a> {
    fn new(before: &'a Image, after: &'a Image, most: usize) -> Walk<'a> {
        Walk {
            before,
            after,
            most,
            places: Vec::new(),
            tables: Vec::new(),
            is_seen: vec![false; before.objects() as usize],
            found: Vec::new(),
        }
    }

    /// Compares the tables that were met, and those that they lead to.
    fn run(mut self) -> Vec<Difference> {
        let lead = self.places.len() - self.tables.len();
        let mut next = 0;
        while next < self.tables.len() && self.found.len() < self.most {
            let (x, y) = self.tables[next].clone();
            self.tables(&x, &y, lead + next);
            next += 1;
        }
        self.found
    }

    fn compare(&mut self, x: Val<'a>, y: Val<'a>, place: Place<'a>) {
        if self.found.len() >= self.most {
            return;
        }
        if let (Some(x), Some(y)) = (self.before.table(x), self.after.table(y))
            && x.function() == y.function()
        {
            if !std::mem::replace(&mut self.is_seen[x.id as usize], true) {
                self.tables.push((x, y));
                self.places.push(place);
            }
            return;
        }
        let is_same = match (x, y) {
            (Val::Object(_), Val::Object(_)) => Same::by_path(self.before, self.after).values(x, y),
            _ => is_same_scalar(self.before, x, self.after, y),
        };
        if !is_same {
            self.found.push(Difference {
                path: place.path(|table| self.places[table]),
                before: self.before.shown(x),
                after: self.after.shown(y),
            });
        }
    }

    fn tables(&mut self, x: &Table<'a>, y: &Table<'a>, number: usize) {
        let (mut xs, mut ys) = (x.array.clone(), y.array.clone());
        for n in 1..=xs.left().max(ys.left()) {
            let x = xs.next().unwrap_or(Val::Nil);
            let y = ys.next().unwrap_or(Val::Nil);
            self.compare(x, y, Place::In(number, Step::Item(n)));
        }
        let mut xs = sorted(plain_entries(x)).into_iter().peekable();
        let mut ys = sorted(plain_entries(y)).into_iter().peekable();
        loop {
            let first = |x: Option<&(Key<'a>, _, _)>, y: Option<&(Key<'a>, _, _)>| match (x, y) {
                (Some(x), Some(y)) => Some(x.0.min(y.0)),
                (x, y) => x.or(y).map(|entry| entry.0),
            };
            let Some(key) = first(xs.peek(), ys.peek()) else {
                break;
            };
            let x = xs.next_if(|entry| entry.0 == key);
            let y = ys.next_if(|entry| entry.0 == key);
            let step = match (x, y) {
                (Some((_, _, at)), _) => Step::Key(self.before, self.before.at(at).0),
                (None, y) => Step::Key(self.after, self.after.at(y.map_or(0, |y| y.2)).0),
            };
            let value = |entry: Option<(_, Val<'a>, _)>| entry.map_or(Val::Nil, |entry| entry.1);
            self.compare(value(x), value(y), Place::In(number, step));
        }
        let mut same = Same::by_path(self.before, self.after);
        if !same.object_keys(Some(x), Some(y)) {
            let place = Place::In(number, Step::Strange("tables as keys"));
            self.found.push(Difference {
                path: place.path(|table| self.places[table]),
                before: Some("other entries".into()),
                after: Some("other entries".into()),
            });
        }
    }
}

impl Image {
    /// A value in a few words; none for nil.
    pub(crate) fn shown(&self, value: Val<'_>) -> Option<String> {
        let size = |n: u64| {
            if n == 1 {
                "1 entry".into()
            } else {
                format!("{n} entries")
            }
        };
        Some(match value {
            Val::Nil => return None,
            Val::Object(id) => match self.object(id) {
                Object::Table(table) => match table.function() {
                    Some(place) => format!("the function {place}"),
                    None => format!("a table with {}", size(table.len())),
                },
                Object::Buffer(bytes, _) => format!("a buffer of {} bytes", bytes.len()),
            },
            Val::Opaque(opaque) => opaque.what().into(),
            Val::Bool(b) => b.to_string(),
            Val::Int(n) => n.to_string(),
            Val::Num(n) => n.to_string(),
            Val::Str(text) => quoted(text),
            Val::Atom(n) => quoted(self.atom(n)),
            Val::Vector([x, y, z]) => format!("vector({x}, {y}, {z})"),
            Val::Null => "null".into(),
            Val::Named(n) => self.name(n).into(),
        })
    }
}

fn quoted(bytes: &[u8]) -> String {
    let mut text = String::from("\"");
    push_text(&mut text, bytes);
    text.push('"');
    text
}
