//! Looking a place of an image up, by a path that a person wrote, and reading it as a [`Value`].

use std::collections::HashMap;

use super::code::Val;
use super::image::{Image, Object, Table};
use super::path::Step;
use super::same::{plain_entries, sorted};
use super::segment::Segment;
use crate::value::{NoValue, VALUE_BYTES_MAX, VALUE_DEPTH_MAX, VALUE_ENTRIES_MAX, Value};

impl Image {
    /// The value at `path` below the slot `slot`, such as `enemies[3].name` below `state`; all of the
    /// slot for an empty path, and nil where there is nothing.
    ///
    /// What only a VM can hold is shown by its name, as [`Value::Opaque`].
    ///
    /// # Errors
    /// It is nested deeper, or has more entries, than a [`Value`] may.
    pub fn value(&self, slot: &str, path: &str) -> Result<Value, NoValue> {
        let Some(value) = self.find(slot, path) else {
            return Ok(Value::Nil);
        };
        let mut reader = Reader {
            image: self,
            numbers: HashMap::new(),
            entries: 0,
            bytes: 0,
        };
        reader.value(value, 0)
    }

    /// The value at `path` below the slot `slot`, if there is one.
    pub(crate) fn find(&self, slot: &str, path: &str) -> Option<Val<'_>> {
        self.walk(slot, path)?.pop().map(|(_, value)| value)
    }

    /// The values on the way from the slot to `path`, each with the key that leads to it; the slot has nil.
    pub(super) fn walk(&self, slot: &str, path: &str) -> Option<Vec<(Step<'_>, Val<'_>)>> {
        let mut at = self.slot(slot)?;
        let mut way = vec![(Step::Key(self, Val::Nil), at)];
        for segment in Segment::read(path).ok()? {
            let (step, value) = self.table(at)?.get(&segment)?;
            way.push((step, value));
            at = value;
        }
        Some(way)
    }

    /// A key as it is written in a path: `.name`, `[3]`, `["two words"]`.
    /// Only the program draws states.
    #[cfg(feature = "cli")]
    pub(crate) fn key_text(&self, key: Val<'_>) -> String {
        let step = Step::Key(self, key);
        let path = super::path::KeyPath::new("", std::iter::once(step));
        path.as_str().to_owned()
    }
}

impl<'a> Table<'a> {
    /// All entries behind the array: sorted, those with tables and buffers as their keys last.
    pub(crate) fn in_order(&self) -> Vec<(Val<'a>, Val<'a>)> {
        let image = self.image;
        let plain = sorted(plain_entries(self)).into_iter();
        let plain = plain.map(|(_, value, at)| (image.at(at).0, value));
        let objects = self.entries.clone().filter_map(|(_, key, value)| {
            let is_object = matches!(key, Val::Object(_));
            is_object.then_some((key, value))
        });
        plain.chain(objects).collect()
    }

    /// How many entries it has, those of the array too.
    pub(crate) fn len(&self) -> u64 {
        u64::from(self.array.left()) + u64::from(self.entries.left())
    }

    fn get(&self, segment: &Segment) -> Option<(Step<'a>, Val<'a>)> {
        if let Some(n) = segment.number()
            && n.fract() == 0.0
            && n >= 1.0
            && n <= f64::from(self.array.left())
        {
            let n = n as u32;
            return Some((Step::Item(n), self.array.clone().nth(n as usize - 1)?));
        }
        let mut entries = self.entries.clone();
        let (_, key, value) = entries.find(|(_, key, _)| is_key(segment, self.image, *key))?;
        Some((Step::Key(self.image, key), value))
    }
}

/// Whether a key of an image is the one that somebody wrote.
fn is_key(segment: &Segment, image: &Image, key: Val<'_>) -> bool {
    match key {
        Val::Str(text) => text == segment.text.as_bytes(),
        Val::Atom(n) => image.atom(n) == segment.text.as_bytes(),
        Val::Int(n) => segment.number() == Some(n as f64),
        Val::Num(n) => segment.number() == Some(n),
        Val::Bool(b) => !segment.is_quoted && segment.text == b.to_string(),
        _ => false,
    }
}

struct Reader<'a> {
    image: &'a Image,
    /// The tables met so far, in the order in which a [`Value`] counts them.
    numbers: HashMap<u32, u32>,
    entries: u64,
    bytes: usize,
}

impl<'a> Reader<'a> {
    fn value(&mut self, value: Val<'a>, depth: usize) -> Result<Value, NoValue> {
        Ok(match value {
            Val::Nil => Value::Nil,
            Val::Bool(b) => Value::Boolean(b),
            Val::Int(n) => Value::Integer(n),
            Val::Num(n) => Value::Number(n),
            Val::Str(text) => self.text(text)?,
            Val::Atom(n) => self.text(self.image.atom(n))?,
            Val::Vector(parts) => Value::Vector(parts),
            Val::Null => Value::Opaque("null".into()),
            Val::Named(n) => Value::Opaque(self.image.name(n).into()),
            Val::Opaque(opaque) => Value::Opaque(opaque.what().into()),
            Val::Object(id) => match self.image.object(id) {
                Object::Buffer(bytes, _) => Value::Buffer(bytes.into()),
                Object::Table(table) => match table.function() {
                    Some(place) => Value::Function(Some(place.into())),
                    None => return self.table(&table, depth),
                },
            },
        })
    }

    /// An image has a string once, a value as often as it is met.
    fn text(&mut self, text: &[u8]) -> Result<Value, NoValue> {
        self.bytes += text.len();
        match self.bytes > VALUE_BYTES_MAX {
            true => Err(NoValue::TooLong),
            false => Ok(Value::String(text.into())),
        }
    }

    fn table(&mut self, table: &Table<'a>, depth: usize) -> Result<Value, NoValue> {
        if let Some(number) = self.numbers.get(&table.id) {
            return Ok(Value::Ref(*number));
        }
        if depth >= VALUE_DEPTH_MAX {
            return Err(NoValue::TooDeep);
        }
        self.entries += table.len();
        if self.entries > VALUE_ENTRIES_MAX as u64 {
            return Err(NoValue::TooLarge);
        }
        self.numbers.insert(table.id, self.numbers.len() as u32);
        let mut entries = Vec::with_capacity(table.len() as usize);
        for (n, item) in (1u32..).zip(table.array.clone()) {
            entries.push((f64::from(n).into(), self.value(item, depth + 1)?));
        }
        for (key, value) in table.in_order() {
            let key = self.value(key, depth + 1)?;
            entries.push((key, self.value(value, depth + 1)?));
        }
        Ok(Value::Table(entries))
    }
}
