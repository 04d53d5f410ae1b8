//! [`Replay`]: what the replay rule decided, as operations and as a report.

use super::path::KeyPath;

/// What is to be done to freshly loaded code so that it has the state of the old.
#[derive(Clone, Debug)]
pub struct Replay {
    /// What it comes to, for people.
    pub report: Report,
    /// Tables of the new code that stay where they are and get the content of a live one.
    pub(crate) tables: Vec<Filled>,
    /// Buffers of the new code that get the bytes of a live one: live number, new number.
    pub(crate) buffers: Vec<(u32, u32)>,
    /// By number of the live object: one more than the number of the new one that stands for it; 0 if
    /// there is none, and it is to be made.
    pub(crate) partners: Vec<u32>,
    /// By number of a name of the live image: one more than the number of the new object that the code
    /// calls so; 0 if it is no object of the code.
    pub(crate) named: Vec<u32>,
    /// Slots to assign: the name in the new code, and the number of the slot in the live image.
    pub(crate) slots: Vec<(Box<str>, u32)>,
    /// Live functions of which the new code has no closure: how each is made, by number.
    pub(crate) functions: Vec<(u32, Remake)>,
}

/// How a function comes into the new VM that its code did not make while it was loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Remake {
    /// From the new source, which has it at the same place.
    New,
    /// From the old source: the new one has nothing at its place, and it had no name of its own.
    Old,
    /// Not at all: it had a name, and the new source does not have it any more.
    Gone,
}

/// What the rule has to know of the new source.
pub trait NewCode {
    /// Whether it has a function at this place.
    fn has_function(&self, place: &str) -> bool;
}

/// Code of which no function is known.
impl NewCode for () {
    fn has_function(&self, _: &str) -> bool {
        false
    }
}

/// A table of the new code that gets the content of a live one.
#[derive(Clone, Debug)]
pub(crate) struct Filled {
    /// Number of the live table.
    pub(crate) live: u32,
    /// Number of the new table.
    pub(crate) new: u32,
    /// Whose array it has.
    pub(crate) array: Take,
    /// Whose metatable it has.
    pub(crate) meta: Take,
    /// Live entries that give way: where their keys stand in the live image, ascending.
    pub(crate) skip: Vec<u32>,
    /// New entries that stay: where their keys stand in the new image.
    pub(crate) keep: Vec<u32>,
}

/// Whose value a place has after the replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Take {
    /// The one of the running mod.
    Live,
    /// The one of the new code.
    New,
}

/// What a replay comes to: how much of each, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// How many entries of the live state stay. What hangs only on an entry that gave way is not
    /// among them.
    pub kept: u64,
    /// Where the mod's value stays that it got at run time: slots, and entries of slots.
    pub changed: Paths,
    /// Where the edit took effect, because the mod had not touched the value since it was loaded.
    pub replaced: Paths,
    /// What the new code brings along.
    pub added: Paths,
    /// Values that the mod had changed and that are lost: the new code has no such slot any more, or
    /// the edit gave it another type.
    pub dropped: Paths,
    /// Where both the mod and the edit changed a value, differently. The mod's value stays.
    pub conflicts: Paths,
}

/// A number of places, the first of them by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paths {
    /// How many there are.
    pub count: u64,
    /// The first hundred of them.
    pub names: Vec<KeyPath>,
}

/// How many places of a kind are named. The rest is only counted.
const PATHS_MAX: usize = 100;

impl Paths {
    /// Counts a place, and names it if there is room.
    pub(crate) fn add(&mut self, path: impl FnOnce() -> KeyPath) {
        self.count += 1;
        if self.names.len() < PATHS_MAX {
            self.names.push(path());
        }
    }
}
