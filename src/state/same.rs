//! [`Same`]: whether values of two images are equal all the way down, without recursion.

use std::hash::{Hash, Hasher};

use rustc_hash::{FxHashMap, FxHashSet, FxHasher};

use super::code::Val;
use super::image::{FUNCTION, Image, OBJECT_KEYS, Object, READONLY, Table};
use super::key::Key;

/// Compares values of an image with values of another.
///
/// Two tables that are being compared are taken to be equal until a difference is found, so cycles
/// end. What was found equal is remembered, so that comparing many parts costs no more than
/// comparing the whole.
pub(super) struct Same<'a> {
    x: &'a Image,
    y: &'a Image,
    /// Whether a table may be equal to one other table only, so that sharing must agree.
    is_exact: bool,
    /// Entries that may still be looked at. Beyond it, all is taken to be different.
    left: u64,
    pairs: FxHashSet<(u32, u32)>,
    partner: FxHashMap<u32, u32>,
    partner_back: FxHashMap<u32, u32>,
    /// What was added to `pairs` since the comparison began.
    trail: Vec<(u32, u32)>,
    todo: Vec<(u32, u32)>,
    /// Tables of which the keys that are objects are still to be compared: last, when as many
    /// partners as possible are known.
    late: Vec<(Table<'a>, Table<'a>)>,
}

