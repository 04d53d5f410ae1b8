//! The history of mods: generations that do not run any more, each with its code and the state it was left with.
//!
//! - [`History`] keeps them, within bounds of count and bytes: the oldest of the mod that takes most goes first.
//! - `past` is one such generation, in memory or on disk; `record` is what stands on disk of it.
//! - `recorder` is the thread that writes; `archive` knows what is on disk and brings it up to date.
//! - `bisect` finds the first generation for which something does not hold.
//! - `checkpoint` has all states written now and then.
//! - `revive` makes a generation of an earlier process ready to run.

mod archive;
mod bisect;
mod checkpoint;
mod past;
mod record;
mod recorder;
mod revive;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;

use crate::disk::{Store, locate_file};
use crate::mod_id::ModId;
use crate::problem::Problem;
use crate::settings::StateManagement;

use self::archive::Found;
use self::recorder::{Opened, Recorder};
use super::ModManager;
use super::follow::Wake;
use super::running::Source;

pub use self::bisect::{Bisection, Trial, TrialVerdict};
pub(super) use self::past::Past;
pub use self::past::{Generation, Leaving, Left};
pub(super) use self::record::InMemory;

/// Where the history is on disk.
pub(super) enum Place {
    /// Used by default: in `.lunation`, beside the mods folder.
    Beside,
    /// Used by hosts that have another folder for it.
    At(PathBuf),
    /// Used by those who only look: what is beside the mods folder is read, and nothing is written.
    ToLookAt,
    /// Used where nothing may be written or read.
    Nowhere,
}

/// The folder beside the mods folder.
pub(super) const FOLDER: &str = ".lunation";

/// The generations that do not run any more, of every mod.
pub(super) struct History {
    pasts: BTreeMap<ModId, VecDeque<Past>>,
    /// What rollbacks left, by mod, the last one at the end: `redo` brings it back.
    undone: BTreeMap<ModId, Vec<u64>>,
    bounds: StateManagement,
    /// The mods whose history on disk is not what it should be.
    touched: BTreeSet<ModId>,
    place: Place,
    mods: PathBuf,
    wake: Option<Wake>,
    store: Option<Arc<Store>>,
    recorder: Option<Recorder>,
    /// What is wrong with what was found on disk.
    problems: Vec<Problem>,
}

impl History {
    /// An empty history. Nothing is read or written before [`History::open`].
    pub(super) fn new(place: Place, mods: PathBuf, wake: Option<Wake>) -> History {
        History {
            pasts: BTreeMap::new(),
            undone: BTreeMap::new(),
            bounds: StateManagement::default(),
            touched: BTreeSet::new(),
            place,
            mods,
            wake,
            store: None,
            recorder: None,
            problems: Vec::new(),
        }
    }

    /// Opens what is on disk. The newest generation of each mod.
    fn open(&mut self) -> BTreeMap<ModId, u64> {
        let Opened { store, found } = self.look_or_record();
        self.store = store;
        let mut newest = BTreeMap::new();
        for (mod_id, records) in found.generations {
            let last = records.last().map(|record| record.generation);
            newest.extend(last.map(|last| (mod_id.clone(), last)));
            let pasts = records.into_iter().map(Past::OnDisk);
            self.pasts.insert(mod_id, pasts.collect());
        }
        self.problems = found.problems;
        newest
    }

    fn look_or_record(&mut self) -> Opened {
        let nothing = Opened {
            store: None,
            found: Found::default(),
        };
        let Some(root) = self.root() else {
            return nothing;
        };
        if matches!(self.place, Place::ToLookAt) {
            let store = Store::look(&root);
            let found = archive::read(&store);
            let store = Some(Arc::new(store));
            return Opened { store, found };
        }
        match Recorder::start(root, self.wake.clone()) {
            Ok(recorder) => self.recorder.insert(recorder).opened(),
            Err(error) => {
                self.problems.push(recorder::unwritten(&error));
                nothing
            }
        }
    }

    fn root(&self) -> Option<PathBuf> {
        match &self.place {
            Place::Nowhere => None,
            Place::At(folder) => Some(folder.clone()),
            Place::Beside | Place::ToLookAt => {
                let (above, name) = locate_file(&self.mods)?;
                Some(above.join(FOLDER).join(name))
            }
        }
    }

    /// What is on disk, if anything may be read there.
    fn store(&self) -> Result<&Store, String> {
        let store = self.store.as_deref();
        store.ok_or_else(|| "is on a disk that can't be read".to_owned())
    }

    /// The bounds, and how to write, from now on.
    pub(super) fn set(&mut self, settings: &StateManagement) {
        self.bounds = settings.clone();
        self.keep_within();
        if let Some(recorder) = &self.recorder {
            recorder.set(settings);
        }
    }

    /// What is wrong with the history.
    pub(super) fn problems(&self) -> impl Iterator<Item = Problem> {
        let of_disk = self.recorder.as_ref().and_then(Recorder::problem);
        self.problems.iter().cloned().chain(of_disk)
    }

    /// Why the disk can't be used, if nobody has been told yet.
    pub(super) fn untold_problem(&self) -> Option<Problem> {
        self.recorder.as_ref().and_then(Recorder::untold_problem)
    }

