//! [`Image`]: the state of a mod as plain bytes, and how to look into it without unpacking it.

use std::fmt;
use std::sync::{Arc, OnceLock};

use super::code::{self, Val};
use super::names::Names;
use super::same::Same;

/// What a mod keeps, as plain bytes: named slots, and the tables that hang on them.
///
/// An image belongs to no VM. It is cheap to clone, and it can go to disk and back
/// ([`Image::to_bytes`], [`Image::from_bytes`]). Every table has a number, so that shared tables and
/// cycles stay what they are, however deep they go.
#[derive(Clone)]
pub struct Image(pub(super) Arc<Parts>);

/// The parts of an image. All that is read from outside has passed `wire::check`.
#[derive(Default)]
pub(super) struct Parts {
    /// The number of the newest migration that the mod had.
    pub(super) state_version: u32,
    /// Entries of all tables together.
    pub(super) entries: u64,
    /// The slots, in the order in which they were met.
    pub(super) slots: Vec<Slot>,
    /// The numbers of the slots, sorted by name.
    pub(super) slots_by_name: Vec<u32>,
    /// What the values refer to by name.
    pub(super) names: Vec<Box<str>>,
    /// The strings that occur more than once, one behind the other.
    pub(super) text: Vec<u8>,
    /// Where each of them ends in `text`.
    pub(super) atoms: Vec<u32>,
    /// The values of the slots.
    pub(super) heads: Vec<u8>,
    /// Where each object starts in `blocks`.
    pub(super) objects: Vec<u32>,
    /// The objects in the order of their numbers.
    pub(super) blocks: Vec<u8>,
    /// The variables that several functions share.
    pub(super) shared: Vec<SharedVariable>,
    /// By number of an object: one more than the number of it in the image that was made when the code
    /// had been loaded; 0 if it was not there yet. Empty if nobody knows. Not part of the bytes.
    pub(super) origins: Vec<u32>,
    /// What the code calls its tables, once somebody asked.
    pub(super) code_names: OnceLock<Names>,
}

/// A variable of a function that others share: all with the same number are one variable.
pub(crate) struct SharedVariable {
    /// The number of the function.
    pub(crate) function: u32,
    /// What the function calls it.
    pub(crate) name: Box<str>,
    /// The number of the variable.
    pub(crate) number: u32,
}

/// A named value.
pub(super) struct Slot {
    pub(super) name: Box<str>,
    /// What key paths call it, if not by its name. An image that was read from bytes has none.
    pub(super) label: Option<Box<str>>,
    /// Where its value stands in `heads`.
    pub(super) at: u32,
}

/// An object is a buffer, not a table.
pub(super) const BUFFER: u8 = 0x01;
/// More than one place refers to the object.
pub(crate) const SHARED: u8 = 0x02;
/// The table is frozen.
pub(crate) const READONLY: u8 = 0x04;
/// A value stands before the array: the metatable.
pub(super) const META: u8 = 0x08;
/// The object is a function: its place in the source stands where a table has its metatable, and its
/// entries are the variables of its own, by name.
pub(crate) const FUNCTION: u8 = 0x10;
/// Kept free.
pub(super) const FREE_FLAGS: u8 = 0x20;
/// Some keys are objects.
pub(super) const OBJECT_KEYS: u8 = 0x40;
/// Some values can't cross.
pub(super) const HOLES: u8 = 0x80;

impl Image {
    /// Puts parts together.
    pub(super) fn new(mut parts: Parts) -> Image {
        let mut sorted: Vec<u32> = (0..parts.slots.len() as u32).collect();
        sorted.sort_by_key(|&n| &*parts.slots[n as usize].name);
        parts.slots_by_name = sorted;
        Image(parts.into())
    }

    /// How many entries all its tables have together.
    pub fn entries(&self) -> u64 {
        self.0.entries
    }

    /// How many bytes [`Image::to_bytes`] would give.
    pub fn bytes_len(&self) -> usize {
        super::wire::len(&self.0)
    }

    /// Which of its objects were there when the code had been loaded: by number of the object, one more
    /// than its number then, or 0. Nothing if it is not known.
    pub(crate) fn origins(&self) -> &[u32] {
        &self.0.origins
    }

    /// The image, if it is new, with [`Image::origins`].
    pub(crate) fn with_origins(mut self, origins: Vec<u32>) -> Image {
        if let Some(parts) = Arc::get_mut(&mut self.0) {
            parts.origins = origins;
        }
        self
    }