impl<'a> Same<'a> {
    /// A comparison in which sharing must agree, for one call of [`Same::slots`].
    pub(super) fn exact(x: &'a Image, y: &'a Image) -> Same<'a> {
        Same {
            x,
            y,
            is_exact: true,
            left: u64::MAX,
            pairs: FxHashSet::default(),
            partner: FxHashMap::default(),
            partner_back: FxHashMap::default(),
            trail: Vec::new(),
            todo: Vec::new(),
            late: Vec::new(),
        }
    }

    /// A comparison of what can be seen by following keys. It gives up, and says "different", when a
    /// state built to be hard to compare costs it many times the size of the images.
    pub(super) fn by_path(x: &'a Image, y: &'a Image) -> Same<'a> {
        let size = |image: &Image| image.entries() + u64::from(image.objects());
        Same {
            is_exact: false,
            left: 16 * (size(x) + size(y)) + 4096,
            ..Same::exact(x, y)
        }
    }

    /// Whether all slots are equal.
    pub(super) fn slots(&mut self) -> bool {
        let x = self.x;
        let begin = x.slots().all(|name| {
            let theirs = self.y.slot(name);
            theirs.is_some_and(|theirs| self.pair(x.slot(name).unwrap_or(Val::Nil), theirs))
        });
        self.settle(begin)
    }

    /// Whether two values are equal.
    pub(super) fn values(&mut self, x: Val<'a>, y: Val<'a>) -> bool {
        let begin = self.pair(x, y);
        self.settle(begin)
    }

    /// Whether the arrays of two tables are equal; no table has an empty one.
    pub(super) fn arrays(&mut self, x: Option<&Table<'a>>, y: Option<&Table<'a>>) -> bool {
        let begin = match (x, y) {
            (Some(x), Some(y)) => self.pair_arrays(x, y),
            (one, other) => one.or(other).is_none_or(|table| table.array.left() == 0),
        };
        self.settle(begin)
    }

    /// Whether the entries of two tables of which the keys are objects are equal.
    pub(super) fn object_keys(&mut self, x: Option<&Table<'a>>, y: Option<&Table<'a>>) -> bool {
        let has = |table: &&Table<'a>| table.flags & OBJECT_KEYS != 0;
        let begin = match (x.filter(has), y.filter(has)) {
            (Some(x), Some(y)) => {
                self.late.push((x.clone(), y.clone()));
                true
            }
            (one, other) => one.or(other).is_none(),
        };
        self.settle(begin)
    }

    /// Compares what is pending; forgets what was only supposed, if it was wrong.
    fn settle(&mut self, begin: bool) -> bool {
        let is_same = begin && self.run();
        if !is_same {
            for (x, y) in &self.trail {
                self.pairs.remove(&(*x, *y));
                if self.partner.get(x) == Some(y) {
                    self.partner.remove(x);
                }
            }
        }
        self.trail.clear();
        self.todo.clear();
        self.late.clear();
        is_same
    }

    fn run(&mut self) -> bool {
        loop {
            let is_same = if let Some((x, y)) = self.todo.pop() {
                self.pair_contents(x, y)
            } else if let Some((x, y)) = self.late.pop() {
                self.pair_object_keys(&x, &y)
            } else {
                return true;
            };
            if !is_same {
                return false;
            }
        }
    }

    /// Whether two values can be equal; objects are left for later.
    fn pair(&mut self, x: Val<'a>, y: Val<'a>) -> bool {
        let (x_id, y_id) = match (x, y) {
            (Val::Object(x), Val::Object(y)) => (x, y),
            (Val::Object(_), Val::Named(_)) | (Val::Named(_), Val::Object(_)) => {
                return self.have_one_name(x, y);
            }
            _ => return is_same_scalar(self.x, x, self.y, y),
        };
        if self.is_exact {
            let known = self.partner.insert(x_id, y_id);
            let known_back = self.partner_back.insert(y_id, x_id);
            if known.is_some() || known_back.is_some() {
                return known == Some(y_id) && known_back == Some(x_id);
            }
        } else if self.pairs.insert((x_id, y_id)) {
            self.partner.entry(x_id).or_insert(y_id);
            self.trail.push((x_id, y_id));
        } else {
            return true;
        }
        self.todo.push((x_id, y_id));
        true
    }

    fn pair_contents(&mut self, x: u32, y: u32) -> bool {
        let (x, y) = match (self.x.object(x), self.y.object(y)) {
            (Object::Table(x), Object::Table(y)) => (x, y),
            (Object::Buffer(x, _), Object::Buffer(y, _)) => return x == y,
            _ => return false,
        };
        const FLAGS: u8 = READONLY | OBJECT_KEYS | FUNCTION;
        let is_alike = x.entries.left() == y.entries.left() && x.flags & FLAGS == y.flags & FLAGS;
        if x.flags & OBJECT_KEYS != 0 {
            self.late.push((x.clone(), y.clone()));
        }
        is_alike
            && self.pair_metas(x.meta, y.meta)
            && self.pair_arrays(&x, &y)
            && self.pair_entries(&x, &y)
    }

    /// Two classes of one name are one class, whatever the edit did to it; its content is compared where
    /// the code has it.
    fn pair_metas(&mut self, x: Val<'a>, y: Val<'a>) -> bool {
        if let (false, Val::Object(_), Val::Object(_)) = (self.is_exact, x, y)
            && self.have_one_name(x, y)
        {
            return true;
        }
        self.pair(x, y)
    }

    /// Whether the code of both images calls a thing by the same name. A save knows the name only.
    fn have_one_name(&self, x: Val<'a>, y: Val<'a>) -> bool {
        let name = |image: &'a Image, value| match value {
            Val::Named(n) => Some(image.name(n)),
            Val::Object(id) => image.names().name(id),
            _ => None,
        };
        let (x, y) = (name(self.x, x), name(self.y, y));
        x.is_some() && x == y
    }

    fn pair_arrays(&mut self, x: &Table<'a>, y: &Table<'a>) -> bool {
        x.array.left() == y.array.left()
            && self.spend(x)
            && x.array
                .clone()
                .zip(y.array.clone())
                .all(|(x, y)| self.pair(x, y))
    }

    /// Pairs the entries with keys that are no objects: in step as long as the order agrees, which
    /// it does mostly, then sorted.
    fn pair_entries(&mut self, x: &Table<'a>, y: &Table<'a>) -> bool {
        let (mut xs, mut ys) = (plain_entries(x), plain_entries(y));
        loop {
            let (x, y) = match (xs.next(), ys.next()) {
                (Some(x), Some(y)) => (x, y),
                (None, None) => return true,
                _ => return false,
            };
            if x.0 != y.0 {
                let xs = sorted(std::iter::once(x).chain(xs));
                let ys = sorted(std::iter::once(y).chain(ys));
                let mut both = xs.iter().zip(&ys);
                return xs.len() == ys.len()
                    && both.all(|(x, y)| x.0 == y.0 && self.pair(x.1, y.1));
            }
            if !self.pair(x.1, y.1) {
                return false;
            }
        }
    }

    /// Pairs the entries with keys that are objects: those with the known partner, the rest by what
    /// they hold.
    fn pair_object_keys(&mut self, x: &Table<'a>, y: &Table<'a>) -> bool {
        let (xs, mut ys) = (object_entries(x), object_entries(y));
        if xs.len() != ys.len() || !self.spend(x) {
            return false;
        }
        let mut rest = Vec::new();
        for (key, value) in xs {
            let theirs = self.partner.get(&key).and_then(|theirs| {
                let value = *ys.get(theirs)?;
                ys.remove(theirs);
                Some(value)
            });
            match theirs {
                Some(theirs) if !self.pair(value, theirs) => return false,
                Some(_) => {}
                None => rest.push((print(self.x, key), key, value)),
            }
        }
        let mut theirs: Vec<_> = ys
            .into_iter()
            .map(|(key, value)| (print(self.y, key), key, value))
            .collect();
        rest.sort_by_key(|(print, key, _)| (*print, *key));
        theirs.sort_by_key(|(print, key, _)| (*print, *key));
        let mut both = rest.into_iter().zip(theirs);
        both.all(|((_, x_key, x), (_, y_key, y))| {
            self.pair(Val::Object(x_key), Val::Object(y_key)) && self.pair(x, y)
        })
    }

    fn spend(&mut self, table: &Table<'_>) -> bool {
        let cost = 1 + u64::from(table.array.left()) + u64::from(table.entries.left());
        let left = self.left.checked_sub(cost);
        self.left = left.unwrap_or(0);
        left.is_some()
    }
}