    /// Whether a later process finds a generation.
    pub(super) fn is_on_disk(&self, mod_id: &ModId, generation: u64) -> bool {
        match (&self.recorder, self.get(mod_id, generation)) {
            (Some(recorder), _) => recorder.has_written(mod_id, generation),
            (None, past) => matches!(past, Some(Past::OnDisk(_))),
        }
    }

    /// Says that the history of a mod on disk is not what it should be.
    pub(super) fn touch(&mut self, mod_id: &ModId) {
        self.touched.insert(mod_id.clone());
    }

    /// A mod that did not run starts. If it is what the last process ran last, then that goes on under a new
    /// number: the generation that had the code first, if it was an earlier one.
    pub(super) fn go_on(&mut self, source: &Source) -> Option<u64> {
        let pasts = self.pasts.get_mut(source.mod_id())?;
        let is_same = |past: &Past| match past {
            Past::OnDisk(record) => record.left.is_none() && record.has_code_of(source),
            Past::InMemory(_) => false,
        };
        let last = pasts.pop_back_if(|past| is_same(past))?;
        Some(last.code_of()).filter(|code_of| *code_of != last.generation())
    }

    /// What is kept of a mod, oldest first.
    pub(super) fn of(&self, mod_id: &ModId) -> impl DoubleEndedIterator<Item = &Past> {
        self.pasts.get(mod_id).into_iter().flatten()
    }

    /// One generation of a mod.
    pub(super) fn get(&self, mod_id: &ModId, generation: u64) -> Option<&Past> {
        self.of(mod_id).find(|past| past.generation() == generation)
    }

    /// The generation that ran last.
    pub(super) fn newest(&self, mod_id: &ModId) -> Option<&Past> {
        self.of(mod_id).next_back()
    }

    /// The newest one with code from before that of the generation `code_of`.
    pub(super) fn newest_before(&self, mod_id: &ModId, code_of: u64) -> Option<&Past> {
        self.of(mod_id).rfind(|past| past.code_of() < code_of)
    }

    /// Those that this process ran, oldest first.
    pub(super) fn of_this_process(&self, mod_id: &ModId) -> impl DoubleEndedIterator<Item = &Past> {
        let all = self.of(mod_id);
        all.filter(|past| matches!(past, Past::InMemory(_)))
    }

    /// Keeps a generation that was left, and lets go what is beyond the bounds.
    pub(super) fn push(&mut self, mod_id: &ModId, past: Past) {
        self.touch(mod_id);
        let pasts = self.pasts.entry(mod_id.clone()).or_default();
        pasts.push_back(past);
        self.keep_within();
    }

    /// Lets go what is beyond the bounds.
    fn keep_within(&mut self) {
        let bounds = &self.bounds;
        let mut sizes: BTreeMap<ModId, u64> = BTreeMap::new();
        for (mod_id, pasts) in &mut self.pasts {
            let surplus = pasts.len().saturating_sub(bounds.history);
            if surplus > 0 {
                pasts.drain(..surplus);
                self.touched.insert(mod_id.clone());
            }
            sizes.insert(mod_id.clone(), pasts.iter().map(Past::bytes).sum());
        }
        let mut total: u64 = sizes.values().sum();
        while total > bounds.history_bytes {
            let largest = sizes.iter_mut().max_by_key(|(_, size)| **size);
            let Some((mod_id, size)) = largest else {
                return;
            };
            let pasts = self.pasts.get_mut(mod_id);
            let Some(past) = pasts.and_then(VecDeque::pop_front) else {
                return;
            };
            self.touched.insert(mod_id.clone());
            *size -= past.bytes();
            total -= past.bytes();
        }
    }

    /// What rollbacks of a mod left.
    pub(super) fn undone(&self, mod_id: &ModId) -> Vec<u64> {
        self.undone.get(mod_id).cloned().unwrap_or_default()
    }

    /// Says what `redo` can bring back.
    pub(super) fn set_undone(&mut self, mod_id: &ModId, undone: Vec<u64>) {
        self.undone.insert(mod_id.clone(), undone);
    }

    /// A rollback left the generation that ran last: `redo` can bring it back.
    pub(super) fn note_rollback(&mut self, mod_id: &ModId) {
        let left = self.newest(mod_id).map(Past::generation);
        self.undone.entry(mod_id.clone()).or_default().extend(left);
    }

    /// New code came in: there is nothing to redo any more.
    pub(super) fn forget_undone(&mut self, mod_id: &ModId) {
        self.undone.remove(mod_id);
    }
}

impl ModManager {
    /// Opens the history on disk, the first time. Numbers of generations go on from there.
    pub(super) fn open_history(&mut self) {
        if !self.is_loaded {
            self.generations = self.history.open();
        }
    }

    /// Has written to disk what has changed in the history.
    pub(super) fn record_history(&mut self) {
        let touched = std::mem::take(&mut self.history.touched);
        let Some(recorder) = &self.history.recorder else {
            return;
        };
        for mod_id in touched {
            let running = self.running.get(&mod_id).map(InMemory::of_running);
            let running = running.map(|running| Past::InMemory(running.into()));
            let wanted = self.history.of(&mod_id).cloned().chain(running);
            recorder.keep(&mod_id, wanted.collect());
        }
    }
}
