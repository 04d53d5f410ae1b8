//! The values and tables of a state that was read, and the image that is made of them.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::read::BadState;
use super::{HAS_INTEGERS, HOLES};
use crate::state::{Builder, FUNCTION, Image, READONLY, Val};

/// Shorter strings are written once when they come again.
const REPEATED_BYTES_MAX: usize = 64;

/// Integers end here.
const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;

/// A value whose tables stand elsewhere, by their number.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Leaf<'j> {
    Nil,
    Bool(bool),
    Int(i64),
    /// The bits of a float.
    Num(u64),
    /// A string: any bytes.
    Text(Cow<'j, [u8]>),
    /// The bits of the parts of a vector.
    Vector([u32; 3]),
    Null,
    Named(&'j str),
    /// The number of a hole in [`HOLES`].
    Opaque(u8),
    /// The number of a [`Node`].
    Node(usize),
}

/// A table or buffer that was read.
#[derive(Clone, Debug)]
pub(super) enum Node<'j> {
    Table(TableNode<'j>),
    Buffer(Vec<u8>),
}

#[derive(Clone, Debug, Default)]
pub(super) struct TableNode<'j> {
    pub(super) is_frozen: bool,
    pub(super) metatable: Option<Leaf<'j>>,
    /// The place in the source, of a function; the entries are its variables then.
    pub(super) function: Option<&'j str>,
    pub(super) array: Vec<Leaf<'j>>,
    pub(super) entries: Vec<(Leaf<'j>, Leaf<'j>)>,
}

pub(super) fn bad<T>(why: impl Into<String>) -> Result<T, BadState> {
    Err(BadState(why.into()))
}

/// Writes the image: the slots, then what they lead to, in the order in which it is met.
pub(super) fn write(nodes: &[Node<'_>], slots: &[(&str, Leaf<'_>)], state_version: u32) -> Image {
    let mut writer = Writer {
        builder: Builder::new(state_version),
        numbers: vec![None; nodes.len()],
        met: Vec::new(),
        texts: HashMap::new(),
    };
    for (name, value) in slots {
        let value = writer.value(value);
        writer.builder.slot(name, None, value);
    }
    while let Some(id) = writer.builder.next() {
        match &nodes[writer.met[id as usize]] {
            Node::Buffer(bytes) => writer.builder.buffer(bytes),
            Node::Table(table) => writer.table(table),
        }
    }
    writer.builder.finish()
}

impl<'j> TableNode<'j> {
    /// Sorts entries into the array and the others, and leaves out those without a value.
    pub(super) fn take_pairs(&mut self, pairs: Vec<(Leaf<'j>, Leaf<'j>)>) -> Result<(), BadState> {
        let mut keys = HashSet::with_capacity(pairs.len());
        let mut items = HashMap::new();
        for (key, value) in pairs {
            let key = key.into_key()?;
            if !keys.insert(key.clone()) {
                return bad("has a table with the same key twice");
            }
            match (key.place_in_array(), value) {
                (_, Leaf::Nil) => {}
                (Some(n), value) => drop(items.insert(n, (key, value))),
                (None, value) => self.entries.push((key, value)),
            }
        }
        for n in 1.. {
            match items.remove(&n) {
                Some((_, value)) => self.array.push(value),
                None => break,
            }
        }
        let mut rest: Vec<_> = items.into_iter().collect();
        rest.sort_unstable_by_key(|(n, _)| *n);
        self.entries
            .extend(rest.into_iter().map(|(_, entry)| entry));
        Ok(())
    }
}

impl<'j> Leaf<'j> {
    pub(super) fn of_text(text: &'j str) -> Leaf<'j> {
        Leaf::Text(Cow::Borrowed(text.as_bytes()))
    }

    pub(super) fn of_float(n: f64) -> Leaf<'j> {
        Leaf::Num(n.to_bits())
    }

