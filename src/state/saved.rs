//! [`Image::saved`]: the part of an image that goes into a save: `mod.state`, and what hangs on it.

use rustc_hash::FxHashMap;

use super::build::Builder;
use super::code::{Opaque, Val};
use super::image::{FUNCTION, Image, Object, SHARED, Table};
use super::names::STATE;
use super::path::{Entry, KeyPath, Spot};

/// How many places that are not saved are told.
const HOLES_MAX: usize = 100;

/// What a save keeps of an image.
pub(crate) struct Saved {
    /// The slot `state` alone. Classes and functions of the code are in it by their names.
    pub(crate) image: Image,
    /// What is not saved: functions with variables of their own.
    pub(crate) left_out: Vec<KeyPath>,
}

impl Image {
    /// The part that goes into a save. Functions that can't be told by a name are left out.
    pub(crate) fn saved(&self) -> Saved {
        let mut pruning = Pruning {
            image: self,
            by_name: self.saved_by_name(),
            builder: Builder::new(self.state_version()),
            numbers: FxHashMap::default(),
            objects: Vec::new(),
            holes: Vec::new(),
        };
        let value = self.slot(STATE).unwrap_or(Val::Nil);
        let value = match pruning.value(value, None) {
            Val::Atom(n) => Val::Str(self.atom(n)),
            value => value,
        };
        pruning.builder.slot(STATE, None, value);
        while let Some(id) = pruning.builder.next() {
            match self.object(pruning.objects[id as usize]) {
                Object::Buffer(bytes, _) => pruning.builder.buffer(bytes),
                Object::Table(table) => pruning.table(id, &table),
            }
        }
        let image = pruning.builder.finish();
        let left_out = image.paths(&pruning.holes);
        Saved { image, left_out }
    }
}

struct Pruning<'a> {
    image: &'a Image,
    by_name: FxHashMap<u32, &'a str>,
    builder: Builder,
    /// New numbers of the objects that were reached, and the old ones by new number.
    numbers: FxHashMap<u32, u32>,
    objects: Vec<u32>,
    holes: Vec<Spot>,
}

impl<'a> Pruning<'a> {
    fn table(&mut self, id: u32, table: &Table<'a>) {
        let meta = self.value(table.meta, None);
        let mut open = self.builder.open(table.flags & !SHARED, meta);
        for value in table.array.clone() {
            let spot = Spot {
                table: Some(id),
                entry: Entry::Item(open.items() + 1),
            };
            let value = self.value(value, Some(spot));
            if matches!(value, Val::Opaque(_)) {
                open.hole();
            }
            self.put(value);
            open.item();
        }
        self.builder.array_end(&mut open);
        for (_, key, value) in table.entries.clone() {
            let key = self.value(key, None);
            if matches!(key, Val::Opaque(_)) {
                continue;
            }
            let spot = Spot {
                table: Some(id),
                entry: Entry::At(self.builder.place()),
            };
            let value = self.value(value, Some(spot));
            if matches!(key, Val::Object(_)) {
                open.object_key();
            }
            if matches!(value, Val::Opaque(_)) {
                open.hole();
            }
            self.put(key);
            self.put(value);
            open.entry();
        }
        self.builder.close(open);
    }

    fn put(&mut self, value: Val<'a>) {
        match value {
            // Numbers of strings stand for their addresses: one number, one string.
            Val::Atom(n) => {
                let address = (n as usize + 1) << 3;
                self.builder.put_text(address, self.image.atom(n));
            }
            value => self.builder.put(value),
        }
    }

    /// A value as it is in the save.
    fn value(&mut self, value: Val<'a>, spot: Option<Spot>) -> Val<'a> {
        let id = match value {
            Val::Object(id) => id,
            Val::Named(n) => return Val::Named(self.builder.name(self.image.name(n))),
            value => return value,
        };
        if let Some(name) = self.by_name.get(&id) {
            return Val::Named(self.builder.name(name));
        }
        if let Object::Table(table) = self.image.object(id)
            && table.flags & FUNCTION != 0
        {
            if self.holes.len() < HOLES_MAX {
                self.holes.extend(spot);
            }
            return Val::Opaque(Opaque::Function);
        }
        if let Some(number) = self.numbers.get(&id) {
            self.builder.share(*number);
            return Val::Object(*number);
        }
        let number = self.builder.discover();
        self.numbers.insert(id, number);
        self.objects.push(id);
        Val::Object(number)
    }
}
