//! [`Group`]: the events of one mod, and what is known of each place that they named.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::rules::{SettleRules, Strategy};
use crate::change::{FileEvent, FileEventKind};

/// Paths remembered of one mod; above it the whole mod is looked at.
pub(super) const PATHS_MAX: usize = 1_000;

/// The events of one mod.
pub(super) struct Group {
    pub(super) first: Duration,
    pub(super) last: Duration,
    pub(super) waiting: BTreeMap<Arc<str>, Waiting>,
    /// The quiet time as it is now, for the strategies that compute one.
    pub(super) quiet: Duration,
    /// What a host's own function is asked about.
    pub(super) events: Vec<FileEvent>,
}

#[derive(Clone, Copy)]
pub(super) struct Waiting {
    pub(super) state: State,
    /// The last sign of it.
    pub(super) last: Duration,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Complete,
    /// A file that is being written.
    Open,
    /// A folder that is being filled.
    Filling,
    /// Read, and doubted.
    Held,
}

impl Group {
    pub(super) fn new(at: Duration) -> Group {
        Group {
            first: at,
            last: at,
            waiting: BTreeMap::new(),
            quiet: Duration::ZERO,
            events: Vec::new(),
        }
    }

    pub(super) fn event(&mut self, event: &FileEvent) {
        self.last = self.last.max(event.at);
        if self.is_below_filling_folder(event) {
            return;
        }
        let before = self.waiting.get(&event.look.path).map(|w| w.state);
        let state = match event.kind {
            // Says nothing of a write in progress.
            FileEventKind::Attributes => before.unwrap_or(State::Complete),
            FileEventKind::FolderCreated => State::Filling,
            kind if kind.is_unfinished() => State::Open,
            _ => State::Complete,
        };
        let last = event.at;
        self.waiting
            .insert(event.look.path.clone(), Waiting { state, last });
        if self.waiting.len() > PATHS_MAX {
            self.waiting.clear();
            let state = State::Filling;
            self.waiting
                .insert(event.look.first_part().into(), Waiting { state, last });
        }
    }

    /// A folder that is being filled is looked at as a whole; this is a sign that it still is.
    fn is_below_filling_folder(&mut self, event: &FileEvent) -> bool {
        let path = &event.look.path;
        for (end, _) in path.match_indices('/') {
            if let Some(folder) = self.waiting.get_mut(&path[..end])
                && folder.state == State::Filling
            {
                folder.last = event.at;
                return true;
            }
        }
        false
    }

    pub(super) fn due_at(
        &self,
        folder: &str,
        rules: &SettleRules,
        burst: Option<Duration>,
    ) -> Duration {
        let delay = rules.delay_of(folder);
        let burst_ends = burst.map_or(Duration::ZERO, |last| last + rules.delay_min.min(delay));
        let settled = match &rules.strategy {
            Strategy::Settle => self
                .last_of(|state| state == State::Open || state == State::Filling)
                .map_or(self.last, |last| last + delay)
                .max(burst_ends),
            Strategy::Fixed => self.last + delay,
            Strategy::Adaptive => self.last + self.quiet.max(rules.delay_min),
            Strategy::Custom(_) => self.last + self.quiet,
        };
        let held = self
            .last_of(|state| state == State::Held)
            .map_or(Duration::ZERO, |last| last + delay.max(rules.delay_min));
        settled.max(held).min(self.first + rules.delay_max)
    }

    fn last_of(&self, is_meant: impl Fn(State) -> bool) -> Option<Duration> {
        let meant = self.waiting.values().filter(|w| is_meant(w.state));
        meant.map(|w| w.last).max()
    }
}
