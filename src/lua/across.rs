//! [`Across`]: what all calls from mod to mod share, in plain atomics that each of them reads.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

/// What all calls from mod to mod share. They are made by one thread at a time: that which has the manager.
pub struct Across {
    /// Counts the times at which a name may have come to mean another function than before.
    epoch: AtomicU64,
    depth: AtomicUsize,
    depth_max: AtomicUsize,
    limit_millis: AtomicU64,
}

impl Default for Across {
    fn default() -> Across {
        Across {
            epoch: AtomicU64::new(0),
            depth: AtomicUsize::new(0),
            depth_max: AtomicUsize::new(0),
            limit_millis: AtomicU64::new(50),
        }
    }
}

/// A call from mod to mod that is under way; it ends when this is dropped.
pub struct Entered<'a> {
    across: &'a Across,
    depth: usize,
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.across.depth.store(self.depth, Ordering::Relaxed);
    }
}

impl Across {
    /// Takes over how deep calls may nest, and how long one may run.
    pub fn set_limits(&self, depth_max: usize, limit_millis: u64) {
        self.depth_max.store(depth_max, Ordering::Relaxed);
        self.limit_millis.store(limit_millis, Ordering::Relaxed);
    }

    /// How long a call may run.
    pub fn limit(&self) -> Duration {
        Duration::from_millis(self.limit_millis.load(Ordering::Relaxed))
    }

    /// How deep calls may nest.
    pub fn depth_max(&self) -> usize {
        self.depth_max.load(Ordering::Relaxed)
    }

    /// Begins a call. `None` if too many are under way.
    pub fn enter(&self) -> Option<Entered<'_>> {
        let depth = self.depth.load(Ordering::Relaxed);
        if depth >= self.depth_max() {
            return None;
        }
        self.depth.store(depth + 1, Ordering::Relaxed);
        Some(Entered {
            across: self,
            depth,
        })
    }

    /// Says that names may mean other functions than before: to be called after each such change.
    pub fn renew(&self) {
        self.epoch.fetch_add(1, Ordering::Release);
    }

    /// What was found out in the same epoch still holds.
    pub(super) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }
}
