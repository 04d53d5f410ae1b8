//! [`Image`]: the state of a mod as plain bytes, and how to look into it without unpacking it.

use std::fmt;
use std::sync::Arc;

use super::code::{self, Val};
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
    /// Name of each slot, and where its value stands in `blocks`.
    pub(super) slots: Vec<(Box<str>, u32)>,
    /// The numbers of the slots, sorted by name.
    pub(super) slots_by_name: Vec<u32>,
    /// What the values refer to by name.
    pub(super) names: Vec<Box<str>>,
    /// The strings that occur more than once, one behind the other.
    pub(super) text: Vec<u8>,
    /// Where each of them ends in `text`.
    pub(super) atoms: Vec<u32>,
    /// Where each object starts in `blocks`.
    pub(super) objects: Vec<u32>,
    /// The values of the slots, then the objects in the order of their numbers.
    pub(super) blocks: Vec<u8>,
}

/// An object is a buffer, not a table.
pub(super) const BUFFER: u8 = 0x01;
/// More than one place refers to the object.
pub(crate) const SHARED: u8 = 0x02;
/// The table is frozen.
pub(crate) const READONLY: u8 = 0x04;
/// A value stands before the array: the metatable.
pub(super) const META: u8 = 0x08;
/// Kept free, for weak keys and weak values.
pub(super) const FREE_FLAGS: u8 = 0x30;
/// Some keys are objects.
pub(super) const OBJECT_KEYS: u8 = 0x40;
/// Some values can't cross.
pub(super) const HOLES: u8 = 0x80;

impl Image {
    /// Puts parts together.
    pub(super) fn new(mut parts: Parts) -> Image {
        let mut sorted: Vec<u32> = (0..parts.slots.len() as u32).collect();
        sorted.sort_by_key(|&n| &*parts.slots[n as usize].0);
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

    /// The names of its slots.
    pub fn slots(&self) -> impl Iterator<Item = &str> {
        self.0.slots.iter().map(|(name, _)| &**name)
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
        let Parts { slots, .. } = &*self.0;
        let sorted = &self.0.slots_by_name;
        let found = sorted.binary_search_by(|&n| (*slots[n as usize].0).cmp(name));
        let (_, at) = &slots[sorted[found.ok()?] as usize];
        Some(self.at(*at).0)
    }

    /// How many objects (tables and buffers) there are. Their numbers go from 0.
    pub(crate) fn objects(&self) -> u32 {
        self.0.objects.len() as u32
    }

    /// All strings that values refer to as [`Val::Atom`], in the order of their numbers.
    pub(crate) fn atoms(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.0.atoms.len() as u32).map(|n| self.atom(n))
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

    /// The object with this number.
    pub(crate) fn object(&self, id: u32) -> Object<'_> {
        self.try_object(id).unwrap_or(Object::Buffer(&[], 0))
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
    /// [`SHARED`], [`READONLY`].
    pub(crate) flags: u8,
    /// Its metatable, or nil.
    pub(crate) meta: Val<'a>,
    /// The values of the keys 1 to n, without a gap.
    pub(crate) array: Values<'a>,
    /// All other entries.
    pub(crate) entries: Entries<'a>,
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

/// A key that two images can be asked for: anything but a table or buffer. Sorted as people would.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Key<'a> {
    /// A boolean.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A float, as an integer that sorts alike.
    Num(i64),
    /// A string.
    Str(&'a [u8]),
    /// A vector.
    Vector([u32; 3]),
    /// The null pointer.
    Null,
    /// Something that has a name.
    Named(&'a str),
}

impl<'a> Key<'a> {
    /// The key that `value` of `image` is.
    #[inline]
    pub(crate) fn of(image: &'a Image, value: Val<'a>) -> Option<Key<'a>> {
        Some(match value {
            Val::Bool(b) => Key::Bool(b),
            Val::Int(n) => Key::Int(n),
            Val::Num(n) => Key::Num(sortable(n)),
            Val::Str(s) => Key::Str(s),
            Val::Atom(n) => Key::Str(image.atom(n)),
            Val::Vector(parts) => Key::Vector(parts.map(|part| (part + 0.0).to_bits())),
            Val::Null => Key::Null,
            Val::Named(n) => Key::Named(image.name(n)),
            Val::Nil | Val::Object(_) | Val::Opaque(_) => return None,
        })
    }
}

/// The bits of a float, such that they sort as the floats do. The keys 0 and -0 are one key.
fn sortable(n: f64) -> i64 {
    let bits = (n + 0.0).to_bits() as i64;
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}
