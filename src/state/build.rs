//! [`Builder`]: writes an image, slots first, then object after object.

use std::collections::HashMap;

use super::code::{self, Val};
use super::image::{BUFFER, HOLES, Image, META, OBJECT_KEYS, Parts, SHARED, SharedVariable, Slot};

/// Objects that are known, but whose turn has not come, have one of these in place of an offset.
const WAITING: u32 = u32::MAX;
const WAITING_SHARED: u32 = u32::MAX - 1;

/// The largest image, in bytes: offsets must fit, also that of the entry that goes beyond it.
pub(crate) const IMAGE_BYTES_MAX: usize = (u32::MAX - (1 << 16)) as usize;

/// How many strings are remembered at a time, to notice those that come again. A power of two.
const RECENT: usize = 1024;
/// How many strings become atoms at most. More would be a dictionary, which gains nothing.
const ATOMS_MAX: usize = 1 << 16;
/// The atom of a string that was met once.
const ONCE: u32 = u32::MAX;

/// Writes an image: each object that [`Builder::next`] gives, and, at any time between, the slots.
pub(crate) struct Builder {
    parts: Parts,
    /// How many objects are written.
    done: usize,
    name_numbers: HashMap<Box<str>, u32>,
    /// By their address: strings met lately, and their atoms.
    recent: Box<[(usize, u32)]>,
}

/// A table that is being written.
pub(crate) struct Open {
    start: usize,
    array_at: usize,
    array_bytes: u32,
    array: u32,
    hash: u32,
    flags: u8,
}

impl Builder {
    /// Nothing yet.
    pub(crate) fn new(state_version: u32) -> Builder {
        Builder {
            parts: Parts {
                state_version,
                ..Parts::default()
            },
            done: 0,
            name_numbers: HashMap::new(),
            recent: vec![(0, ONCE); RECENT].into_boxed_slice(),
        }
    }

    /// Writes a slot, and tells its number. No two have one name. `label` is what key paths call it, if
    /// not by its name.
    pub(crate) fn slot(&mut self, name: &str, label: Option<&str>, value: Val<'_>) -> u32 {
        let at = self.parts.heads.len() as u32;
        code::write(&mut self.parts.heads, value);
        self.parts.slots.push(Slot {
            name: name.into(),
            label: label.map(Box::from),
            at,
        });
        (self.parts.slots.len() - 1) as u32
    }

    /// Writes a value.
    #[inline(always)]
    pub(crate) fn put(&mut self, value: Val<'_>) {
        code::write(&mut self.parts.blocks, value);
    }

    /// Writes a string that lies at `address`, or only its number if it was met lately. The same
    /// address must mean the same string as long as the image is built; 0 stands for no address.
    #[inline]
    pub(crate) fn put_text(&mut self, address: usize, text: &[u8]) {
        let place = (address >> 3) ^ (address >> 13);
        let (known, atom) = &mut self.recent[place % RECENT];
        if *known != address || address == 0 {
            (*known, *atom) = (address, ONCE);
            return code::write(&mut self.parts.blocks, Val::Str(text));
        }
        if *atom == ONCE {
            let fits = self.parts.text.len() + text.len() < IMAGE_BYTES_MAX;
            if self.parts.atoms.len() >= ATOMS_MAX || !fits {
                return code::write(&mut self.parts.blocks, Val::Str(text));
            }
            *atom = self.parts.atoms.len() as u32;
            self.parts.text.extend_from_slice(text);
            self.parts.atoms.push(self.parts.text.len() as u32);
        }
        code::write(&mut self.parts.blocks, Val::Atom(*atom));
    }

    /// Notes that the variable `name` of a function is the one with this number, which others share.
    pub(crate) fn share_variable(&mut self, function: u32, name: &str, number: u32) {
        self.parts.shared.push(SharedVariable {
            function,
            name: name.into(),
            number,
        });
    }

    /// The number of a name.
    pub(crate) fn name(&mut self, name: &str) -> u32 {
        if let Some(&number) = self.name_numbers.get(name) {
            return number;
        }
        let number = self.parts.names.len() as u32;
        self.parts.names.push(name.into());
        self.name_numbers.insert(name.into(), number);
        number
    }