    /// The names of its slots.
    pub fn slots(&self) -> impl Iterator<Item = &str> {
        self.0.slots.iter().map(|slot| &*slot.name)
    }

    /// The state version of the code that made it: the number of its newest migration.
    pub fn state_version(&self) -> u32 {
        self.0.state_version
    }

    /// Whether both hold the same values in the same shape: shared tables shared alike, cycles
    /// closed alike. Order of keys and numbers of tables do not count, nor does the state version.
    ///
    /// Tables that are keys of a table are matched by what they hold; two that differ only in what
    /// lies deeper than that may be taken for each other, and the answer is then `false`.
    pub fn is_same(&self, other: &Image) -> bool {
        self.0.slots.len() == other.0.slots.len()
            && self.0.entries == other.0.entries
            && Same::exact(self, other).slots()
    }

    /// The value of the slot `name`, if there is such a slot.
    pub(crate) fn slot(&self, name: &str) -> Option<Val<'_>> {
        self.slot_number(name).map(|n| self.slot_value(n))
    }

    /// The number of the slot `name`. Slots have numbers from 0, in the order of [`Image::slots`].
    pub(crate) fn slot_number(&self, name: &str) -> Option<u32> {
        let Parts { slots, .. } = &*self.0;
        let sorted = &self.0.slots_by_name;
        let found = sorted.binary_search_by(|&n| (*slots[n as usize].name).cmp(name));
        found.ok().map(|place| sorted[place])
    }

    /// The value of the slot with this number.
    pub(crate) fn slot_value(&self, n: u32) -> Val<'_> {
        let slot = self.0.slots.get(n as usize);
        let value = slot.and_then(|slot| code::read(&self.0.heads, &mut (slot.at as usize)));
        value.unwrap_or(Val::Nil)
    }

    /// What key paths call the slot with this number.
    pub(crate) fn slot_label(&self, n: u32) -> &str {
        let slot = self.0.slots.get(n as usize);
        slot.map_or("", |slot| slot.label.as_ref().unwrap_or(&slot.name))
    }

    /// How many objects (tables and buffers) there are. Their numbers go from 0.
    pub(crate) fn objects(&self) -> u32 {
        self.0.objects.len() as u32
    }

    /// All strings that values refer to as [`Val::Atom`], in the order of their numbers.
    pub(crate) fn atoms(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.0.atoms.len() as u32).map(|n| self.atom(n))
    }

    /// All names that values refer to as [`Val::Named`], in the order of their numbers.
    pub(crate) fn names_of_values(&self) -> impl Iterator<Item = &str> {
        self.0.names.iter().map(|name| &**name)
    }

    /// The variables that several functions share.
    pub(crate) fn shared_variables(&self) -> &[SharedVariable] {
        &self.0.shared
    }

    /// The string with this number.
    pub(crate) fn atom(&self, n: u32) -> &[u8] {
        let n = n as usize;
        let start = n.checked_sub(1).and_then(|n| self.0.atoms.get(n));
        let start = start.map_or(0, |&at| at as usize);
        let end = self.0.atoms.get(n).map_or(start, |&at| at as usize);
        self.0.text.get(start..end).unwrap_or_default()
    }

    /// The name with this number.
    pub(crate) fn name(&self, n: u32) -> &str {
        self.0.names.get(n as usize).map_or("", |name| name)
    }

    /// The value at a place in the blocks, and the place behind it.
    pub(crate) fn at(&self, at: u32) -> (Val<'_>, u32) {
        let mut at = at as usize;
        let value = code::read(&self.0.blocks, &mut at).unwrap_or(Val::Nil);
        (value, at as u32)
    }

    /// Whether `value` is a table with an entry of this name, or a function with such a variable of its own.
    pub(crate) fn has_entry(&self, value: Val<'_>, name: &str) -> bool {
        self.table(value).is_some_and(|table| {
            let mut entries = table.entries;
            entries.any(|(_, key, _)| match key {
                Val::Str(text) => text == name.as_bytes(),
                Val::Atom(n) => self.atom(n) == name.as_bytes(),
                _ => false,
            })
        })
    }

    /// The object with this number.
    pub(crate) fn object(&self, id: u32) -> Object<'_> {
        self.try_object(id).unwrap_or(Object::Buffer(&[], 0))
    }

    /// The type of a value, as far as code relies on it; none for nil.
    pub(super) fn kind(&self, value: Val<'_>) -> Option<u8> {
        Some(match value {
            Val::Nil => return None,
            Val::Bool(_) => 1,
            Val::Int(_) | Val::Num(_) => 2,
            Val::Str(_) | Val::Atom(_) => 3,
            Val::Vector(_) => 4,
            Val::Null => 5,
            Val::Object(_) => match self.table(value) {
                Some(table) if table.flags & FUNCTION != 0 => 8,
                Some(_) => 6,
                None => 7,
            },
            // A name does not tell what it stands for.
            Val::Named(_) => return None,
            Val::Opaque(_) => 9,
        })
    }

    /// The place of the function with this number.
    pub(crate) fn function(&self, id: u32) -> Option<&str> {
        match self.object(id) {
            Object::Table(table) => table.function(),
            Object::Buffer(..) => None,
        }
    }

    /// The table that `value` is, if it is one.
    pub(crate) fn table(&self, value: Val<'_>) -> Option<Table<'_>> {
        match value {
            Val::Object(id) => match self.object(id) {
                Object::Table(table) => Some(table),
                Object::Buffer(..) => None,
            },
            _ => None,
        }
    }

    fn try_object(&self, id: u32) -> Option<Object<'_>> {
        let blocks = &self.0.blocks;
        let mut at = *self.0.objects.get(id as usize)? as usize;
        let [flags] = code::take(blocks, &mut at)?;
        let len = code::take_u32(blocks, &mut at)?;
        if flags & BUFFER != 0 {
            let bytes = code::slice(blocks, &mut at, len as usize)?;
            return Some(Object::Buffer(bytes, flags));
        }
        let hash_len = code::take_u32(blocks, &mut at)?;
        let array_bytes = code::take_u32(blocks, &mut at)? as usize;
        let meta = match flags & META {
            0 => Val::Nil,
            _ => code::read(blocks, &mut at)?,
        };
        Some(Object::Table(Table {
            image: self,
            id,
            flags,
            meta,
            array: Values {
                blocks,
                at,
                left: len,
            },
            entries: Entries(Values {
                blocks,
                at: at.checked_add(array_bytes)?,
                left: hash_len,
            }),
        }))
    }
}