    /// The key of an item of an array.
    pub(super) fn of_place(n: u32) -> Leaf<'j> {
        match HAS_INTEGERS {
            true => Leaf::Int(i64::from(n)),
            false => Leaf::of_float(f64::from(n)),
        }
    }

    /// The same as a key: what is equal to Lua is equal here.
    fn into_key(self) -> Result<Self, BadState> {
        Ok(match self {
            Leaf::Nil | Leaf::Opaque(_) => return bad("has a key that can't be one"),
            Leaf::Num(bits) => {
                let n = f64::from_bits(bits) + 0.0;
                if n.is_nan() {
                    return bad("has nan as a key");
                }
                // The engines that have integers turn whole floats into them.
                match HAS_INTEGERS && n.fract() == 0.0 && n.abs() < TWO_TO_63 {
                    true => Leaf::Int(n as i64),
                    false => Leaf::of_float(n),
                }
            }
            Leaf::Vector(parts) => {
                let parts = parts.map(|part| f32::from_bits(part) + 0.0);
                if parts.iter().any(|part| part.is_nan()) {
                    return bad("has nan as a key");
                }
                Leaf::Vector(parts.map(f32::to_bits))
            }
            key => key,
        })
    }

    fn place_in_array(&self) -> Option<u32> {
        match self {
            Leaf::Int(n) if HAS_INTEGERS => u32::try_from(*n).ok(),
            Leaf::Num(bits) => {
                let n = f64::from_bits(*bits);
                let is_place = n.fract() == 0.0 && (1.0..f64::from(u32::MAX)).contains(&n);
                is_place.then_some(n as u32)
            }
            _ => None,
        }
    }
}

struct Writer<'a> {
    builder: Builder,
    /// By node: its number in the image.
    numbers: Vec<Option<u32>>,
    /// By number: its node.
    met: Vec<usize>,
    /// Short strings, and the address that stands for each.
    texts: HashMap<&'a [u8], usize>,
}

impl<'a> Writer<'a> {
    fn table(&mut self, table: &'a TableNode<'a>) {
        let frozen = if table.is_frozen { READONLY } else { 0 };
        let mut open = match (table.function, &table.metatable) {
            (Some(place), _) => {
                let place = Val::Named(self.builder.name(place));
                self.builder.open(FUNCTION, place)
            }
            (None, Some(meta)) => {
                let meta = self.value(meta);
                self.builder.open(frozen, meta)
            }
            (None, None) => self.builder.open(frozen, Val::Nil),
        };
        for item in &table.array {
            self.put(item);
            open.item();
            if matches!(item, Leaf::Opaque(_)) {
                open.hole();
            }
        }
        self.builder.array_end(&mut open);
        for (key, value) in &table.entries {
            self.put(key);
            self.put(value);
            open.entry();
            if matches!(key, Leaf::Node(_)) {
                open.object_key();
            }
            if matches!(value, Leaf::Opaque(_)) {
                open.hole();
            }
        }
        self.builder.close(open);
    }

    fn put(&mut self, leaf: &'a Leaf<'a>) {
        match leaf {
            Leaf::Text(text) => self.put_text(text),
            leaf => {
                let value = self.value(leaf);
                self.builder.put(value);
            }
        }
    }

    fn value(&mut self, leaf: &'a Leaf<'a>) -> Val<'a> {
        match leaf {
            Leaf::Nil => Val::Nil,
            Leaf::Bool(is) => Val::Bool(*is),
            Leaf::Int(n) => Val::Int(*n),
            Leaf::Num(bits) => Val::Num(f64::from_bits(*bits)),
            Leaf::Text(text) => Val::Str(text),
            Leaf::Vector(parts) => Val::Vector(parts.map(f32::from_bits)),
            Leaf::Null => Val::Null,
            Leaf::Named(name) => Val::Named(self.builder.name(name)),
            Leaf::Opaque(hole) => Val::Opaque(HOLES[usize::from(*hole)].0),
            Leaf::Node(node) => Val::Object(self.refer(*node)),
        }
    }

    fn put_text(&mut self, text: &'a [u8]) {
        if text.is_empty() || text.len() > REPEATED_BYTES_MAX {
            return self.builder.put(Val::Str(text));
        }
        let address = *self.texts.entry(text).or_insert(text.as_ptr() as usize);
        self.builder.put_text(address, text);
    }

    fn refer(&mut self, node: usize) -> u32 {
        if let Some(number) = self.numbers[node] {
            self.builder.share(number);
            return number;
        }
        let number = self.builder.discover();
        self.numbers[node] = Some(number);
        self.met.push(node);
        number
    }
}