    /// A number for an object met for the first time.
    #[inline]
    pub(crate) fn discover(&mut self) -> u32 {
        self.parts.objects.push(WAITING);
        (self.parts.objects.len() - 1) as u32
    }

    /// Notes that a second reference to the object was met.
    #[inline]
    pub(crate) fn share(&mut self, id: u32) {
        let at = &mut self.parts.objects[id as usize];
        match *at {
            WAITING | WAITING_SHARED => *at = WAITING_SHARED,
            at => self.parts.blocks[at as usize] |= SHARED,
        }
    }

    /// The object to write next; none when the image is complete.
    pub(crate) fn next(&self) -> Option<u32> {
        (self.done < self.parts.objects.len()).then_some(self.done as u32)
    }

    /// Writes the object [`Builder::next`] as a buffer.
    pub(crate) fn buffer(&mut self, bytes: &[u8]) {
        self.begin(BUFFER);
        let len = (bytes.len() as u32).to_le_bytes();
        self.parts.blocks.extend_from_slice(&len);
        self.parts.blocks.extend_from_slice(bytes);
    }

    /// Begins to write the object [`Builder::next`] as a table. The values of its array come next,
    /// each followed by [`Open::item`], then [`Builder::array_end`], then its entries.
    pub(crate) fn open(&mut self, flags: u8, meta: Val<'_>) -> Open {
        let has_meta = !matches!(meta, Val::Nil);
        // What the flags of another table say of its entries need not be so here.
        let flags = flags & !(META | OBJECT_KEYS | HOLES);
        let start = self.begin(flags | if has_meta { META } else { 0 });
        self.parts.blocks.extend_from_slice(&[0; 12]);
        if has_meta {
            self.put(meta);
        }
        Open {
            start,
            array_at: self.parts.blocks.len(),
            array_bytes: 0,
            array: 0,
            hash: 0,
            flags: 0,
        }
    }

    /// Ends the array of an open table.
    pub(crate) fn array_end(&self, open: &mut Open) {
        open.array_bytes = (self.parts.blocks.len() - open.array_at) as u32;
    }

    /// Ends a table.
    pub(crate) fn close(&mut self, open: Open) {
        let blocks = &mut self.parts.blocks;
        blocks[open.start] |= open.flags;
        let counts = [open.array, open.hash, open.array_bytes].map(u32::to_le_bytes);
        blocks[open.start + 1..open.start + 13].copy_from_slice(counts.as_flattened());
        self.parts.entries += u64::from(open.array) + u64::from(open.hash);
    }

    /// Bytes so far.
    #[inline]
    pub(crate) fn bytes(&self) -> usize {
        self.parts.blocks.len() + self.parts.heads.len() + self.parts.text.len()
    }

    /// Entries of closed tables so far.
    pub(crate) fn entries(&self) -> u64 {
        self.parts.entries
    }

    /// Where the next value will stand.
    #[inline]
    pub(crate) fn place(&self) -> u32 {
        self.parts.blocks.len() as u32
    }

    /// The image. Every object must be written.
    pub(crate) fn finish(self) -> Image {
        debug_assert_eq!(self.done, self.parts.objects.len());
        Image::new(self.parts)
    }

    fn begin(&mut self, flags: u8) -> usize {
        let start = self.parts.blocks.len();
        let at = &mut self.parts.objects[self.done];
        let shared = if *at == WAITING_SHARED { SHARED } else { 0 };
        *at = start as u32;
        self.done += 1;
        self.parts.blocks.push(flags | shared);
        start
    }
}

impl Open {
    /// Counts a value of the array.
    #[inline]
    pub(crate) fn item(&mut self) {
        self.array += 1;
    }

    /// Counts an entry.
    #[inline]
    pub(crate) fn entry(&mut self) {
        self.hash += 1;
    }

    /// Notes that a key is an object.
    pub(crate) fn object_key(&mut self) {
        self.flags |= OBJECT_KEYS;
    }

    /// Notes that a value can't cross.
    pub(crate) fn hole(&mut self) {
        self.flags |= HOLES;
    }

    /// How many values its array has.
    #[inline]
    pub(crate) fn items(&self) -> u32 {
        self.array
    }

    /// How many entries of both kinds it has.
    #[inline]
    pub(crate) fn len(&self) -> u64 {
        u64::from(self.array) + u64::from(self.hash)
    }
}