impl fmt::Debug for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Image")
            .field("slots", &self.slots().collect::<Vec<_>>())
            .field("state_version", &self.state_version())
            .field("entries", &self.entries())
            .field("objects", &self.objects())
            .finish_non_exhaustive()
    }
}

/// What a number of an image stands for.
#[derive(Clone)]
pub(crate) enum Object<'a> {
    /// A table.
    Table(Table<'a>),
    /// A Luau buffer, and its flags.
    Buffer(&'a [u8], u8),
}

/// One table of an image.
#[derive(Clone)]
pub(crate) struct Table<'a> {
    pub(super) image: &'a Image,
    /// Its number.
    pub(crate) id: u32,
    /// [`SHARED`], [`READONLY`], [`FUNCTION`].
    pub(crate) flags: u8,
    /// Its metatable, or nil; the place of a function.
    pub(crate) meta: Val<'a>,
    /// The values of the keys 1 to n, without a gap.
    pub(crate) array: Values<'a>,
    /// All other entries.
    pub(crate) entries: Entries<'a>,
}

impl<'a> Table<'a> {
    /// The place of it in the source, if it is a function.
    pub(crate) fn function(&self) -> Option<&'a str> {
        match self.meta {
            Val::Named(n) if self.flags & FUNCTION != 0 => Some(self.image.name(n)),
            _ => None,
        }
    }
}

/// The values of an array part, in order.
#[derive(Clone)]
pub(crate) struct Values<'a> {
    blocks: &'a [u8],
    at: usize,
    left: u32,
}

impl Values<'_> {
    /// How many are still to come.
    pub(crate) fn left(&self) -> u32 {
        self.left
    }

    /// Lets none come any more.
    pub(crate) fn end(&mut self) {
        self.left = 0;
    }
}

impl<'a> Iterator for Values<'a> {
    type Item = Val<'a>;

    #[inline]
    fn next(&mut self) -> Option<Val<'a>> {
        self.left = self.left.checked_sub(1)?;
        code::read(self.blocks, &mut self.at)
    }
}

/// Entries in no particular order: where each one stands, its key, its value.
#[derive(Clone)]
pub(crate) struct Entries<'a>(Values<'a>);

impl Entries<'_> {
    /// How many are still to come.
    pub(crate) fn left(&self) -> u32 {
        self.0.left
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = (u32, Val<'a>, Val<'a>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let at = self.0.at as u32;
        let key = self.0.next()?;
        let value = code::read(self.0.blocks, &mut self.0.at)?;
        Some((at, key, value))
    }
}
