//! [`ReloadQueue`]: what waits to be reloaded: one entry a mod, the most urgent first.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

use crate::mod_id::ModId;
use crate::settings;

use super::request::{Priority, ReloadRequest};

/// What waits to be reloaded: one entry a mod, the highest priority first, the oldest first within a
/// priority. Every operation is O(log n), but for the collapse, which is O(n).
///
/// A queue that would grow beyond its limit collapses: what the disk tells again gives way to one
/// rescan ([`needs_rescan`](ReloadQueue::needs_rescan)); everything else stays, one entry a mod. What the
/// rescan finds should be planned as one batch, not pushed, or it would collapse once more.
///
/// ```
/// use std::time::Duration;
/// use lunation::change::Kind;
/// use lunation::reload::{Cause, Pushed, ReloadQueue, ReloadRequest};
///
/// let settings = lunation::Settings::default().hot_reload.reload_queue;
/// let mut queue = ReloadQueue::new(&settings);
/// let request = ReloadRequest::new("economy".parse()?, Kind::Script, Cause::Rescan, Duration::ZERO);
/// assert_eq!(queue.push(request.clone()), Pushed::New);
/// assert_eq!(queue.push(request.clone()), Pushed::Merged);
/// assert_eq!(queue.pop(), Some(request));
/// assert!(queue.is_empty());
/// # Ok::<(), lunation::InvalidModId>(())
/// ```
#[derive(Debug)]
pub struct ReloadQueue {
    pending_max: usize,
    priority_handling: bool,
    entries: BTreeMap<ModId, Entry>,
    order: BTreeMap<Turn, ModId>,
    sequence: u64,
    needs_rescan: bool,
}

/// What became of a pushed request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pushed {
    /// Used when the mod had no entry.
    New,
    /// Used when the request went into the mod's entry.
    Merged,
    /// Used when a rescan stands for the request.
    Collapsed,
}

/// When it is an entry's turn: smaller comes first. The sequence makes it unique.
type Turn = (Reverse<Priority>, Duration, u64);

#[derive(Debug)]
struct Entry {
    turn: Turn,
    request: ReloadRequest,
}

impl ReloadQueue {
    /// An empty queue.
    pub fn new(settings: &settings::ReloadQueue) -> ReloadQueue {
        ReloadQueue {
            pending_max: settings.max_pending_reloads,
            priority_handling: settings.priority_handling,
            entries: BTreeMap::new(),
            order: BTreeMap::new(),
            sequence: 0,
            needs_rescan: false,
        }
    }

    /// Puts a request in.
    pub fn push(&mut self, request: ReloadRequest) -> Pushed {
        if let Some(mut entry) = self.take(&request.mod_id) {
            entry.request.merge(request);
            let sequence = entry.turn.2;
            self.insert(entry.request, sequence);
            return Pushed::Merged;
        }
        if self.entries.len() >= self.pending_max && !self.needs_rescan {
            self.collapse();
        }
        if self.needs_rescan && request.is_found_by_rescan() {
            return Pushed::Collapsed;
        }
        self.sequence += 1;
        self.insert(request, self.sequence);
        Pushed::New
    }

    /// Takes the request out whose turn it is.
    pub fn pop(&mut self) -> Option<ReloadRequest> {
        let (_, mod_id) = self.order.pop_first()?;
        self.entries.remove(&mod_id).map(|entry| entry.request)
    }

    /// Takes every request out, in turn: one batch for [`plan()`](super::plan()).
    pub fn take_all(&mut self) -> Vec<ReloadRequest> {
        std::iter::from_fn(|| self.pop()).collect()
    }

    /// The request that waits for this mod.
    pub fn get(&self, mod_id: &ModId) -> Option<&ReloadRequest> {
        self.entries.get(mod_id).map(|entry| &entry.request)
    }

    /// How many mods wait.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing waits, not even a rescan. Allocates nothing.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && !self.needs_rescan
    }

    /// Whether the files must be compared with the disk because the queue collapsed.
    pub fn needs_rescan(&self) -> bool {
        self.needs_rescan
    }

    /// Whether a rescan was needed; the caller makes it now. What changes from here on is queued again.
    pub fn take_rescan(&mut self) -> bool {
        std::mem::take(&mut self.needs_rescan)
    }

    fn collapse(&mut self) {
        self.needs_rescan = true;
        self.entries
            .retain(|_, entry| !entry.request.is_found_by_rescan());
        self.order
            .retain(|_, mod_id| self.entries.contains_key(mod_id));
    }

    /// Takes the entry of a mod out.
    pub fn remove(&mut self, mod_id: &ModId) -> Option<ReloadRequest> {
        self.take(mod_id).map(|entry| entry.request)
    }

    fn take(&mut self, mod_id: &ModId) -> Option<Entry> {
        let entry = self.entries.remove(mod_id)?;
        self.order.remove(&entry.turn);
        Some(entry)
    }

    fn insert(&mut self, request: ReloadRequest, sequence: u64) {
        let priority = if self.priority_handling {
            request.priority
        } else {
            Priority::Low
        };
        let turn = (Reverse(priority), request.since, sequence);
        self.order.insert(turn, request.mod_id.clone());
        self.entries
            .insert(request.mod_id.clone(), Entry { turn, request });
    }
}

#[cfg(test)]
mod tests;