/// Whether two values that are no objects are equal. All nans are; 0 and -0 are not.
pub(super) fn is_same_scalar(x_image: &Image, x: Val<'_>, y_image: &Image, y: Val<'_>) -> bool {
    match (x, y) {
        (Val::Num(x), Val::Num(y)) => x.to_bits() == y.to_bits() || (x.is_nan() && y.is_nan()),
        (Val::Vector(x), Val::Vector(y)) => x.map(f32::to_bits) == y.map(f32::to_bits),
        (Val::Opaque(x), Val::Opaque(y)) => x == y,
        (Val::Nil, Val::Nil) => true,
        _ => match (Key::of(x_image, x), Key::of(y_image, y)) {
            (Some(x), Some(y)) => x == y,
            _ => false,
        },
    }
}

/// The entries with keys that are no objects.
pub(super) fn plain_entries<'a>(
    table: &Table<'a>,
) -> impl Iterator<Item = (Key<'a>, Val<'a>, u32)> + use<'a> {
    let image = table.image;
    let entries = table.entries.clone();
    entries.filter_map(move |(at, key, value)| Some((Key::of(image, key)?, value, at)))
}

/// Sorted by key.
pub(super) fn sorted<'a>(
    entries: impl Iterator<Item = (Key<'a>, Val<'a>, u32)>,
) -> Vec<(Key<'a>, Val<'a>, u32)> {
    let mut entries: Vec<_> = entries.collect();
    entries.sort_unstable_by(|x, y| x.0.cmp(&y.0));
    entries
}

fn object_entries<'a>(table: &Table<'a>) -> FxHashMap<u32, Val<'a>> {
    let entries = table.entries.clone();
    entries
        .filter_map(|(_, key, value)| match key {
            Val::Object(id) => Some((id, value)),
            _ => None,
        })
        .collect()
}

/// A hash of what an object holds itself; equal for equal objects, whatever their order.
fn print(image: &Image, id: u32) -> u64 {
    let hash = |value: &dyn Fn(&mut FxHasher)| {
        let mut hasher = FxHasher::default();
        value(&mut hasher);
        hasher.finish()
    };
    match image.object(id) {
        Object::Buffer(bytes, _) => hash(&|hasher| bytes.hash(hasher)),
        Object::Table(table) => {
            let array = hash(&|hasher| {
                for value in table.array.clone() {
                    Key::of(image, value).hash(hasher);
                }
            });
            plain_entries(&table).fold(array, |sum, (key, value, _)| {
                sum.wrapping_add(hash(&|hasher| (key, Key::of(image, value)).hash(hasher)))
            })
        }
    }
}
